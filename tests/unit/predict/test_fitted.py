"""A fitted predictor of the catalogue is asked on the scale that it was fitted on, whatever scale a user has."""

from dataclasses import replace

import numpy as np
import pytest

from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.errors import CheckpointError, GeneSpaceError, ScaleError
from drugripple.genes.space import GeneSpace
from drugripple.predict.fitted import FittedModel, TrainedOn, load_fitted_model
from drugripple.predictors.ridge import Ridge

SMILES = ("CCO", "CCCO", "c1ccccc1", "CC(=O)O")
LINES, GENES = 29, 11


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    values = (8 + rng.normal(size=(LINES, GENES)) * rng.uniform(0.5, 2, size=GENES)).astype(np.float32)
    expression = ExpressionTable(
        tuple(f"L{i}" for i in range(LINES)), GeneSpace(tuple(f"G{i}" for i in range(GENES))), values,
        ExpressionScale.RMA,
    )  # fmt: skip
    sample, compound = (part.ravel() for part in np.indices((LINES, len(SMILES))))
    y = values[sample, 0] + compound + 0.1 * rng.normal(size=len(sample))
    return ResponseTable.of(expression, CompoundTable.from_smiles(SMILES), sample, compound, y)


@pytest.fixture(scope="module")
def model(table):
    predictor = Ridge()
    predictor.fit(table, table, seed=0)
    return FittedModel(predictor, TrainedOn.of(table, predictor))


def test_training_samples_are_answered_as_the_predictor_answers_them(model, table):
    told = model.predict(table.expression, table.compounds)
    np.testing.assert_allclose(told["ln_ic50"], model.predictor.predict(table.pairs), atol=1e-4)
    assert told["sample_seen"].all()
    assert told["compound_seen"].all()
    assert model.predict(table.expression, np.array(SMILES))["ln_ic50"].tolist() == told["ln_ic50"].tolist()
    assert "scaled by the training's medians" in told.attrs["notes"][-1]


def test_a_cohort_on_another_scale_is_brought_to_that_of_training_by_its_own_medians(model, table):
    """The same samples under new names, twice as wide and shifted: by their own medians they are the same."""
    other = replace(
        table.expression, samples=tuple(f"new {i}" for i in range(LINES)), values=2 * table.expression.values - 5,
        scale=ExpressionScale.LOG2_TPM,
    )  # fmt: skip
    told = model.predict(other, table.compounds)
    np.testing.assert_allclose(told["ln_ic50"], model.predictor.predict(table.pairs), atol=1e-3)
    assert not told["sample_seen"].any()
    assert f"scaled by the medians of its own {LINES} samples: it is log2_tpm, the ridge learnt rma" in str(
        told.attrs["notes"]
    )


def test_few_samples_on_another_scale_are_refused(model, table):
    few = replace(table.expression.take(np.arange(3)), scale=ExpressionScale.LOG2_TPM)
    with pytest.raises(ScaleError, match="3 samples are too few for medians of their own"):
        model.predict(few, table.compounds)


def test_a_gene_that_was_not_measured_is_refused_or_counts_as_typical(model, table):
    fewer = table.expression.restrict(GeneSpace(tuple(f"G{i}" for i in range(GENES - 1))))
    with pytest.raises(GeneSpaceError, match=r"1 of the ridge's 11 genes are not in the expression table: \['G10'\]"):
        model.predict(fewer, table.compounds)
    told = model.samples(fewer, missing="median")
    np.testing.assert_allclose(told.values[:, -1], np.median(table.expression.values[:, -1]), rtol=1e-6)


def test_a_saved_model_answers_the_same_and_an_altered_one_is_refused(model, table, tmp_path):
    model.save(tmp_path / "run" / "fitted")
    again = load_fitted_model(tmp_path / "run")
    new = ["CCCCCN", "CCO"]
    told, expected = (one.predict(table.expression, new) for one in (again, model))
    np.testing.assert_array_equal(told["ln_ic50"], expected["ln_ic50"])
    assert told["compound_seen"].tolist() == [False, True] * LINES
    state = tmp_path / "run" / "fitted" / "trained" / "state.json"
    state.write_text(state.read_text().replace("1", "2", 1))
    with pytest.raises(CheckpointError, match="altered"):
        load_fitted_model(tmp_path / "run")
