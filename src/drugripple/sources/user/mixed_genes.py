"""Genes whose numbers are linear in a file whose other genes hold logarithms."""

import numpy as np
from jaxtyping import Bool, Float, Int

USUAL, NEXT = (4.0, 16.0), (16.0, 64.0)
"""Where logarithms of expressed genes lie, and what comes next on a linear scale, each over two doublings."""
USUAL_SHARE = 0.25
NEXT_TO_USUAL = 0.1
"""Linear files have 0.28 (FPKM divided by its upper quartile) or more values in `NEXT` for each in `USUAL`, those of
arrays 0.42 (GDSC). Logarithms with every tenth gene linear have 0.08, with every hundredth 0.01."""
HIGHER_TO_NEXT = 0.25
"""Linear genes go on to high levels; the end of a narrow distribution does not."""
FEWEST_VALUES = 1_000


def linear_among_logarithms(values: Float[np.ndarray, "n k"], columns: Bool[np.ndarray, " k"]) -> Int[np.ndarray, " m"]:
    """The genes with numbers that no logarithm reaches, where all others look like logarithms; none elsewhere.

    >>> values = np.tile(np.linspace(0, 14, 300), (4, 1))
    >>> values[:, [7, 250]] = 2 ** values[:, [40, 280]]
    >>> linear_among_logarithms(values, np.ones(300, dtype=bool)).tolist()
    [250]
    """
    part = values[:, columns]
    usual, following, higher = (
        np.count_nonzero((part > low) & (part <= high)) for low, high in (USUAL, NEXT, (NEXT[1], np.inf))
    )
    known = int(np.isfinite(part).sum())
    among = known >= FEWEST_VALUES and usual > USUAL_SHARE * known and following < NEXT_TO_USUAL * usual
    if not among or higher <= HIGHER_TO_NEXT * following:
        return np.array([], dtype=np.int64)
    return np.flatnonzero(columns & (np.where(np.isfinite(values), values, 0) > 2 * USUAL[1]).any(axis=0))
