"""Whether values belong to the genes they stand under, and are of one scale: by the genes' levels in training."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from jaxtyping import Float, Int

from drugripple.genes.scaling import MAD_TO_SD

if TYPE_CHECKING:
    from drugripple.predictors.multi_trait_gp.sample_kernel import GeneLevels

FEWEST_FOR_COHORT = 10
"""Samples that tell the middle and the spread of a gene, so that a cohort may be scaled by its own."""
FEWEST_IN_BLOCK = 200
FEWEST_BLOCKS, BLOCKS_AT_MOST = 4, 20
AS_WIDE = 0.5
"""Share of the variance of all genes that a block must hold: less means that the file is sorted by level."""
OUT_OF_PLACE, OF_THE_OTHERS = 0.25, 0.4
"""A block of genes is out of place if it agrees with training by less than both: alone, and of what the best blocks do.
Blocks of real files (GDSC, NCI-60) reach 0.59 of it in the order of the file, by name or drawn at random."""
STRETCH = 2
"""So many neighbouring blocks are a stretch; the most variable genes of one sample fill one at most."""
STRETCH_AGREES = 0.15
"""A stretch of them agrees less than this on the average."""
BEST = 0.85
"""The quantile of the blocks that are surely right where any are."""

GROUPS_AT_MOST, FEWEST_IN_GROUP = 20, 25
SAMPLES_AT_MOST = 200
FALL, FALL_IN_ERRORS = 0.2, 4.5
"""How far training's levels may fall along the ranks: in deviations over genes, and in standard errors. No fall reaches
both in real files of four platforms, of 1 to 50 samples, as RMA, TPM, logarithms and counts."""
FALL_FROM_LOWEST = 0.4
"""How far they may fall from the lowest group. Where a file was filtered by level, the lowest values are of genes that
vary most, of higher levels in training than the next: by up to 0.26 in NCI-60 without the lowest tenth to nine tenths
of its genes. Genes on two scales fall from there by 0.3 to 0.6."""
STRAY, STRAYS_AT_MOST = 4.0, 0.07
"""Genes this many robust deviations from their level in training are strays, and so many of them are of other genes.
Of GDSC's lines by tissue at most 0.03 are, of other platforms, whose genes all scatter, 0.002."""
FEWEST_FOR_STRAYS = 300


class Misplaced(NamedTuple):
    """Genes that stand together in a file and have other levels than in training."""

    first: int
    last: int
    """Positions in the order of the file."""
    agreement: float
    of_the_others: float


class Fall(NamedTuple):
    """Where genes of higher ranks have lower levels in training."""

    size: float
    """Deviations of levels over genes."""
    below: float
    above: float
    """Shares of the genes at or below the two places."""
    genes: tuple[str, ...]
    """Genes at the lower place whose levels in training are highest."""


def misplaced(known: "GeneLevels", order: Int[np.ndarray, " g"]) -> Misplaced | None:
    """The first stretch of a file in which names and values do not belong together, where they do elsewhere.

        agreement = 1 - mean (u - t)² / 2,    u: mean score over samples, t: that of training, standardised over genes

    Args:
        known: the genes.
        order: their positions in the file, ascending.
    """
    blocks = min(BLOCKS_AT_MOST, len(order) // FEWEST_IN_BLOCK)
    if blocks < FEWEST_BLOCKS:
        return None
    own, trained = _standard(known.scores.mean(axis=0)), _standard(known.mean)
    parts = np.array_split(order, blocks)
    found = np.array([1 - np.mean((own[part] - trained[part]) ** 2) / 2 for part in parts])
    wide = np.array([min(own[part].var(), trained[part].var()) >= AS_WIDE for part in parts])
    best = float(np.quantile(found, BEST))
    low = min(OUT_OF_PLACE, OF_THE_OTHERS * best)
    in_order = np.array([correlation(own[part], trained[part]) >= low for part in parts])
    out = wide & ~in_order & (found < low)
    starts = np.cumsum([0, *map(len, parts)])
    for run in np.split(np.arange(blocks), np.flatnonzero(np.diff(out)) + 1):
        if out[run[0]] and len(run) >= STRETCH and found[run].mean() < STRETCH_AGREES:
            return Misplaced(int(starts[run[0]]), int(starts[run[-1] + 1]) - 1, float(found[run].mean()), best)
    return None


def fall_of_levels(known: "GeneLevels") -> Fall | None:
    """The largest fall of training's levels from lower to higher ranks of the samples, beyond chance.

    On one scale, whatever it is, genes of higher ranks have higher levels on the average. Where some genes are linear
    and others logarithms, the lowest linear ones lie beside or above the highest logarithms. Genes are put into groups
    by their rank in each sample:

        curve_b = Σ_g w_gb t_g,    w_gb: share of gene g in group b over samples,    error_b² = Σ_g w_gb² var_b(t)
    """
    genes = len(known.mean)
    groups = min(GROUPS_AT_MOST, genes // FEWEST_IN_GROUP)
    if groups < 2:
        return None
    rows = np.unique(np.linspace(0, len(known.scores) - 1, min(len(known.scores), SAMPLES_AT_MOST)).astype(np.int64))
    edges = np.array_split(np.arange(genes), groups)
    weights = np.zeros((groups, genes))
    for row in rows:
        ranked = np.argsort(known.scores[row], kind="stable")
        for group, part in enumerate(edges):
            weights[group, ranked[part]] += 1 / (len(part) * len(rows))
    level = _standard(known.mean)
    curve = weights @ level
    error = np.sqrt(np.maximum(weights @ level**2 - curve**2, 0) * (weights**2).sum(axis=1))
    drop = np.triu(curve[:, None] - curve[None, :], 1)
    drop[drop < FALL_IN_ERRORS * np.hypot(error[:, None], error[None, :])] = 0
    drop[0, drop[0] < FALL_FROM_LOWEST] = 0
    low, high = np.unravel_index(int(drop.argmax()), drop.shape)
    if drop[low, high] < FALL:
        return None
    highest = np.argsort(-(weights[low] * (level - level.min())), kind="stable")[:5]
    names = tuple(known.genes.symbols[i] for i in highest)
    return Fall(float(drop[low, high]), (int(low) + 1) / groups, (int(high) + 1) / groups, names)


def strays(known: "GeneLevels") -> tuple[str, ...]:
    """Genes whose mean levels lie far from training's while those of most lie close; none if they are few."""
    if len(known.mean) < FEWEST_FOR_STRAYS:
        return ()
    away = _standard(known.scores.mean(axis=0)) - _standard(known.mean)
    away = np.abs(away - np.median(away))
    far = away > STRAY * MAD_TO_SD * np.median(away)
    worst = np.argsort(-away, kind="stable")[: far.sum()]
    return tuple(known.genes.symbols[i] for i in worst) if far.mean() > STRAYS_AT_MOST else ()


def correlation(one: Float[np.ndarray, " g"], other: Float[np.ndarray, " g"]) -> float:
    """Pearson's; 0 where either is constant."""
    return float(np.corrcoef(one, other)[0, 1]) if one.std() > 0 and other.std() > 0 else 0.0


def of_other_genes(found: float) -> str:
    """The refusal of values that hold levels, but not those of the genes that they stand under."""
    return (
        f"values do not belong to their genes: they hold levels, but in another order than the training's "
        f"(correlation {found:.2f}, where 0.5 to 0.9 is usual); names or values were shifted, sorted or exchanged: "
        "compare a few genes with the original"
    )


def _standard(values: Float[np.ndarray, " g"]) -> Float[np.ndarray, " g"]:
    spread = values.std()
    return (values - values.mean()) / (spread if spread > 0 else 1.0)
