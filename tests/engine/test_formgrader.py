"""nbgrader's formgrader on what the engine wrote: a written answer is read and marked by hand."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from html.parser import HTMLParser

import pytest
import xss_vectors
from browser import browsing
from graded_course import NAME, RIGHT, ROOT, WEEK, hand_in, make_course

from autograder.feedback import write_feedback
from autograder.grading import grade_week
from autograder.records import read_record

pytestmark = pytest.mark.slow

TOKEN = "of-a-test"
WRITTEN = r"""Because **twice** is $\frac{2x}{1}$, and

$$\sum_{i=1}^{2} x = 2x$$
"""
PLOT = """def total(x):
    return np.sum(x, axis=-1)

import matplotlib.pyplot as plt
print("the sums are", total(np.ones((2, 3))))
_ = plt.plot([1, 2, 3])
plt.show()"""


class Server:
    """A Jupyter server with nbgrader's formgrader on a course."""

    def __init__(self, address: str) -> None:
        self.address = address

    def ask(self, path: str, method: str = "GET", data: object = None) -> str:
        """Ask the server for a page or its interface for a change."""
        body = None if data is None else json.dumps(data).encode()
        headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.address + path, body, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read().decode("utf-8")

    def submission(self, student: str) -> dict:
        """Find a student's notebook among the submissions of the week."""
        listed = json.loads(self.ask(f"/formgrader/api/submitted_notebooks/{WEEK}/{NAME}"))
        return next(entry for entry in listed if entry["student"] == student)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The small course with two graded submissions, one of them hostile."""
    course = make_course(tmp_path_factory.mktemp("course"))
    hand_in(course, "ada", {**RIGHT, "total": PLOT, "why_double": WRITTEN})
    vectors = [v.replace("CANARY", "http://127.0.0.1:9/x") for v in xss_vectors.ALL]
    texts = [v.encode("utf-8", "replace").decode() for v in vectors]
    shown = "from IPython.display import HTML, SVG, Javascript, display\n" + "\n".join(
        f"display(HTML({text!r}))\nprint({text!r})" for text in texts[:60]
    )
    shown += "\ndisplay(Javascript('window.__ran=1'))\nraise ValueError('<script>window.__ran=1')"

    def with_metadata(notebook):
        notebook["metadata"]["title"] = notebook["metadata"]["authors"] = texts[0]
        notebook["metadata"]["kernelspec"] = {"name": texts[0], "display_name": texts[6]}
        for cell in notebook["cells"]:
            cell["metadata"]["name"] = cell["metadata"]["class"] = texts[37]
        for text in texts:
            cell = {"cell_type": "markdown", "metadata": {"tags": [text]}, "source": text}
            notebook["cells"].append({**cell, "attachments": {text: {"text/html": text}}})
            bundle = {"text/html": text, "image/svg+xml": text, "text/markdown": text}
            output = {"output_type": "display_data", "data": bundle, "metadata": {}}
            cell = {"cell_type": "code", "metadata": {}, "source": f"# {text}", "outputs": [output]}
            notebook["cells"].append({**cell, "execution_count": None})

    answers = {**RIGHT, "total": shown, "why_double": "\n\n".join(texts)}
    hand_in(course, "mallory", answers, change=with_metadata)
    grade_week(course, course.weeks[0], engine="judge")
    return course


@pytest.fixture(scope="module")
def server(course):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"]
    command += [f"--ServerApp.root_dir={course.root}", f"--ServerApp.port={port}"]
    command += [f"--IdentityProvider.token={TOKEN}", "--ServerApp.port_retries=0"]
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    log = course.root / "server.log"
    with open(log, "w") as output:
        process = subprocess.Popen(
            command,
            cwd=course.root,
            env={**os.environ, "PYTHONPATH": paths},
            stdout=output,
            stderr=output,
        )
        started = Server(f"http://127.0.0.1:{port}")
        try:
            until = time.monotonic() + 90
            while True:
                with contextlib.suppress(urllib.error.URLError, ConnectionError):
                    started.ask("/formgrader/api/assignments")
                    break
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < until, log.read_text()
                time.sleep(0.2)
            yield started
        finally:
            process.terminate()
            process.wait(20)


class Elements(HTMLParser):
    """Names and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.handlers: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data):
        self.text += data


def test_a_graded_submission_is_listed_and_waits_for_its_mark(server):
    for student in ("ada", "mallory"):
        listed = server.submission(student)
        assert listed["needs_manual_grade"]
        assert listed["max_written_score"] == 2
    assert server.submission("ada")["score"] == 6


def test_the_page_shows_the_students_answer_output_and_picture(server):
    page = server.ask(f"/formgrader/submissions/{server.submission('ada')['id']}/")
    shown = Elements(page)
    assert "twice" in shown.text
    assert "the sums are [3. 3.]" in shown.text
    assert "mfrac" in shown.names, "the formula is drawn without a network"
    assert "data:image/png;base64," in page
    assert "why_double" in page


def test_a_mark_given_by_hand_is_kept_and_shown_in_the_feedback(server, course):
    week = course.weeks[0]
    listed = server.submission("ada")
    grades = json.loads(server.ask(f"/formgrader/api/grades?submission_id={listed['id']}"))
    (written,) = [
        grade for grade in grades if grade["max_score"] == 2 and grade["needs_manual_grade"]
    ]
    answer = server.ask(f"/formgrader/api/grade/{written['id']}", "PUT", {"manual_score": 1.5})
    assert json.loads(answer)["manual_score"] == 1.5
    assert server.submission("ada")["score"] == 7.5
    grade_week(course, week, engine="judge", students=["ada"])
    record = read_record(course, week, "ada")
    assert [question.points for question in record.written] == [1.5]
    grade_week(course, week, engine="judge", students=["ada"], force=True)
    assert server.submission("ada")["score"] == 7.5, "grading again leaves it alone"
    page = write_feedback(course, week, [read_record(course, week, "ada")])["ada"].read_text()
    assert "7.5" in page
    assert "awaits hand grading" not in page


def test_a_hostile_notebook_adds_no_element_that_could_do_harm(server):
    honest, hostile = (
        Elements(server.ask(f"/formgrader/submissions/{server.submission(student)['id']}/"))
        for student in ("ada", "mallory")
    )
    for name in ("script", "style", "link", "iframe", "object", "form", "meta", "base", "input"):
        assert hostile.names.count(name) == honest.names.count(name), name
    assert set(hostile.handlers) == set(honest.handlers)
    assert {"svg", "embed", "video", "audio", "image", "marquee"}.isdisjoint(hostile.names)
    assert "<script>window.__ran=1</script>" in hostile.text, "it is shown as text"


def test_a_hostile_notebook_runs_nothing_in_the_instructors_browser(server, course, tmp_path):
    number = server.submission("mallory")["id"]
    with browsing() as browser:
        visit = browser.open(
            f"{server.address}/formgrader/submissions/{number}/?token={TOKEN}", pause=1.5
        )
        assert not visit.ran
        assert not [url for url in visit.requests if "127.0.0.1:9/" in url]
        assert visit.elements > 200
        week = course.weeks[0]
        page = write_feedback(course, week, [read_record(course, week, "mallory")])["mallory"]
        visit = browser.open(page.as_uri(), pause=0.5)
        assert visit.is_quiet, visit
        assert page.stat().st_size < 1_000_000
