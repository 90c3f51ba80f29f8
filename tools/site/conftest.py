"""What pytest leaves alone here."""

collect_ignore = ["collector.py"]
"""Needs the extra `docs`, which the tests do without."""
