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
CSG2A = "csg2a/paper"
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
    "pretraining helps": "not run with arms that differ in nothing else (`runs/arms.toml`)",
    "a frozen backbone is better than a trained one": "not run (`runs/arms.toml`)",
    "known interactions help": 'not run (`network.prior = "none"`)',
    "attention is better than plain mixing": 'not run (`network.perturbation.mixing = "plain"`)',
}


class Comparison(NamedTuple):
    """RMSE of one model minus that of another on the folds both have, with the corrected t-test."""

    folds: int
    difference: float
    p_value: float


def claims(measured: Measured) -> str:
    """Each claim of the paper about an order of models, scheme by scheme: reproduced, differs, or cannot be said."""
    scores = _rmse(measured)
    rows = []
    for scheme, words in SCHEMES.items():
        found = {rival: _compare(scores, CSG2A, model, scheme) for rival, model in RIVALS.items()}
        adjusted = holm(np.array([one.p_value for one in found.values()]))
        rows += [
            (f"CSG2A before {rival}, {words}", *_verdict(one, float(p)))
            for (rival, one), p in zip(found.items(), adjusted, strict=True)
            if one.folds
        ]
    absent = [rival for rival, model in RIVALS.items() if not any(name == model for name, _, _ in scores)]
    if absent:
        rows.append((f"CSG2A before {', '.join(absent)}", "cannot be said", "not run on these folds"))
    rows += [(claim, "cannot be said", why) for claim, why in FIGURE_2.items()]
    return table(("claim of the paper", "here", "test"), rows).replace("---:", "---")


def order(measured: Measured, models: Sequence[str]) -> str:
    """Place of each model by RMSE and by the PCC within a drug, scheme by scheme; ten folds."""

    def score(model: str, scheme: str, metric: str) -> float:
        name, _, preset = model.partition("/")
        key = f"table1/{name}/{preset}/{scheme}/{metric}"
        found = [
            row
            for row in measured.results
            if "/".join((row.experiment, row.model, row.preset, row.scheme, row.metric)) == key
            and (row.folds, row.seed) == (10, 0)
        ]
        return found[0].mean if found else math.nan

    places: dict[tuple[str, str], dict[str, int]] = {}
    for scheme in SCHEMES:
        for metric, sign in (("rmse", 1), ("per_drug_pcc", -1)):
            values = {model: sign * score(model, scheme, metric) for model in models}
            ranked = sorted((m for m in models if not math.isnan(values[m])), key=lambda m: values[m])
            places[scheme, metric] = {model: number for number, model in enumerate(ranked, start=1)}

    def cell(model: str, scheme: str) -> str:
        both = (places[scheme, metric].get(model) for metric in ("rmse", "per_drug_pcc"))
        return " / ".join(UNDEFINED if place is None else str(place) for place in both)

    rows = [(MODELS[model], *(cell(model, scheme) for scheme in SCHEMES)) for model in models]
    return table(("place by RMSE / by PCC within a drug", *SCHEMES.values()), rows)


def _verdict(found: Comparison, adjusted: float) -> tuple[str, str]:
    told = f"{decimals(found.difference)} over {found.folds} fold{'s' * (found.folds > 1)}"
    if found.folds < FEWEST_FOLDS:
        return "cannot be said", f"{told}; no test of fewer than {FEWEST_FOLDS}"
    told += f", p = {adjusted:.2g}"
    if not adjusted < LEVEL:
        return "cannot be said", told
    return ("reproduced" if found.difference < 0 else "differs"), told


def _rmse(measured: Measured) -> dict[tuple[str, str, str], float]:
    """RMSE by model, scheme and fold, seed 0."""
    with (measured.folder / "table1" / "per_fold.csv").open(encoding="utf-8", newline="") as lines:
        return {
            (row["model"], row["scheme"], row["fold"]): float(row["rmse"])
            for row in csv.DictReader(lines)
            if row["seed"] == "0"
        }


def _compare(scores: dict[tuple[str, str, str], float], one: str, other: str, scheme: str) -> Comparison:
    first, second = one.replace("/", "-"), other.replace("/", "-")
    folds = sorted(fold for model, of, fold in scores if (model, of) == (first, scheme))
    shared = [fold for fold in folds if (second, scheme, fold) in scores]
    mine, theirs = (np.array([scores[model, scheme, fold] for fold in shared]) for model in (first, second))
    p_value = corrected_t(mine, theirs, test_to_train=TESTED_TO_TRAINED).p_value if shared else math.nan
    return Comparison(len(shared), float((mine - theirs).mean()) if shared else math.nan, p_value)


CLAIMS: dict[str, Callable[[Measured], str]] = {"table1_claims": claims}
