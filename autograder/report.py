"""The class report: one self-contained HTML page a week, and the same facts as JSON.

The numbers come from `autograder.statistics`; this module draws the figures and fills the page.
"""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from autograder.course import Course, Week
from autograder.lesson import read_lesson
from autograder.pages import TextBudget, format_points, render, write_page
from autograder.records import SubmissionRecord
from autograder.statistics import (
    ENOUGH_FOR_DISCRIMINATION,
    ClassSummary,
    checked_points,
    outline,
    summarise,
)
from helpers.plots import COLOURS, use_course_style

STATUS_WORDS = {
    "graded": "graded",
    "no_notebook": "no notebook",
    "wrong_name": "wrong file name",
    "unreadable": "unreadable",
    "too_large": "too large",
    "symlink": "a link, not a file",
    "failed": "grading failed",
}
"""How the page names a submission's status."""

_MOST_CHECKS = 15
_DOTS_PER_INCH = 150
_FOREIGN_TEXT_BYTES = 4_000_000
_FULL, _PART, _NONE = COLOURS[2], COLOURS[4], "#b8bfc8"


@dataclass(frozen=True)
class InlineFigure:
    """A picture as the page carries it; width and height in CSS pixels."""

    png: str
    width: int
    height: int
    alt: str
    caption: str


def report_path(course: Course, week: Week) -> Path:
    """Where the report of a week lies.

    Args:
        course: the course.
        week: the week.

    Returns:
        `private/reports/WEEK.html`.
    """
    return course.private / "reports" / f"{week.folder}.html"


def class_summary(course: Course, week: Week, records: Sequence[SubmissionRecord]) -> ClassSummary:
    """Sum up a week.

    Args:
        course: the course.
        week: the week.
        records: all records of the week.

    Returns:
        The numbers of the report.
    """
    lesson = read_lesson(week.source(course), week)
    return summarise(course.title, week.folder, week.title, outline(lesson), records)


def write_report(course: Course, week: Week, records: Sequence[SubmissionRecord]) -> Path:
    """Write the report page of a week.

    Args:
        course: the course.
        week: the week.
        records: all records of the week; may be empty.

    Returns:
        The page's path.
    """
    summary = class_summary(course, week, records)
    return write_page(report_path(course, week), report_page(week, summary, records))


def report_page(week: Week, summary: ClassSummary, records: Sequence[SubmissionRecord]) -> str:
    """Make the report page.

    Args:
        week: the week.
        summary: its numbers.
        records: the records the numbers were made of.

    Returns:
        The HTML document.
    """
    budget = TextBudget(_FOREIGN_TEXT_BYTES)
    graded = [record for record in records if record.status == "graded"]
    return render(
        "report.html.j2",
        generator=f"course report {week.folder}",
        week_label=f"Week {week.number}" if week.number is not None else week.name,
        summary=summary,
        status_words=STATUS_WORDS,
        figures=_figures(summary, graded),
        shown_checks=summary.failing_checks[:_MOST_CHECKS],
        more_checks=max(0, len(summary.failing_checks) - _MOST_CHECKS),
        enough=ENOUGH_FOR_DISCRIMINATION,
        newest=max((record.graded_at for record in records), default="")[:16].replace("T", " "),
        engines=sorted({f"{record.engine}, sandbox {record.sandbox}" for record in records}),
        open_by_hand=sum(question.open for question in summary.written),
        safe=lambda text, characters=300: budget.take(str(text), characters),
    )


def _figures(summary: ClassSummary, graded: Sequence[SubmissionRecord]) -> dict[str, InlineFigure]:
    """Draw what there is data for; the style is set for these figures only."""
    if not graded or not summary.exercises:
        return {}
    with matplotlib.rc_context():
        use_course_style()
        return {
            "points": _points_histogram(summary, [checked_points(record) for record in graded]),
            "exercises": _exercise_bars(summary),
            "seconds": _seconds_histogram([record.seconds for record in graded]),
        }


def _points_histogram(summary: ClassSummary, points: Sequence[float]) -> InlineFigure:
    possible = max(summary.points_by_checks, max(points), 1.0)
    # Bins are whole points wide and counted down from full marks, so that those have their own bar.
    width = max(1, int(np.ceil((possible + 1) / 16)))
    edges = np.arange(possible + 0.5 - width * np.ceil((possible + 1) / width), possible + 1, width)
    figure = Figure(figsize=(5.2, 3.3))
    axes = figure.add_subplot()
    counts, _, _ = axes.hist(points, bins=edges.tolist(), color=COLOURS[0], edgecolor="white")
    axes.axvline(
        float(np.median(points)),
        color=COLOURS[1],
        linestyle="--",
        linewidth=1.8,
        label=f"median {format_points(float(np.median(points)))}",
    )
    axes.set(
        xlabel=f"points by tests (of {format_points(summary.points_by_checks)})",
        ylabel="students",
        xlim=(edges[0] - 0.3, edges[-1] + 0.3),
    )
    axes.set_ylim(0, float(np.max(counts)) * 1.28)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    axes.legend(loc="upper left", frameon=False)
    alt = (
        f"Histogram of the points of {_students(len(points))}: "
        f"from {format_points(min(points))} to "
        f"{format_points(max(points))} of {format_points(summary.points_by_checks)}, "
        f"median {format_points(float(np.median(points)))}."
    )
    return _inline(figure, alt, "Points by tests; answers that are graded by hand are not in it.")


def _exercise_bars(summary: ClassSummary) -> InlineFigure:
    exercises = summary.exercises
    names = [exercise.name for exercise in exercises]
    figure = Figure(figsize=(5.2, 1.15 + 0.34 * len(names)))
    axes = figure.add_subplot()
    left = np.zeros(len(names))
    parts = (
        ("all points", [e.full for e in exercises], _FULL, "black"),
        ("some", [e.part for e in exercises], _PART, "black"),
        ("none", [e.none for e in exercises], _NONE, "black"),
    )
    for label, counts, colour, ink in parts:
        bars = axes.barh(names, counts, left=left, color=colour, label=label, edgecolor="white")
        axes.bar_label(
            bars,
            labels=[str(c) if c else "" for c in counts],
            label_type="center",
            color=ink,
            fontsize=10,
        )
        left = left + np.array(counts)
    axes.invert_yaxis()
    axes.set(xlabel="students", xlim=(0, max(summary.graded, 1)))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(visible=False)
    axes.tick_params(axis="y", labelsize=10, length=0)
    axes.legend(
        loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, frameon=False, borderaxespad=0.2
    )
    alt = "For each exercise, how many students have all, some or none of its points. " + " ".join(
        f"{e.name}: {e.full}, {e.part}, {e.none}." for e in exercises
    )
    return _inline(figure, alt, "Students with all, some or none of an exercise's points.")


def _seconds_histogram(seconds: Sequence[float]) -> InlineFigure:
    figure = Figure(figsize=(6.2, 2.3))
    axes = figure.add_subplot()
    top = max(*seconds, 1.0)
    counts, _, _ = axes.hist(
        seconds, bins=np.linspace(0, top * 1.0001, 25).tolist(), color=COLOURS[5], edgecolor="white"
    )
    axes.set(xlabel="seconds to grade one notebook", ylabel="students", xlim=(0, top * 1.02))
    axes.set_ylim(0, float(np.max(counts)) * 1.15)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=4))
    alt = (
        f"Histogram of the seconds that grading took for {_students(len(seconds))}: median "
        f"{np.median(seconds):.1f}, longest {max(seconds):.1f}."
    )
    return _inline(figure, alt, "Time spent on each notebook.")


def _students(count: int) -> str:
    return "one student" if count == 1 else f"{count} students"


def _inline(figure: Figure, alt: str, caption: str) -> InlineFigure:
    FigureCanvasAgg(figure)
    buffer = io.BytesIO()
    options: dict[str, Any] = {"dpi": _DOTS_PER_INCH, "bbox_inches": "tight", "facecolor": "white"}
    figure.savefig(buffer, format="png", metadata={"Software": None}, **options)
    png = buffer.getvalue()
    # A PNG says its width and height in bytes 16 to 24; the page shows two image pixels for one.
    width = int.from_bytes(png[16:20], "big")
    height = int.from_bytes(png[20:24], "big")
    return InlineFigure(
        base64.b64encode(png).decode("ascii"), round(width / 1.6), round(height / 1.6), alt, caption
    )
