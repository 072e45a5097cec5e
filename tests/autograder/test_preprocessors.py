import ast
import subprocess
import sys
import textwrap

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder.preprocessors import (
    NamedStubs,
    StderrToStdout,
    autograde_steps,
    region_owners,
    release_steps,
)


def marks(grade_id, *, grade=False, solution=False):
    return {
        "nbgrader": {
            "grade": grade,
            "grade_id": grade_id,
            "locked": not solution,
            "points": 1,
            "schema_version": 3,
            "solution": solution,
            "task": False,
        }
    }


def cleared(source, *, grade_id="answer", solution=True, kind=new_code_cell):
    cell = kind(textwrap.dedent(source).strip("\n"))
    cell.metadata = nbformat.from_dict(marks(grade_id, solution=solution))
    notebook, _ = NamedStubs().preprocess(new_notebook(cells=[cell]), {})
    return notebook.cells[0].source


def test_a_function_is_named():
    source = '''
    def softmax(scores):
        """Docstring."""
        ### BEGIN SOLUTION
        shifted = scores - scores.max()
        return shifted
        ### END SOLUTION
    '''
    assert cleared(source) == textwrap.dedent('''\
    def softmax(scores):
        """Docstring."""
        raise NotImplementedError("`softmax` is not written yet")''')


def test_methods_are_named_with_their_class_and_every_region_is_replaced():
    source = """
    class Linear:
        def forward(self, x):
            if x is None:
                ### BEGIN SOLUTION
                return 1
                ### END SOLUTION
            ### BEGIN SOLUTION
            return 2
            ### END SOLUTION

        def backward(self):
            ### BEGIN SOLUTION
            self.dx = 3
            ### END SOLUTION
            return self.dx
    """
    text = cleared(source)
    assert text == textwrap.dedent("""\
    class Linear:
        def forward(self, x):
            if x is None:
                raise NotImplementedError("`Linear.forward` is not written yet")
            raise NotImplementedError("`Linear.forward` is not written yet")

        def backward(self):
            raise NotImplementedError("`Linear.backward` is not written yet")
            return self.dx""")
    ast.parse(text)


@pytest.mark.parametrize(
    ("source", "owner"),
    [
        ("def f():\n    # BEGIN\n    pass\n", "f"),
        ("def f():\n    def g():\n        # BEGIN\n        pass\n    return g", "g"),
        ("def f():\n    def g():\n        pass\n    # BEGIN\n    return g", "f"),
        (
            "class A:\n    class B:\n        def m(self):\n            # BEGIN\n            pass",
            "A.B.m",
        ),
        ("class A:\n    # BEGIN\n    x = 1\n", "A"),
        ("async def f():\n    # BEGIN\n    pass", "f"),
        ("if True:\n    def f():\n        # BEGIN\n        pass", "f"),
        ("@decorator\ndef f(a,\n      b):\n    # BEGIN\n    pass", "f"),
        ("# BEGIN\nx = 1", ""),
        ("def f(:\n    # BEGIN\n    pass", ""),
    ],
)
def test_the_innermost_owner_of_a_region(source, owner):
    assert region_owners(source, "BEGIN") == [owner]


def test_a_region_outside_functions_takes_the_cells_id():
    source = "### BEGIN SOLUTION\nx = 1\n### END SOLUTION"
    assert cleared(source, grade_id="x_value") == (
        'raise NotImplementedError("`x_value` is not written yet")'
    )


def test_an_answer_without_a_region_is_replaced_as_a_whole():
    assert cleared("def f():\n    return 1", grade_id="f") == (
        'raise NotImplementedError("`f` is not written yet")'
    )
    assert cleared("My model answer.", kind=new_markdown_cell) == "Your answer here."


def test_written_answers_keep_what_is_outside_the_region():
    source = "Because\n### BEGIN SOLUTION\nit is so.\n### END SOLUTION\n(one sentence)"
    assert cleared(source, kind=new_markdown_cell) == "Because\nYour answer here.\n(one sentence)"


def test_other_cells_are_left_alone():
    assert cleared("x = 1", solution=False) == "x = 1"
    with pytest.raises(RuntimeError, match="non-solution cell"):
        cleared("### BEGIN SOLUTION\nx = 1\n### END SOLUTION", solution=False)


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("### BEGIN SOLUTION\nx = 1", "has no end"),
        ("### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION", "inside another"),
    ],
)
def test_marks_that_do_not_pair_are_refused(source, what):
    with pytest.raises(RuntimeError, match=what):
        cleared(source)


def test_hashes_of_the_solution_are_dropped():
    facts = {"generated_from": "a.py", "command": "b", "source": "1", "code": "2", "helpers": {}}
    notebook = new_notebook(metadata={"course": facts})
    made, _ = NamedStubs().preprocess(notebook, {})
    assert made.metadata["course"] == {"generated_from": "a.py", "command": "b"}


def test_stderr_of_test_cells_becomes_stdout():
    def cell(**options):
        outputs = [
            new_output("stream", name="stderr", text="a warning"),
            new_output("stream", name="stdout", text="a print"),
        ]
        return new_code_cell("f()", metadata=marks("test_f", **options), outputs=outputs)

    cells = [cell(grade=True), cell(solution=True), new_markdown_cell("text")]
    made, _ = StderrToStdout().preprocess(new_notebook(cells=cells), {})
    assert [o.name for o in made.cells[0].outputs] == ["stdout", "stdout"]
    assert [o.text for o in made.cells[0].outputs] == ["a warning", "a print"]
    assert [o.name for o in made.cells[1].outputs] == ["stderr", "stdout"]


def test_nbgrader_gives_the_point_then():
    from nbgrader.utils import determine_grade

    cell = new_code_cell(
        "f()",
        metadata=marks("test_f", grade=True),
        outputs=[new_output("stream", name="stderr", text="a progress bar")],
    )
    assert determine_grade(cell) == (0, 1)
    StderrToStdout().preprocess_cell(cell, {}, 0)
    assert determine_grade(cell) == (1, 1)


def test_they_stand_in_nbgraders_own_places():
    names = [step.__name__ for step in release_steps()]
    assert "ClearSolutions" not in names
    assert names.index("LockCells") + 1 == names.index("NamedStubs")
    assert names.index("SaveCells") < names.index("ClearHiddenTests")
    names = [step.__name__ for step in autograde_steps()]
    assert names.index("Execute") + 1 == names.index("StderrToStdout")
    assert names.index("StderrToStdout") < names.index("SaveAutoGrades")


def test_they_import_nothing_else_of_the_course():
    code = (
        "import sys, autograder.preprocessors; "
        "print([m for m in sys.modules if m.split('.')[0] in ('autograder', 'helpers')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['autograder', 'autograder.preprocessors']"
