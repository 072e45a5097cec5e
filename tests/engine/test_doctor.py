"""What `course doctor` says of a machine that lacks something."""

import json
import sys
from collections import namedtuple
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder import doctor, wall
from autograder.cli import build_app
from autograder.engines.judge import confine
from autograder.errors import CourseError

ROOT = Path(__file__).parents[2]
SYLLABUS = """
title = "Small"
[[week]]
folder = "week01_small"
title = "A small week"
points = 8
"""


@pytest.fixture
def course(tmp_path, monkeypatch):
    (tmp_path / "course.toml").write_text(SYLLABUS)
    (tmp_path / "solutions" / "week01_small").mkdir(parents=True)
    (tmp_path / "solutions" / "week01_small" / "small.py").touch()
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = ["numpy>=1", "pydantic>=2"]\n'
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(wall, "require", lambda sandbox: None)
    return tmp_path


def found(name):
    (finding,) = [finding for finding in doctor.examine() if finding.name == name]
    return finding


def every_finding_has_its_cure():
    for finding in doctor.examine():
        assert finding.level == "fine" or finding.cure, finding
        assert "\n" not in finding.says + finding.cure


def test_here_all_is_said_once():
    findings = doctor.examine()
    names = [finding.name for finding in findings]
    assert len(names) == len(set(names))
    assert {"Python", "course", "disk", "browser", "GPU", "memory"} <= set(names)
    assert all(finding.level == "fine" or finding.cure for finding in findings)


def test_without_a_course(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert found("course").level == "missing"
    assert "Change into the course's folder" in found("course").cure


def test_another_python(course, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 13, 0, "final", 0))
    assert found("Python").level == "missing"
    assert "3.11" in found("Python").cure


def test_packages_that_are_absent_or_of_another_version(course):
    assert found("packages").level == "fine"
    wanted = ["numpy==0.1", "nowhere-to-be-found==1.0"]
    (course / "pyproject.toml").write_text(f"[project]\ndependencies = {json.dumps(wanted)}\n")
    assert found("packages").level == "missing"
    assert "nowhere-to-be-found" in found("packages").says
    assert found("versions").level == "note"
    assert "numpy" in found("versions").says
    assert "==0.1" in found("versions").says
    assert "make venv" in found("packages").cure


def test_a_full_disk(course, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda place: usage(10, 10, 2**20))
    assert found("disk").level == "missing"
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda place: usage(10, 10, 2**30))
    assert found("disk").level == "note"


def test_student_data_that_others_can_read(course):
    assert found("student data").level == "fine"
    (course / "private").mkdir(mode=0o755)
    assert found("student data").level == "note"
    assert found("student data").cure == f"chmod 700 {course / 'private'}"
    (course / "private").chmod(0o700)
    assert found("student data").level == "fine"


WALLS = [
    ({"namespaces": None, "landlock": None}, "fine", "fine"),
    ({"namespaces": "no", "landlock": None}, "note", "fine"),
    ({"namespaces": None, "landlock": "no"}, "fine", "note"),
    ({"namespaces": "no", "landlock": "no"}, "missing", "note"),
]


@pytest.mark.parametrize(("walls", "first", "second"), WALLS)
def test_walls(course, monkeypatch, walls, first, second):
    monkeypatch.setattr(confine, "available_walls", lambda: walls)
    assert found("wall: namespaces").level == first
    assert found("wall: Landlock").level == second
    every_finding_has_its_cure()


def test_no_bubblewrap(course, monkeypatch):
    def refuse(sandbox):
        raise CourseError("It is not installed.", "Install it.")

    monkeypatch.setattr(wall, "require", refuse)
    assert found("wall: bubblewrap").level == "missing"
    assert found("wall: bubblewrap").cure == "Install it."


def test_another_system(course, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert found("wall").level == "missing"
    assert "container" in found("wall").cure


@pytest.mark.parametrize("number", range(3))
def test_the_cure_names_the_switch(tmp_path, monkeypatch, number):
    value, cure = list(doctor.SWITCHES.values())[number]
    (tmp_path / "switch").write_text(value + "\n")
    monkeypatch.setattr(doctor, "SWITCHES", {str(tmp_path / "switch"): (value, cure)})
    assert doctor.cure_for_namespaces() == cure
    (tmp_path / "switch").write_text("other")
    (tmp_path / "mark").touch()
    monkeypatch.setattr(doctor, "CONTAINER_MARKS", (str(tmp_path / "mark"),))
    assert "container" in doctor.cure_for_namespaces()
    monkeypatch.setattr(doctor, "CONTAINER_MARKS", ())
    assert "policy" in doctor.cure_for_namespaces()


def test_browser(course, monkeypatch):
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    assert found("browser").level == "note"
    monkeypatch.setattr(doctor.shutil, "which", lambda name: "/usr/bin/chromium")
    assert found("browser").says == "/usr/bin/chromium"


def test_a_gpu_that_torch_cannot_use(course, monkeypatch):
    monkeypatch.setattr(doctor.os, "listdir", lambda place: ["nvidia0", "null"])
    monkeypatch.setattr(doctor, "_ASK_TORCH", 'print(\'[true, "Big", "9.9"]\')')
    assert found("GPU").says == "Big, torch 9.9"
    monkeypatch.setattr(doctor, "_ASK_TORCH", "raise ImportError")
    assert found("GPU").level == "note"
    monkeypatch.setattr(doctor.os, "listdir", lambda place: ["null", "nvidiactl"])
    assert found("GPU").level == "fine"


def test_a_check_that_fails_is_a_finding(course, monkeypatch):
    def fail(path):
        raise OSError("broken")

    monkeypatch.setattr(doctor.shutil, "disk_usage", fail)
    assert found("doctor: course").says == "OSError: broken"
    assert found("doctor: course").level == "note"


def test_the_command(course, monkeypatch):
    monkeypatch.setattr(confine, "available_walls", lambda: dict(WALLS[1][0]))
    ended = CliRunner().invoke(build_app(), ["doctor", "--json"])
    findings = json.loads(ended.output)
    assert {"name", "level", "says", "cure"} == set(findings[0])
    missing = [finding["name"] for finding in findings if finding["level"] == "missing"]
    assert ended.exit_code == bool(missing)
    ended = CliRunner().invoke(build_app(), ["doctor"])
    assert "wall: namespaces" in ended.output
    assert "→" in ended.output


def test_the_command_fails_where_something_is_missing(course, monkeypatch):
    monkeypatch.setattr(confine, "available_walls", lambda: dict(WALLS[3][0]))
    ended = CliRunner().invoke(build_app(), ["doctor"])
    assert ended.exit_code == 1
    assert "missing" in ended.output
