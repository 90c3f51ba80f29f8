"""Intervals of a fitted model: the difficulty that is learnt of a compound is that compound's, in any table."""

from dataclasses import replace

import numpy as np
import pytest

from drugripple.data.pair_kind import KINDS, PairKind
from drugripple.predictors.calibrated import OutOfFold, calibrate

from .test_predictor import make_responses
from .test_told_compounds import fitted


@pytest.mark.parametrize("hard", [0, 4, 7])
def test_a_compound_that_is_missed_by_more_has_wider_intervals_wherever_it_stands(hard):
    """Tables of a user's order, of training's and of the model's number compounds in three ways."""
    responses = make_responses()
    known = responses.take(np.flatnonzero((responses.sample_row < 34) & (responses.compound_row < 8)))
    errors = np.random.default_rng(0).normal(size=len(known)) * np.where(known.compound_row == hard, 6.0, 1.0)
    rows, kind = np.arange(len(known)), np.full(len(known), KINDS.index(PairKind.KNOWN))
    unseen = OutOfFold(rows, rows % 3, kind, known.values - errors, np.ones(len(known)))
    calibrated = calibrate(fitted(responses), known, unseen, {})
    asked = known.take(np.flatnonzero(known.sample_row == 5)[::-1]).pairs
    order = np.random.default_rng(1).permutation(len(responses.compounds))
    asked = replace(asked, compounds=asked.compounds.take(order), compound_row=np.argsort(order)[asked.compound_row])
    found = calibrated.predict_interval(asked)
    assert set(found.kind.tolist()) == {kind[0]}
    wide = found.half_width / found.deviation
    (place,) = np.flatnonzero(order[asked.compound_row] == hard)
    others = np.delete(wide, place)
    assert wide[place] > 2 * others.max()
    assert others.max() < 1.5 * others.min()
