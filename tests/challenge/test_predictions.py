"""The rules for `predictions.npz`."""

import io
import pickle
import zipfile

import numpy as np
import pytest

from autograder.challenge.errors import Refused
from autograder.challenge.predictions import read_predictions

NUMBER, CLASSES = 50, 4


def npz(**arrays) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def header(text: str) -> bytes:
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


LABELS = np.arange(NUMBER) % CLASSES


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "not a file of NumPy's"),
        (b"\x93NUMPY", "not a file of NumPy's"),
        (npz(predictions=LABELS)[:-40], "not a file of NumPy's"),
        (npz(labels=LABELS), "one array, called predictions"),
        (npz(predictions=LABELS, more=LABELS), "one array"),
        (npz(predictions=LABELS[1:]), "is 49, and there are 50"),
        (npz(predictions=LABELS[None]), "is 1 × 50"),
        (npz(predictions=np.int64(3)), "a single number"),
        (npz(predictions=LABELS.astype(float)), "whole numbers"),
        (npz(predictions=LABELS.astype(bool)), "whole numbers"),
        (npz(predictions=LABELS - 1), "not one of 0 to 3"),
        (npz(predictions=LABELS + 1), "not one of 0 to 3"),
        (npz(predictions=np.full(NUMBER, 2**63, np.uint64)), "not one of 0 to 3"),
        (npz(predictions=np.array([b"1"] * NUMBER)), "whole numbers"),
        (npz(predictions=np.zeros(10**6, np.int64)), "more than 50 numbers"),
        (zipped("predictions.npy", b"\0" * 10**8), "more than 50 numbers"),
        (zipped("../predictions.npy", b""), "one array"),
        (zipped("predictions.npy", pickle.dumps([1, 2])), "plain numbers"),
        (
            zipped(
                "predictions.npy",
                header("{'descr': '|O', 'fortran_order': False, 'shape': (50,), }\n")
                + pickle.dumps(list(range(50))),
            ),
            "plain numbers",
        ),
        (
            zipped(
                "predictions.npy",
                header("{'descr': '<i8', 'fortran_order': False, 'shape': (1000000000000,), }\n"),
            ),
            "plain numbers",
        ),
        (zipped("predictions.npy", header("(" * 3000)), "plain numbers"),
    ],
)
def test_what_is_not_predictions_is_refused(content, sentence):
    with pytest.raises(Refused, match=sentence):
        read_predictions(content, NUMBER, CLASSES)


def test_nothing_is_unpickled():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        text = "{'descr': '|O', 'fortran_order': False, 'shape': (50,), }\n"
        bomb = b"cos\nabort\n(tR."  # would end this very process
        archive.writestr("predictions.npy", header(text) + bomb)
    with pytest.raises(Refused, match="plain numbers"):
        read_predictions(buffer.getvalue(), NUMBER, CLASSES)


@pytest.mark.parametrize("kind", ["i1", "u1", "<i4", ">i8", "u8"])
def test_predictions_of_any_whole_type_are_read(kind):
    found = read_predictions(npz(predictions=LABELS.astype(kind)), NUMBER, CLASSES)
    np.testing.assert_array_equal(found, LABELS)
    assert found.dtype == np.int64
