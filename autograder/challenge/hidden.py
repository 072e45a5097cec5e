"""The hidden test set: drawn once from a secret seed, kept as files with checksums.

Classes are public, so anyone can draw as many pictures to train on as there is time for; nobody can
draw these. The seed has 256 bits and never leaves the private folder. The set is kept as files,
since another machine might draw other last bits from the same seed.

Both halves are shuffled: a picture's place says nothing about its class.
"""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import numpy as np

from autograder.challenge.settings import ChallengeSettings
from autograder.course import Course
from autograder.errors import CourseError
from autograder.records import whole_file
from autograder.scratch import make_private, make_scratch, secret_scratch

Half = Literal["public", "private"]
HALVES: tuple[Half, ...] = ("public", "private")
FOLDER = "challenge"
SET = "hidden"
ABOUT = "set.json"
SEED = "seed"
GIVEN_OUT = "public_pictures.npy"
SEED_BYTES = 32
FORMAT = 1
DRAW = "Draw one with `course challenge hidden`."


@dataclass(frozen=True)
class Pictures:
    """One half of a hidden set.

    Attributes:
        images: (N, 3, size, size) uint8.
        labels: (N,) int64.
    """

    images: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class HiddenSet:
    """A hidden test set.

    Attributes:
        name: names its content: the first digits of a checksum over both halves.
        drawn_at: when, UTC.
        halves: "public" and "private".
    """

    name: str
    drawn_at: str
    halves: Mapping[Half, Pictures]


def challenge_folder(course: Course) -> Path:
    """Say where all of the challenge's own files lie, below the private folder."""
    return course.private / FOLDER


def set_folder(course: Course) -> Path:
    """Say where the hidden set lies."""
    return challenge_folder(course) / SET


def draw_hidden_set(course: Course, *, again: bool = False) -> HiddenSet:
    """Draw a hidden set from a new secret seed.

    Args:
        course: the course.
        again: put a set that is there aside, under the day it was drawn, and draw another.

    Returns:
        The set.

    Raises:
        CourseError: there is one already.
    """
    place = set_folder(course)
    if place.exists() and not again:
        raise CourseError(
            f"{place} holds a hidden set already.",
            "`--again` puts it aside and draws another; the board then begins anew.",
        )
    settings = course.challenge
    folder = make_scratch("hidden", secret_scratch(course.private))
    try:
        seed = secrets.token_bytes(SEED_BYTES)
        _write(folder / SEED, seed.hex().encode() + b"\n")
        checksums = {}
        for half, each in zip(
            HALVES, (settings.public_per_class, settings.private_per_class), strict=True
        ):
            pictures = _draw(settings, each, seed, half)
            for name, array in (("pictures", pictures.images), ("labels", pictures.labels)):
                file = f"{half}.{name}.npy"
                np.save(folder / file, array, allow_pickle=False)
                checksums[file] = _sha256(folder / file)
                os.chmod(folder / file, 0o600)
        about = {
            "format": FORMAT,
            "drawn_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "classes": settings.classes,
            "size": settings.size,
            "sha256": checksums,
        }
        _write(folder / ABOUT, (json.dumps(about, indent=1) + "\n").encode())
        make_private(challenge_folder(course))
        if place.exists():
            _put_aside(place)
        os.rename(folder, place)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return load_hidden_set(course)


def load_hidden_set(course: Course) -> HiddenSet:
    """Read the hidden set, and make sure that it is what was drawn.

    Args:
        course: the course.

    Returns:
        The set.

    Raises:
        CourseError: there is none, it is damaged, or it does not fit `course.toml`.
    """
    folder = set_folder(course)
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CourseError("There is no hidden test set.", DRAW) from None
    except ValueError:
        about = None
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise CourseError(f"{folder / ABOUT} is damaged.", "Restore the folder from a copy.")
    halves: dict[Half, Pictures] = {}
    for half in HALVES:
        arrays = []
        for name in ("pictures", "labels"):
            path = folder / f"{half}.{name}.npy"
            if not path.is_file() or _sha256(path) != about["sha256"].get(path.name):
                raise CourseError(
                    f"{path} is missing, or not as it was drawn.",
                    "Restore the folder from a copy, or draw another set with `--again`.",
                )
            arrays.append(np.load(path, allow_pickle=False))
        halves[half] = Pictures(*arrays)
    if (about["classes"], about["size"]) != (course.challenge.classes, course.challenge.size):
        raise CourseError(
            f"The hidden set has {about['classes']} classes of {about['size']} × {about['size']} "
            "pixels, and course.toml asks for others.",
            "Mend [challenge] there, or draw another set with `course challenge hidden --again`.",
        )
    return HiddenSet(_name(about["sha256"]), str(about["drawn_at"]), halves)


def give_out(course: Course, hidden: HiddenSet, folder: Path) -> Path:
    """Write the pictures of the public half for students, without their labels.

    Args:
        course: the course.
        hidden: its hidden set.
        folder: where to.

    Returns:
        The file; its checksum lies beside it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / GIVEN_OUT
    with whole_file(path) as part, part.open("wb") as file:
        np.save(file, hidden.halves["public"].images, allow_pickle=False)
    path.chmod(0o644)
    (folder / f"{GIVEN_OUT}.sha256").write_text(f"{_sha256(path)}  {GIVEN_OUT}\n")
    return path


def _draw(settings: ChallengeSettings, each: int, seed: bytes, half: str) -> Pictures:
    """Draw a half from a seed of its own, which nothing can be learnt from about the other's."""
    from helpers.challenge.tiers import FloraSource

    own = int.from_bytes(hashlib.sha256(seed + half.encode()).digest())
    source = FloraSource(settings.classes, each, own, settings.size)
    return Pictures(*source.pictures(0, len(source)))


def _put_aside(place: Path) -> None:
    day = datetime.now(UTC).strftime("%Y-%m-%d-%H%M%S-%f")
    os.rename(place, place.with_name(f"{SET}-until-{day}"))


def _write(path: Path, content: bytes) -> None:
    with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(content)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _name(checksums: Mapping[str, str]) -> str:
    text = json.dumps(checksums, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
