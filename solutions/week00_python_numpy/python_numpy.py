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
# # Week 0 · Python and NumPy for deep learning
#
# A photograph is a box of numbers: today you take one apart, put it together again, and on the way
# build the machine that will feed every network of this course.
#
# | After this you can | outcome |
# |---|---|
# | read and write the Python of this course: functions, classes, slices, errors | LO5 |
# | compute with whole arrays instead of loops, and say what that costs in time and memory | LO5 |
# | make, cut and combine images as arrays, and avoid the traps of 8-bit numbers and views | LO3 |
# | turn labels and features into the form that learning needs, and measure that it mattered | LO4 |
# | feed a model with shuffled, augmented batches, and judge an augmentation by experiment | LO2 |
#
# **Time** about 240 minutes, 84 of them reading · **Points** 26 · **Before this** some programming,
# in any language
#
# *How this page works.* Run a cell with Shift+Enter. Where it says **Your turn**, replace the line
# `raise NotImplementedError(...)` by your code, then run the checks below it: silence means that
# they pass, and the first line that complains is the thing to mend. Points are given for the same
# checks and for some on other input. Before a picture you are asked for a guess. It is never
# graded, but make it: a wrong guess is remembered better than a right sentence. Cells that only
# draw are there to be run; you need not read them.

# %%
import time

import matplotlib.pyplot as plt
import numpy as np

from helpers import checks, datasets, plots

plots.use_course_style()
pictures = datasets.pictures()
cat = pictures["cat"]
digits = datasets.digits()

# %% [markdown]
# ## 1 · A box of numbers
#
# Here is a cat. The computer has no cat; it has numbers, and everything that a network will ever
# know about cats it must get out of them. *Commit first:* how many numbers make up this picture?

# %%
my_guess = 10_000  # your number; it is never graded

# %% tags=["demo"]
height, width, channels = cat.shape
print(f"your guess {my_guess}, in fact {height} x {width} x {channels} = {cat.size}")
patch = cat[42:46, 69:73]
figure, axes = plt.subplots(1, 2, figsize=(6, 2.5), width_ratios=[1.5, 1])
axes[0].imshow(cat)
axes[0].add_patch(plt.Rectangle((68.5, 41.5), 4, 4, fill=False, edgecolor="white", linewidth=2))
axes[0].set(xlabel="column", ylabel="row", title="what you see")
axes[1].imshow(patch)
for row in range(4):
    for column in range(4):
        red, green, blue = patch[row, column]
        ink = "black" if green > 110 else "white"
        style = {"ha": "center", "va": "center", "fontsize": 8, "color": ink}
        axes[1].text(column, row, f"{red}\n{green}\n{blue}", **style)
axes[1].set(xlabel="column", title="what there is")
axes[1].set_xticks(range(4), range(69, 73))
axes[1].set_yticks(range(4), range(42, 46))
for each in axes:
    each.grid(False)
plots.show(
    figure,
    alt="A photograph of a cat, and a patch of 4 by 4 pixels from the rim of an "
    "eye, enlarged; in each pixel stand its three numbers for red, green and blue.",
)

# %% [markdown]
# **What you should see.** Three numbers a pixel: how much red, green and blue light, from 0 (none)
# to 255 (all there is). Rows are counted from the *top*, and the row comes first: the pixel
# `cat[42, 69]` is in row 42, column 69. Remember that order; it is behind half of all bugs with
# images.

# %% [markdown]
# ## 2 · Python, on a tiny picture
#
# If you have programmed before, these six cells are all the Python that you need to begin. Change
# them, break them, run them again: nothing here can be damaged.
#
# **Names and numbers.** A name is made by assigning to it; there are no declarations and no
# semicolons. `/` always gives a fraction, `//` rounds down, `%` is the remainder, `**` a power. An
# `f"…"` string fills in what stands in braces, with an optional format after the colon. What a
# library offers is reached by a dot: `import numpy as np` (first cell) gave NumPy the short name
# `np`.

# %% tags=["demo", "nbval-check-output"]
rows, columns = 5, 4
area = rows * columns
print(f"{rows} x {columns} = {area} pixels, {area / 1e6:.6f} megapixels")
print(7 / 2, 7 // 2, 7 % 2, 2**10)
print(0.1 + 0.2 == 0.3, "because the sum is", 0.1 + 0.2)

# %% [markdown]
# The last line is no bug of Python's: a 64-bit float keeps about 16 digits, and 0.1 is not among
# the numbers it can hold. *Never compare computed floats with* `==`: this will bite in section 12.
#
# **Lists and slices.** A list holds things in order. Counting starts at 0, −1 is the last one, and
# a slice `start:stop:step` includes `start` but not `stop`. A dictionary, in braces, finds its
# values by name instead. What will each line print? Say it aloud, then run.

# %% tags=["demo", "nbval-check-output"]
shades = [10, 20, 30, 40, 50, 60]
print(shades[0], shades[-1], len(shades))
print(shades[1:4], shades[:2], shades[4:])
print(shades[::2], shades[::-1])
heights = {"cat": 150, "rocket": 142}
print(heights["cat"], list(heights), list(range(5)))

# %% [markdown]
# **Loops, conditions, functions.** What belongs together is indented by four spaces; no braces. A
# `for` loop walks through anything that has elements (`range(5)` counts from 0 to 4); `[… for … in
# …]` builds a list in a single line. Here is a picture as a list of rows, and two functions that
# work on it.

# %% tags=["demo", "nbval-check-output"]
letter = [[1, 1, 1, 1], [1, 0, 0, 0], [1, 1, 1, 0], [1, 0, 0, 0], [1, 0, 0, 0]]


def draw(picture, ink="#"):
    """Print a picture made of lists of 0 and 1."""
    for row in picture:
        line = ""
        for pixel in row:
            if pixel == 1:
                line += ink
            else:
                line += "."
        print(line)


def mirror(picture):
    """Return a new picture with the columns in reverse order."""
    return [row[::-1] for row in picture]


draw(letter)
draw(mirror(letter), ink="@")

# %% [markdown]
# `ink="#"` is a default: the caller may leave it out or name it. The text in triple quotes says
# what the function is for; in the exercises it says exactly what yours must return.
#
# **A name is a label, not a box.** Assigning does not copy. After `second = first` two labels hang
# on *one* list, and whoever writes through one of them changes what the other sees. What does the
# last line print?

# %% tags=["demo", "nbval-check-output"]
first = [1, 2, 3]
second = first  # a second label on the same list
third = first.copy()  # a new list
second[0] = 99
print(first, second, third)

# %% [markdown]
# **Errors.** Something impossible was asked for: say so at once, with `raise`, and in a sentence
# that helps. An error that nobody catches ends the program with a *traceback*; read it from its
# last line upwards. Here we catch it, so that this page can go on.


# %% tags=["demo", "nbval-check-output"]
def shade(level):
    """Return the pixel value of a grey level between 0 and 1."""
    if level < 0 or level > 1:
        raise ValueError(f"level must lie between 0 and 1, not {level}")
    return round(255 * level)


print(shade(0.5))
try:
    shade(3)
except ValueError as error:
    print("ValueError:", error)

# %% [markdown]
# **Classes.** A class keeps data and the functions that work on them together. `__init__` runs when
# an object is made; `self` is the object itself, and what is stored as `self.something` stays until
# the next call. A loop calls `__iter__` once, to ask for something that hands out elements (here the
# object itself), and then `__next__` for one element after the other: a class with these two *is*
# something you can loop over. This one never ends.


# %% tags=["demo", "nbval-check-output"]
class Slideshow:
    """Show the slides one after the other, for ever, and count the rounds."""

    def __init__(self, slides):
        self.slides = slides
        self.position = 0
        self.rounds = 0

    def __iter__(self):
        return self

    def __next__(self):
        slide = self.slides[self.position]
        self.position += 1
        if self.position == len(self.slides):
            self.position = 0
            self.rounds += 1
        return slide


show = Slideshow(["cat", "coffee", "rocket"])
print(next(show), next(show), show.rounds)
print(next(show), next(show), show.rounds)

# %% [markdown]
# Keep this class in mind. At the end of the page you write its big sister.

# %% [markdown]
# ## 3 · Why arrays
#
# The obvious way to make a picture grey is to walk through its pixels and mix red, green and blue
# (the eye is most sensitive to green, so the weights are 0.30, 0.59 and 0.11). The same in NumPy is
# one expression on the whole array: `picture @ weights`, where `@` multiplies along the last axis
# and adds up. *Commit first:* on a picture of 256 × 256 pixels, how many times faster is the array?

# %%
my_guess = 5  # times faster; your number

# %% tags=["demo"]
weights = np.array([0.30, 0.59, 0.11])


def grey_by_loop(picture):
    """Mix the channels of nested lists, pixel by pixel."""
    return [[0.30 * r + 0.59 * g + 0.11 * b for r, g, b in row] for row in picture]


def grey_by_array(picture):
    """Mix the channels of an array of shape (H, W, 3) in one expression."""
    return picture @ weights


def seconds(function, argument, repeats=5):
    """Return the shortest of several runs: the one that was disturbed least."""
    durations = []
    for _ in range(repeats):
        start = time.perf_counter()
        function(argument)
        durations.append(time.perf_counter() - start)
    return min(durations)


# %% tags=["demo"]
sides = [8, 16, 32, 64, 128, 256]
cats = [np.resize(cat, (side, side, 3)).astype(np.float64) for side in sides]
loop = [1000 * seconds(grey_by_loop, square.tolist()) for square in cats]
array = [1000 * seconds(grey_by_array, square) for square in cats]
print(f"your guess {my_guess}, measured {loop[-1] / array[-1]:.0f} times faster")
figure, axes = plt.subplots(figsize=(6, 3.2))
axes.loglog([side**2 for side in sides], loop, "o-", label="Python loop over lists")
axes.loglog([side**2 for side in sides], array, "s-", label="one array expression")
axes.set(xlabel="pixels in the picture", ylabel="time (milliseconds)")
axes.legend()
plots.show(
    figure,
    alt="Time to make a picture grey against its number of pixels, both axes "
    "logarithmic. The loop grows in proportion; the array starts flat and stays far below.",
)

# %% [markdown]
# **What you should see.** The loop takes the same time for each pixel, so its line has slope 1. The
# array pays a fixed price of about a microsecond a call, then next to nothing a pixel. For a
# handful of numbers a loop is fine; for a picture it costs tens to hundreds of times more (it hangs
# on the machine), and training a network handles a picture thousands of times. In Python, *a fast
# program is one whose loops run inside NumPy*.

# %% [markdown]
# ## 4 · Cutting a picture up
#
# An array has a `shape` (its length along each axis), a `dtype` (the one type that all elements
# share), and is sliced along every axis at once: `cat[rows, columns, channels]`. An axis that you
# leave out is taken whole. *Commit first:* which corner is `cat[:40, -75:]`? Type it below.

# %%
my_guess = "bottom left"  # top or bottom, left or right

# %% tags=["demo"]
print("shape", cat.shape, " dtype", cat.dtype, " a pixel", cat[0, 0], " a number", cat[0, 0, 2])
print(f"your guess: {my_guess}; now look at the first picture")
red_only = cat.copy()
red_only[:, :, 1:] = 0
parts = [cat[:40, -75:], cat[:, ::-1], cat[::8, ::8], red_only]
titles = ["[:40, -75:]", "[:, ::-1]", "[::8, ::8]", "[:, :, 1:] = 0"]
figure = plots.image_grid(parts, titles=titles, columns=4)
plots.show(
    figure,
    alt="Four pictures: the upper right corner with an ear of the cat; the whole "
    "cat mirrored; every eighth pixel, coarse; and the red channel alone.",
)

# %% [markdown]
# **What you should see.** The top right corner: `:40` takes the first rows, and row 0 is at the
# top; `-75:` the last columns. A step of −1 mirrors, a step of 8 keeps one pixel in 64, and
# assigning to a slice writes into all of it at once. No loop anywhere.

# %% [markdown]
# ## 5 · Numbers that wrap around
#
# Pixels are stored as `uint8`: whole numbers of 8 bits, from 0 to 255. What is `200 + 100` there?
# Nine bits do not fit into eight. *Commit first*, then brighten the cat.

# %%
my_guess = 255  # your value of 200 + 100 in uint8

# %% tags=["demo"]
bright, more = np.array([200], dtype=np.uint8), np.array([100], dtype=np.uint8)
print(f"your guess {my_guess}, NumPy says {(bright + more)[0]}")
print("and 100 - 200 is", (more - bright)[0])
wrapped = cat + np.uint8(100)
clipped = np.clip(cat.astype(np.float64) + 100, 0, 255).astype(np.uint8)
titles = ["cat", "cat + 100 in uint8", "in float, clipped, back"]
figure = plots.image_grid([cat, wrapped, clipped], titles=titles, columns=3)
plots.show(
    figure,
    alt="Three cats: as it was; brightened in uint8, where the bright fur turned "
    "blue and odd colours appear; brightened in float and clipped, simply brighter.",
)

# %% [markdown]
# **What you should see.** $200 + 100 = 300$ and $300 - 256 = 44$: what does not fit is dropped
# without a word. In ginger fur red is the largest number, so it wraps first; green and blue are
# left, and the cat turns cyan. No error, no warning. The habit that saves you: *convert to float
# before you compute with pixels*, clip, and convert back only to store or show.

# %% [markdown]
# ## 6 · Views and copies
#
# A slice of an array is not a new array. It is a *view*: a second label, this time on part of the
# same memory. That is why slicing a picture of a gigabyte costs nothing, and why the next cell is
# dangerous. We cut out an eye, paint it white, and look at the *original*. In which of the three
# has the original cat been hurt: A, B, C, or several?

# %%
my_guess = "none"  # such as "A" or "B, C"

# %% tags=["demo"]
eye_rows = np.arange(42, 75)
originals = {letter: cat.copy() for letter in "ABC"}
slice_of_a = originals["A"][42:75, 66:105]
slice_of_a[:] = 255
copy_of_b = originals["B"][42:75, 66:105].copy()
copy_of_b[:] = 255
picked_from_c = originals["C"][eye_rows, 66:105]  # indexed by an array of row numbers
picked_from_c[:] = 255
hurt = [name for name, image in originals.items() if (image != cat).any()]
print(f"your guess {my_guess}, hurt: {', '.join(hurt)}")
parts = {"A": slice_of_a, "B": copy_of_b, "C": picked_from_c}
for name, part in parts.items():
    print(f"{name} shares memory with its original:", np.shares_memory(part, originals[name]))
titles = ["A: slice", "B: slice.copy()", "C: index array"]
closeups = [image[20:100, 30:150] for image in originals.values()]
figure = plots.image_grid(closeups, titles=titles, columns=3)
plots.show(
    figure,
    alt="Three close-ups of the cat. In the first, where a slice was painted, a "
    "white box covers an eye; the other two, a copy and an indexed array, are unharmed.",
)

# %% [markdown]
# **What you should see.** Only A. Slices are views; `.copy()` and indexing by an *array of
# positions* make new memory. So do most functions that compute; but `x += 1`, `x[…] = …` and
# `x.sort()` write into what is there. A function that quietly changes its argument is a bug that
# shows up somewhere else, days later: *the functions that you write here leave their arguments
# alone*, and the checks look.

# %% [markdown]
# ## 7 · Broadcasting: loops that nobody writes
#
# What is an array of shape (3, 1) plus one of shape (4,)? NumPy writes the shapes under each other,
# right-aligned, and stretches every axis of length 1 (or missing) to fit the other:
#
#     (3, 1)
#        (4)
#     ------
#     (3, 4)      every row number meets every column number
#
# Lengths that differ, neither of them 1, are an error. `x[:, None]` puts a new axis of length 1
# there; this turns a row of numbers into a column.

# %% tags=["demo", "nbval-check-output"]
row_number = np.arange(3)
column_number = np.arange(4)
print(row_number[:, None] * 10 + column_number)
try:
    row_number + column_number
except ValueError as error:
    print("ValueError:", error)
labels = np.array([1, 2, 3])
predictions = np.array([[1], [2], [3]])
print("three differences?", (labels - predictions).shape)

# %% [markdown]
# The last line is the mean side of it: (3,) against (3, 1) is no error but a 3 × 3 table. When a
# loss comes out strange, print shapes first.
#
# A row of column numbers against a column of row numbers: that is a coordinate system, and with it
# you can *draw*. Three pictures follow. Each is two or three lines, with no loop.

# %% [markdown]
# ## 8 · Your turn: `checkerboard`
#
# *About 15 minutes · 2 points.* In which tile does column 17 lie, when tiles are 5 pixels wide? Is
# that an odd tile? A pixel is white when exactly one of its two tile numbers is odd. No loops and
# no comprehensions.
#
# <details><summary>Hint: I get stripes instead of tiles</summary>
#
# One of the two axes is missing. Make the numbers for one line of pixels, then let a column of them
# (`[:, None]`) meet a row of them (`[None, :]`).
# </details>
# <details><summary>Hint: the check asks for float64, and I have something else</summary>
#
# Comparisons give `bool`, `arange` gives integers. `.astype(np.float64)` converts.
# </details>


# %% nbgrader={"grade": false, "grade_id": "checkerboard", "locked": false, "schema_version": 3, "solution": true, "task": false}
def checkerboard(resolution, tile):
    """Draw a square checkerboard whose top left tile is black.

    Args:
        resolution: height and width of the picture in pixels; a positive multiple of 2 * tile.
        tile: height and width of one tile in pixels, at least 1.

    Returns:
        Array of shape (resolution, resolution), dtype float64: 0.0 is black, 1.0 is white.

    Raises:
        ValueError: tile is below 1, or resolution is not a positive multiple of 2 * tile.
    """
    ### BEGIN SOLUTION
    if tile < 1:
        raise ValueError(f"tile must be at least 1, not {tile}")
    if resolution < 1 or resolution % (2 * tile) != 0:
        raise ValueError(f"resolution must be a positive multiple of {2 * tile}, not {resolution}")
    odd = np.arange(resolution) // tile % 2
    return (odd[:, None] != odd[None, :]).astype(np.float64)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_checkerboard_pattern", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
checks.shape(checkerboard(6, 1), (6, 6), "a square picture, resolution pixels high and wide")
checks.dtype(checkerboard(6, 1), np.float64, "a picture of 0.0 and 1.0: convert at the end")
expected = [[0, 0, 1, 1], [0, 0, 1, 1], [1, 1, 0, 0], [1, 1, 0, 0]]
expected = np.array(expected, dtype=np.float64)
checks.close(checkerboard(4, 2), expected, "four tiles of 2 x 2 pixels; the top left one is 0.0")
expected = np.array([[0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0]], dtype=np.float64)
checks.close(checkerboard(4, 1), expected, "tiles of one pixel: `tile` is in pixels, not a count")
checks.vectorised(checkerboard)
### BEGIN HIDDEN TESTS
for tiles, tile in ((2, 7), (6, 3), (10, 1), (4, 5)):
    expected = np.zeros((tiles * tile, tiles * tile))
    for row in range(tiles * tile):
        for column in range(tiles * tile):
            expected[row, column] = (row // tile + column // tile) % 2
    checks.close(checkerboard(tiles * tile, tile), expected, "other resolutions and tiles")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_checkerboard_errors", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
checks.shape(checkerboard(4, 2), (4, 4), "the smallest board, 2 x 2 tiles, is allowed")
checks.raises(ValueError, checkerboard, 7, 2, sentence="the last tile would be cut")
checks.raises(ValueError, checkerboard, 6, 2, sentence="three tiles: a multiple of tile only")
checks.raises(ValueError, checkerboard, 9, 4, sentence="two whole tiles and a bit of a third")
checks.raises(ValueError, checkerboard, 0, 2, sentence="a board of no pixels")
checks.raises(ValueError, checkerboard, -8, 2, sentence="a negative resolution")
checks.raises(ValueError, checkerboard, 4, 0, sentence="tile 0: check it before you divide by it")
checks.raises(ValueError, checkerboard, 4, -1, sentence="a negative tile")
### BEGIN HIDDEN TESTS
checks.shape(checkerboard(2, 1), (2, 2), "the smallest board of all is allowed")
checks.raises(ValueError, checkerboard, 15, 5, sentence="three tiles: a multiple of tile only")
checks.raises(ValueError, checkerboard, 9, 1, sentence="an odd number of tiles")
checks.raises(ValueError, checkerboard, -12, 3, sentence="a negative resolution")
checks.raises(ValueError, checkerboard, 12, -3, sentence="a negative tile")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Each of these looks right at first sight. Which board exposes it?
#
# 1. `odd = np.arange(resolution) % 2`
# 2. `if resolution % tile != 0: raise …`
# 3. `(odd[:, None] == odd[None, :])`
#
# <details><summary>Answers</summary>
#
# 1. Every board whose tiles are larger than one pixel.
# 2. Resolution 6 with tile 2: three tiles, and the corners no longer alternate.
# 3. Any board, but only by its corner: it is the negative, white at the top left. It looks so right
#    that nobody notices without a check of one named pixel.
# </details>

# %% [markdown]
# ## 9 · Your turn: `circle`
#
# *About 15 minutes · 2 points.* A disc is every pixel whose distance from the centre is at most the
# radius. The result is a *mask*: an array of `True` and `False`, with which you will cut pictures.
# No loops and no comprehensions here either.
#
# Mathematics says $(x, y)$ and means right, then up. Arrays say `[row, column]`: down, then right.
# So $x$ is the *column*, $y$ is the *row*, and $y$ grows downwards. The pixel in row 0 and column 0
# has $x = y = 0$.
#
# <details><summary>Hint: my circle is in the wrong place, but a centred one is right</summary>
#
# Then x and y have changed places. Which of your two arrays varies from row to row? That one is
# compared with `centre[1]`.
# </details>


# %% nbgrader={"grade": false, "grade_id": "circle", "locked": false, "schema_version": 3, "solution": true, "task": false}
def circle(resolution, radius, centre):
    """Draw a filled circle as a mask.

    Args:
        resolution: height and width of the picture in pixels, at least 1.
        radius: radius in pixels, at least 0; need not be whole.
        centre: pair (x, y), x the column and y the row (downwards); need not be whole, may lie
            outside the picture.

    Returns:
        Array of shape (resolution, resolution), dtype bool: True in [row, column] where the point
        (column, row) is at a distance of at most radius from the centre (on the edge included).
    """
    ### BEGIN SOLUTION
    position = np.arange(resolution)
    x, y = centre
    squared_distance = (position[None, :] - x) ** 2 + (position[:, None] - y) ** 2
    return squared_distance <= radius**2
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_circle_centre", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
checks.shape(circle(5, 1, (3, 1)), (5, 5), "a square mask of resolution x resolution")
checks.dtype(circle(5, 1, (3, 1)), np.bool_, "a mask holds True and False: return the comparison")
expected = np.zeros((5, 5), dtype=bool)
expected[1, 2:5] = True  # row y = 1, around column x = 3
expected[0:3, 3] = True
sentence = "centre is (x, y), the array [row, column], that is [y, x]"
checks.close(circle(5, 1.2, (3, 1)), expected, sentence)
expected = np.zeros((6, 6), dtype=bool)
expected[4, 0] = True
checks.close(circle(6, 0, (0, 4)), expected, "radius 0 at (0, 4): one pixel; 0 is at most 0")
checks.vectorised(circle)
### BEGIN HIDDEN TESTS
for resolution, radius, x, y in ((9, 2, 6, 3), (16, 5, 2, 11), (8, 3, 9, 0), (1, 0, 0, 0)):
    expected = np.zeros((resolution, resolution), dtype=bool)
    for row in range(resolution):
        for column in range(resolution):
            expected[row, column] = (column - x) ** 2 + (row - y) ** 2 <= radius**2
    checks.close(circle(resolution, radius, (x, y)), expected, "circles cut by the border")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_circle_edge", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
mask = circle(11, 5, (5, 5))
checks.equal(int(mask.sum()), 81, "radius 5: the 12 pixels on the edge count; compare squares")
checks.equal(bool(mask[9, 8]), True, "3 right and 4 down is 5 away: on the edge, so inside")
checks.equal(int(circle(4, 1, (1.5, 1.5)).sum()), 4, "a centre between four pixels")
checks.equal(int(circle(9, 2.5, (4, 4)).sum()), 21, "a radius that is not whole: do not round it")
checks.equal(int(circle(5, 2, (-9, 2)).sum()), 0, "a circle outside the picture leaves it empty")
### BEGIN HIDDEN TESTS
for resolution, radius, x, y in ((23, 10, 11, 11), (13, 2.5, 5.5, 5.5), (12, 4.25, 3.75, 3.75)):
    expected = np.zeros((resolution, resolution), dtype=bool)
    for row in range(resolution):
        for column in range(resolution):
            expected[row, column] = (column - x) ** 2 + (row - y) ** 2 <= radius**2
    checks.close(circle(resolution, radius, (x, y)), expected, "numbers that are not whole")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** For each, name a circle that comes out wrong, and one that comes out right.
#
# 1. `y, x = centre`
# 2. `squared_distance < radius**2`
# 3. `squared_distance <= radius`
#
# <details><summary>Answers</summary>
#
# 1. Wrong for centre (3, 1); right whenever x = y, so a centred test circle never finds it.
# 2. Wrong for every whole radius around a pixel (the edge is missing), right for radius 2.3.
# 3. Wrong for radius 5; right for radius 0 and 1. Test with unequal, unround, uncomfortable
#    numbers.
# </details>

# %% [markdown]
# ## 10 · Your turn: `colour_spectrum`
#
# *About 15 minutes · 2 points.* Now three channels. Red rises from left to right, green from top to
# bottom, and blue falls from left to right, all evenly from pixel to pixel, and no loops:
#
# | corner | left | right |
# |---|---|---|
# | top | blue (0, 0, 1) | red (1, 0, 0) |
# | bottom | cyan (0, 1, 1) | yellow (1, 1, 0) |
#
# <details><summary>Hint: my colours rise, but do not quite reach 1</summary>
#
# Over n pixels there are n − 1 steps. `np.linspace(0, 1, n)` includes both ends.
# </details>
# <details><summary>Hint: could not broadcast input array</summary>
#
# `image[:, :, 0]` has shape (resolution, resolution). A ramp of shape (resolution,) fits it as a
# row (the same in every row); as `ramp[:, None]` it fits as a column.
# </details>


# %% nbgrader={"grade": false, "grade_id": "colour_spectrum", "locked": false, "schema_version": 3, "solution": true, "task": false}
def colour_spectrum(resolution):
    """Draw a square of blending colours.

    Args:
        resolution: height and width of the picture in pixels, at least 2.

    Returns:
        Array of shape (resolution, resolution, 3), dtype float64, values from 0 to 1. Red (channel
        0) goes evenly from 0 in the first column to 1 in the last, green (1) from 0 in the first
        row to 1 in the last, blue (2) from 1 in the first column to 0 in the last.
    """
    ### BEGIN SOLUTION
    ramp = np.linspace(0, 1, resolution)
    image = np.zeros((resolution, resolution, 3))
    image[:, :, 0] = ramp
    image[:, :, 1] = ramp[:, None]
    image[:, :, 2] = 1 - ramp
    return image
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_colour_spectrum_corners", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
image = colour_spectrum(4)
checks.shape(image, (4, 4, 3), "three channels, last axis")
checks.dtype(image, np.float64, "colours from 0 to 1, in float64")
checks.close(image[0, 0], [0.0, 0.0, 1.0], "top left is blue")
checks.close(image[0, -1], [1.0, 0.0, 0.0], "top right is red: 1 in the last column")
checks.close(image[-1, 0], [0.0, 1.0, 1.0], "bottom left is cyan: green is 1 in the last row")
checks.close(image[-1, -1], [1.0, 1.0, 0.0], "bottom right is yellow: the last pixel reaches 1")
### BEGIN HIDDEN TESTS
image = colour_spectrum(7)
checks.shape(image, (7, 7, 3), "another resolution")
corners = np.array([[[0, 0, 1], [1, 0, 0]], [[0, 1, 1], [1, 1, 0]]], dtype=np.float64)
checks.close(image[::6, ::6], corners, "corners at another resolution")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_colour_spectrum_ramps", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
image = colour_spectrum(5)
steps = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
checks.close(image[2, :, 0], steps, "red from 0 to 1 along a row: 5 pixels, 4 equal steps")
checks.close(image[:, 1, 1], steps, "green from 0 to 1 down a column, in 4 equal steps")
checks.close(image[3, :, 2], steps[::-1], "blue is what red leaves: 1 at the left, 0 at the right")
checks.vectorised(colour_spectrum)
### BEGIN HIDDEN TESTS
for resolution in (2, 3, 10, 33):
    expected = np.zeros((resolution, resolution, 3))
    for row in range(resolution):
        for column in range(resolution):
            red, green = column / (resolution - 1), row / (resolution - 1)
            expected[row, column] = red, green, 1 - red
    checks.close(colour_spectrum(resolution), expected, "every pixel at other resolutions")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** What do you see on the screen with each of these?
#
# 1. `ramp = np.arange(resolution) / resolution`
# 2. `image[:, :, 1] = ramp`
# 3. `image = np.zeros((3, resolution, resolution))`, filled as `image[0] = ramp` and so on
#
# <details><summary>Answers</summary>
#
# 1. Nothing: at 200 pixels the last one is 0.995 and no eye will tell. Only a check of the corner
#    does.
# 2. Every row is the same, blue at the left to yellow at the right.
# 3. An error from matplotlib, which wants the channels last. From week 4 on, PyTorch wants them
#    first: neither is wrong, mixing them is.
# </details>

# %% [markdown]
# **Now use them.** A mask times a picture is a spotlight, and a mask can choose, pixel by pixel,
# between two pictures: `np.where(mask, this, that)`. Take a square of 140 × 140 pixels around the
# cat's face. *Commit first:* a spotlight with its centre at (x, y) = (108, 62) falls on what?

# %%
my_guess = "the nose"  # the eye at the left, the eye at the right, the nose, the whiskers

# %% tags=["demo"]
face = cat[5:145, 50:190] / 255
light = circle(140, 24, (108, 62))[:, :, None]
board = checkerboard(140, 35)[:, :, None]
spotlight = face * (0.25 + 0.75 * light)
tinted = np.where(board == 1, face, 0.5 * face + 0.5 * colour_spectrum(140))
framed = np.where(circle(140, 66, (70, 70))[:, :, None], face, colour_spectrum(140))
print(f"your guess: {my_guess}; look at the first picture")
titles = ["picture * mask", "tinted by tiles", "chosen by mask"]
figure = plots.image_grid([spotlight, tinted, framed], titles=titles, columns=3)
plots.show(
    figure,
    alt="The cat's face, dark but for a spotlight on the right-hand eye; tinted on "
    "every second tile of a checkerboard; cut out as a disc before the colour spectrum.",
)

# %% [markdown]
# **What you should see.** The light falls on the eye at the right; with x and y interchanged it
# would light up whiskers, at the bottom left. A light in the middle would have shown nothing: its x
# and y are equal. A mask of shape (140, 140, 1) meets a picture of shape (140, 140, 3): one mask
# serves all three channels, by broadcasting. That is what the `[:, :, None]` is for.

# %% [markdown]
# ## 11 · Labels as rows
#
# A label is a class number: 3 for the digit three. But 3 is not "more" than 1 and a bit less than
# 4; the numbers are names. Learning wants one column for each class instead, with a single 1 in it:
# 3 becomes (0, 0, 0, 1, 0, …). And indexing by *two* arrays of positions writes one element per
# pair: `table[[0, 1, 2], [5, 0, 7]] = 1` sets three elements, not nine.
#
# ## 11.1 · Your turn: `one_hot`
#
# *About 10 minutes · 2 points.* No loops and no comprehensions. An index of −1 means the last
# column, so NumPy takes a negative label without complaint and makes it the wrong class: catch it
# yourself.
#
# <details><summary>Hint: it fails when there are no labels at all</summary>
#
# `labels.max()` of nothing is an error. `(labels >= classes).any()` of nothing is simply False.
# </details>


# %% nbgrader={"grade": false, "grade_id": "one_hot", "locked": false, "schema_version": 3, "solution": true, "task": false}
def one_hot(labels, classes):
    """Turn class numbers into rows with a single 1.

    Args:
        labels: integer array of shape (N,), values from 0 to classes - 1; N may be 0. Not modified.
        classes: the number of classes C.

    Returns:
        Array of shape (N, C), dtype float64: row i is 1.0 in column labels[i] and 0.0 elsewhere.

    Raises:
        ValueError: a label is negative, or is classes or more.
    """
    ### BEGIN SOLUTION
    if (labels < 0).any() or (labels >= classes).any():
        raise ValueError(f"labels must lie between 0 and {classes - 1}")
    table = np.zeros((len(labels), classes))
    table[np.arange(len(labels)), labels] = 1
    return table
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_one_hot_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
expected = np.array([[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]])
checks.close(one_hot(np.array([2, 0, 2]), 4), expected, "one 1 a row; class 3 has a column too")
checks.dtype(one_hot(np.array([2, 0, 2]), 4), np.float64, "numbers to compute with: float64")
checks.close(one_hot(np.array([1]), 2), [[0.0, 1.0]], "a single label")
checks.unchanged(one_hot, np.array([2, 0, 2]), 4)
checks.vectorised(one_hot)
### BEGIN HIDDEN TESTS
chance = np.random.default_rng(11)
for count, classes in ((17, 5), (1, 1), (40, 13)):
    labels = chance.integers(classes, size=count)
    expected = np.zeros((count, classes))
    for row in range(count):
        expected[row, labels[row]] = 1.0
    checks.close(one_hot(labels.copy(), classes), expected, "random labels")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_one_hot_limits", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
few = np.array([0, 3, 1], dtype=np.uint8)
expected = np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 0.0]])
checks.close(one_hot(few, 4), expected, "labels stored as uint8; the last class is allowed")
checks.shape(one_hot(np.zeros(0, dtype=np.int64), 3), (0, 3), "no labels give a table of no rows")
checks.raises(ValueError, one_hot, np.array([0, -1, 2]), 3, sentence="-1: an index, but no class")
checks.raises(ValueError, one_hot, np.array([0, 3, 1]), 3, sentence="3 classes are 0, 1 and 2")
### BEGIN HIDDEN TESTS
checks.raises(ValueError, one_hot, np.array([2, 1, -3]), 4, sentence="a negative label")
checks.raises(ValueError, one_hot, np.array([7, 0]), 7, sentence="a label one too large")
checks.raises(ValueError, one_hot, np.array([1, 90]), 5, sentence="a label far too large")
checks.shape(one_hot(np.zeros(0, dtype=np.int64), 1), (0, 1), "no labels, one class")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Which labels expose these?
#
# 1. `table = np.zeros((len(labels), labels.max() + 1))`
# 2. `table[:, labels] = 1`
# 3. no check of the range at all
#
# <details><summary>Answers</summary>
#
# 1. Any batch in which the last class happens to be missing: the table is too narrow, sometimes.
# 2. Any two different labels: whole columns are filled.
# 3. −1, which silently becomes the last class.
# </details>
#
# **What it is good for.** Read `one_hot(labels).T @ features` as a sum over pictures: each adds its
# features to the row of its class. Divided by the counts, that is the average picture of every
# class, in one matrix product. *Commit first:* handwritten digits, 180 of each. Of which digit is
# the average the most blurred, because people write it most differently?

# %%
my_guess = 0  # a digit

# %% tags=["demo"]
targets = one_hot(digits.labels, 10)
averages = targets.T @ digits.features / targets.sum(axis=0)[:, None]
deviation = digits.features - targets @ averages  # each digit minus the average of its class
variance = (deviation**2).sum(axis=1) @ targets / targets.sum(axis=0)
print(f"your guess {my_guess}, measured {variance.argmax()}")
print("variance:", "  ".join(f"{digit}: {value:.0f}" for digit, value in enumerate(variance)))
figure = plots.image_grid(averages.reshape(10, 8, 8), titles=list(range(10)), columns=10)
plots.show(
    figure,
    alt="The average pictures of the digits 0 to 9, 8 by 8 pixels; 0 is sharp, "
    "digits that people write in several ways are blurred.",
)

# %% [markdown]
# **What you should see.** Ten ghosts, each the average of some 180 pictures. `targets @ averages`
# is the same trick backwards: it hands every picture the average of its own class.

# %% [markdown]
# ## 12 · Features on one scale
#
# From medical images, 30 features of 569 cell samples were measured: areas in the hundreds,
# smoothness in hundredths. A method that adds up differences sees only the areas. *Commit first:*
# how many times wider is the spread of the area than that of the smoothness?

# %%
my_guess = 100  # times

# %% tags=["demo"]
tumours = datasets.breast_cancer()
area, smoothness = tumours.features[:, 3], tumours.features[:, 4]
print(f"your guess {my_guess}, measured {area.std() / smoothness.std():.0f}")
figure, axes = plt.subplots(figsize=(6, 2.4))
for label, marker in enumerate("ox"):
    chosen = tumours.labels == label
    axes.scatter(area[chosen], smoothness[chosen], s=12, marker=marker, label=tumours.names[label])
axes.set(xlabel="mean area (pixels)", ylabel="mean smoothness", ylim=(-400, 400))
axes.legend()
plots.show(
    figure,
    alt="Area against smoothness of cell samples, drawn with the same scale on both "
    "axes: all points lie on one flat line, because smoothness hardly varies beside area.",
)

# %% [markdown]
# **What you should see.** A line. Drawn to scale, as a distance sees them, the second feature does
# not exist.
#
# ## 12.1 · Your turn: `standardise`
#
# *About 15 minutes · 3 points.* Subtract the mean and divide by the standard deviation (the square
# root of the mean squared deviation), both along `axis`: after that, every feature has mean 0 and
# spread 1, and its unit no longer matters, be it metres or nanometres. A *constant* feature has no
# spread to divide by; it carries no information and becomes 0.
#
# Two things go wrong here. Three times 0.1 have the mean 0.10000000000000002, so the computed
# deviation is not 0 but about $10^{-17}$, and `std == 0` does not notice. (A feature is constant
# when its largest value *equals* its smallest; those two are not computed, but found.) And adding a
# small number to the divisor, "to be safe", spoils every feature that is small itself.
#
# <details><summary>Hint: operands could not be broadcast together</summary>
#
# `x.mean(axis=1)` of a (4, 3) array has shape (4,), which does not fit (4, 3). With `keepdims=True`
# it has shape (4, 1), which does, whatever the axis is.
# </details>
# <details><summary>Hint: RuntimeWarning: invalid value encountered in divide</summary>
#
# `np.where(condition, a, b)` computes both `a` and `b` everywhere and then chooses. Make the
# divisor harmless (1) before you divide.
# </details>


# %% nbgrader={"grade": false, "grade_id": "standardise", "locked": false, "schema_version": 3, "solution": true, "task": false}
def standardise(x, axis):
    """Shift and scale to mean 0 and standard deviation 1 along an axis.

    Args:
        x: array of any shape, of integers or floats. Not modified.
        axis: the axis to average over, or a tuple of axes; 0 treats columns as features.

    Returns:
        Array of the shape of x: (x - mean) / standard deviation along axis, and exactly 0 where
        all values along axis are equal. float32 stays float32; integers and float64 give float64.
    """
    ### BEGIN SOLUTION
    constant = x.max(axis=axis, keepdims=True) == x.min(axis=axis, keepdims=True)
    spread = np.where(constant, 1, x.std(axis=axis, keepdims=True))
    return np.where(constant, 0, (x - x.mean(axis=axis, keepdims=True)) / spread)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_standardise_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.array([[1.0, 10.0], [3.0, 30.0]])
checks.close(standardise(x, 0), [[-1.0, -1.0], [1.0, 1.0]], "every column by itself")
x = np.array([[1.0, 3.0], [10.0, 30.0], [2.0, 6.0]])
checks.close(standardise(x, 1), [[-1.0, 1.0]] * 3, "every row by itself: use `axis`")
expected = np.array([-1.0, -1.0, -1.0, 3.0]) / np.sqrt(3.0)
checks.close(standardise(np.array([2.0, 2.0, 2.0, 6.0]), 0), expected, "divide by N, not by N - 1")
checks.shape(standardise(np.arange(24.0).reshape(4, 3, 2), (0, 1)), (4, 3, 2), "a tuple of axes")
checks.unchanged(standardise, x, 0)
### BEGIN HIDDEN TESTS
chance = np.random.default_rng(12)
for shape, axis in (((7, 3), 0), ((5, 4), 1), ((3, 5, 4, 2), (0, 1, 2)), ((6, 1, 5), -1)):
    x = chance.normal(loc=5.0, scale=20.0, size=shape)
    around = x - np.mean(x, axis=axis, keepdims=True)
    expected = around / np.sqrt(np.mean(around**2, axis=axis, keepdims=True))
    checks.close(standardise(x.copy(), axis), expected, "random input along other axes")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_standardise_constant", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = np.array([[5.0, 1.0], [5.0, 3.0]])
checks.close(standardise(x, 0), [[0.0, -1.0], [0.0, 1.0]], "a constant column becomes 0, not NaN")
sentence = "0.1 three times is constant, though its computed std is not 0: compare max, min"
checks.close(standardise(np.full((3, 1), 0.1), 0), np.zeros((3, 1)), sentence)
checks.close(standardise(np.array([[2.0, 8.0]]), 0), [[0.0, 0.0]], "a single row is constant")
sentence = "a small spread about a large mean is no constant: subtract the mean, then square"
large = np.array([[1e9], [1e9 + 2]])
checks.close(standardise(large, 0), [[-1.0], [1.0]], sentence)
tiny = np.array([[1.0], [3.0]]) * 1e-12
checks.close(standardise(tiny, 0), [[-1.0], [1.0]], "units do not matter: no epsilon, no limit")
### BEGIN HIDDEN TESTS
x = np.random.default_rng(13).normal(size=(7, 3))
x[:, 1] = 1e8 + 0.7
expected = (x - x.mean(axis=0)) / np.array([x[:, 0].std(), 1.0, x[:, 2].std()])
expected[:, 1] = 0.0
checks.close(standardise(x.copy(), 0), expected, "a large constant between two other features")
checks.close(standardise(x.T.copy(), 1), expected.T, "constant along the other axis")
checks.close(standardise(x[:, [0, 2]] * 1e-20, 0), expected[:, [0, 2]], "another unit")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_standardise_types", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
pixels = np.array([[0, 255], [200, 255], [250, 255], [150, 255]], dtype=np.uint8)
expected = pixels.astype(np.float64) - [150.0, 255.0]
expected[:, 0] /= np.sqrt((150.0**2 + 50.0**2 + 100.0**2) / 4)
checks.close(standardise(pixels, 0), expected, "pixels stored as uint8 must not wrap around")
checks.dtype(standardise(pixels, 0), np.float64, "integers in, float64 out")
checks.dtype(standardise(np.array([1.0, 2.0], dtype=np.float32), 0), np.float32, "float32 stays")
### BEGIN HIDDEN TESTS
counts = np.random.default_rng(14).integers(0, 256, size=(9, 4))
expected = (counts - counts.mean(axis=0)) / counts.std(axis=0)
checks.close(standardise(counts.astype(np.uint8), 0), expected, "random uint8")
checks.close(standardise(counts.copy(), 0), expected, "random integers")
single = standardise(counts.astype(np.float32), 0)
checks.close(single, expected.astype(np.float32), "random float32")
checks.dtype(single, np.float32, "float32 stays float32")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each.
#
# 1. `x.std()` without `axis`
# 2. `/ (x.std(axis=axis, keepdims=True) + 1e-8)`
# 3. `x -= x.mean(axis=0)`
#
# <details><summary>Answers</summary>
#
# 1. Two columns of different spread.
# 2. A feature measured in metres that are really nanometres: its spread is $10^{-9}$, and the
#    result shrinks elevenfold.
# 3. Any input that is used again; integers, for which it is an error; and axis 1.
# </details>

# %% [markdown]
# **Look.** The same two features, standardised, again with one scale for both axes. *Commit first:*
# a value beyond ±3 is three standard deviations from the mean; of 569 areas, how many are that far?

# %%
my_guess = 100  # samples

# %% tags=["demo"]
scaled = standardise(tumours.features, 0)
print(f"your guess {my_guess}, measured {(np.abs(scaled[:, 3]) > 3).sum()}")
figure, axes = plt.subplots(figsize=(6, 3.4))
for label, marker in enumerate("ox"):
    chosen = tumours.labels == label
    style = {"s": 14, "marker": marker, "alpha": 0.7, "label": tumours.names[label]}
    axes.scatter(scaled[chosen, 3], scaled[chosen, 4], **style)
axes.set(xlabel="mean area (standard deviations)", ylabel="mean smoothness (same)", aspect="equal")
axes.legend()
plots.show(
    figure,
    alt="Area against smoothness after standardising, one scale for both axes: a "
    "round cloud in which malignant samples lie to the right, and both features count.",
)

# %% [markdown]
# **What you should see.** The line has become a cloud, and both features have a say. Malignant
# samples lie further right and a little higher. Section 13 puts a number on what was gained.

# %% [markdown]
# ## 13 · How far apart?
#
# Between N pictures and M pictures there are N × M distances; "which stored digit is most like this
# one?" is a whole classifier. Broadcasting makes them in a line: `((a[:, None, :] - b[None, :, :])
# ** 2).sum(axis=2)`. What does that line cost for 797 digits against 1000, of 64 pixels each? It
# first builds all N × M × D differences.

# %% tags=["demo", "nbval-check-output"]
differences, distances = 797 * 1000 * 64 * 8, 797 * 1000 * 8
print(f"the differences {differences / 1e6:.0f} MB, the answer {distances / 1e6:.1f} MB")

# %% [markdown]
# Sixty-four times the memory of the answer; for photographs of 150,000 numbers the line asks for a
# terabyte. The way out is school algebra, $|a - b|^2 = |a|^2 + |b|^2 - 2\,a \cdot b$: two short
# lists of squares, and all N × M products $a \cdot b$ at once, which are a matrix product.
#
# **einsum** writes such sums as one learns to say them. Give every axis a letter; letters that are
# missing on the right of `->` are multiplied and summed over. Guess each shape before you run.

# %% tags=["demo", "nbval-check-output"]
a, b = np.ones((5, 3)), np.ones((2, 3))
print("nd,md->nm  all dot products  ", np.einsum("nd,md->nm", a, b).shape, "as a @ b.T")
print("nd,nd->n   each row's square ", np.einsum("nd,nd->n", a, a).shape, "as (a * a).sum(axis=1)")
mixed = np.einsum("hwc,c->hw", cat, weights)
print("hwc,c->hw  mix the channels  ", mixed.shape, "as cat @ weights")
print("hwc->c     sum of the pixels ", np.einsum("hwc->c", cat / 255).shape, "as .sum(axis=(0, 1))")
print("hwc->chw   channels first    ", np.einsum("hwc->chw", cat).shape, "as .transpose(2, 0, 1)")

# %% [markdown]
# ## 13.1 · Your turn: `pairwise_distances`
#
# *About 25 minutes · 3 points.* Squared distances by the formula above. No loops, no comprehensions
# and no array of N × M × D numbers: the memory is measured. Two traps, both old acquaintances:
#
# - Pixels come as uint8, and squares of uint8 wrap around. Convert first.
# - Rounding. For two equal points the three terms cancel, but only to about 16 digits, so the
#   result can be $-10^{-10}$, and its square root NaN. Clip at 0 (`np.maximum`).
#
# <details><summary>Hint: shapes (5,) and (2,) do not go together</summary>
#
# The answer has shape (N, M). The squares of `a` vary along the rows of the answer: make them a
# column, (N, 1). Those of `b` are a row, (M,).
# </details>
# <details><summary>Hint: too much memory</summary>
#
# Somewhere an array has three axes. Neither `a[:, None, :]` nor `[None, :, :]` is needed.
# </details>


# %% nbgrader={"grade": false, "grade_id": "pairwise_distances", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pairwise_distances(a, b):
    """Compute the squared Euclidean distance of every row of a to every row of b.

    Args:
        a: array of shape (N, D), of integers or floats. Not modified.
        b: array of shape (M, D). Not modified.

    Returns:
        Array of shape (N, M), dtype float64: |a[n] - b[m]|² in row n, column m; never negative.
    """
    ### BEGIN SOLUTION
    a, b = a.astype(np.float64), b.astype(np.float64)
    squares_of_a = np.einsum("nd,nd->n", a, a)[:, None]
    squares_of_b = np.einsum("md,md->m", b, b)
    return np.maximum(squares_of_a + squares_of_b - 2 * a @ b.T, 0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_pairwise_distances_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
a = np.array([[0.0, 0.0], [3.0, 4.0]])
b = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 1.0]])
expected = [[0.0, 9.0, 1.0], [25.0, 16.0, 18.0]]
checks.shape(pairwise_distances(a, b), (2, 3), "N points of a in rows, M points of b in columns")
checks.close(pairwise_distances(a, b), expected, "squared distances: no square root, minus 2 a·b")
checks.close(pairwise_distances(b, a), np.array(expected).T, "the other way round it is transposed")
checks.unchanged(pairwise_distances, a, b)
### BEGIN HIDDEN TESTS
chance = np.random.default_rng(15)
for n, m, d in ((7, 4, 5), (1, 6, 3), (5, 1, 2), (3, 3, 1)):
    a, b = chance.normal(size=(n, d)), chance.normal(scale=4.0, size=(m, d))
    expected = np.array([[np.sum((row - other) ** 2) for other in b] for row in a])
    tolerance = 1e-12 * (np.sum(a**2, axis=1).max() + np.sum(b**2, axis=1).max())
    checks.close(pairwise_distances(a.copy(), b.copy()), expected, "random points", atol=tolerance)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_pairwise_distances_traps", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
pixels = np.array([[0, 250], [200, 100]], dtype=np.uint8)
expected = [[0.0, 62500.0], [62500.0, 0.0]]
checks.close(pairwise_distances(pixels, pixels), expected, "uint8 wraps around: convert to float64")
single = np.array([[1.0, 2.0]], dtype=np.float32)
checks.dtype(pairwise_distances(single, single), np.float64, "float64, whatever comes in")
sentence = "near is not the same: clip at 0, not at some small number"
near = pairwise_distances(np.array([[1e-4]]), np.zeros((1, 1)))
checks.close(near, [[1e-8]], sentence, atol=1e-20)
far = np.random.default_rng(16).normal(loc=1000.0, size=(100, 3))
nearest = float(pairwise_distances(far, far.copy()).min())
checks.true(nearest >= 0, "a squared distance is never negative: rounding makes it so, clip at 0")
### BEGIN HIDDEN TESTS
chance = np.random.default_rng(17)
a = chance.integers(0, 256, size=(6, 9), dtype=np.uint8)
b = chance.integers(0, 256, size=(4, 9), dtype=np.uint8)
expected = np.array([[np.sum((x - y.astype(np.float64)) ** 2) for y in b] for x in a])
checks.close(pairwise_distances(a, b), expected, "random uint8", atol=1e-5)
checks.close(pairwise_distances(a.astype(np.float32), b), expected, "float32 and uint8", atol=1e-5)
far = chance.normal(loc=-3000.0, size=(80, 5))
result = pairwise_distances(far.copy(), far.copy())
checks.true(float(np.asarray(result).min()) >= 0, "never negative, far from the origin too")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_pairwise_distances_memory", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
a, b = np.ones((300, 40)), np.zeros((200, 40))
checks.close(pairwise_distances(a, b), np.full((300, 200), 40.0), "300 points against 200")
sentence = "no N x M x D array: that would be 19 MB, the answer has 0.5 MB"
checks.peak_memory(pairwise_distances, a, b, at_most=5_000_000, sentence=sentence)
checks.vectorised(pairwise_distances)
### BEGIN HIDDEN TESTS
a, b = np.ones((100, 300)), np.zeros((120, 300))
checks.close(pairwise_distances(a, b), np.full((100, 120), 300.0), "more features than points")
checks.peak_memory(pairwise_distances, a, b, at_most=6_000_000, sentence="no N x M x D array")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Name an input that exposes each.
#
# 1. no `np.maximum(…, 0)`
# 2. `(a * a).sum(axis=1) + (b * b).sum(axis=1) - 2 * a @ b.T`
# 3. no conversion to float
#
# <details><summary>Answers</summary>
#
# 1. A point far from the origin and itself.
# 2. Any N ≠ M is an error; with N = M it runs, and is wrong, so never test with square input only.
# 3. Two white pixels: $255^2 = 65025$ becomes 1.
# </details>
#
# **Look.** The nearest stored digit decides. 1000 digits are stored, 797 others are asked for.
# *Commit first:* what percentage is right?

# %%
my_guess = 80  # per cent

# %% tags=["demo"]
order = np.random.default_rng(seed=0).permutation(len(digits.labels))
stored, asked = order[:1000], order[1000:]
distances = pairwise_distances(digits.features[asked], digits.features[stored])
nearest = distances.argsort(axis=1)[:, :6]
right = digits.labels[stored][nearest[:, 0]] == digits.labels[asked]
print(f"your guess {my_guess} %, measured {100 * right.mean():.1f} %")
shown = [0, 1, np.flatnonzero(~right)[0]]  # two digits, and the first mistake
images, titles = [], []
for query in shown:
    images += [digits.images[asked[query]], *digits.images[stored[nearest[query]]]]
    titles += [f"{digits.labels[asked[query]]}?", *digits.labels[stored[nearest[query]]]]
figure = plots.image_grid(images, titles=titles, columns=7)
plots.show(
    figure,
    alt="Three rows: a digit that is asked for, then the six stored digits nearest "
    "to it with their labels. Two rows agree with the digit; the third is a mistake.",
)

# %% [markdown]
# **What you should see.** About 98 %, with nothing learnt at all: no network, no training, one line
# of algebra. Keep this number. *A method is worth its trouble only if it beats the simple one*, and
# on digits this small the simple one is hard to beat.
#
# And did standardising matter? The same classifier on the cell samples, five random halves:

# %% tags=["demo", "nbval-check-output"]
versions = {"as measured": tumours.features, "standardised": standardise(tumours.features, 0)}
for name, features in versions.items():
    accuracies = []
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(features))
        known, new = order[:285], order[285:]
        nearest = pairwise_distances(features[new], features[known]).argmin(axis=1)
        accuracies.append((tumours.labels[known][nearest] == tumours.labels[new]).mean())
    print(f"{name}: {100 * np.mean(accuracies):.1f} ± {100 * np.std(accuracies):.1f} % right")

# %% [markdown]
# Two in five of the mistakes came from nothing but the units. (Strictly, mean and deviation must
# come from the known samples alone; that the new ones have a say here is a small cheat, and in your
# own experiments you do not allow it.)

# %% [markdown]
# ## 14 · The machine that feeds networks
#
# A network learns from small batches of pictures, shown again and again, in an order that it cannot
# learn by heart, and best slightly changed each time. Whatever you train in this course, something
# has to deal out those batches. Randomness comes from a generator, which you make *once* from a
# seed:

# %% tags=["demo", "nbval-check-output"]
generator = np.random.default_rng(seed=5)
print(generator.permutation(6), generator.permutation(6), "new numbers at every call")
generator = np.random.default_rng(seed=5)
print(generator.permutation(6), "the same seed starts the same sequence again")
print(generator.random() < 0.5, generator.integers(4), "a coin, and a number from 0 to 3")

# %% [markdown]
# ## 14.1 · Your turn: `BatchLoader`
#
# *About 45 minutes · 8 points.* The big sister of `Slideshow`. Exactly this is asked:
#
# **A stream without end.** The stream is one epoch after another. An *epoch* holds every picture
# exactly once: in the stored order, or, with `shuffle`, in a random order that is drawn anew for
# every epoch. A *batch* is the next `batch_size` pictures of the stream with their labels. So the
# last batch of an epoch is not cut short: it wraps around and goes on with the first pictures of
# the next epoch. With 5 pictures, batches of 3 and no shuffling:
#
#     stream   0 1 2 3 4 0 1 2 3 4 0 1 …
#     batches  ----- ----- ----- -----
#     epoch      0     1     1     2        read after each batch
#
# **Counting.** `epoch` is how many times *every* picture has been handed out: 0 at the start, 1 as
# soon as the batch with the last missing picture was returned, not before.
#
# **Augmentation.** With `mirror`, each picture of a batch is mirrored (left and right change
# places) with probability ½, independently of all others. With `rotate`, each is turned by 0, 90,
# 180 or 270 degrees, each with probability ¼. With both, first one, then the other. A batch is new
# memory: the arrays handed in stay as they are. Keep them as `self.images` and `self.labels`; the
# checks look there.
#
# **Chance.** All of it comes from one generator of the loader's own, made from `seed`: the same
# seed and input give the same batches; another seed gives others.
#
# Begin with `__init__`, `next_positions` and a `__next__` that does not augment: four of the six
# check cells pass with that. The checks only use what the docstring of the class and `__next__`
# promise; how you divide the work between the other methods is up to you.
#
# <details><summary>Hint: how do I wrap around?</summary>
#
# Keep a list of positions still to be handed out. While it is shorter than a batch, append a whole
# new epoch to it (`np.concatenate`). Then cut the batch off its front. Batches larger than the data
# work, too.
# </details>
# <details><summary>Hint: every epoch has the same order</summary>
#
# A generator made again from the same seed begins again. Make it once, in `__init__`.
# </details>
# <details><summary>Hint: mirroring changes the colours, or turns pictures upside down</summary>
#
# One picture has the axes row, column and perhaps channel. `picture[:, ::-1]` reverses the columns;
# `picture[..., ::-1]` the last axis, whatever it is.
# </details>


# %% nbgrader={"grade": false, "grade_id": "BatchLoader", "locked": false, "schema_version": 3, "solution": true, "task": false}
class BatchLoader:
    """Deal out batches of images and labels, epoch after epoch, without end.

    Args:
        images: array of shape (N, H, W) or (N, H, W, channels), any dtype, N at least 1.
        labels: array of N labels.
        batch_size: pictures in a batch; an integer (NumPy's too), at least 1, may be above N.
        shuffle: draw a new order for every epoch; otherwise keep the stored order.
        mirror: reverse the columns of each picture with probability 1/2.
        rotate: turn each picture by 0, 90, 180 or 270 degrees, equally likely; needs H = W.
        seed: whole number that fixes all that is random.

    Attributes:
        images, labels: the stored arrays, never written to.
        epoch: how many times every picture has been handed out.

    Raises:
        ValueError: there are no images; images and labels differ in number; batch_size is below 1
            or not a whole number; rotate is asked for and the pictures are not square.
    """

    def __init__(
        self, images, labels, batch_size, shuffle=False, mirror=False, rotate=False, seed=0
    ):
        ### BEGIN SOLUTION
        if len(images) == 0:
            raise ValueError("there are no images to deal out")
        if len(images) != len(labels):
            raise ValueError(f"{len(images)} images, but {len(labels)} labels")
        if batch_size < 1 or batch_size != int(batch_size):
            raise ValueError(f"batch_size must be a whole number from 1 up, not {batch_size}")
        if rotate and images.shape[1] != images.shape[2]:
            raise ValueError(f"only square pictures can be turned, not {images.shape[1:3]}")
        self.images = images
        self.labels = labels
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.mirror = mirror
        self.rotate = rotate
        self.generator = np.random.default_rng(seed)
        self.waiting = np.arange(0)
        self.handed_out = 0
        self.epoch = 0
        ### END SOLUTION

    def __iter__(self):
        return self

    def next_positions(self):
        """Cut the next batch off the stream and bring `epoch` up to date.

        Returns:
            Integer array of shape (batch_size,): which of the stored pictures come next.
        """
        ### BEGIN SOLUTION
        count = len(self.images)
        while len(self.waiting) < self.batch_size:
            order = self.generator.permutation(count) if self.shuffle else np.arange(count)
            self.waiting = np.concatenate([self.waiting, order])
        positions = self.waiting[: self.batch_size]
        self.waiting = self.waiting[self.batch_size :]
        self.handed_out += self.batch_size
        self.epoch = self.handed_out // count
        return positions
        ### END SOLUTION

    def augment(self, batch):
        """Mirror and turn the pictures of a batch at random.

        Args:
            batch: array of shape (batch_size, H, W) or (batch_size, H, W, channels). Not modified.

        Returns:
            New array of the same shape and dtype.
        """
        ### BEGIN SOLUTION
        pictures = []
        for picture in batch:
            if self.mirror and self.generator.random() < 0.5:
                picture = picture[:, ::-1]
            if self.rotate:
                picture = np.rot90(picture, self.generator.integers(4))
            pictures.append(picture)
        return np.stack(pictures)
        ### END SOLUTION

    def __next__(self):
        """Return the next batch.

        Returns:
            Pair (images, labels): arrays of batch_size pictures and their labels, of the dtypes
            that are stored, in new memory.
        """
        ### BEGIN SOLUTION
        positions = self.next_positions()
        return self.augment(self.images[positions]), self.labels[positions]
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_BatchLoader_batches", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
images = np.arange(6 * 2 * 3, dtype=np.uint8).reshape(6, 2, 3)
labels = np.array([10, 11, 12, 13, 14, 15], dtype=np.int16)
loader = BatchLoader(images.copy(), labels.copy(), 2)
x, y = next(loader)
checks.close(x, images[:2], "without shuffling the first batch is the first pictures")
checks.close(y, [10, 11], "the labels of the first batch")
checks.dtype(x, np.uint8, "the pictures keep their dtype")
checks.dtype(y, np.int16, "the labels come as an array, of the dtype that is stored")
x, y = next(loader)
checks.close(x, images[2:4], "the second batch goes on where the first ended")
checks.close(y, [12, 13], "the labels of the second batch")
for step, (x, y) in enumerate(BatchLoader(images.copy(), labels.copy(), 1)):
    checks.close(x, images[step : step + 1], "a loop over the loader, batches of one picture")
    checks.close(y, labels[step : step + 1], "a batch of one has one label")
    if step == 1:
        break
colour = np.random.default_rng(18).random((3, 4, 5, 3)).astype(np.float32)
x, y = next(BatchLoader(colour.copy(), np.eye(3), 2))
checks.close(x, colour[:2], "colour pictures that are not square")
checks.dtype(x, np.float32, "the pictures keep their dtype")
checks.close(y, [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], "labels may be rows, such as one-hot")
### BEGIN HIDDEN TESTS
chance = np.random.default_rng(19)
for shape, size in (((9, 3, 2), 3), ((5, 2, 2, 1), 1), ((1, 4, 4), 1), ((12, 1, 6, 3), 4)):
    images, labels = chance.random(shape), chance.integers(100, size=shape[0])
    loader = BatchLoader(images.copy(), labels.copy(), size)
    for start in range(0, shape[0], size):
        x, y = next(loader)
        checks.close(x, images[start : start + size], "other shapes and batch sizes: the pictures")
        checks.close(y, labels[start : start + size], "other shapes and batch sizes: the labels")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_BatchLoader_epochs", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
images, labels = np.arange(5.0).reshape(5, 1, 1), np.arange(5)
loader = BatchLoader(images.copy(), labels.copy(), 3)
checks.close(loader.epoch, 0, "at the start no picture has been handed out")
for stream, epoch in (([0, 1, 2], 0), ([3, 4, 0], 1), ([1, 2, 3], 1), ([4, 0, 1], 2)):
    x, y = next(loader)
    checks.shape(x, (3, 1, 1), "no batch is cut short: the last one wraps around")
    checks.close(y, stream, "batches of 3 from 5 pictures: the stream goes on, nothing is skipped")
    checks.close(x, images[stream], "the pictures belong to their labels")
    sentence = f"epoch is {epoch} after the labels {stream}: neither early nor late"
    checks.close(loader.epoch, epoch, sentence)
loader = BatchLoader(images.copy(), labels.copy(), 5)
for epoch in (1, 2):
    next(loader)
    checks.close(loader.epoch, epoch, "a batch of all pictures completes an epoch at once")
loader = BatchLoader(images[:2].copy(), labels[:2].copy(), 5)
x, y = next(loader)
checks.close(y, [0, 1, 0, 1, 0], "a batch larger than the data wraps around twice")
checks.close(loader.epoch, 2, "five pictures out of a store of two are two full passes")
### BEGIN HIDDEN TESTS
for count, size in ((7, 4), (6, 2), (3, 8), (1, 3), (4, 4), (10, 9)):
    images, labels = np.arange(float(count)).reshape(count, 1, 1), np.arange(count)
    loader = BatchLoader(images.copy(), labels.copy(), size)
    for batch in range(1, 8):
        stream = np.arange((batch - 1) * size, batch * size) % count
        x, y = next(loader)
        checks.close(y, stream, "other sizes: the stream goes on")
        checks.close(x, images[stream], "other sizes: the pictures belong to their labels")
        checks.close(loader.epoch, batch * size // count, "other sizes: full passes so far")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_BatchLoader_shuffle", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
images, labels = np.arange(40.0).reshape(40, 1, 1), np.arange(40)
loader = BatchLoader(images.copy(), labels.copy(), 12, shuffle=True, seed=3)
twin = BatchLoader(images.copy(), labels.copy(), 12, shuffle=True, seed=3)
other = BatchLoader(images.copy(), labels.copy(), 12, shuffle=True, seed=4)
batches = [(next(loader), next(twin), next(other)) for _ in range(10)]  # 120: three epochs
x = np.concatenate([pair[0][0] for pair in batches])
stream, again, different = [np.concatenate([triple[i][1] for triple in batches]) for i in range(3)]
checks.shape(stream, (120,), "ten batches of 12: no batch is cut short")
checks.close(x[:, 0, 0], images[stream][:, 0, 0], "pictures and labels are shuffled together")
orders = stream.reshape(3, 40)
checks.close(np.sort(orders, axis=1), np.tile(labels, (3, 1)), "an epoch has every picture once")
checks.true(not np.array_equal(orders[0], labels), "with shuffle the order is not the stored one")
repeated = np.array_equal(orders[0], orders[1]) or np.array_equal(orders[1], orders[2])
checks.true(not repeated, "every epoch has a new order: make the generator once, draw again")
checks.close(again, stream, "the same seed gives the same batches, two loaders side by side")
checks.true(not np.array_equal(different, stream), "another seed gives another order")
checks.close(loader.images, images, "shuffling leaves the stored images alone")
checks.close(loader.labels, labels, "shuffling leaves the stored labels alone")
### BEGIN HIDDEN TESTS
images, labels = np.arange(31.0).reshape(31, 1, 1), np.arange(31)
loader = BatchLoader(images.copy(), labels.copy(), 50, shuffle=True, seed=8)
batches = [next(loader) for _ in range(5)]  # 250: eight epochs and two pictures
stream = np.concatenate([y for _, y in batches])
x = np.concatenate([x for x, _ in batches])
checks.close(x[:, 0, 0], images[stream][:, 0, 0], "large batches: pictures belong to their labels")
orders = stream[:248].reshape(8, 31)
checks.close(np.sort(orders, axis=1), np.tile(labels, (8, 1)), "large batches: each picture once")
checks.equal(len(np.unique(orders, axis=0)), 8, "large batches: every epoch has a new order")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_BatchLoader_mirror", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
images = np.random.default_rng(20).integers(0, 256, size=(8, 4, 5, 3), dtype=np.uint8)
labels = np.arange(8)
loader = BatchLoader(images.copy(), labels.copy(), 8, mirror=True, seed=1)
batches = [next(loader) for _ in range(60)]
x = np.stack([x for x, _ in batches])
checks.shape(x, (60, 8, 4, 5, 3), "mirroring keeps the shape of a batch")
checks.dtype(batches[0][0], np.uint8, "mirroring keeps the dtype")
checks.close(np.stack([y for _, y in batches]), np.tile(labels, (60, 1)), "the labels stay")
swapped = (x == images[..., ::-1]).all(axis=(2, 3, 4))
checks.true(not swapped.any(), "mirroring leaves the colours alone: the last axis is no column")
fallen = (x == images[:, ::-1]).all(axis=(2, 3, 4))
checks.true(not fallen.any(), "mirroring leaves the rows alone: left and right change places")
flipped = (x == images[:, :, ::-1]).all(axis=(2, 3, 4))  # of shape (60, 8): batch, picture
known = flipped | (x == images).all(axis=(2, 3, 4))
checks.true(known.all(), "a picture comes as it is stored, or with its columns reversed")
checks.close(loader.images, images, "mirroring never writes into the stored images: copy first")
checks.true(0.35 < flipped.mean() < 0.65, "about half of the pictures are mirrored")
checks.true(len(np.unique(flipped.sum(axis=1))) > 2, "a coin for each picture, not for each batch")
often = flipped.sum(axis=0)
checks.true(often.min() > 0 and often.max() < 60, "a new coin at every visit of a picture")
grey = images[:, :, :, 0].copy()
x, y = next(BatchLoader(grey.copy(), labels.copy(), 40, mirror=True, seed=1))
known = (x == grey[y]).all(axis=(1, 2)) | (x == grey[y][:, :, ::-1]).all(axis=(1, 2))
checks.true(known.all(), "grey pictures have no channel axis, and are mirrored all the same")
### BEGIN HIDDEN TESTS
images = np.random.default_rng(21).random((11, 3, 6))
loader = BatchLoader(images.copy(), np.arange(11), 4, shuffle=True, mirror=True, seed=6)
twin = BatchLoader(images.copy(), np.arange(11), 4, shuffle=True, mirror=True, seed=6)
batches = [(*next(loader), *next(twin)) for _ in range(110)]
x, y, again, _ = [np.concatenate(part) for part in zip(*batches, strict=True)]
flipped = (x == images[y][:, :, ::-1]).all(axis=(1, 2))
known = flipped | (x == images[y]).all(axis=(1, 2))
checks.true(known.all(), "grey pictures, shuffled: as stored, or mirrored, with their own label")
checks.true(0.35 < flipped.mean() < 0.65, "about half of the grey pictures are mirrored")
checks.close(again, x, "the same seed mirrors the same pictures")
checks.close(loader.images, images, "the stored images are never written to")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_BatchLoader_rotate", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
images = np.random.default_rng(22).integers(0, 256, size=(8, 4, 4, 3), dtype=np.uint8)
turned = np.stack([np.rot90(images, k, axes=(1, 2)) for k in range(4)])
loader = BatchLoader(images.copy(), np.arange(8), 8, rotate=True, seed=2)
x = np.stack([next(loader)[0] for _ in range(120)])
turns = np.stack([(x == turned[k]).all(axis=(2, 3, 4)) for k in range(4)])  # (4, 120, 8)
checks.true(turns.any(axis=0).all(), "a picture is turned by 0, 90, 180 or 270 degrees, no more")
checks.close(loader.images, images, "turning never writes into the stored images: copy first")
shares = turns.mean(axis=(1, 2))
even = shares.min() > 0.17 and shares.max() < 0.33
checks.true(even, "the four turns are equally likely, a quarter each: integers(4) is 0, 1, 2, 3")
checks.true(len(np.unique(turns[0].sum(axis=1))) > 2, "each picture is turned by its own chance")
loader = BatchLoader(images.copy(), np.arange(8), 8, mirror=True, rotate=True, seed=2)
twin = BatchLoader(images.copy(), np.arange(8), 8, mirror=True, rotate=True, seed=2)
x, again = (np.stack([next(each)[0] for _ in range(60)]) for each in (loader, twin))
checks.close(again, x, "the same seed turns and mirrors alike: draw from one seeded generator")
both = np.concatenate([turned, turned[:, :, :, ::-1]])
seen = np.stack([(x == variant).all(axis=(2, 3, 4)) for variant in both])  # (8, 60, 8)
checks.true(seen.any(axis=0).all(), "mirrored and turned: one of eight versions of the picture")
checks.true(seen.mean(axis=(1, 2)).min() > 0.05, "all eight versions occur, about equally often")
### BEGIN HIDDEN TESTS
images = np.random.default_rng(23).random((9, 5, 5)).astype(np.float32)
turned = np.stack([np.rot90(images, k, axes=(1, 2)) for k in range(4)])
loader = BatchLoader(images.copy(), np.arange(9), 4, shuffle=True, rotate=True, seed=9)
batches = [next(loader) for _ in range(90)]
x, y = [np.concatenate(part) for part in zip(*batches, strict=True)]
turns = np.stack([(x == turned[k][y]).all(axis=(1, 2)) for k in range(4)])
checks.true(turns.any(axis=0).all(), "grey pictures, shuffled: turned, with their own label")
checks.true(turns.mean(axis=1).min() > 0.14, "the four turns are equally likely")
checks.dtype(batches[0][0], np.float32, "turning keeps the dtype")
checks.close(loader.images, images, "the stored images are never written to")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_BatchLoader_errors", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
images, labels = np.zeros((6, 2, 3)), np.arange(6)
checks.raises(ValueError, BatchLoader, images[:0], labels[:0], 2, sentence="no images at all")
checks.raises(ValueError, BatchLoader, images, labels[:5], 2, sentence="6 images, 5 labels")
checks.raises(ValueError, BatchLoader, images[:5], labels, 2, sentence="5 images, 6 labels")
checks.raises(ValueError, BatchLoader, images, labels, 0, sentence="batches of no picture")
checks.raises(ValueError, BatchLoader, images, labels, -2, sentence="a negative batch size")
checks.raises(ValueError, BatchLoader, images, labels, 2.5, sentence="half a picture")
sentence = "pictures of 2 x 3 pixels cannot be turned by 90 degrees"
checks.raises(ValueError, BatchLoader, images, labels, 2, rotate=True, sentence=sentence)
x, _ = next(BatchLoader(images, labels, 4, mirror=True))
checks.shape(x, (4, 2, 3), "mirroring needs no square")
x, _ = next(BatchLoader(images, labels, np.int64(1)))
checks.shape(x, (1, 2, 3), "1 is a batch size, also as one of NumPy's integers")
### BEGIN HIDDEN TESTS
images, labels = np.zeros((3, 4, 2, 3), dtype=np.uint8), np.arange(3)
checks.raises(ValueError, BatchLoader, images[:0], labels[:0], 1, sentence="no colour images")
checks.raises(ValueError, BatchLoader, images, labels[:0], 1, sentence="images, but no labels")
checks.raises(ValueError, BatchLoader, images, labels, -1, sentence="another negative batch size")
checks.raises(ValueError, BatchLoader, images, labels, 0.5, sentence="another fraction")
checks.raises(ValueError, BatchLoader, images, labels, 1, rotate=True, sentence="4 x 2 pixels")
square = np.zeros((3, 2, 2, 3))
checks.shape(next(BatchLoader(square, labels, 2, rotate=True))[0], (2, 2, 2, 3), "square is fine")
### END HIDDEN TESTS

# %% [markdown]
# **Bug clinic.** Each of these loaders looks fine in a notebook. What betrays it?
#
# 1. `self.generator.shuffle(self.images)`
# 2. `np.random.default_rng(self.seed)` in `next_positions`
# 3. `batch = self.images[start:stop]` and then `batch[i] = batch[i, :, ::-1]`
#
# <details><summary>Answers</summary>
#
# 1. The images change places and their labels do not; besides, the caller's array is now in another
#    order.
# 2. Write down the labels of two epochs: they are the same.
# 3. A slice is a view (section 6), so the stored picture is mirrored, and mirrored again next time:
#    look at `loader.images` afterwards. Nothing crashes in any of them. The network just learns
#    worse, and nobody knows why.
# </details>

# %% [markdown]
# ## 15 · Taken apart, put together
#
# Does your loader hold what it promises? Cut the cat's face into 70 tiles, number them by their
# place, and let the loader deal out tiles and numbers, shuffled, 8 at a time. Whoever puts every
# tile at the place its *label* says must get the cat back. *Commit first:* after how many batches
# is the picture complete?

# %%
my_guess = 20  # batches

# %% tags=["demo"]
TILE, ROWS, COLUMNS = 15, 7, 10
face = cat[15:120, 40:190]
tiles = face.reshape(ROWS, TILE, COLUMNS, TILE, 3).swapaxes(1, 2).reshape(-1, TILE, TILE, 3)


def assemble(pieces):
    """Put the tiles side by side, in the order of their places, into one picture."""
    grid = pieces.reshape(ROWS, COLUMNS, TILE, TILE, 3).swapaxes(1, 2)
    return grid.reshape(ROWS * TILE, COLUMNS * TILE, 3)


loader = BatchLoader(tiles, np.arange(len(tiles)), batch_size=8, shuffle=True, seed=0)
table = np.full_like(tiles, 40)
stages, titles, batches = [], [], 0
while loader.epoch < 1:
    images, places = next(loader)
    table[places] = images
    batches += 1
    if batches in (1, 4, 8, 9):
        stages.append(assemble(table))
        titles.append(f"batch {batches}, epoch {loader.epoch}")
print(f"your guess {my_guess}, measured {batches}; 70 / 8 = {70 / 8}")
left_behind = np.random.default_rng(0).permutation(tiles)  # shuffled, without the labels
mirrored = next(BatchLoader(tiles, np.arange(70), 70, mirror=True))[0]
stages += [assemble(mirrored), assemble(left_behind)]
titles += ["with mirror=True", "labels left behind"]
figure = plots.image_grid(stages, titles=titles, columns=3)
plots.show(
    figure,
    alt="The cat growing from shuffled tiles: 8 tiles, 32, 64, complete after "
    "batch 9. Then with half of the tiles mirrored; and scrambled, labels left behind.",
)

# %% [markdown]
# **What you should see.** After eight batches six tiles are missing; the ninth brings them, fills
# up with two from the next epoch, and the counter goes to 1. The last picture is what a network is
# fed by a loader that shuffles images alone: all of the data, none of the sense. In between,
# `mirror=True` on the tiles: each tile is flipped with probability ½, and still goes where its
# label says.
#
# The cutting is worth a second look: `reshape` gives axes (tile row, row in it, tile column, column
# in it, channel), and `swapaxes(1, 2)` brings the two tile axes together. Leave out the swap, and
# see what the "tiles" are then.

# %% [markdown]
# ## 16 · What augmentation does
#
# Six photographs are few. Mirrored and turned they are 48, and the loader makes them on the way.
# *Commit first:* in how many of the 12 below will the picture stand as it was taken?

# %%
my_guess = 6  # of 12

# %% tags=["demo"]
names = ["astronaut", "cat", "china", "coffee", "flower", "rocket"]
thumbnails = []
for name in names:
    height, width = pictures[name].shape[:2]
    side = min(height, width) // 2 * 2
    top, left = (height - side) // 2, (width - side) // 2
    middle = pictures[name][top : top + side, left : left + side]
    positions = np.arange(50) * side // 50  # every so-manyth pixel: nearest-neighbour resizing
    thumbnails.append(middle[positions[:, None], positions])
loader = BatchLoader(np.stack(thumbnails), np.arange(6), 6, mirror=True, rotate=True, seed=35)
first, second = next(loader), next(loader)
untouched = (np.stack([first[0], second[0]]) == np.stack(thumbnails)).all(axis=(2, 3, 4)).sum()
print(f"your guess {my_guess}, here {untouched}; expected 12 / 8 = 1.5")
images, labels = np.concatenate([first[0], second[0]]), [*first[1], *second[1]]
titles = [names[label] for label in labels]
figure = plots.image_grid(images, titles=titles, columns=6)
plots.show(
    figure,
    alt="Two batches of the same six photographs; in each, every picture is "
    "mirrored and turned at random, and still carries the right name.",
)

# %% [markdown]
# **What you should see.** Twelve pictures from six, each with its right name: the label does not
# change when the picture does. One in eight happens to be as it was taken, on average.
#
# Is more always better? Let us ask the nearest-neighbour classifier. It stores 1000 digits, dealt
# out four times by your loader, with different augmentation, and is asked for 600 others: once
# upright, once turned at random, as a careless scanner would deliver them. *Commit first:* stored
# upright and asked turned: what percentage is right?

# %%
my_guess = 90  # per cent

# %% tags=["demo"]
settings = {
    "none": {},
    "mirror": {"mirror": True},
    "rotate": {"rotate": True},
    "both": {"mirror": True, "rotate": True},
}
accuracy = np.zeros((3, len(settings), 2))  # seed, augmentation, upright or turned
for seed in range(3):
    order = np.random.default_rng(seed).permutation(len(digits.labels))
    known, new = order[:1000], order[1000:1600]
    upright, answers = digits.images[new], digits.labels[new]
    turned, _ = next(BatchLoader(upright, answers, 600, rotate=True, seed=seed))
    for column, augmentation in enumerate(settings.values()):
        loader = BatchLoader(
            digits.images[known], digits.labels[known], 100, shuffle=True, seed=seed, **augmentation
        )
        batches = []
        while loader.epoch < 4:
            batches.append(next(loader))
        stored, labels = [np.concatenate(part) for part in zip(*batches, strict=True)]
        for row, asked in enumerate((upright, turned)):
            distances = pairwise_distances(asked.reshape(600, 64), stored.reshape(-1, 64))
            right = labels[distances.argmin(axis=1)] == answers
            accuracy[seed, column, row] = 100 * right.mean()

# %% tags=["demo"]
print(f"your guess {my_guess} %, measured {accuracy[:, 0, 1].mean():.0f} %")
figure, axes = plt.subplots(figsize=(6, 3.2))
places = np.arange(len(settings))
for row, name in enumerate(("asked upright", "asked turned")):
    height, bar = accuracy[:, :, row].mean(axis=0), accuracy[:, :, row].std(axis=0)
    style = {"marker": "os"[row], "linestyle": "", "capsize": 4, "label": name}
    axes.errorbar(places + 0.1 * row - 0.05, height, bar, **style)
    for place in places:
        text = f"{height[place]:.1f} ± {bar[place]:.1f}"
        axes.annotate(text, (place, height[place] + (5, -7)[row]), ha="center", fontsize=10)
axes.set(xticks=places, xticklabels=settings, xlim=(-0.5, 3.5), ylim=(25, 110))
axes.set(xlabel="augmentation of the stored digits", ylabel="right answers (%)")
axes.legend(loc="lower right")
plots.show(
    figure,
    alt="Right answers for four augmentations. Upright digits: highest without "
    "augmentation. Turned digits: little over 40 per cent without, as good as upright with.",
)

# %% [markdown]
# **What you should see.** Stored upright, turned digits are hopeless: little over 40 %. Turning the
# stored ones, too, lifts them to 98 %, and what it costs on upright digits is no more than the
# spread over the three splits (±). Mirroring on top of that costs two to three points, because
# nobody writes mirrored digits: half of what is stored is now of no use, and some of it looks like
# another digit. An augmentation is a *claim about the world*: "this change does not change the
# answer". Where the claim is true, it is data for nothing; where it is false, it is wrong labels.

# %% [markdown]
# ## 17 · In your own words
#
# *About 8 minutes · 2 points, graded by hand.* You deliver three classifiers: for satellite
# pictures (field, forest, town), for handwritten digits on forms that are always scanned upright,
# and for X-rays of the chest (healthy or not; the heart lies to one side). Which of mirror and
# rotate would you switch on for each, what experiment would confirm it, and which result would
# change your mind?

# %% [markdown] nbgrader={"grade": true, "grade_id": "which_augmentation", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# Satellite: both; seen from above there is no up, and a mirrored forest is a forest. Digits:
# neither; the forms are upright, a turned 6 is a 9, and a mirrored 2 is no digit. X-rays: no
# rotation by quarter turns, as all are taken upright; mirroring is doubtful: it moves the heart to
# the wrong side, which is itself a (rare) finding, but may do no harm for other findings.
# Experiment: train with and without, same data, several seeds, and compare on held-out pictures *as
# they arrive in use*, never augmented ones. I would switch an augmentation on against my
# expectation if it improves that by more than the spread over seeds.
#
# *Rubric.* 1 point for three choices with a reason about what stays true under the change (other
# choices count when reasoned). 1 point for an experiment on untouched held-out data of the real
# kind with repeated seeds, and a result that would overturn the choice.
# ### END SOLUTION

# %% [markdown]
# *About 8 minutes · 2 points, graded by hand.* A colleague looks for visits to a web page that are
# close in time, with `pairwise_distances` on times in seconds since 1970 (about $1.7 \cdot 10^9$).
# Of the visits exactly one second apart, most come out at distance 0 and some at 1024. Explain
# where both numbers come from, and say which of two remedies you would ship: the slow line with
# `a[:, None, :] - b[None, :, :]`, or something else.

# %% [markdown] nbgrader={"grade": true, "grade_id": "why_distances_vanish", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# The squares are about $3 \cdot 10^{18}$, the terms that are subtracted about $6 \cdot 10^{18}$. A
# float64 keeps 16 digits, so near there it knows only multiples of 1024. The true distance 1 is the
# difference of two numbers that are each rounded to such multiples: it comes out as 0, as a small
# multiple of 1024, or as a negative one, which the clip turns into 0. I would subtract the same
# number, such as the mean time, from `a` and `b` before the formula: distances do not change, the
# squares become small, memory and speed stay. The slow line is right too, because it subtracts
# first, and for one feature and few visits it would do.
#
# *Rubric.* 1 point for rounding of the large squares and the cancellation between them (not
# overflow). 1 point for a remedy that works (shift both by the same amount; or differences first,
# with its memory named). Standardising both with the *same* mean and deviation counts; casting to
# float32 does not.
# ### END SOLUTION

# %% [markdown]
# ## What you can do now
#
# - read and write Python: functions with defaults, classes that a loop can walk through, errors
#   that help (LO5)
# - replace loops by arrays, and say what it gains in time and costs in memory (LO5)
# - draw, cut and combine images with slices, masks and broadcasting, and keep clear of wrapping and
#   views (LO3)
# - bring labels and features into the form that learning needs, and show by numbers that it
#   mattered (LO4)
# - deal out shuffled, augmented batches, and decide by experiment whether an augmentation belongs
#   there (LO2)
# - name what a simple method reaches before a deep one is called for: here 98 % (LO1)
#
# **Further reading.** C. R. Harris, K. J. Millman, S. J. van der Walt et al., "Array programming
# with NumPy", *Nature* 585, 2020. I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, MIT
# Press 2016, chapter 2 (linear algebra) and section 7.4 (augmentation). N. Buduma, N. Locascio,
# *Fundamentals of Deep Learning*, O'Reilly 2017, chapter 1. J. VanderPlas, *Python Data Science
# Handbook*, O'Reilly 2016, chapter 2.
