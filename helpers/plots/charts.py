"""Curves and tables: training curves, mean and spread, confusion matrix, ROC."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from helpers.plots.style import GREY, MARKERS, SEQUENTIAL


def mean_and_spread(
    axes: Axes, x: Sequence[float] | np.ndarray, runs: np.ndarray, *, label: str
) -> Line2D:
    """Draw the mean of several runs as a line and ± one standard deviation as a band.

    Args:
        axes: where to draw.
        x: (T,) positions along the horizontal axis.
        runs: (R, T) one run a row, for instance one seed each; a single run may be (T,).
        label: the line's name in the legend.

    Returns:
        The line.

    Raises:
        ValueError: the runs are not as long as x.
    """
    positions = np.asarray(x, dtype=float)
    values = np.atleast_2d(np.asarray(runs, dtype=float))
    if values.ndim != 2 or values.shape[1:] != positions.shape:
        raise ValueError(
            f"runs must have one row a run and {positions.size} columns, one for each x; "
            f"its shape is {np.shape(runs)}"
        )
    mean = values.mean(axis=0)
    count = len(axes.lines)
    (line,) = axes.plot(
        positions,
        mean,
        marker=MARKERS[count % len(MARKERS)],
        markevery=max(1, positions.size // 8),
        label=label,
    )
    if len(values) > 1:
        spread = values.std(axis=0, ddof=1)
        axes.fill_between(
            positions, mean - spread, mean + spread, color=line.get_color(), alpha=0.2, lw=0
        )
    return line


def learning_curves(
    axes: Axes, curves: Mapping[str, np.ndarray], *, ylabel: str, xlabel: str = "epoch"
) -> None:
    """Draw one curve a name over the epochs 1, 2, …, with a legend.

    Args:
        axes: where to draw.
        curves: name -> (T,) values of one run, or (R, T) of R runs (mean and band are drawn).
        ylabel: what the values are, with their unit.
        xlabel: what is counted from 1.
    """
    for name, values in curves.items():
        mean_and_spread(axes, np.arange(1, np.shape(values)[-1] + 1), values, label=name)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend()


def confusion(axes: Axes, matrix: np.ndarray, labels: Sequence[str]) -> None:
    """Draw a confusion matrix: counts as numbers, the share of each true class as colour.

    Args:
        axes: where to draw.
        matrix: (C, C) how often class i (row) was taken for class j (column).
        labels: the C class names.

    Raises:
        ValueError: the matrix is not square, or there are not as many names.
    """
    counts = np.asarray(matrix)
    if counts.ndim != 2 or counts.shape != (len(labels), len(labels)):
        raise ValueError(
            f"a confusion matrix of {len(labels)} classes has the shape "
            f"({len(labels)}, {len(labels)}), not {counts.shape}"
        )
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
    axes.imshow(shares, cmap=SEQUENTIAL, vmin=0, vmax=1)
    pattern = "{:d}" if np.issubdtype(counts.dtype, np.integer) else "{:.2f}"
    size = 12 if len(labels) <= 6 else 11
    for (row, column), count in np.ndenumerate(counts):
        ink = _readable_on(colormaps[SEQUENTIAL](shares[row, column]))
        axes.text(
            column, row, pattern.format(count), ha="center", va="center", color=ink, fontsize=size
        )
    long_names = max(map(len, map(str, labels))) > 4 and len(labels) > 3
    ticks = np.arange(len(labels))
    axes.set_xticks(
        ticks, labels, rotation=45 if long_names else 0, ha="right" if long_names else "center"
    )
    axes.set_yticks(ticks, labels)
    axes.set(xlabel="predicted class", ylabel="true class")
    axes.grid(False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)


def roc_axes(axes: Axes) -> None:
    """Prepare axes for ROC curves: equal scales from 0 to 1, labels, the line of pure chance.

    Args:
        axes: where the curves will be drawn.
    """
    axes.plot([0, 1], [0, 1], color=GREY, linestyle=":", linewidth=1.5, label="chance")
    axes.set(
        xlabel="false-positive rate",
        ylabel="true-positive rate",
        xlim=(-0.02, 1.02),
        ylim=(-0.02, 1.02),
        xticks=np.linspace(0, 1, 6),
        yticks=np.linspace(0, 1, 6),
        aspect="equal",
    )


def roc_curve(
    axes: Axes,
    false_positive_rate: np.ndarray,
    true_positive_rate: np.ndarray,
    *,
    label: str,
) -> Line2D:
    """Draw one ROC curve into axes that `roc_axes` has prepared, and renew the legend.

    Args:
        axes: where to draw.
        false_positive_rate: (K,) ascending, from 0 to 1.
        true_positive_rate: (K,) at the same thresholds.
        label: the curve's name, for instance with its area.

    Returns:
        The line.
    """
    (line,) = axes.plot(false_positive_rate, true_positive_rate, label=label, clip_on=False)
    axes.legend(loc="lower right")
    return line


def _readable_on(colour: Sequence[float]) -> str:
    """Black or white, whichever contrasts more with the colour (WCAG 2.1, relative luminance)."""
    channels = np.asarray(colour[:3], dtype=float)
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ np.array([0.2126, 0.7152, 0.0722]))
    return "black" if luminance > 0.179 else "white"
