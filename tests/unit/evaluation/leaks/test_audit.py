import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from drugripple.data.tables import CompoundTable
from drugripple.errors import SplitError
from drugripple.evaluation.leaks.audit import Prior, audit, found_scheme, is_clean
from drugripple.evaluation.leaks.compound_twins import molecule_numbers
from drugripple.evaluation.leaks.kinds import Leak, Severity
from drugripple.evaluation.leaks.line_names import LineSynonyms, normalised_line
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.splits import make_folds

SMILES = {
    "ethanol": "CCO",
    "benzene": "c1ccccc1",
    "alanine": "C[C@H](N)C(=O)O",
    "aspirin": "CC(=O)Oc1ccccc1C(=O)O",
    "pentadecane": "CCCCCCCCCCCCCCC",
    "indole": "c1ccc2[nH]ccc2c1",
}
LINES = ["NCI-H23", "A549", "MCF7", "HT-29", "T-T", "KM-H2"]


def split(scheme=Scheme.DISJOINT):
    """A clean fold over 6 lines x 6 drugs."""
    line, drug = (axis.ravel() for axis in np.meshgrid(np.arange(6), np.arange(6), indexing="ij"))
    fold = make_folds(line, drug, scheme, folds=3, seed=1)[0]
    role = np.full(36, "drop", dtype=object)
    for name in ("train", "valid", "test"):
        role[getattr(fold, name)] = name
    return pd.DataFrame(
        {
            "row_id": np.arange(36),
            "line": [LINES[i] for i in line],
            "drug": [list(SMILES)[j] for j in drug],
            "smiles": [list(SMILES.values())[j] for j in drug],
            "value": np.arange(36) * 0.5,
            "role": role,
        }
    )


def with_row(rows, role, /, **change):
    """The split plus a copy of its first row of a role, changed."""
    planted = rows[rows["role"] == role].iloc[[0]].assign(row_id=99, value=-1.0, **change)
    return pd.concat([rows, planted], ignore_index=True)


def plain_test_line(rows):
    """A test line whose spelling does not matter."""
    return next(line for line in rows.loc[rows["role"] == "test", "line"] if line not in ("T-T", "KM-H2"))


def kinds(rows, **options):
    return {(finding.leak, finding.severity) for finding in audit(rows, **options)}


def one(rows, leak, **options):
    return next(finding for finding in audit(rows, **options) if finding.leak is leak)


@pytest.mark.parametrize("scheme", list(Scheme))
def test_clean_split_has_no_finding(scheme):
    rows = split(scheme)
    assert audit(rows, scheme=scheme) == ()
    assert audit(rows.drop(columns=["smiles", "row_id", "value"]), scheme=scheme) == ()


@pytest.mark.parametrize("scheme", list(Scheme))
def test_scheme_is_found_by_its_names(scheme):
    assert found_scheme(split(scheme)).scheme is scheme


def test_row_in_two_parts_is_found():
    rows = split(Scheme.MIXED)
    copied = rows[rows["role"] == "test"].iloc[[0]].assign(role="train")
    found = one(pd.concat([rows, copied]), Leak.SHARED_ROW, scheme=Scheme.MIXED)
    assert (found.severity, found.count, found.rows) == (Severity.LEAK, 1, 1)
    by_value = pd.concat([rows, copied]).drop(columns="row_id")
    assert one(by_value, Leak.SHARED_ROW, scheme=Scheme.MIXED).count == 1


def test_validation_on_the_test_rows_is_found():
    rows = split(Scheme.MIXED)
    again = pd.concat([rows, rows[rows["role"] == "test"].assign(role="valid")])
    found = one(again, Leak.SHARED_ROW, scheme=Scheme.MIXED)
    assert found.between == "valid and test"
    assert found.rows == (rows["role"] == "test").sum()


def test_repeat_measurement_is_found_in_mixed_folds():
    rows = split(Scheme.MIXED)
    planted = with_row(rows, "test", role="train")
    assert kinds(planted, scheme=Scheme.MIXED) == {(Leak.REPEAT, Severity.LEAK)}
    pair = rows[rows["role"] == "test"].iloc[0]
    assert one(planted, Leak.REPEAT, scheme=Scheme.MIXED).examples == (f"{pair['line']} x {pair['drug']}",)


def test_repeat_under_another_drug_id_is_found_by_its_structure():
    planted = with_row(split(Scheme.MIXED), "test", role="train", drug="another id")
    assert kinds(planted, scheme=Scheme.MIXED) == {(Leak.REPEAT_TWO_IDS, Severity.LEAK)}


def test_repeat_under_another_spelling_of_the_line_is_found():
    rows = split(Scheme.MIXED)
    rows["line"] = rows["line"].replace({"NCI-H23": "ncih23"}).where(rows["role"] == "test", rows["line"])
    planted = rows[(rows["role"] == "test")].iloc[[0]].assign(line="a-5 49", row_id=99, value=-1.0, role="test")
    source = planted.assign(line="A549", role="train", row_id=98, value=-2.0)
    assert (Leak.REPEAT_TWO_IDS, Severity.LEAK) in kinds(pd.concat([rows, planted, source]), scheme=Scheme.MIXED)


def test_shared_line_and_compound_are_found_where_hidden():
    rows = split()
    line = rows.loc[rows["role"] == "test", "line"].iloc[0]
    drug = rows.loc[rows["role"] == "test", "drug"].iloc[0]
    assert kinds(with_row(rows, "train", line=line), scheme=Scheme.DISJOINT) == {(Leak.SHARED_LINE, Severity.LEAK)}
    shared = with_row(rows, "train", drug=drug, smiles=SMILES[drug])
    assert kinds(shared, scheme=Scheme.DISJOINT) == {(Leak.SHARED_DRUG, Severity.LEAK)}


def test_line_under_two_spellings_is_found_and_lines_that_differ_by_a_hyphen_are_not():
    rows = split()
    line = plain_test_line(rows)
    spelled = line.lower().replace("-", " ")
    assert kinds(with_row(rows, "train", line=spelled), scheme=Scheme.DISJOINT) == {(Leak.SYNONYM_LINE, Severity.LEAK)}
    assert normalised_line("TT") != normalised_line("T-T")
    assert normalised_line("KM-H2") != normalised_line("KMH-2")
    assert normalised_line("HT-29") == normalised_line("ht29")


@pytest.mark.parametrize(
    ("twin", "leak", "severity"),
    [
        ("OC(=O)[C@@H](N)C", Leak.SAME_MOLECULE, Severity.LEAK),
        ("C[C@H](N)C(=O)O.Cl", Leak.SALT_TWIN, Severity.LEAK),
        ("C[C@@H](N)C(=O)O", Leak.STEREO_TWIN, Severity.LEAK),
        ("C[C@H](N)C(=O)OC", None, None),
    ],
)
def test_structural_twins_of_a_hidden_compound_are_found(twin, leak, severity):
    rows = split(Scheme.DRUG_BLIND)
    rows["role"] = np.where(rows["drug"] == "alanine", "test", "train")
    planted = with_row(rows, "train", line="elsewhere", drug="twin", smiles=twin)
    assert kinds(planted, scheme=Scheme.DRUG_BLIND) == ({(leak, severity)} if leak else set())


def test_near_analogue_is_a_note_that_leaves_the_split_clean():
    """Hexadecane beside pentadecane: the same radius-2 environments."""
    rows = split(Scheme.DRUG_BLIND)
    rows["role"] = np.where(rows["drug"] == "pentadecane", "test", "train")
    planted = with_row(rows, "train", drug="hexadecane", smiles="C" * 16)
    findings = audit(planted, scheme=Scheme.DRUG_BLIND)
    assert [(f.leak, f.severity) for f in findings] == [(Leak.ANALOGUE, Severity.NOTE)]
    assert findings[0].examples == ("pentadecane (hexadecane, similarity 1.00)",)
    assert is_clean(findings)


@pytest.mark.parametrize("shared", range(1, 23))
def test_any_partial_overlap_is_a_finding_where_no_scheme_is_stated(shared):
    """A drug-blind split with 1 to 22 of its 23 test drugs in training: the worse the leak, the plainer."""
    test = [f"t{i}" for i in range(23)]
    train = [f"d{i}" for i in range(9)] + test[:shared]
    rows = pd.DataFrame(
        {
            "line": [f"line{i % 3}" for i in range(len(train))] + [f"line{i % 3}" for i in range(23)],
            "drug": [*train, *test],
            "role": ["train"] * len(train) + ["test"] * 23,
        }
    )
    rows.loc[rows["role"] == "test", "line"] = [f"line{i % 3 + 1}" for i in range(23)]
    rows = rows[rows["line"] != "line3"]
    found = {finding.leak for finding in audit(rows)}
    assert found & {Leak.PARTIAL, Leak.SHARED_DRUG}
    assert not is_clean(audit(rows, scheme=Scheme.DRUG_BLIND))


def test_tautomers_and_spellings_of_a_hidden_compound_are_found():
    rows = split(Scheme.DRUG_BLIND).assign(role="train")
    rows.loc[rows["drug"] == "indole", "role"] = "test"
    rows.loc[rows["drug"] == "indole", "smiles"] = "CC(=O)CC(=O)c1ccccc1"
    enol = with_row(rows, "train", line="elsewhere", drug="enol", smiles="CC(O)=CC(=O)c1ccccc1")
    assert kinds(enol, scheme=Scheme.DRUG_BLIND) == {(Leak.TAUTOMER, Severity.LEAK)}
    spelled = with_row(rows, "train", line="elsewhere", drug="In-dole", smiles="")
    assert kinds(spelled, scheme=Scheme.DRUG_BLIND) == {(Leak.SYNONYM_DRUG, Severity.LEAK)}


def test_regorafenib_is_an_analogue_of_sorafenib_with_its_similarity():
    sorafenib = "CNC(=O)c1cc(Oc2ccc(NC(=O)Nc3ccc(Cl)c(C(F)(F)F)c3)cc2)ccn1"
    rows = split(Scheme.DRUG_BLIND).assign(role="train")
    rows.loc[rows["drug"] == "indole", "role"] = "test"
    rows.loc[rows["drug"] == "indole", "smiles"] = sorafenib.replace("cc2)ccn1", "c(F)c2)ccn1")
    finding = one(with_row(rows, "train", drug="sorafenib", smiles=sorafenib), Leak.ANALOGUE, scheme=Scheme.DRUG_BLIND)
    assert finding.severity is Severity.NOTE
    assert finding.examples == ("indole (sorafenib, similarity 0.83)",)


def test_a_structure_is_known_where_the_first_row_of_its_compound_has_none():
    rows = split(Scheme.DRUG_BLIND)
    rows["role"] = np.where(rows["drug"] == "alanine", "test", "train")
    rows.loc[rows.index[rows["drug"] == "alanine"][0], "smiles"] = ""
    planted = with_row(rows, "train", line="elsewhere", drug="twin", smiles="C[C@H](N)C(=O)O.Cl")
    assert kinds(planted, scheme=Scheme.DRUG_BLIND) == {(Leak.SALT_TWIN, Severity.LEAK)}


def test_a_line_is_known_by_its_suffix_and_by_any_id_that_a_table_joins():
    rows = split()
    line = plain_test_line(rows)
    suffixed = with_row(rows, "train", line=f"{line}_LARGE_INTESTINE")
    assert kinds(suffixed, scheme=Scheme.DISJOINT) == {(Leak.SYNONYM_LINE, Severity.LEAK)}
    by_id = with_row(rows, "train", line="SIDM00148")
    assert kinds(by_id, scheme=Scheme.DISJOINT) == {(Leak.TWO_SYSTEMS, Severity.LEAK)}
    assert one(by_id, Leak.TWO_SYSTEMS, scheme=Scheme.DISJOINT).examples == ("SIDM00148",)
    joined = LineSynonyms.of([(line, "905946"), ("905946.0", "SIDM00148")])
    assert kinds(by_id, scheme=Scheme.DISJOINT, synonyms=joined) == {(Leak.SYNONYM_LINE, Severity.LEAK)}
    assert normalised_line("TT_THYROID") != normalised_line("TT_OESOPHAGUS") == normalised_line("T.T")


def test_names_on_one_side_and_ids_on_the_other_cannot_be_compared():
    rows = split(Scheme.CELL_BLIND)
    ids = {line: f"ACH-00000{i}" for i, line in enumerate(LINES)}
    rows.loc[rows["role"] != "train", "line"] = rows["line"].map(ids)
    finding = one(rows, Leak.TWO_SYSTEMS, scheme=Scheme.CELL_BLIND)
    assert finding.severity is Severity.LEAK
    assert "DepMap ids (ACH)" in finding.advice


def test_pretraining_that_saw_the_test_is_found():
    rows = split()
    drug = rows.loc[rows["role"] == "test", "drug"].iloc[0]
    block = Chem.MolToInchiKey(Chem.MolFromSmiles(SMILES[drug]))[:14]
    found = kinds(rows, scheme=Scheme.DISJOINT, prior=Prior(compounds=[block], lines=[plain_test_line(rows).lower()]))
    assert found == {(Leak.PRETRAINED_COMPOUND, Severity.LEAK), (Leak.PRETRAINED_LINE, Severity.LEAK)}
    mixed = split(Scheme.MIXED)
    noted = kinds(mixed, scheme=Scheme.MIXED, prior=Prior(lines=LINES))
    assert noted == {(Leak.PRETRAINED_LINE, Severity.NOTE)}
    assert audit(rows, scheme=Scheme.DISJOINT, prior=Prior(compounds=["AAAAAAAAAAAAAA"], lines=["other"])) == ()


def test_preprocessing_fitted_on_test_lines_is_found():
    rows = split(Scheme.CELL_BLIND)
    training = sorted(set(rows.loc[rows["role"] == "train", "line"]))
    assert audit(rows, scheme=Scheme.CELL_BLIND, prior=Prior(fitted_lines=training)) == ()
    found = kinds(rows, scheme=Scheme.CELL_BLIND, prior=Prior(fitted_lines=LINES))
    assert found == {(Leak.FITTED_ON_TEST, Severity.LEAK)}


def test_split_that_cannot_be_audited_is_refused():
    rows = split()
    with pytest.raises(SplitError, match=r"needs the columns line, drug and role; \['drug'\]"):
        audit(rows.drop(columns="drug"))
    with pytest.raises(SplitError, match="roles are train, valid, test and drop; got \\['hold-out'\\]"):
        audit(rows.assign(role=rows["role"].replace("test", "hold-out")))
    with pytest.raises(SplitError, match="the split has no test rows"):
        audit(rows[rows["role"] != "test"])


def test_salts_and_stereoisomers_share_a_molecule_number():
    smiles = ("CCO", "C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O", "CC(N)C(=O)O.Cl", "CCCO")
    names = tuple("abcde")
    assert molecule_numbers(CompoundTable.from_smiles(smiles, ids=names)).tolist() == [0, 1, 1, 1, 4]
