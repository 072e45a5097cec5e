"""Feedback pages in a real browser: of what a student hands in nothing runs or fetches."""

import base64
import re

import pytest
import xss_vectors
from browser import browsing
from class_of_records import make_course, make_record, make_test

from autograder.feedback import feedback_page
from autograder.lesson import read_lesson
from autograder.records import CellRecord, WrittenRecord

pytestmark = pytest.mark.slow

POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
SVG_FILE = base64.b64encode(
    b"<svg xmlns='http://www.w3.org/2000/svg' onload='window.__ran=1'/>"
).decode()


@pytest.fixture(scope="module")
def browser():
    with browsing() as started:
        yield started


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Makes the page of a record."""
    course = make_course(tmp_path_factory.mktemp("course"))
    week = course.week("1")
    lesson = read_lesson(week.source(course), week)
    return lambda record: feedback_page(course, week, lesson, record)


def everywhere(vector):
    """A record that holds a text wherever a student can put one."""
    return make_record(
        vector,
        notes=[vector, f"`{vector}`"],
        sha256=vector,
        graded_at=vector,
        tests=[
            make_test("test_double_values", 0.5, 2, message=f"{vector}\n{vector}", error=vector),
            make_test(vector, 0, 1, message=f"Likely cause: {vector}"),
            make_test("test_halve_values", 0, 3, timed_out=True, message=vector),
        ],
        written=[
            WrittenRecord(grade_id=vector, max_points=1),
            WrittenRecord(grade_id="why_double", max_points=1),
        ],
        cells=[
            CellRecord(grade_id="double", source=vector, error=vector, output=vector),
            CellRecord(grade_id="halve", source=f'"""{vector}"""  # {vector}', pictures=[vector]),
            CellRecord(grade_id="why_double", kind="markdown", source=vector),
            CellRecord(grade_id=vector, kind="markdown", source=f"> - {vector}\n\n{vector}"),
            CellRecord(source=vector, pictures=[SVG_FILE, f'x" onerror="{vector}']),
            CellRecord(kind="markdown", source=f"a {vector} b\n\n[{vector}]({vector})"),
        ],
    )


def show(browser, folder, html, name="page.html", **options):
    file = folder / name
    file.write_text(html, encoding="utf-8", errors="replace")
    return browser.open(file.as_uri(), **options)


def test_the_corpus_is_large():
    assert len(set(xss_vectors.ALL)) == len(xss_vectors.ALL) >= 90


def test_no_vector_runs_or_fetches_even_without_the_policy(browser, page, tmp_path):
    quiet = show(browser, tmp_path, page(make_record("ada")))
    assert quiet.is_quiet
    assert quiet.elements > 50
    for vector in xss_vectors.ALL:
        vector = vector.replace("CANARY", browser.canary.address)
        html = page(everywhere(vector))
        bare = POLICY.sub("", html)
        assert bare != html
        visit = show(browser, tmp_path, bare, pause=0.05)
        assert visit.is_quiet, (vector, visit)
        assert visit.address.endswith("page.html"), vector
        assert visit.title.startswith("Week 1"), vector


def test_with_the_policy_all_vectors_at_once_leave_it_nothing_to_stop(browser, page, tmp_path):
    record = make_record("ada")
    for vector in xss_vectors.ALL:
        more = everywhere(vector.replace("CANARY", browser.canary.address))
        record.notes += more.notes[:1]
        record.cells += more.cells[2:3] + more.cells[4:]
    visit = show(browser, tmp_path, page(record), pause=0.5)
    assert visit.is_quiet, visit


def test_the_harness_has_teeth(browser, tmp_path):
    """Unescaped, most of the vectors run or fetch; what does not is for other parsers."""
    raw = xss_vectors.HTML + xss_vectors.SVG + xss_vectors.CSS
    loud = 0
    for vector in raw:
        html = f"<!DOCTYPE html><title>x</title><body>{vector}</body>"
        visit = show(browser, tmp_path, html.replace("CANARY", browser.canary.address))
        loud += not visit.is_quiet
    assert loud > 0.6 * len(raw)


def test_the_policy_alone_stops_the_vectors_too(browser, page, tmp_path):
    policy = POLICY.search(page(make_record("ada")))[0]
    for vector in xss_vectors.HTML + xss_vectors.SVG + xss_vectors.CSS:
        if "http-equiv=refresh" in vector:
            continue  # going elsewhere is no fetch: only escaping helps, and is tested above
        html = f"<!DOCTYPE html>{policy}<title>x</title><body>{vector}</body>"
        visit = show(browser, tmp_path, html.replace("CANARY", browser.canary.address))
        assert not visit.ran, vector
        assert not visit.canaries, vector


def test_a_phone_needs_no_scrolling_sideways(browser, page, tmp_path):
    long = "x" * 400
    sum_ = f"{'x+' * 200}x"
    table = f"|{'a|' * 30}\n|{'-|' * 30}"
    record = make_record(
        "ada" * 30,
        notes=[long],
        tests=[make_test("test_double_values", 0, 2, message=f"{long}\n{long}")],
        cells=[
            CellRecord(grade_id="double", source=f"value = '{long}'", output=long),
            CellRecord(
                grade_id="why_double",
                kind="markdown",
                source=f"${sum_}$ and $${sum_}$$\n\n{long}\n\n{table}",
            ),
        ],
    )
    assert show(browser, tmp_path, page(record), width=360).overflow <= 0


def test_formulas_are_drawn_by_the_browser_itself(browser, page, tmp_path):
    cells = [CellRecord(grade_id="why_double", kind="markdown", source=r"$$\frac{a}{b}$$")]
    visit = show(browser, tmp_path, page(make_record("ada", cells=cells)))
    assert visit.is_quiet
    height = "document.querySelector('mfrac').getBoundingClientRect().height"
    line = "parseFloat(getComputedStyle(document.querySelector('math')).fontSize)"
    assert browser.evaluate(f"{height} > 1.5 * {line}"), "a over b, not beside it"
