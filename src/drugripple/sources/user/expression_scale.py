"""What the numbers of an expression matrix seem to mean, held against each candidate."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from drugripple.data.tables import ExpressionScale
from drugripple.sources.user.log_counts import (
    ALL_GENES,
    EXACTLY,
    NEARLY,
    add_up_to_a_million,
    counts_by_size,
    estimated_counts,
    log_of_counts,
    scaled_counts,
    totals_that_fit,
)
from drugripple.sources.user.log_floor import (
    FLOOR_VALUES,
    is_logarithm_of_round,
    own_floors,
    possible_floors,
    shares_lowest,
    values_at_floor,
)
from drugripple.sources.user.logarithm import BASES, LOG2, MILLION, TEN_THOUSAND, Added, Conversion, E, Logarithm
from drugripple.sources.user.missing_marks import Mark, highest_mark, lowest_mark, zeros_amid
from drugripple.sources.user.scaled_genes import are_ratios, scaled_one_by_one
from drugripple.sources.user.unusable_scales import ADVICE, Unusable
from drugripple.sources.user.z_scores import (
    CENTRED,
    are_standardised,
    genes_are_centred,
    has_levels,
    has_means_and_deviations,
)

LOG2_AT_MOST = 30.0
"""No log2 intensity, TPM or FPKM exceeds this (2³⁰ is a thousand times all transcripts of a sample)."""
ARRAY_AT_MOST = 16.0
"""Scanners of microarrays count to 2¹⁶."""
Z_MEDIAN_AT_MOST = 1.0
ARRAY_BACKGROUND = 1.5
"""The log2 background of a microarray lies above this; sequencing has zeros."""
L1000_MEDIAN_ABOVE = 5.0
L1000_MAXIMUM = 15.0
FLOOR_SHARE = 0.01
SILENT_SHARE = 0.05
"""At least so many of all genes are silent where a sample was sequenced."""
Z_MOSTLY_AT_MOST = 10.0
L1000_Z_CLIP = 10.0
SAMPLE_Z_ABOVE = -4.0
"""A sample's lowest genes are its many silent ones, little below its mean."""
UNIT_WITHIN = 0.1
"""Share of a million that the TPM of the genes that are left add up to."""

IN_ORDER: Mapping[ExpressionScale | Unusable, Conversion] = {
    Unusable.LINEAR: Conversion.LINEAR,
    Unusable.SCALED_COUNTS: Conversion.LINEAR,
    Unusable.BASE_UNKNOWN: Conversion.ORDER,
    Unusable.NEGATIVE: Conversion.ORDER,
}
"""Scales of which the order of genes within a sample can be read."""


class ScaleGuess(NamedTuple):
    """The scale that values are on after a conversion, and why."""

    scale: ExpressionScale | Unusable
    reason: str
    conversion: Conversion | Logarithm = Conversion.NONE
    mark: float | None = None
    """A value that stands for missing ones."""

    @property
    def usable(self) -> bool:
        """Whether a network can read it."""
        return isinstance(self.scale, ExpressionScale)


def advice_on(guess: ScaleGuess) -> str:
    """What to do before a network can read the values; nothing where it can."""
    return ADVICE[guess.scale] if isinstance(guess.scale, Unusable) else ""


def in_order(guess: ScaleGuess) -> ScaleGuess:
    """The same where only the order of genes within a sample counts: what a logarithm does not change is then read."""
    if guess.scale not in IN_ORDER or guess.mark is not None:
        return guess
    reason = f"{guess.scale}, of which the order of genes counts: {guess.reason}"
    counted = guess.scale == Unusable.SCALED_COUNTS
    scale = ExpressionScale.LOG2_CPM if counted else ExpressionScale.LOG2_SEQUENCING
    return ScaleGuess(scale, reason, IN_ORDER[guess.scale])


def guess_scale(
    values: Float[np.ndarray, "n g"],
    over_all: Float[np.ndarray, "s a"] | None = None,
    *,
    log_base: float | None = None,
) -> ScaleGuess:
    """The likeliest scale of a samples x genes matrix; the order of samples and genes does not matter.

    Args:
        values: genes that are known.
        over_all: all genes of the file in some samples, which tell what they add up to; `values` where absent.
        log_base: the base of a logarithm that the file says was taken.

    >>> guess_scale(np.array([[0.0, 1501.0, 12.0]])).scale
    <Unusable.COUNTS: 'raw counts'>
    """
    finite = values[np.isfinite(values)].astype(np.float64)
    if not finite.size:
        return ScaleGuess(Unusable.UNKNOWN, "there is no number")
    every = values if over_all is None else over_all
    if over_all is not None and finite.max() <= LOG2_AT_MOST:
        every = np.where(every > LOG2_AT_MOST, np.nan, every)
    low, high, median = float(finite.min()), float(finite.max()), float(np.median(finite))
    span = f"{low:.3g} to {high:.3g}, median {median:.3g}"
    if low == high:
        return ScaleGuess(Unusable.CONSTANT, f"every value is {low:.3g}")
    shared, value = scaled_one_by_one(values)
    if shared and value == 0:
        return _z(values, every, span)
    if shared:
        what = f"each gene with a {shared} of {value:g} over the samples: scaled one by one ({span})"
        return ScaleGuess(ExpressionScale.GENE_Z, what, Conversion.RATIO if are_ratios(values) else Conversion.NONE)
    if low < 0:
        return _with_negatives(values, every, finite, span)
    if np.all(finite == np.round(finite)):
        if add_up_to_a_million(every):
            return ScaleGuess(Unusable.LINEAR, f"whole numbers that add up to a million in each sample ({span})")
        counts = Unusable.COUNTS if high > LOG2_AT_MOST else Unusable.FEW_NUMBERS
        return ScaleGuess(counts, f"whole numbers from {span}")
    if high > LOG2_AT_MOST and counts_by_size(values):
        return ScaleGuess(Unusable.SCALED_COUNTS, f"whole multiples of one number in each sample ({span})")
    if mark := _mark_of_missing(values, every, finite):
        return ScaleGuess(Unusable.UNKNOWN, f"{mark.says} ({span})", mark=mark.value)
    if high > LOG2_AT_MOST:
        if estimated_counts(finite):
            return ScaleGuess(Unusable.COUNTS, f"many small numbers are whole, as estimated counts are ({span})")
        return ScaleGuess(Unusable.LINEAR, f"values above {LOG2_AT_MOST:g} ({span})")
    if way_back := log_of_counts(finite):
        return ScaleGuess(Unusable.LOG_COUNTS, f"{way_back} is a whole number everywhere ({span})")
    if abs(high - L1000_MAXIMUM) < 0.01 and median > L1000_MEDIAN_ABOVE:
        return ScaleGuess(ExpressionScale.L1000_LOG2, f"log2 intensities up to {high:g}, as L1000 Level 3 ({span})")
    if _has_silent_genes(every):
        return _log_of_sequencing(values, every, span, log_base)
    floor = values_at_floor(finite)
    if low >= ARRAY_BACKGROUND:
        if floor or high > ARRAY_AT_MOST:
            why = f"{floor} values share the lowest" if floor else f"values above {ARRAY_AT_MOST:g}"
            reason = f"log2 of sequencing with a background: {why} ({span})"
            return ScaleGuess(ExpressionScale.VST, reason)
        return ScaleGuess(ExpressionScale.RMA, f"log2 with a background and no zeros ({span})")
    if not floor and high <= ARRAY_AT_MOST and median > L1000_MEDIAN_ABOVE and np.mean(finite == 0) < FLOOR_SHARE:
        return ScaleGuess(ExpressionScale.RMA, f"log2 intensities with hardly a zero ({span})")
    return _log_of_sequencing(values, every, span, log_base)


def _has_silent_genes(every: Float[np.ndarray, "s a"]) -> bool:
    """Whether genes beside those that are known are zeros of sequencing, although the known ones have none."""
    silent = np.mean(every == 0) >= SILENT_SHARE
    totals = np.nansum(np.exp2(every.astype(np.float64)) - 1, axis=1)
    return bool(silent and (every.shape[1] >= ALL_GENES or np.all(np.abs(totals / MILLION - 1) < EXACTLY)))


def _mark_of_missing(
    values: Float[np.ndarray, "n g"], every: Float[np.ndarray, "s a"], finite: Float[np.ndarray, " k"]
) -> Mark | None:
    """A mark of missing values; zeros of sequencing have small numbers beside them, or are most of the values."""
    mark = highest_mark(finite) or lowest_mark(finite) or zeros_amid(finite)
    logarithms = finite.max() <= LOG2_AT_MOST
    return None if mark and mark.value == 0 and logarithms and _scaled_counts(values, every, 2.0) else mark


def _with_negatives(
    values: Float[np.ndarray, "n g"], every: Float[np.ndarray, "s a"], finite: Float[np.ndarray, " k"], span: str
) -> ScaleGuess:
    if mark := _mark_of_missing(values, every, finite):
        return ScaleGuess(Unusable.UNKNOWN, f"{mark.says} ({span})", mark=mark.value)
    low, high, median = float(finite.min()), float(finite.max()), np.median(finite)
    if high <= LOG2_AT_MOST and (way_back := log_of_counts(finite)):
        return ScaleGuess(Unusable.LOG_COUNTS, f"{way_back} is a whole number everywhere ({span})")
    if high <= LOG2_AT_MOST and not are_standardised(every):
        if own := own_floors(every):
            counted = own.total == TEN_THOUSAND or _scaled_counts(values, every, own.base, from_lowest=True)
            scale = ExpressionScale.LOG2_CPM if counted else ExpressionScale.LOG2_TPM
            what = "counts, with a little added," if counted else "parts"
            return ScaleGuess(scale, f"{BASES[own.base]} of {what} that add up in each sample ({span})", own)
        if not shares_lowest(every) and _scaled_counts(values, every, 2.0, from_lowest=True):
            what = f"log2 of counts that were scaled by sample, with a little added ({span})"
            return ScaleGuess(ExpressionScale.LOG2_CPM, what, Logarithm(2.0, Added.LOWEST))
        if (zeros := _share_of_zeros(finite)) and (floored := _with_floor(values, every, low, zeros, span)):
            return floored
    around_zero = abs(median) <= Z_MEDIAN_AT_MOST and float(np.quantile(np.abs(finite), 0.95)) <= Z_MOSTLY_AT_MOST
    if around_zero or are_standardised(every):
        return _z(values, every, span)
    below, times = np.unique(finite[finite < 0], return_counts=True)
    corrected = low > -1 or (len(below) >= FLOOR_VALUES and 2 * times.max() < times.sum())  # no mark of missing ones
    unknown = Unusable.NEGATIVE if corrected else Unusable.UNKNOWN
    return ScaleGuess(unknown, f"negative values, but not like a z-score ({span})")


def _share_of_zeros(finite: Float[np.ndarray, " k"]) -> float:
    """The share of values at the lowest, if zeros of sequencing became it; nothing where the highest is shared, too."""
    share, clipped = np.mean(finite == finite.min()), finite == finite.max()
    if clipped.mean() >= FLOOR_SHARE and clipped.sum() >= FLOOR_VALUES:
        return 0.0
    return float(share) if share >= FLOOR_SHARE or values_at_floor(finite) else 0.0


def _with_floor(
    values: Float[np.ndarray, "n g"], every: Float[np.ndarray, "s a"], low: float, zeros: float, span: str
) -> ScaleGuess | None:
    """The logarithm whose zeros are the lowest value; nothing where that may be a z-score."""
    found = possible_floors(every, low)
    told = any(is_logarithm_of_round(low, one.base) for one in found)
    if not found or not (told or shares_lowest(every) or np.nanmedian(values) > low + 2):
        return None
    names = [f"{BASES[one.base]}(x + {one.base**low:.3g})" for one in found]
    if len(found) > 1:
        return ScaleGuess(Unusable.BASE_UNKNOWN, f"{' or '.join(names)}, of which {zeros:.0%} are zeros ({span})")
    scale, why = _named(found[0], values, every, low)
    return ScaleGuess(scale, f"{names[0]}, of which {zeros:.0%} are zeros, {why} ({span})", found[0])


def _named(
    logarithm: Logarithm, values: Float[np.ndarray, "n g"], every: Float[np.ndarray, "s a"], low: float = 0.0
) -> tuple[ExpressionScale, str]:
    """What a logarithm was taken of."""
    if logarithm.total == TEN_THOUSAND:
        return ExpressionScale.LOG2_CPM, "counts per ten thousand in each sample"
    if _scaled_counts(values, every, logarithm.base, from_lowest=low < 0):
        return ExpressionScale.LOG2_CPM, "counts that were scaled by sample"
    return _unit(logarithm.linear(every.astype(np.float64), low))


def _log_of_sequencing(
    values: Float[np.ndarray, "n g"], every: Float[np.ndarray, "s a"], span: str, log_base: float | None
) -> ScaleGuess:
    logarithm = _logarithm(values, every, log_base)
    scale, why = _named(logarithm, values, every)
    reason = f"{BASES[logarithm.base]}(x + 1) of {why} ({span})"
    return ScaleGuess(scale, reason, Conversion.NONE if logarithm == LOG2 else logarithm)


def _logarithm(values: Float[np.ndarray, "n g"], every: Float[np.ndarray, "s a"], log_base: float | None) -> Logarithm:
    """The base of the logarithm, and parts of what it is of, as far as that shows."""
    if fits := totals_that_fit(every):
        return Logarithm(fits[0][0], total=fits[0][1])
    if log_base == 10:
        return Logarithm(10.0)
    sums = np.nansum(np.expm1(every.astype(np.float64)), axis=1)
    parts = [total for total in (TEN_THOUSAND, MILLION) if np.median(np.abs(sums / total - 1)) < NEARLY]
    noted = log_base is not None and abs(log_base - E) < 0.01
    if noted or (parts and every.shape[1] >= ALL_GENES) or _scaled_counts(values, every, E):
        return Logarithm(E, total=parts[0] if parts else MILLION)
    return LOG2


def _scaled_counts(
    values: Float[np.ndarray, "n g"], every: Float[np.ndarray, "s a"], base: float, *, from_lowest: bool = False
) -> bool:
    """Among all genes some were counted once, which a few expressed ones may not show."""
    both = (values,) if every is values else (values, every)
    return any(scaled_counts(part, base, from_lowest=from_lowest) for part in both)


def _unit(linear: Float[np.ndarray, "s a"]) -> tuple[ExpressionScale, str]:
    """TPM adds up to a million in a sample when all genes are there; FPKM does not."""
    totals = np.nansum(linear, axis=1)
    if np.median(np.abs(totals / MILLION - 1)) < UNIT_WITHIN:
        return ExpressionScale.LOG2_TPM, "sequencing that adds up to a million a sample"
    if linear.shape[1] >= ALL_GENES:
        return ExpressionScale.LOG2_FPKM, "sequencing that does not add up to a million a sample"
    return ExpressionScale.LOG2_SEQUENCING, f"sequencing of which {linear.shape[1]:,} genes do not show the unit"


def _z(values: Float[np.ndarray, "n g"], every: Float[np.ndarray, "s a"], span: str) -> ScaleGuess:
    """Over samples, every gene is centred; over the genes of one sample, each keeps its level and the spread is one."""
    whole = values[:, np.isfinite(values).all(axis=0)].astype(np.float64)
    whole = whole[:, whole.std(axis=0) > 0] if len(whole) > 1 else whole
    if not whole.size:
        return ScaleGuess(ExpressionScale.ROBUST_Z, f"around 0 on both sides ({span})")
    if len(whole) > 2:
        clip = float(np.abs(whole).max())
        if has_means_and_deviations(whole):
            return ScaleGuess(ExpressionScale.GENE_Z, f"each gene with mean 0 and SD 1 over the samples ({span})")
        if genes_are_centred(whole):
            if clip == L1000_Z_CLIP:
                return ScaleGuess(ExpressionScale.L1000_Z, f"each gene centred at 0, clipped at {clip:g} ({span})")
            return ScaleGuess(ExpressionScale.ROBUST_Z, f"each gene centred at 0 over the samples ({span})")
    spread = whole.min() > SAMPLE_Z_ABOVE and np.all(np.abs(whole.std(axis=1) - 1) < CENTRED)
    if spread or are_standardised(every) or has_levels(whole):
        return ScaleGuess(ExpressionScale.SAMPLE_Z, f"each sample spread by 1, genes at their own level ({span})")
    return ScaleGuess(ExpressionScale.ROBUST_Z, f"around 0 on both sides ({span})")
