"""Whether values of responses can be what their column says: wrong units, marks of missing values, mixed scales."""

from math import exp, log

import numpy as np
import pandas as pd
from jaxtyping import Float

from drugripple.data.response import Measure
from drugripple.errors import Fault, TableError, counted, first_five
from drugripple.sources.user.response_columns import ResponseColumns
from drugripple.sources.user.response_units import LARGEST_LN_IC50, measure_of

USUAL_MEDIANS = (log(1e-5), log(200.0))
"""Between these micromolar the median IC50 of a panel of drugs lies; it is 12 and 25 in GDSC1 and GDSC2."""
ENOUGH = 20
"""Fewer values than this may all be of resistant or of sensitive samples, so that nothing but a note is due."""
FAR = 10.0
"""A value that many times as large as all others is a mark of a missing one."""
FEW = 0.05
"""Of the values at most so many are marks."""
SHARES_UP_TO, PERCENT_FROM = 1.5, 5.0
PERCENT_REACHES = 40.0
"""Areas of other scales, such as CTRP's, end below."""
FACTORS = {"1,000": log(1e3), "1,000,000": log(1e6)}
NEAR = 0.01
PAIRS = 2
"""So many repeated pairs that differ by one factor are no accident."""


def refuse_implausible(
    where: str,
    columns: ResponseColumns,
    values: Float[np.ndarray, " m"],
    text: "pd.Series[str]",
    pairs: "pd.Series[str]",
    *,
    stated: bool,
) -> tuple[str, ...]:
    """What is said of values that may be of another unit.

    Args:
        where: the file.
        columns: what the values are.
        values: those in use, in their measure.
        text: as the file has them.
        pairs: sample and compound of each.
        stated: whether the user states the unit, and not the column's name.

    Raises:
        TableError: if values cannot be of the unit, or half of many are unlike it and only a name says so.
    """
    if measure_of(columns.unit).micromolar:
        _refuse_out_of_range(where, columns, values, text)
        _refuse_factors(where, columns, values, pairs)
        return _unusual(where, columns, values, stated=stated)
    _refuse_marks(where, columns, values, text)
    return ()


def _refuse_out_of_range(
    where: str, columns: ResponseColumns, values: Float[np.ndarray, " m"], text: "pd.Series[str]"
) -> None:
    wild = np.abs(values) > LARGEST_LN_IC50
    if wild.any():
        what = f"{counted(int(wild.sum()), 'value')} of {columns.value!r} cannot be {columns.unit}"
        expected = f"an IC50 within e±{LARGEST_LN_IC50:g} micromolar"
        raise TableError(Fault(where, what, got=first_five(text[wild]), expected=expected, do="state the unit"))


def _refuse_factors(
    where: str, columns: ResponseColumns, values: Float[np.ndarray, " m"], pairs: "pd.Series[str]"
) -> None:
    """Refuse pairs that were measured twice and differ by what parts two units."""
    of_pair = pd.Series(values).groupby(pairs.to_numpy())
    apart = of_pair.max() - of_pair.min()
    for factor, distance in FACTORS.items():
        found = apart.index[(apart - distance).abs() < NEAR].tolist()
        if len(found) >= PAIRS:
            what = (
                f"{counted(len(found), 'pair')} of {columns.value!r} stand twice, with values that differ by {factor}"
            )
            raise TableError(Fault(where, what, first_five(found), do="write all values in one unit"))


def _unusual(where: str, columns: ResponseColumns, values: Float[np.ndarray, " m"], *, stated: bool) -> tuple[str, ...]:
    """A note on a median that no panel has, or a refusal where values are many and nobody states the unit."""
    median = float(np.median(values))
    low, high = USUAL_MEDIANS
    if low <= median <= high:
        return ()
    side = "above" if median > high else "below"
    what = f"half of the values of {columns.value!r} lie {side} {exp(median):,.3g} micromolar, read as {columns.unit}"
    if stated or len(values) < ENOUGH:
        return (what,)
    do = f"state the unit that they have, or unit {columns.unit!s} if that is right"
    raise TableError(Fault(where, what, do=do))


def _refuse_marks(
    where: str, columns: ResponseColumns, values: Float[np.ndarray, " m"], text: "pd.Series[str]"
) -> None:
    """Refuse areas below zero or on two scales, and few values far larger than all others."""
    area = measure_of(columns.unit) is Measure.AUC
    size = np.sort(np.abs(values))
    marks = max(1, int(FEW * len(size)))
    steps = np.flatnonzero(size[1:] > FAR * np.maximum(size[:-1], 1.0))
    far = size[steps[0] + 1] if len(steps) and len(size) - steps[0] - 1 <= marks else np.inf
    odd = (np.abs(values) >= far) | (area & (values < 0))
    if odd.any():
        what = f"{counted(int(odd.sum()), 'value')} of {columns.value!r} cannot be {columns.unit}"
        expected = "areas of zero or more" if area else "values of one size"
        raise TableError(
            Fault(where, what, first_five(text[odd]), expected, "leave them blank where nothing was measured")
        )
    low, high = values <= SHARES_UP_TO, values >= PERCENT_FROM
    if area and low.any() and high.any() and (low | high).all() and values.max() > PERCENT_REACHES:
        what = f"the values of {columns.value!r} are of two scales, shares and percent"
        got = first_five([*text[low][:2], *text[high][:2]])
        raise TableError(Fault(where, what, got, do="write all of them as shares or as percent"))
