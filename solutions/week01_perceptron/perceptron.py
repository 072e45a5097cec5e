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
# # Week 1 · Motivation, basics of machine learning, the perceptron
#
# Four lines of arithmetic learn to tell 0 from 1, a proof from 1962 says after how many mistakes
# they must be done, four points defeat them for good, and a table shows how a classifier that
# knows nothing can be right 95 times in 100. You will write all of it yourself.
#
# | After this you can | outcome |
# |---|---|
# | say which steps of recognition deep learning learns, and when that does not pay | LO1 |
# | write the perceptron and logistic regression, and check a gradient that you derived | LO2 |
# | split data so that a measurement can be believed, and see over-fitting in two curves | LO4 |
# | choose between accuracy, recall, F1 and ROC area, and say what each one hides | LO4 |
# | turn a formula into array code that survives ties, extreme scores and empty classes | LO5 |
#
# **Time** about 240 minutes, 80 of them reading · **Points** 30 · **Before this** arrays,
# broadcasting and matplotlib (week 0); the gradient of a function of several variables

# %%
import functools

import matplotlib.pyplot as plt
import numpy as np

from helpers import checks, datasets, plots

plots.use_course_style()
iris = datasets.iris()
tumours = datasets.breast_cancer()
digits = datasets.digits()

# %% [markdown]
# ## 1 · Three questions to a machine
#
# *Is this a zero or a one?* *Which iris is this?* *Is this tumour malignant?* A postman, a botanist
# and a pathologist answer such questions daily, and none of them can write the rule down. So we
# turn the task round: we collect examples with their answers and let the machine find the rule. A
# program **learns** when experience makes it better at a task (Mitchell 1997). Here experience
# means pairs of an input $x$ and its label $y$: *supervised* learning.
#
# Start with the humblest rule there is: one measurement, one threshold. *Commit first:* if we call
# a tumour malignant when its widest cell nuclei exceed the best threshold, for how many percent
# of the 569 tumours is that right? (The cell also measures the lazy rule *all are benign*.)

# %%
my_guess = 75  # percent; your number, it is never graded

# %% tags=["demo"]
malignant = tumours.labels == 0
width = tumours.features[:, tumours.feature_names.index("worst radius")]
rightness = {limit: ((width > limit) == malignant).mean() for limit in np.unique(width)}
best = max(rightness, key=rightness.get)
print(f"your guess {my_guess} %, measured {100 * rightness[best]:.1f} % at threshold {best:.2f}")
print(f"all are benign: {100 * (~malignant).mean():.1f} %")

figure, (left, middle, right) = plt.subplots(1, 3, figsize=(10, 3.3))
left.imshow(np.hstack([digits.images[digits.labels == d][3] for d in (0, 1)]), cmap="gray_r")
left.set(title="0 or 1?", xlabel="pixel", ylabel="pixel")
left.grid(False)
plots.class_points(middle, iris.features[:, 2:], iris.labels, names=iris.names)
middle.set(title="Which iris?", xlabel="petal length / cm", ylabel="petal width / cm")
bins = np.linspace(width.min(), width.max(), 30)
for kind, name in ((~malignant, "benign"), (malignant, "malignant")):
    right.hist(width[kind], bins, alpha=0.6, label=name)
right.axvline(best, color="black", linestyle="--", label="threshold")
right.set(title="Malignant?", xlabel="radius of widest nuclei", ylabel="tumours")
right.legend()
plots.show(
    figure,
    alt="Two digits of 8 by 8 pixels; three kinds of iris as three clouds in petal length and "
    "width; histograms of the radius of nuclei of benign and malignant tumours, which overlap.",
)

# %% [markdown]
# **What you should see.** One number and one threshold settle nine tumours in ten. What the
# overlap of the two histograms leaves open has to come from the other 29 measurements, or stay
# open. The digits are worse off: no single pixel means "zero". That is the week's thread: how to
# combine many weak numbers into one decision, and how to know how good the decision is.

# %% [markdown]
# ## 2 · From a signal to a decision
#
# Recognition is a chain: **record** a signal, **clean** it (noise, size, brightness), **describe**
# it by features, **classify** the features, **act** on the result. Niemann (1983) wrote down what
# must hold for such a chain to work at all, as six postulates. In our words:
#
# | | what is assumed | how it can fail |
# |---|---|---|
# | 1 | the **sample** stands for all that will come | trained in one hospital, used in another |
# | 2 | **features** of a pattern tell its class | a diagnosis from the patient's birthday |
# | 3 | a class is **compact**, and apart from the others | the four points of section 7 |
# | 4 | a complex pattern has simpler **parts** | a word read as one picture, not as letters |
# | 5 | its parts have a **structure** | eyes below the mouth pass as a face |
# | 6 | small differences leave patterns **similar** | one changed pixel flips the decision |
#
# The first three carry this week. The fourth and fifth are what convolution (week 5) and recurrence
# (week 12) build in. The sixth is the one that deep networks are caught breaking.
#
# For fifty years people designed the features and only the classifier was learnt. *Commit first:*
# of the five steps, how many does a deep network that reads raw pixels learn from data?

# %%
my_guess = 1  # a number from 0 to 5

# %% tags=["demo"]
steps = ("record", "clean", "describe", "classify", "act")
learnt = {"classical": (3,), "deep": (2, 3)}
print(f"your guess {my_guess}, in the drawing {len(learnt['deep'])} (classical: 1)")

figure, axes = plt.subplots(figsize=(7.5, 1.9))
for row, (name, indices) in zip((1, 0), learnt.items(), strict=True):
    axes.text(-0.75, row, name, ha="right", va="center", weight="bold")
    for column, step in enumerate(steps):
        colour = plots.COLOURS[1] if column in indices else "#E8E8E8"
        ink = "white" if column in indices else "black"
        box = {"boxstyle": "round,pad=0.5", "facecolor": colour, "edgecolor": "none"}
        axes.text(column, row, step, ha="center", va="center", color=ink, bbox=box)
        if column:
            ends = {"xy": (column - 0.38, row), "xytext": (column - 0.62, row)}
            axes.annotate("", **ends, arrowprops={"arrowstyle": "->"})
axes.set(xlim=(-1.6, 4.5), ylim=(-0.5, 1.5))
axes.set_axis_off()
plots.show(
    figure,
    alt="Two chains of five steps: record, clean, describe, classify, act. In the classical chain "
    "only classify is coloured as learnt; in the deep chain describe and classify both are.",
)

# %% [markdown]
# **What you should see.** Two: *describe* joins *classify*, and both are trained together, for the
# same goal. That is what deep learning changes. It pays where good features are hard to think up
# (pixels, sound, language) and examples are plentiful (LeCun, Bengio & Hinton 2015). It pays less
# where the features are good already: on tables of medium size, trees still win (Grinsztajn et al.
# 2022). The first step, and with it postulate 1, remains yours in any case.

# %% [markdown]
# ## 3 · A neuron, simplified until it computes
#
# A nerve cell collects signals over its **dendrites**; each contact, a **synapse**, counts for more
# or less; the **cell body** adds up what arrives; beyond a threshold it fires along its **axon**.
# McCulloch and Pitts (1943) kept sum and threshold, Rosenblatt (1958) let the weights learn:
#
# $$\hat y = \begin{cases} +1 & w^\top x + b > 0 \\ -1 & \text{otherwise.}\end{cases}$$
#
# The model leaves out time, chemistry and a thousand kinds of cell: it is an idea taken from
# biology, not a theory of it. We **fold the bias in**: every $x$ gets a last entry 1, so that
# $b$ becomes the last weight and $w^\top x$ says it all. Every `X` in this week's exercises
# carries that column already, and labels are $-1$ and $+1$.
#
# *Commit first:* how many numbers must a neuron learn that reads a digit of 8 × 8 pixels?

# %%
my_guess = 8  # your number

# %% tags=["demo"]
print(f"your guess {my_guess}, counted {digits.images[0].size + 1}")

figure, axes = plt.subplots(figsize=(7.5, 3))
body = {"boxstyle": "circle,pad=0.5", "facecolor": plots.COLOURS[5], "edgecolor": "none"}
for height, name in zip((2, 1, 0, -1), ("$x_1$", "$x_2$", "⋮", "1"), strict=True):
    axes.text(0, height, name, ha="center", va="center", fontsize=14)
    if name != "⋮":
        weight = "$b$" if name == "1" else name.replace("x", "w")
        axes.annotate("", (2.6, 0.5), (0.2, height), arrowprops={"arrowstyle": "->", "lw": 1.5})
        axes.text(1.1, height * 0.6 + 0.42, weight, color=plots.COLOURS[1], fontsize=14)
axes.text(3, 0.5, "$\\sum$", ha="center", va="center", fontsize=18, bbox=body)
box = {**body, "boxstyle": "round,pad=0.5"}
axes.text(4.6, 0.5, "> 0 ?", ha="center", va="center", fontsize=14, bbox=box)
for start, end in ((3.4, 4.1), (5.1, 5.9)):
    axes.annotate("", (end, 0.5), (start, 0.5), arrowprops={"arrowstyle": "->", "lw": 1.5})
axes.text(6.2, 0.5, "$\\hat y$", ha="center", va="center", fontsize=16)
biology = {0: "dendrites", 1.4: "synapses", 3: "cell body", 4.6: "threshold", 6.1: "axon"}
for place, name in biology.items():
    axes.text(place, -1.9, name, ha="center", style="italic", color="#444444")
axes.set(xlim=(-0.7, 6.6), ylim=(-2.1, 2.4))
axes.set_axis_off()
plots.show(
    figure,
    alt="A model neuron: inputs x1, x2 and a constant 1, each times its weight, meet in a sum; a "
    "threshold turns the sum into the output. Below: dendrites, synapses, cell body, axon.",
)

# %% [markdown]
# **What you should see.** One weight for each of 64 pixels and one bias: 65 numbers, and the
# whole of the neuron's knowledge. All that is left is to find good ones.

# %% [markdown]
# ## 4 · Your turn: `perceptron_criterion`
#
# *About 10 minutes · 2 points.* To improve a line we must first say how bad it is. Rosenblatt's
# answer: a sample on its right side costs nothing, one on the wrong side as much as it is wrong,
#
# $$L(w) = \sum_{n=1}^{N} \max\bigl(0,\; -y_n\, w^\top x_n\bigr).$$
#
# The product $y_n\,w^\top x_n$ is the sample's *margin*: positive when the line is right. The loss
# is a **sum** over the samples, not a mean. And it has a blind spot: what is $L(0)$?
#
# <details><summary>Hint: I get one number per sample</summary>
#
# The margins are an array of shape (N,). Clip each of them, then add up.
# </details>
# <details><summary>Hint: my loss comes out negative</summary>
#
# Right samples must not pay back what wrong ones owe: the maximum comes before the sum.
# </details>


# %% nbgrader={"grade": false, "grade_id": "perceptron_criterion", "locked": false, "schema_version": 3, "solution": true, "task": false}
def perceptron_criterion(w, X, y):
    """Add up how far samples lie on the wrong side of the line.

    Args:
        w: weights, array of shape (D,); the last one is the bias.
        X: samples in rows, array of shape (N, D), its last column all 1; N may be 0.
        y: labels -1 or +1, array of shape (N,).

    Returns:
        The loss, one number, never negative.
    """
    ### BEGIN SOLUTION
    margins = y * (X @ w)
    return np.maximum(0.0, -margins).sum()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_perceptron_criterion_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
X = np.array([[2.0, 1.0], [1.0, 1.0], [-3.0, 1.0], [-1.0, 1.0]])
y = np.array([1, -1, -1, 1])
sentence = "w = (1, 0): margins 2, −1, 3, −1; only the wrong samples cost, 1 + 1 in all (a sum)"
checks.close(perceptron_criterion(np.array([1.0, 0.0]), X, y), 2.0, sentence)
sentence = "w = (2, −3): margins 1, 1, 9, −5; the bias, the last entry of w, counts"
checks.close(perceptron_criterion(np.array([2.0, -3.0]), X, y), 5.0, sentence)
sentence = "one sample with label −1 and score 3 costs 3: labels are −1 and +1, not 0 and 1"
one = np.array([[1.0, 1.0]])
checks.close(perceptron_criterion(np.array([3.0, 0.0]), one, np.array([-1])), 3.0, sentence)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(11)
X, w = draw.normal(size=(37, 5)), draw.normal(size=5)
y = draw.choice([-1, 1], size=37)
expected = 0.0
for row, label in zip(X, y, strict=True):
    wanted = label * sum(a * b for a, b in zip(w, row, strict=True))
    expected += -wanted if wanted < 0 else 0.0
checks.close(perceptron_criterion(w, X, y), expected, "37 random samples with 5 entries")
X, y = np.array([[3, 1], [-2, 1], [0, 1]]), np.array([1, -1, 1])
checks.close(perceptron_criterion(np.array([-1, 1]), X, y), 5, "integers throughout")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_perceptron_criterion_zero", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
X = np.array([[1.0, 0.0, 1.0], [0.0, 4.0, 1.0], [-2.0, 1.0, 1.0]])
y = np.array([1, -1, 1])
w = np.array([2.0, 1.0, -1.0])
short, first = w / 100, X[:1].copy()
checks.close(perceptron_criterion(np.zeros(3), X, y), 0.0, "w = 0 costs nothing")
checks.close(perceptron_criterion(w, X, y), 7.0, "margins 1, −3, −4; no w costs less than w = 0")
checks.close(perceptron_criterion(short, X, y), 0.07, "w a hundredth as long: so is the loss")
sentence = "one sample with margin 1: no reward for being right, the loss is 0 and not −1"
checks.close(perceptron_criterion(w, first, np.array([1])), 0.0, sentence)
checks.unchanged(perceptron_criterion, w, X, y)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(12)
X = np.column_stack([draw.normal(size=(20, 2)) * 1e4, np.ones(20)])
y = np.where(X[:, 0] > 0, 1, -1)
expected = np.abs(X[:, 0]).sum()
checks.close(perceptron_criterion(np.array([1e4, 0.0, 0.0]), X, y), 0.0, "all right, far away")
w = np.array([-1.0, 0.0, 0.0])
checks.close(perceptron_criterion(w, X, y), expected, "all wrong, far away")
checks.close(perceptron_criterion(np.ones(3), np.zeros((0, 3)), np.zeros(0)), 0.0, "no sample")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Each of these passes some check. Name an input that exposes it, then unfold.
#
# 1. `max(0, -margins.sum())`
# 2. `np.abs(margins[margins < 0]).mean()`
# 3. `(margins < 0).sum()`
#
# <details><summary>Answers</summary>
#
# 1. One sample right by 5, one wrong by 2: the right one pays for the wrong one.
# 2. Two wrong samples: half the loss; none wrong: the mean of nothing is NaN.
# 3. A sample wrong by 2: it counts mistakes, and a count has no slope to walk down.
# </details>
#
# With one feature and a bias, the whole surface of $L$ fits into a picture: setosa against
# versicolor by petal length. *Commit first:* for how many percent of all $(w, b)$ in the square is
# the loss 0?

# %%
my_guess = 1  # percent

# %% tags=["demo"]
X = np.column_stack([iris.features[:100, 2] - 2.5, np.ones(100)])
y = np.where(iris.labels[:100] == 0, -1, 1)


def surface(places):
    return np.array([perceptron_criterion(w, X, y) for w in places])


square = np.random.default_rng(seed=1).uniform(-2, 2, size=(1500, 2))
print(f"your guess {my_guess} %, measured {100 * (surface(square) == 0).mean():.0f} %")
print(f"the loss at w = 0, b = 0: {surface(np.zeros((1, 2)))[0]:.0f}")
figure, axes = plt.subplots(figsize=(6, 3.8))
plots.level_lines(axes, surface, (-2, 2), (-2, 2), label="criterion L(w)", resolution=60)
axes.plot(0, 0, "*", markersize=16, color=plots.COLOURS[1], label="w = 0")
axes.set(xlabel="weight of petal length − 2.5 cm", ylabel="bias b")
axes.legend()
plots.show(
    figure,
    alt="Level lines of the perceptron criterion over weight and bias: a valley that rises to the "
    "left; a wedge that opens from the origin to the right has loss zero.",
)

# %% [markdown]
# **What you should see.** A wedge that opens from the origin to the right: inside, $L = 0$ and the
# line separates the flowers. Its tip is the trap: $w = 0$ has the best possible loss and decides
# nothing, and shrinking any $w$ that errs lowers the loss. So minimising $L$ is not enough. What
# saves Rosenblatt is *when* his rule moves, and that comes next.

# %% [markdown]
# ## 5 · Your turn: `perceptron_fit`
#
# *About 25 minutes · 4 points.* Start at $w_0 = 0$. Take the samples one after the other, in the
# order given. Whenever $y_n\,w^\top x_n \le 0$, it is a **mistake**: correct it at once by
#
# $$w \leftarrow w + y_n x_n.$$
#
# After the last sample begin again with the first. Stop after the first pass without a mistake,
# or after `epochs` passes. Zero counts as a mistake on purpose: under $w = 0$ every margin is 0,
# and a rule that waits for $< 0$ waits for ever.
#
# <details><summary>Hint: all rows of my history are the same</summary>
#
# `w += …` changes the array that the list already holds: the list then has many names for one
# array. Make a new array, or append a copy.
# </details>
# <details><summary>Hint: my weights stay at zero</summary>
#
# Look at the comparison. What is the margin of every sample under $w = 0$?
# </details>
# <details><summary>Hint: a check never ends</summary>
#
# Something must notice that a whole pass went by without a mistake.
# </details>


# %% nbgrader={"grade": false, "grade_id": "perceptron_fit", "locked": false, "schema_version": 3, "solution": true, "task": false}
def perceptron_fit(X, y, epochs=1000):
    """Learn a line by Rosenblatt's rule, from w = 0, one sample after the other.

    Args:
        X: samples in rows, array of shape (N, D), its last column all 1.
        y: labels -1 or +1, array of shape (N,).
        epochs: the most passes over all samples.

    Returns:
        w: the final weights, float array of shape (D,).
        history: array of shape (1 + number of mistakes, D): w = 0, then w after each update.
    """
    ### BEGIN SOLUTION
    w = np.zeros(X.shape[1])
    history = [w]
    for _ in range(epochs):
        known = len(history)
        for x, label in zip(X, y, strict=True):
            if label * (x @ w) <= 0:
                w = w + label * x
                history.append(w)
        if len(history) == known:
            break
    return w, np.stack(history)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_perceptron_fit_one_update", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
X, y, opposite = np.array([[0.1, 5.0, 1.0]]), np.array([1]), np.array([-1])
w, history = perceptron_fit(X, y)
sentence = "one sample: under w = 0 its margin is 0 and counts as a mistake (≤ 0; < 0 never learns)"
checks.shape(history, (2, 3), sentence)
checks.close(np.array(w)[2], 1.0, "the bias, the last weight, is updated like the others: by y · 1")
expected = (np.array([0.1, 5.0, 1.0]), np.array([[0.0, 0.0, 0.0], [0.1, 5.0, 1.0]]))
sentence = "w becomes y·x; the history holds w = 0 and then this w, two different arrays"
checks.close(perceptron_fit(X, y), expected, sentence)
expected = (np.array([-0.1, -5.0, -1.0]), np.array([[0.0, 0.0, 0.0], [-0.1, -5.0, -1.0]]))
sentence = "label −1: margin 0 is a mistake, too; all weights move against x, also the bias (last)"
checks.close(perceptron_fit(X, opposite), expected, sentence)
sentence = "samples of integers: the weights are floats all the same"
checks.dtype(perceptron_fit(np.array([[3, 1]]), y)[0], np.floating, sentence)
### BEGIN HIDDEN TESTS
X, y = np.array([[-7, 3, 0, 1]]), np.array([-1])
expected = (np.array([7.0, -3.0, 0.0, -1.0]), np.array([[0.0, 0, 0, 0], [7.0, -3.0, 0.0, -1.0]]))
checks.close(perceptron_fit(X, y), expected, "one sample of integers")
checks.dtype(perceptron_fit(X, y)[0], np.floating, "floats come out")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_perceptron_fit_history", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
X = np.array([[2.0, 1.0, 1.0], [1.0, 3.0, 1.0]])
y = np.array([1, -1])
steps = [[0, 0, 0], [2, 1, 1], [1, -2, 0], [3, -1, 1], [2, -4, 0], [4, -3, 1]]
w, history = perceptron_fit(X, y)
sentence = "two samples, five mistakes, each corrected at once; one row per update, all different"
checks.close(history, np.array(steps, dtype=float), sentence)
checks.close(w, np.array([4.0, -3.0, 1.0]), "w is the last row of the history")
halves, tiny = np.array([[0.5, 1.0], [-0.5, 1.0]]), np.array([[1e-6, 1.0], [-1e-6, 1.0]])
sentence = "a margin of 0.5 is no mistake (≤ 0, not < 1): two updates, and it ends"
checks.shape(perceptron_fit(halves, np.array([1, -1]))[1], (3, 2), sentence)
checks.unchanged(perceptron_fit, X, y)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(13)
X = np.column_stack([draw.integers(-4, 5, size=(23, 3)), np.ones(23, dtype=int)])
y = draw.choice([-1, 1], size=23)
w = [0, 0, 0, 0]
expected = [w]
for _ in range(6):
    for row, label in zip(X.tolist(), y.tolist(), strict=True):
        if label * sum(a * b for a, b in zip(w, row, strict=True)) <= 0:
            w = [a + label * b for a, b in zip(w, row, strict=True)]
            expected.append(w)
expected = np.array(expected, dtype=float)
checks.shape(perceptron_fit(tiny, np.array([1, -1]))[1], (3, 2), "a tiny margin is no mistake")
fitted, history = perceptron_fit(X, y, epochs=6)
checks.close(history, expected, "six passes over integer samples that no line separates")
checks.close(fitted, expected[-1], "the final weights of the same run")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_perceptron_fit_stops", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
X = np.array([[-1.0, -1.0, 1.0], [-1.0, 1.0, 1.0], [1.0, -1.0, 1.0], [1.0, 1.0, 1.0]])
w, history = perceptron_fit(X.copy(), np.array([-1, 1, 1, -1]), epochs=3)
checks.shape(history, (13, 3), "XOR, 3 passes: four mistakes in each, and no fourth pass")
first_pass = np.array([[0.0, 0, 0], [1, 1, -1], [0, 2, 0], [1, 1, 1], [0, 0, 0]])
checks.close(history[:5], first_pass, "XOR: the first pass, in the order given (no shuffling)")
checks.close(w, np.zeros(3), "XOR: after each pass w is back at 0")
w, history = perceptron_fit(X.copy(), np.array([-1, -1, -1, 1]), epochs=10**9)
sentence = "AND: stop after the first pass without a mistake (if this never ends, yours does not)"
checks.close(w, np.array([1.0, 1.0, -1.0]), sentence)
### BEGIN HIDDEN TESTS
y = np.array([1, 1, -1, 1])
w, history = perceptron_fit(X.copy(), y.copy(), epochs=10**9)
checks.equal(int((y * (X @ np.array(w)) <= 0).sum()), 0, "three corners against one, and it ends")
checks.close(perceptron_fit(X, y, epochs=0)[1], np.zeros((1, 3)), "no pass, no update")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_perceptron_fit_separates", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
X = np.column_stack([iris.features[:100], np.ones(100)])
y = np.where(iris.labels[:100] == 0, -1, 1)
w, history = perceptron_fit(X.copy(), y.copy())
left = int((y * (X @ np.array(w)) <= 0).sum())
checks.equal(left, 0, "setosa and versicolor, four lengths: every flower ends on its right side")
checks.close(history[0], np.zeros(5), "the history begins with w = 0")
checks.close(history[-1], w, "the history ends with w")
### BEGIN HIDDEN TESTS
from sklearn.linear_model import Perceptron as OraclePerceptron

draw = np.random.default_rng(14)
X = np.column_stack([draw.integers(-9, 10, size=(60, 4)), np.ones(60, dtype=int)])
y = np.where(X @ np.array([3, -2, 1, 1, 2]) > 0, 1, -1)
oracle = OraclePerceptron(fit_intercept=False, shuffle=False, tol=None, max_iter=500).fit(X, y)
checks.close(perceptron_fit(X, y, epochs=500)[0], oracle.coef_[0], "as scikit-learn's perceptron")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `if label * (w @ x) < 0:`
# 2. `if w @ x <= 0: w = w + x`
# 3. `w[:-1] = w[:-1] + label * x[:-1]`
#
# <details><summary>Answers</summary>
#
# 1. Any: from $w = 0$ nothing is ever learnt.
# 2. Any sample with label −1 and a positive score is never corrected, and right ones are pushed.
# 3. Two flowers that lie on one ray from the origin: without its bias the line passes through the
#    origin and cannot come between them.
# </details>
#
# Now watch it learn, on the sepals of setosa and versicolor (*standardised*: minus the mean,
# divided by the standard deviation), in a random order. *Commit first:* how many corrections does
# it take until none of the 100 flowers needs one any more?

# %%
my_guess = 50  # your number of updates

# %% tags=["demo"]
order = np.random.default_rng(seed=1).permutation(100)
sepals = iris.features[order, :2]
sepals = (sepals - sepals.mean(axis=0)) / sepals.std(axis=0)
y = np.where(iris.labels[order] == 0, -1, 1)
w, history = map(np.array, perceptron_fit(np.column_stack([sepals, np.ones(100)]), y))
print(f"your guess {my_guess}, measured {len(history) - 1} updates")

figure, axes = plt.subplots(figsize=(5.5, 3.6))
plots.class_points(axes, sepals, y, names=("setosa (−1)", "versicolor (+1)"))
axes.set(xlabel="sepal length, standardised", ylabel="sepal width, standardised")
axes.set(xlim=(-2.6, 2.9), ylim=(-2.9, 3.4))
axes.legend(loc="upper right")
marks = []


def draw_update(number):
    while marks:
        marks.pop().remove()
    if number:
        step = history[number] - history[number - 1]  # y times (x, 1): the flower that was wrong
        flower = step[:2] * step[2]
        marks.extend(axes.plot(*flower, "o", markersize=14, mfc="none", mec="black", mew=2))
        marks.append(plots.decision_line(axes, history[number, :2], history[number, 2]))
    axes.set_title(f"after update {number} of {len(history) - 1}")


plots.animate(
    figure,
    draw_update,
    len(history),
    alt="The decision line after each update, with a ring around the flower that caused it: the "
    "line swings between the two clouds, overshoots, and comes to rest between them.",
    interval_ms=900,
)

# %% [markdown]
# **What you should see.** Each update swings the line for the sake of one flower (the ring), often
# at the cost of others. Nothing in the picture promises that this ends. It does, and a proof says
# when.

# %% [markdown]
# ## 6 · Your turn: `novikoff_bound`
#
# *About 10 minutes · 2 points.* Suppose some vector $u$ separates the samples. Let $\gamma =
# \min_n y_n\,u^\top x_n / \lVert u \rVert$ be the room it leaves, and $R = \max_n \lVert x_n
# \rVert$ the longest sample. From $w_0 = 0$, two things happen at a mistake: the component of $w$
# along $u$ grows by at least $\gamma$, and $\lVert w \rVert^2$ grows by at most $R^2$, because the
# cross term $2 y_n w^\top x_n \le 0$. After $k$ mistakes $k\gamma \le \lVert w \rVert \le
# \sqrt{k}\,R$, hence (Novikoff 1962)
#
# $$k \le (R / \gamma)^2.$$
#
# Both $\lVert u \rVert$ and $R$ count the folded bias like any other entry. The order of the
# samples does not occur, nor does their number, nor the dimension.
#
# <details><summary>Hint: my bound changes when I double the separator</summary>
#
# The room is a distance: divide by the length of $u$, once.
# </details>


# %% nbgrader={"grade": false, "grade_id": "novikoff_bound", "locked": false, "schema_version": 3, "solution": true, "task": false}
def novikoff_bound(X, y, separator):
    """Bound the mistakes of Rosenblatt's rule by (R / γ)², for a given separator.

    Args:
        X: samples in rows, array of shape (N, D), its last column all 1.
        y: labels -1 or +1, array of shape (N,).
        separator: weights of any length that separate the samples, array of shape (D,).

    Returns:
        The bound, one number.

    Raises:
        ValueError: some sample has y · separatorᵀx <= 0: there is no room, hence no bound.
    """
    ### BEGIN SOLUTION
    margins = y * (X @ separator)
    if margins.min() <= 0:
        raise ValueError("this separator does not separate the samples")
    room = margins.min() / np.linalg.norm(separator)
    radius = np.linalg.norm(X, axis=1).max()
    return (radius / room) ** 2
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_novikoff_bound_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
X = np.array([[3.0, 1.0], [7.0, 1.0], [-2.0, 1.0]])
y = np.array([1, 1, -1])
sentence = "u = (1, 0): margins 3, 7, 2, so γ = 2; R² = 7² + 1² (the folded 1 counts in R)"
checks.close(novikoff_bound(X, y, np.array([1.0, 0.0])), 12.5, sentence)
sentence = "u = (0.5, 0) names the same line: γ is a distance, divided by the length of u"
checks.close(novikoff_bound(X, y, np.array([0.5, 0.0])), 12.5, sentence)
sentence = "u = (1e-10, 0) is short, and still the same line: no margin is too small but 0"
checks.close(novikoff_bound(X, y, np.array([1e-10, 0.0])), 12.5, sentence)
sentence = "u = (4, 3): margins 15, 31, 5, length 5 with the bias, so γ = 1 and the bound is 50"
checks.close(novikoff_bound(X, y, np.array([4.0, 3.0])), 50.0, sentence)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(15)
X = np.column_stack([draw.normal(size=(31, 4)), np.ones(31)])
separator = np.array([1.0, -2.0, 0.5, 3.0, 0.25])
y = np.sign(X @ separator)
X[:, :4] += 0.2 * y[:, None] * separator[:4]  # room enough that rounding plays no part
u_size = sum(u * u for u in separator.tolist()) ** 0.5
x_size = max(sum(a * a for a in row) ** 0.5 for row in X.tolist())
nearest = min(abs(sum(a * u for a, u in zip(row, separator, strict=True))) for row in X)
expected = (x_size * u_size / nearest) ** 2
mirrored = -y, -7.0 * separator
checks.close(novikoff_bound(X, y, separator), expected, "31 random samples in 4 dimensions")
checks.close(novikoff_bound(X, *mirrored), expected, "labels and separator reversed")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_novikoff_bound_refuses", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
X = np.array([[1.0, 1.0], [3.0, 1.0]])
y = np.array([1, -1])
for u, sentence in (
    (np.array([1.0, 0.0]), "u = (1, 0): the second sample is on the wrong side, ValueError"),
    (np.array([-1.0, 1.0]), "u = (−1, 1): the first margin is 0, no room, ValueError"),
    (np.array([-1.0, 3.0]), "u = (−1, 3): the second margin is 0, whatever its label, ValueError"),
    (np.zeros(2), "u = 0 separates nothing, ValueError"),
):
    checks.raises(ValueError, novikoff_bound, X, y, u, sentence=sentence)
u = np.array([-1.0, 2.0])
checks.close(novikoff_bound(X, y, u.copy()), 50.0, "and this one separates: γ = 1/√5")
checks.unchanged(novikoff_bound, X, y, u)
### BEGIN HIDDEN TESTS
X, y = np.array([[0, 5, 1], [2, -5, 1], [0, 0, 1]]), np.array([1, -1, 1])
bad, good = np.array([0, 1, 0]), np.array([0, 2, 1])
checks.raises(ValueError, novikoff_bound, X, y, bad, sentence="integers: the last margin is 0")
checks.close(novikoff_bound(X, y, good), 150.0, "integers: γ = 1/√5, R² = 30")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `radius = np.linalg.norm(X[:, :-1], axis=1).max()`
# 2. `room = np.abs(X @ u).min() / norm(u)`
#
# <details><summary>Answers</summary>
#
# 1. One sample at the origin of feature space: $R = 0$, so "no mistake is ever made", yet $w = 0$
#    makes one at once.
# 2. Any $u$ that gets a sample wrong: the distance is there, but on the wrong side.
# </details>
#
# Zeros and ones, 360 pictures with 64 pixels: the bound depends on which separator $u$ we can name.
# *Commit first:* how many mistakes does Rosenblatt's rule make, on average over 100 orders?

# %%
my_guess = 180  # your number of mistakes

# %% tags=["demo"]
zero_or_one = digits.labels < 2
X = np.column_stack([digits.features[zero_or_one] / 16, np.ones(zero_or_one.sum())])
y = np.where(digits.labels[zero_or_one] == 0, -1, 1)
mistakes = []
for seed in range(100):
    order = np.random.default_rng(seed).permutation(len(y))
    w, history = perceptron_fit(X[order], y[order])
    mistakes.append(len(history) - 1)
spread = f"{np.mean(mistakes):.1f} ± {np.std(mistakes):.1f}, at most {max(mistakes)}"
print(f"your guess {my_guess}, measured {spread}")

wide = np.zeros(65)
for _ in range(5000):  # give way to whichever sample has the least room
    tightest = (y * (X @ wide)).argmin()
    wide = wide + y[tightest] * X[tightest]
bounds = {"the last w": novikoff_bound(X, y, w), "most room": novikoff_bound(X, y, wide)}
print("bounds:", {f"u = {name}": round(bound) for name, bound in bounds.items()})

figure, axes = plt.subplots(figsize=(6.5, 2.8))
axes.hist(mistakes, np.arange(-0.5, 80), label="measured, 100 orders")
sharp = bounds["most room"]
axes.axvline(sharp, color=plots.COLOURS[1], linestyle="--", label=f"bound: {sharp:.0f}")
axes.set(xlim=(0, 80), xlabel="mistakes until none is left", ylabel="orders")
axes.legend(loc="upper center")
plots.show(
    figure,
    alt="Histogram of the mistakes in 100 orders, all under twenty; far to the right a vertical "
    "line marks Novikoff's bound for the separator with most room.",
)

# %% [markdown]
# **What you should see.** About a dozen mistakes, never above the bound, and far below it. A bound
# holds for the worst order of the worst data with that room; yours was kinder. The $w$ that the
# rule itself ends with is a separator, too, but a tight one: its bound of thousands is true and
# useless. A better $u$ improves the promise, not the algorithm.
#
# The bound also says what to do *before* learning: make $R/\gamma$ small. The sepals again, now
# also in plain centimetres, five orders each. *Commit first:* by what factor do the mistakes shrink
# when the features are standardised?

# %%
my_guess = 2  # your factor

# %% tags=["demo"]
y = np.where(iris.labels[:100] == 0, -1, 1)
sepals = iris.features[:100, :2]
standardised = (sepals - sepals.mean(axis=0)) / sepals.std(axis=0)
counts = {}
for name, features in (("centimetres", sepals), ("standardised", standardised)):
    X = np.column_stack([features, np.ones(100)])
    orders = [np.random.default_rng(seed).permutation(100) for seed in range(5)]
    counts[name] = [len(perceptron_fit(X[order], y[order])[1]) - 1 for order in orders]
    print(f"{name:13} {np.mean(counts[name]):7.1f} ± {np.std(counts[name]):.1f} mistakes")
factor = np.mean(counts["centimetres"]) / np.mean(counts["standardised"])
print(f"your guess {my_guess}, measured {factor:.0f}")

# %% [markdown]
# **What you should see.** A factor of more than a hundred, for two lines of preparation. In
# centimetres all flowers lie far from the origin and in nearly the same direction: $R$ is large
# and $\gamma$ is tiny. This is why features are standardised in every week of this course.

# %% [markdown]
# ## 7 · Four points that stop it
#
# Everything so far leaned on postulate 3: *a line separates the classes*. Here are four points that
# no line separates, the *exclusive or*: the label is +1 when exactly one of the two inputs is on.
# *Commit first:* how many corrections does the rule make in 100 passes?

# %%
my_guess = 100  # your number

# %% tags=["demo"]
corners = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
exclusive_or = np.array([-1, 1, 1, -1])
X = np.column_stack([corners, np.ones(4)])
w, history = map(np.array, perceptron_fit(X, exclusive_or, epochs=100))
print(f"your guess {my_guess}, measured {len(history) - 1}; the first weights repeat:")
print(history[:5].astype(int).tolist())
try:
    novikoff_bound(X, exclusive_or, history[1])
except ValueError as error:
    print("and a bound? ValueError:", error)

X = np.column_stack([corners, corners[:, 0] * corners[:, 1], np.ones(4)])  # one more feature
w, history = map(np.array, perceptron_fit(X, exclusive_or))
print(f"with the product as a feature: {len(history) - 1} corrections, w = {w.astype(int)}")

figure, axes = plt.subplots(1, 2, figsize=(8, 3.3))
flat = np.column_stack([corners, np.ones(4)])
steps = perceptron_fit(flat, exclusive_or, epochs=1)[1]
plots.class_points(axes[0], corners, exclusive_or)
axes[0].set(title="no line will do", xlim=(-1.6, 1.6), ylim=(-1.6, 1.6))
for step, style in zip(steps[1:4], ("-", "--", ":"), strict=True):
    plots.decision_line(axes[0], step[:2], step[2], linestyle=style)
plots.class_points(axes[1], np.column_stack([corners[:, 0], X[:, 2]]), exclusive_or)
axes[1].set(title="one new feature", xlabel="$x_1$", ylabel="$x_1 x_2$", ylim=(-1.6, 1.6))
plots.decision_line(axes[1], np.array([0.0, w[2]]), w[3])
for panel in axes:
    panel.get_legend().remove()
plots.show(
    figure,
    alt="Left: the four points of exclusive or, with the lines the rule tries, none of which "
    "separates them. Right: drawn over the product of the inputs a horizontal line separates them.",
    caption="squares: exactly one input is on (+1); circles: none or both (−1)",
)

# %% [markdown]
# **What you should see.** Four corrections in every pass, and the weights are back where they were:
# the rule runs in a circle for ever. Minsky and Papert (1969) made this failure famous. One
# product as an additional feature, and the same rule is done after one pass. Somebody had to *think
# of* that product. A network with a hidden layer finds such features itself, from data: week 2 does
# it by hand, week 3 by learning.

# %% [markdown]
# ## 8 · Your turn: `numerical_gradient`
#
# *About 15 minutes · 2 points.* Rosenblatt's rule has no answer to data that overlap. The way out
# is a smooth loss and its gradient, and gradients derived by hand are wrong surprisingly often. So
# build the tool first that finds out. Move one entry of $x$ a little both ways, leave the others
# alone:
#
# $$\frac{\partial f}{\partial x_i} \approx \frac{f(x + h e_i) - f(x - h e_i)}{2h}.$$
#
# $x$ may have any shape, and the caller's array must not change, not even for a moment and not in
# the last digit: $(x + h) - h$ need not be $x$.
#
# <details><summary>Hint: my gradient is all zeros, or huge, for integer input</summary>
#
# An integer array swallows `+ 1e-5`. Work on a copy in `float64`.
# </details>
# <details><summary>Hint: it works for vectors, but not for a matrix</summary>
#
# `np.ndindex(x.shape)` runs through the index tuples of any shape.
# </details>


# %% nbgrader={"grade": false, "grade_id": "numerical_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def numerical_gradient(f, x, h=1e-5):
    """Estimate the gradient of f at x by central differences.

    Args:
        f: function of an array of x's shape, returns one number.
        x: array of any shape, of floats or integers. Not modified.
        h: step to each side.

    Returns:
        float64 array of the shape of x.
    """
    ### BEGIN SOLUTION
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_numerical_gradient_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.array([1.1, -2.0, 0.5])
close_enough = {"atol": 1e-8}
expected, coarse = 3 * x**2, 3 * x**2 + 0.25
got = numerical_gradient(lambda v: (v**3).sum(), x.copy(), h=0.5)
sentence = "h = 0.5: central differences of x³ give exactly 3x² + h²; forward ones 3x² + 3xh + h²"
checks.close(got, coarse, sentence)
got = numerical_gradient(lambda v: (v**3).sum(), x.copy())
checks.close(got, expected, "the default h: the gradient of Σ x³ is 3x²", **close_enough)
x = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
got = numerical_gradient(lambda v: v[0, 1] * v[2, 0], x)
expected = np.array([[0.0, 5.0], [0.0, 0.0], [2.0, 0.0]])
checks.close(got, expected, "a matrix: one entry at a time, and the others stay", **close_enough)
got = numerical_gradient(lambda v: float(v) ** 2, np.array(3.0))
checks.close(got, np.array(6.0), "any shape: also (), a single number", **close_enough)
got = numerical_gradient(lambda v: v[0, 1, 0] ** 2, np.ones((1, 2, 2)))
expected = np.array([[[0.0, 0.0], [2.0, 0.0]]])
checks.close(got, expected, "any shape: also three axes", **close_enough)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(16)
A, x = draw.normal(size=(3, 4)), draw.normal(size=(4, 5))
expected = 2 * A.T @ (A @ x)
got = numerical_gradient(lambda v: ((A @ v) ** 2).sum(), x)
checks.close(got, expected, "a matrix of shape (4, 5)", atol=1e-7)
x = draw.normal(size=(2, 1, 3))
expected = np.cos(x)
got = numerical_gradient(lambda v: np.sin(v).sum(), x, h=1e-4)
checks.close(got, expected, "three axes, another step", atol=1e-7)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_numerical_gradient_care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.array([0.1, 0.7, 1.3])
checks.unchanged(numerical_gradient, lambda v: (v**2).sum(), x)
got = numerical_gradient(lambda v: (v**2).sum(), np.array([3, -4]))
checks.close(got, np.array([6.0, -8.0]), "integers come in, float64 goes out", atol=1e-8)
checks.dtype(got, np.float64, "the gradient is float64")
got = numerical_gradient(lambda v: float(v.sum()), np.float32([2.0, 3.0]))
sentence = "float32 comes in: work in float64, or the step drowns in rounding"
checks.close(got, np.array([1.0, 1.0]), sentence, atol=1e-8)
### BEGIN HIDDEN TESTS
x = np.arange(6).reshape(2, 3)
got = numerical_gradient(lambda v: (v * v).sum() / 2, x)
checks.close(got, np.arange(6.0).reshape(2, 3), "a matrix of integers", atol=1e-8)
x = np.full((3, 1), 1e4)
got = numerical_gradient(lambda v: v[0, 0] * v[1, 0] * 1e-4, x)
checks.close(got, np.array([[1.0], [1.0], [0.0]]), "large entries", atol=1e-5)
checks.unchanged(numerical_gradient, lambda v: v.sum(), np.array([[0.3, 1e-9], [7.1, -0.1]]))
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `(f(x + step) - f(x)) / h`
# 2. `x[i] += h; up = f(x); x[i] -= 2 * h; down = f(x); x[i] += h`
#
# <details><summary>Answers</summary>
#
# 1. Anything curved: the error falls with $h$ only, not with $h^2$.
# 2. $x = 0.7$: after the round trip the last digit may differ, and the caller's data drift.
#    Integers fare worse: 3 + h is cut to 3, then 3 − 2h to 2, and 2 it stays.
# </details>
#
# How small should $h$ be? *Commit first:* which power of ten gives central differences their
# smallest error, here for the logistic loss at the margin 0.7?

# %%
my_guess = -12  # your exponent

# %% tags=["demo"]
exponents = np.arange(-14.0, 0.0)
exact = -1 / (1 + np.exp(0.7))
at = np.array([0.7])


def curve(v):
    return float(np.log1p(np.exp(-v)).sum())


errors = {"forward": [], "central": []}
for h in 10.0**exponents:
    errors["central"].append(abs(numerical_gradient(curve, at, h)[0] - exact))
    errors["forward"].append(abs((curve(at + h) - curve(at)) / h - exact))
best = int(exponents[np.argmin(errors["central"])])
print(f"your guess {my_guess}, measured {best}")

figure, axes = plt.subplots(figsize=(6, 3.3))
for name, marker in (("forward", "s"), ("central", "o")):
    axes.loglog(10.0**exponents, errors[name], marker=marker, label=name)
axes.set(xlabel="step h", ylabel="error of the derivative")
axes.legend()
plots.show(
    figure,
    alt="Error of forward and central differences over the step on two logarithmic axes: two "
    "valleys. The central one is deeper and its lowest point lies at a larger step.",
)

# %% [markdown]
# **What you should see.** Two valleys. From the right the error falls as $h$ (forward) and $h^2$
# (central: twice as steep); from the left rounding rises as $1/h$, because two nearly equal
# numbers are subtracted. Smaller is not better: with $h = 10^{-5}$ central differences keep about
# eleven digits.

# %% [markdown]
# ### From counting mistakes to weighing evidence
#
# Take the score as evidence: $P(y \mid x) = \sigma(y\,w^\top x)$ with $\sigma(m) = 1/(1 +
# e^{-m})$. The mean negative log-likelihood of the labels is a smooth relative of the criterion,
#
# $$L(w) = \frac{1}{N}\sum_n \ln\bigl(1 + e^{-m_n}\bigr), \qquad m_n = y_n\,w^\top x_n.$$
#
# *As written* it breaks on a computer. The exact value at $m = -10^4$ is $10^4$, to all printed
# digits:

# %% tags=["demo", "nbval-check-output"]
with np.errstate(over="ignore"):
    for m in (-10.0, -1e4):
        print(f"margin {m:8.0f}   ln(1 + exp(-m)) = {np.log(1 + np.exp(-m))}")

# %% [markdown]
# ## 9 · Your turn: `logistic_loss_and_gradient`
#
# *About 20 minutes · 3 points.* Derive $\nabla L$ on paper first; use $\frac{d}{dm} \ln(1 +
# e^{-m}) = -\sigma(-m)$. Then write both, without the overflow, and let central differences judge.
#
# A second trap makes no noise at all: labels {0, 1}. A label 0 makes the margin 0 whatever $w$ is,
# so the sample pays $\ln 2$ for ever and teaches nothing. Check the labels and raise a ValueError.
#
# <details><summary>Hint: what do I use in place of log(1 + exp(a))?</summary>
#
# $\ln(1 + e^a) = \ln(e^0 + e^a)$, and NumPy has `np.logaddexp`. It gives a safe $\ln \sigma$, too.
# </details>
# <details><summary>Hint: my gradient has the shape (N, D), or the wrong sign</summary>
#
# Chain rule: the derivative by $m_n$, times $y_n$, times $x_n$, then the mean over the samples. At
# a wrong sample a step *against* the gradient must raise the margin.
# </details>


# %% nbgrader={"grade": false, "grade_id": "logistic_loss_and_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def logistic_loss_and_gradient(w, X, y):
    """Logistic loss and its gradient, averaged over the samples.

    Args:
        w: weights, float64 array of shape (D,).
        X: samples in rows, array of shape (N, D), its last column all 1.
        y: labels -1 or +1, array of shape (N,).

    Returns:
        loss: the mean loss, one number; finite for any finite scores.
        gradient: the loss's gradient, array of shape (D,).

    Raises:
        ValueError: a label is neither -1 nor +1.
    """
    ### BEGIN SOLUTION
    if not np.isin(y, (-1, 1)).all():
        raise ValueError("labels must be -1 or +1; turn {0, 1} into them by 2 * y - 1")
    margins = y * (X @ w)
    loss = np.logaddexp(0.0, -margins).mean()
    doubt = np.exp(-np.logaddexp(0.0, margins))  # σ(−m), without overflow
    gradient = -(doubt * y) @ X / len(y)
    return loss, gradient
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_logistic_loss_and_gradient_loss", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
X = np.array([[1.0, 1.0], [3.0, 1.0], [-2.0, 1.0]])
y = np.array([1, -1, 1])
w = np.array([np.log(2.0), 0.0])
got_loss, got_gradient = logistic_loss_and_gradient(np.zeros(2), X, y)
checks.close(got_loss, np.log(2.0), "under w = 0 every sample costs ln 2, and so does the mean")
got_loss, got_gradient = logistic_loss_and_gradient(w, X, y)
sentence = "margins ln 2, −3 ln 2, −2 ln 2: the mean of ln 3/2, ln 9, ln 5 (natural logarithms)"
checks.close(got_loss, np.log(67.5) / 3, sentence)
labels = np.array([1, 0, 1])
sentence = "labels {0, 1} in a loss for −1 and +1 must raise ValueError"
checks.raises(ValueError, logistic_loss_and_gradient, w, X, labels, sentence=sentence)
soft = np.array([1.0, -1.0, 0.5])
sentence = "one label 0.5 among good ones: look at every label, as it is (no int, no range)"
checks.raises(ValueError, logistic_loss_and_gradient, w, X, soft, sentence=sentence)
checks.unchanged(logistic_loss_and_gradient, w, X, y)
### BEGIN HIDDEN TESTS
from sklearn.metrics import log_loss as oracle_log_loss

draw = np.random.default_rng(17)
X, y = draw.normal(size=(41, 6)), draw.choice([-1.0, 1.0], size=41)
w = draw.normal(size=6)
expected = oracle_log_loss(y, 1 / (1 + np.exp(-(X @ w))))
one, twos = (X[3:4].copy(), y[3:4].copy()), 2 * y
single = float(np.log1p(np.exp(-y[3] * (X[3] @ w))))
checks.close(logistic_loss_and_gradient(w, X, y)[0], expected, "41 random samples")
checks.close(logistic_loss_and_gradient(w, *one)[0], single, "a batch of one")
checks.raises(ValueError, logistic_loss_and_gradient, w, X, twos, sentence="labels −2 and 2")
twos[:-1] = 1.0
twos[-1] = 1.5
checks.raises(ValueError, logistic_loss_and_gradient, w, X, twos, sentence="one label 1.5")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_logistic_loss_and_gradient_gradient", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
X = np.array([[1.0, 1.0], [3.0, 1.0], [-2.0, 1.0]])
y = np.array([1, -1, 1])
got_loss, got_gradient = logistic_loss_and_gradient(np.zeros(2), X, y)
sentence = "under w = 0: minus half the mean of y·x; both weight and bias"
checks.close(got_gradient, np.array([4.0 / 6, -1.0 / 6]), sentence)
w = np.array([0.3, -0.8])
got_loss, got_gradient = logistic_loss_and_gradient(w, X, y)
sentence = "the gradient of your loss, by central differences"
checks.gradient(lambda v: logistic_loss_and_gradient(v, X, y)[0], w, got_gradient, sentence)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(18)
X, y = draw.normal(size=(29, 4)), draw.choice([-1, 1], size=29)
w = draw.normal(size=4)
expected = np.zeros(4)
for row, label in zip(X, y, strict=True):
    wanted = label * sum(a * b for a, b in zip(w, row, strict=True))
    expected = expected - label * row / (1 + np.exp(wanted)) / 29
checks.close(logistic_loss_and_gradient(w, X, y)[1], expected, "29 random samples")
X = np.array([[2, 1], [-5, 1]])
got_gradient = logistic_loss_and_gradient(np.zeros(2), X, np.array([1, -1]))[1]
checks.close(got_gradient, np.array([-3.5 / 2, 0.0]), "integers")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_logistic_loss_and_gradient_extremes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
X = np.array([[1e4, 1.0], [-1e4, 1.0]])
w, y = np.array([1.0, 0.0]), np.array([1, 1])
got_loss, got_gradient = logistic_loss_and_gradient(w, X, y)
sentence = "margins 10⁴ and −10⁴ cost 0 and 10⁴: e¹⁰⁰⁰⁰ overflows, np.logaddexp does not"
checks.close(got_loss, 5000.0, sentence)
sentence = "only the wrong sample pulls: minus half its y·x, and no NaN"
checks.close(got_gradient, np.array([5000.0, -0.5]), sentence)
got_loss, got_gradient = logistic_loss_and_gradient(np.array([12.0]), np.ones((1, 1)), np.ones(1))
sentence = "margin 12 still costs e⁻¹²: the formula holds everywhere, nothing is cut off"
checks.close(got_loss, np.log1p(np.exp(-12.0)), sentence, atol=1e-12)
### BEGIN HIDDEN TESTS
X = np.array([[800.0, 0.0, 1.0], [0.0, -2e4, 1.0], [0.0, 0.0, 1.0]])
y, w = np.array([-1, 1, -1]), np.array([1.0, 1.0, 0.0])
expected = ((800.0 + 2e4 + np.log(2.0)) / 3, np.array([800.0, 2e4, 0.5]) / 3)
checks.close(logistic_loss_and_gradient(w, X, y), expected, "scores 800, −20000 and 0")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `-(y * np.log(p) + (1 - y) * np.log(1 - p))`
# 2. `margins.clip(-30, 30)` before the exponential
# 3. `np.exp(-m) / (1 + np.exp(-m))` for the doubt
#
# <details><summary>Answers</summary>
#
# 1. Any label −1: the formula is for labels 0 and 1 and turns negative.
# 2. Margin −1000: the loss stays at 30 and the samples that are most wrong stop teaching.
# 3. Margin −1000: infinity by infinity is NaN.
# </details>
#
# Now both losses side by side, as functions of one sample's margin. *Commit first:* what does the
# logistic loss charge a sample that lies exactly on the line?

# %%
my_guess = 0.0  # your number

# %% tags=["demo"]
one = np.ones(1)
grid = np.linspace(-4, 4, 801)
curves = {
    "mistake (0 or 1)": (grid <= 0).astype(float),
    "perceptron": [perceptron_criterion(one * m, np.ones((1, 1)), one) for m in grid],
    "logistic": [logistic_loss_and_gradient(one * m, np.ones((1, 1)), one)[0] for m in grid],
}
print(f"your guess {my_guess}, measured {curves['logistic'][400]:.3f}")
figure, axes = plt.subplots(figsize=(6, 3.2))
for name, values in curves.items():
    axes.plot(grid, values, label=name)
axes.set(xlabel="margin y wᵀx", ylabel="loss of one sample")
axes.legend()
plots.show(
    figure,
    alt="Loss over the margin: mistakes jump from one to zero; the perceptron's loss falls in a "
    "straight line to zero at margin zero; the logistic loss falls smoothly and stays above it.",
)

# %% [markdown]
# **What you should see.** ln 2 = 0.693 on the line, and still something to the right of it: being
# right is not enough, the logistic loss wants to be right by a distance. So $w = 0$ is no minimum
# any longer, and samples that overlap settle for a compromise where Rosenblatt's rule never rests.

# %% [markdown]
# ## 10 · Your turn: `gradient_descent`
#
# *About 10 minutes · 2 points.* Walk downhill: $w \leftarrow w - \eta\,\nabla L(w)$, with the
# learning rate $\eta$, `steps` times. Keep the loss at every place where you stood: the start, and
# after each step.
#
# <details><summary>Hint: my losses are one short</summary>
#
# After the last step you stand somewhere new, and that place has a loss too.
# </details>


# %% nbgrader={"grade": false, "grade_id": "gradient_descent", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gradient_descent(loss_and_gradient, start, learning_rate, steps):
    """Minimise a function by steps against its gradient.

    Args:
        loss_and_gradient: function of w, returns (loss, gradient of w's shape).
        start: first w, array of any shape, of floats or integers. Not modified.
        learning_rate: the factor η of the gradient.
        steps: how many steps are taken.

    Returns:
        w: where the last step led, array of the shape of start.
        losses: array of shape (steps + 1,): at the start, then after each step.
    """
    ### BEGIN SOLUTION
    w = start
    loss, gradient = loss_and_gradient(w)
    losses = [loss]
    for _ in range(steps):
        w = w - learning_rate * gradient
        loss, gradient = loss_and_gradient(w)
        losses.append(loss)
    return w, np.array(losses)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_gradient_descent_path", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def bowl(w):
    return float((w**2 * np.array([1.0, 4.0])).sum() / 2), w * np.array([1.0, 4.0])


start = np.array([8.0, 2.0])
w, losses = gradient_descent(bowl, start.copy(), 0.5, 1)
checks.close(w, np.array([4.0, -2.0]), "from (8, 2), where the gradient is (8, 8): one step down")
w, losses = gradient_descent(bowl, start.copy(), 0.5, 3)
checks.close(w, np.array([1.0, -2.0]), "three steps: (4, −2), (2, 2), (1, −2)")
checks.shape(gradient_descent(bowl, np.zeros(2), 0.5, 4)[1], (5,), "at the minimum, too: all steps")
w, losses = gradient_descent(bowl, np.array([3, 1]), 0.5, 1)
checks.close(w, np.array([1.5, -1.0]), "a start of integers: `w -= …` has no room for fractions")
checks.unchanged(gradient_descent, bowl, start, 0.5, 3)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(19)
A, start = draw.normal(size=(5, 3)), draw.normal(size=(3, 2))
w = start.copy()
for _ in range(17):
    w = w - 0.03 * (A.T @ A @ w)
got, losses = gradient_descent(lambda v: (((A @ v) ** 2).sum() / 2, A.T @ A @ v), start, 0.03, 17)
checks.close(got, w, "17 steps with weights of shape (3, 2)")
got, losses = gradient_descent(bowl, np.array([3, 1]), 0.1, 1)
checks.close(got, np.array([2.7, 0.6]), "an integer start")
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "test_gradient_descent_losses", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def slope(w):
    return 3.0 * w[0] + 1.0, np.array([3.0])


w, losses = gradient_descent(slope, np.array([5.0]), 1.0, 2)
sentence = "f = 3w + 1 from 5: w = 5, 2, −1, so losses 16, 7, −2: the start and both steps count"
checks.close(losses, np.array([16.0, 7.0, -2.0]), sentence)
w, losses = gradient_descent(slope, np.array([5.0]), 1.0, 0)
checks.close(losses, np.array([16.0]), "no step: the loss at the start alone")
checks.close(w, np.array([5.0]), "no step: w is the start")
w, losses = gradient_descent(lambda v: (v[0] ** 2, 2 * v), np.array([1.0]), 1.5, 3)
sentence = "f = w² with η = 1.5: every step doubles |w|, and all steps are taken all the same"
checks.close(losses, np.array([1.0, 4.0, 16.0, 64.0]), sentence)
checks.close(w, np.array([-8.0]), "w is where the last step led, not the best place on the way")
### BEGIN HIDDEN TESTS
place = np.array([2.0, -1.0])
expected = [(place**2).sum()]
for _ in range(9):
    place = place * 0.5
    expected.append((place**2).sum())
w, losses = gradient_descent(lambda v: ((v**2).sum(), 2 * v), np.array([2.0, -1.0]), 0.25, 9)
checks.close(losses, np.array(expected), "nine steps in a round bowl: each halves w")
losses = gradient_descent(lambda v: (v[0] ** 2, 2 * v), np.array([1.0]), 1.5, 12)[1]
checks.shape(losses, (13,), "twelve steps uphill: all are taken")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `start -= learning_rate * gradient`
# 2. the gradient computed once, before the loop
#
# <details><summary>Answers</summary>
#
# 1. Call it twice with the same start: the second run begins where the first ended; an integer
#    start raises.
# 2. Any curved function, two steps: the second step goes in the direction of the first.
# </details>
#
# Tumours again, all 30 standardised measurements. *Commit first:* which learning rate reaches the
# smallest loss in 100 steps: 0.01, 1 or 100?

# %%
my_guess = 0.01  # your pick

# %% tags=["demo"]
features = (tumours.features - tumours.features.mean(axis=0)) / tumours.features.std(axis=0)
X = np.column_stack([features, np.ones(len(features))])
y = np.where(tumours.labels == 0, 1, -1)
curves = {}
for rate in (0.01, 1.0, 100.0):
    learn = functools.partial(logistic_loss_and_gradient, X=X, y=y)
    curves[rate] = gradient_descent(learn, np.zeros(31), rate, 100)[1]
best = min(curves, key=lambda rate: curves[rate][-1])
print(f"your guess {my_guess}, measured {best}")
print("after 100 steps:", {rate: round(float(losses[-1]), 3) for rate, losses in curves.items()})

figure, axes = plt.subplots(figsize=(6, 3.2))
for rate, losses in curves.items():
    axes.semilogy(losses, label=f"η = {rate:g}")
axes.set(xlabel="step", ylabel="logistic loss")
axes.legend()
plots.show(
    figure,
    alt="Logistic loss over 100 steps for three learning rates: 0.01 falls slowly, 1 falls fast "
    "and stays lowest, 100 jumps up tenfold first and needs all its steps to come down again.",
)

# %% [markdown]
# **What you should see.** 0.01 is safe and slow. 100 overshoots: its first step throws the loss up
# by a factor of ten, and the other 99 do not make up for it. Nothing here is random: data, start
# and steps are fixed, so one run is enough. Week 7 finds out where the border lies.

# %% [markdown]
# ## 11 · Your turn: `train_val_test_split`
#
# *About 20 minutes · 3 points.* So far every number was measured on the data that were learnt.
# That measures memory. To learn how good a model is on what comes next (postulate 1), keep data
# back: the **training** part fits weights, the **validation** part picks between models, the
# **test** part is looked at once, at the very end.
#
# The split is *stratified*: every class $c$ with $n_c$ samples is shuffled and gives $\lfloor v\,
# n_c \rfloor$ samples to validation, $\lfloor t\, n_c \rfloor$ to test (exactly `int(v * n_c)` and
# `int(t * n_c)`), all others to training. Draw from `np.random.default_rng(seed)` and nothing else: a
# function that sets a global seed changes the results of everybody who draws after it. Make that
# generator once: one made anew for every class cuts classes of equal size in the same places.
#
# <details><summary>Hint: how do I find the members of one class?</summary>
#
# `np.unique(labels)` names the classes, whatever they are called; `np.flatnonzero(labels == name)`
# says where a class is.
# </details>
# <details><summary>Hint: two seeds give the same parts</summary>
#
# Are the members shuffled *before* they are cut?
# </details>


# %% nbgrader={"grade": false, "grade_id": "train_val_test_split", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_val_test_split(labels, validation=0.2, test=0.2, seed=0):
    """Split samples into three parts, class by class, at random.

    Args:
        labels: the class of each sample, array of shape (N,) of integers or strings, N >= 1.
        validation: share v of each class for validation, rounded down to whole samples.
        test: share t of each class for testing, rounded down to whole samples.
        seed: seed of the generator; the same seed gives the same parts.

    Returns:
        Three integer arrays of indices: training, validation, test. Each index 0 ... N - 1
        occurs in exactly one of them; their order is up to you.

    Raises:
        ValueError: a share is negative, or v + t >= 1 leaves nothing to train on.
    """
    ### BEGIN SOLUTION
    if validation < 0 or test < 0 or validation + test >= 1:
        raise ValueError("shares must not be negative, and v + t must be less than 1")
    generator = np.random.default_rng(seed)
    parts = ([], [], [])
    for label in np.unique(labels):
        members = generator.permutation(np.flatnonzero(labels == label))
        first = int(validation * len(members))
        second = first + int(test * len(members))
        parts[0].append(members[second:])
        parts[1].append(members[:first])
        parts[2].append(members[first:second])
    return tuple(np.concatenate(part) for part in parts)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_train_val_test_split_covers", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
labels = np.array(["owl", "cat"] * 20 + ["dog"] * 10)
parts = train_val_test_split(labels)
checks.equal(len(parts), 3, "three parts: training, validation, test")
sizes = [len(part) for part in parts]
checks.equal(sizes, [30, 10, 10], "50 samples at 0.2 and 0.2: training, validation, test")
together = np.sort(np.concatenate([np.array(part) for part in parts]))
checks.close(together, np.arange(50), "each index in exactly one part: disjoint, nothing lost")
for shares in ((-0.1, 0.2), (0.2, -0.1), (0.5, 0.5), (0.8, 0.9)):
    sentence = f"shares {shares}: negative, or nothing left to train on, ValueError"
    checks.raises(ValueError, train_val_test_split, labels, *shares, sentence=sentence)
empty = train_val_test_split(labels, 0.0, 0.2)[1]
checks.equal(len(empty), 0, "a share of 0 is allowed: the validation part is empty")
checks.dtype(empty, np.integer, "empty, but of integers (np.array([]) is of floats): dtype=int")
### BEGIN HIDDEN TESTS
labels = np.random.default_rng(20).choice(np.array(["cat", "dog", "owl"]), size=101)
for seed in range(3):
    parts = train_val_test_split(labels, 0.3, 0.15, seed)
    together = np.sort(np.concatenate([np.array(part) for part in parts]))
    checks.close(together, np.arange(101), "101 samples of three classes with names")
parts = train_val_test_split(labels, validation=0.0, test=0.25)
checks.equal(len(parts[1]), 0, "a share of 0 gives an empty validation part")
parts = train_val_test_split(labels, validation=0.25, test=0.0)
checks.equal(len(parts[2]), 0, "a share of 0 gives an empty test part")
checks.dtype(parts[2], np.integer, "an empty part holds integers, too: it is used as an index")
checks.equal(len(train_val_test_split(np.array([4]))[0]), 1, "a single sample trains")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_train_val_test_split_strata", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
labels = np.array([7, 3, 3] * 15)
train, val, test = train_val_test_split(labels.copy(), validation=0.25, test=0.5, seed=1)
class_sizes = [[int((labels[part] == c).sum()) for c in (3, 7)] for part in (train, val, test)]
sentence = "30 of class 3 and 15 of class 7 at ¼ and ½: rounded down per class, the rest trains"
checks.equal(class_sizes, [[8, 5], [7, 3], [15, 7]], sentence)
train, val, test = train_val_test_split(np.array([0] * 95 + [1] * 5), seed=3)
rare = [int((np.array(part) >= 95).sum()) for part in (train, val, test)]
checks.equal(rare, [3, 1, 1], "95 and 5: the rare class is in every part, by its share")
### BEGIN HIDDEN TESTS
labels = np.random.default_rng(21).integers(-2, 3, size=83)
expected = []
for c in range(-2, 3):
    n = sum(label == c for label in labels.tolist())
    expected.append([n - n * 3 // 8 - n // 8, n * 3 // 8, n // 8])
parts = train_val_test_split(labels.copy(), 0.375, 0.125, seed=5)
counts = [[int((labels[part] == c).sum()) for part in parts] for c in range(-2, 3)]
checks.equal(counts, expected, "five classes of odd sizes, three eighths and one eighth")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_train_val_test_split_seeded", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
labels = np.array([0] * 30 + [1] * 30)
runs = [[np.sort(part) for part in train_val_test_split(labels, seed=s)] for s in (0, 0, 1, 2)]
checks.close(runs[0], runs[1], "the same seed, the same split")
different = {tuple(np.array(run[2]).tolist()) for run in (runs[0], runs[2], runs[3])}
checks.equal(len(different), 3, "three seeds, three different test parts")
chosen = np.zeros(60, dtype=int)
for seed in range(100):
    chosen[train_val_test_split(labels, seed=seed)[2]] += 1
sentence = "100 seeds: every sample is tested sometimes, none always (shuffle within each class)"
checks.true(bool(chosen.min() > 0 and chosen.max() < 60), sentence)
test = np.sort(train_val_test_split(labels, 0.2, 0.4, seed=1)[2])
alike = np.array_equal(test[:12], test[12:] - 30)
checks.true(not alike, "the generator is made once: each class has its own order")
checks.forbids(train_val_test_split, "np.random.seed", "np.random.set_state", "random")
checks.unchanged(train_val_test_split, labels)
### BEGIN HIDDEN TESTS
chosen = np.zeros((3, 24), dtype=int)
labels = np.array(["b", "a", "b"] * 8)
for seed in range(200, 260):
    for row, part in enumerate(train_val_test_split(labels, 0.25, 0.25, seed)):
        chosen[row, part] += 1
sentence = "60 seeds: every sample comes into every part"
checks.true(bool(chosen.min() > 0 and chosen[1:].max() < 40), sentence)
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. cut first, shuffle each part afterwards
# 2. shuffle all, cut at 60 % and 80 %
# 3. `seed` never used
#
# <details><summary>Answers</summary>
#
# 1. Sorted data, such as iris: the test part is the same flowers for every seed.
# 2. 95 samples of one class and 5 of another: every so often the test part has none of
#    the rare ones.
# 3. Call it twice.
# </details>
#
# Why three parts? Fit polynomials to 20 noisy points of a sine. *Commit first:* which of the
# degrees 1, 3 and 11 passes closest to the points it was fitted to?

# %%
my_guess = 3  # your degree

# %% tags=["demo"]
draw = np.random.default_rng(seed=3)
x = draw.uniform(0, 1, size=20)
t = np.sin(2 * np.pi * x) + draw.normal(scale=0.25, size=20)
fits = {d: np.polynomial.Polynomial.fit(x, t, d, domain=[0, 1]) for d in (1, 3, 11)}
distance = {d: float(np.sqrt(((fit(x) - t) ** 2).mean())) for d, fit in fits.items()}
print(f"your guess {my_guess}, measured {min(distance, key=distance.get)}")
print({d: round(value, 3) for d, value in distance.items()})

sheet = np.linspace(0, 1, 200)
figure, axes = plt.subplots(figsize=(6.5, 3.4))
axes.plot(sheet, np.sin(2 * np.pi * sheet), color="#BBBBBB", linewidth=5, label="truth")
for degree, fit in fits.items():
    axes.plot(sheet, fit(sheet), label=f"degree {degree}")
axes.plot(x, t, "o", color="black", label="data")
axes.set(xlabel="x", ylabel="t", ylim=(-2, 2))
axes.legend(ncols=2)
plots.show(
    figure,
    alt="Twenty noisy points of a sine with three polynomials: a straight line misses the shape, "
    "degree 3 follows the truth, degree 11 passes nearer the points and swings between them.",
)

# %% [markdown]
# **What you should see.** Degree 11 is nearest to the points and furthest from the truth; the
# straight line can't bend. Is that luck of this draw? Repeat it with 50 data sets. *Commit first:*
# which degree from 0 to 11 is typically best on new data?

# %%
my_guess = 11  # your degree

# %% tags=["demo"]
degrees = np.arange(12)
sheet = np.linspace(0, 1, 200)


def polynomials(places):
    """Column k holds a polynomial of degree k (Legendre's: the fit is as with 1, x, x², …)."""
    return np.polynomial.legendre.legvander(2 * places - 1, 11)


every_column = polynomials(sheet)
errors = np.empty((3, 50, len(degrees)))  # training, 5-fold cross-validation, truth
for seed in range(50):
    draw = np.random.default_rng(seed)
    x = draw.uniform(0, 1, size=20)
    t = np.sin(2 * np.pi * x) + draw.normal(scale=0.25, size=20)
    folds = np.array_split(draw.permutation(20), 5)
    columns = polynomials(x)
    for degree in degrees:
        at_x, at_sheet = columns[:, : degree + 1], every_column[:, : degree + 1]
        fit = np.linalg.lstsq(at_x, t)[0]
        held_out = []
        for fold in folds:
            rest = np.delete(np.arange(20), fold)
            part = np.linalg.lstsq(at_x[rest], t[rest])[0]
            held_out.append(((at_x[fold] @ part - t[fold]) ** 2).mean())
        truth = ((at_sheet @ fit - np.sin(2 * np.pi * sheet)) ** 2).mean() + 0.25**2
        errors[:, seed, degree] = ((at_x @ fit - t) ** 2).mean(), np.mean(held_out), truth
errors = np.sqrt(errors)
low, typical, high = np.quantile(errors, (0.25, 0.5, 0.75), axis=1)
print(f"your guess {my_guess}, measured {typical[2].argmin()}")
for row, name in ((0, "training error"), (1, "cross-validation")):
    picked = errors[2, np.arange(50), errors[row].argmin(axis=1)]
    middle = np.quantile(picked, (0.25, 0.5, 0.75))
    print(f"new-data error of the degree picked by {name}: {middle.round(2)} (quartiles)")

# %% tags=["demo"]
figure, axes = plt.subplots(figsize=(6.5, 3.6))
for row, name in enumerate(("training", "5-fold cross-validation", "new data (truth)")):
    (line,) = axes.semilogy(degrees, typical[row], marker="os^"[row], label=name)
    axes.fill_between(degrees, low[row], high[row], color=line.get_color(), alpha=0.15)
axes.set(xlabel="degree of the polynomial", ylabel="root mean square error", ylim=(0.1, 5))
axes.set_yticks((0.1, 0.2, 0.5, 1, 2, 5), labels=("0.1", "0.2", "0.5", "1", "2", "5"))
axes.minorticks_off()
axes.legend()
plots.show(
    figure,
    alt="Error over the polynomial's degree, median and quartiles of 50 data sets: training error "
    "always falls; errors on held-out and on new data fall until degree 3 and rise after it.",
)

# %% [markdown]
# **What you should see.** The training error falls for ever; on new data degree 3 is best, below
# it the model is too stiff (*under-fitting*), beyond it the polynomial learns the noise
# (*over-fitting*). The training curve alone would have you choose 11. **Cross-validation** splits
# the 20 points into five *folds*, fits on four, measures on the fifth, five times over. It needs
# no truth and finds the valley: compare the two printed lines. Each band holds the middle half of
# the data sets.

# %% [markdown]
# ## 12 · Your turn: `confusion_matrix`
#
# *About 10 minutes · 2 points.* One number can't say *how* a classifier errs. The confusion matrix
# can: entry $(i, j)$ counts the samples of class $i$ that were taken for class $j$. **Rows are the
# truth, columns the prediction.** (Some books have it the other way round: always look.)
#
# <details><summary>Hint: some counts are too small</summary>
#
# `matrix[truth, prediction] += 1` adds 1 once where a pair occurs several times: NumPy reads all,
# then writes all. `np.add.at` adds each time; `np.bincount` counts.
# </details>


# %% nbgrader={"grade": false, "grade_id": "confusion_matrix", "locked": false, "schema_version": 3, "solution": true, "task": false}
def confusion_matrix(truth, prediction, classes):
    """Count which class was taken for which.

    Args:
        truth: the true classes, shape (N,), values 0 ... classes - 1, of any integer dtype;
            N may be 0.
        prediction: the predicted classes, likewise.
        classes: the number C of classes, whether or not all of them occur.

    Returns:
        Integer array of shape (C, C); rows are true, columns predicted classes.
    """
    ### BEGIN SOLUTION
    matrix = np.zeros((classes, classes), dtype=int)
    np.add.at(matrix, (truth, prediction), 1)
    return matrix
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_confusion_matrix_counts", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
got = confusion_matrix(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 0]), 3)
sentence = "rows are the truth, columns the prediction: a 0 was called 1, and a 2 was called 0"
checks.close(got, np.array([[1, 1, 0], [0, 1, 0], [1, 0, 0]]), sentence)
truth = np.array([0, 0, 1, 2, 2, 2, 2])
prediction = np.array([0, 1, 1, 0, 0, 2, 0])
got = confusion_matrix(truth, prediction, 3)
sentence = "the pair (2, 0) occurs three times and counts three (`matrix[i, j] += 1` adds it once)"
checks.close(got, np.array([[1, 1, 0], [0, 1, 0], [3, 0, 1]]), sentence)
checks.dtype(got, np.integer, "counts are integers")
many = np.ones(300, dtype=int)
got = confusion_matrix(many, many, 2)
checks.close(got, np.array([[0, 0], [0, 300]]), "300 times the same: 8 bits cannot count it")
checks.unchanged(confusion_matrix, truth, prediction, 3)
### BEGIN HIDDEN TESTS
from sklearn.metrics import confusion_matrix as oracle

draw = np.random.default_rng(22)
truth, prediction = draw.integers(0, 5, size=(2, 97))
expected = oracle(truth, prediction, labels=range(5))
checks.close(confusion_matrix(truth, prediction, 5), expected, "97 samples, five classes")
many = np.ones(70_000, dtype=int)
expected = np.array([[0, 0], [0, 70_000]])
checks.close(confusion_matrix(many, many, 2), expected, "70,000 samples of one class")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_confusion_matrix_absent", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
got = confusion_matrix(np.array([0, 2]), np.array([2, 2]), 4)
expected = np.array([[0, 0, 1, 0], [0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]])
checks.close(got, expected, "classes 1 and 3 never occur and keep their rows and columns of zeros")
got = confusion_matrix(np.array([1]), np.array([0]), 2)
checks.close(got, np.array([[0, 0], [1, 0]]), "a batch of one")
few = np.array([19], dtype=np.uint8)
expected = np.zeros((20, 20), dtype=int)
expected[19, 19] = 1
checks.close(confusion_matrix(few, few, 20), expected, "20 classes, labels stored as uint8")
none = np.array([], dtype=int)
checks.close(confusion_matrix(none, none, 2), np.zeros((2, 2), dtype=int), "no samples, no counts")
### BEGIN HIDDEN TESTS
from sklearn.metrics import confusion_matrix as oracle

truth, prediction = np.array([3] * 9 + [1] * 4), np.array([0] * 6 + [3] * 7)
expected = oracle(truth, prediction, labels=range(7))
checks.close(confusion_matrix(truth, prediction, 7), expected, "four of seven classes never occur")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `classes = truth.max() + 1` inside
# 2. `matrix[truth, prediction] += 1`
# 3. indices exchanged
#
# <details><summary>Answers</summary>
#
# 1. A test set without the last class.
# 2. Any pair that occurs twice.
# 3. Any matrix that is not symmetric: recall and precision then change places, and nobody gets an
#    error.
# </details>
#
# Iris again, 40 % of it for testing, classified by the nearest class mean, over ten splits. *Commit
# first:* how many percent of the versicolor flowers are taken for virginica?

# %%
my_guess = 30  # percent

# %% tags=["demo"]
total = np.zeros((3, 3), dtype=int)
for seed in range(10):
    train, _, test = train_val_test_split(iris.labels, 0.0, 0.4, seed)
    groups = [iris.features[train][iris.labels[train] == c] for c in range(3)]
    means = np.stack([group.mean(axis=0) for group in groups])
    distances = ((iris.features[test][:, None] - means) ** 2).sum(axis=-1)
    total = total + confusion_matrix(iris.labels[test], distances.argmin(axis=1), 3)
print(f"your guess {my_guess} %, measured {100 * total[1, 2] / total[1].sum():.0f} %")

figure, axes = plt.subplots(figsize=(4.6, 3.6))
plots.confusion(axes, total, iris.names)
plots.show(
    figure,
    alt="Confusion matrix of three kinds of iris, summed over ten splits: setosa is always right; "
    "some versicolor are taken for virginica, and more virginica for versicolor.",
)

# %% [markdown]
# **What you should see.** Setosa is never mistaken: it lies apart. The other two share a border,
# and it is not crossed evenly: virginica is taken for versicolor more often than the reverse (34 and
# 14 of 200 with our split; yours may draw otherwise). One accuracy would have hidden both facts.

# %% [markdown]
# ## 13 · Your turn: `precision_recall_f1`
#
# *About 15 minutes · 3 points.* For class $c$ with the counts $M$ of section 12:
#
# $$P_c = \frac{M_{cc}}{\sum_i M_{ic}}, \qquad R_c = \frac{M_{cc}}{\sum_j M_{cj}}, \qquad
# F_c = \frac{2 P_c R_c}{P_c + R_c}.$$
#
# **Precision**: of those called $c$, how many are? **Recall**: of those that are $c$, how many
# were found? Their harmonic mean $F_1$ is high only when both are. The *macro* values are plain
# means over the classes, so the rare class counts as much as the frequent one: macro-$F_1$ is the
# **mean of the class $F_1$s**. (The $F_1$ of macro precision and macro recall is another number:
# Opitz & Burst 2019.) Wherever 0/0 turns up, we count 0.
#
# <details><summary>Hint: NaN, or a RuntimeWarning</summary>
#
# A class that is never predicted has no precision. Divide only where the denominator is above 0:
# `np.divide` has `out` and `where`.
# </details>


# %% nbgrader={"grade": false, "grade_id": "precision_recall_f1", "locked": false, "schema_version": 3, "solution": true, "task": false}
def precision_recall_f1(matrix):
    """Precision, recall and F1 of each class and their means over the classes.

    Args:
        matrix: counts, integer array of shape (C, C); rows true, columns predicted classes.

    Returns:
        per_class: array of shape (C, 3), columns precision, recall, F1; 0/0 counts 0.
        macro: array of shape (3,), the mean of each column.
    """

    ### BEGIN SOLUTION
    def share(part, whole):
        return np.divide(part, whole, out=np.zeros(len(matrix)), where=whole > 0)

    hits = np.diag(matrix)
    precision = share(hits, matrix.sum(axis=0))
    recall = share(hits, matrix.sum(axis=1))
    f1 = share(2 * precision * recall, precision + recall)
    per_class = np.stack([precision, recall, f1], axis=1)
    return per_class, per_class.mean(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_precision_recall_f1_per_class", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
matrix = np.array([[8, 2], [4, 6]])
got_classes, got_macro = precision_recall_f1(matrix)
checks.shape(got_classes, (2, 3), "one row per class; columns precision, recall, F1")
expected = np.array([[8 / 12, 8 / 10], [6 / 8, 6 / 10]])
sentence = "precision divides by the column (called so), recall by the row (is so)"
checks.close(np.array(got_classes)[:, :2], expected, sentence)
sentence = "F1: the harmonic mean, 8/11 and 2/3, not the mean"
checks.close(np.array(got_classes)[:, 2], np.array([8 / 11, 2 / 3]), sentence)
checks.unchanged(precision_recall_f1, matrix)
### BEGIN HIDDEN TESTS
from sklearn.metrics import precision_recall_fscore_support

draw = np.random.default_rng(23)
matrix = draw.integers(1, 30, size=(5, 5))
truth, prediction = np.repeat(np.indices((5, 5)).reshape(2, -1), matrix.ravel(), axis=1)
expected = np.stack(precision_recall_fscore_support(truth, prediction)[:3], axis=1)
checks.close(precision_recall_f1(matrix)[0], expected, "five classes")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_precision_recall_f1_macro", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
got_classes, got_macro = precision_recall_f1(np.array([[8, 2], [4, 6]]))
checks.shape(got_macro, (3,), "macro precision, recall, F1")
checks.close(np.array(got_macro)[:2], np.array([17 / 24, 0.7]), "plain means over the classes")
sentence = "macro-F1: the mean of 8/11 and 2/3; F1 of macro precision and recall is 0.7041…"
checks.close(np.array(got_macro)[2], 23 / 33, sentence)
got_classes, got_macro = precision_recall_f1(np.array([[90, 0], [9, 1]]))
sentence = "90 and 10 samples: the rare class weighs as much as the frequent one"
checks.close(np.array(got_macro)[1], 0.55, sentence)
### BEGIN HIDDEN TESTS
from sklearn.metrics import precision_recall_fscore_support

draw = np.random.default_rng(24)
matrix = draw.integers(0, 9, size=(4, 4)) + 20 * np.diag([4, 3, 1, 0])
truth, prediction = np.repeat(np.indices((4, 4)).reshape(2, -1), matrix.ravel(), axis=1)
expected = precision_recall_fscore_support(truth, prediction, average="macro")[:3]
checks.close(precision_recall_f1(matrix)[1], np.array(expected), "four classes of unequal size")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_precision_recall_f1_empty_class", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
got_classes, got_macro = precision_recall_f1(np.array([[19, 0], [1, 0]]))
expected = np.array([[0.95, 1.0, 38 / 39], [0.0, 0.0, 0.0]])
checks.close(got_classes, expected, "class 1 is never predicted: precision 0/0 counts 0, F1 too")
checks.close(got_macro, expected.mean(axis=0), "and the zeros count in the means")
got_classes, got_macro = precision_recall_f1(np.array([[1, 0, 1], [0, 0, 0], [0, 0, 2]]))
expected = np.array([[1.0, 0.5, 2 / 3], [0.0, 0.0, 0.0], [2 / 3, 1.0, 0.8]])
checks.close(got_classes, expected, "class 1 neither occurs nor is predicted: zeros, no NaN")
checks.close(got_macro, expected.mean(axis=0), "three classes, so the means divide by three")
### BEGIN HIDDEN TESTS
from sklearn.metrics import precision_recall_fscore_support

matrix = np.array([[0, 3, 0, 0], [0, 1, 0, 1], [0, 0, 0, 0], [0, 4, 0, 0]])
truth, prediction = np.repeat(np.indices((4, 4)).reshape(2, -1), matrix.ravel(), axis=1)
settings = {"labels": range(4), "zero_division": 0}
expected = np.stack(precision_recall_fscore_support(truth, prediction, **settings)[:3], axis=1)
checks.close(precision_recall_f1(matrix)[0], expected, "classes absent here and there")
checks.close(precision_recall_f1(matrix)[1], expected.mean(axis=0), "their means")
checks.close(precision_recall_f1(np.zeros((2, 2), dtype=int))[1], np.zeros(3), "nothing counted")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `2 * P.mean() * R.mean() / (P.mean() + R.mean())`
# 2. `hits / (matrix.sum(axis=0) + 1e-9)`
# 3. `hits.sum() / matrix.sum()` as macro precision
#
# <details><summary>Answers</summary>
#
# 1. Any matrix with unequal classes, such as (8, 2; 4, 6): 0.7041 for 0.6970.
# 2. Small counts: 1/(1 + 1e-9) is not 1. Shares of counts are exact; keep them so.
# 3. 90 and 10 samples: that is accuracy, and the rare class vanishes.
# </details>
#
# A screening where one tumour in 20 is malignant (of 212 malignant ones we keep 19), 20 draws.
# Three classifiers: *majority* calls everything benign, *threshold* looks at one measurement,
# *logistic* is yours on all 30. *Commit first:* the accuracy of the classifier that knows nothing?

# %%
my_guess = 50  # percent


# %% tags=["demo"]
def best_threshold(values, is_ill):
    places = np.unique(values)
    return places[((values[:, None] > places) == is_ill[:, None]).mean(axis=0).argmax()]


ill = tumours.labels == 0
width = tumours.features[:, tumours.feature_names.index("worst radius")]
results = {name: [] for name in ("majority", "threshold", "logistic")}
for seed in range(20):
    few = np.random.default_rng(seed).choice(np.flatnonzero(ill), size=19, replace=False)
    kept = np.concatenate([np.flatnonzero(~ill), few])
    train, _, test = (kept[part] for part in train_val_test_split(ill[kept], 0.0, 0.5, seed))
    mean, spread = tumours.features[train].mean(axis=0), tumours.features[train].std(axis=0)
    X = np.column_stack([(tumours.features - mean) / spread, np.ones(len(ill))])
    y = np.where(ill, 1, -1)
    learn = functools.partial(logistic_loss_and_gradient, X=X[train], y=y[train])
    w = gradient_descent(learn, np.zeros(31), 1.0, 200)[0]
    answers = (0 * test, width[test] > best_threshold(width[train], ill[train]), X[test] @ w > 0)
    for name, answer in zip(results, answers, strict=True):
        matrix = confusion_matrix(ill[test].astype(int), np.array(answer, dtype=int), 2)
        rows, means = precision_recall_f1(np.array(matrix))
        results[name].append((np.trace(matrix) / np.sum(matrix), rows[1][1], means[2]))
print("20 draws: mean ± standard deviation in %")
for name, rows in results.items():
    mean, spread = 100 * np.mean(rows, axis=0), 100 * np.std(rows, axis=0)
    columns = zip(("accuracy", "recall of the ill", "macro-F1"), mean, spread, strict=True)
    print(f"{name:9}", "   ".join(f"{word} {m:5.1f} ± {s:4.1f}" for word, m, s in columns))
print(f"your guess {my_guess} %, measured {100 * np.mean(results['majority'], axis=0)[0]:.1f} %")

# %% [markdown]
# **What you should see.** The classifier that knows nothing is right in 95 of 100 cases and finds
# none of the ill. From there to the best of the three, accuracy moves by 4 points, the recall of the
# ill by more than 80. Look at the spread, too: a test part holds nine ill people, so a single one of
# them moves the recall by 11 points. Rare classes make rough measurements.

# %% [markdown]
# ## 14 · Your turn: `roc_auc`
#
# *About 15 minutes · 3 points.* A score can be cut anywhere: a low threshold finds all of the ill
# and alarms half of the healthy, a high one does the opposite. The **ROC curve** shows all
# thresholds at once, true-positive rate over false-positive rate. Its area has a meaning of its
# own (Hanley & McNeil 1982): the probability that a random positive scores higher than a random
# negative, where a tie counts one half,
#
# $$\mathrm{AUC} = \frac{1}{N_+ N_-} \sum_{i \in +} \sum_{j \in -}
# \Bigl( [s_i > s_j] + \tfrac12 [s_i = s_j] \Bigr).$$
#
# A tie is exact equality (`==`): only the order counts, however close two scores are. With one class
# only there are no pairs: raise a ValueError, an invented number would do harm.
#
# <details><summary>Hint: my result depends on the order of the samples</summary>
#
# A sort puts equal scores into *some* order. A tie between a positive and a negative is worth one
# half, wherever they stand.
# </details>


# %% nbgrader={"grade": false, "grade_id": "roc_auc", "locked": false, "schema_version": 3, "solution": true, "task": false}
def roc_auc(truth, scores):
    """Area under the ROC curve: how often a positive scores higher than a negative.

    Args:
        truth: 1 for a positive, 0 for a negative sample, array of shape (N,).
        scores: the higher, the more positive; array of shape (N,), floats or integers.

    Returns:
        The area, one number from 0 to 1; ties count one half.

    Raises:
        ValueError: one of the two classes has no sample.
    """
    ### BEGIN SOLUTION
    positive, negative = scores[truth == 1], scores[truth == 0]
    if len(positive) == 0 or len(negative) == 0:
        raise ValueError("the ROC area needs samples of both classes")
    higher = (positive[:, None] > negative).mean()
    tied = (positive[:, None] == negative).mean()
    return higher + 0.5 * tied
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_roc_auc_pairs", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
truth = np.array([1, 0, 1, 0, 0])
scores = np.array([0.9, 0.1, 0.3, 0.6, 0.2])
negated, spread = -scores, 1e4 * scores - 5e3
checks.close(roc_auc(truth, scores), 5 / 6, "six pairs, one of them (0.3, 0.6) the wrong way round")
checks.close(roc_auc(truth, negated), 1 / 6, "all scores negated: the area is mirrored")
checks.close(roc_auc(truth, spread), 5 / 6, "only the order of the scores counts")
sentence = "scores that differ by 1e-13 are no tie: a tie is exact equality (==)"
checks.close(roc_auc(truth, 1.0 + 1e-12 * scores), 5 / 6, sentence)
small = np.array([9, 0, 3, 6, 2], dtype=np.uint8)
sentence = "scores of 8 bits: compare, don't subtract or negate; 0 − 1 is 255 there (week 0)"
checks.close(roc_auc(truth, small), 5 / 6, sentence)
checks.unchanged(roc_auc, truth, scores)
### BEGIN HIDDEN TESTS
from sklearn.metrics import roc_auc_score

draw = np.random.default_rng(25)
truth, scores = draw.integers(0, 2, size=73), draw.normal(size=73)
large = scores * 1e4 + 2e4 * truth
expected = roc_auc_score(truth, scores), roc_auc_score(truth, large)
checks.close(roc_auc(truth, scores), expected[0], "73 random samples")
checks.close(roc_auc(truth, large), expected[1], "large scores")
checks.close(roc_auc(np.array([1, 0]), np.float32([0.1, 0.2])), 0.0, "one pair, float32")
small = np.array([0, 2], dtype=np.uint8)
checks.close(roc_auc(np.array([1, 0]), small), 0.0, "one pair, uint8: compare, don't subtract")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_roc_auc_ties", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
truth = np.array([1, 0, 1, 0])
scores = np.array([0.8, 0.5, 0.5, 0.2])
sentence = "four pairs: three right, one tie that counts one half (a sort would give 3/4 or 1)"
turned = truth[::-1].copy(), scores[::-1].copy()
checks.close(roc_auc(truth, scores), 0.875, sentence)
checks.close(roc_auc(*turned), 0.875, "the same samples in reverse order")
checks.close(roc_auc(turned[0], np.zeros(4)), 0.5, "all scores equal: pure chance")
checks.close(roc_auc(truth, np.zeros(4)), 0.5, "all scores equal, in another order")
### BEGIN HIDDEN TESTS
from sklearn.metrics import roc_auc_score

draw = np.random.default_rng(26)
truth, scores = draw.integers(0, 2, size=60), draw.integers(0, 4, size=60)
expected = roc_auc_score(truth, scores)
order = np.argsort(truth)
sorted_up = truth[order], scores[order]
sorted_down = truth[order[::-1]], scores[order[::-1]]
checks.close(roc_auc(truth, scores), expected, "integer scores with many ties")
checks.close(roc_auc(*sorted_up), expected, "negatives first")
checks.close(roc_auc(*sorted_down), expected, "positives first")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_roc_auc_one_class", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
scores = np.array([0.2, 0.7])
for truth in (np.array([1, 1]), np.array([0, 0])):
    sentence = f"truth {truth.tolist()}: no pairs, so no area; ValueError, no NaN"
    checks.raises(ValueError, roc_auc, truth, scores, sentence=sentence)
checks.close(roc_auc(np.array([0, 1]), scores), 1.0, "one pair, the right way round")
### BEGIN HIDDEN TESTS
none = np.array([])
checks.raises(ValueError, roc_auc, none, none, sentence="no samples at all")
checks.raises(ValueError, roc_auc, np.array([1]), np.array([3]), sentence="a single positive")
checks.raises(ValueError, roc_auc, np.array([0]), np.array([3]), sentence="a single negative")
checks.close(roc_auc(np.array([0, 1, 0]), np.array([2, 2, 5])), 0.25, "two pairs: a tie, a defeat")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `(positive[:, None] >= negative).mean()`
# 2. ranks by `scores.argsort().argsort()`
#
# <details><summary>Answers</summary>
#
# 1. All scores equal: 1 for a classifier that knows nothing.
# 2. Any tie: the result depends on which of the two came first in the file.
# </details>
#
# The tumours a last time, all of them: 40 % for testing, 10 splits. One measurement (*texture*),
# one better one (*worst radius*), and your logistic regression on all 30. *Commit first:* the area
# for texture alone?

# %%
my_guess = 0.5  # your number

# %% tags=["demo"]
ill = (tumours.labels == 0).astype(int)
columns = {name: tumours.feature_names.index(name) for name in ("mean texture", "worst radius")}
areas = {name: [] for name in (*columns, "logistic, all 30")}
figure, axes = plt.subplots(figsize=(4.8, 4.2))
plots.roc_axes(axes)
for seed in range(10):
    train, _, test = train_val_test_split(ill, 0.0, 0.4, seed)
    mean, spread = tumours.features[train].mean(axis=0), tumours.features[train].std(axis=0)
    X = np.column_stack([(tumours.features - mean) / spread, np.ones(len(ill))])
    y = 2 * ill - 1
    learn = functools.partial(logistic_loss_and_gradient, X=X[train], y=y[train])
    w = gradient_descent(learn, np.zeros(31), 1.0, 100)[0]
    scores = {name: tumours.features[test, column] for name, column in columns.items()}
    scores["logistic, all 30"] = X[test] @ w
    for name, score in scores.items():
        areas[name].append(roc_auc(ill[test], score))
        if seed == 0:
            above = score[:, None] >= np.append(np.inf, np.unique(score)[::-1])
            rates = [above[ill[test] == kind].mean(axis=0) for kind in (0, 1)]
            plots.roc_curve(axes, *rates, label=f"{name}: {areas[name][0]:.3f}")
for name, values in areas.items():
    print(f"{name:17} area {np.mean(values):.3f} ± {np.std(values):.3f} over 10 splits")
print(f"your guess {my_guess}, measured {np.mean(areas['mean texture']):.3f}")
plots.show(
    figure,
    alt="ROC curves on one test part: texture well above chance, worst radius far above it, the "
    "logistic regression on all thirty measurements almost in the upper left corner.",
)

# %% [markdown]
# **What you should see.** Three tiers, further apart than the spread over splits. A well-chosen
# measurement is a good doctor's aid; a *linear* model of thirty hardly ever ranks a healthy patient
# above an ill one, with 31 weights. A deep network has little left to win here: that, too, is an
# answer to *when does deep learning pay?*

# %% [markdown]
# ## 15 · In your own words: when deep?
#
# *About 5 minutes · 2 points, graded by hand.* A hospital has 500 patients, 30 laboratory values
# each, and asks for a diagnosis aid. A colleague proposes a deep network. What would you try
# first, and which change in the data would bring you to her side? Argue with what you measured
# today.

# %% [markdown] nbgrader={"grade": true, "grade_id": "when_deep", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# First logistic regression (or trees) on the 30 values, measured by cross-validation or a held-out
# part: the values are designed features, 500 samples are few, and today 31 weights came close to
# an area of 1 on 569 tumours. Deep learning changes who makes the features. It pays when the input
# is raw (the images instead of 30 numbers made from them) and when there are many more examples,
# or a network trained on related data to begin with.
#
# *Rubric.* 1 point for a simple model first, with a reason from the data (few samples, or
# features that are already good) and some held-out measurement; 1 point for a change that favours
# learnt features (raw signals, many more samples, a pre-trained network) *with* the reason.
# "Deep networks are better" or "worse" without a reason earns nothing.
# ### END SOLUTION

# %% [markdown]
# ## 16 · In your own words: which one would you ship?
#
# *About 5 minutes · 2 points, graded by hand.* One person in 200 has the disease. Among 10,000
# people test A finds 49 of the 50 ill and alarms 91 healthy ones; test B finds 42 and alarms 8.
# Accuracy: A 99.08 %, B 99.84 %, "nobody is ill" 99.50 %. Which would you ship as a *first*
# screening, and what would change your mind?

# %% [markdown] nbgrader={"grade": true, "grade_id": "which_to_ship", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# A, when an alarm leads to a cheap and harmless second test: it misses one ill person in 50, B
# misses eight. Its price is precision, $49/140 = 0.35$ against $42/50 = 0.84$. Accuracy ranks A
# below "nobody is ill" and is useless here, because 9,950 healthy people decide it. I would ship B
# if what follows an alarm were dangerous or scarce (surgery, for instance), or if a missed case
# could be caught later at no harm.
#
# *Rubric.* 1 point for a choice argued by recall and precision (or missed and alarmed people), and
# for why accuracy misleads; 1 point for a cost or a consequence that would reverse the choice.
# Either choice is right when it is argued so.
# ### END SOLUTION

# %% [markdown]
# ## What you can do now
#
# - say which steps of the recognition chain a deep network learns, and when a line is enough (LO1)
# - write Rosenblatt's rule and say when, and after how many mistakes, it must end (LO2)
# - derive a gradient, and let central differences judge it before it is used (LO2)
# - split data by class and seed, and recognise under- and over-fitting in two curves (LO4)
# - read a confusion matrix, and choose a measure that fits the costs of being wrong (LO4)
# - write array code that survives scores of 10⁴, ties, and classes that never occur (LO5)
#
# **Further reading.** To go on with:
#
# - I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, MIT Press 2016, chapters 1 and 5
# - N. Buduma, N. Locascio, *Fundamentals of Deep Learning*, O'Reilly 2017, chapters 1 and 2
# - H. Niemann, *Klassifikation von Mustern*, Springer 1983 (the postulates, in German)
# - T. Mitchell, *Machine Learning*, McGraw-Hill 1997, chapters 1 and 4
#
# Where it began:
#
# - W. McCulloch, W. Pitts, "A logical calculus of the ideas immanent in nervous activity", Bulletin
#   of Mathematical Biophysics 1943
# - F. Rosenblatt, "The perceptron: a probabilistic model for information storage and organization
#   in the brain", Psychological Review 1958
# - A. Novikoff, "On convergence proofs on perceptrons", Symposium on the Mathematical Theory of
#   Automata 1962
# - M. Minsky, S. Papert, *Perceptrons*, MIT Press 1969
#
# For the arguments of today:
#
# - Y. LeCun, Y. Bengio, G. Hinton, "Deep learning", Nature 2015
# - L. Grinsztajn, E. Oyallon, G. Varoquaux, "Why do tree-based models still outperform deep learning
#   on typical tabular data?", NeurIPS 2022
# - J. Hanley, B. McNeil, "The meaning and use of the area under a receiver operating characteristic
#   (ROC) curve", Radiology 1982
# - J. Opitz, S. Burst, "Macro F1 and macro F1", arXiv:1911.03347, 2019
