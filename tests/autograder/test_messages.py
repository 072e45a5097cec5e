"""What a student reads about a failed test: their error and line, never a line of a test."""

import json

import pytest
from graded_course import HIDDEN_LINES, RIGHT, make_course, submitted_notebook

from autograder.assignment import prepare_assignment
from autograder.engines import CellFinding, Frame, Output
from autograder.messages import cell_error, explain_failure
from autograder.records import MESSAGE_CHARACTERS
from autograder.submissions import rebuild
from helpers.notebooks import parse_notebook


@pytest.fixture(scope="module")
def assignment(tmp_path_factory):
    course = make_course(tmp_path_factory.mktemp("course"))
    with prepare_assignment(course, course.weeks[0]) as assignment:
        yield assignment


@pytest.fixture(scope="module")
def rebuilt(assignment, tmp_path_factory):
    course = make_course(tmp_path_factory.mktemp("course"))
    content = json.dumps(submitted_notebook(course, RIGHT)).encode()
    return rebuild(parse_notebook(content), assignment)


@pytest.fixture
def say(assignment, rebuilt):
    """Gives the message of `test_total_random` for an error and the frames it passed."""

    def message(error, text="", *frames, cells=None, **fields):
        where = [Frame(cell=rebuilt.owners.index(owner), line=line) for owner, line in frames]
        cell = rebuilt.owners.index("test_total_random")
        found = CellFinding(cell=cell, error=error, message=text, frames=where, **fields)
        return explain_failure(found, rebuilt, assignment, cells or {}, 20)

    return message


TEST, ANSWER = ("test_total_random", 3), ("total", 2)


def test_a_passed_test_says_nothing(say):
    assert say(None) == ""


def test_a_check_speaks_for_itself(say):
    assert say("AssertionError", "rows: shape (3,) wanted", TEST) == "rows: shape (3,) wanted"
    assert say("AssertionError", "", TEST) == "the check failed"


def test_an_assert_of_the_students_own_is_theirs(say):
    text = say("AssertionError", "x is odd", TEST, ANSWER)
    assert text.startswith("AssertionError: x is odd\nin your code, line 2 of `total`")


def test_an_error_in_their_code_shows_their_line(say):
    text = say("ValueError", "axis 3", TEST, ANSWER)
    assert text == (
        "ValueError: axis 3\nin your code, line 2 of `total`: return np.sum(x, axis=-1)"
    )


def test_an_error_in_a_test_shows_no_line_of_it(say):
    text = say("TypeError", "'int' object is not callable", TEST)
    assert text == "TypeError: 'int' object is not callable"
    assert not any(line in text for line in HIDDEN_LINES)


def test_a_call_back_that_fails_is_not_theirs(say):
    assert say("ValueError", "no", TEST, ANSWER, TEST) == "ValueError: no"


@pytest.mark.parametrize("line", [0, -3, 99, 10**9])
def test_a_line_that_does_not_exist_is_only_numbered(say, line):
    assert say("ValueError", "no", ("total", line)).endswith(f"line {line} of `total`")


def test_what_is_not_written_is_said_plainly(say):
    text = "`total` is not written yet"
    assert say("NotImplementedError", text, TEST, ANSWER) == text


def test_time_and_death_have_words(say):
    assert say("CellTimeoutError", timed_out=True) == "took longer than 20 s"
    assert "Python died" in say("KernelDied")
    assert "used up its time" in say("NoTimeLeft")
    assert "died too often" in say("NoKernelLeft")


def test_a_missing_name_is_traced_to_its_cell(say, rebuilt):
    name = "name 'total' is not defined"
    assert "deleted or renamed" in say("NameError", name, TEST)
    index = rebuilt.owners.index("total")
    frame = Frame(cell=index, line=2)
    broken = CellFinding(
        cell=index, error="SyntaxError", message="'(' was never closed (16830.py, line 2)"
    )
    broken = broken.model_copy(update={"frames": [frame]})
    text = say("NameError", name, TEST, cells={index: broken})
    assert "its cell ended with SyntaxError: '(' was never closed\n" in text
    assert "line 2 of `total`" in text
    other = say("NameError", "name 'qqq' is not defined", TEST)
    assert other == "NameError: name 'qqq' is not defined"


def test_a_message_has_an_end(say):
    assert len(say("AssertionError", "x" * 10**6, TEST)) == MESSAGE_CHARACTERS


def test_a_cell_of_theirs_says_its_error(assignment, rebuilt):
    index = rebuilt.owners.index("total")
    frame = Frame(cell=index, line=1)
    found = CellFinding(cell=index, error="ZeroDivisionError", message="zero", frames=[frame])
    assert cell_error(found, rebuilt, assignment) == (
        "ZeroDivisionError: zero\nline 1 of `total`: def total(x):"
    )
    assert cell_error(CellFinding(cell=index), rebuilt, assignment) is None
    late = CellFinding(cell=index, error="CellTimeoutError", timed_out=True)
    assert cell_error(late, rebuilt, assignment) == "took too long and was stopped"


class TestAutogradedOutputs:
    PNG = (
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNg"
        "AAAAAgABSK+kcQAAAABJRU5ErkJggg=="
    )

    def outputs(self, *outputs):
        from autograder.autograded import safe_outputs

        return safe_outputs(CellFinding(cell=0, outputs=list(outputs)))

    def test_text_stays_text(self):
        found = self.outputs(Output(kind="text", name="stdout", text="<script>alert(1)</script>"))
        assert [output["output_type"] for output in found] == ["stream"]

    def test_only_real_pictures_are_kept(self):
        fake = [Output(kind="picture", text=text) for text in ("", "PHN2Zz4=", "é", "====")]
        assert self.outputs(*fake) == []
        (kept,) = self.outputs(Output(kind="picture", text=self.PNG))
        assert set(kept["data"]) == {"image/png", "text/plain"}

    def test_neither_lines_nor_pictures_are_endless(self):
        found = self.outputs(
            *[Output(kind="text", name="stdout", text="a\n" * 900)] * 5,
            *[Output(kind="picture", text=self.PNG)] * 50,
        )
        text = "".join(output["text"] for output in found if output["output_type"] == "stream")
        assert text.count("\n") < 1100
        assert "output cut here" in text
        assert sum(output["output_type"] == "display_data" for output in found) == 20
