"""Data, folds and predictions in drevalpy's files; the network as a model inside drevalpy."""
