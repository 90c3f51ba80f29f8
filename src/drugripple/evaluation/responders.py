"""Do predictions tell the patients who responded to a drug from those who did not? Tests per drug, with controls.

Source: paper section 4.5 (drugs with more than ten responders and non-responders, one-sided t-test). Ours: Welch's
form, Benjamini and Hochberg over drugs, AUROC, permutation, tests within cancer types, and predictions for other drugs.
"""

import numpy as np
import pandas as pd

from drugripple.errors import TableError, first_five
from drugripple.evaluation.false_discovery import false_discovery_rate
from drugripple.evaluation.group_tests import (
    auroc,
    permutation_lower,
    van_elteren_lower,
    welch_lower,
    welch_rows,
)

FEWEST = 10
"""More responders and more non-responders than this are needed."""
COLUMNS = (
    "drug", "responders", "non_responders", "cancers", "difference", "t", "p", "q", "auroc", "auroc_low", "auroc_high",
    "permutation_p", "within_cancer_p", "within_cancer_permutation_p", "wrong_drugs_as_good",
)  # fmt: skip
CASES = ("patient", "drug", "cancer", "responder")


def score_drugs(
    cases: pd.DataFrame,
    predicted: pd.DataFrame,
    *,
    lower_is_sensitive: bool = True,
    fewest: int = FEWEST,
    draws: int = 10_000,
    seed: int = 0,
) -> pd.DataFrame:
    """One row per drug with more than `fewest` responders and non-responders, the lowest p first.

    `wrong_drugs_as_good` is the share of the other drugs whose predictions part the same patients at least as well.

    Args:
        cases: patient, drug, cancer and responder (1 or 0); each patient and drug once.
        predicted: a row per patient, a column per drug.
        lower_is_sensitive: whether a low prediction means a good response.
        fewest: responders and non-responders that are not enough.
        draws: permutations.
        seed: of the permutations.

    Raises:
        TableError: if a patient and drug repeat, or one was not predicted.
    """
    lacking = [column for column in CASES if column not in cases]
    if lacking or cases.duplicated(["patient", "drug"]).any():
        message = f"cases need {', '.join(CASES)}, and each patient and drug once; missing: {', '.join(lacking)}"
        raise TableError(message)
    strange = sorted({*cases["drug"]} - {*predicted.columns}) + sorted({*cases["patient"]} - {*predicted.index})
    if strange:
        message = f"{len(strange)} drugs or patients have no prediction: {first_five(strange)}"
        raise TableError(message)
    signed = predicted if lower_is_sensitive else -predicted
    rows = [
        _test_one(str(drug), some, signed, draws, seed)
        for drug, some in cases.groupby("drug", sort=True)
        if some["responder"].sum() > fewest and (1 - some["responder"]).sum() > fewest
    ]
    table = pd.DataFrame(rows, columns=[name for name in COLUMNS if name != "q"])
    table.insert(COLUMNS.index("q"), "q", false_discovery_rate(table["p"].to_numpy(np.float64)))
    if not lower_is_sensitive:
        table["difference"] *= -1
    return table.sort_values(["p", "drug"], ignore_index=True)


def _test_one(
    drug: str, some: pd.DataFrame, predicted: pd.DataFrame, draws: int, seed: int
) -> tuple[str | int | float, ...]:
    first = some["responder"].to_numpy(bool)
    cancers = some["cancer"].astype(str).tolist()
    of_patients = predicted.loc[some["patient"]]
    values = of_patients[drug].to_numpy(np.float64)
    found = welch_lower(values[first], values[~first])
    area = auroc(-values[first], -values[~first])
    others = welch_rows(of_patients.drop(columns=drug).to_numpy(np.float64).T, first[None])[0]
    known = len(others) and np.isfinite(found.statistic)
    as_good = float(np.mean(others <= found.statistic)) if known else float("nan")
    return (
        drug, int(first.sum()), int((~first).sum()), len(set(cancers)),
        float(values[first].mean() - values[~first].mean()), *found, *area,
        permutation_lower(values, first, draws=draws, seed=seed),
        van_elteren_lower(values, first, cancers).p_value,
        permutation_lower(values, first, strata=cancers, draws=draws, seed=seed),
        as_good,
    )  # fmt: skip
