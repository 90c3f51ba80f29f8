"""A loaded model: predictions, explanations, and the files that they are written to."""
