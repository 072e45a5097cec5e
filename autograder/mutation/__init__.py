"""Plants student mistakes into a lesson's answers and sees whether the lesson's own tests notice.

`syntax` finds the places, `expressions` and `statements` say what goes wrong there, `generate` makes the
mutants; `planted` reads the mistakes written by hand; `process` runs them, one fork each; `run` leads.
"""
