"""Benchmarks of `make bench` run, small, and write their facts, whose values are not held.

Those of the challenge have tests of their own, in tests/challenge.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SMALL = {
    "autograde": (
        ["--submissions", "1"],
        {"ratio_without_demos", "ratio_all_cells", "overhead_ms", "private_mb", "scores_equal"},
    ),
    "convolution": (
        ["--repeats", "1"],
        {"forward_median", "forward_worst", "backward_median", "backward_worst"},
    ),
    "engine": (["--repeats", "1"], {"by hand", "engine", "torch"}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_it_runs_and_writes_its_facts(name, tmp_path):
    options, wanted = SMALL[name]
    file = tmp_path / "facts.json"
    command = [sys.executable, f"benchmarks/{name}.py", *options, "--json", str(file)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    facts = json.loads(file.read_text(encoding="utf-8"))
    assert wanted <= set(facts)
    assert facts.get("scores_equal", True) is True
