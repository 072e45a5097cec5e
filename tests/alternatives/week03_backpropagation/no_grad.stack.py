# Keeps the earlier states on a list.
class no_grad:
    """A block in which nothing is recorded: `with no_grad(): ...`.

    Args:
        none.

    Returns:
        A context manager.
    """

    def __enter__(self):
        if not hasattr(self, "states"):
            self.states = []
        self.states.append(Variable.recording)
        Variable.recording = False
        return self

    def __exit__(self, kind, error, traceback):
        Variable.recording = self.states.pop()
        return False
