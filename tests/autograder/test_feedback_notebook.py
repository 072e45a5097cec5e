"""The student's own notebook on the feedback page: code, text, formulas, output, pictures."""

import base64
import io
import re
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from class_of_records import Page, assert_harmless, make_course, make_record
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from autograder.feedback import feedback_page, hidden_lines
from autograder.feedback_formulas import formula
from autograder.feedback_markup import code, markdown
from autograder.feedback_pictures import MOST_WIDTH, PICTURE_BYTES, read_picture, within_budget
from autograder.lesson import read_lesson
from autograder.records import CellRecord

ROOT = Path(__file__).parents[2]


@pytest.fixture
def page(tmp_path):
    """Makes the page of a record with these cells, and holds that it is harmless and small."""
    course = make_course(tmp_path)
    week = course.week("1")
    lesson = read_lesson(week.source(course), week)

    def make(*cells, **fields):
        html = feedback_page(course, week, lesson, make_record("ada", cells=list(cells), **fields))
        assert len(html.encode("utf-8")) < 1_000_000
        return assert_harmless(html)

    return make


def png(width=60, height=40, *, noise=False, seed=0):
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
    image = Image.fromarray(pixels if noise else np.zeros_like(pixels))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def text_of(html):
    return " ".join(Page(str(html)).text.split())


def test_answers_stand_by_their_exercise_and_written_ones_by_their_question(page):
    shown = page(
        CellRecord(grade_id="double", source="def double(x):\n    return x < 3", output="a line"),
        CellRecord(grade_id="why_double", kind="markdown", source="because *it* is so"),
        CellRecord(source="print('mine')", output="mine"),
    )
    text = " ".join(shown.text.split())
    assert "Your answer def double(x): return x < 3 It printed: a line" in text
    assert "because it is so" in text
    assert "Your other cells" in text
    assert {"em"} <= {name for name, _ in shown.elements}


def test_an_untouched_question_says_so(page):
    text = " ".join(page(untouched=["why_double"]).text.split())
    assert "Your notebook holds this question as it was released." in text


def test_code_is_highlighted_by_classes_and_says_the_same_as_before():
    source = "@wraps\ndef f(x):\n    '''doc <b>'''\n    return 1.5 if x and y else None  # why"
    html = str(code(source))
    assert text_of(html) == " ".join(source.split())
    classes = set(re.findall(r'class="([^"]+)"', html))
    assert classes == {"hl-f", "hl-k", "hl-s", "hl-n", "hl-c"}
    assert "<b>" not in html


@settings(max_examples=200, deadline=None)
@given(
    st.text(alphabet=st.sampled_from("<>&\"'`$\\{}[]()!#*_~|-:\n ax1\ue000\ue001/=;"), max_size=80)
)
def test_no_text_makes_an_element_that_is_not_on_the_list(text):
    assert_harmless_piece(str(markdown(text)))
    assert_harmless_piece(str(code(text)))
    assert_harmless_piece(str(formula(text)))
    assert "".join(Page(str(code(text))).text.split()) == "".join(text.replace("\r", "\n").split())


TEXT = "p em strong s code pre ul ol li blockquote hr br h4 h5 h6 table thead tbody tr th td span"
MATHS = """math mrow mi mn mo mtext mspace msqrt mstyle mtable mtr mtd mphantom mpadded mfrac
msub msup msubsup munder mover munderover mroot"""
ALLOWED = {*TEXT.split(), *MATHS.split()}


def assert_harmless_piece(html):
    for name, attributes in Page(html).elements:
        assert name in ALLOWED, name
        assert not {"href", "src", "style", "id", "title"} & set(attributes)
        assert not any(attribute.startswith("on") for attribute in attributes)


def test_markdown_keeps_what_an_answer_needs():
    html = str(
        markdown(
            "# Title\n\n**bold** *it* ~~no~~ `x<y`\n\n1. one\n2. two\n\n> said\n\n"
            "| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nx = 1 < 2\n```\n\n<b>raw</b>"
        )
    )
    names = {name for name, _ in Page(html).elements}
    assert {"h4", "strong", "em", "s", "code", "ol", "blockquote", "table", "th", "pre"} <= names
    assert "b" not in names
    assert "<b>raw</b>" in text_of(html)


def test_links_are_text_with_their_address_and_pictures_their_description():
    html = str(markdown("[a paper](https://example.org/p) ![a curve](http://example.org/c.png)"))
    assert text_of(html) == "a paper (https://example.org/p) [picture: a curve]"
    assert text_of(markdown("[x](ftp://example.org)")) == "x", (
        "an address of another kind is left out"
    )


@pytest.mark.parametrize(
    ("tex", "elements"),
    [
        (r"\frac{a}{b}", {"mfrac"}),
        (r"\sum_{i=1}^N x_i^2", {"munderover", "msubsup"}),
        (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", {"mtable", "mtr", "mtd"}),
        (r"\sqrt{x}", {"msqrt"}),
        (r"\hat{y} = \operatorname{softmax}(Wx+b)", {"mover"}),
        (r"\text{if } x > 0", {"mtext"}),
    ],
)
def test_formulas_become_mathml(tex, elements):
    html = str(formula(tex, block=True))
    names = {name for name, _ in Page(html).elements}
    assert "math" in names
    assert elements <= names


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{a",
        r"\nonsense x",
        r"\href{javascript:alert(1)}{x}",
        r"\def\a{\a\a}\a",
        r"\newcommand{\b}{\a\a}\b",
        "{" * 1400,
        "x" * 5000,
        r"\begin{align}",
        "",
    ],
)
def test_a_formula_that_cannot_be_set_is_shown_as_its_source(tex):
    shown = Page(str(formula(tex)))
    assert [name for name, _ in shown.elements] == ["code"]
    assert shown.text == f"${tex}$"


def test_bold_letters_are_bold_without_a_style():
    assert "𝒘" in str(formula(r"\bm{w}"))


def test_a_picture_is_drawn_anew_and_keeps_only_its_pixels():
    buffer = io.BytesIO(base64.b64decode(png()))
    content = buffer.getvalue() + b"<script>alert(1)</script>"
    picture = read_picture(base64.b64encode(content).decode())
    assert (picture.width, picture.height) == (60, 40)
    assert b"script" not in base64.b64decode(picture.png)


def test_large_pictures_are_made_smaller():
    picture = read_picture(png(1400, 500, noise=True))
    assert picture.width <= MOST_WIDTH
    assert len(picture.png) <= PICTURE_BYTES * 4 / 3 + 4


def bomb():
    """A small file that claims a billion pixels."""

    def chunk(name, data):
        checksum = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + checksum

    header = struct.pack(">IIBBBBB", 40_000, 30_000, 8, 0, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(bytes(10_000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "content",
    [b"", b"GIF89a", b"<svg onload=alert(1)>", b"\x89PNG\r\n\x1a\n<script>", bomb()],
    ids=["empty", "gif", "svg", "broken", "bomb"],
)
def test_what_is_no_bearable_png_is_left_out_and_said(page, content):
    assert read_picture(base64.b64encode(content).decode()) is None
    shown = page(
        CellRecord(grade_id="double", source="x", pictures=[base64.b64encode(content).decode()])
    )
    assert not shown.of("img")
    assert "A picture was left out: it is no PNG" in shown.text


@pytest.mark.parametrize("text", ["no base64 at all", "x" * 4_000_000, '" onerror="alert(1)'])
def test_what_is_no_base64_is_no_picture(text):
    assert read_picture(text) is None


def test_the_largest_pictures_go_first_where_the_page_would_be_too_large(page):
    small, large = png(), [png(400, 400, noise=True, seed=seed) for seed in range(12)]
    cells = [CellRecord(source="x = 1", pictures=[*large, small]), CellRecord(source="y = 2")]
    shown = page(*cells)
    kept = shown.of("img")
    assert (kept[-1]["width"], kept[-1]["height"]) == ("60", "40")
    assert 1 < len(kept) < 13
    assert "the page would be too large with it" in shown.text
    assert all(image["alt"] for image in kept)


def test_within_budget_keeps_order():
    pictures = [read_picture(png(size, size)) for size in (10, 200, 20)]
    total = sum(len(picture.png) for picture in pictures)
    assert within_budget(pictures, total) == pictures
    assert within_budget(pictures, total - 1) == [pictures[0], None, pictures[2]]
    assert within_budget(pictures, 0) == [None] * 3


def test_a_notebook_as_large_as_it_may_be_still_makes_a_small_page(page):
    wild = "'<&\"' + " * 2500
    table = "|a" * 6000
    cells = [CellRecord(grade_id=f"own_{i}", source=wild, output=wild) for i in range(30)]
    cells += [CellRecord(kind="markdown", source=table) for _ in range(30)]
    cells += [
        CellRecord(source=wild, pictures=[png(300, 300, noise=True, seed=i)]) for i in range(5)
    ]
    page(*cells)


def test_no_hidden_test_of_any_week_is_on_a_page_that_tried_to_show_it(tmp_path):
    """Messages, outputs, errors and notes are searched for every line of every hidden test."""
    from class_of_records import make_test

    from autograder.course import load_course

    weeks = [(course, week) for course in [load_course(ROOT)] for week in course.weeks]
    small = make_course(tmp_path)
    weeks.append((small, small.week("1")))
    seen = 0
    for course, week in weeks:
        if not week.source(course).is_file():
            continue
        lesson = read_lesson(week.source(course), week)
        tests = [cell for exercise in lesson.exercises for cell in exercise.tests]
        record = make_record(
            "ada",
            week=week.folder,
            notes=[cell.hidden_source for cell in tests][:30],
            tests=[
                make_test(cell.grade_id, 0, 1, message=cell.source, error=cell.hidden_source)
                for cell in tests
            ],
            cells=[CellRecord(output=cell.source, error=cell.hidden_source) for cell in tests],
        )
        text = Page(feedback_page(course, week, lesson, record)).text
        for line in hidden_lines(lesson):
            seen += 1
            assert line not in text, (week.folder, line)
    assert seen > 20
