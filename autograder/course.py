"""The syllabus, `course.toml`, as a validated model: weeks, points, dates, imports, limits."""

import difflib
import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from autograder import database
from autograder.challenge.settings import ChallengeSettings, Thresholds
from autograder.errors import CourseError
from autograder.locate import key_lines, line_of

FILE_NAME = "course.toml"
SOURCES = "solutions"  # sources and solution notebooks
RELEASED = "notebooks"  # what students get

Names = Annotated[tuple[str, ...], Field(strict=False)]
Count = Annotated[int, Field(gt=0)]
WeekNumber = Annotated[int, Field(ge=0)]
FullNames = Annotated[
    tuple[Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$")], ...],
    Field(strict=False),
]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Limits(_Model):
    """What one submission may use while it is graded.

    Attributes:
        seconds_per_cell: time of one cell.
        seconds_per_notebook: time of the whole notebook.
        memory_mb: address space in MiB.
        processes: processes and threads.
        notebook_mb: size of a submitted file in MiB.
        output_kb: captured output of one cell in KiB.
    """

    seconds_per_cell: Count = 20
    seconds_per_notebook: Count = 180
    memory_mb: Count = 4096
    processes: Count = 64
    notebook_mb: Count = 20
    output_kb: Count = 1000


class Week(_Model):
    """One notebook of the course.

    Attributes:
        folder: its folder below `solutions` and `notebooks`, such as "week01_perceptron".
        title: as printed.
        points: sum over its test cells and written questions.
        due: when it is due (with time zone), or None.
        answers: top-level packages that answer cells may import.
        demos: top-level packages that demo and given cells may import.
        tests: top-level packages that hidden tests may import.
        needs: packages that the student's requirements file names.
        withheld: functions and classes of libraries, in full, that the student is to write: a call
            from an answer is refused.
    """

    folder: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")]
    title: Annotated[str, Field(min_length=1)]
    points: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    due: datetime | None = None
    answers: Names = ()
    demos: Names = ()
    tests: Names = ()
    needs: Names = ()
    withheld: FullNames = ()

    @field_validator("due")
    @classmethod
    def _has_time_zone(cls, due: datetime | None) -> datetime | None:
        if due is not None and due.tzinfo is None:
            raise ValueError("has no time zone")
        return due

    @property
    def number(self) -> int | None:
        """The week's number, or None for a notebook that is not `weekNN_…`."""
        found = re.match(r"week(\d+)_", self.folder)
        return int(found[1]) if found else None

    @property
    def spoken(self) -> str:
        """How a sentence calls the week: "week 3", or its title."""
        return self.title if self.number is None else f"week {self.number}"

    @property
    def name(self) -> str:
        """The notebook's name: the folder's without `weekNN_`."""
        return re.sub(r"^week\d+_", "", self.folder)

    def source(self, course: "Course") -> Path:
        """Give the path of the lesson's source, a `.py`."""
        return course.root / SOURCES / self.folder / f"{self.name}.py"

    def solution(self, course: "Course") -> Path:
        """Give the path of the executed solution notebook."""
        return course.root / SOURCES / self.folder / f"{self.name}.ipynb"

    def student(self, course: "Course") -> Path:
        """Give the path of the student's notebook."""
        return course.root / RELEASED / self.folder / f"{self.name}.ipynb"


class Course(_Model):
    """The course: where it lies and what `course.toml` says.

    Attributes:
        root: the folder of `course.toml`.
        title: the course's name.
        private: the one home of student data, absolute.
        gradebook: PostgreSQL's URL, without a password; None for a file in `private`.
        limits: what a submission may use.
        opens_after: for modules of `helpers.nn` the number of the last week that teaches any part
            of it; later weeks may use it. One that is not named stays closed.
        challenge: the challenge's sizes, limits and marks.
        weeks: in the order of the file.
    """

    root: Path
    title: str
    private: Path
    gradebook: str | None = None
    limits: Limits
    opens_after: dict[str, int] = Field(default_factory=dict)
    challenge: ChallengeSettings
    weeks: tuple[Week, ...]

    @property
    def gradebook_url(self) -> str:
        """The gradebook's URL as SQLAlchemy and nbgrader take it; never with a password."""
        return self.gradebook or database.sqlite_url(self.private / database.FILE_NAME)

    def week(self, text: str) -> Week:
        """Find a week by what a person types: `1`, `week01`, `week01_perceptron` or `perceptron`.

        Args:
            text: number, short name or folder.

        Returns:
            The week.

        Raises:
            CourseError: there is no such week.
        """
        wanted = text.strip().rstrip("/").lower()
        number = re.fullmatch(r"(?:week)?_?(\d+)", wanted)
        for week in self.weeks:
            if wanted in (week.folder, week.name) or (number and week.number == int(number[1])):
                return week
        known = ", ".join(week.folder for week in self.weeks) or "none"
        raise CourseError(f"there is no week {text!r} in {FILE_NAME}", f"Weeks: {known}.")

    def select(self, texts: Iterable[str]) -> list[Week]:
        """Find several weeks, each once and in the course's order.

        Args:
            texts: what a person types; none means all weeks.

        Returns:
            The weeks.

        Raises:
            CourseError: one of them does not exist.
        """
        chosen = {self.week(text).folder for text in texts}
        return [week for week in self.weeks if not chosen or week.folder in chosen]


class _File(_Model):
    title: Annotated[str, Field(min_length=1)]
    private: Annotated[str, Field(min_length=1)] = "private"
    gradebook: str | None = None
    limits: Limits = Limits()
    opens_after: dict[str, WeekNumber] = Field(default_factory=dict)
    challenge: ChallengeSettings = ChallengeSettings()
    week: Annotated[tuple[Week, ...], Field(strict=False)] = ()


def find_root(start: Path | None = None) -> Path:
    """Find the folder with `course.toml`, here or above.

    Args:
        start: where to begin; the working directory unless given.

    Returns:
        The folder.

    Raises:
        CourseError: there is none.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            return folder
    raise CourseError(
        f"no {FILE_NAME} in {start} or above it", "Change into the course's folder and try again."
    )


def load_course(root: Path | None = None) -> Course:
    """Read and check `course.toml`.

    Args:
        root: the course's folder; found upwards from the working directory unless given.

    Returns:
        The course.

    Raises:
        CourseError: the file is missing or has a mistake; the message names the line.
    """
    root = Path(root).resolve() if root else find_root()
    try:
        text = (root / FILE_NAME).read_text(encoding="utf-8-sig")  # Windows' editors mark it
    except FileNotFoundError:
        raise CourseError(
            f"no {FILE_NAME} in {root}", "Give the folder that holds it, or change into it."
        ) from None
    except UnicodeDecodeError as error:
        raise CourseError(
            f"{FILE_NAME} is not UTF-8: {error.reason}", "Save it as UTF-8."
        ) from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(str(error), text) from None
    lines = key_lines(text)
    try:
        content = _File.model_validate(data)
    except ValidationError as error:
        raise _first_mistake(error, lines) from None
    _check_gradebook(content.gradebook, lines)
    _check_weeks(content.week, lines, root)
    _check_openings(content.opens_after, lines, root)
    _check_thresholds(content.challenge.thresholds, lines)
    private = (root / Path(content.private).expanduser()).resolve()
    if private in (root, *root.parents) or any(
        private.is_relative_to(root / shared) for shared in (SOURCES, RELEASED, "helpers", "data")
    ):
        raise _at(
            lines,
            ("private",),
            f"private = {content.private!r} is shared or published",
            'Name a folder of its own for student data, such as "private".',
        )
    return Course(
        root=root,
        title=content.title,
        private=private,
        gradebook=database.choose_address(content.gradebook),
        limits=content.limits,
        opens_after=content.opens_after,
        challenge=content.challenge,
        weeks=content.week,
    )


def _check_gradebook(entry: str | None, lines: dict) -> None:
    if entry is None:
        return
    try:
        database.check_entry(entry)
    except database.Mistake as mistake:
        raise _at(lines, ("gradebook",), mistake.what, mistake.cure) from None


def _check_weeks(weeks: tuple[Week, ...], lines: dict, root: Path) -> None:
    folders = Counter[str]()
    numbers = Counter[int]()
    for index, week in enumerate(weeks):
        place = ("week", index, "folder")
        folders[week.folder] += 1
        if week.number is not None:
            numbers[week.number] += 1
        if folders[week.folder] > 1:
            raise _at(lines, place, f"a second week {week.folder!r}", "Delete one of the two.")
        if week.number is not None and numbers[week.number] > 1:
            raise _at(
                lines, place, f"a second week number {week.number}", "Renumber one of the two."
            )
        if not (root / SOURCES / week.folder).is_dir():
            raise _at(
                lines,
                place,
                f"there is no folder {SOURCES}/{week.folder}",
                "Create it with the lesson's source in it, or mend the name.",
            )


def _check_openings(opens_after: dict[str, int], lines: dict, root: Path) -> None:
    folder = root / "helpers" / "nn"
    for module in opens_after:
        if not re.fullmatch(r"[a-z]\w*", module) or not (folder / f"{module}.py").is_file():
            known = ", ".join(sorted(p.stem for p in folder.glob("[a-z]*.py"))) or "none"
            what = f"there is no module helpers/nn/{module}.py"
            raise _at(lines, ("opens_after", module), what, f"Modules: {known}.")


def _check_thresholds(marks: Thresholds, lines: dict) -> None:
    for lower, low, higher, high in (
        ("pass", marks.passing, "good", marks.good),
        ("good", marks.good, "excellent", marks.excellent),
    ):
        if not low < high:
            raise _at(
                lines,
                ("challenge", "thresholds", higher),
                f"{higher} = {high:g} is not above {lower} = {low:g}",
                "Write percent that rise from pass to good to excellent.",
            )


def _at(lines: dict, path: tuple, what: str, cure: str) -> CourseError:
    number = line_of(lines, path)
    where = f"{FILE_NAME}, line {number}" if number else FILE_NAME
    return CourseError(f"{where}: {what}", cure)


def _syntax_error(message: str, text: str) -> CourseError:
    found = re.search(r"\(at line (\d+), column (\d+)\)", message)
    number = int(found[1]) if found else max(1, len(text.splitlines()))
    what = re.sub(r"\s*\(at [^)]*\)", "", message)
    if re.match(r"^\s*due\s*=", (text.splitlines() or [""])[number - 1]):
        return CourseError(
            f"{FILE_NAME}, line {number}: not a date ({what})",
            "Write it as 2027-03-15T23:59:00Z, without quotes.",
        )
    return CourseError(
        f"{FILE_NAME}, line {number}: not valid TOML: {what}",
        "Text needs quotes, lists need [ ] with commas, and every key stands once in its table.",
    )


def _first_mistake(error: ValidationError, lines: dict) -> CourseError:
    mistake = min(error.errors(), key=lambda each: _order(each, lines))
    path, kind = mistake["loc"], mistake["type"]
    key = str(next((part for part in reversed(path) if isinstance(part, str)), FILE_NAME))
    if kind == "extra_forbidden":
        known = _known_keys(path)
        near = difflib.get_close_matches(key, known, n=1)
        meant = f"Did you mean {near[0]}? " if near else ""
        place = path if line_of(lines, path) else (*path, 0)  # [[…]] of an unknown name
        return _at(lines, place, f"unknown key {key!r}", f"{meant}Keys here: {', '.join(known)}.")
    if kind == "missing":
        return _at(lines, path, f"{key!r} is missing here", f"Add a line `{key} = …`.")
    if key == "due":
        return _at(
            lines,
            path,
            f"due = {mistake['input']!s} is not a date with time and zone",
            "Write it as 2027-03-15T23:59:00Z, without quotes.",
        )
    if path[0] == "opens_after" and len(path) > 1:
        cure = "Write the number of the last week that teaches any part of the module."
        what = f"{key} = {mistake['input']!r} is no number of a week"
        return _at(lines, path, what, cure)
    if key == "withheld" and kind == "string_pattern_mismatch":
        what = f"{mistake['input']!r} does not name a function in full"
        return _at(lines, path, what, 'Write it as "torch.nn.functional.relu".')
    if key == "folder" and kind == "string_pattern_mismatch":
        cure = "Use small letters, digits and single underscores, such as week01_perceptron."
        return _at(lines, path, f"{mistake['input']!r} is no name for a folder", cure)
    what = mistake["msg"][0].lower() + mistake["msg"][1:].replace("Input", "input")
    what = what.replace("input should be", "it should be").replace("tuple", "list")
    return _at(lines, path, f"{key} = {mistake['input']!r}: {what}", "Mend the value.")


def _order(mistake: Any, lines: dict) -> tuple[bool, int]:
    """Unknown keys first: a misspelt key is also a missing one. Then by line."""
    return mistake["type"] != "extra_forbidden", line_of(lines, mistake["loc"]) or 0


def _known_keys(path: tuple) -> list[str]:
    inner: dict[tuple, type[BaseModel]] = {
        ("week",): Week,
        ("limits",): Limits,
        ("challenge",): ChallengeSettings,
        ("challenge", "thresholds"): Thresholds,
    }
    table = tuple(part for part in path[:-1] if isinstance(part, str))
    fields = inner.get(table, _File).model_fields
    return [field.alias or name for name, field in fields.items()]
