# By setattr, with the state remembered as a private name.
class no_grad:
    """A block in which nothing is recorded: `with no_grad(): ...`.

    Args:
        none.

    Returns:
        A context manager.
    """

    def __enter__(self):
        self._old, Variable.recording = Variable.recording, False

    def __exit__(self, kind, error, traceback):
        setattr(Variable, "recording", self._old)
