"""Predictions of hidden rows for the default model: blind to what is hidden, and kept where they were asked for."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from drugripple.config import make_run
from drugripple.evaluation.every_kind import every_kind_folds
from drugripple.evaluation.leaks.compound_twins import molecule_numbers
from drugripple.predictors.multi_trait_gp.predictor import MultiTraitGP
from drugripple.predictors.multi_trait_gp.settings import MultiTraitSettings
from drugripple.recipes.default_model.out_of_fold import predict_out_of_fold
from drugripple.sources.study import read_study
from drugripple.sources.study_settings import StudySettings


@pytest.fixture(scope="module")
def table(tidy_folder):
    files = {"responses": "responses.csv", "expression": "own_samples.csv", "compounds": "own_compounds.csv"}
    given = {key: tidy_folder / name for key, name in files.items()}
    return read_study(make_run(StudySettings, given, "a test")).table


def predicted(table, folder, make=MultiTraitGP):
    folds = every_kind_folds(table.sample_row, molecule_numbers(table.compounds)[table.compound_row], folds=3)[:1]
    settings = MultiTraitSettings.model_validate({"structure": "fingerprint", "max_steps": 2})
    return folds[0], predict_out_of_fold(lambda: make(settings), table, folds, folder, seed=0, workers=1)


def test_hidden_values_change_no_prediction_out_of_fold(table, tmp_path):
    fold, clean = predicted(table, tmp_path / "clean")
    poisoned = table.values.copy()
    poisoned[fold.test] = 1e6
    _, found = predicted(replace(table, values=poisoned), tmp_path / "poisoned")
    np.testing.assert_array_equal(found.mean, clean.mean)
    np.testing.assert_array_equal(found.deviation, clean.deviation)


def test_predictions_are_kept_where_asked_whatever_folder_their_process_is_in(table, tmp_path, monkeypatch):
    """Processes of a pool stay in the folder that they were started from."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)

    def elsewhere(settings):
        os.chdir(tmp_path / "elsewhere")
        return MultiTraitGP(settings)

    predicted(table, Path("kept"), elsewhere)
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["0.parquet"]
