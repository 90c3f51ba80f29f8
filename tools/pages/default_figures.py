"""Figures of docs/default_model.md, drawn from results/default_model."""

import pandas as pd

from drugripple.report.figures import curve
from tools.pages.measured import Measured

WAYS = {"chosen": "compounds chosen by the model", "random": "compounds drawn at random"}


def default_figures(measured: Measured) -> dict[str, str]:
    """Each figure as SVG text, under its file name without the ending."""
    tables = {name: _read(measured, name) for name in ("reliability", "abstention", "few_shot", "few_shot_compounds")}
    return {
        "default_reliability": reliability(tables["reliability"]),
        "default_abstention": abstention(tables["abstention"]),
        "default_few_shot_rmse": few_shot(tables["few_shot"], "rmse", "line", "RMSE, new lines"),
        "default_few_shot_pcc": few_shot(tables["few_shot"], "per_drug_pcc", "line", "PCC within a drug, new lines"),
        "default_few_shot_compounds": few_shot(tables["few_shot_compounds"], "rmse", "compound", "RMSE, new compounds"),
    }


def reliability(rows: pd.DataFrame) -> str:
    """Share of hidden measurements within intervals of every nominal coverage."""
    wide = rows.pivot(index="level", columns="kind", values="coverage")[list(dict.fromkeys(rows["kind"]))]
    levels = 100 * wide.index.to_numpy(dtype=float)
    series = {str(kind): 100 * wide[kind].to_numpy() for kind in wide}
    return curve(
        levels, {**series, "as promised": levels}, x_label="promised coverage (%)", y_label="hidden pairs covered (%)"
    )


def abstention(rows: pd.DataFrame) -> str:
    """RMSE of the pairs that the model is surest of."""
    wide = rows.pivot(index="share", columns="kind", values="rmse")[list(dict.fromkeys(rows["kind"]))]
    series = {str(kind): wide[kind].to_numpy() for kind in wide}
    return curve(100 * wide.index.to_numpy(dtype=float), series, x_label="surest pairs kept (%)", y_label="RMSE")


def few_shot(rows: pd.DataFrame, score: str, of: str, label: str) -> str:
    """A score of new lines or compounds against their own measurements, with the deviation over folds."""
    mean, spread = (
        rows.pivot(index="measured", columns="way", values=column)[list(WAYS)] for column in (score, f"{score}_sd")
    )
    return curve(
        mean.index.to_numpy(dtype=float),
        {WAYS[way]: mean[way].to_numpy() for way in WAYS},
        deviation={WAYS[way]: spread[way].to_numpy() for way in WAYS},
        x_label=f"measurements of the {of}",
        y_label=label,
    )


def _read(measured: Measured, name: str) -> pd.DataFrame:
    return pd.read_csv(measured.folder / "default_model" / f"{name}.csv")
