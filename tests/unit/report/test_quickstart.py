import math

import numpy as np
import pandas as pd
import pytest

from drugripple.errors import TableError
from drugripple.report.figures import DrugScore
from drugripple.report.findings import Dropped, ExplainedPrediction, LearningCurve, QuickstartResult, Setting, Terms
from drugripple.report.html import render
from drugripple.report.quickstart import quickstart_report
from drugripple.report.verdict import verdict

NAN = float("nan")


def result(**changes):
    pairs = pd.DataFrame(
        [("TP53", "MDM2", 3.25, True, 1), ("TP53", "EGFR", 1.5, False, 2)],
        columns=["gene_a", "gene_b", "score", "in_prior", "rank"],
    )
    scores = np.array([[9.0, 3.25, 1.5], [3.25, 9.0, 0.5], [1.5, 0.5, 9.0]])
    values = {
        "model": {"rmse": 1.31, "pcc": 0.885, "per_drug_pcc": 0.46},
        "naive": {"rmse": 1.497, "pcc": 0.845, "per_drug_pcc": NAN},
        "measured": np.array([1.0, 2.0, 3.0]),
        "predicted": np.array([1.1, 2.2, 2.7]),
        "drugs": ("Trametinib", "Trametinib", "Carmustine"),
        "drug_scores": (
            DrugScore("Carmustine", -0.1, 1.4, 79),
            DrugScore("Trametinib", 0.7, 1.1, 80),
            DrugScore("Rare", NAN, 2.0, 1),
        ),
        "setting": Setting(482, 169, 700, 96, 104310, "weights pretrained on L1000"),
        "learning": LearningCurve(np.array([1, 2]), np.array([2.0, 1.0]), np.array([2.0, 1.5])),
        "explained": ExplainedPrediction(
            "A375",
            "Trametinib",
            math.log(0.5),
            math.log(0.25),
            pairs,
            scores,
            ("TP53", "MDM2", "EGFR"),
            scores == 3.25,
            pd.DataFrame({"gene_a": ["MYC"], "gene_b": ["MAX"], "score": [-0.125], "in_prior": [True], "rank": [1]}),
        ),
        "dropped": (Dropped("responses", 1205, "3 compounds have no published structure"),),
        "terms": (Terms("GDSC2", "the index", "non-commercial", "Yang 2013"),),
        "seconds": 412.0,
        "hardware": "2 cores",
        "versions": {"torch": "2.13"},
        "command": "drugripple quickstart",
    }
    return QuickstartResult(**(values | changes))


def test_a_reader_finds_every_finding():
    page = render(quickstart_report(result()))
    for words in (
        "beats mean effects",
        "700 cancer cell lines",
        "104,310 measured responses",
        "an IC50 of 0.5 µM",
        "measured is 0.25 µM",
        "a factor of 2.0 apart",
        "<td>TP53</td><td>MDM2</td>",
        "<td>MYC</td><td>MAX</td>",
        "\u22120.125",
        "For 1 more it is undefined",
        "1,205",
        "6.9 minutes",
        "non-commercial",
        "mean effects \u2013; higher is better",
    ):
        assert words in page, words


def test_best_and_worst_drugs_do_not_overlap_and_stand_in_order():
    section = quickstart_report(result()).sections[2]
    best, worst = section.tables
    assert [row[0] for row in best.rows] == ["Trametinib"]
    assert [row[0] for row in worst.rows] == ["Carmustine"]


def test_a_run_with_one_scored_drug_still_reports():
    section = quickstart_report(result(drug_scores=(DrugScore("A", 0.5, 1.0, 9),))).sections[2]
    assert section.tables == ()


def test_nothing_left_out_is_said():
    assert "every row of the source was used" in render(quickstart_report(result(dropped=())))


@pytest.mark.parametrize(
    ("model", "naive", "said"),
    [
        (
            (1.0, 0.5),
            (2.0, NAN),
            "beats mean effects: its typical error (RMSE of ln IC50) is 1.000 against 2.000, 50.0% less",
        ),
        (
            (2.0, 0.5),
            (1.0, NAN),
            "does not beat mean effects: its typical error (RMSE of ln IC50) is 2.000 against 1.000, 100.0%",
        ),
        ((1.0, 0.5), (1.0001, NAN), "equally good"),
        ((1.0, 0.5), (2.0, NAN), "cannot rank them at all"),
        ((1.0, 0.2), (2.0, 0.3), "0.20 on average, worse than the 0.30 of mean effects"),
        ((1.0, 0.4), (2.0, 0.3), "0.40 on average, better than the 0.30 of mean effects"),
        ((1.0, 0.3), (2.0, 0.3), "as those of mean effects do"),
        ((1.0, NAN), (2.0, 0.3), "cannot be scored"),
        ((math.log(4), 0.4), (2.0, 0.3), "off by a factor of 4.0 in IC50"),
    ],
)
def test_the_verdict_is_plain_whichever_way_it_went(model, naive, said):
    keys = ("rmse", "per_drug_pcc")
    assert said in verdict(dict(zip(keys, model, strict=True)), dict(zip(keys, naive, strict=True)))


def test_a_missing_score_is_refused():
    with pytest.raises(TableError, match=r"the naive scores lack \['pcc'\]"):
        result(naive={"rmse": 1.0, "per_drug_pcc": NAN})


def test_rows_of_different_length_are_refused():
    with pytest.raises(TableError, match="3 measured, 3 predicted rows of 1 drugs"):
        result(drugs=("A",))
