"""Tables of docs/default_model.md, from results/default_model."""

import csv
from collections.abc import Callable
from statistics import fmean

from tools.pages.measured import Measured
from tools.pages.names import MODELS, SCHEMES
from tools.pages.numbers import decimals, table

Row = dict[str, str]
COLUMNS = {
    "kind": "pair",
    "rmse": "RMSE",
    "pcc": "PCC",
    "per_drug_pcc": "PCC within a drug",
    "coverage": "coverage of 90 % intervals",
    "width": "mean width (ln)",
    "informative": "width and error correlate",
}
SCREENS = {"CTRPv2": "CTRPv2, AUC", "GDSC1": "GDSC1, ln IC50"}


def kinds(measured: Measured) -> str:
    """Scores and coverage by kind of pair."""
    rows = [
        (row["kind"], *(_decimals(row[name]) for name in COLUMNS if name != "kind")) for row in _read(measured, "kinds")
    ]
    return table(tuple(COLUMNS.values()), rows)


def from_index(measured: Measured) -> str:
    """What a build from the package index alone scores, beside the model with MiniMol and the other studies."""
    best = {row["kind"]: row for row in _read(measured, "kinds")}
    rows = [(row["kind"], _both(row), _both(best[row["kind"]])) for row in _read(measured, "from_index")]
    return table(
        ("RMSE / PCC within a drug", "as `make quickstart` builds it", "with MiniMol and the other studies"), rows
    )


def reliability(measured: Measured) -> str:
    """Coverage at every level."""
    return _wide(
        _read(measured, "reliability"), "level", _percent, "pair, at level", lambda row: _decimals(row["coverage"])
    )


def by_response(measured: Measured) -> str:
    """Coverage and width in fifths of the predictions."""
    fifths = {"1": "lowest fifth", "2": "second", "3": "third", "4": "fourth", "5": "highest fifth"}
    return _wide(
        _read(measured, "by_response"), "fifth", lambda fifth: fifths[fifth], "pair, predicted response in the",
        lambda row: f"{_percent(row['coverage'])} ({_percent(row['coverage_alike'])}) / {float(row['width']):.1f}",
    )  # fmt: skip


def by_compound(measured: Measured) -> str:
    """How coverage differs between compounds."""
    names = {"own": "as they are", "alike": "one factor for all pairs of the kind"}
    return _wide(
        _read(measured, "by_compound"), "intervals", lambda intervals: names[intervals], "coverage of most compounds",
        lambda row: f"{_percent(row['tenth'])} to {_percent(row['nine_tenths'])}",
    )  # fmt: skip


def abstention(measured: Measured) -> str:
    """RMSE of the surest share."""
    return _wide(
        _read(measured, "abstention"), "share", _percent, "pair, surest share of", lambda row: _decimals(row["rmse"])
    )


def few_shot(measured: Measured) -> str:
    """Own measurements of a new line."""
    return _few_shot(measured, "few_shot")


def few_shot_compounds(measured: Measured) -> str:
    """Measurements of a new compound."""
    return _few_shot(measured, "few_shot_compounds")


def _few_shot(measured: Measured, name: str) -> str:
    names = {"chosen": "chosen by the model", "random": "at random"}
    return _wide(
        _read(measured, name), "way", lambda way: names[way], "measured",
        lambda row: f"{_both(row)}, {_interval(row)}", down="measured",
    )  # fmt: skip


def known_elsewhere(measured: Measured) -> str:
    """New compounds that another study measured."""
    rows = [
        (row["measurement_in_gdsc1"], f"{int(row['pairs']):,}", _decimals(row["rmse"]), _decimals(row["per_drug_pcc"]))
        for row in _read(measured, "known_elsewhere")
    ]
    return table(("measurements in other studies", "pairs", "RMSE", "PCC within a drug"), rows)


def tested_range(measured: Measured) -> str:
    """Scores within the tested concentrations and beyond."""
    names = {"within": "within the tested range", "beyond": "beyond it"}
    return _wide(_read(measured, "tested_range"), "range", lambda part: names[part], "RMSE / PCC within a drug", _both)


def other_platform(measured: Measured) -> str:
    """The lines of NCI-60 from either expression."""
    rows = [
        (row["expression"], row["lines"], _decimals(row["rmse"]), _decimals(row["per_drug_pcc"]))
        for row in _read(measured, "other_platform")
    ]
    return table(("expression of", "lines", "RMSE", "PCC within a drug"), rows)


def judge(measured: Measured) -> str:
    """Agreement with other screens."""
    head = ("other screen", "compounds", "GDSC2's measurement", "prediction of the hidden pair", "denoised")
    rows = [
        (
            SCREENS[row["screen"]],
            row["compounds"],
            *(_decimals(row[name]) for name in ("measured", "hidden", "denoised")),
            f"{row['denoised_better_than_measured']} of {row['compounds']}",
        )
        for row in _read(measured, "judge")
    ]
    return table((*head, "denoised better than measured"), rows)


def exposure(measured: Measured) -> str:
    """New compounds in LINCS and outside it."""
    head = ("pair", "compounds", "number", "RMSE", "RMSE of their means", "SD of their means")
    rows = []
    for row in _read(measured, "exposure"):
        told = 1 - (float(row["rmse_of_means"]) / float(row["sd_of_means"])) ** 2
        scores = [_decimals(row[name]) for name in ("rmse", "rmse_of_means", "sd_of_means")]
        rows.append(
            (row["kind"], row["compounds"], row["number"], *scores, f"{told:.0%}", _decimals(row["per_drug_pcc"]))
        )
    return table((*head, "variance of the means told", "PCC within a drug"), rows)


def recalibration(measured: Measured) -> str:
    """A curve per compound on top of the predictions."""
    head = ("pair", "curve per compound", "RMSE without", "RMSE with", "folds better")
    rows = [
        (
            row["kind"],
            row["curve"],
            *(decimals(float(row[name]), 4) for name in ("rmse", "curved")),
            f"{row['folds_better']} of 10",
        )
        for row in _read(measured, "recalibration")
    ]
    return table(head, rows)


def network_beside(measured: Measured) -> str:
    """What a network adds, scheme by scheme: means over folds."""
    rows = list[tuple[str, ...]]()
    told = _read(measured, "network_beside")
    for name in dict.fromkeys(row["network"] for row in told):
        for scheme, words in SCHEMES.items():
            folds = [row for row in told if (row["network"], row["scheme"]) == (name, scheme)]
            if folds:
                alone, default, both, weight = (
                    fmean(float(row[column]) for row in folds) for column in ("alone", "default", "both", "weight")
                )
                better = sum(float(row["both"]) < float(row["default"]) for row in folds)
                scores = (decimals(alone), decimals(default), decimals(both), f"{weight:.2f}")
                seeds = folds[0]["seeds"]
                rows.append((f"{words}, {MODELS[name]}", seeds, *scores, f"{better} of {len(folds)}"))
    head = ("pairs, network", "seeds", "alone", "default model", "both", "weight of the network", "folds better")
    return table(head, rows)


def members(measured: Measured) -> str:
    """What each other model adds to the default one, mean over folds of a scheme."""
    names = {"product_kernel_gp": "pair GP", "lightgbm": "LightGBM on residuals", "svm": "RBF kernel regression"}
    rows, found = list[tuple[str, ...]](), _read(measured, "members")
    for scheme, member in dict.fromkeys((row["scheme"], row["member"]) for row in found):
        some = [row for row in found if (row["scheme"], row["member"]) == (scheme, member)]
        alone, weight, *errors = (
            sum(float(row[name] or "nan") for row in some) / len(some)
            for name in ("alone", "weight", "valid_default", "valid_mean", "test_default", "test_mean")
        )
        better = sum(float(row["test_mean"]) < float(row["test_default"]) for row in some)
        rows.append(
            (
                f"{scheme.replace('_', '-')}, {names.get(member, member)}", decimals(alone), decimals(weight, 2),
                *(f"{decimals(before, 4)} to {decimals(after, 4)}" for before, after in (errors[:2], errors[2:])),
                f"{better} of {len(some)}",
            )
        )  # fmt: skip
    head = ("scheme, member", "alone", "weight", "validation rows", "test rows", "folds better")
    return table(head, rows)


def _read(measured: Measured, name: str) -> list[Row]:
    with (measured.folder / "default_model" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _wide(
    rows: list[Row],
    across: str,
    label: Callable[[str], str],
    title: str,
    cell: Callable[[Row], str],
    *,
    down: str = "kind",
) -> str:
    """One line per value of `down`, one column per value of `across`, as they first appear."""
    columns = list(dict.fromkeys(row[across] for row in rows))
    cells = {(row[down], row[across]): cell(row) for row in rows}
    lines = list(dict.fromkeys(row[down] for row in rows))
    return table(
        (title, *map(label, columns)), [(line, *(cells[line, column] for column in columns)) for line in lines]
    )


def _both(row: Row) -> str:
    return f"{_decimals(row['rmse'])} / {_decimals(row['per_drug_pcc'])}"


def _interval(row: Row) -> str:
    return f"{_percent(row['coverage'])} / {float(row['width']):.1f}"


def _decimals(text: str) -> str:
    return decimals(float(text or "nan"))


def _percent(text: str) -> str:
    return f"{float(text):.0%}"


DEFAULT_MODEL: dict[str, Callable[[Measured], str]] = {
    "default_kinds": kinds,
    "default_from_index": from_index,
    "default_reliability": reliability,
    "default_by_response": by_response,
    "default_by_compound": by_compound,
    "default_abstention": abstention,
    "default_tested_range": tested_range,
    "default_known_elsewhere": known_elsewhere,
    "default_few_shot": few_shot,
    "default_few_shot_compounds": few_shot_compounds,
    "default_other_platform": other_platform,
    "default_judge": judge,
    "default_exposure": exposure,
    "default_recalibration": recalibration,
    "default_members": members,
    "network_beside": network_beside,
}
