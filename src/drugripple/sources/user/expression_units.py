"""The ways from values as they are given to a scale that a network reads."""

from collections.abc import Callable, Mapping

import numpy as np
from jaxtyping import Float

from drugripple.data.tables import ExpressionScale
from drugripple.sources.user.expression_scale import LOG2_AT_MOST, MILLION, Conversion, ScaleGuess
from drugripple.sources.user.matrix import single
from drugripple.sources.user.stated_scale import StatedScale

ROWS_AT_ONCE = 4096


STATED: Mapping[StatedScale, tuple[ExpressionScale, Conversion]] = {
    StatedScale.TPM: (ExpressionScale.LOG2_TPM, Conversion.LINEAR),
    StatedScale.FPKM: (ExpressionScale.LOG2_FPKM, Conversion.LINEAR),
    StatedScale.CPM: (ExpressionScale.LOG2_CPM, Conversion.LINEAR),
    StatedScale.LN_TPM: (ExpressionScale.LOG2_TPM, Conversion.NATURAL),
    StatedScale.LN_FPKM: (ExpressionScale.LOG2_FPKM, Conversion.NATURAL),
    StatedScale.LN_CPM: (ExpressionScale.LOG2_CPM, Conversion.NATURAL),
    StatedScale.LN_CP10K: (ExpressionScale.LOG2_CPM, Conversion.PER_TEN_THOUSAND),
    StatedScale.LOG2_TPM_FLOOR: (ExpressionScale.LOG2_TPM, Conversion.FLOOR),
    StatedScale.LOG2_FPKM_FLOOR: (ExpressionScale.LOG2_FPKM, Conversion.FLOOR),
}


OF_A_MILLION: Mapping[StatedScale, Callable[[np.ndarray], np.ndarray]] = {
    StatedScale.TPM: lambda x: x,
    StatedScale.CPM: lambda x: x,
    StatedScale.LOG2_TPM: lambda x: np.exp2(x) - 1,
    StatedScale.LOG2_CPM: lambda x: np.exp2(x) - 1,
    StatedScale.LN_TPM: np.expm1,
    StatedScale.LN_CPM: np.expm1,
}
"""Scales whose genes add up to a million in a sample at most, and what takes their values to what is added up."""
TOTAL_AT_MOST = 1.5
"""Millions, for values that were corrected after they were scaled."""


def as_stated(scale: StatedScale) -> ScaleGuess:
    """A scale that the user vouches for."""
    if scale in STATED:
        target, conversion = STATED[scale]
        return ScaleGuess(target, f"{scale}, as you state", conversion)
    return ScaleGuess(ExpressionScale(scale), "as you state")


def contradiction(values: Float[np.ndarray, "n g"], scale: StatedScale) -> str:
    """What in the values cannot be on the scale that is stated; blank if nothing is."""
    if not np.isfinite(values).any():
        return ""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    logarithm = scale not in (StatedScale.TPM, StatedScale.FPKM, StatedScale.CPM) and not scale.endswith("_z")
    if logarithm and high > LOG2_AT_MOST:
        return f"values up to {high:.3g} are no logarithms"
    if scale in (StatedScale.TPM, StatedScale.CPM) and high > 1.001 * MILLION:
        return f"values up to {high:.3g} exceed the million that all genes add up to"
    if scale in OF_A_MILLION and (total := _largest_total(values, scale)) > TOTAL_AT_MOST * MILLION:
        return f"the genes of a sample add up to {total:.3g}, not to a million"
    signed = scale.endswith(("_z", "_floor")) or scale in (StatedScale.VST, StatedScale.RMA)
    if low < 0 and not signed:
        return f"values down to {low:.3g} are below 0"
    if scale.endswith("_z") and low >= 0 and values.size > 1:
        return "no value is below 0"
    return ""


def _largest_total(values: Float[np.ndarray, "n g"], scale: StatedScale) -> float:
    blocks = (values[start : start + ROWS_AT_ONCE] for start in range(0, len(values), ROWS_AT_ONCE))
    totals = [np.nansum(OF_A_MILLION[scale](block.astype(np.float64)), axis=1).max() for block in blocks]
    return float(max(totals))


def converted(values: Float[np.ndarray, "n k"], conversion: Conversion, *, lowest: float) -> Float[np.ndarray, "n k"]:
    """Values as log2(x + 1).

    `lowest` is the lowest value, the logarithm of what was added to every number.

    >>> low = float(np.log2(0.001))
    >>> converted(np.array([[np.log2(3.001)]], dtype=np.float32), Conversion.FLOOR, lowest=low).round(4).tolist()
    [[2.0]]
    """
    if conversion in (Conversion.NONE, Conversion.COUNTS):
        return values
    done = np.empty(values.shape, dtype=np.float32)
    for start in range(0, len(values), ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        done[part] = single(_converted(values[part].astype(np.float64), conversion, lowest))
    return done


def _converted(values: Float[np.ndarray, "n k"], conversion: Conversion, lowest: float) -> Float[np.ndarray, "n k"]:
    match conversion:
        case Conversion.FLOOR:
            linear = np.maximum(np.exp2(values) - np.exp2(lowest), 0)
        case Conversion.NATURAL_FLOOR:
            linear = np.maximum(np.exp(values) - np.exp(lowest), 0)
        case Conversion.COMMON_FLOOR:
            linear = np.maximum(10.0**values - 10.0**lowest, 0)
        case Conversion.PLAIN:
            linear = np.exp2(values)
        case Conversion.NATURAL:
            return values / np.log(2)
        case Conversion.PER_TEN_THOUSAND:
            linear = 100 * np.expm1(values)
        case Conversion.BINARY_PER_TEN_THOUSAND:
            linear = 100 * (np.exp2(values) - 1)
        case Conversion.COMMON_PER_TEN_THOUSAND:
            linear = 100 * (10.0**values - 1)
        case Conversion.COMMON:
            return values / np.log10(2)
        case _:
            linear = values
    return np.log2(linear + 1)
