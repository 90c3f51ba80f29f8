"""Exchange of data, folds and predictions with drevalpy, and the network as a model inside it."""
