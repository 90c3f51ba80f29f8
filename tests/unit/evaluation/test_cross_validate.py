"""Cross-validation in one call: the scores are those of predictions made by hand on the same folds."""

import numpy as np
import pytest

import drugripple as dr
from drugripple.data.synthetic import synthetic_world
from drugripple.errors import ConfigError, TrainingError
from drugripple.evaluation.split_settings import SplitSettings
from drugripple.predictors.naive import MeanEffects
from drugripple.recipes.folds import MeasuredRows, divide
from drugripple.sources.public.tidy import read_gdsc


class Broken(MeanEffects):
    def fit(self, *_, **__):
        message = "on purpose"
        raise ValueError(message)


@pytest.fixture(scope="module")
def table():
    return synthetic_world(0).response


@pytest.mark.parametrize("scheme", ["cell_blind", "drug_blind"])
def test_scores_are_those_of_the_folds_of_a_benchmark(table, scheme):
    scores = dr.evaluation.cross_validate({"mean_effects": MeanEffects}, table, scheme=scheme, folds=4, seed=3)
    rows, kind = MeasuredRows(table, None, None), dr.Scheme(scheme)
    folds = divide(rows, SplitSettings(folds=4, seed=3), [kind])[kind]
    expected = []
    for fold in folds:
        model = MeanEffects()
        model.fit(table.take(fold.train), table.take(fold.valid), seed=3)
        test = table.take(fold.test)
        expected.append(np.sqrt(np.mean((model.predict(test.pairs) - test.values) ** 2)))
    found = scores[scores["metric"] == "rmse"].sort_values("fold")
    np.testing.assert_allclose(found["value"], expected, rtol=1e-12)
    assert found["scheme"].unique().tolist() == [scheme]


def test_predictions_are_kept_where_a_folder_is_named(table, tmp_path):
    makers = dr.predictors.makers("mean_effects", "ridge")
    first = dr.evaluation.cross_validate(makers, table, folds=3, folder=tmp_path)
    assert len(list(tmp_path.rglob("*.parquet"))) == 6
    again = dr.evaluation.cross_validate(
        {"mean_effects": Broken, "ridge": Broken}, table, folds=3, folder=str(tmp_path)
    )
    assert first.equals(again)


def test_a_model_that_fails_is_named(table):
    with pytest.raises(
        TrainingError, match=r"3 of 6 trainings failed: \['broken cell_blind fold 0: ValueError: on purpose'"
    ):
        dr.evaluation.cross_validate({"mean_effects": MeanEffects, "broken": Broken}, table, folds=3)
    with pytest.raises(ConfigError, match="'blind' is no scheme"):
        dr.evaluation.cross_validate({"mean_effects": MeanEffects}, table, scheme="blind")
    with pytest.raises(ConfigError, match=r"\['rigde'\] are not in the catalogue"):
        dr.predictors.makers("rigde")


def test_public_sets_are_read_by_name(tidy_folder):
    assert len(dr.datasets.gdsc2(str(tidy_folder))) == len(read_gdsc(tidy_folder, "GDSC2").table)
