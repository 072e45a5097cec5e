"""What a student's warm process may import: a folder with some packages, and no others."""

import importlib.metadata
import os
import re
import sys
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement

from autograder.engines.judge.confine.kernel import ConfinementError

OWN = {"helpers", "autograder"}  # not from the folder of packages
LEFT_OUT = {"__pycache__", "bin", "share", "etc", "man"}


@dataclass(frozen=True)
class PackageView:
    """A folder for `sys.path` that holds links to some packages.

    Start the process with `python -S` (so that the folder of all packages is not on its path) and
    with this one in PYTHONPATH; what it links to must be shown behind the wall.

    Attributes:
        folder: to be put on the path.
        paths: to be shown read-only, the folder included.
        distributions: what is in it, by name.
    """

    folder: Path
    paths: tuple[Path, ...]
    distributions: tuple[str, ...]


def package_view(packages: Iterable[str], folder: Path) -> PackageView:
    """Link what some packages consist of, and what they need in turn, into a folder.

    Args:
        packages: names to import, such as "sklearn"; modules of the standard library and of the
            course itself, which belong to no distribution, are passed over.
        folder: an empty or new folder.

    Returns:
        The view.

    Raises:
        ConfinementError: a distribution does not say which files it has.
    """
    wanted = _owners({package.partition(".")[0] for package in packages} - OWN)
    folder.mkdir(parents=True, exist_ok=True)
    paths = {folder}
    names = set()
    for distribution in with_requirements(wanted):
        names.add(_plain(distribution.metadata["Name"]))
        for entry in _entries(distribution):
            place = folder / entry.name
            if not place.is_symlink():
                place.symlink_to(entry)
            paths.add(entry)
    return PackageView(folder, tuple(sorted(paths)), tuple(sorted(names)))


def _owners(packages: set[str]) -> set[str]:
    """Name the distributions that packages belong to; most have the same name."""
    packages = packages - set(sys.stdlib_module_names)
    found = {package for package in packages if _is_installed(package)}
    if found != packages:
        owners = importlib.metadata.packages_distributions()  # slow: it reads every list of files
        found |= {owner for package in packages - found for owner in owners.get(package, ())}
    return found


def _is_installed(name: str) -> bool:
    try:
        importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def with_requirements(names: Iterable[str]) -> list[importlib.metadata.Distribution]:
    """Find installed distributions and all that they need here, each once.

    Args:
        names: of distributions; what is not installed is left out.

    Returns:
        The distributions.
    """
    waiting = deque((_plain(name), "") for name in names)
    seen: set[tuple[str, str]] = set()
    found: dict[str, importlib.metadata.Distribution] = {}
    while waiting:
        name, extra = waiting.popleft()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        found[name] = distribution
        for text in distribution.requires or ():
            try:
                requirement = Requirement(text)
                marker = requirement.marker
                needed = marker is None or marker.evaluate({"extra": extra})
            except (InvalidRequirement, UndefinedEnvironmentName):
                continue
            if needed:
                waiting += [
                    (_plain(requirement.name), wanted) for wanted in ("", *requirement.extras)
                ]
    return list(found.values())


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _entries(distribution: importlib.metadata.Distribution) -> list[Path]:
    """List the files and folders at the top of a distribution's place."""
    if distribution.files is None:
        raise ConfinementError(f"{distribution.metadata['Name']} does not list its files")
    tops = {Path(file).parts[0] for file in distribution.files}
    place = Path(os.path.realpath(str(distribution.locate_file(""))))
    return [
        place / top
        for top in sorted(tops)
        if top not in LEFT_OUT and top != ".." and (place / top).exists()
    ]


def not_in(view: PackageView, packages: Iterable[str]) -> list[str]:
    """Name the packages that a process with this view could not import.

    Args:
        view: the view.
        packages: names to import.

    Returns:
        Those that are neither in the view nor in the standard library.
    """
    there = {entry.name.partition(".")[0] for entry in view.folder.iterdir()}
    tops = {package.partition(".")[0] for package in packages}
    return sorted(tops - there - set(sys.stdlib_module_names))
