"""The Ladder: its steps, and an attack that fits a naive board and not this one."""

import numpy as np
import pytest

from autograder.challenge.ladder import climb, shown

STEP = 0.01
PUBLIC = PRIVATE = 2000  # pictures, as in the course
SUBMISSIONS = 1000


def test_only_a_step_moves_the_board():
    assert shown([0.5, 0.505, 0.51, 0.511, 0.4, 0.5249, 0.53], STEP) == pytest.approx(
        [0.5, 0.5, 0.5, 0.51, 0.51, 0.52, 0.52]
    )


def test_a_score_is_rounded_to_the_step():
    assert climb(None, 0.12345, STEP) == pytest.approx(0.12)
    assert climb(None, 0.999, 0.3) == pytest.approx(0.9)
    assert climb(None, 1.0, 0.3) <= 1
    assert climb(None, 0.0, STEP) == 0


def test_exactly_a_step_does_not_move_the_board():
    for best in np.arange(0, 1, STEP):
        assert climb(float(best), float(best) + STEP, STEP) == best


def test_no_more_moves_than_there_are_steps():
    generator = np.random.default_rng(0)
    moves = np.unique(shown(generator.random(100_000), STEP))
    assert len(moves) <= 1 / STEP + 1


class Naive:
    """A board that shows each submission's score as it is."""

    def __init__(self) -> None:
        self.best = 0.0

    def answer(self, score: float) -> float:
        self.best = max(self.best, score)
        return score


class Ladder:
    """The course's board."""

    def __init__(self) -> None:
        self.best: float | None = None

    def answer(self, score: float) -> float:
        self.best = climb(self.best, score, STEP)
        return self.best


def attack(board: Naive | Ladder, choices: int, seed: int) -> tuple[float, float, float]:
    """Submit random votes, let those that the board liked vote, and submit what they say.

    Each vote picks, for each picture, one of `choices` classes among which the right one is (two:
    the attacker has a model that knows each picture's two likeliest classes). Every vote counts by
    what the board said of it: the score, less the mean of what it said.

    Returns:
        What the board shows at last, the combined submission's accuracy on the public half, and on
        the private half.
    """
    generator = np.random.default_rng(seed)
    answers = []
    tally = np.zeros((PUBLIC + PRIVATE, choices))
    votes = generator.integers(choices, size=(SUBMISSIONS, PUBLIC + PRIVATE))
    right = generator.integers(choices, size=PUBLIC + PRIVATE)
    for vote in votes:
        answers.append(board.answer(float(np.mean((vote == right)[:PUBLIC]))))
    # what a submission gained: on the Ladder the movement, on a naive board the score itself
    told = np.diff(answers, prepend=answers[0]) if isinstance(board, Ladder) else answers
    weights = np.asarray(told) - np.mean(told)
    for vote, weight in zip(votes, weights, strict=True):
        tally[np.arange(len(vote)), vote] += weight
    final = tally.argmax(1) == right
    board.answer(float(final[:PUBLIC].mean()))
    assert board.best is not None
    return board.best, float(final[:PUBLIC].mean()), float(final[PUBLIC:].mean())


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(
    ("choices", "gain"), [(2, 0.15), (20, 0.03)], ids=["two likeliest classes", "all classes"]
)
def test_a_thousand_random_votes_fit_a_naive_board_and_not_the_ladder(choices, gain, seed):
    deserved = 1 / choices
    noise = 4 * np.sqrt(deserved * (1 - deserved) / PUBLIC)  # of the best of a thousand guesses

    best, public, private = attack(Naive(), choices, seed)
    assert best == public > deserved + gain  # the board is fitted …
    assert abs(private - deserved) < noise  # … and nothing was learnt

    best, public, private = attack(Ladder(), choices, seed)
    assert abs(private - deserved) < noise
    assert public < deserved + noise  # the votes that moved the board do no better together
    assert best < deserved + noise + STEP / 2  # one lucky guess, and no more
