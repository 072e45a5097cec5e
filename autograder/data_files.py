"""Which files of `data` some code reads: its bundle holds them, and its outputs depend on them."""

import ast
import inspect
from collections.abc import Iterable, Iterator

from helpers import datasets

LARGE = "full"  # forms of a data set that are never guessed


def data_files(trees: Iterable[ast.AST]) -> list[str]:
    """List the files of `data` that some code reads through `helpers.datasets`.

    Args:
        trees: the code.

    Returns:
        Names below `data`. Where the code uses `datasets` in a way that does not show which sets
        it reads, all but the large forms.
    """
    wanted: set[str] = set()
    for tree in trees:
        for call, name in _dataset_calls(tree):
            forms = {key for key in datasets.FILES if key.partition(":")[0] == name}
            if not forms:
                continue
            form = _literal_form(call)
            if call is not None and not call.args and not call.keywords and forms != {name}:
                form = inspect.signature(getattr(datasets, name)).parameters["form"].default
            exact = f"{name}:{form}" if form else name
            wanted |= {exact} if exact in forms else {f for f in forms if not f.endswith(LARGE)}
        if _uses_datasets_otherwise(tree):
            wanted |= {key for key in datasets.FILES if not key.endswith(LARGE)}
    return sorted({file for key in wanted for file in datasets.FILES[key]})


def _dataset_calls(tree: ast.AST) -> Iterator[tuple[ast.Call | None, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_dataset(node.func):
            assert isinstance(node.func, ast.Attribute)
            yield node, node.func.attr
        elif isinstance(node, ast.ImportFrom) and node.module == "helpers.datasets":
            yield from ((None, name.name) for name in node.names)


def _is_dataset(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "datasets"
    )


def _literal_form(call: ast.Call | None) -> str | None:
    if call is None:
        return None
    given = [*call.args[:1], *(word.value for word in call.keywords if word.arg == "form")]
    values = [node.value for node in given if isinstance(node, ast.Constant)]
    return values[0] if values and isinstance(values[0], str) else None


def _uses_datasets_otherwise(tree: ast.AST) -> bool:
    """Say whether the module is used other than as `datasets.NAME`."""
    owned = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return any(
        isinstance(node, ast.Name) and node.id == "datasets" and id(node) not in owned
        for node in ast.walk(tree)
    )
