"""What came of the mutants of a week, and what of it is a finding."""

from dataclasses import dataclass, field
from typing import Any

from autograder.mutation.generate import Mutant

REQUIRED_RATE = 0.95
MISTAKES_BY_HAND = 8  # what every exercise should have at least
ALTERNATIVES = 2


@dataclass(frozen=True)
class MutantResult:
    """How one mutant fared.

    Args:
        mutant: the mutant.
        caught: whether a test failed, or the process did not answer in time.
        visible: whether a check that students see was enough.
        message: what the first failing check said.
    """

    mutant: Mutant
    caught: bool
    visible: bool
    message: str


@dataclass(frozen=True)
class AlternativeResult:
    """How another right answer fared.

    Args:
        label: its name.
        accepted: whether all tests passed.
        message: what the first failing check said.
    """

    label: str
    accepted: bool
    message: str


@dataclass
class ExerciseResult:
    """All that is known of one exercise.

    Args:
        name: the exercise.
        mutants: those that ran.
        alternatives: the other right answers.
        equivalent: how many mutants are listed as no mistake.
        problems: entries that cannot be planted or match nothing, as sentences.
        known_survivors: differences of survivors in the committed record, where only a sample ran.
    """

    name: str
    mutants: list[MutantResult] = field(default_factory=list)
    alternatives: list[AlternativeResult] = field(default_factory=list)
    equivalent: int = 0
    problems: list[str] = field(default_factory=list)
    known_survivors: frozenset[str] | None = None

    @property
    def planted(self) -> int:
        """How many mutants ran."""
        return len(self.mutants)

    @property
    def caught(self) -> int:
        """How many of them a test noticed."""
        return sum(result.caught for result in self.mutants)

    @property
    def rate(self) -> float:
        """The share that was noticed; 1 where none was planted."""
        return self.caught / self.planted if self.planted else 1.0

    @property
    def survivors(self) -> list[MutantResult]:
        """Mutants that passed all tests, those written by hand first."""
        alive = [result for result in self.mutants if not result.caught]
        return sorted(alive, key=lambda result: not result.mutant.by_hand)

    @property
    def by_hand(self) -> list[MutantResult]:
        """The mistakes that an author wrote."""
        return [result for result in self.mutants if result.mutant.by_hand]

    @property
    def only_hidden(self) -> list[MutantResult]:
        """Mistakes written by hand that only a hidden test noticed."""
        return [result for result in self.by_hand if result.caught and not result.visible]

    @property
    def findings(self) -> list[str]:
        """What has to be mended, as sentences."""
        found = list(self.problems)
        for result in self.survivors:
            if result.mutant.by_hand:
                found.append(f"the planted mistake “{result.mutant.operator}” survives")
        if self.known_survivors is not None:
            fresh = [r for r in self.survivors if r.mutant.diff not in self.known_survivors]
            if fresh:
                found.append(f"{len(fresh)} of a sample survive, and the record says otherwise")
        elif self.rate < REQUIRED_RATE:
            found.append(f"{self.rate:.1%} are caught, {REQUIRED_RATE:.0%} are asked for")
        for alternative in self.alternatives:
            if not alternative.accepted:
                found.append(
                    f"the right answer “{alternative.label}” is refused: {alternative.message}"
                )
        return found

    @property
    def notes(self) -> list[str]:
        """What is worth knowing and no failure, as sentences."""
        found = [
            f"“{result.mutant.operator}” is caught by a hidden test only"
            for result in self.only_hidden
        ]
        if self.known_survivors is not None:
            return found
        if len(self.by_hand) < MISTAKES_BY_HAND:
            found.append(f"{len(self.by_hand)} mistakes by hand, should be {MISTAKES_BY_HAND}")
        if len(self.alternatives) < ALTERNATIVES:
            found.append(f"{len(self.alternatives)} other right ways, should be {ALTERNATIVES}")
        return found

    def facts(self) -> dict[str, Any]:
        """Give it as plain data for `--json`."""
        return {
            "planted": self.planted,
            "caught": self.caught,
            "survivors": [result.mutant.diff for result in self.survivors],
            "equivalent": self.equivalent,
            "by_hand": len(self.by_hand),
            "caught_visibly": sum(result.visible for result in self.mutants if result.caught),
            "only_hidden": [result.mutant.operator for result in self.only_hidden],
            "alternatives": {
                result.label: "accepted" if result.accepted else result.message
                for result in self.alternatives
            },
            "findings": self.findings,
            "notes": self.notes,
        }
