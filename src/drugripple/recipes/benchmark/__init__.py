"""Models on the same folds, with a report."""
