"""Other studies: what they say of the mean response of compounds that the training study lacks."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from drugripple.chem.identity import identity_groups, identity_marks
from drugripple.data.auxiliary_study import AuxiliaryStudy
from drugripple.data.tables import CompoundTable

SWEEPS = 20
FEWEST_SHARED = 10
"""A study that shares fewer compounds with training is left out: its map could not be trusted."""


class MappedStudy(NamedTuple):
    """Compounds of a study that training lacks, with their means in the unit of training."""

    name: str
    rows: Int[np.ndarray, " a"]
    """Rows of the study's compounds."""
    means: Float[np.ndarray, " a"]
    variance: float
    """Residual variance of the map on compounds that both studies have."""
    shared: int
    """Number of compounds that both studies have."""


def map_study(
    study: AuxiliaryStudy,
    compounds: CompoundTable,
    means: Float[np.ndarray, " c"],
    trained: Int[np.ndarray, " c"],
    *,
    hidden_samples: frozenset[str] = frozenset(),
) -> MappedStudy | None:
    """A study's further compounds, mapped linearly to the unit of training; None if too few compounds are shared.

    Compounds of the table that have no training row are hidden: whatever is the same substance, by structure or by
    name, is not used. So are measurements of hidden samples.

    Args:
        study: the other study.
        compounds: every compound of the table that training rows are from.
        means: mean of every trained compound.
        trained: rows of the trained compounds.
        hidden_samples: samples whose measurements must not be used.
    """
    if len(study.compounds) < FEWEST_SHARED:
        return None
    marks = marks_of(compounds) + marks_of(study.compounds)
    group = identity_groups(marks)
    ours, theirs = group[: len(compounds)], group[len(compounds) :]
    known = np.zeros(len(compounds), dtype=bool)
    known[trained] = True
    visible = ~np.isin(theirs, ours[~known])
    effects = _compound_effects(study, visible, hidden_samples)
    usable = visible & np.isfinite(effects)
    features = np.column_stack([np.ones(len(effects)), effects, study.covariates.reshape(len(effects), -1)])
    place = {int(ours[row]): number for number, row in enumerate(trained.tolist())}
    both = [row for row in np.flatnonzero(usable).tolist() if int(theirs[row]) in place]
    if len({int(theirs[row]) for row in both}) < FEWEST_SHARED:
        return None
    target = means[[place[int(theirs[row])] for row in both]]
    coefficients, *_ = np.linalg.lstsq(features[both], target, rcond=None)
    left = features[both] @ coefficients - target
    variance = float(left @ left) / max(1, len(both) - features.shape[1])
    further = np.flatnonzero(usable & ~np.isin(theirs, ours))
    return MappedStudy(study.name, further, features[further] @ coefficients, variance, len(both))


def marks_of(compounds: CompoundTable) -> list[frozenset[str]]:
    """Marks of each compound of a table; two that share one may be the same substance."""
    return [
        identity_marks(molecule, names)
        for molecule, *names in zip(compounds.molecules, compounds.ids, compounds.names, strict=True)
    ]


def _compound_effects(
    study: AuxiliaryStudy, visible: np.ndarray, hidden_samples: frozenset[str]
) -> Float[np.ndarray, " c"]:
    """Mean of every compound over samples, samples' own effects removed; NaN where nothing is left."""
    shown = np.array([name not in hidden_samples for name in study.distinct_samples], dtype=bool)
    kept = visible[study.compound_row] & shown[study.sample_row]
    if not kept.any():
        return np.full(len(study.compounds), np.nan)
    values, compound = study.values[kept].astype(np.float64), study.compound_row[kept]
    _, sample = np.unique(study.sample_row[kept], return_inverse=True)
    number = np.bincount(compound, minlength=len(study.compounds))
    samples = np.zeros(int(sample.max()) + 1)
    effects = np.zeros(len(study.compounds))
    for _ in range(SWEEPS):
        total = np.bincount(compound, weights=values - samples[sample], minlength=len(number))
        effects = np.divide(total, number, out=np.full(len(number), np.nan), where=number > 0)
        rest = np.bincount(sample, weights=values - effects[compound])
        samples = rest / (np.bincount(sample) + 1)
    return effects


def describe(mapped: Sequence[MappedStudy]) -> str:
    """What other studies gave, in words.

    >>> describe([MappedStudy("GDSC1", np.arange(180), np.zeros(180), 0.5, 120)])
    'GDSC1: 180 further compounds, mapped by 120 shared ones'
    """
    return "; ".join(f"{m.name}: {len(m.rows)} further compounds, mapped by {m.shared} shared ones" for m in mapped)
