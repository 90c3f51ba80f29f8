"""The gene pairs that a network scores highest.

Source: paper section 4.3 (the top 1,000 pairs). Differs: equal scores are ranked by gene position, the diagonal is
left out (it holds a gene's own norm and dwarfs every pair), and the paper states neither.
"""

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import scipy.sparse as sp
from jaxtyping import Float, Int

from drugripple.errors import GeneSpaceError, TableError
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.space import GeneSpace
from drugripple.interpretation.maps import AttentionMap

if TYPE_CHECKING:
    import pandas as pd


def top_pairs(
    attention: AttentionMap, k: int, *, prior: InteractionPrior | None = None, exclude_diagonal: bool = True
) -> "pd.DataFrame":
    """List the k highest unordered pairs: columns gene_a, gene_b, score, in_prior, rank.

    Equal scores are ranked by gene position. Without a prior, `in_prior` is False for all pairs.
    """
    first, second = np.triu_indices(len(attention.genes), 1 if exclude_diagonal else 0)
    best = _Best.of(k).merge(first, second, attention.scores[first, second])
    return best.table(attention.genes, prior)


def top_pairs_lowrank(
    q: Float[np.ndarray, "g h"],
    prior: InteractionPrior,
    k: int,
    block: int = 256,
    *,
    fixed: sp.csr_matrix | None = None,
) -> "pd.DataFrame":
    """List the `top_pairs` of A = Q Qᵀ/√h + fixed for one condition, holding `block` rows of A at a time.

    `fixed` is the part of A that is the same in every condition: P + I of the prior unless given.

    Raises:
        GeneSpaceError: if Q is on another number of genes than the prior.
        TableError: if Q is not finite.
    """
    genes = len(prior.genes)
    if len(q) != genes:
        message = f"the factor Q has {len(q)} rows, but the prior's space has {genes} genes"
        raise GeneSpaceError(message)
    if not np.isfinite(q).all():
        message = f"the factor Q holds {int((~np.isfinite(q)).sum())} NaN or infinite values; the input is damaged"
        raise TableError(message)
    wide, fixed = q.astype(np.float64), prior.adjacency() if fixed is None else fixed
    best = _Best.of(k)
    for start in range(0, genes, block):
        rows = slice(start, start + block)
        scores = wide[rows] @ wide[start:].T / math.sqrt(q.shape[1])
        scores += fixed[rows, start:].toarray()
        scores[np.tril_indices(len(scores))] = -np.inf
        best = best.merge_block(scores, start)
    return best.table(prior.genes, prior)


class _Best(NamedTuple):
    """The k best pairs among those seen so far, best first. Axis: p pair."""

    k: int
    first: Int[np.ndarray, " p"]
    second: Int[np.ndarray, " p"]
    score: Float[np.ndarray, " p"]

    @classmethod
    def of(cls, k: int) -> "_Best":
        if k < 1:
            message = f"at least one pair must be asked for, got k = {k}"
            raise TableError(message)
        nothing = np.empty(0, dtype=np.int64)
        return cls(k, nothing, nothing, np.empty(0))

    def merge(
        self, first: Int[np.ndarray, " p"], second: Int[np.ndarray, " p"], score: Float[np.ndarray, " p"]
    ) -> "_Best":
        """The k best of these and more pairs, ordered by score and position."""
        if len(score) > self.k:
            keep = score >= np.partition(score, -self.k)[-self.k]
            first, second, score = first[keep], second[keep], score[keep]
        first, second = np.concatenate([self.first, first]), np.concatenate([self.second, second])
        score = np.concatenate([self.score, score])
        order = np.lexsort((second, first, -score))[: self.k]
        return _Best(self.k, first[order], second[order], score[order])

    def merge_block(self, scores: Float[np.ndarray, "r c"], start: int) -> "_Best":
        """The k best of these and a block of A whose first gene is `start`; -inf marks what is no pair."""
        least = self.score[-1] if len(self.score) == self.k else -np.inf
        flat = scores.ravel()
        if flat.size > self.k:
            least = max(least, np.partition(flat, -self.k)[-self.k])
        first, second = np.nonzero((scores >= least) & (scores > -np.inf))
        return self.merge(first + start, second + start, scores[first, second])

    def table(self, genes: GeneSpace, prior: InteractionPrior | None) -> "pd.DataFrame":
        import pandas as pd

        known = set() if prior is None else {tuple(edge) for edge in prior.edges.tolist()}
        pairs = list(zip(self.first.tolist(), self.second.tolist(), strict=True))
        return pd.DataFrame(
            {
                "gene_a": [genes.symbols[a] for a, _ in pairs],
                "gene_b": [genes.symbols[b] for _, b in pairs],
                "score": self.score,
                "in_prior": np.array([pair in known for pair in pairs], dtype=bool),
                "rank": np.arange(1, len(pairs) + 1),
            }
        )
