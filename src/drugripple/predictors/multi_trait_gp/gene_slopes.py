"""Which genes of a sample move a prediction, and whether that is more than chance.

The slope of a gene is the derivative of the prediction by its normal score, as far as the similarity of samples tells:
at the sample, and on average over the training samples in its place, which few measurements tell better. Two nulls:

    permuted     expression dealt to other samples, all genes together, so that it tells nothing of the measurements and
                 genes keep their correlations: slopes have mean 0 and a variance in closed form. A marker of a tissue
                 that responds passes.
    others       slopes of the same gene for the other training compounds: what is common to compounds is no mechanism
                 of one.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy import special

from drugripple.data.tables import ExpressionTable
from drugripple.genes.space import GeneSpace
from drugripple.predictors.multi_trait_gp.measured_shares import TeachingGrid
from drugripple.predictors.multi_trait_gp.sample_kernel import SampleKernel

FEWEST_OTHERS = 3


class GeneTests(NamedTuple):
    """Every gene of one sample and one compound. Axis: g gene."""

    genes: GeneSpace
    level: Float[np.ndarray, " g"]
    """Level of each gene in the sample, in deviations among training samples from their mean."""
    slope: Float[np.ndarray, " g"]
    """Change of the prediction per such deviation, the other genes held."""
    mean_slope: Float[np.ndarray, " g"]
    """Mean of the slope over the training samples."""
    mean_z: Float[np.ndarray, " g"]
    """The mean slope in standard deviations of what it is where expression tells nothing."""
    p_permuted: Float[np.ndarray, " g"]
    """Permutation p-value of the slope."""
    mean_p_permuted: Float[np.ndarray, " g"]
    mean_p_others: Float[np.ndarray, " g"]
    """NaN with fewer than three other compounds."""


def gene_tests(
    kernel: SampleKernel, grid: TeachingGrid, one: ExpressionTable, column: Float[np.ndarray, " c"], *, own: int = -1
) -> GeneTests:
    """Slopes of all genes and their p-values (two-sided).

    Args:
        kernel: of the samples.
        grid: the measurements.
        one: the sample.
        column: weights of the training compounds in the one asked about.
        own: which training compound that is, -1 for none; it is no null of itself.

    Raises:
        GeneSpaceError: if the sample shares too few genes with the training samples.
    """
    found = kernel.gene_derivatives(one)
    along, means = grid.along(column[:, None]), grid.mean_slopes(found)
    slope, mean_slope = found.along(along)[:, 0], found.mean_along(along)[:, 0]
    others = np.delete(means.compounds, own, axis=1) if own >= 0 else means.compounds
    z = slope / np.maximum(grid.chance_deviation(found.along, column), 1e-300)
    mean_z = mean_slope / np.maximum(grid.chance_of(means.rotated, column), 1e-300)
    return GeneTests(
        found.genes, found.level, slope, mean_slope, mean_z, normal_p(z), normal_p(mean_z),
        against_others(mean_slope, others),
    )  # fmt: skip


def normal_p(z: Float[np.ndarray, " g"]) -> Float[np.ndarray, " g"]:
    """Two-sided p of standard normal deviates."""
    return 2 * special.ndtr(-np.abs(z))


def against_others(slope: Float[np.ndarray, " g"], others: Float[np.ndarray, "g q"]) -> Float[np.ndarray, " g"]:
    """Two-sided p of a gene's slope among those of other compounds, each scaled to mean square 1 over the genes.

    Student's t of a further observation: (s - mean) / (sd √(1 + 1/q)) with q - 1 degrees of freedom.
    """
    number = others.shape[1]
    if number < FEWEST_OTHERS:
        return np.full(len(slope), np.nan)
    every = np.column_stack([slope, others])
    every /= np.maximum(np.sqrt((every**2).mean(axis=0)), 1e-300)
    own, scaled = every[:, 0], every[:, 1:]
    deviation = scaled.std(axis=1, ddof=1) * np.sqrt(1 + 1 / number)
    t = (own - scaled.mean(axis=1)) / np.maximum(deviation, 1e-300)
    return 2 * special.stdtr(number - 1, -np.abs(t))
