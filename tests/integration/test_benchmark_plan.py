"""Which folds `drugripple benchmark` makes, and what it refuses."""

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from drugripple.config import make_run
from drugripple.errors import ConfigError, SplitError, TableError
from drugripple.evaluation.crossval import Job
from drugripple.evaluation.splits import Scheme
from drugripple.recipes.benchmark import failures, run_benchmark
from drugripple.recipes.benchmark_material import prepare
from drugripple.recipes.benchmark_run import BenchmarkRun


def benchmark(tidy_folder, out, **changes):
    settings = {"data": tidy_folder, "out": out, "models": ("global_mean", "drug_mean", "additive"), "folds": 3}
    return make_run(BenchmarkRun, settings | changes, "test")


def test_predictions_of_other_measurements_are_refused(tidy_folder, tmp_path):
    run = benchmark(tidy_folder, tmp_path, models=("global_mean",), schemes=("mixed",))
    run_benchmark(run)
    path = Job("global_mean", Scheme.MIXED, 0).path(tmp_path)
    table = pq.read_table(path)
    frame = table.to_pandas()
    frame["y"] += 1
    pq.write_table(
        pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(table.schema.metadata), path
    )
    with pytest.raises(SplitError, match="other measurements"):
        run_benchmark(run, report_only=True)


def test_schemes_can_be_added_but_folds_never_change(tidy_folder, tmp_path):
    first = prepare(benchmark(tidy_folder, tmp_path, schemes=("mixed",))).splits
    second = prepare(benchmark(tidy_folder, tmp_path)).splits
    assert set(second.folds) == set(Scheme)
    for one, other in zip(first.folds[Scheme.MIXED], second.folds[Scheme.MIXED], strict=True):
        assert one.test.tolist() == other.test.tolist()
    with pytest.raises(ConfigError, match=r"split_seed = 0 \(now 1\)"):
        prepare(benchmark(tidy_folder, tmp_path, split_seed=1))


def test_absent_tissues_and_empty_folders_are_told(tidy_folder, tmp_path):
    with pytest.raises(SplitError, match="have no tissue"):
        prepare(benchmark(tidy_folder, tmp_path / "a", lines_by="tissue"))
    with pytest.raises(TableError, match="nothing to report"):
        run_benchmark(benchmark(tidy_folder, tmp_path / "b"), report_only=True)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"models": ("svn",)}, "no baseline is called"),
        ({"models": ()}, "at least one scheme and one model"),
        ({"models": ("svm", "svm")}, "each model once"),
        ({"only": (3,)}, "numbered 0 to 2"),
        ({"network": ({"backbone": "random"},)}, "needs a `name`"),
        ({"models": (), "network": ({"name": "svm"},)}, "cannot be called svm"),
        ({"folds": 2}, "greater than or equal to 3"),
    ],
)
def test_a_wrong_run_is_told_before_any_work(tidy_folder, tmp_path, changes, complaint):
    with pytest.raises(ConfigError, match=complaint):
        benchmark(tidy_folder, tmp_path, **changes)


def test_wrong_settings_of_a_network_are_told_before_any_work(tidy_folder, tmp_path):
    run = benchmark(tidy_folder, tmp_path, network=({"name": "csg2a-x", "backbon": "random"},))
    with pytest.raises(ConfigError, match=r"network csg2a-x: backbon"):
        run_benchmark(run)
    assert not (tmp_path / "predictions").exists()


def test_absent_packages_are_named(tidy_folder, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigError, match=r"pip install 'drugripple\[ray\]'"):
        run_benchmark(benchmark(tidy_folder, tmp_path, backend="ray"))


def test_failures_are_lines():
    from drugripple.evaluation.crossval import Failure, Outcome

    failure = Failure(Job("svm", Scheme.MIXED, 3, 1), "ValueError: no", Path("a/3.error.txt"))
    lines = failures(Outcome((), (), (failure,)))
    assert lines == ("failed: svm mixed fold 3 seed 1: ValueError: no (see a/3.error.txt)",)


def test_folds_are_counted_in_the_schemes_that_have_them(tidy_folder, tmp_path):
    """The full grid of 3 x 3 disjoint folds has a fold 5, the 3 mixed ones have none."""
    run = benchmark(
        tidy_folder, tmp_path, models=("global_mean",), schemes=("mixed", "disjoint"), grid="full", only=(0, 5)
    )
    assert run_benchmark(run).findings.setting.folds == {Scheme.MIXED: 1, Scheme.DISJOINT: 2}


def test_scaffolds_stay_together(tidy_folder, tmp_path):
    from drugripple.evaluation.clusters import scaffolds

    material = prepare(benchmark(tidy_folder, tmp_path, compounds_by="scaffold", schemes=("drug_blind",)))
    scaffold = np.array(scaffolds(material.table.compounds.smiles))[material.table.compound_row]
    for fold in material.splits.folds[Scheme.DRUG_BLIND]:
        assert not set(scaffold[fold.train]) & set(scaffold[fold.test])
