import numpy as np
import pytest

from drugripple.data.pair_kind import KINDS, PairKind
from drugripple.errors import SplitError
from drugripple.evaluation.every_kind import every_kind_folds

SAMPLE, MOLECULE = (part.ravel() for part in np.indices((30, 20)))


def test_what_a_kind_calls_new_has_no_training_row():
    for fold in every_kind_folds(SAMPLE, MOLECULE, folds=5, seed=3):
        kind = np.array([KINDS[i] for i in fold.kind])
        for name, column in (("sample", SAMPLE), ("compound", MOLECULE)):
            new = np.char.find(kind.astype(str), f"new {name}") >= 0
            assert np.array_equal(~np.isin(column[fold.test], column[fold.train]), new)
        assert not set(fold.train.tolist()) & set(fold.test.tolist())


def test_every_row_is_tested_once_as_each_kind_but_as_new_on_both_sides():
    folds = every_kind_folds(SAMPLE, MOLECULE, folds=5, seed=3)
    for kind in (PairKind.NEW_SAMPLE, PairKind.NEW_COMPOUND):
        tested = np.concatenate([fold.test[fold.kind == KINDS.index(kind)] for fold in folds])
        both = np.concatenate([fold.test[fold.kind == KINDS.index(PairKind.NEW_BOTH)] for fold in folds])
        assert len(np.unique(tested)) == len(tested)
        assert sorted([*tested, *both]) == list(range(len(SAMPLE)))


def test_repeats_of_a_pair_stay_together():
    sample, molecule = np.tile(SAMPLE, 2), np.tile(MOLECULE, 2)
    for fold in every_kind_folds(sample, molecule, folds=4, seed=0):
        pair = sample * 100 + molecule
        assert not set(pair[fold.train].tolist()) & set(pair[fold.test].tolist())


def test_the_seed_decides():
    one, same, other = (every_kind_folds(SAMPLE, MOLECULE, folds=3, seed=seed)[0].test for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_more_folds_than_samples_are_refused():
    with pytest.raises(SplitError, match="30 samples cannot fill 31 folds"):
        every_kind_folds(SAMPLE, MOLECULE, folds=31)
