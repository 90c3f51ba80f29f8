"""Whether values of responses can be what their column says: wrong units, marks of missing values, mixed scales."""

from collections.abc import Iterator
from math import exp, log

import numpy as np
import pandas as pd
from jaxtyping import Float

from drugripple.data.measure import Measure
from drugripple.errors import counted, first_five
from drugripple.sources.user.findings import Finding, Level, Topic, problem
from drugripple.sources.user.response_conversion import measure_of
from drugripple.sources.user.response_units import LARGEST_LN_IC50
from drugripple.sources.user.response_value_column import ValueColumn

USUAL_MEDIANS = (log(1e-5), log(200.0))
"""Bounds of the ln of a drug panel's median IC50 in micromolar; the median is 12 in GDSC1 and 25 in GDSC2."""
ENOUGH = 20
"""Fewer values than this may all be of resistant or of sensitive samples, so that nothing but a note is due."""
FAR = 10.0
"""A value that many times as large as all others is a mark of a missing one."""
FEW = 0.05
"""Largest share of the values that can be marks of missing ones."""
SHARES_UP_TO, PERCENT_FROM = 1.5, 5.0
PERCENT_REACHES = 40.0
"""Areas of other scales, such as CTRP's, end below."""
FACTORS = {"1,000": log(1e3), "1,000,000": log(1e6)}
NEAR = 0.01
PAIRS = 2
"""Fewer repeated pairs that differ by one factor may be an accident, and more where many differ by about as much."""
WIDER = 50
"""How many times as far from a factor the pairs lie that tell what is accident."""
ACCIDENT = 1e-3
"""How improbable so many pairs must be among those around, to be no accident."""


def implausible(
    column: ValueColumn,
    values: Float[np.ndarray, " m"],
    text: "pd.Series[str]",
    pairs: "pd.Series[str]",
    *,
    stated: bool,
) -> Iterator[Finding]:
    """What is said of values that may be of another unit: a problem if they cannot be of this one.

    Where half of many values are unlike the unit and only a name says it, that is a problem, too; else a note.

    Args:
        column: what the values are.
        values: those in use, in their measure.
        text: as the file has them.
        pairs: sample and compound of each.
        stated: whether the user states the unit, and not the column's name.
    """
    concentrations = bool(measure_of(column.unit).micromolar)
    impossible = tuple((_out_of_range if concentrations else _marks)(column, values, text))
    yield from impossible
    if not impossible and concentrations:
        yield from _factors_apart(column, values, pairs)
        yield from _unusual(column, values, stated=stated)
    elif not impossible:
        yield from _two_scales(column, values, text)


def _out_of_range(column: ValueColumn, values: Float[np.ndarray, " m"], text: "pd.Series[str]") -> Iterator[Finding]:
    wild = np.abs(values) > LARGEST_LN_IC50
    if wild.any():
        expected = f"an IC50 within e±{LARGEST_LN_IC50:g} micromolar"
        yield column.cannot_hold(text[wild], expected, "state the unit")


def _factors_apart(column: ValueColumn, values: Float[np.ndarray, " m"], pairs: "pd.Series[str]") -> Iterator[Finding]:
    """The problem of pairs that were measured twice and differ by what parts two units; a note where it may be chance.

    Pairs that differ by about as much tell the rate r of accidents; n pairs have P(N >= n), N ~ Poisson(r).
    """
    from scipy.stats import poisson  # takes long to import

    of_pair = pd.Series(values).groupby(pairs.to_numpy())
    apart = of_pair.max() - of_pair.min()
    for factor, distance in FACTORS.items():
        off = (apart - distance).abs()
        found = tuple(apart.index[off < NEAR])
        if not found:
            continue
        by_chance = ((off >= NEAR) & (off < WIDER * NEAR)).sum() / (WIDER - 1)
        stand = counted(len(found), f"pair of {column.name!r} stands", f"pairs of {column.name!r} stand")
        what = f"{stand} twice, with values that differ by {factor}"
        if len(found) >= PAIRS and poisson.sf(len(found) - 1, by_chance) < ACCIDENT:
            yield problem(Topic.VALUES, what, got=first_five(found), do="write all values in one unit")
        else:
            text = f"{what}, maybe by accident: {first_five(found)}"
            yield Finding(Level.NOTE, Topic.VALUES, text, "see whether they are in one unit", names=found)


def _unusual(column: ValueColumn, values: Float[np.ndarray, " m"], *, stated: bool) -> Iterator[Finding]:
    """A note on a median that no panel has, or a problem where values are many and nobody states the unit."""
    median = float(np.median(values))
    low, high = USUAL_MEDIANS
    if low <= median <= high:
        return
    side = "above" if median > high else "below"
    what = f"half of the values of {column.name!r} lie {side} {exp(median):,.3g} micromolar, read as {column.unit}"
    if stated or len(values) < ENOUGH:
        yield Finding(Level.NOTE, Topic.VALUES, what)
    else:
        do = f"state the unit that they have, or unit {column.unit!s} if that is right"
        yield problem(Topic.VALUES, what, do=do)


def _marks(column: ValueColumn, values: Float[np.ndarray, " m"], text: "pd.Series[str]") -> Iterator[Finding]:
    """The problem of areas below zero, and of few values far larger than all others."""
    area = measure_of(column.unit) is Measure.AUC
    size = np.sort(np.abs(values))
    marks = max(1, int(FEW * len(size)))
    steps = np.flatnonzero(size[1:] > FAR * np.maximum(size[:-1], 1.0))
    far = size[steps[0] + 1] if len(steps) and len(size) - steps[0] - 1 <= marks else np.inf
    odd = (np.abs(values) >= far) | (area & (values < 0))
    if odd.any():
        expected = "areas of zero or more" if area else "values of one size"
        yield column.cannot_hold(text[odd], expected, "leave them blank where nothing was measured")


def _two_scales(column: ValueColumn, values: Float[np.ndarray, " m"], text: "pd.Series[str]") -> Iterator[Finding]:
    """The problem of areas of which some are shares and some percent."""
    low, high = values <= SHARES_UP_TO, values >= PERCENT_FROM
    area = measure_of(column.unit) is Measure.AUC
    if area and low.any() and high.any() and (low | high).all() and values.max() > PERCENT_REACHES:
        what = f"the values of {column.name!r} are of two scales, shares and percent"
        got = first_five([*text[low][:2], *text[high][:2]])
        yield problem(Topic.VALUES, what, got=got, do="write all of them as shares or as percent")
