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
# of the 569 tumours is that right? (Calling all of them benign is right for 63 %.)

# %%
my_guess = 75  # percent; your number, it is never graded

# %% tags=["demo"]
malignant = tumours.labels == 0
width = tumours.features[:, tumours.feature_names.index("worst radius")]
rightness = {limit: ((width > limit) == malignant).mean() for limit in np.unique(width)}
best = max(rightness, key=rightness.get)
print(f"your guess {my_guess} %, measured {100 * rightness[best]:.1f} % at threshold {best:.2f}")

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
right.set(title="Malignant?", xlabel="radius of widest nuclei / µm", ylabel="tumours")
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
# For fifty years people designed the features and only the classifier was learnt. *Commit first:*
# of the five steps, how many does a deep network that reads raw pixels learn from data?

# %%
my_guess = 1  # a number from 0 to 5

# %% tags=["demo"]
steps = ("record", "clean", "describe", "classify", "act")
learnt = {"classical": (3,), "deep": (2, 3)}
print(f"your guess {my_guess}, in the drawing {len(learnt['deep'])} (classical: 1)")

figure, axes = plt.subplots(figsize=(7.5, 2.3))
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
        X: samples in rows, array of shape (N, D), its last column all 1.
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
checks.close(perceptron_criterion(np.array([3.0, 0.0]), X[1:2], y[1:2]), 3.0, sentence)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(11)
X, w = draw.normal(size=(37, 5)), draw.normal(size=5)
y = draw.choice([-1, 1], size=37)
expected = 0.0
for row, label in zip(X, y, strict=True):
    margin = label * sum(a * b for a, b in zip(w, row, strict=True))
    expected += -margin if margin < 0 else 0.0
checks.close(perceptron_criterion(w, X, y), expected, "37 random samples with 5 entries")
X, y = np.array([[3, 1], [-2, 1], [0, 1]]), np.array([1, -1, 1])
checks.close(perceptron_criterion(np.array([-1, 1]), X, y), 5, "integers throughout")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_perceptron_criterion_zero", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
X = np.array([[1.0, 0.0, 1.0], [0.0, 4.0, 1.0], [-2.0, 1.0, 1.0]])
y = np.array([1, -1, 1])
checks.close(perceptron_criterion(np.zeros(3), X, y), 0.0, "w = 0 costs nothing")
w = np.array([2.0, 1.0, -1.0])
checks.close(perceptron_criterion(w, X, y), 7.0, "margins 1, −3, −4; no w costs less than w = 0")
checks.close(perceptron_criterion(w / 100, X, y), 0.07, "w a hundredth as long: so is the loss")
checks.close(perceptron_criterion(w, X[:1], y[:1]), 0.0, "no reward for being right: 0, not −1")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(12)
X = np.column_stack([draw.normal(size=(20, 2)) * 1e4, np.ones(20)])
y = np.where(X[:, 0] > 0, 1, -1)
checks.close(perceptron_criterion(np.array([1e4, 0.0, 0.0]), X, y), 0.0, "all right, far away")
wrong = np.abs(X[:, 0]).sum()
checks.close(perceptron_criterion(np.array([-1.0, 0.0, 0.0]), X, y), wrong, "all wrong, far away")
checks.close(perceptron_criterion(np.ones(3), np.zeros((0, 3)), np.zeros(0)), 0.0, "no sample")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Each of these passes some check. Name an input that exposes it, then unfold.
#
# 1. `max(0, -margins.sum())`  2. `np.abs(margins[margins < 0]).mean()`  3. `(margins < 0).sum()`
#
# <details><summary>Answers</summary>
#
# 1. One sample right by 5, one wrong by 2: the right one pays for the wrong one. 2. Two wrong
# samples: half the loss; none wrong: the mean of nothing is NaN. 3. A sample wrong by 2: it counts
# mistakes, and a count has no slope to walk down.
# </details>
#
# The surface of $L$ for one feature and a bias is something we can look at. *Commit first:* how
# large is the smallest loss in the figure, for setosa against versicolor by petal length?

# %%
my_guess = 10.0  # your number

# %% tags=["demo"]
X = np.column_stack([iris.features[:100, 2] - 2.5, np.ones(100)])
y = np.where(iris.labels[:100] == 0, -1, 1)


def surface(places):
    return np.array([perceptron_criterion(w, X, y) for w in places])


lowest = surface(np.array([[0.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]]))
print(f"your guess {my_guess}, measured {lowest.min():.1f}")
print("w, b = (0, 0), (1, 0), (−1, 0), (0, 1):", np.round(lowest, 1))
figure, axes = plt.subplots(figsize=(6, 3.8))
plots.level_lines(axes, surface, (-2, 2), (-2, 2), label="criterion L(w)", resolution=60)
axes.plot(0, 0, marker="*", markersize=16, color=plots.COLOURS[1], label="w = 0")
axes.set(xlabel="weight of petal length − 2.5 cm", ylabel="bias b")
axes.legend()
plots.show(
    figure,
    alt="Level lines of the perceptron criterion over weight and bias: a cone with its tip at the "
    "origin, cut open to the right, where a whole wedge of weights has loss zero.",
)

# %% [markdown]
# **What you should see.** A tent with its lowest point at the origin, and a wedge on the right in
# which the loss is 0 as well. The wedge holds the lines that separate the flowers. The origin
# holds none: $w = 0$ has the best possible loss and decides nothing. So minimising $L$ is not
# enough, and what saves Rosenblatt is *when* his rule moves, which comes next.

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
# <details><summary>Hint: the last check never ends</summary>
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
        mistakes = 0
        for x, label in zip(X, y, strict=True):
            if label * (w @ x) <= 0:
                w = w + label * x
                history.append(w)
                mistakes += 1
        if mistakes == 0:
            break
    return w, np.array(history)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_perceptron_fit_one_update", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
X, y = np.array([[2.0, 5.0, 1.0]]), np.array([1])
expected = (np.array([2.0, 5.0, 1.0]), np.array([[0.0, 0.0, 0.0], [2.0, 5.0, 1.0]]))
sentence = "one sample: under w = 0 its margin is 0, a mistake (≤, not <), so w becomes y·x"
checks.close(perceptron_fit(X, y), expected, sentence)
expected = (np.array([-2.0, -5.0, -1.0]), np.array([[0.0, 0.0, 0.0], [-2.0, -5.0, -1.0]]))
sentence = "the same sample with label −1: every weight moves against it, the bias (last) too"
checks.close(perceptron_fit(X, -y), expected, sentence)
### BEGIN HIDDEN TESTS
X, y = np.array([[-7, 3, 0, 1]]), np.array([-1])
expected = (np.array([7.0, -3.0, 0.0, -1.0]), np.array([[0.0, 0, 0, 0], [7.0, -3.0, 0.0, -1.0]]))
checks.close(perceptron_fit(X, y), expected, "one sample of integers")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_perceptron_fit_history", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
X = np.array([[2.0, 1.0, 1.0], [1.0, 3.0, 1.0]])
y = np.array([1, -1])
steps = [[0, 0, 0], [2, 1, 1], [1, -2, 0], [3, -1, 1], [2, -4, 0], [4, -3, 1]]
w, history = perceptron_fit(X, y)
sentence = "two samples, five mistakes, each corrected at once; one row per update, all different"
checks.close(history, np.array(steps, dtype=float), sentence)
checks.close(w, np.array([4.0, -3.0, 1.0]), "w is the last row of the history")
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
fitted, history = perceptron_fit(X, y, epochs=6)
checks.close(history, expected, "six passes over integer samples that no line separates")
checks.close(fitted, expected[-1], "the final weights of the same run")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_perceptron_fit_stops", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
X = np.array([[-1.0, -1.0, 1.0], [-1.0, 1.0, 1.0], [1.0, -1.0, 1.0], [1.0, 1.0, 1.0]])
w, history = perceptron_fit(X, np.array([-1, 1, 1, -1]), epochs=3)
checks.shape(history, (13, 3), "XOR, 3 passes: four mistakes in each, and no fourth pass")
checks.close(w, np.zeros(3), "XOR: after each pass w is back at 0")
w, history = perceptron_fit(X, np.array([-1, -1, -1, 1]), epochs=10**9)
sentence = "AND: stop after the first pass without a mistake (if this never ends, yours does not)"
checks.close(w, np.array([1.0, 1.0, -1.0]), sentence)
### BEGIN HIDDEN TESTS
y = np.array([1, 1, -1, 1])
w, history = perceptron_fit(X, y, epochs=10**9)
checks.equal(int((y * (X @ np.array(w)) <= 0).sum()), 0, "three corners against one, and it ends")
checks.close(perceptron_fit(X, y, epochs=0)[1], np.zeros((1, 3)), "no pass, no update")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_perceptron_fit_separates", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
X = np.column_stack([iris.features[:100], np.ones(100)])
y = np.where(iris.labels[:100] == 0, -1, 1)
w, history = perceptron_fit(X, y)
wrong = int((y * (X @ np.array(w)) <= 0).sum())
checks.equal(wrong, 0, "setosa and versicolor, four lengths: every flower ends on its right side")
checks.close(history[0], np.zeros(5), "the history begins with w = 0")
checks.close(history[-1], w, "the history ends with w")
### BEGIN HIDDEN TESTS
from sklearn.linear_model import Perceptron

draw = np.random.default_rng(14)
X = np.column_stack([draw.integers(-9, 10, size=(60, 4)), np.ones(60, dtype=int)])
y = np.where(X @ np.array([3, -2, 1, 1, 2]) > 0, 1, -1)
oracle = Perceptron(fit_intercept=False, shuffle=False, tol=None, max_iter=500).fit(X, y)
checks.close(perceptron_fit(X, y, epochs=500)[0], oracle.coef_[0], "as scikit-learn's perceptron")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `if label * (w @ x) < 0:`  2. `if w @ x <= 0: w = w + x`  3. `w[:-1] = w[:-1] + label * x[:-1]`
#
# <details><summary>Answers</summary>
#
# 1. Any: from $w = 0$ nothing is ever learnt. 2. Any sample with label −1 and a positive score is
# never corrected, and right ones are pushed. 3. Two flowers that lie on one ray from the origin:
# without its bias the line passes through the origin and cannot come between them.
# </details>
#
# Now watch it learn, on the petals of setosa and versicolor in a random order. *Commit first:* how
# many corrections does it take until none of the 100 flowers needs one any more?

# %%
my_guess = 50  # your number of updates

# %% tags=["demo"]
order = np.random.default_rng(seed=4).permutation(100)
petals = iris.features[order, 2:]
y = np.where(iris.labels[order] == 0, -1, 1)
w, history = perceptron_fit(np.column_stack([petals, np.ones(100)]), y)
print(f"your guess {my_guess}, measured {len(history) - 1} updates")

figure, axes = plt.subplots(figsize=(5.5, 3.4))
plots.class_points(axes, petals, y, names=("setosa", "versicolor"))
axes.set(xlabel="petal length / cm", ylabel="petal width / cm", xlim=(0, 5.5), ylim=(-0.2, 2.2))
axes.legend(loc="upper left")
lines = []


def draw_update(number):
    while lines:
        lines.pop().remove()
    if history[number, :2].any():
        lines.append(plots.decision_line(axes, history[number, :2], history[number, 2]))
    axes.set_title(f"after update {number} of {len(history) - 1}")


plots.animate(
    figure,
    draw_update,
    len(history),
    alt="The decision line after each update jumps back and forth between the two clouds of "
    "flowers, less and less, and comes to rest between them.",
    interval_ms=900,
)

# %% [markdown]
# **What you should see.** Each update swings the line for the sake of one flower, often at the
# cost of others. Nothing in the picture promises that this ends. It does, and a proof says when.

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
sentence = "u = (4, 3): margins 15, 31, 5, length 5 with the bias, so γ = 1 and the bound is 50"
checks.close(novikoff_bound(X, y, np.array([4.0, 3.0])), 50.0, sentence)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(15)
X = np.column_stack([draw.normal(size=(31, 4)), np.ones(31)])
separator = np.array([1.0, -2.0, 0.5, 3.0, 0.25])
y = np.sign(X @ separator)
length = sum(u * u for u in separator.tolist()) ** 0.5
radius = max(sum(a * a for a in row) ** 0.5 for row in X.tolist())
room = min(abs(sum(a * u for a, u in zip(row, separator, strict=True))) for row in X) / length
expected = (radius / room) ** 2
checks.close(novikoff_bound(X, y, separator), expected, "31 random samples in 4 dimensions")
checks.close(novikoff_bound(X, -y, -7.0 * separator), expected, "labels and separator reversed")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_novikoff_bound_refuses", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
X = np.array([[1.0, 1.0], [3.0, 1.0]])
y = np.array([1, -1])
for u, sentence in (
    (np.array([1.0, 0.0]), "u = (1, 0): the second sample is on the wrong side, ValueError"),
    (np.array([-1.0, 1.0]), "u = (−1, 1): the first margin is 0, no room, ValueError"),
    (np.zeros(2), "u = 0 separates nothing, ValueError"),
):
    checks.raises(ValueError, novikoff_bound, X, y, u, sentence=sentence)
checks.close(novikoff_bound(X, y, np.array([-1.0, 2.0])), 50.0, "and this one separates: γ = 1/√5")
### BEGIN HIDDEN TESTS
X, y = np.array([[0, 5, 1], [2, -5, 1], [0, 0, 1]]), np.array([1, -1, 1])
bad, good = np.array([0, 1, 0]), np.array([0, 2, 1])
checks.raises(ValueError, novikoff_bound, X, y, bad, sentence="integers: the last margin is 0")
checks.close(novikoff_bound(X, y, good), 150.0, "integers: γ = 1/√5, R² = 30")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `radius = np.linalg.norm(X[:, :-1], axis=1).max()`  2. `room = np.abs(X @ u).min() / norm(u)`
#
# <details><summary>Answers</summary>
#
# 1. One sample at the origin of feature space: $R = 0$, so "no mistake is ever made", yet $w = 0$
# makes one at once. 2. Any $u$ that gets a sample wrong: the distance is there, but on the wrong
# side.
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
print(f"your guess {my_guess}, measured {np.mean(mistakes):.1f} ± {np.std(mistakes):.1f}")

wide = np.zeros(65)
for _ in range(5000):  # give way to whichever sample has the least room
    tightest = (y * (X @ wide)).argmin()
    wide = wide + y[tightest] * X[tightest]
bounds = {"the last w": novikoff_bound(X, y, w), "most room": novikoff_bound(X, y, wide)}
print("bounds:", {name: round(bound) for name, bound in bounds.items()}, "most:", max(mistakes))

figure, axes = plt.subplots(figsize=(6.5, 3.2))
axes.hist(mistakes, np.arange(0.5, 31), label="measured, 100 orders")
for (name, bound), colour in zip(bounds.items(), plots.COLOURS[1:], strict=False):
    axes.axvline(bound, color=colour, linestyle="--", label=f"bound, u: {name} ({bound:.0f})")
axes.set(xscale="log", xlim=(1, 4000), xlabel="mistakes until none is left", ylabel="orders")
axes.legend()
plots.show(
    figure,
    alt="Histogram of the mistakes in 100 orders, all under twenty; far to the right two vertical "
    "lines mark Novikoff's bound for two separators, one near a hundred, one near two thousand.",
)

# %% [markdown]
# **What you should see.** About a dozen mistakes, never above the bounds, and far below them. A
# bound holds for the worst order of the worst data with that room; yours was kinder. A $u$ with
# more room gives a sharper bound for the same data: the promise improves, the algorithm does not
# change.
#
# The bound also says what to do *before* learning: make $R/\gamma$ small. Sepals of setosa and
# versicolor, in centimetres and *standardised* (minus the mean, divided by the standard
# deviation). *Commit first:* by what factor do the mistakes shrink?

# %%
my_guess = 2  # your factor

# %% tags=["demo"]
y = np.where(iris.labels[:100] == 0, -1, 1)
sepals = iris.features[:100, :2]
standardised = (sepals - sepals.mean(axis=0)) / sepals.std(axis=0)
counts = {}
for name, features in (("centimetres", sepals), ("standardised", standardised)):
    X = np.column_stack([features, np.ones(100)])
    orders = [np.random.default_rng(seed).permutation(100) for seed in range(10)]
    counts[name] = [len(perceptron_fit(X[order], y[order])[1]) - 1 for order in orders]
    print(f"{name:13} {np.mean(counts[name]):7.1f} ± {np.std(counts[name]):.1f} mistakes")
factor = np.mean(counts["centimetres"]) / np.mean(counts["standardised"])
print(f"your guess {my_guess}, measured {factor:.0f}")

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
w, history = perceptron_fit(X, exclusive_or, epochs=100)
print(f"your guess {my_guess}, measured {len(history) - 1}; the first weights repeat:")
print(history[:5].astype(int).tolist())
try:
    novikoff_bound(X, exclusive_or, history[1])
except ValueError as error:
    print("and a bound? ValueError:", error)

X = np.column_stack([corners, corners[:, 0] * corners[:, 1], np.ones(4)])  # one more feature
w, history = perceptron_fit(X, exclusive_or)
print(f"with the product as a feature: {len(history) - 1} corrections, w = {w.astype(int)}")

figure, axes = plt.subplots(1, 2, figsize=(8, 3.3))
flat = np.column_stack([corners, np.ones(4)])
steps = perceptron_fit(flat, exclusive_or, epochs=1)[1]
plots.class_points(axes[0], corners, exclusive_or)
axes[0].set(title="four lines tried, for ever", xlim=(-1.6, 1.6), ylim=(-1.6, 1.6))
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
x = np.array([1.0, -2.0, 0.5])
close_enough = {"atol": 1e-8}
expected = 3 * x**2
got = numerical_gradient(lambda v: (v**3).sum(), x)
checks.close(got, expected, "the gradient of Σ x³ is 3x²", **close_enough)
got = numerical_gradient(lambda v: (v**3).sum(), x, h=0.5)
sentence = "h = 0.5: central differences of x³ give exactly 3x² + h²; forward ones 3x² + 3xh + h²"
checks.close(got, expected + 0.25, sentence)
x = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
got = numerical_gradient(lambda v: v[0, 1] * v[2, 0], x)
expected = np.array([[0.0, 5.0], [0.0, 0.0], [2.0, 0.0]])
checks.close(got, expected, "a matrix: one entry at a time, and the others stay", **close_enough)
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
# 1. `(f(x + step) - f(x)) / h`  2. `x[i] += h; up = f(x); x[i] -= 2 * h; down = f(x); x[i] += h`
#
# <details><summary>Answers</summary>
#
# 1. Anything curved: the error falls with $h$ only, not with $h^2$. 2. $x = 0.7$: after the round
# trip the last digit may differ, and the caller's data drift. Integers are not moved at all.
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


def loss(v):
    return float(np.log1p(np.exp(-v)).sum())


errors = {"forward": [], "central": []}
for h in 10.0**exponents:
    errors["central"].append(abs(numerical_gradient(loss, at, h)[0] - exact))
    errors["forward"].append(abs((loss(at + h) - loss(at)) / h - exact))
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
# ## 9 · Your turn: `logistic_loss_and_gradient`
#
# *About 20 minutes · 3 points.* Take the score as evidence: $P(y \mid x) = \sigma(y\,w^\top x)$
# with $\sigma(m) = 1/(1 + e^{-m})$. The mean negative log-likelihood is a smooth relative of the
# criterion,
#
# $$L(w) = \frac{1}{N}\sum_n \ln\bigl(1 + e^{-m_n}\bigr), \qquad m_n = y_n\,w^\top x_n.$$
#
# Derive $\nabla L$ on paper first; use $\frac{d}{dm} \ln(1 + e^{-m}) = -\sigma(-m)$. Then let your
# `numerical_gradient` judge. Two traps. The formula *as written* overflows:

# %%
with np.errstate(over="ignore"):
    for margin in (-10.0, -1e4):
        print(f"margin {margin:8.0f}   ln(1 + exp(-m)) = {np.log(1 + np.exp(-margin))}")

# %% [markdown]
# The exact value at $m = -10^4$ is $10^4$ to all printed digits. And labels {0, 1} slip through: a
# label 0 makes the margin 0 whatever $w$ is, the sample pays $\ln 2$ for ever and teaches nothing,
# and no error is seen. So check the labels and raise a ValueError.
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
loss, gradient = logistic_loss_and_gradient(np.zeros(2), X, y)
checks.close(loss, np.log(2.0), "under w = 0 every sample costs ln 2, and so does the mean")
loss, gradient = logistic_loss_and_gradient(w, X, y)
sentence = "margins ln 2, −3 ln 2, −2 ln 2: the mean of ln 3/2, ln 9, ln 5 (natural logarithms)"
checks.close(loss, np.log(67.5) / 3, sentence)
labels = np.array([1, 0, 1])
sentence = "labels {0, 1} in a loss for −1 and +1 must raise ValueError"
checks.raises(ValueError, logistic_loss_and_gradient, w, X, labels, sentence=sentence)
checks.unchanged(logistic_loss_and_gradient, w, X, y)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(17)
X, y = draw.normal(size=(41, 6)), draw.choice([-1.0, 1.0], size=41)
w = draw.normal(size=6)
expected = torch.nn.functional.softplus(torch.from_numpy(-y * (X @ w))).mean().item()
checks.close(logistic_loss_and_gradient(w, X, y)[0], expected, "41 random samples")
expected = float(np.log1p(np.exp(-y[3] * (X[3] @ w))))
checks.close(logistic_loss_and_gradient(w, X[3:4], y[3:4])[0], expected, "a batch of one")
checks.raises(ValueError, logistic_loss_and_gradient, w, X, y * 2, sentence="labels −2 and 2")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_logistic_loss_and_gradient_gradient", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
X = np.array([[1.0, 1.0], [3.0, 1.0], [-2.0, 1.0]])
y = np.array([1, -1, 1])
loss, gradient = logistic_loss_and_gradient(np.zeros(2), X, y)
sentence = "under w = 0: minus half the mean of y·x; both weight and bias"
checks.close(gradient, np.array([4.0 / 6, -1.0 / 6]), sentence)
w = np.array([0.3, -0.8])
loss, gradient = logistic_loss_and_gradient(w, X, y)
sentence = "the gradient of your loss, by central differences"
checks.gradient(lambda v: logistic_loss_and_gradient(v, X, y)[0], w, gradient, sentence)
### BEGIN HIDDEN TESTS
import torch

draw = np.random.default_rng(18)
X, y = draw.normal(size=(29, 4)), draw.choice([-1, 1], size=29)
w = draw.normal(size=4)
weights = torch.tensor(w, requires_grad=True)
margins = torch.from_numpy(y * 1.0) * (torch.from_numpy(X) @ weights)
torch.nn.functional.softplus(-margins).mean().backward()
expected = weights.grad.numpy()
checks.close(logistic_loss_and_gradient(w, X, y)[1], expected, "29 random samples")
X = np.array([[2, 1], [-5, 1]])
gradient = logistic_loss_and_gradient(np.zeros(2), X, np.array([1, -1]))[1]
checks.close(gradient, np.array([-3.5 / 2, 0.0]), "integers")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_logistic_loss_and_gradient_extremes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
X = np.array([[1e4, 1.0], [-1e4, 1.0]])
w, y = np.array([1.0, 0.0]), np.array([1, 1])
loss, gradient = logistic_loss_and_gradient(w, X, y)
sentence = "margins 10⁴ and −10⁴ cost 0 and 10⁴: e¹⁰⁰⁰⁰ overflows, np.logaddexp does not"
checks.close(loss, 5000.0, sentence)
sentence = "only the wrong sample pulls: minus half its y·x, and no NaN"
checks.close(gradient, np.array([5000.0, -0.5]), sentence)
### BEGIN HIDDEN TESTS
X = np.array([[800.0, 0.0, 1.0], [0.0, -2e4, 1.0], [0.0, 0.0, 1.0]])
y, w = np.array([-1, 1, -1]), np.array([1.0, 1.0, 0.0])
expected = ((800.0 + 2e4 + np.log(2.0)) / 3, np.array([800.0, 2e4, 0.5]) / 3)
checks.close(logistic_loss_and_gradient(w, X, y), expected, "scores 800, −20000 and 0")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `-(y * np.log(p) + (1 - y) * np.log(1 - p))`  2. `margins.clip(-30, 30)` before the exponential
# 3. `np.exp(-m) / (1 + np.exp(-m))` for the doubt
#
# <details><summary>Answers</summary>
#
# 1. Any label −1: the formula is for labels 0 and 1 and turns negative. 2. Margin −1000: the loss
# stays at 30 and the samples that are most wrong stop teaching. 3. Margin −1000: infinity by
# infinity is NaN.
# </details>
#
# Now both losses side by side, as functions of one sample's margin. *Commit first:* what does the
# logistic loss charge a sample that lies exactly on the line?

# %%
my_guess = 0.0  # your number

# %% tags=["demo"]
one = np.ones(1)
margins = np.linspace(-4, 4, 81)
curves = {
    "mistake (0 or 1)": (margins <= 0).astype(float),
    "perceptron": [perceptron_criterion(one * m, np.ones((1, 1)), one) for m in margins],
    "logistic": [logistic_loss_and_gradient(one * m, np.ones((1, 1)), one)[0] for m in margins],
}
print(f"your guess {my_guess}, measured {curves['logistic'][40]:.3f}")
figure, axes = plt.subplots(figsize=(6, 3.2))
for name, values in curves.items():
    axes.plot(margins, values, label=name)
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
        start: first w, array of any shape. Not modified.
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
w, losses = gradient_descent(bowl, start, 0.5, 1)
checks.close(w, np.array([4.0, -2.0]), "from (8, 2), where the gradient is (8, 8): one step down")
w, losses = gradient_descent(bowl, start, 0.5, 3)
checks.close(w, np.array([1.0, -2.0]), "three steps: (4, −2), (2, 2), (1, −2)")
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
### BEGIN HIDDEN TESTS
place = np.array([2.0, -1.0])
expected = [(place**2).sum()]
for _ in range(9):
    place = place * 0.5
    expected.append((place**2).sum())
w, losses = gradient_descent(lambda v: ((v**2).sum(), 2 * v), np.array([2.0, -1.0]), 0.25, 9)
checks.close(losses, np.array(expected), "nine steps in a round bowl: each halves w")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each, then unfold.
#
# 1. `start -= learning_rate * gradient`  2. the gradient computed once, before the loop
#
# <details><summary>Answers</summary>
#
# 1. Call it twice with the same start: the second run begins where the first ended; an integer
# start raises.
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
    start = np.zeros(X.shape[1])
    curves[rate] = gradient_descent(
        lambda w: logistic_loss_and_gradient(w, X, y), start, rate, 100
    )[1]
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
    "and smoothly, 100 jumps up first and stays ragged and higher.",
)

# %% [markdown]
# **What you should see.** 0.01 is safe and slow, 100 overshoots: it leaps far up first and keeps
# on jumping. Nothing random happens here: the data, the start and the steps are fixed. Week 7
# finds out where the border lies.
