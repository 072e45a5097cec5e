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
# # Week 6 · Backpropagation through convolution, 1D and 2D
#
# The backward pass of a convolution has a name for being hard. It is one idea, small enough for a
# strip of five numbers: *what an output pixel read, it answers for*. You do it once by hand, then
# in one dimension, then in two, where nothing changes but the number of indices. At the end a
# convolutional network in which every gradient is yours reads digits.
#
# | After this you can | outcome |
# |---|---|
# | derive and write the gradients of convolution and pooling, and prove them right | LO2 |
# | train a convolutional network on pictures with nothing but NumPy | LO2, LO3 |
# | see a convolution as a matrix, and its backward pass as the transpose | LO5 |
# | name the input that exposes a wrong backward pass, before training hides it | LO4 |
#
# **Time** about 295 minutes, 100 of them reading · **Points** 30 · **Before this** backpropagation
# and gradient checks (week 3), convolution, im2col and pooling, forward (week 5)

# %%
import time

import matplotlib.pyplot as plt
import numpy as np

from helpers import checks, datasets, plots

plots.use_course_style()
digits = datasets.digits()
scaled = digits.images[:, None] / 8 - 1  # (1797, 1, 8, 8), from -1 (paper) to 1 (ink)


# %% [markdown]
# Week 5's forward functions are given here, verified, so that nobody has to carry a mistake along.
# One stride and one padding serve both axes. Read `im2col` once more, it comes back in section 8:
# a column holds one window, in the order channel, row, column; there is one column a window.


# %%
def im2col(x, kernel, stride=1, padding=0):
    """Copy every window of (N, C, H, W) into a column: (N, C·kH·kW, H_out·W_out)."""
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel, axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    count, channels, rows, columns = windows.shape[:4]
    in_order = windows.transpose(0, 1, 4, 5, 2, 3)
    return in_order.reshape(count, channels * kernel[0] * kernel[1], rows * columns)


def conv2d(x, weight, bias, stride=1, padding=0):
    """Slide (C_out, C_in, kH, kW) kernels over (N, C_in, H, W): (N, C_out, H_out, W_out)."""
    columns = im2col(x, weight.shape[2:], stride, padding)
    rows = (x.shape[2] + 2 * padding - weight.shape[2]) // stride + 1
    z = weight.reshape(len(weight), -1) @ columns + bias[:, None]
    return z.reshape(len(x), len(weight), rows, -1)


def max_pool2d(x, size, stride=None, padding=0):
    """Take the maximum of every window of (N, C, H, W), padded with −∞."""
    edge = (padding, padding)
    padded = np.pad(x, ((0, 0), (0, 0), edge, edge), constant_values=-np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(2, 3))
    step = size if stride is None else stride
    return windows[:, :, ::step, ::step].max(axis=(4, 5))


# %% [markdown]
# ## 1 · A layer that you can already differentiate
#
# Every output of a convolution is a weighted sum of inputs plus a bias. So the layer *is* a
# `Linear` layer of week 3, with a weight matrix in which most entries are 0 and the others repeat.
# Its backward pass is known: $\partial L/\partial x = g\,W^\top$. Then why not build that matrix and
# be done? Take the first layer of a VGG net (Simonyan & Zisserman 2015): 3 × 224 × 224 numbers in,
# 64 × 224 × 224 out, 3 × 3 kernels. *Commit first:* how many gigabytes has its matrix in float32?

# %%
my_guess = 1  # gigabytes; your number, it is never graded

# %% tags=["demo"]
inputs, outputs = 3 * 224**2, 64 * 224**2
gigabytes = inputs * outputs * 4 / 1e9
print(f"your guess {my_guess} GB, measured {gigabytes:.0f} GB")
print(f"different numbers in it: {64 * 3 * 3 * 3}, and 0")

# %% [markdown]
# Nearly two terabytes for 1,728 numbers. The mathematics of week 3 is right and its memory is
# absurd. The plan of the week: find out what $g\,W^\top$ *does*, pixel by pixel, and then do that
# without the matrix.
#
# ## 2 · One output pixel, by hand
#
# Take a pencil. One channel, no padding, stride 1, so that $z_o = \sum_k w_k\, x_{o+k} + b$:
#
# $$x = (3, 1, 0, 2, -1), \qquad w = (2, -1, 4), \qquad b = 1.$$
#
# **Forward.** Each output pixel *reads* three neighbours through the three weights.
#
# | output | reads | value |
# |---|---|---|
# | $z_0$ | $2\cdot 3 - 1\cdot 1 + 4\cdot 0 + 1$ | $6$ |
# | $z_1$ | $2\cdot 1 - 1\cdot 0 + 4\cdot 2 + 1$ | $11$ |
# | $z_2$ | $2\cdot 0 - 1\cdot 2 + 4\cdot(-1) + 1$ | $-5$ |
#
# **Backward.** From behind comes $g = \partial L/\partial z = (1, -2, 3)$. Look at $z_1$ alone. It
# read $x_1$ through the weight 2: if $x_1$ grows by a little, $z_1$ grows by twice that, and the
# loss by $-2$ times that again. So $z_1$ sends $g_1 w_0 = -4$ back to $x_1$, and likewise to its
# other two:
#
# | output | sends to $x_0$ | $x_1$ | $x_2$ | $x_3$ | $x_4$ |
# |---|---|---|---|---|---|
# | $z_0$, $g = 1$ | 2 | −1 | 4 | | |
# | $z_1$, $g = -2$ | | −4 | 2 | −8 | |
# | $z_2$, $g = 3$ | | | 6 | −3 | 12 |
# | **collected** | **2** | **−5** | **12** | **−11** | **12** |
#
# The same three wires, used the other way round: forward an output **gathers** over them, backward
# it **scatters**. Inputs that were read by several outputs collect from all of them, by *adding*.
# That is the whole week. What follows is bookkeeping: stride, padding, channels, a second axis.

# %% [markdown]
# ## 3 · Your turn: `scatter_pixel`
#
# *About 15 minutes · 2 points.* Now one row of the table, with stride $s$ and padding $p$. Output
# pixel $o$ reads through weight $k$ the input at place
#
# $$i = o\,s + k - p .$$
#
# With padding, $i$ may lie before the beginning of $x$ or behind its end: there the pixel read a
# zero that belongs to nobody, and what would go there is dropped. One channel is enough here.
#
# <details><summary>Hint: something appears at the far end of my array</summary>
#
# A negative index counts from the end in Python. The place −1 does not exist; −1 in brackets does.
# </details>
# <details><summary>Hint: stride 2 gives what stride 1 gives</summary>
#
# The stride moves the window as a whole, not the weights within it: it belongs to $o$, not to $k$.
# </details>


# %% nbgrader={"grade": false, "grade_id": "scatter_pixel", "locked": false, "schema_version": 3, "solution": true, "task": false}
def scatter_pixel(g, weight, place, size, stride=1, padding=0):
    """Send the gradient of one output pixel of a 1-D convolution back to the inputs it read.

    Args:
        g: slope of the loss with respect to this output pixel, one number.
        weight: the kernel, array of shape (K,). Not modified.
        place: which output pixel, counted from 0.
        size: number of inputs, without padding.
        stride: step of the window between neighbouring output pixels.
        padding: zeros that were put on either side of the input.

    Returns:
        float64 array of shape (size,): what each input gets from this pixel, 0 where it gets
        nothing.
    """
    ### BEGIN SOLUTION
    dx = np.zeros(size)
    for k in range(len(weight)):
        i = place * stride + k - padding
        if 0 <= i < size:
            dx[i] = g * weight[k]
    return dx
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_scatter_pixel_inside", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
w = np.array([2.0, -1.0, 4.0])
sentence = "the table's second row: −2 times (2, −1, 4), at places 1, 2, 3"
checks.close(scatter_pixel(-2.0, w.copy(), 1, 5), np.array([0.0, -4.0, 2.0, -8.0, 0.0]), sentence)
sentence = "the third row begins at place 2; the kernel is not turned round"
checks.close(scatter_pixel(3.0, w.copy(), 2, 5), np.array([0.0, 0.0, 6.0, -3.0, 12.0]), sentence)
sentence = "stride 2: output pixel 2 begins at input 4, and the weights stay neighbours"
got = scatter_pixel(1.0, w.copy(), 2, 8, stride=2)
checks.close(got, np.array([0.0, 0.0, 0.0, 0.0, 2.0, -1.0, 4.0, 0.0]), sentence)
sentence = "two weights, slope 0.5: pixel 1 begins at place 1, and halves are not cut off"
got = scatter_pixel(0.5, np.array([3.0, 1.0]), 1, 4)
checks.close(got, np.array([0.0, 1.5, 0.5, 0.0]), sentence)
checks.unchanged(scatter_pixel, 2.0, w, 0, 4)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(61)
for size, length, stride in ((9, 4, 1), (11, 2, 3), (7, 7, 1), (12, 3, 2)):
    kernel = draw.normal(size=length)
    leaf = torch.zeros(1, 1, size, dtype=torch.float64, requires_grad=True)
    z = torch.nn.functional.conv1d(leaf, torch.tensor(kernel)[None, None], stride=stride)
    place = z.shape[2] - 1
    (0.7 * z[0, 0, place]).backward()
    expected = leaf.grad.numpy()[0, 0]
    got = scatter_pixel(0.7, kernel, place, size, stride)
    checks.close(got, expected, f"{size} inputs, {length} weights, stride {stride}: last pixel")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_scatter_pixel_edges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
w = np.array([2.0, -1.0, 4.0])
sentence = "padding 1, pixel 0: weight 0 read the padding; its 2 goes nowhere, not to the end"
got = scatter_pixel(1.0, w, 0, 5, padding=1)
checks.close(got, np.array([-1.0, 4.0, 0.0, 0.0, 0.0]), sentence)
sentence = "padding 1, pixel 4: the last weight read the padding on the other side"
got = scatter_pixel(1.0, np.array([2.0, -1.0, 4.0]), 4, 5, padding=1)
checks.close(got, np.array([0.0, 0.0, 0.0, 2.0, -1.0]), sentence)
sentence = "padding 2, stride 3, pixel 1: window at −2 + 3 = 1"
got = scatter_pixel(10.0, np.array([2.0, -1.0, 4.0]), 1, 5, stride=3, padding=2)
checks.close(got, np.array([0.0, 20.0, -10.0, 40.0, 0.0]), sentence)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(62)
for size, length, stride, padding in ((5, 4, 1, 3), (6, 3, 2, 1), (2, 5, 1, 2), (7, 3, 3, 2)):
    kernel = draw.normal(size=length)
    leaf = torch.zeros(1, 1, size, dtype=torch.float64, requires_grad=True)
    kinds = {"stride": stride, "padding": padding}
    z = torch.nn.functional.conv1d(leaf, torch.tensor(kernel)[None, None], **kinds)
    for place in range(z.shape[2]):
        (slope,) = torch.autograd.grad(z[0, 0, place], leaf, retain_graph=True)
        expected = slope.numpy()[0, 0]
        got = scatter_pixel(1.0, kernel.copy(), place, size, stride, padding)
        text = f"{size} inputs, {length} weights, stride {stride}, padding {padding}: pixel {place}"
        checks.close(got, expected, text)
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `dx[place * stride : place * stride + len(weight)] = g * weight`
# 2. `i = place * stride + k - padding`, then `dx[i] = g * weight[k]` without a condition
# 3. `dx[i] = g * weight[len(weight) - 1 - k]`
#
# <details><summary>Answers</summary>
#
# 1. Any padding: everything lands `padding` places too far right.
# 2. Padding 1, pixel 0: the index −1 writes to the *last* input. No error, but a slope too many.
# 3. Any kernel that is not the same from both ends: (1, 2, 1) would never tell you.
# </details>
#
# Here are the wires of the example, and what travels back over them. *Commit first:* $x_2$ was read
# by all three outputs. If the middle weight were +1 instead of −1, what would it collect?

# %%
my_guess = 12  # your number

# %% tags=["demo"]
x, w, g = np.array([3.0, 1, 0, 2, -1]), np.array([2.0, -1, 4]), np.array([1.0, -2, 3])
sent = np.array([scatter_pixel(g[o], w, o, 5) for o in range(3)])
changed = np.array([scatter_pixel(g[o], np.array([2.0, 1, 4]), o, 5) for o in range(3)])
print(f"your guess {my_guess}, measured {changed.sum(axis=0)[2]:.0f}")
table = np.vstack([sent, sent.sum(axis=0)])
figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.4), width_ratios=(1, 1.15))
for o in range(3):
    for k in range(3):
        strong = o == 1
        colour = plots.COLOURS[1] if strong else "#BBBBBB"
        ends = {"xy": (o + k, 0.12), "xytext": (o + 1, 0.88)}
        style = {"arrowstyle": "->", "color": colour, "lw": 2 if strong else 1}
        left.annotate("", **ends, arrowprops=style, zorder=2 if strong else 1)
        if strong:
            at = (o + 1 + 0.55 * (k - 1), 0.45)
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
            left.text(*at, f"·{w[k]:.0f}", color=colour, ha="center", va="center", bbox=box)
for i in range(5):
    left.text(i, 0, f"$x_{i}$", ha="center", va="center", fontsize=14)
for o in range(3):
    name = f"$g_{o} = {g[o]:.0f}$"
    left.text(o + 1, 1, name, ha="center", va="center", color=plots.COLOURS[1 if o == 1 else 6])
left.set(xlim=(-0.5, 4.5), ylim=(-0.15, 1.15), title="pixel 1 scatters")
left.set_axis_off()
right.imshow(table, cmap=plots.DIVERGING, vmin=-20, vmax=20, aspect="auto")
for (row, column), value in np.ndenumerate(table):
    right.text(column, row, f"{value:.0f}" if value else "", ha="center", va="center")
right.axhline(2.5, color="black")
right.set(title="all pixels, and their sum", xticks=range(5), yticks=range(4))
right.set_xticklabels([f"$x_{i}$" for i in range(5)])
right.set_yticklabels(["from $z_0$", "from $z_1$", "from $z_2$", "collected"])
plots.show(
    figure,
    alt="Left: output pixel 1 with slope −2 sends arrows with weights 2, −1, 4 to inputs 1, 2, 3. "
    "Right: a table of what each pixel sends; the rows shift by one place, the last is their sum.",
)

# %% [markdown]
# **What you should see.** On the left one pixel and its three wires; on the right each row is the
# kernel times one slope, shifted one place further. The bottom row adds the columns up: $x_0$ and
# $x_4$ hear from one output only, $x_2$ from all three. With +1 in the middle, pixel 1 would send
# −2 instead of +2 to $x_2$, and it would collect $4 - 2 + 6 = 8$.

# %% [markdown]
# ## 4 · Your turn: `conv1d_forward`
#
# *About 15 minutes · 2 points.* Before the way back for a whole layer, the way there, with
# channels: a strip of $C_\text{in}$ numbers at each place (three accelerations of a phone, twelve
# leads of a heart). A kernel of $C_\text{out}$ output channels has the shape
# $(C_\text{out}, C_\text{in}, K)$, and
#
# $$z_{n m o} = b_m + \sum_{c} \sum_k w_{m c k}\; x_{n,\,c,\,o s + k - p}, \qquad
# T_\text{out} = \left\lfloor \frac{T + 2p - K}{s} \right\rfloor + 1 .$$
#
# A loop over the output places $o$ is welcome, it is the clearest way to write this; sums over
# $c$ and $k$ are for arrays (`np.einsum("nck,mck->nm", window, weight)` is one way to say them).
#
# <details><summary>Hint: the last window has too few numbers</summary>
#
# With a stride, the window may not reach the end: what is left over is read by nobody. Round the
# number of outputs down.
# </details>


# %% nbgrader={"grade": false, "grade_id": "conv1d_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv1d_forward(x, weight, bias, stride=1, padding=0):
    """Convolve strips of several channels (cross-correlation, as deep learning has it).

    Args:
        x: input, float array of shape (N, C_in, T). Not modified.
        weight: kernels, array of shape (C_out, C_in, K).
        bias: array of shape (C_out,).
        stride: step of the window, at least 1.
        padding: zeros put on either side of every strip, at least 0.

    Returns:
        float64 array of shape (N, C_out, T_out).
    """
    ### BEGIN SOLUTION
    length = weight.shape[2]
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    places = (padded.shape[2] - length) // stride + 1
    z = np.zeros((len(x), len(weight), places))
    for o in range(places):
        window = padded[:, :, o * stride : o * stride + length]
        z[:, :, o] = np.einsum("nck,mck->nm", window, weight) + bias
    return z
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_conv1d_forward_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.array([[[3.0, 1.0, 0.0, 2.0, -1.0]]])
w = np.array([[[2.0, -1.0, 4.0]]])
got = conv1d_forward(x.copy(), w.copy(), np.array([1.0]))
checks.close(got, np.array([[[6.0, 11.0, -5.0]]]), "the example: (6, 11, −5), the kernel unflipped")
x = np.array([[[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]])
w = np.array([[[1.0, 0.0], [0.0, 1.0]], [[0.0, -1.0], [1.0, 1.0]]])
sentence = "two channels in, two out: 1 + 20, 2 + 30; then 100 − 2 + 10 + 20, 100 − 3 + 20 + 30"
got = conv1d_forward(x.copy(), w.copy(), np.array([0.0, 100.0]))
checks.close(got, np.array([[[21.0, 32.0], [128.0, 147.0]]]), sentence)
two = np.concatenate([x, -x])
got = conv1d_forward(two, w.copy(), np.array([0.5, 100.0]))
expected = np.array([[[21.5, 32.5], [128.0, 147.0]], [[-20.5, -31.5], [72.0, 53.0]]])
sentence = "two strips, the second with the opposite sign; a bias belongs to a channel, not a strip"
checks.close(got, expected, sentence)
checks.unchanged(conv1d_forward, x, w, np.zeros(2))
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(63)
for n, c_in, c_out, length, size in ((3, 2, 4, 3, 8), (1, 5, 1, 1, 4), (2, 1, 3, 6, 6)):
    x, w = draw.normal(size=(n, c_in, size)), draw.normal(size=(c_out, c_in, length))
    b = draw.normal(size=c_out)
    expected = torch.nn.functional.conv1d(*map(torch.tensor, (x, w, b))).numpy()
    text = f"{n} strips, {c_in} channels to {c_out}, {length} weights over {size}"
    checks.close(conv1d_forward(x, w, b), expected, text)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_conv1d_forward_steps", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
w, b = np.array([[[2.0, -1.0, 4.0]]]), np.array([1.0])
x = np.array([[[3.0, 1.0, 0.0, 2.0, -1.0, 7.0]]])
got = conv1d_forward(x.copy(), w.copy(), b.copy(), stride=2)
sentence = "six inputs, stride 2: two windows, the 7 is left over"
checks.close(got, np.array([[[6.0, -5.0]]]), sentence)
got = conv1d_forward(x[:, :, :3].copy(), w.copy(), b.copy(), padding=1)
sentence = "padding 1: windows (0, 3, 1), (3, 1, 0), (1, 0, 0)"
checks.close(got, np.array([[[2.0, 6.0, 3.0]]]), sentence)
got = conv1d_forward(x.copy(), w.copy(), b.copy(), stride=3, padding=2)
sentence = "stride 3, padding 2: windows (0, 0, 3), (1, 0, 2), (−1, 7, 0)"
checks.close(got, np.array([[[13.0, 11.0, -8.0]]]), sentence)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(64)
for stride, padding, length, size in ((2, 1, 3, 7), (3, 0, 2, 9), (2, 3, 5, 4), (4, 2, 3, 10)):
    x, w = draw.normal(size=(2, 3, size)), draw.normal(size=(2, 3, length))
    b, kinds = draw.normal(size=2), {"stride": stride, "padding": padding}
    expected = torch.nn.functional.conv1d(*map(torch.tensor, (x, w, b)), **kinds).numpy()
    text = f"stride {stride}, padding {padding}, {length} weights over {size}"
    checks.close(conv1d_forward(x, w, b, stride, padding), expected, text)
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `places = x.shape[2] - length + 1`, whatever the stride
# 2. `np.einsum("nck,cmk->nm", window, weight)`
# 3. `z[:, :, o] = (window * weight).sum()`
#
# <details><summary>Answers</summary>
#
# 1. Stride 2: the later windows run over the end and get shorter. NumPy cuts slices silently.
# 2. As many channels in as out: it runs, with the kernels transposed. Otherwise the shapes shout.
# 3. One channel in and out, one strip: right. Anything more is added into one number.
# </details>

# %% [markdown]
# ## 5 · Your turn: `conv1d_backward`
#
# *About 30 minutes · 4 points.* All three gradients, from the same look at one output pixel
# $z_{nmo}$ with its slope $g_{nmo}$:
#
# - it read $x_{n,c,os+k-p}$ through $w_{mck}$: that input collects $g_{nmo}\, w_{mck}$, and this is
#   your `scatter_pixel`, now for all channels at once;
# - it used $w_{mck}$ upon $x_{n,c,os+k-p}$: that weight collects $g_{nmo}\, x_{n,c,os+k-p}$, from
#   every place and every sample, because one kernel serves them all;
# - it added $b_m$ once: that bias collects $g_{nmo}$, from every place and every sample.
#
# $$\frac{\partial L}{\partial w_{mck}} = \sum_{n, o} g_{nmo}\; x_{n,\,c,\,os+k-p}, \qquad
# \frac{\partial L}{\partial b_m} = \sum_{n, o} g_{nmo}.$$
#
# In the example: $\partial L/\partial w = (1\cdot3 - 2\cdot1 + 3\cdot0,\;\, 7,\, -7)$ and
# $\partial L/\partial b = 2$. A comfortable order: pad $x$; make a gradient of the *padded* shape;
# walk over $o$ as in the forward pass, scattering and collecting; cut the padding off at the end.
# Every gradient has the shape of what it belongs to, also where a stride left inputs over: nobody
# read them, so they get 0, and they must be there. No division by $N$: the loss did that (week 3).
#
# <details><summary>Hint: my dx is right at stride 3 and wrong at stride 1</summary>
#
# At stride 3 with three weights the windows don't overlap. Where they do, each input adds up
# several contributions: `=` forgets the earlier ones, `+=` does not.
# </details>
# <details><summary>Hint: dx is a few places too short, or too long</summary>
#
# Cut `padding` places at the front, and then take exactly as many as x has. `[padding:-padding]`
# is empty when the padding is 0.
# </details>


# %% nbgrader={"grade": false, "grade_id": "conv1d_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv1d_backward(upstream, x, weight, stride=1, padding=0):
    """Turn the slopes of a 1-D convolution's output into those of its input, kernels and biases.

    Args:
        upstream: slopes of the loss with respect to the output, (N, C_out, T_out). Not modified.
        x: input of the forward pass, array of shape (N, C_in, T). Not modified.
        weight: kernels, array of shape (C_out, C_in, K). Not modified.
        stride: as in the forward pass.
        padding: as in the forward pass.

    Returns:
        The tuple (dx, dweight, dbias), float64 arrays of the shapes of x, weight and bias.
    """
    ### BEGIN SOLUTION
    length = weight.shape[2]
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    dpadded, dweight = np.zeros(padded.shape), np.zeros(weight.shape)
    for o in range(upstream.shape[2]):
        window = slice(o * stride, o * stride + length)
        g = upstream[:, :, o]
        dpadded[:, :, window] += np.einsum("nm,mck->nck", g, weight)
        dweight += np.einsum("nm,nck->mck", g, padded[:, :, window])
    dbias = upstream.sum(axis=(0, 2))
    return dpadded[:, :, padding : padding + x.shape[2]], dweight, dbias
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_conv1d_backward_input", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
x, w = np.array([[[3.0, 1.0, 0.0, 2.0, -1.0]]]), np.array([[[2.0, -1.0, 4.0]]])
g = np.array([[[1.0, -2.0, 3.0]]])
dx = conv1d_backward(g.copy(), x.copy(), w.copy())[0]
sentence = "the table's bottom row; overlapping contributions add up, the kernel stays unflipped"
checks.close(dx, np.array([[[2.0, -5.0, 12.0, -11.0, 12.0]]]), sentence)
long = np.arange(7.0).reshape(1, 1, 7)
dx = conv1d_backward(np.array([[[1.0, 10.0]]]), long, w.copy(), stride=3)[0]
sentence = "seven inputs, stride 3: nobody read the last one; its slope is a 0 that exists"
checks.close(dx, np.array([[[2.0, -1.0, 4.0, 20.0, -10.0, 40.0, 0.0]]]), sentence)
g = np.array([[[1.0, 10.0, 100.0]]])
dx = conv1d_backward(g, x[:, :, :3].copy(), w.copy(), padding=1)[0]
sentence = "padding 1: what went to the padding is cut off on both sides"
checks.close(dx, np.array([[[19.0, 194.0, -60.0]]]), sentence)
w = np.array([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]])
dx = conv1d_backward(np.array([[[1.0], [10.0]]]), np.ones((1, 2, 2)), w.copy())[0]
sentence = "two output channels: input channel 0 collects (1, 2) + 10·(5, 6)"
checks.close(dx, np.array([[[51.0, 62.0], [73.0, 84.0]]]), sentence)
dx = conv1d_backward(np.array([[[1.0]], [[10.0]]]), np.ones((2, 1, 2)), np.array([[[1.0, 2.0]]]))[0]
sentence = "two samples: each has its own slopes, (1, 2) and (10, 20); no division by N here"
checks.close(dx, np.array([[[1.0, 2.0]], [[10.0, 20.0]]]), sentence)
checks.unchanged(conv1d_backward, np.ones((2, 2, 2)), np.arange(12.0).reshape(2, 2, 3), w)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(65)
for stride, padding, length, size in ((1, 0, 3, 8), (2, 1, 3, 8), (3, 2, 2, 9), (2, 0, 4, 9)):
    x, w = draw.normal(size=(3, 2, size)), draw.normal(size=(4, 2, length))
    leaf = torch.tensor(x, requires_grad=True)
    z = torch.nn.functional.conv1d(leaf, torch.tensor(w), stride=stride, padding=padding)
    g = draw.normal(size=tuple(z.shape))
    z.backward(torch.tensor(g))
    expected = leaf.grad.numpy()
    text = f"dx: stride {stride}, padding {padding}, {length} weights over {size}"
    checks.close(conv1d_backward(g, x, w, stride, padding)[0], expected, text)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_conv1d_backward_weight", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x, w = np.array([[[3.0, 1.0, 0.0, 2.0, -1.0]]]), np.array([[[2.0, -1.0, 4.0]]])
g = np.array([[[1.0, -2.0, 3.0]]])
dweight = conv1d_backward(g.copy(), x.copy(), w.copy())[1]
sentence = "dweight: entry 0 is 1·3 − 2·1 + 3·0 = 1, a sum over all places"
checks.close(dweight, np.array([[[1.0, 7.0, -7.0]]]), sentence)
twice = np.concatenate([g, 10 * g]), np.concatenate([x, x]), w
sentence = "a second sample with ten times the slopes: 11 times as much, a sum and not a mean"
checks.close(conv1d_backward(*twice)[1], np.array([[[11.0, 77.0, -77.0]]]), sentence)
g = np.array([[[1.0, 10.0, 100.0]]])
dweight = conv1d_backward(g, np.array([[[3.0, 1.0, 2.0]]]), w.copy(), padding=1)[1]
sentence = "padding 1: weight 0 met 0, 3, 1 (so 30 + 100) and weight 2 met 1, 2, 0"
checks.close(dweight, np.array([[[130.0, 213.0, 21.0]]]), sentence)
x, g = np.array([[[1.0, 2.0], [3.0, 4.0]]]), np.array([[[1.0], [10.0]]])
dweight = conv1d_backward(g, x, np.ones((2, 2, 2)))[1]
sentence = "two channels in and out, one place: dweight[m, c] is slope g[m] times strip x[c]"
checks.close(dweight, np.array([[[1.0, 2], [3, 4]], [[10, 20], [30, 40]]]), sentence)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(66)
for stride, padding, length, size in ((1, 0, 3, 8), (2, 1, 3, 8), (3, 2, 2, 9), (2, 0, 4, 9)):
    x, w = draw.normal(size=(3, 2, size)), draw.normal(size=(4, 2, length))
    leaf = torch.tensor(w, requires_grad=True)
    z = torch.nn.functional.conv1d(torch.tensor(x), leaf, stride=stride, padding=padding)
    g = draw.normal(size=tuple(z.shape))
    z.backward(torch.tensor(g))
    expected = leaf.grad.numpy()
    text = f"dweight: stride {stride}, padding {padding}, {length} weights over {size}"
    checks.close(conv1d_backward(g, x, w, stride, padding)[1], expected, text)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_conv1d_backward_bias", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
g = np.array([[[1.0, 2.0], [3.0, 4.0]], [[10.0, 20.0], [30.0, 40.0]]])
dbias = conv1d_backward(g, np.ones((2, 1, 3)), np.ones((2, 1, 2)))[2]
sentence = "one slope a channel: 1 + 2 + 10 + 20 and 3 + 4 + 30 + 40, over samples and places"
checks.close(dbias, np.array([33.0, 77.0]), sentence)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(67)
for n, channels, places in ((1, 3, 4), (5, 1, 2), (3, 3, 3)):
    g = draw.normal(size=(n, channels, places))
    expected = np.array([sum(g[:, m].ravel().tolist()) for m in range(channels)])
    x, w = draw.normal(size=(n, 2, places + 1)), draw.normal(size=(channels, 2, 2))
    text = f"dbias of {channels} channels, {n} samples, {places} places"
    checks.close(conv1d_backward(g, x, w)[2], expected, text)
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `dpadded[:, :, window] = np.einsum("nm,mck->nck", g, weight)`
# 2. `dweight += np.einsum("nm,nck->mck", g, x[:, :, window])`, with padding 1
# 3. `dbias = upstream.sum(axis=0)`
# 4. dx written as a cross-correlation of `upstream` with the kernel as it is
#
# <details><summary>Answers</summary>
#
# 1. Stride 1: each input keeps the last contribution only. At stride ≥ K all is right.
# 2. Any padding: `o` counts places of the padded strip, x begins elsewhere.
# 3. Any: the shape is (C_out, T_out). With one channel and one place nobody notices.
# 4. Any kernel that is not a palindrome; the next picture shows how well that hides.
# </details>
#
# Read off the scattering what it means for one *input*: $x_i$ collects $g_o\,w_{i-o}$ from all $o$.
# Here the kernel's index runs *against* the output's: dx is the cross-correlation of $g$ with the
# **flipped** kernel, week 5's convolution in the mathematicians' sense. In NumPy's words, forward is
# `np.correlate` and backward is `np.convolve`. To forget the flip is the classical mistake of the
# week, and it has a hiding place: take
# $w = (1 - a, 1, 1 + a)$, where $a$ says how lopsided the kernel is. *Commit first:* at $a = 0.01$,
# what does a gradient check say about the dx without the flip (right code: below $10^{-7}$)?

# %%
my_guess = 1e-7  # relative error by the norm

# %% tags=["demo"]
from helpers.gradients import relative_error

draw = np.random.default_rng(0)
g = draw.normal(size=(1, 1, 30))
x = draw.normal(size=(1, 1, 32))
lopsided = np.logspace(-6, 0, 13)
errors = []
for a in lopsided:
    w = np.array([[[1 - a, 1.0, 1 + a]]])
    right = conv1d_backward(g, x, w)[0]
    unflipped = np.correlate(g[0, 0], w[0, 0], mode="full")
    same = np.convolve(g[0, 0], w[0, 0], mode="full")
    errors.append(relative_error(unflipped, right[0, 0]))
print("your dx is np.convolve:", relative_error(same, right[0, 0]) < 1e-12)
print(f"your guess {my_guess:.0e}, measured {errors[8]:.0e} at a = {lopsided[8]:.2f}")
figure, axes = plt.subplots(figsize=(6, 3.3))
axes.loglog(lopsided, errors, marker="o", label="dx without the flip")
axes.axhline(1e-7, color=plots.COLOURS[1], linestyle="--", label="limit of the check")
axes.set(xlabel="lopsidedness a of the kernel", ylabel="error of the gradient check")
axes.legend()
plots.show(
    figure,
    alt="Error of the unflipped gradient over the lopsidedness of the kernel, both logarithmic: a "
    "straight line that falls with a, still far above the limit of the check at a = 0.000001.",
)

# %% [markdown]
# **What you should see.** The error is proportional to the lopsidedness, and exactly 0 for a
# palindrome. A check on a blur kernel such as (1, 2, 1) would pass with wrong code; a check on
# random weights cannot. That is the rule: *check gradients on random numbers, odd sizes, a stride,
# a padding, more than one channel, more than one sample*. Symmetry is where mistakes hide.

# %% [markdown]
# ## 6 · Your turn: `toeplitz_matrix`
#
# *About 15 minutes · 2 points.* Back to the matrix of section 1, small enough to be looked at. For
# one channel, write out $A$ such that $z = A x$ (without bias; $x$ is a column here, so $A$ is week
# 3's $W^\top$). Row $o$ holds what output pixel $o$ does: its weights, at the places that it reads,
# and 0 elsewhere. With stride 1 each diagonal holds
# one number only; a matrix of this kind is named after Otto Toeplitz.
#
# <details><summary>Hint: my matrix has too many columns</summary>
#
# The padding is not part of x. Columns for it may exist while you build, not in the result.
# </details>


# %% nbgrader={"grade": false, "grade_id": "toeplitz_matrix", "locked": false, "schema_version": 3, "solution": true, "task": false}
def toeplitz_matrix(weight, size, stride=1, padding=0):
    """Write a 1-D convolution of one channel as a matrix.

    Args:
        weight: the kernel, array of shape (K,). Not modified.
        size: number of inputs, without padding.
        stride: step of the window.
        padding: zeros on either side of the input.

    Returns:
        float64 array of shape (T_out, size), whose product with x is the convolution.
    """
    ### BEGIN SOLUTION
    places = (size + 2 * padding - len(weight)) // stride + 1
    matrix = np.zeros((places, size + 2 * padding))
    for o in range(places):
        matrix[o, o * stride : o * stride + len(weight)] = weight
    return matrix[:, padding : padding + size]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_toeplitz_matrix_rows", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
w = np.array([2.0, -1.0, 4.0])
expected = np.array([[2.0, -1, 4, 0, 0], [0, 2, -1, 4, 0], [0, 0, 2, -1, 4]])
checks.close(toeplitz_matrix(w.copy(), 5), expected, "the example: each row one place further")
expected = np.array([[2.0, -1, 4, 0, 0, 0], [0, 0, 2, -1, 4, 0]])
sentence = "six inputs, stride 2: two rows, and the last column is read by nobody"
checks.close(toeplitz_matrix(w.copy(), 6, stride=2), expected, sentence)
checks.unchanged(toeplitz_matrix, w, 4)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(68)
for size, length, stride in ((8, 3, 1), (9, 4, 2), (7, 1, 3), (5, 5, 1)):
    kernel = draw.normal(size=length)
    strips = torch.eye(size, dtype=torch.float64)[:, None]
    z = torch.nn.functional.conv1d(strips, torch.tensor(kernel)[None, None], stride=stride)
    expected = z[:, 0].T.numpy()
    text = f"{length} weights over {size}, stride {stride}"
    checks.close(toeplitz_matrix(kernel, size, stride), expected, text)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_toeplitz_matrix_padding", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
w = np.array([2.0, -1.0, 4.0])
expected = np.array([[-1.0, 4, 0], [2, -1, 4], [0, 2, -1]])
sentence = "padding 1: first and last row are cut, the matrix is 3 × 3"
checks.close(toeplitz_matrix(w.copy(), 3, padding=1), expected, sentence)
expected = np.array([[4.0, 0, 0, 0], [0, 2, -1, 4]])
sentence = "padding 2, stride 3: only the last weight of the first row meets an input"
checks.close(toeplitz_matrix(w.copy(), 4, stride=3, padding=2), expected, sentence)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(69)
for size, length, stride, padding in ((6, 3, 1, 1), (7, 4, 2, 3), (3, 5, 1, 2), (10, 2, 3, 1)):
    kernel = draw.normal(size=length)
    strips = torch.eye(size, dtype=torch.float64)[:, None]
    kinds = {"stride": stride, "padding": padding}
    z = torch.nn.functional.conv1d(strips, torch.tensor(kernel)[None, None], **kinds)
    expected = z[:, 0].T.numpy()
    text = f"{length} weights over {size}, stride {stride}, padding {padding}"
    checks.close(toeplitz_matrix(kernel, size, stride, padding), expected, text)
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `matrix[o, o : o + len(weight)] = weight`
# 2. A matrix built for z of the wrong height: `places = size - len(weight) + 1`
#
# <details><summary>Answers</summary>
#
# 1. Stride 2: rows that move one place a row, where they should move two.
# 2. Padding or a stride: too few rows, or too many, of which the last are cut short.
# </details>
#
# Now look at it. *Commit first:* a kernel of 5 weights over 24 inputs with padding 2: how many
# percent of the matrix are zeros?

# %%
my_guess = 50  # percent

# %% tags=["demo"]
w = np.array([1.0, 2.0, 3.0, -2.0, -1.0])
settings = {"stride 1": (1, 0), "stride 1, padding 2": (1, 2), "stride 3": (3, 0)}
figure, axes = plt.subplots(1, 4, figsize=(10.5, 3.4))
for panel, (name, (stride, padding)) in zip(axes, settings.items(), strict=False):
    matrix = toeplitz_matrix(w, 24, stride, padding)
    panel.imshow(matrix, cmap=plots.DIVERGING, vmin=-3, vmax=3)
    panel.set(title=f"{name}", xlabel="input place", ylabel="output place")
    if padding:
        print(f"your guess {my_guess} %, measured {100 * (matrix == 0).mean():.0f} % zeros")
axes[3].imshow(toeplitz_matrix(w, 24, 3).T, cmap=plots.DIVERGING, vmin=-3, vmax=3)
axes[3].set(title="stride 3, transposed", xlabel="output place", ylabel="input place")
plots.show(
    figure,
    alt="Four matrices as images. Stride 1: a diagonal band of five colours; with padding 2 the "
    "band is square and cut at two corners; stride 3: a steeper band; and its transpose.",
)

# %% [markdown]
# **What you should see.** Rows are what `scatter_pixel(1, …)` returns: what one *output* read. A
# column is what one *input* reaches, and down a column the weights stand in reverse order: there
# is the flip, nobody put it there. With stride 3 the last column is empty: an input left over.
#
# With the matrix, week 3 gives everything: $\partial L/\partial x = A^\top g$, and
# $\partial L/\partial A = g\,x^\top$, of which each weight collects the entries where it stands (a
# diagonal). Convolution is a linear layer with two promises built in: most weights are *absent*
# (far pixels are not read) and the others are *shared* (all places are treated alike).
#
# Transposing has a test of its own. For every matrix, $\langle Ax, y\rangle = \langle x, A^\top
# y\rangle$. So feed forward and backward pass with random $x$ and $y$, and compare two *numbers*:
# the **dot-product test**, or adjoint test (Claerbout 1992). It needs no differences and no small
# step, and it is exact to rounding. *Commit first:* how many digits agree, of sixteen?

# %%
my_guess = 7  # digits

# %% tags=["demo"]
draw = np.random.default_rng(1)
x, w = draw.normal(size=(2, 3, 50)), draw.normal(size=(4, 3, 5))
z = conv1d_forward(x, w, np.zeros(4), stride=2, padding=1)
y = draw.normal(size=z.shape)
dx = conv1d_backward(y, x, w, stride=2, padding=1)[0]
there, back = (z * y).sum(), (x * dx).sum()
print(f"⟨Ax, y⟩ = {there:.14f}\n⟨x, Aᵀy⟩ = {back:.14f}")
apart = max(abs(there - back) / abs(there), 1e-16)
print(f"your guess {my_guess}, measured {-np.log10(apart):.0f} digits")
one = toeplitz_matrix(w[0, 0], 50, 2, 1)
strip = conv1d_backward(y[:1, :1], x[:1, :1], w[:1, :1], stride=2, padding=1)[0]
print("one channel is Aᵀ y:", np.allclose(one.T @ y[0, 0], strip[0, 0], atol=1e-12))

# %% [markdown]
# **What you should see.** All that a float64 can promise. The two numbers agree or they don't,
# there is no tolerance to argue about; but the test sees dx only, and a wrong *pair* of forward and
# backward that are each other's transpose passes it. Differences and the dot product complete one
# another.
#
# ## 7 · From one axis to two
#
# Nothing new happens in two dimensions. Output pixel $(o, q)$ reads a *window* of $k_H \times k_W$
# inputs, and it answers for that window:
#
# | | one axis | two axes |
# |---|---|---|
# | reads | $x_{os+k-p}$ through $w_k$ | $x_{os+k-p,\; qs+l-p}$ through $w_{kl}$ |
# | sends back | $g_o\, w_k$ to place $os+k-p$ | $g_{oq}\, w_{kl}$ to place $(os+k-p,\; qs+l-p)$ |
# | the weight collects | $\sum_o g_o\, x_{os+k-p}$ | $\sum_{o,q} g_{oq}\, x_{os+k-p,\;qs+l-p}$ |
#
# One index more in every line. Watch it: a 3 × 3 kernel on 5 × 5 pixels has 3 × 3 outputs, and in
# the film below one after the other sends its patch $g_{oq} \cdot w$ back. *Commit first:* how many
# of the nine patches cover the pixel in the middle?

# %%
my_guess = 1  # your number

# %% tags=["demo"]
w = np.array([[1.0, 2.0, 1.0], [0.0, 3.0, -1.0], [-1.0, 0.0, 2.0]])
g = np.array([[1.0, -1.0, 2.0], [2.0, 1.0, -2.0], [-1.0, 2.0, 1.0]])
patches, cover = np.zeros((9, 5, 5)), np.zeros((5, 5))
for number, (o, q) in enumerate(np.ndindex(3, 3)):
    patches[number, o : o + 3, q : q + 3] = g[o, q] * w + 0.0
    cover[o : o + 3, q : q + 3] += 1
print(f"your guess {my_guess}, measured {cover[2, 2]:.0f}")
figure, axes = plt.subplots(1, 3, figsize=(8.2, 3.1))


def draw_frame(number):
    o, q = divmod(number, 3)
    shown = g, patches[number], patches[: number + 1].sum(axis=0)
    for panel, values, title in zip(
        axes, shown, ("slopes g", f"g[{o}, {q}] times w", "dx so far"), strict=True
    ):
        panel.clear()
        panel.imshow(values, cmap=plots.DIVERGING, vmin=-16, vmax=16)
        for (row, column), value in np.ndenumerate(values):
            panel.text(column, row, f"{value:.0f}", ha="center", va="center")
        side, at = (1, (q, o)) if panel is axes[0] else (3, (q, o))
        corner = (at[0] - 0.5, at[1] - 0.5)
        frame = plt.Rectangle(corner, side, side, fill=False, lw=3, color=plots.COLOURS[6])
        panel.add_patch(frame)
        panel.set(title=title, xticks=[], yticks=[])


plots.animate(
    figure,
    draw_frame,
    9,
    alt="Nine frames. Left the 3 × 3 slopes with one marked, in the middle that slope times the "
    "kernel, placed in a 5 × 5 picture; right the sum so far. The marked window moves row by row, "
    "and in the last frame all nine patches have been added.",
    interval_ms=900,
)

# %% [markdown]
# **What you should see.** The frame walks over the picture just as the window did on the way there,
# and what it leaves behind adds up. The middle pixel lies under all nine patches, a corner under
# one. If you can explain this film, the rest of the week is typing.
#
# The picture of section 6 still holds. Feed 36 pictures of 6 × 6 with a single 1 each to `conv2d`,
# and the outputs are the columns of its matrix. *Commit first:* a 3 × 3 kernel, no padding: how
# many non-zeros has a row?

# %%
my_guess = 3  # your number

# %% tags=["demo"]
kernel = np.array([[1.0, 2.0, 3.0], [-1.0, 4.0, -2.0], [2.0, -3.0, 1.0]])[None, None]
single_ones = np.eye(36).reshape(36, 1, 6, 6)
matrix = conv2d(single_ones, kernel, np.zeros(1)).reshape(36, 16).T
print(f"your guess {my_guess}, measured {(matrix[0] != 0).sum()}")
figure, axes = plt.subplots(figsize=(7.5, 3.8))
axes.imshow(matrix, cmap=plots.DIVERGING, vmin=-4, vmax=4)
for line in range(1, 6):
    axes.axvline(6 * line - 0.5, color="black", lw=0.8)
for line in range(1, 4):
    axes.axhline(4 * line - 0.5, color="black", lw=0.8)
axes.set(xlabel="input pixel, row by row", ylabel="output pixel, row by row")
axes.set(xticks=range(0, 36, 6), yticks=range(0, 16, 4))
plots.show(
    figure,
    alt="The 16 × 36 matrix of a 3 × 3 convolution as an image, cut into blocks of 4 × 6: three "
    "diagonals of blocks are filled, each block being a small diagonal band; the rest is zero.",
)

# %% [markdown]
# **What you should see.** Bands within a band. Each block is the Toeplitz matrix of *one row* of
# the kernel, and the blocks stand on diagonals as the numbers did before: a Toeplitz matrix of
# Toeplitz matrices. Nine numbers a row: three groups of three neighbours, one group for every row
# of the picture that the window touches. Two dimensions are one dimension, twice.
#
# How to do it fast? Week 5 has answered that for the way there: `im2col` copies all windows into
# columns, and *one* matrix product with the kernels, flattened into rows, does all sums at once,
#
# $$Z = W_\text{rows}\, X_\text{col}, \qquad W_\text{rows}: (C_\text{out},\; C_\text{in} k_H k_W).$$
#
# So the way there has two steps, *copy* and *multiply*, and the way back undoes them in reverse
# order. Undoing *multiply* is week 3's `Linear`, turned on its side: $\partial L/\partial
# W_\text{rows} = G X_\text{col}^\top$ and $\partial L/\partial X_\text{col} = W_\text{rows}^\top G$.
# Undoing *copy* is new: a pixel that was copied into four columns acts on the loss through four
# entries, so it collects from all four. Here are the columns of a 4 × 4 picture whose pixels are
# numbered row by row, for 2 × 2 windows. *Commit first:* in how many columns does pixel 5 stand?

# %%
my_guess = 2  # your number

# %% tags=["demo"]
numbered = np.arange(16.0).reshape(1, 1, 4, 4)
columns = im2col(numbered, (2, 2))[0]
print(f"your guess {my_guess}, measured {(columns == 5).sum()}")
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), width_ratios=(1, 2))
for panel, values in ((left, numbered[0, 0]), (right, columns)):
    panel.imshow(values == 5, cmap="Oranges", vmin=0, vmax=2)
    for (row, column), value in np.ndenumerate(values):
        weight = "bold" if value == 5 else "normal"
        panel.text(column, row, f"{value:.0f}", ha="center", va="center", weight=weight)
left.set(title="the picture", xticks=[], yticks=[])
right.set(title="im2col: one column a window", xlabel="window", ylabel="place in the window")
right.set(xticks=range(9), yticks=range(4))
plots.show(
    figure,
    alt="A 4 × 4 picture with pixels numbered 0 to 15, and its 4 × 9 matrix of columns. Pixel 5 is "
    "marked: once in the picture, and in four columns of the matrix, each time in another row.",
)

# %% [markdown]
# **What you should see.** Pixel 5 stands in four columns, each time in another row: it is the lower
# right of window 0, the lower left of window 1, and so on. Forward an arrow leads from the left
# picture to each orange entry on the right. Backward you walk the same arrows in the other
# direction, and where several end, you add. This is `col2im`.

# %% [markdown]
# ## 8 · Your turn: `col2im`
#
# *About 25 minutes · 3 points.* Take columns of the layout that `im2col` makes, and add every entry
# to the pixel that it was (or would have been) copied from: the `scatter_pixel` of this week, for
# whole pictures. Pixels that no window reads get 0; what belongs to the padding is cut off.
#
# Two loops are possible. Over the windows: each column becomes a small patch and is added at its
# place (many turns, easy to think). Or over the *kernel*: for a fixed entry $(i, j)$ of the kernel,
# the pixels read through it lie on a regular grid, `padded[:, :, i::stride, j::stride]`, cut to
# $H_\text{out} \times W_\text{out}$ of them (9 turns for 3 × 3, all windows at once).
#
# <details><summary>Hint: everything lands on the wrong channel</summary>
#
# `columns.reshape(N, C, kH, kW, H_out, W_out)` is the order in which im2col wrote them. Reshape to
# exactly this, then take your pick.
# </details>
# <details><summary>Hint: the shapes differ by one with stride 2</summary>
#
# `i::stride` may hold one place more than there are windows. Stop it:
# `i : i + stride * H_out : stride`.
# </details>


# %% nbgrader={"grade": false, "grade_id": "col2im", "locked": false, "schema_version": 3, "solution": true, "task": false}
def col2im(columns, shape, kernel, stride=1, padding=0):
    """Add the entries of columns to the pixels that im2col would have copied them from.

    Args:
        columns: array of shape (N, C·kH·kW, H_out·W_out), laid out as by `im2col`. Not modified.
        shape: the pictures' shape without padding, the tuple (N, C, H, W).
        kernel: the tuple (kH, kW).
        stride: step of the windows, down and across.
        padding: rows and columns of zeros that were put on each side.

    Returns:
        float64 array of shape (N, C, H, W): at each pixel the sum over all windows that read it.
    """
    ### BEGIN SOLUTION
    count, channels, height, width = shape
    rows = (height + 2 * padding - kernel[0]) // stride + 1
    across = (width + 2 * padding - kernel[1]) // stride + 1
    patches = columns.reshape(count, channels, kernel[0], kernel[1], rows, across)
    padded = np.zeros((count, channels, height + 2 * padding, width + 2 * padding))
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            down = slice(i, i + stride * rows, stride)
            right = slice(j, j + stride * across, stride)
            padded[:, :, down, right] += patches[:, :, i, j]
    return padded[:, :, padding : padding + height, padding : padding + width]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_col2im_adds", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
got = col2im(np.ones((1, 4, 4)), (1, 1, 3, 3), (2, 2))
sentence = "four windows of 2 × 2 in 3 × 3, all ones: the middle is in all four, they add up"
checks.close(got, np.array([[[[1.0, 2, 1], [2, 4, 2], [1, 2, 1]]]]), sentence)
window = np.array([[[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]]])
got = col2im(window, (1, 1, 2, 3), (2, 3))
checks.close(got, np.array([[[[1.0, 2, 3], [4, 5, 6]]]]), "one window of 2 × 3, row by row")
got = col2im(window, (1, 2, 3, 1), (3, 1))
expected = np.array([[[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]]]])
checks.close(got, expected, "two channels, a kernel of 3 × 1: the channel comes first in a column")
rows = np.arange(1.0, 7).reshape(1, 1, 6)
got = col2im(rows, (1, 1, 2, 3), (1, 1))
checks.close(got, np.array([[[[1.0, 2, 3], [4, 5, 6]]]]), "six windows of 1 × 1, row by row")
two = np.array([[[1.0], [2.0]], [[3.0], [4.0]]])
got = col2im(two, (2, 1, 1, 2), (1, 2))
checks.close(got, np.array([[[[1.0, 2]]], [[[3.0, 4]]]]), "a batch of two pictures")
checks.unchanged(col2im, np.ones((1, 4, 4)), (1, 1, 3, 3), (2, 2))
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(70)
for shape, kernel in (((2, 3, 5, 7), (3, 2)), ((1, 1, 4, 4), (4, 1)), ((3, 2, 6, 5), (2, 5))):
    windows = (shape[2] - kernel[0] + 1) * (shape[3] - kernel[1] + 1)
    columns = draw.normal(size=(shape[0], shape[1] * kernel[0] * kernel[1], windows))
    expected = torch.nn.functional.fold(torch.tensor(columns), shape[2:], kernel).numpy()
    checks.close(col2im(columns, shape, kernel), expected, f"pictures {shape}, kernel {kernel}")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_col2im_steps", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
got = col2im(np.arange(1.0, 9).reshape(1, 4, 2), (1, 1, 3, 5), (2, 2), stride=2)
expected = np.array([[[[1.0, 3, 2, 4, 0], [5, 7, 6, 8, 0], [0, 0, 0, 0, 0]]]])
sentence = "3 × 5 with stride 2: last row and column are read by no window, they exist and are 0"
checks.close(got, expected, sentence)
got = col2im(np.ones((1, 9, 4)), (1, 1, 3, 3), (3, 3), stride=2, padding=1)
expected = np.array([[[[1.0, 2, 1], [2, 4, 2], [1, 2, 1]]]])
checks.close(got, expected, "3 × 3, padding 1, stride 2: four windows, the padding is cut off")
got = col2im(np.arange(1.0, 10).reshape(1, 9, 1), (1, 1, 2, 2), (3, 3), stride=2, padding=1)
expected = np.array([[[[5.0, 6], [8, 9]]]])
checks.close(got, expected, "2 × 2, padding 1: one window, of which the lower right corner is kept")
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(71)
for shape, kernel, stride, padding in (
    ((2, 3, 8, 6), (3, 2), 2, 1),
    ((1, 2, 7, 10), (2, 3), 3, 0),
    ((2, 1, 5, 4), (4, 3), 1, 2),
    ((1, 1, 9, 7), (1, 2), 3, 0),
):
    high = (shape[2] + 2 * padding - kernel[0]) // stride + 1
    wide = (shape[3] + 2 * padding - kernel[1]) // stride + 1
    columns = draw.normal(size=(shape[0], shape[1] * kernel[0] * kernel[1], high * wide))
    kinds = {"stride": stride, "padding": padding}
    expected = torch.nn.functional.fold(torch.tensor(columns), shape[2:], kernel, **kinds).numpy()
    text = f"pictures {shape}, kernel {kernel}, stride {stride}, padding {padding}"
    checks.close(col2im(columns, shape, kernel, stride, padding), expected, text)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_col2im_adjoint", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
draw = np.random.default_rng(5)
x = draw.normal(size=(2, 3, 6, 5))
columns = draw.normal(size=(2, 3 * 3 * 2, 3 * 3))
there = (im2col(x, (3, 2), 2, 1) * columns).sum()
back = np.array(col2im(columns.copy(), (2, 3, 6, 5), (3, 2), 2, 1))
sentence = "the dot-product test: ⟨im2col(x), c⟩ = ⟨x, col2im(c)⟩"
checks.close((x * back).sum(), there, sentence)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(72)
for shape, kernel, stride, padding in (((1, 2, 7, 5), (2, 4), 1, 3), ((3, 1, 5, 9), (3, 1), 4, 0)):
    x = draw.normal(size=shape)
    gathered = im2col(x, kernel, stride, padding)
    columns = draw.normal(size=gathered.shape)
    there = (gathered * columns).sum()
    back = np.array(col2im(columns, shape, kernel, stride, padding))
    checks.close((x * back).sum(), there, f"the dot-product test on {shape}, kernel {kernel}")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `padded[:, :, down, right] = patches[:, :, i, j]`
# 2. `columns.reshape(count, kernel[0], kernel[1], channels, rows, across)`
# 3. A result of the size that the windows cover: `(rows - 1) * stride + kernel[0]` rows
#
# <details><summary>Answers</summary>
#
# 1. Overlapping windows: the last one wins. With stride = kernel size nothing overlaps.
# 2. Two channels. With one channel or a 1 × 1 kernel both orders are the same.
# 3. 3 × 5 pixels, 2 × 2 windows, stride 2: row and column are missing that no window reads.
# </details>
#
# Scatter ones, and you see how often every pixel is read. *Commit first:* with 3 × 3 windows at
# stride 2, how often the pixels in the middle, at most and at least?

# %%
my_guess = (9, 9)  # most and least, away from the border

# %% tags=["demo"]
settings = {
    "3 × 3, stride 1": (3, 1, 0),
    "3 × 3, stride 1, padding 1": (3, 1, 1),
    "3 × 3, stride 2": (3, 2, 0),
    "2 × 2, stride 2": (2, 2, 0),
}
figure, axes = plt.subplots(1, 4, figsize=(11, 3.2))
for panel, (name, (size, stride, padding)) in zip(axes, settings.items(), strict=True):
    ones = np.ones_like(im2col(np.ones((1, 1, 8, 8)), (size, size), stride, padding))
    counts = col2im(ones, (1, 1, 8, 8), (size, size), stride, padding)[0, 0]
    panel.imshow(counts, vmin=0, vmax=9)
    for (row, column), value in np.ndenumerate(counts):
        ink = "black" if value > 5 else "white"
        panel.text(column, row, f"{value:.0f}", ha="center", va="center", color=ink, fontsize=11)
    panel.set(xticks=[], yticks=[])
    panel.set_title(name, fontsize=11)
    if name == "3 × 3, stride 2":
        middle = counts[2:5, 2:5]
        print(f"your guess {my_guess}, measured ({middle.max():.0f}, {middle.min():.0f})")
plots.show(
    figure,
    alt="Four 8 × 8 tables of counts. Stride 1: nine in the middle, falling to one at the corners; "
    "with padding four at the corners. Stride 2: a pattern of ones, twos and fours with an empty "
    "last row and column; 2 × 2 with stride 2: ones throughout.",
)

# %% [markdown]
# **What you should see.** Stride 1: 9 in the middle, 1 in a corner; padding brings the corner to 4.
# Stride 2: a weave of 4, 2 and 1, because 2 does not divide 3, and an eighth row and column that
# nobody reads: rows left over. Only windows that tile the picture treat all pixels alike. Whenever
# a gradient picture of yours shows a weave or a dark frame, think of these counts.

# %% [markdown]
# ## 9 · Your turn: `conv2d_backward`
#
# *About 30 minutes · 4 points.* Put the two steps of section 7 together. With $G$ as `upstream`
# reshaped to $(N, C_\text{out}, H_\text{out} W_\text{out})$, and the columns of each picture:
#
# $$\frac{\partial L}{\partial W_\text{rows}} = \sum_n G_n X_{\text{col},n}^\top, \qquad
# \frac{\partial L}{\partial X_{\text{col},n}} = W_\text{rows}^\top G_n, \qquad
# \frac{\partial L}{\partial b_m} = \sum_{n, \text{pixels}} G_{nm} .$$
#
# Then reshape the first to the kernels' shape and hand the second to `col2im`. If your `col2im` is
# not ready, a loop over output pixels as in section 5 is right as well, only slower.
#
# <details><summary>Hint: einsum or matmul, which axes?</summary>
#
# dweight sums over the pictures *and* over the pixels: `"nml,nkl->mk"`. The columns' slopes keep
# both: `"mk,nml->nkl"`.
# </details>
# <details><summary>Hint: dbias is a picture</summary>
#
# One bias serves every sample and every pixel of its channel. Three axes have to go.
# </details>


# %% nbgrader={"grade": false, "grade_id": "conv2d_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv2d_backward(upstream, x, weight, stride=1, padding=0):
    """Turn the slopes of a convolution's output into those of its input, kernels and biases.

    Args:
        upstream: slopes with respect to the output, (N, C_out, H_out, W_out). Not modified.
        x: input of the forward pass, array of shape (N, C_in, H, W). Not modified.
        weight: kernels, array of shape (C_out, C_in, kH, kW). Not modified.
        stride: as in the forward pass.
        padding: as in the forward pass.

    Returns:
        The tuple (dx, dweight, dbias), float64 arrays of the shapes of x, weight and bias.
    """
    ### BEGIN SOLUTION
    kernel = weight.shape[2:]
    columns = im2col(x, kernel, stride, padding)
    g = upstream.reshape(len(upstream), len(weight), -1)
    dweight = np.tensordot(g, columns, axes=((0, 2), (0, 2))).reshape(weight.shape)
    dcolumns = weight.reshape(len(weight), -1).T @ g
    return col2im(dcolumns, x.shape, kernel, stride, padding), dweight, g.sum(axis=(0, 2))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_conv2d_backward_input", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
w = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
g = np.array([[[[1.0, 10.0]]]])
dx = conv2d_backward(g, np.ones((1, 1, 2, 3)), w.copy())[0]
sentence = "two output pixels: 1·kernel at the left, 10·kernel one place right; the middle adds up"
checks.close(dx, np.array([[[[1.0, 12, 20], [3, 34, 40]]]]), sentence)
dx = conv2d_backward(np.array([[[[1.0, 10]]]]), np.ones((1, 1, 3, 5)), w.copy(), stride=2)[0]
sentence = "3 × 5, stride 2: the row and the column left over are there, and 0"
checks.close(dx, np.array([[[[1.0, 2, 10, 20, 0], [3, 4, 30, 40, 0], [0] * 5]]]), sentence)
dx = conv2d_backward(np.array([[[[1.0, 10], [100, 1000]]]]), np.ones((1, 1, 1, 1)), w, padding=1)[0]
sentence = "one pixel, padding 1: 4·1 + 3·10 + 2·100 + 1·1000"
checks.close(dx, np.array([[[[1234.0]]]]), sentence)
w = np.arange(1.0, 9).reshape(2, 2, 1, 2)
dx = conv2d_backward(np.array([[[[1.0]], [[10.0]]]]), np.ones((1, 2, 1, 2)), w)[0]
sentence = "two channels in and out: input channel 0 collects (1, 2) + 10·(5, 6)"
checks.close(dx, np.array([[[[51.0, 62]], [[73, 84]]]]), sentence)
two = np.array([[[[1.0]]], [[[10.0]]]]), np.ones((2, 1, 1, 2)), np.array([[[[1.0, 2.0]]]])
sentence = "two pictures: each has its own slopes, (1, 2) and (10, 20); no division by N here"
checks.close(conv2d_backward(*two)[0], np.array([[[[1.0, 2]]], [[[10, 20]]]]), sentence)
checks.unchanged(conv2d_backward, np.ones((2, 2, 1, 1)), np.arange(8.0).reshape(2, 2, 1, 2), w)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(73)
for shape, kernel, stride, padding in (
    ((2, 3, 7, 5), (3, 3), 1, 1),
    ((3, 2, 8, 7), (3, 2), 2, 0),
    ((1, 2, 9, 6), (2, 3), 3, 2),
    ((2, 1, 6, 11), (1, 4), 4, 1),
):
    x, w = draw.normal(size=shape), draw.normal(size=(4, shape[1], *kernel))
    leaf = torch.tensor(x, requires_grad=True)
    z = torch.nn.functional.conv2d(leaf, torch.tensor(w), stride=stride, padding=padding)
    g = draw.normal(size=tuple(z.shape))
    z.backward(torch.tensor(g))
    expected = leaf.grad.numpy()
    text = f"dx: pictures {shape}, kernel {kernel}, stride {stride}, padding {padding}"
    checks.close(conv2d_backward(g, x, w, stride, padding)[0], expected, text)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_conv2d_backward_weight", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]])
w, g = np.array([[[[1.0, 2.0], [3.0, 4.0]]]]), np.array([[[[1.0, 10.0]]]])
dweight = conv2d_backward(g.copy(), x.copy(), w.copy())[1]
sentence = "weight (0, 0) met pixels 1 and 2: 1·1 + 10·2; weight (1, 1) met 5 and 6"
checks.close(dweight, np.array([[[[21.0, 32], [54, 65]]]]), sentence)
twice = np.concatenate([g, g]), np.concatenate([x, 10 * x]), w
sentence = "a second picture ten times as bright: 11 times as much, a sum over the batch"
checks.close(conv2d_backward(*twice)[1], np.array([[[[231.0, 352], [594, 715]]]]), sentence)
corner = np.array([[[[1.0, 10], [100, 1000]]]])
dweight = conv2d_backward(corner, np.array([[[[2.0]]]]), w.copy(), padding=1)[1]
sentence = "one pixel, padding 1: weight (0, 0) met it in the last window, (1, 1) in the first"
checks.close(dweight, np.array([[[[2000.0, 200], [20, 2]]]]), sentence)
one = np.array([[[[1.0, 2.0]], [[3.0, 4.0]]]])
g = np.array([[[[1.0]], [[10.0]]], [[[0.0]], [[1.0]]]])
dweight = conv2d_backward(g, np.concatenate([one, 100 * one]), np.ones((2, 2, 1, 2)))[1]
sentence = "two pictures, two channels in and out: dweight[m, c] adds g[m]·x[c] of each picture"
checks.close(dweight, np.array([[[[1.0, 2]], [[3, 4]]], [[[110, 220]], [[330, 440]]]]), sentence)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(74)
for shape, kernel, stride, padding in (
    ((2, 3, 7, 5), (3, 3), 1, 1),
    ((3, 2, 8, 7), (3, 2), 2, 0),
    ((1, 2, 9, 6), (2, 3), 3, 2),
):
    x, w = draw.normal(size=shape), draw.normal(size=(4, shape[1], *kernel))
    leaf = torch.tensor(w, requires_grad=True)
    z = torch.nn.functional.conv2d(torch.tensor(x), leaf, stride=stride, padding=padding)
    g = draw.normal(size=tuple(z.shape))
    z.backward(torch.tensor(g))
    expected = leaf.grad.numpy()
    text = f"dweight: pictures {shape}, kernel {kernel}, stride {stride}, padding {padding}"
    checks.close(conv2d_backward(g, x, w, stride, padding)[1], expected, text)
w, b, x = draw.normal(size=(2, 2, 2, 3)), draw.normal(size=2), draw.normal(size=(2, 2, 5, 4))
g = draw.normal(size=(2, 2, 3, 2))
slope = np.array(conv2d_backward(g.copy(), x.copy(), w.copy(), 2, 1)[1])
text = "dweight by central differences, stride 2, padding 1"
checks.gradient(lambda v: (conv2d(x, v, b, 2, 1) * g).sum(), w, slope, text)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_conv2d_backward_bias", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
g = np.array([[[[1.0, 2.0]], [[3.0, 4.0]]], [[[10.0, 20.0]], [[30.0, 40.0]]]])
dbias = conv2d_backward(g, np.ones((2, 1, 1, 2)), np.ones((2, 1, 1, 1)))[2]
sentence = "one slope a channel: 1 + 2 + 10 + 20 and 3 + 4 + 30 + 40, over samples, rows, columns"
checks.close(dbias, np.array([33.0, 77.0]), sentence)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(75)
for n, channels, high, wide in ((1, 3, 2, 4), (4, 1, 3, 1), (3, 3, 3, 3)):
    g = draw.normal(size=(n, channels, high, wide))
    expected = np.array([sum(g[:, m].ravel().tolist()) for m in range(channels)])
    x, w = draw.normal(size=(n, 2, high + 1, wide)), draw.normal(size=(channels, 2, 2, 1))
    text = f"dbias of {channels} channels, {n} pictures of {high} × {wide}"
    checks.close(conv2d_backward(g, x, w)[2], expected, text)
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `columns = im2col(x, kernel, stride)`, the padding forgotten
# 2. `conv2d(upstream, weight.transpose(1, 0, 2, 3), …, padding=kernel size − 1)` as dx
# 3. `dbias = upstream.sum(axis=(2, 3)).mean(axis=0)`
#
# <details><summary>Answers</summary>
#
# 1. Any padding: fewer columns than slopes, and the product refuses. The same mistake in a loop,
#    with the window taken from x, fails silently.
# 2. A kernel that changes under a half turn: the flip, `weight[:, :, ::-1, ::-1]`, is missing.
# 3. Two samples: half of it. The loss has divided by N already.
# </details>
#
# Both gradients at work. **dx** alone: a photograph is blurred; start from the blurred one and go
# down the gradient of $\frac12\lVert \text{blur}(x) - y\rVert^2$ *in the pixels*. **dweight**
# alone: given a picture and what an unknown filter made of it, learn the filter. *Commit first:*
# after 400 steps, how many percent of the blur's error are left?

# %%
my_guess = 0  # percent

# %% tags=["demo"]
photo = datasets.pictures()["cat"].mean(axis=2)[20:116, 60:156][None, None] / 255.0
blur, none = np.full((1, 1, 5, 5), 1 / 25), np.zeros(1)
blurred = conv2d(photo, blur, none, padding=2)
estimate = blurred.copy()
for _ in range(400):
    residual = conv2d(estimate, blur, none, padding=2) - blurred
    estimate -= conv2d_backward(residual, estimate, blur, padding=2)[0]
before, after = (np.sqrt(((p - photo) ** 2).mean()) for p in (blurred, estimate))
print(f"your guess {my_guess} %, measured {100 * after / before:.0f} %")

secret = np.array([[[[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]]])  # Sobel's horizontal slope
centred, learnt = photo - photo.mean(), np.zeros((1, 1, 3, 3))
seen = conv2d(centred, secret, none)
for _ in range(800):
    residual = conv2d(centred, learnt, none) - seen
    learnt -= 1.5e-3 * conv2d_backward(residual, centred, learnt)[1]
print("learnt filter:", (np.round(learnt[0, 0], 2) + 0.0).tolist())
names = ("the photograph", "blurred", "after 400 steps")
figure = plots.image_grid([p[0, 0] for p in (photo, blurred, estimate)], titles=names, columns=3)
plots.show(
    figure,
    alt="Three pictures of a cat's eye: the photograph, blurred by a 5 × 5 box, and nearly sharp "
    "again after 400 steps of gradient descent on the pixels.",
)

# %% [markdown]
# **What you should see.** The lashes and the fur are back, and two thirds of the error are gone. No
# inverse of the blur was ever written down, only its transpose, 400 times. What is left are details
# that the blur has nearly wiped out: their slopes are so small that descent takes for ever (week 7
# explains it by eigenvalues). The learnt filter is Sobel's, in the right orientation: had your
# dweight been turned round, descent would have gone uphill.

# %% [markdown]
# ## 10 · The backward pass as a layer: transposed convolution
#
# Backward with stride 2, a convolution turns a *small* array into a *large* one. Networks that have
# to produce pictures (segmentation, week 14; generators, week 15) use just that as a forward pass:
# the **transposed convolution**, $x \mapsto A^\top x$, sometimes and wrongly called deconvolution.
# It is no inverse: it is the adjoint, so your dx *is* it. Its own backward pass is then an ordinary
# convolution: $(A^\top)^\top = A$.
#
# Enlarge a smooth ramp by stride 2, once with a 3 × 3 kernel of ones, once with 4 × 4. *Commit
# first:* which of the two shows a pattern that is not in the ramp: 3, 4, or both (7)?

# %%
my_guess = 7  # 3, 4 or 7

# %% tags=["demo"]
draw = np.random.default_rng(2)
x, w = draw.normal(size=(2, 3, 9, 8)), draw.normal(size=(4, 3, 3, 3))
z = conv2d(x, w, np.zeros(4), stride=2, padding=1)
y = draw.normal(size=z.shape)
larger = conv2d_backward(y, x, w, stride=2, padding=1)[0]
there, back = (z * y).sum(), (x * larger).sum()
print(f"{z.shape[2:]} becomes {larger.shape[2:]}; ⟨Ax, y⟩ − ⟨x, Aᵀy⟩ = {there - back:.0e}")
ramp = np.linspace(1, 2, 9)[None, None, :, None] * np.linspace(1, 2, 9)
enlarged = [ramp[0, 0]]
for size in (3, 4):
    ones = np.ones((1, 1, size, size))
    canvas = np.zeros((1, 1, 18 + size - 2, 18 + size - 2))
    upsampled = conv2d_backward(ramp, canvas, ones, stride=2)[0][0, 0, 1:-1, 1:-1]
    enlarged.append(upsampled / upsampled.mean())
jumps = [np.abs(np.diff(p[2:-2, 8], n=2)).max() / p.mean() for p in enlarged[1:]]
uneven = [size for size, jump in zip((3, 4), jumps, strict=True) if jump > 0.3]
print(f"your guess {my_guess}, measured {sum(uneven)}: {uneven}")
titles = ("the ramp, 9 × 9", "kernel 3, stride 2", "kernel 4, stride 2")
figure, axes = plt.subplots(1, 3, figsize=(9, 3.2))
for panel, picture, title in zip(axes, enlarged, titles, strict=True):
    panel.imshow(picture, cmap="gray")
    panel.set(xticks=[], yticks=[])
    panel.set_title(title, fontsize=11)
plots.show(
    figure,
    alt="A smooth ramp from dark to bright, and two enlarged versions: with kernel 3 and stride 2 "
    "it is covered with a checkerboard, with kernel 4 and stride 2 it is smooth inside.",
)

# %% [markdown]
# **What you should see.** The overlap counts of section 8 again: at stride 2 a 3 × 3 kernel reaches
# some pixels four times and some once, and that is the **checkerboard** in the output of many
# generators (Odena, Dumoulin & Olah 2016). With kernel size 4, a multiple of the stride, every
# inner pixel is reached equally often.

# %% [markdown]
# ## 11 · Your turn: `max_pool2d_backward`
#
# *About 25 minutes · 3 points.* A maximum is a switch: its output *is* one of its inputs, and moves
# with this one alone. So each output pixel sends its whole slope to the pixel that won its window,
# and nothing to the others. Three details decide:
#
# - **ties**: where several pixels share the maximum, the *first* one in reading order (row by row)
#   takes all. That is the course's rule; PyTorch's is the same;
# - **overlap**: with a stride smaller than the window, one pixel may win several windows. It
#   collects from all of them;
# - **padding** counts as $-\infty$, so it never wins (a padded 0 would beat negative pixels).
#
# <details><summary>Hint: argmax gives one number, I need a row and a column</summary>
#
# Flatten the window; `np.divmod(winner, size)` takes the number apart. `argmax` returns the first
# of several maxima.
# </details>
# <details><summary>Hint: with overlap my sums come out too small</summary>
#
# `a[rows, columns] += g` with the same pixel twice in one index adds once only. Take one window
# place at a time (then no pixel of a channel occurs twice), or use `np.add.at`.
# </details>


# %% nbgrader={"grade": false, "grade_id": "max_pool2d_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def max_pool2d_backward(upstream, x, size, stride=None, padding=0):
    """Send each slope back to the first maximum of its window.

    Args:
        upstream: slopes with respect to the output, (N, C, H_out, W_out). Not modified.
        x: input of the forward pass, float array of shape (N, C, H, W). Not modified.
        size: windows are size × size.
        stride: step of the windows; None means `size`.
        padding: rows and columns of −∞ on each side, at most size // 2.

    Returns:
        float64 array of the shape of x.
    """
    ### BEGIN SOLUTION
    step = size if stride is None else stride
    count, channels, height, width = x.shape
    edge = (padding, padding)
    padded = np.pad(x, ((0, 0), (0, 0), edge, edge), constant_values=-np.inf)
    dx = np.zeros(padded.shape)
    n, c = np.ogrid[:count, :channels]
    for i, j in np.ndindex(upstream.shape[2:]):
        top, left = i * step, j * step
        window = padded[:, :, top : top + size, left : left + size]
        winner = window.reshape(count, channels, -1).argmax(axis=2)
        row, column = np.divmod(winner, size)
        dx[n, c, top + row, left + column] += upstream[:, :, i, j]
    return dx[:, :, padding : padding + height, padding : padding + width]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_max_pool2d_backward_winners", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.array([[[[1.0, 5.0, 2.0], [4.0, 3.0, 6.0]]]])
got = max_pool2d_backward(np.array([[[[7.0]]]]), x.copy(), 2)
sentence = "2 × 3, windows of 2: the 5 wins and gets the whole slope 7; the third column is unread"
checks.close(got, np.array([[[[0.0, 7, 0], [0, 0, 0]]]]), sentence)
x = np.zeros((2, 2, 2, 2))
x[0] = [[[1.0, 2], [4, 3]], [[-4, -1], [-2, -3]]]
x[1] = [[[9.0, 8], [7, 6]], [[0, 0], [0, 1]]]
g = np.array([[[[10.0]], [[20.0]]], [[[30.0]], [[-40.0]]]])
expected = np.zeros((2, 2, 2, 2))
expected[0, 0, 1, 0], expected[0, 1, 0, 1] = 10, 20
expected[1, 0, 0, 0], expected[1, 1, 1, 1] = 30, -40
sentence = "each sample and each channel has its own winner; a negative slope goes back, too"
checks.close(max_pool2d_backward(g.copy(), x.copy(), 2), expected, sentence)
checks.unchanged(max_pool2d_backward, g, x, 2)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(76)
for shape, size in (((2, 3, 6, 9), 3), ((3, 1, 7, 5), 2), ((1, 4, 4, 4), 4)):
    x = draw.normal(size=shape)
    leaf = torch.tensor(x, requires_grad=True)
    z = torch.nn.functional.max_pool2d(leaf, size)
    g = draw.normal(size=tuple(z.shape))
    z.backward(torch.tensor(g))
    expected = leaf.grad.numpy()
    checks.close(max_pool2d_backward(g, x, size), expected, f"pictures {shape}, size {size}")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_max_pool2d_backward_ties", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
got = max_pool2d_backward(np.array([[[[8.0]]]]), np.full((1, 1, 2, 2), 3.0), 2)
sentence = "four equal pixels: the first takes all, nothing is shared or multiplied"
checks.close(got, np.array([[[[8.0, 0], [0, 0]]]]), sentence)
x = np.array([[[[1.0, 2, 0, 5], [2, 2, 5, 0]]]])
got = max_pool2d_backward(np.array([[[[1.0, 10.0]]]]), x, 2)
sentence = "ties in reading order: row by row, so the upper right pixel comes before the lower left"
checks.close(got, np.array([[[[0.0, 1, 0, 10], [0, 0, 0, 0]]]]), sentence)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(77)
x = draw.integers(0, 3, size=(2, 3, 6, 6)).astype(float)
leaf = torch.tensor(x, requires_grad=True)
z = torch.nn.functional.max_pool2d(leaf, 3)
g = draw.normal(size=tuple(z.shape))
z.backward(torch.tensor(g))
expected = leaf.grad.numpy()
checks.close(max_pool2d_backward(g, x, 3), expected, "pixels of three values only: many ties")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_max_pool2d_backward_steps", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.array([[[[0.0, 1, 2], [3, 9, 4], [5, 6, 7]]]])
got = max_pool2d_backward(np.array([[[[1.0, 10], [100, 1000]]]]), x, 2, stride=1)
sentence = "stride 1: the 9 wins all four windows and collects 1111"
checks.close(got, np.array([[[[0.0, 0, 0], [0, 1111, 0], [0, 0, 0]]]]), sentence)
x = 1e20 * np.array([[[[-5.0, -1], [-2, -7]]]])
got = max_pool2d_backward(np.array([[[[1.0, 10], [100, 1000]]]]), x, 2, padding=1)
sentence = "padding 1, pixels of −1e20 and less: each wins its window, padded with −∞, not −1e9"
checks.close(got, np.array([[[[1.0, 10], [100, 1000]]]]), sentence)
got = max_pool2d_backward(np.array([[[[1.0, 2, 3]]]]), np.zeros((1, 1, 1, 3)), 1)
checks.close(got, np.array([[[[1.0, 2, 3]]]]), "windows of 1 × 1: everything passes")
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(78)
for shape, size, stride, padding in (
    ((2, 2, 7, 6), 3, 2, 1),
    ((1, 3, 9, 5), 3, 1, 0),
    ((2, 1, 8, 7), 2, 3, 0),
    ((1, 2, 5, 8), 4, 3, 2),
):
    x = draw.normal(size=shape) - 3.0
    leaf = torch.tensor(x, requires_grad=True)
    z = torch.nn.functional.max_pool2d(leaf, size, stride, padding)
    g = draw.normal(size=tuple(z.shape))
    z.backward(torch.tensor(g))
    expected = leaf.grad.numpy()
    text = f"pictures {shape}, size {size}, stride {stride}, padding {padding}, mostly negative"
    checks.close(max_pool2d_backward(g, x, size, stride, padding), expected, text)
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `dx = (x == enlarged_maximum) * enlarged_upstream`, the usual one-liner
# 2. The same, divided by the number of maxima in the window
# 3. `dx[...] = upstream[:, :, i, j]` at the winners
#
# <details><summary>Answers</summary>
#
# 1. A tie: the slope is handed out several times, and the sum over dx is more than that over g.
# 2. A tie: the sum is right, and each gets a part. A possible rule, but not this course's.
# 3. A pixel that wins two windows: it keeps the last slope only.
# </details>
#
# **Average pooling, given.** An average reads all its pixels with the weight $1/k^2$. So each gets
# $1/k^2$ of the slope: `scatter` once more, by your own `col2im`. Compare the two on a digit, all
# slopes being 1. *Commit first:* ties sound like a rarity. In how many percent of the 2 × 2 windows
# of all digits do several pixels share the maximum?

# %%
my_guess = 2  # percent


# %% tags=["demo"]
def avg_pool2d_backward(upstream, x, size):
    """Share each slope equally among the pixels of its window (stride = size)."""
    shared = np.repeat(upstream.reshape(len(x), x.shape[1], 1, -1) / size**2, size**2, axis=2)
    columns = shared.reshape(len(x), x.shape[1] * size**2, -1)
    return col2im(columns, x.shape, (size, size), stride=size)


windows = im2col(digits.images[:, None], (2, 2), stride=2)
shares = (windows == windows.max(axis=1, keepdims=True)).sum(axis=1) > 1
ink = shares & (windows.max(axis=1) > 0)
print(f"your guess {my_guess} %, measured {100 * shares.mean():.0f} %")
print(f"{100 * ink.mean():.0f} % are ties of ink, the others blank paper")
digit = scaled[7:8]
ones = np.ones((1, 1, 4, 4))
pictures = [
    digit[0, 0],
    max_pool2d_backward(ones, digit, 2)[0, 0],
    avg_pool2d_backward(ones, digit, 2)[0, 0],
]
figure, axes = plt.subplots(1, 3, figsize=(8.5, 3.1))
names = ("a digit", "slopes, max pooling: 0 or 1", "slopes, average pooling: ¼")
for panel, picture, name in zip(axes, pictures, names, strict=True):
    is_digit = name == "a digit"
    colours = {"cmap": "gray_r"} if is_digit else {"vmin": 0, "vmax": 1}
    panel.imshow(picture, **colours)
    for line in (1.5, 3.5, 5.5):
        panel.axvline(line, color="#888888", lw=1)
        panel.axhline(line, color="#888888", lw=1)
    panel.set(xticks=[], yticks=[])
    panel.set_title(name, fontsize=11)
plots.show(
    figure,
    alt="A digit on a grid of 2 × 2 windows; the slopes of max pooling: a 1 at one pixel a window, "
    "along the ink, at the upper left of blank ones; average pooling: a quarter everywhere.",
)

# %% [markdown]
# **What you should see.** Maxima follow the ink; in blank windows the first pixel takes the slope.
# Four windows in ten are ties! Equal pixels are the rule wherever values are coarse (bytes, blank
# paper) or cut off (a ReLU's zeros), so a rule for them is no pedantry: without one, two programs
# with the same weights train differently. Average pooling tells every pixel a quarter.

# %% [markdown]
# ## 12 · Your turn: `Flatten`
#
# *About 5 minutes · 1 point.* Between the pictures of a convolution and the rows of a `Linear`
# layer somebody has to reshape, and on the way back to reshape *back*. Nothing is computed.


# %% nbgrader={"grade": false, "grade_id": "Flatten", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Flatten:
    """Lays each picture out as a row."""

    def forward(self, x):
        """Reshape, and remember the shape.

        Args:
            x: array of shape (N, …), usually (N, C, H, W). Not modified.

        Returns:
            The same numbers, one row a sample, in reading order: (N, C·H·W).
        """
        ### BEGIN SOLUTION
        self.shape = x.shape
        return x.reshape(len(x), -1)
        ### END SOLUTION

    def backward(self, gradient):
        """Put the slopes back into the shape of the last input.

        Args:
            gradient: slopes with respect to the output, (N, C·H·W). Not modified.

        Returns:
            Slopes with respect to the input, of the shape of x.
        """
        ### BEGIN SOLUTION
        return gradient.reshape(self.shape)
        ### END SOLUTION

    def parameters(self):
        """Returns: the empty list, there is nothing to learn."""
        return []

    def gradients(self):
        """Returns: the empty list."""
        return []


# %% nbgrader={"grade": true, "grade_id": "test_Flatten_there_and_back", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
layer = Flatten()
x = np.arange(24.0).reshape(2, 3, 2, 2)
sentence = "two pictures of 3 channels: two rows of 12, channel by channel, row by row"
checks.close(layer.forward(x.copy()), np.arange(24.0).reshape(2, 12), sentence)
got = layer.backward(np.arange(24.0, 48).reshape(2, 12))
checks.close(got, np.arange(24.0, 48).reshape(2, 3, 2, 2), "and back into (2, 3, 2, 2)")
layer.forward(np.zeros((1, 2, 1, 3)))
got = layer.backward(np.arange(6.0).reshape(1, 6))
checks.close(got, np.arange(6.0).reshape(1, 2, 1, 3), "a smaller last batch: the last shape counts")
got = layer.forward(np.arange(12.0).reshape(2, 3, 2))
checks.close(got, np.arange(12.0).reshape(2, 6), "any number of axes, here strips of 3 channels")
first, second = Flatten(), Flatten()
first.forward(np.zeros((2, 3, 1, 1)))
second.forward(np.zeros((2, 1, 3, 1)))
sentence = "two layers in one network: each remembers its own shape (`self.…`, not the class)"
checks.shape(first.backward(np.ones((2, 3))), (2, 3, 1, 1), sentence)
checks.unchanged(layer.forward, x)
checks.unchanged(layer.backward, np.ones((2, 12)))
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(79)
layer = Flatten()
for shape in ((4, 2, 3, 5), (1, 1, 1, 1), (3, 4), (2, 5, 3)):
    x, g = draw.normal(size=shape), draw.normal(size=shape)
    row = int(np.prod(shape[1:]))
    rows, slopes = x.reshape(shape[0], row).copy(), g.reshape(shape[0], row).copy()
    checks.close(layer.forward(x), rows, f"forward, input {shape}")
    checks.close(layer.backward(slopes), g, f"backward, input {shape}")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `return x.reshape(-1)`
# 2. The shape is remembered in `__init__`, from the first batch
#
# <details><summary>Answers</summary>
#
# 1. Any: the batch is gone. With a single sample the next layer may not even notice.
# 2. The last batch of an epoch, which is smaller.
# </details>

# %% [markdown]
# ## 13 · Your turn: `Conv2d`
#
# *About 15 minutes · 3 points.* Dress the functions as a layer, with the manners of week 3's
# `Linear`: `forward` keeps what the way back needs; `backward` *replaces* the stored slopes and
# returns those of the input. `conv2d` does the forward pass.


# %% nbgrader={"grade": false, "grade_id": "Conv2d", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Conv2d:
    """A convolution layer for pictures.

    Args:
        W: kernels, float array of shape (C_out, C_in, kH, kW); kept as it is, not copied.
        b: biases, float array of shape (C_out,); kept as it is, not copied.
        stride: step of the windows.
        padding: rows and columns of zeros on each side.

    Attributes:
        dW, db: slopes of the loss, of the shapes of W and b; set by `backward`.
    """

    def __init__(self, W, b, stride=1, padding=0):
        self.W = W
        self.b = b
        self.stride = stride
        self.padding = padding

    def forward(self, x):
        """Convolve, and remember the input.

        Args:
            x: array of shape (N, C_in, H, W). Not modified.

        Returns:
            Array of shape (N, C_out, H_out, W_out).
        """
        ### BEGIN SOLUTION
        self.x = x
        return conv2d(x, self.W, self.b, self.stride, self.padding)
        ### END SOLUTION

    def backward(self, gradient):
        """Store the slopes of kernels and biases, and pass the gradient on.

        Args:
            gradient: slopes with respect to the output, (N, C_out, H_out, W_out). Not modified.

        Returns:
            Slopes with respect to the input, array of shape (N, C_in, H, W).
        """
        ### BEGIN SOLUTION
        slopes = conv2d_backward(gradient, self.x, self.W, self.stride, self.padding)
        dx, self.dW, self.db = slopes
        return dx
        ### END SOLUTION

    def parameters(self):
        """Returns: the list [W, b]."""
        return [self.W, self.b]

    def gradients(self):
        """Returns: the list [dW, db]."""
        return [self.dW, self.db]


# %% nbgrader={"grade": true, "grade_id": "test_Conv2d_forward", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]])
w, b = np.array([[[[1.0, 2.0], [3.0, 4.0]]]]), np.array([0.5])
got = Conv2d(w.copy(), b.copy()).forward(x.copy())
checks.close(got, np.array([[[[37.5, 47.5]]]]), "1 + 2·2 + 3·4 + 4·5 + 0.5 = 37.5, then 47.5")
got = Conv2d(w.copy(), b.copy(), stride=2, padding=1).forward(x.copy())
sentence = "stride 2, padding 1: 4·1, 3·2 + 4·3 | 2·4, 5 + 2·6, and the bias everywhere"
checks.close(got, np.array([[[[4.5, 18.5], [8.5, 17.5]]]]), sentence)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(80)
x, w, b = (draw.normal(size=s) for s in ((2, 3, 6, 5), (4, 3, 3, 2), (4,)))
for stride, padding in ((1, 0), (2, 1), (3, 2)):
    kinds = {"stride": stride, "padding": padding}
    expected = torch.nn.functional.conv2d(*map(torch.tensor, (x, w, b)), **kinds).numpy()
    got = Conv2d(w.copy(), b.copy(), stride, padding).forward(x.copy())
    checks.close(got, expected, f"stride {stride}, padding {padding}")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_Conv2d_backward", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
w, b = np.array([[[[1.0, 2.0], [3.0, 4.0]]]]), np.zeros(1)
layer = Conv2d(w.copy(), b.copy(), stride=2)
layer.forward(np.ones((1, 1, 3, 5)))
got = layer.backward(np.array([[[[1.0, 10.0]]]]))
sentence = "stride 2 counts on the way back, too; what is left over gets 0"
checks.close(got, np.array([[[[1.0, 2, 10, 20, 0], [3, 4, 30, 40, 0], [0] * 5]]]), sentence)
layer = Conv2d(w.copy(), b.copy(), padding=1)
layer.forward(np.ones((1, 1, 1, 1)))
got = layer.backward(np.array([[[[1.0, 10], [100, 1000]]]]))
checks.close(got, np.array([[[[1234.0]]]]), "and so does the padding")
layer.forward(np.ones((1, 1, 2, 1)))
got = layer.backward(np.ones((1, 1, 3, 2)))
checks.close(got, np.array([[[[10.0], [10.0]]]]), "another input: the last forward pass counts")
checks.unchanged(layer.forward, np.ones((1, 1, 2, 1)))
checks.unchanged(layer.backward, np.ones((1, 1, 3, 2)))
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(81)
x, w, b = (draw.normal(size=s) for s in ((2, 3, 6, 5), (4, 3, 3, 2), (4,)))
for stride, padding in ((1, 1), (2, 0), (3, 2)):
    leaf = torch.tensor(x, requires_grad=True)
    z = torch.nn.functional.conv2d(leaf, torch.tensor(w), None, stride, padding)
    g = draw.normal(size=tuple(z.shape))
    z.backward(torch.tensor(g))
    expected = leaf.grad.numpy()
    layer = Conv2d(w.copy(), b.copy(), stride, padding)
    layer.forward(x.copy())
    checks.close(layer.backward(g), expected, f"stride {stride}, padding {padding}")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_Conv2d_slopes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]])
w, b = np.array([[[[1.0, 2.0], [3.0, 4.0]]]]), np.array([0.5])
layer = Conv2d(w.copy(), b.copy())
layer.forward(x.copy())
layer.backward(np.array([[[[1.0, 10.0]]]]))
checks.close(layer.dW, np.array([[[[21.0, 32], [54, 65]]]]), "dW is stored")
checks.close(layer.db, np.array([11.0]), "db is stored")
layer.backward(np.array([[[[1.0, 10.0]]]]))
sentence = "backward once more: both are replaced, not added to"
checks.close(layer.gradients(), [np.array([[[[21.0, 32], [54, 65]]]]), np.array([11.0])], sentence)
checks.close(layer.parameters(), [w, b], "W and b stay as they are: that is SGD's work")
layer.forward(np.concatenate([x, x]))
layer.backward(np.array([[[[1.0, 10.0]]], [[[1.0, 10.0]]]]))
sentence = "a batch of two equal pictures: twice the slopes, the sum over the batch"
expected = [np.array([[[[42.0, 64], [108, 130]]]]), np.array([22.0])]
checks.close(layer.gradients(), expected, sentence)
first, second = Conv2d(w.copy(), b.copy()), Conv2d(w.copy(), b.copy())
first.forward(x.copy())
second.forward(10 * x)
second.backward(np.array([[[[1.0, 10.0]]]]))
first.backward(np.array([[[[1.0, 10.0]]]]))
sentence = "two layers in one network: each keeps input and slopes in `self`, not in the class"
checks.close(first.dW, np.array([[[[21.0, 32], [54, 65]]]]), sentence)
checks.close(second.dW, np.array([[[[210.0, 320], [540, 650]]]]), sentence)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(82)
x, w, b = (draw.normal(size=s) for s in ((2, 3, 6, 5), (4, 3, 3, 2), (4,)))
leaves = [torch.tensor(w, requires_grad=True), torch.tensor(b, requires_grad=True)]
z = torch.nn.functional.conv2d(torch.tensor(x), *leaves, stride=2, padding=1)
g = draw.normal(size=tuple(z.shape))
z.backward(torch.tensor(g))
expected = [leaf.grad.numpy() for leaf in leaves]
layer = Conv2d(w, b, 2, 1)
layer.forward(x)
layer.backward(g)
checks.close(layer.dW, expected[0], "dW, stride 2, padding 1")
checks.close(layer.db, expected[1], "db, stride 2, padding 1")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `conv2d_backward(gradient, self.x, self.W)`
# 2. `dx, dW, db = …` and `return dx`
#
# <details><summary>Answers</summary>
#
# 1. Any stride or padding; the commonest way to break a layer whose parts are all right.
# 2. Any: `dW` is a local name, and the layer has no slopes. SGD asks for them in vain.
# </details>

# %% [markdown]
# ## 14 · Your turn: `MaxPool2d`
#
# *About 10 minutes · 2 points.* The same for pooling, with `max_pool2d` for the forward pass. What
# does the way back need to remember?


# %% nbgrader={"grade": false, "grade_id": "MaxPool2d", "locked": false, "schema_version": 3, "solution": true, "task": false}
class MaxPool2d:
    """Max pooling as a layer.

    Args:
        size: windows are size × size.
        stride: step of the windows; None means `size`.
        padding: rows and columns of −∞ on each side, at most size // 2.
    """

    def __init__(self, size, stride=None, padding=0):
        self.size = size
        self.stride = stride
        self.padding = padding

    def forward(self, x):
        """Pool, and remember what the way back needs.

        Args:
            x: array of shape (N, C, H, W). Not modified.

        Returns:
            Array of shape (N, C, H_out, W_out).
        """
        ### BEGIN SOLUTION
        self.x = x
        return max_pool2d(x, self.size, self.stride, self.padding)
        ### END SOLUTION

    def backward(self, gradient):
        """Send each slope back to the first maximum of its window.

        Args:
            gradient: slopes with respect to the output, (N, C, H_out, W_out). Not modified.

        Returns:
            Slopes with respect to the input, array of shape (N, C, H, W).
        """
        ### BEGIN SOLUTION
        return max_pool2d_backward(gradient, self.x, self.size, self.stride, self.padding)
        ### END SOLUTION

    def parameters(self):
        """Returns: the empty list, there is nothing to learn."""
        return []

    def gradients(self):
        """Returns: the empty list."""
        return []


# %% nbgrader={"grade": true, "grade_id": "test_MaxPool2d_forward", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.array([[[[1.0, 5, 2, 0], [4, 3, 6, 1]]]])
got = MaxPool2d(2).forward(x.copy())
checks.close(got, np.array([[[[5.0, 6.0]]]]), "windows of 2 × 2 side by side: 5 and 6")
got = MaxPool2d(2, stride=1).forward(x.copy())
checks.close(got, np.array([[[[5.0, 6.0, 6.0]]]]), "stride 1: three windows")
got = MaxPool2d(2, padding=1).forward(-x)
expected = np.array([[[[-1.0, -2.0, 0.0], [-4.0, -3.0, -1.0]]]])
checks.close(got, expected, "padding 1 on negative pixels: the padding never wins")
checks.unchanged(MaxPool2d(2).forward, x)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(83)
x = draw.normal(size=(2, 3, 7, 6)) - 2.0
for size, stride, padding in ((2, None, 0), (3, 2, 1), (3, None, 1), (2, 3, 0)):
    expected = torch.nn.functional.max_pool2d(torch.tensor(x), size, stride, padding).numpy()
    got = MaxPool2d(size, stride, padding).forward(x.copy())
    checks.close(got, expected, f"size {size}, stride {stride}, padding {padding}")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_MaxPool2d_backward", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.array([[[[1.0, 5, 2, 0], [4, 3, 6, 1]]]])
layer = MaxPool2d(2)
layer.forward(x.copy())
got = layer.backward(np.array([[[[7.0, 8.0]]]]))
checks.close(got, np.array([[[[0.0, 7, 0, 0], [0, 0, 8, 0]]]]), "to the 5 and to the 6")
layer.forward(-x)
got = layer.backward(np.array([[[[7.0, 8.0]]]]))
sentence = "another input: the last forward pass counts, the −1 and the −0 win"
checks.close(got, np.array([[[[7.0, 0, 0, 8], [0, 0, 0, 0]]]]), sentence)
layer = MaxPool2d(2, stride=1)
layer.forward(x.copy())
got = layer.backward(np.array([[[[1.0, 10.0, 100.0]]]]))
checks.close(got, np.array([[[[0.0, 1, 0, 0], [0, 0, 110, 0]]]]), "stride 1: the 6 collects twice")
layer = MaxPool2d(3, 2, 1)
layer.forward(x.copy())
got = layer.backward(np.array([[[[1.0, 10.0]]]]))
checks.close(got, np.array([[[[0.0, 1, 0, 0], [0, 0, 10, 0]]]]), "size 3, stride 2, padding 1")
first, second = MaxPool2d(2), MaxPool2d(2)
first.forward(x.copy())
second.forward(np.array([[[[1.0, 2], [2, 0]]]]))
got = second.backward(np.array([[[[6.0]]]]))
checks.close(got, [[[[0.0, 6], [0, 0]]]], "a tie of 2 and 2: the first takes all")
got = first.backward(np.array([[[[7.0, 8.0]]]]))
checks.close(got, [[[[0.0, 7, 0, 0], [0, 0, 8, 0]]]], "two layers: each keeps its own input")
checks.unchanged(first.backward, np.ones((1, 1, 1, 2)))
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(84)
x = draw.normal(size=(2, 3, 7, 6)) - 2.0
for size, stride, padding in ((2, None, 0), (3, 2, 1), (3, None, 1), (2, 3, 0)):
    leaf = torch.tensor(x, requires_grad=True)
    z = torch.nn.functional.max_pool2d(leaf, size, stride, padding)
    g = draw.normal(size=tuple(z.shape))
    z.backward(torch.tensor(g))
    expected = leaf.grad.numpy()
    layer = MaxPool2d(size, stride, padding)
    layer.forward(x.copy())
    checks.close(layer.backward(g), expected, f"size {size}, stride {stride}, padding {padding}")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `self.x = max_pool2d(x, …)`: remembering the output
# 2. `self.stride = stride or 1` in the constructor
#
# <details><summary>Answers</summary>
#
# 1. Any: who has won can't be told from the maximum alone.
# 2. `MaxPool2d(2)`: None means the window's size, so that windows don't overlap.
# </details>

# %% [markdown]
# ## 15 · A network, checked before it is trained
#
# All parts are there. `Linear`, `ReLU` and the loss are yours, of week 3: `earlier` takes them from
# your notebook if it lies beside this one, and says so; what is missing comes from the verified
# `helpers.nn`, and with `own=False` all of it does. The network reads 8 × 8 digits:
#
# | layer | output | weights |
# |---|---|---|
# | convolution 3 × 3, padding 1, ReLU | 8 × 8 × 8 | 80 |
# | convolution 3 × 3, padding 1, ReLU | 16 × 8 × 8 | 1,168 |
# | max pooling 2 × 2 | 16 × 4 × 4 | |
# | convolution 3 × 3, padding 1, ReLU | 32 × 4 × 4 | 4,640 |
# | max pooling 2 × 2 | 32 × 2 × 2 | |
# | flatten, linear | 10 scores | 1,290 |

# %% tags=["demo"]
from helpers import earlier
from helpers.gradients import numerical_gradient
from helpers.nn import Sequential

names = ("Linear", "ReLU", "softmax_cross_entropy")
Linear, ReLU, cross_entropy = earlier.work("week03_backpropagation", *names, own=True)


# %% tags=["demo"]
def he_normal(draw, *shape):
    return draw.normal(scale=np.sqrt(2 / np.prod(shape[1:])), size=shape)


def make_network(draw, channels=(8, 16, 32), classes=10, edge=2):
    first, second, third = channels
    layers = [Conv2d(he_normal(draw, first, 1, 3, 3), np.zeros(first), padding=1), ReLU()]
    layers += [Conv2d(he_normal(draw, second, first, 3, 3), np.zeros(second), padding=1), ReLU()]
    layers += [MaxPool2d(2)]
    layers += [Conv2d(he_normal(draw, third, second, 3, 3), np.zeros(third), padding=1), ReLU()]
    layers += [MaxPool2d(2), Flatten()]
    features = third * edge**2
    W = 0.1 * he_normal(draw, classes, features).T  # small scores: the loss begins near ln C
    return Sequential([*layers, Linear(W, np.zeros(classes))])


def make_dense(draw):
    """Week 3's network, to compare with."""
    first, last = he_normal(draw, 256, 64).T, 0.1 * he_normal(draw, 10, 256).T
    layers = [Flatten(), Linear(first, np.zeros(256)), ReLU(), Linear(last, np.zeros(10))]
    return Sequential(layers)


# %% [markdown]
# First the gradient check: a narrower copy of the network, on pictures of 9 × 11, all eight arrays
# and the input. *Commit first:* after ten layers, how large is the worst of the nine relative
# errors?

# %%
my_guess = 1e-4  # relative error by the norm

# %% tags=["demo"]
draw = np.random.default_rng(4)
small = make_network(draw, channels=(2, 3, 2), classes=4)
x, labels = draw.normal(size=(2, 1, 9, 11)), np.array([0, 3])
small.layers[-1] = Linear(draw.normal(size=(2 * 2 * 2, 4)), np.zeros(4))
for parameter in small.parameters():
    parameter += 0.1 * draw.normal(size=parameter.shape)  # also the biases, away from zero
gradient = cross_entropy(small.forward(x), labels)[1]
analytic = [small.backward(gradient), *small.gradients()]


def loss_with(position):
    """The loss as a function of one array, the others as they are."""
    array = ([x] + small.parameters())[position]

    def loss(values):
        kept = array.copy()
        array[...] = values
        result = cross_entropy(small.forward(x), labels)[0]
        array[...] = kept
        return result

    return loss, array


errors = []
for position, slopes in enumerate(analytic):
    loss, array = loss_with(position)
    errors.append(relative_error(slopes, numerical_gradient(loss, array.copy())))
print("input:", f"{errors[0]:.0e}", " weights and biases:", [f"{e:.0e}" for e in errors[1:]])
print(f"your guess {my_guess:.0e}, measured {max(errors):.0e}; below 1e-7: {max(errors) < 1e-7}")

# %% [markdown]
# Right to nine digits or more, layer upon layer. This is the sentence to earn before any training:
# *every gradient of this network has been measured*. Next comes the training loop, week 3's, with
# one addition. **Momentum** is given, as a black box that carries on in the direction of earlier
# steps; week 7 opens it.


# %% tags=["demo"]
class Momentum:
    """Steps that remember their direction (given; week 7 explains it)."""

    def __init__(self, parameters, learning_rate, keep=0.9):
        self.learning_rate, self.keep = learning_rate, keep
        self.velocity = [np.zeros_like(p) for p in parameters]

    def step(self, parameters, gradients):
        for p, v, g in zip(parameters, self.velocity, gradients, strict=True):
            v *= self.keep
            v -= self.learning_rate * g
            p += v


def train_network(network, X, labels, rows, draw, epochs, rate=0.02, after_epoch=None):
    """Train by mini-batches of 32; returns the mean training loss of every epoch."""
    optimiser, losses = Momentum(network.parameters(), rate), []
    for _ in range(epochs):
        order, total = draw.permutation(rows), 0.0
        for start in range(0, len(order), 32):
            batch = order[start : start + 32]
            loss, gradient = cross_entropy(network.forward(X[batch]), labels[batch])
            network.backward(gradient)
            optimiser.step(network.parameters(), network.gradients())
            total += loss * len(batch)
        losses.append(total / len(order))
        if after_epoch:
            after_epoch(network)
    return losses


# %% [markdown]
# As in week 3, eight samples by heart before anything else. *Commit first:* the loss of eight
# digits after 60 steps (it starts near 2.3)?

# %%
my_guess = 1.0  # your number

# %% tags=["demo"]
finals = []
for seed in range(5):
    draw = np.random.default_rng(seed)
    network = make_network(draw)
    eight = digits.train_index[:8]
    finals.append(train_network(network, scaled, digits.labels, eight, draw, 60)[-1])
print(f"your guess {my_guess}, measured {np.mean(finals):.0e}, at most {max(finals):.0e}, 5 seeds")

# %% [markdown]
# ## 16 · Digits, every gradient yours
#
# 1,438 digits to learn from, 359 held out (one fifth of every class, split once and for all);
# pixels from −1 to 1, He initialisation, $\eta = 0.02$, momentum 0.9, batches of 32, 15 epochs,
# three seeds here. Week 3's network of 16,640 + 2,570 weights reached 96.9 ± 0.3 % in 60 epochs.
# *Commit first:* what does this one reach, with 7,178 weights and a quarter of the epochs?

# %%
my_guess = 95  # percent

# %% tags=["demo"]
seeds, epochs = range(3), 15
curves, losses, began = [], [], time.perf_counter()
for seed in seeds:
    draw, held_out = np.random.default_rng(seed), []

    def measure(network, held_out=held_out):
        scores = network.forward(scaled[digits.test_index])
        right = scores.argmax(axis=1) == digits.labels[digits.test_index]
        held_out.append(100 * right.mean())

    network = make_network(draw)
    rows = digits.train_index
    settings = {"epochs": epochs, "after_epoch": measure}
    losses.append(train_network(network, scaled, digits.labels, rows, draw, **settings))
    curves.append(held_out)
seconds = (time.perf_counter() - began) / len(seeds)
final = np.array(curves)[:, -1]
print(f"your guess {my_guess} %, measured {final.mean():.1f} ± {final.std():.1f} %, 3 seeds")
print(f"worst {final.min():.1f} %; at least 97 %: {final.min() >= 97}; under 60 s: {seconds < 60}")
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.3))
left.semilogy(np.arange(1, epochs + 1), np.array(losses).T, color=plots.COLOURS[0], linestyle="-")
left.set(xlabel="epoch", ylabel="mean training loss, 3 seeds")
plots.mean_and_spread(right, np.arange(1, epochs + 1), np.array(curves), label="held out")
right.axhline(96.9, color=plots.COLOURS[1], linestyle="--", label="week 3, after 60 epochs")
right.set(xlabel="epoch", ylabel="accuracy / %", ylim=(85, 100))
right.legend()
plots.show(
    figure,
    alt="Left: training losses of three seeds fall over 15 epochs by three powers of ten. Right: "
    "held-out accuracy rises above 95 % within a few epochs and ends a point above week 3's line.",
)

# %% [markdown]
# **What you should see.** About 98 %, a few seconds a run, by nobody's gradients but yours. Over ten
# seeds (`benchmarks/week06_digits.py`) it is 97.9 ± 0.3 %, the worst 97.5. Against week 3's 96.9 ±
# 0.3 % the gain is small, three or four digits of 359, with little more than a third of the weights.
# The recipe has an edge: $\eta = 0.03$ gives 97.8 ± 0.4 %, and $\eta = 0.1$ gives 44.5 ± 24.2 %, as
# some seeds hardly start to learn. (We chose 0.02 by looking at these held-out digits, so expect a
# little less on new ones; for an honest number one keeps a third set, week 1.)

# %% [markdown]
# ## 17 · What locality is worth
#
# Section 6 named two promises that a convolution makes about pictures: far pixels need not be read,
# and all places are alike. Break them: shuffle the 64 pixels, with one and the same permutation for
# all digits. A network of `Linear` layers cannot tell the difference (its inputs just swap
# names). And take only 100 digits to learn from: promises matter where data are few. *Commit
# first:* by how many percentage points does the shuffling hurt the convolutional network?

# %%
my_guess = 10  # percentage points

# %% tags=["demo"]
permutation = np.random.default_rng(99).permutation(64)
shuffled = scaled.reshape(-1, 64)[:, permutation].reshape(scaled.shape)
results = {}
for name, make in (("convolutional", make_network), ("dense", make_dense)):
    for order, X in (("as they are", scaled), ("shuffled", shuffled)):
        accuracies = []
        for seed in range(5):
            draw = np.random.default_rng(seed)
            hundred = draw.permutation(digits.train_index)[:100]
            network = make(draw)
            train_network(network, X, digits.labels, hundred, draw, 60)
            right = network.forward(X[digits.test_index]).argmax(axis=1)
            accuracies.append(100 * (right == digits.labels[digits.test_index]).mean())
        results[name, order] = np.array(accuracies)
        print(f"{name:14}{order:12}{np.mean(accuracies):.1f} ± {np.std(accuracies):.1f} %")
harm = results["convolutional", "as they are"] - results["convolutional", "shuffled"]
print(f"your guess {my_guess}, measured {harm.mean():.1f} ± {harm.std():.1f} points, same seeds")
figure, axes = plt.subplots(figsize=(6.5, 3.2))
for position, ((name, _), accuracies) in enumerate(results.items()):
    colour = plots.COLOURS[0 if name == "convolutional" else 1]
    axes.plot(accuracies, np.full(5, position), "o", color=colour, alpha=0.6)
    axes.plot(accuracies.mean(), position, "|", color="black", markersize=22)
axes.set_yticks(range(4), [f"{name}, {order}" for name, order in results])
axes.set(xlabel="held-out accuracy after 100 digits / %")
axes.invert_yaxis()
plots.show(
    figure,
    alt="Held-out accuracies of five seeds each: the convolutional network loses several points "
    "when the pixels are shuffled, the dense network stays where it is.",
)

# %% [markdown]
# **What you should see.** Over ten seeds of the same script: convolutional 89.5 ± 2.2 % on digits as
# they are and 84.3 ± 1.8 % shuffled; dense 87.9 ± 2.0 and 87.4 ± 2.0 %. The shuffling costs the
# convolutional network five points and the dense one nothing that counts. On shuffled pixels the
# old network even wins by three points: a promise that the data do not keep does harm. As they are,
# the convolutional network leads by 1.5 points, less than the spread over seeds, so ten seeds carry
# a tendency and no more: on 8 × 8 pixels there is little far away to ignore.

# %% [markdown]
# ## 18 · In your own words: eight fails, nine passes
#
# *About 5 minutes · 2 points, graded by hand.* A colleague's convolution passes a gradient check on
# pictures of 9 × 9 with 3 × 3 kernels, stride 2 and no padding. On 8 × 8 her dx has the wrong shape,
# while dweight and dbias are right. What is different about 8, where in her code do you look first,
# and which settings would you have made her check from the start?

# %% [markdown] nbgrader={"grade": true, "grade_id": "eight_or_nine", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# (9 − 3)/2 is whole, (8 − 3)/2 is not: on 8 × 8 the windows end one row and one column before the
# border. The shape of her dx comes from the windows, $(H_\text{out} - 1)s + k_H = 7$, instead of
# from x. So I look where the array for dx is made, in col2im. dweight and dbias only use pixels
# that were read, so they cannot notice. To check from the start: a size that the stride does not
# fit, different height and width, an uneven kernel, padding, several channels and samples, random
# numbers.
#
# *Rubric.* 1 point for rows left over *and* for the shape taken from the windows instead of x;
# 1 point for at least three settings that break a symmetry, an uneven stride among them.
# ### END SOLUTION

# %% [markdown]
# ## 19 · In your own words: who gets the tie?
#
# *About 5 minutes · 2 points, graded by hand.* "At a tie, the numerical gradient gives each of two
# equal pixels one half. Our rule gives the first one everything, so our rule is wrong", somebody
# writes, and proposes to share. Is the argument sound? Which of the two would you ship, and what
# measurement would change your mind?

# %% [markdown] nbgrader={"grade": true, "grade_id": "who_gets_the_tie", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# It is not sound. At a tie the maximum has a kink: moving one of the two pixels up raises it with
# slope 1, down with slope 0, and the central difference averages the two. There is no gradient
# there, only subgradients; the first winner's and the shared one are both among them, so a check at
# a tie decides nothing. I would ship the first maximum: it is one index to store, and
# results can be compared with other programs that use the same rule. If networks trained with
# shared ties were better on held-out data, by more than the spread over ten seeds, on pictures with
# many ties, I would change my mind.
#
# *Rubric.* 1 point for: no derivative at a tie, so the check has no say (or: both are
# subgradients); 1 point for a choice with a reason *and* a measurement with spread that could turn
# it round.
# ### END SOLUTION

# %% [markdown]
# ## What you can do now
#
# - scatter an output pixel's gradient by hand, and add up what overlaps (LO2)
# - write all gradients of 1-D and 2-D convolution and of pooling, for any stride and padding (LO2)
# - build a convolutional network in NumPy and train it on digits to a stated accuracy (LO2, LO3)
# - draw a convolution as a matrix, and read flip, stride and leftovers off it (LO5)
# - test a pair of forward and backward passes by one dot product (LO4)
# - say what locality and shared weights are worth, by an experiment that takes them away (LO4)
#
# **Further reading.** To go on with:
#
# - I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, MIT Press 2016, sections 9.1 to 9.5
# - N. Buduma, N. Locascio, *Fundamentals of Deep Learning*, O'Reilly 2017, chapter 5
# - V. Dumoulin, F. Visin, "A guide to convolution arithmetic for deep learning", arXiv 1603.07285,
#   2016 (all cases of transposed convolution, drawn)
# - A. Odena, V. Dumoulin, C. Olah, "Deconvolution and checkerboard artifacts", Distill 2016
#
# For the arguments of today:
#
# - Y. LeCun, B. Boser, J. Denker, D. Henderson, R. Howard, W. Hubbard, L. Jackel, "Backpropagation
#   applied to handwritten zip code recognition", Neural Computation 1989 (where it began)
# - K. Chellapilla, S. Puri, P. Simard, "High performance convolutional neural networks for document
#   processing", International Workshop on Frontiers in Handwriting Recognition 2006 (im2col)
# - J. Claerbout, *Earth Soundings Analysis: Processing versus Inversion*, Blackwell 1992 (adjoints,
#   and the dot-product test)
# - K. Simonyan, A. Zisserman, "Very deep convolutional networks for large-scale image recognition",
#   ICLR 2015
