"""The course's data sets, read from the folder `data/` beside this package by NumPy alone.

Each function returns fresh arrays: what you change stays yours. Where the data come from, who
made them and under which licence is written in `data/README.md`.
"""

import gzip
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np

DATA = Path(__file__).resolve().parent.parent / "data"

Read = TypeVar("Read")
Form = Literal["small14", "small28", "full"]

_FASHION_ORIGINALS = (
    "fashion_mnist/train-images-idx3-ubyte.gz",
    "fashion_mnist/train-labels-idx1-ubyte.gz",
    "fashion_mnist/t10k-images-idx3-ubyte.gz",
    "fashion_mnist/t10k-labels-idx1-ubyte.gz",
)
FILES: dict[str, tuple[str, ...]] = {
    "digits": ("digits.npz",),
    "iris": ("iris.npz",),
    "breast_cancer": ("breast_cancer.npz",),
    "pictures": ("pictures.npz",),
    "fashion_mnist:small14": ("fashion_small14.npz",),
    "fashion_mnist:small28": ("fashion_small28.npz",),
    "fashion_mnist:full": _FASHION_ORIGINALS,
    "lenet": ("lenet_fashion.npz",),
    "place_names": ("place_names.npz",),
    "flora_weights": ("flora_weights.npz",),
}
"""Which files of `data/` each data set needs (a bundle carries only what its week reads)."""

FASHION_NAMES = (
    "T-shirt/top",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)

_CURE = "Unpack the week's bundle again and keep data/ beside helpers/ (or: git checkout -- data)."


class DataError(Exception):
    """A data file is missing or damaged; the message names it and says what to do."""


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """Measurements in rows, with a class each.

    Attributes:
        features: (N, D) float64, one row an example.
        labels: (N,) int64, the class of each row, counted from 0.
        names: the C class names; `names[labels[i]]` is the class of row i.
        feature_names: the D column names, with units where there are any.
        source: who published the data, and when.
    """

    features: np.ndarray
    labels: np.ndarray
    names: tuple[str, ...]
    feature_names: tuple[str, ...]
    source: str

    def __repr__(self) -> str:
        rows, columns = self.features.shape
        return f"Table of {rows} examples × {columns} features, {len(self.names)} classes"


@dataclass(frozen=True, eq=False, repr=False)
class Digits:
    """Hand-written digits, once as pictures and once as rows of pixels.

    Attributes:
        features: (1797, 64) float64 in 0 … 16, the pictures row by row.
        images: (1797, 8, 8) float64 in 0 … 16; 0 is paper, 16 is ink.
        labels: (1797,) int64 in 0 … 9.
        names: "0" … "9".
        train_index: (1438,) int64, rows to learn from.
        test_index: (359,) int64, rows kept back: one fifth of every class, drawn once and for
            all. (Neighbouring rows are by the same writers, so cutting the file in two instead
            tests on other writers than it trains on.)
        source: who published the data, and when.
    """

    features: np.ndarray
    images: np.ndarray
    labels: np.ndarray
    names: tuple[str, ...]
    train_index: np.ndarray
    test_index: np.ndarray
    source: str

    def __repr__(self) -> str:
        return f"Digits: {len(self.labels)} pictures of 8 × 8, {len(self.names)} classes"


@dataclass(frozen=True, eq=False, repr=False)
class Pictures:
    """Grey pictures with a class each, split into a training and a test set.

    Attributes:
        train_images: (N, H, W) uint8 in 0 … 255; 0 is the background.
        train_labels: (N,) int64, the class of each picture, counted from 0.
        test_images: (M, H, W) uint8.
        test_labels: (M,) int64.
        names: the C class names.
        source: who published the data, and when.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    names: tuple[str, ...]
    source: str

    def __repr__(self) -> str:
        count, height, width = self.train_images.shape
        return (
            f"Pictures: {count:,} to train and {len(self.test_images):,} to test, "
            f"{height} × {width}, {len(self.names)} classes"
        )


@dataclass(frozen=True, eq=False, repr=False)
class TrainedNet:
    """A network's trained weights, and what it says to some pictures.

    Attributes:
        weights: name -> float32 array: `conv1_weight` (6, 1, 5, 5), `conv2_weight` (16, 6, 5, 5),
            `dense1_weight` (400, 120), `dense2_weight` (120, 84), `dense3_weight` (84, 10), and a
            `…_bias` of each.
        images: (K, H, W) uint8, test pictures it was not trained on.
        labels: (K,) int64, the class of each.
        outputs: (K, C) float64, the scores of these pictures (divided by 255), computed with the
            stored weights in 64-bit arithmetic.
        accuracy: the share of the 10,000 test pictures that it classifies rightly.
        source: what it was trained on, and by whom.
    """

    weights: dict[str, np.ndarray]
    images: np.ndarray
    labels: np.ndarray
    outputs: np.ndarray
    accuracy: float
    source: str

    def __repr__(self) -> str:
        count = sum(array.size for array in self.weights.values())
        return f"TrainedNet: {count:,} weights, {100 * self.accuracy:.1f} % of test pictures right"


@dataclass(frozen=True, eq=False, repr=False)
class Names:
    """Names of places with the language that writes them so.

    Attributes:
        texts: the N names.
        labels: (N,) int64, the language of each name, counted from 0.
        is_test: (N,) bool; no place has names both in the test set and outside it.
        languages: what the labels stand for, in English.
        source: who made the data, for citing it.
    """

    texts: tuple[str, ...]
    labels: np.ndarray
    is_test: np.ndarray
    languages: tuple[str, ...]
    source: str

    def __repr__(self) -> str:
        return f"Names({len(self.texts)} names of places in {len(self.languages)} languages)"


def digits() -> Digits:
    """Hand-written digits of 8 × 8 (Alpaydin and Kaynak, UCI, 1998; its test set of 1797).

    Returns:
        The pictures, their labels and a fixed stratified split.

    Raises:
        DataError: the file is missing or damaged.
    """
    arrays = _read_npz("digits.npz", "images", "labels", "train_index", "test_index")
    images = arrays["images"].astype(np.float64)
    return Digits(
        features=images.reshape(len(images), -1).copy(),
        images=images,
        labels=arrays["labels"].astype(np.int64),
        names=tuple("0123456789"),
        train_index=arrays["train_index"].astype(np.int64),
        test_index=arrays["test_index"].astype(np.int64),
        source="E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI, 1998",
    )


def iris() -> Table:
    """Three species of iris, four lengths each in cm (Fisher 1936): (150, 4).

    Returns:
        The flowers; labels 0 setosa, 1 versicolor, 2 virginica, 50 of each, in this order.

    Raises:
        DataError: the file is missing or damaged.
    """
    return _read_table("iris.npz", "R. A. Fisher, Iris, 1936; UCI, 1988")


def breast_cancer() -> Table:
    """Cell nuclei of breast tumours, 30 measures each (Wolberg, Street, Mangasarian 1995).

    Returns:
        The tumours, (569, 30); labels 0 malignant (212), 1 benign (357).

    Raises:
        DataError: the file is missing or damaged.
    """
    source = (
        "W. Wolberg, O. Mangasarian, N. Street and W. Street, "
        "Breast Cancer Wisconsin (Diagnostic), UCI, 1995"
    )
    return _read_table("breast_cancer.npz", source)


def pictures() -> dict[str, np.ndarray]:
    """Seven photographs in colour: astronaut, cat, china, coffee, flower, hubble, rocket.

    Returns:
        name -> (H, W, 3) uint8, red, green, blue; the longer side has 256 pixels at most.

    Raises:
        DataError: the file is missing or damaged.
    """
    return _read_npz("pictures.npz")


def fashion_mnist(form: Form = "small14") -> Pictures:
    """Photographs of clothes in ten classes (Xiao, Rasul and Vollgraf, 2017).

    Args:
        form: "full": the 60,000 + 10,000 pictures of 28 × 28; "small28": 1,000 + 200 of each
            class; "small14": the same ones, each 2 × 2 block of pixels replaced by its mean.

    Returns:
        The pictures and their labels.

    Raises:
        ValueError: there is no such form.
        DataError: a file is missing or damaged.
    """
    if form == "full":
        train_images, train_labels, test_images, test_labels = map(_read_idx, _FASHION_ORIGINALS)
    elif form in ("small14", "small28"):
        keys = ("train_images", "train_labels", "test_images", "test_labels")
        arrays = _read_npz(f"fashion_{form}.npz", *keys)
        train_images, train_labels, test_images, test_labels = (arrays[key] for key in keys)
    else:
        raise ValueError(f'fashion_mnist has the forms "small14", "small28", "full", not {form!r}')
    return Pictures(
        train_images=train_images,
        train_labels=train_labels.astype(np.int64),
        test_images=test_images,
        test_labels=test_labels.astype(np.int64),
        names=FASHION_NAMES,
        source="H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST, Zalando SE, 2017",
    )


def lenet() -> TrainedNet:
    """A LeNet trained on the 60,000 pictures of Fashion-MNIST (by `data/make/lenet.py`).

    Returns:
        Its weights, 32 test pictures, and the scores that it gives them.

    Raises:
        DataError: the file is missing or damaged.
    """
    layers = ("conv1", "conv2", "dense1", "dense2", "dense3")
    names = [f"{layer}_{part}" for layer in layers for part in ("weight", "bias")]
    others = ("images", "labels", "outputs", "accuracy")
    arrays = _read_npz("lenet_fashion.npz", *names, *others)
    return TrainedNet(
        weights={name: arrays[name] for name in names},
        images=arrays["images"],
        labels=arrays["labels"].astype(np.int64),
        outputs=arrays["outputs"],
        accuracy=float(arrays["accuracy"][0]),
        source="this course, data/make/lenet.py, on Fashion-MNIST (Zalando SE, 2017)",
    )


def place_names() -> Names:
    """Countries and cities as one of ten languages writes them, and none of the other nine.

    Returns:
        The names, language by language, a quarter of the places kept for testing.

    Raises:
        DataError: the file is missing or damaged.
    """
    arrays = _read_npz("place_names.npz", "names", "labels", "is_test", "languages")
    return Names(
        texts=tuple(arrays["names"].tobytes().decode("utf-8").split("\n")),
        labels=arrays["labels"].astype(np.int64),
        is_test=arrays["is_test"],
        languages=tuple(arrays["languages"].tolist()),
        source="Unicode, Inc., Common Locale Data Repository, by way of Babel",
    )


def flora_weights() -> dict[str, np.ndarray]:
    """Weights of a small convolutional network that tells 48 species of the flora apart.

    What it was trained on, and how well it does, is written on its card in `data/README.md`.

    Returns:
        name -> array, as in the `state_dict` of the network's features, floats in single precision.

    Raises:
        DataError: the file is missing or damaged.
    """
    arrays = _read_npz("flora_weights.npz")
    return {
        name: array.astype(np.float32) if array.dtype == np.float16 else array
        for name, array in arrays.items()
    }


def _read_table(name: str, source: str) -> Table:
    arrays = _read_npz(name, "features", "labels", "names", "feature_names")
    return Table(
        features=arrays["features"].astype(np.float64),
        labels=arrays["labels"].astype(np.int64),
        names=tuple(arrays["names"].tolist()),
        feature_names=tuple(arrays["feature_names"].tolist()),
        source=source,
    )


def _read_npz(name: str, *keys: str) -> dict[str, np.ndarray]:
    """All arrays of an .npz file; the keys must be among them."""

    def read(path: Path) -> dict[str, np.ndarray]:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
        if missing := [key for key in keys if key not in arrays]:
            raise ValueError(f"it holds no {', '.join(missing)}")
        return arrays

    return _guarded(name, read)


def _read_idx(name: str) -> np.ndarray:
    """One gzipped idx file of bytes (LeCun's format: 0, 0, 8, axes, sizes, then the values)."""

    def read(path: Path) -> np.ndarray:
        content = gzip.decompress(path.read_bytes())
        if len(content) < 4 or content[:3] != b"\x00\x00\x08":
            raise ValueError("it is no idx file of bytes")
        axes = content[3]
        shape = np.frombuffer(content, dtype=">u4", count=axes, offset=4)
        values = np.frombuffer(content, dtype=np.uint8, offset=4 + 4 * axes)
        return values.reshape(shape).copy()

    return _guarded(name, read)


def _guarded(name: str, read: Callable[[Path], Read]) -> Read:
    """What `read` makes of a file of `data/`, with one clear error when it can't."""
    path = DATA / name
    if not path.is_file():
        raise DataError(f"data/{name} is missing: {path} is not there.\n{_CURE}")
    try:
        return read(path)
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"data/{name} cannot be read: {error}.\n{_CURE}") from None
