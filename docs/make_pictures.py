"""Make the README's pictures: the page of a lesson and of a class report, photographed by Chromium.

Needs Debian's package `chromium` and a finished `course demo`. Run it as

    .venv/bin/python docs/make_pictures.py
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from nbconvert import HTMLExporter
from nbformat import read
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
LESSON = Path("week00_python_numpy", "python_numpy.ipynb")
REPORT = ROOT / "private" / "demo" / "private" / "reports" / "week01_perceptron.html"
FIRST_CELL_SHOWN, FIRST_CELL_CUT = "## 10 ", "## 11 "
COLOURS = 160


def photograph(page: Path, name: str, height: int) -> None:
    """Write the top of a page as docs/pictures/NAME.png, 1000 pixels wide, of few colours."""
    target = PICTURES / name
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
                *(f"--user-data-dir={profile}", f"--window-size=1000,{height}"),
                *(f"--screenshot={target}", page.as_uri()),
            ],
            check=True,
            capture_output=True,
        )
    Image.open(target).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(
        target, optimize=True
    )


def lesson_page(folder: Path) -> Path:
    """Write a section as a page: the exercise as a student gets it, the figure it leads to."""
    notebook = read(ROOT / "notebooks" / LESSON, as_version=4)
    solved = {cell.id: cell for cell in read(ROOT / "solutions" / LESSON, as_version=4).cells}
    titles = [cell.source for cell in notebook.cells]
    start, stop = (
        next(place for place, title in enumerate(titles) if title.startswith(first))
        for first in (FIRST_CELL_SHOWN, FIRST_CELL_CUT)
    )
    notebook.cells = notebook.cells[start:stop]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = solved[cell.id].outputs
    body, _ = HTMLExporter(template_name="classic").from_notebook_node(notebook)
    page = folder / "lesson.html"
    page.write_text(body, encoding="utf-8")
    return page


def main() -> None:
    """Make both pictures."""
    if shutil.which("chromium") is None:
        sys.exit("chromium is missing: apt-get install chromium")
    if not REPORT.is_file():
        sys.exit("there is no report yet: run `make demo` first")
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        photograph(lesson_page(Path(folder)), "lesson.png", 1840)
    photograph(REPORT, "report.png", 1840)


if __name__ == "__main__":
    main()
