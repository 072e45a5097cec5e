"""The given export: one plain file that computes what the network does."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from helpers.challenge.errors import ChallengeError
from helpers.challenge.export import OPSET, export


class Residual(nn.Module):
    """A small net with what students' nets have: batch statistics, a residual, dropout."""

    def __init__(self, classes: int = 4) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 5, stride=2, padding=2)
        self.body = nn.Sequential(
            nn.Conv2d(8, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU()
        )
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.5), nn.Linear(8, classes)
        )

    def forward(self, x):
        h = self.stem(x / 127.5 - 1)
        return self.head(h + self.body(h))


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> tuple[nn.Module, Path]:
    torch.manual_seed(0)
    model = Residual().to(memory_format=torch.channels_last)
    model(torch.randint(256, (8, 3, 32, 32)))  # batch statistics that are not those of a new layer
    return model, export(model, tmp_path_factory.mktemp("export") / "deep" / "model.onnx", size=32)


def test_the_file_computes_what_the_network_does(exported):
    model, path = exported
    batch = torch.randint(256, (7, 3, 32, 32), dtype=torch.uint8)
    model.eval()
    with torch.no_grad():
        expected = model(batch).numpy()
    model.train()
    (scores,) = onnxruntime.InferenceSession(str(path)).run(None, {"pictures": batch.numpy()})
    np.testing.assert_allclose(scores, expected, atol=1e-5)


def test_the_file_keeps_the_rules(exported):
    _, path = exported
    assert [file.name for file in path.parent.iterdir()] == ["model.onnx"]
    model = onnx.load(str(path), load_external_data=False)
    assert [(o.domain, o.version) for o in model.opset_import] == [("", OPSET)]
    assert not model.functions
    assert not any(tensor.external_data for tensor in model.graph.initializer)


def test_the_network_stays_as_it_was(exported):
    model, _ = exported
    assert model.training
    assert all(module.training for module in model.modules())


def test_a_network_that_takes_no_bytes_is_given_the_same_numbers_as_floats(tmp_path):
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(4 * 6 * 6, 2))
    path = export(model, tmp_path / "model.onnx", size=8, channels=1)
    session = onnxruntime.InferenceSession(str(path))
    assert session.get_inputs()[0].type == "tensor(float)"
    batch = torch.randint(256, (3, 1, 8, 8)).float()
    (scores,) = session.run(None, {"pictures": batch.numpy()})
    np.testing.assert_allclose(scores, model(batch).detach().numpy(), rtol=1e-3, atol=1e-3)


def test_what_gives_no_scores_is_refused(tmp_path):
    with pytest.raises(ChallengeError, match=r"\(2, 8, 16, 16\) in place of scores"):
        export(nn.Conv2d(3, 8, 1), tmp_path / "model.onnx", size=16)
    assert not list(tmp_path.iterdir())


class Branches(nn.Module):
    def forward(self, x):
        h = x.float().mean((2, 3))
        return h if h.sum() > 0 else -h


def test_what_cannot_be_written_is_refused_with_a_cure_and_the_old_file_stays(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"old")
    with pytest.raises(ChallengeError, match="cannot be written as ONNX") as caught:
        export(Branches(), tmp_path / "model.onnx", size=16)
    assert "if" in caught.value.cure
    assert (tmp_path / "model.onnx").read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["model.onnx"]
