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
# # Week 2 · Fully connected networks, losses, activations, universal approximation
#
# Two neurons that bend a line solve what defeated the perceptron; enough of them follow any curve
# you can draw, with a guarantee. But a formula that is right on paper can say `nan` on a computer,
# and weights of the wrong size silence a network before it has learnt anything. Today you build a
# network that computes the right thing; next week it learns.
#
# | After this you can | outcome |
# |---|---|
# | say what a hidden layer adds, and why it is nothing without a kink | LO1 |
# | write the layers and losses of a classifier so that no finite score breaks them | LO2 |
# | judge an untrained network by its first loss and by the size of its activations | LO4 |
# | build a network that follows a function within a promised error, and say what depth saves | LO5 |
#
# **Time** about 250 minutes, 75 of them reading · **Points** 30 · **Before this** broadcasting
# (week 0), the perceptron and the logistic loss (week 1)

# %%
import itertools
import math

import matplotlib.pyplot as plt
import numpy as np

from helpers import checks, datasets, plots

plots.use_course_style()
digits = datasets.digits()

# %% [markdown]
# ## 1 · Two neurons undo exclusive or
#
# Week 1 ended before four points: the label is +1 when exactly one of two inputs is on, and no line
# does that. One more *feature* helped, but a person had to think of it. A **hidden layer** computes
# features itself: neurons whose outputs are the inputs of the next neuron,
#
# $$h = \varphi(x W_1 + b_1), \qquad \hat y = h W_2 + b_2 .$$
#
# Samples are rows of $x$, so $W_1$ has shape $(D, H)$: one column for each hidden neuron. $\varphi$
# is the **activation**; take $\varphi(z) = \max(0, z)$, the *rectifier*, which lets a positive
# number through and stops a negative one. *Commit first:* how many hidden neurons does exclusive or
# need, when we may choose all weights by hand?

# %%
my_guess = 4  # your number; it is never graded

# %% tags=["demo"]
x = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
exclusive_or = np.array([-1, 1, 1, -1])
W1, b1 = np.array([[1.0, -1.0], [1.0, -1.0]]), np.zeros(2)
W2, b2 = np.array([[-1.0], [-1.0]]), np.array([1.0])


def by_hand(x):
    h = np.maximum(0.0, x @ W1 + b1)
    return h, (h @ W2 + b2)[:, 0]


h, scores = by_hand(x)
print(f"your guess {my_guess}, used here {W1.shape[1]}")
for sample, hidden, score, label in zip(x, h, scores, exclusive_or, strict=True):
    print(f"x = {sample}   h = {hidden}   score = {score:+.0f}   label = {label:+d}")

figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.5))
plots.decision_regions(left, lambda at: np.where(by_hand(at)[1] > 0, 1, -1), x, exclusive_or)
left.get_legend().remove()
left.set(title="what the network says", xlabel="$x_1$", ylabel="$x_2$")
plots.class_points(right, h, exclusive_or)
plots.decision_line(right, W2[:, 0], b2[0])
right.annotate("two samples", (0.03, -0.03), (0.15, -0.25), arrowprops={"arrowstyle": "->"})
right.set(title="what its last layer sees", xlabel="$h_1$", ylabel="$h_2$")
plots.show(
    figure,
    alt="Left: the plane in three stripes, the two points with one input on in the middle stripe. "
    "Right: in the hidden plane three places are left, and one line separates them.",
)

# %% [markdown]
# **What you should see.** Two neurons. Both look at $s = x_1 + x_2$, one reports $\max(0, s)$, the
# other $\max(0, -s)$. Together they fold the plane like paper along the line $s = 0$: both positive
# samples land on $(0, 0)$, and in the folded plane one line is enough. (One neuron would not do: it
# only rises or only falls along its direction, and the middle stripe needs both.) A hidden layer
# does not draw a cleverer line, it *moves the points*.

# %% [markdown]
# ## 2 · Your turn: `Linear`
#
# *About 10 minutes · 2 points.* The layer without its activation, $z = xW + b$, for a whole batch
# at once. A batch of $N$ samples is an array $(N, D_\text{in})$, $W$ is $(D_\text{in},
# D_\text{out})$, and one bias a neuron is added to every row.
#
# All layers of this week share one interface: `forward(x)` computes, `parameters()` lists the
# arrays that will be learnt. In `Linear` the constructor and the list are given.
#
# <details><summary>Hint: matmul says that the dimensions don't match</summary>
#
# Write the shapes under the product: $(N, D_\text{in}) \cdot (D_\text{in}, D_\text{out})$. The
# inner two must be the same number, in this order.
# </details>


# %% nbgrader={"grade": false, "grade_id": "Linear", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Linear:
    """Fully connected layer: each output is a weighted sum of all inputs, plus a bias.

    Args:
        W: weights, array of shape (D_in, D_out).
        b: biases, array of shape (D_out,).
    """

    def __init__(self, W, b):
        self.W = W
        self.b = b

    def parameters(self):
        return [self.W, self.b]

    def forward(self, x):
        """Compute the pre-activations of a batch.

        Args:
            x: samples in rows, array of shape (N, D_in). Not modified.

        Returns:
            Array of shape (N, D_out), of the dtype of x, W and b.
        """
        ### BEGIN SOLUTION
        return x @ self.W + self.b
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_Linear_one_sample", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
W, b = np.array([[1.0, 10.0, 0.0], [2.0, 0.0, -1.0]]), np.array([0.5, 0.0, 4.0])
x = np.array([[3.0, -1.0]])
sentence = "one sample (3, −1): 3·1 − 1·2 + 0.5 = 1.5, then 30, then 1 + 4 = 5"
checks.close(Linear(W.copy(), b.copy()).forward(x.copy()), [[1.5, 30.0, 5.0]], sentence)
sentence = "x = 0: only the biases are left"
checks.close(Linear(W.copy(), b.copy()).forward(np.zeros((1, 2))), [[0.5, 0.0, 4.0]], sentence)
checks.unchanged(Linear(W.copy(), b.copy()).forward, x)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(201)
x, W, b = draw.normal(size=(1, 5)), draw.normal(size=(5, 3)), draw.normal(size=3)
expected = [[sum(x[0, i] * W[i, j] for i in range(5)) + b[j] for j in range(3)]]
checks.close(Linear(W, b).forward(x), expected, "one random sample, 5 inputs and 3 outputs")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_Linear_batch", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
W, b = np.array([[0.0, 1.0], [2.0, 0.0]]), np.array([10.0, 20.0])
x = np.array([[1.0, 1.0], [0.0, 3.0], [-25.0, 0.0]])
expected = np.array([[12.0, 21.0], [16.0, 20.0], [10.0, -5.0]])
sentence = "three samples: z = xW + b, with W of shape (inputs, outputs), not transposed"
layer = Linear(W.copy(), b.copy())
checks.close(layer.forward(x), expected, sentence)
sentence = "the same layer, called again, says the same: `forward` leaves W and b as they were"
checks.close(layer.forward(x), expected, sentence)
got = Linear(np.ones((4, 2), dtype=np.float32), np.zeros(2, dtype=np.float32)).forward(
    np.full((3, 4), 0.5, dtype=np.float32)
)
checks.close(got, np.full((3, 2), 2.0), "four inputs, two outputs")
checks.dtype(got, np.float32, "float32 in, float32 out")
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(202)
for count, inputs, outputs in ((7, 3, 5), (4, 4, 4), (2, 6, 1), (5, 1, 2)):
    x, W = 1e4 * draw.normal(size=(count, inputs)), draw.normal(size=(inputs, outputs))
    b = draw.normal(size=outputs)
    tensors = [torch.from_numpy(array) for array in (x, W.T.copy(), b)]
    expected = torch.nn.functional.linear(*tensors).numpy()
    checks.close(Linear(W, b).forward(x), expected, f"{count} samples, {inputs} → {outputs}")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Each of these passes some check. Name an input that exposes it, then unfold.
#
# 1. `x @ self.W.T + self.b`
# 2. `x @ (self.W + self.b)`
#
# <details><summary>Answers</summary>
#
# 1. Any layer with as many outputs as inputs whose $W$ is not symmetric; other layers don't run.
#    PyTorch stores the transpose, hence the many copies of this line.
# 2. A sample whose inputs don't add up to 1: the bias is weighed by them. Zeros lose it altogether.
# </details>
#
# Now stack three such layers, 64 → 32 → 32 → 10, with nothing in between. *Commit first:* how many
# layers would do the same?

# %%
my_guess = 3  # your number

# %% tags=["demo"]
draw = np.random.default_rng(seed=1)
widths = (64, 32, 32, 10)
stack = [
    Linear(draw.normal(size=(inputs, outputs)) / math.sqrt(inputs), draw.normal(size=outputs))
    for inputs, outputs in itertools.pairwise(widths)
]
x = digits.features
for layer in stack:
    x = layer.forward(x)
W, b = stack[0].W, stack[0].b
for layer in stack[1:]:
    W, b = W @ layer.W, b @ layer.W + layer.b
one = Linear(W, b).forward(digits.features)
print(f"your guess {my_guess}, here 1")
print(f"largest output {np.abs(x).max():.0f}, largest difference {np.abs(x - one).max():.0e}")
numbers = sum(p.size for layer in stack for p in layer.parameters())
print(f"{numbers} numbers in three layers do the work of {W.size + b.size} in one")

# %% [markdown]
# $(xW_1 + b_1)W_2 + b_2 = x\,(W_1W_2) + (b_1W_2 + b_2)$: a stack of linear layers **collapses** into
# one. Without a kink between them, depth buys nothing. So the kinks come next.

# %% [markdown]
# ## 3 · Your turn: `ReLU`
#
# *About 5 minutes · 1 point.* The rectifier, $\max(0, z)$ for every element of an array of any
# shape (Nair & Hinton 2010). The output is a new array of the same dtype; the input stays as it
# was, because week 3 will need it again.
#
# <details><summary>Hint: my output has a single number, or an error about ambiguous truth</summary>
#
# Python's `max` compares whole objects. NumPy's `maximum` compares element by element.
# </details>


# %% nbgrader={"grade": false, "grade_id": "ReLU", "locked": false, "schema_version": 3, "solution": true, "task": false}
class ReLU:
    """Rectifier: keeps what is positive, replaces the rest by 0."""

    def parameters(self):
        return []

    def forward(self, x):
        """Rectify every element.

        Args:
            x: array of any shape. Not modified.

        Returns:
            New array of the same shape and dtype.
        """
        ### BEGIN SOLUTION
        return np.maximum(0, x)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_ReLU_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.array([[-2.0, 0.0, 3.0], [0.5, -0.5, 1e-3]])
expected = np.array([[0.0, 0.0, 3.0], [0.5, 0.0, 1e-3]])
checks.close(ReLU().forward(x.copy()), expected, "negative numbers become 0, others stay")
checks.close(ReLU().forward(np.array([-1e4, 1e4])), [0.0, 1e4], "far from 0, on both sides")
checks.close(ReLU().forward(-x), [[2.0, 0.0, 0.0], [0.0, 0.5, 0.0]], "the same with signs turned")
checks.dtype(ReLU().forward(np.float32([-1.0, 2.0])), np.float32, "float32 in, float32 out")
checks.unchanged(ReLU().forward, x)
### BEGIN HIDDEN TESTS
x = np.random.default_rng(203).normal(scale=50.0, size=(2, 3, 1, 5))
expected = np.where(x < 0, 0.0, x)
checks.close(ReLU().forward(x), expected, "four axes")
checks.close(ReLU().forward(np.zeros((0, 4))), np.zeros((0, 4)), "an empty batch")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `x[x < 0] = 0; return x`
# 2. `np.maximum(0.01 * x, x)`
#
# <details><summary>Answers</summary>
#
# 1. Any input with a negative number that is used again: the layer rewrote its caller's array.
# 2. Any negative number: this is the *leaky* rectifier, another activation.
# </details>
#
# ## 4 · One curve, two formulas
#
# $\sigma(z) = 1/(1 + e^{-z})$ squeezes a score into a probability. On paper it equals
# $e^z/(1 + e^z)$; on a computer each of the two breaks on one side. *Commit first:* which one
# returns `nan`, and at which of the two scores?

# %%
my_guess = "1 / (1 + exp(-z)) at z = -720"  # or: "exp(z) / (1 + exp(z)) at z = 720"

# %% tags=["demo"]
with np.errstate(all="ignore"):
    for z in (np.float64(-720.0), np.float64(720.0)):
        first, second = 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z))
        print(f"z = {z:4.0f}   1 / (1 + exp(-z)) = {first}   exp(z) / (1 + exp(z)) = {second:.1e}")
print("your guess:", my_guess)

# %% [markdown]
# The second gives `nan` at 720, where $\infty/\infty$ arises. The first looks healthy, but at −720
# it has overflowed too: the 0 is $1/\infty$, where $2 \cdot 10^{-313}$ is right. A 0 is a claim of
# certainty, and its logarithm is $-\infty$.

# %% [markdown]
# ## 5 · Your turn: `Sigmoid`
#
# *About 15 minutes · 2 points.* Write a sigmoid that is **right in both tails**, each relative to
# its own size. The trick is never to take the exponential of a positive number. What comes in as
# float32 goes out as float32.
#
# <details><summary>Hint: my right tail is fine, my left tail is exactly 0</summary>
#
# For $z < 0$ use the form with $e^{z}$, for $z \ge 0$ the one with $e^{-z}$. Both need
# $e^{-|z|}$ only.
# </details>
# <details><summary>Hint: I get a warning about overflow although the numbers are right</summary>
#
# `np.where` computes both of its branches everywhere and picks afterwards. Make the exponent safe
# *before* `exp` sees it.
# </details>


# %% nbgrader={"grade": false, "grade_id": "Sigmoid", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Sigmoid:
    """Logistic function, 1 / (1 + exp(-x)), exact in both tails."""

    def parameters(self):
        return []

    def forward(self, x):
        """Squeeze every element between 0 and 1.

        Args:
            x: array of any shape, of finite floats. Not modified.

        Returns:
            New array of the same shape and dtype.
        """
        ### BEGIN SOLUTION
        small = np.exp(-np.abs(x))
        return np.where(x >= 0, 1, small) / (1 + small)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_Sigmoid_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.array([[0.0, math.log(3.0)], [-math.log(3.0), math.log(0.25)]])
checks.close(Sigmoid().forward(x.copy()), [[0.5, 0.75], [0.25, 0.2]], "σ(0) = 1/2, σ(log 3) = 3/4")
sentence = "1/(1 + e⁻¹) and 1/(1 + e): the right sign of the exponent"
checks.close(Sigmoid().forward(np.array([1.0, -1.0])), [0.7310585786, 0.2689414214], sentence)
got = Sigmoid().forward(np.float32([[-80.0], [0.0], [80.0]]))
checks.close(got, [[0.0], [0.5], [1.0]], "float32", atol=1e-6)
checks.dtype(got, np.float32, "float32 in, float32 out")
checks.unchanged(Sigmoid().forward, x)
### BEGIN HIDDEN TESTS
import torch

x = np.random.default_rng(204).normal(scale=5.0, size=(3, 1, 4))
expected = torch.sigmoid(torch.from_numpy(x)).numpy()
checks.close(Sigmoid().forward(x), expected, "three axes")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_Sigmoid_tails", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
sentence = "large scores: 1 and 0, never nan (infinity divided by infinity)"
checks.close(Sigmoid().forward(np.array([720.0, 1e4, -1e4])), [1.0, 1.0, 0.0], sentence)
sentence = "the left tail is e^z, not 0: 1 − σ(−z), or a tanh, loses it"
got = Sigmoid().forward(np.array([-40.0, -400.0, -math.log(2.0)]))
expected = [4.248354255291589e-18, math.exp(-400.0), 1 / 3]
checks.close(got, expected, sentence, rtol=1e-9, atol=0.0)
sentence = "σ(−720) is 2·10⁻³¹³: e^720 overflows, e^−720 does not"
got = Sigmoid().forward(np.array([-720.0, -math.log(2.0)]))
checks.close(got, [math.exp(-720.0), 1 / 3], sentence, rtol=1e-6, atol=0.0)
### BEGIN HIDDEN TESTS
x = -np.random.default_rng(205).uniform(30.0, 715.0, size=(5, 6))
expected = np.array([[math.exp(z) for z in row] for row in x])
turned = -x
got = Sigmoid().forward(x)
checks.close(got, expected, "the left tail, relative to its size", rtol=1e-6, atol=0.0)
checks.close(Sigmoid().forward(turned), 1.0 - expected, "the right tail")
got = Sigmoid().forward(np.float32([-1e4, -85.0, 1e4]))
checks.close(got, np.float32([0.0, 1.2160993e-37, 1.0]), "float32 tails", rtol=1e-4, atol=1e-44)
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `1 / (1 + np.exp(-x))`
# 2. `0.5 * (1 + np.tanh(x / 2))`
# 3. `1 / (1 + np.exp(-np.clip(x, -30, 30)))`
#
# <details><summary>Answers</summary>
#
# 1. $z = -720$: the exponential overflows and the result is 0.
# 2. $z = -40$: $\tanh(-20)$ rounds to −1, and the tail is 0. It never overflows, but it forgets.
# 3. $z = -40$: all scores below −30 get the same probability.
# </details>

# %% [markdown]
# ## 6 · Your turn: `GELU`
#
# *About 10 minutes · 2 points.* The rectifier multiplies by 0 or 1, by the sign of $z$. The
# *Gaussian error linear unit* (Hendrycks & Gimpel 2016) multiplies by the probability that a
# standard normal number is smaller than $z$:
#
# $$\mathrm{GELU}(z) = z\,\Phi(z) = \frac z2 \Bigl(1 + \mathrm{erf}\frac{z}{\sqrt 2}\Bigr).$$
#
# Many transformers use it, BERT among them. We want this exact form, not the approximation by tanh
# that you may find elsewhere. NumPy has no `erf`, but `math.erf` takes one number and
# `np.vectorize` makes it take arrays.
#
# <details><summary>Hint: an empty batch fails, or float32 comes out as float64</summary>
#
# `np.vectorize` guesses the output's dtype from the first element: tell it by `otypes`. And
# `astype` brings the result to the dtype of `x`.
# </details>


# %% nbgrader={"grade": false, "grade_id": "GELU", "locked": false, "schema_version": 3, "solution": true, "task": false}
class GELU:
    """Gaussian error linear unit in its exact form (Hendrycks and Gimpel 2016)."""

    def parameters(self):
        return []

    def forward(self, x):
        """Weigh every element by the normal distribution function at its place.

        Args:
            x: array of any shape, of floats. Not modified.

        Returns:
            New array of the same shape and dtype.
        """
        ### BEGIN SOLUTION
        erf = np.vectorize(math.erf, otypes=[np.float64])
        return (0.5 * x * (1.0 + erf(x / math.sqrt(2.0)))).astype(x.dtype)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_GELU_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.array([[0.0, 1.0, -1.0], [2.0, -0.5, 0.3]])
expected = np.array(
    [[0.0, 0.8413447461, -0.1586552539], [1.9544997361, -0.1542687694, 0.1853734269]]
)
sentence = "z·Φ(z), with Φ(z) = (1 + erf(z/√2)) / 2"
checks.close(GELU().forward(x.copy()), expected, sentence, atol=1e-3)
sentence = "the exact form, by erf: the approximation by tanh is off by up to 0.0005"
checks.close(GELU().forward(x.copy()), expected, sentence, atol=1e-9)
checks.close(GELU().forward(np.array([1e4, -1e4])), [1e4, 0.0], "far out it is the rectifier")
checks.unchanged(GELU().forward, x)
### BEGIN HIDDEN TESTS
import torch

x = np.random.default_rng(206).normal(scale=2.0, size=(4, 1, 6))
expected = torch.nn.functional.gelu(torch.from_numpy(x)).numpy()
checks.close(GELU().forward(x), expected, "three axes")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_GELU_forms", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
got = GELU().forward(np.float32([[-1.0], [0.5], [3.0]]))
checks.close(got, np.float32([[-0.15865525], [0.34573123], [2.99595]]), "float32 values")
checks.dtype(got, np.float32, "float32 in, float32 out: erf of a float32 is a float64")
checks.shape(GELU().forward(np.zeros((0, 3))), (0, 3), "an empty batch stays empty")
difference = GELU().forward(np.array([1.7])) - GELU().forward(np.array([-1.7]))
checks.close(difference, [1.7], "GELU(z) − GELU(−z) = z")
### BEGIN HIDDEN TESTS
import torch

x = np.random.default_rng(207).normal(size=(3, 5)).astype(np.float32)
expected = torch.nn.functional.gelu(torch.from_numpy(x)).numpy()
got = GELU().forward(x)
checks.close(got, expected, "float32, random")
checks.dtype(got, np.float32, "float32 stays float32, whatever the shape")
checks.close(GELU().forward(np.full((1, 1), -1e4)), [[0.0]], "one number, far to the left")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `0.5 * x * (1 + erf(x))`
# 2. `x / (1 + np.exp(-1.702 * x))`
#
# <details><summary>Answers</summary>
#
# 1. $z = 1$: 0.92 for 0.84. The root of 2 belongs to the normal distribution, not to erf.
# 2. $z = 2$: 1.936 for 1.954, another approximation; and at $z = -1000$ it warns of an overflow.
# </details>
#
# Here are five activations side by side; the leaky rectifier and tanh are given. *Commit first:*
# GELU is the only one that is not monotone. What is the lowest value it takes?

# %%
my_guess = -0.5  # your number


# %% tags=["demo"]
class LeakyReLU:
    """Rectifier that lets a little of the negative side through."""

    def __init__(self, slope=0.01):
        self.slope = slope

    def parameters(self):
        return []

    def forward(self, x):
        return np.where(x > 0, x, self.slope * x)


class Tanh:
    """Hyperbolic tangent, a sigmoid from −1 to 1."""

    def parameters(self):
        return []

    def forward(self, x):
        return np.tanh(x)


# %% tags=["demo"]
z = np.linspace(-4, 4, 1601)
lowest = GELU().forward(z)
print(f"your guess {my_guess}, measured {lowest.min():.3f} at z = {z[lowest.argmin()]:.2f}")
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), sharex=True)
for layer, name, style in (
    (ReLU(), "ReLU", "-"),
    (LeakyReLU(0.1), "leaky ReLU, slope 0.1", "--"),
    (GELU(), "GELU", "-."),
):
    left.plot(z, layer.forward(z), style, label=name)
for layer, name, style in ((Sigmoid(), "sigmoid", "-"), (Tanh(), "tanh", "--")):
    right.plot(z, layer.forward(z), style, label=name)
left.set(title="open to the right", xlabel="z", ylabel="h", ylim=(-1, 4))
right.set(title="closed on both sides", xlabel="z", ylabel="h")
for axes in (left, right):
    axes.legend()
plots.show(
    figure,
    alt="Left: ReLU, leaky ReLU and GELU rise along the diagonal for positive z; GELU dips below "
    "zero near −0.75. Right: the sigmoid rises from 0 to 1, tanh from −1 to 1, both flat outside.",
)

# %% [markdown]
# **What you should see.** GELU dips to −0.17 and comes back: a smooth rectifier with a hollow. The
# pair on the right is flat outside a small window. There the slope is almost 0, and in week 3
# learning will mean following slopes: the reason why hidden layers use the left family.

# %% [markdown]
# ## 7 · Your turn: `log_sum_exp`
#
# *About 15 minutes · 2 points.* A classifier ends in $C$ scores a sample, and nearly all of its
# losses contain
#
# $$\operatorname{lse}(z) = \log \sum_{c=1}^{C} e^{z_c} .$$
#
# It behaves like a soft maximum: $\max z \le \operatorname{lse}(z) \le \max z + \log C$. So the
# result is harmless even where the way to it is not: $e^{1000}$ is infinite, $\log(e^{1000} +
# e^{1000}) = 1000.69$ is not. Pull the maximum out in front of the sum, row by row.
#
# <details><summary>Hint: my result is 0 or 0.69 for huge scores</summary>
#
# $\log \sum e^{z - m} = \operatorname{lse}(z) - m$. What you took away has to come back.
# </details>
# <details><summary>Hint: broadcasting fails, or the result has an axis too many</summary>
#
# Keep the axis of the maximum (`keepdims=True`) for the subtraction, and drop it
# (`[..., 0]`) before you add it back.
# </details>


# %% nbgrader={"grade": false, "grade_id": "log_sum_exp", "locked": false, "schema_version": 3, "solution": true, "task": false}
def log_sum_exp(scores):
    """Logarithm of the sum of exponentials along the last axis, without overflow.

    Args:
        scores: array of shape (..., C), finite floats. Not modified.

    Returns:
        Array of shape (...,), of the dtype of scores.
    """
    ### BEGIN SOLUTION
    largest = scores.max(axis=-1, keepdims=True)
    total = np.exp(scores - largest).sum(axis=-1)
    return largest[..., 0] + np.log(total)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_log_sum_exp_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
scores = np.log(np.array([[1.0, 2.0, 5.0], [3.0, 3.0, 3.0]]))
expected = np.log(np.array([8.0, 9.0]))
checks.close(log_sum_exp(scores.copy()), expected, "log(1 + 2 + 5) and log(3 + 3 + 3), row by row")
checks.close(log_sum_exp(np.array([[4.0], [-7.0]])), [4.0, -7.0], "one class: the score itself")
checks.shape(log_sum_exp(np.zeros((2, 3, 5))), (2, 3), "the last axis goes, the others stay")
checks.close(log_sum_exp(np.zeros(10)), np.log(10.0), "one sample without a batch axis: log 10")
checks.unchanged(log_sum_exp, scores)
### BEGIN HIDDEN TESTS
import torch

scores = np.random.default_rng(208).normal(scale=3.0, size=(4, 1, 7))
expected = torch.logsumexp(torch.from_numpy(scores), dim=-1).numpy()
checks.close(log_sum_exp(scores), expected, "random scores, three axes")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_log_sum_exp_extremes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
sentence = "two scores of 1000: 1000 + log 2; the maximum is added back"
checks.close(log_sum_exp(np.array([[1000.0, 1000.0]])), [1000.0 + math.log(2.0)], sentence)
sentence = "−10⁴ everywhere: e^z underflows to 0, and log 0 is not the answer"
checks.close(log_sum_exp(np.array([[-1e4, -1e4]])), [math.log(2.0) - 1e4], sentence)
scores = np.array([[1e4, 0.0, 0.0], [-1e4, -1e4, -1e4], [0.0, 0.0, -1e4]])
expected = np.array([1e4, math.log(3.0) - 1e4, math.log(2.0)])
checks.close(log_sum_exp(scores), expected, "every row has its own maximum")
got = log_sum_exp(np.float32([[200.0, 200.0], [-200.0, 0.0]]))
checks.close(got, np.float32([200.0 + math.log(2.0), 0.0]), "float32 overflows from 89 on")
checks.dtype(got, np.float32, "float32 in, float32 out")
### BEGIN HIDDEN TESTS
import torch

scores = np.random.default_rng(209).normal(scale=3000.0, size=(9, 4))
scores[0], scores[1] = 1e4 + np.arange(4), -1e4 - np.arange(4)
expected = torch.logsumexp(torch.from_numpy(scores), dim=-1).numpy()
single = scores.astype(np.float32)
checks.close(log_sum_exp(scores), expected, "large random scores")
checks.dtype(log_sum_exp(single), np.float32, "float32, a matrix")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `np.log(np.exp(scores - scores.max()).sum(axis=-1)) + scores.max()`
# 2. `np.log(np.exp(scores - scores.max(axis=-1, keepdims=True)).sum(axis=-1))`
#
# <details><summary>Answers</summary>
#
# 1. Two rows far apart: the lower one underflows to $\log 0$. One maximum serves one row only.
# 2. Any row whose maximum is not 0, even harmless ones: the maximum was never added back.
# </details>

# %% [markdown]
# ## 8 · Your turn: `softmax`
#
# *About 10 minutes · 2 points.* Scores become probabilities, $p_c = e^{z_c} / \sum_k e^{z_k}$. Only
# differences of scores count, so $e^{z_c - m}$ for any number $m$ gives the same $p$. Choose $m$
# row by row so that no exponential can overflow and no sum can be 0.
#
# <details><summary>Hint: one sample comes out right, several do not</summary>
#
# Every row has its own maximum *and* its own sum. Which of your reductions runs over everything?
# </details>


# %% nbgrader={"grade": false, "grade_id": "softmax", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax(scores):
    """Turn scores into probabilities along the last axis.

    Args:
        scores: array of shape (..., C), finite floats. Not modified.

    Returns:
        New array of the same shape and dtype; each row is non-negative and sums to 1.
    """
    ### BEGIN SOLUTION
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_softmax_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
scores = np.log(np.array([[1.0, 2.0, 5.0], [6.0, 1.0, 1.0]]))
expected = [[0.125, 0.25, 0.625], [0.75, 0.125, 0.125]]
checks.close(softmax(scores.copy()), expected, "scores log 1, log 2, log 5: shares 1/8, 2/8, 5/8")
checks.close(softmax(np.array([2.0, 2.0])), [0.5, 0.5], "one sample, a tie: each gets a half")
got = softmax(np.log([[[1.0, 3.0]], [[3.0, 1.0]]]))
checks.close(got, [[[0.25, 0.75]], [[0.75, 0.25]]], "three axes: along the last one")
checks.unchanged(softmax, scores)
### BEGIN HIDDEN TESTS
import torch

scores = np.random.default_rng(210).normal(scale=3.0, size=(5, 1, 7))
expected = torch.softmax(torch.from_numpy(scores), dim=-1).numpy()
checks.close(softmax(scores), expected, "random scores, an axis of length 1 among them")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_softmax_extremes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
scores = np.array([[1e4, 1e4], [-1e4, -1e4], [0.0, 0.0]])
sentence = "ties at 10⁴, −10⁴ and 0: each row has its own maximum to subtract"
checks.close(softmax(scores), [[0.5, 0.5], [0.5, 0.5], [0.5, 0.5]], sentence)
sentence = "one score far above many: subtract the maximum, not the mean"
checks.close(softmax(np.array([[1e4, 0.0, 0.0, 0.0]])), [[1.0, 0.0, 0.0, 0.0]], sentence)
got = softmax(np.float32([[300.0, 300.0], [0.0, -300.0]]))
checks.close(got, np.float32([[0.5, 0.5], [1.0, 0.0]]), "float32")
checks.dtype(got, np.float32, "float32 in, float32 out")
### BEGIN HIDDEN TESTS
import torch

scores = np.random.default_rng(211).normal(scale=300.0, size=(6, 4))
scores[0] += 1e5
expected = torch.softmax(torch.from_numpy(scores), dim=-1).numpy()
moved, single = scores - 777.0, scores.astype(np.float32)
checks.close(softmax(scores), expected, "large random scores")
checks.close(softmax(moved), expected, "the same number less everywhere changes nothing", atol=1e-9)
checks.dtype(softmax(single), np.float32, "float32, a matrix")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `shifted = scores - scores.max()`
# 2. `shifted = scores - scores.mean(axis=-1, keepdims=True)`
# 3. `scores -= scores.max(axis=-1, keepdims=True)`, going on with `scores`
#
# <details><summary>Answers</summary>
#
# 1. Rows (1000, 1000) and (0, 0): the lower one becomes 0/0.
# 2. (5000, 0, 0, 0): 3750 above the mean still overflows.
# 3. Any input that is used twice: the caller's scores have changed.
# </details>
#
# With probabilities in hand the loss seems to be one line, $-\log p_y$. *Commit first:* the scores
# are $(0, -800)$ and the label is 1. What loss does that line report?

# %%
my_guess = 800.0  # your number

# %% tags=["demo"]
with np.errstate(divide="ignore"):
    for score in (-8.0, -80.0, -800.0):
        scores = np.array([0.0, score])
        exact = log_sum_exp(scores) - score
        print(
            f"scores (0, {score:4.0f})   -log(softmax) = {-np.log(softmax(scores))[1]:6.1f}"
            f"   exact {exact:6.1f}"
        )
print("your guess:", my_guess)

# %% [markdown]
# A perfect softmax, and still an infinite loss: the probability $e^{-800}$ underflowed before the
# logarithm saw it. The cure is not `log(p + 1e-9)`, which reports 20.7 for every hopeless sample.
# It is to **take the logarithm on paper**: $\log p_y = z_y - \operatorname{lse}(z)$.

# %% [markdown]
# ## 9 · Your turn: `cross_entropy`
#
# *About 20 minutes · 3 points.* The loss of a classifier, averaged over the batch:
#
# $$L = -\frac1N \sum_{n=1}^N \sum_{c=1}^C y_{nc} \log p_{nc},
# \qquad \log p_{nc} = z_{nc} - \operatorname{lse}(z_n) .$$
#
# The targets come in two forms. **Integer labels** $y_n$, shape $(N,)$: the weight is 1 at the label
# and 0 elsewhere, so that only $-\log p_{n y_n}$ is left. **Soft targets** $y_{nc}$, shape $(N, C)$:
# a probability distribution a row, for smoothed or mixed labels. The number of axes tells them
# apart. Both are divided by $N$, the number of samples, never by $N \cdot C$: a one-hot row must
# cost the same as its integer.
#
# <details><summary>Hint: integer labels give a matrix (N, N)</summary>
#
# `log_p[:, labels]` picks whole columns. One entry a row needs a pair of indices: row numbers
# *and* labels.
# </details>
# <details><summary>Hint: some batches end in a broadcasting error, others don't</summary>
#
# A batch need not hold the last class. How many classes there are, `scores.shape[1]` says, not the
# largest label.
# </details>
# <details><summary>Hint: the loss of soft targets is 1/C of what is wanted</summary>
#
# `.mean()` of a matrix divides by all of its entries. Sum over the classes first.
# </details>


# %% nbgrader={"grade": false, "grade_id": "cross_entropy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cross_entropy(scores, targets):
    """Cross-entropy of softmax probabilities, mean over the batch.

    Args:
        scores: array of shape (N, C), finite floats. Not modified.
        targets: integer labels 0 to C - 1, shape (N,); or soft targets, shape (N, C), with rows
            that sum to 1. Not modified.

    Returns:
        The loss, one number, never negative; float32 if the scores (and soft targets) are.
    """
    ### BEGIN SOLUTION
    log_p = scores - log_sum_exp(scores)[:, None]
    if targets.ndim == 1:
        return -log_p[np.arange(len(targets)), targets].mean()
    return -(targets * log_p).sum(axis=-1).mean()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_cross_entropy_labels", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
scores = np.log(np.array([[1.0, 2.0, 5.0], [6.0, 1.0, 1.0]]))
labels = np.array([2, 1])
expected = -(math.log(5 / 8) + math.log(1 / 8)) / 2
checks.close(cross_entropy(scores.copy(), labels.copy()), expected, "labels 2, 1: p = 5/8, 1/8")
sentence = "10 classes, all scores equal: ln 10, though no label is 8 or 9"
checks.close(cross_entropy(np.zeros((4, 10)), np.array([0, 7, 3, 3])), math.log(10.0), sentence)
sentence = "two samples of two classes: labels, not a matrix of picks"
got = cross_entropy(np.log(np.array([[1.0, 3.0], [1.0, 1.0]])), np.array([0, 1]))
checks.close(got, (math.log(4.0) + math.log(2.0)) / 2, sentence)
checks.unchanged(cross_entropy, scores, labels)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(212)
scores, labels = draw.normal(scale=4.0, size=(13, 6)), draw.integers(0, 6, size=13)
tensors = torch.from_numpy(scores), torch.from_numpy(labels)
expected = torch.nn.functional.cross_entropy(*tensors).item()
one = torch.nn.functional.cross_entropy(tensors[0][:1], tensors[1][:1]).item()
first = scores[:1].copy(), labels[:1].astype(np.int32)
checks.close(cross_entropy(scores, labels), expected, "13 random samples of 6 classes")
checks.close(cross_entropy(*first), one, "a batch of one, labels int32")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_cross_entropy_soft", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
scores = np.log(np.array([[1.0, 2.0, 5.0], [6.0, 1.0, 1.0]]))
hard = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
expected = -(math.log(5 / 8) + math.log(1 / 8)) / 2
sentence = "one-hot rows cost what their labels cost: divided by N, not by N·C"
checks.close(cross_entropy(scores.copy(), hard.copy()), expected, sentence)
whole = hard.astype(int)
checks.close(cross_entropy(scores.copy(), whole), expected, "one-hot rows may hold integers")
soft = np.array([[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]])
expected = -(0.5 * math.log(1 / 8) + 0.5 * math.log(2 / 8) + math.log(1 / 8)) / 2
checks.close(cross_entropy(scores.copy(), soft.copy()), expected, "half and half in the first row")
square = np.array([[0.9, 0.1], [0.2, 0.8]])
expected = -(0.9 * math.log(0.25) + 0.1 * math.log(0.75) + math.log(0.5)) / 2
got = cross_entropy(np.log(np.array([[1.0, 3.0], [1.0, 1.0]])), square)
checks.close(got, expected, "as many samples as classes")
checks.unchanged(cross_entropy, scores, soft)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(213)
scores, soft = draw.normal(scale=4.0, size=(11, 5)), draw.dirichlet(np.ones(5), size=11)
tensors = torch.from_numpy(scores), torch.from_numpy(soft)
expected = torch.nn.functional.cross_entropy(*tensors).item()
checks.close(cross_entropy(scores.copy(), soft), expected, "random soft targets")
whole = np.eye(5, dtype=int)[draw.integers(0, 5, size=11)]
tensors = torch.from_numpy(scores), torch.from_numpy(whole.argmax(axis=1))
expected = torch.nn.functional.cross_entropy(*tensors).item()
checks.close(cross_entropy(scores, whole), expected, "one-hot rows of integers are rows, too")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_cross_entropy_extremes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
scores, labels = np.array([[0.0, -1e4], [1e4, 0.0]]), np.array([1, 1])
sentence = (
    "hopeless samples cost 10⁴ each: neither infinite nor capped by a small constant in the log"
)
checks.close(cross_entropy(scores.copy(), labels), 1e4, sentence)
ones = np.array([[0.0, 1.0], [0.0, 1.0]])
checks.close(cross_entropy(scores.copy(), ones), 1e4, "the same as soft targets")
ones = np.array([[1.0, 0.0], [1.0, 0.0]])
checks.close(cross_entropy(scores.copy(), ones), 0.0, "sure and right costs 0; 0 · (−10⁴) is 0")
got = cross_entropy(np.float32([[100.0, 0.0], [0.0, 0.0]]), np.array([1, 0]))
checks.close(got, (100.0 + math.log(2.0)) / 2, "float32 values", rtol=1e-5)
checks.dtype(got, np.float32, "float32 scores, a float32 loss (`np.eye` and `float` make float64)")
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(214)
scores, soft = draw.normal(scale=3000.0, size=(7, 4)), draw.dirichlet(np.ones(4), size=7)
labels = draw.integers(0, 4, size=7)
tensors = [torch.from_numpy(array) for array in (scores, soft, labels)]
expected = [torch.nn.functional.cross_entropy(tensors[0], tensors[i]).item() for i in (1, 2)]
single = scores.astype(np.float32), soft.astype(np.float32)
checks.close(cross_entropy(scores, soft), expected[0], "large scores, soft targets")
checks.close(cross_entropy(scores, labels), expected[1], "large scores, labels")
checks.dtype(cross_entropy(*single), np.float32, "float32 scores and soft targets")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `-np.log(softmax(scores) + 1e-9)[np.arange(N), targets].mean()`
# 2. `-(targets * log_p).mean()`
# 3. `-log_p[:, targets].mean()`
#
# <details><summary>Answers</summary>
#
# 1. Scores $(0, -800)$ with label 1: 20.7 for 800, and from there on no worse answer costs more.
# 2. Any one-hot row costs a $C$-th of its integer; the learning rate then seems $C$ times too small.
# 3. Two samples with different labels: every sample is charged for everybody's label.
# </details>
#
# What are soft targets good for? *Label smoothing* (Szegedy et al. 2016) gives the label 0.91 of ten
# classes and each of the others 0.01. Let all scores be 0 but the label's, and raise that one.
# *Commit first:* at which score is the smoothed loss smallest?

# %%
my_guess = 10.0  # your score

# %% tags=["demo"]
z = np.linspace(0, 12, 1201)
scores = np.column_stack([z, np.zeros((len(z), 9))])
soft = np.full((1, 10), 0.01)
soft[0, 0] = 0.91
hard_loss = [cross_entropy(row[None], np.array([0])) for row in scores]
soft_loss = [cross_entropy(row[None], soft) for row in scores]
best = int(np.argmin(soft_loss))
print(f"your guess {my_guess}, measured {z[best]:.2f}, where the loss is {soft_loss[best]:.3f}")
entropy = -(soft * np.log(soft)).sum()
print(f"ln(0.91 / 0.01) = {math.log(91):.2f}, entropy of the targets {entropy:.3f}")
figure, axes = plt.subplots(figsize=(6, 3.3))
axes.plot(z, hard_loss, label="integer label")
axes.plot(z, soft_loss, "--", label="smoothed label")
axes.plot(z[best], soft_loss[best], "ko", label="smallest")
axes.set(xlabel="score of the label, the others 0", ylabel="cross-entropy", ylim=(-0.05, 2.4))
axes.legend()
plots.show(
    figure,
    alt="Cross-entropy over the label's score: with the integer label it falls towards zero for "
    "ever, with the smoothed label it has a minimum near 4.5 and rises again.",
)

# %% [markdown]
# **What you should see.** The integer label always asks for more: its loss reaches 0 only at an
# infinite score. Smoothed targets are content at $\ln(0.91/0.01)$, where the probabilities *equal*
# the targets, and punish greater certainty. The loss there is not 0 but the entropy of the
# targets: with soft targets a loss is to be judged against that floor.

# %% [markdown]
# ## 10 · Your turn: `mse`
#
# *About 5 minutes · 1 point.* Regression measures squared distances, here the mean over **all
# elements** of the arrays, as PyTorch does it:
# $L = \frac{1}{ND}\sum_{n,d} (\hat y_{nd} - y_{nd})^2$. One trap is worth a guard: predictions
# $(N, 1)$ minus targets $(N,)$ broadcast to $(N, N)$ without a sound. Raise a ValueError whenever
# the two shapes differ.
#
# <details><summary>Hint: my loss is D times too large</summary>
#
# The mean is over all elements here, not over the samples.
# </details>


# %% nbgrader={"grade": false, "grade_id": "mse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mse(prediction, target):
    """Mean squared error over all elements.

    Args:
        prediction: array of any shape, of floats. Not modified.
        target: array of the same shape. Not modified.

    Returns:
        The loss, one number, never negative; float32 if both are.

    Raises:
        ValueError: the shapes differ.
    """
    ### BEGIN SOLUTION
    if prediction.shape != target.shape:
        raise ValueError(f"prediction {prediction.shape}, but target {target.shape}")
    return ((prediction - target) ** 2).mean()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_mse_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
prediction, target = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0], [6.0, 5.0]])
sentence = "errors 0, 2, −3, −1: squares 0, 4, 9, 1, their mean over all elements 3.5"
checks.close(mse(prediction.copy(), target.copy()), 3.5, sentence)
checks.close(mse(target, prediction), 3.5, "the other way round it is the same")
checks.close(mse(np.array([1e4, -1e4]), np.zeros(2)), 1e8, "large errors")
sentence = "prediction (3, 1), target (3,): ValueError, not a silent (3, 3)"
checks.raises(ValueError, mse, np.zeros((3, 1)), np.zeros(3), sentence=sentence)
sentence = "prediction (2, 3), target (1, 3): ValueError, no broadcasting over the batch either"
checks.raises(ValueError, mse, np.zeros((2, 3)), np.zeros((1, 3)), sentence=sentence)
got = mse(np.float32([1.0, 2.0]), np.float32([0.0, 0.0]))
checks.close(got, 2.5, "float32 values")
checks.dtype(got, np.float32, "float32 in, float32 out (`float` makes float64)")
checks.unchanged(mse, prediction, target)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(215)
prediction, target = draw.normal(size=(4, 3, 5)), draw.normal(size=(4, 3, 5))
tensors = torch.from_numpy(prediction), torch.from_numpy(target)
expected = torch.nn.functional.mse_loss(*tensors).item()
checks.close(mse(prediction, target), expected, "three axes")
checks.raises(ValueError, mse, np.zeros((2, 3)), np.zeros((3, 2)), sentence="(2, 3) and (3, 2)")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `((prediction - target) ** 2).sum(axis=-1).mean()`
# 2. `(prediction - target).mean() ** 2`
#
# <details><summary>Answers</summary>
#
# 1. More than one output a sample: the loss grows with their number.
# 2. Errors +1 and −1: they cancel, and the loss is 0.
# </details>

# %% [markdown]
# ## 11 · Your turn: `binary_cross_entropy_with_logits`
#
# *About 15 minutes · 2 points.* With two classes one score is enough: $p = \sigma(z)$. The target
# $y$ is 0 or 1, or anything between. Take the logarithm on paper again:
#
# $$-y \log \sigma(z) - (1 - y) \log(1 - \sigma(z)) = \log(1 + e^{z}) - y z ,$$
#
# and split the logarithm so that only $e^{-|z|}$ appears. A sure and right score costs next to
# nothing, $e^{-|z|}$, not nothing: let the big parts cancel *before* the small one is added. Then
# average over all elements. For $y = 1$ this is week 1's logistic loss.
#
# <details><summary>Hint: large positive scores give infinity</summary>
#
# $\log(1 + e^z) = \max(z, 0) + \log(1 + e^{-|z|})$. Try both signs of $z$ on paper.
# </details>
# <details><summary>Hint: a sure and right score costs exactly 0</summary>
#
# `log(1 + tiny)` rounds `1 + tiny` to 1 first; `np.log1p` does not. And $(40 + \text{tiny}) - 40$
# is 0, but $(40 - 40) + \text{tiny}$ is not.
# </details>


# %% nbgrader={"grade": false, "grade_id": "binary_cross_entropy_with_logits", "locked": false, "schema_version": 3, "solution": true, "task": false}
def binary_cross_entropy_with_logits(scores, targets):
    """Cross-entropy of sigmoid probabilities, mean over all elements.

    Args:
        scores: array of any shape, finite floats, before the sigmoid. Not modified.
        targets: array of the same shape, numbers from 0 to 1. Not modified.

    Returns:
        The loss, one number, never negative; float32 if both are.
    """
    ### BEGIN SOLUTION
    straight = np.maximum(scores, 0) - targets * scores
    return (straight + np.log1p(np.exp(-np.abs(scores)))).mean()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_binary_cross_entropy_with_logits_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
scores, targets = np.log(np.array([3.0, 3.0, 1.0])), np.array([1.0, 0.0, 1.0])
expected = -(math.log(3 / 4) + math.log(1 / 4) + math.log(1 / 2)) / 3
got = binary_cross_entropy_with_logits(scores.copy(), targets.copy())
checks.close(got, expected, "p = 3/4, 3/4, 1/2 with targets 1, 0, 1")
expected = -(0.25 * math.log(3 / 4) + 0.75 * math.log(1 / 4))
got = binary_cross_entropy_with_logits(np.array([[math.log(3.0)]]), np.array([[0.25]]))
checks.close(got, expected, "a soft target of 1/4")
got = binary_cross_entropy_with_logits(np.zeros((2, 3)), np.ones((2, 3)))
checks.close(got, math.log(2.0), "scores 0: log 2, the mean over all six elements")
checks.unchanged(binary_cross_entropy_with_logits, scores, targets)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(216)
scores, targets = draw.normal(scale=4.0, size=(5, 3)), draw.random((5, 3))
tensors = torch.from_numpy(scores), torch.from_numpy(targets)
expected = torch.nn.functional.binary_cross_entropy_with_logits(*tensors).item()
got = binary_cross_entropy_with_logits(scores, targets)
checks.close(got, expected, "random scores, soft targets")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_binary_cross_entropy_with_logits_extremes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
scores, targets = np.array([1e4, -1e4]), np.array([0.0, 1.0])
sentence = "sure and wrong on both sides costs 10⁴, neither infinity nor a cap from log(p + ε)"
checks.close(binary_cross_entropy_with_logits(scores.copy(), targets.copy()), 1e4, sentence)
got = binary_cross_entropy_with_logits(-scores, targets.copy())
checks.close(got, 0.0, "sure and right costs 0, on both sides")
sentence = "±40, sure and right: e⁻⁴⁰, shown as 1, is left: log1p, added after the rest cancelled"
got = binary_cross_entropy_with_logits(np.array([40.0, -40.0]), np.array([1.0, 0.0]))
checks.close(got / 4.248354255291589e-18, 1.0, sentence, rtol=1e-9)
got = binary_cross_entropy_with_logits(np.float32([100.0, 0.0]), np.float32([0.0, 1.0]))
checks.close(got, (100.0 + math.log(2.0)) / 2, "float32 values", rtol=1e-5)
checks.dtype(got, np.float32, "float32 in, float32 out (`float` makes float64)")
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(217)
scores, targets = draw.normal(scale=3000.0, size=40), draw.integers(0, 2, size=40) * 1.0
tensors = torch.from_numpy(scores), torch.from_numpy(targets)
expected = torch.nn.functional.binary_cross_entropy_with_logits(*tensors).item()
single = scores.astype(np.float32), targets.astype(np.float32)
got = binary_cross_entropy_with_logits(scores, targets)
checks.close(got, expected, "large random scores")
checks.dtype(binary_cross_entropy_with_logits(*single), np.float32, "float32, random")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `-(y * np.log(p + 1e-9) + (1 - y) * np.log(1 - p + 1e-9)).mean()` with `p = sigmoid(z)`
# 2. `(np.log(1 + np.exp(z)) - y * z).mean()`
#
# <details><summary>Answers</summary>
#
# 1. $z = 10^4$, $y = 0$: 20.7 for 10 000; and a perfect answer gets a loss below 0.
# 2. $z = 720$: infinite. $z = -40$, $y = 0$: exactly 0, the tail is lost.
# </details>
#
# Three losses for one score $z$ of a positive sample ($y = 1$): the cross-entropy, the hinge loss
# $\max(0, 1 - z)$ of support-vector machines (given), and the squared distance from 1. *Commit
# first:* which of them charges most for $z = 4$, sure and right?

# %%
my_guess = "hinge"  # or "cross-entropy", or "squared"


# %% tags=["demo"]
def hinge(scores, labels):
    """Multi-class hinge loss: sum over the wrong classes, mean over the batch."""
    right = scores[np.arange(len(labels)), labels][:, None]
    margins = np.maximum(0.0, 1.0 + scores - right)
    margins[np.arange(len(labels)), labels] = 0.0
    return margins.sum(axis=1).mean()


# %% tags=["demo"]
one = np.array([1.0])
losses = {
    "cross-entropy": lambda z: binary_cross_entropy_with_logits(np.array([z]), one),
    "hinge": lambda z: hinge(np.array([[0.0, z]]), np.array([1])),
    "squared": lambda z: mse(np.array([z]), one),
}
at_four = {name: loss(4.0) for name, loss in losses.items()}
print(f"your guess {my_guess}, measured {max(at_four, key=at_four.get)}")
print("at z = 4:", ", ".join(f"{name} {value:.3f}" for name, value in at_four.items()))
z = np.linspace(-4, 5, 181)
figure, axes = plt.subplots(figsize=(6, 3.4))
for (name, loss), style in zip(losses.items(), ("-", "--", "-."), strict=True):
    axes.plot(z, [loss(score) for score in z], style, label=name)
axes.set(xlabel="score z of a positive sample", ylabel="loss", ylim=(-0.3, 10))
axes.legend(loc="upper center")
plots.show(
    figure,
    alt="Loss over the score of a positive sample: cross-entropy and hinge fall towards zero, the "
    "squared loss is zero at one and rises again to the right.",
)

# %% [markdown]
# **What you should see.** The squared loss charges 9 for being *too* right, and would bend a
# boundary to please its best samples. Hinge stops caring beyond 1; cross-entropy never stops
# entirely, and to the left both grow only in proportion to the error.

# %% [markdown]
# ## 12 · Your turn: `Sequential`
#
# *About 10 minutes · 2 points.* A network is a list of layers. `forward` hands the output of each
# layer to the next, `parameters` joins the layers' lists into one. A `Sequential` is itself a
# layer, so that one may stand inside another.
#
# <details><summary>Hint: `parameters` gives a list of lists</summary>
#
# `append` puts a list in as one item. `extend`, or `+=`, adds its items.
# </details>


# %% nbgrader={"grade": false, "grade_id": "Sequential", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Sequential:
    """Layers in a row, each working on what the one before has computed.

    Args:
        layers: list of layers with `forward(x)` and `parameters()`.
    """

    def __init__(self, layers):
        self.layers = layers

    def forward(self, x):
        """Send a batch through all layers, first to last.

        Args:
            x: array of shape (N, D_in). Not modified.

        Returns:
            What the last layer returns; x itself if there are no layers.
        """
        ### BEGIN SOLUTION
        for layer in self.layers:
            x = layer.forward(x)
        return x
        ### END SOLUTION

    def parameters(self):
        """List the arrays that are to be learnt, in the order of the layers.

        Returns:
            One flat list of the layers' own arrays, not of copies.
        """
        ### BEGIN SOLUTION
        return [array for layer in self.layers for array in layer.parameters()]
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_Sequential_forward", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
double = Linear(np.array([[2.0]]), np.array([0.0]))
less_one = Linear(np.array([[1.0]]), np.array([-1.0]))
x = np.array([[3.0], [0.0], [-4.0]])
model, expected = Sequential([double, less_one]), [[5.0], [-1.0], [-9.0]]
sentence = "first twice, then minus 1: the order of the list"
checks.close(model.forward(x.copy()), expected, sentence)
checks.close(model.forward(x.copy()), expected, "called again, the same: no layer is used up")
got = Sequential([double, less_one, ReLU(), double]).forward(x.copy())
checks.close(got, [[10.0], [0.0], [0.0]], "four layers, each gets what the one before computed")
inner = Sequential([less_one, double])
checks.close(Sequential([double, inner]).forward(x), [[10.0], [-2.0], [-18.0]], "one in another")
checks.close(Sequential([]).forward(x.copy()), x, "no layers: the input comes out")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(218)
W1, W2 = draw.normal(size=(4, 6)), draw.normal(size=(6, 3))
b1, b2, x = draw.normal(size=6), draw.normal(size=3), draw.normal(size=(5, 4))
expected = np.maximum(0.0, x @ W1 + b1) @ W2 + b2
got = Sequential([Linear(W1, b1), ReLU(), Linear(W2, b2)]).forward(x)
checks.close(got, expected, "4 → 6 → 3 with a rectifier")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_Sequential_parameters", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
W1, b1, W2, b2 = np.ones((2, 3)), np.zeros(3), np.full((3, 1), 7.0), np.array([5.0])
model = Sequential([Linear(W1.copy(), b1.copy()), ReLU(), Linear(W2.copy(), b2.copy())])
sentence = "W and b of the first layer, nothing from ReLU, then W and b of the last: a flat list"
checks.close(model.parameters(), [W1, b1, W2, b2], sentence)
outer = Sequential([model, Linear(np.eye(1), b2.copy())])
sentence = "a network inside another gives its own parameters; two arrays of equal numbers stay two"
checks.close(outer.parameters(), [W1, b1, W2, b2, np.eye(1), b2], sentence)
checks.equal(Sequential([ReLU()]).parameters(), [], "nothing to learn: an empty list")
checks.equal(Sequential([]).parameters(), [], "no layers: an empty list, too")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(219)
sizes = (5, 1, 4, 2)
arrays, layers = [], []
for inputs, outputs in itertools.pairwise(sizes):
    W, b = draw.normal(size=(inputs, outputs)), draw.normal(size=outputs)
    arrays += [W, b]
    layers += [Linear(W.copy(), b.copy()), GELU()]
checks.close(Sequential(layers).parameters(), arrays, "three layers")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `out = x; for layer in self.layers: out = layer.forward(x)`
# 2. `for layer in self.layers: return layer.forward(x)`
#
# <details><summary>Answers</summary>
#
# 1. Two layers: each one starts from the input, only the last one counts.
# 2. Two layers: the `return` in the loop ends it after the first.
# </details>

# %% [markdown]
# ## 13 · Your turn: `count_parameters`
#
# *About 5 minutes · 1 point.* How many numbers does a network learn? Add up the sizes of its
# parameters. A layer may stand in several places; its numbers are stored once and **count once**
# (in week 5, convolution makes a principle of this).
#
# <details><summary>Hint: how do I know that two arrays are one?</summary>
#
# Equal numbers are not enough. `a is b`, or `id(a)`, asks whether it is the same object. (`a in
# list` and `set` ask for equal numbers, too; with arrays they end in an error.)
# </details>


# %% nbgrader={"grade": false, "grade_id": "count_parameters", "locked": false, "schema_version": 3, "solution": true, "task": false}
def count_parameters(model):
    """Count the numbers that a model learns.

    Args:
        model: any object whose `parameters()` returns a list of arrays.

    Returns:
        A whole number; an array that is listed several times counts once.
    """
    ### BEGIN SOLUTION
    return sum(array.size for array in {id(p): p for p in model.parameters()}.values())
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_count_parameters_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
layer = Linear(np.ones((64, 32)), np.zeros(32))
checks.equal(count_parameters(layer), 2080, "64 · 32 weights and 32 biases")
model = Sequential([layer, ReLU(), Linear(np.ones((32, 10)), np.zeros(10))])
checks.equal(count_parameters(model), 2410, "64 → 32 → 10: 2080 and 330")
checks.equal(count_parameters(ReLU()), 0, "nothing to learn")
square = Linear(np.ones((3, 3)), np.ones(3))
twin = Linear(np.ones((3, 3)), np.ones(3))
sentence = "one layer in two places counts once (if `parameters` of Sequential makes no copies)"
checks.equal(count_parameters(Sequential([square, ReLU(), square])), 12, sentence)
nested = Sequential([square, Sequential([square])])
checks.equal(count_parameters(nested), 12, "the same, one of the places in a network inside")
sentence = "two layers with equal numbers are two layers"
checks.equal(count_parameters(Sequential([square, ReLU(), twin])), 24, sentence)
### BEGIN HIDDEN TESTS
model = Sequential([Linear(np.zeros((7, 5)), np.zeros(5)), GELU(), square, Sequential([square])])
checks.equal(count_parameters(model), 52, "another model, with a layer shared across levels")
checks.equal(count_parameters(Sequential([])), 0, "no layers")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `sum(len(p) for p in model.parameters())`
# 2. `sum(p.size for p in model.parameters() if p.ndim == 2)`
#
# <details><summary>Answers</summary>
#
# 1. Any matrix with several columns: `len` counts rows.
# 2. Any layer with a bias.
# </details>
#
# Time to see what hidden units are good for. Below are three spirals and a network 2 → $H$ → 3. Its
# hidden weights are **random and stay so**; only the last layer is fitted, by least squares, for
# which no gradient is needed. *Commit first:* with 300 hidden units, how many percent of *new*
# points are right? And how many if we leave the rectifier out?

# %%
my_guess = (60, 60)  # percent, with and without ReLU


# %% tags=["demo"]
def spirals(count, draw):
    """Three arms of `count` points each, with noise."""
    t = draw.random((3, count))
    angle = 6.5 * t + np.arange(3)[:, None] * 2 * np.pi / 3 + 0.2 * draw.normal(size=t.shape)
    radius = 0.1 + 0.9 * t
    x = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
    return x.reshape(-1, 2), np.repeat(np.arange(3), count)


def fit_last_layer(x, labels, width, draw, activation):
    hidden = [Linear(3 * draw.normal(size=(2, width)), draw.normal(size=width)), activation]
    h = np.column_stack([Sequential(hidden).forward(x), np.ones(len(x))])
    solution = np.linalg.solve(h.T @ h + 1e-3 * np.eye(width + 1), h.T @ np.eye(3)[labels])
    return Sequential([*hidden, Linear(solution[:-1], solution[-1])])


# %% tags=["demo"]
widths = (2, 5, 10, 30, 100, 300)
accuracy = {"ReLU": [], "no activation": []}
for seed in range(10):
    draw = np.random.default_rng(seed)
    (x, labels), (new_x, new_labels) = spirals(100, draw), spirals(300, draw)
    for name, activation in (("ReLU", ReLU()), ("no activation", LeakyReLU(1.0))):
        models = [fit_last_layer(x, labels, width, draw, activation) for width in widths]
        right = [(m.forward(new_x).argmax(axis=1) == new_labels).mean() for m in models]
        accuracy[name].append(100 * np.array(right))
for name, runs in accuracy.items():
    last = np.array(runs)[:, -1]
    print(f"{name:13} 300 units: {last.mean():.1f} ± {last.std():.1f} % of new points, 10 seeds")
print(f"your guess {my_guess}")

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.7))
for name, runs in accuracy.items():
    plots.mean_and_spread(left, widths, np.array(runs), label=name)
left.set(xscale="log", xlabel="hidden units H", ylabel="new points right / %", ylim=(25, 102))
left.legend()
x, labels = spirals(100, np.random.default_rng(0))
model = fit_last_layer(x, labels, 300, np.random.default_rng(1), ReLU())
plots.decision_regions(right, lambda at: model.forward(at).argmax(axis=1), x, labels)
right.get_legend().remove()
right.set(title="300 random ReLU units", xlabel="$x_1$", ylabel="$x_2$")
plots.show(
    figure,
    alt="Left: accuracy on new spiral points rises with the number of rectified hidden units, and "
    "stays low without activation. Right: three spiral regions follow the three arms.",
)

# %% [markdown]
# **What you should see.** Random folds are enough when there are many: with ReLU the accuracy climbs
# with $H$, without it 300 units are as good as two, because the stack collapses. A *learnt* first
# layer needs far fewer units; that is next week's work.

# %% [markdown]
# ## 14 · Your turn: `hat`
#
# *About 10 minutes · 1 point.* How much can one hidden layer do? Everything continuous, on an
# interval with both its ends, and the proof is a construction (Cybenko 1989 and Hornik 1991 have
# the general theorems). Its brick is the **hat**: 0 outside of `left` to `right`, 1 at `centre`,
# straight in between. Three rectifiers make it: the first starts the rise, the second turns the
# rise into the fall, the third ends the fall,
#
# $$\mathrm{hat}(x) = \alpha \max(0, x - \text{left}) - (\alpha + \beta) \max(0, x - \text{centre})
# + \beta \max(0, x - \text{right}) .$$
#
# Find the slopes $\alpha$ and $\beta$; the two sides need not be equally wide.
#
# <details><summary>Hint: my hat does not come back to 0</summary>
#
# To the right of all three kinks, slope and value must both be 0. What does the fall cost per unit
# of $x$?
# </details>


# %% nbgrader={"grade": false, "grade_id": "hat", "locked": false, "schema_version": 3, "solution": true, "task": false}
def hat(x, left, centre, right):
    """Triangle made of three rectifiers.

    Args:
        x: array of any shape, of floats. Not modified.
        left: where the rise from 0 begins.
        centre: where the value is 1; left < centre < right.
        right: where the fall to 0 ends.

    Returns:
        Array of the shape of x, from 0 to 1.
    """
    ### BEGIN SOLUTION
    rise, fall = 1 / (centre - left), 1 / (right - centre)
    up = rise * np.maximum(0, x - left)
    turn = (rise + fall) * np.maximum(0, x - centre)
    return up - turn + fall * np.maximum(0, x - right)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_hat_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.array([-9.0, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 50.0])
expected = np.array([0.0, 0.0, 0.5, 1.0, 0.5, 0.0, 0.0, 0.0])
checks.close(hat(x.copy(), 0.0, 1.0, 2.0), expected, "0 to 2 with the tip at 1")
sentence = "sides of 1 and 4: at 3 the fall from 1 (at 1) to 0 (at 5) is halfway"
got = hat(np.array([[0.25, 3.0], [4.0, 5.0]]), 0, 1, 5)
checks.close(got, [[0.25, 0.5], [0.25, 0.0]], sentence)
checks.close(hat(np.array([-2.0, -1.5, 1.0]), -2.0, -1.5, 1.0), [0.0, 1.0, 0.0], "the three kinks")
checks.unchanged(hat, x, 0.0, 1.0, 2.0)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(220)
for _ in range(4):
    left, centre, right = np.sort(draw.normal(size=3) * 5) + np.array([-1.0, 0.0, 1.0])
    x = draw.uniform(-20, 20, size=(6, 7))
    expected = np.interp(x, [left, centre, right], [0.0, 1.0, 0.0])
    checks.close(hat(x, left, centre, right), expected, "random hats, against interpolation")
checks.close(hat(np.array([1e4]), 0.0, 0.5, 1.0), [0.0], "far to the right", atol=1e-9)
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. $2\alpha$ instead of $\alpha + \beta$
# 2. the last term left out
#
# <details><summary>Answers</summary>
#
# 1. Sides of different width: the fall has the slope of the rise and misses 0 at `right`.
# 2. Any $x$ beyond `right`: the fall goes on for ever.
# </details>

# %% [markdown]
# ## 15 · Your turn: `approximate`
#
# *About 25 minutes · 3 points.* Put a hat on each of $n + 1$ equally spaced **nodes** from `low` to
# `high`, each as high as $f$ there. Their sum runs straight from node to node: it *interpolates*.
# Where neighbouring hats share kinks, rectifiers can be merged, and $n$ of them are enough: the
# function starts at $f(\text{low})$, and at each node its slope changes. Return that network as
# $W_1, b_1, W_2, b_2$ of $\max(0, xW_1 + b_1)W_2 + b_2$.
#
# **The promise.** If $f$ is $K$-Lipschitz ($|f(a) - f(b)| \le K|a - b|$), the error is nowhere
# larger than $K\,(\text{high} - \text{low})/(2n)$. For, at distance $t$ from one node and $s - t$
# from the next ($s$ the spacing), the error is at most
# $(1 - \frac ts)\,K t + \frac ts\,K (s - t) = 2K\,t(s - t)/s \le K s/2$.
# The checks hold you to it, also with functions that you don't see.
#
# <details><summary>Hint: right at the first nodes, then it runs away</summary>
#
# A rectifier that has started never stops. Its weight in $W_2$ is the *change* of slope at its
# node, not the slope.
# </details>
# <details><summary>Hint: broadcasting or matmul complains</summary>
#
# One input, $H$ hidden units, one output: shapes (1, H), (H,), (H, 1), (1,).
# </details>


# %% nbgrader={"grade": false, "grade_id": "approximate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def approximate(f, low, high, n):
    """Build a network of one hidden layer of rectifiers that interpolates f.

    Args:
        f: function on the interval; takes an array of shape (M,), returns one of the same shape.
        low: where the interval begins.
        high: where it ends, above low.
        n: number of pieces, at least 1; f is interpolated at n + 1 equally spaced nodes.

    Returns:
        Tuple (W1, b1, W2, b2) of shapes (1, H), (H,), (H, 1), (1,), H at most 3 (n + 1).
    """
    ### BEGIN SOLUTION
    nodes = np.linspace(low, high, n + 1)
    values = f(nodes)
    slopes = np.diff(values) / np.diff(nodes)
    changes = np.diff(slopes, prepend=0.0)
    return np.ones((1, n)), -nodes[:-1], changes[:, None], values[:1]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_approximate_nodes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def run(network, x):
    is_pack = isinstance(network, (tuple, list)) and len(network) == 4
    checks.true(is_pack, "`approximate` returns four arrays, (W1, b1, W2, b2)")
    W1, b1, W2, b2 = (np.array(array) for array in network)
    checks.shape(W1, (1, b1.size), "W1 has one row and a column for each hidden unit")
    checks.shape(W2, (b1.size, 1), "W2 has a row for each hidden unit, and one column")
    checks.shape(b2, (1,), "b2 is one number, of shape (1,)")
    return (np.maximum(0.0, x[:, None] @ W1 + b1) @ W2 + b2)[:, 0]


nodes, values = np.array([0.0, 1.0, 2.0, 3.0]), np.array([4.0, 5.0, 3.0, 3.0])
network = approximate(lambda x: np.interp(x, nodes, values), 0.0, 3.0, 3)
checks.close(run(network, nodes), values, "at the four nodes the network is f, the first included")
between = np.array([0.5, 1.25, 1.5, 2.9])
expected = np.array([4.5, 4.5, 4.0, 3.0])
checks.close(run(network, between), expected, "between the nodes it is straight")
network = approximate(np.square, -1.0, 1.0, 1)
checks.close(run(network, np.array([-1.0, 0.0, 1.0])), [1.0, 1.0, 1.0], "one piece: a line")
network = approximate(np.square, 10.0, 14.0, 2)
got = run(network, np.array([10.0, 11.0, 12.0, 14.0]))
checks.close(got, [100.0, 122.0, 144.0, 196.0], "an interval that does not contain 0")
network = approximate(lambda x: np.sqrt(1.0 - x**2), -1.0, 1.0, 2)
sentence = "a half circle: f is asked between low and high only, there may be nothing outside"
checks.close(run(network, np.array([-1.0, 0.0, 0.5, 1.0])), [0.0, 1.0, 0.5, 0.0], sentence)
shapes = []  # append returns None, so that f, too, is the square
approximate(lambda x: shapes.append(np.shape(x)) or np.square(x), 0.0, 2.0, 4)
sentence = f"f takes an array of shape (M,), not a number or a column; it was given {shapes[:1]}"
checks.true(all(len(shape) == 1 for shape in shapes), sentence)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(221)
for n in (1, 2, 7, 40):
    low, high = np.sort(draw.uniform(-6, 6, size=2)) + np.array([0.0, 1.0])
    nodes, values = np.linspace(low, high, n + 1), draw.normal(size=n + 1)
    x = draw.uniform(low, high, size=50)
    expected = np.interp(x, nodes, values)
    network = approximate(lambda at, a=nodes, b=values: np.interp(at, a, b), low, high, n)
    checks.close(run(network, x), expected, "interpolates random values", atol=1e-9)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "test_approximate_promise", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
def run(network, x):
    is_pack = isinstance(network, (tuple, list)) and len(network) == 4
    checks.true(is_pack, "`approximate` returns four arrays, (W1, b1, W2, b2)")
    W1, b1, W2, b2 = (np.array(array) for array in network)
    checks.true(b1.size <= 3 * (n + 1), f"n = {n}: at most {3 * (n + 1)} hidden units")
    return (np.maximum(0.0, x[:, None] @ W1 + b1) @ W2 + b2)[:, 0]


for f, K, low, high, name in (
    (np.sin, 1.0, -3.0, 5.0, "sin on −3 to 5"),
    (np.abs, 1.0, -1.0, 2.5, "|x| on −1 to 2.5"),
    (lambda x: 3.0 * np.cos(4.0 * x), 12.0, 1.0, 3.0, "3 cos 4x on 1 to 3"),
):
    for n in (1, 5, 64):
        x = np.linspace(low, high, 501)
        exact, allowed = f(x), K * (high - low) / (2 * n) + 1e-9
        worst = np.abs(run(approximate(f, low, high, n), x) - exact).max()
        checks.true(worst <= allowed, f"{name}, n = {n}: error {worst:.4f}, promised {allowed:.4f}")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(222)
for n in (3, 16, 250):
    low, high = -2.0, 7.0
    corners = np.linspace(low, high, 2 * n + 1)
    steps = 4.0 * draw.choice([-1.0, 1.0], size=2 * n) * (corners[1] - corners[0])
    heights = np.concatenate([[9.0], 9.0 + np.cumsum(steps)])
    x = np.linspace(low, high, 997)
    exact, allowed = np.interp(x, corners, heights), 4.0 * (high - low) / (2 * n) + 1e-8
    network = approximate(lambda at, a=corners, b=heights: np.interp(at, a, b), low, high, n)
    worst = np.abs(run(network, x) - exact).max()
    checks.true(worst <= allowed, "the promise holds for a zigzag of slope 4")
    wave = 5.0 * np.sin(2.0 * x + n) + 100.0
    network = approximate(lambda at, k=n: 5.0 * np.sin(2.0 * at + k) + 100.0, low, high, n)
    worst, allowed = np.abs(run(network, x) - wave).max(), 10.0 * (high - low) / (2 * n) + 1e-8
    checks.true(worst <= allowed, "the promise holds for a wave far from 0")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an $f$ that exposes each, then unfold.
#
# 1. $W_2$ holds the slopes instead of their changes
# 2. `nodes = np.linspace(low, high, n)`
# 3. $b_2 = 0$
#
# <details><summary>Answers</summary>
#
# 1. $f(x) = x$ with two pieces: after the middle the network has slope 2.
# 2. A zigzag with as many corners as promised pieces; and $n = 1$ fails at once.
# 3. Any $f$ that is not 0 at `low`.
# </details>
#
# Doubling $n$ halves the promised error. *Commit first:* by which factor does the *measured* error
# fall for a smooth function, here $\sin 3x$?

# %%
my_guess = 2.0  # your factor

# %% tags=["demo"]
counts = 2 ** np.arange(1, 11)
x = np.linspace(0, 4, 2**13 + 1)


def zigzag(n):
    """The worst case: slope 3 or −3, one tooth between every two nodes."""
    corners = np.linspace(0, 4, 2 * n + 1)
    return lambda at: np.interp(at, corners, 6 / n * (np.arange(2 * n + 1) % 2))


def sup_error(f, n):
    W1, b1, W2, b2 = approximate(f, 0.0, 4.0, n)
    model = Sequential([Linear(W1, b1), ReLU(), Linear(W2, b2)])
    return np.abs(model.forward(x[:, None])[:, 0] - f(x)).max()


wave = [sup_error(lambda at: np.sin(3 * at), n) for n in counts]
kink = [sup_error(lambda at: 3 * np.abs(at - math.sqrt(2)), n) for n in counts]
worst = [sup_error(zigzag(n), n) for n in counts]
print(f"your guess {my_guess}, measured for the last doubling {wave[-2] / wave[-1]:.2f}")
figure, axes = plt.subplots(figsize=(6.4, 3.7))
axes.loglog(counts, 3 * 4 / (2 * counts), color="black", label="promise, K = 3")
for errors, name, style in (
    (worst, "zigzag made for this n", "o--"),
    (kink, "3 |x − √2|", "^-."),
    (wave, "sin 3x", "s:"),
):
    axes.loglog(counts, errors, style, label=name)
axes.set(xlabel="pieces n", ylabel="largest error")
axes.legend()
plots.show(
    figure,
    alt="Largest error over the number of pieces, both logarithmic: the zigzag lies on the "
    "promised line, the kink below it, and the sine falls twice as steeply.",
)

# %% [markdown]
# **What you should see.** The zigzag sits on the line: the promise cannot be improved. The kink
# comes close to it, unless it happens to lie next to a node. The sine falls with $1/n^2$, four
# times for every doubling, since a smooth curve is nearly straight between close nodes. *Universal*
# means that some network exists. How large it must be is another matter: in $D$ dimensions a grid
# of this kind needs $n^D$ nodes.

# %% [markdown]
# ## 16 · Depth against width
#
# A tent is a hat from 0 to 1: up, then down. Feed its output into another tent, and each side of the
# first is folded once more (Telgarsky 2016). *Commit first:* how many straight pieces has a tower
# of eight tents?

# %%
my_guess = 16  # your number


# %% tags=["demo"]
def tower(depth):
    """Tents on tents: two rectifiers a level."""
    tent = [Linear(np.ones((1, 2)), np.array([0.0, -0.5])), ReLU()]
    tent.append(Linear(np.array([[2.0], [-4.0]]), np.zeros(1)))
    copies = [
        Linear(layer.W.copy(), layer.b.copy()) if layer.parameters() else layer
        for _ in range(depth)
        for layer in tent
    ]
    return Sequential(copies)


def pieces(depth):
    grid = np.linspace(0, 1, 2**12 + 1)[:, None]
    directions = np.sign(np.diff(tower(depth).forward(grid)[:, 0]))
    return 1 + np.count_nonzero(np.diff(directions))


# %% tags=["demo"]
depths = np.arange(1, 9)
counted = [pieces(depth) for depth in depths]
deep = [count_parameters(tower(depth)) for depth in depths]
networks = [
    approximate(lambda at, k=k: tower(k).forward(at[:, None])[:, 0], 0.0, 1.0, 2**k) for k in depths
]
shallow = [sum(array.size for array in network) for network in networks]
print(f"your guess {my_guess}, measured {counted[-1]}")
print(f"numbers learnt at depth 8: {deep[-1]} in the tower, {shallow[-1]} in one hidden layer")

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4))
x = np.linspace(0, 1, 1025)
for depth, style in ((1, "-"), (2, "--"), (4, ":")):
    left.plot(x, tower(depth).forward(x[:, None])[:, 0], style, label=f"tents: {depth}")
left.set(xlabel="x", ylabel="output", ylim=(0, 1.35), yticks=(0, 0.5, 1))
left.legend(loc="upper center", ncol=3, columnspacing=1, handlelength=1.5)
right.semilogy(depths, shallow, "s--", label="one hidden layer")
right.semilogy(depths, deep, "o-", label="tower")
right.set(xlabel="tents in the tower", ylabel="numbers to learn")
right.legend()
plots.show(
    figure,
    alt="Left: one, two and four tents on one another, with ever more teeth. Right: the numbers to "
    "learn grow in a line with depth, but exponentially in a single hidden layer.",
)

# %% [markdown]
# **What you should see.** Every tent doubles the pieces: $2^8 = 256$. A tower pays 7 numbers a level;
# one hidden layer on a line has at most one kink a unit, so that it needs at least 255 units for
# the same function. Depth re-uses what it has built. That does not say that *learning* finds such
# towers: for most tasks this is an experiment, not a theorem.

# %% [markdown]
# ## 17 · Your turn: `xavier`
#
# *About 5 minutes · 1 point.* Weights have to start somewhere; all zeros is no start, because all
# units of a layer would stay alike for ever. How large should they be? With inputs of mean square
# $v$, a sum over $D_\text{in}$ of them has variance $D_\text{in} \operatorname{Var}(W)\,v$; the
# signal keeps its size if $\operatorname{Var}(W) = 1/D_\text{in}$. Week 3's backward signal asks
# for $1/D_\text{out}$ by the same argument. Glorot and Bengio (2010) settle between the two:
#
# $$W \sim \mathcal N\Bigl(0,\; \sigma^2 = \frac{2}{D_\text{in} + D_\text{out}}\Bigr).$$
#
# Draw from the generator `rng` that is handed in, so that the caller decides on the seed.
#
# <details><summary>Hint: my numbers are too small, or differ in every run</summary>
#
# `scale` of `rng.normal` is the standard deviation, a root. And `np.random.normal` has a stream of
# its own, which ignores `rng`.
# </details>


# %% nbgrader={"grade": false, "grade_id": "xavier", "locked": false, "schema_version": 3, "solution": true, "task": false}
def xavier(fan_in, fan_out, rng):
    """Draw weights by Glorot and Bengio (2010), the normal form.

    Args:
        fan_in: number of inputs.
        fan_out: number of outputs.
        rng: generator, as `np.random.default_rng(seed)` makes it; the only source of chance.

    Returns:
        float64 array of shape (fan_in, fan_out).
    """
    ### BEGIN SOLUTION
    return rng.normal(scale=math.sqrt(2 / (fan_in + fan_out)), size=(fan_in, fan_out))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_xavier_statistics", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
W = xavier(600, 200, np.random.default_rng(1))
checks.shape(W, (600, 200), "(fan_in, fan_out)")
checks.dtype(W, np.float64, "float64")
W = np.array(W)
sentence = "the standard deviation is √(2 / (600 + 200)) = 0.05: both fans, and the root"
checks.close(W.std(), 0.05, sentence, atol=0.001)
checks.close(W.mean(), 0.0, "the mean is 0", atol=0.001)
sentence = "a normal distribution: 4.6 % of the weights lie beyond two standard deviations"
checks.close((np.abs(W) > 0.1).mean(), 0.0455, sentence, atol=0.005)
checks.true(len(np.unique(W)) > 0.99 * W.size, "every weight is drawn for itself")
again, other = (xavier(600, 200, np.random.default_rng(seed)) for seed in (1, 2))
checks.close(again, W, "the same seed gives the same weights: draw from `rng`")
checks.true(np.abs(np.array(other) - W).max() > 0.01, "another seed gives other weights")
### BEGIN HIDDEN TESTS
for fan_in, fan_out, seed in ((100, 700, 11), (900, 100, 12), (300, 300, 13)):
    expected = (2.0 / (fan_in + fan_out)) ** 0.5
    W = xavier(fan_in, fan_out, np.random.default_rng(seed))
    checks.shape(W, (fan_in, fan_out), "other sizes")
    W = np.array(W)
    checks.close(W.std() / expected, 1.0, "other sizes: the standard deviation", atol=0.02)
    checks.close(W.mean() / expected, 0.0, "other sizes: the mean", atol=0.03)
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name sizes that expose each, then unfold.
#
# 1. `rng.normal(scale=math.sqrt(1 / fan_in), …)`
# 2. `rng.normal(scale=2 / (fan_in + fan_out), …)`
#
# <details><summary>Answers</summary>
#
# 1. Any layer that is not square; for a square one the two agree.
# 2. All but the tiny 1 × 1 layer: the variance was passed as standard deviation.
# </details>

# %% [markdown]
# ## 18 · Your turn: `he`
#
# *About 5 minutes · 1 point.* The rectifier throws half of a symmetric signal away: the mean of
# $h^2$ is half the variance of $z$. He et al. (2015) give it back by a factor 2:
# $\sigma = \sqrt{2 / D_\text{in}}$.
#
# <details><summary>Hint: the tests of Xavier pass, these don't</summary>
#
# Here only the inputs count. Which side of `(fan_in, fan_out)` is that in $xW$?
# </details>


# %% nbgrader={"grade": false, "grade_id": "he", "locked": false, "schema_version": 3, "solution": true, "task": false}
def he(fan_in, fan_out, rng):
    """Draw weights by He et al. (2015), the normal form, for layers before a rectifier.

    Args:
        fan_in: number of inputs.
        fan_out: number of outputs.
        rng: generator, as `np.random.default_rng(seed)` makes it; the only source of chance.

    Returns:
        float64 array of shape (fan_in, fan_out).
    """
    ### BEGIN SOLUTION
    return rng.normal(scale=math.sqrt(2 / fan_in), size=(fan_in, fan_out))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_he_statistics", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
W = he(200, 600, np.random.default_rng(1))
checks.shape(W, (200, 600), "(fan_in, fan_out)")
checks.dtype(W, np.float64, "float64")
W = np.array(W)
sentence = "the standard deviation is √(2 / 200) = 0.1: inputs only, and the root"
checks.close(W.std(), 0.1, sentence, atol=0.002)
checks.close(W.mean(), 0.0, "the mean is 0", atol=0.002)
sentence = "a normal distribution: 4.6 % of the weights lie beyond two standard deviations"
checks.close((np.abs(W) > 0.2).mean(), 0.0455, sentence, atol=0.005)
checks.true(len(np.unique(W)) > 0.99 * W.size, "every weight is drawn for itself")
again, other = (he(200, 600, np.random.default_rng(seed)) for seed in (1, 2))
checks.close(again, W, "the same seed gives the same weights: draw from `rng`")
checks.true(np.abs(np.array(other) - W).max() > 0.01, "another seed gives other weights")
### BEGIN HIDDEN TESTS
for fan_in, fan_out, seed in ((100, 700, 21), (900, 100, 22), (300, 300, 23)):
    expected = (2.0 / fan_in) ** 0.5
    W = he(fan_in, fan_out, np.random.default_rng(seed))
    checks.shape(W, (fan_in, fan_out), "other sizes")
    W = np.array(W)
    checks.close(W.std() / expected, 1.0, "other sizes: the standard deviation", atol=0.02)
    checks.close(W.mean() / expected, 0.0, "other sizes: the mean", atol=0.03)
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name sizes that expose each, then unfold.
#
# 1. `rng.normal(scale=2 / fan_in, …)`
# 2. `rng.normal(scale=math.sqrt(2 / fan_out), …)`
#
# <details><summary>Answers</summary>
#
# 1. All but `fan_in` = 2: the root is missing.
# 2. Any layer that is not square.
# </details>
#
# Digits through 20 hidden layers of 128 rectifiers, with weights of four sizes. The root mean square
# of the activations tells how loud the signal is. *Commit first:* by which factor does Xavier's
# initialisation change it from the first layer to the last?

# %%
my_guess = 1.0  # your factor

# %% tags=["demo"]
x = digits.features[:100]
x = (x - digits.features.mean(axis=0)) / (digits.features.std(axis=0) + 1e-9)
recipes = {
    "σ = 0.2": lambda fan_in, fan_out, rng: rng.normal(scale=0.2, size=(fan_in, fan_out)),
    "He": he,
    "Xavier": xavier,
    "σ = 0.01": lambda fan_in, fan_out, rng: rng.normal(scale=0.01, size=(fan_in, fan_out)),
}


def through_20_layers(activation, draw_weights, seed):
    """Return the root mean square after each layer, and the last activations."""
    rng = np.random.default_rng(seed)
    h, sizes = x, []
    for _ in range(20):
        layer = Linear(draw_weights(h.shape[1], 128, rng), np.zeros(128))
        h = activation.forward(layer.forward(h))
        sizes.append(np.sqrt((h**2).mean()))
    return sizes, h.ravel()


# %% tags=["demo"]
loudness = {
    kind: {
        name: np.array([through_20_layers(activation, draw, seed)[0] for seed in range(10)])
        for name, draw in recipes.items()
    }
    for kind, activation in (("ReLU", ReLU()), ("tanh", Tanh()))
}
for name, runs in loudness["ReLU"].items():
    ratio = np.log10(runs[:, -1] / runs[:, 0])
    print(f"{name:9} layer 20 / layer 1: 10^({ratio.mean():.2f} ± {ratio.std():.2f}), 10 seeds")
    if name == "Xavier":
        measured = 10 ** ratio.mean()
print(f"your guess {my_guess}, measured {measured:.4f}")
figure, panels = plt.subplots(1, 2, figsize=(9.5, 3.7), sharey=True)
for axes, kind in zip(panels, ("ReLU", "tanh"), strict=True):
    for name, runs in loudness[kind].items():
        plots.mean_and_spread(axes, np.arange(1, 21), np.log10(runs), label=name)
    axes.set(title=kind, xlabel="layer", ylim=(-10, 8), xticks=(1, 5, 10, 15, 20))
panels[0].set_ylabel("log₁₀ of rms activation")
panels[0].legend(ncol=2)
plots.show(
    figure,
    alt="Root mean square of activations over 20 layers for four initialisations. With ReLU only "
    "He stays level; with tanh Xavier, He and large weights do; tiny weights vanish in both.",
)

# %% [markdown]
# **What you should see.** With rectifiers only He stays level; Xavier loses half of the signal's
# power in every layer, a factor $\sqrt{1/2}$ in the root mean square, so about $2^{-19/2}$ on the
# way. σ = 0.01 whispers itself to nothing, σ = 0.2 shouts itself towards overflow. With tanh Xavier
# sinks slowly, and big weights look healthy; the next figure shows why they are not.

# %%
my_guess = 10  # percent of |h| > 0.9 in the last tanh layer with σ = 0.2

# %% tags=["demo"]
figure, panels = plt.subplots(1, 4, figsize=(10, 2.6), sharey=True)
for axes, (name, draw) in zip(panels, recipes.items(), strict=True):
    h = np.array([through_20_layers(Tanh(), draw, seed)[1] for seed in range(10)])
    axes.hist(h.ravel(), bins=np.linspace(-1, 1, 40), weights=np.full(h.size, 100 / h.size))
    axes.set(title=name, xlabel="activation", ylim=(0, 30))
    shares = 100 * (np.abs(h) > 0.9).mean(axis=1)
    print(f"{name:9} beyond ±0.9: {shares.mean():4.1f} ± {shares.std():.1f} %, 10 seeds")
    if name == "σ = 0.2":
        measured = shares.mean()
print(f"your guess {my_guess} %, measured {measured:.0f} %")
panels[0].set_ylabel("share / %")
panels[3].annotate("100 %", (0.05, 29), (0.2, 25), arrowprops={"arrowstyle": "->"})
plots.show(
    figure,
    alt="Histograms of the twentieth tanh layer: large weights pile activations up at both "
    "ends, with He they spread evenly, with Xavier they gather round 0, tiny weights leave only 0.",
)

# %% [markdown]
# **What you should see.** Large weights push tanh against its walls: the units still shout, but a
# unit at ±1 no longer answers when its input changes. Loudness alone is not health.
#
# ## 19 · What should the first loss be?
#
# Before any training a classifier of $C$ classes should know nothing: $p = 1/C$ and a loss of
# $\ln C$, 2.303 for ten. It is the cheapest test of a new program. *Commit first:* digits, 64 →
# 128 → 10, all layers by `he`: what is the loss before training?

# %%
my_guess = 2.3  # your number

# %% tags=["demo"]
x = (digits.features - digits.features.mean(axis=0)) / (digits.features.std(axis=0) + 1e-9)
results = {}
for scale in (1.0, 0.5, 0.1, 0.01):
    rows = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        first = Linear(he(64, 128, rng), np.zeros(128))
        last = Linear(scale * he(128, 10, rng), np.zeros(10))
        scores = Sequential([first, ReLU(), last]).forward(x)
        variance = scores.var(axis=1).mean()
        rows.append((cross_entropy(scores, digits.labels), math.log(10) + variance / 2, variance))
    results[scale] = np.array(rows)
print(f"ln 10 = {math.log(10):.3f}; mean square of a standardised pixel {(x**2).mean():.2f}")
print("20 seeds, mean ± standard deviation:")
for scale, rows in results.items():
    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    print(
        f"last layer he · {scale:4}: loss {mean[0]:.3f} ± {spread[0]:.3f}"
        f"   σ² = {mean[2]:.4f}   ln 10 + σ²/2 = {mean[1]:.3f}"
    )
print(f"your guess {my_guess}, measured {results[1.0][:, 0].mean():.2f}")

# %% [markdown]
# About 3, not 2.3. The arithmetic: a layer of He's weights doubles the mean square of its input,
# the rectifier halves it, and the last layer doubles it again. So the scores have twice the mean
# square of a pixel; measured round the mean of each sample's ten scores a tenth of that is lost, and
# $\sigma^2 \approx 1.7$ is left. Now $\operatorname{lse}(z) \approx \ln C + \bar z + \sigma^2/2$,
# where $\bar z$ is that mean, and the label's score is $\bar z$ on average: the loss is about
# $\ln C + \sigma^2/2$. (Good for small $\sigma$, somewhat too high for large ones.) The network is
# not undecided, it is *confidently ignorant*, and pays for it. Only a last layer that starts near
# zero gives $\ln C$; then the first steps of training need not unlearn anything.

# %% [markdown]
# ## 20 · In your own words: the first number on the screen
#
# *About 5 minutes · 2 points, graded by hand.* Three colleagues are about to train a classifier of
# 10 classes and report their loss before the first step: Ada 2.31, Ben 3.1, Cleo 0.23. Which of
# them would you stop, and what would you look at first? Which would you let go on, and why?

# %% [markdown] nbgrader={"grade": true, "grade_id": "first_loss", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# Cleo: an untrained network cannot know the labels, so a loss far below $\ln 10 = 2.303$ is a
# mistake in the loss, or labels that leak into the input. Here $0.23 = 2.3/10$: one-hot targets
# averaged over $N \cdot C$. Ada's is what an undecided network must have. Ben may go on: He
# initialisation of the last layer alone gives about 3; scaling that layer down would bring it to
# 2.3, and a far larger value would point at the scale of the input.
#
# *Rubric.* 1 point for stopping Cleo with a reason (below $\ln C$ without training; the factor $C$
# or a leak counts as what to look at). 1 point for Ben: a last layer that does not start near zero
# explains it, no mistake is needed. Stopping Ben *to rescale* with that reason also counts.
# ### END SOLUTION

# %% [markdown]
# ## 21 · In your own words: one layer is enough?
#
# *About 5 minutes · 2 points, graded by hand.* "By the universal approximation theorem one hidden
# layer can represent anything, so deep networks are a fashion." What is right about the first half
# of this sentence, and what is wrong with the second? Use what you measured today.

# %% [markdown] nbgrader={"grade": true, "grade_id": "one_layer", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# Right: on a closed, bounded interval a hidden layer of rectifiers comes as close as we like to any
# continuous function; a $K$-Lipschitz one it follows with an error of at most
# $K(\text{high} - \text{low})/(2n)$. But the theorem says that weights exist; it says nothing
# about how many units are needed or whether learning finds them. Today eight tents with 56 numbers
# made 256 pieces, for which one hidden layer needs at least 255 units; and a grid needs $n^D$ nodes
# in $D$ dimensions. So depth can be exponentially cheaper.
#
# *Rubric.* 1 point for what the theorem does say (existence, continuous, bounded domain); 1 point
# for what it does not (size *or* learning), with evidence from today (tower against one layer, or
# $n^D$).
# ### END SOLUTION

# %% [markdown]
# ## What you can do now
#
# - explain how a hidden layer moves points, and why it needs an activation (LO1)
# - write linear layers, activations and losses that are right at scores of ±10⁴ (LO2)
# - take the logarithm on paper: log-sum-exp in place of the logarithm of a softmax (LO2)
# - tell from the first loss and from 20 layers of activations whether a start is sound (LO4)
# - construct a network with a promised error, and say what depth saves (LO5)
#
# **Further reading.** To go on with:
#
# - I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, MIT Press 2016, sections 4.1 and 6.1–6.4
# - N. Buduma, N. Locascio, *Fundamentals of Deep Learning*, O'Reilly 2017, chapter 1
#
# Activations, losses and initialisation:
#
# - V. Nair, G. Hinton, "Rectified linear units improve restricted Boltzmann machines", ICML 2010
# - D. Hendrycks, K. Gimpel, "Gaussian error linear units (GELUs)", arXiv:1606.08415, 2016
# - X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural
#   networks", AISTATS 2010
# - C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens, Z. Wojna, "Rethinking the inception architecture
#   for computer vision", CVPR 2016 (label smoothing)
# - K. He, X. Zhang, S. Ren, J. Sun, "Delving deep into rectifiers: surpassing human-level
#   performance on ImageNet classification", ICCV 2015
#
# Approximation:
#
# - G. Cybenko, "Approximation by superpositions of a sigmoidal function", Mathematics of Control,
#   Signals and Systems 1989
# - K. Hornik, "Approximation capabilities of multilayer feedforward networks", Neural Networks 1991
# - M. Telgarsky, "Benefits of depth in neural networks", COLT 2016
