"""The rows and folds that every model of a benchmark shares; folds are made once and written down."""

from collections.abc import Mapping
from dataclasses import dataclass

from drugripple.data.response import ResponseTable
from drugripple.errors import ConfigError
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.split_file import SplitFile, annotation_digest, read_splits, response_digest, write_splits
from drugripple.evaluation.splits import Fold
from drugripple.recipes.benchmark.settings import BenchmarkRun
from drugripple.recipes.folds import divide, measured_rows
from drugripple.runtime.atomic import write_json
from drugripple.runtime.nesting import read_json_text

PLAN = "splits.json"
"""File with the settings that made the folds in splits.parquet, and the digest of the data that predictions are of."""


@dataclass(frozen=True)
class BenchmarkFolds:
    """The rows of a benchmark, and the folds of its schemes."""

    table: ResponseTable
    splits: SplitFile
    """The split file; it may hold folds of further schemes."""
    folds: dict[Scheme, tuple[Fold, ...]]


def prepare_folds(run: BenchmarkRun) -> BenchmarkFolds:
    """Read the rows, and the folds from `splits.parquet`; make the folds of schemes that are not in it yet.

    Folds keep one molecule together under all its names. A fold that is in the file is never made again.

    Raises:
        SourceError: if the data are not there.
        ConfigError: if the folder holds folds made otherwise, or of other data.
        SplitError: if the folds cannot be made, or the file was altered or is of other rows.
    """
    before = _plan_before(run)
    rows = measured_rows(run, run.split.replicates, run.test_dataset)
    table, molecules = rows.table, rows.molecules
    data = data_digests(table)
    _refuse_other_data(run, before, data)
    path = run.out / "splits.parquet"
    folds = dict(read_splits(path, table.sample_row, molecules).folds) if path.exists() else {}
    missing = [scheme for scheme in run.scheme if scheme not in folds]
    if missing:
        folds |= divide(rows, run.split, missing)
        write_plan(run, data)
        write_splits(path, folds, seed=run.split.seed)
    splits = read_splits(path, table.sample_row, molecules)
    return BenchmarkFolds(table, splits, {scheme: splits.folds[scheme] for scheme in run.scheme})


def write_plan(run: BenchmarkRun, data: Mapping[str, str]) -> None:
    """Say in the run's folder how its folds are made and of which data (digests of the responses and annotation)."""
    write_json(run.out / PLAN, {**run.split_plan(), **data})


def data_digests(table: ResponseTable) -> dict[str, str]:
    """Digests of what predictions are of: what all models learn from, and the annotation that some do."""
    return {"data": response_digest(table), "annotation": annotation_digest(table)}


def _refuse_other_data(run: BenchmarkRun, before: Mapping[str, object], data: Mapping[str, str]) -> None:
    """Refuse to go on where the folder says that its folds are of other data.

    Raises:
        ConfigError: saying what changed.
    """
    if not before:
        return
    changed = "expression, responses or SMILES" if before.get("data") != data["data"] else ""
    if not changed and before.get("annotation", data["annotation"]) != data["annotation"]:
        changed = "targets, mechanisms or tissues"
    if changed:
        message = (
            f"{run.out} holds folds and predictions of other data: {changed} changed since; "
            "put back what there was, use another `out`, or remove that folder"
        )
        raise ConfigError(message)


def _plan_before(run: BenchmarkRun) -> dict[str, object]:
    """The plan of the folds in the folder, which never differs from this run's; empty where there are none.

    Raises:
        ConfigError: if the plan is another one or damaged, or predictions are there without it.
    """
    path = run.out / PLAN
    absent = [name for name in (PLAN, "splits.parquet") if not (run.out / name).exists()]
    if absent and any(run.out.glob("predictions/*/*/*/*.parquet")):
        message = (
            f"{run.out} holds predictions, but {absent[0]} is gone, which says of what they are; put it "
            "back, remove the predictions, or use another `out`"
        )
        raise ConfigError(message)
    if absent:
        return {}
    try:
        before = read_json_text(path.read_bytes())
    except (OSError, ValueError) as error:
        message = f"{path} does not say how the folds beside it were made ({error}); remove both, or use another `out`"
        raise ConfigError(message) from error
    now = run.split_plan()
    changed = [f"{key} = {before.get(key)!r} (now {now[key]!r})" for key in now if before.get(key) != now[key]]
    if changed:
        message = f"{run.out} holds folds with {', '.join(changed)}; use another `out`, or remove that folder"
        raise ConfigError(message)
    return before
