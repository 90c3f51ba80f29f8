"""Likeness within mechanisms, distances without responses, and mean maps in closed form."""

import numpy as np
import pytest
import torch

from drugripple.data.planted import planted_world
from drugripple.data.synthetic import synthetic_world
from drugripple.errors import TableError
from drugripple.interpretation.compound_maps import MeanMaps
from drugripple.interpretation.maps import mean_from_factors
from drugripple.interpretation.mechanism import CATEGORIES, category_of, given, likeness
from drugripple.interpretation.zero_shot import compare_distances, partial_rank
from drugripple.model.attention import GeneAttention
from drugripple.model.settings import PerturbationSettings


def test_a_mean_map_in_closed_form_is_the_mean_of_all_maps():
    prior = synthetic_world(0).prior
    torch.manual_seed(0)
    attention = GeneAttention(prior, PerturbationSettings(hidden=7))
    basal, condition = torch.randn(11, len(prior.genes)), torch.randn(len(prior.genes))
    found = MeanMaps.of(attention, prior.genes, basal.numpy()).map(condition.numpy(), "x")
    whole = attention.attention_matrix(basal, condition.expand_as(basal)).mean(0).detach()
    np.testing.assert_allclose(found.scores, whole, atol=1e-4)
    q = attention.query_factor(basal, condition.expand_as(basal)).detach().numpy()
    np.testing.assert_allclose(found.scores, mean_from_factors([q], prior, "x").scores, atol=1e-4)
    assert found.conditions == 11
    with pytest.raises(TableError, match="at least one sample"):
        MeanMaps.of(attention, prior.genes, basal.numpy()[:0])


def test_likeness_by_hand():
    """Pairs within: 0.9 and 0.7; across: four of 0.1. Of three ways to pair four compounds, one is as far apart."""
    similarity = np.full((4, 4), 0.1)
    similarity[0, 1] = similarity[1, 0] = 0.9
    similarity[2, 3] = similarity[3, 2] = 0.7
    found = likeness(similarity, ["a", "a", "b", "b"], draws=3000)
    assert (found.within, found.across, found.pairs_within, found.pairs_across) == pytest.approx((0.8, 0.1, 2, 4))
    assert found.median_difference == pytest.approx(0.7)
    assert found.p_value == pytest.approx(1 / 3, abs=0.03)
    with pytest.raises(TableError, match="no pairs within and across"):
        likeness(similarity, ["a"] * 4)


def test_what_structure_explains_is_taken_away():
    rng = np.random.default_rng(0)
    labels = np.repeat(list("abcd"), 6)
    tanimoto = (labels[:, None] == labels) * 0.5 + rng.uniform(0, 0.1, (24, 24))
    tanimoto = (tanimoto + tanimoto.T) / 2
    noise = rng.normal(0, 0.05, (24, 24))
    maps = 0.8 * tanimoto + noise + noise.T
    assert likeness(maps, labels.tolist(), draws=200).p_value < 0.01
    assert likeness(given(maps, tanimoto), labels.tolist(), draws=200).p_value > 0.05


def test_categories_go_by_any_spelling_and_hold_each_compound_once():
    assert category_of(["5-fluorouracil", "GDC 0810", "aspirin"]) == ("antimetabolite", "hormone", "")
    members = [member for several in CATEGORIES.values() for member in several]
    assert len(set(members)) == len(members)


def test_partial_rank_by_hand():
    """Ranks (1 2 3 4), (2 1 4 3), (1 2 4 3): r = 0.6, a = 0.8, b = 0.8; (0.6 - 0.64)/0.36."""
    found = partial_rank(np.array([1.0, 2, 3, 4]), np.array([2.0, 1, 4, 3]), np.array([1.0, 2, 4, 3]))
    assert found == pytest.approx(-0.04 / 0.36)


@pytest.mark.parametrize(("shuffled", "found"), [(False, 22), (True, 2)])
def test_sensitive_lines_move_farther_where_that_was_planted(shuffled, found):
    world = planted_world(2, shuffled=shuffled)
    table, answers = world.perturbations, world.responses
    rows = np.flatnonzero(table.dose_um == 10.0)
    basal = table.basal.values[table.basal_row[rows]]
    distance = np.linalg.norm(table.treated[rows] - basal, axis=1)
    told = compare_distances(
        distance, answers.values, answers.compound_row, np.linalg.norm(basal, axis=1), answers.compounds.names
    )
    hits = int((told.compounds["q"] < 0.05).sum())
    assert hits >= found if not shuffled else hits <= found
    assert (told.compounds["partial"].median() > 0.4) != shuffled
