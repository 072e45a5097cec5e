"""The Ladder: a public score that many submissions cannot fit.

Who may submit often and sees an exact score each time can learn the hidden labels from the scores:
hand in random guesses, keep those that did well by luck, let them vote. The Ladder shows a new
score only when it is better than the best one so far by more than a step, and then rounded to the
step; all other submissions learn that they did not win, and nothing else.

Source: A. Blum and M. Hardt, "The Ladder: a reliable leaderboard for machine learning
competitions", ICML 2015, section 3 (there with losses, here with accuracies).
"""

from collections.abc import Iterable

_ROUNDING = 1e-9


def climb(best: float | None, score: float, step: float) -> float:
    """Take one submission up the ladder.

    Args:
        best: what the board shows so far, or None before the first submission.
        score: what the new submission reaches, from 0 to 1.
        step: the least improvement that moves the board.

    Returns:
        What the board shows from now on.
    """
    if best is not None and score <= best + step + _ROUNDING:
        return best
    return min(1.0, round(score / step) * step)


def shown(scores: Iterable[float], step: float) -> list[float]:
    """Take a row of submissions up the ladder.

    Args:
        scores: what each reaches, in the order in which they came.
        step: the least improvement that moves the board.

    Returns:
        What the board shows after each of them.
    """
    best: float | None = None
    values = []
    for score in scores:
        best = climb(best, score, step)
        values.append(best)
    return values
