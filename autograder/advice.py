"""What a student reads when a submission was not graded: what happened, what to do next."""

from dataclasses import dataclass

from autograder.course import Course, Week
from autograder.records import SubmissionRecord


@dataclass(frozen=True)
class Advice:
    """What happened to a submission that could not be graded, and what its author can do."""

    headline: str
    explanation: str
    steps: tuple[str, ...]


def advice(course: Course, week: Week, record: SubmissionRecord) -> Advice | None:
    """Say what happened to a submission that could not be graded, and what to do next.

    Args:
        course: the course, for its limits.
        week: the week.
        record: the record.

    Returns:
        Headline, explanation and steps; None for a graded submission.
    """
    name = f"{week.name}.ipynb"
    hand_in_again = f"Hand in {name} again, or ask your instructor if the time is over."
    open_it = "Open the notebook in JupyterLab, run all cells and save it there."
    table = {
        "no_notebook": Advice(
            "There was no notebook in your submission",
            f"We looked for a file named {name} and found none, so nothing could be graded.",
            (f"Find {name} in your course folder; it is the file you worked in.", hand_in_again),
        ),
        "wrong_name": Advice(
            "Your notebook has another name than expected",
            f"Only a file named exactly {name} is graded, so that none is mistaken for another.",
            (f"Rename your notebook to {name} (no copy number, no date).", hand_in_again),
        ),
        "unreadable": Advice(
            "Your notebook could not be read",
            "The file is not a complete Jupyter notebook. This happens when an upload stops "
            "half-way, or when the file was edited or merged outside Jupyter.",
            (
                f"{open_it} If it does not open there either, go back to a checkpoint "
                "(File ▸ Revert Notebook to Checkpoint) or to your last copy.",
                f"Run “python -m helpers.check {name}”: it reads the file as the grader does.",
                hand_in_again,
            ),
        ),
        "too_large": Advice(
            "Your notebook is too large",
            f"A submission may have {course.limits.notebook_mb} MB. Nearly always printed output "
            "or large pictures are what fills it.",
            ("Choose Edit ▸ Clear Outputs of All Cells, then save.", hand_in_again),
        ),
        "symlink": Advice(
            "Your submission is a link, not a file",
            "Only the file itself can be graded; a link points to something on your own computer.",
            (f"Copy the notebook itself as {name} into the submission.", hand_in_again),
        ),
        "failed": Advice(
            "Grading did not come to an end",
            "The grader had to stop before there was a result: most often for a cell that needs "
            "more memory or time than there is, sometimes for a fault on our side.",
            (
                "Choose Kernel ▸ Restart Kernel and Run All Cells and watch for a cell that does "
                "not finish.",
                "If everything runs through, tell your instructor: it can be graded again.",
                hand_in_again,
            ),
        ),
    }
    return table.get(record.status)
