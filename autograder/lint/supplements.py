"""Rules for what lies in tests/: planted mistakes and right answers written otherwise."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from autograder.lint.names import bound_names, line_of
from autograder.lint.rules import Context, Note, rule
from autograder.mutation.planted import CannotPlantError, Mistake, plant

LEAST_MISTAKES = 8
LEAST_ALTERNATIVES = 2

_KEYS = {
    "mistake": {"exercise", "name", "find", "replace"},
    "equivalent": {"exercise", "find", "replace", "reason"},
}


@rule(
    "mistakes-file",
    "A [[mistake]] has exercise, name, find, replace; an [[equivalent]] reason for name.",
)
def mistakes_file(context: Context) -> Iterator[Note]:
    """The planted mistakes are valid TOML with the right keys, each for an exercise there is."""
    path = context.mistakes_path
    data = context.mistakes
    if isinstance(data, str):
        yield Note(data, path=path)
        return
    for kind in sorted(set(data) - set(_KEYS)):
        yield Note(f"unknown table {kind!r}", path=path)
    for kind, keys in _KEYS.items():
        for number, entry in enumerate(data.get(kind, ()), start=1):
            name = f"{kind} {number} ({entry.get('name') or entry.get('exercise')})"
            if set(entry) != keys:
                yield Note(f"{name} needs the keys {', '.join(sorted(keys))}", path=path)
            elif entry["exercise"] not in context.answer_names:
                yield Note(f"{name}: there is no exercise {entry['exercise']!r}", path=path)
            elif entry["find"] == entry["replace"]:
                yield Note(f"{name} changes nothing", path=path)
    names = Counter((e.get("exercise"), e.get("name")) for e in data.get("mistake", ()))
    for (exercise, name), count in names.items():
        if count > 1:
            yield Note(f"{count} mistakes of {exercise} are called {name!r}", path=path)


@rule("mistakes-count", "Plant more of the mistakes that students really make.")
def mistakes_count(context: Context) -> Iterator[Note]:
    """Every exercise has at least eight planted mistakes."""
    data = context.mistakes
    if isinstance(data, str):
        return
    counts = Counter(entry.get("exercise") for entry in data.get("mistake", ()))
    for name in sorted(context.answer_names):
        if counts[name] < LEAST_MISTAKES:
            what = f"`{name}` has {counts[name]} planted mistakes, {LEAST_MISTAKES} are the least"
            yield Note(what, path=context.mistakes_path)


@rule("mistakes-apply", "Let `find` be text of the solution that occurs once.")
def mistakes_apply(context: Context) -> Iterator[Note]:
    """Every planted mistake changes exactly one place of the solution and leaves Python."""
    data = context.mistakes
    if isinstance(data, str):
        return
    for entry in data.get("mistake", ()):
        if set(entry) != _KEYS["mistake"] or entry["exercise"] not in context.answer_names:
            continue
        try:
            plant(Mistake(**entry), context.lesson.exercise(entry["exercise"]))
        except CannotPlantError as error:
            what = f"{entry['name']!r} of {entry['exercise']}: {error}"
            yield Note(what, path=context.mistakes_path)


@rule("alternatives-count", "Write tests/alternatives/WEEK/EXERCISE.LABEL.py.")
def alternatives_count(context: Context) -> Iterator[Note]:
    """Every exercise has at least two right answers written otherwise."""
    counts = Counter(path.name.split(".")[0] for path in context.alternatives)
    for name in sorted(context.answer_names):
        if counts[name] < LEAST_ALTERNATIVES:
            yield Note(
                f"`{name}` has {counts[name]} alternatives, {LEAST_ALTERNATIVES} are the least"
            )


@rule("alternatives-valid", "First a comment that says how it differs, then the whole answer.")
def alternatives_valid(context: Context) -> Iterator[Note]:
    """Every alternative says how it differs, and defines the answer of an exercise there is."""
    for path in context.alternatives:
        name = path.name.split(".")[0]
        text = path.read_text(encoding="utf-8")
        try:
            tree = ast.parse(text)
        except SyntaxError as error:
            yield Note(f"it is not valid Python: {error.msg}", path=path, line=error.lineno or 1)
            continue
        kinds = (ast.FunctionDef, ast.ClassDef)
        if name not in context.answer_names or len(path.name.split(".")) != 3:
            yield Note("its name is not EXERCISE.LABEL.py of an exercise", path=path)
        elif not text.startswith("#"):
            yield Note("its first line does not say how it differs", path=path)
        elif name not in {node.name for node in tree.body if isinstance(node, kinds)}:
            yield Note(f"it does not define `{name}`", path=path)


@rule("helper-names", "Choose another name in the cell: a student's helper may well be called so.")
def helper_names(context: Context) -> Iterator[Note]:
    """No cell overwrites what a right answer defines beside itself, for its own use."""
    helpers: dict[str, Path] = {}
    for path in context.alternatives:
        for name in _defined_beside(path):
            helpers.setdefault(name, path)
    for cell in context.code:
        if cell.role in ("test", "demo"):
            for name in sorted(bound_names(cell) & set(helpers)):
                what = f"it binds `{name}`, a helper in {helpers[name].name}"
                yield Note(what, cell, line_of(cell, name))


def _defined_beside(path: Path) -> set[str]:
    """Give the functions, classes and constants that an alternative has beside the answer."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError:
        return set()
    kinds = (ast.FunctionDef, ast.ClassDef)
    names = {node.name for node in tree.body if isinstance(node, kinds)}
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else ()
        names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names - {path.name.split(".")[0]}
