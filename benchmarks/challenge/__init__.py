"""The recipe that reaches the best mark of the challenge. It never goes to students."""
