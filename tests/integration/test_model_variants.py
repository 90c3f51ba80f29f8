"""Models of the catalogue under other settings: as `[[variant]]` of a benchmark, and found by `tune`."""

import json

import pandas as pd
import pytest

from drugripple.cli.app import app
from drugripple.cli.console import exit_code_of
from drugripple.config import make_run, read_toml, write_run
from drugripple.errors import ConfigError
from drugripple.evaluation.jobs import Job
from drugripple.evaluation.schemes import Scheme
from drugripple.predictors.variant import ModelVariant, adjusted
from drugripple.recipes.benchmark.convergence import trainings
from drugripple.recipes.benchmark.run import run_benchmark
from drugripple.recipes.benchmark.settings import BenchmarkRun
from drugripple.recipes.tune import TuneRun, tune
from drugripple.runtime.provenance import Origin
from tools.export import result_rows

SMALL = {"members": 2, "width": 8, "factors": 4, "training": {"max_epochs": 2, "batch": 256}}
VARIANT = {"of": "ensemble_mf", "name": "small", "settings": SMALL}


def benchmark(tidy_folder, out, **changes):
    plan = {"data": tidy_folder, "out": out, "variant": (VARIANT,), "scheme": "mixed", "fold": 0, "split": {"folds": 3}}
    return make_run(BenchmarkRun, plan | changes, "test")


@pytest.fixture(scope="module")
def done(tidy_folder, tmp_path_factory):
    run = benchmark(tidy_folder, tmp_path_factory.mktemp("variants"))
    return run, run_benchmark(run)


def test_a_variant_is_trained_with_its_settings_under_its_own_name(done):
    run, finished = done
    job = Job("ensemble_mf-small", Scheme.MIXED, 0)
    assert finished.outcome.finished == (job,)
    assert len(pd.read_csv(job.curve_path(run.out))) == 2
    told = trainings(run, [job]).iloc[0]
    assert (told["epochs"], told["ended_at_cap"]) == (2, True)
    assert "with members = 2, width = 8, factors = 4, training.max_epochs = 2" in (run.out / "report.md").read_text()


def test_results_name_the_model_and_the_variant(done):
    run, finished = done
    rows = result_rows(
        pd.DataFrame({"model": ["ensemble_mf-small"], "scheme": ["mixed"], "seed": [0], "metric": ["rmse"],
                      "value": [1.0], "n": [5]}),
        run, {("ensemble_mf-small", "mixed", 0): Origin("a large machine", "abc")},
        experiment="test", digest="", command="",
    )  # fmt: skip
    assert (rows[0].model, rows[0].preset) == ("ensemble_mf", "small")
    assert (rows[0].hardware, rows[0].commit) == ("a large machine", "abc")
    assert finished.report.exists()


def test_predictions_of_other_settings_are_not_taken_for_those_of_a_variant(done, tidy_folder):
    run, _ = done
    other = VARIANT | {"settings": SMALL | {"members": 3}}
    with pytest.raises(
        ConfigError, match=r"other settings \(\['settings.members'\] differ\); give this one another `name`"
    ):
        run_benchmark(benchmark(tidy_folder, run.out, variant=(other,)))


@pytest.mark.parametrize(("variant", "complaint"), [
    ({"settings": {"memebrs": 2}}, "did you mean members"),
    ({"settings": {"training": {"batch": "many"}}}, "settings of ensemble_mf"),
    ({"of": "ridge", "settings": {"batch": 2}}, "ridge takes no settings"),
])  # fmt: skip
def test_a_wrong_setting_of_a_variant_is_told_before_any_data_are_read(tmp_path, variant, complaint):
    with pytest.raises(ConfigError, match=complaint):
        run_benchmark(benchmark(tmp_path / "no_data", tmp_path / "out", variant=(VARIANT | variant,)))


@pytest.mark.parametrize(("variant", "complaint"), [
    ({"of": "ensemble"}, r"no model is called \['ensemble'\]"),
    ({"settings": {}}, "at least 1 item"),
    ({"name": ""}, "variant.0.name"),
])  # fmt: skip
def test_a_variant_of_nothing_is_refused_as_its_file_is_read(tidy_folder, tmp_path, variant, complaint):
    with pytest.raises(ConfigError, match=complaint):
        benchmark(tidy_folder, tmp_path, variant=(VARIANT | variant,))


def test_settings_that_are_not_named_keep_their_published_values():
    changed = adjusted("ensemble_mf", None, SMALL).settings
    assert (changed.members, changed.training.batch, changed.training.patience) == (2, 256, 25)


def test_a_search_of_a_model_ends_with_a_variant_for_a_benchmark(tidy_folder, tmp_path):
    pytest.importorskip("optuna", reason="the extra `search` is absent")
    plan = {
        "data": tidy_folder, "out": tmp_path / "tuned", "model": "ensemble_mf", "settings": SMALL, "trials": 3,
        "search": {"training.learning_rate": [1e-2, 1e-5], "dropout": [0.0, 0.5]}, "split": {"folds": 3},
        "startup_trials": 3,
    }  # fmt: skip
    found = tune(make_run(TuneRun, plan, "test"))
    assert found.trials["epochs"].tolist() == [2, 2, 2]
    assert found.rmse == found.trials["validation_rmse"].min()
    best = ModelVariant.model_validate(read_toml(found.folder / "best.toml"))
    assert best.label == "ensemble_mf-searched"
    assert best.settings["members"] == 2
    assert best.settings["dropout"] == found.best["dropout"]
    file = tmp_path / "run.toml"
    write_run(benchmark(tidy_folder, tmp_path / "out", variant=(best.model_dump(),)), file)
    assert exit_code_of(lambda: app(["benchmark", str(file)])) == 0
    kept = json.loads((tmp_path / "out/predictions/ensemble_mf-searched/settings.json").read_text())
    assert kept["settings"]["training"]["learning_rate"] == found.best["training.learning_rate"]
    with pytest.raises(ConfigError, match="another search"):
        tune(make_run(TuneRun, plan | {"settings": {**SMALL, "members": 3}}, "test"))


@pytest.mark.parametrize(("changes", "complaint"), [
    ({"search": {"training.bacth": [3]}}, "did you mean batch"),
    ({"model": "", "network": {}}, "`settings` are those of a `model`"),
    ({"network": {"backbone": "random"}}, "fitted instead of a network"),
])  # fmt: skip
def test_a_search_of_what_there_is_not_is_refused_before_any_data_are_read(tmp_path, changes, complaint):
    pytest.importorskip("optuna", reason="the extra `search` is absent")
    plan = {"data": tmp_path / "no_data", "out": tmp_path / "tuned", "model": "ensemble_mf", "settings": SMALL}
    with pytest.raises(ConfigError, match=complaint):
        tune(make_run(TuneRun, plan | changes, "test"))
