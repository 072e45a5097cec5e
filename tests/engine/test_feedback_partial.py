"""Points in part and a message, both: the judge keeps what the test says apart from what it ran."""

import pytest
from workbench import answer, exam, given, workbench

from autograder.messages import partial_message

TEST = """
secret = 0.625
right = [f(secret) == secret, f(2.0) == 2.0]
if not all(right):
    print(f"{sum(right)} of 2 cases are right\\nLikely cause: the sign")
sum(right) / 2
"""


@pytest.fixture(scope="module")
def grade(tmp_path_factory):
    with workbench(tmp_path_factory.mktemp("scratch")) as grade:
        yield grade


def test_a_test_gives_half_the_points_and_says_why(grade):
    source = "def f(x):\n    print('I was given', x)\n    return x if x > 1 else -x"
    bench = grade(given("import numpy as np"), answer("f", source), exam("test_f", TEST))
    assert bench.scores == {"test_f": 0.5}
    message = partial_message(bench["test_f"])
    assert message == "1 of 2 cases are right\nLikely cause: the sign"
    assert "0.625" not in bench["test_f"].model_dump_json(), "nothing that the student printed"
