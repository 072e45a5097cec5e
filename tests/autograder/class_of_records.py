"""A small course on disk and records made by hand, for the tests of feedback and report."""

from html.parser import HTMLParser
from pathlib import Path

from autograder.course import Course, load_course
from autograder.records import CellRecord, SubmissionRecord, TestRecord, WrittenRecord

SYLLABUS = """
title = "Deep <Learning> & more"
private = "private"

[[week]]
folder = "week01_small"
title = "A small week"
points = 8
"""

HIDDEN_LINE = "checks.close(double(secret_array), 2 * secret_array, 'a secret')"

MARKS = (
    'nbgrader={"grade": %s, "grade_id": "%s", "locked": %s, "points": %d, '
    '"schema_version": 3, "solution": %s, "task": false}'
)


def _answer(name: str) -> str:
    return "# %% " + MARKS % ("false", name, "false", 0, "true")


def _test(name: str, points: int) -> str:
    return "# %% " + MARKS % ("true", name, "true", points, "false")


LESSON = f"""# %% [markdown]
# # Week 1 · A small week

# %%
from helpers import checks

{_answer("double")}
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

{_test("test_double_values", 2)}
checks.close(double(1.0), 2.0, "twice one is two")
### BEGIN HIDDEN TESTS
{HIDDEN_LINE}
### END HIDDEN TESTS

{_test("test_double_shape", 1)}
checks.shape(double([1, 2]), (2,))

{_answer("halve")}
def halve(x):
    ### BEGIN SOLUTION
    return x / 2
    ### END SOLUTION

{_test("test_halve_values", 3)}
checks.close(halve(2.0), 1.0, "half of two is one")

# %% [markdown] {MARKS % ("true", "why_double", "false", 2, "true")}
# ### BEGIN SOLUTION
# Because.
# ### END SOLUTION
"""


def make_course(folder: Path) -> Course:
    """Write the small course and load it."""
    (folder / "course.toml").write_text(SYLLABUS, encoding="utf-8")
    week = folder / "solutions" / "week01_small"
    week.mkdir(parents=True)
    (week / "small.py").write_text(LESSON, encoding="utf-8")
    return load_course(folder)


def make_test(name: str, points: float, max_points: float, **fields) -> TestRecord:
    """One test's record; it failed with a sentence where points are missing."""
    passed = points == max_points
    defaults = {"passed": passed, "message": "" if passed else "twice one is two", "seconds": 0.1}
    return TestRecord(grade_id=name, points=points, max_points=max_points, **{**defaults, **fields})


def make_record(
    student: str, points: tuple[float, float, float] = (2, 1, 3), **fields
) -> SubmissionRecord:
    """A graded submission with these points in its three tests."""
    names = ("test_double_values", "test_double_shape", "test_halve_values")
    defaults = {
        "week": "week01_small",
        "student": student,
        "engine": "nbgrader",
        "sandbox": "bubblewrap",
        "graded_at": "2027-03-16T08:00:00Z",
        "sha256": "ab" * 32,
        "tests": [make_test(n, p, m) for n, p, m in zip(names, points, (2, 1, 3), strict=True)],
        "written": [WrittenRecord(grade_id="why_double", max_points=2)],
        "cells": [CellRecord(grade_id="double", output="")],
        "seconds": 4.2,
    }
    return SubmissionRecord(**{**defaults, **fields})


class Page(HTMLParser):
    """A page taken apart: elements with attributes, text, and whether tags balance."""

    EMPTY = frozenset({"meta", "br", "wbr", "img", "link", "hr", "input", "rect"})

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self._open: list[str] = []
        self.unbalanced: list[str] = []
        self.feed(html)
        self.close()
        self.unbalanced += self._open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag in {"td", "th", "p", "pre"}:
            self.text += " "  # cells and paragraphs stand apart without a blank between them
        if tag not in self.EMPTY:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag):
        if tag in self.EMPTY:
            return
        if self._open and self._open[-1] == tag:
            self._open.pop()
        else:
            self.unbalanced.append(tag)

    def handle_data(self, data):
        if not self._open or self._open[-1] != "style":
            self.text += data

    def of(self, tag: str) -> list[dict[str, str]]:
        """Attributes of every element of that name."""
        return [attributes for name, attributes in self.elements if name == tag]


_ALLOWED = """
html head meta title style body header main footer section h1 h2 h3 p ul ol li table caption
thead tbody tfoot tr th td div span strong b code pre a svg rect details summary br wbr abbr
figure figcaption img em s blockquote hr h4 h5 h6
math mrow mi mn mo mtext mspace msqrt mstyle mtable mtr mtd mphantom mpadded mfrac msub msup msubsup
munder mover munderover mroot
"""
ALLOWED_ELEMENTS = frozenset(_ALLOWED.split())


def assert_harmless(html: str) -> Page:
    """Hold that a page runs nothing, fetches nothing and is well formed."""
    page = Page(html)
    assert not page.unbalanced
    assert {name for name, _ in page.elements} <= ALLOWED_ELEMENTS
    for name, attributes in page.elements:
        for attribute, value in attributes.items():
            assert not attribute.startswith("on"), (name, attribute)
            assert attribute not in {"style", "srcdoc", "action", "formaction", "srcset"}
            assert "javascript:" not in value.lower()
            if attribute in {"href", "src", "xlink:href", "data"}:
                assert value.startswith(("#", "data:image/png;base64,")), (name, value)
    policy = [m["content"] for m in page.of("meta") if m.get("http-equiv")]
    assert len(policy) == 1
    assert policy[0].startswith("default-src 'none'; style-src 'sha256-")
    style = html.split("<style>")[1].split("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    assert page.elements[0] == ("html", {"lang": "en"})
    return page
