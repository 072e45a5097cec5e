"""The reference engine: nbgrader's own autograde, behind the wall, one process a submission."""
