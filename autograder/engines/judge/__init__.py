"""The engine with a judge: tests run in one process, the student's code in another, confined."""
