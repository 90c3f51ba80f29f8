"""Ranks of genes within a sample: what no monotone change of scale moves."""

import numpy as np
from jaxtyping import Float, Float16
from scipy.special import ndtri


def normal_scores(values: Float[np.ndarray, "n g"]) -> Float16[np.ndarray, "n g"]:
    """Ranks of genes within each sample, as quantiles of the normal distribution; ties share their mean rank.

    >>> normal_scores(np.array([[3.0, 1.0, 2.0]])).astype(float).round(2).tolist()
    [[0.97, -0.97, 0.0]]
    """
    return np.stack([_normal_scores_of_one(row) for row in values]) if len(values) else values.astype(np.float16)


def _normal_scores_of_one(values: Float[np.ndarray, " g"]) -> Float16[np.ndarray, " g"]:
    _, level, count = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - count / 2  # the mean rank of a level, less a half
    return ndtri(middle / len(values)).astype(np.float16)[level]
