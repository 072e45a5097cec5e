"""What this machine has of what the course needs, each with what to do about it."""

import getpass
import importlib.metadata
import json
import os
import platform
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from packaging.requirements import Requirement

from autograder.course import Course, load_course
from autograder.database import database_errors, is_postgresql, spoken
from autograder.errors import CourseError

Level = Literal["fine", "note", "missing"]

GIB = 2**30
LEAST_DISK, ENOUGH_DISK = 0.5 * GIB, 5 * GIB
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECONDS_FOR_GPU = 60
MOST_NAMED = 4  # packages
SWITCHES = {
    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": (
        "1",
        "AppArmor keeps user namespaces from programs without a profile: "
        "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    ),
    "/proc/sys/kernel/unprivileged_userns_clone": (
        "0",
        "User namespaces are switched off: sudo sysctl -w kernel.unprivileged_userns_clone=1",
    ),
    "/proc/sys/user/max_user_namespaces": (
        "0",
        "No user namespaces are allowed: sudo sysctl -w user.max_user_namespaces=15000",
    ),
}
CONTAINER_MARKS = ("/.dockerenv", "/run/.containerenv")
IN_CONTAINER = (
    "This is a container that refuses namespaces: start it with "
    "--security-opt seccomp=unconfined --security-opt apparmor=unconfined --cap-add SYS_ADMIN"
)
REINSTALL = "Run `make venv` (or: pip install --require-hashes -r requirements.lock)."


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: what.
        level: "fine"; "note" where the course works without it; "missing" where it does not.
        says: what was found, one line.
        cure: what to do, one line; empty where nothing is to be done.
    """

    name: str
    level: Level
    says: str
    cure: str = ""


def examine() -> list[Finding]:
    """Look at everything; never fails, whatever the machine lacks.

    Returns:
        The findings, in the order in which they matter.
    """
    checks: list[Callable[[], Iterator[Finding]]] = [
        _python,
        _course,
        _walls,
        _kernel_of_notebooks,
        _browser,
        _gpu,
    ]
    findings = []
    for check in checks:
        try:
            findings += list(check())
        except Exception as error:  # a check that fails is a finding as well
            name = f"doctor: {check.__name__.strip('_').replace('_', ' ')}"
            says = " ".join(f"{type(error).__name__}: {error}".split())
            findings.append(Finding(name, "note", says, "A fault of `course doctor`: report it."))
    return findings


def _python() -> Iterator[Finding]:
    version = platform.python_version()
    wanted = sys.version_info[:2] == (3, 11)
    cure = "" if wanted else "Install Python 3.11, then `make venv PYTHON=python3.11`."
    yield Finding("Python", "fine" if wanted else "missing", f"{version}, {sys.executable}", cure)


def _course() -> Iterator[Finding]:
    try:
        course = load_course()
    except CourseError as error:
        yield Finding("course", "missing", error.message, error.cure)
        return
    yield Finding("course", "fine", f"{course.root}, {len(course.weeks)} weeks")
    yield from _packages(course.root)
    yield from _private(course)
    yield _gradebook(course)
    yield from _disk(course)
    yield _memory(course)


def _packages(root: Path) -> Iterator[Finding]:
    """Compare what is installed with the versions that the course pins."""
    try:
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    except (OSError, tomllib.TOMLDecodeError, KeyError):
        yield Finding("packages", "note", "there is no pyproject.toml to compare with")
        return
    wanted = [Requirement(text) for text in project["dependencies"]]
    absent, others = [], []
    for requirement in wanted:
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            absent.append(requirement.name)
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            others.append(f"{requirement.name} is {version}, not {requirement.specifier}")
    if absent:
        yield Finding("packages", "missing", f"not installed: {_some(absent)}", REINSTALL)
    if others:
        yield Finding("versions", "note", _some(others), REINSTALL)
    if not absent and not others:
        yield Finding("packages", "fine", f"{len(wanted)} packages in the versions of the course")


def _some(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _private(course: Course) -> Iterator[Finding]:
    """Student data are for the instructor's eyes only."""
    if not course.private.exists():
        yield Finding("student data", "fine", f"{course.private} will be made when it is needed")
        return
    mode = stat.S_IMODE(course.private.stat().st_mode)
    says = f"{course.private}, mode {mode:o}"
    if mode & 0o077:
        yield Finding("student data", "note", says, f"chmod 700 {course.private}")
    else:
        yield Finding("student data", "fine", says)


def _gradebook(course: Course) -> Finding:
    """Look whether the gradebook can be reached and written, without changing it."""
    from sqlalchemy import create_engine, inspect, text

    url = course.gradebook_url
    place = spoken(url)
    if not is_postgresql(url):
        for path in (str(course.private), place):
            if os.path.exists(path) and not os.access(path, os.R_OK | os.W_OK):
                cure = f"Let this user have it: chown {getpass.getuser()} {path}"
                return Finding("gradebook", "missing", f"{path} cannot be read and written", cure)
        if not os.path.exists(place):
            return Finding("gradebook", "fine", f"{place} will be made by the first `course grade`")
    try:
        with database_errors(url):
            engine = create_engine(url)
            try:
                with engine.connect() as connection:
                    if not inspect(connection).has_table("student"):
                        return Finding("gradebook", "fine", f"{place}, empty")
                    if not is_postgresql(url):  # taken and given back: is anybody writing?
                        connection.execute(text("BEGIN IMMEDIATE"))
                    students = connection.execute(text("SELECT count(*) FROM student")).scalar()
                    connection.rollback()
            finally:
                engine.dispose()
    except CourseError as error:
        return Finding("gradebook", "missing", error.message, error.cure)
    return Finding("gradebook", "fine", f"{place}, {students} student{'s' * (students != 1)}")


def _disk(course: Course) -> Iterator[Finding]:
    existing = next(path for path in (course.private, *course.private.parents) if path.exists())
    temporary = Path(os.environ.get("TMPDIR", "/tmp"))
    for name, place in (("disk", existing), ("temporary files", temporary)):
        free = shutil.disk_usage(place).free
        level: Level = "missing" if free < LEAST_DISK else "note" if free < ENOUGH_DISK else "fine"
        cure = "" if level == "fine" else f"Free some space; {ENOUGH_DISK / GIB:.0f} GB are plenty."
        yield Finding(name, level, f"{free / GIB:.1f} GB free at {place}", cure)


def _walls() -> Iterator[Finding]:
    """Try each wall; one of the first two must hold for the engine with a judge."""
    if sys.platform != "linux":
        yield Finding(
            "wall",
            "missing",
            f"{platform.system()} has none of the walls",
            "Grade in the course's container, or with `--sandbox none` what you trust.",
        )
        return
    from autograder.engines.judge.confine import available_walls

    reasons = available_walls()
    second = reasons["landlock"] is None
    if reasons["namespaces"] is None:
        yield Finding("wall: namespaces", "fine", "students' code is confined by them")
    else:
        level: Level = "note" if second else "missing"
        yield Finding(
            "wall: namespaces", level, f"refused ({reasons['namespaces']})", cure_for_namespaces()
        )
    if second:
        yield Finding("wall: Landlock", "fine", "stands in where namespaces are refused")
    else:
        cure = "Linux 5.13 or later with landlock among the lsm= of its command line."
        yield Finding("wall: Landlock", "note", f"refused ({reasons['landlock']})", cure)
    yield _bubblewrap()


def _bubblewrap() -> Finding:
    from autograder.wall import require

    try:
        require("bubblewrap")
    except CourseError as error:
        return Finding("wall: bubblewrap", "missing", error.message, error.cure)
    return Finding("wall: bubblewrap", "fine", "round the whole grader")


def cure_for_namespaces() -> str:
    """Say which switch of the kernel refuses namespaces, and how it is turned."""
    for file, (value, cure) in SWITCHES.items():
        try:
            if Path(file).read_text(encoding="ascii").strip() == value:
                return cure
        except OSError:
            continue
    if any(Path(mark).exists() for mark in CONTAINER_MARKS):
        return IN_CONTAINER
    return "The kernel has no user namespaces, or a security policy refuses them to this user."


def _kernel_of_notebooks() -> Iterator[Finding]:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    cure = f"{sys.executable} -m ipykernel install --sys-prefix"
    try:
        program = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except (NoSuchKernel, IndexError):
        yield Finding("notebook kernel", "missing", "there is no kernel `python3`", cure)
        return
    found = shutil.which(program)
    same = found is not None and Path(found).resolve() == Path(sys.executable).resolve()
    if same or program in ("python", "python3"):
        yield Finding("notebook kernel", "fine", program)
    else:
        yield Finding("notebook kernel", "note", f"`python3` is another Python: {program}", cure)


def _memory(course: Course) -> Finding:
    import psutil

    free = psutil.virtual_memory().available
    needed = course.limits.memory_mb * 2**20
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    says = f"{free / GIB:.1f} GB free, {cores} cores"
    if free >= needed:
        return Finding("memory", "fine", says)
    cure = f"Grade with `--workers 1`: one submission may use {needed / GIB:.0f} GB."
    return Finding("memory", "note", says, cure)


def _browser() -> Iterator[Finding]:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found:
        yield Finding("browser", "fine", found)
    else:
        cure = "Only the tests in a browser need one (Debian, Ubuntu: sudo apt install chromium)."
        yield Finding("browser", "note", "no Chromium or Chrome", cure)


_ASK_TORCH = (
    "import json, torch; ok = torch.cuda.is_available(); "
    "print(json.dumps([ok, torch.cuda.get_device_name(0) if ok else '', torch.__version__]))"
)


def _gpu() -> Iterator[Finding]:
    """Ask torch, in a process of its own, and only where there is a device to ask for."""
    devices = [name for name in os.listdir("/dev") if re.fullmatch(r"nvidia\d+|kfd", name)]
    if not devices:
        yield Finding("GPU", "fine", "none, and none is needed")
        return
    done = subprocess.run(
        [sys.executable, "-c", _ASK_TORCH],
        capture_output=True,
        text=True,
        timeout=SECONDS_FOR_GPU,
        check=False,
    )
    try:
        usable, name, version = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        usable, name, version = False, "", "(does not start)"
    if usable:
        yield Finding("GPU", "fine", f"{name}, torch {version}")
    else:
        cure = "Everything runs without; for the GPU the driver must fit torch's CUDA version."
        yield Finding("GPU", "note", f"there is one, and torch {version} cannot use it", cure)
