"""Real pictures through one path, from files that are written here in each set's own format."""

import hashlib
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from helpers import datasets
from helpers.challenge import real
from helpers.challenge.errors import ChallengeError
from helpers.challenge.real import PRESETS, RealSource, fitted, real_sources
from helpers.challenge.shard_making import make_shards
from helpers.challenge.shards import open_shards, read_index

WNIDS = ("n01440764", "n02102040", "n02979186")


@pytest.fixture(autouse=True)
def fresh() -> None:
    real._opened.cache_clear()


def coloured(label: int, number: int, width: int = 40, height: int = 30) -> Image.Image:
    """A picture whose colour says its class: red 40·(label + 1), green its number."""
    return Image.new("RGB", (width, height), (40 * (label + 1), number, 90))


def write_classes(folder: Path, names: tuple[str, ...], each: int, ending: str = "png") -> None:
    for label, name in enumerate(names):
        (folder / name).mkdir(parents=True)
        for number in range(each):
            coloured(label, number).save(folder / name / f"{name}_{number}.{ending}")


def write_cifar(folder: Path, monkeypatch: Any, hundred: bool) -> None:
    """Two classes in use, in the batches of pickled rows that CIFAR comes in."""
    from torchvision.datasets import CIFAR10, CIFAR100

    kind = CIFAR100 if hundred else CIFAR10
    place = folder / kind.base_folder
    place.mkdir()
    key = "fine_labels" if hundred else "labels"
    written: dict[str, list[list[str]]] = {}
    for which in ("train_list", "test_list"):
        written[which] = []
        for name, _ in getattr(kind, which):
            labels = [0, 1, 0, 1]
            rows = [np.asarray(coloured(label, 7, 32, 32)) for label in labels]
            pixels = np.stack([row.transpose(2, 0, 1).reshape(-1) for row in rows])
            data = pickle.dumps({"data": pixels, key: labels})
            (place / name).write_bytes(data)
            written[which].append([name, hashlib.md5(data).hexdigest()])
    names = [f"class {number}" for number in range(100 if hundred else 10)]
    data = pickle.dumps({kind.meta["key"]: names})
    (place / kind.meta["filename"]).write_bytes(data)
    for which, files in written.items():
        monkeypatch.setattr(kind, which, files)
    monkeypatch.setattr(kind, "meta", {**kind.meta, "md5": hashlib.md5(data).hexdigest()})


def write_cifar10(folder: Path, monkeypatch: Any) -> None:
    write_cifar(folder, monkeypatch, hundred=False)


def write_cifar100(folder: Path, monkeypatch: Any) -> None:
    write_cifar(folder, monkeypatch, hundred=True)


def write_imagenette(folder: Path, monkeypatch: Any) -> None:
    for part in ("train", "val"):
        write_classes(folder / "imagenette2-160" / part, WNIDS, 3, "JPEG")


def write_imagenet(folder: Path, monkeypatch: Any) -> None:
    for part in ("train", "val"):
        write_classes(folder / part, WNIDS, 3, "JPEG")
    names = {wnid: (f"{wnid}'s name", "another name") for wnid in WNIDS}
    torch.save((names, ["n01440764"]), folder / "meta.bin")


def write_folder(folder: Path, monkeypatch: Any) -> None:
    write_classes(folder / "train", ("beech", "oak"), 4)
    write_classes(folder / "valid", ("beech", "oak"), 2)


WRITERS: dict[str, tuple[Callable[[Path, Any], None], int, int, str]] = {
    "cifar10": (write_cifar10, 20, 4, "class 0"),
    "cifar100": (write_cifar100, 4, 4, "class 0"),
    "imagenette": (write_imagenette, 9, 9, "tench"),
    "imagenet": (write_imagenet, 9, 9, "n01440764's name"),
    "folder": (write_folder, 8, 4, "beech"),
}


def test_every_preset_is_tested_here() -> None:
    assert set(WRITERS) | {"fashion-mnist"} == set(PRESETS)


@pytest.mark.parametrize("preset", WRITERS)
def test_one_path_from_files_to_shards(preset: str, tmp_path: Path, monkeypatch: Any) -> None:
    write, train, test, first_name = WRITERS[preset]
    originals = tmp_path / "originals"
    originals.mkdir()
    write(originals, monkeypatch)
    sources = real_sources(preset, originals, size=24)
    make_shards(sources, tmp_path / "set")
    for split, count in (("train", train), ("test", test)):
        (shard,) = open_shards(tmp_path / "set", split)
        assert shard.images.shape == (count, 3, 24, 24)
        # the colour in the middle says the class, within what JPEG does to it
        red = shard.images[:, 0, 12, 12].astype(int)
        assert np.abs(red - 40 * (shard.labels + 1)).max() <= 3
        classes = np.bincount(shard.labels)
        assert set(classes) == {count // len(classes)}
    index = read_index(tmp_path / "set")
    assert index["splits"]["train"]["names"][0] == first_name
    assert index["splits"]["train"]["source"] == preset


def test_cifar_has_its_own_size(tmp_path: Path, monkeypatch: Any) -> None:
    write_cifar10(tmp_path, monkeypatch)
    assert real_sources("cifar10", tmp_path)["train"].shape == (3, 32, 32)


def test_torchvision_still_checks_its_files(tmp_path: Path, monkeypatch: Any) -> None:
    write_cifar10(tmp_path, monkeypatch)
    batch = tmp_path / "cifar-10-batches-py" / "data_batch_3"
    batch.write_bytes(batch.read_bytes() + b" ")
    with pytest.raises(ChallengeError, match="no CIFAR-10 there") as error:
        real_sources("cifar10", tmp_path)
    assert "--download" in error.value.cure


def test_fashion_mnist_ships() -> None:
    sources = real_sources("fashion-mnist")
    assert len(sources["train"]) == 60_000
    assert sources["test"].names == datasets.FASHION_NAMES
    images, labels = sources["test"].pictures(0, 500)
    assert images.shape == (500, 1, 28, 28)
    every = datasets.fashion_mnist("full")
    order = real._order(10_000)[:500]
    np.testing.assert_array_equal(images[:, 0], every.test_images[order])
    np.testing.assert_array_equal(labels, every.test_labels[order])
    assert len(set(labels)) == 10


def test_each_picture_comes_once() -> None:
    assert sorted(real._order(1000)) == list(range(1000))
    assert list(real._order(1000)) != list(range(1000))


@pytest.mark.parametrize(("width", "height"), [(60, 20), (20, 60), (40, 40), (41, 20), (20, 20)])
def test_the_middle_is_cut_out(width: int, height: int) -> None:
    """Left third red, middle green, right third blue (or from top to bottom)."""
    pixels = np.zeros((height, width, 3), np.uint8)
    longer = max(width, height)
    for number in range(longer):
        colour = [0, 0, 0]
        colour[min(2, 3 * number // longer)] = 255
        if width >= height:
            pixels[:, number] = colour
        else:
            pixels[number, :] = colour
    middle = np.asarray(fitted(Image.fromarray(pixels), 20))
    assert middle.shape == (20, 20, 3)
    if longer == 60:
        assert (middle[..., 1] > 250)[2:-2, 2:-2].all()
    if (width, height) == (20, 20):
        np.testing.assert_array_equal(middle, pixels)


def test_grey_and_transparent_pictures_become_colour(tmp_path: Path, monkeypatch: Any) -> None:
    write_folder(tmp_path, monkeypatch)
    Image.new("L", (30, 30), 77).save(tmp_path / "train" / "oak" / "grey.png")
    Image.new("RGBA", (30, 30), (1, 2, 3, 128)).save(tmp_path / "train" / "oak" / "clear.png")
    images, labels = real_sources("folder", tmp_path, size=16)["train"].pictures(0, 10)
    assert images.shape == (10, 3, 16, 16)
    assert (images.reshape(10, -1) == 77).all(1).sum() == 1
    assert np.bincount(labels).tolist() == [4, 6]


def test_a_file_that_is_no_picture_is_named(tmp_path: Path, monkeypatch: Any) -> None:
    write_folder(tmp_path, monkeypatch)
    broken = tmp_path / "train" / "oak" / "oak_2.png"
    broken.write_bytes(broken.read_bytes()[:50])
    source = real_sources("folder", tmp_path)["train"]
    with pytest.raises(ChallengeError, match=r"oak_2\.png cannot be read as a picture"):
        source.pictures(0, len(source))


def test_classes_must_be_the_same(tmp_path: Path, monkeypatch: Any) -> None:
    write_folder(tmp_path, monkeypatch)
    write_classes(tmp_path / "train", ("ash",), 1)
    with pytest.raises(ChallengeError, match=r"different classes \(ash\)"):
        real_sources("folder", tmp_path)


@pytest.mark.parametrize("preset", sorted(set(PRESETS) - {"fashion-mnist"}))
def test_what_is_not_there_is_said(preset: str, tmp_path: Path) -> None:
    with pytest.raises(ChallengeError) as error:
        real_sources(preset, tmp_path / "nowhere")
    assert f"no {PRESETS[preset].title} there" in error.value.message
    assert error.value.cure
    assert "\n" not in error.value.message


def test_other_files_make_another_set(tmp_path: Path, monkeypatch: Any) -> None:
    write_folder(tmp_path / "originals", monkeypatch)
    make_shards(real_sources("folder", tmp_path / "originals"), tmp_path / "set")
    coloured(0, 9).save(tmp_path / "originals" / "train" / "oak" / "new.png")
    (tmp_path / "originals" / "train" / "oak" / "oak_0.png").unlink()
    real._opened.cache_clear()
    with pytest.raises(ChallengeError, match="another set"):
        make_shards(real_sources("folder", tmp_path / "originals"), tmp_path / "set")


def test_nothing_is_fetched_unless_asked_for(tmp_path: Path, monkeypatch: Any) -> None:
    import torchvision.datasets

    asked: list[bool] = []

    class Probe(RuntimeError):
        pass

    def probe(*arguments: Any, download: bool = False, **options: Any) -> None:
        asked.append(download)
        raise Probe("no")

    for kind in ("CIFAR10", "CIFAR100", "Imagenette"):
        monkeypatch.setattr(torchvision.datasets, kind, probe)
    for preset in ("cifar10", "cifar100", "imagenette"):
        for download in (False, True):
            with pytest.raises(ChallengeError):
                real_sources(preset, tmp_path, download=download)
    assert asked == [False, True] * 3


def test_sources_travel_to_other_processes(tmp_path: Path, monkeypatch: Any) -> None:
    write_folder(tmp_path, monkeypatch)
    source = real_sources("folder", tmp_path, size=16)["train"]
    copy = pickle.loads(pickle.dumps(source))
    assert isinstance(copy, RealSource)
    np.testing.assert_array_equal(copy.pictures(0, 8)[0], source.pictures(0, 8)[0])
