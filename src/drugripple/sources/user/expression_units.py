"""The ways from values as they are given to a scale that a network reads."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from drugripple.data.tables import ExpressionScale
from drugripple.sources.user.expression_scale import LOG2_AT_MOST, ScaleGuess
from drugripple.sources.user.log_floor import TOTAL_AT_MOST, shares_lowest
from drugripple.sources.user.logarithm import LOG2, MILLION, TEN_THOUSAND, Added, Conversion, E, Logarithm
from drugripple.sources.user.matrix import single
from drugripple.sources.user.stated_scale import StatedScale
from drugripple.sources.user.unusable_scales import Unusable

SMALLEST_RATIO = 0.03
"""Less of a gene's level than this is as good as nothing."""
ROWS_AT_ONCE = 4096


STATED: Mapping[StatedScale, tuple[ExpressionScale, Conversion | Logarithm]] = {
    StatedScale.TPM: (ExpressionScale.LOG2_TPM, Conversion.LINEAR),
    StatedScale.FPKM: (ExpressionScale.LOG2_FPKM, Conversion.LINEAR),
    StatedScale.CPM: (ExpressionScale.LOG2_CPM, Conversion.LINEAR),
    StatedScale.LN_TPM: (ExpressionScale.LOG2_TPM, Logarithm(E)),
    StatedScale.LN_FPKM: (ExpressionScale.LOG2_FPKM, Logarithm(E)),
    StatedScale.LN_CPM: (ExpressionScale.LOG2_CPM, Logarithm(E)),
    StatedScale.LN_CP10K: (ExpressionScale.LOG2_CPM, Logarithm(E, total=TEN_THOUSAND)),
    StatedScale.LOG2_TPM_FLOOR: (ExpressionScale.LOG2_TPM, Logarithm(2.0, Added.LOWEST)),
    StatedScale.LOG2_FPKM_FLOOR: (ExpressionScale.LOG2_FPKM, Logarithm(2.0, Added.LOWEST)),
}


TOTALS_AT_MOST: Mapping[ExpressionScale | Unusable, float] = {
    ExpressionScale.LOG2_TPM: 1.5 * MILLION,
    ExpressionScale.LOG2_CPM: TOTAL_AT_MOST,
}
"""What the genes of a sample add up to, after values were corrected or libraries scaled by factors (TMM)."""
MEAN_AT_LEAST = 5.0
"""A million over 60,000 genes is more than this for each; powers of z-scores are less."""


def as_stated(scale: StatedScale, values: Float[np.ndarray, "n g"]) -> ScaleGuess:
    """A scale that the user vouches for; log2 below 0 is of TPM or CPM to which nothing, or little, was added."""
    if scale in STATED:
        target, conversion = STATED[scale]
        return ScaleGuess(target, f"{scale}, as you state", conversion)
    plain = scale in (StatedScale.LOG2_TPM, StatedScale.LOG2_FPKM, StatedScale.LOG2_CPM) and _is_plain_log2(values)
    conversion = Logarithm(2.0, Added.NOTHING) if plain else Conversion.NONE
    return ScaleGuess(ExpressionScale(scale), "as you state", conversion)


def _is_plain_log2(values: Float[np.ndarray, "n g"]) -> bool:
    finite = values[np.isfinite(values)]
    if not finite.size or finite.min() >= 0 or finite.max() > LOG2_AT_MOST or shares_lowest(values):
        return False
    return bool(np.mean(np.exp2(finite)) >= MEAN_AT_LEAST)


def contradiction(values: Float[np.ndarray, "n g"], scale: StatedScale, samples: Sequence[str]) -> str:
    """What in the values of the samples cannot be on the scale that is stated; blank if nothing is."""
    if not np.isfinite(values).any():
        return ""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    logarithm = scale not in (StatedScale.TPM, StatedScale.FPKM, StatedScale.CPM) and not scale.endswith("_z")
    if logarithm and high > LOG2_AT_MOST:
        return f"values up to {high:.3g} are no logarithms"
    if scale in (StatedScale.TPM, StatedScale.CPM) and high > 1.001 * MILLION:
        return f"values up to {high:.3g} exceed the million that all genes add up to"
    guess = as_stated(scale, values)
    if most := TOTALS_AT_MOST.get(guess.scale):
        totals = [np.nansum(_linear(row.astype(np.float64), guess.conversion, low)) for row in values]
        if np.median(totals) > most:
            largest = int(np.argmax(totals))
            return f"the genes of {samples[largest]} add up to {totals[largest]:.3g}, not to a million"
    signed = scale.endswith(("_z", "_floor")) or scale in (StatedScale.VST, StatedScale.RMA)
    if low < 0 and not signed and guess.conversion != Logarithm(2.0, Added.NOTHING):
        return f"values down to {low:.3g} are below 0"
    if scale.endswith("_z") and low >= 0 and values.size > 1:
        return "no value is below 0"
    return ""


def converted(
    values: Float[np.ndarray, "n k"], conversion: Conversion | Logarithm, *, lowest: float
) -> Float[np.ndarray, "n k"]:
    """Values as log2(x + 1); ratios to a gene's own level as ln(ratio + 0.03), whatever number that level became.

    `lowest` is the lowest value, the logarithm of what was added to every number.

    >>> low, floor = float(np.log2(0.001)), Logarithm(2.0, Added.LOWEST)
    >>> converted(np.array([[np.log2(3.001)]], dtype=np.float32), floor, lowest=low).round(4).tolist()
    [[2.0]]
    """
    if conversion in (Conversion.NONE, Conversion.COUNTS, Conversion.ORDER):
        return values
    if conversion == Conversion.RATIO:
        level = np.nanmedian(np.nanmean(values, axis=0, dtype=np.float64))
        return single(np.log(values / level + SMALLEST_RATIO))
    done = np.empty(values.shape, dtype=np.float32)
    for start in range(0, len(values), ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        done[part] = single(np.log2(_linear(values[part].astype(np.float64), conversion, lowest) + 1))
    return done


def _linear(
    values: Float[np.ndarray, "*n k"], conversion: Conversion | Logarithm, lowest: float
) -> Float[np.ndarray, "*n k"]:
    if isinstance(conversion, Logarithm):
        return conversion.linear(values, lowest)
    return LOG2.linear(values, lowest) if conversion == Conversion.NONE else values
