"""Plants student mistakes into a lesson's answers and sees whether the lesson's own tests notice.

`syntax` finds the places; `arithmetic`, `arrays` and `statements` say what goes wrong there;
`generate` makes the mutants; `planted` reads what was written by hand; `process` runs it all, one
fork a mutant; `run` leads it; `results` says what is a finding; `record` keeps what was found.
"""
