"""Scores, maps and predictions as one-file HTML and figures."""
