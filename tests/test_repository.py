"""What is tracked stays small, and says nothing about the machine it was written on."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LARGEST_TOTAL_BYTES = 55_000_000
HOME_FOLDER = re.compile(rb"/(?:home|Users|root)/[A-Za-z0-9_.-]+/")


def tracked_files():
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout.split(b"\0")
    return [ROOT / name.decode() for name in names if name and (ROOT / name.decode()).is_file()]


def test_tracked_files_stay_under_55_megabytes():
    sizes = {path: path.stat().st_size for path in tracked_files()}
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:5]
    assert sum(sizes.values()) < LARGEST_TOTAL_BYTES, largest


def test_no_path_of_a_home_folder_is_tracked():
    text_files = [
        path for path in tracked_files() if path.suffix in {".py", ".ipynb", ".md", ".toml", ".yml"}
    ]
    guilty = [path for path in text_files if HOME_FOLDER.search(path.read_bytes())]
    assert not guilty


def test_student_data_is_ignored_by_git():
    ignored = subprocess.run(
        ["git", "check-ignore", "--quiet", "private/gradebook.db"], cwd=ROOT, check=False
    )
    assert ignored.returncode == 0
