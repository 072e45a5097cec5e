"""What belongs to the challenge and never goes to students.

`excellent` is the recipe that is meant to reach the best mark; the other modules are the parts of
`benchmarks/challenge.py`, which measures how fast a GPU trains.
"""
