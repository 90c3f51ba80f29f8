"""What becomes of the paper's claims: a verdict takes three folds and an adjusted test."""

import csv

import pytest

from tools.pages.claims import CSG2A, claims, order
from tools.pages.measured import Measured


def measured(tmp_path, scores, arms=()):
    for part, told in (("table1", scores), ("peers", {}), ("arms", dict(arms))):
        (tmp_path / part).mkdir()
        with (tmp_path / part / "per_fold.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("model", "scheme", "fold", "seed", "rmse"))
            for model, several in told.items():
                writer.writerows((model, "mixed", fold, 0, rmse) for fold, rmse in enumerate(several))
    return Measured((), (), tmp_path)


def test_an_arm_without_what_is_claimed_to_help_decides_the_claim(tmp_path):
    own = (1.0, 1.1, 1.2001)
    arms = {CSG2A: own, f"{CSG2A}-random-frozen": (2.0, 2.1, 2.2), f"{CSG2A}-no-prior": (1.0, 1.12, 1.19)}
    found = claims(measured(tmp_path, {}, arms)).splitlines()
    assert any(
        line.startswith("| pretraining helps, both backbones frozen, mixed | reproduced | -1.000 over 3 folds")
        for line in found
    )
    assert any(line.startswith("| known interactions help, mixed | cannot be said | ") for line in found)


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
