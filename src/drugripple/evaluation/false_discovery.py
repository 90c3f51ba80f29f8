"""The false discovery rate of many tests."""

import numpy as np
from jaxtyping import Float


def false_discovery_rate(p_values: Float[np.ndarray, " k"]) -> Float[np.ndarray, " k"]:
    """Benjamini and Hochberg's adjusted p-values; a p-value that is undefined does not count.

    >>> false_discovery_rate(np.array([0.01, 0.04, float("nan"), 0.03])).round(2).tolist()
    [0.03, 0.04, nan, 0.04]

    Source: Benjamini and Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x.
    """
    adjusted = np.full(len(p_values), np.nan)
    known = np.flatnonzero(np.isfinite(p_values))
    falling = known[np.argsort(-p_values[known], kind="stable")]
    scaled = p_values[falling] * (len(known) / np.arange(len(known), 0, -1))
    adjusted[falling] = np.minimum(np.minimum.accumulate(scaled), 1.0)
    return adjusted
