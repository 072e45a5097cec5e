"""The pages of the challenge: the board for all, and one page a student for the instructor."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from autograder.challenge.confusion import confusion_picture
from autograder.challenge.hidden import challenge_folder
from autograder.challenge.journal import Event
from autograder.challenge.standing import Standing
from autograder.course import Course
from autograder.pages import plain, render, write_page
from autograder.records import LONGEST_NAME, sha256_of

BOARD = "board.html"
RESULTS = "results"
STYLES = {"excellent": "passed", "good": "passed", "pass": "partly", "not passed": "failed"}


def board_path(course: Course) -> Path:
    """Say where the board lies."""
    return challenge_folder(course) / BOARD


def write_board(course: Course, rows: Sequence[Standing], *, final: bool = False) -> Path:
    """Write the board: no names, no files, nothing that a student chose.

    Args:
        course: the course.
        rows: who stands where.
        final: show the private half, too. After the deadline only.

    Returns:
        The page.
    """
    challenge = course.challenge
    page = render(
        "board.html.j2",
        generator="course challenge board" + (" --final" if final else ""),
        course=course.title,
        rows=_places(rows),
        final=final,
        styles=STYLES,
        settings=challenge,
        thresholds=challenge.thresholds,
        public=challenge.classes * challenge.public_per_class,
        private=challenge.classes * challenge.private_per_class,
        marks={mark: sum(row.mark == mark for row in rows) for mark in STYLES},
        updated=datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
    )
    return write_page(board_path(course), page)


def _places(rows: Sequence[Standing]) -> list[tuple[int, Standing]]:
    """Number the rows; equal scores have the same place."""
    places: list[tuple[int, Standing]] = []
    for number, row in enumerate(rows, start=1):
        same = places and places[-1][1].shown == row.shown
        places.append((places[-1][0] if same else number, row))
    return places


def result_path(course: Course, student: str) -> Path:
    """Say where a student's page lies."""
    name = os.fsencode(student)
    if len(name) > LONGEST_NAME:
        student = f"{name[:LONGEST_NAME].decode(errors='ignore')}-{sha256_of(name)[:12]}"
    return challenge_folder(course) / RESULTS / f"{student}.html"


def write_result(course: Course, event: Event) -> Path:
    """Write the page of one submission, with both halves: for the instructor.

    Args:
        course: the course.
        event: what came of it.

    Returns:
        The page.
    """
    halves = {"public": event.public, "private": event.private}
    scored = {which: half for which, half in halves.items() if half is not None}
    which = "private" if "private" in scored else "public"
    thresholds = course.challenge.thresholds
    page = render(
        "challenge_result.html.j2",
        generator="course challenge score",
        course=course.title,
        student=plain(event.student, 100),
        problem=plain(event.problem or "", 500),
        cure=plain(event.cure, 500),
        halves=scored,
        mark=thresholds.mark(event.private.accuracy) if event.private else None,
        styles=STYLES,
        thresholds=thresholds,
        picture=confusion_picture(scored[which], which) if scored else None,
        kind=event.kind,
        sha256=event.sha256,
        seconds=event.seconds,
        wall=event.wall,
        at=event.at[:16].replace("T", " "),
    )
    return write_page(result_path(course, event.student), page)
