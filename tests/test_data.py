"""The files in data/: whole, documented, licensed, and made again by their scripts."""

import hashlib
import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from helpers import datasets

DATA = Path(__file__).resolve().parent.parent / "data"
MAKERS = sorted((DATA / "make").glob("*.py"))
LIMIT = 40_000_000


def data_files():
    return sorted([*DATA.glob("*.npz"), *DATA.glob("*/*.gz")])


def maker(name, monkeypatch):
    """A script of data/make as a module."""
    monkeypatch.syspath_prepend(str(DATA / "make"))
    monkeypatch.delitem(sys.modules, "archive", raising=False)
    spec = importlib.util.spec_from_file_location(f"make_{name}", DATA / "make" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_file_has_its_checksum():
    lines = (DATA / "SHA256SUMS").read_text().splitlines()
    recorded = {name: digest for digest, name in (line.split("  ") for line in lines)}
    found = {
        path.relative_to(DATA).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in data_files()
    }
    assert found == recorded


def test_sums_are_made_by_their_script(tmp_path, monkeypatch):
    (tmp_path / "a.npz").write_bytes(b"abc")
    (path,) = maker("sums", monkeypatch).make(tmp_path)
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, B.1
    assert path.read_text() == f"{digest}  a.npz\n"


@pytest.mark.parametrize("name", ["digits", "iris", "breast_cancer", "pictures", "place_names"])
def test_small_files_come_out_the_same_byte_for_byte(name, tmp_path, monkeypatch):
    (made,) = maker(name, monkeypatch).make(tmp_path)
    assert made.read_bytes() == (DATA / made.name).read_bytes()


def test_small_fashion_comes_out_with_the_same_arrays(tmp_path, monkeypatch):
    module = maker("fashion_small", monkeypatch)
    store = module.archive.write_npz  # the arrays are compared: there is no need to compress them
    monkeypatch.setattr(
        module.archive, "write_npz", lambda path, arrays, compress: store(path, arrays)
    )
    made = module.make(tmp_path)
    assert [path.name for path in made] == ["fashion_small28.npz", "fashion_small14.npz"]
    for path in made:
        with np.load(path) as ours, np.load(DATA / path.name) as shipped:
            assert ours.files == shipped.files
            for key in ours.files:
                np.testing.assert_array_equal(ours[key], shipped[key])


def test_the_script_of_the_originals_knows_their_checksums(monkeypatch):
    expected = maker("fashion_mnist", monkeypatch).SHA256
    for path in DATA.glob("fashion_mnist/*.gz"):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == expected[path.name]
    assert len(expected) == 4


def test_the_originals_are_refused_when_the_package_holds_others(tmp_path, monkeypatch):
    module = maker("fashion_mnist", monkeypatch)

    def fake(command, cwd, check):
        tree = Path(cwd) / "tree" / "usr" / "share" / "datasets" / "fashion-mnist"
        tree.mkdir(parents=True, exist_ok=True)
        (Path(cwd) / "package.deb").touch()
        for name in module.SHA256:
            (tree / name).write_bytes(b"something else")

    monkeypatch.setattr(module.subprocess, "run", fake)
    with pytest.raises(SystemExit, match=r"t10k-images-idx3-ubyte\.gz in the package is not"):
        module.make(tmp_path)


def test_every_file_is_read_by_a_data_set():
    read = {name for names in datasets.FILES.values() for name in names}
    assert read == {path.relative_to(DATA).as_posix() for path in data_files()}


def test_the_readme_names_every_file_picture_script_and_licence():
    text = (DATA / "README.md").read_text()
    for path in [*DATA.glob("*.npz"), *(DATA / "licences").iterdir()]:
        assert f"`{path.name}`" in text
    for path in MAKERS:
        assert path.name == "archive.py" or f"`make/{path.name}`" in text
    for name, picture in datasets.pictures().items():
        height, width, _ = picture.shape
        (line,) = [line for line in text.splitlines() if line.startswith(f"| `{name}` |")]
        assert f"| {height} × {width} |" in line
        assert "CC" in line or "public domain" in line


def test_pictures_under_cc_by_are_credited():
    credits = (DATA / "licences" / "CC-BY-credits.txt").read_text()
    for line in (DATA / "README.md").read_text().splitlines():
        if "CC BY 2.0" in line and line.startswith("| `"):
            assert f"{line.split('`')[1]} (in pictures.npz)" in credits


def test_all_data_together_leave_room_for_the_course():
    assert sum(path.stat().st_size for path in data_files()) < LIMIT


def test_archives_differ_neither_by_time_nor_by_folder(tmp_path, monkeypatch):
    archive = maker("archive", monkeypatch)
    arrays = {"a": np.arange(6).reshape(2, 3).T, "b": np.array(["x", "yz"])}
    (tmp_path / "sub").mkdir()
    archive.write_npz(tmp_path / "one.npz", arrays)
    archive.write_npz(tmp_path / "sub" / "two.npz", arrays)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "sub" / "two.npz").read_bytes()
    with np.load(tmp_path / "one.npz", allow_pickle=False) as again:
        for key, array in arrays.items():
            np.testing.assert_array_equal(again[key], array)
