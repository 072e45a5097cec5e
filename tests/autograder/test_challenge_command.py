"""`course challenge data`: what is needed is said first, and what was stopped goes on."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from autograder import cli
from helpers.challenge import shard_making

ROOT = Path(__file__).resolve().parents[2]
COURSE = [sys.executable, "-c", "from autograder.cli import main; main()", "challenge", "data"]
MANY_SHARDS = ["--classes", "3", "--per-class", "1000", "--size", "16", "--workers", "1"]
MANY_SHARDS += ["--shard-mb", "0.025"]
TINY = ["--classes", "3", "--per-class", "40", "--size", "16", "--workers", "1"]


@pytest.fixture
def course(monkeypatch: Any, capsys: Any) -> Callable[..., tuple[str, str]]:
    """Run `course challenge data …` in this process; give what it said on stdout and stderr."""

    def run(*arguments: str, code: int = 0) -> tuple[str, str]:
        monkeypatch.setattr(sys, "argv", ["course", "challenge", "data", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        said = capsys.readouterr()
        assert (end.value.code or 0) == code, said.err
        return said

    return run


def test_a_small_set(course: Any, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    _, asked = course("small", *TINY, "--folder", str(folder), "--dry-run")
    assert "420 pictures of 16 × 16 in 2 shards" in asked
    assert "is free" in asked
    assert not folder.exists()
    said = course("small", *TINY, "--folder", str(folder))[1].splitlines()
    assert said[0].startswith("small: 420 pictures")
    assert said[-1] == f"{folder} is complete: 2 shards made, 0 were there."
    again = json.loads(course("small", *TINY, "--folder", str(folder), "--json")[0])
    assert (again["made"], again["missing"], again["damaged"]) == (0, 0, [])
    assert np.load(folder / "train" / "00000.images.npy", mmap_mode="r").shape == (120, 3, 16, 16)


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("how", ["SIGKILL", "SIGINT"])
def test_killed_in_the_middle_the_next_run_goes_on(course: Any, tmp_path: Path, how: str) -> None:
    folder = tmp_path / "set"
    options = ["small", *MANY_SHARDS, "--folder", str(folder)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [*COURSE, *options], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        while len(_listed(folder)) < 8:
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(getattr(signal, how))
        said = process.communicate(timeout=60)[1]
    if how == "SIGINT":
        assert process.returncode == 130
        assert "what was finished is kept" in said
        assert "Traceback" not in said
    finished = {name: (folder / name).stat().st_mtime_ns for name in _listed(folder)}
    result = json.loads(course(*options, "--json")[0])
    assert result["shards"] == 104
    assert result["made"] == 104 - len(finished) // 2
    assert 1 <= result["made"] <= 100
    assert all((folder / name).stat().st_mtime_ns == when for name, when in finished.items())
    assert len(_listed(folder)) == 208
    assert not list(folder.rglob("*.part"))
    assert json.loads(course(*options, "--json")[0])["damaged"] == []


def _listed(folder: Path) -> list[str]:
    path = folder / "index.json"
    return list(json.loads(path.read_text())["sha256"]) if path.is_file() else []


def test_two_do_not_work_in_one_folder(course: Any, tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        _, said = course("small", *TINY, "--folder", str(tmp_path), code=2)
    finally:
        os.close(descriptor)
    assert "another `course challenge data` is at work there" in said
    assert not list(tmp_path.iterdir())


def test_too_small_a_disk_leaves_nothing(course: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(shard_making, "_free", lambda folder: 5_000_000)
    _, said = course("small", *TINY, "--folder", str(tmp_path / "set"), code=2)
    assert "1 MB to make, 5 MB is free" in said
    assert "needs 1 MB more, 5 MB is free" in said
    assert "of room there" in said
    assert not (tmp_path / "set").exists()


def test_a_folder_of_pictures(course: Any, tmp_path: Path) -> None:
    for part in ("train", "test"):
        for label, name in enumerate(("ash", "oak")):
            place = tmp_path / "pictures" / part / name
            place.mkdir(parents=True)
            Image.new("RGB", (30, 20), (100 * label, 0, 0)).save(place / "one.png")
    options = ["folder", "--from", str(tmp_path / "pictures"), "--size", "16"]
    said, _ = course(*options, "--folder", str(tmp_path / "set"), "--json")
    assert json.loads(said)["pictures"] == 4


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
def test_mistakes_are_sentences(
    course: Any, arguments: list[str], said: str, tmp_path: Path
) -> None:
    _, error = course(*arguments, "--folder", str(tmp_path / "set"), code=2)
    assert said in error
    assert "Traceback" not in error
    assert not (tmp_path / "set").exists()
