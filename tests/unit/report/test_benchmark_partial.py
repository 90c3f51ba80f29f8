"""The report of a benchmark: a cell over all folds or none, partial folds beside their rivals, and marks."""

import math

import numpy as np
import pandas as pd

from drugripple.data.measure import Measure
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.scoreboard import Scoreboard, summarise
from drugripple.recipes.benchmark.convergence import COLUMNS
from drugripple.report.benchmark import benchmark_report
from drugripple.report.benchmark_findings import BenchmarkFindings, ModelNote, Setting
from drugripple.report.findings import LearningCurve
from drugripple.report.markdown import render

SCORES = {
    "whole": {0: (1.0, 0.5), 1: (3.0, 0.7)},
    "other": {0: (1.5, 0.8), 1: (2.0, 0.8)},
    "late": {0: (0.9, 0.4)},
}
"""RMSE and PCC within a drug by model and fold: fold 0 is easy, so that a mean over it alone looks best."""


def findings(*, capped=None, exposed=frozenset(), curves=None, trainings=()):
    rows = [
        ("mixed", fold, 0, model, metric, score, 10)
        for model, folds in SCORES.items()
        for fold, (rmse, within) in folds.items()
        for metric, score in (("rmse", rmse), ("pcc", 0.9), ("per_drug_pcc_mean", within))
    ]
    per_fold = pd.DataFrame(rows, columns=["scheme", "fold", "seed", "model", "metric", "value", "n"])
    nothing = {"rmse_low": 0.0, "rmse_high": 1.0, "gap_closed": math.nan, "difference": 0.0, "low": -1.0, "high": 1.0}
    p_values = {"paired_p": math.nan, "corrected_p": math.nan, "holm_p": math.nan}
    comparison = pd.DataFrame(
        [
            {"scheme": "mixed", "model": model, "reference": "other", "folds": len(folds)} | nothing | p_values
            for model, folds in SCORES.items()
        ]
    )
    per_drug = pd.DataFrame(columns=["scheme", "model", "compound", "rmse", "rows", "pcc"])
    return BenchmarkFindings(
        title="a test",
        setting=Setting("GDSC2", Measure.LN_IC50, 10, 2, 2, {Scheme.MIXED: 2}, "group", "blind", ""),
        models=tuple(ModelNote(model, "nobody") for model in SCORES),
        published={},
        elsewhere={},
        board=Scoreboard(per_fold, summarise(per_fold), comparison, per_drug, {}),
        capped=capped or {},
        exposed=exposed,
        curves=curves or {},
        trainings=pd.DataFrame(trainings, columns=list(COLUMNS)),
        audit=pd.DataFrame(),
        audited="nothing",
        ceiling=None,
        ceiling_note="none",
        provenance={},
    )


def table_under(text, heading):
    return text.partition(heading)[2].partition("##")[0]


def test_a_model_with_some_folds_has_no_cell_and_no_place(tmp_path):
    text = render(benchmark_report(findings()))
    line = next(line for line in text.splitlines() if line.startswith("| late"))
    assert line.split("|")[2:4] == [" \u2013 ", " \u2013 "]
    assert "lowest RMSE 1.750 by other" in text
    assert "late" not in table_under(text, "## Score card")


def test_it_stands_beside_every_rival_on_exactly_its_folds():
    part = table_under(render(benchmark_report(findings())), "## Models on some of the folds")
    assert "mixed, fold 0 only" in part
    models = [line.split("|")[1].strip() for line in part.splitlines() if line.startswith("| ")][1:]
    assert models == ["late", "whole", "other"]


def test_the_order_by_the_correlation_within_a_drug_is_another():
    part = table_under(render(benchmark_report(findings())), "## What if the correlation within a drug decides?")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in part.splitlines() if line.startswith("| ")]
    assert rows[1:] == [["other", "1.750", "1", "0.800", "1"], ["whole", "2.000", "2", "0.600", "2"]]


def test_cells_carry_their_marks_and_the_marks_their_meaning():
    marked = findings(capped={("whole", Scheme.MIXED): 1}, exposed=frozenset({("other", Scheme.MIXED)}))
    text = render(benchmark_report(marked))
    assert "2.000 ± 1.414†" in text
    assert "1.750 ± 0.354‡" in text
    assert "† a training of this cell ended at its cap of epochs" in text
    assert "‡ pretraining had seen some of the compounds or cell lines" in text
    assert "†" not in render(benchmark_report(findings()))


def test_the_trainings_of_each_model_and_scheme_stand_in_one_row():
    rows = [("peer", "mixed", fold, 0, 30 + fold, 10 + fold, 1.0, 2.0 + fold, 9.0, fold == 1) for fold in range(2)]
    rows += [("peer", "disjoint", 0, 0, 5, 5, 1.0, 4.0, 9.0, False)]
    curve = {"mixed, fold 0": LearningCurve(np.array([1, 2]), np.array([3.0, 1.0]), np.array([3.0, 2.0]))}
    part = table_under(render(benchmark_report(findings(curves={"peer": curve}, trainings=rows))), "## Learning curves")
    cells = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in part.splitlines() if line.startswith("| peer")
    ]
    assert cells == [
        ["peer", "mixed", "2", "30.5", "10 to 11", "1.0000", "2.5000", "1"],
        ["peer", "disjoint", "1", "5.0", "5", "1.0000", "4.0000", "0"],
    ]
