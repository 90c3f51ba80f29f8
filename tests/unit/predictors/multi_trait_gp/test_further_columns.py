from dataclasses import replace

import numpy as np
import pytest

from drugripple.data.auxiliary_study import AuxiliaryStudy
from drugripple.data.measure import Measure
from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.genes.space import GeneSpace
from drugripple.predictors.multi_trait_gp.further_columns import further_columns
from drugripple.predictors.multi_trait_gp.predictor import MultiTraitGP
from drugripple.predictors.multi_trait_gp.settings import MultiTraitSettings, Structure

OURS = ("CCO", "CCCO", "CCCCO", "c1ccccc1", "Cc1ccccc1", "CC(=O)O")
THEIRS = ("CCCO.Cl", "CCN", "CCCN", "CCCCN", "CCCCCN", "CC(=O)O")
LINES = tuple(f"line{i:02}" for i in range(30))
SETTINGS = MultiTraitSettings(structure=Structure.FINGERPRINT, refit=False)


@pytest.fixture(scope="module")
def state():
    return np.random.default_rng(1).standard_normal((len(LINES), 2))


@pytest.fixture(scope="module")
def responses(state):
    """Responses follow a state that genes show."""
    generator = np.random.default_rng(2)
    shown = state @ generator.standard_normal((2, 60)) + 0.3 * generator.standard_normal((30, 60))
    expression = ExpressionTable(LINES, GeneSpace(tuple(f"G{i}" for i in range(60))), shown, ExpressionScale.RMA)
    values = state[:, :1] + 0.5 * generator.standard_normal((30, len(OURS)))
    sample, compound = np.indices(values.shape)
    return ResponseTable.of(
        expression, CompoundTable.from_smiles(OURS), sample.ravel(), compound.ravel(), values.ravel()
    )


@pytest.fixture(scope="module")
def study(state):
    values = state[:, :1] + 0.1 * np.random.default_rng(3).standard_normal((30, len(THEIRS))) + 5
    sample, compound = np.indices(values.shape)
    names = tuple(LINES[i] for i in sample.ravel())
    return AuxiliaryStudy(
        "other", CompoundTable.from_smiles(THEIRS), names, compound.ravel(), values.ravel(), measure=Measure.LN_IC50
    )


def fitted(table, *studies, settings=SETTINGS):
    model = MultiTraitGP(settings, auxiliary=studies)
    model.fit(table, table.take(np.arange(0)), seed=0)
    return model


def test_columns_are_the_compounds_that_our_table_does_not_name(responses, study):
    found = further_columns(study, responses.compounds, LINES, Measure.LN_IC50)
    assert found.compounds.smiles == THEIRS[1:5]
    row = np.flatnonzero((study.compound_row == 2) & (np.array(study.samples) == "line04"))
    assert found.grid.values[4, 1] == study.values[row[0]]
    assert found.grid.measured.all()


def test_a_study_in_another_unit_adds_no_columns(responses, study):
    other = replace(study, measure=Measure.AUC)
    assert further_columns(other, responses.compounds, LINES, Measure.LN_IC50) is None
    assert further_columns(replace(study, measure=None), responses.compounds, LINES, Measure.LN_IC50) is None


def test_a_compound_that_few_training_samples_were_measured_with_is_left_out(responses, study):
    kept = ~((study.compound_row == 3) & (np.array(study.samples) > "line01"))
    names = tuple(np.array(study.samples)[kept].tolist())
    some = replace(study, samples=names, compound_row=study.compound_row[kept], values=study.values[kept])
    found = further_columns(some, responses.compounds, LINES, Measure.LN_IC50)
    assert found.compounds.smiles == (*THEIRS[1:3], THEIRS[4])


def test_they_tell_what_new_samples_are_like(responses, study):
    """Twenty training lines with one noisy measurement each; ten new lines."""
    known = np.flatnonzero((responses.sample_row < 20) & ((responses.sample_row + responses.compound_row) % 6 == 0))
    new = responses.take(np.flatnonzero(responses.sample_row >= 20))
    without, with_them = (
        np.sqrt(((fitted(responses.take(known), *studies).predict(new.pairs) - new.values) ** 2).mean())
        for studies in ((), (study,))
    )
    assert with_them < without - 0.1


def test_known_samples_are_told_as_without_them(responses, study):
    train = responses.take(np.flatnonzero(responses.sample_row < 24))
    known = responses.take(np.flatnonzero(responses.sample_row < 24)).pairs
    assert np.array_equal(fitted(train, study).predict(known), fitted(train).predict(known))


def test_they_are_left_out_where_validation_asks_about_known_samples_only(responses, study):
    train, valid = (responses.take(np.flatnonzero(responses.compound_row % 3 == part)) for part in (0, 1))
    models = [MultiTraitGP(SETTINGS, auxiliary=studies) for studies in ((study,), ())]
    for model in models:
        model.fit(train, valid, seed=0)
    one, other = (model.predict(responses.pairs) for model in models)
    assert np.array_equal(one, other)


def test_hidden_samples_and_hidden_compounds_of_the_study_change_nothing(responses, study):
    """Samples from 24 on and the last compound have no training row: new lines, new compounds, both."""
    train = responses.take(np.flatnonzero((responses.sample_row < 24) & (responses.compound_row < 5)))
    hidden = (np.array(study.samples) >= "line24") | (study.compound_row == 5)
    poisoned = replace(study, values=np.where(hidden, 1e6, study.values))
    one, other = (fitted(train, some).predict_with_sd(responses.pairs) for some in (study, poisoned))
    assert np.array_equal(one, other)


def test_hidden_pairs_of_known_samples_and_compounds_change_nothing(responses, study):
    """A compound that both studies have never becomes a column, so its pairs in the other study say nothing of ours."""
    train = responses.take(np.flatnonzero((responses.sample_row + responses.compound_row) % 3 > 0))
    poisoned = replace(study, values=np.where(study.compound_row == 0, 1e6, study.values))
    one, other = (fitted(train, some).predict(responses.pairs) for some in (study, poisoned))
    assert np.array_equal(one, other)


def test_measuring_and_suggesting_stay_with_training_compounds(responses, study, tmp_path):
    model = fitted(responses.take(np.flatnonzero(responses.sample_row < 24)), study)
    new = responses.expression.take(np.arange(24, 27))
    suggested = model.next_experiments(new, 6)
    assert all(sorted(names) == sorted(OURS) for names in suggested.values())
    told = model.condition(responses.take(np.flatnonzero((responses.sample_row == 25) & (responses.compound_row == 1))))
    assert not np.array_equal(told.predict(responses.pairs), model.predict(responses.pairs))
    told.save(tmp_path / "model")
    again = MultiTraitGP.load(tmp_path / "model")
    assert np.array_equal(again.predict(responses.pairs), told.predict(responses.pairs))
