"""Measurements of which only a bound is known: a model is told those that its answers contradict.

A bound b from below on a response f adds to the log density -(b - f)₊² / (2 noise): nothing where the answer is on the
right side, and what a measurement at the bound adds where it is not. Which bounds count is found by Newton's method:
start without any, count those that the answers contradict, condition again, until that no longer changes.

Differs: a Tobit likelihood also moves an answer that is on the right side, but nearer to the bound than the noise. And
bounds that count spread less than responses do, from which the spread of a new compound is learnt (τ in
`told_compounds.py`): in 30 drawn samples, of which 9 to 18 had bounds, deviations were a tenth to a fifth too small.
"""

from dataclasses import replace

import numpy as np
from jaxtyping import Bool

from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.errors import counted
from drugripple.predictors.calibrated import CalibratedPredictor
from drugripple.runtime.notes import tell
from drugripple.sources.user.responses import BoundedResponses


def conditioned_with_bounds(model: CalibratedPredictor, told: BoundedResponses) -> CalibratedPredictor:
    """The model that knows the measurements, and counts as measured the bounds that it would otherwise contradict.

    How many bounds count is told (`drugripple.runtime.notes`).
    """
    found, counts = _conditioned(model, told)
    tell(bound_notes(counts))
    return found


def _conditioned(
    model: CalibratedPredictor, told: BoundedResponses
) -> tuple[CalibratedPredictor, Bool[np.ndarray, " b"]]:
    counts, tried = np.zeros(len(told.bounds), dtype=bool), set[bytes]()
    while True:
        known = _together(told.table, told.bounds.take(np.flatnonzero(counts)))
        conditioned = model.condition(known) if len(known) else model
        tried.add(counts.tobytes())
        if not len(told.bounds):
            return conditioned, counts
        answer = conditioned.predict(told.bounds.pairs)
        beyond = np.where(told.above, answer < told.bounds.values, answer > told.bounds.values)
        if beyond.tobytes() in tried:
            return conditioned, counts
        counts = beyond


def bound_notes(counts: Bool[np.ndarray, " b"]) -> tuple[str, ...]:
    """What became of the bounds; empty where there are none.

    >>> bound_notes(np.array([True, False, False]))
    ('1 of 3 bounds counts as a measurement at the bound; the model agrees with the others as it is',)
    """
    number, every = int(counts.sum()), len(counts)
    if not every:
        return ()
    what = counted(every, "bound")
    if not number:
        return (f"the model agrees with {what} as it is",)
    verb = "counts as a measurement" if number == 1 else "count as measurements"
    rest = "; the model agrees with the others as it is" if number < every else ""
    return (f"{number:,} of {what} {verb} at the bound{rest}",)


def _together(one: ResponseTable, other: ResponseTable) -> ResponseTable:
    """The rows of two tables of the same samples and compounds."""
    rows = [np.concatenate(pair) for pair in zip(_rows(one), _rows(other), strict=True)]
    return replace(one, pairs=Pairs(one.expression, one.compounds, rows[0], rows[1]), values=rows[2])


def _rows(table: ResponseTable) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return table.sample_row, table.compound_row, table.values
