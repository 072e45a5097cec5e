"""The training script: resumed runs, several processes, and what it says of mistakes."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from helpers.challenge import train
from helpers.challenge.answers import read_answers
from helpers.challenge.errors import ChallengeError
from helpers.challenge.feeding import Pictures, flora_pictures, stored_pictures
from helpers.challenge.models import ARCHITECTURES, make_model
from helpers.challenge.run_log import read_log
from helpers.challenge.shard_making import make_shards
from helpers.challenge.tiers import FloraSource
from helpers.challenge.training import Recipe, Run

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "solutions/challenge/challenge.ipynb"
RELEASED = ROOT / "notebooks/challenge/challenge.ipynb"
CLASSES = 4


@pytest.fixture(scope="module")
def answers():
    return read_answers(NOTEBOOK)


@pytest.fixture(scope="module")
def stored(tmp_path_factory) -> Path:
    """A set of 64 training pictures of 16 × 16 in three shards, and 32 test pictures."""
    folder = tmp_path_factory.mktemp("flora")
    sources = {"train": FloraSource(CLASSES, 16, 1, 16), "test": FloraSource(CLASSES, 8, 2, 16)}
    make_shards(sources, folder, shard_bytes=3 * 16 * 16 * 32)
    return folder


@pytest.fixture(scope="module")
def pictures(stored) -> Pictures:
    return stored_pictures(stored)


def losses(folder: Path) -> list[str]:
    return [row["loss"] for row in read_log(folder / "log.csv")]


def test_a_resumed_run_is_bitwise_the_run_that_never_stopped(answers, pictures, tmp_path):
    recipe = Recipe(pictures=200, batch=10, mixup=0.2, parts=2, seed=3)
    whole = Run(answers, recipe, pictures, tmp_path / "whole")
    assert whole.train()
    stopped = Run(answers, recipe, pictures, tmp_path / "parts")
    assert not stopped.train(stop_at=9)
    torch.rand(17)
    resumed = Run(answers, recipe, pictures, tmp_path / "parts", resume=True)
    assert resumed.step == 9
    assert resumed.train()
    found, expected = (
        torch.load(tmp_path / name / "model.pt", weights_only=True)["model"]
        for name in ("parts", "whole")
    )
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    assert losses(tmp_path / "parts") == losses(tmp_path / "whole")
    assert len(losses(tmp_path / "whole")) == recipe.steps == 20


def test_a_run_killed_between_checkpoints_leaves_no_row_twice(answers, pictures, tmp_path):
    recipe = Recipe(pictures=200, batch=10)
    run = Run(answers, recipe, pictures, tmp_path)
    run.train(stop_at=6)
    checkpoint = (tmp_path / "checkpoint.pt").read_bytes()
    Run(answers, recipe, pictures, tmp_path, resume=True).train(stop_at=9)
    (tmp_path / "checkpoint.pt").write_bytes(checkpoint)
    assert Run(answers, recipe, pictures, tmp_path, resume=True).train()
    assert [row["step"] for row in read_log(tmp_path / "log.csv")] == [str(n) for n in range(1, 21)]


def trained_by(processes: int, stored: Path, out: Path) -> list[float]:
    options = ["--notebook", str(NOTEBOOK), "--data", str(stored), "--out", str(out)]
    options += ["--arch", "residual-groups", "--double", "--no-augment", "--device", "cpu"]
    options += ["--pictures", "160", "--batch", "16", "--quiet", "--no-mixed"]
    torchrun = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    start = torchrun if processes > 1 else []
    done = subprocess.run(
        [sys.executable, *start, "-m", "helpers.challenge.train", *options],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        cwd=out.parent,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [float(loss) for loss in losses(out)]


@pytest.mark.slow
def test_two_processes_are_one_with_the_same_batch(stored, tmp_path):
    one = trained_by(1, stored, tmp_path / "one")
    two = trained_by(2, stored, tmp_path / "two")
    assert len(one) == 10
    assert one[-1] != one[0]
    assert two == pytest.approx(one, rel=1e-9)
    states = [
        torch.load(tmp_path / name / "model.pt", weights_only=True)["model"]
        for name in ("one", "two")
    ]
    for name, value in states[0].items():
        torch.testing.assert_close(states[1][name], value, rtol=1e-6, atol=1e-9)
    assert (tmp_path / "two/checkpoint-1.pt").is_file()


def started(stored: Path, out: Path, *options: str, notebook: Path = NOTEBOOK) -> int:
    return train.main(
        [
            *("--notebook", str(notebook), "--data", str(stored), "--out", str(out)),
            *("--device", "cpu", "--quiet", "--pictures", "60", "--batch", "10", *options),
        ]
    )


@pytest.mark.slow
def test_stopped_resumed_and_exported_from_the_shell(stored, tmp_path, capsys):
    assert started(stored, tmp_path, "--stop-after", "2") == train.STOPPED
    assert "--resume" in capsys.readouterr().out
    assert started(stored, tmp_path, "--resume") == 0
    assert "model.onnx" in capsys.readouterr().out
    assert (tmp_path / "model.onnx").stat().st_size > 10_000
    assert list(tmp_path.glob("events.out.tfevents.*"))
    assert json.loads((tmp_path / "recipe.json").read_text())["pictures"] == 60
    rows = read_log(tmp_path / "log.csv")
    assert [row["step"] for row in rows] == ["1", "2", "3", "4", "5", "6"]
    assert 0 <= float(rows[-1]["accuracy_average"]) <= 1


def test_a_signal_stops_the_run_after_the_present_step(answers, pictures, tmp_path):
    run = Run(answers, Recipe(pictures=100, batch=10), pictures, tmp_path)

    def show(row):
        if row["step"] == 3:
            signal.raise_signal(signal.SIGTERM)

    with train._listening(run):
        assert not run.train(progress=show)
    assert run.step == 3
    assert (tmp_path / "checkpoint.pt").is_file()


def test_a_loss_that_is_no_number_ends_the_run_with_a_sentence(stored, tmp_path, capsys):
    assert started(stored, tmp_path, "--rate", "1e30", "--warm-up", "0") == 2
    said = capsys.readouterr().err
    assert "the loss is" in said
    assert "Lower --rate" in said
    assert "Traceback" not in said


def test_what_is_not_written_yet_is_named(stored, tmp_path, capsys):
    assert started(stored, tmp_path, notebook=RELEASED) == 2
    said = capsys.readouterr().err
    assert "is not written yet" in said
    assert "save the notebook" in said


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--arch", "transformer"), "no network is called transformer"),
        (("--pictures", "5"), "less than one batch"),
        (("--resume",), "nothing to resume"),
    ],
)
def test_mistakes_on_the_command_line(stored, tmp_path, capsys, options, words):
    assert started(stored, tmp_path / "new", *options) == 2
    assert words in capsys.readouterr().err


def test_a_checkpoint_of_another_network_is_refused(stored, tmp_path, capsys):
    assert started(stored, tmp_path, "--stop-after", "1") == train.STOPPED
    assert started(stored, tmp_path, "--resume", "--arch", "plain") == 2
    assert "does not fit this run" in capsys.readouterr().err


def changed_notebook(tmp_path: Path, cells: list[str]) -> Path:
    content = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    extra = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
    content["cells"] += [extra | {"id": f"own{n}", "source": text} for n, text in enumerate(cells)]
    path = tmp_path / "challenge.ipynb"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_a_network_of_the_notebook_is_trained_and_experiments_are_not_run(pictures, tmp_path):
    cells = [
        "def tiny(n):\n    return nn.Sequential(nn.Flatten(), Wide(), nn.Linear(768, n))",
        "class Wide(nn.Module):\n    def forward(self, x):\n        return x / 255",
        "raise SystemExit('an experiment')",
    ]
    own = read_answers(changed_notebook(tmp_path, cells))
    run = Run(own, Recipe(arch="tiny", pictures=20, batch=10), pictures, tmp_path / "run")
    assert run.train()
    assert [name for name, _ in run.network.named_parameters()] == ["2.weight", "2.bias"]


def test_a_cell_that_cannot_be_run_is_named(tmp_path):
    with pytest.raises(ChallengeError, match=r"cell .* stops with SyntaxError"):
        read_answers(changed_notebook(tmp_path, ["def half("]))
    with pytest.raises(ChallengeError, match=r"other\.ipynb"):
        read_answers(tmp_path / "other.ipynb")


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_networks_take_bytes_and_give_scores(name):
    model = make_model(name, 7)
    images = torch.randint(256, (3, 3, 64, 64), dtype=torch.uint8)
    scores = model(images)
    assert scores.shape == (3, 7)
    assert scores.dtype == torch.float32
    torch.testing.assert_close(model.eval()(images), model.eval()(images.float()))


def test_only_the_network_with_groups_has_no_statistics():
    assert [*make_model("residual-groups", 3).buffers()] == []
    assert [*make_model("residual", 3).buffers()] != []


def test_a_tier_is_drawn_once_and_anew_where_that_is_asked():
    plain = flora_pictures("small", test=40)
    assert (plain.classes, plain.size, len(plain.test_labels)) == (20, 64, 40)
    with pytest.raises(ChallengeError, match="too many"):
        flora_pictures("large")
    with pytest.raises(ChallengeError, match="no tier"):
        flora_pictures("huge")


def test_fresh_pictures_differ_from_epoch_to_epoch(monkeypatch):
    monkeypatch.setattr(FloraSource, "__len__", lambda self: 64)
    fresh = flora_pictures("small", fresh=True, test=20)
    first, second, again = (fresh.train(epoch)[0][0].copy() for epoch in (0, 1, 0))
    assert (first == again).all()
    assert (first != second).any()
