import json

import numpy as np
import pandas as pd
import pytest

from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.errors import CheckpointError, SplitError
from drugripple.evaluation.leaks.kinds import Leak
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.split_file import write_splits
from drugripple.evaluation.splits import make_folds
from drugripple.genes.space import GeneSpace
from drugripple.recipes.audit import as_table, as_text, audit_splits
from drugripple.sources.public.tidy import read_gdsc

DRUGS = ("aspirin", "caffeine", "ethanol", "benzene", "indole", "aspirin sodium")
SMILES = ("CC(=O)Oc1ccccc1C(=O)O", "Cn1c(=O)c2c(ncn2C)n(C)c1=O", "CCO", "c1ccccc1", "c1ccc2[nH]ccc2c1")
SMILES = (*SMILES, "CC(=O)Oc1ccccc1C(=O)[O-].[Na+]")


def table(drugs):
    line, drug = (axis.ravel() for axis in np.meshgrid(np.arange(6), np.arange(drugs), indexing="ij"))
    names = tuple(f"line{i}" for i in range(6))
    return ResponseTable.of(
        ExpressionTable(names, GeneSpace(("G",)), np.zeros((6, 1), np.float32), ExpressionScale.ROBUST_Z),
        CompoundTable.from_smiles(SMILES[:drugs], ids=DRUGS[:drugs]),
        line,
        drug,
        np.zeros(line.size),
    )


def write_ours(path, response):
    write_splits(
        path,
        {s: make_folds(response.sample_row, response.compound_row, s, folds=3) for s in Scheme},
        seed=0,
    )


def test_our_own_split_file_is_clean(tmp_path):
    response = table(5)
    write_ours(tmp_path / "splits.parquet", response)
    report = audit_splits([tmp_path / "splits.parquet"], table=response, out=tmp_path / "out")
    assert report.clean
    assert len(report.folds) == 12
    assert {fold.scheme for fold in report.folds} == set(Scheme)
    assert json.loads((tmp_path / "out" / "audit.json").read_text())["clean"] is True
    assert as_text(report).startswith("12 fold(s): clean")


def test_salt_in_our_own_table_is_found_in_some_fold(tmp_path):
    response = table(6)
    write_ours(tmp_path / "splits.parquet", response)
    report = audit_splits([tmp_path / "splits.parquet"], table=response)
    assert not report.clean
    assert Leak.SAME_MOLECULE in set(report.table()["leak"])
    assert Leak.REPEAT_TWO_IDS in set(report.table()["leak"])
    assert as_table(report).row_count == len(report.table())
    assert "aspirin" in as_text(report)


def test_train_and_test_files_with_other_column_names_are_read(tmp_path):
    train = pd.DataFrame({"cell_line_name": ["A549", "MCF7"], "DRUG_ID": [1, 2], "LN_IC50": [0.5, 1.0]})
    test = pd.DataFrame({"cell_line_name": ["a-549", "HT29"], "DRUG_ID": [3, 4], "LN_IC50": [0.1, 0.2]})
    train.to_csv(tmp_path / "train.csv", index=False)
    test.to_csv(tmp_path / "test.tsv", sep="\t", index=False)
    report = audit_splits([tmp_path / "train.csv", tmp_path / "test.tsv"])
    assert [finding.leak for finding in report.folds[0].findings] == [Leak.SYNONYM_LINE]
    assert report.folds[0].scheme is Scheme.DISJOINT
    assert "found by its names (0 of 2 test lines are in training, 0 of 2 test drugs" in as_text(report)


def test_folds_of_a_column_are_audited_one_by_one(tmp_path):
    rows = pd.DataFrame(
        {
            "line": ["a", "b", "c", "a", "b", "a"],
            "drug": ["x", "x", "x", "x", "x", "x"],
            "split": ["train", "valid", "test", "train", "valid", "test"],
            "fold": [0, 0, 0, 1, 1, 1],
        }
    )
    rows.to_csv(tmp_path / "s.csv", index=False)
    report = audit_splits([tmp_path / "s.csv"], scheme=Scheme.CELL_BLIND)
    assert [bool(fold.findings) for fold in report.folds] == [False, True]
    assert {finding.leak for finding in report.folds[1].findings} == {Leak.REPEAT, Leak.SHARED_LINE}


def test_card_of_a_checkpoint_adds_what_pretraining_saw(tmp_path):
    (tmp_path / "train.csv").write_text("line,drug,smiles\na,aspirin,CC(=O)Oc1ccccc1C(=O)O\n")
    (tmp_path / "test.csv").write_text("line,drug,smiles\nb,ethanol,OCC\n")
    card = {"compounds_seen": ["LFQSCWFLJHTTHZ"], "lines_seen": ["c"]}  # InChIKey of ethanol, first block
    (tmp_path / "card.json").write_text(json.dumps(card))
    paths = [tmp_path / "train.csv", tmp_path / "test.csv"]
    assert audit_splits(paths).clean
    for where in (tmp_path, tmp_path / "card.json"):
        report = audit_splits(paths, card=where)
        assert [finding.leak for finding in report.folds[0].findings] == [Leak.PRETRAINED_COMPOUND]
        assert not report.clean
    fitted = audit_splits(paths, fitted_lines=["B"])
    assert [finding.leak for finding in fitted.folds[0].findings] == [Leak.FITTED_ON_TEST]


def test_lines_meet_through_ids_of_the_files_and_of_a_table(tmp_path):
    pd.DataFrame({"cell_line": ["MCF7", "A549"], "cosmic_id": [905946, 905949], "drug": "x"}).to_csv(
        tmp_path / "train.csv", index=False
    )
    pd.DataFrame({"cosmic_id": [905949.0, 1.5e6], "drug": "x"}).to_csv(tmp_path / "test.csv", index=False)
    paths = [tmp_path / "train.csv", tmp_path / "test.csv"]
    report = audit_splits(paths, scheme=Scheme.CELL_BLIND)
    assert [finding.leak for finding in report.folds[0].findings] == [Leak.REPEAT_TWO_IDS, Leak.SYNONYM_LINE]
    pd.DataFrame({"line": ["MCF7", "K562"], "drug": ["x", "x"]}).to_csv(tmp_path / "train.csv", index=False)
    pd.DataFrame({"line": ["ACH-000019"], "drug": ["y"]}).to_csv(tmp_path / "test.csv", index=False)
    assert [f.leak for f in audit_splits(paths).folds[0].findings] == [Leak.TWO_SYSTEMS]
    table = tmp_path / "Model.csv"
    pd.DataFrame({"ModelID": ["ACH-000019"], "CCLEName": ["MCF7_BREAST"], "tissue": ["breast"]}).to_csv(
        table, index=False
    )
    assert [f.leak for f in audit_splits(paths, lines=table).folds[0].findings] == [Leak.SYNONYM_LINE]


def test_a_scaler_fitted_on_all_lines_is_found_in_the_card(tmp_path):
    rows = pd.DataFrame({"line": ["A", "B"], "drug": "x", "split": ["train", "test"]})
    rows.to_csv(tmp_path / "s.csv", index=False)
    (tmp_path / "card.json").write_text(json.dumps({"lines_seen": ["A"], "lines_scaled": ["A", "B"]}))
    report = audit_splits([tmp_path / "s.csv"], card=tmp_path / "card.json", scheme=Scheme.CELL_BLIND)
    assert [finding.leak for finding in report.folds[0].findings] == [Leak.FITTED_ON_TEST]


def test_ids_keep_their_zeros_and_a_drug_may_be_called_na(tmp_path):
    (tmp_path / "s.csv").write_text("line,drug,split\n007,NA,train\n7,NA,test\n8,nan,test\n")
    report = audit_splits([tmp_path / "s.csv"], scheme=Scheme.MIXED)
    assert report.clean
    (tmp_path / "s.csv").write_text("row_id,line,drug,split\n0,a,x,train\nmany,b,x,test\n")
    with pytest.raises(SplitError, match=r"s.csv: 1 row_id is no whole numbers: \['many'\]"):
        audit_splits([tmp_path / "s.csv"])


def test_files_that_are_no_split_are_refused(tmp_path):
    (tmp_path / "s.csv").write_text("row_id,role\n0,train\n1,test\n")
    with pytest.raises(SplitError, match="names no lines and drugs"):
        audit_splits([tmp_path / "s.csv"])
    (tmp_path / "far.csv").write_text("row_id,role\n0,train\n100,test\n")
    with pytest.raises(SplitError, match="has row 100, the table only 30"):
        audit_splits([tmp_path / "far.csv"], table=table(5))
    (tmp_path / "bad.parquet").write_text("x")
    with pytest.raises(SplitError, match=r"bad\.parquet cannot be read as CSV, TSV, Parquet or xlsx"):
        audit_splits([tmp_path / "bad.parquet"])
    with pytest.raises(SplitError, match="no split file was given"):
        audit_splits([])
    (tmp_path / "train.csv").write_text("line,drug\na,x\n")
    (tmp_path / "test.csv").write_text("line,drug\nb,x\n")
    (tmp_path / "card.json").write_text("[]")
    with pytest.raises(CheckpointError, match="is not the card of a checkpoint"):
        audit_splits([tmp_path / "train.csv", tmp_path / "test.csv"], card=tmp_path / "card.json")


def test_the_verdict_says_that_compounds_went_by_name_only(tmp_path):
    (tmp_path / "train.csv").write_text("line,drug,smiles\na,aspirin,CC(=O)Oc1ccccc1C(=O)O\n")
    (tmp_path / "test.csv").write_text("line,drug,smiles\na,ethanol,OCC\na,wine,\n")
    report = audit_splits([tmp_path / "train.csv", tmp_path / "test.csv"], scheme=Scheme.DRUG_BLIND)
    assert as_text(report).startswith("1 fold(s): clean; 1 compound(s) without SMILES went by name only")


@pytest.mark.slow
def test_salt_and_stereo_twins_of_gdsc2_leak_through_rows_of_the_compound_table(shared_data, tmp_path):
    """GDSC2 has afuresertib and its hydrochloride, and bleomycin in two spellings of its stereochemistry."""
    response = read_gdsc(shared_data, "GDSC2").table
    lines = np.flatnonzero(np.isin(response.sample_row, np.unique(response.sample_row)[:40]))
    response = response.take(lines)
    folds = {Scheme.MIXED: make_folds(response.sample_row, response.compound_row, Scheme.MIXED)[:1]}
    write_splits(tmp_path / "s.parquet", folds, seed=0)
    report = audit_splits([tmp_path / "s.parquet"], table=response)
    assert "Afuresertib" in as_text(report)
    assert set(report.table()["leak"]) == {Leak.REPEAT_TWO_IDS}


def split_file(path, roles, column="split"):
    rows = pd.DataFrame({"cell_line": ["a", "b", "c", "d"], "drug": ["x", "y", "x", "y"], column: roles})
    rows.to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("Train", "TEST"),
        ("train set", "test_set"),
        ("trn", "tst"),
        (" training ", "Testing data"),
        ("train", "hold-out"),
    ],
)
def test_roles_are_known_however_they_are_spelt(tmp_path, train, test):
    path = split_file(tmp_path / "x.csv", [train, train, test, test])
    assert audit_splits([path]).folds[0].rows == 4


@pytest.mark.parametrize(
    ("roles", "told"),
    [
        (
            ["dev", "dev", "blind", "blind"],
            r"x\.csv: the column 'split' holds words that are no roles: \['blind \(2 rows\)'\]",
        ),
        (["0", "0", "1", "1"], r"no roles: \['0 \(2 rows\)', '1 \(2 rows\)'\]; write train, valid, test or drop"),
        (["train", "", "test", ""], r"x\.csv: 2 rows leave 'split' blank \(rows \['2', '4'\] below the header\)"),
    ],
)
def test_what_is_no_role_is_refused_by_file_column_and_word(tmp_path, roles, told):
    with pytest.raises(SplitError, match=told):
        audit_splits([split_file(tmp_path / "x.csv", roles)])


def test_rows_without_a_line_are_no_line_called_nothing(tmp_path):
    path = split_file(tmp_path / "x.csv", ["train", "train", "test", "test"])
    path.write_text(path.read_text().replace("\nc,", "\n,"))
    with pytest.raises(SplitError, match=r"1 row leaves 'cell_line' blank \(rows \['3'\] below the header\)"):
        audit_splits([path])


def test_a_file_without_roles_is_told_so_unless_its_name_says_one(tmp_path):
    rows = pd.DataFrame({"cell_line": ["a", "b"], "drug": ["x", "y"]})
    for name in ("gdsc_train.csv", "my-test-set.csv", "folds.csv", "train_and_test.csv"):
        rows.to_csv(tmp_path / name, index=False)
    assert audit_splits([tmp_path / "gdsc_train.csv", tmp_path / "my-test-set.csv"]).folds[0].rows == 4
    for name, says in (("folds.csv", "says none"), ("train_and_test.csv", "says more than one")):
        with pytest.raises(SplitError, match=f"2 rows have no role.*{says}"):
            audit_splits([tmp_path / name])


@pytest.mark.parametrize("blank", ["NA", "-", "nan", "unknown", "", "0"])
def test_lines_without_an_id_are_not_one_line(tmp_path, blank):
    """What stands in place of an id joins nothing; an id that two names share does."""
    rows = pd.DataFrame({"cell_line": ["a1", "b2", "c3", "d4"], "drug": "x", "COSMIC_ID": blank, "model_id": "net-5"})
    rows.assign(split=["train", "train", "test", "test"]).to_csv(tmp_path / "s.csv", index=False)
    assert audit_splits([tmp_path / "s.csv"], scheme=Scheme.CELL_BLIND).folds[0].findings == ()
    rows["COSMIC_ID"] = ["905946", blank, "905946.0", blank]
    rows.assign(split=["train", "train", "test", "test"]).to_csv(tmp_path / "s.csv", index=False)
    findings = audit_splits([tmp_path / "s.csv"], scheme=Scheme.CELL_BLIND).folds[0].findings
    assert [(one.leak, one.examples) for one in findings][-1] == (Leak.SYNONYM_LINE, ("c3",))


def test_synonyms_are_those_of_a_table_of_lines(tmp_path):
    """In a split file the column may hold names of the drug."""
    rows = pd.DataFrame({"cell_line": ["a1", "b2"], "drug": "x", "synonyms": "x-1;x-2", "split": ["train", "test"]})
    rows.to_csv(tmp_path / "s.csv", index=False)
    assert audit_splits([tmp_path / "s.csv"], scheme=Scheme.CELL_BLIND).clean
    pd.DataFrame({"model_name": ["a1"], "synonyms": ["first;b2"]}).to_csv(tmp_path / "lines.csv", index=False)
    report = audit_splits([tmp_path / "s.csv"], scheme=Scheme.CELL_BLIND, lines=tmp_path / "lines.csv")
    assert Leak.SYNONYM_LINE in set(report.table()["leak"])


@pytest.mark.parametrize(
    ("word", "scheme"),
    [
        ("LDO", Scheme.DRUG_BLIND),
        ("Drug-blind", Scheme.DRUG_BLIND),
        ("leave drug out", Scheme.DRUG_BLIND),
        ("LCO", Scheme.CELL_BLIND),
        ("LTO", Scheme.CELL_BLIND),
        ("unseen cell lines", Scheme.CELL_BLIND),
        ("LPO", Scheme.MIXED),
        ("drug and cell blind", Scheme.DISJOINT),
    ],
)
def test_a_scheme_that_the_file_states_is_held_against_it(tmp_path, word, scheme):
    """All test drugs and lines are in training: only the stated scheme makes that a leak."""
    rows = pd.DataFrame({"line": ["a", "b", "a", "b"], "drug": ["x", "y", "y", "x"], "test_mode": word})
    rows.assign(split=["train", "train", "test", "test"]).to_csv(tmp_path / "s.csv", index=False)
    report = audit_splits([tmp_path / "s.csv"])
    assert (report.folds[0].scheme, report.clean) == (scheme, scheme is Scheme.MIXED)
    assert f"scheme {word}: {scheme}, as stated" in as_text(report)


@pytest.mark.parametrize("column", ["fold", "scheme"])
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_row_of_no_fold_is_not_passed_over(tmp_path, column, suffix):
    """The row that leaks is the one whose fold is blank."""
    rows = pd.DataFrame({"line": ["a", "b", "a"], "drug": "x", "split": ["train", "test", "test"]})
    rows[column] = [0.0, 0.0, None] if column == "fold" else ["cell_blind", "cell_blind", None]
    path = tmp_path / f"s{suffix}"
    rows.to_csv(path, index=False) if suffix == ".csv" else rows.to_parquet(path)
    with pytest.raises(SplitError, match=rf"1 row leaves '{column}' blank \(rows \['3'\] below the header\)"):
        audit_splits([path])
