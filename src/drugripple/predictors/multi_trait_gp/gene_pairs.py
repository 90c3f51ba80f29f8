"""Which genes move a prediction together, and whether that is more than chance.

The interaction of two genes is the second derivative of the prediction by their normal scores: how far the slope of one
moves when the other rises. It has the two nulls of `gene_slopes`, whose reasons hold: it is as linear in what was
measured as a slope is. Genes are chosen by their slopes beforehand, so the pairs are tested among these genes only.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from drugripple.data.tables import ExpressionTable
from drugripple.predictors.multi_trait_gp.gene_slopes import against_others, normal_p
from drugripple.predictors.multi_trait_gp.measured_shares import TeachingGrid
from drugripple.predictors.multi_trait_gp.sample_kernel import SampleKernel


class PairTests(NamedTuple):
    """Every pair of some genes, for one sample and one compound. Axis: p pair."""

    first: tuple[str, ...]
    second: tuple[str, ...]
    interaction: Float[np.ndarray, " p"]
    """Change of one gene's slope per deviation of the other, at the sample."""
    mean_interaction: Float[np.ndarray, " p"]
    """Mean of the interaction over the training samples."""
    mean_z: Float[np.ndarray, " p"]
    """The mean interaction in standard deviations of what it is where expression tells nothing."""
    mean_p_permuted: Float[np.ndarray, " p"]
    mean_p_others: Float[np.ndarray, " p"]
    """NaN with fewer than three other compounds."""


def pair_tests(
    kernel: SampleKernel,
    grid: TeachingGrid,
    one: ExpressionTable,
    column: Float[np.ndarray, " c"],
    genes: Sequence[str],
    *,
    own: int = -1,
) -> PairTests:
    """Interactions of every two of some genes and their p-values (two-sided).

    Args:
        kernel: of the samples.
        grid: the measurements.
        one: the sample.
        column: weights of the training compounds in the one asked about.
        genes: chosen among those that the sample shares with the training samples.
        own: which training compound that is, -1 for none; it is no null of itself.

    Raises:
        GeneSpaceError: if the sample shares too few genes with the training samples, or a gene is not among them.
    """
    found = kernel.pair_derivatives(one, genes)
    along = grid.along(np.column_stack([np.eye(len(column)), column]))
    means = found.mean_change.T @ along
    others = np.delete(means[:, :-1], own, axis=1) if own >= 0 else means[:, :-1]
    chance = grid.chance_deviation(lambda weights: found.mean_change.T.astype(np.float32) @ weights, column)
    z = means[:, -1] / np.maximum(chance, 1e-300)
    return PairTests(
        tuple(genes[i] for i in found.first.tolist()), tuple(genes[i] for i in found.second.tolist()),
        found.change.T @ along[:, -1], means[:, -1], z, normal_p(z), against_others(means[:, -1], others),
    )  # fmt: skip
