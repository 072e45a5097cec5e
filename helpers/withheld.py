"""Library functions that a week asks the student to write: called from an answer, they refuse.

While `Guards` are in place, every name under which a loaded module holds such a function leads to a
guard, which raises a sentence. The library's own code passes: `torch.nn.MultiheadAttention` goes on
working where only `scaled_dot_product_attention` is withheld, as torch's code calls that one by its
name. (Withhold the layer, too, where it must not be used.) A function that is handed over to the
library, as in `torch.vmap(f)`, is refused all the same.

This is a help for the honest and an obstacle for others, no wall: code in the same process can take
it off. `displaced` says where that shows.
"""

import contextlib
import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import CodeType, FrameType, ModuleType
from typing import Any

OPERATORS = "torch"  # beside its functions it gives operators, as torch.ops.NAMESPACE.NAME
MISSING = object()


def sentence(name: str, by: str) -> str:
    """Say that a function is withheld.

    Args:
        name: the function in full.
        by: who asks for it, such as "week 13".
    """
    return f"{by} asks you to write this yourself: {name}"


@dataclass(frozen=True)
class _Place:
    """A name that leads to a guard."""

    withheld: str
    owner: Any
    attribute: str
    guard: Any
    code: CodeType
    before: Any


class Guards:
    """Guards of some functions or classes; those that cannot be found are passed over.

    Args:
        names: in full, such as "torch.nn.functional.scaled_dot_product_attention".
        by: who asks the student to write them, such as "week 13".
        is_trusted: says of the file name of a caller's code whether it may call them nevertheless.
    """

    def __init__(
        self,
        names: Sequence[str],
        by: str,
        is_trusted: Callable[[str], bool] = lambda file: False,
    ) -> None:
        self._by = by
        self._is_trusted = is_trusted
        self._are_lifted = False
        self._places: list[_Place] = []
        for name in names:
            with contextlib.suppress(ImportError, AttributeError):
                self._guard(name, find(name))

    @contextlib.contextmanager
    def lifted(self) -> Iterator[None]:
        """Let everybody call the functions for a while."""
        before, self._are_lifted = self._are_lifted, True
        try:
            yield
        finally:
            self._are_lifted = before

    def displaced(self) -> list[str]:
        """Name the functions whose guard is not what and where it was put, sorted."""
        names = {
            place.withheld
            for place in self._places
            if vars(place.owner).get(place.attribute) is not place.guard
            or place.guard.__code__ is not place.code
            or self._are_lifted
        }
        return sorted(names)

    def remove(self) -> None:
        """Put everything back."""
        for place in reversed(self._places):
            if place.before is MISSING:
                delattr(place.owner, place.attribute)
            else:
                setattr(place.owner, place.attribute, place.before)
        self._places.clear()

    def _guard(self, name: str, original: Any) -> None:
        if isinstance(original, type):
            self._put(name, original, "__init__", self._made(name, original.__init__))  # type: ignore[misc]
            return
        guard = self._made(name, original)
        for module in list(sys.modules.values()):
            if isinstance(module, ModuleType) and module.__name__ != "__main__":
                same = [key for key, value in list(vars(module).items()) if value is original]
                for key in same:
                    self._put(name, module, key, guard)
        owner = find(name.rpartition(".")[0])
        if isinstance(owner, type):  # a method
            self._put(name, owner, name.rpartition(".")[2], guard)
        self._guard_operators(name)

    def _guard_operators(self, name: str) -> None:
        root, last = name.partition(".")[0], name.rpartition(".")[2]
        operators = getattr(sys.modules.get(OPERATORS), "ops", None)
        for namespace in {"aten", root}:
            space = getattr(operators, namespace, None)
            operator = getattr(space, last, None)
            if callable(operator):
                self._put(name, space, last, self._made(name, operator))

    def _put(self, name: str, owner: Any, attribute: str, guard: Any) -> None:
        before = vars(owner).get(attribute, MISSING)
        setattr(owner, attribute, guard)
        place = _Place(name, owner, attribute, guard, guard.__code__, before)
        self._places.append(place)

    def _made(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        last = name.rpartition(".")[2]
        folders = tuple(
            folder for root in {name.partition(".")[0], OPERATORS} if (folder := _folder(root))
        )

        def allows(caller: FrameType) -> bool:
            code = caller.f_code
            by_name = code.co_filename.startswith(folders) and last in code.co_names
            return self._are_lifted or by_name or self._is_trusted(code.co_filename)

        def guard(*args: Any, **kwargs: Any) -> Any:
            if not allows(sys._getframe(1)):
                raise RuntimeError(sentence(name, self._by))
            return original(*args, **kwargs)

        guard.__name__ = guard.__qualname__ = last
        guard.__doc__ = original.__doc__
        return guard


def find(name: str) -> Any:
    """Find a function, class or module by its full name.

    Args:
        name: such as "torch.nn.functional.relu".

    Returns:
        The object.

    Raises:
        ImportError: its package is not there.
        AttributeError: the package has no such thing.
    """
    parts = name.split(".")
    found: Any = importlib.import_module(parts[0])
    for length, part in enumerate(parts[1:], start=2):
        if not hasattr(found, part) and isinstance(found, ModuleType):
            with contextlib.suppress(ModuleNotFoundError):
                importlib.import_module(".".join(parts[:length]))
        found = getattr(found, part)
    return found


def _folder(package: str) -> str:
    file = getattr(sys.modules.get(package), "__file__", None) or ""
    return file.removesuffix("__init__.py")
