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
        classes: how many.
        accuracy: share that is right.
        accuracy_interval: its 95 % bootstrap interval.
        f1: mean over the classes of F1 (harmonic mean of precision and recall).
        f1_interval: its 95 % bootstrap interval.
        cells: true class, predicted class, and how many pictures; where there is at least one.
    """

    pictures: int
    classes: int
    accuracy: float = Field(ge=0, le=1)
    accuracy_interval: tuple[float, float]
    f1: float = Field(ge=0, le=1)
    f1_interval: tuple[float, float]
    cells: list[tuple[int, int, int]]

    def confusion(self) -> np.ndarray:
        """Give the counts by true class (row) and predicted class (column), (classes, classes)."""
        table = np.zeros((self.classes, self.classes), np.int64)
        for true, predicted, count in self.cells:
            table[true, predicted] = count
        return table


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
    number = len(labels)
    codes, counts = np.unique(
        np.asarray(labels) * classes + np.asarray(predicted), return_counts=True
    )
    true, guessed = np.divmod(codes, classes)
    # N pictures drawn with replacement fall into the cells of the table by the multinomial law.
    generator = np.random.default_rng(_SEED)
    drawn = [
        _rates(true, guessed, generator.multinomial(number, counts / number), classes)
        for _ in range(RESAMPLES)
    ]
    accuracy, f1 = _rates(true, guessed, counts, classes)
    accuracies, f1s = np.array(drawn).T
    return HalfScore(
        pictures=number,
        classes=classes,
        accuracy=accuracy,
        accuracy_interval=_interval(accuracies),
        f1=f1,
        f1_interval=_interval(f1s),
        cells=list(zip(true.tolist(), guessed.tolist(), counts.tolist(), strict=True)),
    )


def _rates(
    true: np.ndarray, guessed: np.ndarray, counts: np.ndarray, classes: int
) -> tuple[float, float]:
    """Give accuracy and macro F1 of a table that is given by its cells.

    A class that is neither there nor predicted counts as 0, as it does with scikit-learn.
    """
    right = np.bincount(true, counts * (true == guessed), classes)
    both = np.bincount(true, counts, classes) + np.bincount(guessed, counts, classes)
    f1 = 2 * right / np.maximum(both, 1)
    return float(right.sum() / counts.sum()), float(f1.mean())


def _interval(values: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(values, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(low), float(high)
