"""Scores, comparisons and ranks from prediction files that were written by hand."""

import numpy as np
import pytest

from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.evaluation.jobs import Job, JobBoard, keep_predictions
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.scoreboard import scoreboard
from drugripple.evaluation.splits import make_folds
from drugripple.genes.space import GeneSpace

LINES, DRUGS = 33, 3


@pytest.fixture(scope="module")
def table():
    line, drug = (axis.ravel() for axis in np.meshgrid(np.arange(LINES), np.arange(DRUGS), indexing="ij"))
    return ResponseTable.of(
        ExpressionTable(
            tuple(f"l{i}" for i in range(LINES)), GeneSpace(("G",)), np.zeros((LINES, 1), np.float32),
            ExpressionScale.ROBUST_Z,
        ),
        CompoundTable.from_smiles(("C", "CC", "CCC"), ids=("a", "b", "c")),
        line,
        drug,
        line + 0.1 * drug,
    )  # fmt: skip


@pytest.fixture(scope="module")
def folds(table):
    return {Scheme.CELL_BLIND: make_folds(table.sample_row, table.compound_row, Scheme.CELL_BLIND, folds=3)}


def write(folder, table, folds, errors, seed=0):
    """Predictions that miss by a constant each: {model: error in each fold}; None is a fold that is not done."""
    jobs = []
    for model, several in errors.items():
        for number, error in enumerate(several):
            if error is None:
                continue
            job = Job(model, Scheme.CELL_BLIND, number, seed)
            fold = folds[Scheme.CELL_BLIND][number]
            test = table.take(fold.test)
            keep_predictions(job, fold, test, test.values.astype(float) - error, 2.0, folder)
            jobs.append(job)
    return jobs


def done(jobs):
    """All of them, all finished."""
    return tuple(jobs), frozenset(jobs)


def of(board, model):
    return board.comparison.set_index("model").loc[model]


def test_hand_numbers(table, folds, tmp_path):
    """Errors 1, 2, 3: mean 2, deviation 1. The folds have 33 rows each, so that the pooled RMSE is √(14/3)."""
    jobs = write(tmp_path, table, folds, {"mean_effects": (2, 2, 2), "one": (1, 2, 3), "two": (1, 1, 1)})
    board = scoreboard(JobBoard(tmp_path, folds, *done(jobs)), table, floor=0.5)
    row = board.summary.set_index(["model", "metric"]).loc["one", "rmse"]
    assert (row["mean"], row["sd"], row["folds"], row["seeds"], row["n"]) == (
        pytest.approx(2),
        pytest.approx(1),
        3,
        1,
        99,
    )
    assert of(board, "one")["rmse_pooled"] == pytest.approx((14 / 3) ** 0.5)
    assert of(board, "one")["reference"] == "two"
    assert of(board, "one")["difference"] == pytest.approx((14 / 3) ** 0.5 - 1)
    assert of(board, "two")["difference"] == 0
    assert of(board, "two")["gap_closed"] == pytest.approx((4 - 1) / (4 - 0.25))
    assert of(board, "mean_effects")["gap_closed"] == 0


def test_ranks_are_those_of_complete_models(table, folds, tmp_path):
    """One against the others: lower, equal, higher; two always lowest: ranks 2, 2.5, 3 and 3, 2.5, 2 after its 1."""
    errors = {"mean_effects": (2, 2, 2), "one": (1.5, 2, 3), "two": (1, 1, 1), "late": (0.1, 0.1, None)}
    board = scoreboard(JobBoard(tmp_path, folds, *done(write(tmp_path, table, folds, errors))), table)
    ranked = board.rankings[Scheme.CELL_BLIND]
    assert ranked.folds == 3
    assert dict(zip(ranked.models, ranked.ranking.mean_ranks.tolist(), strict=True)) == {
        "mean_effects": 2.5, "one": 2.5, "two": 1.0,
    }  # fmt: skip
    assert of(board, "late")["folds"] == 2
    assert of(board, "late")["reference"] == "two"
    assert np.isnan(of(board, "late")["gap_closed"])


def test_an_incomplete_model_is_compared_on_the_rows_both_have(table, folds, tmp_path):
    errors = {"two": (1, 1, 5), "late": (3, 3, None), "mean_effects": (6, 6, 6)}
    board = scoreboard(JobBoard(tmp_path, folds, *done(write(tmp_path, table, folds, errors))), table)
    assert of(board, "late")["difference"] == pytest.approx(2)
    named = scoreboard(JobBoard(tmp_path, folds, *done(write(tmp_path, table, folds, errors))), table, reference="late")
    assert of(named, "two")["difference"] == pytest.approx(-2)


def test_the_reference_can_be_named(table, folds, tmp_path):
    jobs = write(tmp_path, table, folds, {"one": (1, 2, 3), "two": (1, 1, 1)})
    board = scoreboard(JobBoard(tmp_path, folds, *done(jobs)), table, reference="one")
    assert set(board.comparison["reference"]) == {"one"}
    assert of(board, "two")["difference"] < 0


def test_seeds_are_told_apart_from_folds(table, folds, tmp_path):
    """Seed means 1 and 3: deviation √2; fold means over seeds are 2 each: deviation 0."""
    jobs = write(tmp_path, table, folds, {"one": (1, 1, 1)})
    jobs += write(tmp_path, table, folds, {"one": (3, 3, 3)}, seed=1)
    row = scoreboard(JobBoard(tmp_path, folds, *done(jobs)), table).summary.set_index("metric").loc["rmse"]
    assert (row["mean"], row["sd"]) == (pytest.approx(2), pytest.approx(0))
    assert (row["seeds"], row["seed_sd"]) == (2, pytest.approx(2**0.5))
    assert row["n"] == 99


def test_drugs_have_their_own_scores(table, folds, tmp_path):
    """Shifted by a constant, every drug's lines are ranked perfectly: r = 1, and its RMSE is √(14/3)."""
    board = scoreboard(JobBoard(tmp_path, folds, *done(write(tmp_path, table, folds, {"one": (1, 2, 3)}))), table)
    assert board.per_drug["compound"].tolist() == [0, 1, 2]
    assert board.per_drug["pcc"].tolist() == pytest.approx([1, 1, 1])
    assert board.per_drug["rmse"].tolist() == pytest.approx([(14 / 3) ** 0.5] * 3)
    assert board.per_drug["rows"].tolist() == [33, 33, 33]


def test_an_undefined_fold_makes_the_mean_undefined(table, folds, tmp_path):
    jobs = write(tmp_path, table, folds, {"one": (1, 2, 3)})
    fold = folds[Scheme.CELL_BLIND][0]
    keep_predictions(jobs[0], fold, table.take(fold.test), np.zeros(33), 2.0, tmp_path)
    summary = scoreboard(JobBoard(tmp_path, folds, *done(jobs)), table).summary.set_index("metric")
    assert np.isnan(summary.loc["pcc", "mean"])
    assert np.isfinite(summary.loc["rmse", "mean"])


def test_nothing_is_tested_against_a_winner_that_was_picked_afterwards(table, folds, tmp_path):
    errors = {"one": (1, 2, 3.5), "two": (1, 1.2, 1), "mean_effects": (4, 4.5, 4)}
    jobs = write(tmp_path, table, folds, errors)
    picked = scoreboard(JobBoard(tmp_path, folds, *done(jobs)), table).comparison
    assert picked[["paired_p", "corrected_p", "holm_p"]].isna().all(axis=None)
    named = scoreboard(JobBoard(tmp_path, folds, *done(jobs)), table, reference="mean_effects")
    p_values = of(named, "one")["corrected_p"], of(named, "two")["corrected_p"]
    assert of(named, "two")["holm_p"] == pytest.approx(2 * min(p_values))
    assert of(named, "one")["holm_p"] == pytest.approx(max(p_values))


def test_an_incomplete_model_takes_no_part_in_the_adjustment(table, folds, tmp_path):
    errors = {"one": (1, 2, 3.5), "late": (1, 1, None), "mean_effects": (4, 4.5, 4)}
    jobs = write(tmp_path, table, folds, errors)
    waiting = Job("late", Scheme.CELL_BLIND, 2)
    board = scoreboard(JobBoard(tmp_path, folds, (*jobs, waiting), frozenset(jobs)), table, reference="mean_effects")
    assert np.isnan(of(board, "late")["holm_p"])
    assert of(board, "one")["holm_p"] == pytest.approx(of(board, "one")["corrected_p"])
