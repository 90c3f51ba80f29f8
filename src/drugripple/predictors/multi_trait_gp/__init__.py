"""A multi-trait Gaussian process: which compounds act alike is learnt from the responses."""
