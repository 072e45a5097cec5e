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
# # The challenge: large-scale image classification on a GPU
#
# Twenty species of plants that nobody has ever seen, 300,000 glances at them, and a test that only
# the finished network gets to see. You write the machinery that every serious training run is
# made of, and then it is up to you: one model file, one number, one place on the board.
#
# | After this you can | outcome |
# |---|---|
# | say which part of a recipe buys accuracy, and prove it within a fixed budget | LO1, LO4 |
# | write the training step, the schedule and the averaging of a large run | LO2 |
# | feed pictures from disk to several processes, each picture once | LO3, LO5 |
# | stop a run and resume it with every bit as if it had never stopped | LO5 |
# | say how fast a network can be on your machine, before and after you measure | LO4 |
#
# **Time** about 290 minutes, 75 of them reading · **Points** 33 · **Before this** convolutional
# networks in PyTorch (week 4), AdamW and batch normalisation (week 9), regularisation (week 11),
# residual connections (week 14)

# %%
import copy
import io
import math
import time

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from tqdm.auto import tqdm

from helpers import checks, plots
from helpers.challenge.flora import make_set
from helpers.challenge.models import plain_cnn, residual_net

plots.use_course_style()

# %% [markdown]
# ## 1 · The flora
#
# A species here is a handful of affine maps of the plane. Whoever follows them at random draws a
# *fractal*: a fern, a thistle, a cloud of dust. The idea of training on such pictures is due to
# Kataoka et al. (2020) and Anderson and Farrell (2022). Each picture of a species is a new drawing:
# coefficients a little off, turned by any angle, mirrored or not, larger or smaller, in colours
# that say nothing, before a coloured ground, partly hidden, noisy.
#
# You can draw as many training pictures as you like. The hidden test is drawn from the same species
# with a seed that nobody knows, so there is nothing to leak and nothing to memorise.
#
# *Commit first:* take 60 training pictures of each of six species, and give each of 120 new
# pictures the species of its nearest neighbour, pixel by pixel. What percentage is right (chance:
# 17)?

# %%
my_guess = 50  # percent; your number, it is never graded

# %% tags=["demo"]
SPECIES, names = 6, [f"species {k}" for k in range(6)]
pictures, labels = make_set(range(SPECIES), 60, seed=1)
new, new_labels = make_set(range(SPECIES), 20, seed=2)
flat, new_flat = (x.flatten(1).float() for x in (pictures, new))
nearest = torch.cdist(new_flat, flat).argmin(1)
right = (labels[nearest] == new_labels).float().mean()
print(f"your guess {my_guess} %, measured {100 * right:.0f} %")
shown = pictures.view(SPECIES, 60, 3, 64, 64)[:, :6].flatten(0, 1).permute(0, 2, 3, 1)
titles = [names[n // 6] if n % 6 == 0 else "" for n in range(36)]
figure = plots.image_grid(shown.numpy(), titles=titles, columns=6)
plots.show(
    figure,
    alt="Six rows of six pictures, a species in each row: branching shapes like pressed plants, "
    "turned, mirrored and coloured at random before coloured grounds, some partly hidden.",
)

# %% [markdown]
# **What you should see.** You can learn to tell the rows apart within a minute: by how the plant
# branches, not by where it lies or what colour it has. The nearest neighbour in pixels sees place
# and colour only, and does no better than chance. What is needed is *invariance*, and there are
# two ways to it: build it into the network, or show the network what does not matter.
#
# ## 2 · Your turn: `augment_batch`
#
# *About 25 minutes · 3 points.* A plant turned by 90° is the same plant. So is its mirror image,
# and so is the plant three pixels further left. Showing the network such variants of each picture
# makes ten thousand pictures out of a hundred. For every picture of the batch, **drawn for each
# picture separately**:
#
# - one of the four quarter turns, and a mirroring or not: the eight orientations of a square, all
#   equally likely;
# - a shift by −`shift` to +`shift` pixels along each axis, all equally likely. What comes in from
#   outside is the picture itself, reflected at its outermost pixels, which are not repeated: the
#   row 0 1 2 3 shifted by two begins 2 1 0 1.
#
# The classic mistake is one draw for the whole batch: it looks fine in a picture, and the network
# sees a hundred pictures turned alike. On a GPU the second classic is a loop over pictures, so:
# **no Python loop**, and everything on the device on which the pictures lie. Draw from PyTorch's
# own random numbers (`torch.rand(..., device=images.device)`), so that `torch.manual_seed` rules
# them.
#
# It pays to think in *places*: which row and which column of the old picture does each pixel of the
# new one come from? Then one index expression does it all.
#
# <details><summary>Hint: how do I turn only some pictures of the batch?</summary>
#
# A mirroring left to right, one top to bottom and an exchange of rows with columns, each with a
# probability of ½, give all eight orientations equally often. `torch.where` with a mask of shape
# (N, 1, 1) chooses picture by picture.
# </details>
# <details><summary>Hint: reflection is not implemented for my type of pictures</summary>
#
# Reflect the *places*: −2 becomes 2, and with 64 rows 65 becomes 61. An absolute value does the
# first; the same seen from the other end does the second.
# </details>


# %% nbgrader={"grade": false, "grade_id": "augment_batch", "locked": false, "schema_version": 3, "solution": true, "task": false}
def augment_batch(images, shift=4):
    """Turn, mirror and shift each picture of a batch by a draw of its own.

    Args:
        images: (N, C, H, H) tensor of any dtype, on any device. Not modified.
        shift: largest shift in pixels along each axis, less than H.

    Returns:
        (N, C, H, H), same dtype and device, pictures in the same order.
    """
    ### BEGIN SOLUTION
    count, channels, side, _ = images.shape
    device = images.device

    def places():
        start = torch.randint(-shift, shift + 1, (count, 1), device=device)
        place = (start + torch.arange(side, device=device)).abs()
        place = side - 1 - (side - 1 - place).abs()
        mirrored = torch.rand(count, 1, device=device) < 0.5
        return torch.where(mirrored, side - 1 - place, place)

    down, across = places()[:, :, None], places()[:, None, :]
    turned = torch.rand(count, 1, 1, device=device) < 0.5
    row, column = torch.where(turned, across, down), torch.where(turned, down, across)
    picture = torch.arange(count, device=device)[:, None, None, None]
    channel = torch.arange(channels, device=device)[:, None, None]
    return images[picture, channel, row[:, None], column[:, None]]
    ### END SOLUTION


def _elsewhere(count):  # given: on a device on which tensors have shapes and no content
    try:
        return augment_batch(torch.empty(count, 3, 8, 8, device="meta")).device.type
    except NotImplementedError:  # choosing by a mask asks for the content: it may be anywhere
        return "meta"


# %% nbgrader={"grade": true, "grade_id": "test_augment_batch_moves", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
picture = torch.arange(50.0).reshape(1, 2, 5, 5)
wide = F.pad(picture, (1, 1, 1, 1), mode="reflect")[0]
crops = [wide[:, i : i + 5, j : j + 5] for i in range(3) for j in range(3)]
turned = [crop.rot90(k, (1, 2)) for crop in crops for k in range(4)]
variants = {tuple(v.flatten().tolist()) for t in turned for v in (t, t.flip(2))}
torch.manual_seed(1)
result = augment_batch(picture.expand(1440, 2, 5, 5).clone(), shift=1)
checks.shape(result, (1440, 2, 5, 5), "as many pictures as before, of the same size")
checks.dtype(result, "float32", "the numbers keep their type")
found = {tuple(row) for row in result.flatten(1).tolist()}
sentence = "each result is the picture turned, mirrored and shifted, reflected at its borders"
checks.true(found <= variants, sentence)
checks.true(len({row[:25] for row in found}) > 36, "turned, mirrored and shifted both ways")
checks.shape(augment_batch(picture), (1, 2, 5, 5), "a batch of one, with the default shift")
checks.vectorised(augment_batch)
small = augment_batch(torch.zeros(2, 1, 6, 6, dtype=torch.uint8))
checks.dtype(small, "uint8", "bytes stay bytes")
sentence = "all that is drawn and indexed lies on the device of the pictures"
checks.equal(_elsewhere(3), "meta", sentence)
### BEGIN HIDDEN TESTS
picture = torch.arange(36, dtype=torch.uint8).reshape(1, 1, 6, 6)
wide = F.pad(picture.float(), (3, 3, 3, 3), mode="reflect")[0]
crops = [wide[:, i : i + 6, j : j + 6] for i in range(7) for j in range(7)]
turned = [crop.rot90(k, (1, 2)) for crop in crops for k in range(4)]
variants = {tuple(v.flatten().tolist()) for t in turned for v in (t, t.flip(2))}
torch.manual_seed(2)
result = augment_batch(picture.expand(500, 1, 6, 6).clone(), shift=3)
found = {tuple(row) for row in result.flatten(1).tolist()}
checks.true(found <= variants, "bytes of 6 × 6, shifts up to 3")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_augment_batch_each", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
picture = torch.arange(25.0).reshape(1, 1, 5, 5)
torch.manual_seed(3)
result = augment_batch(picture.expand(1440, 1, 5, 5).clone(), shift=1)
rows, counts = np.unique(result.flatten(1).numpy(), axis=0, return_counts=True)
sentence = "1,440 copies in one batch: all 8 · 9 = 72 variants appear, for each draws its own"
checks.equal(len(rows), 72, sentence)
checks.true(counts.min() >= 3 and counts.max() <= 50, "all variants about equally often (20 times)")
batch = torch.arange(300.0)[:, None, None, None].expand(300, 2, 4, 4).clone()
result = augment_batch(batch, shift=2)
checks.close(result, batch, "pictures keep their order, so that labels fit: grey n stays grey n")
one, two = (augment_batch(picture.expand(64, 1, 5, 5).clone(), shift=0) for _ in range(2))
checks.true((one - two).abs().max().item() > 0, "two calls draw anew")
checks.unchanged(augment_batch, picture.expand(8, 1, 5, 5).clone(), shift=1)
### BEGIN HIDDEN TESTS
torch.manual_seed(4)
one = augment_batch(picture.expand(64, 1, 5, 5).clone(), shift=2)
torch.manual_seed(4)
two = augment_batch(picture.expand(64, 1, 5, 5).clone(), shift=2)
checks.close(one, two, "torch.manual_seed rules the draws")
result = augment_batch(picture.expand(400, 1, 5, 5).clone(), shift=0)
rows, counts = np.unique(result.flatten(1).numpy(), axis=0, return_counts=True)
checks.equal(len(rows), 8, "without a shift the eight orientations remain")
checks.true(counts.min() >= 20, "each of them about 50 times in 400")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name what exposes each, then unfold.
#
# 1. `if torch.rand(()) < 0.5: images = images.flip(3)`
# 2. `torch.randint(-shift, shift, (count, 1))`
# 3. one call of `places()` for rows and columns
#
# <details><summary>Answers</summary>
#
# 1. Two copies in one batch: always mirrored alike. Averaged over many batches nothing is missing,
#    which is why nobody notices; each *step* is noisier than it need be.
# 2. Count the shifts: the upper end of `randint` is not drawn. With `shift=1` nothing ever moves
#    one way, unless the mirroring hides it.
# 3. The shifts and mirrorings along the two axes are equal: 12 variants of 72, all on the diagonal.
# </details>
#
# One picture eight times, above with one draw for the batch, below with your function. *Commit
# first:* of 64 copies with shifts up to 4, how many different ones do you expect?

# %%
my_guess = 8  # of 64

# %% tags=["demo"]
torch.manual_seed(0)
plant = make_set([2], 1, seed=5)[0]
copies = augment_batch(plant.expand(64, -1, -1, -1).clone())
count = len(torch.unique(copies.flatten(1), dim=0))
print(f"your guess {my_guess}, measured {count} of 64 (8 · 81 = 648 are possible)")
alike = augment_batch(plant).expand(8, -1, -1, -1)
rows = torch.cat([alike, copies[:8]]).permute(0, 2, 3, 1).numpy()
titles = ["one draw"] + [""] * 7 + ["one each"] + [""] * 7
figure = plots.image_grid(rows, titles=titles, columns=8)
plots.show(
    figure,
    alt="Two rows of eight pictures of one plant. Above all eight are turned and shifted alike; "
    "below each has an orientation and place of its own.",
)

# %% [markdown]
# **What you should see.** The upper row is one new picture, the lower row is eight. Reflection at
# the border leaves no black edge that would tell the network how far the picture was shifted.
#
# ## 3 · Your turn: `mixup_batch`
#
# *About 12 minutes · 2 points.* Mixup (Zhang et al. 2018) asks the network to behave linearly
# between pictures: a mixture of 70 % fern and 30 % thistle is to be called just that. For each
# picture $n$ draw a share $\lambda_n \sim \mathrm{Beta}(\alpha, \alpha)$ and a partner $\pi(n)$
# from one random permutation $\pi$ of the batch:
#
# $$\tilde x_n = \lambda_n x_n + (1 - \lambda_n)\, x_{\pi(n)}, \qquad
# \tilde y_n = \lambda_n y_n + (1 - \lambda_n)\, y_{\pi(n)},$$
#
# with $y$ one-hot: the *same* share and partner for picture and target. With $\alpha = 0$ nothing
# is mixed. Small $\alpha$ gives shares near 0 or 1, with $\alpha = 1$ all shares are equally likely.
# The distribution is `torch.distributions.Beta`.
#
# <details><summary>Hint: my shares do not fit the pictures</summary>
#
# A vector of N shares stretches over the *last* axis. Pictures need it as (N, 1, 1, 1), targets as
# (N, 1).
# </details>


# %% nbgrader={"grade": false, "grade_id": "mixup_batch", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mixup_batch(images, labels, classes, alpha=0.2):
    """Mix each picture, and its target, with those of a partner.

    Args:
        images: (N, C, H, W) tensor of floats. Not modified.
        labels: (N,) int64, from 0 to classes − 1.
        classes: how many.
        alpha: parameter of the Beta distribution of the shares; 0 mixes nothing.

    Returns:
        images: (N, C, H, W), the mixtures, of the same dtype.
        targets: (N, classes), of the dtype of the images, each row summing to 1.
    """
    ### BEGIN SOLUTION
    targets = F.one_hot(labels, classes).to(images.dtype)
    if alpha == 0:
        return images, targets
    partner = torch.randperm(len(images), device=images.device)
    share = torch.distributions.Beta(alpha, alpha).sample((len(images), 1)).to(images)
    targets = share * targets + (1 - share) * targets[partner]
    share = share[:, :, None, None]
    return share * images + (1 - share) * images[partner], targets
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_mixup_batch_shares", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
grey = torch.arange(200.0)
images = grey[:, None, None, None].expand(200, 2, 3, 3).clone()
labels = torch.arange(200)
torch.manual_seed(5)
mixed, targets = mixup_batch(images.clone(), labels.clone(), 200, alpha=1.0)
checks.shape(mixed, (200, 2, 3, 3), "pictures keep their shape")
checks.shape(targets, (200, 200), "a target for every class")
checks.close(targets.sum(1), torch.ones(200), "the shares of a target sum to 1")
expected = (targets @ grey)[:, None, None, None].expand(200, 2, 3, 3)
sentence = "grey n belongs to class n: pictures and targets are mixed by the same share and partner"
checks.close(mixed, expected, sentence)
own = targets.diagonal()
checks.true(own.std().item() > 0.2, "each picture has a share of its own")
sentence = "a permutation: every picture is partner exactly once, so columns sum to 1 on average"
checks.equal((targets > 0).sum(0).max().item(), 2, sentence)
drawn = [mixup_batch(images.clone(), labels.clone(), 200, alpha=1.0)[1] for _ in range(2)]
one, two = ((each - each.diagonal().diag()).argmax(1) for each in drawn)
sentence = "partners are drawn at random: two calls, two permutations"
checks.true((one == two).sum().item() < 20, sentence)
checks.unchanged(mixup_batch, images[:4].clone(), torch.tensor([0, 1, 1, 0]), 2)
### BEGIN HIDDEN TESTS
images = torch.randn(7, 1, 4, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(6))
labels = torch.tensor([2, 0, 1, 1, 4, 2, 0])
mixed, targets = mixup_batch(images.clone(), labels, 5, alpha=0.4)
checks.shape(targets, (7, 5), "7 pictures, 5 classes, one of them absent")
checks.dtype(mixed, "float64", "float64 stays float64")
checks.dtype(targets, "float64", "targets have the type of the pictures")
checks.close(targets.sum(1), torch.ones(7, dtype=torch.float64), "targets sum to 1", rtol=1e-6)
checks.close(targets[:, 3], torch.zeros(7, dtype=torch.float64), "the absent class has no share")
mixed, targets = mixup_batch(images[:1].clone(), labels[:1], 5, alpha=0.4)
checks.close(mixed, images[:1], "a batch of one: its own partner", rtol=1e-6)
checks.close(targets, torch.eye(5, dtype=torch.float64)[2:3], "its target", rtol=1e-6)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_mixup_batch_alpha", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
images = torch.arange(4000.0)[:, None, None, None]
labels = torch.arange(4000) % 2
mixed, targets = mixup_batch(images[:6], labels[:6], 3, alpha=0)
checks.close(mixed, images[:6], "α = 0 mixes nothing")
checks.close(targets, torch.eye(3)[labels[:6]], "α = 0: one-hot targets")
checks.dtype(targets, "float32", "of the type of the pictures, as the mixed ones")
images = labels.float()[:, None, None, None]
column = labels[:, None].clone()
torch.manual_seed(6)
for alpha in (0.2, 1.0):
    targets = mixup_batch(images, labels, 2, alpha=alpha)[1]
    own = targets.gather(1, column)[(targets > 0).all(1)]
    spread = 1 / math.sqrt(4 * (2 * alpha + 1))
    sentence = (
        f"Beta({alpha:g}, {alpha:g}): a picture's own share has mean 0.5, spread {spread:.3f}"
    )
    found = [own.mean().item(), own.std(correction=0).item()]
    checks.close(found, [0.5, spread], sentence, rtol=0, atol=0.04)
### BEGIN HIDDEN TESTS
targets = mixup_batch(images, labels, 2, alpha=3.0)[1]
own = targets.gather(1, column)[(targets > 0).all(1)]
found = [own.mean().item(), own.std(correction=0).item()]
checks.close(found, [0.5, 1 / math.sqrt(28)], "Beta(3, 3)", rtol=0, atol=0.04)
targets = mixup_batch(images[:6].double(), labels[:6], 2, alpha=0)[1]
checks.dtype(targets, "float64", "α = 0: targets of the type of the pictures")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name what exposes each, then unfold.
#
# 1. a second `torch.randperm` for the targets
# 2. `share = np.random.beta(alpha, alpha)`: one number for the batch
# 3. labels mixed as numbers: `share * labels + (1 - share) * labels[partner]`
#
# <details><summary>Answers</summary>
#
# 1. Any batch: the picture shows a thistle, the target speaks of a fern. Training still falls, to a
#    worse place: this is label noise.
# 2. The shares of a batch: all equal. It is a known variant, but the step is noisier.
# 3. Classes 0 and 2, half and half, become class 1.
# </details>
#
# ## 4 · Your turn: `parameter_groups`
#
# *About 10 minutes · 2 points.* Weight decay pulls weights towards 0. For the weights of a
# convolution that is a preference for simple functions. For the scale of a normalisation layer or a
# bias it is a preference for nothing in particular, and in long runs it hurts. The customary rule
# goes by shape: parameters with **two or more axes** are decayed; those with one (every bias, every
# scale and shift of a normalisation) are not. Frozen parameters (`requires_grad` false) belong to
# no group. The optimiser takes the two groups as they are: `torch.optim.AdamW(groups, lr=...)`.
#
# <details><summary>Hint: some parameters appear in both groups, or in none</summary>
#
# Go once through `model.parameters()` and put each into exactly one list.
# </details>


# %% nbgrader={"grade": false, "grade_id": "parameter_groups", "locked": false, "schema_version": 3, "solution": true, "task": false}
def parameter_groups(model, decay):
    """Split a model's parameters into those with weight decay and those without.

    Args:
        model: an `nn.Module`.
        decay: the weight decay, a float.

    Returns:
        List of two dicts, each with "params" (a list, in the model's order) and "weight_decay"
        (a float): first the decayed parameters, then biases, scales and shifts, with 0.
    """
    ### BEGIN SOLUTION
    decayed, others = [], []
    for parameter in model.parameters():
        if parameter.requires_grad:
            (decayed if parameter.ndim > 1 else others).append(parameter)
    return [
        {"params": decayed, "weight_decay": decay},
        {"params": others, "weight_decay": 0.0},
    ]
    ### END SOLUTION


def _garden(frozen=False, more=False):  # given: what the checks hand in
    layers = [nn.Conv2d(3, 4, 5), nn.BatchNorm2d(4), nn.Conv2d(4, 6, 3, bias=False)]
    layers += [nn.GroupNorm(2, 6), nn.Flatten(), nn.Linear(6, 8), nn.LayerNorm(8), nn.Linear(8, 2)]
    layers += [nn.Conv1d(2, 3, 1), nn.Embedding(5, 2)] if more else []
    layers[0].requires_grad_(not frozen)
    return nn.Sequential(*layers)


def _moved(decay):  # given: a model's weights before and after a step with these groups
    model = _garden()
    before = [p.detach().clone() for p in model.parameters()]
    rule = torch.optim.SGD(parameter_groups(model, decay), lr=1.0)
    sum(p.sum() for p in model.parameters()).backward()
    rule.step()
    return before, [p.detach() for p in model.parameters()]


# %% nbgrader={"grade": true, "grade_id": "test_parameter_groups_shapes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
groups = parameter_groups(_garden(), 0.05)
shapes = [[tuple(p.shape) for p in group["params"]] for group in groups]
checks.equal(len(groups), 2, "two groups")
weights = [(4, 3, 5, 5), (6, 4, 3, 3), (8, 6), (2, 8)]
checks.equal(shapes[0], weights, "decayed: the weights of convolutions and linear layers")
sentence = "not decayed: biases, and scales and shifts of all three kinds of normalisation"
checks.equal(sorted(shapes[1]), sorted([(4,)] * 3 + [(6,)] * 2 + [(8,)] * 3 + [(2,)]), sentence)
### BEGIN HIDDEN TESTS
shapes = [[tuple(p.shape) for p in g["params"]] for g in parameter_groups(_garden(True), 0.1)]
checks.equal(shapes[0], weights[1:], "a frozen convolution: its weight is in no group")
checks.equal(len(shapes[1]), 8, "nor is its bias")
shapes = [[tuple(p.shape) for p in g["params"]] for g in parameter_groups(_garden(more=True), 0.1)]
sentence = "whatever layer it belongs to: what has two or more axes is decayed"
checks.equal(shapes[0], [*weights, (3, 2, 1), (5, 2)], sentence)
checks.equal(len(shapes[1]), 10, "what has one is not")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_parameter_groups_decay", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
groups = parameter_groups(_garden(), 0.05)
checks.close([g["weight_decay"] for g in groups], [0.05, 0.0], "decay for the first group only")
model = _garden()
before = [value.clone() for value in model.state_dict().values()]
groups = parameter_groups(model, 0.5)
values = [[p.detach().clone() for p in g["params"]] for g in groups]
checks.close(values[0][0], before[0], "the parameters themselves, not copies of other values")
start, after = _moved(0.5)
sentence = "an optimiser that is given the groups moves the model itself: 1 + 0.5 · weight"
checks.close(start[0] - after[0], 1 + 0.5 * start[0], sentence, rtol=0, atol=1e-5)
checks.close(start[1] - after[1], torch.ones(4), "its biases by 1, their slope", rtol=0, atol=1e-5)
frozen = parameter_groups(_garden(frozen=True), 0.2)
checks.equal([len(g["params"]) for g in frozen], [3, 8], "frozen parameters belong to no group")
### BEGIN HIDDEN TESTS
checks.close([g["weight_decay"] for g in frozen], [0.2, 0.0], "another decay")
checks.close(values[0][3], before[-2], "the last weight")
checks.close(values[1][-1], before[-1], "the last bias")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name what exposes each, then unfold.
#
# 1. `if "bias" in name` for the group without decay, all else decayed
# 2. `if "norm" in name or "bias" in name`
#
# <details><summary>Answers</summary>
#
# 1. The scale of a normalisation is called `weight`: it is decayed. In a network with batch norm
#    before every ReLU the function does not change, the size of the steps does, and silently.
# 2. An `nn.Sequential` names its layers 0, 1, 2: no name holds "norm". Shapes do not depend on
#    names.
# </details>
#
# ## 5 · Your turn: `one_cycle`
#
# *About 10 minutes · 2 points.* The budget is fixed, so the schedule can be fixed, too: up, then
# down to nothing exactly when the budget is spent (Smith and Topin 2018; the cosine is from
# Loshchilov and Hutter 2017). With $w$ = `round(warm_up * steps)`, the rate of step $t = 0, 1,
# \dots, T - 1$ is
#
# $$\eta_t = \eta_{\max} \cdot \begin{cases} \dfrac{t + 1}{w + 1} & t < w \\[1ex]
# \dfrac12 \Bigl(1 + \cos \pi\, \dfrac{t - w}{T - w}\Bigr) & t \ge w . \end{cases}$$
#
# It is a function of the step and of nothing else: a run that is resumed at step 4,711 has the
# right rate at once. A schedule object that was not saved begins again from the bottom.
#
# <details><summary>Hint: the rate jumps where the two parts meet</summary>
#
# Step $w$ is the first of the second part and has the full rate; step $w - 1$ has $w/(w+1)$ of it.
# </details>


# %% nbgrader={"grade": false, "grade_id": "one_cycle", "locked": false, "schema_version": 3, "solution": true, "task": false}
def one_cycle(step, steps, peak, warm_up=0.2):
    """The learning rate of one step: a linear rise, then half a cosine down to 0.

    Args:
        step: number of the step, from 0 to steps − 1.
        steps: of the whole run.
        peak: the largest rate.
        warm_up: share of the steps that the rise takes, at least 0 and less than 1.

    Returns:
        The rate, a float.

    Raises:
        ValueError: the step is not one of the run's.
    """
    ### BEGIN SOLUTION
    if not 0 <= step < steps:
        raise ValueError(f"step {step} is not one of 0 to {steps - 1}")
    rise = round(warm_up * steps)
    if step < rise:
        return peak * (step + 1) / (rise + 1)
    return peak * 0.5 * (1 + math.cos(math.pi * (step - rise) / (steps - rise)))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_one_cycle_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
rates = [one_cycle(t, 5, 0.3, warm_up=0.4) for t in range(5)]
checks.close(rates, [0.1, 0.2, 0.3, 0.225, 0.075], "five steps, two of them rising")
checks.close(one_cycle(20, 100, 4e-3), 4e-3, "by default a fifth of the steps rises")
checks.close(one_cycle(60, 100, 4e-3), 2e-3, "halfway down the cosine: half the peak")
checks.close(one_cycle(0, 10, 1.0, warm_up=0.0), 1.0, "no rise: the first step has the full rate")
checks.close(one_cycle(0, 1, 2.0), 2.0, "a run of one step")
### BEGIN HIDDEN TESTS
expected = [
    0.7 * (t + 1) / 10 if t < 9 else 0.7 * math.cos(math.pi * (t - 9) / 56) ** 2 for t in range(37)
]
rates = [one_cycle(t, 37, 0.7, 0.25) for t in range(37)]
checks.close(rates, expected, "37 steps, 9 of them rising")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_one_cycle_bounds", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
rates = np.array([one_cycle(t, 200, 1.0, warm_up=0.1) for t in range(200)])
checks.equal(int(rates.argmax()), 20, "the peak is at step w")
checks.true(bool((np.diff(rates[:21]) > 0).all()), "it rises before")
checks.true(bool((np.diff(rates[20:]) < 0).all()), "and falls afterwards")
checks.true(0 < rates[-1] < 1e-3 and rates[0] > 0, "no step is lost to a rate of 0")
checks.raises(ValueError, one_cycle, 10, 10, 1.0, sentence="steps end at steps − 1")
checks.raises(ValueError, one_cycle, -1, 10, 1.0, sentence="there is no step −1")
### BEGIN HIDDEN TESTS
checks.close(one_cycle(1, 2, 1.0, 0.5), 1.0, "two steps, one of them rising")
checks.close(one_cycle(2, 3, 1.0, 0.9), 0.75, "all steps rising: the peak would come next")
checks.raises(ValueError, one_cycle, 1, 1, 1.0, sentence="the second step of a run of one")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name what exposes each, then unfold.
#
# 1. `peak * step / rise` for the rise
# 2. `math.cos(math.pi * step / steps)` for the fall
#
# <details><summary>Answers</summary>
#
# 1. Step 0 has rate 0: a batch looked at, paid for, and not learnt from. And no rise divides by 0.
# 2. At step $w$ the cosine has come down already: the rate jumps.
# </details>
#
# *Commit first:* what share of the area under a constant rate of `peak` does the cycle with a fifth
# of rise have?

# %%
my_guess = 30  # percent

# %% tags=["demo"]
figure, axes = plt.subplots(figsize=(6, 2.8))
for warm_up in (0.05, 0.2, 0.5):
    rates = [one_cycle(t, 1000, 1.0, warm_up) for t in range(1000)]
    axes.plot(rates, label=f"rise over {100 * warm_up:.0f} %")
area = np.mean([one_cycle(t, 1000, 1.0) for t in range(1000)])
print(f"your guess {my_guess} %, measured {100 * area:.0f} %")
axes.set(xlabel="step of 1,000", ylabel="rate / peak")
axes.legend()
plots.show(
    figure,
    alt="Three curves of the learning rate over a thousand steps: a straight rise to 1 over 5, 20 "
    "or 50 percent of the steps, then half a cosine down to 0.",
)

# %% [markdown]
# **What you should see.** Half the area, whatever the rise: the straight line and the half cosine
# both average ½. So if a longer rise helps, it is not because the run as a whole is slower.
#
# ## 6 · Your turn: `train_step`
#
# *About 28 minutes · 4 points.* One step on one batch, with everything that makes large runs fast
# and steady:
#
# - **training mode**, and gradients cleared from the last step;
# - **channels last**: pictures in `torch.channels_last` memory order, which convolutions on tensor
#   cores (and many on CPUs) prefer; shapes stay (N, C, H, W);
# - **mixed precision** where `mixed` is true: forward pass and loss under `torch.autocast` in
#   bfloat16 on the pictures' kind of device. The weights stay float32, and autocast computes the
#   cross-entropy in float32 by itself;
# - **label smoothing** (Szegedy et al. 2016) by the cross-entropy's own argument; labels may also
#   be soft targets (N, C), as mixup gives them;
# - **accumulation**: a batch too large for the memory is cut into `parts` parts (`chunk`), forward
#   and backward for each, one optimiser step at the end. The gradient must be that of the *whole*
#   batch: the mean over N pictures. `backward` adds, so each part's mean loss counts by its share
#   of the pictures, $n_i / N$, and the last part may be smaller;
# - **clipping**: the gradient of all parameters together is scaled down to norm `clip` if it is
#   longer. Clip once, after the last part.
#
# Return the loss of the batch (before the step) and the norm of the gradient (before clipping):
# with these two you can diagnose most runs.
#
# <details><summary>Hint: my loss with two parts is twice (or half) of what it should be</summary>
#
# Try N = 5 in parts of 3 and 2 with pencil and paper: (3/5) · mean of three + (2/5) · mean of two.
# </details>
# <details><summary>Hint: the gradient norm is different with parts</summary>
#
# Where do you clip, and where do you clear gradients: once a batch, or once a part?
# </details>


# %% nbgrader={"grade": false, "grade_id": "train_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_step(model, optimiser, images, labels, *, smoothing=0.1, clip=1.0, parts=1, mixed=True):
    """Take one optimiser step on one batch.

    Args:
        model, optimiser: an `nn.Module` that gives scores (N, classes), and its optimiser.
        images, labels: (N, C, H, W); (N,) int64, or soft targets (N, classes).
        smoothing: of the labels, from 0 to 1.
        clip: largest norm of the gradient of all parameters together.
        parts: how many pieces the batch is cut into; fewer if it has not as many pictures.
        mixed: whether to compute in bfloat16 where autocast says so.

    Returns:
        The batch's mean loss, and the norm of the gradient before clipping: two floats.
    """
    ### BEGIN SOLUTION
    model.train()
    optimiser.zero_grad()
    images = images.contiguous(memory_format=torch.channels_last)
    total = 0.0
    for x, y in zip(images.chunk(parts), labels.chunk(parts), strict=True):
        with torch.autocast(images.device.type, torch.bfloat16, enabled=mixed):
            loss = F.cross_entropy(model(x), y, label_smoothing=smoothing) * len(x) / len(images)
        loss.backward()
        total += loss.item()
    norm = nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimiser.step()
    return total, norm.item()
    ### END SOLUTION


class _Specimen(nn.Sequential):  # given: what the checks train
    def __init__(self, rate=0.1):
        super().__init__(nn.Conv2d(2, 3, 3), nn.Linear(3, 4))
        self.notes, self.optimiser = [], torch.optim.SGD(self.parameters(), rate, momentum=0.9)

    def forward(self, x):
        mixed = torch.is_autocast_enabled("cpu") and str(torch.get_autocast_dtype("cpu"))
        last = x.is_contiguous(memory_format=torch.channels_last)
        self.notes.append((self.training, mixed, last, len(x)))
        return self[1](self[0](x).relu().mean((2, 3)))


# %% nbgrader={"grade": true, "grade_id": "test_train_step_loss", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
draw = torch.Generator().manual_seed(7)
x = torch.randn(5, 2, 4, 4, generator=draw, dtype=torch.float64)
y = torch.tensor([0, 3, 1, 1, 2])
model = _Specimen(rate=0.0).double()
W, b, V, c = (value.clone() for value in model.state_dict().values())
scores = F.conv2d(x, W, b).relu().mean((2, 3)) @ V.T + c
logs = scores - scores.logsumexp(1, keepdim=True)
picked = -logs.gather(1, y[:, None]).mean()
hard, smoothed = picked.item(), (0.8 * picked - 0.2 * logs.mean()).item()
mixture = torch.softmax(torch.randn(5, 4, generator=draw, dtype=torch.float64), 1)
soft = -(mixture * logs).sum(1).mean().item()
plain = {"smoothing": 0.0, "mixed": False}
got_loss = train_step(model, model.optimiser, x, y, **plain)[0]
checks.true(isinstance(got_loss, float), "the loss is a float, not a tensor with its whole graph")
checks.close(got_loss, hard, "the mean cross-entropy of the batch, float64 all the way")
got_loss = train_step(model, model.optimiser, x, y, smoothing=0.2, mixed=False)[0]
checks.close(got_loss, smoothed, "smoothing 0.2: 0.8 of the label, 0.2 of all classes' mean")
got_loss = train_step(model, model.optimiser, x, mixture, **plain)[0]
checks.close(got_loss, soft, "soft targets, as mixup gives them")
got_loss = train_step(model, model.optimiser, x, mixture, smoothing=0.2, mixed=False)[0]
checks.close(got_loss, 0.8 * soft - 0.2 * logs.mean().item(), "soft targets are smoothed, too")
### BEGIN HIDDEN TESTS
default = (0.9 * picked - 0.1 * logs.mean()).item()
third = -logs[2, 1].item()
got_loss = train_step(model, model.optimiser, x, y, mixed=False)[0]
checks.close(got_loss, default, "smoothing is 0.1 unless it is said")
got_loss = train_step(model, model.optimiser, x[2:3], y[2:3], **plain)[0]
checks.close(got_loss, third, "a batch of one")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_train_step_update", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
draw = torch.Generator().manual_seed(8)
x = torch.randn(6, 2, 4, 4, generator=draw, dtype=torch.float64) * 3
y = torch.tensor([0, 3, 1, 1, 2, 0])
for limit in (100.0, 0.05):
    model = _Specimen().double()
    leaves = [v.clone().requires_grad_() for v in model.state_dict().values()]
    rule, norms = torch.optim.SGD(leaves, lr=0.1, momentum=0.9), []
    for _ in range(2):
        rule.zero_grad()
        hidden = F.conv2d(x, leaves[0], leaves[1]).relu().mean((2, 3))
        F.cross_entropy(hidden @ leaves[2].T + leaves[3], y).backward()
        norms.append(torch.nn.utils.clip_grad_norm_(leaves, limit).item())
        rule.step()
    settings = {"smoothing": 0.0, "clip": limit, "mixed": False}
    found = [train_step(model, model.optimiser, x, y, **settings)[1] for _ in range(2)]
    checks.close(found, norms, f"clip {limit:g}: the gradient's norm before clipping, in two steps")
    state = list(model.state_dict().values())
    sentence = f"clip {limit:g}: weights after two steps; all gradients scaled together"
    checks.close(state[0], leaves[0].detach(), sentence)
    checks.close(state[2], leaves[2].detach(), "and those of the head")
### BEGIN HIDDEN TESTS
checks.close(state[1], leaves[1].detach(), "biases of the convolution")
checks.close(state[3], leaves[3].detach(), "biases of the head")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_train_step_parts", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
draw = torch.Generator().manual_seed(9)
x = torch.randn(5, 2, 4, 4, generator=draw, dtype=torch.float64)
y = torch.tensor([0, 3, 1, 1, 2])
model = _Specimen().double()
leaves = [v.clone().requires_grad_() for v in model.state_dict().values()]
hidden = F.conv2d(x, leaves[0], leaves[1]).relu().mean((2, 3))
whole = F.cross_entropy(hidden @ leaves[2].T + leaves[3], y)
whole.backward()
batch_norm = torch.nn.utils.clip_grad_norm_(leaves, 0.1).item()
expected = [(v - 0.1 * v.grad).detach() for v in leaves]
settings = {"smoothing": 0.0, "clip": 0.1, "mixed": False}
got_loss, found = train_step(model, model.optimiser, x, y, parts=2, **settings)
sizes = [note[3] for note in model.notes]
checks.equal(sizes, [3, 2], "parts=2: the model sees three pictures, then two")
checks.close(got_loss, whole.item(), "3/5 of the first part's loss and 2/5 of the second's")
checks.close(found, batch_norm, "the gradient of the whole batch: its norm")
state = list(model.state_dict().values())
checks.close(state[0], expected[0], "one step, the same as without parts")
model = _Specimen().double()
got_loss, found = train_step(model, model.optimiser, x[:1], y[:1], parts=2, **settings)
sentence = "one picture with parts=2 makes one part: there is no mean over no pictures"
checks.true(math.isfinite(got_loss) and math.isfinite(found), sentence)
### BEGIN HIDDEN TESTS
checks.close(state[3], expected[3], "the biases after the step")
model = _Specimen(rate=0.0).double()
model.load_state_dict(dict(zip(model.state_dict(), [v.detach() for v in leaves], strict=True)))
mixture = torch.softmax(torch.randn(5, 4, generator=draw, dtype=torch.float64), 1)
scores = (hidden @ leaves[2].T + leaves[3]).detach()
soft = F.cross_entropy(scores, mixture).item()
got_loss = train_step(model, model.optimiser, x, mixture, parts=3, **settings)[0]
checks.equal([note[3] for note in model.notes], [2, 2, 1], "five pictures in three parts")
checks.close(got_loss, soft, "soft targets in three parts")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_train_step_modes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
draw = torch.Generator().manual_seed(10)
x, y = torch.randn(8, 2, 6, 6, generator=draw), torch.tensor([0, 1, 2, 3, 3, 2, 1, 0])
model = _Specimen(rate=0.0)
W, b, V, c = (value.clone() for value in model.state_dict().values())
with torch.autocast("cpu", torch.bfloat16):
    scores = F.linear(F.conv2d(x, W, b).relu().mean((2, 3)), V, c)
expected = F.cross_entropy(scores.float(), y).item()
model.eval()
got_loss, batch_norm = train_step(model, model.optimiser, x, y, smoothing=0.0)
training, mixed, last, size = model.notes[0]
checks.true(training, "the model is put into training mode")
checks.equal(
    mixed,
    "torch.bfloat16",
    "the forward pass runs under autocast in bfloat16 unless `mixed` is false",
)
checks.true(last, "pictures arrive in the memory order channels_last")
checks.equal(size, 8, "one part: the whole batch at once")
checks.close(got_loss, expected, "the loss is computed in float32", rtol=0, atol=2e-4)
checks.true(isinstance(batch_norm, float), "the norm is a float")
checks.dtype(model.state_dict()["0.weight"], "float32", "weights stay float32")
train_step(model, model.optimiser, x, y, mixed=False)
checks.equal(model.notes[1], (True, False, True, 8), "mixed=False: no autocast, all else the same")
### BEGIN HIDDEN TESTS
train_step(model, model.optimiser, x[:, :, ::2].contiguous(), y, parts=4)
checks.equal(
    model.notes[2:], [(True, "torch.bfloat16", True, 2)] * 4, "four parts of two pictures each"
)
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name what exposes each, then unfold.
#
# 1. `loss.backward()` for each part without the factor
# 2. `loss = loss / parts`
# 3. clipping inside the loop over the parts
# 4. `return loss`
#
# <details><summary>Answers</summary>
#
# 1. Two parts: the gradient is twice too long. With clipping or Adam hardly anything is seen; with
#    a schedule tuned without parts, the rate is doubled.
# 2. Five pictures in two parts: those of the smaller part count more. Right for equal parts, so it
#    waits for the last batch of an epoch.
# 3. Parts whose gradients nearly cancel: each is cut to the limit before they are added.
# 4. Keep the losses of an epoch in a list, and watch the memory: each holds the graph of its batch.
# </details>
#
# ## 7 · Your turn: `ExponentialMovingAverage`
#
# *About 18 minutes · 3 points.* Late in training the weights circle round a good place. Their
# moving average lies nearer to it than any of them (Polyak and Juditsky 1992). Keep a second model,
# the average $\bar\theta$, and after the $t$-th step ($t = 1, 2, \dots$)
#
# $$\bar\theta \leftarrow d_t \bar\theta + (1 - d_t)\, \theta, \qquad
# d_t = \min\Bigl(d,\; \frac{1 + t}{10 + t}\Bigr).$$
#
# The small $d_t$ of the first steps lets the average forget the random beginning. Two things are
# forgotten easily. **Batch-norm statistics** are not parameters but *buffers*: an average with the
# weights of step 10,000 and the running means of step 0 is worthless. Average every entry of
# `state_dict()` that is floating point, and copy the others (counters). And the average is a model
# of its own: a deep copy in evaluation mode, with no gradients.
#
# <details><summary>Hint: my average changes although nobody calls update</summary>
#
# It shares tensors with the model. `copy.deepcopy` makes new ones.
# </details>
# <details><summary>Hint: a leaf Variable that requires grad is used in an in-place
# operation</summary>
#
# `update` is bookkeeping, not something to differentiate: `torch.no_grad()`.
# </details>


# %% nbgrader={"grade": false, "grade_id": "ExponentialMovingAverage", "locked": false, "schema_version": 3, "solution": true, "task": false}
class ExponentialMovingAverage:
    """The moving average of a model's weights and statistics, itself a model.

    Attributes:
        model: the average; in evaluation mode, without gradients, independent of the original.
        updates: how many there were.
    """

    def __init__(self, model, decay=0.999):
        """Begin with a copy.

        Args:
            model: an `nn.Module`. Not modified.
            decay: how much of the average is kept in an update, once it is warm.
        """
        ### BEGIN SOLUTION
        self.model = copy.deepcopy(model).eval().requires_grad_(False)
        self.decay = decay
        self.updates = 0
        ### END SOLUTION

    def update(self, model):
        """Move the average towards a model.

        Args:
            model: of the same design. Not modified.

        Returns:
            The decay that was used, a float.
        """
        ### BEGIN SOLUTION
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        newest = model.state_dict()
        for name, mine in self.model.state_dict().items():
            if mine.is_floating_point():
                mine.lerp_(newest[name], 1 - decay)
            else:
                mine.copy_(newest[name])
        return decay
        ### END SOLUTION

    def state_dict(self):
        """Give all that a checkpoint needs: a dict with "model" (its state) and "updates"."""
        ### BEGIN SOLUTION
        return {"model": self.model.state_dict(), "updates": self.updates}
        ### END SOLUTION

    def load_state_dict(self, state):
        """Take over what `state_dict` gave.

        Args:
            state: the dict.
        """
        ### BEGIN SOLUTION
        self.model.load_state_dict(state["model"])
        self.updates = state["updates"]
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_ExponentialMovingAverage_update", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
zero = {name: torch.zeros_like(value) for name, value in _garden().state_dict().items()}
one, three = ({name: value + n for name, value in zero.items()} for n in (1, 3))
model = _garden()
model.load_state_dict(zero)
averaged = ExponentialMovingAverage(model, decay=0.25)
decays = []
for state in (one, three, three):
    model.load_state_dict(state)
    decays.append(averaged.update(model))
wanted, value = [2 / 11, 0.25, 0.25], 0.0
for decay, to in zip(wanted, (1.0, 3.0, 3.0), strict=True):
    value = decay * value + (1 - decay) * to
state = averaged.model.state_dict()
checks.close(decays, wanted, "(1 + t)/(10 + t) at first, then the decay that was asked for")
checks.close(
    state["5.weight"], torch.full((8, 6), value), "weights: d · average + (1 − d) · newest"
)
checks.close(state["1.weight"], torch.full((4,), value), "the scale of the batch norm as well")
checks.equal(averaged.updates, 3, "updates are counted")
checks.close(model.state_dict()["5.weight"], three["5.weight"], "the model is not changed")
### BEGIN HIDDEN TESTS
averaged = ExponentialMovingAverage(_garden())
decays = [averaged.update(model) for _ in range(40)]
checks.close(decays, [(1 + t) / (10 + t) for t in range(1, 41)], "forty updates with decay 0.999")
averaged = ExponentialMovingAverage(_garden(), decay=0.0)
averaged.update(model)
found = averaged.model.state_dict()["7.bias"]
checks.close(found, torch.full((2,), 3.0), "decay 0 keeps nothing")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_ExponentialMovingAverage_statistics", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
zero = {name: torch.zeros_like(value) for name, value in _garden().state_dict().items()}
states = [{name: value + n for name, value in zero.items()} for n in (10, 20)]
model = _garden()
model.load_state_dict(zero)
averaged = ExponentialMovingAverage(model, decay=0.1)
for state in states:
    model.load_state_dict(state)
    averaged.update(model)
state = averaged.model.state_dict()
sentence = "running means and variances are averaged like weights: 0.1 · 9 + 0.9 · 20 = 18.9"
checks.close(state["1.running_mean"], torch.full((4,), 18.9), sentence)
checks.close(state["1.running_var"], torch.full((4,), 18.9), sentence)
count = state["1.num_batches_tracked"].item()
checks.equal(count, 20, "whole numbers cannot be averaged: the newest is copied")
### BEGIN HIDDEN TESTS
model = _garden().double()
model.load_state_dict(zero)
averaged = ExponentialMovingAverage(model, decay=0.05)
model.load_state_dict({name: value + 4 for name, value in zero.items()})
averaged.update(model)
found = averaged.model.state_dict()
checks.close(found["1.running_var"], torch.full((4,), 3.8).double(), "a variance", rtol=1e-6)
checks.dtype(found["1.running_mean"], "float64", "float64 stays float64")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_ExponentialMovingAverage_apart", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
one = {name: torch.ones_like(value) for name, value in _garden().state_dict().items()}
model = _garden()
model.load_state_dict(one)
averaged = ExponentialMovingAverage(model)
model.load_state_dict({name: value * 7 for name, value in one.items()})
state = averaged.model.state_dict()
checks.close(state["7.bias"], one["7.bias"], "a copy: training the model leaves it alone")
checks.close(state["1.running_mean"], one["1.running_mean"], "its statistics, too")
checks.equal(averaged.model.training, False, "the average is in evaluation mode")
checks.equal(model.training, True, "and the model stays in its own")
asked = [p.requires_grad for p in averaged.model.parameters()]
checks.equal(asked, [False] * 13, "the average asks for no gradients")
checks.equal([p.requires_grad for p in model.parameters()], [True] * 13, "the model still does")
averaged.update(model)
content = averaged.state_dict()
checks.equal(sorted(content), ["model", "updates"], "its state: model and updates")
expected = averaged.model.state_dict()["5.weight"].clone()
other = ExponentialMovingAverage(_garden())
other.load_state_dict(content)
checks.close(other.model.state_dict()["5.weight"], expected, "a state restored: weights")
checks.close(other.update(model), 3 / 12, "a state restored: the next update is the second")
checks.equal(averaged.model.training, False, "after an update it is still in evaluation mode")
### BEGIN HIDDEN TESTS
checks.equal(other.updates, 2, "the count goes on")
found = other.model.state_dict()["1.running_var"]
value = 7.0 - 6.0 * 2 / 11 * 3 / 12
checks.close(found, torch.full((4,), value), "statistics of a restored state")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name what exposes each, then unfold.
#
# 1. a loop over `model.parameters()`
# 2. `self.model = model`
# 3. `decay = self.decay` from the first step on
#
# <details><summary>Answers</summary>
#
# 1. Any network with batch norm: good weights with the statistics of an untrained network. Training
#    looks fine, the average scores like chance, and people conclude that averaging does not help.
# 2. One update: the "average" is the model itself, and has been switched to evaluation, too.
# 3. A run of 300 steps with $d = 0.999$: three quarters of the average are the random beginning.
# </details>
#
# ## 8 · Your turn: `predict`
#
# *About 15 minutes · 3 points.* A mirrored plant is the same plant, so ask twice: once for the
# picture and once for its mirror image left to right, and average the two **probabilities**. Batch
# norm and dropout must behave as in use (*evaluation mode*), nothing is to be differentiated,
# memory is limited (batches), and afterwards the model is in the mode in which it came: a function
# that measures must not change what it measures.
#
# <details><summary>Hint: other results when I predict picture by picture</summary>
#
# In training mode batch norm mixes the pictures of a batch with one another, and with each call its
# running statistics move.
# </details>


# %% nbgrader={"grade": false, "grade_id": "predict", "locked": false, "schema_version": 3, "solution": true, "task": false}
def predict(model, images, batch=500):
    """Probabilities of the classes, averaged over each picture and its mirror image.

    Args:
        model: an `nn.Module` that gives scores (N, classes); its mode is left as it was.
        images: (N, C, H, W), N at least 1, on the model's device.
        batch: how many pictures the model gets at a time, at most.

    Returns:
        (N, classes), each row summing to 1, without gradients.
    """
    ### BEGIN SOLUTION
    mode = model.training
    model.eval()
    found = []
    with torch.no_grad():
        for part in images.split(batch):
            views = [model(view).softmax(1) for view in (part, part.flip(3))]
            found.append(sum(views) / 2)
    model.train(mode)
    return torch.cat(found)
    ### END SOLUTION


class _Witness(nn.Module):  # given: notes how it is asked
    def __init__(self):
        super().__init__()
        self.notes = []
        self.norm = nn.BatchNorm2d(1)
        self.line = nn.Linear(6, 3)

    def forward(self, x):
        self.notes.append((self.training, torch.is_grad_enabled(), len(x)))
        return self.line(self.norm(x).flatten(1)) * 2


# %% nbgrader={"grade": true, "grade_id": "test_predict_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
draw = torch.Generator().manual_seed(11)
x = torch.randn(7, 1, 2, 3, generator=draw, dtype=torch.float64)
model = _Witness().double()
model.eval()
W, b = (model.state_dict()[name].clone() for name in ("line.weight", "line.bias"))
views = [2 * ((v / math.sqrt(1 + 1e-5)).flatten(1) @ W.T + b) for v in (x, x.flip(3))]
expected = (views[0].softmax(1) + views[1].softmax(1)) / 2
found = predict(model, x)
checks.shape(found, (7, 3), "a row for each picture, a column for each class")
checks.close(found, expected, "the mean of the probabilities of the picture and its mirror image")
checks.close(found.sum(1), torch.ones(7, dtype=torch.float64), "probabilities sum to 1")
mirrored = predict(model, x.flip(3))
checks.close(mirrored, expected, "a mirrored picture has the same probabilities")
### BEGIN HIDDEN TESTS
checks.close(predict(model, x[2:3]), expected[2:3], "one picture")
checks.unchanged(predict, model, x.clone())
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_predict_mode", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = _Witness()
x = torch.randn(6, 1, 2, 3, generator=torch.Generator().manual_seed(12)) + 3
before = model.norm.running_mean.clone()
found = predict(model, x)
modes = {note[0] for note in model.notes}
checks.equal(modes, {False}, "the model is asked in evaluation mode")
checks.close(model.norm.running_mean, before, "its running statistics stay as they are")
checks.equal(model.training, True, "afterwards it is in training mode again, as it came")
checks.equal(model.norm.training, True, "and so are its layers")
checks.equal({note[1] for note in model.notes}, {False}, "no graph is recorded")
checks.equal(found.requires_grad, False, "the result has no gradients")
model.eval()
predict(model, x)
checks.equal(model.training, False, "a model in evaluation mode stays in it")
### BEGIN HIDDEN TESTS
alone = torch.cat([predict(model, x[n : n + 1]) for n in range(6)])
checks.close(predict(model, x), alone, "a picture's result does not depend on its neighbours")
checks.equal(model.norm.training, False, "its layers stay in their mode, too")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_predict_batches", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = _Witness()
model.eval()
x = torch.randn(11, 1, 2, 3, generator=torch.Generator().manual_seed(13))
whole = predict(model, x, batch=11)
alone = torch.cat([predict(model, x[n : n + 1], batch=50) for n in range(11)])
checks.close(whole, alone, "the rows are in the order of the pictures")
for batch in (4, 1, 50):
    sentence = f"11 pictures in batches of {batch}: the same as at once, the last batch included"
    found = predict(model, x, batch=batch)
    checks.close(found, whole, sentence)
small = _Witness()
predict(small, x, batch=4)
sizes = [note[2] for note in small.notes]
checks.true(max(sizes) <= 4, "the model never gets more than `batch` pictures at a time")
checks.equal(sum(sizes), 22, "and each picture twice in all")
### BEGIN HIDDEN TESTS
predict(small, torch.cat([x] * 60))
sizes = [note[2] for note in small.notes[len(sizes) :]]
checks.equal((max(sizes), sum(sizes)), (500, 1320), "660 pictures, 500 at a time unless it is said")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name what exposes each, then unfold.
#
# 1. no `model.eval()`
# 2. `model.train()` at the end
# 3. the mean of the *scores*, then softmax
#
# <details><summary>Answers</summary>
#
# 1. One picture alone: batch norm subtracts the picture's own mean. In large batches the mistake
#    costs little, so it stays; and every evaluation moves the running statistics towards the test
#    set.
# 2. A model that came in evaluation mode: the next caller trains its statistics without knowing.
# 3. Not wrong, but another average (a geometric one); two views that disagree strongly give another
#    winner now and then. The text asks for probabilities.
# </details>
#
# ## 9 · Your turn: `ShardedImages`
#
# *About 28 minutes · 4 points.* A million pictures do not fit into memory. They lie on disk in
# files of a few thousand, *shards*, opened as memory maps: `shard_images[5]` reads one picture, and
# nothing else. Several processes read at once: `ranks` training processes (one for each GPU), each
# with `workers` reading for it. Together they must see **every picture exactly once an epoch**, and
# in another order in every epoch. Keep the shards as you get them: joining or copying them would read
# everything at once.
#
# One rule does all of it. Number the pictures of all shards through, 0 to $n - 1$. In epoch $e$
# *all* readers draw the same permutation of them, from the generator
# `np.random.default_rng((seed, e))`; of $R$ = `ranks * workers` readers, number
# $r$ = `rank * workers + worker` takes the places $r, r + R, r + 2R, \dots$ of it. Nobody talks to
# anybody, and no picture is read twice. (Whoever draws a permutation of their own breaks it: in a
# test on one process nothing is seen.)
#
# With `mirror` each picture is mirrored left to right with a probability of ½. For these draws the
# opposite holds: readers must *not* share a seed, or picture $k$ of every reader is treated alike,
# in every epoch the same. A generator from `(seed, epoch, reader)` is different for each.
#
# <details><summary>Hint: which shard holds picture 3,000?</summary>
#
# The running sums of the shards' lengths (`np.cumsum`) and `np.searchsorted(..., side="right")`.
# </details>
# <details><summary>Hint: PyTorch warns of negative strides, or of an array that is not
# writable</summary>
#
# A mirrored view has a negative stride, a memory map may be read-only. `np.stack` of the pictures
# of a batch makes an array of its own.
# </details>


# %% nbgrader={"grade": false, "grade_id": "ShardedImages", "locked": false, "schema_version": 3, "solution": true, "task": false}
class ShardedImages:
    """One reader's batches of the pictures of several shards.

    Attributes:
        epoch: the epoch whose order is read, 0 at first.
    """

    def __init__(
        self, shards, batch, *, rank=0, ranks=1, worker=0, workers=1, seed=0, mirror=False
    ):
        """Note what there is to read, and by whom.

        Args:
            shards: list of pairs: images (n, C, H, W) uint8 and labels (n,), arrays or memory
                maps; n may differ.
            batch: pictures in a batch; the last one of an epoch may have fewer.
            rank: number of this training process.
            ranks: how many there are.
            worker: number of this reader within its training process.
            workers: how many each training process has.
            seed: of the order and of the mirroring.
            mirror: whether pictures are mirrored at random.
        """
        ### BEGIN SOLUTION
        self.shards, self.batch, self.mirror = shards, batch, mirror
        self.reader, self.readers = rank * workers + worker, ranks * workers
        self.seed, self.epoch = seed, 0
        self.ends = np.cumsum([len(labels) for _, labels in shards])
        ### END SOLUTION

    def set_epoch(self, epoch):
        """Choose the epoch, and with it the order.

        Args:
            epoch: its number, from 0.
        """
        ### BEGIN SOLUTION
        self.epoch = epoch
        ### END SOLUTION

    def __len__(self):
        """Count this reader's batches in an epoch."""
        ### BEGIN SOLUTION
        mine = len(range(self.reader, self.ends[-1], self.readers))
        return math.ceil(mine / self.batch)
        ### END SOLUTION

    def __iter__(self):
        """Read this reader's pictures of the epoch.

        Yields:
            images: (B, C, H, W) uint8 tensor, B at most `batch`.
            labels: (B,) int64 tensor.
        """
        ### BEGIN SOLUTION
        order = np.random.default_rng((self.seed, self.epoch)).permutation(self.ends[-1])
        mine = order[self.reader :: self.readers]
        chance = np.random.default_rng((self.seed, self.epoch, self.reader))
        for first in range(0, len(mine), self.batch):
            chosen = mine[first : first + self.batch]
            numbers = np.searchsorted(self.ends, chosen, side="right")
            found = []
            for number, place in zip(numbers, chosen - self.ends[numbers], strict=True):
                images, labels = self.shards[number]
                found.append((images[place], labels[place]))
            images = np.stack([image for image, _ in found])
            if self.mirror:
                mirrored = chance.random(len(images)) < 0.5
                images[mirrored] = images[mirrored, ..., ::-1]
            yield torch.from_numpy(images), torch.tensor([int(label) for _, label in found])
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_ShardedImages_order", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
numbers = np.arange(23)
images = np.stack([numbers, 100 + numbers], 1)[:, None, None, :].repeat(2, 1).astype(np.uint8)
labels = (numbers * 7) % 5
shards = [(images[a:b], labels[a:b]) for a, b in ((0, 10), (10, 11), (11, 23))]
data = ShardedImages(shards, 4, seed=3)
batches = list(data)
checks.equal([len(y) for _, y in batches], [4, 4, 4, 4, 4, 3], "batches of 4, the last one of 3")
checks.equal(len(data), 6, "len counts the batches")
checks.shape(batches[0][0], (4, 2, 1, 2), "pictures keep their shape")
checks.dtype(batches[0][0], "uint8", "bytes stay bytes")
checks.dtype(batches[0][1], "int64", "labels are int64")
x, y = (torch.cat(parts) for parts in zip(*batches, strict=True))
seen = x[:, 0, 0, 0].tolist()
checks.equal(sorted(seen), numbers.tolist(), "every picture of every shard exactly once")
checks.close(x, torch.from_numpy(images[seen]), "whole pictures, unchanged")
checks.equal(y.tolist(), labels[seen].tolist(), "each with its own label")
sentence = "the order is np.random.default_rng((seed, epoch)).permutation(number of pictures)"
checks.equal(seen, np.random.default_rng((3, 0)).permutation(23).tolist(), sentence)
large = (np.zeros((20, 1, 300, 300), np.uint8), np.arange(20))
sentence = "shards of 2 MB stay where they are, on disk if they are memory maps: no copies"
checks.peak_memory(ShardedImages, [large, large], 3, at_most=1e6, sentence=sentence)
### BEGIN HIDDEN TESTS
data = ShardedImages(shards[1:], 13)
found = torch.cat([x[:, 0, 0, 0] for x, _ in data]).tolist()
checks.equal(found, (10 + np.random.default_rng((0, 0)).permutation(13)).tolist(), "two shards")
checks.equal(len(data), 1, "all in one batch")
checks.equal(len(ShardedImages(shards, 22)), 2, "23 pictures in batches of 22")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_ShardedImages_epochs", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
numbers = np.arange(30)
images = numbers[:, None, None, None].astype(np.uint8)
shards = [(images[a : a + 6], numbers[a : a + 6]) for a in range(0, 30, 6)]
data = ShardedImages(shards, 7, seed=5)
first, again = ([n for _, y in data for n in y.tolist()] for _ in range(2))
checks.equal(again, first, "the same epoch twice: the same order")
data.set_epoch(4)
later = [n for _, y in data for n in y.tolist()]
checks.equal(later == first, False, "another epoch has another order")
checks.equal(sorted(later), numbers.tolist(), "of the same pictures")
checks.equal(later, np.random.default_rng((5, 4)).permutation(30).tolist(), "drawn from (5, 4)")
shards_seen = {n // 6 for n in first[:12]}
checks.true(len(shards_seen) > 2, "pictures of all shards are mixed, not shard after shard")
checks.equal(data.epoch, 4, "`epoch` says which epoch is read")
### BEGIN HIDDEN TESTS
data.set_epoch(0)
checks.equal([n for _, y in data for n in y.tolist()], first, "back to epoch 0: its order again")
other = ShardedImages(shards, 7, seed=6)
checks.equal([n for _, y in other for n in y.tolist()] == first, False, "another seed")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_ShardedImages_split", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
numbers = np.arange(29)
images = numbers[:, None, None, None].astype(np.uint8)
shards = [(images[a:b], numbers[a:b]) for a, b in ((0, 12), (12, 29))]
order = np.random.default_rng((1, 2)).permutation(29).tolist()
readers, lengths = {}, []
for rank, worker in ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)):
    place = {"rank": rank, "ranks": 2, "worker": worker, "workers": 3}
    data = ShardedImages(shards, 2, seed=1, **place)
    data.set_epoch(2)
    readers[rank, worker] = [n for _, y in data for n in y.tolist()]
    lengths.append(len(data))
checks.equal(lengths, [3, 3, 3, 3, 3, 2], "five or four pictures each, in batches of two")
together = sorted(n for seen in readers.values() for n in seen)
checks.equal(together, numbers.tolist(), "two ranks of three workers: no picture twice, none lost")
for number, seen in enumerate(readers.values()):
    sentence = f"reader {number} of 6 takes every sixth place of the common order, from {number} on"
    checks.equal(seen, order[number::6], sentence)
### BEGIN HIDDEN TESTS
for rank in range(4):
    data = ShardedImages(shards, 3, rank=rank, ranks=4, seed=8)
    expected = np.random.default_rng((8, 0)).permutation(29)[rank::4].tolist()
    checks.equal([n for _, y in data for n in y.tolist()], expected, "four ranks of one worker")
    checks.equal(len(data), 3, "seven or eight pictures in threes")
for worker in range(2):
    data = ShardedImages(shards, 50, worker=worker, workers=2, rank=1, ranks=2)
    expected = np.random.default_rng((0, 0)).permutation(29)[2 + worker :: 4].tolist()
    checks.equal([n for _, y in data for n in y.tolist()], expected, "rank 1 of 2, two workers")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_ShardedImages_mirror", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
numbers = np.arange(240)
images = np.stack([numbers, np.full(240, 250)], 1)[:, None, None, :].astype(np.uint8)
shards = [(images[:100].copy(), numbers[:100]), (images[100:].copy(), numbers[100:])]
patterns = {}
for worker, epoch in ((0, 0), (1, 0), (0, 1), (1, 1)):
    place = {"worker": worker, "workers": 2}
    data = ShardedImages(shards, 16, seed=2, mirror=True, **place)
    data.set_epoch(epoch)
    x, y = (torch.cat(parts) for parts in zip(*data, strict=True))
    mirrored = x[:, 0, 0, 0] == 250
    restored = torch.where(mirrored, x[:, 0, 0, 1], x[:, 0, 0, 0])
    checks.equal(restored.tolist(), y.tolist(), "as it is, or with columns exchanged; never else")
    share = mirrored.double().mean().item()
    checks.true(0.3 < share < 0.7, "about half of the pictures are mirrored")
    patterns[worker, epoch] = mirrored.tolist()
sentence = "two workers draw differently: a seed of their own each"
checks.equal(patterns[0, 0] == patterns[1, 0], False, sentence)
checks.equal(patterns[0, 0] == patterns[0, 1], False, "two epochs are mirrored differently")
sentence = "worker 1 in epoch 0 is not worker 0 in epoch 1: a seed of three numbers, not their sum"
checks.equal(patterns[1, 0] == patterns[0, 1], False, sentence)
again = torch.cat([x for x, _ in data])
checks.close(again, x, "the same reader in the same epoch: the same pictures again")
parts = [len(set(patterns[0, 0][n : n + 16])) for n in range(0, 112, 16)]
checks.true(max(parts) == 2, "a draw for each picture, not for each batch")
### BEGIN HIDDEN TESTS
plain = ShardedImages(shards, 16, seed=2)
x = torch.cat([x for x, _ in plain])
checks.equal((x[:, 0, 0, 0] == 250).sum().item(), 0, "without `mirror` nothing is mirrored")
for rank in range(2):
    data = ShardedImages(shards, 16, seed=2, mirror=True, rank=rank, ranks=2)
    x = torch.cat([x for x, _ in data])
    patterns[rank] = (x[:, 0, 0, 0] == 250).tolist()
checks.equal(patterns[0] == patterns[1], False, "two ranks draw differently, too")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name what exposes each, then unfold.
#
# 1. `default_rng((seed, epoch, rank)).permutation(n)[reader::readers]`
# 2. each reader takes whole shards: `shards[reader::readers]`
# 3. no `set_epoch` in the training loop
#
# <details><summary>Answers</summary>
#
# 1. Two ranks: each cuts another permutation, so some pictures are read twice and others never.
# 2. Five shards and two readers: one has a third of the work more, and the others wait for it; and
#    where shards are sorted by class, each reader sees its own classes only.
# 3. The same order, the same batches, in every epoch. Nothing fails; the result is a little worse.
# </details>
#
# ## 10 · Your turn: `save_checkpoint`
#
# *About 10 minutes · 2 points.* Machines stop: time is up, power fails, a colleague needs the GPU.
# A run of ours must go on **bitwise** as if it had never stopped. For that we write down all that
# the next step depends on: the model (weights and statistics), the optimiser (AdamW's two moments
# and its own step count), the average, the number of steps done (it *is* the schedule, and the
# place in the data) and the state of the random numbers, of the GPUs too where there are any.
#
# Bytes, not a file: whoever calls you writes them to a new file and then renames it, so that a
# power cut while writing leaves the old checkpoint whole. `torch.save` writes into an `io.BytesIO`.
#
# <details><summary>Hint: what do I take of the average?</summary>
#
# It has a `state_dict()` of its own; you wrote it. Here any object with that method may come.
# </details>


# %% nbgrader={"grade": false, "grade_id": "save_checkpoint", "locked": false, "schema_version": 3, "solution": true, "task": false}
def save_checkpoint(model, optimiser, average, step):
    """Write down all that the next step depends on.

    Args:
        model: an `nn.Module`.
        optimiser: of `torch.optim`.
        average: with `state_dict()`, such as an `ExponentialMovingAverage`.
        step: steps done so far, an int.

    Returns:
        bytes of a dict as `torch.save` writes it, with "model", "optimiser", "average" (their
        states), "step", "random" (of the CPU) and "random_cuda" (a list, one for each GPU).
    """
    ### BEGIN SOLUTION
    content = {
        "model": model.state_dict(),
        "optimiser": optimiser.state_dict(),
        "average": average.state_dict(),
        "step": step,
        "random": torch.get_rng_state(),
        "random_cuda": torch.cuda.get_rng_state_all(),
    }
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()
    ### END SOLUTION


class _Run(nn.Module):  # given: what the checks stop and resume
    def __init__(self):
        super().__init__()
        self.line, self.norm, self.drop = nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.3)
        self.optimiser = torch.optim.AdamW(self.parameters(), lr=0.01)

    def average(self):
        return nn.Sequential(nn.Linear(2, 1), nn.BatchNorm1d(1))

    def forward(self, x):
        return self.drop(self.norm(self.line(x)))


# %% nbgrader={"grade": true, "grade_id": "test_save_checkpoint_content", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
x = torch.randn(6, 3, generator=torch.Generator().manual_seed(14))
model = _Run()
averaged = model.average()
model(x).square().mean().backward()
model.optimiser.step()
state = {name: value.clone() for name, value in model.state_dict().items()}
other = {name: value.clone() for name, value in averaged.state_dict().items()}
slope = model.line.weight.grad.clone()
torch.manual_seed(15)
random = torch.get_rng_state()
blob = save_checkpoint(model, model.optimiser, averaged, 17)
checks.true(isinstance(blob, bytes), "a checkpoint is bytes")
content = torch.load(io.BytesIO(blob), weights_only=True)
wanted = ["average", "model", "optimiser", "random", "random_cuda", "step"]
checks.equal(sorted(content), wanted, "a dict with six entries")
checks.equal(content["step"], 17, "how many steps are done")
checks.equal(sorted(content["model"]), sorted(state), "all of the model's weights and statistics")
checks.close(content["model"]["norm.running_var"], state["norm.running_var"], "statistics")
checks.close(content["model"]["line.weight"], state["line.weight"], "weights")
moments = content["optimiser"]["state"][0]
checks.close(moments["exp_avg"], 0.1 * slope, "AdamW's first moment after one step")
checks.close(content["average"]["0.weight"], other["0.weight"], "the average")
checks.equal(content["random"].tolist(), random.tolist(), "the state of the random numbers")
### BEGIN HIDDEN TESTS
checks.equal(len(content["random_cuda"]), torch.cuda.device_count(), "one state for each GPU")
checks.close(content["average"]["1.running_var"], other["1.running_var"], "its statistics")
checks.close(moments["exp_avg_sq"], 0.001 * slope**2, "AdamW's second moment", atol=1e-9)
again = torch.load(io.BytesIO(save_checkpoint(model, model.optimiser, averaged, 0)))
checks.equal(again["step"], 0, "before the first step")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name what exposes each, then unfold.
#
# 1. only `model.state_dict()` is saved
# 2. `torch.manual_seed(step)` before saving, so that the random numbers need not be saved
#
# <details><summary>Answers</summary>
#
# 1. The first step after resuming: AdamW's moments are 0, its first steps are as long as those of a
#    fresh run, and the loss jumps. Many published curves show that jump.
# 2. The run that was never stopped: saving changes it. A function that saves must not change what
#    it saves.
# </details>
#
# ### 11 · Your turn: `load_checkpoint`
#
# *About 10 minutes · 2 points.* The way back, into the objects that you are given. Read with
# `weights_only=True`: a pickle can hold code, and a checkpoint may come from anywhere. Restore the
# random numbers *last*. Return the number of steps done: the caller asks `one_cycle` for the rate
# of that step, and reads the data from that place on.
#
# <details><summary>Hint: the resumed run differs in the last digits</summary>
#
# Something still has its old value. Go through the six entries.
# </details>


# %% nbgrader={"grade": false, "grade_id": "load_checkpoint", "locked": false, "schema_version": 3, "solution": true, "task": false}
def load_checkpoint(blob, model, optimiser, average):
    """Put a run back to where its checkpoint was written.

    Args:
        blob: bytes as `save_checkpoint` gives them.
        model: an `nn.Module` of the same design; its state is replaced.
        optimiser: of the same kind, for the model's parameters; its state is replaced.
        average: with `load_state_dict`; its state is replaced.

    Returns:
        Steps done so far, an int.
    """
    ### BEGIN SOLUTION
    content = torch.load(io.BytesIO(blob), weights_only=True)
    model.load_state_dict(content["model"])
    optimiser.load_state_dict(content["optimiser"])
    average.load_state_dict(content["average"])
    torch.cuda.set_rng_state_all(content["random_cuda"])
    torch.set_rng_state(content["random"])
    return content["step"]
    ### END SOLUTION


class _Resumed(nn.Module):  # given: what the checks resume
    def __init__(self):
        super().__init__()
        self.line, self.norm, self.drop = nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.3)
        self.optimiser = torch.optim.AdamW(self.parameters(), lr=0.01)

    def average(self):
        return nn.Sequential(nn.Linear(2, 1), nn.BatchNorm1d(1))

    def forward(self, x):
        return self.drop(self.norm(self.line(x)))


# %% nbgrader={"grade": true, "grade_id": "test_load_checkpoint_state", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
old, new = _Resumed(), _Resumed()
old_average, new_average = old.average(), new.average()
rates = old.optimiser.state_dict()
rates["param_groups"][0]["lr"] = 0.125
state = {name: value + 1 for name, value in old.state_dict().items()}
other = {name: value + 2 for name, value in old_average.state_dict().items()}
content = {"model": state, "optimiser": rates, "average": other, "step": 29}
buffer = io.BytesIO()
torch.save({**content, "random": torch.get_rng_state(), "random_cuda": []}, buffer)
step = load_checkpoint(buffer.getvalue(), new, new.optimiser, new_average)
checks.equal(step, 29, "it returns how many steps are done: the schedule goes on from there")
found = new.state_dict()
checks.close(found["line.weight"], state["line.weight"], "the weights of the checkpoint")
checks.close(found["norm.running_mean"], state["norm.running_mean"], "its statistics")
checks.close(new_average.state_dict()["0.bias"], other["0.bias"], "the average's weights")
rate = new.optimiser.state_dict()["param_groups"][0]["lr"]
checks.close(rate, 0.125, "the optimiser's settings")
buffer = io.BytesIO()
content |= {"random": torch.get_rng_state(), "random_cuda": [], "note": print}
torch.save(content, buffer)
sentence = "a file that holds more than data (here a function) is refused: weights_only=True"
checks.raises(
    Exception,
    load_checkpoint,
    buffer.getvalue(),
    new,
    new.optimiser,
    new_average,
    sentence=sentence,
)
### BEGIN HIDDEN TESTS
found = new_average.state_dict()
checks.close(found["1.running_var"], other["1.running_var"], "the average's statistics")
checks.close(new.state_dict()["norm.bias"], state["norm.bias"], "the shift of the batch norm")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_load_checkpoint_resume", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = torch.randn(6, 3, generator=torch.Generator().manual_seed(16))
model, other = _Resumed(), _Resumed()
torch.manual_seed(17)
for step in range(6):
    if step == 3:
        content = {"model": model.state_dict(), "optimiser": model.optimiser.state_dict()}
        content |= {"average": model.average().state_dict(), "step": 3, "random_cuda": []}
        torch.manual_seed(18)
        buffer = io.BytesIO()
        torch.save({**content, "random": torch.get_rng_state()}, buffer)
    model.optimiser.zero_grad()
    model(x).pow(2).mean().backward()
    model.optimiser.step()
expected = {name: value.clone() for name, value in model.state_dict().items()}
torch.manual_seed(0)
other.average()
step = load_checkpoint(buffer.getvalue(), other, other.optimiser, other.average())
for _ in range(3):
    other.optimiser.zero_grad()
    other(x).pow(2).mean().backward()
    other.optimiser.step()
found = other.state_dict()
sentence = "stopped after three of six steps and resumed: every bit as if never stopped"
for name in ("line.weight", "norm.running_mean"):
    checks.equal(found[name].tolist(), expected[name].tolist(), f"{sentence}, {name}")
### BEGIN HIDDEN TESTS
for name in ("line.bias", "norm.running_var", "norm.weight"):
    checks.equal(found[name].tolist(), expected[name].tolist(), f"{sentence}, {name}")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name what exposes each, then unfold.
#
# 1. `load_checkpoint` returns nothing, and the loop begins at step 0
# 2. `torch.manual_seed(0)` in place of the saved state
#
# <details><summary>Answers</summary>
#
# 1. The schedule begins again: a trained network gets the warm-up and then the full rate, and the
#    budget is spent twice.
# 2. The batches after resuming get the draws of the first batches: dropout and augmentation repeat
#    themselves. No error, only less variety than was paid for.
# </details>
#
# ## 12 · Your turn: `arithmetic_intensity`
#
# *About 12 minutes · 2 points.* How fast can this machine train this network, at the very best? A
# layer has to compute (FLOP) and to move numbers between memory and processor (bytes). The
# quotient, its **arithmetic intensity**, says which of the two it waits for (the *roofline*;
# Williams, Waterman and Patterson 2009):
#
# $$\text{speed} \le \min(\text{peak},\; \text{bandwidth} \times \text{intensity}).$$
#
# For the forward pass of a convolution of $k \times k$ on a square picture, padded by $k // 2$ on
# all sides, each multiply-add is 2 FLOP, and input, weights and output cross the memory once each,
# with `number_bytes` for a number. Its output has side $\lfloor (s + 2 (k // 2) - k) / \text{stride}
# \rfloor + 1$; each output sees `inputs / groups` channels. Biases are not counted.
#
# <details><summary>Hint: far too large</summary>
#
# Are input and output counted for all pictures of the batch? Weights are read once for all of them.
# </details>


# %% nbgrader={"grade": false, "grade_id": "arithmetic_intensity", "locked": false, "schema_version": 3, "solution": true, "task": false}
def arithmetic_intensity(
    batch, inputs, outputs, side, kernel, *, stride=1, groups=1, number_bytes=4
):
    """FLOP for each byte that a convolution's forward pass moves.

    Args:
        batch: pictures.
        inputs: channels of the input.
        outputs: channels of the output.
        side: of the input, in pixels.
        kernel: side of the window k, padded by k // 2.
        stride: of the convolution.
        groups: of the convolution.
        number_bytes: bytes of a number.

    Returns:
        FLOP per byte, a float.
    """
    ### BEGIN SOLUTION
    after = (side + 2 * (kernel // 2) - kernel) // stride + 1
    weights = outputs * (inputs // groups) * kernel**2
    flop = 2 * batch * after**2 * weights
    numbers = batch * inputs * side**2 + weights + batch * outputs * after**2
    return flop / (number_bytes * numbers)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_arithmetic_intensity_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
sentence = (
    "1 × 1, one picture of one pixel, 2 → 3 channels: 12 FLOP for 2 + 6 + 3 numbers of 4 bytes"
)
checks.close(arithmetic_intensity(1, 2, 3, 1, 1), 12 / 44, sentence)
sentence = "3 × 3, 4 pictures of 8 × 8, 16 → 16: 2·4·64·2304 FLOP, 4·(4096 + 2304 + 4096) bytes"
checks.close(arithmetic_intensity(4, 16, 16, 8, 3), 1179648 / 41984, sentence)
half = arithmetic_intensity(4, 16, 16, 8, 3, number_bytes=2)
checks.close(half, 1179648 / 20992, "numbers of half the size: twice the intensity")
sentence = "stride 2 halves the output's side: 2·4·16·2304 FLOP, 4·(4096 + 2304 + 1024) bytes"
checks.close(arithmetic_intensity(4, 16, 16, 8, 3, stride=2), 294912 / 29696, sentence)
sentence = "an odd side: 3 pixels with stride 2 give 2; 2·4·9 FLOP, 4·(9 + 9 + 4) bytes"
checks.close(arithmetic_intensity(1, 1, 1, 3, 3, stride=2), 72 / 88, sentence)
sentence = "5 × 5, padded by 2 on all sides: 6 pixels stay 6"
checks.close(arithmetic_intensity(1, 1, 1, 6, 5), 1800 / 388, sentence)
sentence = "2 × 2, padded by 1 on all sides: 4 pixels become 5; 2·25·4 FLOP, 4·(16 + 4 + 25) bytes"
checks.close(arithmetic_intensity(1, 1, 1, 4, 2), 200 / 180, sentence)
### BEGIN HIDDEN TESTS
flop, numbers = 2 * 3 * 25 * 7 * 5 * 9, 3 * 5 * 81 + 7 * 5 * 9 + 3 * 7 * 25
found = arithmetic_intensity(3, 5, 7, 9, 3, stride=2)
checks.close(found, flop / 4 / numbers, "odd side: 9 pixels with stride 2 give 5")
flop, numbers = 2 * 2 * 4 * 6 * 8 * 25, 2 * 8 * 49 + 6 * 8 * 25 + 2 * 6 * 4
found = arithmetic_intensity(2, 8, 6, 7, 5, stride=4, number_bytes=8)
checks.close(found, flop / 8 / numbers, "5 × 5 with stride 4 on 7 pixels, 8 bytes")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_arithmetic_intensity_groups", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
deep = arithmetic_intensity(8, 32, 32, 16, 3, groups=32)
sentence = "a depthwise convolution: 2·8·256·288 FLOP for 2·65536 + 288 numbers; starved of work"
checks.close(deep, 2 * 8 * 256 * 288 / (4 * (2 * 65536 + 288)), sentence)
small, large = (arithmetic_intensity(n, 64, 64, 4, 3) for n in (1, 256))
checks.close(small, 1179648 / (4 * 38912), "one picture: the weights dominate what is moved")
checks.close(large, 301989888 / (4 * 561152), "256 pictures: weights are read once for all")
### BEGIN HIDDEN TESTS
flop, numbers = 2 * 2 * 36 * 12 * 2 * 9, 2 * 8 * 36 + 12 * 2 * 9 + 2 * 12 * 36
found = arithmetic_intensity(2, 8, 12, 6, 3, groups=4)
checks.close(found, flop / 4 / numbers, "four groups, more channels out than in")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name what exposes each, then unfold.
#
# 1. weights counted once for each picture
# 2. `after = side // stride`
#
# <details><summary>Answers</summary>
#
# 1. 256 pictures of 4 × 4: the intensity does not grow with the batch. Then nobody would need
#    batches.
# 2. 9 pixels with stride 2: 5 places, not 4.
# </details>
#
# Now the roof of *this* machine, of one core: its peak by a matrix product, its bandwidth by a
# copy, and under it the layers of the residual network for a batch of 20, measured. *Commit first:*
# at which intensity does this machine turn from waiting for memory to waiting for arithmetic?

# %%
my_guess = 10  # FLOP per byte


# %% tags=["demo"]
def fastest(work, times=25):
    """Seconds of the fastest of several runs."""
    runs = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        runs.append(time.perf_counter() - start)
    return min(runs)


threads = torch.get_num_threads()
torch.set_num_threads(1)
square, long = torch.ones(512, 512), torch.ones(4_000_000)
into = torch.empty_like(long)
peak = 2 * 512**3 / fastest(lambda: square @ square) / 1e9
width = 8 * len(long) / fastest(lambda: into.copy_(long)) / 1e9
print(f"your guess {my_guess}, measured {peak / width:.0f} FLOP/byte (at the corner of the roof)")
stem, first = (20, 3, 16, 64, 5, 2, 1), (20, 16, 16, 32, 3, 1, 1)
last, depth = (20, 64, 64, 8, 3, 1, 1), (20, 64, 64, 32, 3, 1, 64)
kinds = {"stem 5 × 5": stem, "stage 1": first, "stage 3": last, "depthwise": depth}
figure, axes = plt.subplots(figsize=(6, 3.6))
ruler = np.logspace(-1, 3, 50)
axes.loglog(ruler, np.minimum(peak, width * ruler), color="black", label="roof")
for (name, (n, c, o, s, k, stride, groups)), mark in zip(kinds.items(), "osv^", strict=True):
    layer = nn.Conv2d(c, o, k, stride, k // 2, groups=groups, bias=False)
    layer = layer.to(memory_format=torch.channels_last)
    x = torch.randn(n, c, s, s).contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        seconds = fastest(lambda layer=layer, x=x: layer(x))
        flop = 2 * layer(x).numel() * layer.weight[0].numel()
    there = arithmetic_intensity(n, c, o, s, k, stride=stride, groups=groups)
    axes.plot(there, flop / seconds / 1e9, mark, markersize=9, label=name)
torch.set_num_threads(threads)
axes.set(xlabel="arithmetic intensity in FLOP/byte", ylabel="speed in GFLOP/s")
axes.legend()
plots.show(
    figure,
    alt="A roofline on logarithmic axes: speed rises with intensity, then stays at the peak. Three "
    "layers lie about the flat part, the depthwise one at the slope, far to the left.",
)

# %% [markdown]
# **What you should see.** The layers of the residual network lie right of the corner or near it:
# they could reach a good part of the peak, and what is missing is not the memory's fault. The
# depthwise convolution saves arithmetic and moves as much as ever, so it cannot be fast, however
# clever it is written. A point above the slope has its pictures in the cache; one above the flat
# part shows that a measured peak is only a lower bound of the true one. On a GPU the corner lies at
# some hundred FLOP/byte in bfloat16, and small networks live left of it: there, larger batches do
# not help, fewer trips to memory do.
#
# ## 13 · All of it, in small
#
# Four species of an easy flora (hardly turned, nothing hidden), a thousand pictures, a minute's
# worth of patience: your functions drive the run. Everything is as in the large one, the budget
# aside. *Commit first:* 5,000 pictures seen; which percentage of new pictures will the *average*
# name rightly (chance 25)?

# %%
my_guess = 60  # percent

# %% tags=["demo"]
PLANTS, SEEN, BATCH = 4, 5000, 25
x, y = make_set(range(PLANTS), 250, seed=1, difficulty="E")
test_x, test_y = make_set(range(PLANTS), 60, seed=2, difficulty="E")


def train(make, rate, seed):
    """Train a network on the four species; accuracies of model and average, in percent."""
    torch.manual_seed(seed)
    model = make(PLANTS, width=8)
    optimiser = torch.optim.AdamW(parameter_groups(model, 0.05))
    average = ExponentialMovingAverage(model, decay=0.98)
    data = ShardedImages([(x.numpy(), y.numpy())], BATCH, seed=seed)
    steps, step, curve = SEEN // BATCH, 0, []
    for epoch in tqdm(range(steps // len(data)), desc=f"{make.__name__}, seed {seed}"):
        data.set_epoch(epoch)
        for images, labels in data:
            for group in optimiser.param_groups:
                group["lr"] = one_cycle(step, steps, rate)
            train_step(model, optimiser, augment_batch(images), labels, mixed=False)
            average.update(model)
            step += 1
        found = [predict(m, test_x).argmax(1) for m in (model, average.model)]
        curve.append([100 * (f == test_y).float().mean().item() for f in found])
    return average.model, np.array(curve)


kept = []  # networks that are trained, for the cells below

# %% tags=["demo"]
runs = [train(residual_net, 8e-3, seed) for seed in (0, 1)]
plain = [train(plain_cnn, 4e-3, seed) for seed in (0, 1)]
kept[:] = runs
curves = np.array([curve for _, curve in runs])
ends = curves[:, -1, 1]
print(f"your guess {my_guess} %, measured {ends.mean():.0f} % (two seeds: {ends.round()})")
figure, axes = plt.subplots(figsize=(6, 3.4))
lines = {"residual net": curves[:, :, 0], "its average": curves[:, :, 1]}
lines["plain net's average"] = np.array([curve[:, 1] for _, curve in plain])
plots.learning_curves(axes, lines, ylabel="accuracy on new pictures in %")
plots.show(
    figure,
    alt="Learning curves over five epochs for two seeds: the residual network and its average rise "
    "well above chance, the plain network stays lower.",
)

# %% [markdown]
# **What you should see.** The residual network learns most of the plants within five epochs, the
# plain one lags behind with the same budget. The average runs a little behind as long as the network
# learns fast, since it remembers worse weights, and ends as good as the model or a little better.
# Two seeds are two seeds: differences of a few points, as in the first epochs, say nothing yet.
#
# *Commit first:* which two of the four species does the network confuse most often? (Numbers 0 to
# 3; the picture in section 1 shows them in its first four rows.)

# %%
my_guess = (0, 1)

# %% tags=["demo"]
network = (kept or [train(residual_net, 8e-3, 0)])[0][0]
found = predict(network, test_x).argmax(1)
matrix = torch.bincount(PLANTS * test_y + found, minlength=PLANTS**2).view(PLANTS, PLANTS)
wrong = matrix - torch.diag(matrix.diagonal())
worst = divmod(int((wrong + wrong.T).argmax()), PLANTS)
print(f"your guess {my_guess}, measured {worst}")
figure, axes = plt.subplots(figsize=(4.2, 3.8))
plots.confusion(axes, matrix.numpy(), [str(k) for k in range(PLANTS)])
plots.show(
    figure,
    alt="Confusion matrix of four species, 60 pictures each: most counts on the diagonal, the rest "
    "gathered in one or two pairs of species.",
)

# %% [markdown]
# **What you should see.** Mistakes are not spread evenly: a pair of species that branch alike takes
# most of them. That is worth more than the accuracy itself: it tells you where to look.
#
# ## 14 · The open part
#
# **The task.** Twenty species, pictures of 64 × 64, a hidden test set drawn with a seed that nobody
# knows. Hand in `model.onnx`: input N × 3 × 64 × 64 bytes, output N × 20 scores. Averaging over
# views may be part of it. Thresholds for pass, good and excellent are on the board; they are set so
# that a plain network does not pass, and that for more than a pass you must find out what helps.
# Where some recipes end up, measured with three seeds each on 2,000 pictures of these species:
#
# | recipe, 300,000 pictures seen | one view | eight views |
# |---|---|---|
# | plain convolutions (62 k weights), new pictures in each epoch | 77.5 ± 2.1 % | 82.8 ± 1.2 % |
# | residual net (79 k weights), pictures as they are | 87.7 ± 0.7 % | 94.0 ± 0.2 % |
# | the same with your pieces, as the script below runs them | 96.6 ± 0.6 % | 97.9 ± 0.3 % |
# | what somebody found who tried for longer | 98.9 ± 0.2 % | 99.2 ± 0.3 % |
#
# **The budget** is **300,000 pictures seen**, counted one by one, augmented or not: the same for
# everybody, on whatever machine. On two processor cores that is some minutes. You may draw as many
# *different* pictures as you like within it, and spend as many budgets as you have patience: only
# the run that you hand in counts, and it must be one run.
#
# **How to run it.** Not here: from a shell, in the folder of this notebook. The script takes *your*
# functions out of this notebook, so save it first.
#
# ```
# python -m helpers.challenge.train --out runs/first                  # 300,000 pictures
# python -m helpers.challenge.train --out runs/try --pictures 20000   # a quick look
# python -m helpers.challenge.train --out runs/first --resume         # goes on where it was stopped
# torchrun --nproc-per-node 4 -m helpers.challenge.train --out runs/large --data flora/large
# tensorboard --logdir runs
# ```
#
# `--help` lists the rest. A run leaves `log.csv` and files for TensorBoard, a checkpoint, the
# averaged model and `model.onnx`. To resume, repeat the whole line with which the run was begun.
# Larger sets lie on disk: `course challenge data large --folder flora/large` makes one, in the
# course's repository.
#
# **What is in the file** is the averaged network, and nothing around it. Your `predict` is not in
# it: what the script reports at its end *with* `predict` is a point or so better than the file
# alone, and it tells you both. Whoever wants views in use puts them *into* a network: a class of
# your own in this notebook, made from the number of classes, whose `forward` in training mode asks
# another network once and in evaluation mode averages what that says of several views. Its name
# goes after `--arch`.
#
# **How to hand in.** Put `model.onnx` beside this notebook, called exactly so. It is run behind the
# same wall as your answers, on the hidden pictures. The **board** has a row for each pseudonym. It
# shows the score on the *public* half of the test, and moves only when you improve by a clear step
# (Blum and Hardt 2015): trying a thousand times to be lucky gains nothing. The mark comes from the
# *private* half, which is shown to nobody, and from the last model that you handed in.
#
# **What to try.** One change at a time. Width and depth; a stem that keeps more pixels; mixup or
# none; smoothing; decay; the rise; new pictures in each epoch (`--fresh`); several views within the
# network. Of this notebook the script takes imports, functions, classes and plain constants only.
# On a real data set the same script runs with `--data FOLDER` (see `course challenge data`). Worth
# a study of its own: train on the flora, then fine-tune on a hundred labelled pictures of
# Fashion-MNIST. Does it help, by how much, over seeds?
#
# ## 15 · The experiment log
#
# *About 22 minutes · 2 points, graded by hand.* Choose **one** change to the recipe. Before you run
# anything, write down what you expect and why, in numbers. Run the recipe with and without the
# change with three seeds each at the same budget (a smaller one will do; say which). Report all six
# results, mean and spread, and what you conclude. A change that does not help is as good an answer
# as one that does.

# %% [markdown] nbgrader={"grade": true, "grade_id": "experiment_log", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# *Change:* quarter turns and mirroring switched off, shifts kept. *Expected:* minus 10 points,
# since the test shows plants at any angle and the network has no other way to learn that angles do
# not matter; with 300,000 pictures of only 10,000 different ones it will also learn some by heart.
#
# *Result* at a budget of 60,000 pictures, seeds 0, 1, 2: three accuracies with, three without,
# their means and standard deviations, and the difference with the spread of the difference.
# *Conclusion:* whether the difference is larger than about twice its standard error, whether the
# prediction's size was right, and what the learning curves (training against test) say about the
# reason.
#
# *Rubric.* 1 point for a prediction with a number and a reason, written before, and one change
# only; 1 point for three seeds each at equal budgets, all results reported, and a conclusion that
# the numbers carry, "no difference can be seen" included.
# ### END SOLUTION

# %% [markdown]
# ## 16 · Error analysis
#
# *About 15 minutes · 2 points, graded by hand.* Take your best model and 1,000 new pictures. Which
# species are confused, and what do the pictures have in common that are wrong (look at thirty)?
# Name one cause that more training pictures would cure and one that they would not, each with the
# evidence that made you think so. Then say what you would try next.

# %% [markdown] nbgrader={"grade": true, "grade_id": "error_analysis", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# A confusion matrix over 20 species shows few pairs with most of the mistakes; drawn side by side
# they have the same branching and differ in one small map. Among thirty wrong pictures the covering
# rectangle hides the distinguishing part in about a third, weak contrast makes up another third.
# More pictures cure pairs that differ visibly but are rarely seen at some angle: accuracy on
# training pictures is far above that on new ones. They do not cure hidden or faint plants: a person
# is wrong on these as well, and training accuracy is no higher. Next: more pixels for the fine map
# (a stem without stride), averaging over the eight orientations.
#
# *Rubric.* 1 point for naming confusions from counts, not from impressions, and a next step that
# follows; 1 point for the two causes told apart by evidence (training against test accuracy, a
# person's own guess, size of the plant).
# ### END SOLUTION

# %% [markdown]
# ## 17 · For those who want to see what lies below PyTorch
#
# From here to the end everything is optional and has no points. You will write what PyTorch is
# made of: a *kernel*, the program that a GPU runs for one operation.
#
# Why would anybody? Look at how a batch is prepared: mirrored, shifted, normalised, narrowed to
# bfloat16. That is next to no arithmetic, two FLOP for each number. But PyTorch runs it as a row of
# operations, and each of them reads the whole batch from memory and writes a whole batch back. On
# the roofline of section 12 it lies far to the left, and no faster processor would help. What helps
# is **fusion**: *one* kernel that reads each byte once, does everything while the number is in a
# register, and writes each result once.
#
# Triton (Tillet, Kung and Cox 2019) is a language for kernels that looks like Python:
#
# - a kernel is started many times at once, as a *grid* of programs. `tl.program_id(0)` says which
#   one you are (`tl.program_id(1)` along a second axis of the grid);
# - a program works on a *block* of numbers at once. `tl.arange(0, BLOCK)` is the vector
#   0, 1, …, BLOCK − 1; BLOCK is a power of two and fixed when the kernel is compiled
#   (`tl.constexpr`);
# - a tensor arrives as a *pointer* to its first number. `x + place` points `place` numbers further,
#   for a vector of places at many numbers. Shapes and strides do not come along; they are arguments
#   like others;
# - `tl.load(pointers, mask=…, other=…)` reads where the mask is true and gives `other` elsewhere,
#   `tl.store(pointers, values, mask=…)` writes where it is true. Arithmetic, comparisons, `&`,
#   `tl.where` and `.to(tl.float32)` are as in PyTorch.
#
# Memory has no edges. Ten numbers in blocks of four need three programs, and the last one has two
# places too many: without a mask it reads what lies behind the tensor, and writes over what belongs
# to somebody else. A GPU may say nothing at all. Here an *interpreter* runs the programs one after
# another on any processor, and looks at each address first. (With a GPU one writes `@triton.jit`
# above a kernel. We leave it off, and the same function can be interpreted and compiled.)

# %% tags=["demo"]
from helpers.challenge import kernels
from helpers.challenge.kernel_check import check_kernel
from helpers.challenge.kernels import tl


def careless_kernel(x, y, BLOCK: tl.constexpr):
    """Halve numbers, three blocks of four though there are only ten."""
    place = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(y + place, 0.5 * tl.load(x + place))


def halving_kernel(x, y, count, BLOCK: tl.constexpr):
    """Halve `count` numbers."""
    place = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = place < count
    value = tl.load(x + place, mask=inside)
    tl.store(y + place, 0.5 * value, mask=inside)


numbers, halves = torch.arange(10.0), torch.zeros(10)
if kernels.LACKING:
    print(kernels.LACKING)
else:
    try:
        kernels.interpret(careless_kernel, (3,), numbers, halves, 4)
    except IndexError as error:
        print("careless:", error)
    traffic = kernels.interpret(halving_kernel, (3,), numbers, halves, 10, 4)
    print("with a mask:", halves.tolist(), f"\n{traffic.total} bytes moved")

# %% [markdown]
# ### Your turn: `augment_kernel`
#
# *Optional · about 40 minutes · no points.* Everything in one trip. For picture $n$ of a batch
# `moves` holds three whole numbers: mirrored or not $m_n$ (1 or 0), the shift down $d_n$ and the
# shift to the right $s_n$. A picture is mirrored *first* (left to right), then shifted, and what
# comes in from outside is 0 *after* the normalisation, that is, the mean colour:
#
# $$r_{nc}(i, j) = \frac{x_{nc}(i - d_n, k) - \mu_c}{\sigma_c}, \qquad
# k = \begin{cases} j - s_n & m_n = 0 \\ W - 1 - (j - s_n) & m_n = 1, \end{cases}$$
#
# and $r_{nc}(i, j) = 0$ where row $i - d_n$ or column $j - s_n$ does not exist. Shifts may be as
# large as they like.
#
# The grid has $NC \times \lceil HW / \mathrm{BLOCK} \rceil$ programs. The first axis counts the
# channels of all pictures, the second one the blocks of such a channel, its pixels numbered row
# after row. The result lies in memory in just that order, number after number. The pictures need
# not: between two neighbours along an axis lie as many numbers as that axis' *stride* says (in
# `channels_last` order the channels are the neighbours). What you store is turned into the
# result's type by itself.
#
# <details><summary>Hint: it touches numbers outside of the tensors</summary>
#
# Two kinds of places do not exist: pixels behind the last one of the channel (they are neither read
# nor written), and pixels that would come from outside of the picture (they are not read, but 0 is
# written). Two masks, then: one for `tl.store`, a stricter one for `tl.load`.
# </details>
# <details><summary>Hint: how do I choose between mirrored and not, without a loop?</summary>
#
# `tl.where`, as in `augment_batch`. A `tl.load` of a single pointer gives a single number, which
# goes with vectors as usual.
# </details>
# <details><summary>Hint: the border is not 0 but −1.6</summary>
#
# `other=0` in `tl.load` is a black *pixel*, which then is normalised like the others.
# </details>


# %% tags=["demo"] nbgrader={"grade": false, "grade_id": "augment_kernel", "locked": false, "schema_version": 3, "solution": true, "task": false}
def augment_kernel(
    pictures, result, moves, mean, deviation, channels, height, width,
    picture_stride, channel_stride, row_stride, column_stride, BLOCK: tl.constexpr,
):  # fmt: skip
    """Mirror, shift and normalise one block of one channel of one picture.

    Args:
        pictures: pointer to (N, C, H, W) bytes, with the four strides below.
        result: pointer to (N, C, H, W) numbers, one after the other; written.
        moves: pointer to (N, 3) int32, one after the other: mirrored, down, right.
        mean, deviation: pointers to (C,) float32, of pixels from 0 to 255.
        channels, height, width: C, H and W.
        picture_stride, channel_stride, row_stride, column_stride: of the pictures, in numbers.
        BLOCK: pixels of a program.
    """
    plane, block = tl.program_id(0), tl.program_id(1)
    picture, channel = plane // channels, plane % channels
    ### BEGIN SOLUTION
    pixel = block * BLOCK + tl.arange(0, BLOCK)
    row = pixel // width - tl.load(moves + 3 * picture + 1)
    column = pixel % width - tl.load(moves + 3 * picture + 2)
    inside = pixel < height * width
    there = inside & (row >= 0) & (row < height) & (column >= 0) & (column < width)
    column = tl.where(tl.load(moves + 3 * picture) == 1, width - 1 - column, column)
    place = picture * picture_stride + channel * channel_stride
    place += row * row_stride + column * column_stride
    value = tl.load(pictures + place, mask=there, other=0).to(tl.float32)
    value = (value - tl.load(mean + channel)) / tl.load(deviation + channel)
    tl.store(result + plane * height * width + pixel, tl.where(there, value, 0.0), mask=inside)
    ### END SOLUTION


# %% [markdown]
# Held against PyTorch in float64, from one small picture to all difficulties at once. Where it
# stops, it says what your numbers look like:

# %% tags=["demo"]
passed = check_kernel(augment_kernel)

# %% [markdown]
# **Bug clinic.** Name what exposes each, then unfold.
#
# 1. the column is mirrored before the shift is taken off: `width - 1 - column - right`
# 2. no mask at the `tl.store`, since 64 × 64 pixels fill four blocks of 1,024 without a rest
# 3. `plane * height * width` is a number of 32 bits
#
# <details><summary>Answers</summary>
#
# 1. A mirrored picture with a shift to the right: it goes left. With shifts that are drawn evenly
#    to both sides nobody notices, and no harm is done, until a mask or a box has to be shifted
#    along with the picture.
# 2. Pictures of 60 × 60: the last program of each channel writes over the beginning of the next
#    one, which may or may not be written again later. On a GPU the result differs from run to run.
# 3. A batch of more than $2^{31}$ numbers, 175,000 pictures of 3 × 64 × 64: the place becomes
#    negative. `plane.to(tl.int64)` cures it.
# </details>
#
# Now count. The kernel reads a byte and writes a bfloat16, 3 bytes for each number of a picture.
# Below is the same in PyTorch, written with some care: pictures are moved while they are bytes.
# *Commit first:* how many bytes do its operations read and write for each number?

# %%
my_guess = 10  # bytes for each number of a picture


# %% tags=["demo"]
def augment_eagerly(pictures, moves, mean, deviation):
    """Do what `augment_kernel` does, operation by operation."""
    count, channels, height, width = pictures.shape
    device = pictures.device
    mirrored, down, right = moves.long()[:, :, None].unbind(1)
    row = torch.arange(height, device=device) - down
    column = torch.arange(width, device=device) - right
    down_there, right_there = (row >= 0) & (row < height), (column >= 0) & (column < width)
    there = down_there[:, None, :, None] & right_there[:, None, None, :]
    column = torch.where(mirrored == 1, width - 1 - column, column).clamp(0, width - 1)
    row = row.clamp(0, height - 1)[:, None, :, None]
    picture = torch.arange(count, device=device)[:, None, None, None]
    channel = torch.arange(channels, device=device)[:, None, None]
    x = pictures[picture, channel, row, column[:, None, None, :]]
    x = (x.float() - mean[:, None, None]) / deviation[:, None, None]
    return (x * there).bfloat16()


def batch_to_augment(count, device="cpu"):
    """Draw pictures of 64 × 64, moves, means and deviations."""
    draw = torch.Generator().manual_seed(17)
    drawn = torch.randint(0, 256, (count, 3, 64, 64), generator=draw, dtype=torch.uint8)
    shifts = torch.randint(-4, 5, (count, 2), generator=draw)
    moves = torch.cat([torch.arange(count)[:, None] % 2, shifts], 1).int()
    mean, deviation = torch.tensor([[97.0, 120.0, 143.0], [41.0, 60.0, 83.0]])
    return [part.to(device) for part in (drawn, moves, mean, deviation)]


# %% tags=["demo"]
batch = batch_to_augment(200)
numbers = batch[0].numel()
moved = kernels.count_bytes(lambda: augment_eagerly(*batch))
each = [(name, count / numbers) for name, count in moved if count > 0.5 * numbers]
eager_bytes, fused_bytes = sum(count for _, count in moved) / numbers, 3.0
print(f"your guess {my_guess}, measured {eager_bytes:.1f} bytes a number, the kernel {fused_bytes}")
if passed:
    few = [part[:4] for part in batch[:2]] + batch[2:]
    into = torch.empty(few[0].shape, dtype=torch.bfloat16)
    arguments = kernels.augment_arguments(few[0], into, *few[1:], 1024)
    traffic = kernels.interpret(augment_kernel, kernels.augment_grid(few[0], 1024), *arguments)
    print(f"your kernel, counted by the interpreter: {traffic.total / few[0].numel():.2f}")
torch.set_num_threads(1)
seconds = fastest(lambda: augment_eagerly(*batch), times=8)
torch.set_num_threads(threads)
figure, (bars, roof) = plt.subplots(1, 2, figsize=(7, 3.3), layout="constrained")
bars.barh([name for name, _ in each], [count for _, count in each])
bars.barh(["the kernel"], [fused_bytes], color=plots.COLOURS[1])
bars.invert_yaxis()
bars.set(xlabel="bytes moved for each number")
ruler = np.logspace(-2, 2.5, 50)
roof.loglog(ruler, np.minimum(peak, width * ruler), color="black", label="roof (section 12)")
for there, mark, name in ((2 / eager_bytes, "o", "operations"), (2 / fused_bytes, "s", "kernel")):
    roof.plot(there, width * there, mark, markersize=9, fillstyle="none", label=f"{name}, at best")
speed = 2 * numbers / seconds / 1e9
roof.plot(2 / eager_bytes, speed, "o", color=plots.COLOURS[0], label="operations, measured")
roof.set(xlabel="intensity in FLOP/byte", ylabel="speed in GFLOP/s")
roof.legend(fontsize=8)
plots.show(
    figure,
    alt="Left: bytes moved for each number of a picture by six operations of PyTorch, two to eight "
    "each, and by the kernel, three. Right: both on the slope of the roofline, the kernel an order "
    "of magnitude further up, and far below the flat part.",
)

# %% [markdown]
# **What you should see.** Almost every operation alone moves more than the whole kernel: four bytes
# in and four bytes out for a single subtraction. Both lie on the slope, where speed is bandwidth
# times intensity. So of two programs that use the memory perfectly the one with fewer bytes wins by
# the quotient, almost thirteen, on this machine and on any other. The operations do not even reach
# their own bound: the indexing expression computes a place for each byte. Counting arithmetic would
# have told you nothing, for both compute the same two FLOP.
#
# How fast the kernel really is only a GPU can tell. The interpreter says whether the numbers are
# right; its own time means nothing.

# %% tags=["demo"]
if torch.cuda.is_available() and not kernels.LACKING and passed:
    large = batch_to_augment(8192, "cuda")
    source, target = (torch.empty(2**28, dtype=torch.uint8, device="cuda") for _ in range(2))
    bandwidth = 2 * 2**28 / kernels.seconds_on_gpu(lambda: target.copy_(source))
    print(f"bandwidth {bandwidth / 1e9:,.0f} GB/s, by a copy of 256 MiB")
    ways = {
        "kernel": lambda: kernels.launch(augment_kernel, *large, torch.bfloat16),
        "operations": lambda: augment_eagerly(*large),
    }
    for (name, work), count in zip(ways.items(), (fused_bytes, eager_bytes), strict=True):
        seconds, bound = kernels.seconds_on_gpu(work), count * large[0].numel() / bandwidth
        print(f"{name}: {1e6 * seconds:,.0f} µs, {1e6 * bound:,.0f} µs at best by its bytes")
else:
    megabytes = [count * 3 * 64 * 64 * 8192 / 1e6 for count in (fused_bytes, eager_bytes)]
    print("Nothing is timed here: that takes a GPU, Triton and a kernel that passes.")
    print(
        "8,192 pictures: {:,.0f} MB by the kernel, {:,.0f} MB by the operations".format(*megabytes)
    )

# %% [markdown]
# You need not write such kernels by hand for every chain of operations: `torch.compile` finds many
# of them and fuses them, on a GPU into Triton. It is good to know what it does, and when it cannot:
# a method that nobody has built yet begins as a kernel that somebody wrote.

# %% [markdown]
# ## What you can do now
#
# - say which part of a recipe buys accuracy: a prediction, one change, three seeds (LO1, LO4)
# - write a training step with mixed precision, accumulation and clipping, a schedule and an average
#   with its statistics (LO2)
# - feed shards to many readers with nothing lost and nothing read twice, each picture varied by a
#   draw of its own (LO3, LO5)
# - stop and resume a run, bit for bit (LO5)
# - tell from a layer's intensity what it waits for, and from a confusion matrix where to look (LO4)
#
# **Further reading.**
#
# - H. Kataoka et al., "Pre-training without natural images", ACCV 2020
# - C. Anderson, R. Farrell, "Improving fractal pre-training", WACV 2022
# - H. Zhang, M. Cisse, Y. Dauphin, D. Lopez-Paz, "mixup: beyond empirical risk minimization",
#   ICLR 2018
# - L. Smith, N. Topin, "Super-convergence: very fast training of neural networks using large
#   learning rates", arXiv:1708.07120, 2018
# - I. Loshchilov, F. Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017
# - B. Polyak, A. Juditsky, "Acceleration of stochastic approximation by averaging", SIAM Journal
#   on Control and Optimization 1992
# - C. Szegedy et al., "Rethinking the Inception architecture for computer vision", CVPR 2016
# - P. Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour",
#   arXiv:1706.02677, 2017 (many GPUs)
# - S. Williams, A. Waterman, D. Patterson, "Roofline: an insightful visual performance model for
#   multicore architectures", Communications of the ACM 2009
# - P. Tillet, H. T. Kung, D. Cox, "Triton: an intermediate language and compiler for tiled neural
#   network computations", Workshop on Machine Learning and Programming Languages (MAPL) 2019
# - A. Blum, M. Hardt, "The Ladder: a reliable leaderboard for machine learning competitions",
#   ICML 2015
# - I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, MIT Press 2016, chapter 11 (practical
#   methodology)
# - N. Buduma, N. Locascio, *Fundamentals of Deep Learning*, O'Reilly 2017, chapter 5
