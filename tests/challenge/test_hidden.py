"""The hidden set: secret, whole, balanced, shuffled; damage is seen."""

import hashlib
import json
import os
import stat

import numpy as np
import pytest
from small_challenge import make_course

from autograder.challenge import hidden as sets
from autograder.challenge.hidden import draw_hidden_set, give_out, load_hidden_set, set_folder
from autograder.errors import CourseError


@pytest.fixture
def course(tmp_path):
    return make_course(tmp_path / "course")


def test_a_set_is_drawn_and_read_again(course):
    drawn = draw_hidden_set(course)
    public, private = drawn.halves["public"], drawn.halves["private"]
    assert public.images.shape == (120, 3, 16, 16)
    assert private.images.shape == (80, 3, 16, 16)
    assert public.images.dtype == np.uint8
    assert np.bincount(public.labels).tolist() == [30] * 4
    assert np.bincount(private.labels).tolist() == [20] * 4
    again = load_hidden_set(course)
    assert again.name == drawn.name
    np.testing.assert_array_equal(again.halves["private"].images, private.images)


def test_a_place_says_nothing_about_the_class(course):
    labels = draw_hidden_set(course).halves["public"].labels
    assert np.abs(np.diff(labels)).sum() > 60  # in rising order it were 3


def test_only_the_owner_can_read_it(course):
    draw_hidden_set(course)
    folder = set_folder(course)
    for path in (folder, folder.parent):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_seed_has_256_bits_of_chance_and_is_new_each_time(course):
    seeds = set()
    for _ in range(3):
        draw_hidden_set(course, again=True)
        seeds.add((set_folder(course) / sets.SEED).read_text().strip())
    assert len(seeds) == 3
    bits = "".join(f"{int(seed, 16):0256b}" for seed in seeds)
    assert all(len(bytes.fromhex(seed)) == 32 for seed in seeds)
    assert 300 < bits.count("1") < 470


def test_the_pictures_come_from_the_seed_alone(course, monkeypatch):
    monkeypatch.setattr(sets.secrets, "token_bytes", lambda number: b"\7" * number)
    one = draw_hidden_set(course)
    two = draw_hidden_set(course, again=True)
    assert one.name == two.name
    overlap = {image.tobytes() for image in one.halves["public"].images} & {
        image.tobytes() for image in one.halves["private"].images
    }
    assert not overlap


def test_a_set_is_not_drawn_over_another(course):
    first = draw_hidden_set(course)
    with pytest.raises(CourseError, match="holds a hidden set already"):
        draw_hidden_set(course)
    second = draw_hidden_set(course, again=True)
    assert first.name != second.name
    aside = [path.name for path in set_folder(course).parent.iterdir() if "until" in path.name]
    assert len(aside) == 1


def test_no_set_is_an_error_with_a_cure(course):
    with pytest.raises(CourseError, match="no hidden test set") as caught:
        load_hidden_set(course)
    assert "course challenge hidden" in caught.value.cure


@pytest.mark.parametrize(
    "file",
    ["public.pictures.npy", "private.pictures.npy", "public.labels.npy", "private.labels.npy"],
)
def test_one_changed_byte_is_seen(course, file):
    draw_hidden_set(course)
    path = set_folder(course) / file
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(CourseError, match="not as it was drawn"):
        load_hidden_set(course)
    path.unlink()
    with pytest.raises(CourseError, match="missing"):
        load_hidden_set(course)


def test_a_set_that_does_not_fit_the_course_is_refused(course):
    draw_hidden_set(course)
    text = (course.root / "course.toml").read_text()
    (course.root / "course.toml").write_text(text.replace("classes = 4", "classes = 5"))
    from autograder.course import load_course

    with pytest.raises(CourseError, match="has 4 classes of 16 × 16"):
        load_hidden_set(load_course(course.root))


def test_a_run_that_is_stopped_leaves_nothing(course, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(sets, "_draw", stop)
    with pytest.raises(KeyboardInterrupt):
        draw_hidden_set(course)
    assert not set_folder(course).exists()
    assert not [name for _, _, files in os.walk(course.private) for name in files]


def test_students_get_pictures_and_no_labels(course, tmp_path):
    drawn = draw_hidden_set(course)
    path = give_out(course, drawn, tmp_path / "out")
    np.testing.assert_array_equal(np.load(path), drawn.halves["public"].images)
    checksum, name = (tmp_path / "out" / f"{path.name}.sha256").read_text().split()
    assert (checksum, name) == (hashlib.sha256(path.read_bytes()).hexdigest(), path.name)
    assert len(list((tmp_path / "out").iterdir())) == 2
    about = json.loads((set_folder(course) / "set.json").read_text())
    assert about["classes"] == 4
