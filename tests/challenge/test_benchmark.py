"""What `benchmarks/challenge.py` counts and measures: in small, on the CPU, and on a GPU if any."""

import importlib.util
import json
import math
import sys
import time
from collections import Counter
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from helpers.challenge.answers import read_answers
from helpers.challenge.errors import ChallengeError
from helpers.challenge.flora import Difficulty, make_set
from helpers.challenge.models import Scaled
from helpers.challenge.tiers import Tier

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.challenge import feeds, large, nets, peer, rates, timing  # noqa: E402

CPU = torch.device("cpu")
NEEDS_GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
DEVICES = [CPU, pytest.param(torch.device("cuda"), marks=NEEDS_GPU)]
UNCHANGED = SimpleNamespace(augment_batch=lambda images, shift: images)


@pytest.fixture(scope="module")
def answers():
    return read_answers(ROOT / "solutions/challenge/challenge.ipynb")


@pytest.fixture(scope="module")
def script():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks")  # as it is when the script is started
        return loaded()


def loaded():
    spec = importlib.util.spec_from_file_location("bench", ROOT / "benchmarks/challenge.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module", params=DEVICES, ids=str)
def stock(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stock") / "shards"
    return feeds.make_stock(folder, 96, 5, 16, request.param)


# -- what is counted


def test_flop_are_those_counted_by_hand():
    net = nn.Sequential(
        Scaled(),
        nn.Conv2d(3, 4, 5, 2, 2, bias=False),  # 8 × 8 → 4 × 4
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Conv2d(4, 6, 3, 1, 1),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(6, 7),
    )
    first, second, last = 2 * 16 * 4 * 3 * 25, 2 * 16 * 6 * 4 * 9, 2 * 6 * 7
    by_hand = 2 * first + 3 * second + 3 * last  # nobody needs the gradient of the pictures
    assert nets.flop_per_picture(net, 8) == by_hand
    assert next(net.parameters()).device == CPU


def blocks_of_two(width: int, side: int, before: int) -> int:
    """Count a stage of ResNet-18, forward: four convolutions of 3 × 3, and one of 1 × 1."""
    around = before * width if before != width else 0
    return 2 * side**2 * (9 * before * width + 3 * 9 * width**2 + around)


def test_flop_of_resnet18_are_those_counted_by_hand():
    stem, end = 2 * 32**2 * 64 * 3 * 25, 2 * 512 * 10
    stages = [(64, 32, 64), (128, 16, 64), (256, 8, 128), (512, 4, 256)]
    inner = sum(blocks_of_two(*stage) for stage in stages)
    assert nets.flop_per_picture(nets.resnet18(10), 64) == 2 * stem + 3 * (inner + end)


@pytest.mark.parametrize(
    ("make", "size", "million_weights"),
    [(nets.resnet18, 64, 11.2), (nets.resnet50, 128, 23.7), (nets.small, 32, 0.08)],
)
def test_layers_and_the_counter_agree(make, size, million_weights):
    net = make(100)
    if make is not nets.small:
        count = sum(p.numel() for p in net.parameters()) / 1e6
        assert count == pytest.approx(million_weights, rel=0.01)
    parts = nets.layers(net, size, 2)
    assert [part.first for part in parts if part.flop].count(True) == 1
    rate = nets.roofline(parts, 2, peak=1.0, bandwidth=1e30, number_bytes=2)
    assert 1 / rate["images_per_second_products"] == pytest.approx(nets.flop_per_picture(net, size))
    assert rate["share_of_flop_bound_by_memory"] == 0


def test_intensity_is_that_of_the_notebook(answers):
    found = nets.layers(nets.resnet18(10), 64, 7)
    stem = found[0]
    expected = answers.arithmetic_intensity(7, 3, 64, 64, 5, stride=2, number_bytes=2)
    assert stem.intensity(2) == pytest.approx(expected)
    inner = next(part for part in found if part.name.endswith("layer2.0.conv1"))
    expected = answers.arithmetic_intensity(7, 64, 128, 32, 3, stride=2, number_bytes=4)
    assert inner.intensity(4) == pytest.approx(expected)


def test_the_roofline_by_hand():
    product = nets.Layer("conv", "Conv2d", flop=600, inputs=50, weights=10, outputs=40, first=True)
    norm = nets.Layer("norm", "BatchNorm2d", 0, 40, 0, 40)
    bound = nets.roofline([product, norm], 4, peak=100.0, bandwidth=10.0, number_bytes=2)
    # the product: 6 s to compute, 200 bytes or 20 s to move, twice; then 5 · 40 numbers, 40 s
    assert bound["images_per_second_products"] == pytest.approx(4 / 40)
    assert bound["images_per_second_all_layers"] == pytest.approx(4 / 80)
    assert bound["share_of_flop_bound_by_memory"] == 1
    assert bound["balance_flop_per_byte"] == 10


# -- how it is measured


def test_variants_take_turns_and_each_round_begins_with_another():
    done = []
    variants = {
        name: timing.Variant(lambda name=name: done.append(name), 1.0, times, warm)
        for name, times, warm in (("a", 2, 1), ("b", 1, 0), ("c", 1, 0))
    }
    found = timing.take_turns(variants, 3, CPU)
    assert "".join(done) == "aaabcbcaaacaaab"
    assert {name: len(values) for name, values in found.items()} == {"a": 3, "b": 3, "c": 3}


def test_work_on_a_cpu_is_timed_by_the_clock():
    assert 0.2 <= timing.seconds(lambda: time.sleep(0.2), torch.device("cpu")) < 20


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_work_on_a_gpu_is_timed_until_it_is_done():
    x = torch.randn(4000, 4000, device="cuda")

    def best(count):
        def work():
            for _ in range(count):
                torch.mm(x, x)

        return min(timing.seconds(work, x.device) for _ in range(5))

    assert 0 < 3 * best(1) < best(100)


def test_a_product_and_a_copy_count_what_they_do():
    assert timing.matrix_product(CPU, torch.float32, 16).amount == 2 * 16**3
    assert timing.copying(CPU, 4096).amount == 2 * 4096
    timing.copying(CPU, 4096).work()


# -- ways to feed


def test_shards_and_memory_give_every_picture_once_an_epoch(stock, answers):
    with_both = SimpleNamespace(
        augment_batch=UNCHANGED.augment_batch, ShardedImages=answers.ShardedImages
    )
    expected = counted(stock.images, stock.labels)
    for workers in (0, 2):
        batches = list(islice(feeds.from_shards(stock, 16, with_both, workers), 6))
        assert counted(*map(torch.cat, zip(*batches, strict=True))) == expected
    batches = list(islice(feeds.from_memory(stock, 16, UNCHANGED), 6))
    assert counted(*map(torch.cat, zip(*batches, strict=True))) == expected


def counted(images, labels) -> Counter:
    rows = images.cpu().flatten(1).numpy()
    return Counter((row.tobytes(), int(y)) for row, y in zip(rows, labels, strict=True))


def test_all_ways_give_whole_batches_on_the_device(stock, answers):
    ways = {
        "fixed": feeds.fixed(stock, 10),
        "shards": feeds.from_shards(stock, 10, answers, 0),
        "resident": feeds.from_memory(stock, 10, answers),
        "drawn": feeds.drawn(stock, 10),
        "usual": feeds.usual(stock, 10, 0),
    }
    for name, way in ways.items():
        for images, labels in islice(way, 12):  # beyond one epoch
            assert images.shape == (10, 3, 16, 16), name
            assert labels.shape == (10,), name
            assert images.device.type == labels.device.type == stock.device.type, name
            assert images.dtype == (torch.float32 if name == "usual" else torch.uint8), name
            assert labels.max() < 5, name


def test_the_usual_way_finds_every_picture(stock):
    one_by_one = feeds._OneByOne(stock.folder)
    one_by_one.change = lambda image: image
    images, labels = zip(*(one_by_one[n] for n in range(len(one_by_one))), strict=True)
    expected = counted(stock.images, stock.labels)
    assert counted(torch.stack(images), torch.tensor(labels)) == expected


def test_drawn_pictures_are_new_every_time(stock):
    batches = [images.cpu() for images, _ in islice(feeds.drawn(stock, 32), 3)]
    assert not torch.equal(batches[0], batches[1])
    assert not torch.equal(batches[1], batches[2])


@pytest.mark.parametrize("device", DEVICES)
def test_a_species_looks_the_same_on_every_device(device):
    """Without jitter, a class's mean shape on a device is that of the same class on the CPU."""
    alike = Difficulty(0, 0, 0, 0, (1.0, 1.0), 0, 0, 0, 0, 0, 0.5, 0)
    shapes = []
    for place, seed in ((CPU, 1), (device, 2)):
        images, labels = make_set([0, 3, 11, 19], 24, seed=seed, difficulty=alike, device=place)
        images = images.float().mean(1).cpu()
        shape = (images - images[:, :1, :1]).abs()  # the corner shows the ground
        shape = shape / shape.amax((1, 2), keepdim=True).clamp(min=1)
        shape = shape + shape.flip(1)  # a plant may be mirrored, top to bottom
        means = torch.stack([shape[labels.cpu() == k].mean(0).flatten() for k in range(4)])
        shapes.append(means - means.mean(1, keepdim=True))
    ours, theirs = (s / s.norm(dim=1, keepdim=True) for s in shapes)
    likeness = ours @ theirs.T
    assert likeness.diag().min() > 0.97
    assert (likeness - 2 * torch.eye(4)).max() < 0.9


# -- a peer


def test_our_loader_speaks_as_airbench_wants(tmp_path):
    (images, labels), (test, _) = peer.write_pictures(tmp_path / "cifar10", CPU, 4, 2)
    written = torch.load(tmp_path / "cifar10/train.pt")
    assert written["images"].shape == (40, 32, 32, 3)
    assert torch.equal(written["images"].permute(0, 3, 1, 2), images)
    assert test.shape == (20, 3, 32, 32)
    loader = peer.Loader(images, labels, UNCHANGED, batch_size=15)
    assert (len(loader), loader.batch_size, loader.epoch) == (2, 15, 0)
    batches = list(loader)
    assert loader.epoch == 1
    assert [len(y) for _, y in batches] == [15, 15]
    found, y = batches[0]
    assert found.dtype == torch.float16
    assert found.is_contiguous(memory_format=torch.channels_last)
    scaled = loader.normalize(images.half() / 255)
    for picture, label in zip(found, y, strict=True):
        far = (scaled - picture).abs().amax((1, 2, 3))
        assert far.min() < 0.02
        assert labels[far.argmin()] == label


def test_what_airbench_says_is_taken_apart():
    said = [
        {"epoch": 0, "val_acc": 0.5, "tta_val_acc": None, "total_time_seconds": 1.0},
        {"epoch": 1, "val_acc": 0.6, "tta_val_acc": None, "total_time_seconds": 2.0},
        {"epoch": "eval", "val_acc": 0.6, "tta_val_acc": 0.7, "total_time_seconds": 2.5},
    ]
    expected = {"seconds": 2.0, "accuracy": 0.6, "accuracy_averaged": 0.7}
    assert peer._outcome(said) == expected


# -- the large tier


def test_the_large_tier_in_small(answers):
    tier = Tier("small", 3, 20, 10, 16)
    attempt = large.Attempt(tier, nets.small, 30.0, 0.2, batch=30, most=7, trial=2, mixed=False)
    looks = []
    facts = large.train(attempt, answers, CPU, looks.append)
    assert [look["step"] for look in looks] == list(range(1, 8))
    assert facts["pictures_seen"] == 7 * 30  # in four epochs of two steps
    assert facts["seconds_drawing"] + facts["seconds_training"] < facts["seconds"]
    assert facts["accuracy"] == looks[-1]["accuracy"]
    assert 0 <= facts["accuracy"] <= 1
    assert facts["reached"] == (facts["accuracy"] >= 0.2)
    with pytest.raises(ChallengeError, match="too short"):
        large.train(replace(attempt, minutes=1e-6), answers, CPU)


def test_trying_out_the_rate_leaves_no_trace(answers):
    torch.manual_seed(0)
    tier = Tier("small", 3, 20, 10, 16)
    attempt = large.Attempt(tier, nets.small, 1.0, 0.5, trial=2, mixed=False)
    run = large._Training(attempt, answers, nets.small(3))
    before = {name: value.clone() for name, value in run.plain.state_dict().items()}
    images, labels = make_set(range(3), 4, seed=1, size=16)
    assert run.try_out(images, labels, CPU) > 0
    for state in (run.plain.state_dict(), run.average.model.state_dict()):
        assert all(torch.equal(state[name], value) for name, value in before.items())
    assert run.average.updates == 0
    assert not run.optimiser.state_dict()["state"]


# -- the command


@pytest.mark.slow
def test_the_small_form_writes_its_facts(script, tmp_path, capsys):
    file = tmp_path / "facts.json"
    options = ["--device", "cpu", "--rounds", "2", "--steps", "2", "--batch", "16"]
    assert script.main([*options, "--pictures", "64", "--json", str(file)]) == 0
    said = capsys.readouterr().out
    assert "There is no GPU here" in said
    facts = json.loads(file.read_text(encoding="utf-8"))
    wanted = {"pipeline_fraction", "images_per_second", "device", "model_flop_utilisation"}
    assert wanted | {"command", "date", "machine", "torch", "small"} <= set(facts)
    assert facts["small"] is True
    (net,) = facts["nets"].values()
    assert set(net["images_per_second"]) == {"ceiling", "ceiling_bare", *rates.PIPELINES}
    for rate in [*net["images_per_second"].values(), net["generator_images_per_second"]]:
        assert len(rate["rounds"]) == 2
        assert 0 < rate["least"] <= rate["median"] <= rate["most"] < math.inf
    assert facts["pipeline_fraction"] == net["fraction_of_ceiling"]["shards"]["median"] > 0
    assert facts["images_per_second"] == net["images_per_second"]["shards"]["median"]
    used, peak = facts["model_flop_utilisation"], net["matrix_product_flop_per_second"]["median"]
    assert used * peak == pytest.approx(net["flop_per_picture"] * facts["images_per_second"])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--device", "cuda"], "there is no GPU"),
        (["--device", "cpu", "--net", "resnet18"], "not timed on cpu"),
    ],
)
def test_mistakes_get_a_sentence(script, capsys, monkeypatch, options, words):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert script.main(options) == 2
    said = capsys.readouterr().err
    assert words in said
    assert "Traceback" not in said


def test_a_peer_that_is_missing_is_named(script, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "airbench", None)
    assert script.main(["--device", "cpu", "--peer", "airbench"]) == 2
    assert "pip install --no-deps airbench==0.1.8" in capsys.readouterr().err


def test_parts_are_measured_one_at_a_time(script, capsys):
    with pytest.raises(SystemExit):
        script.main(["--train", "large", "--peer", "airbench"])
    with pytest.raises(SystemExit):
        script.main(["--rounds", "0"])
    with pytest.raises(SystemExit):
        script.main(["--workers", "-1"])


def test_too_many_workers_for_shared_memory_are_refused(monkeypatch):
    case = rates.CASES["cuda"]["resnet18"]
    monkeypatch.setattr(Path, "is_dir", lambda path: True)
    monkeypatch.setattr(rates.shutil, "disk_usage", lambda path: SimpleNamespace(free=64 * 2**20))
    rates.check_room(0, case)
    with pytest.raises(ChallengeError, match="shm-size"):
        rates.check_room(12, case)
