"""The trained LeNet in data/: small, what its script makes, and true to its stored scores."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from helpers import datasets

DATA = Path(__file__).resolve().parent.parent / "data"
LIMIT = 300_000


@pytest.fixture(scope="module")
def trained():
    return datasets.lenet()


@pytest.fixture
def maker(monkeypatch):
    """The script that trains it, as a module."""
    monkeypatch.syspath_prepend(str(DATA / "make"))
    monkeypatch.delitem(sys.modules, "archive", raising=False)
    spec = importlib.util.spec_from_file_location("make_lenet", DATA / "make" / "lenet.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def loaded(maker, trained):
    """The script's network with the stored weights."""
    model = maker.build()
    layers = [layer for layer in model if hasattr(layer, "weight")]
    stored = list(trained.weights.values())
    for layer, weight, bias in zip(layers, stored[::2], stored[1::2], strict=True):
        turned = weight.T if weight.ndim == 2 else weight
        layer.weight.data = torch.from_numpy(turned.copy())
        layer.bias.data = torch.from_numpy(bias)
    return model


def test_the_file_is_small():
    assert (DATA / "lenet_fashion.npz").stat().st_size < LIMIT


def test_the_stored_scores_are_those_of_the_stored_weights(maker, trained):
    model = loaded(maker, trained).double()
    with torch.no_grad():
        scores = model(torch.from_numpy(trained.images[:, None] / 255)).numpy()
    np.testing.assert_allclose(scores, trained.outputs, rtol=0, atol=1e-10)


def test_the_stored_pictures_are_the_first_of_the_small_test_set(trained):
    fashion = datasets.fashion_mnist("small28")
    np.testing.assert_array_equal(trained.images, fashion.test_images[: len(trained.images)])
    np.testing.assert_array_equal(trained.labels, fashion.test_labels[: len(trained.labels)])


def test_the_stored_accuracy_is_what_the_weights_reach(maker, trained):
    full = datasets.fashion_mnist("full")
    images, labels = maker.pictures(full.test_images), torch.from_numpy(full.test_labels)
    share = maker.accuracy(loaded(maker, trained), images, labels)
    assert share == pytest.approx(trained.accuracy, abs=5e-4)  # rounding may move a tie
    assert share > 0.88


def test_the_script_names_and_shapes_the_weights_as_the_file_does(maker, trained):
    made = maker.arrays_of(maker.build())
    assert list(made) == list(trained.weights)
    assert [a.shape for a in made.values()] == [a.shape for a in trained.weights.values()]
    assert {a.dtype for a in trained.weights.values()} == {np.dtype(np.float32)}
    assert sum(a.size for a in trained.weights.values()) == 61_706
    assert repr(trained).startswith("TrainedNet: 61,706 weights, 8")


def test_training_lowers_the_loss_and_follows_its_seed(maker, monkeypatch):
    monkeypatch.setattr(maker, "EPOCHS", 1)
    fashion = datasets.fashion_mnist("small28")
    images = maker.pictures(fashion.train_images[:640])
    labels = torch.from_numpy(fashion.train_labels[:640])
    results = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        model = maker.build()
        before = maker.accuracy(model, images, labels)
        maker.train(model, images, labels, seed)
        assert maker.accuracy(model, images, labels) > before
        results.append(model[0].weight.detach().numpy().copy())
    np.testing.assert_array_equal(results[0], results[1])
    assert np.abs(results[0] - results[2]).max() > 0
