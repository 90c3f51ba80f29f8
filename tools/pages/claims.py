"""Tables of docs/table1.md on the paper's claims: each with its test, and the order by another score."""

import csv
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from drugripple.evaluation.statistics import FEWEST_FOLDS, corrected_t, holm
from tools.pages.measured import Measured
from tools.pages.names import MODELS, SCHEMES
from tools.pages.numbers import UNDEFINED, decimals, table

TESTED_TO_TRAINED = 1 / 8
"""Of ten folds, one tests, one validates and eight train, in every scheme and in what that scheme draws."""
LEVEL = 0.05
CSG2A = "csg2a_drugripple"
RIVALS = {
    "RF": "rf",
    "SVM": "svm",
    "GraphDRP": "graphdrp",
    "PathDNN": "pathdnn",
    "Precily": "precily",
    "DRPreter": "drpreter",
    "DeepCoVDR": "deepcovdr",
    "DeepTTA": "deeptta",
}
"""The paper's rivals and what they are called here; CSG2A has the lower RMSE than each, in every scheme of Table 1."""
FIGURE_2 = {
    "pretraining helps, both backbones frozen": "csg2a_drugripple-random-frozen",
    "known interactions help": "csg2a_drugripple-no-prior",
}
"""Claims of the paper's Figure 2, and the arm without what is claimed to help (`runs/arms.toml`)."""
NOT_TESTED = {
    "pretraining helps, the random backbone trained": "not run (`runs/arms.toml`); this is the paper's arm",
    "a frozen backbone is better than a trained one": "not run (`runs/arms.toml`)",
    "attention is better than plain mixing": 'not run (`network.perturbation.mixing = "plain"`)',
}


class Comparison(NamedTuple):
    """RMSE of one model minus that of another on the folds both have, with the corrected t-test."""

    folds: int
    difference: float
    p_value: float


def claims(measured: Measured) -> str:
    """Each claim of the paper about an order of models, scheme by scheme: reproduced, differs, or cannot be said."""
    scores = _rmse(measured, "table1") | _rmse(measured, "peers")
    absent = {model for model in RIVALS.values() if not any(name == model for name, _, _ in scores)}
    rows = []
    for scheme, words in SCHEMES.items():
        found = {rival: _compare(scores, CSG2A, model, scheme) for rival, model in RIVALS.items()}
        adjusted = holm(np.array([one.p_value for one in found.values()]))
        rows += [
            (f"CSG2A before {rival}, {words}", *_verdict(one, float(p)))
            for (rival, one), p in zip(found.items(), adjusted, strict=True)
            if RIVALS[rival] not in absent
        ]
    if absent:
        names = ", ".join(rival for rival, model in RIVALS.items() if model in absent)
        rows.append((f"CSG2A before {names}", "cannot be said", "not run on these folds"))
    rows += _arms(_rmse(measured, "arms"))
    rows += [(claim, "cannot be said", why) for claim, why in NOT_TESTED.items()]
    return table(("claim of the paper", "here", "test"), rows).replace("---:", "---")


def over_seeds(measured: Measured, model: str, scheme: str, metric: str, folds: int = 10) -> float | None:
    """A score of Table 1, the mean over the seeds of the model; None where it did not run on so many folds."""
    name, _, preset = model.partition("/")
    wanted = ("table1", name, preset, scheme, metric, folds)
    found = [
        row.mean
        for row in measured.results
        if (row.experiment, row.model, row.preset, row.scheme, row.metric, row.folds) == wanted
    ]
    return float(np.mean(found)) if found else None


def order(measured: Measured, models: Sequence[str]) -> str:
    """Place of each model by RMSE and by the PCC within a drug, scheme by scheme; ten folds."""
    places: dict[tuple[str, str], dict[str, int]] = {}
    for scheme in SCHEMES:
        for metric, sign in (("rmse", 1), ("per_drug_pcc", -1)):
            told = {model: over_seeds(measured, model, scheme, metric) for model in models}
            values = {model: sign * value for model, value in told.items() if value is not None}
            ranked = sorted((m for m in values if not math.isnan(values[m])), key=lambda m: values[m])
            places[scheme, metric] = {model: number for number, model in enumerate(ranked, start=1)}

    def cell(model: str, scheme: str) -> str:
        both = (places[scheme, metric].get(model) for metric in ("rmse", "per_drug_pcc"))
        return " / ".join(UNDEFINED if place is None else str(place) for place in both)

    rows = [(MODELS[model], *(cell(model, scheme) for scheme in SCHEMES)) for model in models]
    return table(("place by RMSE / by PCC within a drug", *SCHEMES.values()), rows)


def _arms(scores: dict[tuple[str, str, str], float]) -> list[tuple[str, str, str]]:
    """Each claim on what helps, scheme by scheme, adjusted over claims and schemes."""
    schemes = [scheme for scheme in SCHEMES if any(of == scheme for _, of, _ in scores)]
    asked = [(claim, arm, scheme) for claim, arm in FIGURE_2.items() for scheme in schemes]
    found = [_compare(scores, CSG2A, arm, scheme) for _, arm, scheme in asked]
    adjusted = holm(np.array([one.p_value for one in found]))
    return [
        (f"{claim}, {SCHEMES[scheme]}", *_verdict(one, float(p)))
        for (claim, _, scheme), one, p in zip(asked, found, adjusted, strict=True)
    ]


def _verdict(found: Comparison, adjusted: float) -> tuple[str, str]:
    if not found.folds:
        return "cannot be said", "not run on these folds"
    told = f"{decimals(found.difference)} over {found.folds} fold{'s' * (found.folds > 1)}"
    if found.folds < FEWEST_FOLDS:
        return "cannot be said", f"{told}; no test of fewer than {FEWEST_FOLDS}"
    told += f", p = {adjusted:.2g}"
    if not adjusted < LEVEL:
        return "cannot be said", told
    return ("reproduced" if found.difference < 0 else "differs"), told


def _rmse(measured: Measured, part: str) -> dict[tuple[str, str, str], float]:
    """RMSE by model, scheme and fold of a folder of results, the mean over seeds."""
    told: dict[tuple[str, str, str], list[float]] = {}
    with (measured.folder / part / "per_fold.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            told.setdefault((row["model"], row["scheme"], row["fold"]), []).append(float(row["rmse"]))
    return {job: float(np.mean(values)) for job, values in told.items()}


def _compare(scores: dict[tuple[str, str, str], float], one: str, other: str, scheme: str) -> Comparison:
    first, second = one.replace("/", "-"), other.replace("/", "-")
    folds = sorted(fold for model, of, fold in scores if (model, of) == (first, scheme))
    shared = [fold for fold in folds if (second, scheme, fold) in scores]
    mine, theirs = (np.array([scores[model, scheme, fold] for fold in shared]) for model in (first, second))
    p_value = corrected_t(mine, theirs, test_to_train=TESTED_TO_TRAINED).p_value if shared else math.nan
    return Comparison(len(shared), float((mine - theirs).mean()) if shared else math.nan, p_value)


CLAIMS: dict[str, Callable[[Measured], str]] = {"table1_claims": claims}
