"""Sections of a benchmark's report behind its tables of scores."""

import math
from typing import TYPE_CHECKING

import numpy as np

from drugripple.evaluation.schemes import Scheme
from drugripple.report import benchmark_figures
from drugripple.report.benchmark_findings import BenchmarkFindings
from drugripple.report.document import Column, Figure, Section, Table, written

if TYPE_CHECKING:
    import pandas as pd


def value(summary: "pd.DataFrame", model: str, scheme: Scheme, metric: str, column: str = "mean") -> float:
    """The mean of a metric in the summary; NaN if the model was not scored."""
    asked = {"model": model, "scheme": scheme.value, "metric": metric}
    (at,) = np.logical_and.reduce([summary[key].to_numpy() == one for key, one in asked.items()]).nonzero()
    return float(summary[column].iloc[at[0]]) if len(at) else math.nan


def scored(found: BenchmarkFindings) -> list[Scheme]:
    """Schemes with at least one finished job."""
    return [scheme for scheme in found.setting.folds if (found.board.comparison["scheme"] == scheme.value).any()]


def by_rmse(found: BenchmarkFindings, scheme: Scheme) -> list[str]:
    """Models with at least one finished fold, lowest RMSE first."""
    rows = found.board.comparison[found.board.comparison["scheme"] == scheme.value]
    return sorted(rows["model"].astype(str), key=lambda model: value(found.board.summary, model, scheme, "rmse"))


def complete(found: BenchmarkFindings, scheme: Scheme) -> list[str]:
    """Models that finished every fold, lowest RMSE first."""
    asked = found.setting.folds[scheme]
    return [m for m in by_rmse(found, scheme) if value(found.board.summary, m, scheme, "rmse", "folds") == asked]


def differences(found: BenchmarkFindings) -> Section:
    """The section that compares each model with the reference, and all of them by rank."""
    tables, drawn = [], []
    columns = (
        Column("model"),
        Column("RMSE minus reference", "+.3f"),
        Column("95 % interval", "s"),
        Column("paired t, p", ".2g"),
        Column("corrected t, p", ".2g"),
        Column("Holm-adjusted, p", ".2g"),
    )
    for scheme in scored(found):
        rows = found.board.comparison[found.board.comparison["scheme"] == scheme.value].sort_values("difference")
        rows = rows[rows["model"].isin(complete(found, scheme))]
        if not len(rows):
            continue
        reference = str(rows["reference"].iloc[0])
        cells = tuple(
            (row["model"], row["difference"], f"{written(row['low'], '.3f')} to {written(row['high'], '.3f')}",
             row["paired_p"], row["corrected_p"], row["holm_p"])
            for row in rows.to_dict("records")
            if row["model"] != reference
        )  # fmt: skip
        if cells:
            tables.append(Table(columns, cells, f"{scheme.value}: against {reference}"))
        ranked = found.board.rankings.get(scheme)
        if ranked is None:
            continue
        ranking = ranked.ranking
        drawn.append(
            Figure(
                benchmark_figures.critical_difference_diagram(
                    ranked.models, ranking.mean_ranks, ranking.critical_difference
                ),
                f"{scheme.value}: mean rank by RMSE over {ranked.folds} folds, best on the left. A bar joins models "
                f"that Nemenyi's test cannot tell apart at 5 %. Friedman's test of no difference at all: "
                f"p = {ranking.friedman.p_value:.2g}.",
            )
        )
    prose = (
        "The interval draws cell lines and drugs with replacement, so that it says what other lines and drugs might "
        "show. The paired t-test is the paper's; folds share training rows, which the corrected test of Nadeau and "
        "Bengio allows for (in the disjoint scheme by the share of cell lines and compounds, not of rows). Holm's "
        "adjustment takes the corrected p-values of all comparisons of a scheme together.",
        "Tests are made against a reference that the run file names, on three folds or more, and of models that "
        "finished every fold. Without a named reference the best model stands in its place and nothing is tested, "
        "because a winner picked afterwards wins too easily.",
    )
    return Section("Is a difference real?", prose, tuple(tables), tuple(drawn))


def folds(found: BenchmarkFindings) -> Section:
    """The section with the RMSE of every fold."""
    rmse = found.board.per_fold[found.board.per_fold["metric"] == "rmse"]
    tables, drawn = [], []
    for scheme in scored(found):
        order = by_rmse(found, scheme)
        wide = rmse[rmse["scheme"] == scheme.value].pivot_table(index="model", columns="fold", values="value")
        columns = (Column("model"), *(Column(f"fold {fold}", ".3f") for fold in wide.columns))
        values = {model: wide.loc[model].to_numpy(dtype=np.float64) for model in order}
        rows = tuple((model, *several.tolist()) for model, several in values.items())
        tables.append(Table(columns, rows, f"{scheme.value}: RMSE of every fold"))
        dots = {model: several[np.isfinite(several)] for model, several in values.items()}
        drawn.append(
            Figure(
                benchmark_figures.fold_values(dots, label=f"{scheme.value}: RMSE of {found.setting.measure.label}"),
                f"{scheme.value}: a short stroke is a fold, the long one their mean.",
            )
        )
    return Section("Fold by fold", (), tuple(tables), tuple(drawn))


def drugs(found: BenchmarkFindings) -> Section:
    """The section on how well lines are ranked within each drug."""
    drawn = []
    for scheme in scored(found):
        own = found.board.per_drug[found.board.per_drug["scheme"] == scheme.value]
        values = {model: own.loc[own["model"] == model, "pcc"].dropna().to_numpy() for model in complete(found, scheme)}
        undefined = [model for model, several in values.items() if not several.size]
        values = {model: several for model, several in values.items() if several.size}
        if not values:
            continue
        text = (
            f"{scheme.value}: bar from quartile to quartile over drugs, thick line at the median, thin line from the "
            "5th to the 95th percentile."
        )
        if undefined:
            text += f" Undefined (one value a drug): {', '.join(undefined)}."
        drawn.append(Figure(benchmark_figures.drug_spread(values, label=f"{scheme.value}: PCC within a drug"), text))
    prose = (
        "How well the cell lines are ranked within each drug: mean over folds, drugs with at least ten test rows.",
    )
    return Section("Drug by drug", prose, figures=tuple(drawn))


def curves(found: BenchmarkFindings) -> Section:
    """The section with the learning curves of the networks."""
    drawn = tuple(
        Figure(
            benchmark_figures.learning_curves(several),
            f"{network}: solid training rows, dashed validation rows; a mark is the epoch that is kept.",
        )
        for network, several in found.curves.items()
    )
    prose = [
        "The first fold of each scheme. Validation rows choose the epoch that is kept; test rows do not. Errors of a "
        "network that learns residuals are of the residuals.",
    ]
    if found.capped:
        told = ", ".join(f"{model} in {scheme.value} ({count})" for (model, scheme), count in found.capped.items())
        prose.append(
            f"Trainings that ended at their cap of epochs, so that more epochs might have made them better: {told}."
        )
    tables = (_trainings(found.trainings),) if len(found.trainings) else ()
    return Section("Learning curves", tuple(prose), tables=tables, figures=drawn)


def _trainings(trainings: "pd.DataFrame") -> Table:
    """How the trainings of each model and scheme went."""
    rows = []
    for (model, scheme), part in trainings.groupby(["model", "scheme"], sort=False):
        fewest, most = part["best_epoch"].min(), part["best_epoch"].max()
        best = f"{fewest}" if fewest == most else f"{fewest} to {most}"
        rows.append(
            (str(model), str(scheme), len(part), float(part["epochs"].mean()), best, float(part["train_loss"].mean()),
             float(part["valid_loss"].mean()), int(part["ended_at_cap"].sum()))
        )  # fmt: skip
    columns = (
        Column("model"), Column("scheme"), Column("trainings", "d"), Column("epochs", ".1f"), Column("best epoch"),
        Column("training loss", ".4f"), Column("validation loss", ".4f"), Column("ended at the cap", "d"),
    )  # fmt: skip
    return Table(
        columns, tuple(rows), "Means over the trainings of a model and scheme; losses are those of the best epoch."
    )


def audit(found: BenchmarkFindings) -> Section:
    """The section with the findings of the leak audit."""
    if not len(found.audit):
        return Section("Does anything leak?", (found.audited, "Nothing was found."))
    rows = []
    for _, part in found.audit.groupby(["scheme", "leak", "severity", "between"], sort=False):
        first = part.to_dict("records")[0]
        kind = (first["scheme"], first["leak"], first["severity"], first["between"])
        rows.append((*kind, len(part), int(part["count"].max()), first["examples"], first["advice"]))
    headings = ("scheme", "what", "severity", "between")
    columns = (
        *map(Column, headings),
        Column("folds", "d"),
        Column("most in a fold", "d"),
        Column("e.g."),
        Column("do"),
    )
    return Section("Does anything leak?", (found.audited,), (Table(columns, tuple(rows)),))


def ceiling(found: BenchmarkFindings) -> Section:
    """The section on the noise of a measurement and the scores that it allows."""
    heading = "How good could anybody be?"
    if found.ceiling is None:
        return Section(heading, (found.ceiling_note,))
    columns = tuple(Column(str(name), "d" if name in ("drugs", "pairs") else "") for name in found.ceiling.columns)
    rows = tuple(tuple(row.values()) for row in found.ceiling.to_dict("records"))
    prose = (
        "Estimated from real repeats, which are of different screens: `sd` is the noise of one measurement between "
        "screens, the lowest RMSE of a model of what screens agree on; `pcc` and `per_drug_pcc` are the best it could "
        "reach. Within a screen the compounds share a sample's errors, so that a model which has seen the sample's "
        "other compounds may do better. In brackets: 95 % interval over drugs.",
        found.ceiling_note,
    )
    return Section(heading, prose, (Table(columns, rows),))


def models(found: BenchmarkFindings) -> Section:
    """The section on what each model is and what it costs."""
    summary = found.board.summary
    rows = tuple(
        (note.model, float(np.nanmax(cost)) if np.isfinite(cost).any() else math.nan, note.citation)
        for note in found.models
        for cost in [np.array([value(summary, note.model, scheme, "seconds") for scheme in found.setting.folds])]
    )
    columns = (Column("model"), Column("seconds per fold, costliest scheme", ",.1f"), Column("source"))
    return Section("The models", (), (Table(columns, rows),))
