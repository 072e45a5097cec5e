"""Folders for this user alone, and temporary ones."""

import pytest

from autograder.scratch import make_private


def test_folders_on_the_way_are_as_private_as_the_last(tmp_path):
    made = make_private(tmp_path / "a" / "b" / "c")
    assert made == make_private(made) == tmp_path / "a" / "b" / "c"
    for folder in (made, made.parent, made.parent.parent):
        assert folder.stat().st_mode & 0o777 == 0o700
    (made / "file").write_text("kept")
    for path in (made / "file", made / "file" / "d"):
        with pytest.raises(OSError, match="file"):
            make_private(path)
    assert (made / "file").read_text() == "kept"
