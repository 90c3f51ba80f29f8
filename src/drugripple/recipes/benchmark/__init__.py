"""Benchmark: models on the same folds, with a report."""
