import numpy as np
import pytest

from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.errors import SplitError
from drugripple.evaluation.schemes import Replicates, Scheme, Validation
from drugripple.evaluation.splits import Fold, across_studies, make_folds, merge_repeats, units_tested
from drugripple.genes.space import GeneSpace

LINES, DRUGS = np.meshgrid(np.arange(11), np.arange(7), indexing="ij")
SAMPLES, COMPOUNDS = LINES.ravel(), DRUGS.ravel()
RECORDED_MIXED = [10, 14, 21, 36, 38, 42, 43, 56]
RECORDED_LINES = [3, 6]


def fold(train, valid, test, scheme, **policy):
    samples, compounds = np.array([0, 0, 1, 1, 2, 2, 0]), np.array([0, 1, 0, 1, 2, 3, 0])
    return Fold(np.array(train), np.array(valid), np.array(test), samples, compounds, scheme, **policy)


def test_shared_row_is_refused():
    with pytest.raises(SplitError, match=r"train and test share 1 row\(s\): \['3'\]"):
        fold([0, 3], [1], [3], Scheme.MIXED)


def test_repeat_measurement_on_both_sides_is_refused_unless_kept_on_purpose():
    with pytest.raises(SplitError, match=r"train and test share 1 \(cell line, compound\) pair"):
        fold([0], [1], [6], Scheme.MIXED)
    assert fold([0], [1], [6], Scheme.MIXED, replicates=Replicates.KEEP).test.tolist() == [6]


def test_shared_line_is_refused_where_lines_are_hidden():
    assert fold([0], [2], [1], Scheme.DRUG_BLIND, validation=Validation.RANDOM)
    with pytest.raises(SplitError, match="cell_blind fold: train and test share 1 cell line"):
        fold([0], [2], [1], Scheme.CELL_BLIND)


def test_shared_compound_is_refused_where_compounds_are_hidden():
    assert fold([0], [4], [2], Scheme.CELL_BLIND)
    with pytest.raises(SplitError, match="disjoint fold: train and test share 1 compound"):
        fold([0], [4], [2], Scheme.DISJOINT)


def test_validation_that_sees_what_training_saw_is_refused():
    with pytest.raises(SplitError, match="train and valid share 1 compound"):
        fold([0], [2], [4], Scheme.DISJOINT)
    assert fold([0], [2], [4], Scheme.DISJOINT, validation=Validation.LENIENT)


def test_validation_may_never_see_what_the_test_hides():
    with pytest.raises(SplitError, match="valid and test share 1 cell line"):
        fold([2], [4], [5], Scheme.CELL_BLIND, validation=Validation.RANDOM)


@pytest.mark.parametrize("part", ["train", "valid", "test"])
def test_empty_part_is_refused(part):
    rows = {"train": [0], "valid": [2], "test": [4]} | {part: np.zeros(0, dtype=np.int64)}
    with pytest.raises(SplitError, match=f"the {part} part is empty"):
        fold(rows["train"], rows["valid"], rows["test"], Scheme.MIXED)


def test_row_outside_the_table_is_refused():
    with pytest.raises(SplitError, match="valid row 9 is not among the 7 rows"):
        fold([0], [9], [4], Scheme.MIXED)


def test_repeated_row_inside_a_part_is_refused():
    with pytest.raises(SplitError, match="a row stands twice in test"):
        fold([0], [2], [4, 4], Scheme.MIXED)


def test_lenient_disjoint_keeps_the_rows_that_strict_drops():
    strict = make_folds(SAMPLES, COMPOUNDS, Scheme.DISJOINT, folds=3)[0]
    lenient = make_folds(SAMPLES, COMPOUNDS, Scheme.DISJOINT, folds=3, validation=Validation.LENIENT)[0]
    assert strict.valid.tolist() == lenient.valid.tolist()
    assert set(strict.train.tolist()) < set(lenient.train.tolist())


def test_lines_have_the_same_parts_in_cell_blind_and_disjoint_folds():
    blind = make_folds(SAMPLES, COMPOUNDS, Scheme.CELL_BLIND, folds=5, seed=2)
    disjoint = make_folds(SAMPLES, COMPOUNDS, Scheme.DISJOINT, folds=5, seed=2)
    for a, b in zip(blind, disjoint, strict=True):
        assert set(SAMPLES[b.test]) == set(SAMPLES[a.test])


def test_seeds_give_different_folds_and_one_seed_gives_one():
    a, b, c = (make_folds(SAMPLES, COMPOUNDS, Scheme.MIXED, seed=s)[0].test.tolist() for s in (0, 0, 1))
    assert a == b != c


def test_folds_are_the_ones_recorded_when_this_was_written():
    """Anchors the assignment across platforms and NumPy versions."""
    assert make_folds(SAMPLES, COMPOUNDS, Scheme.MIXED, seed=7)[0].test.tolist() == RECORDED_MIXED
    assert sorted(set(SAMPLES[make_folds(SAMPLES, COMPOUNDS, Scheme.CELL_BLIND, seed=7)[0].test])) == RECORDED_LINES


def test_leave_tissue_out_tests_one_tissue_a_fold():
    tissue = ["lung"] * 5 + ["skin"] * 3 + ["blood"] * 3
    folds = make_folds(SAMPLES, COMPOUNDS, Scheme.CELL_BLIND, folds=3, sample_group=tissue)
    assert sorted(tissue[SAMPLES[f.test[0]]] for f in folds) == ["blood", "lung", "skin"]
    assert all(len({tissue[s] for s in SAMPLES[f.test]}) == 1 for f in folds)


def test_too_few_lines_and_labels_are_refused():
    with pytest.raises(SplitError, match="11 cell lines cannot fill 12 folds; use at most 11 folds"):
        make_folds(SAMPLES, COMPOUNDS, Scheme.CELL_BLIND, folds=12)
    with pytest.raises(SplitError, match="2 groups of compounds cannot fill 3 folds"):
        make_folds(SAMPLES, COMPOUNDS, Scheme.DRUG_BLIND, folds=3, compound_group=list("aabbaab"))
    with pytest.raises(SplitError, match="compounds number 6 has no label: 3 labels were given"):
        make_folds(SAMPLES, COMPOUNDS, Scheme.DRUG_BLIND, folds=3, compound_group=list("abc"))
    with pytest.raises(SplitError, match="not both"):
        make_folds(SAMPLES, COMPOUNDS, Scheme.CELL_BLIND, folds=3, sample_group=["a"] * 11, sample_stratum=["a"] * 11)
    with pytest.raises(SplitError, match="2 folds leave no room"):
        make_folds(SAMPLES, COMPOUNDS, Scheme.MIXED, folds=2)
    with pytest.raises(SplitError, match="every row needs a sample and a compound"):
        make_folds(SAMPLES[:0], COMPOUNDS[:0], Scheme.MIXED)


def test_mean_policy_wants_merged_rows_and_merging_takes_the_mean():
    """Pair (0, 1) was measured as 2 and 6: 4. The first row's place stays its place."""
    table = ResponseTable.of(
        ExpressionTable(("a", "b"), GeneSpace(("G",)), np.zeros((2, 1), np.float32), ExpressionScale.ROBUST_Z),
        CompoundTable.from_smiles(("C", "CC"), ids=("x", "y")),
        np.array([1, 0, 0, 0]),
        np.array([0, 1, 0, 1]),
        np.array([5.0, 2.0, 3.0, 6.0]),
    )
    with pytest.raises(SplitError, match="1 repeat measurements are left; call merge_repeats first"):
        make_folds(table.sample_row, table.compound_row, Scheme.MIXED, folds=3, replicates=Replicates.MEAN)
    merged = merge_repeats(table)
    assert merged.values.tolist() == [5.0, 4.0, 3.0]
    assert merged.sample_row.tolist() == [1, 0, 0]
    assert make_folds(merged.sample_row, merged.compound_row, Scheme.MIXED, folds=3, replicates=Replicates.MEAN)


def test_keep_policy_lets_repeats_straddle():
    samples, compounds = np.repeat(SAMPLES, 2), np.repeat(COMPOUNDS, 2)
    fold = make_folds(samples, compounds, Scheme.MIXED, replicates=Replicates.KEEP)[0]
    pairs = samples * 7 + compounds
    assert np.intersect1d(pairs[fold.train], pairs[fold.test]).size > 0


def test_fold_across_studies_trains_on_one_and_tests_on_the_other():
    samples, compounds, study = np.tile(SAMPLES, 2), np.tile(COMPOUNDS, 2), np.repeat([0, 1], SAMPLES.size)
    for whole in make_folds(samples, compounds, Scheme.CELL_BLIND, folds=4):
        fold = across_studies(whole, study, train=0, test=1)
        assert set(study[fold.train]) == set(study[fold.valid]) == {0}
        assert set(study[fold.test]) == {1}
        assert len(fold.test) == len(whole.test) / 2
    with pytest.raises(SplitError, match="the test part is empty"):
        across_studies(whole, study, train=0, test=7)


def test_shared_training_is_counted_in_what_the_scheme_draws():
    """16 lines x 16 compounds in 4 folds: 4 of each are tested, 8 trained; by rows disjoint ones share 16 of 64."""
    line, drug = (axis.ravel() for axis in np.meshgrid(np.arange(16), np.arange(16), indexing="ij"))
    found = {scheme: units_tested(make_folds(line, drug, scheme, folds=4)[0]) for scheme in Scheme}
    assert found[Scheme.CELL_BLIND] == found[Scheme.DRUG_BLIND] == found[Scheme.DISJOINT] == 0.5
    assert found[Scheme.MIXED] == pytest.approx(0.5, abs=0.02)
