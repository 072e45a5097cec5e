# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Week 5 · Convolution, pooling, efficient implementation
#
# Move a shirt by three pixels, and a classifier that looks at every pixel on its own no longer
# knows it. Today you write the layer that doesn't mind, three times over: first as the formula says
# it, then so that it is fast, then so that it is fast and small, and you measure each against
# PyTorch. At the end a trained LeNet runs on nothing but your own code.
#
# | After this you can | outcome |
# |---|---|
# | say what a convolution assumes about pictures, and what that saves and costs | LO1 |
# | write convolution and pooling with stride, padding, dilation and groups, right to the last digit | LO2 |
# | run a trained convolutional network on pictures with arrays alone | LO3 |
# | measure shift equivariance, speed and memory, and say what spoils each | LO4 |
# | choose between loops, im2col, shifted sums, separable and 1×1 kernels by counting | LO5 |
#
# **Time** about 265 minutes, 65 of them reading · **Points** 33 · **Before this** layers (week 2),
# broadcasting and views (week 0); week 4 shows the same layers as PyTorch has them

# %%
import importlib
import time
import tracemalloc

import matplotlib.pyplot as plt
import numpy as np

from helpers import checks, datasets, earlier, plots

plots.use_course_style()
trained = datasets.lenet()


def pair(value):
    """Turn one number into (number, number); a pair (vertical, horizontal) stays as it is."""
    return (value, value) if np.ndim(value) == 0 else tuple(value)


# %% [markdown]
# ## 1 · Three pixels to the right
#
# Take the simplest classifier of clothes: each of ten classes is a weighted sum of all 784 pixels,
# and the largest sum wins. Here the weights are those of *ridge regression* on one-hot labels,
# which needs no training loop: one linear system, solved once. On held-out pictures it is right for
# four in five. Now every test picture moves to the right. A person wouldn't notice.
# *Commit first:* how many percent are right after 3 pixels?

# %%
my_guess = 70  # percent; your number, it is never graded


# %% tags=["demo"]
fashion = datasets.fashion_mnist("small28")
shifts = np.arange(7)


def with_one(images):
    rows = images.reshape(len(images), -1) / 255
    return np.column_stack([rows, np.ones(len(rows))])


rows, targets = with_one(fashion.train_images), np.eye(10)[fashion.train_labels]
templates = np.linalg.solve(rows.T @ rows + 30 * np.eye(785), rows.T @ targets)
linear = []
for shift in shifts:
    moved = np.roll(fashion.test_images, shift, axis=2)
    answers = (with_one(moved) @ templates).argmax(axis=1)
    linear.append(100 * np.mean(answers == fashion.test_labels))
print(f"your guess {my_guess} %, measured {linear[3]:.1f} % ({linear[0]:.1f} % in place)")
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.3), width_ratios=(1.4, 1))
left.plot(shifts, linear, marker="o", label="one sum of pixels a class")
left.axhline(10, color="black", linestyle=":", label="chance")
left.set(xlabel="shift to the right / pixels", ylabel="right on 2,000 pictures / %", ylim=(0, 100))
left.legend()
right.imshow(np.hstack([np.roll(fashion.test_images[9], s, axis=1) for s in (0, 3)]), cmap="gray")
right.set(title="in place, and moved by 3", xticks=[], yticks=[])
plots.show(
    figure,
    alt="Accuracy of the linear classifier over the shift: it starts near 80 percent and falls "
    "steeply to about 20 percent at three pixels. Beside it a shoe in place and moved by three.",
)

# %% [markdown]
# **What you should see.** 80 % in place, 23 % after three pixels, little above chance soon after.
# The classifier compares pixel 300 with what pixel 300 used to be; it has never heard that pixel
# 301 is its neighbour. Two facts about pictures are missing:
#
# - **what belongs together is close together**: an edge is seen in a few neighbouring pixels;
# - **the same thing looks the same wherever it is**: what finds an edge here finds one there.
#
# Build both in, and you have a convolutional layer (Fukushima 1980; LeCun et al. 1989).

# %% [markdown]
# ## 2 · The layer
#
# A **kernel** is a small window of weights. It slides over the picture; at every place it is
# multiplied with what lies under it, and the products are added up. One kernel for each output
# channel, and each sees all input channels:
#
# $$z_{nfij} = b_f + \sum_{c}\sum_{a=0}^{k_h-1}\sum_{b=0}^{k_w-1}
#   w_{fcab}\; x_{n,\,c,\;i s + a d - p,\;\; j s + b d - p}$$
#
# Batches of pictures are $(N, C, H, W)$, weights $(F, C, k_h, k_w)$, results $(N, F, H', W')$.
# Reading $x$ outside the picture gives 0. Four numbers say how; stride, padding and dilation are one
# number for both axes or a pair (vertical, horizontal):
#
# | | what it does | default |
# |---|---|---|
# | stride $s$ | the kernel jumps by $s$ pixels; the result is about $s$ times smaller | 1 |
# | padding $p$ | $p$ rows and columns of zeros on every side | 0 |
# | dilation $d$ | the kernel's entries stand $d$ pixels apart and see further | 1 |
# | groups $G$ | channels fall into $G$ groups, and each filter sees only its own | 1 |
#
# On one axis it fits on a line: take $x = (1, 2, 0, 3)$ and the kernel $(1, -1)$, so every entry is
# a pixel minus its right neighbour.
#
# | | under the kernel | result |
# |---|---|---|
# | as it is | 1 2 · 2 0 · 0 3 | −1, 2, −3 |
# | stride 2 | 1 2 · 0 3 | −1, −3 |
# | padding 1 | 0 1 · 1 2 · 2 0 · 0 3 · 3 0 | −1, −1, 2, −3, 3 |
# | dilation 2 | 1 0 · 2 3 | 1, −1 |
#
# What happens along one axis happens along the other as well, so a sound is a picture of height 1
# and needs no layer of its own.
#
# *Commit first:* a dense layer that turns one 28 × 28 picture into six of the same size has
# 3.7 million weights. How many has a convolution with 5 × 5 kernels that does the same?

# %%
my_guess = 1000  # weights and biases; your number

# %% tags=["demo"]
dense = 28 * 28 * (6 * 28 * 28) + 6 * 28 * 28
convolution = 6 * (1 * 5 * 5) + 6
print(f"your guess {my_guess}, counted {convolution}; dense {dense:,}")

# %% [markdown]
# 156: six kernels of 25 weights, six biases, and the picture's size does not come into it. The
# dense layer, with 24,000 times as many, could learn all that the convolution can and much that
# makes no sense for pictures. Leaving that out is the point.

# %% [markdown]
# ## 3 · Your turn: `output_size`
#
# *About 10 minutes · 2 points.* How many places are there for a kernel along one axis? Dilated, it
# covers $d\,(k-1) + 1$ pixels. With $p$ zeros at *both* ends the axis has $n + 2p$. The kernel
# stands at 0, $s$, $2s$, … as long as it fits; a place that would hang over the end does not count,
# so round **down**. A kernel that does not fit even once is an error: raise `ValueError`.
#
# <details><summary>Hint: I am off by one</summary>
#
# Count in the smallest case: an axis as long as the kernel has one place, not zero.
# </details>
# <details><summary>What gives an output as large as the input?</summary>
#
# At stride 1: $p = d\,(k - 1)/2$ ("same" padding). Undilated, an even kernel would need half a pixel:
# then one side gets one zero more than the other, by `np.pad` before the layer.
# </details>


# %% nbgrader={"grade": false, "grade_id": "output_size", "locked": false, "schema_version": 3, "solution": true, "task": false}
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    """Count the places of a kernel along one axis.

    Args:
        size: pixels of the axis, a whole number.
        kernel: entries of the kernel along it.
        stride: pixels from one place to the next, at least 1.
        padding: zeros added at each of the two ends.
        dilation: pixels from one entry of the kernel to the next, at least 1.

    Returns:
        The number of places, a whole number of at least 1.

    Raises:
        ValueError: the kernel is longer than the padded axis.
    """
    ### BEGIN SOLUTION
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    if room < 0:
        raise ValueError(f"a kernel of {kernel} does not fit into {size} + 2·{padding} pixels")
    return room // stride + 1
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_output_size_places", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
checks.equal(output_size(5, 3), 3, "a kernel of 3 on 5 pixels stands at 0, 1, 2")
checks.equal(output_size(4, 4), 1, "a kernel as long as the axis has one place")
checks.equal(output_size(28, 5, padding=2), 28, "two zeros at each end keep 28 at 28")
checks.equal(output_size(6, 3, stride=2), 2, "places 0 and 2; 4 hangs over: round down")
checks.equal(output_size(7, 3, stride=2), 3, "places 0, 2 and 4")
checks.equal(output_size(6, 1, stride=4), 2, "places 0 and 4")
sentence = "a number of places is a whole number, 2 and not 2.0: divide by `//`, or use `int`"
checks.true(isinstance(output_size(6, 3, stride=2), (int, np.integer)), sentence)
### BEGIN HIDDEN TESTS
for size in range(1, 12):
    for kernel in range(1, 5):
        for stride in (1, 2, 3, 5):
            for padding in (0, 1, 2):
                if size + 2 * padding >= kernel:
                    places = len(range(0, size + 2 * padding - kernel + 1, stride))
                    got = output_size(size, kernel, stride, padding)
                    checks.equal(got, places, "places counted one by one")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_output_size_dilation", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
checks.equal(output_size(7, 3, dilation=2), 3, "3 entries 2 apart cover 5 pixels: 3 places on 7")
checks.equal(output_size(7, 1, dilation=5), 7, "one entry has no gaps")
checks.equal(output_size(9, 4, stride=2, dilation=2), 2, "4 entries cover 7: places 0 and 2")
checks.equal(output_size(5, 3, padding=3, dilation=3), 5, "p = d (k − 1)/2 keeps the size")
checks.raises(ValueError, output_size, 2, 3, sentence="a kernel of 3 on 2 pixels: ValueError")
sentence = "3 entries 4 apart cover 9 pixels, 6 + 2 are there: ValueError"
checks.raises(ValueError, output_size, 6, 3, 1, 1, 4, sentence=sentence)
checks.equal(output_size(1, 3, padding=1), 1, "zeros count: a kernel of 3 fits on 1 pixel")
### BEGIN HIDDEN TESTS
for size, kernel, stride, padding, dilation in (
    (11, 3, 2, 1, 2),
    (10, 2, 3, 0, 4),
    (13, 5, 4, 2, 3),
):
    covered = range(0, kernel * dilation, dilation)[-1] + 1
    places = len(range(0, size + 2 * padding - covered + 1, stride))
    got = output_size(size, kernel, stride, padding, dilation)
    checks.equal(got, places, "stride, padding and dilation together")
checks.raises(ValueError, output_size, 4, 3, 2, 0, 2, sentence="one pixel too long: ValueError")
checks.equal(output_size(5, 3, 2, 0, 2), 1, "exactly as long: one place")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `(size + 2 * padding - kernel) // stride + 1`
# 2. `math.ceil((size + 2 * padding - dilation * (kernel - 1)) / stride)`
# 3. `(size + padding - kernel) // stride + 1` where `padding` is 0 in all your tests
#
# <details><summary>Answers</summary>
#
# 1. Any dilation but 1, for kernels of more than one entry: it was forgotten in the size.
# 2. None! ⌈(room + 1)/s⌉ and ⌊room/s⌋ + 1 are the same for whole numbers. (But a room below zero
#    gives 0 or less where an error is due.)
# 3. Any padding: there are two ends.
# </details>
#
# Sizes are the first thing to compute of a network, before any weight is trained. Here those of
# section 14's, for the picture it was made for and for a smaller one. *Commit first:* how many
# pixels a side are left of 28 at the end?

# %%
my_guess = 7  # pixels a side

# %% tags=["demo"]
steps = {
    "5 × 5, padding 2": {"kernel": 5, "padding": 2},
    "pooling 2": {"kernel": 2, "stride": 2},
    "5 × 5": {"kernel": 5},
    "pooling 2 again": {"kernel": 2, "stride": 2},
}
for side in (28, 16, 11):
    sizes = [side]
    try:
        for options in steps.values():
            sizes.append(output_size(sizes[-1], **options))
    except ValueError as error:
        sizes.append(f"ValueError: {error}")
    print(" → ".join(map(str, sizes)))
    if side == 28:
        print(f"(your guess {my_guess}, counted {sizes[-1]})")

# %% [markdown]
# 5 of 28. A picture of 16 passes, too, and ends as 2 × 2. Of 11 a single pixel reaches the last
# pooling, which refuses: better an error here than an empty array three layers on.

# %% [markdown]
# ## 4 · Your turn: `conv2d_naive`
#
# *About 40 minutes · 6 points.* Now the formula of section 2, as it stands: loop over the entries
# of the result, cut the patch under the kernel out of the padded picture, multiply, add up. It may
# be slow; it must be *right*, for it is what you will compare everything else with.
#
# Go step by step, the checks do too: first stride 1 and no padding, then each option. `pair`, given
# above, turns 3 into (3, 3). **Groups:** of $C$ channels and $F$ filters, the first $F/G$ filters
# see the first $C/G$ channels, the next ones the next, and so on; a filter has $C/G$ channels of
# weights. Where $G$ does not divide $F$, or $x$ has not $G$ times the channels of the weights,
# raise `ValueError`. The result has the dtype of `x`.
#
# <details><summary>Hint: right for square pictures, wrong for others</summary>
#
# Height goes with kernel rows, width with kernel columns, everywhere: sizes, strides, padding.
# </details>
# <details><summary>Hint: how do I cut out a dilated patch?</summary>
#
# A slice with a step: from `top` to `top + d * (k - 1) + 1` in steps of `d` has exactly k entries.
# </details>
# <details><summary>Hint: groups</summary>
#
# Filter f is in group `f // (F // G)`, and group g begins at channel `g * (C // G)`.
# </details>


# %% nbgrader={"grade": false, "grade_id": "conv2d_naive", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv2d_naive(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Convolve as the formula says (the kernel is not flipped).

    Args:
        x: pictures, float array of shape (N, C, H, W). Not modified.
        weight: kernels, float array of shape (F, C / groups, kh, kw).
        bias: float array of shape (F,), or None for none.
        stride, padding, dilation: a whole number, or a pair (vertical, horizontal).
        groups: into how many groups channels and filters fall.

    Returns:
        Array of shape (N, F, H', W'), of the dtype of x.

    Raises:
        ValueError: channels, filters and groups don't fit, or the kernel is too large.
    """
    ### BEGIN SOLUTION
    filters, depth, kh, kw = weight.shape
    if x.shape[1] != groups * depth or filters % groups:
        raise ValueError(f"{x.shape[1]} channels, weights {weight.shape}, {groups} groups")
    (sh, sw), (ph, pw), (dh, dw) = pair(stride), pair(padding), pair(dilation)
    rows = output_size(x.shape[2], kh, sh, ph, dh)
    columns = output_size(x.shape[3], kw, sw, pw, dw)
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    out = np.empty((len(x), filters, rows, columns), dtype=x.dtype)
    for n, f, i, j in np.ndindex(out.shape):
        first = f // (filters // groups) * depth
        down = slice(i * sh, i * sh + dh * (kh - 1) + 1, dh)
        right = slice(j * sw, j * sw + dw * (kw - 1) + 1, dw)
        patch = padded[n, first : first + depth, down, right]
        out[n, f, i, j] = (weight[f] * patch).sum()
        if bias is not None:
            out[n, f, i, j] += bias[f]
    return out
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_conv2d_naive_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.array([[[[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [4.0, 0.0, 1.0]]]])
weight = np.array([[[[1.0, 2.0], [0.0, -1.0]]]])
sentence = "top left: 1·1 + 2·2 + 0·0 − 1·1 = 4; the kernel is not flipped"
checks.close(conv2d_naive(x, weight), np.array([[[[4.0, -1.0], [2.0, 6.0]]]]), sentence)
got = conv2d_naive(x, weight, np.array([10.0]))
checks.close(got, np.array([[[[14.0, 9.0], [12.0, 16.0]]]]), "the bias is added once to each entry")
wide = np.array([[[[1.0, 2.0, 3.0, 4.0]]]])
got = conv2d_naive(wide, np.array([[[[1.0, 10.0, 100.0]]]]))
checks.close(got, np.array([[[[321.0, 432.0]]]]), "a sound: height 1, a kernel of 1 × 3")
checks.unchanged(conv2d_naive, x, weight, np.array([10.0]))
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(501)
for size, kernel in (((5, 8), (3, 2)), ((7, 3), (1, 3)), ((4, 4), (4, 4))):
    x, weight, bias = (
        draw.normal(size=(1, 1, *size)),
        draw.normal(size=(1, 1, *kernel)),
        draw.normal(size=1),
    )
    expected = torch.conv2d(*(torch.tensor(a) for a in (x, weight, bias))).numpy()
    checks.close(conv2d_naive(x, weight, bias), expected, f"{size} pixels, a kernel of {kernel}")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_conv2d_naive_channels", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
one = np.array([[[1.0, 2.0]], [[10.0, 20.0]]])
x = np.stack([one, -one, 0 * one])
weight = np.array([[1.0, 1.0], [1.0, -1.0], [0.0, 2.0], [3.0, 0.0]]).reshape(4, 2, 1, 1)
sample = np.array([[[11.0, 22.0]], [[-9.0, -18.0]], [[20.0, 40.0]], [[3.0, 6.0]]])
sentence = "3 pictures of 2 channels, 4 filters of 1 × 1: sums over the channels"
checks.close(conv2d_naive(x, weight), np.stack([sample, -sample, 0 * sample]), sentence)
bias = np.array([0.0, 5.0, -1.0, 7.0])
expected = np.stack([sample, -sample, 0 * sample]) + bias.reshape(1, 4, 1, 1)
checks.close(conv2d_naive(x, weight, bias), expected, "one bias a filter, not a channel or column")
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(502)
for n, c, f in ((2, 3, 4), (1, 4, 2), (3, 2, 2)):
    x, weight = draw.normal(size=(n, c, 4, 5)), draw.normal(size=(f, c, 2, 3))
    bias = draw.normal(size=f)
    expected = torch.conv2d(*(torch.tensor(a) for a in (x, weight, bias))).numpy()
    checks.close(
        conv2d_naive(x, weight, bias), expected, f"{n} pictures, {c} channels, {f} filters"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_conv2d_naive_stride_padding", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.arange(1.0, 43.0).reshape(1, 1, 6, 7)
corner = np.zeros((1, 1, 3, 3))
corner[0, 0, 0, 0] = 1.0
expected = x[:, :, 0:4:2, 0:5:2].copy()
sentence = "a kernel that copies its first pixel, stride 2 on 6 × 7: 2 rows (round down), 3 columns"
checks.close(conv2d_naive(x.copy(), corner, stride=2), expected, sentence)
expected = x[:, :, 0:4:3, 0:5:1].copy()
sentence = "stride (3, 1): 3 down, 1 to the right"
checks.close(conv2d_naive(x.copy(), corner, stride=(3, 1)), expected, sentence)
expected = np.array([[[[4.0, 6.0, 4.0], [4.0, 6.0, 4.0]]]])
sentence = "ones on 2 × 3 ones with padding 1: how many pixels lie under the kernel"
got = conv2d_naive(np.ones((1, 1, 2, 3)), np.ones((1, 1, 3, 3)), padding=1)
checks.close(got, expected, sentence)
got = conv2d_naive(np.array([[[[1.0, 2.0]]]]), np.array([[[[1.0, 10.0, 100.0]]]]), padding=(0, 2))
sentence = "0 0 1 2 0 0: padding (0, 2) adds columns, no rows"
checks.close(got, np.array([[[[100.0, 210.0, 21.0, 2.0]]]]), sentence)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(503)
for stride, padding in ((2, 1), ((1, 3), (2, 0)), ((3, 2), (0, 1)), (4, (1, 2))):
    x, weight = draw.normal(size=(2, 2, 7, 6)), draw.normal(size=(3, 2, 3, 2))
    options = {"stride": stride, "padding": padding}
    sentence = f"{options}"
    expected = torch.conv2d(torch.tensor(x), torch.tensor(weight), **options).numpy()
    checks.close(conv2d_naive(x, weight, **options), expected, sentence)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_conv2d_naive_dilation", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.arange(15.0).reshape(1, 1, 3, 5)
weight = np.array([[[[1.0, 10.0], [100.0, 1000.0]]]])
p = x[0, 0].copy()
expected = p[:2, :2] + 10 * p[:2, 3:] + 100 * p[1:, :2] + 1000 * p[1:, 3:]
sentence = "dilation (1, 3): the kernel's columns stand 3 apart, its rows don't; 2 × 2 places"
checks.close(conv2d_naive(x.copy(), weight, dilation=(1, 3)), expected[None, None], sentence)
expected = p[:1, :3] + 10 * p[:1, 2:] + 100 * p[2:, :3] + 1000 * p[2:, 2:]
sentence = "dilation 2: the kernel covers 3 × 3, so the result is 1 × 3"
checks.close(conv2d_naive(x.copy(), weight, dilation=2), expected[None, None], sentence)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(504)
for dilation, stride, padding in ((2, 1, 0), ((3, 1), 2, 1), ((1, 2), (1, 2), (0, 3)), (3, 3, 4)):
    x, weight = draw.normal(size=(1, 2, 8, 7)), draw.normal(size=(2, 2, 3, 3))
    if dilation == 3:
        weight = weight[:, :, :, :2]
    options = {"dilation": dilation, "stride": stride, "padding": padding}
    sentence = f"{options}"
    expected = torch.conv2d(torch.tensor(x), torch.tensor(weight), **options).numpy()
    checks.close(conv2d_naive(x, weight, **options), expected, sentence)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_conv2d_naive_groups", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.array([1.0, 10.0, 100.0, 1000.0]).reshape(1, 4, 1, 1)
weight = np.array([[1.0, 1.0], [1.0, -1.0], [2.0, 0.0], [0.0, 3.0]]).reshape(4, 2, 1, 1)
expected = np.array([11.0, -9.0, 200.0, 3000.0]).reshape(1, 4, 1, 1)
sentence = "2 groups: filters 0 and 1 see channels 0 and 1, filters 2 and 3 see channels 2 and 3"
checks.close(conv2d_naive(x.copy(), weight.copy(), groups=2), expected, sentence)
each = np.array([1.0, 2.0, 3.0, 4.0]).reshape(4, 1, 1, 1)
expected = np.array([1.0, 20.0, 300.0, 4000.0]).reshape(1, 4, 1, 1)
checks.close(
    conv2d_naive(x.copy(), each.copy(), groups=4), expected, "4 groups: channel by channel"
)
expected = np.array([1.0, 2.0, 30.0, 40.0]).reshape(1, 4, 1, 1)
sentence = "2 channels, 2 groups, 4 filters: two filters for each channel"
checks.close(conv2d_naive(x[:, :2].copy(), each.copy(), groups=2), expected, sentence)
sentence = "4 channels, weights for 2, one group: ValueError"
checks.raises(ValueError, conv2d_naive, x.copy(), weight.copy(), sentence=sentence)
five = np.ones((1, 5, 1, 1))
sentence = "5 channels, weights for 2, two groups: the fifth belongs to none: ValueError"
checks.raises(ValueError, conv2d_naive, five, weight.copy(), groups=2, sentence=sentence)
sentence = "2 channels and 3 filters in 2 groups: ValueError"
checks.raises(ValueError, conv2d_naive, x[:, :2], each[:3], groups=2, sentence=sentence)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(505)
for c, f, groups in ((6, 9, 3), (4, 2, 2), (3, 6, 3)):
    x, weight = draw.normal(size=(2, c, 4, 5)), draw.normal(size=(f, c // groups, 3, 2))
    expected = torch.conv2d(torch.tensor(x), torch.tensor(weight), groups=groups).numpy()
    got = conv2d_naive(x, weight, groups=groups)
    checks.close(got, expected, f"{c} channels, {f} filters, {groups} groups")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_conv2d_naive_together", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.ones((2, 4, 5, 6))
weight = np.ones((2, 2, 3, 2))
options = {"stride": (2, 1), "padding": (1, 0), "dilation": (1, 3), "groups": 2}
got = conv2d_naive(x, weight, np.array([0.5, -0.5]), **options)
one = np.array([[8.0] * 3, [12.0] * 3, [8.0] * 3])
expected = np.stack([np.stack([one + 0.5, one - 0.5])] * 2)
checks.close(got, expected, "all at once: 2 channels · 2 or 3 rows · 2 columns of ones under it")
got = conv2d_naive(x.astype(np.float32), weight.astype(np.float32), **options)
checks.dtype(got, np.float32, "float32 in, float32 out")
checks.raises(ValueError, conv2d_naive, x, np.ones((1, 4, 6, 1)), sentence="a kernel too high")
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(506)
x, weight, bias = (
    draw.normal(size=(2, 4, 7, 5)),
    draw.normal(size=(6, 2, 2, 3)),
    draw.normal(size=6),
)
for chosen in (
    {"stride": (1, 2), "padding": (0, 2), "dilation": (3, 1), "groups": 2},
    {"stride": 3, "padding": 2, "dilation": 2, "groups": 2},
):
    sentence = f"{chosen}"
    single = [a.astype(np.float32) for a in (x, weight, bias)]
    expected = torch.conv2d(*(torch.tensor(a) for a in (x, weight, bias)), **chosen).numpy()
    checks.close(conv2d_naive(x.copy(), weight.copy(), bias.copy(), **chosen), expected, sentence)
    checks.close(conv2d_naive(*single, **chosen), expected.astype(np.float32), "float32")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Each passes some checks. Name an input that exposes it, then unfold.
#
# 1. `patch = padded[n, :, i * sh : i * sh + kh, j * sw : j * sw + kw]` (two things are missing)
# 2. `rows = output_size(W, kh, …)` and `columns = output_size(H, kw, …)`
# 3. `out[n, f, i, j] = (weight[f, :, ::-1, ::-1] * patch).sum()`
#
# <details><summary>Answers</summary>
#
# 1. Any dilation above 1, and any groups above 1.
# 2. Any picture that isn't square. With square pictures all is well, for years.
# 3. Any kernel that isn't the same upside down: that would be mathematics' convolution. See below.
# </details>
#
# **Look.** Four kernels written by hand, on a photograph. Fukushima and LeCun *learn* their kernels;
# these are what people used before, and what the first layer of a trained network often looks
# like. The kernel `across` is $-1, 0, 1$ from left to right. *Commit first:* what is its answer on
# an even white wall?

# %%
my_guess = 255.0  # brightness units, if white is 255


# %% tags=["demo"]
cat = datasets.pictures()["cat"][:144:2, 30:210:2].mean(axis=2)
kernels = {
    "blur": np.ones((3, 3)) / 9,
    "across": np.array([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]]) / 3,
    "down": np.array([[-1.0, -1, -1], [0, 0, 0], [1, 1, 1]]) / 3,
    "sharpen": np.array([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
}
bank = np.stack(list(kernels.values()))[:, None]
answers = conv2d_naive(cat[None, None], bank)[0]
wall = conv2d_naive(np.full((1, 1, 5, 5), 255.0), bank[1:2])
print(f"your guess {my_guess}, measured {wall.max():.1f} on a wall of 255")
figure, grid = plt.subplots(1, 5, figsize=(10, 2.2))
for axes, picture, name in zip(grid, [cat, *answers], ["input", *kernels], strict=True):
    limit = np.abs(answers[1]).max() / 2 if name in ("across", "down") else None
    low, high = (-limit, limit) if limit else (0, 255)
    axes.imshow(picture, cmap=plots.DIVERGING if limit else "gray", vmin=low, vmax=high)
    axes.set(title=name, xticks=[], yticks=[])
plots.show(
    figure,
    alt="A cat's face, blurred, with its vertical edges in red and blue, with its horizontal edges "
    "in red and blue, and sharpened.",
)

# %% [markdown]
# **What you should see.** The weights of `across` add up to 0, so an even surface gives 0, however
# bright: it answers only where left and right differ. Red is *brighter to the right*, blue the
# reverse; `down` sees the other edges. `blur` adds up to 1 and keeps the brightness.

# %% [markdown]
# ## 5 · Your turn: `convolve`
#
# *About 10 minutes · 2 points.* What the field calls convolution is, to a mathematician,
# **cross-correlation**: the kernel lies on the picture as it is. *Convolution* turns it upside down
# and left to right first,
#
# $$(x * k)_{ij} = \sum_{a}\sum_{b} k_{ab}\; x_{i-a,\,j-b},$$
#
# and that has its reward: $x * k = k * x$, and $(x * k) * l = x * (k * l)$. A learnt kernel doesn't
# care, it is simply learnt the other way round; but whoever copies a kernel from a book, or derives
# a backward pass (week 6), has to know which of the two is meant. Write it with your
# `conv2d_naive`, in *full* size: every place where picture and kernel touch, $(H + k_h - 1) \times
# (W + k_w - 1)$ of them.
#
# <details><summary>Hint: how much padding is "full"?</summary>
#
# At the first place only the kernel's last row touches the picture's first row. How many rows of
# the kernel are outside?
# </details>


# %% nbgrader={"grade": false, "grade_id": "convolve", "locked": false, "schema_version": 3, "solution": true, "task": false}
def convolve(picture, kernel):
    """Convolve in the mathematicians' sense, in full size (the kernel is flipped).

    Args:
        picture: float array of shape (H, W). Not modified.
        kernel: float array of shape (kh, kw).

    Returns:
        Array of shape (H + kh - 1, W + kw - 1).
    """
    ### BEGIN SOLUTION
    kh, kw = kernel.shape
    weight = kernel[None, None, ::-1, ::-1]
    return conv2d_naive(picture[None, None], weight, padding=(kh - 1, kw - 1))[0, 0]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_convolve_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
kernel = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
sentence = "a single bright pixel answers with the kernel itself, upright, not flipped"
checks.close(convolve(np.array([[1.0]]), kernel.copy()), kernel, sentence)
bright = np.array([[0.0, 0.0], [0.0, 10.0]])
expected = np.array([[0.0, 0, 0, 0], [0, 10, 20, 30], [0, 40, 50, 60]])
checks.close(convolve(bright, kernel), expected, "2 × 2 with 2 × 3: full size 3 × 4")
sentence = "(1 + 2t)(3 + 4t) = 3 + 10t + 8t²: a product of polynomials is a convolution"
got = convolve(np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]]))
checks.close(got, np.array([[3.0, 10.0, 8.0]]), sentence)
checks.unchanged(convolve, bright, kernel)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(507)
for one, other in (((5, 4), (2, 3)), ((1, 6), (1, 4)), ((3, 3), (4, 2))):
    x, k = draw.normal(size=one), draw.normal(size=other)
    size = (one[0] + other[0] - 1, one[1] + other[1] - 1)
    expected = np.fft.irfft2(np.fft.rfft2(x, size) * np.fft.rfft2(k, size), size)
    checks.close(convolve(x, k), expected, f"{one} with {other}, by the Fourier transform")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_convolve_laws", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.array([[1.0, 2.0, 0.0], [0.0, -1.0, 3.0]])
k = np.array([[0.0, 1.0], [2.0, 5.0], [-1.0, 0.0]])
one_way, other_way = np.array(convolve(x.copy(), k.copy())), np.array(convolve(k, x))
sentence = "x * k and k * x are the same; entry (1, 1) is 5·1 + 2·2 + 1·0 + 0·(−1)"
checks.close(one_way[1, 1], 9.0, sentence)
checks.close(other_way, one_way, "x * k = k * x (correlation would come out turned round)")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(508)
x, k, m = draw.normal(size=(4, 3)), draw.normal(size=(2, 2)), draw.normal(size=(1, 3))
size = (5, 6)
expected = np.fft.irfft2(
    np.fft.rfft2(x, size) * np.fft.rfft2(k, size) * np.fft.rfft2(m, size), size
)
first = np.array(convolve(np.array(convolve(x.copy(), k.copy())), m.copy()))
second = np.array(convolve(x, np.array(convolve(k, m))))
checks.close(first, expected, "(x * k) * m")
checks.close(second, expected, "x * (k * m)")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `kernel[::-1]` for `kernel[::-1, ::-1]`
# 2. `kernel.T`
# 3. `padding=(kw - 1, kh - 1)`
#
# <details><summary>Answers</summary>
#
# 1. A kernel of one row that isn't its own mirror image: the columns have to be turned as well.
# 2. Any kernel that isn't square changes shape; a square one only gives wrong numbers. Turning by
#    half a circle is two flips, a transposition is another thing.
# 3. Any kernel that isn't square: too few places in one axis, too many in the other.
# </details>

# %% [markdown]
# ## 6 · Your turn: `im2col`
#
# *About 30 minutes · 3 points.* A processor is fastest at one thing: multiplying large matrices
# (*GEMM*). So we turn the convolution into one. Copy the patch under the kernel at every place into
# a **column** of its own; then each entry of the result is the product of a row of weights and a
# column of pixels (Chellapilla, Puri & Simard 2006).
#
# For each picture a matrix of $C\,k_h\,k_w$ rows and $H'\,W'$ columns. Rows go channel by channel,
# within a channel row by row of the kernel: the order in which `weight.reshape(F, -1)` lists its
# entries. Columns go row by row of the result. Loop over the **entries of the kernel**, never over
# pixels: entry (a, b) sees the padded picture from row $a\,d$ on, every $s$-th row, $H'$ rows in all,
# and that is a single slice.
#
# <details><summary>Hint: shapes fit for one channel, numbers are wrong for two</summary>
#
# Fill an array of shape (N, C, kh, kw, H', W') and reshape it last. Which axes become rows, in
# which order?
# </details>
# <details><summary>Hint: where does the slice end?</summary>
#
# The last of H' rows begins (H' − 1)·s after the first; the end of a slice is one more. Without an
# end it would run on into rows that belong to other entries of the kernel.
# </details>


# %% nbgrader={"grade": false, "grade_id": "im2col", "locked": false, "schema_version": 3, "solution": true, "task": false}
def im2col(x, kernel_size, stride=1, padding=0, dilation=1):
    """Copy the patch under the kernel at every place into a column.

    Args:
        x: pictures, float array of shape (N, C, H, W). Not modified.
        kernel_size: a whole number, or the pair (kh, kw).
        stride, padding, dilation: a whole number, or a pair (vertical, horizontal).

    Returns:
        Array of shape (N, C * kh * kw, H' * W'), of the dtype of x; rows in the order (channel,
        kernel row, kernel column), columns in the order (row, column) of the result.

    Raises:
        ValueError: the kernel is too large.
    """
    ### BEGIN SOLUTION
    kh, kw = pair(kernel_size)
    (sh, sw), (ph, pw), (dh, dw) = pair(stride), pair(padding), pair(dilation)
    samples, channels, height, width = x.shape
    rows = output_size(height, kh, sh, ph, dh)
    columns = output_size(width, kw, sw, pw, dw)
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    out = np.empty((samples, channels, kh, kw, rows, columns), dtype=x.dtype)
    for a, b in np.ndindex(kh, kw):
        down = slice(a * dh, a * dh + (rows - 1) * sh + 1, sh)
        right = slice(b * dw, b * dw + (columns - 1) * sw + 1, sw)
        out[:, :, a, b] = padded[:, :, down, right]
    return out.reshape(samples, channels * kh * kw, rows * columns)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_im2col_order", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]])
expected = np.array([[[1.0, 2, 4, 5], [2, 3, 5, 6], [4, 5, 7, 8], [5, 6, 8, 9]]])
sentence = "2 × 2 on 3 × 3: the first column is the patch 1 2 4 5, the last one 5 6 8 9"
checks.close(im2col(x.copy(), 2), expected, sentence)
two = np.concatenate([x, 10 * x], axis=1)
both = np.concatenate([expected, 10 * expected], axis=1)
sentence = "two channels: all rows of channel 0, then all of channel 1 (C outside, kernel inside)"
checks.close(im2col(two.copy(), (2, 2)), both, sentence)
rows = np.array([[[1.0, 2, 3, 4, 5, 6], [4, 5, 6, 7, 8, 9]]])
checks.close(im2col(x.copy(), (2, 1)), rows, "a kernel of 2 rows and 1 column: 2 rows, 6 places")
batch = np.concatenate([both, -both])
checks.close(im2col(np.concatenate([two, -two]), 2), batch, "two pictures: two matrices")
checks.unchanged(im2col, two, (2, 2))
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(509)
for size, kernel in (((2, 3, 5, 4), (3, 2)), ((1, 2, 3, 6), (1, 5)), ((3, 1, 4, 4), (4, 4))):
    x = draw.normal(size=size)
    expected = torch.nn.functional.unfold(torch.tensor(x), kernel).numpy()
    checks.close(im2col(x, kernel), expected, f"{size} with a kernel of {kernel}")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_im2col_stride_padding", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.arange(1.0, 11.0).reshape(1, 1, 2, 5)
expected = np.array([[[1.0, 3.0], [2.0, 4.0], [6.0, 8.0], [7.0, 9.0]]])
sentence = "2 × 2 with stride 2 on 2 × 5: places 0 and 2; the last pixel column is left over"
checks.close(im2col(x.copy(), 2, stride=2), expected, sentence)
got = im2col(x.copy(), 2, stride=(1, 2), padding=(0, 1))
expected = np.array([[[0.0, 2, 4], [1, 3, 5], [0, 7, 9], [6, 8, 10]]])
sentence = "stride (1, 2), padding (0, 1): 0 1 2 3 4 5 0 in the upper row, places 0, 2, 4"
checks.close(got, expected, sentence)
got = im2col(x.copy(), (1, 5), stride=(2, 1), padding=(1, 0))
expected = np.zeros((1, 5, 2))
sentence = "stride (2, 1), padding (1, 0): places 0 and 2 down; the first lies in the zeros"
expected[0, :, 1] = np.arange(6.0, 11.0)
checks.close(got, expected, sentence)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(510)
for kernel, stride, padding in (((3, 2), (2, 3), (1, 2)), ((2, 3), 3, 0), ((4, 1), (1, 2), (3, 0))):
    x = draw.normal(size=(2, 2, 7, 8))
    options = {"stride": stride, "padding": padding}
    expected = torch.nn.functional.unfold(torch.tensor(x), kernel, **options).numpy()
    checks.close(im2col(x, kernel, **options), expected, f"a kernel of {kernel}")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_im2col_dilation", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.arange(1.0, 11.0).reshape(1, 1, 2, 5)
expected = np.array([[[1.0, 2], [4, 5], [6, 7], [9, 10]]])
checks.close(im2col(x.copy(), 2, dilation=(1, 3)), expected, "columns of the kernel 3 apart")
tall = np.arange(1.0, 11.0).reshape(1, 1, 5, 2)
expected = np.array([[[1.0, 2, 3, 4], [7, 8, 9, 10]]])
checks.close(im2col(tall.copy(), (2, 1), dilation=(3, 2)), expected, "rows of the kernel 3 apart")
single = im2col(x.astype(np.float32), 2, 1, 1, 1)
checks.dtype(single, np.float32, "float32 in, float32 out")
checks.raises(ValueError, im2col, x, 2, dilation=2, sentence="3 rows are covered, 2 are there")
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(511)
for dilation, stride, padding in ((2, 1, 0), ((1, 3), 2, (1, 2)), ((3, 2), (2, 1), 3)):
    x = draw.normal(size=(1, 3, 8, 7))
    options = {"dilation": dilation, "stride": stride, "padding": padding}
    sentence = f"{options}"
    expected = torch.nn.functional.unfold(torch.tensor(x), (2, 3), **options).numpy()
    checks.close(im2col(x, (2, 3), **options), expected, sentence)
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `np.empty((N, kh, kw, C, H', W'))`, filled as `out[:, a, b] = …`
# 2. `padded[:, :, a * dh :: sh, b * dw :: sw]`
# 3. `out.reshape(channels * kh * kw, -1)` for the whole batch
#
# <details><summary>Answers</summary>
#
# 1. Two channels: rows come in the order (k, C), weights in the order (C, k). One channel hides it,
#    and so does a 1 × 1 kernel.
# 2. Any kernel above 1 × 1: the slice is too long, and NumPy says so. With a large stride it can
#    happen to fit.
# 3. Two pictures: their pixels are mixed. The size is right, the numbers aren't.
# </details>
#
# **Look** at what was made. Left a picture of 12 × 12, right its matrix for a 3 × 3 kernel.
# *Commit first:* how many times does a pixel from the middle occur in it?

# %%
my_guess = 1  # times

# %% tags=["demo"]
small = trained.images[8][::2, ::2][1:13, 1:13].astype(float)
columns = im2col(small[None, None], 3)[0]
marked = np.zeros((1, 1, 12, 12))
marked[0, 0, 6, 6] = 1.0
times = int(im2col(marked, 3).sum())
print(f"your guess {my_guess}, measured {times}; {small.size} numbers became {columns.size}")
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 2.4), width_ratios=(1, 5))
left.imshow(small, cmap="gray")
left.set(title="12 × 12", xticks=[], yticks=[])
right.imshow(columns, cmap="gray", aspect="auto")
right.set(title="im2col: 9 × 100", xlabel="place of the kernel", ylabel="its entry")
plots.show(
    figure,
    alt="A small picture of a piece of clothing and its im2col matrix of nine rows, each a "
    "slightly shifted copy of the whole picture unrolled into a line.",
)

# %% [markdown]
# **What you should see.** Nine times, once for each entry of the kernel. Each of the nine *rows* is
# the whole picture, unrolled, a little shifted. The matrix has $k^2$ times the numbers of the
# picture: the price of speed is memory. Keep the number in mind until section 9.

# %% [markdown]
# ## 7 · Your turn: `conv2d`
#
# *About 15 minutes · 3 points.* The rest is one product: weights as a matrix of $F$ rows, times the
# columns, plus the bias, brought back into the shape of pictures. No loops, no groups, and no call of
# `conv2d_naive`. The matrix product of NumPy works on the last two axes and repeats the weights for
# every picture.
#
# <details><summary>Hint: the picture comes out scrambled</summary>
#
# A product of shape (N, F, H'·W') only needs a reshape. If yours needs a transposition, look at the
# order of the factors.
# </details>


# %% nbgrader={"grade": false, "grade_id": "conv2d", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """Convolve by im2col and one matrix product (the kernel is not flipped).

    Args:
        x: pictures, float array of shape (N, C, H, W). Not modified.
        weight: kernels, float array of shape (F, C, kh, kw).
        bias: float array of shape (F,), or None for none.
        stride, padding, dilation: a whole number, or a pair (vertical, horizontal).

    Returns:
        Array of shape (N, F, H', W'); float32 where x and weights are float32.

    Raises:
        ValueError: the channels don't fit, or the kernel is too large.
    """
    ### BEGIN SOLUTION
    filters, _, kh, kw = weight.shape
    out = weight.reshape(filters, -1) @ im2col(x, (kh, kw), stride, padding, dilation)
    if bias is not None:
        out += bias[:, None]
    rows = output_size(x.shape[2], kh, pair(stride)[0], pair(padding)[0], pair(dilation)[0])
    return out.reshape(len(x), filters, rows, -1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_conv2d_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.array([[[[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [4.0, 0.0, 1.0]]]])
weight = np.array([[[[1.0, 2.0], [0.0, -1.0]]]])
expected = np.array([[[[4.0, -1.0], [2.0, 6.0]]]])
checks.close(conv2d(x.copy(), weight.copy()), expected, "the example of section 4; not flipped")
two, both = np.concatenate([x, 10 * x], axis=1), np.concatenate([weight, -weight], axis=1)
sentence = "a second channel 10 times as large, its weights negated: 1 − 10 = −9 times the result"
checks.close(conv2d(two.copy(), both.copy()), -9 * expected, sentence)
bank = np.concatenate([both, 2 * both, 0 * both])
expected = np.concatenate([-9 * expected, -18 * expected, 0 * expected], axis=1)
expected = expected + np.array([0.0, 1.0, 7.0]).reshape(1, 3, 1, 1)
got = conv2d(two.copy(), bank.copy(), np.array([0.0, 1.0, 7.0]))
checks.close(got, expected, "three filters, each with its own bias")
checks.unchanged(conv2d, two, bank, np.array([0.0, 1.0, 7.0]))
checks.vectorised(conv2d)
checks.forbids(conv2d, "conv2d_naive")
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(512)
for n, c, f, kernel in ((2, 3, 4, (3, 2)), (1, 1, 6, (5, 5)), (3, 4, 1, (1, 1)), (2, 2, 2, (6, 7))):
    x, weight = draw.normal(size=(n, c, 6, 7)), draw.normal(size=(f, c, *kernel))
    bias = draw.normal(size=f)
    expected = torch.conv2d(*(torch.tensor(a) for a in (x, weight, bias))).numpy()
    checks.close(conv2d(x, weight, bias), expected, f"{n} pictures, {c} channels, {f} filters")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_conv2d_options", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.arange(1.0, 71.0).reshape(1, 1, 7, 10)
corner = np.zeros((1, 1, 2, 3))
corner[0, 0, 1, 2] = 1.0
expected = x[:, :, 1::3, 2::2].copy()
sentence = "a kernel that copies its last pixel, stride (3, 2) on 7 × 10: 2 rows, 4 columns"
checks.close(conv2d(x.copy(), corner, stride=(3, 2)), expected, sentence)
expected = x[:, :, 2:, 6:].copy()
sentence = "the same, dilation (2, 3): the last entry lies 2 rows and 6 columns off"
checks.close(conv2d(x.copy(), corner, dilation=(2, 3)), expected, sentence)
expected = np.zeros((1, 1, 10, 8))
expected[0, 0, 1:8] = x[0, 0, :, 2:]
sentence = "the same, padding (2, 0): zeros above and below, none at the sides"
checks.close(conv2d(x.copy(), corner, padding=(2, 0)), expected, sentence)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(513)
for stride, padding, dilation in ((2, 1, 1), ((1, 3), (2, 0), (2, 1)), (3, (0, 4), (1, 3))):
    x, weight, bias = (
        draw.normal(size=(2, 2, 9, 8)),
        draw.normal(size=(3, 2, 3, 3)),
        draw.normal(size=3),
    )
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    sentence = f"{options}"
    expected = torch.conv2d(*(torch.tensor(a) for a in (x, weight, bias)), **options).numpy()
    checks.close(conv2d(x, weight, bias, **options), expected, sentence)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_conv2d_agrees", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
draw = np.random.default_rng(5)
x, weight, bias = (draw.normal(size=s) for s in ((2, 3, 6, 5), (4, 3, 2, 3), (4,)))
wider = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
places = np.lib.stride_tricks.sliding_window_view(wider, (2, 3), axis=(2, 3))
expected = np.einsum("ncijab,fcab->nfij", places, weight) + bias[:, None, None]
single = [array.astype(np.float32) for array in (x, weight, bias)]
moved = np.array(conv2d(np.roll(x, 1, axis=3), weight.copy(), bias.copy(), padding=1))
sentence = "the pictures moved by one column: so is the result, away from the borders"
checks.close(moved[:, :, :, 2:4], expected[:, :, :, 1:3], sentence)
checks.close(conv2d(x.copy(), weight.copy(), bias, padding=1), expected, "einsum over all windows")
got = conv2d(*single, padding=1)
checks.dtype(got, np.float32, "float32 in, float32 out")
checks.close(got, expected.astype(np.float32), "and right to float32's accuracy")
checks.raises(ValueError, conv2d, x, weight[:, :2], sentence="3 channels, weights for 2")
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(514)
x, weight = draw.normal(size=(1, 5, 11, 3)), draw.normal(size=(2, 5, 4, 3))
expected = torch.conv2d(
    torch.tensor(x), torch.tensor(weight), stride=(2, 1), padding=(1, 2)
).numpy()
checks.close(conv2d(x, weight, stride=(2, 1), padding=(1, 2)), expected, "a batch of one, 11 × 3")
sound, kernel = draw.normal(size=(2, 3, 1, 20)), draw.normal(size=(4, 3, 1, 5))
rows = torch.conv1d(torch.tensor(sound[:, :, 0]), torch.tensor(kernel[:, :, 0]), stride=3).numpy()
checks.close(conv2d(sound, kernel, stride=(1, 3)), rows[:, :, None], "one-dimensional signals")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `out = out + bias` 2. `weight.reshape(-1, filters).T @ columns`
# 3. `out.reshape(len(x), filters, x.shape[2] - kh + 1, -1)`
#
# <details><summary>Answers</summary>
#
# 1. Fails unless there are as many places as filters; then each *place* gets a bias, silently.
# 2. Two filters: a reshape reads entries in their order and does not transpose. The weights of all
#    filters are shuffled together.
# 3. Any stride, padding or dilation. Mostly it fails loudly; with padding it may fit and scramble.
# </details>
#
# **The same size from an even kernel.** With 3 × 3 and padding 1 a picture keeps its size. With 4 × 4
# it can't: padding 1 gives a pixel too few, padding 2 one too many. So pad by hand, one more after
# than before.

# %% tags=["demo", "nbval-check-output"]
picture = np.ones((1, 1, 9, 7))
even = np.ones((1, 1, 4, 4))
for padding in (1, 2):
    print(f"padding {padding}: {conv2d(picture, even, padding=padding).shape[2:]}")
uneven = np.pad(picture, ((0, 0), (0, 0), (1, 2), (1, 2)))
print(f"1 before, 2 after: {conv2d(uneven, even).shape[2:]}")

# %% [markdown]
# ## 8 · Your turn: `conv2d_taps`
#
# *About 15 minutes · 2 points.* The large matrix need not exist. Each of its $k_h k_w$ blocks is a
# shifted, thinned-out picture, used once: so make one block, multiply it by *its* slice of weights,
# `weight[:, :, a, b]` of shape $(F, C)$, add the product to the result, and forget the block. An
# entry of the kernel is also called a **tap**. $k_h k_w$ small products in place of a large one, in
# memory that doesn't grow with the kernel.
#
# The checks measure the memory: picture, padded picture, result, one block and one product may
# exist at a time, the whole matrix may not. (The loops of section 4 need little, too, but they are
# slow: do without them.)
#
# <details><summary>Hint: matmul refuses my slice of four axes</summary>
#
# The channels have to meet: bring the block to (N, C, H'·W') by a reshape.
# </details>
# <details><summary>Hint: memory is too large</summary>
#
# Add into one result with `+=`. A list of all products needs as much as the matrix did.
# </details>


# %% nbgrader={"grade": false, "grade_id": "conv2d_taps", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv2d_taps(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """Convolve entry by entry of the kernel, without the im2col matrix.

    Args:
        x: pictures, float array of shape (N, C, H, W). Not modified.
        weight: kernels, float array of shape (F, C, kh, kw).
        bias: float array of shape (F,), or None for none.
        stride, padding, dilation: a whole number, or a pair (vertical, horizontal).

    Returns:
        Array of shape (N, F, H', W'), of the dtype of x.

    Raises:
        ValueError: the kernel is too large.
    """
    ### BEGIN SOLUTION
    filters, channels, kh, kw = weight.shape
    (sh, sw), (ph, pw), (dh, dw) = pair(stride), pair(padding), pair(dilation)
    rows = output_size(x.shape[2], kh, sh, ph, dh)
    columns = output_size(x.shape[3], kw, sw, pw, dw)
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    out = np.zeros((len(x), filters, rows * columns), dtype=x.dtype)
    for a, b in np.ndindex(kh, kw):
        down = slice(a * dh, a * dh + (rows - 1) * sh + 1, sh)
        right = slice(b * dw, b * dw + (columns - 1) * sw + 1, sw)
        out += weight[:, :, a, b] @ padded[:, :, down, right].reshape(len(x), channels, -1)
    if bias is not None:
        out += bias[:, None]
    return out.reshape(len(x), filters, rows, columns)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_conv2d_taps_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
draw = np.random.default_rng(6)
x, weight, bias = (draw.normal(size=s) for s in ((2, 3, 6, 5), (4, 3, 2, 3), (4,)))
wider = np.pad(x, ((0, 0), (0, 0), (2, 2), (0, 0)))
places = np.lib.stride_tricks.sliding_window_view(wider, (2, 3), axis=(2, 3))[:, :, :, ::2]
expected = np.einsum("ncijab,fcab->nfij", places, weight)
options = {"stride": (1, 2), "padding": (2, 0)}
got = conv2d_taps(x.copy(), weight.copy(), **options)
checks.close(got, expected, "padding (2, 0) and stride (1, 2), as einsum over all windows")
got = conv2d_taps(x.copy(), weight.copy(), bias.copy(), **options)
checks.close(got, expected + bias[:, None, None], "the bias is added once, not once a tap")
copies = np.zeros((1, 1, 2, 2))
copies[0, 0, 1, 1] = 1.0
row = np.arange(12.0).reshape(1, 1, 2, 6)
expected = row[:, :, 1:, 3:].copy()
got = conv2d_taps(row, copies.copy(), dilation=(1, 3))
checks.close(got, expected, "dilation (1, 3): the last tap lies 1 row and 3 columns off")
tall = np.arange(12.0).reshape(1, 1, 6, 2)
expected = tall[:, :, 3:, 1:].copy()
got = conv2d_taps(tall, copies, dilation=(3, 1))
checks.close(got, expected, "dilation (3, 1): the last tap lies 3 rows and 1 column off")
checks.raises(ValueError, conv2d_taps, tall, np.ones((1, 1, 7, 1)), sentence="a kernel too high")
checks.unchanged(conv2d_taps, x, weight, bias)
checks.forbids(conv2d_taps, "conv2d_naive")
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(515)
for stride, padding, dilation in ((1, 0, 1), ((3, 1), (0, 2), (1, 2)), (2, 1, (3, 1)), (3, 2, 2)):
    x, weight, bias = (
        draw.normal(size=(2, 3, 8, 7)),
        draw.normal(size=(5, 3, 2, 3)),
        draw.normal(size=5),
    )
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    sentence = f"{options}"
    expected = torch.conv2d(*(torch.tensor(a) for a in (x, weight, bias)), **options).numpy()
    checks.close(conv2d_taps(x, weight, bias, **options), expected, sentence)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_conv2d_taps_memory", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x, weight = np.ones((2, 4, 40, 40), dtype=np.float32), np.ones((4, 4, 5, 5), dtype=np.float32)
got = conv2d_taps(x, weight, padding=2)
checks.dtype(got, np.float32, "float32 in, float32 out")
checks.close(np.array(got)[0, 0, 20, 20], np.float32(100.0), "100 ones under the kernel")
sentence = "at most 8 times the picture (im2col's matrix alone has 25 times)"
checks.peak_memory(conv2d_taps, x, weight, padding=2, at_most=8 * x.nbytes, sentence=sentence)
### BEGIN HIDDEN TESTS
x, weight = np.ones((1, 8, 30, 50)), np.ones((8, 8, 7, 3))
sentence = "a kernel of 7 × 3"
checks.peak_memory(conv2d_taps, x, weight, padding=(3, 1), at_most=8 * x.nbytes, sentence=sentence)
checks.raises(ValueError, conv2d_taps, x, np.ones((1, 8, 31, 1)), sentence="a kernel too high")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `out += bias[:, None]` inside the loop
# 2. `weight[:, :, b, a]` 3. `np.zeros((N, F, rows * columns))`
#
# <details><summary>Answers</summary>
#
# 1. Any kernel above 1 × 1: the bias comes $k_h k_w$ times.
# 2. A kernel that isn't square fails loudly, a square one silently, unless it is symmetric.
# 3. float32 pictures come out as float64, in twice the memory.
# </details>

# %% [markdown]
# ## 9 · Three versions, measured
#
# A rule before any race: **time what you use, several times, and take the shortest** (what disturbs
# a measurement only ever makes it longer). All three versions do the same multiply-adds,
# $N F C k_h k_w H' W'$; here 4 pictures, 16 channels to 16, 3 × 3, in float32, pictures of growing
# size. Where PyTorch is installed it races, too; it is no part of this week. Beside your times stand
# **recorded** ones, so that there is something to compare with in any case.
#
# *Commit first:* at 32 × 32 pixels, by what factor is im2col with one matrix product faster than
# the loops? And is `conv2d_taps` faster or slower than that?

# %%
my_guess = 10  # loops take how many times as long as im2col?

# %%
SIZES = [8, 16, 32, 64]
RECORDED = {  # ms; benchmarks/week05_convolution.py: one thread, AMD EPYC, NumPy 2.4, PyTorch 2.11
    "conv2d_naive": [7.3, 39.0, 186.0, 777.0],
    "conv2d": [0.10, 0.16, 0.46, 2.0],
    "conv2d_taps": [0.10, 0.16, 0.45, 1.5],
    "PyTorch": [0.09, 0.13, 0.35, 1.2],
}


# %% tags=["demo"]
def shortest(function, *arguments, trials=5):
    times = []
    for _ in range(trials):
        began = time.perf_counter()
        function(*arguments)
        times.append(time.perf_counter() - began)
    return 1e3 * min(times)


def torch_convolution():
    try:
        torch = importlib.import_module("torch")  # optional: this week does without
    except ImportError:
        return None
    return lambda x, weight: torch.conv2d(torch.from_numpy(x), torch.from_numpy(weight)).numpy()


def race(versions):
    draw = np.random.default_rng(seed=9)
    weight = draw.normal(size=(16, 16, 3, 3)).astype(np.float32)
    times = {name: [] for name in versions}
    for size in SIZES:
        x = draw.normal(size=(4, 16, size, size)).astype(np.float32)
        for name, function in versions.items():
            trials = 9 if name != "conv2d_naive" else 2
            times[name].append(shortest(function, x, weight, trials=trials))
    return times


# %% tags=["demo"]
versions = {"conv2d_naive": conv2d_naive, "conv2d": conv2d, "conv2d_taps": conv2d_taps}
if (other := torch_convolution()) is not None:
    versions["PyTorch"] = other
measured = race(versions)
ratio = measured["conv2d_naive"][2] / measured["conv2d"][2]
print(f"your guess {my_guess}, measured {ratio:.0f}; taps against im2col: ", end="")
print(f"{measured['conv2d_taps'][2] / measured['conv2d'][2]:.1f} times as long")
print("PyTorch is not here: its recorded times only" if other is None else "PyTorch raced, too")
figure, axes = plt.subplots(figsize=(7, 4))
for index, (name, times) in enumerate(RECORDED.items()):
    colour, marker = plots.COLOURS[index], plots.MARKERS[index]
    axes.plot(SIZES, times, color=colour, linestyle=":", label=f"{name}, recorded")
    if name in measured:
        axes.plot(SIZES, measured[name], marker, color=colour, label=f"{name}, here")
axes.set(xscale="log", yscale="log", xticks=SIZES, xticklabels=SIZES)
axes.set(xlabel="height = width / pixels", ylabel="time / ms (shortest of several)")
axes.minorticks_off()
axes.legend(fontsize=9, ncols=2, loc="upper left", bbox_to_anchor=(0, 1.3))
plots.show(
    figure,
    alt="Time over picture size, both axes logarithmic, for the loops, im2col, taps and PyTorch, "
    "recorded as dotted lines and measured here as points: the loops lie a hundred times above "
    "the others, which lie close together.",
)

# %% [markdown]
# **What you should see.** At the right the lines run nearly parallel: all do work in proportion to
# the pixels, and at the left fixed costs hold the fast ones up. What differs is the price of an
# entry of the result. The recorded loops pay 3.2 microseconds of Python for each, and its 144
# multiply-adds are lost in that; im2col is 400 times faster at 32 × 32. Taps and im2col are level:
# nine small products are less efficient than a large one, but they write far less memory, and the
# two balance. PyTorch is 1.1 to 1.7 times faster still, not 100 times. It works on tiles that stay in
# the processor's cache, and never writes the large matrix at all.
#
# The lesson is not "NumPy is fast". It is: **where do the loops run?** In Python, over pixels, or in
# compiled code, over numbers that lie side by side.

# %% [markdown]
# Now the memory. `tracemalloc` counts what NumPy asks for. *Commit first:* at 64 × 64 pixels the
# input has 1 MB. What is the largest amount that `conv2d` holds at once?

# %%
my_guess = 2  # MB

# %% tags=["demo"]
kernel_sizes = [1, 3, 5, 7, 9, 11]
x = np.ones((4, 16, 64, 64), dtype=np.float32)
peaks = {"conv2d": [], "conv2d_taps": []}
for name, row in peaks.items():
    for k in kernel_sizes:
        weight = np.ones((16, 16, k, k), dtype=np.float32)
        tracemalloc.start()
        versions[name](x, weight, None, 1, k // 2)
        row.append(tracemalloc.get_traced_memory()[1] / 1e6)
        tracemalloc.stop()
print(f"your guess {my_guess} MB, measured {peaks['conv2d'][1]:.1f} MB with a 3 × 3 kernel")
print(f"with taps {peaks['conv2d_taps'][1]:.1f} MB; the input has {x.nbytes / 1e6:.1f} MB")
figure, axes = plt.subplots(figsize=(6, 3.4))
for (name, row), marker in zip(peaks.items(), plots.MARKERS, strict=False):
    axes.plot(kernel_sizes, row, marker=marker, label=name)
axes.axhline(x.nbytes / 1e6, color="black", linestyle=":", label="the input itself")
axes.set(xlabel="kernel size k", ylabel="largest memory in use / MB", yscale="log")
axes.set(xticks=kernel_sizes)
axes.legend()
plots.show(
    figure,
    alt="Peak memory over kernel size, vertical axis logarithmic: for im2col it grows with the "
    "square of the kernel to over a hundred megabytes, for taps it stays level at a few megabytes.",
)

# %% [markdown]
# **What you should see.** im2col grows with $k^2$: 10.6 MB at 3 × 3, ten times the input, and over
# 100 MB at 11 × 11. Taps stay below 5 MB whatever the kernel. At 1 × 1 im2col is the smaller one: it
# makes its matrix and is done, while taps hold a result *and* a product to be added. On the
# processor of a phone, or with pictures of 4,000 pixels a side, such a plot decides, not the clock.

# %% [markdown]
# ## 10 · Your turn: `max_pool2d`
#
# *About 20 minutes · 3 points.* **Pooling** makes pictures smaller: of every window it keeps the
# largest value, in each channel by itself. *That* there was an edge matters more than where
# exactly. Without a stride, windows lie side by side: the stride is the size. Places are counted as
# for kernels, with no dilation.
#
# Mind the padding: zeros would win against negative values. **Pad with −∞**, which never wins. (More
# padding than half a window would make windows of nothing else; nobody asks for that here.)
#
# <details><summary>Hint: the second window is wrong</summary>
#
# The stride is not 1 here unless somebody says so.
# </details>
# <details><summary>Hint: can I do it without loops over pixels?</summary>
#
# As in `im2col`: each entry of the window sees a shifted, thinned-out picture. `np.maximum` of
# them, one after the other.
# </details>


# %% nbgrader={"grade": false, "grade_id": "max_pool2d", "locked": false, "schema_version": 3, "solution": true, "task": false}
def max_pool2d(x, size, stride=None, padding=0):
    """Keep the largest value of every window, channel by channel.

    Args:
        x: pictures, float array of shape (N, C, H, W), no NaN in it. Not modified.
        size: of the window: a whole number, or a pair (vertical, horizontal).
        stride: a whole number or a pair; None for the size of the window.
        padding: rows and columns of −∞ on every side, at most half a window; a number or a pair.

    Returns:
        Array of shape (N, C, H', W'), of the dtype of x.

    Raises:
        ValueError: the window is too large.
    """
    ### BEGIN SOLUTION
    (kh, kw), (ph, pw) = pair(size), pair(padding)
    sh, sw = pair(size if stride is None else stride)
    rows = output_size(x.shape[2], kh, sh, ph)
    columns = output_size(x.shape[3], kw, sw, pw)
    sides = ((0, 0), (0, 0), (ph, ph), (pw, pw))
    padded = np.pad(x, sides, constant_values=-np.inf)
    out = np.full((*x.shape[:2], rows, columns), -np.inf, dtype=x.dtype)
    for a, b in np.ndindex(kh, kw):
        down = slice(a, a + (rows - 1) * sh + 1, sh)
        right = slice(b, b + (columns - 1) * sw + 1, sw)
        out = np.maximum(out, padded[:, :, down, right])
    return out
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_max_pool2d_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.array([[[[1.0, 5.0, 2.0, 0.0], [3.0, 4.0, 9.0, 1.0], [0.0, -1.0, -2.0, -3.0]]]])
sentence = "2 × 2 on 3 × 4: windows side by side; the third row is left over (round down)"
checks.close(max_pool2d(x.copy(), 2), np.array([[[[5.0, 9.0]]]]), sentence)
checks.close(max_pool2d(-x, 2), np.array([[[[-1.0, 0.0]]]]), "of −1 −5 −3 −4 the largest is −1")
two = np.concatenate([x, x - 100], axis=1)
expected = np.array([[[[5.0, 9.0]], [[-95.0, -91.0]]]])
checks.close(max_pool2d(two.copy(), 2), expected, "channels don't see each other")
both = np.concatenate([two, two + 7])
checks.close(max_pool2d(both, 2), np.concatenate([expected, expected + 7]), "nor do pictures")
checks.unchanged(max_pool2d, x, 2)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(516)
for shape, size in (((2, 3, 7, 6), 3), ((1, 1, 4, 5), 4), ((3, 2, 2, 9), 2), ((1, 2, 3, 3), 1)):
    x = draw.normal(size=shape) - 2.0
    expected = torch.max_pool2d(torch.tensor(x), size).numpy()
    checks.close(max_pool2d(x, size), expected, f"{shape} with windows of {size}")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_max_pool2d_stride", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.array([[[[1.0, 5.0, 2.0, 0.0, 7.0], [3.0, 4.0, 9.0, 1.0, 6.0]]]])
expected = np.array([[[[5.0, 9.0, 9.0, 7.0]]]])
checks.close(max_pool2d(x, 2, stride=1), expected, "stride 1: windows overlap")
checks.close(max_pool2d(x, 2, 3), np.array([[[[5.0, 7.0]]]]), "stride 3: a column between windows")
expected = np.array([[[[5.0, 7.0]]]])
sentence = "a window of 1 row and 4 columns, stride (2, 1): only the first row is looked at"
checks.close(max_pool2d(x, (1, 4), (2, 1)), expected, sentence)
expected = np.array([[[[3.0, 5.0, 9.0, 1.0, 7.0]]]])
checks.close(max_pool2d(x, (2, 1)), expected, "a window of 2 rows and 1 column, no stride given")
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(517)
for size, stride in ((3, 2), ((2, 3), (3, 1)), ((3, 1), None), (2, (1, 4)), ((1, 2), None)):
    x = draw.normal(size=(2, 2, 8, 7))
    expected = torch.max_pool2d(torch.tensor(x), size, stride or size).numpy()
    checks.close(max_pool2d(x, size, stride), expected, f"windows of {size}, stride {stride}")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_max_pool2d_padding", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = -np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
expected = x.copy()
sentence = "negative values, padding 1: zeros around them would win; −∞ does not"
checks.close(max_pool2d(x.copy(), 2, padding=1), expected, sentence)
sentence = "pixels of −1e20 and less, padding 1: −∞ around them loses, −1e9 would win"
checks.close(max_pool2d(1e20 * x, 2, padding=1), 1e20 * expected, sentence)
expected = np.array([[[[-1.0, -1.0, -2.0]]]])
sentence = "padding (0, 1), stride 1, on two columns: 3 places"
checks.close(max_pool2d(x.copy(), 2, 1, (0, 1)), expected, sentence)
got = max_pool2d(x.astype(np.float32), 2, padding=1)
checks.dtype(got, np.float32, "float32 in, float32 out")
checks.raises(ValueError, max_pool2d, x, 3, sentence="a window of 3 on 2 × 2: ValueError")
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(518)
for size, stride, padding in ((3, 2, 1), ((2, 4), (2, 3), (1, 2)), ((3, 2), 1, (0, 1)), (4, 3, 2)):
    x = draw.normal(size=(1, 2, 7, 9)) - 5.0
    expected = torch.max_pool2d(torch.tensor(x), size, stride, padding).numpy()
    checks.close(max_pool2d(x, size, stride, padding), expected, f"{size}, {stride}, {padding}")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `np.pad(x, sides)` 2. `out = np.zeros(…)` before the maxima 3. `stride=1` where none is given
#
# <details><summary>Answers</summary>
#
# 1. Negative values at a padded border. Behind a ReLU nothing is negative, so the bug sleeps until
#    somebody pools before the ReLU.
# 2. A window of nothing but negative values, with or without padding.
# 3. Any picture larger than the window: the result is too large.
# </details>

# %% [markdown]
# ## 11 · Your turn: `avg_pool2d`
#
# *About 10 minutes · 1 point.* The mean of every window in place of its largest value; all else as
# before, but now padding is with **zeros, and they count**: every mean divides by the full size of
# the window. One line suffices if you give each channel to `im2col` as a picture of its own.
#
# <details><summary>Hint: which axis is the mean over?</summary>
#
# With one channel a picture, a column of im2col is one window.
# </details>


# %% nbgrader={"grade": false, "grade_id": "avg_pool2d", "locked": false, "schema_version": 3, "solution": true, "task": false}
def avg_pool2d(x, size, stride=None, padding=0):
    """Take the mean of every window, channel by channel; padding counts as zeros.

    Args:
        x: pictures, float array of shape (N, C, H, W). Not modified.
        size: of the window: a whole number, or a pair (vertical, horizontal).
        stride: a whole number or a pair; None for the size of the window.
        padding: rows and columns of zeros on every side; a number or a pair.

    Returns:
        Array of shape (N, C, H', W'), of the dtype of x.

    Raises:
        ValueError: the window is too large.
    """
    ### BEGIN SOLUTION
    stride = size if stride is None else stride
    samples, channels, height, width = x.shape
    alone = x.reshape(samples * channels, 1, height, width)
    means = im2col(alone, size, stride, padding).mean(axis=1)
    rows = output_size(height, pair(size)[0], pair(stride)[0], pair(padding)[0])
    return means.reshape(samples, channels, rows, -1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_avg_pool2d_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.array([[[[1.0, 5.0, 2.0, 0.0], [3.0, 7.0, 9.0, 1.0], [8.0, 0.0, 4.0, 2.0]]]])
sentence = "2 × 2 on 3 × 4: the means 16/4 and 12/4; the third row is left over"
checks.close(avg_pool2d(x.copy(), 2), np.array([[[[4.0, 3.0]]]]), sentence)
two = np.concatenate([x, 10 * x], axis=1)
both = np.concatenate([two, -two])
one = np.array([[[4.0, 3.0]], [[40.0, 30.0]]])
checks.close(avg_pool2d(both, 2), np.stack([one, -one]), "channel by channel, picture by picture")
got = avg_pool2d(np.array([[[[4.0, 8.0]]]]), (1, 2), stride=1, padding=(0, 1))
sentence = "0 4 8 0 with windows of 2: means 2, 6, 4; the zeros count"
checks.close(got, np.array([[[[2.0, 6.0, 4.0]]]]), sentence)
got = avg_pool2d(x.copy(), (3, 2), (1, 2))
checks.close(got, np.array([[[[4.0, 3.0]]]]), "windows of 3 rows and 2 columns: 24/6 and 18/6")
sentence = "windows of 1 row and 2 columns, no stride given: it is (1, 2), and 3 × 4 becomes 3 × 2"
expected = np.array([[[[3.0, 1.0], [5.0, 5.0], [4.0, 3.0]]]])
checks.close(avg_pool2d(x.copy(), (1, 2)), expected, sentence)
checks.dtype(avg_pool2d(x.astype(np.float32), 2), np.float32, "float32 in, float32 out")
checks.raises(ValueError, avg_pool2d, x, (4, 1), sentence="a window of 4 rows on 3: ValueError")
checks.unchanged(avg_pool2d, x, 2)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(519)
for size, stride, padding in ((3, None, 0), ((2, 3), (1, 2), (1, 0)), (2, 3, 1), ((3, 1), None, 1)):
    x = draw.normal(size=(2, 3, 8, 7))
    padding = (1, 0) if size == (3, 1) else padding
    expected = torch.nn.functional.avg_pool2d(torch.tensor(x), size, stride, padding).numpy()
    checks.close(avg_pool2d(x, size, stride, padding), expected, f"{size}, {stride}, {padding}")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `im2col(x, size, stride, padding).mean(axis=1)` 2. dividing by the pixels *inside* the picture
#
# <details><summary>Answers</summary>
#
# 1. Two channels: it averages over them as well.
# 2. Any padding. It is another convention, and libraries offer both; here the zeros count.
# </details>
#
# **Look.** A picture made four times smaller in each axis in three ways: the first pixel of every
# 4 × 4 block, its mean, its maximum. The picture has thin bright lines. *Commit first:* which way
# keeps all lines at full brightness: first, mean, or max?

# %%
my_guess = "mean"  # first, mean or max

# %% tags=["demo"]
lines = np.zeros((1, 1, 96, 96))
place = np.arange(96)
lines[0, 0][(place[:, None] + place) % 38 == 0] = 1.0
lines[0, 0, 30, :] = 1.0
lines[0, 0, :, 50] = 1.0
smaller = {
    "the picture": lines,
    "first": lines[:, :, ::4, ::4],
    "mean": avg_pool2d(lines, 4),
    "max": max_pool2d(lines, 4),
}
upright = {name: np.median(y[0, 0, :, y.shape[3] * 50 // 96]) for name, y in smaller.items()}
print(f"your guess {my_guess}; brightness of the upright line, measured:")
print(", ".join(f"{name} {upright[name]:.2f}" for name in ("first", "mean", "max")))
figure, grid = plt.subplots(1, 4, figsize=(9, 2.5))
for axes, (name, y) in zip(grid, smaller.items(), strict=True):
    axes.imshow(y[0, 0], cmap="gray", vmin=0, vmax=1)
    axes.set(title=name, xticks=[], yticks=[])
plots.show(
    figure,
    alt="Thin lines on black, and the same four times smaller: with the first pixel of each block "
    "the straight lines and half of the slanted ones are gone, with the mean all are dim, with the "
    "maximum all are bright and thick.",
)

# %% [markdown]
# **What you should see.** Taking every fourth pixel loses whatever falls between, the mean keeps
# everything but dims it, the maximum keeps every line at full brightness and makes it thick. That
# is why max pooling suits *detectors* ("is there an edge in here?"). But dark lines on white would
# be wiped out: −x tells another story than x.

# %% [markdown]
# ## 12 · Your turn: `separate`
#
# *About 10 minutes · 2 points.* Some kernels are an outer product, $k_{ab} = u_a v_b$: a blur is a
# vertical blur of a horizontal one. Then two passes of $k_h + k_w$ multiply-adds a pixel do the work
# of one with $k_h k_w$. Such a matrix has **rank 1**, and the singular-value decomposition
# $K = U \operatorname{diag}(\sigma) V^\top$ tells: all $\sigma$ but the first are 0.
# `np.linalg.svd` gives $U$, the $\sigma$ from large to small, and $V^\top$.
#
# Call a kernel separable when its second singular value is at most $10^{-8}$ of the first (rounding
# leaves about $10^{-16}$), and raise `ValueError` otherwise. How you share the factor $\sigma_1$
# between $u$ and $v$ is up to you.
#
# <details><summary>Hint: the product has the wrong size by a factor</summary>
#
# The columns of U and V have length 1; the size is all in σ. And what you get is V transposed: its
# first *row* is the one that belongs to σ₁.
# </details>
# <details><summary>Hint: index 1 is out of bounds</summary>
#
# A kernel of one row or column has a single singular value, and is separable by itself.
# </details>


# %% nbgrader={"grade": false, "grade_id": "separate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def separate(kernel):
    """Split a kernel into a column and a row whose outer product it is.

    Args:
        kernel: float array of shape (kh, kw), not all 0. Not modified.

    Returns:
        column: array of shape (kh,).
        row: array of shape (kw,).

    Raises:
        ValueError: the kernel is not separable.
    """
    ### BEGIN SOLUTION
    u, sizes, v = np.linalg.svd(kernel)
    if (sizes[1:] > 1e-8 * sizes[0]).any():
        raise ValueError("the kernel has more than one singular value: it is not separable")
    return u[:, 0] * sizes[0], v[0]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_separate_product", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
blur = np.array([[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]])
column, row = separate(blur.copy())
checks.close(np.outer(column, row), blur, "column times row gives the kernel back, size and all")
edge = np.array([[-1.0, 0.0, 1.0, 2.0], [-3.0, 0.0, 3.0, 6.0]])
column, row = separate(edge.copy())
checks.shape(column, (2,), "a kernel of 2 × 4: the column has 2 entries")
checks.shape(row, (4,), "and the row has 4")
checks.close(np.outer(column, row), edge, "signs too, and a column of zeros")
single = separate(np.array([[2.0, 3.0, 5.0]]))
checks.close(np.outer(*single), np.array([[2.0, 3.0, 5.0]]), "one row is separable by itself")
single = separate(np.array([[2.0], [-3.0]]))
checks.close(np.outer(*single), np.array([[2.0], [-3.0]]), "and so is one column")
balanced = np.array([[0.0, -1.0, 1.0], [0.0, -2.0, 2.0]])
sentence = "a 0 in the corner, and all weights together 0: divide by neither"
checks.close(np.outer(*separate(balanced.copy())), balanced, sentence)
checks.unchanged(separate, blur)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(520)
for kh, kw, scale in ((5, 3, 1.0), (2, 7, 1e-6), (1, 1, 3.0), (4, 1, -2.0), (4, 4, 1e6)):
    kernel = scale * np.outer(draw.normal(size=kh), draw.normal(size=kw))
    column, row = separate(kernel.copy())
    got = np.outer(column, row) / abs(scale)
    checks.close(got, kernel / abs(scale), f"a separable kernel of {kh} × {kw}")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_separate_refuses", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
sharpen = np.array([[0.0, -1.0, 0.0], [-1.0, 5.0, -1.0], [0.0, -1.0, 0.0]])
checks.raises(ValueError, separate, sharpen, sentence="a cross is not separable: ValueError")
checks.raises(ValueError, separate, np.eye(2), sentence="nor is a diagonal")
tiny = 1e-9 * np.eye(2)
checks.raises(ValueError, separate, tiny, sentence="nor is a tiny diagonal: it is the *ratio*")
nearly = np.array([[1.0, 2.0], [2.0, 4.01]])
checks.raises(ValueError, separate, nearly, sentence="one entry 0.01 off: not separable")
almost = 1e6 * np.outer([0.1, 0.2, 0.3], [0.7, 0.11, 0.13])
expected = almost.copy()
checks.close(np.outer(*separate(almost)), expected, "large numbers, rounded: separable", rtol=1e-9)
ones = np.ones((2, 2)) + 1e-10 * np.eye(2)
sentence = "a second singular value of 5e-11 of the first, below the limit of 1e-8: separable"
checks.close(np.outer(*separate(ones)), np.ones((2, 2)), sentence, atol=1e-9)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(521)
for shape in ((3, 3), (2, 5), (6, 2)):
    kernel = draw.normal(size=shape)
    checks.raises(ValueError, separate, kernel, sentence=f"a random kernel of {shape}")
third = np.outer([1.0, 0, 0], [1.0, 0, 0]) + 1e-3 * np.outer([0, 0, 1.0], [0, 0, 1.0])
checks.raises(ValueError, separate, third, sentence="a second part a thousandth as large")
square = np.outer([1.0, 1.0], [1.0, 1.0]) + 1e-10 * np.eye(2)
checks.close(np.outer(*separate(square.copy())), square, "a second part of 1e-10", atol=1e-9)
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `return kernel[:, 0], kernel[0]` 2. `if sizes[1] > 1e-8:` 3. `return u[:, 0], v[0]`
#
# <details><summary>Answers</summary>
#
# 1. The product is $k_{00}$ times too large, and nothing but zeros where $k_{00} = 0$. In `edge` of
#    the checks $k_{00}$ is −1, and even the sign is wrong.
# 2. A tiny kernel passes whatever it is, a large separable one fails by rounding, and one row fails
#    with an IndexError.
# 3. Anything whose size isn't 1.
# </details>
#
# **Count, then measure**: a Gaussian blur of growing size on a photograph of 142 × 213, once as it
# is and once as column and row. *Commit first:* how many times faster are two passes at 21 × 21?

# %%
my_guess = 21  # times


# %% tags=["demo"]
def two_passes(x, column, row):
    return conv2d_taps(conv2d_taps(x, column), row)


photo = datasets.pictures()["flower"].mean(axis=2)[None, None]
widths = [3, 7, 11, 15, 21]
once, twice, difference = [], [], 0.0
for k in widths:
    bell = np.exp(-0.5 * (np.arange(k) - k // 2) ** 2 / (k / 5) ** 2)
    kernel = np.outer(bell, bell) / bell.sum() ** 2
    column, row = separate(kernel)
    parts = column.reshape(1, 1, k, 1), row.reshape(1, 1, 1, k)
    whole = kernel[None, None]
    once.append(shortest(conv2d_taps, photo, whole, trials=7))
    twice.append(shortest(two_passes, photo, *parts, trials=7))
    gap = conv2d_taps(photo, whole) - two_passes(photo, *parts)
    difference = max(difference, np.abs(gap).max())
print(f"your guess {my_guess}, measured {once[-1] / twice[-1]:.0f}, counted {21 * 21 / 42:.1f}")
print(f"largest difference of the two results below 1e-10: {difference < 1e-10}")
figure, axes = plt.subplots(figsize=(6, 3.4))
axes.plot(widths, once, marker="o", label="k × k at once")
axes.plot(widths, twice, marker="s", label="k × 1, then 1 × k")
axes.set(xlabel="kernel size k", ylabel="time / ms", yscale="log", xticks=widths)
axes.legend()
plots.show(
    figure,
    alt="Time of a blur over the kernel size, vertical axis logarithmic: the full kernel grows "
    "with the square, the two passes in proportion; at 21 they differ by a factor of about ten.",
)

# %% [markdown]
# **What you should see.** The gap grows with the kernel as counted, $k^2 / 2k = k/2$, and is often
# wider: the clock also sees how the blocks lie in memory. Count to choose, measure to be sure. Deep
# networks use the same idea twice over. Stacked 3 × 3 kernels see as far as a large one for fewer
# weights (Simonyan & Zisserman 2015), and **depthwise-separable** convolutions (MobileNet, Howard et
# al. 2017) split channels from places: first every channel by itself (`groups=C`), then a **1 × 1
# convolution** that only mixes channels. Such a 1 × 1 is a dense layer, applied to each pixel. Here
# your `Linear` of week 3 (or the verified one: the cell says which) sees all pixels of a photograph
# as one batch:

# %% tags=["demo"]
Linear = earlier.work("week03_backpropagation", "Linear", own=True)
colour = datasets.pictures()["coffee"].transpose(2, 0, 1)[None] / 255
mix = np.array([[0.3, 0.6, 0.1], [1.0, -1.0, 0.0]])
by_convolution = conv2d(colour, mix[:, :, None, None])
pixels = colour.transpose(0, 2, 3, 1)
dense = Linear(mix.T, np.zeros(2)).forward(pixels.reshape(-1, 3))
by_dense = dense.reshape(*pixels.shape[:3], 2).transpose(0, 3, 1, 2)
print("1 × 1 convolution and dense layer agree:", np.allclose(by_convolution, by_dense, atol=1e-12))
full, depthwise = 3 * 3 * 64 * 128, 3 * 3 * 64 + 64 * 128
print(f"64 channels to 128, 3 × 3: {full:,} weights; depthwise and 1 × 1: {depthwise:,}")

# %% [markdown]
# ## 13 · Your turn: `equivariance_gap`
#
# *About 10 minutes · 2 points.* The promise was: the same thing looks the same everywhere. In exact
# words, a layer $f$ is **shift equivariant** when moving the input moves the output, $f(T x) = T
# f(x)$. (*In*variant would mean $f(Tx) = f(x)$: the output doesn't move at all.) Don't believe it,
# measure it: move the input by `shift`, the output by `output_shift`, and compare.
#
# Moving by `np.roll` wraps around, so near the borders pictures meet what was on the other side, and
# padding meets what it never saw. Leave out `margin` rows and columns at *every* border of the
# output, and return the largest absolute difference in what remains.
#
# <details><summary>Hint: with margin 0 nothing remains</summary>
#
# `y[:, :, 0:-0]` is empty. Write the end as height − margin.
# </details>


# %% nbgrader={"grade": false, "grade_id": "equivariance_gap", "locked": false, "schema_version": 3, "solution": true, "task": false}
def equivariance_gap(layer, x, shift, output_shift, margin):
    """Measure by how much a layer of a moved picture differs from the moved output.

    Args:
        layer: a function of pictures (N, C, H, W) that returns an array (N, F, H', W').
        x: pictures, float array of shape (N, C, H, W). Not modified.
        shift: by how many pixels the input moves, pair (down, right); with np.roll.
        output_shift: by how many pixels the output moves, pair (down, right).
        margin: rows and columns of the output that are left out at every border.

    Returns:
        The largest absolute difference, one number.
    """
    ### BEGIN SOLUTION
    of_moved = layer(np.roll(x, shift, axis=(2, 3)))
    moved = np.roll(layer(x), output_shift, axis=(2, 3))
    height, width = moved.shape[2:]
    inside = (slice(margin, height - margin), slice(margin, width - margin))
    return np.abs(of_moved - moved)[:, :, *inside].max()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_equivariance_gap_equal", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.random.default_rng(7).normal(size=(2, 2, 12, 14))


def difference(pictures):
    return pictures[:, :, 2:, 1:] - pictures[:, :, :-2, :-1]


def every_second(pictures):
    return pictures[:, :, ::2, ::2]


got = equivariance_gap(difference, x.copy(), (1, 2), (1, 2), 2)
checks.close(got, 0.0, "differences of neighbours move with the picture: gap 0")
got = equivariance_gap(every_second, x.copy(), (2, 4), (1, 2), 2)
checks.close(got, 0.0, "every second pixel: input moved by (2, 4), output by half of it")
kept = every_second(x)
expected = np.abs(np.roll(kept, (1, 2), axis=(2, 3)) - kept)[:, :, 2:4, 2:5].max()
got = equivariance_gap(every_second, x.copy(), (2, 4), (0, 0), 2)
checks.close(got, expected, "the same, but the output compared where it was: that is a gap")
checks.unchanged(equivariance_gap, difference, x, (0, 1), (0, 1), 1)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(522)
x = draw.normal(size=(1, 3, 18, 21))
for shift in ((0, 3), (-2, 1), (3, -3)):
    got = equivariance_gap(lambda v: np.tanh(3 * v[:, :1] + v[:, 1:]), x.copy(), shift, shift, 0)
    checks.close(got, 0.0, "point by point: equivariant up to the border")
    got = equivariance_gap(lambda v: np.sort(v, axis=1), x.copy(), shift, shift, 3)
    checks.close(got, 0.0, "sorted channels: equivariant")
got = equivariance_gap(lambda v: v[:, :, ::3, ::3], x.copy(), (6, 3), (2, 1), 2)
checks.true(float(got) < 1e-12, "every third pixel, moved by multiples of three")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_equivariance_gap_differs", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.zeros((1, 1, 5, 7))
x[0, 0, 2, 2], x[0, 0, 3, 4] = 4.0, -7.0
x[0, 0, 0, 3], x[0, 0, 4, 3], x[0, 0, 2, 6] = 50.0, 60.0, 80.0


def same(pictures):
    return pictures


def ramp(pictures):
    return pictures + np.arange(pictures.shape[3])


sentence = "moved right by 1, output not: 4 and −7 stand alone; 50, 60, 80 lie in the margins"
checks.close(equivariance_gap(same, x.copy(), (0, 1), (0, 0), 1), 7.0, sentence)
checks.close(equivariance_gap(same, x.copy(), (0, 1), (0, 0), 0), 80.0, "margin 0: 80 counts")
sentence = "a layer that adds the column's number: moved by 2 columns it is 2 off"
checks.close(equivariance_gap(ramp, x.copy(), (0, 2), (0, 2), 2), 2.0, sentence)
sentence = "the same to the left: differences of −2 are a gap of 2"
checks.close(equivariance_gap(ramp, x.copy(), (0, -2), (0, -2), 2), 2.0, sentence)
checks.close(equivariance_gap(ramp, x.copy(), (2, 0), (2, 0), 2), 0.0, "moved down: 0")
stripes = np.zeros((2, 2, 1, 4))
stripes[1, 1] = [1.0, -1.0, 1.0, -1.0]
sentence = "all pictures and channels count, here the last; a 1 where −1 was is a gap of 2"
checks.close(equivariance_gap(same, stripes, (0, 1), (0, 0), 0), 2.0, sentence)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(523)
x = draw.normal(size=(2, 1, 10, 11))
for shift, moved, margin in (((1, 0), (0, 0), 1), ((0, -2), (1, 3), 2), ((3, 1), (1, 1), 3)):
    expected = 0.0
    for n in range(2):
        for i in range(margin, 10 - margin):
            for j in range(margin, 11 - margin):
                one = x[n, 0, (i - shift[0]) % 10, (j - shift[1]) % 11]
                other = x[n, 0, (i - moved[0]) % 10, (j - moved[1]) % 11]
                expected = max(expected, abs(one - other))
    got = equivariance_gap(lambda v: v, x.copy(), shift, moved, margin)
    checks.close(got, expected, f"input moved by {shift}, output by {moved}")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `np.roll(x, shift)` 2. `layer(np.roll(x, shift, …)) - layer(x)` 3. the mean for the maximum
#
# <details><summary>Answers</summary>
#
# 1. Any: without `axis` NumPy unrolls the whole batch, moves it, and rolls it up again.
# 2. Every layer that isn't constant: this measures *in*variance, which nobody promised.
# 3. One wrong pixel in a million: the mean hides it.
# </details>
#
# **Now break it.** Your layers with an edge kernel, once with stride 1, once with stride 2, once
# with stride 1 and max pooling, once with a blur before every second pixel (Zhang 2019). Left the
# gap on a photograph; at odd shifts an output of half the size would have to move by half a pixel,
# and we take the better of the two whole ones. Right a black picture with one bright line: how large
# is the largest answer as the line moves on? *Commit first:* with stride 2, how many percent of it
# are left when the line has moved by one pixel?

# %%
my_guess = 90  # percent

# %% tags=["demo"]
edge = np.array([[[[-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0]]]]) / 3
bell = np.array([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
blur = np.outer(bell, bell)[None, None]


def blurred(v):
    return conv2d(conv2d(v, edge, padding=1), blur, stride=2, padding=2)


chains = {
    "stride 1": (1, lambda v: conv2d(v, edge, padding=1)),
    "stride 2": (2, lambda v: conv2d(v, edge, stride=2, padding=1)),
    "max pooling 2": (2, lambda v: max_pool2d(conv2d(v, edge, padding=1), 2)),
    "blur, stride 2": (2, blurred),
}
cat = datasets.pictures()["cat"].mean(axis=2)[None, None, :144, :224]
line = np.zeros((1, 1, 32, 32))
line[:, :, :, 13] = 1.0
moves = np.arange(7)


def smallest_gap(stride, layer, move):
    whole = {move // stride, -(-move // stride)}
    return min(equivariance_gap(layer, cat, (0, move), (0, o), 8) for o in whole)


# %% tags=["demo"]
gaps, answers = {}, {}
for name, (stride, layer) in chains.items():
    found = np.array([smallest_gap(stride, layer, move) for move in moves])
    gaps[name] = 100 * found / np.abs(layer(cat)).max()
    largest = np.array([layer(np.roll(line, move, axis=3)).max() for move in moves])
    answers[name] = 100 * largest / largest.max()
left_over = answers["stride 2"].min()
print(f"your guess {my_guess} %, measured {left_over:.0f} %, gap {gaps['stride 2'][1]:.0f} %")
figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.6))
for (name, row), marker in zip(gaps.items(), plots.MARKERS, strict=False):
    left.plot(moves, row, marker=marker, label=name)
    right.plot(moves, answers[name], marker=marker, label=name)
left.set(title="a photograph", ylabel="gap / % of the largest output", ylim=(-3, 100))
right.set(title="one bright line", ylabel="largest answer / %", ylim=(-3, 105))
for axes in (left, right):
    axes.set(xlabel="moved to the right / pixels")
left.legend()
plots.show(
    figure,
    alt="Left, the gap over the shift: zero throughout for stride 1; the three others are zero at "
    "even shifts and at 40 to 60 percent at odd ones. Right, the largest answer to a moving line: "
    "constant for stride 1 and max pooling, alternating between all and nothing for stride 2, "
    "between 100 and 80 percent with a blur.",
)

# %% [markdown]
# **What you should see.** Left: with stride 1 the gap is exactly 0. Whatever halves the output keeps
# that only for even shifts; between them lies half a pixel, which no whole one can match, blurred or
# not (the blur's gap is even larger: a smooth picture half a pixel off is wrong at every edge).
#
# Right is what hurts in practice. A bright line gives an edge on its left and one on its right, one
# pixel each, two apart. Stride 2 sees either both or *neither*: after one pixel the answer is 0,
# as if there were no line. This is **aliasing**: what changes faster than every second pixel cannot
# be told by every second pixel. Max pooling looks at all pixels before it drops any, and a blur
# spreads each over its neighbours, so the answer stays between 80 and 100 %. A layer can
# fail the left test by half a pixel and still be trusted; failing the right one is another matter.

# %% [markdown]
# ## 14 · Your turn: `lenet`
#
# *About 20 minutes · 3 points.* All parts are there. This is LeNet-5 (LeCun et al. 1998) in today's
# dress, with ReLU and max pooling, 61,706 weights; `trained.weights` holds those that this course
# has trained on the 60,000 pictures of Fashion-MNIST.
#
# | layer | result |
# |---|---|
# | pictures | (N, 1, 28, 28) |
# | `conv1`, 5 × 5, padding 2, ReLU | (N, 6, 28, 28) |
# | max pooling 2 | (N, 6, 14, 14) |
# | `conv2`, 5 × 5, no padding, ReLU | (N, 16, 10, 10) |
# | max pooling 2 | (N, 16, 5, 5) |
# | flatten: channel, row, column | (N, 400) |
# | `dense1`, ReLU; `dense2`, ReLU | (N, 120), (N, 84) |
# | `dense3`, no activation | (N, 10) |
#
# `weights["conv1_weight"]` and `weights["conv1_bias"]` are the first layer's, and so on; a dense
# layer's weights are (inputs, outputs), as in week 2. Use your own functions. The scores that the
# network must give are stored with it, and you should meet them to ten digits.
#
# <details><summary>Hint: shapes are right, scores are all wrong</summary>
#
# Feed one picture and compare layer by layer with the table: a forgotten ReLU keeps every shape.
# And the last layer has none.
# </details>


# %% nbgrader={"grade": false, "grade_id": "lenet", "locked": false, "schema_version": 3, "solution": true, "task": false}
def lenet(x, weights):
    """Run LeNet on pictures.

    Args:
        x: pictures, float array of shape (N, 1, 28, 28), from 0 to 1. Not modified.
        weights: dict of arrays: conv1, conv2, dense1, dense2, dense3, each `_weight` and `_bias`.

    Returns:
        Scores, array of shape (N, 10); float32 where pictures and weights are float32.
    """
    ### BEGIN SOLUTION
    h = conv2d(x, weights["conv1_weight"], weights["conv1_bias"], padding=2)
    h = max_pool2d(np.maximum(0.0, h), 2)
    h = conv2d(h, weights["conv2_weight"], weights["conv2_bias"])
    h = max_pool2d(np.maximum(0.0, h), 2)
    h = h.reshape(len(h), -1)
    h = np.maximum(0.0, h @ weights["dense1_weight"] + weights["dense1_bias"])
    h = np.maximum(0.0, h @ weights["dense2_weight"] + weights["dense2_bias"])
    return h @ weights["dense3_weight"] + weights["dense3_bias"]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_lenet_shapes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = trained.images[:3, None] / 255
checks.shape(lenet(x, trained.weights), (3, 10), "three pictures, ten scores each")
checks.shape(lenet(x[:1].copy(), trained.weights), (1, 10), "a batch of one")
nothing = {name: np.zeros_like(array) for name, array in trained.weights.items()}
nothing["dense3_bias"] = np.arange(-5.0, 5.0)
sentence = "all weights 0: the scores are dense3's bias, no ReLU cuts the negative ones"
checks.close(lenet(x[:1].copy(), nothing), np.arange(-5.0, 5.0)[None], sentence)
got = lenet(x[:1].astype(np.float32), trained.weights)
checks.dtype(got, np.float32, "float32 pictures and weights: float32 scores")
checks.unchanged(lenet, x, trained.weights)
### BEGIN HIDDEN TESTS
single = (trained.images[5:9, None] / 255).astype(np.float32)
got = lenet(single, trained.weights)
checks.dtype(got, np.float32, "float32 pictures and weights: float32 scores")
checks.close(got, trained.outputs[5:9].astype(np.float32), "float32", atol=1e-3)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_lenet_stored", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x, expected = trained.images[:8, None] / 255, trained.outputs[:8]
got = lenet(x, trained.weights)
checks.close(got, expected, "eight test pictures: the scores stored with the weights")
### BEGIN HIDDEN TESTS
x, expected = trained.images[8:, None] / 255, trained.outputs[8:]
checks.close(lenet(x, trained.weights), expected, "the other stored pictures")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_lenet_weights", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = trained.images[:2, None] / 255
halved = dict(trained.weights, dense3_weight=trained.weights["dense3_weight"] / 2)
bias = trained.weights["dense3_bias"].astype(np.float64)
expected = (trained.outputs[:2] - bias) / 2 + bias
got = lenet(x.copy(), halved)
checks.close(got, expected, "the weights of the last layer halved: the argument is used")
nothing = {name: np.zeros_like(array) for name, array in trained.weights.items()}
nothing["conv1_bias"] = -np.ones(6)
nothing["conv2_weight"] = np.ones((16, 6, 5, 5))
nothing["conv2_bias"] = np.full(16, 2.0)
nothing["dense1_weight"] = np.ones((400, 120))
nothing["dense2_weight"] = np.ones((120, 84)) / 400
nothing["dense3_weight"] = np.ones((84, 10))
expected = np.full((2, 10), 2.0 * 400 / 400 * 120 * 84)
sentence = "conv1 gives −1 everywhere, which the ReLU stops; conv2 gives its bias, 2"
checks.close(lenet(x.copy(), nothing), expected, sentence)
nothing["dense1_bias"] = np.full(120, -801.0)
sentence = "dense1 gives 800 − 801: the ReLU after it gives 0"
checks.close(lenet(x.copy(), nothing), np.zeros((2, 10)), sentence)
nothing["dense1_bias"], nothing["dense2_bias"] = np.zeros(120), np.full(84, -241.0)
checks.close(lenet(x.copy(), nothing), np.zeros((2, 10)), "and so for dense2")
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(524)
random = {name: draw.normal(size=a.shape) * 0.2 for name, a in trained.weights.items()}
x = draw.random(size=(3, 1, 28, 28))
w = {name: torch.tensor(array) for name, array in random.items()}
h = torch.conv2d(torch.tensor(x), w["conv1_weight"], w["conv1_bias"], padding=2).relu()
h = torch.conv2d(torch.max_pool2d(h, 2), w["conv2_weight"], w["conv2_bias"]).relu()
h = torch.max_pool2d(h, 2).flatten(1)
for name in ("dense1", "dense2"):
    h = (h @ w[f"{name}_weight"] + w[f"{name}_bias"]).relu()
expected = (h @ w["dense3_weight"] + w["dense3_bias"]).numpy()
checks.close(lenet(x, random), expected, "random weights")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name what exposes each, then unfold.
#
# 1. no `padding=2` in the first layer
# 2. `h.transpose(0, 2, 3, 1).reshape(len(h), -1)`
# 3. pooling before the ReLU instead of after it
#
# <details><summary>Answers</summary>
#
# 1. It fails loudly: 256 numbers where `dense1` wants 400.
# 2. Only stored outputs expose it: all shapes fit, and an *untrained* network would not mind.
# 3. Nothing exposes it: the maximum of rectified values is the rectified maximum. It is even four
#    times less work for the ReLU.
# </details>
#
# **The week's first question again.** Move the clothes to the right, and ask LeNet (the first 1,000
# test pictures). *Commit first:* how many percent are right after 3 pixels? (The linear classifier
# had 23 %.)

# %%
my_guess = 80  # percent

# %% tags=["demo"]
chosen = slice(0, 1000)
answers = np.array(fashion.test_labels[chosen])


def lenet_accuracy(images):
    batches = np.split(images[:, None] / np.float32(255), 10)
    scores = np.concatenate([lenet(batch, trained.weights) for batch in batches])
    return 100 * np.mean(scores.argmax(axis=1) == answers)


deep = [lenet_accuracy(np.roll(fashion.test_images[chosen], s, axis=2)) for s in shifts]
print(f"your guess {my_guess} %, measured {deep[3]:.1f} % ({deep[0]:.1f} % in place)")
figure, axes = plt.subplots(figsize=(6, 3.4))
axes.plot(shifts, deep, marker="o", label="LeNet, your code")
axes.plot(shifts, linear, marker="s", label="one sum of pixels a class")
axes.axhline(10, color="black", linestyle=":", label="chance")
axes.set(xlabel="shift to the right / pixels", ylabel="right / %", ylim=(0, 100))
axes.legend()
plots.show(
    figure,
    alt="Accuracy over the shift: LeNet starts near 89 percent and falls more slowly than the "
    "linear classifier, which starts at 80 and is near 20 at three pixels.",
)

# %% [markdown]
# **What you should see.** LeNet is better in place (89.5 % of these pictures) and falls later: 57 %
# after three pixels, where the sums of pixels had 23 %. Three nets trained from other seeds agree,
# 57.7 ± 0.7 % on all 2,000 test pictures (`benchmarks/week05_shift.py`), and six times as many
# training pictures don't help the sums (20.9 %), so it is the layers that make the difference.
#
# But it *does* fall. Convolution and pooling carry a shift along: **equi**variant, at best. The
# answer should not move at all, **in**variant, and for that the last layers would have to forget
# where things are. `dense1` does the opposite: it has a weight of its own for each of 5 × 5 places,
# and it has only ever seen centred clothes. Two cures come later: training on moved pictures (week
# 11), and the mean over all places instead of `dense1` (week 14).

# %% [markdown]
# ## 15 · In your own words: which version?
#
# *About 5 minutes · 2 points, graded by hand.* A colleague must run a network of 7 × 7 convolutions
# on satellite pictures of 10,000 × 10,000 pixels, on a computer with 8 GB. She has your three
# versions. Which one would you give her, on what count, and what measurement would change your
# mind?

# %% [markdown] nbgrader={"grade": true, "grade_id": "which_version", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# `conv2d_taps`. One channel in float32 has 0.4 GB; im2col with a 7 × 7 kernel needs 49 times as
# much, 20 GB a channel, and does not even start. Taps holds a few pictures at a time (with 4
# channels in and out about 8 GB all told: tight), so she would cut the picture into strips that
# overlap by 6 rows. Once it is in strips, im2col fits too, and the faster one on *her* strips
# should win: I would time both on one strip. If taps were the slower there, I would change my mind.
#
# *Rubric.* 1 point for a choice with a count of memory (49 times, or bytes); 1 point for a
# measurement or change of the task that would turn it round (strips or tiles, few filters, a small
# kernel). "It is faster" without a number earns nothing; loops are never the answer.
# ### END SOLUTION

# %% [markdown]
# ## 16 · In your own words: the jumping answer
#
# *About 5 minutes · 2 points, graded by hand.* A camera above a conveyor belt counts scratches with
# a network of four convolutions, each with stride 2. As a plate moves on by one pixel from frame to
# frame, the score of one and the same scratch jumps between 0.2 and 0.9 and repeats every 16
# frames. Why 16? Name one change of the network that should help and one that would not.

# %% [markdown] nbgrader={"grade": true, "grade_id": "jumping_answer", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# Four strides of 2 make a stride of 16: the network is equivariant to shifts by multiples of 16
# pixels only, so the same sixteen answers come round again and again. Helpful: a blur before every
# thinning-out, or pooling that overlaps, or stride 1 in some layers; also training on shifted
# pictures. No help: more filters, a higher learning rate, or zero padding (the scratch is far from
# the border).
#
# *Rubric.* 1 point for 2⁴ = 16 with the reason (equivariance to multiples of the total stride); 1
# point for a remedy that acts on the thinning-out or on the training pictures, together with one
# that would not help and why.
# ### END SOLUTION

# %% [markdown]
# ## What you can do now
#
# - say which two facts about pictures a convolution builds in, and count what it saves (LO1)
# - compute the size of every result, and write convolution and pooling with all options (LO2)
# - tell convolution from correlation, and know when it matters (LO2)
# - turn a convolution into a matrix product, or into a few small ones, and choose by counting (LO5)
# - separate kernels, and read a 1 × 1 convolution as a dense layer (LO5)
# - measure equivariance, speed and memory instead of believing in them (LO4)
# - run a trained LeNet on photographs, with not a line of anybody else's network code (LO3)
#
# Next week all of this runs backwards: the gradient of a convolution is a convolution, this time in
# the mathematicians' sense.
#
# **Further reading.** To go on with:
#
# - I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, MIT Press 2016, chapter 9
# - N. Buduma, N. Locascio, *Fundamentals of Deep Learning*, O'Reilly 2017, chapter 5
# - V. Dumoulin, F. Visin, *A guide to convolution arithmetic for deep learning*, arXiv:1603.07285,
#   2016 (every combination of stride and padding, drawn)
#
# Where it began:
#
# - K. Fukushima, "Neocognitron: a self-organizing neural network model for a mechanism of pattern
#   recognition unaffected by shift in position", Biological Cybernetics 1980
# - Y. LeCun, B. Boser, J. Denker, D. Henderson, R. Howard, W. Hubbard, L. Jackel,
#   "Backpropagation applied to handwritten zip code recognition", Neural Computation 1989
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document
#   recognition", Proceedings of the IEEE 1998
#
# For the arguments of today:
#
# - K. Chellapilla, S. Puri, P. Simard, "High performance convolutional neural networks for document
#   processing", International Workshop on Frontiers in Handwriting Recognition 2006
# - K. Simonyan, A. Zisserman, "Very deep convolutional networks for large-scale image recognition",
#   ICLR 2015
# - A. Howard, M. Zhu, B. Chen, D. Kalenichenko, W. Wang, T. Weyand, M. Andreetto, H. Adam,
#   "MobileNets: efficient convolutional neural networks for mobile vision applications",
#   arXiv:1704.04861, 2017
# - R. Zhang, "Making convolutional networks shift-invariant again", ICML 2019
