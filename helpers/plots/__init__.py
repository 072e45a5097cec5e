"""The course's figures: one style, and every figure shown with words for those who can't see it.

plots.use_course_style()
figure, axes = plt.subplots()
...
plots.show(figure, alt="What is to be seen, in a sentence.")
"""

from helpers.plots.charts import confusion, learning_curves, mean_and_spread, roc_axes, roc_curve
from helpers.plots.images import image_grid
from helpers.plots.output import animate, show
from helpers.plots.regions import class_points, decision_line, decision_regions, level_lines
from helpers.plots.style import (
    COLOURS,
    DIVERGING,
    LINESTYLES,
    MARKERS,
    SEQUENTIAL,
    use_course_style,
)

__all__ = [
    "COLOURS",
    "DIVERGING",
    "LINESTYLES",
    "MARKERS",
    "SEQUENTIAL",
    "animate",
    "class_points",
    "confusion",
    "decision_line",
    "decision_regions",
    "image_grid",
    "learning_curves",
    "level_lines",
    "mean_and_spread",
    "roc_axes",
    "roc_curve",
    "show",
    "use_course_style",
]
