"""Sections of a benchmark's report on models with some of the folds, and on how the order depends on the score."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from drugripple.evaluation.schemes import Scheme
from drugripple.report.benchmark_findings import BenchmarkFindings
from drugripple.report.benchmark_sections import complete, scored, value
from drugripple.report.document import UNDEFINED, Cell, Column, Section, Table

if TYPE_CHECKING:
    import pandas as pd

METRICS = (("rmse", "RMSE"), ("pcc", "PCC"), ("per_drug_pcc_mean", "PCC within drugs"))


def some_folds(found: BenchmarkFindings) -> tuple[Section, ...]:
    """The section on models that have finished some folds only: each beside every other model on exactly those."""
    tables = [table for scheme in scored(found) for table in _of_scheme(found, scheme)]
    if not tables:
        return ()
    prose = (
        "Folds differ more than models do, so that a mean over some of them compares with a mean over the same ones "
        "alone. Below, every model that has finished exactly those folds, or more, is scored on them.",
    )
    return (Section("Models on some of the folds", prose, tuple(tables)),)


def _of_scheme(found: BenchmarkFindings, scheme: Scheme) -> list[Table]:
    rows = found.board.per_fold[found.board.per_fold["scheme"] == scheme.value]
    folds_of = {str(model): frozenset(part["fold"]) for model, part in rows.groupby("model", sort=False)}
    whole = set(complete(found, scheme))
    wanted = dict.fromkeys(folds for model, folds in folds_of.items() if model not in whole)
    return [_on_folds(rows, sorted(folds), folds_of, scheme) for folds in wanted]


def _on_folds(rows: "pd.DataFrame", folds: Sequence[int], folds_of: dict[str, frozenset[int]], scheme: Scheme) -> Table:
    models = [model for model, done in folds_of.items() if done.issuperset(folds)]
    chosen = rows[rows["fold"].isin(folds) & rows["model"].isin(models)]
    by_fold = chosen.groupby(["model", "metric", "fold"])["value"].mean()  # over seeds
    means = by_fold.groupby(["model", "metric"]).agg(lambda several: several.mean(skipna=False)).unstack("metric")
    lines: list[tuple[Cell, ...]] = [
        (str(model), *(float(scores.get(metric, np.nan)) for metric, _ in METRICS))
        for model, scores in means.sort_values("rmse").iterrows()
    ]
    columns = (Column("model"), *(Column(heading, ".3f") for _, heading in METRICS))
    told = f"fold {folds[0]}" if len(folds) == 1 else f"folds {', '.join(map(str, folds))}"
    return Table(columns, tuple(lines), f"{scheme.value}, {told} only")


def orders(found: BenchmarkFindings) -> Section:
    """The section on the order of the models by RMSE, and by how well they rank the cell lines within a drug."""
    prose = (
        "RMSE rewards knowing how potent a compound is; the correlation within a drug does not. Models that finished "
        "every fold, with their place by either. A model that gives one value to all cell lines of a drug has no place "
        "by the second.",
    )
    return Section(
        "What if the correlation within a drug decides?",
        prose,
        tuple(_order(found, scheme) for scheme in scored(found) if complete(found, scheme)),
    )


def _order(found: BenchmarkFindings, scheme: Scheme) -> Table:
    by_error = complete(found, scheme)
    within = {model: value(found.board.summary, model, scheme, "per_drug_pcc_mean") for model in by_error}
    ranked = sorted((model for model in by_error if not np.isnan(within[model])), key=lambda model: -within[model])
    place = {model: str(number) for number, model in enumerate(ranked, start=1)}
    rows: list[tuple[Cell, ...]] = [
        (
            model,
            value(found.board.summary, model, scheme, "rmse"),
            str(number),
            within[model],
            place.get(model, UNDEFINED),
        )
        for number, model in enumerate(by_error, start=1)
    ]
    columns = (
        Column("model"),
        Column("RMSE", ".3f"),
        Column("place"),
        Column("PCC within drugs", ".3f"),
        Column("place by it"),
    )
    return Table(columns, tuple(rows), scheme.value)
