"""Checks: compare what a student's code returns with what was asked, and say what is wrong.

Every check returns None or raises AssertionError. The message begins with the sentence that was
checked; then come what came and what was wanted, and the likely cause where the numbers betray it.
"""

from helpers.checks.behaviour import gradient, peak_memory, raises, unchanged
from helpers.checks.compare import close, dtype, equal, shape, true
from helpers.checks.syntax import forbids, vectorised

__all__ = [
    "close",
    "dtype",
    "equal",
    "forbids",
    "gradient",
    "peak_memory",
    "raises",
    "shape",
    "true",
    "unchanged",
    "vectorised",
]
