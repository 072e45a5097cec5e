"""The picture of which classes a model takes for which others."""

import base64
import io
from dataclasses import dataclass

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from autograder.challenge.scoring import HalfScore
from helpers.plots import use_course_style

_DOTS_PER_INCH = 150
_PRINTED = 25  # classes up to which each cell has room for its number


@dataclass(frozen=True)
class Picture:
    """A picture as a page carries it; width and height in CSS pixels."""

    png: str
    width: int
    height: int
    alt: str
    caption: str


def confusion_picture(half: HalfScore, which: str) -> Picture:
    """Draw a confusion matrix, each row in percent of its class.

    Args:
        half: the score of a half.
        which: the half's name, for the caption.

    Returns:
        The picture.
    """
    counts = half.confusion()
    classes = len(counts)
    percent = 100 * counts / np.maximum(counts.sum(1, keepdims=True), 1)
    with matplotlib.rc_context():
        use_course_style()
        figure = Figure(figsize=(6.4, 5.6))
        axes = figure.add_subplot()
        image = axes.imshow(percent, vmin=0, vmax=100, cmap="cividis")
        figure.colorbar(image, ax=axes, label="% of the class's pictures", shrink=0.85)
        axes.set(xlabel="predicted class", ylabel="true class")
        axes.grid(visible=False)
        step = max(1, classes // 20)
        axes.set_xticks(range(0, classes, step), labels=[str(n) for n in range(0, classes, step)])
        axes.set_yticks(range(0, classes, step), labels=[str(n) for n in range(0, classes, step)])
        axes.tick_params(labelsize=8)
        if classes <= _PRINTED:
            for row, column in np.argwhere(percent >= 1):
                value = percent[row, column]
                ink = "black" if value > 55 else "white"
                axes.text(
                    column, row, f"{value:.0f}", ha="center", va="center", color=ink, fontsize=6
                )
        png = _png(figure)
    width, height = (int.from_bytes(png[place : place + 4], "big") for place in (16, 20))
    caption = f"Rows are true classes, columns predicted ones; the {which} half, in percent."
    return Picture(
        base64.b64encode(png).decode("ascii"),
        round(width / 1.6),
        round(height / 1.6),
        _alt(counts, half),
        caption,
    )


def _alt(counts: np.ndarray, half: HalfScore) -> str:
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    pairs = []
    for place in np.argsort(wrong, axis=None)[::-1][:3]:
        true, predicted = np.unravel_index(place, wrong.shape)
        if wrong[true, predicted]:
            pairs.append(f"class {true} taken for class {predicted} {wrong[true, predicted]} times")
    most = "; ".join(pairs) or "none"
    return (
        f"Confusion matrix of {half.pictures} pictures, {100 * half.accuracy:.1f} % on the "
        f"diagonal. Most frequent mistakes: {most}."
    )


def _png(figure: Figure) -> bytes:
    FigureCanvasAgg(figure)
    buffer = io.BytesIO()
    figure.savefig(
        buffer,
        format="png",
        dpi=_DOTS_PER_INCH,
        bbox_inches="tight",
        facecolor="white",
        metadata={"Software": None},
    )
    return buffer.getvalue()
