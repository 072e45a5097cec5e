"""Reading notebooks: whatever the file holds, the answer is cells or one sentence."""

import ast
import contextlib
import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.notebooks import (
    Cell,
    NotebookError,
    exercises,
    parse_cell,
    parse_notebook,
    read_notebook,
)


def code(source, *, grade_id=None, grade=False, solution=False, points=None, tags=(), outputs=()):
    metadata = {"tags": list(tags)} if tags else {}
    if grade_id is not None:
        metadata["nbgrader"] = {
            "grade": grade,
            "grade_id": grade_id,
            "locked": grade,
            "schema_version": 3,
            "solution": solution,
            "task": False,
        }
        if points is not None:
            metadata["nbgrader"]["points"] = points
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": metadata,
        "outputs": list(outputs),
        "source": source,
    }


def notebook(*cells, **changes):
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)} | changes


def parsed(*cells) -> tuple[Cell, ...]:
    return parse_notebook(json.dumps(notebook(*cells)).encode()).cells


def test_roles_and_points():
    markdown = {"cell_type": "markdown", "metadata": {}, "source": "# Title"}
    written = json.loads(json.dumps(code("why", grade_id="why", grade=True, solution=True)))
    written |= {"cell_type": "markdown"}
    written["metadata"]["nbgrader"]["points"] = 2
    cells = parsed(
        markdown,
        code("import numpy"),
        code("plot()", tags=["demo", "nbval-check-output"]),
        code("def f(): ...", grade_id="f", solution=True, points=9),
        code("assert f()", grade_id="test_f_it", grade=True, points=1.5),
        written,
        {"cell_type": "raw", "metadata": {}, "source": ""},
    )
    assert [cell.role for cell in cells] == [
        "text",
        "given",
        "demo",
        "answer",
        "test",
        "written",
        "text",
    ]
    assert [cell.points for cell in cells] == [0, 0, 0, 0, 1.5, 2, 0]
    assert cells[2].tags == {"demo", "nbval-check-output"}
    assert cells[3].grade_id == "f"
    assert [cell.index for cell in cells] == list(range(7))


def test_source_as_text_or_lines():
    first, second = parsed(code("a = 1\nb = 2"), code(["a = 1\n", "b = 2"]))
    assert first.source == second.source == "a = 1\nb = 2"


def test_outputs_as_plain_text():
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["one\n", "two\n"]},
        {"output_type": "execute_result", "data": {"text/plain": "3", "text/html": "<b>3</b>"}},
        {"output_type": "display_data", "data": {"image/png": "AAAA"}},
        {"output_type": "error", "ename": "ValueError", "evalue": "bad", "traceback": []},
    ]
    (cell,) = parsed(code("x", outputs=outputs))
    assert cell.outputs_plain == "one\ntwo\n3\nValueError: bad\n"
    (long,) = parsed(
        code("x", outputs=[{"output_type": "stream", "name": "stdout", "text": "y" * 100_000}])
    )
    assert len(long.outputs_plain) == 20_000


def test_exercises_pair_by_the_longest_answer():
    read = parse_notebook(
        json.dumps(
            notebook(
                code("", grade_id="softmax", solution=True),
                code("", grade_id="test_softmax_values", grade=True, points=1),
                code("", grade_id="softmax_gradient", solution=True),
                code("", grade_id="test_softmax_gradient_values", grade=True, points=2),
                code("", grade_id="test_softmax_gradient_more", grade=True, points=2),
                code("", grade_id="test_other_thing", grade=True, points=5),
                code("", grade_id="lonely", solution=True),
            )
        ).encode()
    )
    found = {exercise.name: [t.grade_id for t in exercise.tests] for exercise in exercises(read)}
    assert found == {
        "softmax": ["test_softmax_values"],
        "softmax_gradient": ["test_softmax_gradient_values", "test_softmax_gradient_more"],
        "lonely": [],
    }
    assert [exercise.points for exercise in exercises(read)] == [1, 4, 0]


def test_of_doubled_ids_the_last_counts():
    read = parse_notebook(
        json.dumps(
            notebook(
                code("first", grade_id="f", solution=True),
                code("old", grade_id="test_f_a", grade=True, points=1),
                code("second", grade_id="f", solution=True),
                code("new", grade_id="test_f_a", grade=True, points=1),
            )
        ).encode()
    )
    (exercise,) = exercises(read)
    assert exercise.answer.source == "second"
    assert [test.source for test in exercise.tests] == ["new"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"{", "not valid JSON (line 1"),
        (b'{"nbformat": 4, "cells": [\n{"cell_type"', "line 2"),
        (b"\xff\xfe\x00", "not text in UTF-8"),
        (b"[1, 2]", "not a notebook"),
        (b'"text"', "not a notebook"),
        (b"{}", "not a notebook"),
        (b'{"nbformat": "4", "cells": []}', "not a notebook"),
        (b'{"nbformat": true, "cells": []}', "not a notebook"),
        (b'{"nbformat": 3, "worksheets": []}', "an old notebook format (3)"),
        (b'{"nbformat": 5, "cells": []}', "an unknown notebook format (5)"),
        (b'{"nbformat": 1' + b"0" * 3000 + b"}", "very large number"),
        (b'{"nbformat": 1' + b"0" * 5000 + b"}", "thousands of digits"),
        (b'{"nbformat": 4}', "no list of cells"),
        (b'{"nbformat": 4, "cells": {}}', "no list of cells"),
        (b'{"nbformat": 4, "cells": [1]}', "Cell 1 of week.ipynb is not a cell"),
        (b'{"nbformat": 4, "cells": [{"cell_type": ["code"]}]}', "is not a cell"),
        (b"[" * 200_000, "nested far too deeply"),
        (b'{"nbformat": 4, "cells": [' + b"{}," * 6000 + b"{}]}", "6001 cells"),
    ],
)
def test_bad_content_is_one_sentence(tmp_path, content, words):
    path = tmp_path / "week.ipynb"
    path.write_bytes(content)
    with pytest.raises(NotebookError) as caught:
        read_notebook(path)
    assert words in caught.value.message
    assert caught.value.message.endswith(".")
    assert caught.value.cure.endswith(".")
    assert "\n" not in str(caught.value)


def test_a_byte_order_mark_does_no_harm():
    content = b"\xef\xbb\xbf" + json.dumps(notebook(code("1"))).encode()
    assert parse_notebook(content).cells[0].source == "1"


def test_wrong_types_inside_cells_are_read_as_nothing():
    odd = {
        "cell_type": "code",
        "metadata": {
            "tags": {"demo": 1},
            "nbgrader": {"grade": 1, "solution": "yes", "grade_id": 7, "points": "many"},
        },
        "source": [1, "x = 1", None],
        "outputs": [7, {"output_type": "stream", "text": {"a": 1}}, {"data": [1]}, {"data": 0}],
    }
    for changed in (odd, odd | {"metadata": 3}, odd | {"metadata": {"nbgrader": [1]}}):
        (cell,) = parsed(changed)
        assert (cell.role, cell.grade_id, cell.points) == ("given", None, 0.0)
        assert (cell.source, cell.outputs_plain, cell.tags) == ("x = 1", "", frozenset())
    for source in (None, 3, {"a": 1}):
        assert parsed(odd | {"source": source})[0].source == ""


@pytest.mark.parametrize(
    ("points", "read"),
    [
        (2, 2.0),
        (0.5, 0.5),
        (-3, 0.0),
        (True, 0.0),
        (None, 0.0),
        (10**400, 0.0),
        (float("nan"), 0.0),
        (float("inf"), 0.0),
        ([1], 0.0),
    ],
)
def test_points_are_never_odd(points, read):
    assert parsed(code("", grade_id="test_f_a", grade=True, points=points))[0].points == read


def test_half_a_surrogate_pair_can_be_written_again():
    content = json.dumps(notebook(code("x"))).replace('"x"', r'"\ud800"').encode()
    source = parse_notebook(content).cells[0].source
    assert source.encode("utf-8")


def test_size_limit(tmp_path):
    path = tmp_path / "big.ipynb"
    path.write_text(json.dumps(notebook(code("x" * 1000))))
    assert read_notebook(path).cells
    with pytest.raises(NotebookError, match=r"larger than 0\.0005 MB"):
        read_notebook(path, maximum_bytes=500)


def test_links_pipes_and_folders_are_not_followed(tmp_path: Path):
    real = tmp_path / "real.ipynb"
    real.write_text(json.dumps(notebook()))
    (tmp_path / "link.ipynb").symlink_to(real)
    (tmp_path / "nowhere.ipynb").symlink_to(tmp_path / "missing")
    (tmp_path / "folder.ipynb").mkdir()
    os.mkfifo(tmp_path / "pipe.ipynb")
    for name, words in {
        "link.ipynb": "is a link",
        "nowhere.ipynb": "is a link",
        "folder.ipynb": "is a folder",
        "pipe.ipynb": "not an ordinary file",
        "missing.ipynb": "There is no file",
        "x" * 300: "cannot be opened",
        "nul\0byte": "cannot be opened",
    }.items():
        with pytest.raises(NotebookError) as caught:
            read_notebook(f"{tmp_path}/{name}")
        assert words in caught.value.message


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["cell_type", "metadata", "source", "outputs", "tags", "nbgrader", "grade", "data"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(st.sampled_from(["metadata", "source", "outputs"]), ANYTHING)))
@settings(max_examples=50, deadline=None)
def test_any_json_is_cells_or_an_error(cells):
    content = json.dumps(notebook(*({"cell_type": "code"} | cell for cell in cells))).encode()
    for cell in parse_notebook(content).cells:
        assert isinstance(cell.source, str)
        assert isinstance(cell.outputs_plain, str)
        assert cell.role in {"answer", "test", "written", "demo", "given"}


@given(st.binary(max_size=60))
@settings(max_examples=50, deadline=None)
def test_any_bytes_are_a_notebook_or_an_error(content):
    try:
        cells = parse_notebook(content).cells
    except NotebookError:
        return
    assert cells == ()


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("%matplotlib inline", "pass"),
        ("  !ls -l | head", "pass"),
        ("%%time", "pass"),
        ("f?", "pass"),
        ("np.sum??", "pass"),
        ("?np.s*", "pass"),
        ("files = !ls", "files = None"),
        ("a.b[0], c = %time f()", "a.b[0], c = None"),
    ],
)
def test_lines_of_ipythons_own_count_as_pass(line, read):
    source = f"if True:\n{line if line.startswith(' ') else '  ' + line}\nx = 1"
    tree = parse_cell(source)
    assert ast.unparse(tree) == f"if True:\n    {read}\nx = 1"
    assert tree.body[1].lineno == 3


def test_python_that_looks_like_ipythons_lines_stays():
    source = "x = (7\n%4)\ny = '''\n!ls\nf?\na = !b'''\nz = x != y"
    assert ast.dump(parse_cell(source)) == ast.dump(ast.parse(source))


@pytest.mark.parametrize("source", ["def f(:", "!ls\nx = = 1", "x = 1 ?", "%%bash\nfor x in *; do"])
def test_what_is_no_cell_is_a_syntax_error(source):
    with pytest.raises(SyntaxError):
        parse_cell(source)


@pytest.mark.parametrize(
    "line", ["!ls\n", "a = !ls\n", "x?\n", "%", "?", " ", "a ", "=", "a.", "\t=!", "[a]?"]
)
def test_reading_a_cell_takes_time_by_its_length_only(line):
    began = time.process_time()
    with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        parse_cell("!\n" + line * (200_000 // len(line)))
    assert time.process_time() - began < 5
