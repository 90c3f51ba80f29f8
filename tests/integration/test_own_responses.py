"""Every verb that learns or judges takes a user's own responses, and the measure goes through."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drugripple.config import make_run
from drugripple.data.measure import Measure
from drugripple.errors import ConfigError, SplitError
from drugripple.evaluation.schemes import Scheme
from drugripple.predict.model import load_network
from drugripple.recipes.audit import audit_splits
from drugripple.recipes.benchmark.run import run_benchmark
from drugripple.recipes.benchmark.settings import BenchmarkRun
from drugripple.recipes.ceiling import ceiling
from drugripple.recipes.finetune.run import run_finetune
from drugripple.recipes.finetune.settings import FinetuneRun
from drugripple.sources.study import read_study
from drugripple.sources.study_settings import StudySettings

NETWORK = {"backbone": "random", "encoder": "morgan", "target": "residual", "response": {"widths": [16, 8]}}
TRAINING = {"learning_rate": 3e-3, "batch": 64, "max_epochs": 1, "patience": 1}


def own(folder, **more):
    files = {"responses": "responses.csv", "expression": "own_samples.csv", "compounds": "own_compounds.csv"}
    return {key: folder / name for key, name in files.items()} | more


def test_own_responses_come_in_ln_ic50_of_micromolar(tidy_folder):
    study = read_study(make_run(StudySettings, own(tidy_folder), "a test"))
    given = pd.read_csv(tidy_folder / "responses.csv")
    assert len(study.table) == len(given) == 40 * 12 * 2
    assert study.table.measure is Measure.LN_IC50
    np.testing.assert_allclose(np.sort(study.table.values), np.sort(np.log(given["ic50_nm"] / 1000)), atol=1e-9)
    assert any("'ic50_nm': ic50_nm (by the column's name)" in note for note in study.table.notes)
    assert study.origin.terms == "the user's own data"


def test_a_network_is_fine_tuned_on_them_without_any_public_data(tidy_folder, tmp_path):
    run = make_run(
        FinetuneRun,
        own(tidy_folder, out=tmp_path / "run", split={"folds": 5}, network=NETWORK | {"training": TRAINING}),
        "a test",
    )
    done = run_finetune(run)
    assert np.isfinite(done.predictions["yhat"]).all()
    card = load_network(tmp_path / "run").card
    assert card.data[-1].terms == "the user's own data"
    assert card.measure is Measure.LN_IC50


@pytest.mark.parametrize(("column", "measure"), [("auc", Measure.AUC), ("z_score", Measure.Z_SCORE)])
def test_another_measure_goes_through_to_card_and_predictions(tidy_folder, tmp_path, column, measure):
    frame = pd.read_csv(tidy_folder / "responses.csv").rename(columns={"ic50_nm": column})
    frame[column] = frame[column].rank(pct=True)
    frame.to_csv(tmp_path / "responses.csv", index=False)
    settings = own(tidy_folder, out=tmp_path / "run", split={"folds": 5}, network=NETWORK | {"training": TRAINING})
    run_finetune(make_run(FinetuneRun, settings | {"responses": tmp_path / "responses.csv"}, "a test"))
    model = load_network(tmp_path / "run")
    assert model.card.measure is measure
    study = read_study(make_run(StudySettings, own(tidy_folder), "a test"))
    table = model.predict(study.table.expression, study.table.compounds)
    assert column in table.columns
    assert not {"ln_ic50", "ic50_um"} & set(table.columns)


def test_models_are_compared_on_them_and_repeats_give_the_ceiling(tidy_folder, tmp_path):
    settings = own(
        tidy_folder, out=tmp_path / "bench", scheme="mixed", model=["mean_effects", "global_mean"], split={"folds": 5}
    )
    done = run_benchmark(make_run(BenchmarkRun, settings, "a test"))
    assert not done.outcome.failed
    assert "responses" in (tmp_path / "bench" / "report.md").read_text()
    found = ceiling(make_run(StudySettings, own(tidy_folder), "a test"))
    assert list(found.ceilings) == ["responses, repeat measurements"]


def test_the_reports_of_another_measure_name_it_and_no_concentration(tidy_folder, tmp_path):
    frame = pd.read_csv(tidy_folder / "responses.csv").rename(columns={"ic50_nm": "auc"})
    frame["auc"] = frame["auc"].rank(pct=True)
    frame.to_csv(tmp_path / "auc.csv", index=False)
    given = own(tidy_folder, responses=tmp_path / "auc.csv")
    out = tmp_path / "bench"
    run_benchmark(
        make_run(
            BenchmarkRun,
            given | {"out": out, "scheme": "mixed", "model": ["mean_effects"], "split": {"folds": 3}},
            "a test",
        )
    )
    for path in sorted(path for path in out.rglob("*") if path.suffix in {".md", ".html", ".svg", ".json"}):
        assert "IC50" not in path.read_text(encoding="utf-8"), path
    assert "RMSE of AUC" in (out / "report.md").read_text()
    for name in ("card.json", "report.json"):
        assert json.loads((out / name).read_text())["setting"]["measure"] == "auc"
    assert json.loads((out / "ceiling.json").read_text())["measure"] == "auc"
    assert "GDSC" not in (out / "ceiling.json").read_text()


def test_keys_that_name_no_source_or_two_are_refused(tidy_folder):
    with pytest.raises(ConfigError, match="no responses are named"):
        make_run(StudySettings, {}, "a test")
    with pytest.raises(ConfigError, match="needs `expression`"):
        make_run(StudySettings, {"responses": tidy_folder / "responses.csv"}, "a test")
    with pytest.raises(ConfigError, match="expression belong to `responses`"):
        make_run(StudySettings, {"data": tidy_folder, "expression": tidy_folder / "own_samples.csv"}, "a test")


@pytest.mark.shared
def test_nci60_comes_through_the_same_door(shared_data):
    study = read_study(make_run(StudySettings, {"data": shared_data, "dataset": "NCI-60"}, "a test"))
    assert (len(study.table), study.table.measure) == (26_645, Measure.Z_SCORE)


def test_the_split_of_a_benchmark_is_audited_against_the_responses_that_it_counts(tidy_folder, tmp_path):
    run = own(tidy_folder, out=tmp_path / "run", split={"folds": 3}, model=["mean_effects"], scheme=["cell_blind"])
    run_benchmark(make_run(BenchmarkRun, run, "a test"))
    study = make_run(StudySettings, own(tidy_folder), "a test")
    report = audit_splits([tmp_path / "run" / "splits.parquet"], study=study)
    assert len(report.folds) == 3
    assert report.clean
    with pytest.raises(SplitError, match="give the table its row_id counts"):
        audit_splits([tmp_path / "run" / "splits.parquet"])


@pytest.mark.parametrize("name", ["split.csv", "split.xlsx", "split.parquet"])
def test_a_split_may_be_a_table_of_responses_with_a_column_of_roles(tidy_folder, tmp_path, name):
    frame = pd.read_csv(tidy_folder / "responses.csv").rename(columns={"cell_line": "Model Name", "drug": "Drug Name"})
    role = frame.assign(role=np.where(frame.index % 7 == 0, "test", "train"))
    write = {".csv": role.to_csv, ".xlsx": role.to_excel, ".parquet": role.to_parquet}[Path(name).suffix]
    write(tmp_path / name, index=False)
    report = audit_splits([tmp_path / name], scheme=Scheme.MIXED)
    assert not report.clean  # every pair was measured twice
    assert report.folds[0].rows == len(frame)
