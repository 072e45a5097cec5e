"""The rules for `model.onnx`: an honest file passes, and each broken rule has its sentence."""

import copy

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from onnx_files import (
    CHANNELS,
    CLASSES,
    FLOAT,
    SIZE,
    blown_up,
    model,
    network,
    pictures,
    scores,
    tensor,
    weights,
)

from autograder.challenge.errors import Refused
from autograder.challenge.rules import BATCH, MOST_NODES, Asked, check_model
from autograder.challenge.running import Runner

ASKED = Asked(channels=CHANNELS, size=SIZE, classes=CLASSES, memory_mb=512)


def refusal(made: onnx.ModelProto | bytes) -> str:
    """Say why a file is refused when it is read or run."""
    content = made if isinstance(made, bytes) else made.SerializeToString()
    with pytest.raises(Refused) as caught:
        run(content)
    return str(caught.value)


def run(content: bytes, number: int = 60) -> np.ndarray:
    batch = np.random.default_rng(0).integers(0, 256, (number, CHANNELS, SIZE, SIZE), np.uint8)
    rest = iter([batch[:50], batch[50:]])
    return Runner(check_model(content, ASKED), ASKED).scores(number, lambda _: next(rest))


@pytest.mark.parametrize("kind", [TensorProto.FLOAT, TensorProto.UINT8])
def test_an_honest_model_is_run(kind):
    cast = helper.make_node("Cast", ["pictures"], ["real"], to=FLOAT)
    nodes = [cast, *network()]
    nodes[1].input[0] = "real"
    found = run(model(nodes, inputs=[pictures(kind=kind)]).SerializeToString())
    batch = np.random.default_rng(0).integers(0, 256, (60, CHANNELS, SIZE, SIZE), np.uint8)
    matrix = np.arange(CHANNELS * CLASSES).reshape(CHANNELS, CLASSES) / 10
    expected = batch.mean((2, 3)) @ matrix
    np.testing.assert_allclose(found, expected, rtol=1e-4)


@pytest.mark.parametrize("content", [b"", b"\x00" * 50, b"PK\x03\x04 no model", b"\x08" * 9999])
def test_what_is_no_onnx_is_refused(content):
    assert "not ONNX" in refusal(content) or "holds no network" in refusal(content)


def test_a_file_that_was_cut_off_is_refused():
    content = model().SerializeToString()
    for length in range(1, len(content), 7):
        assert refusal(content[:length])


@pytest.mark.parametrize(
    ("opsets", "sentence"),
    [
        ([("", 17)], "for opset 17, not for opset 20"),
        ([("", 21)], "for opset 21, not for opset 20"),
        ([], "for opset none"),
        ([("", 20), ("com.microsoft", 1)], "`com.microsoft`; only ai.onnx"),
        ([("", 20), ("<script>", 1)], "`?script?`"),
    ],
)
def test_other_operators_are_refused(opsets, sentence):
    assert sentence in refusal(model(opsets=opsets))


def test_a_node_of_another_domain_is_refused():
    nodes = network()
    nodes[1].domain = "evil.example"
    assert "`evil.example`" in refusal(model(nodes))


def test_functions_are_refused():
    nodes = [helper.make_node("Identity", ["x"], ["y"])]
    function = helper.make_function("", "Own", ["x"], ["y"], nodes, [helper.make_opsetid("", 20)])
    assert "functions of its own" in refusal(model(functions=[function]))


def loop(turns: int = 2**40) -> onnx.NodeProto:
    flag = helper.make_tensor_value_info("go", TensorProto.BOOL, [])
    on = helper.make_tensor_value_info("on", TensorProto.BOOL, [])
    turn = helper.make_tensor_value_info("turn", TensorProto.INT64, [])
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"])], "body", [turn, flag], [on]
    )
    return helper.make_node("Loop", ["turns", "yes"], [], body=body)


def test_a_loop_is_refused_before_it_turns():
    constants = [tensor("turns", 2**40, np.int64), tensor("yes", True, np.bool_)]
    assert "loop or a branch" in refusal(model([loop(), *network()], constants=constants))


@pytest.mark.parametrize("kind", ["If", "Scan", "SequenceMap", "Loop"])
def test_branches_are_refused_even_without_a_body(kind):
    node = helper.make_node(kind, ["pictures"], ["h"])
    assert f"loop or a branch in it (`{kind}`)" in refusal(model([node, *network()]))


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("RandomNormalLike", "random"),
        ("Bernoulli", "random"),
        ("SequenceConstruct", "sequences"),
        ("SplitToSequence", "sequences"),
        ("StringNormalizer", "text"),
        ("ImageDecoder", "picture files"),
        ("Optional", "optional"),
    ],
)
def test_chance_text_and_sequences_are_refused(kind, why):
    assert why in refusal(model([helper.make_node(kind, ["pictures"], ["h"]), *network()]))


def test_an_operator_that_does_not_exist_is_refused():
    node = helper.make_node("\x1b[31mRed\n", ["pictures"], ["h"])
    said = refusal(model([node, *network()]))
    assert "no operator" in said
    assert said.isprintable()


def test_too_many_nodes_are_refused():
    node = helper.make_node("Identity", ["pictures"], ["h"])
    assert "nodes, more than" in refusal(model([node] * MOST_NODES + network()))


@pytest.mark.parametrize("place", ["/etc/passwd", "../weights", "model.onnx.data"])
def test_weights_in_another_file_are_refused(place):
    made = model()
    outside = made.graph.initializer[1]
    outside.data_location = TensorProto.EXTERNAL
    entry = outside.external_data.add()
    entry.key, entry.value = "location", place
    assert "`W` lie in another file" in refusal(made)


def test_weights_in_another_file_are_refused_in_a_constant_too():
    value = tensor("hidden", [1.0])
    value.data_location = TensorProto.EXTERNAL
    node = helper.make_node("Constant", [], ["h"], value=value)
    assert "`hidden` lie in another file" in refusal(model([node, *network()]))


@pytest.mark.parametrize("dims", [[2**40], [2**31, 2**31], [3, 5], []])
def test_weights_that_are_not_as_large_as_they_say_are_refused(dims):
    made = model()
    del made.graph.initializer[1].dims[:]
    made.graph.initializer[1].dims.extend(dims)
    assert "`W` claim" in refusal(made)


def test_weights_of_negative_length_are_refused():
    made = model()
    made.graph.initializer[1].dims[0] = -3
    assert "negative" in refusal(made)


@pytest.mark.parametrize("kind", [TensorProto.STRING, TensorProto.COMPLEX64, TensorProto.INT4, 99])
def test_weights_of_other_types_are_refused(kind):
    made = model()
    made.graph.initializer[1].data_type = kind
    assert "type that is not allowed" in refusal(made)


def test_sparse_weights_are_refused():
    made = model()
    values, places = tensor("S", [1.0]), tensor("S_places", [0], np.int64)
    made.graph.sparse_initializer.append(helper.make_sparse_tensor(values, places, [10**12]))
    assert "sparse" in refusal(made)


def test_text_is_refused():
    node = helper.make_node("Constant", [], ["h"], value_strings=[b"a", b"b"])
    assert "text" in refusal(model([node, *network()]))


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ([pictures(["N", 3, 32, 32])], "N×3×32×32, and the pictures are N×3×16×16"),
        ([pictures(["N", 1, 16, 16])], "N×1×16×16"),
        ([pictures(["N", 768])], "has 2 axes"),
        ([pictures([1, 3, 16, 16])], "exactly 1 pictures at once"),
        ([pictures(kind=TensorProto.DOUBLE)], "float32 or uint8"),
        ([pictures(kind=TensorProto.STRING)], "float32 or uint8"),
        ([], "has 0 inputs"),
        ([pictures(), helper.make_tensor_value_info("key", FLOAT, [1])], "has 2 inputs"),
        (
            [helper.make_tensor_sequence_value_info("pictures", FLOAT, None)],
            "float32 or uint8",
        ),
    ],
)
def test_other_inputs_are_refused(inputs, sentence):
    assert sentence in refusal(model(inputs=inputs))


@pytest.mark.parametrize(
    ("outputs", "sentence"),
    [
        ([scores(["N", 5])], "N×4, a score a class"),
        ([scores(["N"])], "N×4"),
        ([scores([])], "a single number"),
        ([scores(kind=TensorProto.INT64)], "not the number of the class"),
        ([], "has 0 outputs"),
        ([scores(), helper.make_tensor_value_info("means", FLOAT, None)], "has 2 outputs"),
    ],
)
def test_other_outputs_are_refused(outputs, sentence):
    assert sentence in refusal(model(outputs=outputs))


def test_other_scores_are_refused_when_the_file_lies_about_them():
    wide = [tensor("axes", [2, 3], np.int64), tensor("W", np.ones((CHANNELS, 7)))]
    made = model(constants=wide, outputs=[scores(["N", "C"])], without_weights=True)
    assert "gives 50 × 7 and not 50 × 4" in refusal(made) or "must be N×4" in refusal(made)


def test_a_score_for_all_pictures_together_is_refused():
    nodes = [
        *network(last="each"),
        helper.make_node("ReduceSum", ["each", "first"], ["scores"], keepdims=1),
    ]
    made = model(
        nodes, constants=[tensor("first", [0], np.int64)], outputs=[scores(["M", CLASSES])]
    )
    assert "gives 1 × 4 and not 50 × 4" in refusal(made)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_scores_that_are_not_finite_are_refused(bad):
    constants = weights()
    matrix = np.ones((CHANNELS, CLASSES), np.float32)
    matrix[1, 2] = bad
    made = model(constants=[constants[0], tensor("W", matrix)], without_weights=True)
    assert "not finite" in refusal(made)


def test_scores_that_depend_on_the_other_pictures_are_refused():
    nodes = [
        *network(last="each"),
        helper.make_node("ReduceMean", ["each", "first"], ["mean"], keepdims=1),
        helper.make_node("Sub", ["each", "mean"], ["scores"]),
    ]
    made = model(nodes, constants=[tensor("first", [0], np.int64)])
    assert "asked again beside other pictures" in refusal(made)


def test_batch_normalisation_in_training_mode_is_refused():
    names = ["scale", "shift", "mean", "variance"]
    constants = [tensor(name, [1.0] * CHANNELS) for name in names]
    node = helper.make_node(
        "BatchNormalization", ["pictures", *names], ["normal", "m", "v"], training_mode=1
    )
    nodes = [node, *network()]
    nodes[1].input[0] = "normal"
    assert refusal(model(nodes, constants=constants))


def test_shapes_that_do_not_fit_are_refused():
    made = model(constants=[weights()[0], tensor("W", np.ones((9, CLASSES)))], without_weights=True)
    assert "does not hold together" in refusal(made)


def test_a_name_that_is_not_bound_is_refused():
    nodes = network()
    nodes[0].input[0] = "nothing"
    assert "does not hold together" in refusal(model(nodes))


def test_a_circle_is_refused():
    nodes = network()
    nodes[0].input[0] = "scores"
    assert "does not hold together" in refusal(model(nodes))


@pytest.mark.parametrize("kind", ["ConstantOfShape", "Expand", "Tile"])
def test_a_table_that_is_seen_to_be_huge_is_refused_before_it_is_made(kind):
    made = blown_up(kind)
    nodes = [node for node in made.graph.node if "sides" not in (*node.input, *node.output)]
    shape = tensor("shape", [200_000, 200_000], np.int64)
    kept = [node for node in nodes if set(node.output).isdisjoint({"top", "zero", "sides"})]
    del made.graph.node[:]
    made.graph.node.extend(copy.deepcopy(kept))
    made.graph.initializer.append(shape)
    said = refusal(made)
    assert "200000 × 200000" in said
    assert "512 MiB" in said


def dark_and_light():
    draw = np.random.default_rng(3)
    shape = (BATCH, CHANNELS, SIZE, SIZE)
    return [draw.integers(low, low + 100, shape, np.uint8) for low in (0, 150)]


def test_what_a_model_says_when_it_fails_tells_nothing_of_later_pictures():
    nodes = [
        *network(last="each"),
        helper.make_node("ReduceMax", ["pictures"], ["top"], keepdims=0),
        helper.make_node("Cast", ["top"], ["number"], to=TensorProto.INT64),
        helper.make_node("Gather", ["hundred", "number"], ["level"]),  # its error names the number
        helper.make_node("Add", ["each", "level"], ["scores"]),
    ]
    content = model(nodes, constants=[tensor("hundred", np.zeros(100))]).SerializeToString()
    _, light = dark_and_light()
    said = []
    for batches in ([light], [0 * light, light]):
        rest = iter(batches)
        runner = Runner(check_model(content, ASKED), ASKED)
        with pytest.raises(Refused) as caught:
            runner.scores(BATCH * len(batches), lambda _, rest=rest: next(rest))
        said.append(str(caught.value))
    assert "249" in said[0]
    assert "249" not in said[1]
    assert "fails on the hidden pictures after the first ones" in said[1]


def test_a_model_that_behaves_in_its_first_batch_only_is_refused():
    nodes = [
        *network(last="each"),
        helper.make_node("ReduceMean", ["each", "first"], ["mean"], keepdims=1),
        helper.make_node("ReduceMean", ["pictures", "rest"], ["level"], keepdims=0),
        helper.make_node("Greater", ["level", "bright"], ["known"]),
        helper.make_node("Cast", ["known"], ["gate"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["gate", "last"], ["column"]),
        helper.make_node("Mul", ["column", "mean"], ["shift"]),
        helper.make_node("Sub", ["each", "shift"], ["scores"]),
    ]
    constants = [
        tensor("first", [0], np.int64),
        tensor("rest", [1, 2, 3], np.int64),
        tensor("bright", 128.0),
        tensor("last", [1], np.int64),
    ]
    content = model(nodes, constants=constants).SerializeToString()
    dark, light = dark_and_light()
    runner = Runner(check_model(content, ASKED), ASKED)
    assert runner.scores(BATCH, lambda _: dark).shape == (BATCH, CLASSES)
    batches = iter((dark, light))
    with pytest.raises(Refused, match="asked again beside other pictures"):
        runner.scores(2 * BATCH, lambda _: next(batches))
