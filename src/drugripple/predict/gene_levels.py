"""Whether a user's genes stand in the order of their levels, as those of training do, or were scaled one by one."""

from dataclasses import replace

import numpy as np

from drugripple.data.tables import ExpressionScale, ExpressionTable
from drugripple.errors import ScaleError, counted
from drugripple.predictors.multi_trait_gp.sample_kernel import SampleKernel

FEWEST_FOR_COHORT = 10
"""So many samples tell the mean and the spread of a gene."""
AGREES = 0.2
"""Correlation with the training's levels from which a sample's genes are taken to be at their own. Measured against
GDSC's array: NCI-60's arrays 0.49 to 0.69, L1000 0.25 to 0.6; the same lines scaled gene by gene -0.11 to 0.03."""
LOOSELY = 0.45
"""Below this a sample agrees less than those of other platforms do."""
LEVELS = 0.5
"""Training genes have levels of their own if their means differ by so many of their deviations over samples."""
SMALLEST_DEVIATION = 1e-3


def at_training_levels(kernel: SampleKernel, table: ExpressionTable) -> ExpressionTable:
    """Samples whose genes may be ranked: as they are, or moved to the training's level and spread of each gene.

    z-scores by gene, ratios and centred values hold no level, and the ranks of genes in a sample then mean nothing.
    With ten samples or more each gene's mean and deviation over them are replaced by those of the training samples:

        score_g = mean_g(training) + sd_g(training) (x_g - mean_g) / sd_g

    Raises:
        GeneSpaceError: if they share too few genes with the training samples.
        ScaleError: if they hold no levels and are fewer.
    """
    if not len(table):
        return table
    known = kernel.levels(table)
    if known.mean.std() < LEVELS * known.deviation.mean():
        return table
    found = float(np.median([_correlation(one, known.mean) for one in known.scores]))
    scaled = table.scale == ExpressionScale.GENE_Z
    if found >= AGREES and not scaled:
        note = f"genes stand in the order of the training's levels (correlation {found:.2f}): ranked as they are"
        if found < LOOSELY:
            note = (
                f"genes stand only loosely in the order of the training's levels (correlation {found:.2f}, where 0.5 "
                "to 0.9 is usual): check that values stand under their genes and are of one scale; ranked as they are"
            )
        return replace(table, notes=(*table.notes, note))
    samples = counted(len(table), "sample")
    stand = "were scaled one by one" if scaled else "do not stand in the order of the training's levels"
    why = f"its genes {stand} (correlation {found:.2f}), as after z-scores by gene, ratios or centring ({table.scale})"
    if len(table) < FEWEST_FOR_COHORT:
        message = (
            f"the expression cannot be compared with the training's: {why}; {samples} are too few to tell each gene's "
            f"mean ({FEWEST_FOR_COHORT} are needed): give expression from before genes were scaled, or more samples"
        )
        raise ScaleError(message)
    own = table.restrict(known.genes)
    values = own.values.astype(np.float64)
    deviation = np.maximum(values.std(axis=0), SMALLEST_DEVIATION)
    moved = known.mean + known.deviation * (values - values.mean(axis=0)) / deviation
    note = f"{why}: each gene takes the mean and spread that it has in training, by those of these {samples}"
    return replace(own, values=moved.astype(np.float32), notes=(*table.notes, note))


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one, other)[0, 1]) if one.std() > 0 else 0.0
