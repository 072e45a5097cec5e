"""The challenge's other half: what is handed in, how it is scored, and the board."""
