"""Write a trained network as `model.onnx`, the file that is handed in.

    export(model, Path("model.onnx"))

The file is what `course challenge score` takes: one file, ONNX opset 20, nothing but operators of
`ai.onnx`, any number of pictures at once. Its input is called "pictures" and takes bytes as they
are, from 0 to 255; its output is called "scores".
"""

import copy
import io
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from helpers.challenge.errors import ChallengeError

__all__ = ["OPSET", "export", "share_right"]

OPSET = 20
PICTURES, SCORES = "pictures", "scores"
_TRIED = (2, 5)  # pictures with which the file is compared with the network
_TOLERANCE = 1e-3
_AT_ONCE = 100  # pictures


def export(model: nn.Module, path: Path | str, *, size: int = 64, channels: int = 3) -> Path:
    """Write a network as one ONNX file, and make sure that the file computes what the network does.

    The network itself stays as it is: what is written is a copy of it on the CPU, in float32 and in
    evaluation mode.

    Args:
        model: takes pictures, (N, channels, size, size) uint8 (or, if it cannot take those, the
            same numbers as float32, from 0 to 255), and gives scores, (N, classes). Whatever is
            done with a picture (scale it, average over its mirror image) belongs inside it.
        path: the file, such as "model.onnx". An older one is replaced, once the new one is right.
        size: side of a picture in pixels.
        channels: of a picture.

    Returns:
        The path.

    Raises:
        ChallengeError: the network cannot be written, or the file would compute something else.
    """
    path = Path(path)
    network = copy.deepcopy(model).to("cpu", torch.float32).eval()
    example = torch.randint(256, (_TRIED[0], channels, size, size), dtype=torch.uint8)
    with torch.no_grad():
        try:
            scores = network(example)
        except (RuntimeError, TypeError):  # as it is when the first layer is a convolution
            example = example.float()
            scores = network(example)
    if not isinstance(scores, Tensor) or scores.ndim != 2 or len(scores) != len(example):
        came = tuple(scores.shape) if isinstance(scores, Tensor) else type(scores).__name__
        raise ChallengeError(
            f"for {len(example)} pictures the network gives {came} in place of scores",
            "Let it give one row a picture and one column a class, (N, classes).",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        with _quiet():
            torch.onnx.export(
                network,
                (example,),
                str(part),
                opset_version=OPSET,
                dynamo=True,
                dynamic_shapes=({0: torch.export.Dim("N")},),
                input_names=[PICTURES],
                output_names=[SCORES],
                external_data=False,
                verbose=False,
            )
        _compare(network, part, example)
        os.replace(part, path)
    except torch.onnx.errors.OnnxExporterError as error:
        reason = str(error.__cause__ or error).strip().splitlines()[0]
        raise ChallengeError(
            f"the network cannot be written as ONNX: {reason}",
            "Keep to layers and functions of torch; the number of pictures may be any, and what "
            "is computed may not depend on their values by an `if` or a loop.",
        ) from None
    finally:
        part.unlink(missing_ok=True)
    return path


def share_right(path: Path, images: Tensor, labels: Tensor) -> float:
    """Say how often a file that `export` wrote is right, as it will be run when it is handed in.

    Args:
        path: the file.
        images: (N, C, H, W) uint8.
        labels: (N,) int64.

    Returns:
        The share of pictures whose largest score is that of their class.
    """
    session = _session(path)
    in_bytes = session.get_inputs()[0].type == "tensor(uint8)"
    right = 0
    for part, wanted in zip(images.cpu().split(_AT_ONCE), labels.split(_AT_ONCE), strict=True):
        given = part.numpy() if in_bytes else part.float().numpy()
        (scores,) = session.run([SCORES], {PICTURES: given})
        right += int((scores.argmax(1) == wanted.numpy()).sum())
    return right / len(labels)


def _session(path: Path) -> Any:
    import onnxruntime  # type: ignore[import-untyped]

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(
        str(path), sess_options=options, providers=["CPUExecutionProvider"]
    )


def _compare(network: nn.Module, path: Path, example: Tensor) -> None:
    """Run network and file on the same pictures, a few at once and a few more."""
    session = _session(path)
    for pictures in _TRIED:
        batch = torch.randint(256, (pictures, *example.shape[1:])).to(example.dtype)
        with torch.no_grad():
            expected = network(batch).numpy()
        (got,) = session.run([SCORES], {PICTURES: batch.numpy()})
        allowed = _TOLERANCE * max(1.0, float(np.abs(expected).max()))
        if got.shape != expected.shape or not np.abs(got - expected).max() <= allowed:
            raise ChallengeError(
                "the ONNX file gives other scores than the network",
                "Leave chance out of evaluation mode, and keep no state from picture to picture.",
            )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what the exporter says of its own inner workings off the screen: its errors say it."""
    names = ("torch.onnx", "onnxscript", "onnx_ir", "torch.export")
    levels = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        with (
            warnings.catch_warnings(),
            redirect_stdout(io.StringIO()),
            redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
