"""`course challenge demo`: the whole road, with a training run that is cut short."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder.challenge.demo import MARK, TRAPS
from autograder.cli import build_app
from autograder.errors import CourseError

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_demo_goes_from_pictures_to_the_board(tmp_path):
    target = tmp_path / "demo"
    line = ["challenge", "demo", "--target", str(target), "--pictures", "1000", "--json"]
    run = subprocess.run(
        [sys.executable, "-c", "from autograder.cli import main; main()", *line],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    facts = json.loads(run.stdout)
    # a thousand pictures are too few to learn from; all else is as it should be
    assert all("learnt nothing" in difference for difference in facts["differences"]), run.stderr
    assert run.returncode == (1 if facts["differences"] else 0)
    scores = {score["student"]: score for score in facts["scores"]}
    assert set(scores) == {"residual", "linear", "guesser", "bomb", "outside"}
    assert {name for name, score in scores.items() if score["problem"]} == set(TRAPS)
    assert "2048 MiB" in scores["bomb"]["problem"]
    assert "another file" in scores["outside"]["problem"]
    assert scores["guesser"]["private"] is None
    assert scores["residual"]["private"]["pictures"] == 500
    page = Path(facts["board"]).read_text()
    assert page.count("<tr><td") == 5
    assert not any(f">{name}<" in page for name in scores)


def test_a_folder_of_somebody_elses_is_left_alone(tmp_path, monkeypatch):
    (tmp_path / "thesis.tex").write_text("years of work")
    monkeypatch.chdir(ROOT)
    run = CliRunner().invoke(build_app(), ["challenge", "demo", "--target", str(tmp_path)])
    assert isinstance(run.exception, CourseError)
    assert "not made by" in run.exception.message
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
    assert not (tmp_path / MARK).exists()


def test_there_is_no_other_sandbox(monkeypatch):
    monkeypatch.chdir(ROOT)
    for command in ("demo", "score"):
        run = CliRunner().invoke(build_app(), ["challenge", command, "--sandbox", "sand"])
        assert isinstance(run.exception, CourseError)
