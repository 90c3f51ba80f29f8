"""Tables of docs/default_model.md, from results/default_model."""

from collections.abc import Callable

import pandas as pd

from tools.pages.measured import Measured
from tools.pages.numbers import decimals, table

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


def _read(measured: Measured, name: str) -> pd.DataFrame:
    return pd.read_csv(measured.folder / "default_model" / f"{name}.csv")


def kinds(measured: Measured) -> str:
    """Scores and coverage by kind of pair."""
    frame = _read(measured, "kinds")
    return table(COLUMNS.values(), [[_cell(row[name]) for name in COLUMNS] for _, row in frame.iterrows()])


def reliability(measured: Measured) -> str:
    """Coverage at every level."""
    return _wide(_read(measured, "reliability"), "level", "coverage", "pair, at level")


def abstention(measured: Measured) -> str:
    """RMSE of the surest share."""
    frame = _read(measured, "abstention")
    return _wide(frame, "share", "rmse", "pair, surest share of", descending=True)


def few_shot(measured: Measured) -> str:
    """Own measurements of a new line."""
    frame = _read(measured, "few_shot")
    cells = frame["rmse"].map(decimals) + " / " + frame["per_drug_pcc"].map(decimals)
    found = frame.assign(cell=cells).pivot(index="measured", columns="way", values="cell")
    rows = [(str(number), row["chosen"], row["random"]) for number, row in found.iterrows()]
    return table(("measured", "chosen by the model", "at random"), rows)


def tested_range(measured: Measured) -> str:
    """Scores within the tested concentrations and beyond."""
    frame = _read(measured, "tested_range")
    cells = frame["rmse"].map(decimals) + " / " + frame["per_drug_pcc"].map(decimals)
    found = frame.assign(cell=cells).pivot(index="kind", columns="range", values="cell")
    rows = [(kind, found.loc[kind, "within"], found.loc[kind, "beyond"]) for kind in dict.fromkeys(frame["kind"])]
    return table(("RMSE / PCC within a drug", "within the tested range", "beyond it"), rows)


def members(measured: Measured) -> str:
    """The default model alone and in an average."""
    frame = _read(measured, "members")
    weights = [name for name in frame if name.startswith("weight_")]
    head = ("scheme, fold", "alone", "average", *(f"weight of {name.removeprefix('weight_')}" for name in weights))
    rows = [
        (
            f"{r['scheme']}, {r['fold']}",
            decimals(r["alone"]),
            decimals(r["together"]),
            *(decimals(r[w], 2) for w in weights),
        )
        for _, r in frame.iterrows()
    ]
    return table(head, rows)


def other_platform(measured: Measured) -> str:
    """The lines of NCI-60 from either expression."""
    frame = _read(measured, "other_platform")
    rows = [
        (r["expression"], str(r["lines"]), decimals(r["rmse"]), decimals(r["per_drug_pcc"]))
        for _, r in frame.iterrows()
    ]
    return table(("expression of", "lines", "RMSE", "PCC within a drug"), rows)


def judge(measured: Measured) -> str:
    """Agreement with other screens."""
    frame = _read(measured, "judge")
    rows = [
        (
            SCREENS[r["screen"]],
            str(r["compounds"]),
            decimals(r["measured"]),
            decimals(r["hidden"]),
            decimals(r["denoised"]),
            f"{r['denoised_better_than_measured']} of {r['compounds']}",
        )
        for _, r in frame.iterrows()
    ]
    head = (
        "other screen",
        "compounds",
        "GDSC2's measurement",
        "prediction of the hidden pair",
        "denoised",
        "denoised better",
    )
    return table(head, rows)


def _wide(frame: pd.DataFrame, across: str, value: str, title: str, *, descending: bool = False) -> str:
    found = frame.pivot(index="kind", columns=across, values=value).loc[list(dict.fromkeys(frame["kind"]))]
    found = found[sorted(found.columns, reverse=descending)]
    head = (title, *(f"{float(column):.0%}" for column in found.columns))
    return table(
        head,
        [(kind, *(decimals(float(v)) for v in row)) for kind, row in zip(found.index, found.to_numpy(), strict=True)],
    )


def _cell(value: object) -> str:
    return decimals(value) if isinstance(value, float) else str(value)


DEFAULT_MODEL: dict[str, Callable[[Measured], str]] = {
    "default_kinds": kinds,
    "default_reliability": reliability,
    "default_abstention": abstention,
    "default_few_shot": few_shot,
    "default_other_platform": other_platform,
    "default_judge": judge,
    "default_members": members,
    "default_tested_range": tested_range,
}
