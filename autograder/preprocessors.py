"""The course's preprocessors for nbgrader; `nbgrader_config.py` registers them.

To be imported they need nbgrader only, so that its own commands can use them anywhere.
"""

import ast
import os
from typing import Any

from nbgrader import preprocessors, utils
from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.preprocessors import ClearSolutions, NbGraderPreprocessor

METADATA_KEY = "course"  # in a notebook's metadata: what it was generated from
BUILD_ONLY = ("source", "code", "helpers", "data")  # there: what only `course build` needs


class NamedStubs(ClearSolutions):
    """Replace solutions by stubs that say which function is not written yet.

    Stands in place of nbgrader's `ClearSolutions`. Also drops, from the notebook's metadata, the
    hashes by which `course build` knows what changed: they concern the solution.
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Clear a whole notebook.

        Args:
            nb: the notebook.
            resources: nbconvert's resources.

        Returns:
            Both, changed in place.
        """
        nb, resources = super().preprocess(nb, resources)
        for key in BUILD_ONLY:
            nb.metadata.get(METADATA_KEY, {}).pop(key, None)
        return nb, resources

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> tuple[Any, Any]:
        """Clear one cell; one without regions is replaced as a whole.

        Args:
            cell: the cell.
            resources: nbconvert's resources.
            cell_index: its position.

        Returns:
            Cell and resources.
        """
        marked = self.begin_solution_delimeter in cell.source
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if utils.is_solution(cell) and not marked:
            grade_id = cell.metadata.nbgrader.get("grade_id", "")
            cell.source = code_stub(grade_id) if cell.cell_type == "code" else TEXT_STUB
        return cell, resources

    def _replace_solution_region(self, cell: Any, language: str) -> bool:
        if self.begin_solution_delimeter not in cell.source:
            return bool(super()._replace_solution_region(cell, language))
        is_code = cell.cell_type == "code"
        names = region_owners(cell.source, self.begin_solution_delimeter) if is_code else []
        fallback = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        kept: list[str] = []
        inside, region = False, 0
        for line in cell.source.split("\n"):
            if self.begin_solution_delimeter in line:
                if inside:
                    raise RuntimeError("a solution region begins inside another one")
                indent = line[: len(line) - len(line.lstrip())]
                stub = code_stub(names[region] or fallback) if is_code else TEXT_STUB
                kept.append(indent + stub)
                inside, region = True, region + 1
            elif self.end_solution_delimeter in line:
                inside = False
            elif not inside:
                kept.append(line)
        if inside:
            raise RuntimeError("a solution region has no end")
        cell.source = "\n".join(kept)
        return True


class Execute(preprocessors.Execute):
    """nbgrader's `Execute`, whose kernels do not inherit the gradebook's password.

    It keeps its name, by which nbgrader's settings and the reference engine find it.
    """

    def start_new_kernel(self, **options: Any) -> None:
        """Start the kernel in which a submission runs.

        Args:
            options: of the kernel's manager.
        """
        from autograder.database import without_secrets

        super().start_new_kernel(env=without_secrets(os.environ), **options)


class StderrToStdout(NbGraderPreprocessor):
    """Turn what a test cell wrote to stderr into stdout.

    nbgrader gives no point to a test cell that wrote to stderr, be it a harmless warning or a
    progress bar. Stands between `Execute` and `SaveAutoGrades`.
    """

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> tuple[Any, Any]:
        """Rename the streams of one cell's outputs.

        Args:
            cell: the cell; left alone unless it is a test cell.
            resources: nbconvert's resources.
            cell_index: its position.

        Returns:
            Cell and resources.
        """
        if cell.cell_type == "code" and utils.is_grade(cell):
            for output in cell.outputs:
                if output.output_type == "stream":
                    output.name = "stdout"
        return cell, resources


TEXT_STUB = "Your answer here."


def release_steps() -> list[type]:
    """Give the preprocessors that make a student's notebook: nbgrader's, with our stubs."""
    steps = GenerateAssignment.preprocessors.default()
    return [NamedStubs if step is ClearSolutions else step for step in steps]


def autograde_steps() -> list[type]:
    """Give the preprocessors that mark a submission: nbgrader's, with stderr made harmless."""
    steps = list(Autograde.autograde_preprocessors.default())
    place = steps.index(preprocessors.Execute)
    steps[place : place + 1] = [Execute, StderrToStdout]
    return steps


def code_stub(name: str) -> str:
    """Give the line that stands for a solution.

    Args:
        name: the function's name, or `Class.method`.

    Returns:
        A `raise` statement.
    """
    return f'raise NotImplementedError("`{name}` is not written yet")'


def region_owners(source: str, delimiter: str) -> list[str]:
    """Say in which function each solution region lies.

    Args:
        source: a code cell's source.
        delimiter: the text that marks the beginning of a region.

    Returns:
        For each region the innermost function's name, `Class.method` for a method, the class's
        name for a region straight in a class, or "" where there is none.
    """
    begins = [n for n, line in enumerate(source.split("\n"), start=1) if delimiter in line]
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return [""] * len(begins)
    owners = [""] * len(begins)

    def visit(node: ast.AST, outer: str) -> None:
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                visit(child, outer)
                continue
            name = f"{outer}.{child.name}" if isinstance(node, ast.ClassDef) else child.name
            for index, line in enumerate(begins):
                if child.lineno < line <= (child.end_lineno or child.lineno):
                    owners[index] = name
            visit(child, name)

    visit(tree, "")
    return owners
