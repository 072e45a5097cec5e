"""Running a hostile file: it costs its own time and memory, and ends in a sentence."""

import dataclasses
import io
import os
import time
import tracemalloc
import zipfile

import numpy as np
import pytest
from onnx import TensorProto, helper
from onnx_files import (
    CHANNELS,
    CLASSES,
    SIZE,
    blown_up,
    model,
    network,
    pictures,
    slow,
    tensor,
    weights,
)

from autograder.challenge import confined
from autograder.challenge.confined import read_confined_predictions, run_model, sealed
from autograder.challenge.errors import Refused
from autograder.challenge.handed_in import read_entry, read_file
from autograder.challenge.settings import ChallengeSettings

SETTINGS = ChallengeSettings(
    classes=CLASSES, size=SIZE, memory_mb=512, processor_seconds=30, seconds=120
)
NUMBER = 120


@pytest.fixture(scope="module")
def room():
    with sealed("bubblewrap") as made:
        yield made


@pytest.fixture(scope="module")
def batch() -> np.ndarray:
    generator = np.random.default_rng(0)
    return generator.integers(0, 256, (NUMBER, CHANNELS, SIZE, SIZE), np.uint8)


def refusal(room, content: bytes, batch: np.ndarray, settings=SETTINGS) -> str:
    with pytest.raises(Refused) as caught:
        run_model(room, content, [batch], settings)
    return str(caught.value)


def test_scores_come_back_the_same_in_parts_and_through_either_wall(room, batch):
    content = model().SerializeToString()
    found = run_model(room, content, [batch[:70], batch[70:]], SETTINGS)
    matrix = np.arange(CHANNELS * CLASSES).reshape(CHANNELS, CLASSES) / 10
    np.testing.assert_allclose(found, batch.mean((2, 3)) @ matrix, rtol=1e-4)
    for wall in ("landlock", "none"):
        other = dataclasses.replace(room, wall=wall)
        np.testing.assert_array_equal(run_model(other, content, [batch], SETTINGS), found)


def test_the_file_is_taken_apart_behind_the_wall_only(room, batch, monkeypatch):
    started = []
    whole = confined.subprocess.Popen

    def watched(line, **options):
        started.append((line, options))
        return whole(line, **options)

    monkeypatch.setattr(confined.subprocess, "Popen", watched)
    assert "not ONNX" in refusal(room, b"\xff" * 100, batch)
    ((line, options),) = started
    assert '"wall": "namespaces"' in line[-2] or '"wall": "landlock"' in line[-2]
    assert set(options["env"]) <= {
        *("PATH", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "LANG"),
        *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
    }


@pytest.mark.parametrize("kind", ["ConstantOfShape", "Expand", "Tile", "Pad", "Resize"])
@pytest.mark.parametrize("side", [20_000, 3_000_000, 2**40])
def test_a_table_that_grows_huge_as_it_runs_ends_at_the_limit(room, batch, kind, side):
    began = time.monotonic()
    said = refusal(room, blown_up(kind, side).SerializeToString(), batch)
    assert "more than the 512 MiB" in said
    assert time.monotonic() - began < 100


def test_a_slow_model_ends_at_the_limit_of_processor_time(room, batch):
    settings = SETTINGS.model_copy(update={"processor_seconds": 5})
    said = refusal(room, slow().SerializeToString(), batch, settings)
    assert "more than 5 s of processor time" in said


def test_a_slow_model_ends_at_the_limit_of_the_clock(room, batch, monkeypatch):
    monkeypatch.setattr(confined, "START_SECONDS", 0)
    settings = SETTINGS.model_copy(update={"seconds": 3})
    began = time.monotonic()
    assert "longer than 3 s" in refusal(room, slow().SerializeToString(), batch, settings)
    assert time.monotonic() - began < 60


def test_scores_that_are_not_numbers_are_refused(room, batch):
    bad = np.full((CHANNELS, CLASSES), np.nan, np.float32)
    made = model(constants=[weights()[0], tensor("W", bad)], without_weights=True)
    assert "not finite" in refusal(room, made.SerializeToString(), batch)


def test_weights_in_another_file_are_not_looked_for(room, batch):
    made = model()
    made.graph.initializer[1].data_location = TensorProto.EXTERNAL
    entry = made.graph.initializer[1].external_data.add()
    entry.key, entry.value = "location", "/etc/passwd"
    assert "another file" in refusal(room, made.SerializeToString(), batch)


def test_pictures_as_bytes_are_given_as_bytes(room, batch):
    nodes = [helper.make_node("Cast", ["pictures"], ["real"], to=TensorProto.FLOAT), *network()]
    nodes[1].input[0] = "real"
    made = model(nodes, inputs=[pictures(kind=TensorProto.UINT8)]).SerializeToString()
    found = run_model(room, made, [batch], SETTINGS)
    matrix = np.arange(CHANNELS * CLASSES).reshape(CHANNELS, CLASSES) / 10
    np.testing.assert_allclose(found, batch.mean((2, 3)) @ matrix, rtol=1e-4)


# what the process behind the wall might say, were it taken over


class Liar:
    """Stands in for the process behind the wall and says what it is told to say."""

    def __init__(self, monkeypatch, said: list[bytes], code: int = 0) -> None:
        self.said, self.code = b"".join(said), code
        monkeypatch.setattr(confined.subprocess, "Popen", self)

    def __call__(self, line, *, pass_fds, **_):
        import socket

        theirs = socket.socket(fileno=os.dup(pass_fds[0]))
        theirs.sendall(b"+" + self.said)
        theirs.shutdown(socket.SHUT_WR)
        self.theirs = theirs
        return self

    def wait(self, timeout=None):
        return self.code

    def kill(self):
        self.theirs.close()


def words(text: bytes) -> bytes:
    return len(text).to_bytes(8, "little") + text


READY = words(b'{"ready": true}')
SHAPE = b'{"shape": [%d, %d], "dtype": "float32"}' % (NUMBER, CLASSES)


@pytest.mark.parametrize(
    "said",
    [
        [words(b"not json")],
        [words(b"[1, 2]")],
        [words(b"[" * 60_000)],
        [(2**63).to_bytes(8, "little")],
        [words(b'{"ready": false}')],
        [READY, words(b'{"shape": [1000000000, 1000], "dtype": "float32"}')],
        [READY, words(SHAPE.replace(b"float32", b"object"))],
        [READY, words(SHAPE), np.full((NUMBER, CLASSES), np.nan, np.float32).tobytes()],
    ],
)
def test_an_answer_that_makes_no_sense_is_refused(room, batch, monkeypatch, said):
    Liar(monkeypatch, said)
    assert "makes no sense" in refusal(room, b"", batch)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (134, "512 MiB"),
        (152, "processor time"),
        (137, "processor time"),
        (139, "crash"),
        (-11, "crash"),
        (0, "crash"),
    ],
)
def test_an_early_end_is_told_by_its_exit_code(room, batch, monkeypatch, code, sentence):
    Liar(monkeypatch, [READY, words(SHAPE), b"\0" * 7], code)
    assert sentence in refusal(room, b"", batch)


def test_words_from_behind_the_wall_are_cleaned_and_cut(room, batch, monkeypatch):
    Liar(
        monkeypatch, [words(b'{"problem": "\\u001b[31mA\\nB\\u202e%s", "cure": 7}' % (b"x" * 5000))]
    )
    said = refusal(room, b"", batch)
    assert said.startswith("A B\ufffdxxx")
    assert len(said) < 600


# predictions


def npz(**arrays) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def zipped(name: str, content: bytes, kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def test_predictions_are_read(room):
    for kind in (np.int64, np.uint8):
        content = npz(predictions=(np.arange(NUMBER) % CLASSES).astype(kind))
        found = read_confined_predictions(room, content, NUMBER, SETTINGS)
        np.testing.assert_array_equal(found, np.arange(NUMBER) % CLASSES)


def test_forged_predictions_are_refused(room, monkeypatch):
    forged = np.full(NUMBER, 10**6).tobytes()
    said = b'{"shape": [%d], "dtype": "int64"}' % NUMBER
    Liar(monkeypatch, [words(said), forged])
    with pytest.raises(Refused, match="makes no sense"):
        read_confined_predictions(room, b"", NUMBER, SETTINGS)


# the file itself, before it is opened


def test_a_link_a_pipe_and_a_folder_are_not_read(tmp_path):
    (tmp_path / "secret").write_bytes(model().SerializeToString())
    cases = {"link": "is a link", "pipe": "not an ordinary file", "folder": "not an ordinary file"}
    for case in cases:
        (tmp_path / case).mkdir()
    (tmp_path / "link/model.onnx").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "pipe/model.onnx")
    (tmp_path / "folder/model.onnx").mkdir()
    for case, sentence in cases.items():
        with pytest.raises(Refused, match=sentence):
            read_entry(tmp_path / case, 50)


def test_a_folder_that_is_a_link_is_not_followed(tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other/model.onnx").write_bytes(b"theirs")
    (tmp_path / "challenge").symlink_to(tmp_path / "other")
    with pytest.raises(Refused, match="not a folder"):
        read_entry(tmp_path / "challenge", 50)


def test_a_file_of_500_mb_is_not_read(tmp_path):
    path = tmp_path / "model.onnx"
    with path.open("wb") as file:
        file.truncate(500 * 2**20)
    tracemalloc.start()
    with pytest.raises(Refused, match="has 500 MiB; 50 are allowed"):
        read_file(path, 50)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 2**20


def test_the_model_counts_where_there_are_both(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"model")
    (tmp_path / "predictions.npz").write_bytes(b"predictions")
    assert read_entry(tmp_path, 50).kind == "model"
    (tmp_path / "model.onnx").unlink()
    assert read_entry(tmp_path, 50).kind == "predictions"
    (tmp_path / "predictions.npz").unlink()
    with pytest.raises(Refused, match="neither"):
        read_entry(tmp_path, 50)
