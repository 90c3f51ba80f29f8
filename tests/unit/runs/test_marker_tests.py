"""Associations within tissues are those of a linear model with a column per tissue."""

import numpy as np
import pytest
from scipy import stats

from runs.marker_tests import associations, dealt_within

GENERATOR = np.random.default_rng(0)
TISSUE = tuple("abc"[i % 3] for i in range(41))
EVENTS = GENERATOR.random((41, 5)) < 0.3
SHIFT = np.array([0.0, 5.0, -3.0])[np.arange(41) % 3]
RESPONSES = SHIFT[:, None] + 2.0 * EVENTS[:, [1]] + GENERATOR.standard_normal((41, 2))


def ordinary(marker, response, tissue):
    """Least squares with a column per tissue, written out."""
    design = np.column_stack([marker, *(np.array(tissue) == one for one in sorted(set(tissue)))]).astype(float)
    slope, squares, *_ = np.linalg.lstsq(design, response, rcond=None)
    freedom = len(response) - design.shape[1]
    error = np.sqrt(squares[0] / freedom * np.linalg.inv(design.T @ design)[0, 0])
    return slope[0], slope[0] / error, 2 * stats.t.sf(abs(slope[0] / error), freedom)


def test_effects_and_p_values_are_those_of_least_squares():
    responses = RESPONSES.copy()
    responses[3:9, 1] = np.nan
    found = associations(EVENTS, responses, TISSUE)
    for compound in (0, 1):
        rows = np.flatnonzero(np.isfinite(responses[:, compound]))
        for event in range(5):
            effect, t, p = ordinary(EVENTS[rows, event], responses[rows, compound], [TISSUE[row] for row in rows])
            assert found.effect[event, compound] == pytest.approx(effect)
            assert found.t[event, compound] == pytest.approx(t)
            assert found.p[event, compound] == pytest.approx(p)
    assert found.number[:, 0].tolist() == EVENTS.sum(axis=0).tolist()


def test_a_planted_event_is_found_in_its_direction_and_tissue_alone_is_none():
    found = associations(EVENTS, RESPONSES, TISSUE)
    assert found.p[1].max() < 1e-3
    assert found.p_towards(np.ones((5, 2)))[1].max() < 1e-3
    assert found.p_towards(-np.ones((5, 2)))[1].min() > 0.99
    of_tissue = (np.array(TISSUE) == "b").astype(float)[:, None]
    assert np.isnan(associations(of_tissue, RESPONSES, TISSUE).p).all()


def test_an_event_of_two_samples_is_not_tested():
    rare = np.zeros((41, 1))
    rare[:2] = 1
    assert np.isnan(associations(rare, RESPONSES, TISSUE).t).all()


def test_dealing_stays_within_tissues_and_moves_samples():
    order = dealt_within(TISSUE, np.random.default_rng(1))
    assert sorted(order.tolist()) == list(range(41))
    assert [TISSUE[row] for row in order] == list(TISSUE)
    assert (order != np.arange(41)).any()
