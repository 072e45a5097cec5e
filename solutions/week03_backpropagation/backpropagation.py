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
# # Week 3 · Backpropagation, gradient descent, differentiable programming
#
# A network with 20,000 weights has 20,000 slopes, and all of them together cost only a few times
# what the loss costs. Today you find out why: first by hand, layer by layer, then with a program
# that differentiates other programs. At the end you own a small framework.
#
# | After this you can | outcome |
# |---|---|
# | derive and write the backward pass of every layer of a network, and prove it right | LO2 |
# | train a network on real pictures with gradient descent | LO2, LO3 |
# | say from a curve whether a gradient, a step size or the data is to blame | LO4 |
# | build a reverse-mode differentiation engine and say when forward mode is the better one | LO5 |
#
# **Time** about 295 minutes, 65 of them reading · **Points** 33 · **Before this** layers and losses
# (week 2), gradient descent and central differences (week 1), broadcasting (week 0)

# %%
import itertools
import time

import matplotlib.pyplot as plt
import numpy as np

from helpers import checks, datasets, earlier, plots

plots.use_course_style()
digits = datasets.digits()
pixels = digits.features / 8 - 1  # (1797, 64), from -1 (paper) to 1 (ink)
fashion = datasets.fashion_mnist("small14")

# %% [markdown]
# ## 1 · A whole network on one sheet of paper
#
# Two inputs, two hidden ReLU units, one output. Take a pencil: all numbers below are small.
#
# $$x = (1, 2),\quad W_1 = \begin{pmatrix} 1 & 2 \\ 1 & -2 \end{pmatrix},\; b_1 = (0, 1),\quad
# W_2 = \begin{pmatrix} 2 \\ 1 \end{pmatrix},\; b_2 = -1,\quad y = 4,\quad
# L = \tfrac12 (\hat y - y)^2$$
#
# **Forward**, left to right. Each line uses the one above it.
#
# | step | formula | value |
# |---|---|---|
# | pre-activation | $z = x W_1 + b_1$ | $(3, -1)$ |
# | activation | $h = \max(0, z)$ | $(3, 0)$ |
# | prediction | $\hat y = h W_2 + b_2$ | $5$ |
# | loss | $L = \frac12 (5 - 4)^2$ | $0.5$ |
#
# **Backward**, right to left. Each line asks: *if this number grows a little, how much does $L$
# grow?* By the chain rule it is the answer of the line above times one local slope.
#
# | step | formula | value |
# |---|---|---|
# | prediction | $\partial L/\partial \hat y = \hat y - y$ | $1$ |
# | output weights | $h^\top \cdot 1$ | $(3, 0)^\top$ |
# | output bias | $1$ | $1$ |
# | activation | $1 \cdot W_2^\top$ | $(2, 1)$ |
# | pre-activation | where $z > 0$ | $(2, 0)$ |
# | hidden weights | $x^\top (2, 0)$ | rows $(2, 0)$ and $(4, 0)$ |
# | hidden bias | the same | $(2, 0)$ |
#
# The second unit is off, so nothing behind it learns from this sample. All nine slopes needed one
# walk back, and each line reused the one above: that is **backpropagation** (Rumelhart, Hinton &
# Williams 1986). Nothing else is.
#
# The squares of the nine slopes add up to 34. Going against the gradient by $\eta$ should lower $L$
# by $34\,\eta$. *Commit first:* what is $L$ after one step with $\eta = 0.01$? (0.5 − 0.34 = 0.16,
# or more, or less?)

# %%
my_guess = 0.16  # your number; it is never graded


# %% tags=["demo"]
def paper_loss(W1, b1, W2, b2):
    x, y = np.array([1.0, 2.0]), 4.0
    hidden = np.maximum(0.0, x @ W1 + b1)
    return 0.5 * (hidden @ W2 + b2 - y) ** 2


weights = [np.array([[1.0, 2.0], [1.0, -2.0]]), np.array([0.0, 1.0]), np.array([2.0, 1.0]), -1.0]
slopes = [np.array([[2.0, 0.0], [4.0, 0.0]]), np.array([2.0, 0.0]), np.array([3.0, 0.0]), 1.0]
rates = np.linspace(0, 0.06, 61)
losses = [
    paper_loss(*[w - rate * g for w, g in zip(weights, slopes, strict=True)]) for rate in rates
]
print(f"your guess {my_guess}, measured {losses[10]:.3f}")
print(f"lowest loss at a step of {rates[np.argmin(losses)]:.3f}")
figure, axes = plt.subplots(figsize=(6, 3.4))
axes.plot(rates, losses, label="loss after one step")
axes.plot(rates[:16], 0.5 - 34 * rates[:16], "--", label="what the gradient promises: 0.5 − 34 η")
axes.plot(rates[10], losses[10], "o", color=plots.COLOURS[1], label="η = 0.01")
axes.set(xlabel="learning rate η", ylabel="loss L")
axes.legend()
plots.show(
    figure,
    alt="Loss of the paper network after one step over the learning rate: it starts along the "
    "straight line that the gradient promises, bends away above it, touches zero near 0.03 "
    "and rises again.",
)

# %% [markdown]
# **What you should see.** At $\eta = 0.01$ the loss is 0.22, above the promised 0.16: the line is
# only the *tangent*, and it holds for small steps. The curve touches zero at a step three times as
# long, and beyond that climbs again. The gradient says which way, never how far.

# %% [markdown]
# ## 2 · The same, for a batch: layers with two directions
#
# A layer is a function with a memory. `forward` computes its output and keeps what the way back
# needs; `backward` receives $G = \partial L / \partial(\text{output})$, one row a sample, stores the
# slopes of its own weights and returns $\partial L/\partial(\text{input})$. A layer never sees the
# loss, nor its neighbours. The shape of a gradient is always the shape of what it belongs to:
# when in doubt, let the shapes decide.

# %% [markdown]
# ## 3 · Your turn: `Linear`
#
# *About 20 minutes · 3 points.* Week 2's forward pass is given: $Z = XW + b$. One entry,
# $z_{nj} = \sum_i x_{ni} w_{ij} + b_j$, tells all three slopes; sum over every path on which
# something acts on the loss:
#
# $$\frac{\partial L}{\partial w_{ij}} = \sum_n x_{ni}\, g_{nj}, \qquad
# \frac{\partial L}{\partial b_j} = \sum_n g_{nj}, \qquad
# \frac{\partial L}{\partial x_{ni}} = \sum_j g_{nj}\, w_{ij}.$$
#
# Write them as array code without loops, store `dW` and `db`, return the last. **No division by
# $N$ here**: the mean over the batch belongs to the loss, which has put it into $G$ already. Each
# call of `backward` replaces the stored slopes.
#
# <details><summary>Hint: matmul complains about shapes</summary>
#
# Write the three shapes side by side: X is (N, D), G is (N, M), dW must be (D, M). Only one
# product of the two, with one transposition, has that shape.
# </details>
# <details><summary>Hint: my db has one entry per sample</summary>
#
# One bias serves all samples of the batch: its slope collects from all of them. Which axis is that?
# </details>


# %% nbgrader={"grade": false, "grade_id": "Linear", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Linear:
    """A fully connected layer, Z = XW + b.

    Args:
        W: weights, float array of shape (D, M); kept as it is, not copied.
        b: biases, float array of shape (M,); kept as it is, not copied.

    Attributes:
        dW, db: slopes of the loss, of the shapes of W and b; set by `backward`.
    """

    def __init__(self, W, b):
        self.W = W
        self.b = b

    def forward(self, X):
        """Apply the layer and remember its input.

        Args:
            X: array of shape (N, D).

        Returns:
            Array of shape (N, M).
        """
        self.X = X
        return X @ self.W + self.b

    def backward(self, gradient):
        """Store the slopes of W and b, and pass the gradient on.

        Args:
            gradient: slopes of the loss with respect to the output, (N, M). Not modified.

        Returns:
            Slopes with respect to the input, array of shape (N, D).
        """
        ### BEGIN SOLUTION
        self.dW = self.X.T @ gradient
        self.db = gradient.sum(axis=0)
        return gradient @ self.W.T
        ### END SOLUTION

    def parameters(self):
        """Returns: the list [W, b]."""
        return [self.W, self.b]

    def gradients(self):
        """Returns: the list [dW, db]."""
        return [self.dW, self.db]


# %% nbgrader={"grade": true, "grade_id": "test_Linear_weights", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.array([[1.0, 2.0], [3.0, -1.0]])
g = np.array([[1.0, 0.0, 2.0], [0.0, 1.0, -3.0]])
layer = Linear(np.array([[1.0, 0.0, 2.0], [-1.0, 1.0, 0.0]]), np.array([0.5, 1.0, 2.0]))
layer.forward(x.copy())
layer.backward(g.copy())
sentence = "dW: entry (0, 2) is 1·2 + 3·(−3) = −7, a sum over the two samples, not a mean"
checks.close(layer.dW, np.array([[1.0, 3.0, -7.0], [2.0, -1.0, 7.0]]), sentence)
layer.backward(g.copy())
sentence = "backward once more: dW is replaced, not added to"
checks.close(layer.dW, np.array([[1.0, 3.0, -7.0], [2.0, -1.0, 7.0]]), sentence)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(31)
W, b, x = draw.normal(size=(4, 4)), draw.normal(size=4), draw.normal(size=(4, 4))
g = draw.normal(size=(4, 4))
layer = Linear(W.copy(), b.copy())
layer.forward(x.copy())
layer.backward(g.copy())
slope = np.array(layer.dW)
checks.gradient(lambda w: ((x @ w + b) * g).sum(), W, slope, "dW by differences, all axes of 4")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_Linear_bias", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.array([[1.0, 2.0], [3.0, -1.0]])
g = np.array([[1.0, 4.0], [0.0, -3.0]])
layer = Linear(np.array([[1.0, 2.0], [-1.0, 1.0]]), np.array([5.0, 1.0]))
layer.forward(x.copy())
layer.backward(g.copy())
sentence = "db adds up the samples (axis 0), one number per output: 1 + 0 and 4 − 3"
checks.close(layer.db, np.array([1.0, 1.0]), sentence)
layer.backward(-g)
checks.close(layer.db, np.array([-1.0, -1.0]), "backward with −g: db is replaced, not added to")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(32)
for n, d, m in ((5, 3, 2), (1, 2, 4), (3, 3, 3)):
    x, g = draw.normal(size=(n, d)), draw.normal(size=(n, m))
    expected = np.array([sum(row[j] for row in g.tolist()) for j in range(m)])
    layer = Linear(draw.normal(size=(d, m)), draw.normal(size=m))
    layer.forward(x)
    layer.backward(g)
    checks.close(layer.db, expected, f"db of {m} outputs, {n} samples")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_Linear_input", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.array([[1.0, 2.0], [3.0, -1.0]])
g = np.array([[1.0, 0.0, 2.0], [0.0, 1.0, -3.0]])
layer = Linear(np.array([[1.0, 0.0, 2.0], [-1.0, 1.0, 0.0]]), np.array([0.5, 1.0, 2.0]))
layer.forward(x.copy())
sentence = "what goes on to the input: row 0 is g W^T = (1·1 + 0·0 + 2·2, −1·1 + 1·0 + 0·2)"
checks.close(layer.backward(g.copy()), np.array([[5.0, -1.0], [-6.0, 1.0]]), sentence)
checks.unchanged(layer.backward, g)
square = Linear(np.array([[0.0, 1.0], [2.0, 0.0]]), np.zeros(2))
square.forward(np.array([[1.0, 1.0]]))
sentence = "a square W: W^T, not W, carries the gradient back"
checks.close(square.backward(np.array([[1.0, 10.0]])), np.array([[10.0, 2.0]]), sentence)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(33)
W, b, x = draw.normal(size=(5, 3)), draw.normal(size=3), draw.normal(size=(7, 5))
g = draw.normal(size=(7, 3))
layer = Linear(W.copy(), b.copy())
layer.forward(x.copy())
passed = np.array(layer.backward(g.copy()))
checks.gradient(lambda v: ((v @ W + b) * g).sum(), x, passed, "slopes of the input by differences")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `self.db = gradient.sum(axis=1)`
# 2. `self.dW = self.X.T @ gradient / len(gradient)`
# 3. `return gradient @ self.W`
#
# <details><summary>Answers</summary>
#
# 1. Any batch with N ≠ M has the wrong shape. With N = M it *runs*, and learns nonsense.
# 2. Two samples. The loss has divided by N already: with batches of 32, W learns 32 times too
#    slowly, and b does not.
# 3. W that is not square fails loudly; a square one only fails a gradient check.
# </details>

# %% [markdown]
# ## 4 · Your turn: `ReLU`
#
# *About 5 minutes · 1 point.* $h = \max(0, z)$ passes a gradient where $z > 0$ and stops it
# elsewhere; at $z = 0$ the course sets the slope to 0. What opens the gate is the *input on the way
# forward*, not what comes back.
#
# <details><summary>Hint: gradients come out positive only</summary>
#
# A gradient may well be negative and pass. Look at what you compare with 0.
# </details>


# %% nbgrader={"grade": false, "grade_id": "ReLU", "locked": false, "schema_version": 3, "solution": true, "task": false}
class ReLU:
    """The rectifier max(0, z), element by element."""

    def forward(self, z):
        """Apply the rectifier and remember its input.

        Args:
            z: float array of any shape.

        Returns:
            Array of the same shape.
        """
        self.z = z
        return np.maximum(0.0, z)

    def backward(self, gradient):
        """Let the gradient through where the input was positive.

        Args:
            gradient: slopes with respect to the output, of the shape of z. Not modified.

        Returns:
            Slopes with respect to the input, of the same shape.
        """
        ### BEGIN SOLUTION
        return gradient * (self.z > 0)
        ### END SOLUTION

    def parameters(self):
        """Returns: the empty list, there is nothing to learn."""
        return []

    def gradients(self):
        """Returns: the empty list."""
        return []


# %% nbgrader={"grade": true, "grade_id": "test_ReLU_gate", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
layer = ReLU()
layer.forward(np.array([[3.0, -1.0, 0.0], [0.5, 2.0, -4.0]]))
g = np.array([[2.0, 5.0, 7.0], [-3.0, 0.0, -6.0]])
sentence = "z > 0 opens the gate, z ≤ 0 shuts it (0 too); a negative gradient passes"
checks.close(layer.backward(g.copy()), np.array([[2.0, 0.0, 0.0], [-3.0, 0.0, 0.0]]), sentence)
checks.unchanged(layer.backward, g)
layer.forward(np.array([[-3.0, 1.0, 0.0], [-0.5, -2.0, 4.0]]))
sentence = "another batch: the gate is that of the last forward pass"
checks.close(layer.backward(g.copy()), np.array([[0.0, 5.0, 0.0], [0.0, 0.0, -6.0]]), sentence)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(34)
z, g = draw.normal(size=(4, 1, 5)), draw.normal(size=(4, 1, 5))
expected = np.zeros(z.shape)
for index in np.ndindex(z.shape):
    if z[index] > 0:
        expected[index] = g[index]
layer = ReLU()
layer.forward(z)
checks.close(layer.backward(g), expected, "random numbers, three axes")
layer.forward(-z)
checks.close(layer.backward(g), g - expected, "the last forward pass counts")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `return np.maximum(0.0, gradient)`
# 2. `gradient[self.z <= 0] = 0; return gradient`
#
# <details><summary>Answers</summary>
#
# 1. Any negative gradient at a positive z: the gate was set by the wrong array.
# 2. Right numbers, but the caller's array changed. If the gradient also flows along a second path
#    (it will, in a residual network), that path is now wrong.
# </details>

# %% [markdown]
# ## 5 · Your turn: `Sigmoid`
#
# *About 10 minutes · 1 point.* The slope of $\sigma(z) = 1/(1 + e^{-z})$ needs no new exponential:
# $\sigma'(z) = \sigma(z)\,(1 - \sigma(z))$. The forward pass is week 2's, written with the
# hyperbolic tangent, which overflows on neither side; it keeps its output for you.
#
# <details><summary>Hint: my slopes are too small, but not zero</summary>
#
# The formula is in σ(z). What has `forward` kept: z, or σ(z)? Don't squash it twice.
# </details>


# %% nbgrader={"grade": false, "grade_id": "Sigmoid", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Sigmoid:
    """The logistic function 1 / (1 + exp(−z)), element by element."""

    def forward(self, z):
        """Apply the function and remember its output.

        Args:
            z: float array of any shape and size of numbers.

        Returns:
            Array of the same shape, from 0 to 1.
        """
        self.output = 0.5 * (1.0 + np.tanh(0.5 * z))
        return self.output

    def backward(self, gradient):
        """Multiply by the local slope.

        Args:
            gradient: slopes with respect to the output, of the shape of z. Not modified.

        Returns:
            Slopes with respect to the input, of the same shape.
        """
        ### BEGIN SOLUTION
        return gradient * self.output * (1.0 - self.output)
        ### END SOLUTION

    def parameters(self):
        """Returns: the empty list, there is nothing to learn."""
        return []

    def gradients(self):
        """Returns: the empty list."""
        return []


# %% nbgrader={"grade": true, "grade_id": "test_Sigmoid_slope", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
layer = Sigmoid()
layer.forward(np.array([[0.0, np.log(3.0), -np.log(3.0)]]))
g = np.array([[8.0, 16.0, -16.0]])
sentence = "σ = ½, ¾, ¼: slopes ¼, 3/16, 3/16, times the gradient 8, 16, −16"
checks.close(layer.backward(g.copy()), np.array([[2.0, 3.0, -3.0]]), sentence)
sentence = "backward once more: the same (was the output that forward keeps overwritten?)"
checks.close(layer.backward(g.copy()), np.array([[2.0, 3.0, -3.0]]), sentence)
checks.unchanged(layer.backward, g)
layer.forward(np.array([1e4, -1e4]))
sentence = "far out the slope is 0, without overflow"
checks.close(layer.backward(np.array([1.0, 1.0])), np.array([0.0, 0.0]), sentence)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(35)
z, g = draw.normal(size=(3, 4)), draw.normal(size=(3, 4))
layer = Sigmoid()
layer.forward(z.copy())
slope = np.array(layer.backward(g.copy()))
checks.gradient(lambda v: (g / (1.0 + np.exp(-v))).sum(), z, slope, "slopes by differences")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `return gradient * self.output * (1 + self.output)`
# 2. `return self.output * (1 - self.output)`
#
# <details><summary>Answers</summary>
#
# 1. z = 0: ¾ for ¼. The sign of a derivative is worth a second look.
# 2. Any gradient but 1: the chain is cut, and everything before this layer learns by a number that
#    has nothing to do with the loss.
# </details>
#
# The largest slope that a sigmoid ever has is ¼. Stack ten of them and send a gradient back.
# The weights are drawn by *your* `xavier` (for the sigmoid) and `he` (for ReLU) of week 2, taken from
# the notebook that lies beside this one; a line below the cell says whose they are. If you mistrust
# yours, `own=False` takes the course's verified versions.
# *Commit first:* by what factor is the gradient's norm smaller at the first layer than at the last?

# %%
my_guess = 10  # first layer's gradient is how many times smaller? (sigmoid)

# %% tags=["demo"]
xavier, he = earlier.work("week02_feedforward", "xavier", "he", own=True)
depth, width = 10, 64
norms = {}
for name, kind, draw_weights in (("sigmoid", Sigmoid, xavier), ("ReLU", ReLU, he)):
    runs = []
    for seed in range(10):
        draw = np.random.default_rng(seed)
        layers = []
        for _ in range(depth):
            layers += [Linear(draw_weights(width, width, draw), np.zeros(width)), kind()]
        h = draw.normal(size=(100, width))
        for layer in layers:
            h = layer.forward(h)
        g = draw.normal(size=h.shape)
        for layer in reversed(layers):
            g = layer.backward(g)
        runs.append([np.linalg.norm(layer.dW) for layer in layers[::2]])
    norms[name] = np.array(runs)
ratio = {name: np.mean(runs[:, -1] / runs[:, 0]) for name, runs in norms.items()}
print(f"your guess {my_guess}, measured: sigmoid {ratio['sigmoid']:.0f}, ReLU {ratio['ReLU']:.1f}")
figure, axes = plt.subplots(figsize=(6, 3.4))
for name, runs in norms.items():
    plots.mean_and_spread(axes, np.arange(1, depth + 1), runs, label=name)
axes.set(xlabel="layer, counted from the input", ylabel="norm of dW", yscale="log")
axes.legend()
plots.show(
    figure,
    alt="Norm of the weight gradient by layer, logarithmic: for ReLU nearly level over ten layers, "
    "for sigmoid falling by orders of magnitude from the last layer to the first.",
)

# %% [markdown]
# **What you should see.** With ReLU the gradient arrives at the first layer about as large as it
# left the last; with the sigmoid it is about 270,000 times smaller, a factor of four for each of the
# nine layers between.
# This is the **vanishing gradient** (Hochreiter 1991; Glorot & Bengio 2010), and the reason why
# sigmoids have left the hidden layers.

# %% [markdown]
# ## 6 · Your turn: `softmax_cross_entropy`
#
# *About 20 minutes · 3 points.* Softmax and cross-entropy each have an ugly derivative; together
# they have the loveliest one in the field. With $p = \mathrm{softmax}(s)$ and targets $t$ (one-hot
# or soft, each row adding up to 1),
#
# $$L = -\frac1N \sum_{n,c} t_{nc} \log p_{nc}
# \qquad\Longrightarrow\qquad
# \frac{\partial L}{\partial s_{nc}} = \frac{p_{nc} - t_{nc}}{N}.$$
#
# Derive it: $\log p_c = s_c - \log \sum_k e^{s_k}$, so $\partial \log p_c / \partial s_k =
# [c = k] - p_k$. The logarithms of the probabilities are given, computed as in week 2 without
# overflow. Compute the loss from *them*, return loss and gradient. This is the one place where
# $1/N$ enters.
#
# <details><summary>Hint: my loss is infinite or NaN for large scores</summary>
#
# Don't take the logarithm of a probability: it may have rounded to 0. The logarithms are there.
# </details>
# <details><summary>Hint: integer labels work, soft targets don't (or the other way round)</summary>
#
# Turn integer labels into one-hot rows first; from there on one formula serves both.
# </details>


# %% nbgrader={"grade": false, "grade_id": "softmax_cross_entropy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax_cross_entropy(scores, targets):
    """Softmax and cross-entropy in one, averaged over the batch, with the gradient.

    Args:
        scores: float array of shape (N, C), any finite numbers. Not modified.
        targets: integer labels of shape (N,), or probabilities of shape (N, C), rows adding to 1.

    Returns:
        loss: one number.
        gradient: slopes of the loss with respect to the scores, array of shape (N, C).
    """
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    ### BEGIN SOLUTION
    if targets.ndim == 1:
        targets = np.eye(scores.shape[1])[targets]
    loss = -(targets * log_p).sum() / len(scores)
    gradient = (np.exp(log_p) - targets) / len(scores)
    return loss, gradient
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_softmax_cross_entropy_labels", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
scores = np.log(np.array([[1.0, 2.0, 5.0], [4.0, 2.0, 2.0]]))
labels = np.array([2, 1])
got_loss, got_gradient = softmax_cross_entropy(scores.copy(), labels.copy())
sentence = "probabilities 5/8 and 1/4 of the right classes: the mean of −log, over two samples"
checks.close(got_loss, -(np.log(5 / 8) + np.log(1 / 4)) / 2, sentence)
expected = np.array([[1 / 8, 2 / 8, -3 / 8], [1 / 2, -3 / 4, 1 / 4]]) / 2
sentence = "gradient (p − one-hot)/N: 1/N enters here, once"
checks.close(got_gradient, expected, sentence)
sentence = "a single sample of class 0 among three: log 3, a one-hot row has C entries"
checks.close(softmax_cross_entropy(np.zeros((1, 3)), np.array([0]))[0], np.log(3.0), sentence)
got_loss, got_gradient = softmax_cross_entropy(scores.copy(), labels.astype(np.uint8))
sentence = "labels of another integer type (uint8): the same loss"
checks.close(got_loss, -(np.log(5 / 8) + np.log(1 / 4)) / 2, sentence)
checks.close(got_gradient, expected, "labels of type uint8: the same gradient")
checks.unchanged(softmax_cross_entropy, scores, labels)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(36)
scores, labels = draw.normal(size=(7, 4)), draw.integers(0, 4, size=7)
leaf = torch.tensor(scores, requires_grad=True)
oracle = torch.nn.functional.cross_entropy(leaf, torch.tensor(labels))
oracle.backward()
expected = [oracle.item(), leaf.grad.numpy()]
got_loss, got_gradient = softmax_cross_entropy(scores, labels)
checks.close(got_loss, expected[0], "seven samples, four classes: the loss")
checks.close(got_gradient, expected[1], "seven samples, four classes: the gradient")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_softmax_cross_entropy_soft", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
scores = np.zeros((2, 4))
targets = np.array([[0.7, 0.1, 0.1, 0.1], [0.0, 0.5, 0.5, 0.0]])
got_loss, got_gradient = softmax_cross_entropy(scores.copy(), targets.copy())
checks.close(got_loss, np.log(4.0), "equal scores cost log 4 per sample, whatever the soft targets")
expected = np.array([[-0.45, 0.15, 0.15, 0.15], [0.25, -0.25, -0.25, 0.25]]) / 2
checks.close(got_gradient, expected, "soft targets: (p − t)/N with p = 1/4; not divided by N·C")
checks.unchanged(softmax_cross_entropy, scores, targets)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(37)
scores, targets = draw.normal(size=(3, 5)), draw.dirichlet(np.ones(5), size=3)
leaf = torch.tensor(scores, requires_grad=True)
oracle = torch.nn.functional.cross_entropy(leaf, torch.tensor(targets))
oracle.backward()
expected = [oracle.item(), leaf.grad.numpy()]
got_loss, got_gradient = softmax_cross_entropy(scores, targets)
checks.close(got_loss, expected[0], "soft targets, three samples: the loss")
checks.close(got_gradient, expected[1], "soft targets, three samples: the gradient")
got_loss, got_gradient = softmax_cross_entropy(np.zeros((1, 4)), np.array([[0.5, 0.5, 0.0, 0.0]]))
checks.close(got_loss, np.log(4.0), "soft targets, a batch of one: the loss")
expected = np.array([[-0.25, -0.25, 0.25, 0.25]])
checks.close(got_gradient, expected, "soft targets, a batch of one: the gradient")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_softmax_cross_entropy_extreme", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
scores = np.array([[1e4, 0.0], [0.0, 1e4]])
got_loss, got_gradient = softmax_cross_entropy(scores, np.array([1, 1]))
sentence = "scores of 10⁴: sample 0 costs 10⁴ and not infinity, sample 1 costs 0"
checks.close(got_loss, 5e3, sentence)
sentence = "the gradient there: half of (1, −1), and nothing for the sample that is right"
checks.close(got_gradient, np.array([[0.5, -0.5], [0.0, 0.0]]), sentence)
checks.close(np.sum(got_gradient, axis=1), np.zeros(2), "each row of the gradient adds up to 0")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(38)
scores = draw.normal(scale=3.0, size=(4, 3))
labels = np.array([2, 0, 0, 1])


def mean_loss(s):
    return np.mean(np.log(np.exp(s).sum(axis=1)) - s[np.arange(4), labels])


got_gradient = np.array(softmax_cross_entropy(scores.copy(), labels.copy())[1])
checks.gradient(mean_loss, scores, got_gradient, "the gradient by central differences")
alone = np.array([[2.0, 2.0, 2.0]])
checks.close(softmax_cross_entropy(alone, np.array([1]))[0], np.log(3.0), "a batch of one")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `gradient = np.exp(log_p) - targets`
# 2. `loss = -(targets * log_p).mean()`
# 3. `loss = -np.log((np.exp(log_p) * targets).sum(axis=1)).mean()`
#
# <details><summary>Answers</summary>
#
# 1. Two samples: the slope of the sum, N times that of the mean. Training still "works", with a
#    learning rate that depends on the batch size.
# 2. Two classes: also divided by C.
# 3. A hopeless sample (score 10⁴ too low): infinity. And soft targets: the logarithm of a mean is
#    not the mean of logarithms.
# </details>

# %% [markdown]
# ## 7 · Your turn: `check_gradients`
#
# *About 15 minutes · 2 points.* A wrong gradient often trains, only worse, so no loss curve will
# tell you. Central differences will, at the price of two evaluations a weight. In week 1 you
# measured the slope for one array; a network has many. Compare each array's gradient $a$ with the
# measured one $m$ by their norms,
#
# $$\text{error} = \frac{\lVert a - m \rVert}{\lVert a \rVert + \lVert m \rVert},
# \qquad m_i = \frac{L(\ldots, w_i + h, \ldots) - L(\ldots, w_i - h, \ldots)}{2h},$$
#
# and call it 0 where both are zero. Right code is below $10^{-7}$ in float64; a factor of two
# somewhere gives $1/3$, a wrong sign 1. Why by the norm? A single entry that happens to be nearly
# zero has no relative accuracy to speak of.
#
# <details><summary>Hint: every error is nearly 1, also for right code</summary>
#
# Are you moving the array that `f` sees? And do you put the entry back before moving the next?
# </details>


# %% nbgrader={"grade": false, "grade_id": "check_gradients", "locked": false, "schema_version": 3, "solution": true, "task": false}
def check_gradients(f, arrays, h=1e-5):
    """Compare gradients with central differences, array by array.

    Args:
        f: takes a list of arrays like `arrays`; returns the pair (loss, list of gradients), one
            gradient per array, of its shape.
        arrays: where to check, list of float64 arrays of any shapes. Not modified.
        h: the step of the differences.

    Returns:
        List of numbers, the relative error of each gradient by the norm, from 0 to 1.
    """
    ### BEGIN SOLUTION
    gradients = f(arrays)[1]
    errors = []
    for position, array in enumerate(arrays):
        measured = np.zeros(array.shape)
        for index in np.ndindex(array.shape):
            moved = [other.copy() for other in arrays]
            moved[position][index] = array[index] + h
            above = f(moved)[0]
            moved[position][index] = array[index] - h
            below = f(moved)[0]
            measured[index] = (above - below) / (2 * h)
        analytic = gradients[position]
        scale = np.linalg.norm(analytic) + np.linalg.norm(measured)
        errors.append(np.linalg.norm(analytic - measured) / scale if scale > 0 else 0.0)
    return errors
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_check_gradients_verdicts", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
a, b = np.array([[1.0, -2.0], [0.5, 3.0]]), np.array([2.0, -1.0])


def product(arrays):
    u, v = arrays
    return float(np.sum(u @ v)), [np.tile(v, (2, 1)), u.sum(axis=0)]


def faulty(arrays):
    loss, (du, dv) = product(arrays)
    return loss, [2 * du, -dv]


def one_entry(arrays):
    loss, (du, dv) = product(arrays)
    return loss, [du + np.array([[0.0, 0.0], [0.0, 1.0]]), dv + np.array([0.0, 1.0])]


checks.close(check_gradients(product, [a, b]), [0.0, 0.0], "two right gradients", atol=1e-9)
sentence = "the first twice too large: 1/3; the second with the wrong sign: 1"
checks.close(check_gradients(faulty, [a, b]), [1 / 3, 1.0], sentence, atol=1e-9)
sentence = "one entry off by 1: one verdict for each array, by the norm over all its entries"
verdicts = [1 / (3.0 + np.sqrt(10.0)), 1 / (np.hypot(1.5, 2.0) + np.hypot(1.5, 1.0))]
checks.close(check_gradients(one_entry, [a, b]), verdicts, sentence, atol=1e-9)
checks.unchanged(check_gradients, product, [a, b])


### BEGIN HIDDEN TESTS
def bent(arrays):
    u, v, w = arrays
    loss = float(np.sum(np.sin(u)) + np.sum(v**2) * w[0])
    return loss, [np.cos(u) * 1.5, 2 * v * w[0], np.array([np.sum(v**2)])]


arrays = [np.array([[0.3, 0.9]]), np.array([[1.0], [2.0]]), np.array([-1.5])]
checks.close(check_gradients(bent, arrays), [0.2, 0.0, 0.0], "sines and squares", atol=1e-8)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "test_check_gradients_details", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def cubes(arrays):
    return float(np.sum(arrays[0] ** 3)), [3 * arrays[0] ** 2]


def nothing(arrays):
    return 7.0, [np.zeros(3), np.array([0.0, 1.0])]


def vanishing(arrays):
    return 1e-9 * float(np.sum(arrays[0])), [np.zeros(2)]


sentence = "x³ at 2 (twice), h = 0.1: central differences measure 12.01: error 0.01/24.01"
got = check_gradients(cubes, [np.array([[[2.0, 2.0]]])], h=0.1)
checks.close(got, [0.01 / 24.01], sentence, atol=1e-12)
got = check_gradients(nothing, [np.ones(3), np.ones(2)])
checks.close(got, [0.0, 1.0], "both zero: error 0, not NaN; one of them zero: error 1")
sentence = "slopes of 10⁻⁹, zeros given: error 1, small is not zero"
checks.close(check_gradients(vanishing, [np.ones(2)]), [1.0], sentence, atol=0.01)
### BEGIN HIDDEN TESTS
x = np.array([[2.0, -1.0, 0.5]])
exact, measured = 3 * x**2, 3 * x**2 + 0.2**2
numbers = np.sqrt(3 * 0.2**4) / (np.linalg.norm(exact) + np.linalg.norm(measured))
got = check_gradients(cubes, [x.copy()], h=0.2)
checks.close(got, [numbers], "three cubes, h = 0.2: one error by the norm", atol=1e-10)
small = check_gradients(cubes, [x.copy()])
checks.true(0 <= small[0] < 1e-8, "three cubes, the usual h: below 10⁻⁸")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `(above - f(arrays)[0]) / h`
# 2. `np.abs(analytic - measured).max()` as the verdict
#
# <details><summary>Answers</summary>
#
# 1. Any curved loss: one-sided differences err by about h, central ones by h², so right code fails
#    at 10⁻⁷.
# 2. Slopes of size 10⁻⁹ (a vanishing gradient): everything passes, also zeros.
# </details>
#
# Now judge your own layers, and one that is wrong on purpose: a db summed over features.

# %%
my_guess = 1  # how many of the faulty layer's three errors exceed 1e-7?


# %% tags=["demo"]
class FaultyLinear(Linear):
    def backward(self, gradient):
        passed = super().backward(gradient)
        self.db = gradient.sum(axis=1)  # over the features; as N = M here, the shapes agree
        return passed


def through(layer_class):
    labels = np.array([0, 2, 1])

    def loss_and_gradients(arrays):
        x, W, b = arrays
        layers = [layer_class(W, b), Sigmoid()]
        h = x
        for layer in layers:
            h = layer.forward(h)
        loss, g = softmax_cross_entropy(h, labels)
        for layer in reversed(layers):
            g = layer.backward(g)
        return loss, [g, *layers[0].gradients()]

    return loss_and_gradients


draw = np.random.default_rng(seed=3)
arrays = [draw.normal(size=shape) for shape in ((3, 4), (4, 3), (3,))]
kinds = {"Linear": Linear, "FaultyLinear": FaultyLinear}
verdicts = {name: check_gradients(through(kind), arrays) for name, kind in kinds.items()}
for name, errors in verdicts.items():
    words = [f"{what} {error:.0e}" for what, error in zip(("dx", "dW", "db"), errors, strict=True)]
    print(f"{name:13}", "   ".join(words))
wrong = sum(error > 1e-7 for error in verdicts["FaultyLinear"])
print(f"your guess {my_guess}, measured {wrong}")

# %% [markdown]
# Only db is off: a gradient check names the culprit, array by array. Run it on small, odd shapes
# first and on N = M once; then never again during training, it is far too slow.

# %% [markdown]
# ## 8 · Your turn: `SGD`
#
# *About 10 minutes · 1 point.* $w \leftarrow w - \eta\, \partial L / \partial w$ for every array of
# the network. The layers hold the arrays, so they must change **in place**: a new array that only
# the optimiser knows teaches the network nothing. Arrays and gradients that don't belong together
# are an error, also where broadcasting would be glad to help: check before anything is changed.
#
# <details><summary>Hint: nothing changes</summary>
#
# `parameter = parameter - …` makes a new array and gives it an old name. `parameter -= …` writes
# into the one that is there.
# </details>


# %% nbgrader={"grade": false, "grade_id": "SGD", "locked": false, "schema_version": 3, "solution": true, "task": false}
class SGD:
    """Plain gradient descent.

    Args:
        learning_rate: the step size η.
    """

    def __init__(self, learning_rate):
        self.learning_rate = learning_rate

    def step(self, parameters, gradients):
        """Move every parameter against its gradient, in place.

        Args:
            parameters: list of float arrays; they are changed.
            gradients: list of as many arrays of the same shapes. Not modified.

        Returns:
            None.

        Raises:
            ValueError: the two lists differ in length or in a shape; then nothing was changed.
        """
        ### BEGIN SOLUTION
        if [p.shape for p in parameters] != [g.shape for g in gradients]:
            raise ValueError("every parameter needs one gradient of its own shape")
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter -= self.learning_rate * gradient
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_SGD_step", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} tags=["in-place"]
W, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([5.0])
gradients = [np.array([[1.0, 0.0], [-2.0, 10.0]]), np.array([20.0])]
optimiser = SGD(0.1)
optimiser.step([W, b], gradients)
sentence = "W − 0.1·dW, in the same array (was a new one made?)"
checks.close(W, np.array([[0.9, 2.0], [3.2, 3.0]]), sentence)
checks.close(b, np.array([3.0]), "and so for every array of the list, here b: 5 − 0.1·20")
checks.close(gradients[1], np.array([20.0]), "the gradients stay as they are")
optimiser.step([W, b], gradients)
sentence = "a second step with the same gradients is as long as the first"
checks.close(W, np.array([[0.8, 2.0], [3.4, 2.0]]), sentence)
sentence = "shapes (2, 2) and (2,) would broadcast and mean nothing: ValueError"
checks.raises(ValueError, optimiser.step, [np.ones((2, 2))], [np.ones(2)], sentence=sentence)
sentence = "shapes (1, 3) and (3,), as many numbers, would broadcast, too: ValueError"
checks.raises(ValueError, optimiser.step, [np.ones((1, 3))], [np.ones(3)], sentence=sentence)
sentence = "two parameters, one gradient: ValueError, nothing changed"
checks.raises(ValueError, optimiser.step, [W, b], gradients[:1], sentence=sentence)
sentence = "one parameter, two gradients: ValueError, nothing changed"
checks.raises(ValueError, optimiser.step, [W], gradients, sentence=sentence)
checks.close(W, np.array([[0.8, 2.0], [3.4, 2.0]]), "after the errors W is what it was")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(39)
parameters = [draw.normal(size=(3,)), draw.normal(size=(2, 1, 4)), np.array([1.5])]
gradients = [draw.normal(size=(3,)), draw.normal(size=(2, 1, 4)), np.array([-2.0])]
expected = [p - 0.5 * g - 0.5 * g for p, g in zip(parameters, gradients, strict=True)]
optimiser = SGD(0.5)
optimiser.step(parameters, gradients)
optimiser.step(parameters, gradients)
for one, wanted in zip(parameters, expected, strict=True):
    checks.close(one, wanted, f"two steps with η = 0.5, shape {wanted.shape}")
wrong = [np.ones(3), np.ones((2, 1, 4)), np.ones((1, 1))]
sentence = "the last of three shapes differs: ValueError"
checks.raises(ValueError, optimiser.step, parameters, wrong, sentence=sentence)
checks.close(parameters[0], expected[0], "after that error the first array is what it was")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `for p, g in zip(parameters, gradients): p = p - self.learning_rate * g`
# 2. `gradient *= self.learning_rate; parameter -= gradient`
#
# <details><summary>Answers</summary>
#
# 1. Any: the loss stays what it was, to the last digit. A flat curve is the sign of it.
# 2. Two steps with the same gradient arrays: the second is η times smaller.
# </details>

# %% [markdown]
# ## 9 · Your turn: `train_epoch`
#
# *About 20 minutes · 3 points.* One **epoch** shows the network every sample of `order` once, in
# batches: forward through the layers, loss, backward through the layers in reverse, one step. The
# last batch may be smaller; it is used all the same. Report the mean loss *per sample* as it was
# met, before each step: a small last batch counts by its size.
#
# <details><summary>Hint: the shapes fit forward, but not backward</summary>
#
# The way back visits the layers in reverse order, and hands what one `backward` returns to the next.
# </details>
# <details><summary>Hint: the mean loss is off in the third digit only</summary>
#
# A mean of batch means is not the mean of the samples, unless all batches have one size.
# </details>


# %% nbgrader={"grade": false, "grade_id": "train_epoch", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_epoch(layers, optimiser, X, targets, order, batch_size):
    """Train a chain of layers on softmax and cross-entropy for one epoch.

    Args:
        layers: list of layers with `forward`, `backward`, `parameters` and `gradients`.
        optimiser: has `step(parameters, gradients)`.
        X: inputs in rows, float array of shape (N, D).
        targets: integer labels (N,) or probabilities (N, C).
        order: which rows to use, in which order; integer array.
        batch_size: rows in a batch; the last one may have fewer.

    Returns:
        The mean loss of the samples, each measured before the step that it belongs to.
    """
    ### BEGIN SOLUTION
    total = 0.0
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        h = X[rows]
        for layer in layers:
            h = layer.forward(h)
        loss, gradient = softmax_cross_entropy(h, targets[rows])
        for layer in reversed(layers):
            gradient = layer.backward(gradient)
        for layer in layers:
            optimiser.step(layer.parameters(), layer.gradients())
        total += loss * len(rows)
    return total / len(order)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_train_epoch_step", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
X = np.array([[1.0, 2.0], [3.0, -1.0]])
layer = Linear(np.zeros((2, 2)), np.zeros(2))
got_loss = train_epoch([layer], SGD(1.0), X.copy(), np.array([0, 1]), np.array([0, 1]), 2)
sentence = "weights 0, two classes: every sample costs log 2, measured before the step"
checks.close(got_loss, np.log(2.0), sentence)
sentence = "one step with η = 1: W = −X^T (p − t)/2, with p = ½"
checks.close(layer.W, np.array([[-0.5, 0.5], [0.75, -0.75]]), sentence)
checks.close(layer.b, np.zeros(2), "one sample of each class: b stays 0")
### BEGIN HIDDEN TESTS
X, targets = np.array([[1.0], [1.0]]), np.array([[0.8, 0.2], [1.0, 0.0]])
layer = Linear(np.zeros((1, 2)), np.zeros(2))
got_loss = train_epoch([layer], SGD(0.5), X, targets, np.array([1, 0]), 2)
checks.close(got_loss, np.log(2.0), "soft targets: the loss")
checks.close(layer.W, np.array([[0.2, -0.2]]), "soft targets: W after one step with η = ½")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_train_epoch_batches", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
layer = Linear(np.zeros((1, 2)), np.zeros(2))
data = np.zeros((3, 1)), np.array([0, 1, 1])
got_loss = train_epoch([layer], SGD(1.0), *data, np.array([1, 0]), 1)
sentence = "row 1, then row 0, batches of one: log 2 first, log(1 + e) after the first step"
checks.close(got_loss, (np.log(2.0) + np.log(1.0 + np.e)) / 2, sentence)
bias = 1 / (1 + np.exp(-1.0)) - 0.5
checks.close(layer.b, np.array([bias, -bias]), "b after these two steps, in the order given")
layer = Linear(np.zeros((1, 2)), np.zeros(2))
data = np.zeros((4, 1)), np.array([0, 0, 1, 0])
got_loss = train_epoch([layer], SGD(1.0), *data, np.array([3, 0, 1, 2]), 3)
sentence = "rows 3, 0, 1 | 2, batches of 3 and 1, not 2 and 2: log 2 three times, then log(1 + e)"
checks.close(got_loss, (3 * np.log(2.0) + np.log(1.0 + np.e)) / 4, sentence)
X, labels, order = np.array([[1.0], [1.0], [0.0]]), np.zeros(3, dtype=int), np.arange(3)
still = Linear(np.array([[np.log(3.0), 0.0]]), np.zeros(2))
got_loss = train_epoch([still], SGD(0.0), X.copy(), labels.copy(), order.copy(), 2)
sentence = "losses log 4/3, log 4/3 | log 2: their mean over three samples, not over two batches"
checks.close(got_loss, (2 * np.log(4 / 3) + np.log(2.0)) / 3, sentence)
got_loss = train_epoch([still], SGD(0.0), X.copy(), labels.copy(), order.copy(), 5)
sentence = "a batch size of 5 for three samples: one batch of three"
checks.close(got_loss, (2 * np.log(4 / 3) + np.log(2.0)) / 3, sentence)
checks.unchanged(train_epoch, [still], SGD(0.0), X, labels, order, 2)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(40)
X, t, order = draw.normal(size=(11, 3)), draw.dirichlet(np.ones(4), size=11), draw.permutation(11)
W, b, total = np.zeros((3, 4)), np.zeros(4), 0.0
for rows in (order[:4], order[4:8], order[8:]):
    p = np.exp(X[rows] @ W + b)
    p /= p.sum(axis=1, keepdims=True)
    total -= (t[rows] * np.log(p)).sum()
    W = W - 0.7 * X[rows].T @ (p - t[rows]) / len(rows)
    b = b - 0.7 * (p - t[rows]).sum(axis=0) / len(rows)
layer = Linear(np.zeros((3, 4)), np.zeros(4))
got_loss = train_epoch([layer], SGD(0.7), X, t, order, 4)
checks.close(got_loss, total / 11, "11 samples in batches of 4, soft targets: the loss")
checks.close(layer.W, W, "11 samples in batches of 4, soft targets: the weights")
checks.close(layer.b, b, "11 samples in batches of 4, soft targets: the biases")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_train_epoch_layers", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
first = Linear(np.eye(2), np.zeros(2))
last = Linear(np.array([[1.0, -1.0], [5.0, -5.0]]), np.array([-1.0, 1.0]))
x = np.array([[1.0, -1.0]])
layers = [first, ReLU(), last]
got_loss = train_epoch(layers, SGD(1.0), x, np.array([0]), np.array([0]), 1)
sentence = "x = (1, −1) makes h = (1, 0) and scores (0, 0): log 2"
checks.close(got_loss, np.log(2.0), sentence)
sentence = "the last layer moves by −h^T(−½, ½)"
checks.close(last.W, np.array([[1.5, -1.5], [5.0, -5.0]]), sentence)
sentence = "the first layer: (−1, −5) comes back, the ReLU stops −5; slopes from before the step"
checks.close(first.W, np.array([[2.0, 0.0], [-1.0, 1.0]]), sentence)
checks.close(first.b, np.array([1.0, 0.0]), "and its bias likewise")
got_loss = train_epoch(layers, SGD(0.0), x, np.array([0]), np.array([0, 0]), 1)
sentence = "two more batches, η = 0: scores (5.5, −5.5) both times (is the list still in order?)"
checks.close(got_loss, np.log1p(np.exp(-11.0)), sentence)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(41)
X, labels = draw.normal(size=(5, 3)), draw.integers(0, 2, size=5)
arrays = [draw.normal(size=shape) for shape in ((3, 4), (4,), (4, 2), (2,))]
leaves = [torch.tensor(a, requires_grad=True) for a in arrays]
hidden = torch.sigmoid(torch.tensor(X) @ leaves[0] + leaves[1])
oracle = torch.nn.functional.cross_entropy(hidden @ leaves[2] + leaves[3], torch.tensor(labels))
oracle.backward()
expected = [a - 0.2 * leaf.grad.numpy() for a, leaf in zip(arrays, leaves, strict=True)]
first, last = (Linear(W.copy(), b.copy()) for W, b in (arrays[:2], arrays[2:]))
got_loss = train_epoch([first, Sigmoid(), last], SGD(0.2), X, labels, np.arange(5), 5)
checks.close(got_loss, oracle.item(), "two layers with a sigmoid: the loss")
for got, wanted in zip((first.W, first.b, last.W, last.b), expected, strict=True):
    checks.close(got, wanted, f"two layers with a sigmoid: array of shape {wanted.shape}")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `for layer in layers: gradient = layer.backward(gradient)`
# 2. `for start in range(0, len(order) - batch_size + 1, batch_size):`
# 3. `total += loss` and `return total / number_of_batches`
#
# <details><summary>Answers</summary>
#
# 1. Two layers of different widths: the shapes don't fit. With equal widths it runs, and the first
#    layer gets the gradient of the last.
# 2. Three samples in batches of two: the third is never seen.
# 3. The same: the third sample counts double.
# </details>
#
# **First over-fit eight samples.** A network that can't learn eight pictures by heart has a bug,
# and you find out in a second, not after an hour. Here is your network on 8 digits, once right and
# once with the ReLU mask of the bug clinic in section 4. *Commit first:* the loss of the broken one
# after 100 steps? (It starts near 2.3.)

# %%
my_guess = 2.3  # your number


# %% tags=["demo"]
class GateFromBehind(ReLU):
    def backward(self, gradient):
        return np.maximum(0.0, gradient)


def make_layers(sizes, seed, kind=ReLU):
    draw = np.random.default_rng(seed)
    layers = []
    for fan_in, fan_out in itertools.pairwise(sizes):
        layers += [Linear(he(fan_in, fan_out, draw), np.zeros(fan_out)), kind()]
    layers[-2].W *= 0.1  # small scores at the start: the loss begins near ln C (week 2)
    return layers[:-1]


eight = digits.train_index[:8]
curves = {}
for name, kind in (("right", ReLU), ("mask from the gradient", GateFromBehind)):
    runs = []
    for seed in range(5):
        layers = make_layers((64, 32, 32, 10), seed, kind)
        arguments = (layers, SGD(0.1), pixels, digits.labels, eight, 8)
        runs.append([train_epoch(*arguments) for _ in range(101)])
    curves[name] = np.array(runs)
figure, axes = plt.subplots(figsize=(6, 3.4))
for name, runs in curves.items():
    plots.mean_and_spread(axes, np.arange(101), runs, label=name)
    print(f"{name:23} loss after 100 steps {runs[:, -1].mean():.4f} ± {runs[:, -1].std():.4f}")
print(f"your guess {my_guess}, measured {curves['mask from the gradient'][:, -1].mean():.2f}")
axes.set(xlabel="step", ylabel="mean loss of 8 digits")
axes.legend()
plots.show(
    figure,
    alt="Loss of eight digits over 100 steps, mean and band over five seeds: the right network "
    "goes to nearly zero, the one with the wrong ReLU mask lags behind.",
)

# %% [markdown]
# **What you should see.** The right network knows its eight digits by heart: 0.013. The broken one
# begins well, and that is the treacherous part: its loss *does* fall at first, because the last
# layer's gradient is right. Then it climbs back to 2.17. In a long training one would blame the
# learning rate; a test that every sound network passes with ease leaves no such excuse.

# %% [markdown]
# ## 10 · A network that reads digits
#
# The recipe: 64 pixels scaled to −1 … 1, 256 hidden ReLU units, He initialisation, $\eta = 0.1$,
# batches of 32, 60 epochs; 1,438 digits to learn from, 359 held out (one fifth of each class).
# Every line of this network is yours: week 2 draws the weights, today's answers do the rest. For
# those there is nothing verified to switch to, as you are just writing them; from week 4 on
# `earlier.work` has both, yours and the course's.
# *Commit first:* the held-out accuracy, in percent? (Guessing gives 10.)

# %%
my_guess = 90  # percent


# %% tags=["demo"]
def accuracy(layers, X, labels):
    h = X
    for layer in layers:
        h = layer.forward(h)
    return 100 * (h.argmax(axis=1) == labels).mean()


train, test = digits.train_index, digits.test_index
began = time.perf_counter()
losses, held_out = np.zeros((10, 60)), np.zeros((10, 60))
for seed in range(10):
    layers, draw = make_layers((64, 256, 10), seed), np.random.default_rng(seed)
    for epoch in range(60):
        order = draw.permutation(train)
        losses[seed, epoch] = train_epoch(layers, SGD(0.1), pixels, digits.labels, order, 32)
        held_out[seed, epoch] = accuracy(layers, pixels[test], digits.labels[test])
seconds = (time.perf_counter() - began) / 10
final = held_out[:, -1]
print(f"your guess {my_guess} %, measured {final.mean():.1f} ± {final.std():.1f} % over 10 seeds")
print(f"worst {final.min():.1f} %, best {final.max():.1f} %; in under 10 s a run: {seconds < 10}")
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.3))
plots.mean_and_spread(left, np.arange(1, 61), losses, label="training loss")
left.set(xlabel="epoch", ylabel="mean loss", yscale="log")
plots.mean_and_spread(right, np.arange(1, 61), held_out, label="held out")
right.set(xlabel="epoch", ylabel="accuracy / %", ylim=(85, 100))
plots.show(
    figure,
    alt="Left: the training loss falls steadily over 60 epochs, on a logarithmic axis. Right: "
    "held-out accuracy climbs within ten epochs to about 96 % and then creeps to 97 %.",
)

# %% [markdown]
# **What you should see.** 97 digits of 100, with a spread of 0.3 points over ten seeds, and no seed
# below 96. The training loss goes on falling long after the held-out accuracy has settled: what is
# still being learnt is of no use on new digits. A spread belongs to every such number: a
# difference of 0.3 points between two recipes would be worth nothing here.

# %% [markdown]
# ## 11 · From layers to programs
#
# For every new layer you had to derive a formula. But a layer is only a few additions, products and
# exponentials, and each of those has a slope that you know by heart. So let the program *record*
# what it computes, node by node, and walk its own record backwards: **reverse-mode automatic
# differentiation** (Linnainmaa 1970; Baydin et al. 2018). Six small pieces make an engine: undo
# broadcasting, record, sort, walk back, more operations, and a switch that turns recording off.

# %% [markdown]
# ## 12 · Your turn: `unbroadcast`
#
# *About 15 minutes · 2 points.* In $XW + b$ the row $b$ of shape (M,) is stretched to (N, M): each
# of its entries acts on the loss N times. So its gradient, which arrives with shape (N, M), must be
# **summed over every axis along which it was stretched**. Broadcasting stretches in two ways: it
# puts new axes in front, and it repeats axes of size 1. Undo both.
#
# <details><summary>Hint: shape (3, 1) comes back as (3,)</summary>
#
# A new axis in front disappears; an axis of size 1 stays, with size 1: `keepdims=True`.
# </details>


# %% nbgrader={"grade": false, "grade_id": "unbroadcast", "locked": false, "schema_version": 3, "solution": true, "task": false}
def unbroadcast(gradient, shape):
    """Sum a gradient over the axes along which an array was broadcast.

    Args:
        gradient: float array of the broadcast shape. Not modified.
        shape: the array's own shape, a tuple that broadcasts to the shape of `gradient`.

    Returns:
        Array of exactly that shape.
    """
    ### BEGIN SOLUTION
    new_axes = gradient.ndim - len(shape)
    gradient = gradient.sum(axis=tuple(range(new_axes)))
    stretched = tuple(axis for axis, size in enumerate(shape) if size == 1)
    return gradient.sum(axis=stretched, keepdims=True)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_unbroadcast_front", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
g = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
sentence = "a bias of shape (3,) in a batch of two: sum over the new axis in front"
checks.close(unbroadcast(g.copy(), (3,)), np.array([11.0, 22.0, 33.0]), sentence)
checks.close(unbroadcast(g.copy(), (2, 3)), g, "nothing was stretched: nothing is summed")
checks.close(unbroadcast(g.copy(), ()), np.array(66.0), "a single number was stretched everywhere")
checks.unchanged(unbroadcast, g, (3,))
cube = np.ones((4, 2, 2))
cube[0] = 5.0
sentence = "equal sizes: the *first* axis is the new one"
checks.close(unbroadcast(cube, (2, 2)), np.full((2, 2), 8.0), sentence)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(42)
g = draw.normal(size=(3, 2, 4, 4))
expected = np.einsum("abcd->cd", g), np.einsum("abcd->d", g), np.einsum("abcd->bcd", g)
for shape, wanted in zip(((4, 4), (4,), (2, 4, 4)), expected, strict=True):
    checks.close(unbroadcast(g.copy(), shape), wanted, f"(3, 2, 4, 4) back to {shape}")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_unbroadcast_ones", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
g = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
sentence = "shape (2, 1): the axis of size 1 is summed and stays"
checks.close(unbroadcast(g.copy(), (2, 1)), np.array([[6.0], [60.0]]), sentence)
sentence = "shape (1, 3): the same for the first axis"
checks.close(unbroadcast(g.copy(), (1, 3)), np.array([[11.0, 22.0, 33.0]]), sentence)
checks.close(unbroadcast(g.copy(), (1,)), np.array([66.0]), "shape (1,): a new axis and a 1")
checks.close(unbroadcast(g.copy(), (1, 1)), np.array([[66.0]]), "shape (1, 1): both are summed")
checks.close(unbroadcast(g[:, :1].copy(), (2, 1)), g[:, :1], "a 1 that was not stretched")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(43)
g = draw.normal(size=(3, 2, 4))
expected = {
    (1, 4): np.einsum("abc->c", g)[None],
    (2, 1): np.einsum("abc->b", g)[:, None],
    (3, 1, 4): np.einsum("abc->ac", g)[:, None],
    (1, 1, 1): g.sum().reshape(1, 1, 1),
    (1, 2, 1): np.einsum("abc->b", g)[None, :, None],
}
for shape, wanted in expected.items():
    checks.close(unbroadcast(g.copy(), shape), wanted, f"(3, 2, 4) back to {shape}")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `while gradient.ndim > len(shape): gradient = gradient.sum(axis=0)`, and no more
# 2. `return gradient.sum(axis=tuple(range(extra))).reshape(shape)`
#
# <details><summary>Answers</summary>
#
# 1. (2, 3) back to (2, 1): the axis of size 1 was never summed. Later `w -= rate * grad` stretches
#    w, or fails, far from here.
# 2. The same input: reshape cannot make two numbers of six, and says so at least.
# </details>

# %% [markdown]
# ## 13 · Your turn: `Variable`
#
# *About 15 minutes · 2 points.* A **Variable** is an array that remembers where it came from: its
# `parents`, the operands that led to it, and for each parent a **pull**, a function that turns the
# gradient of the result into the gradient of that parent. For $z = u \cdot v$ the pull of $u$ is
# $g \mapsto g \cdot v$. All of the calculus of an operation is in its pulls; all of the bookkeeping
# is in one method, `record`.
#
# Write `record`: it wraps new data and keeps the pairs (parent, pull) whose parent requires a
# gradient. If none does, or while `self.recording` is off, the result has no parents and requires
# no gradient itself: it is a constant. Then write `+` and `*` with it; `-`, `/` and powers are
# given. The pulls may ignore broadcasting, because `pull` calls your `unbroadcast`.
#
# <details><summary>Hint: 2 * x fails, or x + array gives an array of objects</summary>
#
# Turn the other operand into a Variable first: `other = self.wrap(other)`. The reflected operators
# are given, and `__array_ufunc__ = None` makes NumPy leave the work to you.
# </details>


# %% nbgrader={"grade": false, "grade_id": "Variable", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Variable:
    """An array that remembers how it was computed.

    Args:
        data: number or array; becomes a float64 array.
        requires_grad: whether a gradient is wanted; constants say False.
        parents: the Variables that it was computed from, as far as they require a gradient.
        pulls: for each parent a function from the gradient of this node to that of the parent.

    Attributes:
        grad: None, or after `backward` an array of the shape of data (of leaves: no parents).
    """

    recording = True
    __array_ufunc__ = None  # so that NumPy hands `array * variable` over to us

    def __init__(self, data, requires_grad=True, parents=(), pulls=()):
        self.data = np.asarray(data, dtype=np.float64)
        self.requires_grad = requires_grad
        self.parents = parents
        self.pulls = pulls
        self.grad = None

    def wrap(self, other):
        """Returns: `other` itself if it is a Variable, otherwise a constant made of it."""
        return other if isinstance(other, Variable) else type(self)(other, requires_grad=False)

    def record(self, data, *edges):
        """Make the result of an operation.

        Args:
            data: array, what the operation computed.
            edges: pairs (parent, pull), one for each operand.

        Returns:
            A new object of type(self) that keeps the edges whose parent requires a gradient.
        """
        ### BEGIN SOLUTION
        kept = [edge for edge in edges if edge[0].requires_grad and self.recording]
        parents = tuple(parent for parent, _ in kept)
        pulls = tuple(pull for _, pull in kept)
        return type(self)(data, requires_grad=bool(kept), parents=parents, pulls=pulls)
        ### END SOLUTION

    def pull(self, gradient):
        """Returns: the list of gradients of the parents, for a gradient of this node."""
        pulled = [pull(gradient) for pull in self.pulls]
        shapes = [parent.data.shape for parent in self.parents]
        pairs = zip(pulled, shapes, strict=True)
        return [g if g.shape == shape else unbroadcast(g, shape) for g, shape in pairs]

    def backward(self):
        """Add the slopes of this one number to `grad` of every leaf. Returns: None."""
        backpropagate(self)

    def __add__(self, other):
        ### BEGIN SOLUTION
        other = self.wrap(other)
        return self.record(self.data + other.data, (self, lambda g: g), (other, lambda g: g))
        ### END SOLUTION

    def __mul__(self, other):
        ### BEGIN SOLUTION
        other = self.wrap(other)
        first, second = self.data, other.data
        return self.record(
            first * second, (self, lambda g: g * second), (other, lambda g: g * first)
        )
        ### END SOLUTION

    def __neg__(self):
        return self.record(-self.data, (self, lambda g: -g))

    def __pow__(self, exponent):
        base = self.data
        slope = lambda g: g * exponent * base ** (exponent - 1)  # noqa: E731
        return self.record(base**exponent, (self, slope))

    def __sub__(self, other):
        return self + -self.wrap(other)

    def __truediv__(self, other):
        return self * self.wrap(other) ** -1

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __rsub__(self, other):
        return -self + other

    def __rtruediv__(self, other):
        return self.wrap(other) / self


# %% nbgrader={"grade": true, "grade_id": "test_Variable_record", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
u, v = Variable([1.0, 2.0]), Variable([3.0, 5.0])
checks.close((u + v).data, np.array([4.0, 7.0]), "u + v")
checks.close((u * v).data, np.array([3.0, 10.0]), "u · v, element by element")
checks.close((2 * u - np.array([1.0, 1.0])).data, np.array([1.0, 3.0]), "2u − an array")
checks.close((1.0 + u).data, np.array([2.0, 3.0]), "1 + u: a number is wrapped")
checks.close((u + np.array([5.0, 6.0])).data, np.array([6.0, 8.0]), "u + an array: it is wrapped")
counts = [len((u + v).parents), len((u * 2).parents), len((u * v).pulls)]
sentence = "parents of u + v and of u · 2, pulls of u · v: constants are not kept"
checks.equal(counts, [2, 1, 2], sentence)
sentence = "parents of (u + v) · u: its two operands only, not what they came from"
checks.equal(len(((u + v) * u).parents), 2, sentence)
constant = Variable(2.0, requires_grad=False)
verdicts = [(u + v).requires_grad, (constant * 3).requires_grad, (constant + u).requires_grad]
sentence = "a result requires a gradient if one of its operands does"
checks.equal(verdicts, [True, False, True], sentence)
checks.equal(len((constant * 3).parents), 0, "a product of constants has no parents")
quiet = Variable(4.0)
quiet.recording = False
off = quiet * quiet
sentence = "while self.recording is off: no parents, no pulls, no gradient required"
checks.equal([len(off.parents), len(off.pulls), off.requires_grad], [0, 0, False], sentence)
checks.close(off.data, np.array(16.0), "while recording is off: the numbers are the same")
sentence = "operations leave `grad` alone: it is for the walk back (section 15)"
checks.equal([u.grad is None, v.grad is None], [True, True], sentence)
### BEGIN HIDDEN TESTS
both = Variable(1.5) + Variable([2.0, 4.0])
checks.close([p.data for p in both.parents], [np.array(1.5), np.array([2.0, 4.0])], "two parents")
mixed = constant * Variable([[1.0, 3.0]])
checks.close([p.data for p in mixed.parents], [np.array([[1.0, 3.0]])], "constant times variable")
silent = Variable([1.0, 2.0])
silent.recording = False
off = silent + Variable([3.0, 4.0])
checks.equal([len(off.parents), off.requires_grad], [0, False], "a sum while recording is off")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_Variable_pull", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
u, v = Variable([1.0, 2.0]), Variable([3.0, 5.0])
g = np.array([10.0, -1.0])
got = (u + v).pull(g.copy())
checks.close(got, [g, g], "u + v hands its gradient on to both")
got = (u * v).pull(g.copy())
sentence = "u · v: u gets g·v, v gets g·u"
checks.close(got, [np.array([30.0, -5.0]), np.array([10.0, -2.0])], sentence)
checks.close((u * 3).pull(g.copy()), [3 * g], "u · 3: one parent, the constant gets nothing")
checks.close((u * u).pull(g.copy()), [g * [1.0, 2.0]] * 2, "u · u: the same parent twice")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(44)
a, b, g = (draw.normal(size=shape) for shape in ((2, 3), (2, 3), (2, 3)))
expected = [g * b, g * a]
checks.close((Variable(a.copy()) * Variable(b.copy())).pull(g.copy()), expected, "random product")
checks.close((a * Variable(b.copy())).pull(g.copy()), expected[1:], "array times variable")
checks.close((Variable(a.copy()) - Variable(b.copy())).pull(g.copy())[0], g, "random difference")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. In `__mul__`: `(self, lambda g: g * self.data)`
# 2. In `record`: `requires_grad=True`
#
# <details><summary>Answers</summary>
#
# 1. u = 1, v = 3: u gets the slope 1 for 3. With u · u it happens to be right.
# 2. A constant times a constant: the whole input data would be tracked, and its gradient computed
#    in every step, for nobody.
# </details>

# %% [markdown]
# ## 14 · Your turn: `topological_order`
#
# *About 20 minutes · 2 points.* Before a node may pass its gradient on, all its own gradient must
# have arrived: from *every* node that it went into. So we need the nodes in an order in which
# parents stand before children; the walk back is that order reversed. Depth-first search finds it: a
# node is appended after all its parents have been. Recursion would be shorter, and Python ends it
# after a thousand calls; a recurrent network makes longer chains than that. Keep a stack of your own.
#
# <details><summary>Hint: a node stands before one of its parents</summary>
#
# A node has to be met twice: the first time put it back on the stack, with a mark, and its parents
# above it; append it when it comes up the second time.
# </details>
# <details><summary>Hint: it takes for ever when x = x + x is repeated</summary>
#
# Thirty doublings are a billion paths, but only thirty nodes. Remember by `id(node)` what you have
# met already.
# </details>


# %% nbgrader={"grade": false, "grade_id": "topological_order", "locked": false, "schema_version": 3, "solution": true, "task": false}
def topological_order(root):
    """List a node and all nodes that it was computed from, parents before children.

    Args:
        root: a node; each node has a tuple `parents` of nodes.

    Returns:
        List of nodes, each once, every one after all of its parents; the last one is root.
    """
    ### BEGIN SOLUTION
    order, met = [], set()
    stack = [(root, False)]
    while stack:
        node, parents_are_in = stack.pop()
        if parents_are_in:
            order.append(node)
        elif id(node) not in met:
            met.add(id(node))
            stack.append((node, True))
            stack.extend((parent, False) for parent in node.parents)
    return order
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_topological_order_small", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
a = Variable(1.0)
b = Variable(2.0, parents=(a,))
got = [float(node.data) for node in topological_order(b)]
checks.equal(got, [1.0, 2.0], "b was made from a: a first, then b")
sentence = "a → b, (a, b) → c, (a, c) → d, in any order of operands: a node after all its parents"
for swapped in (False, True):
    c = Variable(3.0, parents=(b, a) if swapped else (a, b))
    for pair in ((a, c), (c, a)):
        d = Variable(4.0, parents=pair)
        got = [float(node.data) for node in topological_order(d)]
        checks.equal(got, [1.0, 2.0, 3.0, 4.0], sentence)
twins = Variable(0.0, parents=(Variable(7.0), Variable(7.0, requires_grad=False)))
sentence = "two leaves that hold the same number are two nodes, one a constant: both are listed"
checks.equal(len(topological_order(twins)), 3, sentence)
checks.equal(len(topological_order(Variable(5.0))), 1, "a leaf alone")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(45)
for _ in range(5):
    nodes, parents = [], []
    for number in range(12):
        count = min(number, int(draw.integers(1, 4)))
        chosen = draw.choice(number, size=count, replace=False).tolist() if number else []
        if number and number - 1 not in chosen:
            chosen.insert(int(draw.integers(0, 2)), number - 1)
        parents.append(chosen)
        nodes.append(Variable(float(number), parents=tuple(nodes[i] for i in chosen)))
    got = [float(node.data) for node in topological_order(nodes[-1])]
    checks.equal(got, [float(n) for n in range(12)], "twelve nodes, each made from the one before")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_topological_order_large", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
node = Variable(0.0)
for number in range(1, 2001):
    node = Variable(float(number), parents=(node,))
order = topological_order(node)
sentence = "a chain of 2,001 nodes: no recursion, Python allows about a thousand calls"
ends = [len(order), float(order[0].data), float(order[-1].data)]
checks.equal(ends, [2001, 0.0, 2000.0], sentence)
node = Variable(0.0)
for number in range(1, 17):
    node = Variable(float(number), parents=(node, node))
got = [float(node.data) for node in topological_order(node)]
checks.equal(got, [float(n) for n in range(17)], "16 doublings: 65,536 paths, but only 17 nodes")
checks.forbids(topological_order, "sys.setrecursionlimit")
### BEGIN HIDDEN TESTS
leaves = [Variable(float(n)) for n in range(5)]
top = Variable(6.0, parents=(*leaves, Variable(5.0, parents=tuple(leaves[::-1]))))
got = [float(node.data) for node in topological_order(top)]
checks.equal(sorted(got), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "five leaves, used twice each")
checks.equal(got[-2:], [5.0, 6.0], "five leaves, used twice each: the two nodes above them last")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. Breadth first: root, its parents, their parents …, and this list reversed
# 2. Marking a node as met when it is *put on* the stack, not when it comes up
#
# <details><summary>Answers</summary>
#
# 1. d = (c, a), c = (b, a), b = (a): a is met early, as a parent of d, and ends up after b.
# 2. The same, with the operands in one of the two orders: test both.
# </details>

# %% [markdown]
# ## 15 · Your turn: `backpropagate`
#
# *About 20 minutes · 3 points.* The engine itself. Start with the gradient 1 at the root, which
# must be a single number. Visit the nodes from the root to the leaves; each node asks `node.pull(g)`
# for the gradients of its parents, in the order of `node.parents`, and every parent **adds up** what
# it receives: a node that was used twice, as in $x \cdot x$, collects twice. A leaf (no parents)
# that requires a gradient finally adds the sum to what its `grad` holds already, so that gradients
# of several losses accumulate; `grad = None` clears it. Nodes in between keep no gradient.
#
# <details><summary>Hint: x · x has the slope x, not 2x</summary>
#
# Somewhere an equals sign stands where a sum belongs: the second gradient overwrites the first.
# </details>
# <details><summary>Hint: a second backward doubles too much</summary>
#
# Keep the sums of this walk in a dictionary, by `id(node)`, that begins empty with every call.
# </details>
# <details><summary>Hint: the gradient of y changes when only that of x should</summary>
#
# The pulls of $x + y$ hand the *same* array to both. `a = a + piece` makes a new array for x;
# `a += piece` writes into the one that y holds, too.
# </details>


# %% nbgrader={"grade": false, "grade_id": "backpropagate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def backpropagate(root):
    """Add the slopes of one number, with respect to every leaf, to the leaves' `grad`.

    Args:
        root: a Variable that holds a single number, of any shape with one element.

    Returns:
        None. Every leaf that requires a gradient has `grad`, of the shape of its data.

    Raises:
        ValueError: root holds more than one number.
    """
    ### BEGIN SOLUTION
    if root.data.size != 1:
        raise ValueError(f"backward starts at one number, this has shape {root.data.shape}")
    gradients = {id(root): np.ones(root.data.shape)}
    for node in reversed(topological_order(root)):
        gradient = gradients.pop(id(node))
        if not node.parents and node.requires_grad:
            node.grad = gradient if node.grad is None else node.grad + gradient
        for parent, piece in zip(node.parents, node.pull(gradient), strict=True):
            known = gradients.get(id(parent))
            gradients[id(parent)] = piece if known is None else known + piece
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_backpropagate_slopes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x, y = Variable(3.0), Variable(2.0)
backpropagate(x * y + x)
checks.close(x.grad, np.array(3.0), "x·y + x at (3, 2): the slope in x is y + 1, from two paths")
checks.close(y.grad, np.array(3.0), "x·y + x: the slope in y is x")
x = Variable(3.0)
backpropagate(x * x)
checks.close(x.grad, np.array(6.0), "x·x at 3: both factors are x, their gradients add up to 6")
x = Variable([[3.0]])
backpropagate(x**3 - 5 * x)
checks.close(x.grad, np.array([[22.0]]), "x³ − 5x at 3, shape (1, 1): 27 − 5, and the shape stays")
x, y = Variable([3.0]), Variable([2.0])
backpropagate(x + y + x)
sentence = "x + y + x: slopes 2 and 1 (does `+=` write into an array that + handed to both?)"
checks.close([x.grad, y.grad], [np.array([2.0]), np.array([1.0])], sentence)
checks.raises(ValueError, backpropagate, Variable([1.0, 2.0]), sentence="two numbers: ValueError")
### BEGIN HIDDEN TESTS
values = np.array([0.7, -1.3, 2.1])
u, v, w = (Variable(value) for value in values)
s = u * v + w
t = s * s - w * u
backpropagate(t * s + v)


def program(p):
    s = p[0] * p[1] + p[2]
    return (s * s - p[2] * p[0]) * s + p[1]


got = np.array([float(u.grad), float(v.grad), float(w.grad)])
checks.gradient(program, values, got, "a program with shared parts, by differences")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_backpropagate_accumulates", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x, c = Variable(3.0), Variable(4.0, requires_grad=False)
shared = x * x
backpropagate(shared * c)
checks.close(x.grad, np.array(24.0), "4x² at 3: 24")
verdicts = [c.grad is None, shared.grad is None]
checks.equal(verdicts, [True, True], "a constant and a node in between keep no gradient")
constant = c * c
backpropagate(constant)
checks.true(constant.grad is None, "a root made of constants: there is nothing to do")
backpropagate(shared + x)
sentence = "then x² + x, over the same x·x: 7 is added, 31 (nothing left over from the first walk)"
checks.close(x.grad, np.array(31.0), sentence)
x.grad = None
backpropagate(shared)
checks.close(x.grad, np.array(6.0), "after grad = None the sum begins anew")
lonely = Variable(7.0)
backpropagate(lonely)
checks.close(lonely.grad, np.array(1.0), "the slope of a number with respect to itself is 1")
x, y, pair = Variable([3.0]), Variable([2.0]), Variable([1.0, 2.0])
both = pair.record(3.0, (pair, lambda g: g * np.ones(2)))  # adds up the two numbers of pair
for _ in range(2):
    backpropagate(x + y)
    backpropagate(both)
sentence = "x + y, two walks: 2 for each (does `+=` write into an array that both hold?)"
checks.close([x.grad, y.grad], [np.array([2.0]), np.array([2.0])], sentence)
checks.close(pair.grad, np.array([2.0, 2.0]), "a leaf of two numbers, two walks: 2 for each")
### BEGIN HIDDEN TESTS
x, y = Variable(1.5), Variable([-2.0])
product = x * y
for _ in range(3):
    backpropagate(product * product + y)
checks.close(x.grad, np.array(36.0), "three walks over one graph: three times 12")
checks.close(y.grad, np.array([-24.0]), "three walks over one graph: three times −8")
checks.true(product.grad is None, "a node in between keeps no gradient")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_backpropagate_chain", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = Variable(1.0)
total = x
for _ in range(3_000):
    total = total + x
backpropagate(total)
sentence = "a chain of 3,000 additions of x: 3,001, without recursion"
checks.close(x.grad, np.array(3_001.0), sentence)
x = Variable(1.0)
power = x
for _ in range(20):
    power = power + power
backpropagate(power)
checks.close(x.grad, np.array(2.0**20), "20 doublings: a million paths in 20 steps")
### BEGIN HIDDEN TESTS
x = Variable(0.5)
chain = x
for _ in range(1500):
    chain = -chain
backpropagate(chain * x)
checks.close(x.grad, np.array(1.0), "1,500 changes of sign, then times x")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `gradients[id(parent)] = piece`
# 2. Keeping each node's sum in `node.grad`, also in between, and never clearing it
# 3. Calling `pull` on each parent as soon as one piece has arrived (recursively)
#
# <details><summary>Answers</summary>
#
# 1. x · x: 3 for 6.
# 2. Two losses that share x·x: the second walk starts from what the first one left there.
# 3. Right numbers, in exponential time: 20 doublings take a million visits.
# </details>
#
# A chain ten times deeper than Python's recursion goes is no trouble for your walk:

# %% tags=["demo", "nbval-check-output"]
x = Variable(1.0)
total = x
for _ in range(10_000):
    total = total + x
total.backward()
print(f"{len(topological_order(total)):,} nodes, slope {float(x.grad):,.0f}")

# %% [markdown]
# ## 16 · Your turn: `Tensor`
#
# *About 40 minutes · 5 points.* Your engine knows two operations. Add what a network needs; each is
# one line for the value and one pull, handed to `self.record` as in `+` and `*`. Write $g$ for the
# gradient that arrives:
#
# | operation | value | pull |
# |---|---|---|
# | `a @ b` | $AB$, two axes each | $g\,B^\top$ for A, $A^\top g$ for B |
# | `a.sum(axis, keepdims)` | as NumPy's | $g$, spread over the axes that were summed |
# | `a.exp()`, `a.log()` | $e^a$, $\log a$ | $g \cdot e^a$, $g / a$ |
# | `a.relu()`, `a.tanh()` | $\max(0, a)$, $\tanh a$ | $g \cdot [a > 0]$, $g\,(1 - \tanh^2 a)$ |
# | `a[index]` | any index of NumPy's | zeros of the shape of $a$, with $g$ **added** at index |
#
# The last one has a trap: with index (0, 0, 1) the entry 0 was handed out twice and must collect
# twice. `zeros[index] += g` does it once, because NumPy reads, adds and writes only once;
# `np.add.at(zeros, index, g)` does it properly. Mean, reshape and transposition are given.
#
# <details><summary>Hint: the gradient of sum(axis=1) does not broadcast</summary>
#
# Without keepdims the axis is gone. `np.expand_dims(g, axis)` brings it back, then `np.broadcast_to`
# stretches. With `axis=None`, g is a single number and stretches by itself.
# </details>
# <details><summary>Hint: the first of two results changes when I compute a second one</summary>
#
# A pull is called later: it must not look up a name that has another value by then. Bind what it
# needs to a local name of the method.
# </details>


# %% nbgrader={"grade": false, "grade_id": "Tensor", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Tensor(Variable):
    """A Variable with the operations of a network.

    Args:
        data, requires_grad, parents, pulls: as for Variable.
    """

    def __matmul__(self, other):
        ### BEGIN SOLUTION
        other = self.wrap(other)
        first, second = self.data, other.data
        return self.record(
            first @ second, (self, lambda g: g @ second.T), (other, lambda g: first.T @ g)
        )
        ### END SOLUTION

    def __rmatmul__(self, other):
        return self.wrap(other) @ self

    def sum(self, axis=None, keepdims=False):
        """Add up.

        Args:
            axis: None for all axes, or an integer (from the end, if negative), or a tuple of them.
            keepdims: keep the summed axes, with size 1.

        Returns:
            Tensor.
        """
        ### BEGIN SOLUTION
        shape = self.data.shape

        def spread(g):
            if axis is not None and not keepdims:
                g = np.expand_dims(g, axis)
            return np.broadcast_to(g, shape)

        return self.record(self.data.sum(axis=axis, keepdims=keepdims), (self, spread))
        ### END SOLUTION

    def exp(self):
        """Returns: Tensor of exponentials."""
        ### BEGIN SOLUTION
        value = np.exp(self.data)
        return self.record(value, (self, lambda g: g * value))
        ### END SOLUTION

    def log(self):
        """Returns: Tensor of natural logarithms."""
        ### BEGIN SOLUTION
        data = self.data
        return self.record(np.log(data), (self, lambda g: g / data))
        ### END SOLUTION

    def relu(self):
        """Returns: Tensor with max(0, entry); the slope at 0 is 0."""
        ### BEGIN SOLUTION
        is_open = self.data > 0
        return self.record(self.data * is_open, (self, lambda g: g * is_open))
        ### END SOLUTION

    def tanh(self):
        """Returns: Tensor of hyperbolic tangents."""
        ### BEGIN SOLUTION
        value = np.tanh(self.data)
        return self.record(value, (self, lambda g: g * (1.0 - value**2)))
        ### END SOLUTION

    def __getitem__(self, index):
        ### BEGIN SOLUTION
        shape = self.data.shape

        def put_back(g):
            gradient = np.zeros(shape)
            np.add.at(gradient, index, g)
            return gradient

        return self.record(self.data[index], (self, put_back))
        ### END SOLUTION

    def mean(self, axis=None, keepdims=False):
        """Returns: Tensor, the mean along an axis, or of all entries."""
        total = self.sum(axis=axis, keepdims=keepdims)
        return total * (total.data.size / self.data.size)

    def reshape(self, *shape):
        """Returns: Tensor of another shape."""
        old = self.data.shape
        return self.record(self.data.reshape(*shape), (self, lambda g: g.reshape(old)))

    def transpose(self, *axes):
        """Returns: Tensor with permuted axes, or all of them reversed."""
        back = np.argsort(axes) if axes else None
        return self.record(self.data.transpose(*axes), (self, lambda g: g.transpose(back)))


# %% nbgrader={"grade": true, "grade_id": "test_Tensor_matmul", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
A, B = np.array([[1.0, 2.0], [0.0, -1.0]]), np.array([[1.0, 0.0, 2.0], [-1.0, 1.0, 0.0]])
g = np.array([[1.0, 0.0, 2.0], [0.0, 1.0, -3.0]])
a, b = Tensor(A.copy()), Tensor(B.copy())
product = a @ b
checks.close(product.data, np.array([[-1.0, 2.0, 2.0], [1.0, -1.0, 0.0]]), "the product of two")
checks.close(product.pull(g.copy())[0], np.array([[5.0, -1.0], [-6.0, 1.0]]), "A gets g B^T")
expected = np.array([[1.0, 0.0, 2.0], [2.0, -1.0, 7.0]])
checks.close(product.pull(g.copy())[1], expected, "B gets A^T g")
checks.equal(len((A @ b).parents), 1, "array @ Tensor: the array is a constant")
sentence = "Tensor @ Tensor is a Tensor: `record` (section 13) makes a type(self), not a Variable"
checks.true(isinstance(product, Tensor), sentence)
(product * g).sum().backward()
checks.close(b.grad, expected, "and the same by backward")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(46)
A, B, g = (draw.normal(size=shape) for shape in ((3, 3), (3, 3), (3, 3)))
expected = [np.einsum("ik,jk->ij", g, B), np.einsum("ki,kj->ij", A, g)]
got = (Tensor(A.copy()) @ Tensor(B.copy())).pull(g.copy())
checks.close(got, expected, "square matrices")
checks.close((Tensor(A.copy()) @ B).pull(g.copy()), expected[:1], "Tensor @ array")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_Tensor_sum", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
A = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
checks.close(Tensor(A.copy()).sum().data, np.array(21.0), "the sum of all")
sentence = "sum of all: every entry gets g"
checks.close(Tensor(A.copy()).sum().pull(np.array(7.0)), [np.full((2, 3), 7.0)], sentence)
over = Tensor(A.copy()).sum(axis=1)
checks.close(over.data, np.array([6.0, 15.0]), "sums of the rows")
expected = np.array([[10.0, 10.0, 10.0], [20.0, 20.0, 20.0]])
checks.close(over.pull(np.array([10.0, 20.0])), [expected], "axis=1: each row gets its own g")
kept = Tensor(A.copy()).sum(axis=1, keepdims=True)
checks.shape(kept.data, (2, 1), "keepdims keeps the axis")
checks.close(kept.pull(np.array([[10.0], [20.0]])), [expected], "and so does the gradient")
square = Tensor(np.ones((2, 2))).sum(axis=1).pull(np.array([1.0, 2.0]))
checks.close(square, [np.array([[1.0, 1.0], [2.0, 2.0]])], "a square, axis=1: by rows")
square = Tensor(np.ones((2, 2))).sum(axis=0).pull(np.array([1.0, 2.0]))
checks.close(square, [np.array([[1.0, 2.0], [1.0, 2.0]])], "a square, axis=0: by columns")
cube = Tensor(np.arange(8.0).reshape(2, 2, 2))
checks.close(cube.sum(axis=-1).data, np.array([[1.0, 5.0], [9.0, 13.0]]), "sums over axis −1")
got = cube.sum(axis=-1).pull(np.array([[1.0, 2.0], [3.0, 4.0]]))
expected = np.array([[[1.0, 1.0], [2.0, 2.0]], [[3.0, 3.0], [4.0, 4.0]]])
checks.close(got, [expected], "axis=−1, the last: spread along it")
checks.close(cube.sum(axis=(0, 2)).data, np.array([10.0, 18.0]), "sums over two axes, (0, 2)")
got = cube.sum(axis=(0, 2)).pull(np.array([1.0, 2.0]))
checks.close(got, [np.array([[[1.0, 1.0], [2.0, 2.0]]] * 2)], "axis=(0, 2): spread along both")
constant = Tensor(A.copy(), requires_grad=False)
sentence = "the sum of a constant is a constant: no parents (self.record sees to that)"
checks.equal(len(constant.sum().parents), 0, sentence)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(47)
A = draw.normal(size=(2, 3, 4))
for axis, letters in ((0, "bc"), (-1, "ab"), ((0, 2), "b"), ((-2, 0), "c")):
    value = np.einsum("abc->" + letters, A)
    g = draw.normal(size=value.shape)
    expected = np.einsum(letters + ",abc->abc", g, np.ones(A.shape))
    got = Tensor(A.copy()).sum(axis=axis)
    checks.close(got.data, value, f"sum over {axis}")
    checks.close(got.pull(g.copy()), [expected], f"gradient of the sum over {axis}")
checks.close(Tensor(A.copy()).sum(keepdims=True).data, A.sum().reshape(1, 1, 1), "all, kept")
got = Tensor(A.copy()).sum(keepdims=True).pull(np.full((1, 1, 1), 2.0))
checks.close(got, [np.full((2, 3, 4), 2.0)], "gradient of the sum of all, kept")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_Tensor_elementwise", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
g = np.array([10.0, -1.0, 2.0])
logs = np.log([2.0, 0.5, 3.0])
checks.close(Tensor(logs).exp().data, np.array([2.0, 0.5, 3.0]), "exp of log 2, log ½, log 3")
checks.close(Tensor(logs).exp().pull(g.copy()), [np.array([20.0, -0.5, 6.0])], "exp: g · exp")
x = np.array([2.0, 0.5, 4.0])
checks.close(Tensor(x.copy()).log().data, np.log(x), "natural logarithm")
checks.close(Tensor(x.copy()).log().pull(g.copy()), [np.array([5.0, -2.0, 0.5])], "log: g / x")
x = np.array([-3.0, 0.5, 0.0])
checks.close(Tensor(x.copy()).relu().data, np.array([0.0, 0.5, 0.0]), "relu")
checks.close(Tensor(x.copy()).relu().pull(g.copy()), [np.array([0.0, -1.0, 0.0])], "relu: 0 at 0")
x = np.array([0.0, np.arctanh(0.5), -np.arctanh(0.8)])
checks.close(Tensor(x.copy()).tanh().data, np.array([0.0, 0.5, -0.8]), "tanh")
expected = np.array([10.0, -0.75, 0.72])
checks.close(Tensor(x.copy()).tanh().pull(g.copy()), [expected], "tanh: g (1 − tanh²)")
constant, quiet = Tensor(2.0, requires_grad=False), Tensor(2.0)
quiet.recording = False
for x, what in ((constant, "of a constant"), (quiet, "while recording is off")):
    results = (x.exp(), x.log(), x.relu(), x.tanh())
    sentence = f"exp, log, relu, tanh {what}: no parents (self.record sees to that)"
    checks.equal([len(result.parents) for result in results], [0, 0, 0, 0], sentence)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(48)
x, g = draw.uniform(0.2, 2.0, size=(2, 3)), draw.normal(size=(2, 3))
expected = []
low = x - 1.0
for f, values in ((torch.exp, low), (torch.log, x), (torch.relu, low), (torch.tanh, low)):
    leaf = torch.tensor(values, requires_grad=True)
    value = f(leaf)
    value.backward(torch.tensor(g))
    expected.append((value.detach().numpy(), leaf.grad.numpy()))
lower, upper = Tensor(low.copy()), Tensor(x.copy())
results = lower.exp(), upper.log(), lower.relu(), lower.tanh()
names = ("exp", "log", "relu", "tanh")
for name, result, (value, slope) in zip(names, results, expected, strict=True):
    checks.close(result.data, value, f"{name} of random numbers")
    checks.close(result.pull(g.copy()), [slope], f"{name}: its pull on random numbers")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_Tensor_index", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = Tensor([1.0, 2.0, 3.0])
checks.close(x[1].data, np.array(2.0), "one entry")
checks.close(x[1].pull(np.array(5.0)), [np.array([0.0, 5.0, 0.0])], "one entry: its place gets g")
twice = x[np.array([0, 0, 2])]
checks.close(twice.data, np.array([1.0, 1.0, 3.0]), "entry 0 twice, then entry 2")
sentence = "entry 0 was handed out twice and collects 10 + 1 (np.add.at, not +=)"
checks.close(twice.pull(np.array([10.0, 1.0, 4.0])), [np.array([11.0, 0.0, 4.0])], sentence)
sentence = "pulled a second time: the same (does every pull begin with new zeros?)"
checks.close(twice.pull(np.array([10.0, 1.0, 4.0])), [np.array([11.0, 0.0, 4.0])], sentence)
for index, what in ((slice(1, None), "slice"), (np.array([False, True, True]), "mask")):
    checks.close(x[index].data, np.array([2.0, 3.0]), f"the last two, by a {what}")
    got = x[index].pull(np.array([7.0, 9.0]))
    checks.close(got, [np.array([0.0, 7.0, 9.0])], f"the last two, by a {what}: back in place")
constant = Tensor([1.0, 2.0], requires_grad=False)
sentence = "an entry of a constant is a constant: no parents (self.record sees to that)"
checks.equal(len(constant[0].parents), 0, sentence)
M = Tensor([[1.0, 2.0], [3.0, 4.0]])
picked = M[np.arange(2), np.array([1, 0])]
checks.close(picked.data, np.array([2.0, 3.0]), "one entry of each row")
expected = np.array([[0.0, 7.0], [9.0, 0.0]])
checks.close(picked.pull(np.array([7.0, 9.0])), [expected], "one entry of each row: back in place")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(49)
x = draw.normal(size=(4, 3))
index = np.array([3, 1, 3, 3, 0])
g = draw.normal(size=(5, 3))
expected = np.zeros((4, 3))
for row, piece in zip(index.tolist(), g, strict=True):
    expected[row] = expected[row] + piece
checks.close(Tensor(x.copy())[index].pull(g.copy()), [expected], "rows, one of them three times")
part = Tensor(x.copy())[1:, ::2]
checks.close(part.data, x[1:, ::2], "slices")
expected = np.zeros((4, 3))
expected[1:, ::2] = 2.0
checks.close(part.pull(np.full((3, 2), 2.0)), [expected], "slices: the gradient is put back")
chosen = Tensor(x.copy())[x > 0].pull(np.ones(int((x > 0).sum())))
checks.close(chosen, [(x > 0) * 1.0], "a mask as the index")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_Tensor_programs", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
X, labels, W = np.array([[1.0, 2.0], [3.0, -1.0], [0.0, 1.0]]), [0, 2, 2], Tensor(np.zeros((2, 3)))
residual = (np.full((3, 3), 1 / 3) - np.eye(3)[labels]) / 3
scores = X @ W
got_loss = -(scores - scores.exp().sum(axis=1, keepdims=True).log())[np.arange(3), labels].mean()
got_loss.backward()
checks.close(got_loss.data, np.log(3.0), "softmax regression with weights 0: log 3")
checks.close(W.grad, X.T @ residual, "its gradient: X^T (p − t)/N, as you derived in section 6")
### BEGIN HIDDEN TESTS
import torch


def grow(kind, u, v, a, axis):
    return [
        lambda: u * v + u,
        lambda: (u + a).tanh() @ (v - a).tanh(),
        lambda: u.tanh().exp() - v,
        lambda: (u * u + 1.5).log(),
        lambda: (u * a).sum(axis=axis, keepdims=True).tanh(),
        lambda: (u.relu() * v.relu() + v + a)[[2, 0, 2]],
    ][kind]()


def program(a, b, c, seed):
    draw, pool = np.random.default_rng(seed), [a, b, c]
    for _ in range(10):
        first, second = draw.integers(len(pool), size=2)
        pool.append(grow(draw.integers(6), pool[first], pool[second], a, int(draw.integers(2))))
    return sum((node.tanh().sum() for node in pool), 0.0)


for seed in range(6):
    draw = np.random.default_rng(100 + seed)
    arrays = [draw.normal(size=shape) for shape in ((3, 3), (1, 3), (3, 1))]
    leaves = [torch.tensor(array, requires_grad=True) for array in arrays]
    program(*leaves, seed).backward()
    own = [Tensor(array.copy()) for array in arrays]
    program(*own, seed).backward()
    for tensor, leaf in zip(own, leaves, strict=True):
        checks.close(tensor.grad, leaf.grad.numpy(), "a random program, as torch differentiates it")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. In `__getitem__`: `gradient[index] += g`
# 2. In `sum`: `lambda g: np.broadcast_to(g, shape)`, whatever the axis
# 3. In `tanh`: `g * (1 - self.data**2)`
#
# <details><summary>Answers</summary>
#
# 1. Any repeated index: a word that occurs twice in a sentence would learn once.
# 2. A square array and axis 1: the gradient is spread along the wrong axis, without a complaint.
# 3. Any x but 0: the slope is in the output.
# </details>
#
# **Draw the record.** $L = x \cdot \tanh(w x + b)$ at $x = 2$, $w = \frac12$, $b = -1$. The input
# $x$ is used twice. *Commit first:* the slope of $L$ in $x$? (Two paths; add.)

# %%
my_guess = 2.0  # your number


# %% tags=["demo"]
def every_gradient(root):
    gradients = {id(root): np.ones(())}
    for node in reversed(topological_order(root)):
        for parent, piece in zip(node.parents, node.pull(gradients[id(node)]), strict=True):
            gradients[id(parent)] = gradients.get(id(parent), 0.0) + piece
    return gradients


x, w, b = Tensor(2.0), Tensor(0.5), Tensor(-1.0)
s = w * x
z = s + b
h = z.tanh()
L = h * x
gradients = every_gradient(L)
print(f"your guess {my_guess}, measured {gradients[id(x)]:.1f}")
places = {"w": (w, 0, 2.2), "x": (x, 0, 0), "b": (b, 1, 1), "s = w·x": (s, 1, 2.2)}
places |= {"z = s + b": (z, 2, 1.6), "h = tanh z": (h, 3, 1.6), "L = h·x": (L, 4, 0.8)}
where = {id(node): (column, row) for node, column, row in places.values()}
box = {"boxstyle": "round,pad=0.4", "facecolor": "white", "edgecolor": plots.COLOURS[0]}
figure, axes = plt.subplots(figsize=(8.5, 3.4))
for name, (node, column, row) in places.items():
    text = f"{name}\nvalue {node.data:g}\ngradient {gradients[id(node)]:g}"
    axes.text(column, row, text, ha="center", va="center", fontsize=10, bbox=box, zorder=3)
    for parent in node.parents:
        start = where[id(parent)]
        arrow = {"arrowstyle": "->", "lw": 1.5, "shrinkA": 32, "shrinkB": 34}
        axes.annotate("", (column, row), start, arrowprops=arrow)
axes.set(xlim=(-0.5, 4.5), ylim=(-0.5, 2.5))
axes.set_axis_off()
plots.show(
    figure,
    alt="The computation graph of x times tanh of w x plus b: seven boxes with value and gradient, "
    "arrows from operands to results; x has two arrows leaving it.",
)

# %% [markdown]
# **What you should see.** Two arrows leave $x$. Along the upper path the slope is
# $2 \cdot 1 \cdot 1 \cdot \frac12 = 1$ (from $L$ back through $h$, $z$, $s$), along the lower one it
# is $h = 0$; together 1.
# The gradient of $b$ is that of $z$, 2, because addition hands on what it gets. Every box needs its
# sum complete before it passes anything on: that is what the order is for.

# %% [markdown]
# ## 17 · Your turn: `no_grad`
#
# *About 10 minutes · 1 point.* To measure an accuracy nobody needs gradients, but every operation
# is still recorded, and the record keeps every array in memory. `with no_grad():` switches
# `Variable.recording` off and afterwards sets it to **what it was before**, also after an exception,
# also when one stands inside another.
#
# <details><summary>Hint: what are the arguments of __exit__?</summary>
#
# Python calls `__enter__` at the beginning of the block and `__exit__` at its end in any case; after
# an exception with its type, value and traceback. Return nothing, and the exception travels on.
# </details>


# %% nbgrader={"grade": false, "grade_id": "no_grad", "locked": false, "schema_version": 3, "solution": true, "task": false}
class no_grad:
    """A block in which nothing is recorded: `with no_grad(): ...`.

    Args:
        none.

    Returns:
        A context manager.
    """

    def __enter__(self):
        ### BEGIN SOLUTION
        self.before = Variable.recording
        Variable.recording = False
        ### END SOLUTION

    def __exit__(self, kind, error, traceback):
        ### BEGIN SOLUTION
        Variable.recording = self.before
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_no_grad_block", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = Tensor([1.0, 2.0])
prepared = no_grad()
before = x * x
with no_grad():
    inside = x * x
    with no_grad():
        deeper = x.exp()
    again = x + 1.0
after = x * x
states = [t.requires_grad for t in (before, inside, deeper, again, after)]
sentence = "before · inside · in a second block within · inside again · afterwards"
checks.equal(states, [True, False, False, False, True], sentence)
checks.equal(len(inside.parents), 0, "inside nothing is remembered")
checks.close(inside.data, np.array([1.0, 4.0]), "the numbers are the same")


def interrupted():
    with no_grad():
        return [x.exp()][1]


checks.raises(IndexError, interrupted, sentence="an exception leaves the block")
checks.equal((x * x).requires_grad, True, "after an exception recording is on again")
outer, inner = no_grad(), no_grad()
with outer:
    with inner:
        pass
    between = x * x
sentence = "both made beforehand, one entered in the other: each remembers the state on *entering*"
checks.equal([between.requires_grad, (x * x).requires_grad], [False, True], sentence)
### BEGIN HIDDEN TESTS
with no_grad():
    states = [Variable(2.0).recording, (Variable(2.0) * 3.0).requires_grad]
    silent = (x * 2.0).sum()
checks.equal(states, [False, False], "inside, on Variables too")
states = [(Variable(2.0) * 3.0).requires_grad, silent.requires_grad, x.requires_grad]
checks.equal(states, [True, False, True], "afterwards; what was made inside; the leaf itself")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `__exit__` sets `Variable.recording = True`
# 2. `Variable.recording = False` in `__init__` instead of `__enter__`
#
# <details><summary>Answers</summary>
#
# 1. A block within a block: after the inner one the outer one records.
# 2. `prepared = no_grad()` without `with`: recording is off, and nothing ever turns it on.
# </details>

# %% [markdown]
# ## 18 · The same network on your own engine
#
# No backward formula this time: write the loss, call `backward()`. Same initial weights, same
# batches, same optimiser as section 10.


# %% tags=["demo"]
def engine_epoch(tensors, X, labels, order, batch_size, optimiser):
    total = 0.0
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        W1, b1, W2, b2 = tensors
        scores = (X[rows] @ W1 + b1).relu() @ W2 + b2
        shifted = scores - scores.data.max(axis=1, keepdims=True)
        log_p = shifted - shifted.exp().sum(axis=1, keepdims=True).log()
        loss = -log_p[np.arange(len(rows)), labels[rows]].mean()
        for tensor in tensors:
            tensor.grad = None
        loss.backward()
        optimiser.step([t.data for t in tensors], [t.grad for t in tensors])
        total += float(loss.data) * len(rows)
    return total / len(order)


# %% [markdown]
# *Commit first:* over five epochs, by how much do the two training losses differ at most?

# %%
my_guess = 0.01  # largest difference of the losses

# %% tags=["demo"]
losses = {"backward by hand": [], "engine": []}
times = {"backward by hand": [], "engine": []}
layers = make_layers((64, 256, 10), seed=0)
tensors = [Tensor(p.copy()) for layer in layers for p in layer.parameters()]
draw = np.random.default_rng(0)
for _ in range(5):
    order = draw.permutation(train)
    for name in losses:
        began = time.perf_counter()
        if name == "engine":
            loss = engine_epoch(tensors, pixels, digits.labels, order, 32, SGD(0.1))
        else:
            loss = train_epoch(layers, SGD(0.1), pixels, digits.labels, order, 32)
        times[name].append(time.perf_counter() - began)
        losses[name].append(loss)
gap = np.abs(np.subtract(*losses.values())).max()
slower = np.median(times["engine"]) / np.median(times["backward by hand"])
print(f"your guess {my_guess}, measured less than 1e-12: {gap < 1e-12}")
print(f"the engine takes at most 3 times as long: {slower < 3}")
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2))
for (name, values), marker in zip(losses.items(), ("o", "x"), strict=True):
    left.plot(range(1, 6), values, marker=marker, markersize=9, label=name)
left.set(xlabel="epoch", ylabel="mean training loss")
left.legend()
right.barh(list(times), [1e3 * np.median(t) for t in times.values()], color=plots.COLOURS[:2])
right.set(xlabel="time for an epoch / ms (median of 5)")
plots.show(
    figure,
    alt="Left: training losses of the two versions lie on top of one another over five epochs. "
    "Right: median time of an epoch; the engine's bar is longer, but less than three times.",
)

# %% [markdown]
# **What you should see.** The crosses sit on the circles: the two differ in rounding only, and
# nobody wrote a backward pass for the second. It costs time, as Python records some fifteen nodes
# a step, but less than three times as much. Larger arrays make the overhead vanish: the matrix
# products cost the same in both.

# %% [markdown]
# ## 19 · Clothes instead of digits
#
# Fashion-MNIST in its small form: 10,000 pictures of 14 × 14 to learn from, 2,000 held out. Your
# layers, once without and once with a hidden layer of 128 units, 12 epochs, $\eta = 0.05$; the
# mean picture subtracted, divided by the spread.
# *Commit first:* how many percentage points does the hidden layer win?

# %%
my_guess = 10  # percentage points

# %% tags=["demo"]
seen = fashion.train_images.reshape(10_000, -1) / 255.0
unseen = fashion.test_images.reshape(2_000, -1) / 255.0
mean, spread = seen.mean(axis=0), seen.std()
seen, unseen, epochs = (seen - mean) / spread, (unseen - mean) / spread, 12
scores = {"196 → 10": [], "196 → 128 → 10": []}
for name, sizes in zip(scores, ((196, 10), (196, 128, 10)), strict=True):
    for seed in range(5):
        layers, draw = make_layers(sizes, seed), np.random.default_rng(seed)
        curve = []
        for _ in range(epochs):
            order = draw.permutation(10_000)
            train_epoch(layers, SGD(0.05), seen, fashion.train_labels, order, 32)
            curve.append(accuracy(layers, unseen, fashion.test_labels))
        scores[name].append(curve)
figure, axes = plt.subplots(figsize=(6, 3.4))
for name, curves in scores.items():
    curves = np.array(curves)
    plots.mean_and_spread(axes, np.arange(1, epochs + 1), curves, label=name)
    print(f"{name:14} {curves[:, -1].mean():.1f} ± {curves[:, -1].std():.1f} % held out, 5 seeds")
gain = np.mean([b[-1] - a[-1] for a, b in zip(*scores.values(), strict=True)])
print(f"your guess {my_guess}, measured {gain:.1f} percentage points")
axes.set(xlabel="epoch", ylabel="held-out accuracy / %")
axes.legend()
plots.show(
    figure,
    alt="Held-out accuracy on small Fashion-MNIST over twelve epochs, mean and band of five seeds: "
    "the network with a hidden layer ends a few points above the linear one.",
)

# %% [markdown]
# **What you should see.** The hidden layer wins: 83.7 ± 0.3 % against 81.3 ± 0.1 %, a gain of 2.4
# points and far more than the spread over seeds. It is still not much. Neither network knows that
# pixels have neighbours: shuffle the 196 columns once and for all, and both learn equally well.
# Week 4 builds the neighbourhood in.

# %% [markdown]
# ## 20 · The other direction: dual numbers
#
# There is a way to differentiate without any record. Compute with pairs $a + a'\varepsilon$, where
# $\varepsilon^2 = 0$: then $(a + a'\varepsilon)(b + b'\varepsilon) = ab + (a'b + ab')\varepsilon$,
# and the product rule happens by itself. Start with $a' = 1$ at the input, and the slope travels
# along with the value, through loops and branches: **forward mode** (Wengert 1964). Here it
# differentiates Heron's iteration for $\sqrt{x}$, a program and not a formula.


# %% tags=["demo", "nbval-check-output"]
class Dual:
    """A value and its slope, which travel together."""

    def __init__(self, value, slope=0.0):
        self.value, self.slope = value, slope

    def __add__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value + other.value, self.slope + other.slope)

    def __mul__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        slope = self.slope * other.value + self.value * other.slope
        return Dual(self.value * other.value, slope)

    def __truediv__(self, other):
        quotient = self.value / other.value
        return Dual(quotient, (self.slope - quotient * other.slope) / other.value)


def heron(x):
    root = x
    while abs(root.value**2 - x.value) > 1e-12:
        root = (root + x / root) * 0.5
    return root


result = heron(Dual(2.0, 1.0))
print(f"value {result.value:.10f}, exact {2**0.5:.10f}")
print(f"slope {result.slope:.10f}, exact {0.5 / 2**0.5:.10f}")

# %% [markdown]
# One forward pass gives the slope in *one* input. A network has thousands of inputs (its weights)
# and one output. *Commit first:* for $f(x) = \sum_i x_i x_{i+1}$ with 256 inputs, how many times
# longer does forward mode take than your engine?

# %%
my_guess = 10  # times


# %% tags=["demo"]
sizes = [8, 16, 32, 64, 128, 256]


def neighbours(values):
    total = values[0] * values[1]
    for left_one, right_one in itertools.pairwise(values[1:]):
        total = total + left_one * right_one
    return total


def by_forward(numbers):
    seeds = np.eye(len(numbers))
    return [
        neighbours([Dual(*pair) for pair in zip(numbers, seed, strict=True)]).slope
        for seed in seeds.tolist()
    ]


def by_reverse(numbers):
    leaves = [Variable(number) for number in numbers]
    neighbours(leaves).backward()
    return [float(leaf.grad) for leaf in leaves]


# %% tags=["demo"]
times = {by_forward: [], by_reverse: []}
for size in sizes:
    numbers = np.linspace(-1, 1, size).tolist()
    for mode, seconds in times.items():
        trials = []
        for _ in range(3):
            began = time.perf_counter()
            mode(numbers)
            trials.append(time.perf_counter() - began)
        seconds.append(min(trials))
    agree = np.allclose(by_forward(numbers), by_reverse(numbers), atol=1e-12)
slower = times[by_forward][-1] / times[by_reverse][-1]
print(f"your guess {my_guess}, measured more than 5 times: {slower > 5}; slopes agree: {agree}")
figure, axes = plt.subplots(figsize=(6, 3.4))
for seconds, name in zip(times.values(), ("forward mode", "your engine"), strict=True):
    axes.plot(sizes, [1e3 * s for s in seconds], marker="o", label=name)
axes.set(xlabel="inputs D", ylabel="time for all D slopes / ms", xscale="log", yscale="log")
axes.legend()
plots.show(
    figure,
    alt="Time for all slopes over the number of inputs, both axes logarithmic: forward mode rises "
    "twice as steeply as the engine and is far above it at 256 inputs.",
)

# %% [markdown]
# **What you should see.** On logarithmic axes forward mode is the steeper line: D passes of cost D,
# against one walk there and back. With few inputs forward mode wins, as it keeps no record. With
# one output and millions of inputs reverse mode has no rival, and that is why every framework is
# built around what you wrote today. Its price is memory: the record holds every intermediate array
# until the walk back has used it.

# %% [markdown]
# ## 21 · In your own words: the flat curve
#
# *About 5 minutes · 2 points, graded by hand.* A colleague's network of five sigmoid layers stays
# at a loss of 2.30 on ten classes, on 8 samples, for 500 steps. She suspects her backward pass; a
# friend says "too small a learning rate". Which two measurements would you make first, and what
# would each result tell you?

# %% [markdown] nbgrader={"grade": true, "grade_id": "flat_curve", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# First a gradient check of every array on a tiny input, in float64. An error far above $10^{-7}$
# names the wrong layer, and the question is settled. If all is right, the norm of dW layer by layer:
# falling by a factor of four or so a layer from the last to the first is the sigmoid's vanishing
# gradient (section 5), which a larger learning rate cures for one layer and not for the others;
# ReLU with He initialisation does. If all norms are healthy and the weights do move, the learning
# rate is too small; if the weights do not change at all, the optimiser updates copies.
#
# *Rubric.* 1 point for a gradient check (or an equivalent test) *with* what its outcome would mean;
# 1 point for a second measurement that tells two of the remaining causes apart (norms by layer,
# change of the weights, a learning rate ten times larger). "Try another optimiser" earns nothing.
# ### END SOLUTION

# %% [markdown]
# ## 22 · In your own words: which direction?
#
# *About 5 minutes · 2 points, graded by hand.* A wind-tunnel program has 3 design parameters and
# computes 100,000 pressures by a loop of a million steps. You want the slopes of all pressures in
# all parameters. Forward or reverse mode? And what change of the question would turn your answer
# round?

# %% [markdown] nbgrader={"grade": true, "grade_id": "which_direction", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# Forward: one pass an input, so 3 passes give all slopes, in no more memory than the program takes
# itself. Reverse mode needs one walk back an *output*, 100,000 of them, and a record of a million
# steps. If the question were one number (the total drag) as a function of thousands of parameters
# (the whole surface), reverse mode would need one walk, and its memory would be worth its price.
#
# *Rubric.* 1 point for forward mode with the count of passes or the memory of the record as the
# reason; 1 point for a change that turns it round (many inputs, one output), with the reason.
# ### END SOLUTION

# %% [markdown]
# ## What you can do now
#
# - derive the backward pass of a layer from one entry of its formula, and let shapes guide you (LO2)
# - fuse softmax and cross-entropy, and put 1/N where it belongs, once (LO2)
# - prove a gradient right before you train with it, and over-fit eight samples before all (LO4)
# - tell a vanishing gradient from a wrong one by the norms of the layers (LO4)
# - train a network on digits and clothes, and state its accuracy with a spread (LO2, LO3)
# - build an engine that differentiates programs, and choose between its two directions (LO5)
#
# You own a framework now: layers, a loss, an optimiser, a loop, and an engine that makes the
# backward passes by itself. What PyTorch adds in week 4 is speed, many more operations and a
# graphics card; the ideas are the ones you wrote.
#
# **Further reading.** To go on with:
#
# - I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, MIT Press 2016, section 6.5
# - N. Buduma, N. Locascio, *Fundamentals of Deep Learning*, O'Reilly 2017, chapter 2
# - A. Baydin, B. Pearlmutter, A. Radul, J. Siskind, "Automatic differentiation in machine learning:
#   a survey", Journal of Machine Learning Research 2018
# - A. Griewank, A. Walther, *Evaluating Derivatives*, SIAM 2008 (cheap gradients, and their memory)
#
# Where it began:
#
# - R. Wengert, "A simple automatic derivative evaluation program", Communications of the ACM 1964
# - S. Linnainmaa, *The representation of the cumulative rounding error of an algorithm as a Taylor
#   expansion of the local rounding errors*, Master's thesis, University of Helsinki 1970 (in Finnish)
# - D. Rumelhart, G. Hinton, R. Williams, "Learning representations by back-propagating errors",
#   Nature 1986
#
# For the arguments of today:
#
# - S. Hochreiter, *Untersuchungen zu dynamischen neuronalen Netzen*, diploma thesis, TU München 1991
# - X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural
#   networks", AISTATS 2010
