"""Robust z-scores: what puts L1000, GDSC and a user's samples on one scale."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from drugripple.errors import TableError

MAD_TO_SD = 1.4826
"""1 / Φ⁻¹(0.75): the MAD of normal data times this is its standard deviation."""
CMAP_MAD_FLOOR = 0.1
"""Smallest MAD that CMap divides by."""


@dataclass(frozen=True)
class RobustScaler:
    """Median and MAD of each gene over a cohort.

        z = (x - median) / (1.4826 · max(MAD, floor))      [n g]

    NaN entries are ignored when fitting. Genes whose MAD lies under the floor are not dropped.

    Source: paper section 3.3.2; the floor is CMap's (cmapPy). Differs: the paper does not say what a zero MAD becomes.

    >>> RobustScaler.fit(np.array([[1.0], [2.0], [3.0]])).transform(np.array([[3.4826]])).round(4).tolist()
    [[1.0]]
    """

    median: Float[np.ndarray, " g"]
    mad: Float[np.ndarray, " g"]
    """Median absolute deviation from the median."""
    floor: float = CMAP_MAD_FLOOR
    """Smallest MAD that a gene is divided by."""
    ranked: bool = False
    """Whether x is the normal score of the gene's rank within its sample, which no monotone change of scale moves."""

    @classmethod
    def fit(
        cls, values: Float[np.ndarray, "n g"], floor: float = CMAP_MAD_FLOOR, *, ranked: bool = False
    ) -> "RobustScaler":
        """Fit median and MAD of each gene over samples.

        Raises:
            TableError: if there is no sample, or a gene has no value at all.
        """
        if len(values) == 0:
            message = "a robust z-score needs at least one sample, got none"
            raise TableError(message)
        empty = np.isnan(values).all(axis=0)
        if empty.any():
            message = f"{int(empty.sum())} genes have no value in any sample (first: column {int(empty.argmax())})"
            raise TableError(message)
        wide = (_ranked(values) if ranked else values).astype(np.float64)
        median = np.nanmedian(wide, axis=0)
        return cls(median, np.nanmedian(np.abs(wide - median), axis=0), floor, ranked)

    @property
    def scale_(self) -> Float[np.ndarray, " g"]:
        """What each gene is divided by: a robust standard deviation."""
        return MAD_TO_SD * np.maximum(self.mad, self.floor)

    def transform(self, values: Float[np.ndarray, "n g"]) -> Float[np.ndarray, "n g"]:
        """Robust z-scores of samples, by medians and MADs of the fitted cohort."""
        given = _ranked(values) if self.ranked else values
        return ((given - self.median) / self.scale_).astype(np.float32)


def _ranked(values: Float[np.ndarray, "n g"]) -> Float[np.ndarray, "n g"]:
    from drugripple.genes.ranks import normal_scores  # imported here because scipy takes a fifth of a second

    return normal_scores(values).astype(np.float64)
