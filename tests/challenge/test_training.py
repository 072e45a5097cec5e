"""The training script: resumed runs, several processes, and what it says of mistakes."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from helpers.challenge import train
from helpers.challenge.answers import read_answers
from helpers.challenge.errors import ChallengeError
from helpers.challenge.export import share_right
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
        (("--batch", "0"), "--batch 0 makes no sense"),
        (("--parts", "0"), "--parts 0 makes no sense"),
        (("--rate", "nan"), "--rate nan makes no sense"),
        (("--warm-up", "1"), "less than 1"),
        (("--smoothing", "2"), "from 0 to 1"),
        (("--mixup", "-1"), "0 or more"),
        (("--average", "2"), "less than 1"),
        (("--clip", "0"), "more than 0"),
        (("--seed", "-1"), "0 or more"),
        (("--test", "0"), "at least one"),
        (("--arch", "predict"), "makes no network"),
        (("--arch", "linear"), "cannot take pictures of 16 × 16"),
    ],
)
def test_mistakes_on_the_command_line(stored, tmp_path, capsys, options, words):
    assert started(stored, tmp_path / "new", *options) == 2
    said = capsys.readouterr().err
    assert words in said
    assert "Traceback" not in said


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_said_to_be_missing(stored, tmp_path, capsys):
    assert started(stored, tmp_path, "--device", "cuda") == 2
    assert "no GPU" in capsys.readouterr().err


def test_a_set_that_is_damaged_or_none_is_said_to_be_so(stored, tmp_path, capsys):
    damaged = tmp_path / "damaged"
    shutil.copytree(stored, damaged)
    shard = damaged / "train/00001.images.npy"
    shard.write_bytes(shard.read_bytes()[:1000])
    assert started(damaged, tmp_path / "run") == 2
    assert "00001.images.npy is damaged" in capsys.readouterr().err
    assert started(shard, tmp_path / "run") == 2
    assert "holds no set of pictures" in capsys.readouterr().err


def test_a_file_in_the_place_of_the_runs_folder_is_left_alone(stored, tmp_path, capsys):
    (tmp_path / "run").write_text("mine")
    assert started(stored, tmp_path / "run") == 2
    assert "cannot be a folder" in capsys.readouterr().err
    assert (tmp_path / "run").read_text() == "mine"


def test_an_interruption_before_the_first_step_leaves_no_traceback(
    stored, tmp_path, capsys, monkeypatch
):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(train, "stored_pictures", interrupted)
    assert started(stored, tmp_path) == train.INTERRUPTED
    assert "interrupted" in capsys.readouterr().err


def test_a_checkpoint_of_another_network_is_refused(stored, tmp_path, capsys):
    assert started(stored, tmp_path, "--stop-after", "1") == train.STOPPED
    assert started(stored, tmp_path, "--resume", "--arch", "plain") == 2
    assert "was begun with arch = residual" in capsys.readouterr().err
    (tmp_path / "recipe.json").unlink()
    assert started(stored, tmp_path, "--resume", "--arch", "plain") == 2
    assert "does not fit this run" in capsys.readouterr().err


def test_a_run_goes_on_by_the_recipe_with_which_it_was_begun(stored, tmp_path, capsys):
    assert started(stored, tmp_path, "--stop-after", "1") == train.STOPPED
    for option, value in (("--pictures", "600"), ("--seed", "7"), ("--rate", "0.1")):
        assert started(stored, tmp_path, "--resume", option, value) == 2
        assert f"({option})" in capsys.readouterr().err
    assert started(stored, tmp_path, "--resume", "--stop-after", "2") == train.STOPPED


def test_a_forgotten_resume_does_not_cost_the_run(stored, tmp_path, capsys):
    assert started(stored, tmp_path, "--stop-after", "2") == train.STOPPED
    before = (tmp_path / "checkpoint.pt").read_bytes()
    assert started(stored, tmp_path) == 2
    assert "came to step 2 of 6" in capsys.readouterr().err
    assert (tmp_path / "checkpoint.pt").read_bytes() == before
    assert len(losses(tmp_path)) == 2
    (tmp_path / "recipe.json").write_text("[]")  # spoilt by hand: no reason to stop anybody
    assert started(stored, tmp_path, "--stop-after", "1") == train.STOPPED


@pytest.mark.parametrize("content", [b"", b"PK not a checkpoint"])
def test_a_damaged_checkpoint_is_said_to_be_damaged(stored, tmp_path, capsys, content):
    (tmp_path / "checkpoint.pt").write_bytes(content)
    assert started(stored, tmp_path, "--resume") == 2
    assert "checkpoint.pt is damaged" in capsys.readouterr().err


def test_a_finished_run_that_is_resumed_measures_the_same_again(answers, pictures, tmp_path):
    recipe = Recipe(pictures=40, batch=10)
    run = Run(answers, recipe, pictures, tmp_path)
    assert run.train()
    again = Run(answers, recipe, pictures, tmp_path, resume=True)
    assert again.train()
    assert again.last == run.last != {}


@pytest.mark.slow
def test_the_accuracy_of_the_file_is_said_apart_from_that_of_predict(
    answers, pictures, tmp_path, monkeypatch, capsys
):
    recipe = Recipe(arch="plain", pictures=20, batch=10)
    run = Run(answers, recipe, pictures, tmp_path)
    assert run.train()
    run.last = {"accuracy": 0.25, "accuracy_average": 1.0}  # by a `predict` of wonders
    said = train._summary(run, train.read_options(["--out", str(tmp_path)]))
    with torch.no_grad():
        best = run.average.model(pictures.test_images).argmax(1)
    alone = (best == pictures.test_labels).double().mean().item()
    assert "with your `predict` 100.0%" in said
    assert f"the network without `predict`: {alone:.1%}" in said


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


def test_lines_of_python_that_begin_with_a_percent_sign_are_python(tmp_path):
    cells = [
        "def odd(n):\n    return (n\n        % 2)",
        "%matplotlib inline\ndef even(n): return 7",
    ]
    own = read_answers(changed_notebook(tmp_path, cells))
    assert (own.odd(5), own.even(5)) == (1, 7)


def test_a_name_that_is_not_taken_over_is_explained(stored, tmp_path, capsys):
    cells = ["MEAN = torch.ones(1)", "def own(n, mean=MEAN):\n    return nn.Linear(1, n)"]
    with pytest.raises(ChallengeError) as caught:
        read_answers(changed_notebook(tmp_path, cells))
    assert "MEAN" in caught.value.message
    assert "plain constants are taken" in caught.value.cure
    cells[1] = "def own(n):\n    return nn.Sequential(nn.Flatten(), nn.Linear(len(MEAN), n))"
    notebook = changed_notebook(tmp_path, cells)
    assert started(stored, tmp_path / "run", "--arch", "own", notebook=notebook) == 2
    assert "plain constants are taken" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("nn.Sequential(nn.Conv2d(3, n, 16), nn.Flatten())", "begins with"),
        ("nn.Sequential(models.Scaled(), nn.Conv2d(3, 7, 16), nn.Flatten())", r"\(2, 7\), not"),
        ("nn.Sequential(models.Scaled(), nn.Conv2d(3, n, 15))", r"gives \(2, 4, 2, 2\)"),
    ],
)
def test_a_network_that_does_not_fit_is_told_before_it_is_trained(pictures, tmp_path, body, words):
    cells = ["from helpers.challenge import models", f"def own(n):\n    return {body}"]
    own = read_answers(changed_notebook(tmp_path, cells))
    with pytest.raises(ChallengeError) as caught:
        Run(own, Recipe(arch="own"), pictures, tmp_path / "run")
    assert re.search(words, f"{caught.value.message} {caught.value.cure}")


class Grey:
    """Eight grey pictures of 16 × 16 in two classes."""

    shape = (1, 16, 16)

    def __len__(self):
        return 8

    def describe(self):
        return {"source": "grey"}

    def pictures(self, first, last):
        numbers = np.arange(first, last)
        return np.full(
            (len(numbers), *self.shape), numbers[:, None, None, None], np.uint8
        ), numbers % 2


def test_grey_pictures_go_through_networks_for_colours(answers, tmp_path):
    make_shards({"train": Grey(), "test": Grey()}, tmp_path / "grey")
    pictures = stored_pictures(tmp_path / "grey", test=4)
    assert pictures.test_images.shape == (4, 3, 16, 16)
    assert pictures.test_images[:, :, 0, 0].tolist() == [[n] * 3 for n in range(4)]
    assert Run(answers, Recipe(pictures=8, batch=4), pictures, tmp_path / "run").train()


VIEWS = """
class Views(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.network = plain_cnn(classes)

    def forward(self, x):
        if self.training:
            return self.network(x)
        return sum(self.network(v).softmax(1) for v in (x, x.flip(3), x.flip(2))).log()
"""


@pytest.mark.slow
def test_views_within_a_network_of_the_notebook_go_into_the_file(pictures, tmp_path):
    own = read_answers(changed_notebook(tmp_path, [VIEWS]))
    run = Run(own, Recipe(arch="Views", pictures=20, batch=10), pictures, tmp_path)
    assert run.train()
    train._summary(run, train.read_options(["--out", str(tmp_path)]))
    images = pictures.test_images
    mirrored, labels = images.flip(3), pictures.test_labels
    path = tmp_path / "model.onnx"
    assert share_right(path, images, labels) == share_right(path, mirrored, labels)


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
