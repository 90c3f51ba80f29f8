"""What the numbers of an expression matrix seem to mean, held against each candidate."""

from enum import StrEnum
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from drugripple.data.tables import ExpressionScale
from drugripple.sources.user.log_counts import ALL_GENES, base_of_totals, log_of_counts, scaled_counts
from drugripple.sources.user.log_floor import base_of_floor, is_log_of_a_million, values_at_floor
from drugripple.sources.user.missing_marks import Mark, highest_mark, lowest_mark

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
FLOOR_LOWEST = -20.0
"""log2 of the smallest number, a millionth, that is added to TPM before the logarithm."""
Z_MOSTLY_AT_MOST = 10.0
CENTRED = 0.3
MEAN_AT_MOST = 0.05
SD_NEAR_ONE = 0.1
L1000_Z_CLIP = 10.0
SAMPLE_Z_ABOVE = -4.0
"""A sample's lowest genes are its many silent ones, little below its mean."""
STANDARDISED = 0.01
STANDARDISED_GENES = 100
LEVELS = 1.5
"""Medians of genes over a cohort differ by less than so many of its standard deviations if it was scaled by gene."""
MILLION = 1e6


class Unusable(StrEnum):
    """Scales that a network cannot read."""

    COUNTS = "raw counts"
    LOG_COUNTS = "the logarithm of raw counts"
    LINEAR = "linear TPM, FPKM or intensities"
    CONSTANT = "one constant"
    UNKNOWN = "an unknown scale"


ADVICE = {
    Unusable.COUNTS: "convert counts to TPM (divide by gene length, scale each sample to a million), then log2(x + 1); "
    "a column 'length' beside all genes does that here",
    Unusable.LOG_COUNTS: "take the logarithm back, convert the counts to TPM (divide by gene length, scale each sample "
    "to a million), then log2(x + 1)",
    Unusable.LINEAR: "take log2(x + 1) of every value, or state that they are tpm or fpkm",
    Unusable.CONSTANT: "export the file again",
    Unusable.UNKNOWN: "give log2(TPM + 1), log2(FPKM + 1), RMA or z-scores, leave missing values blank, or state the "
    "scale",
}
"""What to do about a scale that a network cannot read."""


class Conversion(StrEnum):
    """What takes values to a scale that a network reads."""

    NONE = "none"
    FLOOR = "log2(x + c) to log2(x + 1)"
    """c is two to the power of the lowest value."""
    NATURAL_FLOOR = "ln(x + c) to log2(x + 1)"
    COMMON_FLOOR = "log10(x + c) to log2(x + 1)"
    PLAIN = "log2(x) to log2(x + 1)"
    NATURAL = "ln(x + 1) to log2(x + 1)"
    PER_TEN_THOUSAND = "ln(x + 1) of parts per ten thousand to log2(x + 1) of parts per million"
    BINARY_PER_TEN_THOUSAND = "log2(x + 1) of parts per ten thousand to log2(x + 1) of parts per million"
    COMMON_PER_TEN_THOUSAND = "log10(x + 1) of parts per ten thousand to log2(x + 1) of parts per million"
    COMMON = "log10(x + 1) to log2(x + 1)"
    LINEAR = "x to log2(x + 1)"
    COUNTS = "counts to log2(TPM + 1)"


OTHER_LOGARITHMS = {
    (2.0, 1e4): ("log2", "ten thousand", ExpressionScale.LOG2_CPM, Conversion.BINARY_PER_TEN_THOUSAND),
    (10.0, 1e4): ("log10", "ten thousand", ExpressionScale.LOG2_CPM, Conversion.COMMON_PER_TEN_THOUSAND),
    (10.0, 1e6): ("log10", "a million", ExpressionScale.LOG2_TPM, Conversion.COMMON),
}
"""Beside log2 of parts per million and the natural logarithms: base and total."""
FLOORS = {
    2.0: ("log2", Conversion.FLOOR),
    float(np.e): ("ln", Conversion.NATURAL_FLOOR),
    10.0: ("log10", Conversion.COMMON_FLOOR),
}
"""Logarithms of what a small number was added to, by their base."""


class ScaleGuess(NamedTuple):
    """The scale that values are on after a conversion, and why."""

    scale: ExpressionScale | Unusable
    reason: str
    conversion: Conversion = Conversion.NONE
    mark: float | None = None
    """A value that stands for missing ones."""

    @property
    def usable(self) -> bool:
        """Whether a network can read it."""
        return isinstance(self.scale, ExpressionScale)


def advice_on(guess: ScaleGuess) -> str:
    """What to do before a network can read the values; nothing where it can."""
    return ADVICE[guess.scale] if isinstance(guess.scale, Unusable) else ""


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
    if low < 0:
        return _with_negatives(values, every, finite, span)
    if np.all(finite == np.round(finite)):
        return ScaleGuess(Unusable.COUNTS, f"whole numbers from {span}")
    if mark := _mark_of_missing(values, every, finite):
        return ScaleGuess(Unusable.UNKNOWN, f"{mark.says} ({span})", mark=mark.value)
    if high > LOG2_AT_MOST:
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
    return bool(silent and (every.shape[1] >= ALL_GENES or np.all(np.abs(totals / MILLION - 1) < 0.01)))


def _mark_of_missing(
    values: Float[np.ndarray, "n g"], every: Float[np.ndarray, "s a"], finite: Float[np.ndarray, " k"]
) -> Mark | None:
    """A mark of missing values; zeros of sequencing have small numbers beside them, or are most of the values."""
    mark = highest_mark(finite) or lowest_mark(finite)
    return None if mark and mark.value == 0 and _scaled_counts(values, every, 2.0) else mark


def _with_negatives(
    values: Float[np.ndarray, "n g"], every: Float[np.ndarray, "s a"], finite: Float[np.ndarray, " k"], span: str
) -> ScaleGuess:
    if mark := _mark_of_missing(values, every, finite):
        return ScaleGuess(Unusable.UNKNOWN, f"{mark.says} ({span})", mark=mark.value)
    low, high, median = finite.min(), finite.max(), np.median(finite)
    floor, ceiling = float(np.mean(finite == low)), float(np.mean(finite == high))
    if is_log_of_a_million(every):
        reason = f"log2 of counts, with a little added, per million of each sample ({span})"
        return ScaleGuess(ExpressionScale.LOG2_CPM, reason, Conversion.PLAIN)
    told = base_of_floor(float(low), float(high))
    zeros = floor >= FLOOR_SHARE > ceiling or (told and values_at_floor(finite))
    base = told or 2.0
    if low >= FLOOR_LOWEST and high <= LOG2_AT_MOST and zeros and median > low + 2 / np.log2(base):
        linear = base ** every.astype(np.float64) - base ** float(low)
        scale, why = _unit(linear)
        if scale == ExpressionScale.LOG2_TPM and scaled_counts(np.log2(np.maximum(linear, 0) + 1), 2.0):
            scale, why = ExpressionScale.LOG2_CPM, "counts per million of each sample"
        name, conversion = FLOORS[base]
        reason = f"{name}(x + {base**low:.3g}), of which {floor:.0%} are zeros, {why} ({span})"
        return ScaleGuess(scale, reason, conversion)
    around_zero = abs(median) <= Z_MEDIAN_AT_MOST and float(np.quantile(np.abs(finite), 0.95)) <= Z_MOSTLY_AT_MOST
    if around_zero or _are_standardised(every):
        return _z(values, every, span)
    return ScaleGuess(Unusable.UNKNOWN, f"negative values, but not like a z-score ({span})")


def _log_of_sequencing(
    values: Float[np.ndarray, "n g"], every: Float[np.ndarray, "s a"], span: str, log_base: float | None
) -> ScaleGuess:
    wide = every.astype(np.float64)
    if found := OTHER_LOGARITHMS.get(base_of_totals(every) or (0.0, 0.0)):
        name, total, scale, conversion = found
        scale = ExpressionScale.LOG2_CPM if _scaled_counts(values, every, 10.0) else scale
        return ScaleGuess(scale, f"{name}(x + 1) of what adds up to {total} in each sample ({span})", conversion)
    if log_base == 10:
        scale, why = _unit(10.0**wide - 1)
        return ScaleGuess(scale, f"log10(x + 1) of sequencing {why} ({span})", Conversion.COMMON)
    sums = np.nansum(np.exp(wide) - 1, axis=1)
    natural = (log_base is not None and abs(log_base - np.e) < 0.01) or _scaled_counts(values, every, np.e)
    if every.shape[1] >= ALL_GENES and not natural:
        natural = any(np.median(np.abs(sums / total - 1)) < 0.02 for total in (1e4, MILLION))
    if not natural:
        scale, why = _unit(np.exp2(wide) - 1)
        if scale != ExpressionScale.LOG2_CPM and _scaled_counts(values, every, 2.0):
            scale, why = ExpressionScale.LOG2_CPM, "counts that were scaled by sample"
        return ScaleGuess(scale, f"log2(x + 1) of sequencing {why} ({span})")
    if np.median(np.abs(sums / 1e4 - 1)) < 0.02:
        reason = f"ln(x + 1) of counts per ten thousand in each sample ({span})"
        return ScaleGuess(ExpressionScale.LOG2_CPM, reason, Conversion.PER_TEN_THOUSAND)
    scale, why = _unit(np.exp(wide) - 1)
    if scale == ExpressionScale.LOG2_TPM and _scaled_counts(values, every, np.e):
        scale = ExpressionScale.LOG2_CPM
    return ScaleGuess(scale, f"ln(x + 1) of sequencing {why} ({span})", Conversion.NATURAL)


def _scaled_counts(values: Float[np.ndarray, "n g"], every: Float[np.ndarray, "s a"], base: float) -> bool:
    """Among all genes some were counted once, which a few expressed ones may not show."""
    return scaled_counts(values, base) or (every is not values and scaled_counts(every, base))


def _unit(linear: Float[np.ndarray, "s a"]) -> tuple[ExpressionScale, str]:
    """TPM adds up to a million in a sample when all genes are there; FPKM does not."""
    totals = np.nansum(linear, axis=1)
    if np.median(np.abs(totals / MILLION - 1)) < 0.1:
        return ExpressionScale.LOG2_TPM, "that adds up to a million a sample"
    if linear.shape[1] >= ALL_GENES:
        return ExpressionScale.LOG2_FPKM, "that does not add up to a million a sample"
    return ExpressionScale.LOG2_SEQUENCING, f"of which {linear.shape[1]:,} genes do not show the unit"


def _z(values: Float[np.ndarray, "n g"], every: Float[np.ndarray, "s a"], span: str) -> ScaleGuess:
    """Over samples, every gene is centred; over the genes of one sample, each keeps its level and the spread is one."""
    whole = values[:, np.isfinite(values).all(axis=0)].astype(np.float64)
    whole = whole[:, whole.std(axis=0) > 0] if len(whole) > 1 else whole
    if not whole.size:
        return ScaleGuess(ExpressionScale.ROBUST_Z, f"around 0 on both sides ({span})")
    if len(whole) > 2:
        clip = float(np.abs(whole).max())
        if _has_means_and_deviations(whole):
            return ScaleGuess(ExpressionScale.GENE_Z, f"each gene with mean 0 and SD 1 over the samples ({span})")
        if _genes_are_centred(whole):
            if clip == L1000_Z_CLIP:
                return ScaleGuess(ExpressionScale.L1000_Z, f"each gene centred at 0, clipped at {clip:g} ({span})")
            return ScaleGuess(ExpressionScale.ROBUST_Z, f"each gene centred at 0 over the samples ({span})")
    spread = whole.min() > SAMPLE_Z_ABOVE and np.all(np.abs(whole.std(axis=1) - 1) < CENTRED)
    if spread or _are_standardised(every) or _has_levels(whole):
        return ScaleGuess(ExpressionScale.SAMPLE_Z, f"each sample spread by 1, genes at their own level ({span})")
    return ScaleGuess(ExpressionScale.ROBUST_Z, f"around 0 on both sides ({span})")


def _has_means_and_deviations(values: Float[np.ndarray, "n g"]) -> bool:
    """Whether most genes have mean 0 and SD 1, but not median 0, which a robust z-score has."""
    means, medians = np.abs(values.mean(axis=0)), np.abs(np.median(values, axis=0))
    sds = min(np.median(np.abs(values.std(axis=0, ddof=ddof) - 1)) for ddof in (0, 1))
    return bool(np.median(means) < min(MEAN_AT_MOST, np.median(medians)) and sds < SD_NEAR_ONE)


def _are_standardised(every: Float[np.ndarray, "s a"]) -> bool:
    """Whether every sample has mean 0 and SD 1 over all genes of the file."""
    if every.shape[1] < STANDARDISED_GENES:
        return False
    means, sds = np.nanmean(every, axis=1), np.nanstd(every, axis=1)
    return bool(np.all(np.abs(means) < STANDARDISED) and np.all(np.abs(sds - 1) < STANDARDISED))


def _has_levels(whole: Float[np.ndarray, "n g"]) -> bool:
    """Whether genes differ more between each other than within: no cohort's z-scores by gene do."""
    if len(whole) < 3:
        return False
    return bool(np.median(whole, axis=0).std() > LEVELS * np.median(whole.std(axis=0)))


def _genes_are_centred(values: Float[np.ndarray, "n g"]) -> bool:
    """Whether gene medians scatter around 0 no more than medians of n draws do (1.25 standard deviations / √n)."""
    within = np.median(values.std(axis=0))
    return bool(np.median(values, axis=0).std() < (CENTRED + 1.25 / np.sqrt(len(values))) * within)
