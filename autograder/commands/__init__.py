"""One module for each command of `course`; `autograder.cli` finds them by name."""
