"""Sets on disk: complete or gone on with, checked, and never half."""

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helpers.challenge import shard_making
from helpers.challenge.errors import ChallengeError
from helpers.challenge.shard_making import make_shards, plan_shards
from helpers.challenge.shards import open_shards, read_index
from helpers.challenge.tiers import TIERS, FloraSource, Tier, tier_sources

ROOT = Path(__file__).resolve().parents[2]
SHARD_BYTES = 32 * 3 * 8 * 8  # 32 pictures of 8 × 8
SOURCES = {"train": FloraSource(5, 40, 1, size=8), "test": FloraSource(5, 8, 2, size=8)}


def make(folder: Path, **options: Any) -> Any:
    return make_shards(SOURCES, folder, shard_bytes=SHARD_BYTES, **options)


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sets") / "whole"
    make(folder)
    return folder


def test_every_picture_is_there_once_and_in_order(whole: Path) -> None:
    for split, source in SOURCES.items():
        shards = open_shards(whole, split)
        images, labels = source.pictures(0, len(source))
        np.testing.assert_array_equal(np.concatenate([shard.images for shard in shards]), images)
        np.testing.assert_array_equal(np.concatenate([shard.labels for shard in shards]), labels)
        assert np.bincount(labels).tolist() == [source.per_class] * 5
        assert all(isinstance(shard.images, np.memmap) for shard in shards)
        assert not any(shard.images.flags.writeable for shard in shards)
    assert len(open_shards(whole, "train")) == 7  # 200 pictures, 32 each


def test_a_shard_mixes_the_classes(whole: Path) -> None:
    assert all(len(set(shard.labels)) == 5 for shard in open_shards(whole, "train")[:-1])


def test_what_is_needed_is_what_is_written(whole: Path, tmp_path: Path) -> None:
    plan = plan_shards(SOURCES, tmp_path / "new", shard_bytes=SHARD_BYTES)
    assert not (tmp_path / "new").exists()
    assert plan.needed == plan.missing_bytes
    assert plan.needed == sum(path.stat().st_size for path in whole.glob("*/*.npy"))
    assert plan.pictures == 240
    assert plan.shards == len(plan.missing) == 9


def test_several_processes_make_the_same_files(whole: Path, tmp_path: Path) -> None:
    make(tmp_path / "set", workers=2)
    assert content(tmp_path / "set") == content(whole)


def test_a_finished_set_is_left_alone(whole: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in whole.rglob("*.npy")}
    assert make(whole).missing == ()
    assert {path: path.stat().st_mtime_ns for path in whole.rglob("*.npy")} == before


def test_a_changed_or_lost_file_is_found_and_made_again(whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    make(folder)
    changed = folder / "train" / "00003.images.npy"
    bytes_ = bytearray(changed.read_bytes())
    bytes_[500] ^= 1
    changed.write_bytes(bytes_)
    (folder / "test" / "00001.labels.npy").unlink()
    plan = make(folder)
    assert sorted(plan.damaged) == ["test/00001.labels.npy", "train/00003.images.npy"]
    assert [job.number for job in plan.missing] == [3, 1]
    assert content(folder) == content(whole)


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from helpers.challenge.shard_making import make_shards
from helpers.challenge.tiers import FloraSource
if __name__ == "__main__":
    source = FloraSource(5, 640, 1, size=8)
    make_shards({{"train": source}}, Path({folder!r}), shard_bytes={bytes}, workers={workers},
                progress=lambda done: print(done, flush=True))
"""


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize(("workers", "how"), [(1, "SIGKILL"), (2, "SIGKILL"), (1, "SIGINT")])
def test_killed_in_the_middle_it_goes_on(tmp_path: Path, workers: int, how: str) -> None:
    """After the end of the third shard the process is killed; nothing finished is made twice."""
    folder = tmp_path / "set"
    program = tmp_path / "make.py"
    text = KILLED.format(root=str(ROOT), folder=str(folder), bytes=SHARD_BYTES, workers=workers)
    program.write_text(text)
    process = subprocess.Popen(
        [sys.executable, str(program)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) == 3:
            process.send_signal(getattr(signal, how))
            break
    assert process.wait(timeout=60) != 0
    process.stdout.read()  # ends when its workers, which hold the pipe too, have ended
    process.stdout.close()
    source = FloraSource(5, 640, 1, size=8)
    with pytest.raises(ChallengeError, match="is missing"):
        open_shards(folder, "train")
    finished = {
        path: path.stat().st_mtime_ns
        for path in folder.rglob("*.npy")
        if path.relative_to(folder).as_posix() in read_index(folder)["sha256"]
    }
    assert 6 <= len(finished) < 200
    plan = make_shards({"train": source}, folder, shard_bytes=SHARD_BYTES)
    assert plan.damaged == ()
    assert len(plan.missing) == 100 - len(finished) // 2
    assert all(path.stat().st_mtime_ns == written for path, written in finished.items())
    images = np.concatenate([shard.images for shard in open_shards(folder, "train")])
    np.testing.assert_array_equal(images, source.pictures(0, len(source))[0])
    assert not list(folder.rglob("*.part"))


def test_too_small_a_disk_is_known_before(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(shard_making, "_free", lambda folder: 10_050_000)
    with pytest.raises(ChallengeError, match=r"needs 1 MB more, 10 MB is free") as error:
        make(tmp_path / "set", plan=None)
    assert "Make 1 MB of room" in error.value.cure
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_disk_that_fills_up_keeps_what_is_made(
    whole: Path, tmp_path: Path, monkeypatch: Any, workers: int
) -> None:
    """The index is the first that finds no room; its shard is not listed, and made again."""
    folder = tmp_path / "set"
    plan = plan_shards(SOURCES, folder, shard_bytes=SHARD_BYTES)
    made = []
    real = shard_making._write_index

    def fill_up(*arguments: Any) -> None:
        if len(arguments[3]) >= 8:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(*arguments)

    monkeypatch.setattr(shard_making, "_write_index", fill_up)
    with pytest.raises(ChallengeError) as error:
        make(folder, plan=plan, workers=workers, progress=made.append)
    assert "No space left on device; 3 of 9 shards are made and kept" in error.value.message
    assert "run it again to go on" in error.value.cure
    assert made == [1, 2, 3]
    monkeypatch.undo()
    make(folder)
    assert content(folder) == content(whole)


def test_a_write_that_fails_leaves_no_half_file(tmp_path: Path) -> None:
    """In a process of its own, whose files may not grow beyond 4,000 bytes."""
    program = tmp_path / "make.py"
    program.write_text(
        f"""
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from helpers.challenge.errors import ChallengeError
from helpers.challenge.shard_making import make_shards
from helpers.challenge.tiers import FloraSource
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
try:
    make_shards({{"train": FloraSource(5, 40, 1, size=8)}}, Path({str(tmp_path / "set")!r}),
                shard_bytes={SHARD_BYTES})
except ChallengeError as error:
    print(error)
"""
    )
    said = subprocess.run(
        [sys.executable, str(program)], capture_output=True, text=True, check=True
    )
    assert "File too large; 0 of 7 shards are made and kept" in said.stdout
    assert [path.name for path in (tmp_path / "set").rglob("*") if path.is_file()] == ["index.json"]


def test_another_set_is_never_overwritten(whole: Path) -> None:
    before = content(whole)
    other = {"train": FloraSource(5, 40, 3, size=8), "test": SOURCES["test"]}
    with pytest.raises(ChallengeError, match="holds another set"):
        make_shards(other, whole, shard_bytes=SHARD_BYTES)
    with pytest.raises(ChallengeError, match="holds another set"):
        make_shards(SOURCES, whole, shard_bytes=2 * SHARD_BYTES)
    assert content(whole) == before


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(ChallengeError, match=r"other files \(thesis\.tex\)"):
        make(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"format": 99}', "\x00\xff"])
def test_a_damaged_index_is_named(whole: Path, tmp_path: Path, damage: str) -> None:
    (tmp_path / "index.json").write_text(damage, encoding="latin-1")
    with pytest.raises(ChallengeError, match=r"index\.json is damaged"):
        open_shards(tmp_path, "train")


def test_reading_says_what_is_not_there(whole: Path, tmp_path: Path) -> None:
    with pytest.raises(ChallengeError, match="holds no set"):
        open_shards(tmp_path / "nowhere", "train")
    with pytest.raises(ChallengeError, match="There are train, test"):
        open_shards(whole, "validation")


def test_the_index_says_what_the_set_is(whole: Path) -> None:
    index = json.loads((whole / "index.json").read_text())
    assert index["splits"]["train"]["source"] == "flora"
    assert index["splits"]["train"]["pictures"] == 200
    assert len(index["sha256"]) == 18


def test_the_tiers() -> None:
    needed = {}
    for name, tier in TIERS.items():
        sources = tier_sources(tier)
        needed[name] = sum(len(source) * int(np.prod(source.shape)) for source in sources.values())
    assert {name: round(size / 1e9, 1) for name, size in needed.items()} == {
        "small": 0.1,
        "medium": 1.4,
        "large": 12.9,
    }


def test_training_and_test_pictures_differ() -> None:
    sources = tier_sources(Tier("tiny", 2, 32, 32, 16))
    train, test = (source.pictures(0, 64)[0] for source in sources.values())
    assert not {image.tobytes() for image in train} & {image.tobytes() for image in test}
