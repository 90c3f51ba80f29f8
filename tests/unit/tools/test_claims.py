"""What becomes of the paper's claims: a verdict takes three folds and an adjusted test."""

import csv

import pytest

from tools.pages.claims import CSG2A, claims, order
from tools.pages.measured import Measured


def measured(tmp_path, scores):
    (tmp_path / "table1").mkdir()
    with (tmp_path / "table1" / "per_fold.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("model", "scheme", "fold", "seed", "rmse"))
        for model, several in scores.items():
            writer.writerows((model, "mixed", fold, 0, rmse) for fold, rmse in enumerate(several))
    return Measured((), (), tmp_path)


@pytest.mark.parametrize(
    ("rival", "verdict", "test"),
    [
        ((2.0, 2.1, 2.2), "reproduced", "-1.000 over 3 folds, p = "),
        ((0.5, 0.55, 0.7), "differs", "0.517 over 3 folds, p = "),
        ((1.0, 1.5, 0.9), "cannot be said", "-0.033 over 3 folds, p = "),
        ((9.0, 9.0), "cannot be said", "-7.950 over 2 folds; no test of fewer than 3"),
    ],
)
def test_a_claim_is_judged_by_its_test(tmp_path, rival, verdict, test):
    own = (1.0, 1.1, 1.2001)
    found = claims(measured(tmp_path, {CSG2A.replace("/", "-"): own, "svm": rival}))
    line = next(line for line in found.splitlines() if line.startswith("| CSG2A before SVM"))
    assert f"| {verdict} |" in line
    assert test[:6] in line
    assert "CSG2A before RF, GraphDRP" in found


def test_a_model_without_a_score_has_no_place(tmp_path):
    table = order(measured(tmp_path, {}), ["svm"])
    assert table.splitlines()[-1] == "| least-squares kernel machine (`svm`) | – / – | – / – | – / – | – / – |"
