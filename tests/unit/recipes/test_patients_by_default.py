"""Patients and the default model: drugs by name, linear expression, and tumours that the transfer moved."""

import numpy as np
import pandas as pd
import pytest

from drugripple.data.tables import ExpressionScale, ExpressionTable
from drugripple.errors import GeneSpaceError, ScaleError
from drugripple.genes.scaling import RobustScaler
from drugripple.genes.space import GeneSpace
from drugripple.predict.load import load_default
from drugripple.predict.own_samples import OwnSamples
from drugripple.predict.samples import TrainedScale, require_own_genes
from drugripple.recipes.patients import PatientsRun, of_loaded, run_patients


@pytest.fixture
def cohort(tmp_path, tidy_folder):
    """Linear expression of twelve tumours, and answers to one drug by its name alone."""
    lines = pd.read_csv(tidy_folder / "own_samples.csv", index_col=0).head(12)
    lines.index = [f"P{i}" for i in range(12)]
    np.exp2(lines.clip(-3, 3) + 5).to_csv(tmp_path / "tumours.csv")
    drug = pd.read_csv(tidy_folder / "own_compounds.csv").iloc[0, 0]
    answers = pd.DataFrame({"patient": lines.index, "drug": drug, "response": ["CR", "PD"] * 6})
    answers.to_csv(tmp_path / "answers.csv", index=False)
    return tmp_path


def test_drugs_go_by_name_and_expression_may_be_linear(cohort, small_default_model):
    done = run_patients(
        PatientsRun(
            expression=cohort / "tumours.csv", response=cohort / "answers.csv", model=small_default_model,
            out=cohort / "out", more_than=5, draws=10,
        )
    )  # fmt: skip
    assert done.drugs["responders"].tolist() == [6]
    assert done.left_out.empty


def test_tumours_that_were_moved_are_not_judged_by_their_levels(small_default_model, monkeypatch):
    """Levels are training's by construction; long tails of z-scores looked like genes of several scales."""
    model = load_default(small_default_model)

    def refuse(*_):
        raise ScaleError("some genes are on another scale than others")

    monkeypatch.setattr("drugripple.predict.own_samples.at_training_levels", refuse)
    tumours, compounds = model.training.take(np.arange(3)), model.training_compounds.take(np.arange(2))
    assert of_loaded(model)(tumours, compounds).shape == (3, 2)
    with pytest.raises(ScaleError):
        OwnSamples.of(model.calibrated.predictor.traits, tumours)


def test_tumours_are_judged_by_their_levels_before_they_are_moved(cohort, small_default_model, monkeypatch):
    """A transfer gene by gene gives values under wrong genes the levels of training, too."""
    seen = []

    def refuse(_, tumours):
        seen.append(tumours)
        message = "values do not belong to their genes"
        raise GeneSpaceError(message)

    monkeypatch.setattr("drugripple.recipes.patients.models.at_training_levels", refuse)
    run = {"expression": cohort / "tumours.csv", "response": cohort / "answers.csv", "model": small_default_model}
    with pytest.raises(GeneSpaceError, match="values do not belong to their genes"):
        run_patients(PatientsRun.model_validate(run | {"out": cohort / "out"}))
    assert seen[0].scale == ExpressionScale.LOG2_SEQUENCING
    z = pd.read_csv(cohort / "tumours.csv", index_col=0)
    ((z - z.mean()) / z.std()).to_csv(cohort / "z.csv")
    run_patients(PatientsRun.model_validate(run | {"expression": cohort / "z.csv", "out": cohort / "out_z"}))
    assert len(seen) == 1


def test_a_network_refuses_a_cohort_under_wrong_genes_as_predict_does():
    draws = np.random.default_rng(0)
    genes = GeneSpace(tuple(f"G{i}" for i in range(400)))
    values = (draws.uniform(2, 12, 400) + draws.normal(0, 0.5, (12, 400))).astype(np.float32)
    trained = TrainedScale(genes, RobustScaler.fit(values), "rma")
    names = tuple(f"P{i}" for i in range(12))
    require_own_genes(trained, ExpressionTable(names, genes, values, ExpressionScale.LOG2_TPM))
    shifted = ExpressionTable(names, genes, np.roll(values, 150, axis=1), ExpressionScale.LOG2_TPM)
    with pytest.raises(GeneSpaceError, match="values do not belong to their genes"):
        require_own_genes(trained, shifted)
