"""A small made-up class for one week: right, half right, broken and hostile submissions, graded.

`members` says who is in it and which points each deserves; `material` makes their notebooks from
the week's release and solution; `stage` lays out a course of its own; `run` grades and compares.
"""
