"""What goes wrong in the challenge and can be mended by the person at the keyboard."""


class ChallengeError(Exception):
    """Pictures cannot be made or read.

    Args:
        message: what is wrong, and where.
        cure: what to do next.
    """

    def __init__(self, message: str, cure: str) -> None:
        super().__init__(message, cure)
        self.message, self.cure = message, cure

    def __str__(self) -> str:
        return f"{self.message}\n{self.cure}"
