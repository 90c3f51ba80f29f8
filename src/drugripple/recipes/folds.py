"""The measured rows of a run and its folds, the same for every command."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Int

from drugripple.chem.clusters import analogue_clusters, scaffolds
from drugripple.data.response import ResponseTable
from drugripple.data.studies import join_studies
from drugripple.errors import SplitError, first_five
from drugripple.evaluation.leaks.compound_twins import molecule_numbers
from drugripple.evaluation.schemes import Replicates, Scheme
from drugripple.evaluation.split_file import read_splits
from drugripple.evaluation.split_settings import CompoundsBy, SamplesBy, SplitSettings
from drugripple.evaluation.splits import Fold, across_studies, make_folds, merge_repeats
from drugripple.sources.public.datasets import Dataset
from drugripple.sources.study import Origin, read_published, read_study
from drugripple.sources.study_settings import StudySettings


class MeasuredRows(NamedTuple):
    """Measured rows that are divided into folds. Axis m: row."""

    table: ResponseTable
    dropped: pd.DataFrame
    """Rows that were left out, and why."""
    origin: Origin
    study: Int[np.ndarray, " m"] | None = None
    """The study that measured each row if there are two: 0 trains, 1 tests."""

    @property
    def molecules(self) -> Int[np.ndarray, " m"]:
        """The number of every row's molecule; salts and stereoisomers of one molecule share it."""
        return molecule_numbers(self.table.compounds)[self.table.compound_row]


def measured_rows(study: StudySettings, replicates: Replicates, test_dataset: Dataset | None = None) -> MeasuredRows:
    """Read the responses of a run, or two studies of which the second is tested on.

    Repeats are merged where `replicates` says so.

    Raises:
        DrugrippleError: if the data are not there, or cannot be used.
    """
    loaded = read_study(study)
    if test_dataset is not None and study.data is not None:
        other = read_published(study.data, test_dataset, expression=loaded.table.expression)
        table, row_study = join_studies((loaded.table, other.table))
        dropped = pd.concat([loaded.dropped, other.dropped], ignore_index=True)
        return MeasuredRows(table, dropped, loaded.origin, row_study)
    table = merge_repeats(loaded.table) if replicates is Replicates.MEAN else loaded.table
    return MeasuredRows(table, loaded.dropped, loaded.origin)


def divide(rows: MeasuredRows, split: SplitSettings, schemes: Iterable[Scheme]) -> dict[Scheme, tuple[Fold, ...]]:
    """The folds of some schemes, made from the settings or read from the split file that they name.

    Raises:
        SplitError: if the folds cannot be made, or the file has none of a scheme, was altered or is of other rows.
    """
    table, molecules = rows.table, rows.molecules
    if split.file is not None:
        found = read_splits(split.file, table.sample_row, molecules).folds
        absent = [scheme.value for scheme in schemes if scheme not in found]
        if absent:
            message = f"{split.file} has no folds of {first_five(absent)}; it has {', '.join(found)}"
            raise SplitError(message)
        return {scheme: found[scheme] for scheme in schemes}
    tissue, group = _labels(split, table)
    folds = {}
    for scheme in schemes:
        made = make_folds(
            table.sample_row, molecules, scheme, folds=split.folds, seed=split.seed, replicates=split.replicates,
            validation=split.validation, grid=split.grid, sample_group=tissue, compound_group=group,
        )  # fmt: skip
        if rows.study is not None:
            made = tuple(across_studies(fold, rows.study, train=0, test=1) for fold in made)
        folds[scheme] = made
    return folds


def fold_of(folds: tuple[Fold, ...], number: int) -> Fold:
    """The fold of a given number.

    Raises:
        SplitError: if there is no such number.
    """
    if number >= len(folds):
        message = f"fold {number} of {folds[0].scheme} does not exist: there are {len(folds)}, numbered from 0"
        raise SplitError(message)
    return folds[number]


def _labels(split: SplitSettings, table: ResponseTable) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Labels of samples and of compounds that stay together; empty if each stands for itself."""
    tissue = table.expression.tissue if split.samples_by is SamplesBy.TISSUE else ()
    unknown = [table.expression.samples[i] for i in np.unique(table.sample_row) if tissue and not tissue[i]]
    if unknown:
        message = f"samples_by = 'tissue', but {len(unknown)} samples have no tissue: {first_five(unknown)}"
        raise SplitError(message)
    compounds = table.compounds
    if split.compounds_by is CompoundsBy.ANALOGUES:
        return tissue, analogue_clusters(compounds.molecules)
    if split.compounds_by is CompoundsBy.SCAFFOLD:
        return tissue, scaffolds(compounds.molecules)
    if split.compounds_by is CompoundsBy.MECHANISM:
        blank = [name for name, text in zip(compounds.ids, compounds.mechanism, strict=True) if not text]
        if blank:
            message = f"compounds_by = 'mechanism', but {len(blank)} compounds have none: {first_five(blank)}"
            raise SplitError(message)
        return tissue, compounds.mechanism
    return tissue, ()
