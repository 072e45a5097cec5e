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
# # Week 4 · Deep convolutional networks in PyTorch
#
# A photograph of a shoe is still a shoe when it moves three pixels to the left. Last week's network
# had to learn that again for every place; this week's is built so that it cannot help knowing it.
# From today on a library differentiates for you, which leaves more time to do things wrong in
# quieter ways: half of this notebook is about noticing.
#
# | After this you can | outcome |
# |---|---|
# | say where deep learning wins over older methods, where it does not, and why | LO1 |
# | train, evaluate, stop and resume a convolutional network without fooling yourself | LO2 |
# | use convolution for pictures and for text, and transfer what was learnt elsewhere | LO3 |
# | tell five broken training runs apart by their curves, and look inside a trained network | LO4 |
# | design a network in PyTorch, knowing its sizes and its cost before it runs | LO5 |
#
# **Time** about 285 minutes, 68 of them reading · **Points** 33 · **Before this** backpropagation
# and a training loop by hand (week 3), cross-entropy (week 2)

# %%
import io
import math
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from helpers import checks, datasets, plots

plots.use_course_style()
torch.set_num_threads(1)


class Layer(NamedTuple):
    """What one layer of a network is, for the arithmetic of sections 2 to 4."""

    kind: str  # "conv", "pool" or "linear"
    channels: int = 0  # of the output; a pool keeps those of its input
    kernel: int = 1
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    groups: int = 1


# %% [markdown]
# Two small tools for all that follows: one cuts a set into batches, one prints how far we are.


# %%
def batches_of(images, labels, size, seed=None):
    """Cut a set into batches, the last one as long as it comes; with a seed in a new order."""
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    order = torch.arange(len(labels))
    if generator is not None:
        order = torch.randperm(len(labels), generator=generator)
    return [(images[rows], labels[rows]) for rows in order.split(size)]


def bar(batches, text, width=30):
    """Hand on the batches and print how far we are."""
    print(text, end=" ")
    for number, batch in enumerate(batches):
        yield batch
        done = width * (number + 1) // len(batches) - width * number // len(batches)
        print("█" * done, end="")
    print()


# %% [markdown]
# ## 1 · What a convolution assumes
#
# A fully connected layer on a colour photograph of 224 × 224 has 150,528 weights for *each* of its
# neurons, and a neuron that has learnt a button in the upper left corner knows nothing of buttons
# elsewhere. A convolution makes three assumptions about pictures (LeCun et al. 1989):
#
# - **nearness**: a unit looks at a small window of $k \times k$ pixels, in all channels of its
#   input;
# - **sharing**: the same weights look at every place, so what is learnt once is known everywhere;
# - **composition**: the next layer looks at the results, and sees further through them.
#
# $$z_{o,i,j} = b_o + \sum_{c} \sum_{u,v} W_{o,c,u,v}\; x_{c,\; i s + u d - p,\; j s + v d - p}$$
#
# with stride $s$, padding $p$ (zeros around the picture) and dilation $d$ (gaps in the window).
# Pooling takes the maximum or mean of a window and has no weights. Week 5 writes both by hand;
# today PyTorch does them, and we reason about their sizes.
#
# In PyTorch pictures are $(N, C, H, W)$, batch first. A **tensor** is an array that can live on a
# graphics card and can record what happens to it; a **module** (`nn.Module`) is a layer or a
# network: what you assign to it as an attribute, it registers, and `parameters()`, `state_dict()`,
# `to(device)` and `train()` then reach into every one of its parts. `loss.backward()` is your
# `backpropagate` of week 3; `p.grad` accumulates, as yours did.
#
# How much does sharing save? The first layer of torchvision's AlexNet turns 3 × 224 × 224 numbers
# into 64 × 55 × 55 with windows of 11 × 11. *Commit first:* by which factor would a fully
# connected layer between the same two shapes be larger?

# %%
my_guess = 1000  # times as many weights

# %% tags=["demo", "nbval-check-output"]
shared = nn.Conv2d(3, 64, kernel_size=11, stride=4, padding=2)
weights = sum(p.numel() for p in shared.parameters())
dense = (3 * 224 * 224 + 1) * 64 * 55 * 55
print(f"convolution {weights:,}, fully connected {dense:,}")
print(f"your guess {my_guess:,}, measured {dense / weights:,.0f} times")

# %% [markdown]
# More than a million times, 29 thousand million weights against 23 thousand. Nobody could store the
# second layer, let alone fill it with knowledge from a million photographs.
#
# ## 2 · Your turn: `output_size`
#
# *About 8 minutes · 1 point.* A window of $k$ entries with dilation $d$ spans $d(k-1)+1$ pixels.
# It starts at one end of the padded row and moves on by $s$ **while it fits**: what is left over
# at the end is never looked at, so the size is rounded down,
#
# $$n' = \left\lfloor \frac{n + 2p - d(k-1) - 1}{s} \right\rfloor + 1 .$$
#
# If the window does not fit even once, raise a ValueError.
#
# <details><summary>Hint: one too many when the stride leaves pixels over</summary>
#
# 6 pixels, window 3, stride 2: places 0 and 2; at 4 the window would hang over the edge.
# </details>


# %% nbgrader={"grade": false, "grade_id": "output_size", "locked": false, "schema_version": 3, "solution": true, "task": false}
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    """How many places a window has along one side of its input.

    Args:
        size: pixels along the side.
        kernel: entries of the window along the side.
        stride: step from place to place.
        padding: pixels added at each of the two ends.
        dilation: distance between neighbouring entries of the window.

    Returns:
        The number of places, an int.

    Raises:
        ValueError: the window does not fit once.
    """
    ### BEGIN SOLUTION
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    if room < 0:
        raise ValueError(f"a window of {kernel} does not fit into {size} pixels")
    return room // stride + 1
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_output_size_cases", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
checks.equal(output_size(5, 3), 3, "a window of 3 has 3 places in 5 pixels")
checks.equal(output_size(6, 3, stride=2), 2, "6 pixels, stride 2: places 0 and 2; rounded down")
checks.equal(output_size(28, 5, padding=2), 28, "padding at both ends: 28 stay 28 with 5 and 2")
sentence = "dilation 2 stretches a window of 3 over 5 pixels: 6 places in 10"
checks.equal(output_size(10, 3, dilation=2), 6, sentence)
checks.equal(output_size(224, 11, 4, 2), 55, "AlexNet's first layer")
checks.equal(output_size(3, 3), 1, "a window as large as its input fits once")
sentence = "a window of 5 does not fit into 3 pixels"
checks.raises(ValueError, output_size, 3, 5, sentence=sentence)
sentence = "nor does one of 3 into 2 pixels, whatever the stride"
checks.raises(ValueError, output_size, 2, 3, 2, sentence=sentence)
sentence = "padding makes room: a window of 5 fits once into 3 pixels with 1 more at both ends"
checks.equal(output_size(3, 5, padding=1), 1, sentence)
sentence = "with dilation 2 a window of 3 spans 5 pixels, and does not fit into 4"
checks.raises(ValueError, output_size, 4, 3, 1, 0, 2, sentence=sentence)
checks.true(isinstance(output_size(7, 3, 2), int), "a number of places is an int (`//`, not `/`)")
### BEGIN HIDDEN TESTS
for n, k, s, p, d in ((9, 3, 2, 1, 1), (31, 4, 3, 0, 2), (12, 1, 5, 0, 1), (7, 3, 1, 2, 3)):
    expected = F.max_pool1d(torch.zeros(1, 1, n + 2 * p), k, s, 0, d).shape[2]
    sentence = f"size {n}, window {k}, stride {s}, padding {p}, dilation {d}"
    checks.equal(output_size(n, k, s, p, d), expected, sentence)
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `return math.ceil((size + 2 * padding - kernel) / stride) + 1`
# 2. `return (size - kernel + padding) // stride + 1`
#
# <details><summary>Answers</summary>
#
# 1. 6 pixels, window 3, stride 2: 3 for 2. And any dilation but 1.
# 2. Any padding: it is added at *both* ends.
# </details>
#
# ## 3 · Your turn: `receptive_field`
#
# *About 12 minutes · 2 points.* How much of the picture does one unit of the last layer see? Walk
# from the picture on, with two numbers. The **field** $r$ begins as 1 pixel. The **jump** $j$ is
# how far two neighbouring units lie apart, in pixels of the picture; it begins as 1. A layer with
# window $k$, stride $s$ and dilation $d$ looks at $k$ units of the layer before it, so
#
# $$r \leftarrow r + d\,(k - 1)\, j, \qquad j \leftarrow j\, s .$$
#
# The new field uses the jump *before* the layer. Padding does not matter: it moves the field, and
# does not widen it.
#
# <details><summary>Hint: right without strides, too large with them</summary>
#
# The units that a layer looks at lie apart by the jump of its *input*. In which order do you
# update?
# </details>


# %% nbgrader={"grade": false, "grade_id": "receptive_field", "locked": false, "schema_version": 3, "solution": true, "task": false}
def receptive_field(layers):
    """What one unit of the last layer sees of the picture, along one side.

    Args:
        layers: list of `Layer`, each "conv" or "pool", from the picture on.

    Returns:
        field: pixels that one unit sees, an int.
        jump: pixels between the fields of two neighbouring units, an int.
    """
    ### BEGIN SOLUTION
    field, jump = 1, 1
    for layer in layers:
        field += layer.dilation * (layer.kernel - 1) * jump
        jump *= layer.stride
    return field, jump
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_receptive_field_field", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
conv, pool = Layer("conv", 8, kernel=3, padding=1), Layer("pool", kernel=2, stride=2)
checks.equal(receptive_field([])[0], 1, "no layer: a pixel sees itself")
checks.equal(receptive_field([conv, conv])[0], 5, "two windows of 3 see 5 pixels")
sentence = (
    "conv, pool, conv: 3, then 3 + 1 = 4, then 4 + 2·2 = 8, for the pool has doubled the jump"
)
checks.equal(receptive_field([conv, pool, conv])[0], 8, sentence)
wide = Layer("conv", 8, kernel=3, dilation=4)
checks.equal(receptive_field([conv, wide])[0], 11, "dilation 4: 3 + 4·2 = 11")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(41)
for _ in range(4):
    layers = [
        Layer("conv", 1, kernel=int(k), stride=int(s), dilation=int(d))
        for k, s, d in zip(*draw.integers(1, 4, size=(3, 3)), strict=True)
    ]
    seen = {0}
    for layer in reversed(layers):
        steps = range(layer.kernel)
        seen = {place * layer.stride + layer.dilation * step for place in seen for step in steps}
    expected = max(seen) - min(seen) + 1
    checks.equal(receptive_field(layers)[0], expected, "three layers drawn at random: the field")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_receptive_field_jump", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
conv, pool = Layer("conv", 8, kernel=3, padding=1), Layer("pool", kernel=2, stride=2)
checks.equal(receptive_field([])[1], 1, "no layer: neighbours are 1 pixel apart")
sentence = "two pools: 4 pixels from unit to unit, 3 + 1 + 2·2 + 2 = 10 seen"
field, jump = receptive_field([conv, pool, conv, pool])
checks.equal([field, jump], [10, 4], sentence)
big = Layer("conv", 64, kernel=7, stride=2, padding=3)
three = Layer("pool", kernel=3, stride=2, padding=1)
field, jump = receptive_field([big, three])
checks.equal([field, jump], [11, 4], "the beginning of a ResNet: 11 seen, 4 apart")
field, jump = receptive_field([Layer("conv", 8, kernel=1, stride=2), conv])
sentence = "a 1 × 1 layer with stride 2 sees no more, but its stride counts: then 1 + 2·2 = 5"
checks.equal([field, jump], [5, 2], sentence)
_, jump = receptive_field([Layer("conv", 8, kernel=3, dilation=4)])
checks.equal(jump, 1, "dilation spreads the window; units lie as close as before")
### BEGIN HIDDEN TESTS
layers = [Layer("conv", 1, kernel=5, stride=3), Layer("pool", kernel=2), Layer("conv", 1, 3, 5)]
field, jump = receptive_field(layers)
checks.equal([field, jump], [14, 15], "strides 3, 1 and 5")
field, jump = receptive_field([Layer("conv", 1)] * 7)
checks.equal([field, jump], [1, 1], "1 × 1 convolutions see one pixel")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `jump *= layer.stride` as the *first* line of the loop
# 2. `jump += layer.stride - 1`
# 3. `field += layer.kernel - 1`
#
# <details><summary>Answers</summary>
#
# 1. A single window of 3 with stride 2: it sees 3 pixels, not 5. 2. Two strides of 3: 9, not 5.
# 3. Anything behind a stride, and any dilation.
# </details>
#
# ## 4 · Your turn: `count_flops`
#
# *About 15 minutes · 2 points.* What does a network cost before it has run? The customary unit is
# the **multiply-add**. An output pixel of a convolution is a sum over $k^2\, C/\text{groups}$
# products, and there are $C' \cdot H' \cdot W'$ of them:
#
# $$\text{conv: } C' H' W' \cdot \frac{C}{\text{groups}}\, k^2, \qquad
# \text{linear: } D \cdot M, \qquad \text{pool: } 0 .$$
#
# Biases are not counted (nor are they by the library whose table we shall read). Go through the
# list and keep track of channels and size; the first linear layer sees all that is left,
# flattened: $D = C \cdot H \cdot W$. Your `output_size` helps.
#
# <details><summary>Hint: the first layer is right, the others are not</summary>
#
# A layer's input has the channels of the *last layer's output*, and a pool changes the size but not
# the channels.
# </details>


# %% nbgrader={"grade": false, "grade_id": "count_flops", "locked": false, "schema_version": 3, "solution": true, "task": false}
def count_flops(layers, channels, size):
    """Multiply-adds of one picture's way through a network.

    Args:
        layers: list of `Layer`; convolutions and pools first, then linear layers.
        channels: of the picture.
        size: side of the square picture in pixels.

    Returns:
        The number of multiply-adds, an int; biases, pools and activations count nothing.
    """
    ### BEGIN SOLUTION
    total = 0
    for layer in layers:
        if layer.kind == "linear":
            total += channels * size * size * layer.channels
            channels, size = layer.channels, 1
            continue
        size = output_size(size, layer.kernel, layer.stride, layer.padding, layer.dilation)
        if layer.kind == "conv":
            window = layer.kernel**2 * (channels // layer.groups)
            total += layer.channels * size**2 * window
            channels = layer.channels
    return total
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_count_flops_conv", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
one = [Layer("conv", 6, kernel=5, padding=2)]
checks.equal(count_flops(one, 1, 28), 117600, "6 maps of 28 × 28, 25 products for each pixel")
checks.equal(count_flops(one, 3, 28), 352800, "three input channels cost three times as much")
two = [Layer("conv", 4, kernel=3, stride=2), Layer("conv", 2, kernel=1)]
sentence = "9 × 9, stride 2: 4·16·9 = 576, then 1 × 1 over 4 channels: 2·16·4 = 128"
checks.equal(count_flops(two, 1, 9), 704, sentence)
separable = [Layer("conv", 8, kernel=3, padding=1, groups=8), Layer("conv", 16, kernel=1)]
sentence = "8 groups of one channel: 8·100·9, then 16·100·8"
checks.equal(count_flops(separable, 8, 10), 20000, sentence)
spread = [Layer("conv", 2, kernel=3, dilation=2)]
sentence = "dilation 2 leaves 5 × 5 places of 9 × 9: 2·25·9"
checks.equal(count_flops(spread, 1, 9), 450, sentence)
### BEGIN HIDDEN TESTS
from torch.utils.flop_counter import FlopCounterMode

layers = [
    Layer("conv", 12, 3, 1, 1, 1, 3),
    Layer("conv", 8, 5, 2, 0, 2, 4),
    Layer("conv", 6, 2, 3, 1, 1, 2),
]
with FlopCounterMode(display=False) as counter:
    x = torch.zeros(1, 6, 29, 29)
    for layer in layers:
        shape = (layer.channels, x.shape[1] // layer.groups, layer.kernel, layer.kernel)
        x = F.conv2d(x, torch.zeros(shape), None, *layer[3:])
expected = counter.get_total_flops() // 2
checks.equal(count_flops(layers, 6, 29), expected, "three convolutions with groups and strides")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_count_flops_network", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
pool = Layer("pool", kernel=2, stride=2)
le_net = [Layer("conv", 6, kernel=5, padding=2), pool, Layer("conv", 16, kernel=5), pool]
le_net += [Layer("linear", 120), Layer("linear", 84), Layer("linear", 10)]
sentence = "a pool costs nothing, keeps the channels and halves the size: 117,600 + 16·100·6·25"
checks.equal(count_flops(le_net[:4], 1, 28), 357600, sentence)
sentence = "a linear layer behind 16 maps of 5 × 5 has 400 inputs"
checks.equal(count_flops(le_net[:5], 1, 28), 405600, sentence)
checks.equal(count_flops(le_net, 1, 28), 416520, "LeNet: 416,520 multiply-adds")
checks.equal(
    count_flops([Layer("linear", 7)], 2, 3), 126, "a linear layer alone: 18 inputs, 7 outputs"
)
checks.equal(count_flops([], 3, 224), 0, "no layers, no cost")
checks.true(isinstance(count_flops(le_net, 1, 28), int), "a count is an int")
### BEGIN HIDDEN TESTS
layers = [Layer("conv", 64, 11, 4, 2), Layer("pool", 0, 3, 2), Layer("conv", 192, 5, 1, 2)]
layers += [Layer("pool", 0, 3, 2), Layer("conv", 384, 3, 1, 1), Layer("conv", 256, 3, 1, 1)]
layers += [Layer("conv", 256, 3, 1, 1), Layer("pool", 0, 3, 2)]
layers += [Layer("linear", 4096), Layer("linear", 4096), Layer("linear", 1000)]
checks.equal(count_flops(layers, 3, 224), 714188480, "all of AlexNet")
checks.equal(
    count_flops([Layer("pool", 0, 3, 3, 1), Layer("linear", 2)], 4, 7), 72, "a padded pool"
)
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `channels = layer.channels` for every layer
# 2. `total += layer.channels * channels * layer.kernel**2`
# 3. the size before the layer in place of the size after it
#
# <details><summary>Answers</summary>
#
# 1. Anything behind a pool, whose `channels` say 0: the rest of the network is free of charge.
# 2. Any picture: these are the *weights*. Each of them is used at every place; that is what sharing
#    means, and why a small network may be an expensive one.
# 3. Any stride, and any window without padding.
# </details>
#
# ## 5 · Ten years of architectures in one table
#
# Seven networks that won or changed something, computed here: they are built without memory for
# their weights (PyTorch's device `"meta"`), so their parameters and multiply-adds are counted in
# no time. The accuracy on ImageNet (1,000 classes, 50,000 photographs held out) is what
# torchvision records with the weights it would download; reading that record needs no internet.
#
# *Commit first:* by which factor do VGG-16's parameters exceed MobileNetV3's, and which of the two
# is more accurate?

# %%
my_guess = 5  # times as many parameters

# %% tags=["demo"]
from torch.utils.flop_counter import FlopCounterMode
from torchvision import models

families = {
    "AlexNet (2012)": ("alexnet", 224),
    "VGG-16 (2014)": ("vgg16", 224),
    "GoogLeNet (2014)": ("googlenet", 224),
    "Inception v3 (2015)": ("inception_v3", 299),
    "ResNet-50 (2015)": ("resnet50", 224),
    "MobileNetV3 (2019)": ("mobilenet_v3_large", 224),
    "ConvNeXt-T (2022)": ("convnext_tiny", 224),
}
table = {}
for title, (name, side) in families.items():
    inception = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    with torch.device("meta"):
        network = models.get_model(name, weights=None, **inception).eval()
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            network(torch.empty(1, 3, side, side))
    best = models.get_model_weights(name).IMAGENET1K_V1.meta
    top1 = best["_metrics"]["ImageNet-1K"]["acc@1"]
    parameters = sum(p.numel() for n, p in network.named_parameters() if "aux" not in n.lower())
    table[title] = (parameters / 1e6, counter.get_total_flops() / 2e9, top1)
print(f"{'network':20} {'parameters':>12} {'multiply-adds':>15} {'top-1':>7}")
for title, (parameters, cost, top1) in table.items():
    print(f"{title:20} {parameters:10.1f} M {cost:13.2f} G {top1:6.1f} %")
ratio = table["VGG-16 (2014)"][0] / table["MobileNetV3 (2019)"][0]
print(f"your guess {my_guess}, measured {ratio:.0f} times as many parameters in VGG-16")
recipe = models.ResNet50_Weights.IMAGENET1K_V2.meta["_metrics"]["ImageNet-1K"]["acc@1"]
print(f"ResNet-50 with torchvision's second set of weights: {recipe:.1f} %")

# %% tags=["demo"]
figure, axes = plt.subplots(figsize=(7, 3.8))
for (title, (parameters, cost, top1)), marker in zip(table.items(), "osD^vP*", strict=True):
    axes.scatter(cost, top1, s=70, marker=marker, label=title)
    height = -17 if title.startswith("ResNet") else 8  # Inception stands beside it
    place = {"xytext": (0, height), "textcoords": "offset points", "ha": "center", "fontsize": 9}
    axes.annotate(f"{parameters:.0f} M", (cost, top1), **place)
axes.set(xscale="log", xlim=(0.12, 40), ylim=(50, 88))
axes.set(xlabel="multiply-adds for one picture / 10⁹", ylabel="ImageNet top-1 / %")
axes.legend(fontsize=9, loc="center left", bbox_to_anchor=(1, 0.5))
plots.show(
    figure,
    alt="ImageNet accuracy over multiply-adds for seven networks, with their parameters: "
    "VGG-16 is the largest and dearest and far from the best; MobileNetV3 costs 70 times less and "
    "is more accurate; ConvNeXt-T is the best.",
)

# %% [markdown]
# **What you should see.** No line runs from cheap-and-bad to dear-and-good. VGG-16 has 25 times the
# parameters of MobileNetV3 and 70 times its cost, and is 2.4 points *worse*. Ideas won, not size:
#
# | network | the idea that stayed |
# |---|---|
# | AlexNet | ReLU, dropout, augmentation, two graphics cards (Krizhevsky, Sutskever & Hinton 2012) |
# | VGG | nothing but 3 × 3: two see 5 × 5 with fewer weights and one more kink (Simonyan & Zisserman 2015) |
# | GoogLeNet, Inception | several window sizes side by side, 1 × 1 to thin channels (Szegedy et al. 2015, 2016) |
# | ResNet | add the input to the output, and 50 layers train (He et al. 2016; week 14) |
# | MobileNet | one window per channel, then 1 × 1: `groups` (Howard et al. 2017, 2019) |
# | ConvNeXt | all of it again, tuned like a transformer (Liu et al. 2022) |
#
# A warning about such tables: part of each step is a better *recipe*. torchvision holds a second
# set of weights for the very same ResNet-50, trained longer with more augmentation: 80.9 % for
# 76.1 %.

# %% [markdown]
# ## 6 · Your turn: `LeNet`
#
# *About 15 minutes · 2 points.* The network that read cheques (LeCun et al. 1998), with ReLU and
# max pooling in place of what was usual then:
#
# | part | layers |
# |---|---|
# | `features` | conv 5 × 5 with padding 2 to 6 channels, ReLU, pool 2, conv 5 × 5 to 16 channels, ReLU, pool 2 |
# | `head` | flatten, linear to 120, ReLU, linear to 84, ReLU, linear to the classes |
#
# A picture of 28 × 28 arrives at the head as $16 \times 5 \times 5$. The scores come out raw: the
# softmax is inside PyTorch's `cross_entropy`, as it was inside yours. Make the two parts attributes
# (two `nn.Sequential`), in the order of the table; call `super().__init__()` first.
#
# <details><summary>Hint: cannot assign module before Module.__init__() call</summary>
#
# A module registers its parts in a table that the base class makes. Make that first.
# </details>
# <details><summary>Hint: mat1 and mat2 shapes cannot be multiplied</summary>
#
# Print `self.features(x).shape`. What is the product of all axes but the batch?
# </details>


# %% nbgrader={"grade": false, "grade_id": "LeNet", "locked": false, "schema_version": 3, "solution": true, "task": false}
class LeNet(nn.Module):
    """LeNet-5 for grey pictures of 28 × 28.

    Args:
        classes: how many there are.

    Attributes:
        features: from (N, 1, 28, 28) to (N, 16, 5, 5).
        head: from there to the scores.
    """

    def __init__(self, classes=10):
        ### BEGIN SOLUTION
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, kernel_size=5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(6, 16, kernel_size=5),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.head = nn.Sequential(
            nn.Flatten(),
            nn.Linear(400, 120),
            nn.ReLU(),
            nn.Linear(120, 84),
            nn.ReLU(),
            nn.Linear(84, classes),
        )
        ### END SOLUTION

    def forward(self, x):
        """Score pictures.

        Args:
            x: float tensor of shape (N, 1, 28, 28).

        Returns:
            Tensor of shape (N, classes), raw scores.
        """
        ### BEGIN SOLUTION
        return self.head(self.features(x))
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_LeNet_shapes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = LeNet()
shapes = [tuple(p.shape) for p in model.parameters()]
expected = [(6, 1, 5, 5), (6,), (16, 6, 5, 5), (16,)]
expected += [(120, 400), (120,), (84, 120), (84,), (10, 84), (10,)]
checks.equal(shapes, expected, "two convolutions and three linear layers, each with its biases")
x = torch.zeros(3, 1, 28, 28)
checks.shape(model.features(x), (3, 16, 5, 5), "28 → 28 → 14 → 10 → 5, with 16 channels")
checks.shape(model(x), (3, 10), "ten scores for each of three pictures")
checks.shape(LeNet(4)(x), (3, 4), "four for four classes")
### BEGIN HIDDEN TESTS
model = LeNet(4)
count = sum(p.numel() for p in model.parameters())
checks.equal(count, 61196, "parameters of a LeNet for four classes")
checks.shape(model(torch.zeros(1, 1, 28, 28)), (1, 4), "a batch of one, four classes")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_LeNet_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
draw = torch.Generator().manual_seed(42)
model = LeNet()
state = model.state_dict()
state = {k: 0.2 * torch.randn(v.shape, generator=draw, dtype=v.dtype) for k, v in state.items()}
model.load_state_dict(state)
w = list(state.values())
x = torch.randn(2, 1, 28, 28, generator=draw)
h = F.max_pool2d(F.relu(F.conv2d(x, w[0], w[1], padding=2)), 2)
h = F.max_pool2d(F.relu(F.conv2d(h, w[2], w[3])), 2)
sentence = "features: conv, ReLU, pool, twice, with weights of ours loaded into your LeNet"
checks.close(model.features(x.clone()).detach(), h, sentence, rtol=1e-4, atol=1e-4)
h = F.relu(F.linear(F.relu(F.linear(h.flatten(1), w[4], w[5])), w[6], w[7]))
expected = F.linear(h, w[8], w[9])
sentence = "raw scores: ReLU between the linear layers, nothing behind the last one"
checks.close(model(x.clone()).detach(), expected, sentence, rtol=1e-4, atol=1e-4)
model.train(False)
sentence = "raw scores in evaluation mode, too"
checks.close(model(x.clone()).detach(), expected, sentence, rtol=1e-4, atol=1e-4)
### BEGIN HIDDEN TESTS
x = torch.randn(3, 1, 28, 28, generator=draw)
h = F.max_pool2d(F.relu(F.conv2d(x, w[0], w[1], padding=2)), 2)
h = F.max_pool2d(F.relu(F.conv2d(h, w[2], w[3])), 2)
h = F.relu(F.linear(F.relu(F.linear(h.flatten(1), w[4], w[5])), w[6], w[7]))
expected = F.linear(h, w[8], w[9])
scores = model(x).detach()
checks.close(scores, expected, "three pictures drawn at random", rtol=1e-4, atol=1e-4)
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `self.layers = [nn.Conv2d(...), nn.ReLU(), ...]`: a plain list of modules
# 2. `return torch.softmax(self.head(self.features(x)), dim=1)`
#
# <details><summary>Answers</summary>
#
# 1. `list(model.parameters())` is empty: a list is not a module, and what is not registered is
#    neither trained nor saved nor moved. `nn.Sequential` and `nn.ModuleList` register.
# 2. Any: the softmax is then taken twice, once more inside the loss. Scores between 0 and 1 cannot
#    bring a ten-class loss below $-\log(e/(e + 9)) = 1.46$; one of the sick runs below suffers
#    from it.
# </details>
#
# ## 7 · Your turn: `VGG`
#
# *About 15 minutes · 2 points.* Later networks are not listed layer by layer but *made* from a
# plan. A plan such as `(16, "pool", 32)` means: a block with 16 channels, a pool of 2, a block
# with 32. A **block** is conv 3 × 3 with padding 1 and *no bias*, batch normalisation, ReLU. Batch
# normalisation (Ioffe & Szegedy 2015; week 9 derives it) subtracts each channel's mean and divides
# by its spread: in training those of the batch, in evaluation running averages that it has kept.
# It has a shift of its own, so a bias in front of it would do nothing.
#
# All blocks and pools stand in one flat `nn.Sequential`, `features`. Then comes the **mean over
# all places** of each channel (Lin, Chen & Yan 2014), and the `head`, one linear layer. Thus any
# size of picture will do.
#
# <details><summary>Hint: the channels of two layers do not fit together</summary>
#
# Walk through the plan with a variable that holds the channels of the moment; a pool leaves it
# alone.
# </details>


# %% nbgrader={"grade": false, "grade_id": "VGG", "locked": false, "schema_version": 3, "solution": true, "task": false}
class VGG(nn.Module):
    """Blocks of 3 × 3 convolution, batch normalisation and ReLU by a plan, then one linear layer.

    Args:
        plan: tuple of numbers (a block with so many channels) and "pool" (max pooling by 2).
        classes: how many there are.
        channels: of the pictures.

    Attributes:
        features: `nn.Sequential` of conv, norm, ReLU for each block, and of the pools.
        head: `nn.Linear` from the last block's channels to the classes.
    """

    def __init__(self, plan, classes, channels=1):
        ### BEGIN SOLUTION
        super().__init__()
        layers = []
        for item in plan:
            if item == "pool":
                layers.append(nn.MaxPool2d(2))
                continue
            layers.append(nn.Conv2d(channels, item, kernel_size=3, padding=1, bias=False))
            layers += [nn.BatchNorm2d(item), nn.ReLU()]
            channels = item
        self.features = nn.Sequential(*layers)
        self.head = nn.Linear(channels, classes)
        ### END SOLUTION

    def forward(self, x):
        """Score pictures of any size.

        Args:
            x: float tensor of shape (N, channels, H, W).

        Returns:
            Tensor of shape (N, classes), raw scores.
        """
        ### BEGIN SOLUTION
        return self.head(self.features(x).mean(dim=(2, 3)))
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_VGG_plan", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = VGG((4, "pool", 6, 5), 3, channels=2)
shapes = [tuple(p.shape) for p in model.parameters()]
expected = [
    (4, 2, 3, 3),
    (4,),
    (4,),
    (6, 4, 3, 3),
    (6,),
    (6,),
    (5, 6, 3, 3),
    (5,),
    (5,),
    (3, 5),
    (3,),
]
sentence = "a block has a convolution without bias and the norm's scale and shift; then the head"
checks.equal(shapes, expected, sentence)
sentence = "padding keeps the size, the pool halves it: 12 × 8 becomes 6 × 4"
checks.shape(model.features(torch.zeros(2, 2, 12, 8)), (2, 5, 6, 4), sentence)
names = ["features.0.weight", "features.1.running_mean", "features.4.weight", "head.weight"]
state = model.state_dict()
found = [name for name in names if name in state]
sentence = "`features` is flat: conv 0, norm 1, ReLU 2, pool 3, conv 4, …"
checks.equal(found, names, sentence)
sentence = "a plan may end with a pool: the head reads the last block's four channels"
checks.shape(VGG((4, "pool"), 3).head.weight, (3, 4), sentence)
### BEGIN HIDDEN TESTS
shapes = [tuple(p.shape) for p in VGG(("pool", 7), 2).parameters()]
expected = [(7, 1, 3, 3), (7,), (7,), (2, 7), (2,)]
checks.equal(shapes, expected, "a plan that begins with a pool, one input channel by default")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_VGG_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
draw = torch.Generator().manual_seed(43)
model = VGG((3, "pool", 4), 2)
state = {k: v.clone() for k, v in model.state_dict().items()}
for name, value in state.items():
    if value.is_floating_point():
        value.copy_(torch.rand(value.shape, generator=draw) + (0.5 if "var" in name else -0.4))
model.load_state_dict(state)
w = [value for name, value in state.items() if "num_batches" not in name]
x = torch.randn(5, 1, 7, 6, generator=draw)
for training in (False, True):
    means, spreads = [w[3].clone(), w[8].clone()], [w[4].clone(), w[9].clone()]
    h = F.conv2d(x, w[0], padding=1)
    h = F.relu(F.batch_norm(h, means[0], spreads[0], w[1], w[2], training))
    h = F.conv2d(F.max_pool2d(h, 2), w[5], padding=1)
    h = F.relu(F.batch_norm(h, means[1], spreads[1], w[6], w[7], training))
    expected = F.linear(h.mean(dim=(2, 3)), w[10], w[11])
    model.train(training)
    scores = model(x.clone()).detach()
    name = "training: the batch's own mean" if training else "evaluation: running averages"
    sentence = f"conv, norm, ReLU, pool, conv, norm, ReLU, mean over places, linear ({name})"
    checks.close(scores, expected, sentence, rtol=1e-4, atol=1e-4)
### BEGIN HIDDEN TESTS
model.load_state_dict(state)
model.train(False)
x = torch.randn(1, 1, 9, 4, generator=draw)
h = F.relu(F.batch_norm(F.conv2d(x, w[0], padding=1), w[3], w[4], w[1], w[2]))
h = F.conv2d(F.max_pool2d(h, 2), w[5], padding=1)
h = F.relu(F.batch_norm(h, w[8], w[9], w[6], w[7]))
expected = F.linear(h.mean(dim=(2, 3)), w[10], w[11])
checks.close(model(x).detach(), expected, "a tall picture alone", rtol=1e-4, atol=1e-4)
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `nn.Conv2d(channels, item, 3)`, without padding
# 2. `self.features(x).flatten(1)` in place of the mean
# 3. `layers += [nn.ReLU(), nn.BatchNorm2d(item)]`
#
# <details><summary>Answers</summary>
#
# 1. Any picture: two pixels are lost at each block, and a small one is eaten up. 2. Any picture
#    that is larger than one pixel at the end: the head does not fit. 3. No shape tells; only
#    values do. It even trains, but what goes on is then no longer positive.
# </details>
#
# ## 8 · Your turn: `train_one_epoch`
#
# *About 20 minutes · 3 points.* Five lines a batch, and each of them has been forgotten by
# everybody: move the batch to the device, compute the loss, clear the old gradients, `backward`,
# step. Before the first batch the model goes into training mode (`model.train()`), as it may come
# from an evaluation.
#
# Return the mean loss of the *samples*, each measured before the step that it belongs to. PyTorch's
# `cross_entropy` gives the mean of a *batch*; the last batch is often shorter than the others, so a
# plain mean of batch means counts its samples too much. Add up sums, divide once. Add plain numbers
# (`loss.item()`): a tensor that keeps its record keeps the whole graph of every batch alive.
# `batches` may be any iterable, even one that has no length and can be gone through only once, as
# `bar` above.
#
# The class below the function is given, for the checks: a tiny network with an optimiser of its
# own, which notes in which mode it is called.
#
# <details><summary>Hint: the first step is right, the second is not</summary>
#
# `p.grad` accumulates over calls of `backward`. When is it cleared?
# </details>
# <details><summary>Hint: Expected all tensors to be on the same device</summary>
#
# `images.to(device)` returns a new tensor; it changes nothing in place. Labels travel, too.
# </details>
# <details><summary>Hint: object has no len(), or a division by zero</summary>
#
# Do you ask `batches` for its length, or walk through it before the loop? Count inside the loop.
# </details>


# %% nbgrader={"grade": false, "grade_id": "train_one_epoch", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_one_epoch(model, batches, optimiser, device="cpu"):
    """Take one step for each batch on the cross-entropy.

    Args:
        model: an `nn.Module` on the device; it is left in training mode.
        batches: iterable of pairs: inputs (N, …) and labels (N,), on any device.
        optimiser: of `torch.optim`, for the model's parameters.
        device: where to compute.

    Returns:
        Mean loss of the samples, a float, each measured before the step it belongs to.
    """
    ### BEGIN SOLUTION
    model.train()
    total, count = 0.0, 0
    for inputs, labels in batches:
        inputs, labels = inputs.to(device), labels.to(device)
        loss = F.cross_entropy(model(inputs), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        total += loss.item() * len(labels)
        count += len(labels)
    return total / count
    ### END SOLUTION


class _Specimen(nn.Module):  # given: what the checks train
    def __init__(self, rate=0.0):
        super().__init__()
        self.notes = []
        self.features = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(inplace=True))
        self.head = nn.Linear(4, 2)
        self.optimiser = torch.optim.SGD(self.double().parameters(), lr=rate, momentum=0.9)
        self.once = lambda batches: (pair for pair in batches)  # no length, one walk
        self.listen = lambda: self.head.register_forward_hook(lambda *_: None)

    def forward(self, x):
        self.notes.append((self.training, torch.is_grad_enabled()))
        return self.head(self.features(x))


# %% nbgrader={"grade": true, "grade_id": "test_train_one_epoch_loss", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
draw = torch.Generator().manual_seed(44)
x = torch.randn(10, 3, generator=draw, dtype=torch.float64)
y = torch.tensor([0, 1, 1, 0, 1, 0, 0, 1, 1, 1])
model = _Specimen(rate=0.0)
batches = [(x[:4], y[:4]), (x[4:8], y[4:8]), (x[8:], y[8:])]
net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2)).double()
net.load_state_dict(dict(zip(net.state_dict(), model.state_dict().values(), strict=True)))
losses = [F.cross_entropy(net(inputs), labels, reduction="sum") for inputs, labels in batches]
expected = sum(losses).item() / 10
got_loss = train_one_epoch(model, batches, model.optimiser)
checks.true(isinstance(got_loss, float), "the loss is a float, not a tensor with its whole graph")
sentence = "batches of 4, 4 and 2: the mean over ten samples, not over three batches"
checks.close(got_loss, expected, sentence)
got_loss = train_one_epoch(model, model.once(batches), model.optimiser)
checks.close(got_loss, expected, "batches that can be gone through only once, and have no length")
### BEGIN HIDDEN TESTS
batches = [(x[:7], y[:7]), (x[7:], y[7:])]
losses = [F.cross_entropy(net(inputs), labels, reduction="sum") for inputs, labels in batches]
expected = sum(losses).item() / 10
checks.close(train_one_epoch(model, batches, model.optimiser), expected, "batches of 7 and 3")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_train_one_epoch_steps", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
draw = torch.Generator().manual_seed(45)
x = torch.randn(6, 3, generator=draw, dtype=torch.float64)
y = torch.tensor([0, 1, 1, 0, 1, 0])
model = _Specimen(rate=0.1)
net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2)).double()
net.load_state_dict(dict(zip(net.state_dict(), model.state_dict().values(), strict=True)))
rule = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for inputs, labels in ((x[:4], y[:4]), (x[4:], y[4:])):
    rule.zero_grad()
    F.cross_entropy(net(inputs), labels).backward()
    rule.step()
expected = [value.clone() for value in net.state_dict().values()]
model.train(False)
train_one_epoch(model, [(x[:4], y[:4]), (x[4:], y[4:])], model.optimiser)
found = list(model.state_dict().values())
sentence = "one forward pass a batch, in training mode and with gradients: (True, True)"
checks.equal(model.notes, [(True, True)] * 2, sentence)
checks.equal(model.training, True, "it leaves the model in training mode")
checks.close(found[0], expected[0], "two steps: gradients cleared, not those of a sum")
checks.close(found[3], expected[3], "running averages moved: the norm was in training mode")
checks.close(found[7], expected[7], "the head's biases after two steps")
### BEGIN HIDDEN TESTS
for inputs, labels in ((x[:3], y[:3]), (x[3:], y[3:])) * 2:
    rule.zero_grad()
    F.cross_entropy(net(inputs), labels).backward()
    rule.step()
expected = [value.clone() for value in net.state_dict().values()]
for _ in range(2):
    train_one_epoch(model, [(x[:3], y[:3]), (x[3:], y[3:])], model.optimiser)
found = list(model.state_dict().values())
checks.close(found[1], expected[1], "two more epochs: the first layer's biases")
checks.close(found[6], expected[6], "two more epochs: the head's weights")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. no `optimiser.zero_grad()`
# 2. `total += loss.item()` and at the end `return total / len(batches)`
# 3. `optimiser.step()` before `loss.backward()`
#
# <details><summary>Answers</summary>
#
# 1. Two batches: the second step goes along the sum of both gradients. It looks like momentum gone
#    wild, and training may even succeed, badly.
# 2. A last batch of two samples: each of them counts twice as much as the others.
# 3. Any batch. The gradients have just been cleared, so the step finds none and does nothing: the
#    loss never falls. (If you clear between the two, every step takes the gradient of the batch
#    before.)
# </details>
#
# ## 9 · Your turn: `evaluate`
#
# *About 12 minutes · 2 points.* The same walk without learning: in evaluation mode (batch
# normalisation uses its running averages, dropout is off) and under `torch.no_grad()`, which
# records nothing and saves the memory of the graph. And one courtesy: **leave the model in the
# mode in which you found it**. A training loop that is evaluated in between, and never put back,
# trains on with frozen averages, and no error tells.
#
# <details><summary>Hint: the accuracy of a batch of one is wrong</summary>
#
# Count right answers, and divide by the number of samples at the very end. `argmax(dim=1)`.
# </details>


# %% nbgrader={"grade": false, "grade_id": "evaluate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def evaluate(model, batches, device="cpu"):
    """Measure without learning, and leave the model in the mode in which it was.

    Args:
        model: an `nn.Module` on the device.
        batches: iterable of pairs: inputs (N, …) and labels (N,), on any device; it may be such
            as can be gone through only once.
        device: where to compute.

    Returns:
        loss: mean cross-entropy of the samples, a float.
        accuracy: share of the samples whose highest score is their label's, a float from 0 to 1.
    """
    ### BEGIN SOLUTION
    was_training = model.training
    model.eval()
    total, right, count = 0.0, 0, 0
    with torch.no_grad():
        for inputs, labels in batches:
            inputs, labels = inputs.to(device), labels.to(device)
            scores = model(inputs)
            total += F.cross_entropy(scores, labels, reduction="sum").item()
            right += (scores.argmax(dim=1) == labels).sum().item()
            count += len(labels)
    model.train(was_training)
    return total / count, right / count
    ### END SOLUTION


class _Parcel:  # given: a tensor that notes where it is sent
    def __init__(self, content):
        self.content, self.sent = content, []
        self.shape, self.size = content.shape, content.size

    def __len__(self):
        return len(self.content)

    def to(self, device, **_):
        self.sent.append(str(device))
        return self.content


# %% nbgrader={"grade": true, "grade_id": "test_evaluate_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
draw = torch.Generator().manual_seed(67)
x = torch.randn(7, 3, generator=draw, dtype=torch.float64)
y = torch.tensor([0, 1, 1, 0, 1, 0, 0])
model = _Specimen()
state = model.state_dict()
state = {k: torch.randn(v.shape, generator=draw).to(v.dtype) for k, v in state.items()}
state["features.1.running_var"] = torch.ones(4)
model.load_state_dict(state)
net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2)).double()
net.load_state_dict(dict(zip(net.state_dict(), model.state_dict().values(), strict=True)))
net.eval()
scores = net(x).detach()
expected = F.cross_entropy(scores, y).item()
hits = (scores.argmax(1) == y).double().mean().item()
got_loss, got_accuracy = evaluate(model, [(x[:3], y[:3]), (x[3:6], y[3:6]), (x[6:], y[6:])])
checks.close(got_loss, expected, "batches of 3, 3 and 1: the mean loss of seven samples")
sentence = "the share of right answers among seven, from 0 to 1"
checks.close(got_accuracy, hits, sentence, atol=1e-6)
checks.true(isinstance(got_loss, float), "the loss is a float")
checks.true(isinstance(got_accuracy, float), "the accuracy is a float")
got_loss, _ = evaluate(model, model.once([(x[:4], y[:4]), (x[4:], y[4:])]))
checks.close(got_loss, expected, "batches that can be gone through only once, and have no length")
### BEGIN HIDDEN TESTS
y = 1 - y
expected = F.cross_entropy(scores, y).item()
got_loss, got_accuracy = evaluate(model, [(x[:5], y[:5]), (x[5:], y[5:])])
checks.close(got_loss, expected, "other labels, batches of 5 and 2: the loss")
sentence = "other labels: what was right is wrong and the other way round"
checks.close(got_accuracy, 1.0 - hits, sentence, atol=1e-6)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_evaluate_mode", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = torch.tensor([[1.0, 2.0, 3.0], [0.0, -1.0, 1.0]], dtype=torch.float64)
y = torch.tensor([0, 1])
model = _Specimen()
state = [value.clone() for value in model.state_dict().values()]
modes = []
for training in (True, False):
    model.train(training)
    evaluate(model, [(x, y)])
    modes.append(model.training)
sentence = "each call in evaluation mode and without gradients: (False, False)"
checks.equal(model.notes, [(False, False)] * 2, sentence)
checks.equal(
    modes, [True, False], "a model in training is in training afterwards, one that is not is not"
)
sentence = "nothing has changed: the norm's running means stay where they were"
checks.close(list(model.state_dict().values())[4], state[4], sentence)
model(x)
checks.equal(model.notes[2], (False, True), "afterwards gradients are recorded again")
x, y = torch.zeros(2, 3, dtype=torch.float64), torch.tensor([0, 1])
inputs, labels = _Parcel(x), _Parcel(y)
evaluate(_Specimen(), [(inputs, labels)], "cpu:0")
sentence = 'inputs and labels are sent to the device that was named, "cpu:0"'
checks.equal([{*inputs.sent}, {*labels.sent}], [{"cpu:0"}, {"cpu:0"}], sentence)
### BEGIN HIDDEN TESTS
model.train(True)
evaluate(model, [(x, y), (x, y), (x[:1], y[:1])])
model(x)
sentence = "after three batches the model learns again"
checks.equal(model.notes[3:], [(False, False)] * 3 + [(True, True)], sentence)
a, b, c, d = _Parcel(x), _Parcel(y), _Parcel(x), _Parcel(y)
evaluate(_Specimen(), [(a, b), (c, d)], device="cpu:0")
sent = [a.sent[-1], b.sent[-1], c.sent[-1], d.sent[-1]]
checks.equal(sent, ["cpu:0"] * 4, "every batch, inputs and labels")
### END HIDDEN TESTS

# %% [markdown]
# The same for your `train_one_epoch`, now that there is something that notes it:

# %% nbgrader={"grade": true, "grade_id": "test_train_one_epoch_device", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x, y = torch.zeros(2, 3, dtype=torch.float64), torch.tensor([0, 1])
model, inputs, labels = _Specimen(), _Parcel(x), _Parcel(y)
train_one_epoch(model, [(inputs, labels)], model.optimiser, "cpu:0")
sentence = 'inputs and labels are sent to the device that was named, "cpu:0"'
checks.equal([{*inputs.sent}, {*labels.sent}], [{"cpu:0"}, {"cpu:0"}], sentence)
### BEGIN HIDDEN TESTS
a, b, c, d = _Parcel(x), _Parcel(y), _Parcel(x), _Parcel(y)
train_one_epoch(model, [(a, b), (c, d)], model.optimiser, device="cpu:0")
sent = [a.sent[-1], b.sent[-1], c.sent[-1], d.sent[-1]]
checks.equal(sent, ["cpu:0"] * 4, "every batch, inputs and labels")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `model.eval()` at the beginning and nothing at the end
# 2. `model.eval()` at the beginning and `model.train()` at the end
# 3. `accuracy = np.mean([batch_accuracy for each batch])`
#
# <details><summary>Answers</summary>
#
# 1. Evaluate between two epochs of a loop that calls `train()` once, before the first of them.
# 2. A model that is only used: after the first evaluation its predictions depend on the company
#    that a picture keeps in its batch.
# 3. A last batch of one: that sample counts as much as a whole batch.
# </details>

# %% [markdown]
# ## 10 · Over-fit one batch first
#
# Before an hour of training, a minute of doubt. Any network worth its memory learns 16 pictures by
# heart in a few dozen steps. One that cannot has a bug, and no amount of data will cure it. This
# is the cheapest test of loss, labels, gradients and optimiser together, and the first thing to do
# with every new network.
#
# *Commit first:* after how many steps does your LeNet have all 16 right?

# %%
my_guess = 10  # steps

# %% tags=["demo"]
fashion = datasets.fashion_mnist("small28")


def as_pictures(images):
    """(N, H, W) bytes to (N, 1, H, W) of mean about 0 and spread about 1."""
    return (torch.from_numpy(images).float()[:, None] / 255 - 0.29) / 0.35


seen, seen_labels = as_pictures(fashion.train_images), torch.from_numpy(fashion.train_labels)
unseen, unseen_labels = as_pictures(fashion.test_images), torch.from_numpy(fashion.test_labels)

torch.manual_seed(0)
model = LeNet()
optimiser = torch.optim.Adam(model.parameters(), lr=2e-3)
one_batch = [(seen[:16], seen_labels[:16])]
losses, hits = [], []
for _ in range(60):
    losses.append(train_one_epoch(model, one_batch, optimiser))
    hits.append(evaluate(model, one_batch)[1])
steps = 1 + hits.index(1.0) if 1.0 in hits else None
print(f"your guess {my_guess}, measured: all 16 right after {steps} steps")
figure, axes = plt.subplots(figsize=(6, 3.2))
axes.plot(range(1, 61), losses)
axes.axhline(math.log(10), ls="--", color="grey", label="ln 10: knows nothing")
axes.set(xlabel="step", ylabel="loss of the batch", yscale="log")
axes.legend()
plots.show(
    figure,
    alt="Loss of one batch of 16 pictures over 60 steps, logarithmic: it begins at ln 10 = 2.3 and "
    "falls by several orders of magnitude.",
)

# %% [markdown]
# **What you should see.** The first loss is about $\ln 10 = 2.30$: an untrained network that is
# sure of nothing. (Far above it, the initial scores are too large; far below, the labels leak.)
# Then it falls to almost nothing. A curve that stops at 1.46 or 2.30 instead would be a bug, and
# the sick runs below have both.
#
# ## 11 · When the cable is pulled
#
# A run of three days ends after two, when somebody trips over the cable. What must be kept so that
# it can go on **as if nothing had happened**? The weights and running averages
# (`model.state_dict()`); the optimiser's memory, for momentum starts from zero otherwise
# (`optimiser.state_dict()`); how far we were; and the state of the random numbers, on which
# shuffling and dropout depend (`torch.get_rng_state()`). A `state_dict` holds the *live* tensors,
# which go on changing: a checkpoint must be written out at once, here into bytes.
#
# ## 12 · Your turn: `save_checkpoint`
#
# *About 8 minutes · 1 point.* Put one dict with the keys `"model"`, `"optimiser"`, `"epoch"` and
# `"random"` through `torch.save` into an `io.BytesIO`, and return its `getvalue()`.
#
# <details><summary>Hint: the bytes are empty</summary>
#
# `read()` begins where the writing ended. `getvalue()` gives all of it.
# </details>


# %% nbgrader={"grade": false, "grade_id": "save_checkpoint", "locked": false, "schema_version": 3, "solution": true, "task": false}
def save_checkpoint(model, optimiser, epoch):
    """Write down all that a run needs to go on.

    Args:
        model: an `nn.Module`; it stays as it is, its mode too.
        optimiser: of `torch.optim`.
        epoch: epochs done so far, an int.

    Returns:
        bytes of a dict with "model", "optimiser", "epoch" and "random", as `torch.save` writes it.
    """
    ### BEGIN SOLUTION
    buffer = io.BytesIO()
    content = {
        "model": model.state_dict(),
        "optimiser": optimiser.state_dict(),
        "epoch": epoch,
        "random": torch.get_rng_state(),
    }
    torch.save(content, buffer)
    return buffer.getvalue()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_save_checkpoint_content", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = torch.tensor([[1.0, 2.0, 3.0], [0.0, -1.0, 1.0]], dtype=torch.float64)
model = _Specimen(rate=0.1)
F.cross_entropy(model(x), torch.tensor([0, 1])).backward()
model.optimiser.step()
torch.manual_seed(47)
random = torch.get_rng_state()
state = {name: value.clone() for name, value in model.state_dict().items()}
slope = model.head.weight.grad.clone()
blob = save_checkpoint(model, model.optimiser, 3)
checks.true(isinstance(blob, bytes), "a checkpoint is bytes")
content = torch.load(io.BytesIO(blob), weights_only=True)
checks.equal(sorted(content), ["epoch", "model", "optimiser", "random"], "a dict with four keys")
checks.equal(content["epoch"], 3, "how far we were")
checks.equal(sorted(content["model"]), sorted(state), "all weights and running averages")
checks.close(content["model"]["head.weight"], state["head.weight"], "the head's weights")
checks.close(
    content["model"]["features.1.running_var"], state["features.1.running_var"], "averages"
)
momentum = content["optimiser"]["state"][4]["momentum_buffer"]
checks.close(momentum, slope, "the momentum of the head's weights: after one step, its gradient")
checks.equal(content["random"].tolist(), random.tolist(), "the state of the random numbers")
checks.equal(model.training, True, "writing down changes nothing: the model still trains")
### BEGIN HIDDEN TESTS
F.cross_entropy(model(-x), torch.tensor([1, 1])).backward()
model.optimiser.step()
state = {name: value.clone() for name, value in model.state_dict().items()}
content = torch.load(io.BytesIO(save_checkpoint(model, model.optimiser, 0)), weights_only=True)
checks.close(content["model"]["features.0.weight"], state["features.0.weight"], "one step later")
checks.equal(content["epoch"], 0, "before the first epoch")
checks.equal(len(content["optimiser"]["state"]), 6, "momentum of all six parameters")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name what exposes each, then unfold.
#
# 1. `torch.save(model, buffer)`: the model itself
# 2. `return {"model": model.state_dict(), ...}`, kept in a list of checkpoints
#
# <details><summary>Answers</summary>
#
# 1. Rename the class, or move it to another file: the pickle no longer finds it. And whoever loads
#    such a file runs whatever code its author put into it; `torch.load(..., weights_only=True)`
#    refuses.
# 2. Train on and look into the first checkpoint: it shows the newest weights. It held the tensors,
#    not their values.
# </details>
#
# ## 13 · Your turn: `load_checkpoint`
#
# *About 8 minutes · 2 points.* The way back: read with `weights_only=True`, load the two states
# **into the model and the optimiser that you are given**, set the random numbers, return the
# epoch.
#
# <details><summary>Hint: Weights only load failed</summary>
#
# The file holds something that is not plain data and tensors. What did you save besides state
# dicts?
# </details>


# %% nbgrader={"grade": false, "grade_id": "load_checkpoint", "locked": false, "schema_version": 3, "solution": true, "task": false}
def load_checkpoint(blob, model, optimiser):
    """Put a run back to where a checkpoint was written.

    Args:
        blob: bytes as `save_checkpoint` gives them.
        model: an `nn.Module` of the same design; its weights are replaced.
        optimiser: of the same kind, for the model's parameters; its memory is replaced.

    Returns:
        Epochs done so far, an int.
    """
    ### BEGIN SOLUTION
    content = torch.load(io.BytesIO(blob), weights_only=True)
    model.load_state_dict(content["model"])
    optimiser.load_state_dict(content["optimiser"])
    torch.set_rng_state(content["random"])
    return content["epoch"]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_load_checkpoint_state", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
import fractions

old, new = _Specimen(rate=0.1), _Specimen(rate=0.3)
state = {name: value.clone() for name, value in old.state_dict().items()}
state["head.bias"] = torch.tensor([5.0, -5.0], dtype=torch.float64)
state["features.1.running_mean"] = torch.arange(4.0, dtype=torch.float64)
memory = {"state": {}, "param_groups": old.optimiser.state_dict()["param_groups"]}
content = {"model": state, "optimiser": memory, "epoch": 7, "random": torch.get_rng_state()}
buffer = io.BytesIO()
torch.save(content, buffer)
epoch = load_checkpoint(buffer.getvalue(), new, new.optimiser)
checks.equal(epoch, 7, "it returns how far the run was")
found = new.state_dict()
checks.close(found["head.bias"], state["head.bias"], "the weights of the checkpoint")
sentence = "running averages belong to the model's state, too"
checks.close(found["features.1.running_mean"], state["features.1.running_mean"], sentence)
rate = new.optimiser.state_dict()["param_groups"][0]["lr"]
checks.close(rate, 0.1, "the optimiser's settings come from the checkpoint")
content["epoch"] = fractions.Fraction(7)
buffer = io.BytesIO()
torch.save(content, buffer)
sentence = "a file with an object in it is refused: unpickling one may run anything"
odd = buffer.getvalue()
checks.raises(Exception, load_checkpoint, odd, new, new.optimiser, sentence=sentence)
### BEGIN HIDDEN TESTS
found = new.state_dict()
checks.close(found["features.0.weight"], state["features.0.weight"], "the first layer's weights")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_load_checkpoint_resume", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = torch.tensor([[1.0, 2.0, 3.0], [0.0, -1.0, 1.0], [2.0, 0.5, -1.0]], dtype=torch.float64)
y = torch.tensor([0, 1, 1])
model, other = _Specimen(rate=0.1), _Specimen(rate=0.1)
model.optimiser.zero_grad()
F.cross_entropy(model(x), y).backward()
model.optimiser.step()
buffer = io.BytesIO()
content = {"model": model.state_dict(), "optimiser": model.optimiser.state_dict(), "epoch": 1}
torch.save({**content, "random": torch.get_rng_state()}, buffer)
for _ in range(3):
    model.optimiser.zero_grad()
    F.cross_entropy(model(x), y).backward()
    model.optimiser.step()
expected = model.head.weight.detach().clone()
load_checkpoint(buffer.getvalue(), other, other.optimiser)
for _ in range(3):
    other.optimiser.zero_grad()
    F.cross_entropy(other(x), y).backward()
    other.optimiser.step()
sentence = "three more steps, stopped and resumed: the weights of the run that never stopped"
checks.close(other.head.weight.detach(), expected, sentence)
torch.manual_seed(48)
content["random"] = torch.get_rng_state()
buffer = io.BytesIO()
torch.save(content, buffer)
expected = _Specimen().head.weight.detach().clone()
torch.manual_seed(0)
load_checkpoint(buffer.getvalue(), other, other.optimiser)
sentence = "what is drawn next is what would have been drawn"
checks.close(_Specimen().head.weight.detach(), expected, sentence)
### BEGIN HIDDEN TESTS
momentum = other.optimiser.state_dict()["state"][4]["momentum_buffer"]
checks.close(momentum, content["optimiser"]["state"][4]["momentum_buffer"], "the momentum is back")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name what exposes each, then unfold.
#
# 1. `model = content["model"]`
# 2. the optimiser's state is not loaded
#
# <details><summary>Answers</summary>
#
# 1. Anything: it binds a local name and changes nobody's weights.
# 2. One step with momentum after resuming. On the curve it shows as a small jump of the loss at
#    every restart, which is then blamed on the data.
# </details>
#
# Now all of it at once. Your LeNet on 10,000 pictures of clothes, with the cable pulled after the
# first of three epochs. Any iterable of pairs serves as batches (in a larger project PyTorch's
# `DataLoader`, which reads and shuffles in other processes); ours goes through `bar`, which prints
# how far we are. The device is a graphics card where there is one. *Commit first:* which accuracy
# has LeNet after three epochs? (Week 3's network with one hidden layer had 83.7 % on the small
# form.)

# %%
my_guess = 90  # per cent held out

# %% tags=["demo"]
device = "cuda" if torch.cuda.is_available() else "cpu"
held_out = batches_of(unseen, unseen_labels, 500)


def fit_lenet(epochs, blob=None):
    """Train up to an epoch, from the start or from a checkpoint."""
    torch.manual_seed(1)
    model = LeNet().to(device)
    optimiser = torch.optim.Adam(model.parameters(), lr=2e-3)
    done = 0 if blob is None else load_checkpoint(blob, model, optimiser)
    for epoch in range(done, epochs):
        batches = batches_of(seen, seen_labels, 64, seed=epoch)
        train_one_epoch(model, bar(batches, f"epoch {epoch + 1}"), optimiser, device)
    return model, save_checkpoint(model, optimiser, epochs)


never_stopped, _ = fit_lenet(2)
_, checkpoint = fit_lenet(1)  # here the cable is pulled
resumed, checkpoint = fit_lenet(2, checkpoint)
pairs = zip(never_stopped.parameters(), resumed.parameters(), strict=True)
print(f"the same weights, bit for bit: {all(torch.equal(a, b) for a, b in pairs)}")
lenet, _ = fit_lenet(3, checkpoint)
loss, accuracy = evaluate(lenet, held_out, device)
print(f"checkpoint of {len(checkpoint) / 1e3:.0f} kB; held-out loss {loss:.3f}")
print(f"your guess {my_guess} %, measured {100 * accuracy:.1f} %")
lenet = lenet.cpu()
trained = lenet.state_dict()

# %% [markdown]
# Over five seeds 83.2 ± 1.0 % (`benchmarks/clothes.py`): no better than week 3's hidden layer,
# which had smaller pictures. LeNet is a network of 1998 and three epochs are little; the point was
# the cable. The run that was stopped and resumed has the same weights, to the last bit.
#
# What does sharing weights buy? Move the test pictures sideways by a few pixels, and compare LeNet
# with a fully connected network of about as many weights, trained on the same pictures for as many
# epochs. *Commit first:* what is left of LeNet's accuracy when everything moves by 4 pixels?

# %%
my_guess = 70  # per cent

# %% tags=["demo"]
torch.manual_seed(1)
dense = nn.Sequential(nn.Flatten(), nn.Linear(784, 76), nn.ReLU(), nn.Linear(76, 10))
optimiser = torch.optim.Adam(dense.parameters(), lr=2e-3)
for epoch in range(3):
    train_one_epoch(dense, batches_of(seen, seen_labels, 64, seed=epoch), optimiser)
shifts = range(9)
curves = {"LeNet": (lenet, []), "fully connected": (dense, [])}
for shift in shifts:
    moved = F.pad(unseen, (shift, 0), value=float(seen.min()))[..., :28]
    for network, values in curves.values():
        values.append(100 * evaluate(network, batches_of(moved, unseen_labels, 500))[1])
print(f"your guess {my_guess} %, measured {curves['LeNet'][1][4]:.0f} % (4 pixels)")
figure, axes = plt.subplots(figsize=(6, 3.4))
for name, (_, values) in curves.items():
    axes.plot(shifts, values, marker="o" if name == "LeNet" else "s", label=name)
axes.set(xlabel="pictures moved to the right / pixels", ylabel="held-out accuracy / %")
axes.legend()
plots.show(
    figure,
    alt="Held-out accuracy over the shift of the test pictures: both networks lose; up to three "
    "pixels the fully connected one loses more, from four on both are below 30 %.",
)

# %% [markdown]
# **What you should see.** Unmoved, the two are close. Moved by up to three pixels, LeNet keeps more
# of what it knew: the fully connected network has never seen a shoe there. (One seed here; two
# others gave the same picture.) But LeNet is no hero either: four pixels ruin both, and from then
# on it is no better than the other. Its *features* move along with the picture (week 5 proves it),
# yet its head is fully connected and reads 16 × 5 × 5 places one by one. Your VGG averages over the
# places first, and augmentation (week 11) shows it moved pictures.
#
# ## 14 · Five sick runs
#
# The loop is right, the network is right, and training still fails. Below are one healthy run and
# five with one bug each, all on the same 1,500 small pictures with the same small VGG.
#
# | | the bug |
# |---|---|
# | 1 | `zero_grad` forgotten |
# | 2 | the learning rate 100 times too large |
# | 3 | pictures were shuffled, their labels were not |
# | 4 | a softmax before `cross_entropy` |
# | 5 | training pictures are standardised, held-out ones are not |
#
# *Commit first:* which curve (A to E) is which bug? Look at both panels before you unfold.

# %%
my_guess = "A?, B?, C?, D?, E?"  # for instance "A1, B2, C3, D4, E5"

# %% tags=["demo"]
small = datasets.fashion_mnist("small14")
clothes = as_pictures(small.train_images)[:1500]
tags = torch.from_numpy(small.train_labels)[:1500]
raw = torch.from_numpy(small.test_images[:500])[:, None].float()
test_tags = torch.from_numpy(small.test_labels)[:500]


def run(bug, epochs=8):
    """Train a small VGG with a bug planted; gives losses and held-out accuracies."""
    torch.manual_seed(0)
    model = VGG((8, "pool", 16), 10)
    optimiser = torch.optim.SGD(model.parameters(), lr=10.0 if bug == 2 else 0.1, momentum=0.9)
    labels = tags[torch.randperm(len(tags))] if bug == 3 else tags
    losses, right = [], []
    for epoch in range(epochs):
        model.train()
        for inputs, y in batches_of(clothes, labels, 50, seed=epoch):
            scores = model(inputs)
            loss = F.cross_entropy(scores.softmax(1) if bug == 4 else scores, y)
            if bug != 1:
                optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
        inputs = raw if bug == 5 else (raw / 255 - 0.29) / 0.35
        right.append(100 * evaluate(model, batches_of(inputs, test_tags, 500))[1])
    return np.array(losses).reshape(epochs, -1).mean(axis=1), right


# %% tags=["demo"]
drawn = np.random.default_rng(163).permutation(5) + 1  # so that this line gives nothing away
order = {"healthy": 0, **dict(zip("ABCDE", drawn, strict=True))}
runs = {name: run(bug) for name, bug in order.items()}
figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.6))
for (name, (losses, scores)), marker in zip(runs.items(), "osD^vP", strict=True):
    left.plot(range(1, 9), np.minimum(losses, 30), marker=marker, label=name)
    right.plot(range(1, 9), scores, marker=marker, label=name)
left.set(xlabel="epoch", ylabel="mean training loss (cut at 30)", yscale="log")
right.set(xlabel="epoch", ylabel="held-out accuracy / %", ylim=(0, 100))
right.legend(fontsize=9, loc="center left", bbox_to_anchor=(1, 0.5))
print(f"your guess {my_guess}; unfold the answers below")
plots.show(
    figure,
    alt="Training loss and held-out accuracy of a healthy run and five sick ones over 8 epochs: "
    "A falls slowly and "
    "stays far above the healthy one, B stays at 2.3 and at chance, C trains like the healthy one "
    "and is bad on held-out pictures, D climbs without end, E dances high above.",
)

# %% [markdown]
# **What you should see.** Five ways to be ill, and the two panels together tell them apart.
#
# <details><summary>Answers, and what gives each away</summary>
#
# - **A is 4**, the softmax taken twice: the loss creeps down from 2.3, and the accuracy rises long
#   before the loss looks like it. The gradient is squashed, not wrong, and the loss can never fall
#   below 1.46: the bug that lives longest.
# - **B is 3**, labels of other pictures: the training loss sits at $\ln 10 = 2.30$, accuracy at
#   chance. With many more epochs the network would learn the noise by heart, and the held-out
#   accuracy would not move.
# - **C is 5**, other numbers at test time: a training curve as healthy as can be (it *is* the
#   healthy one), held-out accuracy poor *from the first epoch on*. Over-fitting, which people
#   suspect first, begins good and goes bad.
# - **D is 1**, gradients piled up: the first epoch looks merely bad, then the steps grow and grow,
#   and the loss with them. The more steps, the worse: the mark of something that accumulates.
# - **E is 2**, the learning rate: too high from the very first epoch on, and dancing. Divide by
#   ten until it stops, and only then look for other faults. (In networks without batch
#   normalisation it often ends in `nan`.)
# </details>
#
# ## 15 · In your own words: the flat curve again
#
# *About 5 minutes · 2 points, graded by hand.* A colleague's new network has a training loss of
# 1.47 and a held-out accuracy of 82 %, and neither moves any more. He asks for a larger network.
# Which planted bug would you look for, what one line of code would you read first, and which
# measurement on 16 pictures would settle it?

# %% [markdown] nbgrader={"grade": true, "grade_id": "flat_curve", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# 1.46 is the least loss that ten classes allow when `cross_entropy` gets probabilities for scores:
# $-\log(e/(e+9))$. Read the last line of `forward`: is there a softmax (or a sigmoid)? The
# measurement: over-fit one batch of 16. A sound network reaches a loss near 0; this one stops at
# 1.46 with all 16 right, which a network that is merely too small would not do: it would get some
# of them wrong.
#
# *Rubric.* 1 point for the softmax before the loss with the place to look at (the number 1.46 or
# "the loss cannot fall further although answers are right" as the reason); 1 point for
# over-fitting one batch *with* what the outcome would mean. "Train longer" or "larger network"
# earns nothing.
# ### END SOLUTION

# %% [markdown]
# ## 16 · Where deep learning does not win
#
# Six methods, three tasks, the same split for all: 30 measures of cell nuclei (breast cancer),
# digits of 8 × 8, and the **flora**, drawings made by random formulas, any way round, on any
# ground. The last row is your VGG, which for the first task has to look at the 30 measures as if
# they were a picture of 5 × 6. Here one seed and a small flora; below the table with more.
#
# *Commit first:* on how many of the three tasks is the convolutional network the best?

# %%
my_guess = 3  # of three tasks

# %% tags=["demo"]
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC

from helpers.challenge import flora


def halves(features, labels, seed=0):
    """Three quarters to learn from, a quarter held out, standardised by the former."""
    order = np.random.default_rng(seed).permutation(len(labels))
    train, test = np.split(order, [3 * len(order) // 4])
    mean, spread = features[train].mean(axis=0), features[train].std(axis=0) + 1e-6
    scaled = (features - mean) / spread
    return scaled[train], labels[train], scaled[test], labels[test]


cancer, digits = datasets.breast_cancer(), datasets.digits()
plants, species = flora.make_set(range(5), 240, seed=0, size=32)
tasks = {
    "cancer": (halves(cancer.features, cancer.labels), (1, 5, 6), (32, 32), 30),
    "digits": (halves(digits.features, digits.labels), (1, 8, 8), (32, "pool", 64), 15),
    "flora": (
        halves(plants.flatten(1).numpy() / 255.0, species.numpy()),
        (3, 32, 32),
        (16, "pool", 32, "pool", 64, "pool", 128),
        12,
    ),
}
classics = {
    "logistic regression": lambda: LogisticRegression(C=0.1, max_iter=60, tol=1e-2),
    "5 nearest neighbours": KNeighborsClassifier,
    "SVM, RBF kernel": lambda: SVC(C=10),
    "random forest": lambda: RandomForestClassifier(60, random_state=0),
    "MLP, 64 hidden": lambda: MLPClassifier(64, max_iter=15, random_state=0),
}

# %% tags=["demo"]
import warnings

results = {name: [] for name in [*classics, "your VGG"]}
for (X, y, X_test, y_test), shape, plan, epochs in tasks.values():
    for name, make in classics.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # stopped early on purpose
            results[name].append(100 * make().fit(X, y).score(X_test, y_test))
    torch.manual_seed(0)
    model = VGG(plan, int(y.max()) + 1, shape[0])
    optimiser = torch.optim.AdamW(model.parameters(), lr=4e-3)
    pictures = torch.from_numpy(X).float().reshape(-1, *shape)
    for epoch in range(epochs):
        train_one_epoch(model, batches_of(pictures, torch.from_numpy(y), 32, epoch), optimiser)
    pictures = torch.from_numpy(X_test).float().reshape(-1, *shape)
    right = evaluate(model, [(pictures, torch.from_numpy(y_test))])[1]
    results["your VGG"].append(100 * right)
chance = [100 * np.bincount(task[0][3]).max() / len(task[0][3]) for task in tasks.values()]
print(f"{'held out / %':22}" + "".join(f"{task:>9}" for task in tasks))
print(f"{'the commonest class':22}" + "".join(f"{share:9.1f}" for share in chance))
for name, scores in results.items():
    print(f"{name:22}" + "".join(f"{score:9.1f}" for score in scores))
classic = np.max([scores for name, scores in results.items() if name in classics], axis=0)
alone = int((np.array(results["your VGG"]) > classic).sum())
print(f"your guess {my_guess}; the VGG alone is best on {alone} of three here")

# %% [markdown]
# One split is an anecdote. Three splits and a larger flora (10 species, 240 pictures each, of which
# 180 to learn from, more epochs, quarter turns for the network), by `benchmarks/classical.py`; mean
# ± standard deviation of the held-out accuracy in per cent:
#
# | method | breast cancer | digits | flora |
# |---|---|---|---|
# | logistic regression | 96.0 ± 0.4 | 97.2 ± 1.1 | 10.9 ± 1.3 |
# | 5 nearest neighbours | 96.3 ± 1.1 | 97.3 ± 1.0 | 13.6 ± 1.0 |
# | SVM, RBF kernel | 96.3 ± 0.8 | **98.6 ± 0.3** | 19.3 ± 3.4 |
# | random forest | 95.8 ± 0.7 | 97.7 ± 0.8 | 13.5 ± 2.0 |
# | MLP, 64 hidden | 96.7 ± 1.5 | 94.4 ± 1.0 | 17.2 ± 2.6 |
# | CNN | 96.5 ± 1.2 | 98.1 ± 1.0 | **65.3 ± 6.8** |
#
# On breast cancer nobody wins: all six lie within one spread. On digits the support vector machine
# is ahead, if anybody. On the flora the older methods reach up to twice what chance gives (10 %),
# and the network is in another world.
#
# Deep learning wins where **raw measurements mean nothing alone**: a pixel of the flora says
# nothing about the species, in any rotation and colour; only arrangements of arrangements do, and
# a network can learn those. On the table of cell measures a pathologist has done that work: each
# column *is* a feature, neighbours mean nothing, and a logistic regression that trains in
# milliseconds is as good and can be read. The digits lie between: centred and scaled by hand, so
# that near in pixels is near in meaning, and a support vector machine keeps up.
#
# ## 17 · Your turn: `Swish`
#
# *About 20 minutes · 2 points.* PyTorch has no layer for your idea? Give it a new operation, with
# forward **and** backward, at the level on which its own are written. The Swish (Ramachandran,
# Zoph & Le 2017) is a ReLU with a soft gate whose sharpness $\beta$ is learnt, one number for all
# entries:
#
# $$h = x\,\sigma(\beta x), \qquad
# \frac{\partial h}{\partial x} = \sigma + \beta x\,\sigma(1 - \sigma), \qquad
# \frac{\partial h}{\partial \beta} = x^2\,\sigma(1 - \sigma), \qquad \sigma = \sigma(\beta x).$$
#
# A `torch.autograd.Function` has two static methods. `forward(ctx, …)` computes and puts what the
# way back needs into `ctx.save_for_backward(…)`: tensors that came in or go out, nothing else.
# Keep few; they live until `backward`. `backward(ctx, upstream)` reads `ctx.saved_tensors` and
# returns one slope for each argument of `forward`, **in its shape**: $\beta$ has shape (), so what
# all entries say about it is added up. It is called as `Swish.apply(x, beta)`.
#
# <details><summary>Hint: gradcheck says that a Jacobian is wrong</summary>
#
# It names the input: 0 is x, 1 is β. (One thing PyTorch forgives: a slope of β that is not added
# up is added up for you where shapes broadcast, as your `unbroadcast` did. Write the sum all the
# same.)
# </details>


# %% nbgrader={"grade": false, "grade_id": "Swish", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Swish(torch.autograd.Function):
    """x · sigmoid(β x), element by element, with one learnt β."""

    @staticmethod
    def forward(ctx, x, beta):
        """Compute, and keep what the way back needs.

        Args:
            ctx: where to keep it.
            x: float tensor of any shape. Not modified.
            beta: float tensor of shape ().

        Returns:
            Tensor of the shape of x.
        """
        ### BEGIN SOLUTION
        ctx.save_for_backward(x, beta)
        return x * torch.sigmoid(beta * x)
        ### END SOLUTION

    @staticmethod
    def backward(ctx, upstream):
        """Turn slopes with respect to the output into slopes with respect to both arguments.

        Args:
            ctx: what `forward` kept.
            upstream: tensor of the shape of the output.

        Returns:
            Slopes with respect to x, in its shape, and to beta, of shape ().
        """
        ### BEGIN SOLUTION
        x, beta = ctx.saved_tensors
        gate = torch.sigmoid(beta * x)
        bend = x * gate * (1 - gate)
        return upstream * (gate + beta * bend), (upstream * x * bend).sum()
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_Swish_input", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = torch.tensor([[0.0, 2.0, -2.0], [1.0, 30.0, -30.0]], dtype=torch.float64)
beta = torch.tensor(0.5, dtype=torch.float64)
expected = np.array([[0.0, 2 / (1 + np.exp(-1)), -2 / (1 + np.exp(1))]] * 2)
expected[1] = 1 / (1 + np.exp(-0.5)), 30 / (1 + np.exp(-15)), -30 / (1 + np.exp(15))
checks.close(Swish.apply(x.clone(), beta), expected, "x · σ(βx) with β = ½")
checks.unchanged(Swish.apply, x.clone(), beta)
x = torch.tensor([[0.0, 2.0, -2.0], [1.0, -3.0, 0.5]], dtype=torch.float64, requires_grad=True)
upstream = torch.tensor([[2.0, 1.0, -1.0], [0.5, 3.0, -2.0]], dtype=torch.float64)
beta = torch.tensor(1.5, dtype=torch.float64)


def slope_of(loss, leaf):
    """What backpropagation says about one tensor."""
    return torch.autograd.grad(loss(leaf), leaf)[0]


expected = slope_of(lambda v: (v * torch.sigmoid(beta * v) * upstream).sum(), x)
slope = slope_of(lambda v: (Swish.apply(v, beta) * upstream).sum(), x)
checks.close(slope, expected, "slopes of the input, β = 3/2; at x = 0 half of what comes back")
### BEGIN HIDDEN TESTS
x = torch.randn(4, 1, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(50))
one = torch.tensor(1.0, dtype=torch.float64)
checks.close(Swish.apply(x.clone(), one), F.silu(x), "β = 1 is PyTorch's silu")
checks.close(Swish.apply(x.clone(), 0 * one), x / 2, "β = 0 is a straight line")
y = torch.randn(3, 2, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(51))
y.requires_grad_()
expected = slope_of(lambda v: torch.sin(v * torch.sigmoid(-0.7 * v)).sum(), y)
minus = torch.tensor(-0.7, dtype=torch.float64)
slope = slope_of(lambda v: torch.sin(Swish.apply(v, minus)).sum(), y)
checks.close(slope, expected, "a negative β, in the middle of a chain")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_Swish_beta", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = torch.tensor([[0.0, 2.0, -2.0], [1.0, -3.0, 0.5]], dtype=torch.float64)
upstream = torch.tensor([[2.0, 1.0, -1.0], [0.5, 3.0, -2.0]], dtype=torch.float64)
beta = torch.tensor(1.5, dtype=torch.float64, requires_grad=True)


def slope_of(loss, leaf):
    """What backpropagation says about one tensor."""
    return torch.autograd.grad(loss(leaf), leaf)[0]


expected = slope_of(lambda v: (x * torch.sigmoid(v * x) * upstream).sum(), beta)
slope = slope_of(lambda v: (Swish.apply(x, v) * upstream).sum(), beta)
checks.close(slope, expected, "the slope of β: one number, the sum over all entries")
### BEGIN HIDDEN TESTS
y = torch.randn(5, dtype=torch.float64, generator=torch.Generator().manual_seed(52))
beta = torch.tensor(-0.4, dtype=torch.float64, requires_grad=True)
expected = slope_of(lambda v: ((y * torch.sigmoid(v * y)) ** 2).sum(), beta)
slope = slope_of(lambda v: (Swish.apply(y, v) ** 2).sum(), beta)
checks.close(slope, expected, "a negative β behind a square")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `return gate + beta * bend, (x * bend).sum()`
# 2. `(upstream * x * bend).mean()` for β
# 3. `ctx.gate = torch.sigmoid(beta * x)` instead of `save_for_backward`
#
# <details><summary>Answers</summary>
#
# 1. Any loss but the sum: the chain is cut. 2. Two entries. 3. None by value. But a tensor hung on
#    `ctx` is not checked for changes in place, nor freed after the walk, and can form a cycle that
#    never dies.
# </details>
#
# `torch.autograd.gradcheck` is your `check_gradients`, grown up: central differences in float64,
# for every argument. Run it on every Function that you write.

# %% tags=["demo", "nbval-check-output"]
generator = torch.Generator().manual_seed(0)
x = torch.randn(3, 4, dtype=torch.float64, generator=generator, requires_grad=True)
beta = torch.tensor(0.8, dtype=torch.float64, requires_grad=True)
print("gradcheck:", torch.autograd.gradcheck(Swish.apply, (x, beta)))

# %% [markdown]
# ## 18 · Your turn: `TextCNN`
#
# *About 20 minutes · 2 points.* A row of letters is a picture of height one. **Embed** each letter
# as a vector, slide windows of three letters over the row (a 1-D convolution: *-ský*, *ung*,
# *gli*), and keep for each filter its **maximum over time**: has this pattern occurred anywhere?
# (Kim 2014.) Names differ in length, so those of a batch are padded at the end with the code 0,
# and the rule to keep is
#
# > **Padding changes no score.** A name has the same scores alone and beside a longer one.
#
# 1. `embedding`: `nn.Embedding(symbols, width, padding_idx=0)`, a zero vector for the padding that
#    never learns; then (N, T, width) becomes (N, width, T).
# 2. Append `kernel - 1` zero vectors at the end, so that a window begins at *every* letter, also
#    in a name shorter than the window; then `convolution`, `nn.Conv1d(width, filters, kernel)`,
#    and ReLU.
# 3. A window that *begins* on padding has seen nothing, yet its bias could win the maximum: set
#    those to $-\infty$. Maximum over time; `head`, one linear layer.
#
# <details><summary>Hint: the scores move a little when I append zeros</summary>
#
# Which windows exist only because of the padding? What is their output, if all they see is zeros?
# </details>


# %% nbgrader={"grade": false, "grade_id": "TextCNN", "locked": false, "schema_version": 3, "solution": true, "task": false}
class TextCNN(nn.Module):
    """Embedding, convolution over time, maximum over time, one linear layer.

    Args:
        symbols: how many codes there are, the padding's 0 among them.
        classes: how many there are.
        width: length of a symbol's vector.
        filters: how many patterns.
        kernel: symbols in a window.

    Attributes:
        embedding, convolution, head: the three layers with parameters.
    """

    def __init__(self, symbols, classes, width=16, filters=64, kernel=3):
        ### BEGIN SOLUTION
        super().__init__()
        self.embedding = nn.Embedding(symbols, width, padding_idx=0)
        self.convolution = nn.Conv1d(width, filters, kernel)
        self.head = nn.Linear(filters, classes)
        ### END SOLUTION

    def forward(self, codes):
        """Score texts.

        Args:
            codes: int64 tensor (N, T); 0 fills up the end of a row, and no row is empty.

        Returns:
            Tensor of shape (N, classes), raw scores.
        """
        ### BEGIN SOLUTION
        h = self.embedding(codes).transpose(1, 2)
        h = F.pad(h, (0, self.convolution.kernel_size[0] - 1))
        h = F.relu(self.convolution(h))
        h = h.masked_fill((codes == 0)[:, None], -torch.inf)
        return self.head(h.amax(dim=2))
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_TextCNN_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
draw = torch.Generator().manual_seed(53)
model = TextCNN(7, 3, width=4, filters=5, kernel=3)
state = model.state_dict()
shapes = [tuple(value.shape) for value in state.values()]
sentence = "embedding, convolution with biases, head with biases"
checks.equal(shapes, [(7, 4), (5, 4, 3), (5,), (3, 5), (3,)], sentence)
two = TextCNN(7, 3, width=4, filters=5, kernel=2)
checks.shape(two.convolution.weight, (5, 4, 2), "windows of two symbols where they are asked for")
checks.shape(two(torch.tensor([[1, 4, 2]])), (1, 3), "three symbols, a window of two")
zeros = model.embedding.weight.detach()[0].clone()
checks.close(zeros, np.zeros(4, dtype=np.float32), "the padding's vector is zero")
state = {name: torch.randn(v.shape, generator=draw) for name, v in state.items()}
table, kernels, biases, W, b = state.values()
table[0] = 0.0
model.load_state_dict(state)
for word in ([3, 1, 6, 2, 5], [4, 4], [2]):
    rows = torch.cat([table[torch.tensor(word)], torch.zeros(2, 4)])
    windows = [rows[start : start + 3] for start in range(len(word))]
    h = torch.stack([F.relu((kernels * r.T).sum(dim=(1, 2)) + biases) for r in windows])
    expected = F.linear(h.max(dim=0).values, W, b)
    sentence = f"{len(word)} symbols alone: ReLU, maximum over every window that begins on one"
    checks.close(model(torch.tensor([word])).detach()[0], expected, sentence)
### BEGIN HIDDEN TESTS
model = TextCNN(5, 2, width=3, filters=6, kernel=2)
state = {name: torch.randn(v.shape, generator=draw) for name, v in model.state_dict().items()}
table, kernels, biases, W, b = state.values()
table[0] = 0.0
model.load_state_dict(state)
rows = torch.cat([table[torch.tensor([1, 4, 2])], torch.zeros(1, 3)])
h = [F.relu((kernels * rows[s : s + 2].T).sum(dim=(1, 2)) + biases) for s in range(3)]
expected = F.linear(torch.stack(h).max(dim=0).values, W, b)
checks.close(model(torch.tensor([[1, 4, 2]])).detach()[0], expected, "windows of two")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_TextCNN_padding", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
draw = torch.Generator().manual_seed(54)
model = TextCNN(6, 4, width=3, filters=8, kernel=3)
state = {name: torch.randn(v.shape, generator=draw) for name, v in model.state_dict().items()}
state["embedding.weight"][0] = 0.0
state["convolution.bias"] += 3.0
model.load_state_dict(state)
alone = model(torch.tensor([[1, 5, 2]])).detach()
short = model(torch.tensor([[4]])).detach()
batch = model(torch.tensor([[1, 5, 2, 0, 0, 0, 0], [3, 1, 4, 1, 5, 2, 2], [4, 0, 0, 0, 0, 0, 0]]))
checks.close(
    batch.detach()[0], alone[0], "three symbols, alone and padded by four: the same scores"
)
checks.close(batch.detach()[2], short[0], "one symbol, alone and padded by six")
torch.nn.functional.cross_entropy(batch, torch.tensor([0, 1, 2])).backward()
slope = model.embedding.weight.grad[0]
checks.close(slope, np.zeros(3, dtype=np.float32), "the padding's vector never learns")
### BEGIN HIDDEN TESTS
state["convolution.bias"] -= 6.0
model.load_state_dict(state)
alone = model(torch.tensor([[2, 2]])).detach()
with_padding = model(torch.tensor([[2, 2, 0], [1, 2, 3]])).detach()
checks.close(with_padding[0], alone[0], "negative biases, one zero appended")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. no `masked_fill`
# 2. `h.mean(dim=2)` in place of the maximum
# 3. `codes` shortened to the batch's longest name, and nothing else done about padding
#
# <details><summary>Answers</summary>
#
# 1. A filter with a positive bias and letters that it dislikes: the window over nothing wins. 2.
#    Any padding (with $-\infty$, everything); and a long name thins out what was found. 3. A short
#    name beside a long one. In the test with batches of one all is well, in use the score depends
#    on the company.
# </details>
#
# Countries and cities in ten languages, as the Unicode consortium's locale data spell them; only
# names that no other of the ten writes the same way, and no place is both in training and test
# set. *Commit first:* how many of the unseen names does it assign to the right one of ten
# languages?

# %%
my_guess = 50  # per cent; chance is about 10

# %% tags=["demo"]
names = datasets.place_names()
alphabet = {letter: code for code, letter in enumerate(sorted(set("".join(names.texts))), 1)}


def encode(texts):
    """Names as rows of codes, filled up with 0."""
    rows = [torch.tensor([alphabet.get(letter, 0) for letter in text]) for text in texts]
    return nn.utils.rnn.pad_sequence(rows, batch_first=True)


codes, language = encode(names.texts), torch.from_numpy(names.labels)
test = torch.from_numpy(names.is_test)
print(f"{len(codes):,} names of up to {codes.shape[1]} letters; {int(test.sum())} are held out")

# %% tags=["demo"]
scores, hits = [], torch.zeros(int(test.sum()))
for seed in range(3):
    torch.manual_seed(seed)
    reader = TextCNN(len(alphabet) + 1, len(names.languages))
    optimiser = torch.optim.Adam(reader.parameters(), lr=4e-3)
    for epoch in range(15):
        batches = batches_of(codes[~test], language[~test], 32, seed=100 * seed + epoch)
        train_one_epoch(reader, batches, optimiser)
    scores.append(100 * evaluate(reader, [(codes[test], language[test])])[1])
    with torch.no_grad():
        hits += 100 / 3 * (reader(codes[test]).argmax(dim=1) == language[test])
print(f"your guess {my_guess} %, measured {np.mean(scores):.1f} ± {np.std(scores, ddof=1):.1f} %")
counts = torch.bincount(language[test])
print(f"naming the commonest language: {100 * counts.max() / counts.sum():.0f} %")
shares = {name: hits[language[test] == n].mean() for n, name in enumerate(names.languages)}
for name in sorted(shares, key=shares.get, reverse=True):
    print(f"{name:10} {shares[name]:3.0f} %")

words = ["Nový Hrad", "Oberndorf", "Villanueva", "Järvenpää", "Beaulieu"]
words += ["Székesfehérvár", "Castelluccio", "Oosterhout", "Nowa Góra", "Güzelyurt"]
with torch.no_grad():
    found = reader(encode(words)).argmax(dim=1)
for word, number in zip(words, found, strict=True):
    print(f"{word:15} {names.languages[number]}")

# %% [markdown]
# Over three seeds 57.6 ± 1.6 % of names of places it has never seen, where naming the commonest
# language would give 12 %, and nobody has told it what a language is. Turkish and Hungarian, with
# letters that hardly anybody else writes, are easiest; Italian, plain in its letters, suffers most.
# The last ten names are ours, and it gets half of them. Convolution for language is quick and hard
# to beat where **local patterns** decide; what it cannot do is remember the beginning of a sentence
# at its end. Week 12 meets this task again, with a memory.

# %% [markdown]
# ## 19 · Your turn: `capture_activations`
#
# *About 15 minutes · 2 points.* What happens *inside*? A **hook** is a function that PyTorch calls
# after a module's forward pass, with the module, its inputs and its output: `handle =
# module.register_forward_hook(hook)`; `handle.remove()` takes it off again. Hang one on each
# module that is named (`model.get_submodule("features.0")`), run the model once without gradients,
# take **all** hooks off, and return what they saw.
#
# Two traps. A hook that is never removed goes on working in every later call, and keeps its
# tensors alive: take it off even if the forward pass fails (`try … finally`). And a later layer
# that works in place, such as `nn.ReLU(inplace=True)`, overwrites the very tensor that you keep:
# keep a `clone`. The model's mode is the caller's affair.
#
# <details><summary>Hint: all names show the same activation</summary>
#
# A function made in a loop sees the loop's variable as it is *when it is called*. Make the hook in
# a function of its own that takes the name.
# </details>


# %% nbgrader={"grade": false, "grade_id": "capture_activations", "locked": false, "schema_version": 3, "solution": true, "task": false}
def capture_activations(model, names, x):
    """Run a model once and keep what some of its modules give out.

    Args:
        model: an `nn.Module`; no hook of ours is left on it, and those of others stay.
        names: list of names of its modules, such as "features.0".
        x: a batch of inputs.

    Returns:
        dict: name -> output of that module, a copy without gradients.

    Raises:
        AttributeError: there is no module of that name.
    """
    ### BEGIN SOLUTION
    found, handles = {}, []

    def keep_as(name):
        def keep(module, inputs, output):
            found[name] = output.detach().clone()

        return keep

    try:
        for name in names:
            module = model.get_submodule(name)
            handles.append(module.register_forward_hook(keep_as(name)))
        with torch.no_grad():
            model(x)
    finally:
        for handle in handles:
            handle.remove()
    return found
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_capture_activations_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
draw = torch.Generator().manual_seed(55)
x = torch.randn(4, 3, generator=draw, dtype=torch.float64)
model = _Specimen()
model.train(False)
net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2)).double()
net.load_state_dict(dict(zip(net.state_dict(), model.state_dict().values(), strict=True)))
net.eval()
before = [net[:stop](x).detach() for stop in (1, 2, 3, 4)]
found = capture_activations(model, ["head", "features", "features.1", "features.0"], x.clone())
names = sorted(found)
checks.equal(names, ["features", "features.0", "features.1", "head"], "one entry for each name")
checks.close(found["features.0"], before[0], "the first linear layer")
sentence = "the norm, before the ReLU behind it has worked in place"
checks.close(found["features.1"], before[1], sentence)
checks.close(found["features"], before[2], "a container gives what its last module gives")
checks.close(found["head"], before[3], "the last layer")
checks.equal(found["head"].requires_grad, False, "no gradients hang on what was kept")
checks.equal(model.notes, [(False, False)], "one forward pass, in the mode in which the model was")
### BEGIN HIDDEN TESTS
found = capture_activations(model, ["features.2"], x[:1].clone())
checks.equal(list(found), ["features.2"], "one name, one entry")
checks.close(found["features.2"], before[2][:1], "the ReLU, a batch of one")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_capture_activations_hooks", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = torch.ones(2, 3, dtype=torch.float64)
model = _Specimen()
capture_activations(model, ["features.0", "head"], x.clone())
sentence = "the mode is the caller's affair: a model in training mode is run in training mode"
checks.equal(model.notes, [(True, False)], sentence)
model(x)
checks.equal(model.notes[1], (True, True), "afterwards gradients are recorded again")
left = [len(model.get_submodule(name)._forward_hooks) for name in ("features.0", "head")]
checks.equal(left, [0, 0], "no hook is left on the model")
sentence = "an unknown name is an AttributeError"
checks.raises(AttributeError, capture_activations, model, ["head", "tail"], x, sentence=sentence)
left = len(model.get_submodule("head")._forward_hooks)
checks.equal(left, 0, "no hook is left when a later name is unknown")
model = _Specimen()
model.listen()
capture_activations(model, ["head"], x.clone())
left = len(model.get_submodule("head")._forward_hooks)
checks.equal(left, 1, "a hook that was there before is still there: take off your own only")
### BEGIN HIDDEN TESTS
wrong = torch.ones(2, 5, dtype=torch.float64)
sentence = "an input that does not fit is the model's own error"
checks.raises(RuntimeError, capture_activations, model, ["features"], wrong, sentence=sentence)
left = len(model.get_submodule("features")._forward_hooks)
checks.equal(left, 0, "no hook is left when the forward pass fails")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `for name in names: module.register_forward_hook(lambda m, i, o: found.update({name: o}))`
# 2. `handle.remove()` after the forward pass, without `finally`
#
# <details><summary>Answers</summary>
#
# 1. Two names: every hook writes under the last one. And `o` is not a copy: a ReLU in place behind
#    it.
# 2. Any input of a wrong shape. In a notebook one tries again, and the forgotten hooks pile up.
# </details>
#
# What did LeNet's first layer learn, and what does the second see in a trouser? Top row: the
# picture and the six filters of 5 × 5. *Commit first:* of the 16 maps of the second convolution
# (after ReLU), how many are mostly dark (zero at more than 80 % of the places)?

# %%
my_guess = 2  # of 16

# %% tags=["demo"]
lenet = LeNet()
lenet.load_state_dict(trained)
trouser = unseen[unseen_labels == 1][:1]
maps = capture_activations(lenet, ["features.1", "features.4"], trouser)
filters = lenet.features[0].weight.detach()[:, 0].numpy()
second = maps["features.4"][0].numpy()
dark = int(((second == 0).mean(axis=(1, 2)) > 0.8).sum())
print(f"your guess {my_guess}, measured {dark} of 16")
figure, axes = plt.subplots(3, 8, figsize=(9, 3.6))
rows = [
    [trouser[0, 0].numpy(), *filters],
    [None, *maps["features.1"][0].numpy()],
    [*second[:8]],
]
labels = ["picture, filters", "after layer 1", "after layer 2"]
for row, pictures, label in zip(axes, rows, labels, strict=True):
    row[0].set_ylabel(label, fontsize=9)
    for place, axis in enumerate(row):
        axis.set(xticks=[], yticks=[], frame_on=False)
        if place < len(pictures) and pictures[place] is not None:
            axis.imshow(pictures[place], cmap="gray")
plots.show(
    figure,
    alt="Top: a trouser and the six filters of the first layer, rough patches. Middle: the "
    "six maps they give, outlines of the trouser. Bottom: eight maps of the second layer, coarse, "
    "each dark in many places.",
)

# %% [markdown]
# **What you should see.** Of the filters themselves little can be said: 25 weights and three epochs
# make rough patches, some brighter on one side than on the other. (Large networks that are trained
# for long have clean edges and bars in many directions there, as the visual cortex has: Hubel &
# Wiesel 1962.) What they *do* shows in their maps: left edges, right edges, the gap. One layer on,
# the maps are coarse and dark in many places, though hardly one is dark altogether: each stands
# for an arrangement of edges.
#
# ## 20 · Your turn: `occlusion_map`
#
# *About 12 minutes · 2 points.* Which part of the picture does the answer rest on? Ask by
# experiment (Zeiler & Fergus 2014): cover a square, and see by how much the score drops. For each
# place of the square, $\text{drop}_{ij} = s(x) - s(x \text{ covered at } (i, j))$; large where it
# mattered, negative where the square helped. The square covers all channels and moves by `stride`
# while it fits, so your `output_size` says how many places there are.
#
# <details><summary>Hint: the drop is the same everywhere, or grows along the map</summary>
#
# Every covered picture is made from the *original*. Is yours still what it was?
# </details>


# %% nbgrader={"grade": false, "grade_id": "occlusion_map", "locked": false, "schema_version": 3, "solution": true, "task": false}
def occlusion_map(score, image, size, stride=1, fill=0.0):
    """By how much a score drops when a square of the picture is covered, place by place.

    Args:
        score: function of a batch (N, C, H, W) that gives N scores, a tensor of shape (N,).
        image: float tensor of shape (C, H, W). Not modified.
        size: side of the square in pixels.
        stride: pixels from place to place.
        fill: the number that covers.

    Returns:
        Tensor of shape (places down, places across) without gradients.
    """
    ### BEGIN SOLUTION
    down = output_size(image.shape[1], size, stride)
    across = output_size(image.shape[2], size, stride)
    covered = image.repeat(down * across, 1, 1, 1)
    for place in range(down * across):
        top, left = stride * (place // across), stride * (place % across)
        covered[place, :, top : top + size, left : left + size] = fill
    with torch.no_grad():
        drops = score(image[None])[0] - score(covered)
    return drops.reshape(down, across)
    ### END SOLUTION


class _Score(nn.Module):  # given: for the checks, a score with a weight that learns
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(2.0))

    def forward(self, batch):
        return self.weight * batch.sum(dim=(1, 2, 3))


# %% nbgrader={"grade": true, "grade_id": "test_occlusion_map_drops", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
image = torch.tensor([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]])


def ink(batch):
    return batch.sum(dim=(1, 2, 3))


sentence = "the sum of all pixels drops by what is covered: 1 + 2 + 4 + 5, then 2 + 3 + 5 + 6"
checks.close(occlusion_map(ink, image.clone(), 2), [[12.0, 16.0]], sentence)
sentence = "one pixel at a time: the picture itself, positive where covering costs"
checks.close(occlusion_map(ink, image.clone(), 1), image[0], sentence)
sentence = "covered with 4 instead of 0: four less, negative where the square is brighter"
checks.close(occlusion_map(ink, image.clone(), 1, fill=4.0), image[0] - 4.0, sentence)
checks.unchanged(occlusion_map, ink, image, 2)
drops = occlusion_map(_Score(), image.clone(), 2)
checks.close(drops.detach(), [[24.0, 32.0]], "a score with a weight of its own, 2")
checks.equal(drops.requires_grad, False, "no gradients hang on the map")
### BEGIN HIDDEN TESTS
draw = torch.Generator().manual_seed(56)
image = torch.rand(1, 5, 4, generator=draw)
weight = torch.randn(1, 5, 4, generator=draw)
expected = F.conv2d((image * weight)[None], torch.ones(1, 1, 3, 3))[0, 0]
found = occlusion_map(lambda batch: (batch * weight).sum(dim=(1, 2, 3)), image.clone(), 3)
checks.close(found, expected, "a weighted sum, 5 × 4, squares of 3")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_occlusion_map_places", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
image = torch.arange(2.0 * 6 * 5).reshape(2, 6, 5)


def red(batch):
    return batch[:, 0].sum(dim=(1, 2))


def both(batch):
    return batch.sum(dim=(1, 2, 3))


found = occlusion_map(both, image.clone(), 2, stride=2)
sentence = "6 × 5 pixels, squares of 2, stride 2: three places down, two across"
checks.shape(found, (3, 2), sentence)
checks.close(found[0, 0], 144.0, "top left: 0 + 1 + 5 + 6, and 120 more in the second channel")
checks.close(
    found[2, 1], 320.0, "bottom right: 22 + 23 + 27 + 28, and 120 more in the second channel"
)
### BEGIN HIDDEN TESTS
found = occlusion_map(red, image.clone(), 3, stride=2)
rows = [[image[0, i : i + 3, j : j + 3].sum().item() for j in (0, 2)] for i in (0, 2)]
checks.close(found, rows, "squares of 3, stride 2, only the first channel counts")
checks.close(occlusion_map(red, image.clone(), 5), [[sum(range(25))], [sum(range(5, 30))]], "large")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `image[:, top:top + size, left:left + size] = fill` in the loop
# 2. `drops = score(covered) - score(image)`
# 3. `drops.reshape(across, down)`
#
# <details><summary>Answers</summary>
#
# 1. The second place: the first square is still covered, and the caller's picture is gone. 2. Any:
#    the sign. The map is read upside down, "background matters most". 3. Any picture that is not
#    square.
# </details>
#
# Two ways to ask what a network looks for. **Occlusion** asks about one picture. **Activation
# maximisation** (Erhan et al. 2009) asks for the picture that excites a unit most: begin with
# grey, and climb the slope of the score *with respect to the picture*; a little weight decay and
# blur keep it from becoming noise. *Commit first:* the log-odds of the trouser below are printed;
# how many times as high does climbing get them?

# %%
my_guess = 2  # times as high

# %% tags=["demo"]
wanted = {"trouser": 1, "sandal": 5, "bag": 8}
figure, axes = plt.subplots(3, 3, figsize=(7.2, 6))
heights = {}
for row, (name, number) in zip(axes, wanted.items(), strict=True):
    picture = unseen[unseen_labels == number][2]

    def log_odds(batch, number=number):
        """How far the class is ahead of all others together."""
        scores = lenet(batch)
        others = scores.clone()
        others[:, number] = -torch.inf
        return scores[:, number] - others.logsumexp(dim=1)

    drops = occlusion_map(log_odds, picture, 7, stride=1, fill=float(seen.min()))
    dream = torch.zeros(1, 1, 28, 28, requires_grad=True)
    for step in range(120):
        (slope,) = torch.autograd.grad(log_odds(dream).sum(), dream)
        with torch.no_grad():
            dream += 0.9 * slope / slope.norm() - 0.02 * dream
            if step % 6 == 0:
                dream.copy_(F.avg_pool2d(dream, 3, 1, 1, count_include_pad=False))
    heights[name] = [log_odds(x).item() for x in (picture[None], dream)]
    row[0].imshow(picture[0], cmap="gray")
    row[0].set_ylabel(name)
    shown = row[1].imshow(drops, cmap="magma", extent=(2.5, 24.5, 24.5, 2.5))  # middles of squares
    row[1].set(xlim=(-0.5, 27.5), ylim=(27.5, -0.5))
    figure.colorbar(shown, ax=row[1], fraction=0.046)
    row[2].imshow(dream.detach()[0, 0], cmap="gray")
for axis, title in zip(axes[0], ("picture", "drop of log-odds", "most exciting"), strict=True):
    axis.set_title(title)
plt.setp(axes, xticks=[], yticks=[])
times = heights["trouser"][1] / heights["trouser"][0]
print(f"your guess {my_guess}, measured {times:.1f} times as high")
for name, (real, dreamt) in heights.items():
    print(f"{name:8} log-odds of the picture {real:5.1f}, of the most exciting one {dreamt:5.1f}")
plots.show(
    figure,
    alt="Three rows, trouser, sandal and bag: the picture, a map of how far the score drops when a "
    "square of 7 pixels is covered, and the picture that excites the class most, ghostly.",
)

# %% [markdown]
# **What you should see.** The bright places of the middle column are where covering hurts: the
# waist and one foot of the trouser, the toe of the sandal, the right and the lower part of the
# bag; below 0, covering even helps. (Each number stands at the middle of its square.) The right
# column is a ghost at best, a dark gap with something bright beside it. Yet the network is surer
# of each of the three ghosts than of the photograph beside it, and no person would buy one: a
# network can be certain of what is not there. Week 14 comes back to this, with better maps.
#
# ## 21 · Starting from what another network knows
#
# Ten new species of the flora, a handful of drawings of each: a network that starts from scratch
# has no chance. But *some* network has seen plants. `data/flora_weights.npz` holds the features of
# a VGG that this project trained itself on 48 **other** species (its card is in `data/README.md`,
# the command is `python data/make/flora_weights.py`). We keep its features, and give it a new
# head. Three pieces are missing.
#
# ## 22 · Your turn: `freeze`
#
# *About 10 minutes · 2 points.* Features that shall stay as they are need two things. Their
# parameters must not ask for gradients (`requires_grad_(False)`). And **batch normalisation must
# not move its running averages**: they are no parameters, and every forward pass in training mode
# changes them, gradients or not. So a frozen part must *stay* in evaluation mode, also when
# `train_one_epoch` calls `train()` on the whole model, which calls `train(True)` on each of its
# parts.
#
# One way: put the part into evaluation mode, then give this one object a `train` of its own, which
# does nothing and returns the part.
#
# <details><summary>Hint: the weights stay, and yet the outputs drift</summary>
#
# Compare `state_dict()` before and after: which entries moved?
# </details>


# %% nbgrader={"grade": false, "grade_id": "freeze", "locked": false, "schema_version": 3, "solution": true, "task": false}
def freeze(module):
    """Fix a part of a network: no gradients, and evaluation mode for good.

    Args:
        module: an `nn.Module`, changed in place. A later `train()` on it, or on a model that
            holds it, leaves it in evaluation mode.

    Returns:
        The module.
    """
    ### BEGIN SOLUTION
    module.requires_grad_(False)
    module.eval()
    module.train = lambda mode=True: module
    return module
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_freeze_gradients", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = _Specimen(rate=0.1)
freeze(model.features)
asks = [p.requires_grad for p in model.parameters()]
sentence = "the four parameters of the features ask for nothing, the head's two still do"
checks.equal(asks, [False] * 4 + [True] * 2, sentence)
state = {name: value.clone() for name, value in model.state_dict().items()}
x = torch.tensor([[1.0, 2.0, 3.0], [0.0, -1.0, 1.0], [2.0, 0.5, -1.0]], dtype=torch.float64)
F.cross_entropy(model(x), torch.tensor([0, 1, 1])).backward()
model.optimiser.step()
found = model.state_dict()
same = bool(torch.equal(found["features.0.weight"], state["features.0.weight"]))
checks.equal(same, True, "a step leaves the frozen weights alone")
moved = bool(torch.equal(found["head.bias"], state["head.bias"]))
checks.equal(moved, False, "and moves the head's")
### BEGIN HIDDEN TESTS
model = _Specimen()
freeze(model.head)
asks = [p.requires_grad for p in model.parameters()]
checks.equal(asks, [True] * 4 + [False] * 2, "the head frozen, the features not")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_freeze_averages", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = _Specimen()
freeze(model.features)
model.train(True)
state = {name: value.clone() for name, value in model.state_dict().items()}
x = torch.tensor([[1.0, 2.0, 3.0], [0.0, -1.0, 1.0], [2.0, 0.5, -1.0]], dtype=torch.float64)
model(x)
found = model.state_dict()
sentence = "the running means stand still, although the model was called in training mode"
checks.close(found["features.1.running_mean"], state["features.1.running_mean"], sentence)
modes = [model.training, model.features.training, model.get_submodule("features.1").training]
checks.equal(
    modes, [True, False, False], "the model trains, the features and what is in them do not"
)
checks.equal(model.features.train().training, False, "`train()` gives back the part, as ever")
checks.equal(freeze(_Specimen()).training, False, "`freeze` gives back the module")
### BEGIN HIDDEN TESTS
whole = freeze(_Specimen())
whole.train()
alone, together = whole(x[:1]).detach(), whole(x).detach()
checks.close(together[:1], alone, "a frozen model: a sample's scores do not depend on the batch")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name what exposes each, then unfold.
#
# 1. only `requires_grad_(False)`
# 2. `module.eval()` and nothing about `train`
#
# <details><summary>Answers</summary>
#
# 1. A forward pass in training mode: weights stay, running averages move. 2. The next call of
# `train_one_epoch`, which begins with `model.train()`.
# </details>
#
# ## 23 · Your turn: `replace_head`
#
# *About 5 minutes · 1 point.* The old head knows the wrong classes. Put a new `nn.Linear` in its
# place (attribute `head`) with as many inputs as the old one had, and return the model. The
# features stay.
#
# <details><summary>Hint: the model changed, and still gives the old number of scores</summary>
#
# Changing `head.out_features` changes a number, not a matrix. A new layer is due.
# </details>


# %% nbgrader={"grade": false, "grade_id": "replace_head", "locked": false, "schema_version": 3, "solution": true, "task": false}
def replace_head(model, classes):
    """Give a model a new last layer.

    Args:
        model: an `nn.Module` with an attribute `head`, an `nn.Linear`; changed in place.
        classes: how many there are now.

    Returns:
        The model.
    """
    ### BEGIN SOLUTION
    model.head = nn.Linear(model.head.in_features, classes)
    return model
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_replace_head_layer", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = VGG((4, "pool", 6), 5)
state = {name: value.clone() for name, value in model.state_dict().items()}
changed = replace_head(model, 3)
shapes = [tuple(p.shape) for p in model.head.parameters()]
sentence = "the model that came in has it: six features in, three classes out, with biases"
checks.equal(shapes, [(3, 6), (3,)], sentence)
sentence = "the model comes back: three scores for each of two pictures"
checks.shape(changed(torch.zeros(2, 1, 8, 8)), (2, 3), sentence)
found = model.state_dict()
checks.close(found["features.0.weight"], state["features.0.weight"], "the features stay")
checks.equal(sorted(found), sorted(state), "the same names: one head, in the old one's place")
asks = [p.requires_grad for p in model.parameters()]
checks.equal(asks, [True] * 8, "the new head learns, and the features do as before")
first = model.head.weight.detach().clone()
second = replace_head(model, 3).head.weight.detach().clone()
same = bool(torch.equal(first, second))
checks.equal(same, False, "new weights are drawn, also for as many classes")
### BEGIN HIDDEN TESTS
model = replace_head(VGG((4, 9), 2), 11)
shapes = [tuple(p.shape) for p in model.head.parameters()]
checks.equal(shapes, [(11, 9), (11,)], "nine features, eleven classes")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name what exposes each, then unfold.
#
# 1. the optimiser is made *before* `replace_head`
# 2. `model.head = nn.Linear(512, classes)`
#
# <details><summary>Answers</summary>
#
# 1. The loss does not fall: the optimiser steps a layer that is no longer there. 2. Any model but
#    the one that it was copied from.
# </details>
#
# ## 24 · Your turn: `parameter_groups`
#
# *About 12 minutes · 1 point.* A fresh head needs large steps; features that are good already
# would be spoilt by them. **Discriminative learning rates** (Howard & Ruder 2018): the optimisers
# of PyTorch take, in place of parameters, a list of groups, `{"params": [...], "lr": ...}`. Give
# two: the head's parameters at `rate`, all others at `rate * factor`. Parameters that are frozen
# belong to no group, and a group without parameters is left out.
#
# <details><summary>Hint: some parameters appear in more than one parameter group</summary>
#
# `model.parameters()` holds the head's, too. Names (`named_parameters()`) tell them apart.
# </details>


# %% nbgrader={"grade": false, "grade_id": "parameter_groups", "locked": false, "schema_version": 3, "solution": true, "task": false}
def parameter_groups(model, rate, factor):
    """Learning rates for fine-tuning: one for the head, a smaller one for all else.

    Args:
        model: an `nn.Module` with an attribute `head`.
        rate: learning rate of the head.
        factor: by which that of the other parameters is multiplied.

    Returns:
        List of dicts with "params" (a list of parameters that ask for gradients, at least one)
        and "lr" (a float): the head's group first.
    """
    ### BEGIN SOLUTION
    head, others = [], []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            (head if name.startswith("head.") else others).append(parameter)
    groups = [{"params": head, "lr": rate}, {"params": others, "lr": rate * factor}]
    return [group for group in groups if group["params"]]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_parameter_groups_rates", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = _Specimen()
groups = parameter_groups(model, 0.5, 0.1)
rates = [group["lr"] for group in groups]
checks.close(rates, [0.5, 0.05], "the head's group at rate, the others' at rate · factor")
shapes = [[tuple(p.shape) for p in group["params"]] for group in groups]
checks.equal(shapes[0], [(2, 4), (2,)], "the head's weights and biases")
checks.equal(shapes[1], [(4, 3), (4,), (4,), (4,)], "all others, each once")
model = _Specimen()
model.features.requires_grad_(False)
groups = parameter_groups(model, 0.5, 0.1)
shapes = [[tuple(p.shape) for p in group["params"]] for group in groups]
checks.equal(shapes, [[(2, 4), (2,)]], "frozen features: one group, the head's")
checks.close([group["lr"] for group in groups], [0.5], "at the head's rate")
model.get_submodule("features.1").requires_grad_(True)
groups = parameter_groups(model, 0.5, 0.1)
shapes = [[tuple(p.shape) for p in group["params"]] for group in groups]
checks.equal(shapes, [[(2, 4), (2,)], [(4,), (4,)]], "only the norm thawed: its scale and shift")
model.heading = VGG((2,), 2)
groups = parameter_groups(model, 0.5, 0.1)
counts = [sum(p.numel() for p in group["params"]) for group in groups]
sentence = "a part named `heading`, with a `head` inside, is not the head: 10 and 8 + 28 numbers"
checks.equal(counts, [10, 36], sentence)
### BEGIN HIDDEN TESTS
model = VGG((3, "pool", 5), 2)
groups = parameter_groups(model, 1e-2, 0.3)
counts = [sum(p.numel() for p in group["params"]) for group in groups]
checks.equal(counts, [12, 27 + 6 + 135 + 10], "a VGG: the head's 12 numbers, and the rest")
checks.close([group["lr"] for group in groups], [1e-2, 3e-3], "its two rates")
model = _Specimen()
model.head.requires_grad_(False)
groups = parameter_groups(model, 0.5, 0.1)
shapes = [[tuple(p.shape) for p in group["params"]] for group in groups]
checks.equal(shapes, [[(4, 3), (4,), (4,), (4,)]], "the head frozen: one group, the others'")
checks.close([group["lr"] for group in groups], [0.05], "at their rate")
model.requires_grad_(False)
checks.equal(len(parameter_groups(model, 0.5, 0.1)), 0, "all frozen: no groups")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name what exposes each, then unfold.
#
# 1. `[{"params": model.parameters(), "lr": rate * factor}, {"params": model.head.parameters(),
#    ...}]`
# 2. frozen parameters kept in their group
#
# <details><summary>Answers</summary>
#
# 1. The optimiser refuses: the head is in both. 2. A part that was trained before it was frozen: an
#    optimiser passes over a parameter only where `p.grad` is None. While an old gradient stands
#    there, or zeros do, momentum and weight decay go on moving it.
# </details>
#
# ## 25 · Does it help?
#
# Ten species that the shipped network never saw, 10 drawings of each, three ways: the whole
# network from scratch; a new head on frozen features; new head and features tuned together, with a
# tenth of the rate for the features. One seed here. *Commit first:* what does the network reach
# from scratch (chance is 10 %), and what with frozen features?

# %%
my_guess = (30, 40)  # per cent: from scratch, frozen features

# %% tags=["demo"]
PLAN = (16, "pool", 32, "pool", 64, "pool", 128)
few, few_labels = flora.make_set(range(148, 158), 10, seed=1000, size=32)
many, many_labels = flora.make_set(range(148, 158), 50, seed=2000, size=32)
few, many = ((images.float() / 255 - 0.5) / 0.25 for images in (few, many))
weights = {name: torch.from_numpy(value) for name, value in datasets.flora_weights().items()}


def learn_species(way, epochs=20):
    """Train one of the three ways; gives held-out accuracies, epoch by epoch."""
    torch.manual_seed(0)
    model = VGG(PLAN, 48, 3)
    if way != "from scratch":
        model.features.load_state_dict(weights)
    replace_head(model, 10)
    if way == "frozen features":
        freeze(model.features)
    groups = parameter_groups(model, 4e-3 if way == "from scratch" else 1e-2, 0.1)
    if way == "from scratch":
        groups = [{"params": list(model.parameters()), "lr": 4e-3}]
    optimiser = torch.optim.AdamW(groups)
    curve = []
    for epoch in range(epochs):
        batches = batches_of(few, few_labels, 10, seed=epoch)
        train_one_epoch(model, [(x.rot90(epoch, (2, 3)), y) for x, y in batches], optimiser)
        curve.append(100 * evaluate(model, batches_of(many, many_labels, 250))[1])
    return curve


# %% tags=["demo"]
figure, axes = plt.subplots(figsize=(6, 3.4))
reached = {}
for way, marker in zip(("from scratch", "frozen features", "fine-tuned"), "osD", strict=True):
    curve = learn_species(way)
    axes.plot(range(1, len(curve) + 1), curve, marker=marker, label=way)
    reached[way] = curve[-1]
axes.axhline(10, ls="--", color="grey")
axes.set(xlabel="epoch", ylabel="accuracy on unseen drawings / %", ylim=(0, 100))
axes.set(xticks=(1, 5, 10, 15, 20))
axes.legend(loc="lower right", bbox_to_anchor=(1, 0.18))
measured = (reached["from scratch"], reached["frozen features"])
print(f"your guess {my_guess}, measured ({measured[0]:.0f}, {measured[1]:.0f}) %")
plots.show(
    figure,
    alt="Accuracy over 20 epochs on ten unseen species with ten drawings each: from scratch near "
    "chance, with frozen features and fine-tuned far above.",
)

# %% [markdown]
# **What you should see.** From scratch the network stays near chance: a hundred drawings are
# nothing, in any rotation and colour. With features that were learnt on *other* species the same
# hundred drawings suffice for most of the answers.
#
# Five seeds, each with species of its own, by `benchmarks/fine_tuning.py` (mean ± standard
# deviation of the accuracy on 500 new drawings; equal numbers of epochs for all three ways):
#
# | pictures a class | from scratch | frozen features, new head | fine-tuned |
# |---|---|---|---|
# | 2 | 10.9 ± 1.2 | **57.1 ± 3.9** | 46.1 ± 4.5 |
# | 10 | 14.8 ± 2.5 | **72.8 ± 2.1** | 65.9 ± 2.7 |
# | 50 | 34.4 ± 3.8 | **80.2 ± 2.3** | 79.0 ± 2.4 |
#
# The shipped features are worth 46 to 58 points. With two or ten drawings a class, *don't touch
# them*: tuning 97,000 weights on so little only spoils them. With fifty the two ways are level
# within the spread, and tuning has still gained nothing. This is the rule of thumb to take home:
# the fewer examples, the fewer weights you let move. And a warning: it holds because the old task
# is *like* the new one.
#
# Features of 1.2 million photographs are one line away where there is internet:
# `models.resnet18(weights="IMAGENET1K_V1")` downloads 45 MB, once. Run that line, then this cell
# again: do photographs help with drawings, as much as other drawings do?

# %% tags=["demo"]
from pathlib import Path

published = models.ResNet18_Weights.IMAGENET1K_V1
file = Path(torch.hub.get_dir(), "checkpoints", published.url.split("/")[-1])
if file.exists():
    resnet = models.resnet18()
    resnet.load_state_dict(torch.load(file, weights_only=True))
    body = freeze(nn.Sequential(*list(resnet.children())[:-1], nn.Flatten()))
    with torch.no_grad():
        train_x, test_x = (body(F.interpolate(x, size=112)) for x in (few, many[::5]))
    head = nn.Linear(512, 10)
    optimiser = torch.optim.AdamW(head.parameters(), lr=1e-2)
    for epoch in range(30):
        train_one_epoch(head, batches_of(train_x, few_labels, 10, seed=epoch), optimiser)
    right = evaluate(head, [(test_x, many_labels[::5])])[1]
    print(f"ResNet-18's features, frozen, 10 drawings a species: {100 * right:.0f} %")
else:
    print("ResNet-18's weights are not on this machine; the figures above stand without them.")

# %% [markdown]
# ## 26 · In your own words: twelve mushrooms
#
# *About 5 minutes · 2 points, graded by hand.* A forester has 12 photographs each of 20 mushrooms,
# and a colleague proposes ResNet-50, trained from scratch "because ours is a special task". What
# do you propose instead, which parts may move, and which single measurement would make you change
# your mind?

# %% [markdown] nbgrader={"grade": true, "grade_id": "twelve_mushrooms", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# A network pre-trained on photographs, features frozen (batch normalisation included), a new
# linear head for 20 classes: 240 pictures cannot determine 25 million weights, and edges, textures
# and parts are shared with any photographs. I would change my mind if, on held-out photographs and
# over a few splits, fine-tuning the last block with a smaller rate were better by more than the
# spread; or if frozen features were no better than a simple baseline (nearest neighbour on colour
# histograms), which would say that the two kinds of picture have too little in common.
#
# *Rubric.* 1 point for frozen (or mostly frozen) pre-trained features with a new head *and* the
# number of examples as the reason; 1 point for a measurement on held-out data with what its
# outcome would change.
# ### END SOLUTION

# %% [markdown]
# ## What you can do now
#
# - say for which data a network earns its cost, and when a logistic regression is enough (LO1)
# - train with the right mode, device and averages, and resume a run as if it had never stopped
#   (LO2)
# - classify pictures and names with convolutions, and start from another network's features (LO3)
# - diagnose a sick run from two curves, and look at filters, maps and what an answer rests on
#   (LO4)
# - work out sizes, fields and costs, build networks from a plan, and add an operation of your own
#   (LO5)
#
# **Further reading.** To go on with:
#
# - I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, MIT Press 2016, chapter 9
# - N. Buduma, N. Locascio, *Fundamentals of Deep Learning*, O'Reilly 2017, chapter 5
# - A. Paszke et al., "PyTorch: an imperative style, high-performance deep learning library",
#   NeurIPS 2019
# - J. Yosinski, J. Clune, Y. Bengio, H. Lipson, "How transferable are features in deep neural
#   networks?", NeurIPS 2014
#
# The architectures:
#
# - Y. LeCun et al., "Backpropagation applied to handwritten zip code recognition", Neural
#   Computation 1989; Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied
#   to document recognition", Proceedings of the IEEE 1998
# - A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet classification with deep convolutional neural
#   networks", NeurIPS 2012; M. Lin, Q. Chen, S. Yan, "Network in network", ICLR 2014
# - K. Simonyan, A. Zisserman, "Very deep convolutional networks for large-scale image
#   recognition", ICLR 2015; C. Szegedy et al., "Going deeper with convolutions", CVPR 2015, and
#   "Rethinking the Inception architecture for computer vision", CVPR 2016
# - K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", CVPR 2016
# - A. Howard et al., "MobileNets: efficient convolutional neural networks for mobile vision
#   applications", arXiv:1704.04861, 2017, and "Searching for MobileNetV3", ICCV 2019
# - Z. Liu et al., "A ConvNet for the 2020s", CVPR 2022
#
# For the arguments of today:
#
# - S. Ioffe, C. Szegedy, "Batch normalization: accelerating deep network training by reducing
#   internal covariate shift", ICML 2015
# - P. Ramachandran, B. Zoph, Q. Le, "Searching for activation functions", arXiv:1710.05941, 2017
# - Y. Kim, "Convolutional neural networks for sentence classification", EMNLP 2014
# - D. Hubel, T. Wiesel, "Receptive fields, binocular interaction and functional architecture in
#   the cat's visual cortex", The Journal of Physiology 1962
# - M. Zeiler, R. Fergus, "Visualizing and understanding convolutional networks", ECCV 2014; D.
#   Erhan, Y. Bengio, A. Courville, P. Vincent, "Visualizing higher-layer features of a deep
#   network", University of Montreal, technical report 1341, 2009
# - J. Howard, S. Ruder, "Universal language model fine-tuning for text classification", ACL 2018
