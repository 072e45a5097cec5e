"""Convolution and pooling of helpers.nn: against loops, torch and their own transposes; memory."""

import tracemalloc

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from helpers import nn
from helpers.gradients import numerical_gradient, relative_error
from helpers.nn import convolution, winograd

EXACT = 1e-10  # double precision
SINGLE = 1e-5  # single precision, in units of the largest number
ROUNDED = 3e-5  # the same for Winograd's way

POOLS = {
    "max": (nn.max_pool2d, nn.max_pool2d_backward, functional.max_pool2d),
    "mean": (nn.avg_pool2d, nn.avg_pool2d_backward, functional.avg_pool2d),
}


def draw(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, *shape]).normal(size=shape)


def error(got: np.ndarray, expected: np.ndarray) -> float:
    """Largest difference, in units of the largest number expected, or of 1."""
    assert got.shape == expected.shape
    if got.size == 0:
        return 0.0
    return float(np.abs(got - expected).max() / max(1.0, np.abs(expected).max()))


def by_loops(x, weight, bias, stride, padding, dilation, groups):
    """The definition: for every output, every entry of the filter."""
    (sh, sw), (ph, pw), (dh, dw) = stride, padding, dilation
    x = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    M, seen, kh, kw = weight.shape
    height = (x.shape[2] - dh * (kh - 1) - 1) // sh + 1
    width = (x.shape[3] - dw * (kw - 1) - 1) // sw + 1
    y = np.zeros((len(x), M, height, width))
    for n, m, r, q in np.ndindex(y.shape):
        first = m // (M // groups) * seen
        for c, i, j in np.ndindex(seen, kh, kw):
            pixel = x[n, first + c, r * sh + i * dh, q * sw + j * dw]
            y[n, m, r, q] += pixel * weight[m, c, i, j]
        y[n, m, r, q] += bias[m]
    return y


def torch_slopes(upstream, arrays, function):
    """Output and slopes in double precision."""
    leaves = [torch.tensor(array, dtype=torch.float64, requires_grad=True) for array in arrays]
    output = function(*leaves)
    output.backward(torch.tensor(upstream, dtype=torch.float64))
    return [output.detach().numpy(), *(leaf.grad.numpy() for leaf in leaves)]


@st.composite
def convolutions(draw_one, largest: int = 9):
    """Shapes and settings of a convolution, such that at least one window fits."""
    pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
    kernel, stride, dilation = draw_one(pairs), draw_one(pairs), draw_one(pairs)
    padding = draw_one(st.tuples(st.integers(0, 3), st.integers(0, 3)))
    size = []
    for k, d, p in zip(kernel, dilation, padding, strict=True):
        size.append(draw_one(st.integers(max(1, d * (k - 1) + 1 - 2 * p), largest)))
    groups, seen, made = (draw_one(st.integers(1, most)) for most in (3, 2, 2))
    x = (draw_one(st.integers(0, 5)), groups * seen, *size)
    setting = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    return x, (groups * made, seen, *kernel), setting


@given(convolutions(largest=7))
@settings(max_examples=40, deadline=None)
def test_convolution_is_its_definition(case):
    x, weight, setting = case
    arrays = draw(*x), draw(*weight), draw(weight[0])
    assert error(nn.conv2d(*arrays, **setting), by_loops(*arrays, **setting)) < EXACT


@given(convolutions(), st.sampled_from([1, 40, 1 << 18]), st.sampled_from([1, 40]))
@settings(max_examples=150, deadline=None)
def test_convolution_and_its_slopes_as_torch_in_tiles_of_any_size(case, tile, columns):
    x, weight, setting = case
    arrays = draw(*x), draw(*weight), draw(weight[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(convolution, "TILE", tile)
        patch.setattr(convolution, "LEAST_COLUMNS", columns)
        patch.setattr(convolution, "MANY", 2)
        y = nn.conv2d(*arrays, **setting)
        upstream = draw(*y.shape)
        slopes = nn.conv2d_backward(upstream, *arrays[:2], **setting)
    expected = torch_slopes(upstream, arrays, lambda *leaves: functional.conv2d(*leaves, **setting))
    for got, wanted in zip([y, *slopes], expected, strict=True):
        assert error(got, wanted) < EXACT


@given(convolutions())
@settings(max_examples=50, deadline=None)
def test_backward_is_the_transpose_of_forward(case):
    """⟨u, x ∗ w⟩ is linear in x and in w, so each of the slopes gives the same number."""
    x, weight, setting = case
    pixels, filters = draw(*x), draw(*weight)
    y = nn.conv2d(pixels, filters, **setting)
    upstream = draw(*y.shape)
    dx, dweight, dbias = nn.conv2d_backward(upstream, pixels, filters, **setting)
    number = np.vdot(upstream, y)
    assert np.vdot(dx, pixels) == pytest.approx(number, rel=1e-9, abs=1e-9)
    assert np.vdot(dweight, filters) == pytest.approx(number, rel=1e-9, abs=1e-9)
    np.testing.assert_allclose(dbias, upstream.sum(axis=(0, 2, 3)), atol=EXACT)


@st.composite
def shorter_ways(draw_one):
    """Shapes for Winograd's way, odd and narrow ones among them."""
    padding = draw_one(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    size = [draw_one(st.integers(3, 23)) for _ in range(2)]
    images, channels, filters = (draw_one(st.integers(*ends)) for ends in ((0, 4), (1, 5), (1, 5)))
    return (images, channels, *size), (filters, channels, 3, 3), padding


@given(shorter_ways(), st.sampled_from([1, 7, 112]))
@settings(max_examples=150, deadline=None)
def test_the_shorter_way_arrives_too(case, tile):
    x, weight, padding = case
    arrays = [np.float32(draw(*shape)) for shape in (x, weight, weight[:1])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(winograd, "TILE", tile)
        y = winograd.convolve(*arrays, padding)
        upstream = np.float32(draw(*y.shape))
        dx, dweight = winograd.backward(upstream, *arrays[:2], padding)
    expected = torch_slopes(
        upstream, arrays, lambda *leaves: functional.conv2d(*leaves, padding=padding)
    )
    for got, wanted in zip([y, dx, dweight], expected, strict=False):
        assert got.dtype == np.float32
        assert error(got, wanted) < ROUNDED


LAYERS = [
    # images, channels, filters, height, width, kernel, stride, padding; Winograd's way or not
    (2, 64, 48, 30, 33, 3, 1, 1, True),
    (3, 256, 256, 14, 14, 3, 1, 1, True),
    (40, 64, 64, 7, 7, 3, 1, 1, True),
    (1, 32, 32, 61, 90, 3, 1, 2, True),
    (2, 32, 32, 13, 14, 3, 1, 3, False),
    (2, 64, 64, 5, 5, 3, 1, 1, False),
    (2, 3, 64, 32, 32, 3, 1, 1, False),
    (1, 3, 64, 112, 112, 7, 2, 3, False),
    (3, 64, 128, 28, 28, 3, 2, 1, False),
    (32, 6, 16, 14, 14, 5, 1, 0, False),
    (2, 64, 128, 28, 28, 1, 1, 0, False),
    (2, 64, 128, 28, 28, 1, 2, 0, False),
]


@pytest.mark.parametrize(
    ("images", "channels", "filters", "height", "width", "kernel", "stride", "padding", "short"),
    LAYERS,
)
def test_layers_of_networks_in_single_precision(
    images, channels, filters, height, width, kernel, stride, padding, short, monkeypatch
):
    taken = []
    whole = winograd.convolve
    monkeypatch.setattr(winograd, "convolve", lambda *given: taken.append(1) or whole(*given))
    x, weight = (
        draw(images, channels, height, width),
        draw(filters, channels, kernel, kernel),
    )
    arrays = [np.float32(array) for array in (x, weight, draw(filters))]
    y = nn.conv2d(*arrays, stride=stride, padding=padding)
    assert bool(taken) == short
    upstream = np.float32(draw(*y.shape))
    slopes = nn.conv2d_backward(upstream, *arrays[:2], stride=stride, padding=padding)
    expected = torch_slopes(
        upstream, arrays, lambda *leaves: functional.conv2d(*leaves, stride, padding)
    )
    for got, wanted in zip([y, *slopes], expected, strict=True):
        assert got.dtype == np.float32
        assert error(got, wanted) < (ROUNDED if short else SINGLE)


def test_double_precision_never_takes_the_rounded_way():
    arrays = draw(2, 32, 12, 12), draw(32, 32, 3, 3), draw(32)
    y = nn.conv2d(*arrays, padding=1)
    upstream = draw(*y.shape)
    slopes = nn.conv2d_backward(upstream, *arrays[:2], padding=1)
    expected = torch_slopes(upstream, arrays, lambda *leaves: functional.conv2d(*leaves, padding=1))
    for got, wanted in zip([y, *slopes], expected, strict=True):
        assert error(got, wanted) < 1e-13


def test_maps_of_the_shorter_way_are_an_identity():
    """Aᵀ [(G g) ⊙ (Bᵀ d)] is the convolution of d by g, exactly, for every pair of unit vectors."""
    for i, j in np.ndindex(6, 3):
        d, g = np.eye(6)[i], np.eye(3)[j]
        outputs = winograd.A.T @ ((winograd.G @ g) * (winograd.B.T @ d))
        np.testing.assert_allclose(outputs, [d[r : r + 3] @ g for r in range(4)], atol=1e-14)


@pytest.mark.parametrize("channels", [3, 32], ids=["columns", "winograd"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_empty_batch_strides_and_order_of_memory(channels, dtype):
    weight, bias = draw(32, channels, 3, 3).astype(dtype), draw(32).astype(dtype)
    empty = np.zeros((0, channels, 9, 9), dtype)
    y = nn.conv2d(empty, weight, bias, padding=1)
    assert y.shape == (0, 32, 9, 9)
    dx, dweight, dbias = nn.conv2d_backward(y, empty, weight, padding=1)
    assert dx.shape == empty.shape
    assert not dweight.any()
    assert not dbias.any()
    assert dweight.shape == weight.shape
    assert dbias.shape == bias.shape

    x = draw(4, channels, 18, 9).astype(dtype)
    for view in (x[::2, :, ::-2], np.asfortranarray(x), x.transpose(0, 1, 3, 2)):
        before = view.copy()
        got = nn.conv2d(view, weight, bias, padding=1)
        same = np.ascontiguousarray(view)
        np.testing.assert_array_equal(got, nn.conv2d(same, weight, bias, padding=1))
        upstream = np.asfortranarray(draw(*got.shape).astype(dtype))
        slopes = nn.conv2d_backward(upstream, view, weight[:, :, ::-1], padding=1)
        straight = np.ascontiguousarray(upstream), same, weight[:, :, ::-1].copy()
        for own, other in zip(slopes, nn.conv2d_backward(*straight, padding=1), strict=True):
            np.testing.assert_allclose(own, other, rtol=1e-4, atol=1e-4)
        np.testing.assert_array_equal(view, before)


def test_precision_follows_the_arrays():
    single = np.float32(draw(1, 2, 5, 5)), np.float32(draw(3, 2, 3, 3))
    assert nn.conv2d(*single).dtype == np.float32
    assert nn.conv2d(single[0], draw(3, 2, 3, 3)).dtype == np.float64
    whole = np.arange(25).reshape(1, 1, 5, 5)
    assert nn.conv2d(whole, np.ones((1, 1, 5, 5), int)).tolist() == [[[[300.0]]]]
    assert nn.max_pool2d(whole, 5).dtype == np.float64
    assert nn.avg_pool2d(single[0], 5).dtype == np.float32


@pytest.mark.parametrize(
    ("x", "weight", "setting", "complaint"),
    [
        ((2, 3, 4), (1, 3, 2, 2), {}, r"x is \(N, C, H, W\).*\(2, 3, 4\)"),
        ((1, 3, 4, 4), (1, 2, 2, 2), {}, "1 groups do not fit 3 channels"),
        ((1, 4, 4, 4), (3, 2, 2, 2), {"groups": 2}, "2 groups do not fit 4 channels"),
        ((1, 4, 4, 4), (4, 4, 2, 2), {"groups": 0}, "0 groups"),
        ((1, 4, 4, 4), (0, 4, 2, 2), {}, "1 groups do not fit 4 channels"),
        ((1, 0, 4, 4), (1, 0, 2, 2), {}, "1 groups do not fit 0 channels"),
        (
            (1, 1, 4, 9),
            (1, 1, 3, 3),
            {"dilation": 2},
            "no window of 5 x 5 fits on an image of 4 x 9",
        ),
        ((1, 1, 4, 4), (1, 1, 2, 2), {"stride": 0}, "stride is at least 1, not 0"),
        ((1, 1, 4, 4), (1, 1, 2, 2), {"padding": (0, -1)}, "padding is at least 0"),
        ((1, 1, 4, 4), (1, 1, 2, 2), {"stride": 1.5}, "stride is a whole number or a pair"),
        ((1, 1, 4, 4), (1, 1, 2, 2), {"stride": (1, 1, 1)}, "stride is a whole number or a pair"),
        ((1, 1, 4, 4), (1, 1, 0, 2), {}, "no window"),
    ],
)
def test_what_does_not_fit_is_named(x, weight, setting, complaint):
    with pytest.raises(ValueError, match=complaint):
        nn.conv2d(np.zeros(x), np.zeros(weight), **setting)


def test_wrong_bias_and_wrong_slopes_are_named():
    x, weight = np.zeros((1, 1, 4, 4)), np.zeros((2, 1, 3, 3))
    with pytest.raises(ValueError, match=r"bias has shape \(1,\), but there are 2 filters"):
        nn.conv2d(x, weight, np.zeros(1))
    with pytest.raises(ValueError, match=r"\(1, 2, 3, 3\), but the output \(1, 2, 2, 2\)"):
        nn.conv2d_backward(np.zeros((1, 2, 3, 3)), x, weight)
    for backward in (nn.max_pool2d_backward, nn.avg_pool2d_backward):
        with pytest.raises(ValueError, match=r"\(1, 1, 1, 1\), but the output \(1, 1, 2, 2\)"):
            backward(np.zeros((1, 1, 1, 1)), x, 2)


def megabytes(function) -> float:
    """The most that NumPy holds at once while a function runs, in 2²⁰ bytes."""
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("channels", "filters", "size", "kernel", "stride", "padding"),
    [(64, 64, 56, 3, 1, 1), (3, 64, 112, 7, 2, 3), (16, 16, 64, 5, 1, 2), (64, 64, 56, 3, 2, 1)],
)
def test_memory_is_bounded_by_a_tile(channels, filters, size, kernel, stride, padding):
    """Results apart, a batch of 8 needs no more than one of 2, and far less than its columns."""
    weight = np.float32(draw(filters, channels, kernel, kernel))
    extra = {}
    for images in (2, 8):
        x = np.float32(draw(images, channels, size, size))
        y = nn.conv2d(x, weight, stride=stride, padding=padding)
        forward = megabytes(lambda x=x: nn.conv2d(x, weight, stride=stride, padding=padding))
        backward = megabytes(
            lambda x=x, y=y: nn.conv2d_backward(y, x, weight, stride=stride, padding=padding)
        )
        extra[images] = forward - y.nbytes / 2**20, backward - x.nbytes / 2**20
    columns = 8 * 4 * channels * kernel**2 * y.shape[2] * y.shape[3] / 2**20
    for few, many in zip(extra[2], extra[8], strict=True):
        assert many < few + 1
        assert many < columns / 4
        assert many < 16


@st.composite
def poolings(draw_one):
    """Shapes and settings of a pooling that torch accepts too."""
    size = draw_one(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    stride = draw_one(st.none() | st.tuples(st.integers(1, 4), st.integers(1, 4)))
    padding = tuple(draw_one(st.integers(0, length // 2)) for length in size)
    image = tuple(draw_one(st.integers(length, 9)) for length in size)
    shape = (draw_one(st.integers(0, 3)), draw_one(st.integers(1, 3)), *image)
    return shape, {"stride": stride, "padding": padding}, size


@pytest.mark.parametrize("kind", POOLS)
@given(case=poolings(), levels=st.sampled_from([2, 1000]))
@settings(max_examples=60, deadline=None)
def test_pooling_and_its_slopes_as_torch_ties_included(kind, case, levels):
    forward, backward, oracle = POOLS[kind]
    shape, setting, size = case
    x = np.random.default_rng(0).integers(-levels, levels, size=shape) / 4
    y = forward(x, size, **setting)
    upstream = draw(*y.shape)
    expected = torch_slopes(upstream, [x], lambda leaf: oracle(leaf, size, **setting))
    assert error(y, expected[0]) < EXACT
    assert error(backward(upstream, x, size, **setting), expected[1]) < EXACT


def test_ties_go_to_the_first_maximum():
    x = np.zeros((1, 1, 2, 4))
    x[0, 0, 1, 2:] = 5.0
    slopes = nn.max_pool2d_backward(np.array([[[[1.0, 2.0]]]]), x, 2)
    assert slopes.tolist() == [[[[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 2.0, 0.0]]]]


def test_padding_is_never_the_maximum():
    x = np.full((1, 1, 2, 2), -7.0)
    assert nn.max_pool2d(x, 2, padding=1).tolist() == [[[[-7.0, -7.0], [-7.0, -7.0]]]]
    np.testing.assert_array_equal(nn.max_pool2d_backward(x, x, 2, padding=1), x)
    lowest = np.full((1, 1, 2, 2), -np.inf)
    slopes = nn.max_pool2d_backward(np.ones((1, 1, 1, 1)), lowest, 2)
    assert slopes.tolist() == [[[[1.0, 0.0], [0.0, 0.0]]]]


def test_undefined_pixels_show():
    x = np.array([[[[1.0, np.nan], [3.0, 2.0]]]])
    assert np.isnan(nn.max_pool2d(x, 2)).all()
    slopes = nn.max_pool2d_backward(np.ones((1, 1, 1, 1)), x, 2)
    assert slopes.tolist() == [[[[0.0, 1.0], [0.0, 0.0]]]]


def test_windows_of_padding_alone_are_refused():
    for pool, _, _ in POOLS.values():
        with pytest.raises(ValueError, match="more than half the size"):
            pool(np.zeros((1, 1, 4, 4)), 2, padding=2)
        with pytest.raises(ValueError, match=r"x is \(N, C, H, W\)"):
            pool(np.zeros((4, 4)), 2)
        with pytest.raises(ValueError, match="no window of 5 x 5"):
            pool(np.zeros((1, 1, 4, 4)), 5)


def test_layers_of_a_small_network_by_differences():
    model = nn.Sequential(
        [
            nn.Conv2d(draw(4, 2, 3, 3), draw(4), stride=(2, 1), padding=1, groups=1),
            nn.Tanh(),
            nn.MaxPool2d(2, stride=1, padding=1),
            nn.Conv2d(draw(2, 2, 2, 2), draw(2), dilation=2, groups=2),
            nn.AvgPool2d((1, 2)),
            nn.Flatten(),
            nn.Linear(draw(8, 3), draw(3)),
        ]
    )
    x, labels = draw(3, 2, 5, 5), np.array([2, 0, 1])
    _, gradient = nn.cross_entropy(model.forward(x), labels)
    passed = model.backward(gradient)
    slopes = [array.copy() for array in model.gradients()]
    assert [array.shape for array in slopes] == [array.shape for array in model.parameters()]

    def loss_at(arrays):
        for own, new in zip([x, *model.parameters()], arrays, strict=True):
            own[...] = new
        return nn.cross_entropy(model.forward(x), labels)[0]

    arrays = [x.copy(), *(array.copy() for array in model.parameters())]
    for own, other in zip([passed, *slopes], numerical_gradient(loss_at, arrays), strict=True):
        assert relative_error(own, other) < 1e-7


def test_a_layer_without_biases_has_one_parameter():
    layer = nn.Conv2d(draw(2, 1, 3, 3), None)
    y = layer.forward(draw(1, 1, 5, 5))
    layer.backward(np.ones_like(y))
    assert [array.shape for array in layer.parameters()] == [(2, 1, 3, 3)]
    assert [array.shape for array in layer.gradients()] == [(2, 1, 3, 3)]


def test_flatten_goes_there_and_back():
    layer = nn.Flatten()
    assert layer.forward(np.zeros((0, 2, 3, 4))).shape == (0, 24)
    x = draw(2, 3, 4, 5)
    np.testing.assert_array_equal(layer.backward(layer.forward(x)), x)
    assert layer.parameters() == layer.gradients() == []
