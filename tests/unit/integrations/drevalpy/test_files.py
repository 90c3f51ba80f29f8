"""Folds and predictions go to drevalpy's files and come back as they were; files of something else are refused."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.errors import SplitError
from drugripple.evaluation.schemes import Replicates, Scheme, Validation
from drugripple.evaluation.splits import make_folds
from drugripple.genes.space import GeneSpace
from drugripple.integrations.drevalpy.choices import LeaveOut, Strangers
from drugripple.integrations.drevalpy.files import Names, read_predictions, write_predictions
from drugripple.integrations.drevalpy.splits import LEFT_OUT, read_folds, write_folds

LINES, DRUGS = 13, 11


def response(repeats=(), tissue=()):
    """Every line with every drug once, and the given pairs once more; names that pandas likes to read as numbers."""
    samples = tuple("NA" if i == 0 else f"{i}" for i in range(LINES))
    expression = ExpressionTable(
        samples, GeneSpace(("A", "B")), np.ones((LINES, 2), dtype=np.float32), ExpressionScale.RMA, tissue
    )
    compounds = CompoundTable.from_smiles(["C"] * DRUGS, ids=[f"00{i}, x" for i in range(DRUGS)], names=[""] * DRUGS)
    line, drug = (axis.ravel() for axis in np.meshgrid(np.arange(LINES), np.arange(DRUGS), indexing="ij"))
    again = np.array(repeats, dtype=np.int64).reshape(-1, 2)
    line, drug = np.concatenate([line, again[:, 0]]), np.concatenate([drug, again[:, 1]])
    values = np.random.default_rng(3).normal(size=line.size)
    order = np.random.default_rng(4).permutation(line.size)
    return ResponseTable.of(expression, compounds, line[order], drug[order], values[order])


def write(folder, table, scheme, *, left_out=None, **options):
    folds = make_folds(table.sample_row, table.compound_row, scheme, folds=3, **options)
    names = Names.of(table)
    write_folds(folder, folds, table, names, label="it", left_out=left_out or LEFT_OUT[scheme], seed=7)
    return folds, names


def parts(fold):
    return [part.tolist() for part in (fold.train, fold.valid, fold.test)]


def rows(folder, name):
    return pd.read_csv(folder / name, dtype=str, keep_default_na=False)


@settings(deadline=None, max_examples=12)
@given(
    scheme=st.sampled_from(list(Scheme)),
    replicates=st.sampled_from([Replicates.GROUP, Replicates.KEEP]),
    validation=st.sampled_from(list(Validation)),
    repeats=st.lists(st.tuples(st.integers(0, LINES - 1), st.integers(0, DRUGS - 1)), max_size=20),
    seed=st.integers(0, 5),
)
def test_folds_come_back_as_written(tmp_path_factory, scheme, replicates, validation, repeats, seed):
    folder, table = tmp_path_factory.mktemp("splits"), response(repeats)
    folds, names = write(folder, table, scheme, replicates=replicates, validation=validation, seed=seed)
    back = read_folds(folder, table, table.compound_row, names, scheme, replicates=replicates, validation=validation)
    assert back.left_out == 0
    assert [parts(fold) for fold in back.folds] == [parts(fold) for fold in folds]
    assert {fold.validation for fold in back.folds} == {validation}


def test_files_have_the_columns_and_the_manifest_that_drevalpy_reads(tmp_path):
    table = response(tissue=tuple("ab"[i % 2] for i in range(LINES)))
    write(tmp_path, table, Scheme.DRUG_BLIND)
    assert list(rows(tmp_path, "cv_split_2_test.csv").columns) == ["cell_line_name", "pubchem_id", "response", "tissue"]
    manifest = json.loads((tmp_path / "split_manifest.json").read_text())
    assert manifest["test_mode"] == "LDO"
    assert manifest["n_cv_splits"] == 3
    assert manifest["random_state"] == 7


@pytest.mark.parametrize(
    ("scheme", "columns"),
    [
        (Scheme.MIXED, ["cell_line_name", "pubchem_id"]),
        (Scheme.CELL_BLIND, ["cell_line_name"]),
        (Scheme.DRUG_BLIND, ["pubchem_id"]),
        (Scheme.DISJOINT, ["cell_line_name"]),
        (Scheme.DISJOINT, ["pubchem_id"]),
    ],
)
def test_rows_that_stop_training_are_as_blind_as_the_test(tmp_path, scheme, columns):
    write(tmp_path, response(repeats=[(2, 3), (2, 3), (5, 1)]), scheme)
    for number in range(3):
        groups = {
            role: set(map(tuple, rows(tmp_path, f"cv_split_{number}_{role}.csv")[columns].to_numpy()))
            for role in ("validation", "validation_es", "early_stopping")
        }
        assert groups["validation_es"]
        assert groups["early_stopping"]
        assert not groups["validation_es"] & groups["early_stopping"]
        assert groups["validation_es"] | groups["early_stopping"] <= groups["validation"]


def test_tissues_left_out_stop_training_by_tissue(tmp_path):
    tissue = tuple("abcdefgh"[i % 8] for i in range(LINES))
    table = response(tissue=tissue)
    write(tmp_path, table, Scheme.CELL_BLIND, left_out=LeaveOut.TISSUES, sample_group=tissue)
    es, early = (
        set(rows(tmp_path, f"cv_split_0_{role}.csv")["tissue"]) for role in ("validation_es", "early_stopping")
    )
    assert es
    assert early
    assert not es & early


def test_numbers_of_folds_sort_as_text(tmp_path):
    table = response()
    folds = make_folds(table.sample_row, table.compound_row, Scheme.MIXED, folds=11)
    write_folds(tmp_path, folds, table, Names.of(table), label="LPO", left_out=LeaveOut.PAIRS, seed=0)
    files = sorted(path.name for path in tmp_path.glob("*_test.csv"))
    assert files[:3] == ["cv_split_00_test.csv", "cv_split_01_test.csv", "cv_split_02_test.csv"]
    back = read_folds(tmp_path, table, table.compound_row, Names.of(table), Scheme.MIXED)
    assert [parts(fold) for fold in back.folds] == [parts(fold) for fold in folds]


def test_renamed_lines_and_drugs_are_found_again(tmp_path):
    table = response()
    names = Names.of(table, {"3": "HeLa"}, {"004, x": "2244"})
    folds = make_folds(table.sample_row, table.compound_row, Scheme.CELL_BLIND, folds=3)
    write_folds(tmp_path, folds, table, names, label="LCO", left_out=LeaveOut.CELL_LINES, seed=0)
    assert "HeLa" in set(pd.concat(rows(tmp_path, f"cv_split_{n}_test.csv") for n in range(3))["cell_line_name"])
    back = read_folds(tmp_path, table, table.compound_row, names, Scheme.CELL_BLIND)
    assert [parts(fold) for fold in back.folds] == [parts(fold) for fold in folds]
    with pytest.raises(SplitError, match=r"1 unknown lines \['HeLa'\], 1 unknown drugs \['2244'\]"):
        read_folds(tmp_path, table, table.compound_row, Names.of(table), Scheme.CELL_BLIND)


def test_strangers_are_dropped_and_counted_where_asked(tmp_path):
    table = response()
    folds, names = write(tmp_path, table, Scheme.CELL_BLIND)
    file = tmp_path / "cv_split_0_train.csv"
    frame = rows(tmp_path, file.name)
    pd.concat([frame, frame.head(2).assign(cell_line_name="unheard of")]).to_csv(file, index=False)
    back = read_folds(tmp_path, table, table.compound_row, names, Scheme.CELL_BLIND, strangers=Strangers.DROP)
    assert back.left_out == 2
    assert [parts(fold) for fold in back.folds] == [parts(fold) for fold in folds]


def test_two_drugs_of_one_name_are_refused():
    with pytest.raises(SplitError, match=r"1 names stand for several drugs: \['2244'\]"):
        Names.of(response(), drugs={"004, x": "2244", "005, x": "2244"})


def test_missing_file_and_missing_column_are_named(tmp_path):
    table = response()
    _, names = write(tmp_path, table, Scheme.MIXED)
    file = tmp_path / "cv_split_1_validation.csv"
    rows(tmp_path, file.name).drop(columns="pubchem_id").to_csv(file, index=False)
    with pytest.raises(SplitError, match=r"cv_split_1_validation.csv lacks the columns \['pubchem_id'\]"):
        read_folds(tmp_path, table, table.compound_row, names, Scheme.MIXED)
    file.unlink()
    with pytest.raises(SplitError, match=r"lacks 1 files .*cv_split_1_validation.csv"):
        read_folds(tmp_path, table, table.compound_row, names, Scheme.MIXED)
    with pytest.raises(SplitError, match="lacks 3 files"):
        read_folds(tmp_path / "nowhere", table, table.compound_row, names, Scheme.MIXED)


def test_a_fold_that_leaks_is_refused(tmp_path):
    table = response()
    _, names = write(tmp_path, table, Scheme.MIXED)
    with pytest.raises(SplitError, match="share 13 cell line"):
        read_folds(tmp_path, table, table.compound_row, names, Scheme.CELL_BLIND)


def test_repeats_in_several_parts_that_the_table_has_not_are_refused(tmp_path):
    table = response(repeats=[(2, 3)])
    names = Names.of(table)
    pair = np.flatnonzero((table.sample_row == 2) & (table.compound_row == 3))
    for role, part in (("train", pair[:1]), ("validation", np.array([0])), ("test", pair[1:])):
        write_predictions(tmp_path / f"cv_split_0_{role}.csv", table, names, part, np.zeros(1))
    single = table.take(np.setdiff1d(np.arange(len(table)), pair[1:]))
    with pytest.raises(SplitError, match=r"1 pairs stand in several parts .*'2 / 003, x'"):
        read_folds(tmp_path, single, single.compound_row, names, Scheme.MIXED)


def test_predictions_come_back_in_the_order_asked_whatever_the_order_of_the_file(tmp_path):
    table = response(repeats=[(2, 3), (2, 3), (0, 0)])
    wanted, path, names = np.random.default_rng(0).permutation(len(table)), tmp_path / "p" / "p.csv", Names.of(table)
    predicted = np.random.default_rng(1).normal(size=len(table))
    write_predictions(path, table, names, wanted, predicted)
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert list(frame.columns) == ["cell_line_name", "pubchem_id", "response", "predictions"]
    frame["response"] = frame["response"].astype(float) + 1e-9
    frame.sample(frac=1, random_state=5).to_csv(path, index=False)
    assert read_predictions(path, table, names, wanted).tolist() == predicted.tolist()


def test_predictions_of_something_else_are_refused(tmp_path):
    table, names, path = response(), Names.of(response()), tmp_path / "p.csv"
    few = np.arange(17)
    write_predictions(path, table, names, few, np.zeros(17))
    with pytest.raises(SplitError, match="has 17 rows where the fold tests 18, and lacks 1 of its pairs"):
        read_predictions(path, table, names, np.arange(18))
    with pytest.raises(SplitError, match="17 of 17 responses are not our ln IC50"):
        read_predictions(path, replace(table, values=table.values + 1), names, few)
    frame = rows(tmp_path, path.name)
    frame.loc[4, "predictions"] = ""
    frame.to_csv(path, index=False)
    with pytest.raises(SplitError, match=r"1 values of predictions are not finite numbers \(first: row 4\)"):
        read_predictions(path, table, names, few)
    frame.drop(columns=["predictions", "response"]).to_csv(path, index=False)
    with pytest.raises(SplitError, match=r"lacks the columns \['response', 'predictions'\]"):
        read_predictions(path, table, names, few)
    with pytest.raises(SplitError, match="cannot read"):
        read_predictions(tmp_path / "none.csv", table, names, few)
