"""The network inside drevalpy's own experiment. Needs `drugripple[drevalpy]`, in an environment of its own."""

import warnings

import numpy as np
import pandas as pd
import pytest

from drugripple.config import make_run
from drugripple.errors import ConfigError, TrainingError
from drugripple.evaluation.leaks.compound_twins import molecule_numbers
from drugripple.evaluation.split_file import read_splits
from drugripple.integrations.drevalpy.exchange import SCHEMES, export_benchmark, import_results, rows_of, scores_of
from drugripple.integrations.drevalpy.model import drevalpy_model
from drugripple.predictors.csg2a import network_predictor
from drugripple.predictors.csg2a_settings import NetworkSettings
from drugripple.recipes.benchmark.settings import BenchmarkRun

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of what drevalpy brings with it
    drevalpy = pytest.importorskip("drevalpy", reason="drevalpy is not installed (extra `drevalpy`)")
    from drevalpy.datasets.dataset import DrugResponseDataset
    from drevalpy.datasets.splits import create_and_record_splits, validate_splits
    from drevalpy.experiment import drug_response_experiment
    from drevalpy.models import MODEL_FACTORY, MULTI_DRUG_MODEL_FACTORY
    from drevalpy.models.drp_model import DRPModel

pytestmark = pytest.mark.filterwarnings("ignore")  # drevalpy's own, and of what it brings with it
SETTINGS = {
    "backbone": "random",
    "target": "residual",
    "response": {"widths": [32, 16]},
    "training": {"learning_rate": 3e-3, "batch": 64, "max_epochs": 2},
}


@pytest.fixture(scope="module")
def material(tidy_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("drevalpy")
    asked = {"data": tidy_folder, "out": folder / "bench", "model": ("mean_effects",), "split": {"folds": 3}}
    run = make_run(BenchmarkRun, asked | {"scheme": ("mixed", "cell_blind", "disjoint")}, "test")
    return folder, run, export_benchmark(run, folder / "theirs")


@pytest.fixture
def model(tidy_folder, monkeypatch):
    made = drevalpy_model([SETTINGS | {"data": str(tidy_folder)}])
    for factory in (MODEL_FACTORY, MULTI_DRUG_MODEL_FACTORY):
        monkeypatch.setitem(factory, made.get_model_name(), made)
    return made


def read(path):
    return DrugResponseDataset.from_csv(path, dataset_name="GDSC2-drugripple")


def test_it_is_a_model_of_drevalpy(model):
    assert issubclass(model, DRPModel)
    assert not getattr(model, "__abstractmethods__", None)
    assert model.get_model_name() == "drugripple"
    assert model.early_stopping


def test_drevalpy_takes_our_folds_trains_the_network_and_we_read_what_it_predicts(material, model, monkeypatch):
    folder, run, exported = material
    theirs = folder / "theirs"
    monkeypatch.chdir(folder)
    drug_response_experiment(
        models=[model], baselines=[], response_data=read(theirs / "data/GDSC2-drugripple/GDSC2-drugripple.csv"),
        run_id="drugripple", test_mode="LCO", n_cv_splits=3, path_out=str(theirs / "results"),
        path_data=str(theirs / "data"), hyperparameter_tuning=False,
    )  # fmt: skip
    done = import_results(exported.results / "LCO", run)
    assert {job.model for job in done.added} >= {"drugripple", "NaiveMeanEffectsPredictor"}
    shown = scores_of(done, run).set_index("model")
    assert shown.loc["drugripple", "folds"] == 3
    assert shown.loc["drugripple", "rmse"] < rows_of(run).values.std()


@pytest.mark.parametrize("label", ["LPO", "disjoint"])
def test_predictions_are_those_of_our_own_predictor_on_the_same_rows(material, model, tidy_folder, label):
    """Trained through drevalpy's classes and through ours, then asked for a few lines and drugs only."""
    folder, run, exported = material
    splits, table = exported.results / label / "splits", rows_of(run)
    parts = {role: read(splits / f"cv_split_1_{role}.csv") for role in ("train", "early_stopping", "test")}
    ours = model()
    ours.build_model(model.get_hyperparameter_set()[0])
    lines = ours.load_cell_line_features(str(folder / "theirs/data"), "GDSC2-drugripple")
    drugs = ours.load_drug_features(str(folder / "theirs/data"), "GDSC2-drugripple")
    ours.train(parts["train"], lines, drugs, parts["early_stopping"])
    test = parts["test"]
    test.mask((test.cell_line_ids > min(test.cell_line_ids)) & (test.drug_ids > min(test.drug_ids)))
    got = ours.predict(test.cell_line_ids, test.drug_ids, lines, drugs)

    def rows(part):
        place = {
            (table.expression.samples[s], table.compounds.ids[c]): row
            for row, (s, c) in enumerate(zip(table.sample_row, table.compound_row, strict=True))
        }
        return np.array([place[pair] for pair in zip(part.cell_line_ids, part.drug_ids, strict=True)])

    plain = network_predictor(make_run(NetworkSettings, SETTINGS, "test"), tidy_folder)
    plain.fit(table.take(rows(parts["train"])), table.take(rows(parts["early_stopping"])), seed=0)
    np.testing.assert_allclose(got, plain.predict(table.pairs.take(rows(test))), rtol=1e-4, atol=1e-4)
    assert np.std(got) > 0
    order = np.random.default_rng(0).permutation(len(got))
    shuffled = ours.predict(test.cell_line_ids[order], test.drug_ids[order], lines, drugs)
    np.testing.assert_allclose(shuffled, got[order], rtol=1e-4, atol=1e-4)


def test_features_that_drevalpy_shuffles_change_the_predictions(material, model):
    folder, _, exported = material
    splits = exported.results / "LCO" / "splits"
    train, early = (read(splits / f"cv_split_0_{role}.csv") for role in ("train", "early_stopping"))
    ours = model()
    ours.build_model(model.get_hyperparameter_set()[0])
    lines = ours.load_cell_line_features(str(folder / "theirs/data"), "GDSC2-drugripple")
    drugs = ours.load_drug_features(str(folder / "theirs/data"), "GDSC2-drugripple")
    ours.train(train, lines, drugs, early)
    before = ours.predict(train.cell_line_ids, train.drug_ids, lines, drugs)
    moved = lines.copy()
    moved.randomize_features("gene_expression", "permutation")
    assert np.abs(ours.predict(train.cell_line_ids, train.drug_ids, moved, drugs) - before).max() > 1e-4


def test_early_stopping_without_rows_is_refused(material, model):
    folder, _, exported = material
    train = read(exported.results / "LCO/splits/cv_split_0_train.csv")
    ours = model()
    lines = ours.load_cell_line_features(str(folder / "theirs/data"), "GDSC2-drugripple")
    drugs = ours.load_drug_features(str(folder / "theirs/data"), "GDSC2-drugripple")
    with pytest.raises(TrainingError, match="no rows for early stopping"):
        ours.train(train, lines, drugs, None)
    with pytest.raises(TrainingError, match="call train first"):
        ours.predict(train.cell_line_ids, train.drug_ids, lines, drugs)


@pytest.mark.parametrize(
    ("settings", "name", "complaint"),
    [
        ([], "drugripple", "0 given"),
        ([{}], "my_net", "without underscores"),
        ([{"bacbone": "random"}], "drugripple", "bacbone"),
        ([{"backbone": "random"}], "drugripple", "needs `data`"),
    ],
)
def test_settings_and_names_that_cannot_be_are_refused(settings, name, complaint):
    with pytest.raises(ConfigError, match=complaint):
        drevalpy_model(settings, name=name)


def test_drevalpy_reads_our_responses_as_they_are(material):
    folder, run, _ = material
    table = rows_of(run)
    back = read(folder / "theirs/data/GDSC2-drugripple/GDSC2-drugripple.csv").to_dataframe()
    assert back["cell_line_name"].tolist() == [table.expression.samples[i] for i in table.sample_row]
    pd.testing.assert_series_equal(back["response"], pd.Series(table.values, name="response"))


@pytest.mark.parametrize(("label", "mode"), [("LPO", "LPO"), ("LCO", "LCO"), ("disjoint", "LCO"), ("disjoint", "LDO")])
def test_drevalpy_finds_no_leak_in_our_folds(material, label, mode):
    folder, run, exported = material
    response = read(folder / "theirs/data/GDSC2-drugripple/GDSC2-drugripple.csv")
    response.load_splits(str(exported.results / label / "splits"))
    checked, _ = validate_splits(response.cv_splits, mode)
    assert len(checked) == run.split.folds
    assert all({"validation_es", "early_stopping"} <= set(split) for split in checked)


@pytest.mark.parametrize("mode", ["LPO", "LCO", "LDO"])
def test_folds_that_drevalpy_made_are_read(material, tmp_path, mode):
    folder, run, _ = material
    response = read(folder / "theirs/data/GDSC2-drugripple/GDSC2-drugripple.csv")
    splits = tmp_path / mode / "splits"
    create_and_record_splits(response, split_path=splits, split_label=mode, test_mode=mode, n_cv_splits=3)
    response.save_splits(str(splits))
    back = run.model_copy(update={"out": tmp_path / "out"})
    assert import_results(tmp_path / mode, back).folds == 3
    table, number = rows_of(run), 2
    molecules = molecule_numbers(table.compounds)[table.compound_row]
    found = read_splits(tmp_path / "out/splits.parquet", table.sample_row, molecules)
    fold = found.folds[SCHEMES[mode]][number]
    for role, rows in (("train", fold.train), ("validation", fold.valid), ("test", fold.test)):
        theirs = sorted(response.cv_splits[number][role].response)
        np.testing.assert_allclose(theirs, np.sort(table.values[rows]))
