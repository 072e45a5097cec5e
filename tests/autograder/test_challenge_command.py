"""`course challenge data`: what is needed is said first, and what was stopped goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
COURSE = [sys.executable, "-c", "from autograder.cli import main; main()", "challenge", "data"]
TINY = ["--classes", "3", "--per-class", "40", "--size", "16", "--workers", "1"]


def course(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [*COURSE, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == code, run.stderr
    return run


def facts(*arguments: str) -> dict[str, Any]:
    return json.loads(course(*arguments, "--json").stdout)


def test_a_small_set(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    asked = course("small", *TINY, "--folder", str(folder), "--dry-run")
    assert "420 pictures of 16 × 16 in 2 shards" in asked.stderr
    assert "is free" in asked.stderr
    assert not folder.exists()
    made = course("small", *TINY, "--folder", str(folder))
    said = made.stderr.splitlines()
    assert said[0].startswith("small: 420 pictures")
    assert said[-1] == f"{folder} is complete: 2 shards made, 0 were there."
    again = facts("small", *TINY, "--folder", str(folder))
    assert (again["made"], again["missing"], again["damaged"]) == (0, 0, [])
    assert np.load(folder / "train" / "00000.images.npy", mmap_mode="r").shape == (120, 3, 16, 16)


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("how", ["SIGKILL", "SIGINT"])
def test_killed_in_the_middle_the_next_run_goes_on(tmp_path: Path, how: str) -> None:
    folder = tmp_path / "set"
    command = [*COURSE, "small", "--folder", str(folder), "--workers", "1"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        while not _listed(folder):
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(getattr(signal, how))
        said = process.communicate(timeout=60)[1]
    if how == "SIGINT":
        assert process.returncode == 130
        assert "what was finished is kept" in said
        assert "Traceback" not in said
    finished = {name: (folder / name).stat().st_mtime_ns for name in _listed(folder)}
    result = facts("small", "--folder", str(folder), "--workers", "1")
    assert result["shards"] == 4
    assert result["made"] == 4 - len(finished) // 2
    assert 1 <= result["made"] <= 3
    assert all((folder / name).stat().st_mtime_ns == when for name, when in finished.items())
    assert len(_listed(folder)) == 8
    assert not list(folder.rglob("*.part"))
    assert facts("small", "--folder", str(folder))["damaged"] == []


def _listed(folder: Path) -> list[str]:
    path = folder / "index.json"
    return list(json.loads(path.read_text())["sha256"]) if path.is_file() else []


def test_a_folder_of_pictures(tmp_path: Path) -> None:
    for part in ("train", "test"):
        for label, name in enumerate(("ash", "oak")):
            place = tmp_path / "pictures" / part / name
            place.mkdir(parents=True)
            Image.new("RGB", (30, 20), (100 * label, 0, 0)).save(place / "one.png")
    options = ["folder", "--from", str(tmp_path / "pictures"), "--size", "16"]
    assert facts(*options, "--folder", str(tmp_path / "set"))["pictures"] == 4


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["smal"], "no set is called 'smal'"),
        (["small", "--from", "there"], "small is drawn, not read"),
        (["cifar10", "--classes", "5"], "cifar10 has the classes that it has"),
        (["cifar10", "--from", "nowhere"], "no CIFAR-10 there"),
        (["small", "--size", "4"], "--size"),
    ],
)
def test_mistakes_are_sentences(arguments: list[str], said: str, tmp_path: Path) -> None:
    run = course(*arguments, "--folder", str(tmp_path / "set"), code=2)
    assert said in run.stderr
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "set").exists()
