"""pyproject.toml, environment.yml and requirements.lock name the same versions, all hashed."""

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)$")


def normalise(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(requirements):
    matches = [PIN.match(requirement) for requirement in requirements]
    assert all(matches), f"not an exact version: {requirements}"
    return {normalise(match[1]): match[2] for match in matches}


def project_pins():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    return pins([*project["dependencies"], *(pin for extra in extras for pin in extra)])


def lock_blocks():
    text = (ROOT / "requirements.lock").read_text().replace("\\\n", " ")
    return [line.split() for line in text.splitlines() if line.strip() and line[0] != "#"]


def lock_pins():
    return pins([block[0] for block in lock_blocks()])


def test_environment_yml_names_the_versions_of_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    (pip_section,) = [
        entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)
    ]
    assert pins(pip_section) == project_pins()
    assert "python=3.11" in environment["dependencies"]


def test_the_lock_holds_every_direct_version():
    locked = lock_pins()
    assert {name: locked.get(name) for name in project_pins()} == project_pins()


def test_torch_is_the_one_version_whose_torchvision_loads():
    assert (lock_pins()["torch"], lock_pins()["torchvision"]) == ("2.11.0", "0.26.0")


def test_every_locked_package_has_hashes_and_no_index_is_named():
    for block in lock_blocks():
        assert any(word.startswith("--hash=sha256:") for word in block), block[0]
    assert "://" not in (ROOT / "requirements.lock").read_text()


def test_what_is_installed_is_what_is_locked():
    wrong = {
        name: (version(name), wanted)
        for name, wanted in project_pins().items()
        if version(name).split("+")[0] != wanted
    }
    assert not wrong
