import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from small_course import ROOT, WEEK, edit, make_small_course
from typer.testing import CliRunner

from autograder.build import build_week, check_week
from autograder.cli import build_app
from autograder.commands.lab import EXTENSIONS, lab_command, loaded_extensions
from autograder.course import load_course
from autograder.errors import CourseError
from autograder.lesson import read_lesson
from autograder.skeleton import cell_id, data_hashes, helper_hashes
from helpers import datasets

NBGRADER = [sys.executable, "-m", "nbgrader"]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The small course, built once."""
    course = make_small_course(tmp_path_factory.mktemp("built") / "course")
    build_week(course, course.weeks[0])
    return course


@pytest.fixture
def course(built, tmp_path):
    """A copy of the built course, to be changed."""
    shutil.copytree(built.root, tmp_path / "course")
    return load_course(tmp_path / "course")


def read(path):
    return nbformat.read(path, as_version=4)


def test_the_solution_notebook_is_executed(built):
    notebook = read(built.weeks[0].solution(built))
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    demo = next(cell for cell in code if "demo" in cell.metadata.get("tags", ()))
    assert demo.outputs[0].text == "your guess 1.0, measured 0.0\n"
    assert "Three heights" in demo.outputs[1].metadata["image/png"]["alt"]
    assert all("execution" not in cell.metadata for cell in code)


def test_both_say_what_they_were_made_from(built):
    week = built.weeks[0]
    for path in (week.solution(built), week.student(built)):
        facts = read(path).metadata["course"]
        assert facts["generated_from"] == f"solutions/{WEEK}/scores.py"
        assert facts["command"] == f"course build {WEEK}"
    assert set(read(week.student(built)).metadata["course"]) == {"generated_from", "command"}
    helpers = read(week.solution(built)).metadata["course"]["helpers"]
    assert {"helpers", "helpers.checks", "helpers.plots"} <= set(helpers)


def test_cell_ids_are_unique_and_speak(built):
    week = built.weeks[0]
    ids = [cell.id for cell in read(week.solution(built)).cells]
    assert len(set(ids)) == len(ids)
    assert {"centre", "test_centre_values", "why_no_sum"} <= set(ids)
    assert ids == [cell.id for cell in read(week.student(built)).cells]
    lesson = read_lesson(week.source(built), week)
    assert cell_id("scores", lesson.cells[0]) != cell_id("other", lesson.cells[0])


def test_the_student_notebook_names_what_is_not_written(built):
    sources = {cell.id: cell.source for cell in read(built.weeks[0].student(built)).cells}
    assert sources["centre"].splitlines()[-1] == (
        '    raise NotImplementedError("`centre` is not written yet")'
    )
    assert "`RunningMean.__init__` is not written yet" in sources["RunningMean"]
    assert "`RunningMean.update` is not written yet" in sources["RunningMean"]
    assert sources["RunningMean"].endswith("        return self.mean")
    assert sources["why_no_sum"] == "Your answer here."
    assert "HIDDEN" not in "".join(sources.values())
    assert "random_columns" not in "".join(sources.values())


def test_a_second_build_executes_and_writes_nothing(course):
    done = build_week(course, course.weeks[0])
    assert (done.why, done.written) == ("", ())
    assert check_week(course, course.weeks[0]) == []


def test_new_prose_keeps_the_outputs(course):
    week = course.weeks[0]
    before = read(week.solution(course))
    edit(week.source(course), "only its level changes", "only its height changes")
    assert [stale.why for stale in check_week(course, week)] == [
        "its source changed",
        "it is not what its source gives",
    ]
    done = build_week(course, week)
    assert done.why == ""
    assert set(done.written) == {week.solution(course), week.student(course)}
    after = read(week.solution(course))
    assert [c.get("outputs") for c in after.cells] == [c.get("outputs") for c in before.cells]
    assert check_week(course, week) == []


def test_the_students_notebook_says_what_is_withheld(course):
    week = course.weeks[0]
    assert "withheld" not in read(week.student(course)).metadata["course"]
    edit(course.root / "course.toml", "points = 9", 'points = 9\nwithheld = ["numpy.dot"]')
    course = load_course(course.root)
    assert len(check_week(course, course.weeks[0])) == 2
    built = build_week(course, course.weeks[0])
    assert built.why == ""  # nothing is executed anew
    assert check_week(course, course.weeks[0]) == []
    from helpers.notebooks import read_notebook

    notebook = read_notebook(week.student(course))
    assert (notebook.withheld, notebook.asked_by) == (("numpy.dot",), "week 2")


def test_of_the_verified_versions_only_open_ones_count(course):
    lesson = read_lesson(course.weeks[0].source(course), course.weeks[0])
    edit(lesson.path, "from helpers import checks", "from helpers import earlier, checks")
    lesson = read_lesson(lesson.path, course.weeks[0])
    opened = {"probabilities", "initialisers"}
    before = helper_hashes(course.root, lesson, opened)
    assert {n.removeprefix("helpers.nn") for n in before if n.startswith("helpers.nn")} == {
        "",
        ".probabilities",
        ".initialisers",
    }
    folder = course.root / "helpers" / "nn"
    (folder / "layers.py").write_text("class Linear:\n    pass\n")
    (folder / "new.py").write_text("class New:\n    pass\n")
    init = (folder / "__init__.py").read_text()
    (folder / "__init__.py").write_text(
        init.replace("\n__all__ = [", "\nfrom helpers.nn.new import New\n\n__all__ = [\n    'New',")
    )
    assert helper_hashes(course.root, lesson, opened) == before
    assert helper_hashes(course.root, lesson, {*opened, "new"}) != before
    (folder / "probabilities.py").write_text("def softmax(x):\n    return x\n")
    after = helper_hashes(course.root, lesson, opened)
    assert [n for n in after if after[n] != before[n]] == ["helpers.nn.probabilities"]


def test_comments_and_docstrings_of_helpers_do_not_count(course):
    lesson = read_lesson(course.weeks[0].source(course), WEEK)
    before = helper_hashes(course.root, lesson)
    module = course.root / "helpers" / "checks" / "__init__.py"
    text = module.read_text()
    module.write_text('"""Another docstring."""\n# a comment\n' + text.split('"""', 2)[2])
    assert helper_hashes(course.root, lesson) == before
    module.write_text(text + "\nADDED = 1\n")
    after = helper_hashes(course.root, lesson)
    assert [name for name in after if after[name] != before[name]] == ["helpers.checks"]
    assert [s.why for s in check_week(course, course.weeks[0])] == ["helpers.checks changed"]


def test_data_that_is_read_counts(course):
    week = course.weeks[0]
    edit(week.source(course), "import checks, plots", "import checks, datasets, plots")
    edit(week.source(course), "heights = np", "names = datasets.iris().names\nheights = np")
    lesson = read_lesson(week.source(course), week)
    (course.root / "data").mkdir()
    assert data_hashes(course.root, lesson) == {}
    for name in datasets.FILES["iris"]:
        shutil.copy(ROOT / "data" / name, course.root / "data" / name)
    assert sorted(data_hashes(course.root, lesson)) == sorted(datasets.FILES["iris"])
    build_week(course, week)
    assert check_week(course, week) == []
    changed = course.root / "data" / datasets.FILES["iris"][0]
    changed.write_bytes(changed.read_bytes() + b"\n")
    whys = {stale.why for stale in check_week(course, week)}
    assert f"data/{changed.name} changed" in whys


def test_check_names_what_is_stale_and_why(course):
    week = course.weeks[0]
    solution, student = week.solution(course), week.student(course)
    good = solution.read_text()
    student.write_text(student.read_text().replace("Your answer here.", "My answer."))
    [found] = check_week(course, week)
    assert (found.path, found.why) == (student, "it is not what its source gives")
    student.unlink()
    assert [s.why for s in check_week(course, week)] == ["it has not been built"]

    solution.write_text(good.replace("axis=0, keepdims=True", "axis=1, keepdims=True"))
    assert check_week(course, week)[0].why == "it was edited by hand"
    solution.write_text(good.replace("only its level", "just its level"))
    assert check_week(course, week)[0].why == "it was edited by hand"
    solution.write_text(good.replace('"execution_count": 2', '"execution_count": null'))
    assert check_week(course, week)[0].why == "it has not been executed"
    solution.write_text("{")
    assert check_week(course, week)[0].why == "it has not been built"
    solution.write_text(good)
    edit(week.source(course), "default_rng(3)", "default_rng(5)")
    assert check_week(course, week)[0].why == "its code changed"


@pytest.mark.slow
def test_nbgrader_writes_the_same_bytes_and_so_does_another_folder(built, course, tmp_path):
    week = built.weeks[0]
    ours = week.student(built).read_bytes()
    shutil.rmtree(course.root / "notebooks")
    done = subprocess.run(
        [*NBGRADER, "generate_assignment", WEEK],
        cwd=course.root,
        capture_output=True,
        text=True,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
    )
    assert done.returncode == 0, done.stderr
    released = sorted(p.name for p in (course.root / "notebooks" / WEEK).iterdir())
    assert released == ["scores.ipynb"]  # and no source beside it
    assert week.student(course).read_bytes() == ours
    assert (course.private / "gradebook.db").is_file()
    assert course.private.stat().st_mode & 0o777 == 0o700

    other = make_small_course(tmp_path / "another place")
    build_week(other, other.weeks[0])
    assert other.weeks[0].student(other).read_bytes() == ours
    assert other.weeks[0].solution(other).read_bytes() == week.solution(built).read_bytes()
    assert sorted(p.name for p in (other.root / "solutions" / WEEK).iterdir()) == [
        "scores.ipynb",
        "scores.py",
    ]


@pytest.mark.slow
def test_a_failing_cell_names_file_line_and_cell(course):
    week = course.weeks[0]
    path = week.source(course)
    edit(path, "table - means\n    ### END", "table - undefined_means\n    ### END")
    before = week.solution(course).read_bytes()
    with pytest.raises(CourseError) as caught:
        build_week(course, week)
    lines = path.read_text().splitlines()
    inner = next(n for n, t in enumerate(lines, 1) if "undefined_means" in t)
    outer = next(n for n, t in enumerate(lines, 1) if t.startswith("checks.close(centre(np.array"))
    assert caught.value.message == (
        f"{path}, line {outer}, cell 5 (test_centre_values) fails: raised in line {inner}, "
        "cell 4 (centre): NameError: name 'undefined_means' is not defined"
    )
    assert week.solution(course).read_bytes() == before


def test_the_command_reports_all_weeks_and_fails_for_one(course, monkeypatch):
    text = (course.root / "course.toml").read_text()
    entry = text[text.index("[[week]]") :].replace("week02_scores", "week03_gone")
    (course.root / "course.toml").write_text(text + "\n" + entry)
    (course.root / "solutions" / "week03_gone").mkdir()
    monkeypatch.chdir(course.root)
    app = build_app()
    done = CliRunner().invoke(app, ["build", "--json", "--workers", "2"])
    assert done.exit_code == 1
    facts = json.loads(done.stdout)
    assert facts["built"] == [{"week": WEEK, "why": "", "written": []}]
    assert "there is no source" in facts["failures"][0]["what"]
    done = CliRunner().invoke(app, ["build", "2", "--check"])
    assert done.exit_code == 0
    assert "up to date" in done.stderr
    edit(course.weeks[0].source(course), "only its level changes", "only its height changes")
    done = CliRunner().invoke(app, ["build", "2", "--check"])
    assert done.exit_code == 1
    assert f"notebooks/{WEEK}/scores.ipynb is stale: it is not what its source gives" in done.stderr
    done = CliRunner().invoke(app, ["build", "7"])
    assert "there is no week '7'" in done.exception.message


@pytest.mark.slow
def test_two_weeks_are_executed_at_a_time(course, monkeypatch):
    root = course.root
    text = (root / "course.toml").read_text()
    entry = text[text.index("[[week]]") :].replace("week02_scores", "week03_marks")
    (root / "course.toml").write_text(text + "\n" + entry)
    second = root / "solutions" / "week03_marks"
    second.mkdir()
    shutil.copy(course.weeks[0].source(course), second / "marks.py")
    monkeypatch.chdir(root)
    done = CliRunner().invoke(build_app(), ["build", "--json", "--workers", "2", "--force"])
    assert done.exit_code == 0
    facts = sorted(json.loads(done.stdout)["built"], key=lambda fact: fact["week"])
    assert [fact["why"] for fact in facts] == ["forced", "forced"]
    assert facts[0]["written"] == []  # executed again, and the same to the byte
    assert facts[1]["written"] == [
        "solutions/week03_marks/marks.ipynb",
        "notebooks/week03_marks/marks.ipynb",
    ]


def test_an_id_that_stands_twice_is_named(course):
    week = course.weeks[0]
    text = week.source(course).read_text()
    week.source(course).write_text(text.replace('"why_no_sum"', '"when_means_mislead"'))
    with pytest.raises(CourseError, match=r"cell 19 .* has the grade_id of cell 17") as caught:
        check_week(course, week)
    assert "line" in caught.value.message


def test_lab_opens_the_course(tmp_path):
    command = lab_command(tmp_path, 1234, "solutions/week02_scores")
    assert f"--ServerApp.root_dir={tmp_path}" in command
    assert "--ServerApp.port=1234" in command
    assert "--LabApp.default_url=/lab/tree/solutions/week02_scores" in command


@pytest.mark.slow
def test_lab_has_nbgraders_extensions(built):
    assert loaded_extensions(built.root) == set(EXTENSIONS)
