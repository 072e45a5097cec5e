"""What the judge knows of withheld functions: the sentence, and what a submission says of them.

The guards themselves stand in the student's process (`helpers.withheld`), where code that means to
can take them off. So the judge also reads the submitted cells, which nothing can hide from it but
names that are put together while the program runs.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from autograder.engines.judge.cells import tree_of
from autograder.engines.judge.hooks import add_origins
from helpers.checks.names import Names, Use, used_names
from helpers.checks.source import LIBRARIES, Source
from helpers.withheld import sentence

BEHIND = (
    *("torch._C", "torch._ops", "torch.ops", "torchvision._C"),
    *("gc", "inspect", "sys.modules", "sys._getframe"),
    *("f.__closure__", "f.__globals__", "f.__code__"),
)
MOST_NOTES = 10
Text = tuple[str, str, bool]  # label, source, whether it is the student's


@dataclass(frozen=True)
class Withheld:
    """The functions that a week withholds.

    Attributes:
        by: who asks the student to write them, such as "week 13".
        names: their names in full.
    """

    by: str = ""
    names: Sequence[str] = field(default=())

    @property
    def sentences(self) -> set[str]:
        """What a refused call says, for each of them."""
        return {sentence(name, self.by) for name in self.names}

    def notes(self, texts: Sequence[Text], displaced: Sequence[str] = ()) -> list[str]:
        """Say where a submission uses what is withheld, or may have got round the guards.

        Args:
            texts: the cells in their order.
            displaced: the functions whose guard was not in place in the end.

        Returns:
            A line each; none where the week withholds nothing.
        """
        found = [
            f"{name} was replaced while the answers ran; {self.by} asks to write it"
            for name in displaced
        ]
        short = ", ".join(name.rpartition(".")[2] for name in self.names)
        found += [
            f"`{label}`, line {line}, uses {what}; {self.by} withholds {short}"
            for label, line, what in self.mentions(texts)
        ]
        more = len(found) - MOST_NOTES
        return found[:MOST_NOTES] + ([f"… and {more} more places like these"] if more > 0 else [])

    def mentions(self, texts: Sequence[Text]) -> list[tuple[str, int, str]]:
        """Find where cells use what is withheld, or what leads to it behind the guards.

        Args:
            texts: the cells in their order.

        Returns:
            Label, line and what is used there; nothing where the week withholds nothing.
        """
        if not self.names:
            return []
        last = [name.rpartition(".")[2] for name in self.names]
        of_anything = [f"f.{name}" for name in last if not _defines(name, texts)]
        looked_for = Names((*self.names, *of_anything, *BEHIND))
        origins: dict[str, str] = {}
        found = []
        for label, text, is_students in texts:
            tree = tree_of(text)
            if tree is None:
                continue
            add_origins(tree, origins)
            if not is_students:
                continue
            whole = cast(ast.FunctionDef, tree)  # all of the cell, not one definition in it
            cell = Source(tree, whole, None, text.split("\n"), dict(origins))
            places: dict[int, str] = {}
            for use in used_names(tree, cell):
                is_found = looked_for.matches(use) or _is_relative(use, last)
                if is_found and use.line not in places:  # a.b.c is a use of a.b and of a, too
                    is_alias = not use.name.startswith(".") and use.name != use.written
                    in_full = f" ({use.name})" if is_alias else ""
                    places[use.line] = f"`{use.written}`{in_full}"
            found += [(label, line, what) for line, what in sorted(places.items())]
        return found


def _is_relative(use: Use, last: Sequence[str]) -> bool:
    """Find a private function of a library that goes by nearly the name of a withheld one."""
    root, _, rest = use.name.partition(".")
    own = rest.rpartition(".")[2]
    return root in LIBRARIES and own.startswith("_") and any(name in own for name in last)


def _defines(name: str, texts: Sequence[Text]) -> bool:
    """Say whether the student has a function of this name, which may well be called."""
    return any(is_students and f"def {name}(" in text for _, text, is_students in texts)
