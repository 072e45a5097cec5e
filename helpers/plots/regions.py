"""Classes in the plane: points, decision regions, lines and level lines."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.contour import QuadContourSet
from matplotlib.lines import Line2D

from helpers.plots.style import COLOURS, MARKERS, SEQUENTIAL


def class_points(
    axes: Axes, X: np.ndarray, y: np.ndarray, *, names: Sequence[str] | None = None
) -> None:
    """Draw points, with a colour and a marker for each class, and a legend.

    Args:
        axes: where to draw; its labels are set unless they have been.
        X: (N, 2) positions.
        y: (N,) classes of any kind that sorts, such as 0, 1, 2 or −1, 1.
        names: what to call the sorted classes in the legend; else their values.
    """
    points, labels = _checked_points(X, y)
    classes = np.unique(labels)
    _draw_points(axes, points, labels, classes, names)


def decision_regions(
    axes: Axes,
    predict: Callable[[np.ndarray], np.ndarray],
    X: np.ndarray,
    y: np.ndarray,
    *,
    resolution: int = 200,
    names: Sequence[str] | None = None,
) -> None:
    """Tint the plane by the class that a classifier gives each place, and draw the points.

    Args:
        axes: where to draw; its labels are set unless they have been.
        predict: takes (M, 2) positions and returns (M,) classes, of the same kind as y.
        X: (N, 2) positions; the plane is shown with a margin around them.
        y: (N,) the true classes.
        resolution: places tried along each axis.
        names: what to call the sorted classes in the legend; else their values.

    Raises:
        ValueError: X is not (N, 2), y is not (N,), or `predict` returns another shape.
    """
    points, labels = _checked_points(X, y)
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.08 * np.where(high > low, high - low, 1.0)
    low, high = low - margin, high + margin
    horizontal = np.linspace(low[0], high[0], resolution)
    vertical = np.linspace(low[1], high[1], resolution)
    predicted = np.asarray(predict(_plane(horizontal, vertical)))
    if predicted.shape != (resolution * resolution,):
        raise ValueError(
            f"predict must return one class for each of the {resolution * resolution} places, "
            f"an array of shape ({resolution * resolution},); it returned {predicted.shape}"
        )
    classes = np.unique(np.concatenate([labels, predicted]))
    regions = np.searchsorted(classes, predicted).reshape(resolution, resolution)
    axes.imshow(
        regions,
        cmap=ListedColormap([COLOURS[i % len(COLOURS)] for i in range(len(classes))]),
        vmin=-0.5,
        vmax=len(classes) - 0.5,
        extent=(low[0], high[0], low[1], high[1]),
        origin="lower",
        aspect="auto",
        alpha=0.22,
        zorder=0.5,
    )
    for index in range(len(classes) - 1):
        below = regions <= index
        if below.any() and not below.all():
            axes.contour(
                horizontal, vertical, _smooth(below), levels=[0.5], colors="#333333", linewidths=1
            )
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    axes.grid(False)
    _draw_points(axes, points, labels, classes, names)


def decision_line(
    axes: Axes,
    weights: np.ndarray,
    bias: float,
    *,
    label: str | None = None,
    colour: str = "black",
    linestyle: str = "-",
) -> Line2D:
    """Draw the line w₁x₁ + w₂x₂ + b = 0, from edge to edge of the axes.

    Args:
        axes: where to draw; its limits stay as they are.
        weights: (2,) the line's normal.
        bias: the offset b.
        label: the line's name in the legend.
        colour: the line's colour.
        linestyle: the line's style.

    Returns:
        The line; an animation can `remove()` it and draw the next.

    Raises:
        ValueError: both weights are 0, so that there is no line.
    """
    normal = np.asarray(weights, dtype=float)
    if normal.shape != (2,):
        raise ValueError(f"weights must have the shape (2,), not {normal.shape}")
    length = float(normal @ normal)
    if length == 0:
        raise ValueError("weights are both 0: the equation b = 0 draws no line")
    foot = -float(bias) * normal / length
    other = foot + np.array([-normal[1], normal[0]]) / np.sqrt(length)
    return axes.axline(tuple(foot), tuple(other), color=colour, linestyle=linestyle, label=label)


def level_lines(
    axes: Axes,
    function: Callable[[np.ndarray], np.ndarray],
    horizontal: tuple[float, float],
    vertical: tuple[float, float],
    *,
    label: str,
    levels: int = 12,
    resolution: int = 120,
) -> QuadContourSet:
    """Draw a function of two variables as filled level lines with a colour bar.

    Args:
        axes: where to draw.
        function: takes (M, 2) places and returns (M,) values.
        horizontal: lowest and highest first variable.
        vertical: lowest and highest second variable.
        label: what the values are; written beside the colour bar.
        levels: about how many levels.
        resolution: places tried along each axis.

    Returns:
        The filled contours.
    """
    first = np.linspace(*horizontal, resolution)
    second = np.linspace(*vertical, resolution)
    values = np.asarray(function(_plane(first, second))).reshape(resolution, resolution)
    filled = axes.contourf(first, second, values, levels=levels, cmap=SEQUENTIAL)
    axes.contour(first, second, values, levels=filled.levels, colors="white", linewidths=0.4)
    axes.figure.colorbar(filled, ax=axes, label=label)
    axes.grid(False)
    return filled


def _plane(horizontal: np.ndarray, vertical: np.ndarray) -> np.ndarray:
    """All (x₁, x₂), row by row from the bottom: (len(vertical) · len(horizontal), 2)."""
    return np.stack(np.meshgrid(horizontal, vertical), axis=-1).reshape(-1, 2)


def _smooth(mask: np.ndarray, passes: int = 3) -> np.ndarray:
    """A mask with its stairs taken off: means with the next cells, weighted 1 : 2 : 1."""
    values = mask.astype(float)
    for _ in range(passes):
        padded = np.pad(values, 1, mode="edge")
        rows = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
        values = (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 4
    return values


def _checked_points(X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    points, labels = np.asarray(X, dtype=float), np.asarray(y)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) == 0:
        raise ValueError(
            f"X must have the shape (N, 2), to be drawn in a plane; it is {points.shape}"
        )
    if labels.shape != (len(points),):
        raise ValueError(
            f"y must have the shape ({len(points)},), one class a row; it is {labels.shape}"
        )
    return points, labels


def _draw_points(
    axes: Axes,
    points: np.ndarray,
    labels: np.ndarray,
    classes: np.ndarray,
    names: Sequence[str] | None,
) -> None:
    for index, value in enumerate(classes):
        members = points[labels == value]
        if len(members) == 0:
            continue
        axes.scatter(
            members[:, 0],
            members[:, 1],
            s=36,
            color=COLOURS[index % len(COLOURS)],
            marker=MARKERS[index % len(MARKERS)],
            edgecolor="white",
            linewidth=0.7,
            label=names[index]
            if names is not None
            else f"class {value}".replace("-", "\N{MINUS SIGN}"),
            zorder=3,
        )
    if not axes.get_xlabel():
        axes.set_xlabel("$x_1$")
    if not axes.get_ylabel():
        axes.set_ylabel("$x_2$")
    axes.legend()
