"""The look of every figure: colours, markers, fonts, grid."""

from typing import Any

import matplotlib
from cycler import cycler

COLOURS = (
    "#0072B2",  # blue
    "#D55E00",  # vermillion
    "#009E73",  # bluish green
    "#CC79A7",  # reddish purple
    "#E69F00",  # orange
    "#56B4E9",  # sky blue
    "#000000",  # black
    "#F0E442",  # yellow: last, it is faint on white
)
"""Eight colours that the colour-blind can tell apart (Okabe and Ito 2008)."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
"""One marker a colour, so that a figure survives a black-and-white print."""

LINESTYLES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (8, 2)))
"""One line style a colour."""

SEQUENTIAL = "viridis"
"""Colour map from low to high: perceptually uniform and colour-blind safe."""

DIVERGING = "RdBu_r"
"""Colour map around zero: blue below, red above."""

GREY = "#555555"
"""For what only gives orientation: ticks, axes, a chance line."""

_SETTINGS: dict[Any, Any] = {
    "figure.figsize": (6.0, 3.5),
    "figure.dpi": 110,
    "savefig.dpi": 110,
    "figure.constrained_layout.use": True,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "mathtext.fontset": "dejavusans",
    "font.size": 12,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 12,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "legend.fontsize": 11,
    "legend.frameon": True,
    "legend.framealpha": 0.85,
    "legend.edgecolor": "none",
    "legend.handlelength": 2.4,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": "black",
    "ytick.labelcolor": "black",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E0E0E0",
    "grid.linewidth": 0.8,
    "lines.linewidth": 2.0,
    "lines.markersize": 6.0,
    "image.cmap": SEQUENTIAL,
    "image.interpolation": "nearest",
    "axes.prop_cycle": cycler(color=COLOURS) + cycler(linestyle=LINESTYLES),
}


def use_course_style() -> None:
    """Set matplotlib to the course's style, whatever was set before.

    Lines differ by colour and by line style; text is 11 points or more; grids are light.
    """
    matplotlib.rcdefaults()
    matplotlib.rcParams.update(_SETTINGS)
