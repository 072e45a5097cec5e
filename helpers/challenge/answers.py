"""Take the functions that a student wrote out of the challenge's notebook, to train with them.

Of the given cells, the answers and the student's own cells the *definitions* are run: imports,
functions, classes, and names for plain constants. Nothing else is, so an experiment that stands in
the notebook is not run again.
"""

import ast
import linecache
from pathlib import Path
from types import ModuleType

from helpers.challenge.errors import ChallengeError
from helpers.notebooks import Cell, NotebookError, parse_cell, read_notebook

NEEDED = (
    "augment_batch",
    "mixup_batch",
    "parameter_groups",
    "one_cycle",
    "train_step",
    "ExponentialMovingAverage",
    "predict",
    "ShardedImages",
    "save_checkpoint",
    "load_checkpoint",
)
"""What the training script calls."""

TAKEN = (
    "Of a notebook only imports, functions, classes and names of plain constants are taken: make "
    "what else is needed within the function or class that needs it."
)
"""What to do about a name that is known in the notebook and not here."""

_ROLES = ("given", "answer")
_DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)


def read_answers(path: Path) -> ModuleType:
    """Run the definitions of a notebook in a module of their own.

    Args:
        path: the notebook.

    Returns:
        The module; its attributes are what the notebook defines.

    Raises:
        ChallengeError: it cannot be read, a cell cannot be run, or something needed is missing.
    """
    try:
        cells = read_notebook(path).cells
    except NotebookError as error:
        raise ChallengeError(f"{path}: {error.message}", error.cure) from None
    module = ModuleType("challenge_answers")
    for cell in cells:
        if cell.kind == "code" and cell.role in _ROLES:
            _run(cell, module, path)
    missing = [name for name in NEEDED if name not in vars(module)]
    if missing:
        raise ChallengeError(
            f"{path} does not define {', '.join(missing)}",
            "Restore the cell from the notebook that you were given, and save the notebook.",
        )
    return module


def _run(cell: Cell, module: ModuleType, path: Path) -> None:
    label = f"`{cell.grade_id}`" if cell.grade_id else f"cell {cell.index + 1}"
    name = f"<{label} of {path.name}>"
    linecache.cache[name] = (0, None, cell.source.splitlines(keepends=True), name)
    try:
        tree = parse_cell(cell.source, name)
        tree.body = [node for node in tree.body if _is_definition(node)]
        exec(compile(tree, name, "exec"), vars(module))
    except NameError as error:
        raise ChallengeError(f"{path}: {label} stops with NameError: {error}", TAKEN) from None
    except Exception as error:  # the student's own code, on their own machine
        raise ChallengeError(
            f"{path}: {label} stops with {type(error).__name__}: {error}",
            "Run that cell in the notebook, mend it, and save.",
        ) from None


def _is_definition(node: ast.stmt) -> bool:
    if isinstance(node, _DEFINITIONS):
        return True
    if not isinstance(node, ast.Assign):
        return False
    try:
        ast.literal_eval(node.value)
    except ValueError:
        return False
    return True
