"""The regressor keeps scikit-learn's conventions, and is the network that the library fits on the same rows."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import estimator_checks

import drugripple
from drugripple.data.response import ResponseTable
from drugripple.errors import ConfigError, TableError
from drugripple.predictors.csg2a import NetworkPredictor
from drugripple.predictors.csg2a_settings import NetworkSettings
from drugripple.sources.public.tidy import read_gdsc

pytestmark = pytest.mark.filterwarnings("error")

SMALL = NetworkSettings.model_validate(
    {
        "target": "raw", "backbone": "random", "encoder": "morgan",
        "perturbation": {"hidden": 8, "fingerprint_bits": 64},
        "response": {"widths": [16, 8]},
        "training": {"batch": 32, "max_epochs": 2, "patience": 2, "learning_rate": 3e-3},
    }
)  # fmt: skip
APPLICABLE = (
    "check_estimator_cloneable", "check_estimator_tags_renamed", "check_valid_tag_types", "check_estimator_repr",
    "check_no_attributes_set_in_init", "check_mixin_order", "check_estimators_unfitted",
     "check_get_params_invariance", "check_set_params",
    "check_parameters_default_constructible",
)  # fmt: skip
"""Checks of scikit-learn that hold of any estimator, whatever its X is."""


@pytest.fixture(scope="module")
def table(tidy_folder):
    whole = read_gdsc(tidy_folder, "GDSC2").table
    part = whole.take(np.flatnonzero((whole.sample_row < 20) & (whole.compound_row < 6)))
    pairs, place = part.pairs.canonical()
    return ResponseTable(pairs, part.values[np.argsort(place)])


@pytest.fixture(scope="module")
def data(table):
    names, smiles = np.array(table.expression.samples), np.array(table.compounds.smiles)
    X = pd.DataFrame({"sample": names[table.sample_row], "smiles": smiles[table.compound_row]})
    return X, pd.Series(table.values, dtype=float)


def regressor(table, **parameters):
    return drugripple.CSG2ARegressor(table.expression, network=SMALL, **parameters)


def test_parameters_are_kept_as_given_and_cloned(table):
    estimator = regressor(table, learning_rate=1e-2, validation="drug_blind")
    assert estimator.get_params()["expression"] is table.expression
    twin = clone(estimator)
    assert twin is not estimator
    assert twin.get_params()["learning_rate"] == 1e-2
    assert twin.set_params(max_epochs=1).max_epochs == 1
    assert estimator.max_epochs is None
    assert str(estimator) == str(twin.set_params(max_epochs=None))


@pytest.mark.parametrize("check", APPLICABLE)
def test_checks_of_scikit_learn_pass_where_they_can_apply_to_pairs(check):
    getattr(estimator_checks, check)("CSG2ARegressor", drugripple.CSG2ARegressor())


def test_check_estimator_leaves_out_what_fits_numbers():
    with pytest.warns(SkipTestWarning, match="requires input"):
        checked = estimator_checks.check_estimator(drugripple.CSG2ARegressor())
    assert {one["status"] for one in checked} == {"passed"}


def test_the_same_rows_make_the_same_network(table, data):
    X, y = data
    estimator = regressor(table, random_state=3).fit(X, y)
    train, valid = estimator._held_out(estimator._pairs(X))
    assert sorted([*train, *valid]) == list(range(len(X)))
    predictor = NetworkPredictor(SMALL)
    predictor.fit(table.take(train), table.take(valid), seed=3)
    np.testing.assert_allclose(estimator.predict(X), predictor.predict(table.pairs), rtol=1e-4, atol=1e-4)
    assert estimator.score(X, y) == pytest.approx(
        1 - ((y - estimator.predict(X)) ** 2).sum() / ((y - y.mean()) ** 2).sum()
    )


def test_pairs_may_come_in_any_form_and_order(table, data):
    X, y = data
    estimator = regressor(table).fit(X, y)
    expected = estimator.predict(X)
    assert estimator.feature_names_in_.tolist() == ["sample", "smiles"]
    for form in (X.to_numpy(), list(X.itertuples(index=False)), X.to_numpy().tolist()):
        np.testing.assert_array_equal(estimator.predict(form), expected)
    np.testing.assert_array_equal(estimator.predict(X[::-1]), expected[::-1])


def test_columns_are_those_of_the_fit_by_name_and_order(table, data):
    X, y = data
    estimator = regressor(table, max_epochs=1).fit(X, y)
    for other in (X[["smiles", "sample"]], X.rename(columns={"smiles": "structure"})):
        with pytest.raises(ValueError, match="The feature names should match those that were passed during fit"):
            estimator.predict(other)
    estimator.fit(X.to_numpy(), y)
    assert not hasattr(estimator, "feature_names_in_")


def test_expression_may_be_a_path(tidy_folder, table):
    X = pd.DataFrame({"sample": ["L1", "L2"], "smiles": ["CCO", "CCN"]})
    assert len(drugripple.CSG2ARegressor(tidy_folder / "samples.csv")._pairs(X)) == 2


@pytest.mark.parametrize(("scheme", "column"), [("cell_blind", "sample"), ("drug_blind", "smiles")])
def test_held_out_pairs_are_as_blind_as_asked(table, data, scheme, column):
    X, _ = data
    estimator = regressor(table, validation=scheme, validation_fraction=0.3)
    train, valid = estimator._held_out(estimator._pairs(X))
    assert len(valid)
    assert not set(X[column].iloc[train]) & set(X[column].iloc[valid])


def test_a_salt_is_held_out_with_its_parent(table):
    salts = pd.DataFrame({"sample": [table.expression.samples[0]] * 4, "smiles": ["CCN", "CCN.Cl", "CCO", "CCC"]})
    for seed in range(8):
        estimator = regressor(table, validation="drug_blind", validation_fraction=0.34, random_state=seed)
        train, valid = estimator._held_out(estimator._pairs(salts))
        assert {0, 1} <= set(train) or {0, 1} <= set(valid)


def test_grid_search_pipelines_and_pickles_work(table, data):
    X, y = data
    search = GridSearchCV(
        make_pipeline(FunctionTransformer(lambda pairs: pairs[["sample", "smiles"]]), regressor(table, max_epochs=1)),
        {"csg2aregressor__learning_rate": [1e-6, 1e-2], "csg2aregressor__target": ["raw", "residual"]},
        cv=GroupKFold(2), scoring="neg_root_mean_squared_error", error_score="raise",
    )  # fmt: skip
    search.fit(X.assign(noise=0), y, groups=X["sample"])
    assert len(search.cv_results_["mean_test_score"]) == 4
    best = search.best_estimator_[-1]
    again = pickle.loads(pickle.dumps(best))
    np.testing.assert_array_equal(again.predict(X), best.predict(X))
    assert cross_val_predict(regressor(table, max_epochs=1), X, y, cv=2).shape == y.shape


@pytest.mark.parametrize(
    ("parameters", "error", "told"),
    [
        ({"target": "wrong"}, ConfigError, "the parameters make no network"),
        ({"validation": "disjoint"}, ConfigError, r"validation is 'disjoint', expected one of \['mixed'"),
        ({"expression": None}, ConfigError, "expression is not given"),
        ({"measure": "ic50"}, ConfigError, "'ic50' is no measure"),
    ],
)
def test_wrong_parameters_are_told_by_fit_and_not_before(table, data, parameters, error, told):
    estimator = regressor(table).set_params(**parameters)
    with pytest.raises(error, match=told):
        estimator.fit(*data)


def test_wrong_pairs_are_named(table, data):
    X, y = data
    with pytest.raises(NotFittedError):
        regressor(table).predict(X)
    with pytest.raises(TableError, match=r"1 samples of X have no expression: \['nobody'\]"):
        regressor(table).fit(X.replace(X["sample"][0], "nobody"), y)
    with pytest.raises(TableError, match="X has 1 rows that are no pair"):
        regressor(table).fit(np.array([*X.to_numpy().tolist(), ["A", 3.0]], dtype=object), [*y, 0.0])
    with pytest.raises(TableError, match="no pair can be held out: all 1 share"):
        regressor(table).fit(X[:1], y[:1])
