"""Scores, intervals, tests and ranks of models, from the predictions on disk alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from jaxtyping import Float, Int

from drugripple.data.response import ResponseTable
from drugripple.errors import SplitError, TableError
from drugripple.evaluation.jobs import Job, JobBoard
from drugripple.evaluation.metrics import by_group, pcc_by_group, rmse, score
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.splits import units_tested
from drugripple.evaluation.statistics import (
    Ranking,
    corrected_t,
    friedman_nemenyi,
    gap_closed,
    holm,
    paired_t,
    two_way_bootstrap,
)

if TYPE_CHECKING:
    import pandas as pd


MEAN_EFFECTS = "mean_effects"
"""Name of the model that others are measured against: no features, the mean effects of samples and compounds."""


class SchemeRanking(NamedTuple):
    """Models that finished every fold of a scheme, ranked on them. Axis k of the ranking: model."""

    models: tuple[str, ...]
    folds: int
    ranking: Ranking


@dataclass(frozen=True)
class Scoreboard:
    """Tables of scores; every row comes from predictions on disk."""

    per_fold: "pd.DataFrame"
    """One row per job and metric; columns scheme, fold, seed, model, metric, value, n."""
    summary: "pd.DataFrame"
    """One row per model, scheme and metric: mean, sd (over folds), seed_sd (of the mean, over seeds), counts."""
    comparison: "pd.DataFrame"
    """One row per scheme and model: RMSE with interval, share of the gap closed, difference from the reference with
    tests against one that was named beforehand; `holm_p` is adjusted over the complete models of a scheme."""
    per_drug: "pd.DataFrame"
    """Scores of the first seed within each compound (its row): pcc (mean over folds), rmse, rows."""
    rankings: Mapping[Scheme, SchemeRanking]


def scoreboard(
    board: JobBoard,
    table: ResponseTable,
    *,
    reference: str = "",
    floor: float | None = None,
    draws: int = 1000,
) -> Scoreboard:
    """Score the finished jobs of a board.

    Args:
        board: the jobs, and where their predictions are.
        table: the measured rows.
        reference: the model every other is tested against, chosen before scores were seen. Blank takes the lowest RMSE
            among the complete ones, which is shown and not tested: a winner picked afterwards wins too easily.
        floor: lowest RMSE that the noise allows; without it the share of the gap closed is NaN.
        draws: number of bootstrap draws over samples and compounds.

    Raises:
        SplitError: if predictions are missing or of other measurements.
    """
    import pandas as pd

    jobs = board.finished
    scores = score_predictions(board, table)
    comparisons: list[dict[str, object]] = []
    drugs: list[pd.DataFrame] = []
    rankings: dict[Scheme, SchemeRanking] = {}
    for scheme in dict.fromkeys(job.scheme for job in jobs):
        ours = [job for job in jobs if job.scheme is scheme]
        errors = {model: _first_seed(board, ours, model) for model in dict.fromkeys(job.model for job in ours)}
        by_fold = _rmse_by_fold(scores, scheme)
        found = _ranking(by_fold)
        if found is not None:
            rankings[scheme] = found
        drugs.extend(_per_drug(scheme, model, several, table) for model, several in errors.items())
        ratio = float(np.mean([units_tested(fold) for fold in board.folds[scheme]]))
        best = _reference(by_fold, reference)
        rows = [
            {"scheme": scheme.value, "model": model, "reference": best}
            | _compare(model, best, by_fold, errors, table, ratio if best == reference else None, floor, draws)
            for model in errors
        ]
        asked = {job.fold for job in board.jobs if job.scheme is scheme}
        counted = [row["folds"] == len(asked) for row in rows]
        p_values = np.array([row["corrected_p"] for row in rows], dtype=np.float64)
        adjusted = holm(np.where(counted, p_values, np.nan))
        comparisons.extend(row | {"holm_p": float(p)} for row, p in zip(rows, adjusted, strict=True))
    return Scoreboard(
        scores,
        summarise(scores),
        pd.DataFrame(comparisons),
        pd.concat(drugs, ignore_index=True) if drugs else pd.DataFrame(),
        rankings,
    )


def score_predictions(board: JobBoard, table: ResponseTable) -> "pd.DataFrame":
    """Scores of finished jobs: scheme, fold, seed, model, metric, value, n; from the predictions on disk alone.

    Residual metrics appear where predictions of mean effects are there too.

    Raises:
        SplitError: if there are no predictions of a job, or they or those of mean effects are of other measurements.
    """
    import pandas as pd

    columns, frames = ["scheme", "fold", "seed", "model", "metric", "value", "n"], []
    for job in board.finished:
        found = board.read(job)
        if not np.array_equal(found.y, table.values[found.row_id].astype(np.float64)):
            message = f"{job.path(board.folder)} holds other measurements than this table: it is of other data"
            raise SplitError(message)
        reference = Job(MEAN_EFFECTS, job.scheme, job.fold, job.seed)
        effects = board.read(reference) if reference.path(board.folder).exists() else found
        if not np.array_equal(effects.row_id, found.row_id):
            message = f"{reference.path(board.folder)} is of another split than {job.path(board.folder)}; remove it"
            raise SplitError(message)
        groups = {"compounds": table.compound_row[found.row_id], "samples": table.sample_row[found.row_id]}
        scores = score(found.y, found.yhat, **groups, mean_effects=None if effects is found else effects.yhat)
        cost = pd.DataFrame({"metric": ["seconds"], "value": [found.seconds], "n": [found.y.size]})
        scores = pd.concat([scores, cost], ignore_index=True)
        labels = {"scheme": job.scheme.value, "fold": job.fold, "seed": job.seed, "model": job.model}
        frames.append(scores.assign(**labels)[columns])
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def summarise(scores: "pd.DataFrame") -> "pd.DataFrame":
    """Mean over seeds, then mean and standard deviation over folds; NaN where any fold is undefined."""
    keys = ["model", "scheme", "metric"]
    by_fold = scores.groupby([*keys, "fold"], sort=False)["value"].agg(lambda v: v.mean(skipna=False)).reset_index()
    grouped = by_fold.groupby(keys, sort=False)["value"]
    summary = grouped.agg(
        mean=lambda v: v.mean(skipna=False), sd=lambda v: v.std(ddof=1, skipna=False), folds="size"
    ).reset_index()
    by_seed = scores.groupby([*keys, "seed"], sort=False)["value"].mean().groupby(keys, sort=False)
    rows = scores[scores["metric"] == "rmse"].drop_duplicates(["model", "scheme", "fold"])
    rows = rows.groupby(["model", "scheme"], sort=False)["n"].sum().rename("n").reset_index()
    extra = by_seed.agg(seed_sd="std", seeds="size").reset_index()
    return summary.merge(extra, on=keys, how="left").merge(rows, on=["model", "scheme"], how="left")


class _Pooled(NamedTuple):
    """The test rows of several folds, concatenated."""

    row_id: Int[np.ndarray, " m"]
    y: Float[np.ndarray, " m"]
    yhat: Float[np.ndarray, " m"]
    fold: Int[np.ndarray, " m"]


def _first_seed(board: JobBoard, jobs: Sequence[Job], model: str) -> _Pooled:
    own = [job for job in jobs if job.model == model]
    seed = min(job.seed for job in own)
    several = [(board.read(job), job.fold) for job in own if job.seed == seed]
    fold = np.concatenate([np.full(found.y.size, number) for found, number in several])
    row_id, y, yhat = (
        np.concatenate([getattr(found, name) for found, _ in several]) for name in ("row_id", "y", "yhat")
    )
    return _Pooled(row_id, y, yhat, fold)


def _rmse_by_fold(scores: "pd.DataFrame", scheme: Scheme) -> "pd.DataFrame":
    """RMSE of folds x models, mean over seeds; NaN where a model has not finished a fold."""
    own = scores[(scores["metric"] == "rmse") & (scores["scheme"] == scheme.value)]
    return own.pivot_table(index="fold", columns="model", values="value", sort=False, aggfunc="mean")


def _ranking(by_fold: "pd.DataFrame") -> SchemeRanking | None:
    complete = by_fold.dropna(axis=1)
    try:
        ranking = friedman_nemenyi(complete.to_numpy(dtype=np.float64))
    except TableError:
        return None
    return SchemeRanking(tuple(complete.columns.astype(str)), len(complete), ranking)


def _reference(by_fold: "pd.DataFrame", asked: str) -> str:
    complete = by_fold.dropna(axis=1)
    if asked in by_fold:
        return asked
    return str((complete if len(complete.columns) else by_fold).mean().idxmin())


def _compare(
    model: str,
    reference: str,
    by_fold: "pd.DataFrame",
    errors: Mapping[str, _Pooled],
    table: ResponseTable,
    test_to_train: float | None,
    floor: float | None,
    draws: int,
) -> dict[str, object]:
    """One model: its RMSE, the gap it closes, and its difference from the reference on the folds both have done."""
    own, other = errors[model], errors[reference]
    nothing = np.zeros(own.y.size)
    keys = table.sample_row[own.row_id], table.compound_row[own.row_id]
    alone = two_way_bootstrap(own.y - own.yhat, nothing, *keys, draws=draws)
    both = by_fold[[model, reference]].dropna().to_numpy(dtype=np.float64) if model != reference else np.zeros((0, 2))
    naive = (
        by_fold[[model, MEAN_EFFECTS]].dropna().mean() if MEAN_EFFECTS in by_fold and model != MEAN_EFFECTS else None
    )
    row: dict[str, object] = {
        "folds": int(by_fold[model].notna().sum()),
        "rmse_pooled": alone.estimate, "rmse_low": alone.low, "rmse_high": alone.high,
        "gap_closed": 0.0 if model == MEAN_EFFECTS else _gap(naive, model, floor),
        "difference": 0.0, "low": 0.0, "high": 0.0, "paired_p": float("nan"), "corrected_p": float("nan"),
    }  # fmt: skip
    if model == reference:
        return row
    same = np.array_equal(own.row_id, other.row_id)
    shared = own.row_id if same else np.intersect1d(own.row_id, other.row_id)
    if not shared.size:
        return row
    mine, theirs = (_errors_at(one, shared) for one in (own, other))
    keys = table.sample_row[shared], table.compound_row[shared]
    interval = two_way_bootstrap(mine, theirs, *keys, draws=draws)
    row |= {"difference": interval.estimate, "low": interval.low, "high": interval.high}
    if test_to_train is None:
        return row
    return row | {
        "paired_p": paired_t(both[:, 0], both[:, 1]).p_value,
        "corrected_p": corrected_t(both[:, 0], both[:, 1], test_to_train=test_to_train).p_value,
    }  # fmt: skip


def _gap(means: "pd.Series | None", model: str, floor: float | None) -> float:
    if means is None or floor is None or not floor < float(means[MEAN_EFFECTS]):
        return float("nan")
    return gap_closed(float(means[model]), float(means[MEAN_EFFECTS]), floor)


def _errors_at(pooled: _Pooled, rows: Int[np.ndarray, " k"]) -> Float[np.ndarray, " k"]:
    order = np.argsort(pooled.row_id, kind="stable")
    place = order[np.searchsorted(pooled.row_id[order], rows)]
    return pooled.y[place] - pooled.yhat[place]


def _per_drug(scheme: Scheme, model: str, pooled: _Pooled, table: ResponseTable) -> "pd.DataFrame":
    import pandas as pd

    compound = table.compound_row[pooled.row_id]
    several = [
        pd.DataFrame(dict(zip(("compound", "pcc"), pcc_by_group(*part, compound[pooled.fold == number]), strict=True)))
        for number in np.unique(pooled.fold)
        for part in [(pooled.y[pooled.fold == number], pooled.yhat[pooled.fold == number])]
    ]
    correlation = pd.concat(several).groupby("compound")["pcc"].mean()
    names, error = by_group(pooled.y, pooled.yhat, compound, rmse, smallest=1)
    count = np.unique(compound, return_counts=True)[1]
    found = pd.DataFrame({"scheme": scheme.value, "model": model, "compound": names, "rmse": error, "rows": count})
    return found.assign(pcc=found["compound"].map(correlation))
