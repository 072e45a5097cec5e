"""Feedback pages: what they say, and that nothing in them can do harm."""

import base64
import hashlib
import itertools
import json
import re

import pytest
from class_of_records import HIDDEN_LINE, assert_harmless, make_course, make_record, make_test
from typer.testing import CliRunner

from autograder.cli import build_app
from autograder.errors import CourseError
from autograder.feedback import feedback_page, write_feedback
from autograder.lesson import read_lesson
from autograder.pages import TextBudget, breakable, format_points, plain
from autograder.records import CellRecord, WrittenRecord, write_record

VECTORS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "<a href='javascript:alert(1)'>click</a>",
    "</pre></style></title><iframe src='https://evil.example/'></iframe>",
    "<style>@import 'https://evil.example/x.css'</style>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<!--",
    "]]>",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;script&gt;",
    "<base href=//evil.example>",
    "\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
)


@pytest.fixture
def course(tmp_path):
    return make_course(tmp_path)


@pytest.fixture
def week(course):
    return course.week("1")


@pytest.fixture
def page(course, week):
    """Makes a record's page, holds that it is harmless, and gives it taken apart."""
    lesson = read_lesson(week.source(course), week)

    def make(record):
        html = feedback_page(course, week, lesson, record)
        assert len(html.encode("utf-8")) < 1_000_000
        return assert_harmless(html)

    return make


def one_line(text):
    return " ".join(text.split())


def test_pages_lie_where_nbgrader_puts_them(course, week):
    pages = write_feedback(course, week, [make_record("ada"), make_record("bo")])
    assert list(pages) == ["ada", "bo"]
    assert pages["ada"] == course.private / "feedback" / "ada" / "week01_small" / "small.html"
    assert "feedback for ada" in pages["ada"].read_text(encoding="utf-8")
    assert course.private.stat().st_mode & 0o077 == 0
    assert [p.name for p in pages["ada"].parent.iterdir()] == ["small.html"]


def test_full_marks(page):
    text = one_line(page(make_record("ada")).text)
    assert "6 of 8 points so far" in text
    assert "6 of 6 by tests" in text
    assert "2 still to be graded by hand" in text
    assert "awaits hand grading" in text
    assert text.count("✓ passed") == 3
    assert "not passed" not in text


def test_marks_given_by_hand_count(page):
    written = [WrittenRecord(grade_id="why_double", max_points=2, points=1.5)]
    text = one_line(page(make_record("ada", written=written)).text)
    assert "7.5 of 8 points so far" in text
    assert "all hand grading is done" in text


def test_a_mark_given_by_hand_takes_the_place_of_a_tests(page):
    record = make_record("ada", (2, 0, 3))
    record.tests[1].by_hand = 0.75
    text = one_line(page(record).text)
    assert "5.75 of 8 points so far" in text
    assert "5.75 of 6 by tests" in text
    assert "not passed shape 0.75 of 1, given by hand" in text
    assert text.count("given by hand") == 1


def test_a_long_name_breaks_between_its_words(course, week):
    lesson = read_lesson(week.source(course), week)
    html = feedback_page(course, week, lesson, make_record("ada"))
    assert "<code>double</code></a>" in html
    assert breakable("log_loss<b>") == "log_<wbr>loss&lt;b&gt;"


def test_a_persons_comments_stand_below_the_answers(page):
    comments = {"why_double": "See `x + x`.\n<b>Well</b> argued.", "double": "Nice."}
    written = [WrittenRecord(grade_id="why_double", max_points=2, points=1.5)]
    shown = page(make_record("ada", written=written, comments=comments))
    assert "Your teacher writes: Nice." in one_line(shown.text)
    assert "Your teacher writes: See x + x. <b>Well</b> argued." in one_line(shown.text)


def test_a_failed_test_shows_sentence_numbers_and_likely_cause(page):
    message = "twice one is two\n  got 1.0\n  wanted 2.0\n  Likely cause: a factor of 2 is missing"
    tests = [make_test("test_double_values", 0, 2, message=message)]
    shown = page(make_record("ada", tests=tests))
    text = one_line(shown.text)
    assert "✗ not passed values 0 of 2 twice one is two got 1.0 wanted 2.0" in text
    assert "Likely cause: A factor of 2 is missing" in text
    assert [p for p in shown.of("p") if p.get("class") == "cause"]
    assert "This test has not been run." in text, "tests without a record are not passed over"


def test_an_untouched_exercise_is_one_line_and_not_a_list_of_failures(page):
    stub = {"message": "`double` is not written yet", "error": "NotImplementedError"}
    tests = [
        make_test("test_double_values", 0, 2, **stub),
        make_test("test_double_shape", 0, 1, **stub),
        make_test("test_halve_values", 3, 3),
    ]
    text = one_line(page(make_record("ada", tests=tests)).text)
    assert "double not written yet 0 of 3" in text
    assert "as it was released; 2 tests wait for it" in text
    assert "not passed" not in text
    half = [tests[0], make_test("test_double_shape", 1, 1), tests[2]]
    text = one_line(page(make_record("ada", tests=half)).text)
    assert "✗ not passed values 0 of 2 double is not written yet" in text


def test_points_in_part_and_a_bar_of_that_length(page):
    shown = page(make_record("ada", points=(1.5, 0, 3)))
    assert "◐ passed in part values 1.5 of 2" in one_line(shown.text)
    widths = [float(rect["width"]) for rect in shown.of("rect") if rect["class"] == "fill"]
    assert widths == [50.0, 100.0, 0.0, pytest.approx(56.2, abs=0.1)]


def test_names_in_back_ticks_are_set_as_code(page):
    message = "`double` is not <b>written</b> yet"
    shown = page(make_record("ada", tests=[make_test("test_double_values", 0, 2, message=message)]))
    assert "double is not <b>written</b> yet" in shown.text


def test_without_a_message_the_error_stands_in_for_it(page):
    tests = [
        make_test("test_double_values", 0, 2, error="ZeroDivisionError", message=""),
        make_test("test_double_shape", 0, 1, error=None, message=""),
    ]
    text = page(make_record("ada", tests=tests)).text
    assert "ZeroDivisionError" in text
    assert "it left no message" in text


def test_a_time_out_is_said_plainly(page):
    for message, said in (("took longer than 20 s", "took longer than 20 s"), ("", "in time")):
        tests = [make_test("test_halve_values", 0, 3, timed_out=True, message=message)]
        text = one_line(page(make_record("ada", tests=tests)).text)
        assert "✗ took too long" in text
        assert f"{said}. Look for a loop that never ends" in text


def test_a_test_of_another_version_of_the_lesson_is_still_shown(page):
    tests = [make_test("test_gone_values", 0, 1, message="this test is gone")]
    text = one_line(page(make_record("ada", tests=tests)).text)
    assert "Other tests" in text
    assert "this test is gone" in text


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("no_notebook", "There was no notebook"),
        ("wrong_name", "another name than expected"),
        ("unreadable", "could not be read"),
        ("too_large", "A submission may have 20 MB"),
        ("symlink", "a link, not a file"),
        ("failed", "did not come to an end"),
    ],
)
def test_a_submission_that_could_not_be_graded_says_why_and_what_next(page, status, expected):
    record = make_record(
        "ada", status=status, problem="line 3: what happened", tests=[], written=[]
    )
    text = one_line(page(record).text)
    assert expected in text
    assert "line 3: what happened" in text
    assert "What to do next" in text
    assert "small.ipynb" in text
    assert "points so far" not in text


@pytest.mark.parametrize("vector", VECTORS)
def test_student_text_is_escaped_in_every_field(page, vector):
    everywhere = make_record(
        vector,
        notes=[vector],
        sha256=vector,
        graded_at=vector,
        tests=[
            make_test("test_double_values", 0, 2, message=f"{vector}\n{vector}", error=vector),
            make_test(vector, 0, 1, message=f"Likely cause: {vector}"),
            make_test("test_halve_values", 0, 3, timed_out=True, message=vector),
        ],
        written=[WrittenRecord(grade_id=vector, max_points=1)],
        cells=[CellRecord(grade_id=vector, error=vector, output=vector)],
    )
    plain_page = make_record("ada")
    shown, reference = page(everywhere), page(plain_page)
    assert plain(vector) in shown.text
    kinds = {name for name, _ in shown.elements} - {name for name, _ in reference.elements}
    assert kinds <= {"pre", "details", "summary", "li"}, "only our own elements are added"
    assert len(shown.of("style")) == len(shown.of("title")) == 1
    assert len(shown.of("meta")) == len(reference.of("meta"))
    broken = page(make_record("ada", status="unreadable", problem=vector, notes=[vector], tests=[]))
    assert plain(vector) in broken.text


def test_a_very_chatty_submission_still_makes_a_small_page(page):
    noise = '"<&\U0001f600' * 5000
    record = make_record(
        "ada",
        notes=[noise] * 500,
        tests=[make_test(f"test_double_{i}", 0, 1, message=noise) for i in range(60)],
        cells=[CellRecord(grade_id="double", error=noise, output=noise) for _ in range(200)],
    )
    text = page(record).text
    assert "470 more notes" in text
    assert "characters more" in text


def test_hidden_tests_do_not_show_even_if_a_submission_prints_them(page):
    leak = f"caught you\n    {HIDDEN_LINE}\nand more"
    shown = page(
        make_record(
            "ada",
            tests=[make_test("test_double_values", 0, 2, message=leak)],
            cells=[CellRecord(grade_id="double", output=leak, error=HIDDEN_LINE)],
            notes=[leak],
        )
    )
    assert "secret_array" not in shown.text
    assert "caught you" in shown.text
    assert "it belongs to a test that stays hidden" in shown.text


def test_terminal_codes_and_invisible_characters_are_made_plain():
    assert plain("\x1b[31mred\x1b[0m\r\nnext") == "red\nnext"
    assert plain("a\u202eb\ud800c\x07d\u2066") == "a\ufffdb\ufffdc\ufffdd\ufffd"
    assert plain("x" * 100, 10) == "xxxxxxxxxx … (90 characters more)"
    assert plain("tab\tand\nline") == "tab\tand\nline"
    assert plain("y" * 10_000_000, 10).endswith("characters more)")


def test_a_budget_is_kept_to_in_escaped_bytes():
    budget = TextBudget(3000)
    shown = [budget.take("&" * 2000) for _ in range(5)]
    assert sum(len(text.replace("&", "&amp;").encode()) for text in shown) < 3000 + 500
    assert shown[-1] == "(left out: the page is full)"


@pytest.mark.parametrize(("value", "text"), [(3.0, "3"), (2.5, "2.5"), (0.0, "0"), (4 / 3, "1.33")])
def test_points_are_written_as_people_do(value, text):
    assert format_points(value) == text


def test_the_page_carries_no_script_and_the_right_hash_of_its_style(course, week):
    html = write_feedback(course, week, [make_record("ada")])["ada"].read_text(encoding="utf-8")
    style = html.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src &#39;sha256-{digest}&#39;" in html
    assert "<script" not in html


def test_the_page_is_accessible(page):
    shown = page(make_record("ada", points=(0, 1, 3)))
    levels = [int(name[1]) for name, _ in shown.elements if re.fullmatch(r"h[1-6]", name)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert shown.of("th")
    assert all(th.get("scope") in {"row", "col"} for th in shown.of("th"))
    assert len(shown.of("caption")) == len(shown.of("table"))
    assert all(svg["aria-hidden"] == "true" for svg in shown.of("svg"))
    ids = [attributes["id"] for _, attributes in shown.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for a in shown.of("a")} <= set(ids)
    labels = [a["aria-labelledby"] for _, a in shown.elements if "aria-labelledby" in a]
    assert set(labels) <= set(ids)


def luminance(colour):
    """Relative luminance as WCAG 2.1 defines it."""
    digits = colour.lstrip("#")
    digits = "".join(2 * d for d in digits) if len(digits) == 3 else digits
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_has_contrast_in_light_dark_and_print(course, week):
    html = write_feedback(course, week, [make_record("ada")])["ada"].read_text(encoding="utf-8")
    palettes = [
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", block))
        for block in re.findall(r":root \{(.*?)\}", html, re.DOTALL)
    ]
    assert len(palettes) == 3
    pairs = [("ink", "paper"), ("ink", "card"), ("soft", "paper"), ("soft", "card")]
    pairs += [(name, f"{name}-back") for name in ("good", "bad", "some", "accent")]
    pairs += [("accent", "paper"), ("ink", "bad-back"), ("ink", "some-back")]
    pairs += [(name, "card") for name in ("word", "string", "comment", "number", "name")]
    for palette in palettes:
        for ink, paper in pairs:
            light, dark = sorted((luminance(palette[ink]), luminance(palette[paper])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, paper, palette)


@pytest.mark.parametrize("name", ["", ".", "..", "../bo", "a/b", "nul\x00"])
def test_a_name_that_leads_elsewhere_is_refused(course, week, name):
    with pytest.raises(CourseError, match="cannot be the name"):
        write_feedback(course, week, [make_record(name)])


@pytest.fixture
def run(course, monkeypatch):
    monkeypatch.chdir(course.root)
    return lambda *words: CliRunner().invoke(build_app(), list(words))


def test_the_command_writes_pages_for_all_or_for_one(course, week, run):
    for student in ("ada", "bo"):
        write_record(course, week, make_record(student))
    assert run("feedback", "1", "--student", "bo").exit_code == 0
    assert [path.parts[-3] for path in course.private.rglob("*.html")] == ["bo"]
    result = run("feedback", "--json")
    assert result.exit_code == 0
    assert set(json.loads(result.stdout)["week01_small"]) == {"ada", "bo"}


@pytest.mark.parametrize("words", [(), ("1", "--student", "nobody"), ("9",)])
def test_the_command_says_what_is_missing(run, words):
    result = run("feedback", *words)
    assert isinstance(result.exception, CourseError)
    assert result.exception.cure
