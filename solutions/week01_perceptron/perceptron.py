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
