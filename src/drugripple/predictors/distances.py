"""Squared Euclidean distances of rows, by one matrix product.

    ‖a - b‖² = ‖a‖² + ‖b‖² - 2 aᵀb

The differences of large numbers lose digits: where the rows lie far from zero, shift them to their mean first.
"""

import numpy as np
from jaxtyping import Float


def squared_distances(
    one: Float[np.ndarray, "a g"], other: Float[np.ndarray, "b g"], sizes: Float[np.ndarray, " b"] | None = None
) -> Float[np.ndarray, "a b"]:
    """Squared distances of the rows of two matrices; `sizes` are the squared lengths of the second's.

    >>> squared_distances(np.array([[3.0, 4.0]]), np.array([[0.0, 0.0], [3.0, 3.0]])).tolist()
    [[25.0, 1.0]]
    """
    of_other = (other**2).sum(axis=1) if sizes is None else sizes
    size = (one**2).sum(axis=1)[:, None] + of_other[None, :]
    return np.maximum(size - 2 * one @ other.T, 0)


def shifted_distances(one: Float[np.ndarray, "a g"], other: Float[np.ndarray, "b g"]) -> Float[np.ndarray, "a b"]:
    """Squared distances of the rows of two matrices, both shifted by the mean of the second."""
    mean = other.mean(axis=0)
    return squared_distances(one - mean, other - mean)


def distances_among(values: Float[np.ndarray, "n g"]) -> Float[np.ndarray, "n n"]:
    """Squared distances of the rows of one matrix, shifted to their mean; exactly zero to themselves."""
    squared = shifted_distances(values, values)
    np.fill_diagonal(squared, 0)
    return squared
