"""Attention maps: the scores that a network gives every pair of genes, averaged and compared.

A = Q Qᵀ/√h + P + I                                     [g g]

Source: paper section 4.3. Differs: the diagonal is left out of comparisons (it holds a gene's own norm and
dwarfs every pair), which the paper does not say.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from jaxtyping import Float

from drugripple.errors import GeneSpaceError, TableError
from drugripple.evaluation.metrics import spearman
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.space import GeneSpace

ROUNDING = 1e-4
"""How far A and Aᵀ may differ, relative to the largest score: they come from single-precision products."""


@dataclass(frozen=True)
class AttentionMap:
    """Scores between genes in one condition, or the mean over several. Axis: g gene.

    Raises:
        GeneSpaceError: if the matrix has another number of genes than the space.
        TableError: if it is not finite or not symmetric.
    """

    genes: GeneSpace
    scores: Float[np.ndarray, "g g"]
    label: str
    """What the map is of, for titles and errors."""
    conditions: int
    """Number of conditions that the scores are a mean over."""

    def __post_init__(self) -> None:
        """Check shape, values and symmetry."""
        if self.scores.shape != (len(self.genes), len(self.genes)):
            message = f"map {self.label!r} is {self.scores.shape}, but its space has {len(self.genes)} genes"
            raise GeneSpaceError(message)
        largest = float(np.abs(self.scores).max())
        if not math.isfinite(largest):
            message = f"map {self.label!r} holds NaN or infinite scores; the network or its input is damaged"
            raise TableError(message)
        skew = float(np.abs(self.scores - self.scores.T).max())
        if skew > ROUNDING * largest:
            message = f"map {self.label!r} is not symmetric: two mirrored scores differ by {skew:.3g}"
            raise TableError(message)


def running_mean(blocks: Iterable[Float[np.ndarray, "_ g g"]], genes: GeneSpace, label: str) -> AttentionMap:
    """Average maps that arrive in blocks, in double precision, holding one block and one map.

    Raises:
        TableError: if no condition arrives.
    """
    total = np.zeros((len(genes), len(genes)))
    conditions = 0
    for block in blocks:
        total += block.sum(axis=0, dtype=np.float64)
        conditions += len(block)
    return mean_of_total(total, conditions, genes, label)


def mean_from_factors(
    blocks: Iterable[Float[np.ndarray, "_ g h"]],
    prior: InteractionPrior,
    label: str,
    *,
    fixed: sp.csr_matrix | None = None,
) -> AttentionMap:
    """Average maps of which only the factors Q are given, without building any single map.

        mean A = mean(Q Qᵀ)/√h + fixed

    `fixed` is the part of A that is the same in every condition: P + I of the prior unless given.

    Raises:
        TableError: if no condition arrives.
    """
    genes = len(prior.genes)
    total = np.zeros((genes, genes))
    conditions = 0
    for block in blocks:
        wide = block.transpose(1, 0, 2).reshape(genes, -1).astype(np.float64)
        total += wide @ wide.T / math.sqrt(block.shape[2])
        conditions += len(block)
    fixed = prior.adjacency() + sp.eye(genes, format="csr") if fixed is None else fixed
    return mean_of_total(total + conditions * fixed.toarray(), conditions, prior.genes, label)


def mean_of_total(total: Float[np.ndarray, "g g"], conditions: int, genes: GeneSpace, label: str) -> AttentionMap:
    """Divide a sum of maps by the number of conditions that it is over.

    Raises:
        TableError: if there are none.
    """
    if conditions == 0:
        message = f"the mean map {label!r} has no condition to average over; choose at least one sample and compound"
        raise TableError(message)
    return AttentionMap(genes, total / conditions, label, conditions)


def cosine(attention: AttentionMap) -> AttentionMap:
    """Divide scores by both genes' own, A_ij/√(A_ii A_jj), because genes with a large norm win by size otherwise.

    Raises:
        TableError: if a gene's score with itself is not above 0.
    """
    own = np.diagonal(attention.scores)
    if own.min() <= 0:
        message = f"gene {attention.genes.symbols[int(own.argmin())]!r} has a score with itself of {own.min():.3g}"
        raise TableError(message)
    return replace(attention, scores=attention.scores / np.sqrt(np.outer(own, own)), label=f"{attention.label}, cosine")


def subtract_mean(maps: Sequence[AttentionMap]) -> tuple[AttentionMap, ...]:
    """Subtract the mean of all maps from each, which leaves what is particular to it: no prior, identity or common hub.

    Raises:
        GeneSpaceError: if two maps are of different genes.
        TableError: if there are fewer than two maps.
    """
    _same_genes(maps, fewest=2)
    common = np.mean([attention.scores for attention in maps], axis=0, dtype=np.float64)
    return tuple(replace(each, scores=each.scores - common, label=f"{each.label}, minus the mean") for each in maps)


def subtract(attention: AttentionMap, common: AttentionMap) -> AttentionMap:
    """Subtract a map, such as the mean over all compounds, from another.

    Raises:
        GeneSpaceError: if the two are of different genes.
    """
    _same_genes((attention, common), fewest=2)
    label = f"{attention.label}, minus {common.label}"
    return replace(attention, scores=attention.scores - common.scores, label=label)


def correlate(maps: Sequence[AttentionMap]) -> Float[np.ndarray, "m m"]:
    """Correlate every two maps (Pearson) over their pairs of different genes; NaN where a map is constant.

    Source: paper section 4.3, Figure 3b.

    Raises:
        GeneSpaceError: if two maps are of different genes.
        TableError: if there is no map.
    """
    _same_genes(maps, fewest=1)
    size = len(maps[0].genes)
    pairs = size * (size - 1) / 2
    means = np.array([np.triu(attention.scores, 1).sum(dtype=np.float64) / pairs for attention in maps])
    products = np.zeros((len(maps), len(maps)))
    for gene in range(size - 1):
        row = np.stack([attention.scores[gene, gene + 1 :] for attention in maps]) - means[:, None]
        products += row @ row.T
    norm = np.sqrt(np.diagonal(products))
    with np.errstate(invalid="ignore", divide="ignore"):
        return products / np.outer(norm, norm)


def _same_genes(maps: Sequence[AttentionMap], *, fewest: int) -> None:
    if len(maps) < fewest:
        message = f"at least {fewest} maps are needed, got {len(maps)}"
        raise TableError(message)
    strangers = [attention.label for attention in maps if attention.genes != maps[0].genes]
    if strangers:
        message = (
            f"maps {strangers[0]!r} and {maps[0].label!r} are of different genes; restrict both to the shared ones"
        )
        raise GeneSpaceError(message)


class HubBias(NamedTuple):
    """Rank correlations over genes; near 1 a ranking of pairs mostly repeats which genes are large or well studied."""

    norm: float
    """Correlation of a gene's mean |score| with its score with itself, which holds the squared norm of its query."""
    degree: float
    """Correlation of a gene's mean |score| with its number of partners in the prior."""


def hub_bias(attention: AttentionMap, prior: InteractionPrior) -> HubBias:
    """Measure how far a map's strong genes are strong everywhere; to be read before a list of top pairs.

    Raises:
        GeneSpaceError: if the prior is of other genes.
    """
    if prior.genes != attention.genes:
        message = f"map {attention.label!r} and the prior are of different genes; restrict the prior to the map's genes"
        raise GeneSpaceError(message)
    own = np.diagonal(attention.scores).astype(np.float64)
    strength = np.abs(attention.scores).sum(axis=0, dtype=np.float64) - np.abs(own)
    return HubBias(spearman(strength, own), spearman(strength, prior.degree().astype(np.float64)))
