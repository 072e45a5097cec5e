"""The rules for `predictions.npz`: one array of whole numbers. Only ever called behind the wall."""

import io
import zipfile

import numpy as np

from autograder.challenge.errors import Refused

MEMBER = "predictions"
_HEADER = 4096
_SHAPE = (
    "Save it with np.savez('predictions.npz', predictions=…): the number of the class of each "
    "public picture, in their order."
)


def read_predictions(content: bytes, pictures: int, classes: int) -> np.ndarray:
    """Read predicted classes, without pickle and without unpacking more than there can be.

    Args:
        content: the file.
        pictures: how many there must be.
        classes: how many classes there are.

    Returns:
        (pictures,) int64, each from 0 to classes − 1.

    Raises:
        Refused: it is something else.
    """
    most = 8 * pictures + _HEADER
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if [member.filename for member in members] != [f"{MEMBER}.npy"]:
                raise Refused(f"predictions.npz must hold one array, called {MEMBER}.", _SHAPE)
            with archive.open(members[0]) as file:
                data = file.read(most + 1)
    except Refused:
        raise
    except Exception:
        raise Refused(
            "predictions.npz is not a file of NumPy's, or it is damaged.", _SHAPE
        ) from None
    if len(data) > most:
        raise Refused(f"predictions.npz holds more than {pictures:,} numbers.", _SHAPE)
    try:
        found = np.lib.format.read_array(
            io.BytesIO(data), allow_pickle=False, max_header_size=_HEADER
        )
    except Exception:
        raise Refused(f"The array {MEMBER} cannot be read as plain numbers.", _SHAPE) from None
    if found.shape != (pictures,):
        shape = " × ".join(str(length) for length in found.shape) or "a single number"
        raise Refused(
            f"The array {MEMBER} is {shape[:60]}, and there are {pictures:,} public pictures.",
            _SHAPE,
        )
    if found.dtype.kind not in "iu":
        raise Refused(f"The array {MEMBER} does not hold whole numbers.", _SHAPE)
    if pictures and not 0 <= int(found.min()) <= int(found.max()) < classes:
        raise Refused(
            f"A class in {MEMBER} is not one of 0 to {classes - 1}.",
            f"There are {classes} classes.",
        )
    return found.astype(np.int64)
