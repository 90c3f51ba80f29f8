from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from drugripple.chem.fingerprint import morgan
from drugripple.data.synthetic import synthetic_world
from drugripple.predictors import profile_baselines as baselines


@pytest.fixture(scope="module")
def table():
    """Doses, times and weights all differ, so that none of them can be forgotten."""
    made = synthetic_world(3, genes=29, lines=11, compounds=7).perturbations
    rng = np.random.default_rng(0)
    hours = rng.choice([6.0, 24.0], size=len(made))
    return replace(made, hours=hours, weight=rng.uniform(0.2, 2.0, size=len(made)))


@pytest.fixture
def parts(table, monkeypatch):
    """Training rows that do not fill a whole number of blocks, and the rest."""
    monkeypatch.setattr(baselines, "BLOCK", 5)
    rows = np.random.default_rng(1).permutation(len(table))
    return rows[:113], rows[113:]


def test_ridge_by_compound_is_scikit_learns_ridge_on_every_profile(table, parts):
    train, test = parts
    basal = table.basal.values[table.basal_row]
    bits = morgan(table.compounds.molecules)[table.compound_row]
    features = np.column_stack([bits, np.log(table.dose_um), np.log(table.hours)]).astype(np.float64)
    model = Ridge(alpha=baselines.RIDGE).fit(
        features[train], (table.treated - basal)[train], sample_weight=table.weight[train]
    )
    given = baselines.ridge_on_fingerprints(table, train)(test)
    np.testing.assert_allclose(given, basal[test] + model.predict(features[test]), atol=1e-5)
    assert np.abs(given - basal[test]).max() > 0.01


def test_training_mean_is_the_mean_change_of_training_rows_alone(table, parts):
    train, test = parts
    change = (table.treated - table.basal.values[table.basal_row])[train].mean(axis=0)
    given = baselines.training_mean(table, train)(test) - baselines.no_change(table, train)(test)
    np.testing.assert_allclose(given, np.broadcast_to(change, given.shape), atol=1e-6)
