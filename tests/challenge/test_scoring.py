"""Accuracy, macro F1 and their intervals, against scikit-learn and against a bootstrap by hand."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

from autograder.challenge.scoring import score


def predictions(classes: int, number: int, share: float, seed: int = 0):
    generator = np.random.default_rng(seed)
    labels = generator.integers(classes, size=number)
    predicted = np.where(
        generator.random(number) < share, labels, generator.integers(classes, size=number)
    )
    return labels, predicted


@pytest.mark.parametrize(("classes", "number", "share"), [(20, 2000, 0.6), (3, 50, 0.9), (5, 7, 0)])
def test_scores_are_scikit_learns(classes, number, share):
    labels, predicted = predictions(classes, number, share)
    found = score(labels, predicted, classes)
    assert found.pictures == number
    assert found.accuracy == pytest.approx(accuracy_score(labels, predicted))
    expected = f1_score(labels, predicted, labels=range(classes), average="macro", zero_division=0)
    assert found.f1 == pytest.approx(expected)
    table = confusion_matrix(labels, predicted, labels=range(classes))
    np.testing.assert_array_equal(found.confusion(), table)


def test_intervals_are_those_of_drawing_pictures_again():
    labels, predicted = predictions(6, 400, 0.5)
    found = score(labels, predicted, 6)
    generator = np.random.default_rng(1)
    accuracies, f1s = [], []
    for _ in range(1000):
        again = generator.integers(400, size=400)
        accuracies.append(np.mean(labels[again] == predicted[again]))
        f1s.append(f1_score(labels[again], predicted[again], average="macro"))
    for interval, values in ((found.accuracy_interval, accuracies), (found.f1_interval, f1s)):
        np.testing.assert_allclose(interval, np.quantile(values, (0.025, 0.975)), atol=0.012)
    assert found.accuracy_interval[0] < found.accuracy < found.accuracy_interval[1]


def test_the_interval_holds_the_truth_as_often_as_it_says():
    held = 0
    for seed in range(200):
        labels, predicted = predictions(4, 300, 0.6, seed)
        low, high = score(labels, predicted, 4).accuracy_interval
        held += low <= 0.6 + 0.4 / 4 <= high
    assert 180 <= held <= 199


def test_the_same_predictions_have_the_same_interval():
    labels, predicted = predictions(4, 100, 0.5)
    assert score(labels, predicted, 4) == score(labels, predicted, 4)


def test_many_classes_take_no_table_of_all_pairs():
    labels, predicted = predictions(1000, 3000, 0.7)
    found = score(labels, predicted, 1000)
    assert len(found.cells) <= 3000
    assert found.accuracy == pytest.approx(np.mean(labels == predicted))
