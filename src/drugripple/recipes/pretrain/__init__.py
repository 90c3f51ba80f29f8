"""Stages 0 and 1: molecules, then expression profiles."""
