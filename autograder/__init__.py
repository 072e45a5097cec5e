"""The command `course` and all behind it: building, checking, grading and reporting."""
