"""Runs a model that keeps the rules. Only ever called behind the wall."""

import hashlib
from collections.abc import Callable

import numpy as np
from numpy.random import default_rng

from autograder.challenge.errors import Refused
from autograder.challenge.rules import BATCH, EXPORT, Asked, Model, first_line, shape_of

ASKED_AGAIN = 10  # one in so many pictures

# How onnxruntime says that it got no memory, or did not even try.
_NO_MEMORY = (
    "bad_alloc",
    "bad alloc",
    "allocate memory",
    "std::length",
    "integer overflow",
    "supported maximum",
)


class Runner:
    """Runs a model that keeps the rules.

    Args:
        model: the model.
        asked: what it must take and give.

    Raises:
        Refused: it cannot be loaded.
    """

    def __init__(self, model: Model, asked: Asked) -> None:
        import onnxruntime  # type: ignore[import-untyped]

        self.model, self.asked = model, asked
        # A library's message may hold numbers that the model made out of the pictures. The first
        # ones are public; what is said of the others goes no further than that they fail.
        self._talks = True
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.use_deterministic_compute = True
        options.log_severity_level = 4
        try:
            self._session = onnxruntime.InferenceSession(
                model.content, sess_options=options, providers=["CPUExecutionProvider"]
            )
        except MemoryError:
            raise
        except Exception as error:
            raise self._too_much(error) or Refused(
                f"onnxruntime cannot load the model: {first_line(error)}", EXPORT
            ) from None

    def scores(self, number: int, receive: Callable[[int], np.ndarray]) -> np.ndarray:
        """Score pictures, a few at once, as they come.

        Args:
            number: how many there are, at least 1.
            receive: gives the next so many, (n, channels, size, size) uint8.

        Returns:
            (number, classes) float32.

        Raises:
            Refused: it fails, gives something else, or gives a picture other scores when it is
                asked again beside other pictures.
        """
        found = np.empty((number, self.asked.classes), np.float32)
        for first in range(0, number, BATCH):
            pictures = receive(min(BATCH, number - first))
            self._talks = first == 0
            found[first : first + BATCH] = self._batch(pictures)
            self._ask_again(pictures, found[first : first + BATCH])
        return found

    def _ask_again(self, pictures: np.ndarray, before: np.ndarray) -> None:
        """Ask for a few of a batch again, without the others and in another order.

        Which ones, the pictures decide: the same every time, and for hidden pictures nobody knows.
        """
        digest = hashlib.sha256(pictures.tobytes()).digest()
        number = -(-len(pictures) // ASKED_AGAIN)
        some = default_rng(list(digest)).permutation(len(pictures))[:number]
        again, before = self._batch(np.ascontiguousarray(pictures[some])), before[some]
        largest = float(np.abs(before).max())
        if not np.abs(again - before).max() <= 1e-3 * max(1.0, largest):
            raise Refused(
                "The model gives a picture other scores when it is asked again beside other "
                "pictures.",
                "Export in evaluation mode: no dropout, and batch normalisation by its averages.",
            )

    def _batch(self, pictures: np.ndarray) -> np.ndarray:
        given = pictures if self.model.bytes_in else pictures.astype(np.float32)
        try:
            (scores,) = self._session.run([self.model.scores], {self.model.pictures: given})
        except MemoryError:
            raise
        except Exception as error:
            said = f": {first_line(error)}" if self._talks else " after the first ones."
            raise self._too_much(error) or Refused(
                f"The model fails on the hidden pictures{said}", EXPORT
            ) from None
        right = (len(pictures), self.asked.classes)
        if not isinstance(scores, np.ndarray) or scores.shape != right:
            shape = getattr(scores, "shape", ()) if self._talks else ()
            got = shape_of(shape) or "something else"
            raise Refused(
                f"For {right[0]} pictures the model gives {got} and not {shape_of(right)} scores.",
                f"There are {self.asked.classes} classes.",
            )
        with np.errstate(over="ignore"):
            scores = scores.astype(np.float32)
        if not np.isfinite(scores).all():
            raise Refused(
                "The model gives scores that are not finite (NaN or infinity).",
                "Look for a division by zero, a logarithm of zero, or an overflow in half "
                "precision.",
            )
        return scores

    def _too_much(self, error: Exception) -> Refused | None:
        text = str(error).lower()
        if any(sign in text for sign in _NO_MEMORY):
            return Refused(
                f"The model needs more than the {self.asked.memory_mb} MiB of memory that it may "
                "use.",
                f"That is for {BATCH} pictures at once; make the network smaller.",
            )
        return None
