"""The data sets as a notebook sees them: against scikit-learn, and with files that are broken."""

import dataclasses
import gzip
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import sklearn.datasets

from helpers import datasets

SHIPPED = datasets.DATA


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder in place of data/."""
    monkeypatch.setattr(datasets, "DATA", tmp_path)
    return tmp_path


def test_digits_are_those_of_scikit_learn():
    ours, theirs = datasets.digits(), sklearn.datasets.load_digits()
    np.testing.assert_array_equal(ours.features, theirs.data)
    np.testing.assert_array_equal(ours.images, theirs.images)
    np.testing.assert_array_equal(ours.labels, theirs.target)
    assert ours.features.dtype == ours.images.dtype == np.float64
    assert ours.labels.dtype == np.int64
    assert ours.names == tuple("0123456789")


def test_the_split_of_the_digits_is_complete_and_stratified():
    digits = datasets.digits()
    both = np.concatenate([digits.train_index, digits.test_index])
    np.testing.assert_array_equal(np.sort(both), np.arange(1797))
    everyone = np.bincount(digits.labels)
    kept_back = np.bincount(digits.labels[digits.test_index])
    np.testing.assert_allclose(kept_back, everyone / 5, atol=0.5)
    assert digits.test_index.tolist() != list(range(1438, 1797))


@pytest.mark.parametrize("name", ["iris", "breast_cancer"])
def test_tables_are_those_of_scikit_learn(name):
    ours, theirs = getattr(datasets, name)(), getattr(sklearn.datasets, f"load_{name}")()
    np.testing.assert_array_equal(ours.features, theirs.data)
    np.testing.assert_array_equal(ours.labels, theirs.target)
    assert ours.features.dtype == np.float64
    assert ours.labels.dtype == np.int64
    assert list(ours.names) == list(theirs.target_names)
    assert list(ours.feature_names) == list(theirs.feature_names)


def test_pictures_are_small_and_in_colour():
    pictures = datasets.pictures()
    assert {"astronaut", "cat", "china", "coffee", "flower", "rocket"} <= set(pictures)
    for picture in pictures.values():
        assert picture.dtype == np.uint8
        assert picture.ndim == 3
        assert picture.shape[2] == 3
        assert 128 <= max(picture.shape) <= 256
    china = sklearn.datasets.load_sample_image("china.jpg")[:426, :639]
    shrunk = china.reshape(142, 3, 213, 3, 3).mean(axis=(1, 3))
    assert np.abs(pictures["china"] - shrunk).max() <= 0.5


def test_small_fashion_is_drawn_evenly_from_the_full_one():
    full = datasets.fashion_mnist("full")
    assert full.train_images.shape == (60_000, 28, 28)
    assert full.test_images.shape == (10_000, 28, 28)
    assert full.train_images.dtype == np.uint8
    assert full.names[full.train_labels[0]] == "ankle boot"  # the first picture, as published
    small28, small14 = datasets.fashion_mnist("small28"), datasets.fashion_mnist("small14")
    assert small28.train_images.shape == (10_000, 28, 28)
    assert small14.test_images.shape == (2_000, 14, 14)
    np.testing.assert_array_equal(np.bincount(small28.train_labels), np.full(10, 1000))
    np.testing.assert_array_equal(np.bincount(small28.test_labels), np.full(10, 200))
    np.testing.assert_array_equal(small14.train_labels, small28.train_labels)
    with np.load(datasets.DATA / "fashion_small28.npz") as archive:
        train, test = archive["train_index"], archive["test_index"]
    assert len(set(train)) == 10_000
    np.testing.assert_array_equal(small28.train_images, full.train_images[train])
    np.testing.assert_array_equal(small28.train_labels, full.train_labels[train])
    np.testing.assert_array_equal(small28.test_images, full.test_images[test])
    means = small28.test_images.reshape(2000, 14, 2, 14, 2).mean(axis=(2, 4))
    assert np.abs(small14.test_images - means).max() <= 0.5


def test_any_beginning_of_the_small_set_holds_all_classes():
    labels = datasets.fashion_mnist().train_labels
    assert np.bincount(labels[:1000], minlength=10).min() > 70


def test_arrays_are_the_callers_own():
    first = datasets.digits()
    first.images[:] = -1
    assert first.features.min() == 0
    assert datasets.digits().images.min() == 0
    original = datasets.fashion_mnist("full").test_images
    original[0] = 7
    assert original.flags.writeable


def test_records_are_frozen_and_print_in_one_line():
    iris = datasets.iris()
    with pytest.raises(dataclasses.FrozenInstanceError):
        iris.labels = None
    assert repr(iris) == "Table of 150 examples × 4 features, 3 classes"
    assert repr(datasets.digits()) == "Digits: 1797 pictures of 8 × 8, 10 classes"
    expected = "Pictures: 10,000 to train and 2,000 to test, 14 × 14, 10 classes"
    assert repr(datasets.fashion_mnist()) == expected
    assert "Fisher" in iris.source


def test_an_unknown_form_names_the_known_ones():
    with pytest.raises(ValueError, match=r'"small14", "small28", "full", not \'huge\''):
        datasets.fashion_mnist("huge")


@pytest.mark.parametrize("name", datasets.FILES)
def test_a_missing_file_is_named(folder, name):
    with pytest.raises(datasets.DataError) as caught:
        load(name)
    what, cure = str(caught.value).splitlines()
    assert what.startswith(f"data/{datasets.FILES[name][0]} is missing")
    assert cure.startswith("Unpack the week's bundle again")


@pytest.mark.parametrize("name", datasets.FILES)
@pytest.mark.parametrize("kind", ["empty", "text", "cut", "flipped"])
def test_a_damaged_file_is_named(folder, name, kind):
    first = datasets.FILES[name][0]
    with open(SHIPPED / first, "rb") as file:
        content = bytearray(file.read(2_000_000))  # a prefix of the longest file is damage enough
    middle = len(content) // 2
    if kind == "flipped":
        content[middle : middle + 8] = bytes(255 - byte for byte in content[middle : middle + 8])
    damaged = {"empty": b"", "text": b"404: not found\n", "cut": bytes(content[:middle])}
    path = folder / first
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(damaged.get(kind, bytes(content)))
    with pytest.raises(datasets.DataError) as caught:
        load(name)
    assert str(caught.value).startswith(f"data/{first} cannot be read: ")
    assert len(str(caught.value).splitlines()) == 2


def test_an_archive_without_an_array_is_damaged(folder):
    np.savez(folder / "digits.npz", images=np.zeros((2, 8, 8)))
    with pytest.raises(datasets.DataError, match="it holds no labels, train_index, test_index"):
        datasets.digits()


def test_nothing_is_unpickled(folder):
    with zipfile.ZipFile(folder / "pictures.npz", "w") as archive, archive.open("a.npy", "w") as f:
        np.lib.format.write_array(f, np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(datasets.DataError, match=r"data/pictures\.npz cannot be read"):
        datasets.pictures()


@pytest.mark.parametrize(
    "content",
    [b"\x00\x00\x0d\x01\x00\x00\x00\x01\x00", b"\x00\x00", b"\x00\x00\x08\x03\x00\x00\x00\x05\x01"],
    ids=["floats", "too short", "fewer values than the header says"],
)
def test_an_idx_file_of_another_kind_is_damaged(folder, content):
    path = folder / datasets.FILES["fashion_mnist:full"][0]
    path.parent.mkdir()
    path.write_bytes(gzip.compress(content))
    with pytest.raises(datasets.DataError, match="cannot be read"):
        datasets.fashion_mnist("full")


def test_reading_needs_numpy_alone():
    code = """
import sys
for name in ("torch", "sklearn", "skimage", "scipy", "PIL", "pandas"):
    sys.modules[name] = None
from helpers import datasets
datasets.digits(), datasets.iris(), datasets.breast_cancer(), datasets.pictures()
datasets.fashion_mnist("small14")
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def load(name):
    function, _, form = name.partition(":")
    return getattr(datasets, function)(*([form] if form else []))
