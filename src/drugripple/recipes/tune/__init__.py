"""Tune: a search of a network's settings on validation rows."""
