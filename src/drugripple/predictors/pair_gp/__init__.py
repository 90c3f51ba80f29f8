"""A Gaussian process over pairs of samples and compounds."""
