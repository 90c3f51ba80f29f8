"""Measurements laid out as samples x compounds, repeats averaged."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int


@dataclass(frozen=True)
class ResponseGrid:
    """Measured values. Axes: n sample, c compound."""

    values: Float[np.ndarray, "n c"]
    """Mean of the repeats; 0 where nothing was measured."""
    count: Float[np.ndarray, "n c"]
    """How often a pair was measured."""

    @classmethod
    def of(
        cls,
        sample: Int[np.ndarray, " m"],
        compound: Int[np.ndarray, " m"],
        values: Float[np.ndarray, " m"],
        shape: tuple[int, int],
    ) -> "ResponseGrid":
        """Average the repeats of every pair; the mean of the same repeats is the same in any order."""
        order = np.lexsort((values, compound, sample))
        cell = sample[order].astype(np.int64) * shape[1] + compound[order]
        count = np.bincount(cell, minlength=shape[0] * shape[1]).astype(np.float64)
        total = np.bincount(cell, weights=values[order].astype(np.float64), minlength=count.size)
        return cls((total / np.maximum(count, 1)).reshape(shape), count.reshape(shape))

    @property
    def measured(self) -> Bool[np.ndarray, "n c"]:
        """Which pairs were measured."""
        return self.count > 0

    def beside(self, other: "ResponseGrid") -> "ResponseGrid":
        """Join these columns and those of another grid of the same samples."""
        return ResponseGrid(np.hstack([self.values, other.values]), np.hstack([self.count, other.count]))

    def column_means(self) -> Float[np.ndarray, " c"]:
        """Mean of every compound over the samples that were measured; their overall mean where none was."""
        kept, number = np.where(self.measured, self.values, 0.0), self.measured.sum(axis=0)
        overall = kept.sum() / max(1, int(number.sum()))
        return np.where(number > 0, kept.sum(axis=0) / np.maximum(number, 1), overall)
