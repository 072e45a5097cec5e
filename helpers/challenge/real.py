"""Real pictures for the challenge: Fashion-MNIST, torchvision's sets, and folders of your own.

    sources = real_sources("imagenette", Path("pictures"), size=128)   # {"train": …, "test": …}
    images, labels = sources["test"].pictures(0, 100)

All go one way: a picture is read, brought to size × size (shorter side to that length, then the
middle cut out), and stored in shards like the flora's. Nothing is fetched unless it is asked for;
Fashion-MNIST ships with the course.

Sources: H. Xiao, K. Rasul and R. Vollgraf, "Fashion-MNIST", arXiv:1708.07747, 2017; A. Krizhevsky,
"Learning multiple layers of features from tiny images", 2009 (CIFAR); O. Russakovsky et al.,
"ImageNet large scale visual recognition challenge", IJCV 2015; J. Howard, Imagenette, 2019.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from helpers.challenge.errors import ChallengeError
from helpers.datasets import fashion_mnist

TEST_FOLDERS = ("test", "val", "valid", "validation")
"""What the folder of test pictures may be called."""

_ORDER_SEED = 1


@dataclass(frozen=True)
class Preset:
    """A set of real pictures.

    Args:
        title: how people call it.
        open: gives, for a folder, whether it is for training, and whether to fetch it, something
            like torchvision's sets: a length, pairs of a PIL picture and a label, `classes`.
        channels: 1 for grey, 3 for colours.
        size: side of its pictures; None where every picture has its own.
        how: what to do where it is not there.
    """

    title: str
    open: Callable[[Path, bool, bool], Any]
    channels: int
    size: int | None
    how: str


class _Arrays:
    """Pictures in memory that look like one of torchvision's sets."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, names: tuple[str, ...]) -> None:
        self.images, self.labels, self.classes = images, labels, names

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, place: int) -> tuple[Image.Image, int]:
        return Image.fromarray(self.images[place]), int(self.labels[place])


def _fashion(folder: Path, train: bool, download: bool) -> _Arrays:
    every = fashion_mnist("full")
    if train:
        return _Arrays(every.train_images, every.train_labels, every.names)
    return _Arrays(every.test_images, every.test_labels, every.names)


def _cifar10(folder: Path, train: bool, download: bool) -> Any:
    from torchvision.datasets import CIFAR10

    return CIFAR10(folder, train=train, download=download)


def _cifar100(folder: Path, train: bool, download: bool) -> Any:
    from torchvision.datasets import CIFAR100

    return CIFAR100(folder, train=train, download=download)


def _imagenette(folder: Path, train: bool, download: bool) -> Any:
    from torchvision.datasets import Imagenette

    there = [size for size in ("full", "320px", "160px") if _imagenette_is(folder, size)]
    fetch = download and not there
    return Imagenette(
        folder, "train" if train else "val", size=there[0] if there else "320px", download=fetch
    )


def _imagenette_is(folder: Path, size: str) -> bool:
    name = "imagenette2" if size == "full" else f"imagenette2-{size.removesuffix('px')}"
    return (folder / name).is_dir()


def _imagenet(folder: Path, train: bool, download: bool) -> Any:
    from torchvision.datasets import ImageNet

    return ImageNet(folder, "train" if train else "val")


def _image_folder(folder: Path, train: bool, download: bool) -> Any:
    from torchvision.datasets import ImageFolder

    names = ("train",) if train else TEST_FOLDERS
    for name in names:
        if (folder / name).is_dir():
            return ImageFolder(folder / name)
    raise FileNotFoundError(f"no folder {' or '.join(names)}")


_FETCH = "Run it once with --download and the internet, or give its folder with --from."
PRESETS: Mapping[str, Preset] = {
    "fashion-mnist": Preset("Fashion-MNIST", _fashion, 1, 28, "Restore data/fashion_mnist."),
    "cifar10": Preset("CIFAR-10", _cifar10, 3, 32, _FETCH),
    "cifar100": Preset("CIFAR-100", _cifar100, 3, 32, _FETCH),
    "imagenette": Preset("Imagenette", _imagenette, 3, None, _FETCH),
    "imagenet": Preset(
        "ImageNet",
        _imagenet,
        3,
        None,
        "Give, with --from, the folder that torchvision.datasets.ImageNet reads "
        "(the three archives of ILSVRC2012, or train/, val/ and meta.bin).",
    ),
    "folder": Preset(
        "a folder of pictures",
        _image_folder,
        3,
        None,
        "Give, with --from, a folder that has train/CLASS/*.jpg and test/CLASS/*.jpg.",
    ),
}
"""The sets by name; every one of them goes through `RealSource`."""


@dataclass(frozen=True)
class RealSource:
    """One split of a set of real pictures, in a fixed, shuffled order.

    Args:
        preset: a name of `PRESETS`.
        folder: where the pictures lie.
        train: the training pictures, or the test pictures.
        size: side of the pictures as they are given.
    """

    preset: str
    folder: Path
    train: bool
    size: int

    def __len__(self) -> int:
        """Count the pictures."""
        return len(self._set)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width of each picture."""
        return PRESETS[self.preset].channels, self.size, self.size

    @property
    def names(self) -> tuple[str, ...]:
        """The classes' names."""
        return tuple(_name(each) for each in self._set.classes)

    def describe(self) -> dict[str, Any]:
        """Say all that the pictures depend on; of files in folders, their names."""
        files = "\n".join(sorted(Path(path).name for path in self._paths))
        return {
            "source": self.preset,
            "train": self.train,
            "names": list(self.names),
            "files": hashlib.sha256(files.encode()).hexdigest() if files else None,
            "seed": _ORDER_SEED,
        }

    def pictures(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Read a part of the set.

        Args:
            first: number of the first picture, in the shuffled order.
            last: number of the picture after the last one.

        Returns:
            The pictures, (n, C, size, size) uint8, and their labels, (n,) int64.

        Raises:
            ChallengeError: a file is no picture, or cannot be read.
        """
        opened = self._set
        chosen = _order(len(opened))[first:last]
        images = np.empty((len(chosen), *self.shape), np.uint8)
        labels = np.empty(len(chosen), np.int64)
        mode = "L" if self.shape[0] == 1 else "RGB"
        for row, place in enumerate(chosen):
            try:
                picture, labels[row] = opened[int(place)]
                pixels = np.asarray(fitted(picture.convert(mode), self.size))
            except (OSError, SyntaxError, ValueError) as error:  # what Pillow raises
                where = self._paths[place] if self._paths else f"{self.folder}, picture {place}"
                raise ChallengeError(
                    f"{where} cannot be read as a picture ({error})",
                    "Delete it or put a good copy in its place; then run it again.",
                ) from None
            images[row] = pixels if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
        return images, labels

    @property
    def _set(self) -> Any:
        return _opened(self.preset, self.folder, self.train, False)

    @property
    def _paths(self) -> list[str]:
        opened = self._set
        samples = getattr(opened, "samples", getattr(opened, "_samples", []))
        return [path for path, _ in samples]


def real_sources(
    preset: str,
    folder: Path = Path(),
    *,
    size: int | None = None,
    download: bool = False,
) -> dict[str, RealSource]:
    """Give the training and the test pictures of a real set.

    Args:
        preset: a name of `PRESETS`.
        folder: where the pictures lie, as torchvision has them; Fashion-MNIST needs none.
        size: side of the pictures; by default what the set has, or 64.
        download: let torchvision fetch a set that it can fetch.

    Returns:
        "train" and "test".

    Raises:
        ChallengeError: the pictures are not there, or training and test classes differ.
    """
    about = PRESETS[preset]
    for train in (True, False):
        try:
            _opened(preset, folder, train, download)
        except (RuntimeError, OSError) as error:
            reason = str(error).splitlines()[0]
            raise ChallengeError(
                f"{folder}: no {about.title} there ({reason})", about.how
            ) from None
    side = size or about.size or 64
    sources = {
        split: RealSource(preset, folder, split == "train", side) for split in ("train", "test")
    }
    names = [source.names for source in sources.values()]
    if names[0] != names[1]:
        differing = sorted(set(names[0]) ^ set(names[1]))
        raise ChallengeError(
            f"{folder}: training and test pictures have different classes "
            f"({', '.join(differing[:3])})",
            "Give every class a folder in both.",
        )
    return sources


def fitted(picture: Image.Image, size: int) -> Image.Image:
    """Bring a picture to size × size: shorter side to that length, then the middle cut out.

    Args:
        picture: of any size.
        size: in pixels.

    Returns:
        The picture itself if it has that size.
    """
    width, height = picture.size
    if (width, height) == (size, size):
        return picture
    shorter = min(width, height)
    left, upper = (width - shorter) / 2, (height - shorter) / 2
    box = (left, upper, left + shorter, upper + shorter)
    return picture.resize((size, size), Image.Resampling.BICUBIC, box=box)


@lru_cache(maxsize=8)
def _opened(preset: str, folder: Path, train: bool, download: bool) -> Any:
    return PRESETS[preset].open(folder, train, download)


@lru_cache(maxsize=4)
def _order(count: int) -> np.ndarray:
    return np.random.default_rng(_ORDER_SEED).permutation(count)


def _name(each: str | tuple[str, ...]) -> str:
    return each if isinstance(each, str) else each[0]
