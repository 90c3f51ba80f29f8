"""What every model of a benchmark gets: the rows, and folds that were made once and written down."""

import json
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from drugripple.chem.clusters import analogue_clusters, scaffolds
from drugripple.data.response import ResponseTable
from drugripple.data.studies import join_studies
from drugripple.errors import ConfigError, SplitError, first_five
from drugripple.evaluation.leaks.compound_twins import molecule_numbers
from drugripple.evaluation.split_file import SplitFile, read_splits, write_splits
from drugripple.evaluation.splits import Fold, Replicates, Scheme, across_studies, make_folds, merge_repeats
from drugripple.recipes.benchmark.settings import BenchmarkRun
from drugripple.runtime.atomic import write_text
from drugripple.sources.public.tidy import read_gdsc

PLAN = "splits.json"
"""What the folds in splits.parquet were made by."""


@dataclass(frozen=True)
class Material:
    """The rows and the folds of a benchmark."""

    table: ResponseTable
    splits: SplitFile

    def folds_of(self, run: BenchmarkRun) -> dict[Scheme, tuple[Fold, ...]]:
        """The folds of the schemes of a run; the file may hold more."""
        return {scheme: self.splits.folds[scheme] for scheme in run.schemes}


def prepare(run: BenchmarkRun) -> Material:
    """Read the rows, and the folds from `splits.parquet`; make the folds of schemes that are not in it yet.

    Folds keep together what is one molecule, whatever its name; a fold that is in the file is never made again.

    Raises:
        SourceError: if the data are not there.
        ConfigError: if the folder holds folds made otherwise.
        SplitError: if the folds cannot be made, or the file was altered or is of other rows.
    """
    _refuse_another_plan(run)
    table, study = measured_rows(run)
    molecules = molecule_numbers(table.compounds)[table.compound_row]
    path = run.out / "splits.parquet"
    folds = dict(read_splits(path, table.sample_row, molecules).folds) if path.exists() else {}
    missing = [scheme for scheme in run.schemes if scheme not in folds]
    tissue, group = _labels(run, table) if missing else ((), ())
    for scheme in missing:
        made = make_folds(
            table.sample_row, molecules, scheme, folds=run.folds, seed=run.split_seed, replicates=run.replicates,
            validation=run.validation, grid=run.grid, sample_group=tissue, compound_group=group,
        )  # fmt: skip
        folds[scheme] = made if study is None else tuple(across_studies(fold, study, train=0, test=1) for fold in made)
    if missing:
        write_text(run.out / PLAN, json.dumps(run.split_plan(), indent=1) + "\n")
        write_splits(path, folds, seed=run.split_seed)
    return Material(table, read_splits(path, table.sample_row, molecules))


def _refuse_another_plan(run: BenchmarkRun) -> None:
    path = run.out / PLAN
    if not (run.out / "splits.parquet").exists() or not path.exists():
        return
    try:
        before = dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        message = f"{path} does not say how the folds beside it were made ({error}); remove both, or use another `out`"
        raise ConfigError(message) from error
    now = run.split_plan()
    changed = [f"{key} = {before.get(key)!r} (now {now[key]!r})" for key in now if before.get(key) != now[key]]
    if changed:
        message = f"{run.out} holds folds with {', '.join(changed)}; use another `out`, or remove that folder"
        raise ConfigError(message)


def measured_rows(run: BenchmarkRun) -> tuple[ResponseTable, Int[np.ndarray, " m"] | None]:
    """The measured rows and, across studies, which of the two measured each: 0 trains, 1 tests."""
    table = read_gdsc(run.data, run.dataset).table
    if run.test_dataset is not None:
        other = read_gdsc(run.data, run.test_dataset, expression=table.expression).table
        return join_studies((table, other))
    return (merge_repeats(table) if run.replicates is Replicates.MEAN else table), None


def _labels(run: BenchmarkRun, table: ResponseTable) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Labels of lines and of compounds that stay together; empty where each stands for itself."""
    tissue = table.expression.tissue if run.lines_by == "tissue" else ()
    unknown = [table.expression.samples[i] for i in np.unique(table.sample_row) if tissue and not tissue[i]]
    if unknown:
        message = f"lines_by = 'tissue', but {len(unknown)} lines have no tissue in {run.data}: {first_five(unknown)}"
        raise SplitError(message)
    compounds = table.compounds
    if run.compounds_by == "analogues":
        return tissue, analogue_clusters(compounds.molecules)
    if run.compounds_by == "scaffold":
        return tissue, scaffolds(compounds.molecules)
    if run.compounds_by == "mechanism":
        blank = [name for name, text in zip(compounds.ids, compounds.mechanism, strict=True) if not text]
        if blank:
            message = f"compounds_by = 'mechanism', but {len(blank)} compounds have none: {first_five(blank)}"
            raise SplitError(message)
        return tissue, compounds.mechanism
    return tissue, ()
