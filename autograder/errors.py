"""Errors that are meant for the person at the keyboard, not for a traceback."""


class CourseError(Exception):
    """Something that the user can mend.

    Args:
        message: what was wrong, and where.
        cure: what to do next; may be empty where the message already says it.
    """

    def __init__(self, message: str, cure: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.message}\n{self.cure}" if self.cure else self.message
