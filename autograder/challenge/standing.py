"""The board: who stands where, by pseudonym, worked out from the journal alone."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from autograder.challenge.hidden import challenge_folder
from autograder.challenge.journal import Event
from autograder.challenge.ladder import climb
from autograder.challenge.scoring import HalfScore
from autograder.challenge.settings import ChallengeSettings, Mark
from autograder.course import Course
from autograder.scratch import make_private

KEY = "pseudonyms.key"
KEY_BYTES = 32
_FIRST = (
    "amber ash autumn azure blue bold bright bronze calm cedar clear copper coral crimson dawn "
    "deep dusky early emerald evening fair fleet frost gentle gilded golden green hazel hidden "
    "high hollow indigo ivory jade keen late light lilac little lone lucid mellow misty morning "
    "mossy noble northern ochre olive opal pale patient pearl plain proud quick quiet rare red "
    "river rosy rustic"
)
_SECOND = (
    "alder aster balm basil beech birch bramble briar broom burdock campion celandine chervil "
    "chicory clover columbine comfrey cowslip cress crocus daisy dill elder fennel fern flax "
    "foxglove gentian gorse harebell hawthorn heath hyssop iris ivy juniper larch laurel lavender "
    "linden lovage lupin mallow maple marjoram mint moss mullein myrtle nettle oak orchid oxlip "
    "pansy poppy primrose reed rowan rush sage sedge sorrel tansy thistle thyme violet willow "
    "yarrow yew"
)


@dataclass(frozen=True)
class Standing:
    """One student's row.

    Attributes:
        student: never shown on the board.
        pseudonym: what is shown instead.
        shown: the public accuracy that the Ladder shows, from 0 to 1; None before the first valid
            submission.
        since: the day on which the board last moved for this student; "" if never.
        submissions: how many different files were scored or refused.
        private: the score that counts, on the private half: that of the last valid model.
        mark: its mark.
    """

    student: str
    pseudonym: str
    shown: float | None
    since: str
    submissions: int
    private: HalfScore | None
    mark: Mark


def standings(events: Iterable[Event], settings: ChallengeSettings, key: bytes) -> list[Standing]:
    """Work out the board.

    Args:
        events: of one hidden set, in their order.
        settings: the challenge's.
        key: of the pseudonyms.

    Returns:
        The rows: best public score first; of equals, who was there first.
    """
    by_student: dict[str, list[Event]] = {}
    for event in events:
        by_student.setdefault(event.student, []).append(event)
    names = pseudonyms(by_student, key)
    rows = [_row(names[student], own, settings) for student, own in by_student.items()]
    return sorted(rows, key=lambda row: (-(row.shown or -1), row.since or "~", row.pseudonym))


def _row(pseudonym: str, events: list[Event], settings: ChallengeSettings) -> Standing:
    shown, since = None, ""
    private = None
    for event in events:
        private = event.private or private
        if event.public is not None:
            moved = climb(shown, event.public.accuracy, settings.ladder_step / 100)
            if moved != shown:
                shown, since = moved, event.at
    return Standing(
        student=events[0].student,
        pseudonym=pseudonym,
        shown=shown,
        since=since,
        submissions=len({event.sha256 for event in events if event.sha256}),
        private=private,
        mark="not passed" if private is None else settings.thresholds.mark(private.accuracy),
    )


def pseudonyms(students: Iterable[str], key: bytes) -> dict[str, str]:
    """Give each student a name that nobody without the key can trace back.

    Args:
        students: their names.
        key: secret.

    Returns:
        By student, such as "amber fern 4821"; the same as long as the key is.
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for student in sorted(students):
        digest = hmac.new(key, student.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
        number = int.from_bytes(digest)
        digits = 4
        while (name := _name(number, digits)) in taken:
            digits += 1
        taken.add(name)
        found[student] = name
    return found


def _name(number: int, digits: int) -> str:
    adjectives, plants = _FIRST.split(), _SECOND.split()
    number, first = divmod(number, len(adjectives))
    number, second = divmod(number, len(plants))
    return f"{adjectives[first]} {plants[second]} {number % 10**digits:0{digits}}"


def pseudonym_key(course: Course) -> bytes:
    """Read the key of the pseudonyms; make one where there is none yet.

    Args:
        course: the course.

    Returns:
        The key; it stays the same for as long as its file is there.
    """
    path = challenge_folder(course) / KEY
    make_private(path.parent)
    if not path.exists():
        part = path.with_name(f".{KEY}.{os.getpid()}.part")
        with open(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            with suppress(FileExistsError):  # another process was faster: its key counts
                os.link(part, path)
        finally:
            part.unlink()
    return path.read_bytes()
