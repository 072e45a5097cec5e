"""Small ONNX files for the tests: an honest one, and ways to spoil it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CLASSES, SIZE, CHANNELS = 4, 16, 3
PICTURES = ["N", CHANNELS, SIZE, SIZE]
FLOAT = TensorProto.FLOAT


def tensor(name: str, values: Any, kind: Any = np.float32) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array(values, kind), name)


def pictures(shape: Sequence[Any] = PICTURES, kind: int = FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info("pictures", kind, shape)


def scores(shape: Sequence[Any] = ("N", CLASSES), kind: int = FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info("scores", kind, shape)


def weights() -> list[onnx.TensorProto]:
    """Make a linear layer that looks at the mean of each channel."""
    matrix = np.arange(CHANNELS * CLASSES).reshape(CHANNELS, CLASSES)
    return [tensor("axes", [2, 3], np.int64), tensor("W", matrix / 10)]


def network(before: Sequence[onnx.NodeProto] = (), last: str = "scores") -> list[onnx.NodeProto]:
    """Make the nodes of the honest model; `before` comes first, and `last` names its output."""
    return [
        *before,
        helper.make_node("ReduceMean", ["pictures", "axes"], ["means"], keepdims=0),
        helper.make_node("MatMul", ["means", "W"], [last]),
    ]


def model(
    nodes: Sequence[onnx.NodeProto] | None = None,
    *,
    constants: Sequence[onnx.TensorProto] = (),
    inputs: Sequence[onnx.ValueInfoProto] | None = None,
    outputs: Sequence[onnx.ValueInfoProto] | None = None,
    opsets: Sequence[tuple[str, int]] = (("", 20),),
    functions: Sequence[onnx.FunctionProto] = (),
    without_weights: bool = False,
) -> onnx.ModelProto:
    graph = helper.make_graph(
        network() if nodes is None else nodes,
        "net",
        [pictures()] if inputs is None else inputs,
        [scores()] if outputs is None else outputs,
        [*([] if without_weights else weights()), *constants],
    )
    imports = [helper.make_opsetid(domain, version) for domain, version in opsets]
    return helper.make_model(graph, opset_imports=imports, functions=functions, ir_version=9)


def blown_up(kind: str, side: int = 200_000) -> onnx.ModelProto:
    """Make a model that asks for a table of side × side numbers, known only when it runs.

    The side is worked out from the pictures, so that nothing can be seen in the file.
    """
    nodes = [
        helper.make_node("ReduceMax", ["pictures"], ["top"], keepdims=0),
        helper.make_node("Mul", ["top", "nought"], ["zero"]),
        helper.make_node("Add", ["zero", "side"], ["sides"]),
        helper.make_node("Cast", ["sides"], ["shape"], to=TensorProto.INT64),
    ]
    constants = [
        tensor("nought", 0.0),
        tensor("side", [side, side]),
        tensor("seed", [[1.0]]),
        tensor("one", [1, 1], np.int64),
    ]
    match kind:
        case "ConstantOfShape":
            nodes.append(helper.make_node("ConstantOfShape", ["shape"], ["huge"]))
        case "Expand":
            nodes.append(helper.make_node("Expand", ["seed", "shape"], ["huge"]))
        case "Tile":
            nodes.append(helper.make_node("Tile", ["seed", "shape"], ["huge"]))
        case "Pad":
            nodes.append(helper.make_node("Concat", ["one", "shape"], ["pads"], axis=0))
            nodes.append(helper.make_node("Pad", ["seed", "pads"], ["huge"]))
        case "Resize":
            nodes.append(helper.make_node("Resize", ["seed", "", "", "shape"], ["huge"]))
    nodes += [
        helper.make_node("ReduceMean", ["huge"], ["level"], keepdims=0),
        *network(last="plain"),
        helper.make_node("Add", ["plain", "level"], ["scores"]),
    ]
    return model(nodes, constants=constants)


def slow(side: int = 1500, times: int = 2000) -> onnx.ModelProto:
    """Make a small file that takes minutes: one matrix, multiplied by itself again and again."""
    nodes = [
        helper.make_node("ReduceMax", ["pictures"], ["top"], keepdims=0),
        helper.make_node("Mul", ["top", "nought"], ["zero"]),
        helper.make_node("Expand", ["zero", "shape"], ["h0"]),
        *(
            helper.make_node("MatMul", [f"h{step}", f"h{step}"], [f"h{step + 1}"])
            for step in range(times)
        ),
        helper.make_node("ReduceMean", [f"h{times}"], ["level"], keepdims=0),
        *network(last="plain"),
        helper.make_node("Add", ["plain", "level"], ["scores"]),
    ]
    constants = [tensor("nought", 0.0), tensor("shape", [side, side], np.int64)]
    return model(nodes, constants=constants)
