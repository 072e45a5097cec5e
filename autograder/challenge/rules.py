"""The rules for `model.onnx`. Only ever called behind the wall.

Nothing here trusts the file. It is parsed, held against the rules and run (`running`) by libraries
written in C++, which is why all of it happens in a confined process; the rules are there to say
early, and in a sentence, what would otherwise end at a limit.
"""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from autograder.challenge.errors import Refused

OPSET = 20
OWN_DOMAINS = ("", "ai.onnx")
MOST_NODES = 20_000
BATCH = 50  # pictures at once
EXPORT = "Export it with helpers.challenge.export, which keeps the rules."
# Chance and state have no place in a prediction, text and sequences none in a classifier.
REFUSED = {
    "Bernoulli": "draws random numbers",
    "Multinomial": "draws random numbers",
    "RandomNormal": "draws random numbers",
    "RandomNormalLike": "draws random numbers",
    "RandomUniform": "draws random numbers",
    "RandomUniformLike": "draws random numbers",
    "RegexFullMatch": "works on text",
    "StringConcat": "works on text",
    "StringNormalizer": "works on text",
    "StringSplit": "works on text",
    "TfIdfVectorizer": "works on text",
    "ImageDecoder": "reads picture files",
    "Optional": "works on optional values",
    "OptionalGetElement": "works on optional values",
    "OptionalHasElement": "works on optional values",
    "ConcatFromSequence": "works on sequences",
    "SplitToSequence": "works on sequences",
}
_WORD = re.compile(r"[^\w.:/+-]")


@dataclass(frozen=True)
class Asked:
    """What a model must take and give.

    Attributes:
        channels: of a picture.
        size: its side in pixels.
        classes: how many scores a picture gets.
        memory_mb: what a run may use.
    """

    channels: int
    size: int
    classes: int
    memory_mb: int


@dataclass(frozen=True)
class Model:
    """A model that keeps the rules.

    Attributes:
        content: the file.
        pictures: name of the input.
        scores: name of the output.
        bytes_in: whether the input is uint8 and not float32; from 0 to 255 either way.
    """

    content: bytes
    pictures: str
    scores: str
    bytes_in: bool


def text_of(text: str | bytes) -> str:
    """Give a text of the file; one that is not UTF-8 comes as bytes."""
    return text if isinstance(text, str) else text.decode("utf-8", "replace")


def name(text: str | bytes) -> str:
    """Make a name out of a file fit for a sentence."""
    shown = _WORD.sub("?", text_of(text)[:60])
    return f"`{shown or '(no name)'}`"


def check_model(content: bytes, asked: Asked) -> Model:
    """Hold a file against the rules.

    Args:
        content: the file.
        asked: what it must take and give.

    Returns:
        The model.

    Raises:
        Refused: it breaks one; with a sentence and a cure.
    """
    model = _parse(content)
    _check_domains(model)
    _check_nodes(model.graph)
    for tensor in _tensors(model.graph):
        _check_tensor(tensor)
    pictures, bytes_in = _check_input(model.graph, asked)
    scores = _check_output(model.graph, asked)
    _check_shapes(model, asked)
    return Model(content, pictures, scores, bytes_in)


def _parse(content: bytes) -> Any:
    import onnx

    try:
        model = onnx.load_model_from_string(content)
    except Exception:
        raise Refused("The file is not ONNX, or it is damaged.", EXPORT) from None
    if not model.graph.node:
        raise Refused("The file holds no network: its graph is empty.", EXPORT)
    return model


def _check_domains(model: Any) -> None:
    versions = {}
    for used in model.opset_import:
        if used.domain not in OWN_DOMAINS:
            raise Refused(
                f"The model uses operators of the domain {name(used.domain)}; only ai.onnx is "
                "allowed.",
                EXPORT,
            )
        versions[used.domain] = used.version
    if set(versions.values()) != {OPSET}:
        found = ", ".join(str(version) for version in versions.values()) or "none"
        raise Refused(f"The model is written for opset {found}, not for opset {OPSET}.", EXPORT)
    if model.functions:
        raise Refused(
            "The model defines functions of its own; only plain operators are allowed.", EXPORT
        )
    if model.training_info:
        raise Refused("The model carries training information; hand in what predicts.", EXPORT)


def _check_nodes(graph: Any) -> None:
    import onnx

    if len(graph.node) > MOST_NODES:
        raise Refused(f"The model has {len(graph.node):,} nodes, more than {MOST_NODES:,}.", EXPORT)
    for node in graph.node:
        kind = text_of(node.op_type)
        if node.domain not in OWN_DOMAINS:
            raise Refused(
                f"The model uses {name(kind)} of the domain {name(node.domain)}; only ai.onnx is "
                "allowed.",
                EXPORT,
            )
        held = {attribute.type for attribute in node.attribute}
        if onnx.AttributeProto.GRAPH in held or onnx.AttributeProto.GRAPHS in held:
            raise Refused(
                f"The model has a loop or a branch in it ({name(kind)}).",
                "Loop, If and Scan are not allowed: write the network without them.",
            )
        if not onnx.defs.has(kind, OPSET, ""):
            raise Refused(f"ai.onnx has no operator {name(kind)} in opset {OPSET}.", EXPORT)
        schema = onnx.defs.get_schema(kind, OPSET, "")
        taken = schema.attributes.values()
        if any(attribute.type == onnx.defs.OpSchema.AttrType.GRAPH for attribute in taken):
            raise Refused(
                f"The model has a loop or a branch in it ({name(kind)}).",
                "Loop, If and Scan are not allowed: write the network without them.",
            )
        why = REFUSED.get(kind) or ("works on sequences" if "Sequence" in kind else None)
        if why:
            raise Refused(f"The operator {name(kind)} is not allowed: it {why}.", EXPORT)


def _tensors(graph: Any) -> Iterator[Any]:
    """Give all tensors that a graph without graphs within it holds."""
    import onnx

    yield from graph.initializer
    if graph.sparse_initializer:
        raise Refused("The model holds sparse weights.", "Make them dense before the export.")
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.TENSOR:
                yield attribute.t
            yield from attribute.tensors
            sparse = attribute.type == onnx.AttributeProto.SPARSE_TENSOR
            if sparse or attribute.sparse_tensors:
                raise Refused("The model holds sparse tensors.", "Make them dense.")
            if attribute.strings and node.op_type == "Constant":
                raise Refused("The model holds text.", EXPORT)


def _types() -> dict[int, str]:
    import onnx

    kinds = "FLOAT FLOAT16 DOUBLE BFLOAT16 INT8 INT16 INT32 INT64 UINT8 UINT16 UINT32 UINT64 BOOL"
    return {getattr(onnx.TensorProto, kind): kind.lower() for kind in kinds.split()}


def _check_tensor(tensor: Any) -> None:
    """Make sure that a tensor of the file is as large as it says, and lies in the file."""
    import onnx
    from onnx import helper

    called = name(tensor.name)
    if tensor.data_location != onnx.TensorProto.DEFAULT or tensor.external_data:
        raise Refused(
            f"The weights {called} lie in another file.",
            "Export with external_data=False, so that there is one file.",
        )
    if tensor.data_type not in _types():
        raise Refused(f"The weights {called} are of a type that is not allowed here.", EXPORT)
    if any(length < 0 for length in tensor.dims):
        raise Refused(f"The weights {called} have a negative length.", EXPORT)
    numbers = math.prod(tensor.dims)
    if tensor.HasField("raw_data"):
        held = len(tensor.raw_data)
        needed = numbers * helper.tensor_dtype_to_np_dtype(tensor.data_type).itemsize
    else:
        held = len(getattr(tensor, helper.tensor_dtype_to_field(tensor.data_type)))
        needed = numbers
    if held != needed:
        raise Refused(
            f"The weights {called} claim {_numbers(numbers)} and the file does not hold as many.",
            EXPORT,
        )


def _numbers(count: int) -> str:
    return f"{count:,} numbers" if count < 10**12 else "an absurd count of numbers"


def _check_input(graph: Any, asked: Asked) -> tuple[str, bool]:
    import onnx

    constant = {tensor.name for tensor in graph.initializer}
    inputs = [value for value in graph.input if value.name not in constant]
    wanted = f"N×{asked.channels}×{asked.size}×{asked.size}"
    if len(inputs) != 1:
        raise Refused(
            f"The model has {len(inputs)} inputs; it must have one, the pictures ({wanted}).",
            EXPORT,
        )
    (pictures,) = inputs
    tensor = pictures.type.tensor_type
    kinds = (onnx.TensorProto.FLOAT, onnx.TensorProto.UINT8)
    if not pictures.type.HasField("tensor_type") or tensor.elem_type not in kinds:
        raise Refused(
            "The model's input is not of type float32 or uint8.",
            "Take pictures as they are, numbers from 0 to 255, as uint8 or float32.",
        )
    lengths = _lengths(tensor)
    if len(lengths) != 4:
        raise Refused(
            f"The model's input has {len(lengths)} axes; pictures have four, {wanted}.", EXPORT
        )
    if lengths[0] is not None:
        raise Refused(
            f"The model takes exactly {lengths[0]} pictures at once, not any number.",
            "Export with the first axis dynamic, as helpers.challenge.export does.",
        )
    for length, right in zip(lengths[1:], (asked.channels, asked.size, asked.size), strict=True):
        if length not in (None, right):
            got = "×".join("?" if n is None else str(n) for n in lengths[1:])
            raise Refused(
                f"The model's input is N×{got}, and the pictures are {wanted}.",
                f"Train and export for pictures of {asked.size} × {asked.size}.",
            )
    return text_of(pictures.name), tensor.elem_type == onnx.TensorProto.UINT8


def _check_output(graph: Any, asked: Asked) -> str:
    import onnx

    if len(graph.output) != 1:
        raise Refused(
            f"The model has {len(graph.output)} outputs; it must have one, the scores "
            f"(N×{asked.classes}).",
            EXPORT,
        )
    scores = graph.output[0]
    tensor = scores.type.tensor_type
    kinds = (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16, onnx.TensorProto.DOUBLE)
    if not scores.type.HasField("tensor_type") or tensor.elem_type not in kinds:
        raise Refused(
            "The model's output is not of type float32.",
            "Give the scores of the classes (the logits), not the number of the class.",
        )
    if tensor.HasField("shape"):
        lengths = _lengths(tensor)
        if len(lengths) != 2 or lengths[1] not in (None, asked.classes):
            got = "×".join("?" if n is None else str(n) for n in lengths) or "a single number"
            raise Refused(
                f"The model's output is {got}; it must be N×{asked.classes}, a score a class.",
                f"There are {asked.classes} classes.",
            )
    return text_of(scores.name)


def _lengths(tensor: Any) -> list[int | None]:
    return [axis.dim_value if axis.HasField("dim_value") else None for axis in tensor.shape.dim]


def _check_shapes(model: Any, asked: Asked) -> None:
    """Infer the shapes of what is computed on the way, and refuse what would be too large."""
    import onnx

    fixed = onnx.ModelProto()
    fixed.CopyFrom(model)
    constant = {tensor.name for tensor in fixed.graph.initializer}
    for value in fixed.graph.input:
        if value.name not in constant:
            axes = value.type.tensor_type.shape.dim
            right = (BATCH, asked.channels, asked.size, asked.size)
            for axis, length in zip(axes, right, strict=True):
                axis.dim_value = length
    del fixed.graph.value_info[:]  # what the file claims of itself
    try:
        onnx.checker.check_model(fixed)
        fixed = onnx.shape_inference.infer_shapes(fixed, strict_mode=True, data_prop=True)
    except Exception as error:
        raise Refused(f"The model does not hold together: {first_line(error)}", EXPORT) from None
    most = asked.memory_mb * 2**20
    for value in (*fixed.graph.value_info, *fixed.graph.output):
        lengths = _lengths(value.type.tensor_type)
        if value.type.HasField("tensor_type") and None not in lengths:
            known = [length for length in lengths if length is not None]
            if 4 * math.prod(known) > most:
                raise Refused(
                    f"The model would compute a tensor of shape {shape_of(known)} "
                    f"({name(value.name)}), more than the {asked.memory_mb} MiB that it may use.",
                    f"That is for {BATCH} pictures at once; make the network smaller.",
                )


def shape_of(lengths: Iterable[int]) -> str:
    """Write a shape, such as 2 × 3."""
    return " × ".join(str(length) for length in lengths)


def first_line(error: Exception) -> str:
    """Give the first line of a library's message, fit for a sentence."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = " ".join((lines or [type(error).__name__])[0][:300].split())
    return "".join(character if character.isprintable() else "?" for character in said)
