"""Compounds that only another study measured, as further columns of the grid: they tell how samples differ."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Int

from drugripple.chem.identity import identity_groups
from drugripple.data.auxiliary_study import AuxiliaryStudy
from drugripple.data.measure import Measure
from drugripple.data.tables import CompoundTable
from drugripple.predictors.multi_trait_gp.auxiliary import marks_of
from drugripple.predictors.multi_trait_gp.grid import ResponseGrid

SMALLEST_SHARE = 0.1
"""Share of the training samples that must have been measured with a compound."""


class FurtherColumns(NamedTuple):
    """What a study measured of training samples with compounds that the training table does not name."""

    grid: ResponseGrid
    """Training samples x compounds."""
    compounds: CompoundTable


def further_columns(
    study: AuxiliaryStudy, compounds: CompoundTable, samples: Sequence[str], measure: Measure
) -> FurtherColumns | None:
    """The columns that a study adds; None if there are none, or it measured something else.

    Nothing of a compound that the table names comes in, trained on or hidden, by structure or by name; and nothing of a
    sample that has no training row.

    Args:
        study: the other study.
        compounds: every compound of the table that training rows are from.
        samples: the training samples.
        measure: of the training rows.
    """
    if study.measure is not measure:
        return None
    place = {name: row for row, name in enumerate(samples)}
    of_distinct = np.array([place.get(name, -1) for name in study.distinct_samples], dtype=np.int64)
    group = identity_groups(marks_of(compounds) + marks_of(study.compounds))
    unnamed = ~np.isin(group[len(compounds) :], group[: len(compounds)])
    sample = of_distinct[study.sample_row]
    kept = np.flatnonzero(unnamed[study.compound_row] & (sample >= 0))
    pairs = np.unique(np.stack([study.compound_row[kept], sample[kept]]), axis=1)
    number = np.bincount(pairs[0], minlength=len(study.compounds))
    chosen: Int[np.ndarray, " a"] = np.flatnonzero(number >= max(2, SMALLEST_SHARE * len(samples)))
    if not chosen.size:
        return None
    column = np.full(len(study.compounds), -1, dtype=np.int64)
    column[chosen] = np.arange(len(chosen))
    kept = kept[column[study.compound_row[kept]] >= 0]
    grid = ResponseGrid.of(
        sample[kept], column[study.compound_row[kept]], study.values[kept], (len(samples), len(chosen))
    )
    return FurtherColumns(grid, study.compounds.take(chosen))
