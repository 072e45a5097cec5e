"""A course with nothing in it but a small challenge."""

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper
from onnx_files import CLASSES, model, network, tensor

from autograder.course import Course, load_course

SETTINGS = """\
classes = 4
size = 16
public_per_class = 30
private_per_class = 20
memory_mb = 512

[challenge.thresholds]
pass = 60
good = 80
excellent = 92
"""


def make_course(folder: Path, settings: str = SETTINGS) -> Course:
    (folder / "solutions").mkdir(parents=True)
    (folder / "course.toml").write_text(f'title = "Small"\n\n[challenge]\n{settings}')
    return load_course(folder)


def hand_in(course: Course, student: str, content: bytes, name: str = "model.onnx") -> Path:
    path = course.private / "submitted" / student / "challenge" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def knowing(labels: np.ndarray, images: np.ndarray, right: float) -> bytes:
    """Make a model that knows some pictures by a checksum: it is right for a share of them.

    A fair model could not be that; it shows which pictures reach which score.
    """
    factors = np.random.default_rng(0).integers(1000, size=images.shape[1:])
    sums = (images * factors).sum((1, 2, 3))
    guessed = labels.copy()
    wrong = np.arange(len(labels)) >= round(right * len(labels))
    guessed[wrong] = (guessed[wrong] + 1) % CLASSES
    nodes = [
        helper.make_node("Cast", ["pictures"], ["whole"], to=TensorProto.INT64),
        helper.make_node("Mul", ["whole", "factors"], ["products"]),
        helper.make_node("ReduceSum", ["products", "all"], ["sums"], keepdims=0),
        helper.make_node("Unsqueeze", ["sums", "last"], ["column"]),
        helper.make_node("Equal", ["column", "known"], ["same"]),
        helper.make_node("Cast", ["same"], ["found"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["found", "table"], ["told"]),
        *network(last="guess"),
        helper.make_node("Mul", ["guess", "nought"], ["nothing"]),
        helper.make_node("Add", ["told", "nothing"], ["scores"]),
    ]
    constants = [
        tensor("factors", factors, np.int64),
        tensor("all", [1, 2, 3], np.int64),
        tensor("last", [1], np.int64),
        tensor("known", sums[None], np.int64),
        tensor("table", np.eye(CLASSES)[guessed]),
        tensor("nought", 0.0),
    ]
    return model(nodes, constants=constants).SerializeToString()
