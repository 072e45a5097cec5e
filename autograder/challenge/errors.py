"""Why a submission cannot be scored, in words for the person who handed it in."""


class Refused(Exception):
    """A submission that breaks a rule.

    Args:
        problem: what is wrong with it, one sentence.
        cure: what to do next.
    """

    def __init__(self, problem: str, cure: str = "") -> None:
        super().__init__(problem, cure)
        self.problem, self.cure = problem, cure

    def __str__(self) -> str:
        return f"{self.problem} {self.cure}".strip()
