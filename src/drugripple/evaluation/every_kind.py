"""Folds that hide pairs, samples and compounds at once, so that one fit is asked about every kind of pair."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from drugripple.data.pair_kind import kind_numbers
from drugripple.evaluation.partition import partition


@dataclass(frozen=True)
class EveryKindFold:
    """Training and test rows of a table. Axes: r training row, t test row."""

    train: Int[np.ndarray, " r"]
    test: Int[np.ndarray, " t"]
    kind: Int[np.ndarray, " t"]
    """The kind of each test row, as a place in `data.pair_kind.KINDS`."""


def every_kind_folds(
    sample_row: Int[np.ndarray, " m"], molecule: Int[np.ndarray, " m"], *, folds: int = 10, seed: int = 0
) -> tuple[EveryKindFold, ...]:
    """Fold k tests the pairs of part k of the samples, of part k of the molecules, and of part k of all pairs.

    Over all folds every row is tested once as a known pair at most, once as a new sample's, once as a new compound's.

    Args:
        sample_row: sample of every row.
        molecule: number of every row's molecule; salts and stereoisomers of one share it.
        folds: how many.
        seed: of the parts.

    Raises:
        SplitError: if there are fewer samples, molecules or pairs than folds.
    """
    pair = np.unique(np.stack([sample_row, molecule]), axis=1, return_inverse=True)[1].reshape(-1).astype(np.int64)
    sample_part, molecule_part, pair_part = (
        partition(keys.astype(np.int64), folds, seed=[seed, number], what=what)
        for number, (keys, what) in enumerate(
            [(sample_row, "samples"), (molecule, "molecules"), (pair, "pairs of a sample and a molecule")]
        )
    )
    made = []
    for fold in range(folds):
        known_sample, known_compound = sample_part != fold, molecule_part != fold
        trained = known_sample & known_compound & (pair_part != fold)
        known_sample &= np.isin(sample_row, sample_row[trained])
        known_compound &= np.isin(molecule, molecule[trained])
        test = np.flatnonzero(~trained)
        kind = kind_numbers(known_sample, known_compound)
        made.append(EveryKindFold(np.flatnonzero(trained), test, kind[test]))
    return tuple(made)
