"""Splits, metrics and statistics; knows no model."""
