"""Week 5's race runs with and without torch, and its recorded figures come from the benchmark."""

import importlib.util
import sys
from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.lesson import read_lesson

ROOT = Path(__file__).resolve().parent.parent
COURSE = load_course(ROOT)
TINY = [4, 5, 6, 7]


@pytest.fixture(scope="module")
def lesson():
    week = COURSE.week("week05")
    return read_lesson(week.source(COURSE), week)


def raced(lesson):
    """The names after the race of section 9, on tiny pictures, and its figure drawn."""
    names = {}
    for cell in lesson.cells:
        if cell.role in ("given", "answer"):
            exec(compile(cell.source, cell.label, "exec"), names)
        elif cell.role == "demo" and "RECORDED" in names and "tracemalloc" in cell.source:
            return names
        elif cell.role == "demo" and "RECORDED" in names:
            names["SIZES"] = TINY
            exec(compile(cell.source, cell.label, "exec"), names)
    raise AssertionError("the race is not there")


def test_without_torch_the_race_shows_its_recorded_times(lesson, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "torch", None)
    names = raced(lesson)
    assert set(names["measured"]) == {"conv2d_naive", "conv2d", "conv2d_taps"}
    assert "PyTorch" in names["RECORDED"]
    assert "PyTorch is not here" in capsys.readouterr().out


def test_with_torch_it_races_too(lesson, capsys):
    names = raced(lesson)
    assert list(names["measured"]) == list(names["RECORDED"])
    assert all(len(row) == len(TINY) for row in names["measured"].values())
    assert "PyTorch raced" in capsys.readouterr().out


def test_the_recorded_sizes_are_those_of_the_benchmark(lesson, monkeypatch):
    path = ROOT / "benchmarks" / "week05_convolution.py"
    monkeypatch.syspath_prepend(path.parent)  # as when it is run
    spec = importlib.util.spec_from_file_location("week05_benchmark", path)
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    names = {}
    (given,) = (cell for cell in lesson.cells if "RECORDED = {" in cell.source)
    exec(compile(given.source, given.label, "exec"), names)
    assert names["SIZES"] == list(benchmark.SIZES)
    assert set(benchmark.NAMES) | {"PyTorch"} == set(names["RECORDED"])
    assert set(benchmark.answers()) == set(benchmark.NAMES)
