"""Folds that cannot leak, jobs, metrics and statistics. Nothing here knows a model."""
