"""Speed and memory of the hot paths, each beside the dense plain formula in the same run."""
