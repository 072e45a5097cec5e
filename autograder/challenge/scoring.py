"""How good predictions are: accuracy and macro F1, each with an interval."""

import numpy as np
from pydantic import Field

from autograder.records import Plain

RESAMPLES = 2000
LEVEL = 0.95
_SEED = 7  # of the resampling: the same predictions have the same interval every time


class HalfScore(Plain):
    """How predictions do on one half of the hidden set.

    Attributes:
        pictures: how many.
        accuracy: share that is right.
        accuracy_interval: its 95 % bootstrap interval.
        f1: mean over the classes of F1 (harmonic mean of precision and recall).
        f1_interval: its 95 % bootstrap interval.
        confusion: pictures by true class (row) and predicted class (column).
    """

    pictures: int
    accuracy: float = Field(ge=0, le=1)
    accuracy_interval: tuple[float, float]
    f1: float = Field(ge=0, le=1)
    f1_interval: tuple[float, float]
    confusion: list[list[int]]


def score(labels: np.ndarray, predicted: np.ndarray, classes: int) -> HalfScore:
    """Score predictions.

    Args:
        labels: (N,) true classes, N at least 1.
        predicted: (N,) predicted classes.
        classes: how many there are.

    Returns:
        Accuracy and macro F1, with percentile intervals of the bootstrap over pictures (B. Efron,
        "Bootstrap methods: another look at the jackknife", The Annals of Statistics 7, 1979).
    """
    confusion = confusion_matrix(labels, predicted, classes)
    number = len(labels)
    # N pictures drawn with replacement fall into the cells of the table by the multinomial law.
    generator = np.random.default_rng(_SEED)
    drawn = generator.multinomial(number, confusion.ravel() / number, RESAMPLES)
    tables = drawn.reshape(RESAMPLES, classes, classes)
    return HalfScore(
        pictures=number,
        accuracy=float(accuracy(confusion)),
        accuracy_interval=_interval(accuracy(tables)),
        f1=float(macro_f1(confusion)),
        f1_interval=_interval(macro_f1(tables)),
        confusion=confusion.tolist(),
    )


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Count pictures by true class (row) and predicted class (column), (classes, classes)."""
    cells = np.asarray(labels) * classes + np.asarray(predicted)
    return np.bincount(cells, minlength=classes**2).reshape(classes, classes)


def accuracy(confusion: np.ndarray) -> np.ndarray:
    """Give the share that is right, of one table or of many, (…, classes, classes)."""
    return np.trace(confusion, axis1=-2, axis2=-1) / confusion.sum((-2, -1))


def macro_f1(confusion: np.ndarray) -> np.ndarray:
    """Give the mean F1 over classes, of one table or of many, (…, classes, classes).

    A class that is neither there nor predicted counts as 0, as it does with scikit-learn.
    """
    right = np.diagonal(confusion, axis1=-2, axis2=-1)
    both = confusion.sum(-1) + confusion.sum(-2)
    return np.where(both > 0, 2 * right / np.maximum(both, 1), 0.0).mean(-1)


def _interval(values: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(values, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(low), float(high)
