"""`drugripple benchmark` on the synthetic world: resumed after a kill, failing alone, reported from the files."""

import json
import os
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from drugripple.cli.app import app
from drugripple.cli.console import exit_code_of
from drugripple.errors import ConfigError
from drugripple.evaluation.jobs import Job, keep_predictions, read_predictions
from drugripple.evaluation.schemes import Scheme
from drugripple.predictors.catalogue import BASELINES
from drugripple.predictors.method import Method
from drugripple.predictors.naive import GlobalMean
from drugripple.recipes.benchmark.folds import prepare_folds
from drugripple.recipes.benchmark.run import run_benchmark
from tools.export import REPORT_FILES
from tools.export import main as export_command
from tools.ledger import read_results

from .conftest import benchmark


def write_toml(path, tidy_folder, out, models, more=""):
    names = ", ".join(f'"{name}"' for name in models)
    path.write_text(f'data = "{tidy_folder}"\nout = "{out}"\nmodel = [{names}]\n{more}\n[split]\nfolds = 3\n')
    return path


def command(*arguments):
    return exit_code_of(lambda: app(["benchmark", *map(str, arguments)]))


@pytest.fixture(scope="module")
def done(tidy_folder, tmp_path_factory):
    return run_benchmark(benchmark(tidy_folder, tmp_path_factory.mktemp("benchmark")), command="the command")


def test_reported_numbers_are_those_of_the_prediction_files(done):
    told = pd.DataFrame(json.loads((done.folder / "report.json").read_text())["summary"])
    told = told.set_index(["model", "scheme", "metric"])
    for model in ("drug_mean", "mean_effects"):
        errors, scores = [], []
        for fold in range(3):
            frame = pq.read_table(done.folder / f"predictions/{model}/mixed/seed0/{fold}.parquet").to_pandas()
            errors.append(np.sqrt(((frame["y"] - frame["yhat"]) ** 2).mean()))
            scores.append(np.corrcoef(frame["y"], frame["yhat"])[0, 1])
        for metric, values in (("rmse", errors), ("pcc", scores)):
            row = told.loc[model, "mixed", metric]
            assert row["mean"] == pytest.approx(np.mean(values))
            assert row["sd"] == pytest.approx(np.std(values, ddof=1))
            assert row["folds"] == 3
    page = (done.folder / "report.html").read_text()
    assert f"{told.loc['drug_mean', 'mixed', 'rmse']['mean']:.3f} ± " in page


def test_report_only_follows_the_files(tidy_folder, tmp_path):
    run = benchmark(tidy_folder, tmp_path, model=("global_mean",), scheme=("cell_blind",))
    run_benchmark(run)
    job, made = Job("global_mean", Scheme.CELL_BLIND, 1), prepare_folds(run)
    path, fold = job.path(tmp_path), made.folds[Scheme.CELL_BLIND][1]
    test = made.table.take(fold.test)
    keep_predictions(job, fold, test, test.values.astype(np.float64), 1.0, tmp_path)
    before = path.stat().st_mtime_ns
    again = run_benchmark(run, report_only=True)
    per_fold = pd.read_csv(tmp_path / "per_fold.csv").set_index("fold")
    assert per_fold.loc[1, "rmse"] == 0
    assert per_fold.loc[0, "rmse"] > 0
    assert again.outcome.finished == ()
    assert path.stat().st_mtime_ns == before


def test_the_report_holds_every_part_and_needs_nothing_else(done):
    page = (done.folder / "report.html").read_text()
    for heading in (
        "Table 1, ours beside the paper", "Score card", "Is a difference real?", "Fold by fold", "Drug by drug",
        "Does anything leak?", "How good could anybody be?", "How to do it again",
    ):  # fmt: skip
        assert heading in page
    assert "paper: CSG2A" in page
    assert "0.942 ± 0.011" in page
    assert "the command" in page
    digest = json.loads(pq.read_schema(done.folder / "splits.parquet").metadata[b"drugripple"])["digest"]
    assert digest in page
    assert not re.search(r"(src|href)=.https?:", page)
    text = (done.folder / "report.md").read_text()
    for link in re.findall(r"\]\((report/\d+\.svg)\)", text):
        assert (done.folder / link).read_text().startswith("<svg")
    assert "| mean_effects |" in text


class Breaks(GlobalMean):
    """Fails where line number 0 is tested and has not been trained on."""

    def fit(self, train, valid, *, seed):
        self.lines = set(train.sample_row.tolist())

    def predict(self, pairs):
        if 0 in pairs.sample_row and 0 not in self.lines:
            message = "line 0 is unknown"
            raise RuntimeError(message)
        return np.zeros(len(pairs))


def test_a_failing_job_is_named_and_the_rest_finish(tidy_folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(BASELINES, "breaks", Method("breaks", f"{Breaks.__module__}:Breaks", "", "nobody"))
    file = write_toml(
        tmp_path / "run.toml", tidy_folder, tmp_path / "out", ("breaks", "global_mean"), 'scheme = "cell_blind"\n'
    )
    assert command(file) == 4
    told = capsys.readouterr()
    assert len(re.findall(r"failed: breaks cell_blind fold \d seed 0: RuntimeError: line 0 is unknown", told.err)) == 1
    assert told.out.strip().endswith("report.html")
    finished = sorted((tmp_path / "out" / "predictions").rglob("*.parquet"))
    assert [path.parent.parent.parent.name for path in finished] == ["breaks"] * 2 + ["global_mean"] * 3
    assert re.search(r"cell_blind, folds \d, \d only", (tmp_path / "out" / "report.html").read_text())


ON_CLUSTER = """
from drugripple.config import make_run, set_dotted
from drugripple.recipes.benchmark.run import board_of, train_waiting
from drugripple.recipes.benchmark.folds import prepare_folds
from drugripple.recipes.benchmark.settings import BenchmarkRun

if __name__ == "__main__":
    run = make_run(BenchmarkRun, {settings!r}, "test")
    told = []
    folds = prepare_folds(run)
    outcome = train_waiting(run, folds.table, board_of(run, folds), on_job=told.append)
    assert outcome.failed == (), outcome.failed
    assert [step.done for step in told] == list(range(1, 13)), told
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["ray", "dask", "local"])
def test_two_workers_of_a_cluster_predict_what_one_process_does(done, tidy_folder, tmp_path, backend):
    if backend != "local":
        pytest.importorskip("distributed" if backend == "dask" else backend, reason=f"the extra `{backend}` is absent")
    settings = {
        "data": str(tidy_folder), "out": str(tmp_path / "out"), "model": ["mean_effects"], "split": {"folds": 3},
        "workers": 2, "backend": backend,
    }  # fmt: skip
    if backend == "local":
        exec(ON_CLUSTER.format(settings=settings), {"__name__": "__main__"})
    else:
        script = tmp_path / "on_cluster.py"
        script.write_text(ON_CLUSTER.format(settings=settings))
        ended = subprocess.run(
            [sys.executable, script], capture_output=True, text=True, timeout=300, env={**os.environ, "TMPDIR": "/tmp"}
        )
        assert ended.returncode == 0, ended.stderr
    for scheme in Scheme:
        for fold in range(3):
            job = Job("mean_effects", scheme, fold)
            ours, theirs = read_predictions(tmp_path / "out", job), read_predictions(done.folder, job)
            assert ours.yhat.tolist() == theirs.yhat.tolist()


NETWORK = """
scheme = "mixed"
fold = [0, 2]

[[network]]
variant = "tiny"
backbone = "random"
[network.response]
widths = [32, 16]
[network.training]
learning_rate = 3e-3
batch = 64
max_epochs = {0}
patience = 5
"""


def test_a_network_has_a_curve_a_preset_and_rows_of_results(tidy_folder, tmp_path, monkeypatch):
    file = write_toml(tmp_path / "r.toml", tidy_folder, tmp_path / "out", ("mean_effects",), NETWORK.format(2))
    assert command(file) == 0
    curve = pd.read_csv(Job("csg2a-tiny", Scheme.MIXED, 2).curve_path(tmp_path / "out"))
    assert curve["epoch"].tolist() == [1, 2]
    assert np.isfinite(curve["valid_loss"]).all()
    assert "Learning curves: mixed, fold 0" in (tmp_path / "out" / "report.html").read_text()
    monkeypatch.chdir(tmp_path)
    export_command(["out", "--experiment", "trial", "--results", "results.csv", "--report", "kept", "--command", "c"])
    rows = {(row.model, row.preset, row.metric): row for row in read_results(tmp_path / "results.csv")}
    per_fold = pd.read_csv(tmp_path / "kept" / "per_fold.csv").set_index(["model", "fold"])
    row = rows["csg2a", "tiny", "rmse"]
    assert (row.experiment, row.scheme, row.folds, row.seed) == ("trial", "mixed", 2, 0)
    assert row.mean == pytest.approx(per_fold.loc["csg2a-tiny", "rmse"].mean(), abs=1e-4)
    assert row.n == per_fold.loc["csg2a-tiny", "rows"].sum()
    assert row.command == "c"
    assert np.isnan(rows["mean_effects", "", "residual_pcc"].mean)
    assert {path.name for path in (tmp_path / "kept").iterdir()} == {*REPORT_FILES, "report"}
    changed = write_toml(tmp_path / "c.toml", tidy_folder, tmp_path / "out", ("mean_effects",), NETWORK.format(3))
    assert command(changed) == 2


def test_a_part_can_be_run_alone(tidy_folder, tmp_path):
    run = benchmark(tidy_folder, tmp_path)
    part = run.narrowed(models=["mean_effects"], schemes=["mixed"], folds=[1])
    outcome = run_benchmark(run, part=part).outcome
    assert outcome.finished == (Job("mean_effects", Scheme.MIXED, 1),)
    assert "fold 1 only" in (tmp_path / "report.html").read_text()
    with pytest.raises(ConfigError, match="this run has no \\['svm'\\]"):
        run.narrowed(models=["svm"])


def test_training_without_a_report_leaves_predictions_only(tidy_folder, tmp_path, capsys):
    file = write_toml(tmp_path / "run.toml", tidy_folder, tmp_path / "out", ("global_mean",), 'scheme = "mixed"\n')
    assert command(file, "--no-report") == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "out")
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"predictions", "run.toml", "splits.json", "splits.parquet"}


def test_what_pretraining_had_seen_is_in_the_audit(tidy_folder, tmp_path):

    from drugripple.recipes.benchmark.leaks import audit_benchmark

    network = ({"variant": "known", "backbone": str(tmp_path / "stage1")}, {"variant": "x", "backbone": "lost"})
    run = benchmark(tidy_folder, tmp_path / "out", scheme=("drug_blind", "mixed"), network=network)
    made = prepare_folds(run)
    (tmp_path / "stage1").mkdir()
    seen = made.splits.folds[Scheme.DRUG_BLIND][1].test[0]
    block = made.table.compounds.molecules[made.table.compound_row[seen]].key
    (tmp_path / "stage1" / "card.json").write_text(json.dumps({"compounds_seen": [block], "lines_seen": []}))
    found = audit_benchmark(run, made)
    leaks = found.table[found.table["severity"] == "leak"]
    assert leaks["leak"].tolist() == ["test compound seen in pretraining (csg2a-known)"]
    assert leaks["fold"].tolist() == ["scheme drug_blind fold 1"]
    assert "checkpoints of csg2a-x are not here" in found.note
    assert "For csg2a-known also" in found.note
    kept = next((tmp_path / "out").glob("audit/card-*/audit.csv"))
    kept.write_text("".join(kept.read_text().splitlines(keepends=True)[:1]))
    assert audit_benchmark(run, made).table.equals(found.table)
