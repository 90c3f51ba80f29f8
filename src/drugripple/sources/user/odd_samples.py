"""Samples whose genes stand in another order than in all others, where all others agree."""

import numpy as np
from jaxtyping import Float, Int

from drugripple.data.tables import OF_SINGLE_GENES, ExpressionScale
from drugripple.sources.user.unusable_scales import Unusable

IN_LINE = 0.5
"""With the mean of the other samples, levels of expression correlate at least so much: by 0.57 or more in draws of five
lines of GDSC, by 0.62 or more in draws of ten."""
SURELY_IN_LINE = 0.7
"""z-scores of which every sample correlates so much with the mean of the others are those of a sample: in those by gene
of one tissue, against all lines of GDSC, the sample that agrees least reaches 0.62 at most."""
OUT_OF_LINE = 0.3
"""Numbers that are no expression correlate at most so much with the mean of samples."""
FEWEST_OTHERS = 4
"""So many samples that agree show what a sample should look like."""
GENES_AT_LEAST, GENES_AT_MOST = 50, 1_000
"""The genes that an order is judged by, spread evenly over all."""


def odd_samples(values: Float[np.ndarray, "n k"], scale: ExpressionScale | Unusable) -> Int[np.ndarray, " m"]:
    """Samples that hold numbers of another kind than all others: fewer than half of them.

    On a scale of single genes, samples of two tissues have nothing in common and nothing is odd. What seems to be
    z-scores by sample may be such a scale too, unless the samples agree as those of levels alone do.
    """
    if scale in OF_SINGLE_GENES:
        return np.array([], dtype=np.int64)
    return out_of_line(values, SURELY_IN_LINE if scale == ExpressionScale.SAMPLE_Z else IN_LINE)


def out_of_line(values: Float[np.ndarray, "n k"], in_line: float = IN_LINE) -> Int[np.ndarray, " m"]:
    """The samples, fewer than half, that correlate with the mean of the others by less than `OUT_OF_LINE`.

    None unless all others correlate among themselves by more than `in_line`. The correlation is that of ranks.
    """
    nobody = np.array([], dtype=np.int64)
    complete = values[:, ~np.isnan(values).any(axis=0)]
    genes = complete[:, :: max(1, complete.shape[1] // GENES_AT_MOST)]
    if len(genes) <= FEWEST_OTHERS or genes.shape[1] < GENES_AT_LEAST:
        return nobody
    ranks = np.stack([np.unique(row, return_inverse=True)[1] for row in genes]).astype(np.float64)
    ranks -= ranks.mean(axis=1, keepdims=True)
    spread = np.linalg.norm(ranks, axis=1)
    ranks /= np.where(spread > 0, spread, 1)[:, None]
    odd = _agreement(ranks) < OUT_OF_LINE
    rest = _agreement(ranks[~odd])  # which the odd ones have no part in
    told = len(rest) > odd.sum() and len(rest) >= FEWEST_OTHERS and np.all(rest > in_line)
    return np.flatnonzero(odd) if told else nobody


def _agreement(ranks: Float[np.ndarray, "n k"]) -> Float[np.ndarray, " n"]:
    """Correlation of each row with the sum of all others; rows are centred and of length one."""
    others = ranks.sum(axis=0) - ranks
    length = np.linalg.norm(others, axis=1)
    return (ranks * others).sum(axis=1) / np.where(length > 0, length, 1)
