"""What a record keeps of a student's own cells, and what it leaves out."""

import base64

import pytest
from graded_course import HIDDEN_LINES, RIGHT, hand_in, make_course

from autograder.assignment import prepare_assignment
from autograder.engines import CellFinding, Output
from autograder.handed_in import (
    CELL_CHARACTERS,
    MOST_CELLS,
    NOTEBOOK_CHARACTERS,
    PICTURES,
    cell_records,
)
from autograder.messages import partial_message
from autograder.submissions import find_submissions, read_submission, rebuild

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n rest").decode()


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def assignment(course):
    with prepare_assignment(course, course.weeks[0]) as prepared:
        yield prepared


@pytest.fixture
def kept(course, assignment):
    """Hands a notebook in and gives what a record keeps of it."""

    def keep(student, answers, change=None, findings=lambda rebuilt: {}):
        hand_in(course, student, answers, change=change)
        (submission,) = find_submissions(course, course.weeks[0], [student])
        rebuilt = rebuild(read_submission(submission, assignment, 20).notebook, assignment)
        return cell_records(rebuilt, findings(rebuilt), assignment)

    return keep


def code(source):
    return {
        "cell_type": "code",
        "metadata": {},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def test_answers_and_own_cells_are_kept_and_nothing_that_was_given(kept):
    def add(notebook):
        notebook["cells"].append(code("mine = 1"))
        notebook["cells"].append({"cell_type": "markdown", "metadata": {}, "source": "my note"})

    records = kept("ada", RIGHT, add)
    assert [(r.grade_id, r.kind, r.source) for r in records] == [
        ("double", "code", RIGHT["double"]),
        ("total", "code", RIGHT["total"]),
        ("why_double", "markdown", RIGHT["why_double"]),
        (None, "code", "mine = 1"),
        (None, "markdown", "my note"),
    ]


def test_what_stands_as_it_was_released_is_not_kept_again(kept):
    assert kept("bo", {}) == []


def test_no_test_and_no_locked_cell_is_kept(kept):
    text = "".join(record.model_dump_json() for record in kept("cy", RIGHT))
    assert "checks.close" not in text
    assert not any(line in text for line in HIDDEN_LINES)


def test_output_pictures_and_errors_come_with_their_cell(kept):
    def ran(rebuilt):
        index = rebuilt.owners.index("total")
        outputs = [
            Output(kind="text", name="stdout", text="a line\n"),
            Output(kind="picture", text=PNG),
            Output(kind="picture", text="PHN2Zz4="),
        ]
        finding = CellFinding(cell=index, error="ValueError", message="no", outputs=outputs)
        given = CellFinding(cell=1, outputs=outputs[:1])
        return {index: finding, 1: given}

    given, _, total, _ = kept("di", RIGHT, findings=ran)
    assert (given.grade_id, given.source, given.output) == (None, "", "a line\n")
    assert (total.error, total.output, total.pictures) == ("ValueError: no", "a line\n", [PNG])
    assert total.left_out == 1


def test_a_record_stays_small_whatever_is_handed_in(kept):
    def add(notebook):
        notebook["cells"] += [code(f"# {i}\n" + "x" * 60_000) for i in range(20)]
        notebook["cells"] += [code(f"y = {i}") for i in range(2 * MOST_CELLS)]

    def ran(rebuilt):
        pictures = [Output(kind="picture", text=PNG)] * (2 * PICTURES)
        return {i: CellFinding(cell=i, outputs=pictures) for i in range(len(rebuilt.owners))}

    records = kept("ed", RIGHT, add, ran)
    assert len(records) <= MOST_CELLS
    assert all(len(record.source) < CELL_CHARACTERS + 100 for record in records)
    assert sum(len(record.source) for record in records) < NOTEBOOK_CHARACTERS + 100 * MOST_CELLS
    assert sum(len(record.pictures) for record in records) == PICTURES
    assert any("characters more" in record.source for record in records)


def test_what_a_test_printed_is_its_message_for_points_in_part():
    outputs = [
        Output(kind="text", name="stdout", text="2 of 3 shapes are right\n"),
        Output(kind="text", name="stderr", text="a warning"),
        Output(kind="text", name="result", text="0.5"),
    ]
    assert partial_message(CellFinding(cell=0, outputs=outputs)) == "2 of 3 shapes are right"
    assert partial_message(CellFinding(cell=0)) == ""
