"""What the numbers of an expression matrix seem to mean."""

from enum import StrEnum
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from drugripple.data.tables import ExpressionScale

LOG2_AT_MOST = 30.0
"""No log2 intensity, TPM or FPKM exceeds this (2³⁰ is a thousand times all transcripts of a sample)."""
Z_MEDIAN_AT_MOST = 1.0
ARRAY_BACKGROUND = 1.5
"""The log2 background of a microarray lies above this; sequencing has zeros."""
L1000_MEDIAN_ABOVE = 5.0
L1000_MAXIMUM = 15.0
FLOOR_SHARE = 0.01
FLOOR_LOWEST = -20.0
"""log2 of the smallest number, a millionth, that is added to TPM before the logarithm."""
Z_MOSTLY_AT_MOST = 10.0
CENTRED = 0.3
L1000_Z_CLIP = 10.0
SAMPLE_Z_ABOVE = -4.0
"""A sample's lowest genes are its many silent ones, little below its mean."""
MILLION = 1e6


class Unusable(StrEnum):
    """Scales that a network cannot read."""

    COUNTS = "raw counts"
    LINEAR = "linear TPM, FPKM or intensities"
    CONSTANT = "one constant"
    UNKNOWN = "unknown"


ADVICE = {
    Unusable.COUNTS: "convert counts to TPM (divide by gene length, scale each sample to a million), then log2(x + 1)",
    Unusable.LINEAR: "take log2(x + 1) of every value",
    Unusable.CONSTANT: "export the file again",
    Unusable.UNKNOWN: "give log2(TPM + 1), log2(FPKM + 1), RMA or z-scores",
}
"""What to do about a scale that a network cannot read."""


class ScaleGuess(NamedTuple):
    """A scale, and why."""

    scale: ExpressionScale | Unusable
    reason: str

    @property
    def usable(self) -> bool:
        """Whether a network can read it."""
        return isinstance(self.scale, ExpressionScale)


def advice_on(guess: ScaleGuess) -> str:
    """What to do before a network can read the values; nothing where it can."""
    return ADVICE[guess.scale] if isinstance(guess.scale, Unusable) else ""


def guess_scale(values: Float[np.ndarray, "n g"]) -> ScaleGuess:
    """The likeliest scale of a samples x genes matrix; the order of samples and genes does not matter.

    >>> guess_scale(np.array([[0.0, 1501.0, 12.0]])).scale
    <Unusable.COUNTS: 'raw counts'>
    """
    finite = values[np.isfinite(values)].astype(np.float64)
    if not finite.size:
        return ScaleGuess(Unusable.UNKNOWN, "there is no number")
    low, high, median = float(finite.min()), float(finite.max()), float(np.median(finite))
    span = f"{low:.3g} to {high:.3g}, median {median:.3g}"
    if low == high:
        return ScaleGuess(Unusable.CONSTANT, f"every value is {low:.3g}")
    if low < 0:
        return _with_negatives(values, finite, span)
    if np.all(finite == np.round(finite)):
        return ScaleGuess(Unusable.COUNTS, f"whole numbers from {span}")
    if high > LOG2_AT_MOST:
        return ScaleGuess(Unusable.LINEAR, f"values above {LOG2_AT_MOST:g} ({span})")
    if low >= ARRAY_BACKGROUND or (median > L1000_MEDIAN_ABOVE and np.mean(finite == 0) < FLOOR_SHARE):
        if abs(high - L1000_MAXIMUM) < 0.01:
            return ScaleGuess(ExpressionScale.L1000_LOG2, f"log2 intensities up to {high:g}, as L1000 Level 3 ({span})")
        return ScaleGuess(ExpressionScale.RMA, f"log2 with a background and no zeros ({span})")
    return _log2_of_sequencing(values, span)


def _with_negatives(values: Float[np.ndarray, "n g"], finite: Float[np.ndarray, " k"], span: str) -> ScaleGuess:
    low, high, median = finite.min(), finite.max(), np.median(finite)
    floor, ceiling = float(np.mean(finite == low)), float(np.mean(finite == high))
    if low >= FLOOR_LOWEST and high <= LOG2_AT_MOST and floor >= FLOOR_SHARE > ceiling and median > low + 2:
        return ScaleGuess(
            ExpressionScale.LOG2_TPM, f"log2 with a floor at {low:.3g} that {floor:.0%} of the values share ({span})"
        )
    if abs(median) <= Z_MEDIAN_AT_MOST and float(np.quantile(np.abs(finite), 0.95)) <= Z_MOSTLY_AT_MOST:
        return _z(values, span)
    return ScaleGuess(Unusable.UNKNOWN, f"negative values, but not like a z-score ({span})")


def _log2_of_sequencing(values: Float[np.ndarray, "n g"], span: str) -> ScaleGuess:
    """TPM adds up to a million in a sample when all genes are there; FPKM does not."""
    total = np.nansum(np.exp2(values.astype(np.float64)) - 1, axis=1)
    if np.median(np.abs(total / MILLION - 1)) < 0.1:
        return ScaleGuess(ExpressionScale.LOG2_TPM, f"2^x - 1 adds up to a million a sample ({span})")
    return ScaleGuess(
        ExpressionScale.LOG2_FPKM, f"log2(x + 1) of sequencing that does not add up to a million a sample ({span})"
    )


def _z(values: Float[np.ndarray, "n g"], span: str) -> ScaleGuess:
    """Over samples, every gene is centred; over the genes of one sample, each keeps its level and the spread is one."""
    whole = values[:, np.isfinite(values).all(axis=0)].astype(np.float64)
    if not whole.size:
        return ScaleGuess(ExpressionScale.ROBUST_Z, f"around 0 on both sides ({span})")
    if len(whole) > 2 and _genes_are_centred(whole):
        clip = float(np.abs(whole).max())
        if clip == L1000_Z_CLIP:
            return ScaleGuess(ExpressionScale.L1000_Z, f"each gene centred at 0, clipped at {clip:g} ({span})")
        return ScaleGuess(ExpressionScale.ROBUST_Z, f"each gene centred at 0 over the samples ({span})")
    if whole.min() > SAMPLE_Z_ABOVE and np.all(np.abs(whole.std(axis=1) - 1) < CENTRED):
        return ScaleGuess(ExpressionScale.SAMPLE_Z, f"each sample spread by 1, genes at their own level ({span})")
    return ScaleGuess(ExpressionScale.ROBUST_Z, f"around 0 on both sides ({span})")


def _genes_are_centred(values: Float[np.ndarray, "n g"]) -> bool:
    """Whether gene medians scatter around 0 no more than medians of n draws do (1.25 standard deviations / √n)."""
    within = np.median(values.std(axis=0))
    return bool(np.median(values, axis=0).std() < (CENTRED + 1.25 / np.sqrt(len(values))) * within)
