"""Differential expression: by hand, against least squares, and within tissues."""

import numpy as np
import pytest
from scipy import stats

from drugripple.data.planted import planted_world
from drugripple.errors import TableError
from drugripple.genes.space import GeneSpace
from drugripple.interpretation.expression import Groups, differential, quartile_groups

GENES = GeneSpace(("A", "B", "C"))


def test_quarters_and_their_sense():
    values = np.arange(8.0)
    assert [part.tolist() for part in quartile_groups(values)] == [[0, 1], [6, 7]]
    assert [part.tolist() for part in quartile_groups(values, lower_is_sensitive=False)] == [[6, 7], [0, 1]]


def test_without_tissues_it_is_welch():
    rng = np.random.default_rng(0)
    profiles = rng.normal(size=(20, 3))
    groups = Groups(np.arange(8), np.arange(11, 20))
    found = differential(profiles, groups, GENES)
    expected = stats.ttest_ind(profiles[:8], profiles[11:], equal_var=False)
    np.testing.assert_allclose(found["p"], expected.pvalue)
    np.testing.assert_allclose(found["difference"], profiles[:8].mean(0) - profiles[11:].mean(0))


def test_within_tissues_it_is_the_coefficient_of_a_linear_model():
    rng = np.random.default_rng(1)
    profiles = rng.normal(size=(30, 3))
    tissue = [("x", "y", "z")[i % 3] for i in range(30)]
    groups = Groups(np.arange(13), np.arange(13, 30))
    found = differential(profiles, groups, GENES, tissue=tissue)
    design = np.column_stack([np.arange(30) < 13, *(np.array(tissue) == t for t in "xyz")]).astype(float)
    beta, rss = np.linalg.lstsq(design, profiles, rcond=None)[:2]
    error = np.sqrt(rss / 26 * np.linalg.inv(design.T @ design)[0, 0])
    np.testing.assert_allclose(found["t"], beta[0] / error)
    np.testing.assert_allclose(found["p"], 2 * stats.t.sf(np.abs(beta[0] / error), 26))


def test_a_difference_of_tissues_is_not_one_of_groups():
    rng = np.random.default_rng(2)
    tissue = ["a"] * 40 + ["b"] * 40
    profiles = rng.normal(size=(80, 3)) + 4 * (np.arange(80) < 40)[:, None]
    groups = Groups(np.r_[0:30, 40:50], np.r_[30:40, 50:80])
    assert (differential(profiles, groups, GENES)["q"] < 0.01).all()
    assert (differential(profiles, groups, GENES, tissue=tissue)["q"] > 0.05).all()


def test_planted_modules_move_and_shuffled_ones_do_not():
    """Where a compound acts, sensitive lines move down; the groups differ there before treatment, too: the control."""
    for shuffled, moved in ((False, True), (True, False)):
        world = planted_world(1, shuffled=shuffled)
        table = world.perturbations
        rows = np.flatnonzero((table.compound_row == 0) & (table.dose_um == 10.0))
        response = world.responses.values[world.responses.compound_row == 0]
        change = table.treated[rows] - table.basal.values[table.basal_row[rows]]
        found = differential(change, quartile_groups(response), table.basal.genes)
        hit = (found["q"] < 0.05) & (found["difference"] < 0)
        assert (hit.to_numpy()[world.module_of == 0].mean() > 0.8) == moved
        assert hit.to_numpy()[world.module_of != 0].mean() < 0.1


def test_too_few_profiles_are_refused():
    with pytest.raises(TableError, match="too few to compare"):
        differential(np.zeros((4, 3)), Groups(np.array([0]), np.array([1, 2, 3])), GENES)
