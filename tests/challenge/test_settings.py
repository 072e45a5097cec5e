"""The table [challenge] of course.toml: mistakes are named with their line and a cure."""

import pytest
from small_challenge import make_course

from autograder.errors import CourseError


def mistake(tmp_path, settings: str) -> CourseError:
    with pytest.raises(CourseError) as caught:
        make_course(tmp_path / "course", settings)
    return caught.value


def test_what_is_not_said_has_a_default(tmp_path):
    challenge = make_course(tmp_path / "course", "classes = 7\n").challenge
    assert (challenge.classes, challenge.size, challenge.pictures_seen) == (7, 64, 300_000)
    marks = challenge.thresholds
    assert (marks.passing, marks.good, marks.excellent) == (90, 97, 98.5)


@pytest.mark.parametrize(
    ("settings", "line", "sentence"),
    [
        ("classes = 1\n", 4, "classes = 1"),
        ("classes = 4\nsize = 4\n", 5, "size = 4"),
        ('folder = "../other"\n', 4, "'../other'"),
        ("ladder_step = 0.0\n", 4, "ladder_step = 0.0"),
        ('memory_mb = "2 GB"\n', 4, "memory_mb = '2 GB'"),
        ("public_per_class = 0\n", 4, "public_per_class = 0"),
        ("colour = 3\n", 4, "unknown key 'colour'"),
        ("[challenge.thresholds]\npass = 101\n", 5, "pass = 101"),
        ("[challenge.thresholds]\npassing = 50\n", 5, "unknown key 'passing'"),
        ("[challenge.thresholds]\npass = 98\n", 4, "good = 97 is not above pass = 98"),
        ("[challenge.thresholds]\npass = 1\ngood = 99\n", 4, "excellent = 98.5 is not above good"),
        ("[challenge.thresholds]\npass = 1\ngood = 99\nexcellent = 95\n", 7, "excellent = 95"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path, settings, line, sentence):
    error = mistake(tmp_path, settings)
    assert error.message.startswith(f"course.toml, line {line}: ")
    assert sentence in error.message
    assert error.cure


def test_the_keys_that_there_are_are_named(tmp_path):
    assert "ladder_step" in mistake(tmp_path / "1", "colour = 3\n").cure
    cure = mistake(tmp_path / "2", "[challenge.thresholds]\nfail = 3\n").cure
    assert cure == "Keys here: pass, good, excellent."
