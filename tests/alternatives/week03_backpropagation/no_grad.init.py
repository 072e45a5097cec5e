# Prepares its memory when it is made, fills it on entry.
class no_grad:
    """A block in which nothing is recorded: `with no_grad(): ...`.

    Args:
        none.

    Returns:
        A context manager.
    """

    def __init__(self):
        self.was_on = None

    def __enter__(self):
        self.was_on = bool(Variable.recording)
        if self.was_on:
            Variable.recording = False

    def __exit__(self, kind, error, traceback):
        if self.was_on:
            Variable.recording = True
        return None
