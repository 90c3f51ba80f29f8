"""Which folds `drugripple benchmark` makes, what it refuses, and what becomes of unfinished models and means."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from drugripple.errors import ConfigError, SplitError, TableError
from drugripple.evaluation.jobs import Job, read_predictions
from drugripple.evaluation.schemes import Scheme
from drugripple.recipes.benchmark.folds import prepare_folds
from drugripple.recipes.benchmark.run import failures, run_benchmark
from drugripple.sources.public.tidy import read_gdsc

from .conftest import benchmark


def test_predictions_of_other_measurements_are_refused(tidy_folder, tmp_path):
    run = benchmark(tidy_folder, tmp_path, model=("global_mean",), scheme=("mixed",))
    run_benchmark(run)
    path = Job("global_mean", Scheme.MIXED, 0).path(tmp_path)
    table = pq.read_table(path)
    frame = table.to_pandas()
    frame["y"] += 1
    pq.write_table(
        pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(table.schema.metadata), path
    )
    with pytest.raises(SplitError, match="was altered after it was written"):
        run_benchmark(run, report_only=True)


def test_schemes_can_be_added_but_folds_never_change(tidy_folder, tmp_path):
    first = prepare_folds(benchmark(tidy_folder, tmp_path, scheme=("mixed",))).splits
    second = prepare_folds(benchmark(tidy_folder, tmp_path)).splits
    assert set(second.folds) == set(Scheme)
    for one, other in zip(first.folds[Scheme.MIXED], second.folds[Scheme.MIXED], strict=True):
        assert one.test.tolist() == other.test.tolist()
    with pytest.raises(ConfigError, match=r"split.seed = 0 \(now 1\)"):
        prepare_folds(benchmark(tidy_folder, tmp_path, **{"split.seed": 1}))


@pytest.mark.parametrize(("file", "column", "value"), [
    ("response.parquet", "ln_ic50", 0.25),
    ("expression.parquet", 3, 0.25),
    ("drugs.parquet", "canonical_smiles", "CCCCCO"),
])  # fmt: skip
def test_predictions_of_other_data_are_not_kept_silently(tidy_folder, tmp_path, file, column, value):
    shutil.copytree(tidy_folder, tmp_path / "data")
    run = benchmark(tmp_path / "data", tmp_path / "out")
    prepare_folds(run)
    table = pd.read_parquet(tmp_path / "data" / "gdsc" / file)
    table.loc[0, column if isinstance(column, str) else table.columns[column]] = value
    table.to_parquet(tmp_path / "data" / "gdsc" / file)
    with pytest.raises(ConfigError, match="folds and predictions of other data: expression, responses or SMILES"):
        prepare_folds(run)


def test_absent_tissues_and_empty_folders_are_told(tidy_folder, tmp_path):
    with pytest.raises(SplitError, match="have no tissue"):
        prepare_folds(benchmark(tidy_folder, tmp_path / "a", **{"split.samples_by": "tissue"}))
    with pytest.raises(TableError, match="nothing to report"):
        run_benchmark(benchmark(tidy_folder, tmp_path / "b"), report_only=True)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"model": ("svn",)}, "no model is called"),
        ({"model": ()}, "at least one scheme and one model"),
        ({"model": ("svm", "svm")}, "each model once"),
        ({"fold": (3,)}, "numbered 0 to 2"),
        ({"network": ({"backbone": "random"}, {"variant": ""})}, r"each model once \(repeated: \['csg2a'\]\)"),
        (
            {"network": ({"response": {"freese": "none"}},)},
            r"no key network.0.response.freese; did you mean freeze\?",
        ),
        ({"model": (), "network": ({"name": "svm"},)}, "cannot be called svm"),
        ({"split.folds": 2}, "greater than or equal to 3"),
        ({"test_dataset": "GDSC2"}, "leave it out"),
        ({"test_dataset": "GDSC1", "split.replicates": "mean"}, "use group"),
        ({"test_dataset": "GDSC1", "split.replicates": "keep"}, "use group"),
    ],
)
def test_a_wrong_run_is_told_before_any_work(tidy_folder, tmp_path, changes, complaint):
    with pytest.raises(ConfigError, match=complaint):
        benchmark(tidy_folder, tmp_path, **changes)


def test_absent_packages_are_named(tidy_folder, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigError, match=r"pip install 'drugripple\[ray\]'"):
        run_benchmark(benchmark(tidy_folder, tmp_path, backend="ray"))


def test_failures_are_lines():
    from drugripple.evaluation.cross_validation import Failure, Outcome

    failure = Failure(Job("svm", Scheme.MIXED, 3, 1), "ValueError: no", Path("a/3.error.txt"))
    lines = failures(Outcome((), (), (failure,)))
    assert lines == ("failed: svm mixed fold 3 seed 1: ValueError: no (see a/3.error.txt)",)


def test_folds_are_counted_in_the_schemes_that_have_them(tidy_folder, tmp_path):
    """The full grid of 3 x 3 disjoint folds has a fold 5, the 3 mixed ones have none."""
    run = benchmark(
        tidy_folder,
        tmp_path,
        model=("global_mean",),
        scheme=("mixed", "disjoint"),
        fold=(0, 5),
        **{"split.grid": "full"},
    )
    assert run_benchmark(run).findings.setting.folds == {Scheme.MIXED: 1, Scheme.DISJOINT: 2}


def test_scaffolds_stay_together(tidy_folder, tmp_path):
    from drugripple.chem.clusters import scaffolds

    made = prepare_folds(benchmark(tidy_folder, tmp_path, scheme="drug_blind", **{"split.compounds_by": "scaffold"}))
    scaffold = np.array(scaffolds(made.table.compounds.molecules))[made.table.compound_row]
    for fold in made.splits.folds[Scheme.DRUG_BLIND]:
        assert not set(scaffold[fold.train]) & set(scaffold[fold.test])


def test_a_mean_of_models_is_the_mean_of_their_predictions_where_all_are_finished(tidy_folder, tmp_path):
    mean = {"name": "both", "of": ("drug_mean", "mean_effects")}
    run = benchmark(tidy_folder, tmp_path, scheme=("mixed",), average=(mean,))
    run_benchmark(run, part=run.narrowed(models=("drug_mean",)))
    run_benchmark(run, part=run.narrowed(models=("both",), folds=(1,)))
    jobs = [Job(name, Scheme.MIXED, 1) for name in ("both", "drug_mean", "mean_effects")]
    both, one, other = (read_predictions(tmp_path, job) for job in jobs)
    assert both.yhat == pytest.approx((one.yhat + other.yhat) / 2, abs=1e-12)
    assert both.y.tolist() == one.y.tolist()
    assert not Job("both", Scheme.MIXED, 0).path(tmp_path).exists()
    shutil.rmtree(tmp_path / "predictions" / "mean_effects")
    run_benchmark(run, report_only=True)
    assert not jobs[0].path(tmp_path).exists()
    found = run_benchmark(run).findings
    assert "mean of the predictions of drug_mean and mean_effects" in {note.citation for note in found.models}
    counted = found.board.summary.query("model == 'both' and metric == 'rmse'")["folds"].item()
    assert counted == 3


@pytest.mark.parametrize(
    "mean",
    [
        {"name": "x", "of": ("mean_effects", "svm")},
        {"name": "x", "of": ("mean_effects", "mean_effects")},
        {"name": "svm", "of": ("mean_effects", "drug_mean")},
    ],
)
def test_a_mean_of_strangers_or_under_a_taken_name_is_told(tidy_folder, tmp_path, mean):
    with pytest.raises(ConfigError, match="cannot be the mean of"):
        benchmark(tidy_folder, tmp_path, average=(mean,))


@pytest.fixture(scope="module")
def two_studies(tidy_folder, tmp_path_factory):
    """The synthetic world measured again, one unit higher, without its first two compounds and its first line."""
    folder = tmp_path_factory.mktemp("studies")
    shutil.copytree(tidy_folder, folder, dirs_exist_ok=True)
    for name in ("response", "drugs"):
        frame = pd.read_parquet(folder / "gdsc" / f"{name}.parquet")
        again = frame[frame["drug_id"] > 2].assign(dataset="GDSC1")
        if name == "response":
            again = again[again["cell_line"] != frame["cell_line"].iloc[0]].assign(ln_ic50=again["ln_ic50"] + 1.0)
        pd.concat([frame, again]).to_parquet(folder / "gdsc" / f"{name}.parquet")
    return folder


@pytest.mark.parametrize("scheme", list(Scheme))
def test_across_studies_one_trains_and_the_other_tests_equally_blind(two_studies, tmp_path, scheme):
    run = benchmark(two_studies, tmp_path, dataset="GDSC1", test_dataset="GDSC2", scheme=(scheme,))
    made = prepare_folds(run)
    table, first = made.table, len(read_gdsc(two_studies, "GDSC1").table)
    for fold in made.splits.folds[scheme]:
        assert max(fold.train.max(), fold.valid.max()) < first <= fold.test.min()
        assert not set(table.pairs.number[fold.train]) & set(table.pairs.number[fold.test])
        for rows, hidden in ((table.sample_row, scheme.hides_lines), (table.compound_row, scheme.hides_drugs)):
            known, asked = set(rows[fold.train]), set(rows[fold.test])
            assert not known & asked if hidden else asked <= known


def test_a_report_across_studies_says_so_and_shows_no_number_of_the_paper(two_studies, tmp_path):
    run = benchmark(two_studies, tmp_path, dataset="GDSC1", test_dataset="GDSC2", scheme=("mixed",))
    found = run_benchmark(run).findings
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "GDSC1, tested on GDSC2" in text
    assert "paper:" not in text
    within = run_benchmark(benchmark(two_studies, tmp_path / "within", scheme=("mixed",))).findings
    rmse = {
        name: found.board.summary.query("model == 'mean_effects' and metric == 'rmse'")["mean"].item()
        for name, found in (("across", found), ("within", within))
    }
    assert rmse["across"] > rmse["within"] + 0.2
    assert "paper: CSG2A" in (tmp_path / "within" / "report.md").read_text(encoding="utf-8")


def test_a_model_with_a_fold_or_two_is_no_rival_in_the_verdict(tidy_folder, tmp_path):
    run = benchmark(tidy_folder, tmp_path, scheme=("mixed",))
    run_benchmark(run, part=run.narrowed(models=["global_mean", "drug_mean"]))
    found = run_benchmark(run, part=run.narrowed(models=["mean_effects"], folds=[1])).findings
    assert set(found.board.comparison["model"]) == {"global_mean", "drug_mean", "mean_effects"}
    verdict = (tmp_path / "report.md").read_text(encoding="utf-8").split("\n\n")[1]
    assert "by drug_mean" in verdict
    assert "mean_effects" not in verdict
