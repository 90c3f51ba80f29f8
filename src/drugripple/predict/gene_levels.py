"""Whether a user's genes stand in the order of their levels, as those of training do, or were scaled one by one."""

from dataclasses import replace

import numpy as np

from drugripple.data.tables import ExpressionScale, ExpressionTable
from drugripple.errors import GeneSpaceError, ScaleError, counted, first_five
from drugripple.predict.gene_fit import (
    FEWEST_FOR_COHORT,
    correlation,
    fall_of_levels,
    misplaced,
    of_other_genes,
    strays,
)
from drugripple.predictors.multi_trait_gp.sample_kernel import GeneLevels, SampleKernel

AGREES = 0.2
"""Correlation with the training's levels from which a sample's genes are taken to be at their own. Measured against
GDSC's array: NCI-60's arrays 0.49 to 0.69, L1000 0.25 to 0.6; the same lines scaled gene by gene -0.11 to 0.03."""
LOOSELY = 0.45
"""Below this a sample agrees less than those of other platforms do."""
TELLING, WRONG_GENES = {3_000: 1, 300: FEWEST_FOR_COHORT}, 0.35
"""With so many genes, so many samples whose mean levels correlate less are of wrong genes. Real ones of these sizes
reach 0.42 (NCI-60, one sample without the lowest third of its genes), 0.70 (NCI-60 and TCGA, 40 samples) and 0.50 (483
genes of L1000, 40 samples); one sample of NCI-60 with its highest 1,100 to 2,800 genes alone, 0.26 to 0.4."""
SILENT_AT_MOST = 0.5
"""Share of genes with the lowest value; single cells have more, and their order tells less."""
OWN_LEVELS = 1.3
"""Genes have levels of their own if their means differ by so many of their deviations over these samples: by 1.46 or
more in GDSC, NCI-60, TCGA and L1000, by 1.2 at most after one sample was subtracted from all."""
LEVELS = 0.5
"""Training genes have levels of their own if their means differ by so many of their deviations over samples."""
SMALLEST_DEVIATION = 1e-3


def at_training_levels(kernel: SampleKernel, table: ExpressionTable) -> ExpressionTable:
    """Samples whose genes may be ranked: as they are, or moved to the training's level and spread of each gene.

    z-scores by gene, ratios and centred values hold no level, and the ranks of genes in a sample then mean nothing.
    With ten samples or more each gene's mean and deviation over them are replaced by those of the training samples:

        score_g = mean_g(training) + sd_g(training) (x_g - mean_g) / sd_g

    Raises:
        GeneSpaceError: if they share too few genes with the training samples, or values stand under other genes.
        ScaleError: if they hold no levels and are fewer, or some genes are on another scale than others.
    """
    if not len(table):
        return table
    known = kernel.levels(table)
    if known.mean.std() < LEVELS * known.deviation.mean():
        return table
    found = float(np.median([correlation(one, known.mean) for one in known.scores]))
    scaled = table.scale == ExpressionScale.GENE_Z
    if found >= AGREES and not scaled:
        _require_fit(known, table, found)
        note = f"genes stand in the order of the training's levels (correlation {found:.2f}): ranked as they are"
        if found < LOOSELY:
            note = (
                f"genes stand only loosely in the order of the training's levels (correlation {found:.2f}, where 0.5 "
                "to 0.9 is usual): check that values stand under their genes and are of one scale; ranked as they are"
            )
        return replace(table, notes=(*table.notes, note))
    if not scaled and len(table) >= FEWEST_FOR_COHORT and _have_levels(known):
        raise GeneSpaceError(of_other_genes(found))
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


def _require_fit(known: GeneLevels, table: ExpressionTable, found: float) -> None:
    """Refuse values that are not of the genes they stand under, or of several scales, where that shows.

    Raises:
        GeneSpaceError: if names and values do not belong together, in all of the file or a part of it.
        ScaleError: if some genes are on another scale than others.
    """
    dense = float(np.mean(known.scores == known.scores.min(axis=1, keepdims=True))) < SILENT_AT_MOST
    order = np.argsort(table.genes.positions(known.genes.symbols), kind="stable")
    part = misplaced(known, order) if dense else None
    if part is not None:
        first, last = (known.genes.symbols[order[at]] for at in (part.first, part.last))
        message = (
            f"values do not belong to their genes in a part of the expression: from {first!r} to {last!r} "
            f"({part.last - part.first + 1:,} of {len(order):,} genes) they agree with the training's levels by "
            f"{part.agreement:.2f}, elsewhere by {part.of_the_others:.2f}; names or values were shifted or sorted "
            "there: compare these genes with the original"
        )
        raise GeneSpaceError(message)
    fall = fall_of_levels(known)
    if fall is not None:
        message = (
            f"some genes are on another scale than others: genes below {fall.below:.0%} of all by their values have "
            f"higher levels in training than genes below {fall.above:.0%}, as where some are linear (TPM) and others "
            f"logarithms; look at {first_five(fall.genes)}, and give all genes on one scale"
        )
        raise ScaleError(message)
    stray = strays(known) if len(table) >= FEWEST_FOR_COHORT else ()
    if stray:
        message = (
            f"values do not belong to their genes: {len(stray):,} of {len(order):,} genes {first_five(stray)} lie far "
            "from their levels in training, where the others lie close; compare these genes with the original"
        )
        raise GeneSpaceError(message)
    together = correlation(known.scores.mean(axis=0), known.mean)
    telling = any(len(order) >= genes and len(table) >= samples for genes, samples in TELLING.items())
    if dense and telling and together < WRONG_GENES:
        raise GeneSpaceError(of_other_genes(min(found, together)))


def _have_levels(known: GeneLevels) -> bool:
    return bool(known.scores.mean(axis=0).std() >= OWN_LEVELS * known.scores.std(axis=0).mean())
