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
# # Week 2 · Scores
#
# A mean is the first thing that one takes away from data, and the first thing that goes wrong.
#
# | After this you can | outcome |
# |---|---|
# | centre every column of a table | LO2 |
# | follow a mean while the numbers come in | LO4, LO5 |
#
# **Time** about 180 minutes, 130 of them reading · **Points** 9 · **Before this** arrays (week 0)

# %%
import matplotlib.pyplot as plt
import numpy as np

from helpers import checks, plots

plots.use_course_style()
heights = np.array([1.5, 2.5, 3.5])

# %% [markdown]
# ## 1 · Your turn: `centre`
#
# *About 20 minutes · 3 points.* Subtract from every column its mean.
#
# <details><summary>Hint: the rows sum to zero, the columns do not</summary>
#
# Which axis runs down a column?
# </details>
# <details><summary>Hint: a single column does not work</summary>
#
# A mean that keeps its axis lines up with the table.
# </details>


# %% nbgrader={"grade": false, "grade_id": "centre", "locked": false, "schema_version": 3, "solution": true, "task": false}
def centre(table):
    """Move every column's mean to zero.

    Args:
        table: array of shape (N, D). Not modified.

    Returns:
        Array of shape (N, D), every column with mean 0.
    """
    ### BEGIN SOLUTION
    means = table.mean(axis=0, keepdims=True)
    return table - means
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_centre_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
checks.close(centre(np.array([[1.0, 2.0], [3.0, 6.0]])), [[-1.0, -2.0], [1.0, 2.0]], "two columns")
checks.unchanged(centre, np.ones((2, 3)))

# %% nbgrader={"grade": true, "grade_id": "test_centre_shapes", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
checks.shape(centre(np.ones((4, 3))), (4, 3), "the shape stays")
### BEGIN HIDDEN TESTS
table = np.random.default_rng(3).normal(size=(7, 4))
expected = table - table.sum(axis=0) / 7
checks.close(centre(table.copy()), expected, "random columns")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** For each of these name a table that exposes it.
#
# 1. `table - table.mean()`  2. `table - table.mean(axis=1, keepdims=True)`
#
# <details><summary>Answers</summary>
#
# 1. Columns of different means. 2. Rows of different means.
# </details>

# %% [markdown]
# ## 2 · Look
#
# *Commit first:* where is the mean of the centred numbers?

# %%
my_guess = 1.0  # your number; it is never graded

# %% tags=["demo"]
centred = centre(heights[:, None])[:, 0]
print(f"your guess {my_guess}, measured {centred.mean():.1f}")
figure, axes = plt.subplots(figsize=(4, 2))
axes.plot(heights, label="before")
axes.plot(centred, label="after")
axes.set(xlabel="number", ylabel="height / m")
axes.legend()
plots.show(figure, alt="Three heights before and after centring: the same line, moved down.")

# %% [markdown]
# **What you should see.** The line keeps its form; only its level changes.

# %% [markdown]
# ## 3 · Your turn: `RunningMean`
#
# *About 20 minutes · 2 points.* Follow a mean without keeping the numbers.
#
# <details><summary>Hint: the first mean is a division by zero</summary>
#
# Count the number before you divide.
# </details>


# %% nbgrader={"grade": false, "grade_id": "RunningMean", "locked": false, "schema_version": 3, "solution": true, "task": false}
class RunningMean:
    """The mean of the numbers so far."""

    def __init__(self):
        ### BEGIN SOLUTION
        self.count = 0
        self.mean = 0.0
        ### END SOLUTION

    def update(self, number):
        """Take in a number.

        Args:
            number: a float.

        Returns:
            The mean of all numbers so far, a float.
        """
        ### BEGIN SOLUTION
        self.count += 1
        self.mean += (number - self.mean) / self.count
        ### END SOLUTION
        return self.mean


# %% tags=["nbval-check-output"] nbgrader={"grade": true, "grade_id": "test_RunningMean_update", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
running = RunningMean()
checks.close(running.update(4.0), 4.0, "the mean of one number is the number")
checks.close(running.update(8.0), 6.0, "4 and 8")
### BEGIN HIDDEN TESTS
numbers = np.random.default_rng(4).normal(size=9)
expected = float(sum(numbers) / 9)
running = RunningMean()
for number in numbers.tolist():
    last = running.update(number)
checks.close(last, expected, "nine random numbers")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** 1. `self.mean = number / self.count` 2. counting after dividing.
#
# <details><summary>Answers</summary>
#
# Two different numbers show the first, any number the second.
# </details>

# %% [markdown]
# ## 4 · In your own words
#
# *About 5 minutes · 2 points, graded by hand.* When is a mean a bad summary?

# %% [markdown] nbgrader={"grade": true, "grade_id": "when_means_mislead", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# When few values are far from the others, as with incomes: the median tells more.
#
# *Rubric.* 1 point for outliers or skew, 1 point for a better summary.
# ### END SOLUTION

# %% [markdown]
# *About 5 minutes · 2 points, graded by hand.* Why does the running mean not keep a sum?

# %% [markdown] nbgrader={"grade": true, "grade_id": "why_no_sum", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# A sum of many numbers grows, and the small ones that are added to it are rounded away.
#
# *Rubric.* 1 point for growth, 1 point for rounding.
# ### END SOLUTION

# %% [markdown]
# ## What you can do now
#
# - centre a table, column by column (LO2)
# - follow a mean while numbers come in, and say when it
#   misleads (LO4, LO5)
#
# **Further reading.** I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, MIT Press 2016,
# chapter 3. N. Buduma, N. Locascio, *Fundamentals of Deep Learning*, O'Reilly 2017, chapter 1.
