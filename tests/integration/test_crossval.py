"""Cross-validation jobs: resumed after a kill, one failing alone, metrics from the files."""

import signal
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from tests.processes import start_code

from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.errors import SplitError
from drugripple.evaluation.cross_validation import train_on_folds
from drugripple.evaluation.jobs import Job, JobBoard, jobs_of, keep_predictions, read_predictions
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.scoreboard import score_predictions
from drugripple.evaluation.splits import make_folds
from drugripple.genes.space import GeneSpace
from drugripple.runtime.provenance import Origin, commit
from tools.export import origins_of

LINES, DRUGS = 11, 7


def response(shift=0.0):
    line, drug = (axis.ravel() for axis in np.meshgrid(np.arange(LINES), np.arange(DRUGS), indexing="ij"))
    noise = np.random.default_rng(0).normal(size=line.size)
    return ResponseTable.of(
        ExpressionTable(
            tuple(f"l{i}" for i in range(LINES)),
            GeneSpace(("G",)),
            np.arange(float(LINES), dtype=np.float32)[:, None],
            ExpressionScale.ROBUST_Z,
        ),
        CompoundTable.from_smiles(["C" * (i + 1) for i in range(DRUGS)], ids=[f"d{i}" for i in range(DRUGS)]),
        line,
        drug,
        line * 0.5 + drug + 0.1 * noise + shift,
    )


def folds(table, **options):
    return {scheme: make_folds(table.sample_row, table.compound_row, scheme, folds=3, **options) for scheme in Scheme}


class DrugMean:
    """Counts its fits in a file."""

    def __init__(self, log: Path) -> None:
        self.log = log

    def fit(self, train, valid, *, seed):
        with self.log.open("a") as log:
            log.write("fit\n")
        self.mean = np.array(
            [
                train.values[train.compound_row == c].mean() if (train.compound_row == c).any() else 0
                for c in range(DRUGS)
            ]
        )

    def predict(self, pairs):
        return self.mean[pairs.compound_row]


class Breaks(DrugMean):
    """Fails on one fold: the one that tests line 3."""

    def predict(self, pairs):
        if 3 in pairs.sample_row and len(set(pairs.sample_row.tolist())) < LINES:
            message = "no prediction for line 3"
            raise RuntimeError(message)
        return super().predict(pairs)


class Infinite(DrugMean):
    def predict(self, pairs):
        return np.full(len(pairs), np.inf)


def test_predictions_are_those_of_the_model_on_the_test_rows(tmp_path):
    table = response()
    plan = folds(table)
    done = train_on_folds(table, plan, {"mean": lambda: DrugMean(tmp_path / "log")}, tmp_path, seeds=(0, 1))
    assert len(done.finished) == 4 * 3 * 2
    found = read_predictions(tmp_path, Job("mean", Scheme.CELL_BLIND, 2, seed=1))
    fold = plan[Scheme.CELL_BLIND][2]
    assert found.row_id.tolist() == fold.test.tolist()
    assert found.y.tolist() == table.values[fold.test].tolist()
    train = table.take(fold.train)
    for c in range(DRUGS):
        expected = train.values[train.compound_row == c].mean()
        assert found.yhat[table.compound_row[fold.test] == c] == pytest.approx(expected)


def test_finished_jobs_are_not_done_again(tmp_path):
    table, log = response(), tmp_path / "log"
    plan = {Scheme.MIXED: folds(table)[Scheme.MIXED]}
    train_on_folds(table, plan, {"mean": lambda: DrugMean(log)}, tmp_path, only=[0, 2])
    assert log.read_text().count("fit") == 2
    again = train_on_folds(table, plan, {"mean": lambda: DrugMean(log)}, tmp_path)
    assert log.read_text().count("fit") == 3
    assert [job.fold for job in again.reused] == [0, 2]
    assert [job.fold for job in again.finished] == [1]


def test_a_board_knows_what_is_finished_without_looking_again(tmp_path):
    table, log = response(), tmp_path / "log"
    plan = {Scheme.MIXED: folds(table)[Scheme.MIXED], Scheme.DISJOINT: folds(table)[Scheme.DISJOINT]}
    train_on_folds(table, plan, {"mean": lambda: DrugMean(log)}, tmp_path, only=[1])
    board = JobBoard.look(tmp_path, plan, jobs_of(["mean", "other"], plan))
    assert board.finished == (Job("mean", Scheme.MIXED, 1), Job("mean", Scheme.DISJOINT, 1))
    assert len(board.waiting) == 2 * 2 * 3 - 2
    part = board.only(models=["mean"], schemes=[Scheme.MIXED], numbers=[0, 1])
    assert (part.finished, part.waiting) == ((Job("mean", Scheme.MIXED, 1),), (Job("mean", Scheme.MIXED, 0),))
    assert part.with_done(part.waiting).waiting == ()
    assert part.without(part.finished).finished == ()
    part.finished[0].path(tmp_path).unlink()
    assert part.finished == (Job("mean", Scheme.MIXED, 1),)
    with pytest.raises(SplitError, match="holds no predictions"):
        part.read(part.finished[0])


def test_one_failing_job_is_reported_and_the_rest_finish(tmp_path):
    table = response()
    plan = {Scheme.CELL_BLIND: folds(table)[Scheme.CELL_BLIND]}
    seen = []
    models = {"breaks": lambda: Breaks(tmp_path / "log"), "mean": lambda: DrugMean(tmp_path / "log")}
    outcome = train_on_folds(table, plan, models, tmp_path, on_done=lambda *what: seen.append(what[1:]))
    assert len(outcome.failed) == 1
    assert len(outcome.finished) == 5
    assert outcome.failed[0].reason == "RuntimeError: no prediction for line 3"
    assert "in predict" in outcome.failed[0].details.read_text()
    assert seen == [(i, 6) for i in range(1, 7)]
    again = train_on_folds(table, plan, {"breaks": lambda: DrugMean(tmp_path / "log")}, tmp_path)
    assert len(again.finished) == 1
    assert not outcome.failed[0].details.exists()


def test_predictions_that_are_not_finite_are_a_failure(tmp_path):
    table = response()
    plan = {Scheme.MIXED: folds(table)[Scheme.MIXED]}
    outcome = train_on_folds(table, plan, {"infinite": lambda: Infinite(tmp_path / "log")}, tmp_path, only=[0])
    assert "predictions for 26 rows are not finite" in outcome.failed[0].reason
    assert outcome.finished == ()


def test_predictions_of_another_split_are_refused(tmp_path):
    table, models = response(), {"mean": lambda: DrugMean(tmp_path / "log")}
    train_on_folds(table, {Scheme.MIXED: folds(table)[Scheme.MIXED]}, models, tmp_path)
    with pytest.raises(SplitError, match="was predicted on another split"):
        train_on_folds(table, {Scheme.MIXED: folds(table, seed=9)[Scheme.MIXED]}, models, tmp_path)


def test_scores_come_from_the_files_alone(tmp_path):
    table = response()
    plan = {Scheme.MIXED: folds(table)[Scheme.MIXED]}
    models = {name: (lambda: DrugMean(tmp_path / "log")) for name in ("mean_effects", "mean")}
    done = train_on_folds(table, plan, models, tmp_path)
    job, fold = Job("mean", Scheme.MIXED, 1), plan[Scheme.MIXED][1]
    found = read_predictions(tmp_path, job)
    keep_predictions(job, fold, table.take(fold.test), (found.yhat + found.y) / 2, found.seconds, tmp_path)
    scores = score_predictions(JobBoard.look(tmp_path, plan, done.finished), table).set_index(
        ["model", "fold", "metric"]
    )["value"]
    assert scores["mean", 1, "rmse"] == pytest.approx(scores["mean_effects", 1, "rmse"] / 2)
    assert scores["mean", 1, "residual_r2"] == pytest.approx(0.75)
    assert scores["mean", 0, "residual_r2"] == pytest.approx(0)
    assert scores["mean", 0, "seconds"] >= 0


def test_predictions_tell_what_they_were_computed_on_and_by(tmp_path, monkeypatch):
    monkeypatch.setattr("drugripple.evaluation.cross_validation.hardware", lambda: "another machine")
    monkeypatch.setattr("drugripple.evaluation.cross_validation.commit", lambda: "0123456789")
    table = response()
    plan = {Scheme.MIXED: folds(table)[Scheme.MIXED]}
    train_on_folds(table, plan, {"mean": lambda: DrugMean(tmp_path / "log")}, tmp_path, only=[0])
    monkeypatch.undo()
    board = JobBoard.look(tmp_path, plan, jobs_of(["mean"], plan, only=[0]))
    assert origins_of(board) == {("mean", "mixed", 0): Origin("another machine", "0123456789")}
    job, fold = board.finished[0], plan[Scheme.MIXED][0]
    keep_predictions(job, fold, table.take(fold.test), board.read(job).yhat, 1.0, tmp_path)
    assert origins_of(board) == {("mean", "mixed", 0): Origin("not recorded", commit())}


def test_an_altered_prediction_is_refused(tmp_path):
    table, job = response(), Job("mean", Scheme.MIXED, 0)
    plan = {Scheme.MIXED: folds(table)[Scheme.MIXED]}
    train_on_folds(table, plan, {"mean": lambda: DrugMean(tmp_path / "log")}, tmp_path, only=[0])
    frame = pq.read_table(job.path(tmp_path))
    values = frame["yhat"].to_numpy().copy()
    values[3] = np.nextafter(values[3], 99)
    pq.write_table(frame.set_column(2, "yhat", [values]), job.path(tmp_path))
    with pytest.raises(SplitError, match=r"0\.parquet was altered after it was written"):
        read_predictions(tmp_path, job)


def test_mean_effects_of_another_split_are_no_reference(tmp_path):
    """Fold 1's file under fold 0's name: as many rows, other ones."""
    table = response()
    plan = {Scheme.MIXED: folds(table)[Scheme.MIXED]}
    models = {name: lambda: DrugMean(tmp_path / "log") for name in ("mean_effects", "mean")}
    train_on_folds(table, plan, models, tmp_path)
    board = JobBoard.look(tmp_path, plan, [Job("mean", Scheme.MIXED, 0)])
    one, other = (Job("mean_effects", Scheme.MIXED, number).path(tmp_path) for number in (0, 1))
    one.write_bytes(other.read_bytes())
    with pytest.raises(SplitError, match=r"mean_effects/mixed/seed0/0\.parquet is of another split than .*mean"):
        score_predictions(board, table)


def test_missing_predictions_are_an_error(tmp_path):
    with pytest.raises(SplitError, match="holds no predictions"):
        read_predictions(tmp_path, Job("nobody", Scheme.MIXED, 0))


def test_workers_give_the_same_predictions(tmp_path):
    table = response()
    plan = {Scheme.MIXED: folds(table)[Scheme.MIXED]}
    for name, workers in (("one", 1), ("two", 2)):
        train_on_folds(table, plan, {"mean": lambda: DrugMean(tmp_path / "log")}, tmp_path / name, workers=workers)
    for fold in range(3):
        one, two = (read_predictions(tmp_path / name, Job("mean", Scheme.MIXED, fold)) for name in ("one", "two"))
        assert one.yhat.tolist() == two.yhat.tolist()


KILLED = """
import sys, time
from pathlib import Path
sys.path.insert(0, {here!r})
from test_crossval import DrugMean, folds, response
from drugripple.evaluation.cross_validation import train_on_folds
from drugripple.evaluation.schemes import Scheme

class Slow(DrugMean):
    def predict(self, pairs):
        time.sleep(0.3)
        return super().predict(pairs)

folder = Path({folder!r})
table = response()
train_on_folds(table, {{Scheme.MIXED: folds(table)[Scheme.MIXED]}}, {{"mean": lambda: Slow(folder / "log")}}, folder)
"""


def test_run_killed_with_signal_9_goes_on_where_it_stopped(tmp_path):
    code = KILLED.format(here=str(Path(__file__).parent), folder=str(tmp_path))
    first = Job("mean", Scheme.MIXED, 0).path(tmp_path)
    process = start_code(code)
    for _ in range(600):
        if first.exists():
            break
        time.sleep(0.05)
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    before = first.stat().st_mtime_ns
    unfinished = Job("mean", Scheme.MIXED, 1).path(tmp_path)
    assert not unfinished.exists()
    table = response()
    outcome = train_on_folds(
        table, {Scheme.MIXED: folds(table)[Scheme.MIXED]}, {"mean": lambda: DrugMean(tmp_path / "log")}, tmp_path
    )
    assert [job.fold for job in outcome.reused] == [0]
    assert [job.fold for job in outcome.finished] == [1, 2]
    assert first.stat().st_mtime_ns == before
    assert read_predictions(tmp_path, Job("mean", Scheme.MIXED, 1)).yhat.size == len(folds(table)[Scheme.MIXED][1].test)
