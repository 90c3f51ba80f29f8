"""Folds of any table: they partition the rows and hide what their scheme says."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drugripple.errors import SplitError
from drugripple.evaluation.partition import partition
from drugripple.evaluation.schemes import Grid, Scheme, Validation
from drugripple.evaluation.splits import Fold, make_folds

HIDDEN = {
    Scheme.MIXED: ("pair",),
    Scheme.CELL_BLIND: ("pair", "sample"),
    Scheme.DRUG_BLIND: ("pair", "compound"),
    Scheme.DISJOINT: ("pair", "sample", "compound"),
}


@st.composite
def rows(draw):
    """A full grid of lines x compounds with some pairs measured again and the rows shuffled."""
    lines, drugs = draw(st.integers(7, 13)), draw(st.integers(7, 11))
    seed = draw(st.integers(0, 2**16))
    rng = np.random.default_rng(seed)
    samples, compounds = (axis.ravel() for axis in np.meshgrid(np.arange(lines), np.arange(drugs), indexing="ij"))
    again = rng.integers(0, samples.size, draw(st.integers(0, 30)))
    order = rng.permutation(samples.size + again.size)
    return np.r_[samples, samples[again]][order], np.r_[compounds, compounds[again]][order]


def entities(what, fold, part):
    rows_of = getattr(fold, part).tolist()
    return {
        "sample": {int(fold.samples[i]) for i in rows_of},
        "compound": {int(fold.compounds[i]) for i in rows_of},
        "pair": {(int(fold.samples[i]), int(fold.compounds[i])) for i in rows_of},
    }[what]


@settings(max_examples=25, deadline=None)
@given(rows(), st.sampled_from(list(Scheme)), st.integers(3, 7), st.integers(0, 5))
def test_no_row_pair_or_hidden_entity_is_in_two_parts(table, scheme, folds, seed):
    for fold in make_folds(*table, scheme, folds=folds, seed=seed):
        parts = [set(fold.train.tolist()), set(fold.valid.tolist()), set(fold.test.tolist())]
        assert sum(map(len, parts)) == len(set.union(*parts))
        for what in HIDDEN[scheme]:
            seen = [entities(what, fold, part) for part in ("train", "valid", "test")]
            assert [len(seen[i] & seen[j]) for i, j in ((0, 1), (0, 2), (1, 2))] == [0, 0, 0]


@settings(max_examples=20, deadline=None)
@given(rows(), st.sampled_from([Scheme.MIXED, Scheme.CELL_BLIND, Scheme.DRUG_BLIND]), st.integers(3, 7))
def test_every_row_is_tested_once_and_validates_once(table, scheme, folds):
    made = make_folds(*table, scheme, folds=folds)
    for part in ("test", "valid"):
        assert sorted(np.concatenate([getattr(f, part) for f in made]).tolist()) == list(range(len(table[0])))
    assert all(len(f.train) + len(f.valid) + len(f.test) == len(table[0]) for f in made)


@settings(max_examples=10, deadline=None)
@given(rows(), st.integers(3, 5))
def test_full_grid_tests_every_row_once_and_the_diagonal_is_part_of_it(table, folds):
    full = make_folds(*table, Scheme.DISJOINT, folds=folds, grid=Grid.FULL)
    assert len(full) == folds**2
    assert sorted(np.concatenate([f.test for f in full]).tolist()) == list(range(len(table[0])))
    diagonal = make_folds(*table, Scheme.DISJOINT, folds=folds)
    for f, fold in enumerate(diagonal):
        assert fold.test.tolist() == full[f * (folds + 1)].test.tolist()


@settings(max_examples=15, deadline=None)
@given(rows(), st.sampled_from(list(Scheme)), st.integers(0, 100))
def test_shuffling_the_rows_moves_no_pair(table, scheme, seed):
    samples, compounds = table
    order = np.random.default_rng(seed).permutation(samples.size)
    one = make_folds(samples, compounds, scheme, folds=4, seed=3)
    other = make_folds(samples[order], compounds[order], scheme, folds=4, seed=3)
    for a, b in zip(one, other, strict=True):
        for part in ("train", "valid", "test"):
            assert entities("pair", a, part) == entities("pair", b, part)


@settings(max_examples=15, deadline=None)
@given(rows(), st.sampled_from(list(Validation)), st.sampled_from(list(Scheme)))
def test_no_validation_policy_lets_validation_or_training_touch_what_the_test_hides(table, validation, scheme):
    for fold in make_folds(*table, scheme, folds=4, validation=validation):
        for what in HIDDEN[scheme]:
            test = entities(what, fold, "test")
            assert not test & (entities(what, fold, "train") | entities(what, fold, "valid"))


@settings(max_examples=15, deadline=None)
@given(rows(), st.integers(3, 4))
def test_grouped_compounds_stay_together(table, folds):
    labels = [f"family {c % 5}" for c in range(11)]
    for fold in make_folds(*table, Scheme.DRUG_BLIND, folds=folds, compound_group=labels):
        families = [{labels[c] for c in entities("compound", fold, part)} for part in ("train", "valid", "test")]
        assert not families[0] & (families[1] | families[2])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=8, max_size=90), st.integers(2, 6), st.integers(0, 9))
def test_parts_of_keys_differ_in_size_by_at_most_one(keys, parts, seed):
    if len(set(keys)) < parts:
        with pytest.raises(SplitError, match=f"{len(set(keys))} lines cannot fill {parts} folds"):
            partition(np.array(keys), parts, seed=[seed], what="lines")
        return
    part = partition(np.array(keys), parts, seed=[seed], what="lines")
    assert all(len({p for k, p in zip(keys, part.tolist(), strict=True) if k == key}) == 1 for key in keys)
    sizes = Counter(dict(zip(keys, part.tolist(), strict=True)).values())
    assert max(sizes.values()) - min(sizes.values()) <= 1


@settings(max_examples=30, deadline=None)
@given(st.integers(9, 60), st.integers(2, 4), st.integers(0, 9))
def test_strata_are_spread_evenly(lines, parts, seed):
    tissue = ["lung", "skin", "blood"] * 20
    part = partition(np.arange(lines), parts, seed=[seed], what="lines", stratum=tissue)
    for name in set(tissue[:lines]):
        share = Counter(part[[i for i in range(lines) if tissue[i] == name]].tolist())
        assert max(share.values()) - min(share.get(p, 0) for p in range(parts)) <= 1


@settings(max_examples=20, deadline=None)
@given(rows(), st.sampled_from(list(Scheme)), st.integers(0, 10**6))
def test_one_row_moved_from_test_to_train_as_well_is_refused(table, scheme, pick):
    fold = make_folds(*table, scheme, folds=4)[0]
    leaked = fold.test[pick % len(fold.test)]
    with pytest.raises(SplitError, match="share 1 row"):
        Fold(np.append(fold.train, leaked), fold.valid, fold.test, fold.samples, fold.compounds, scheme)
