"""What the course's notebooks import: checks, plots, datasets, gradients."""
