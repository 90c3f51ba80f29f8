"""Which column of a file holds its structures, and what becomes of those that cannot be used."""

from pathlib import Path

import pandas as pd
import pytest

from drugripple.data.treatments import Treatments
from drugripple.errors import CompoundError, SourceError
from drugripple.sources.user.compounds import (
    examine_compounds,
    excluded_keys,
    read_compounds,
    read_treatments,
    structures_of,
)


def write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def treatments(source: Path) -> Treatments:
    return read_treatments(source, dose_um=10.0, hours=24.0)


def test_column_called_structure_that_holds_none_is_passed_over(tmp_path: Path) -> None:
    table = read_compounds(write(tmp_path / "x.csv", "Structure,name,what\nsee picture 1,A,CCO\nsee picture 2,B,CCN\n"))
    assert table.smiles == ("CCO", "CCN")


def test_isomeric_structures_are_taken_before_flat_ones_and_that_is_said(tmp_path: Path) -> None:
    content = "CID,CanonicalSMILES,IsomericSMILES\n5311,CC(N)C(=O)O,C[C@H](N)C(=O)O\n"
    table = read_compounds(write(tmp_path / "x.csv", content))
    assert table.smiles == ("C[C@H](N)C(=O)O",)
    assert table.notes == ("structures are read from 'IsomericSMILES', not from ['CanonicalSMILES']",)


@pytest.mark.parametrize(
    "header",
    [
        "Murcko scaffold,SMILES string",
        "scaffold_smiles,SMILES string",
        "Murcko scaffold,structure (smiles)",
        "Reactant SMILES,Product SMILES",
        "coreSMILES,what we tested",
        "Counter-ion structure,2D Structure",
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_a_part_of_a_compound_is_not_taken_for_it_and_that_is_said(tmp_path: Path, header: str, turned: bool) -> None:
    part, whole = header.split(",")
    frame = pd.DataFrame({"Name": ["A", "B"], part: ["c1ccccc1", "C1CC1"], whole: ["Cc1ccccc1", "CC1CC1"]})
    frame.iloc[:, [2, 1, 0] if turned else [0, 1, 2]].to_csv(tmp_path / "x.csv", index=False)
    table = read_compounds(tmp_path / "x.csv")
    assert (table.names, table.smiles) == (("A", "B"), ("Cc1ccccc1", "CC1CC1"))
    assert table.notes == (f"structures are read from {whole!r}, not from [{part!r}]",)


@pytest.mark.parametrize(
    "header", ["SMILES A,SMILES B", "left,right", "Structure,Molecule", "scaffold,salt", "smiles,SMILES"]
)
def test_two_columns_of_structures_that_differ_are_refused(tmp_path: Path, header: str) -> None:
    left, right = header.split(",")
    match = (
        f"the columns '{left}' and '{right}' hold different structures; name the one that holds the compounds 'smiles'"
    )
    with pytest.raises(SourceError, match=match):
        read_compounds(write(tmp_path / "x.csv", f"name,{header}\nA,CCO,CCO\nB,CCO,CCN\n"))
    alike = read_compounds(write(tmp_path / "x.csv", f"name,{header}\nA,CCO,OCC\nB,CCN,CCN.Cl\n"))
    assert alike.smiles == ("CCO", "CCN")


def test_what_is_only_about_structures_is_none(tmp_path: Path) -> None:
    table = read_compounds(write(tmp_path / "x.csv", "name,SMILES length,has smiles,drawn\nA,3,yes,CCO\n"))
    assert (table.smiles, table.notes) == (("CCO",), ())


def test_unusable_structures_are_listed_and_nothing_shifts(tmp_path: Path) -> None:
    content = "id,smiles,dose_um\nA,CCO,1\nbad,C1CC,2\nblank,,3\nD,CN,4\nvalence,C(C)(C)(C)(C)C,-1\n"
    asked = treatments(write(tmp_path / "x.csv", content))
    assert asked.compounds.ids == ("A", "D")
    assert asked.dose_um.tolist() == [1, 4]
    assert [(one.line, one.id) for one in asked.left_out] == [(3, "bad"), (4, "blank"), (6, "valence")]
    assert "compound 'bad' with SMILES 'C1CC' cannot be read" in asked.left_out[0].reason
    assert asked.compounds.notes[0].startswith('3 of 5 compounds cannot be used and are left out: ["line 3: compound')


def test_each_line_left_out_is_told_under_its_own_name(tmp_path: Path) -> None:
    lost = treatments(write(tmp_path / "x.csv", "id,smiles\nA,CCO\nfirst,C1CC\nsecond,C1CC\n")).left_out
    assert ["'first'" in lost[0].reason, "'second'" in lost[1].reason] == [True, True]


def test_mixture_without_a_counter_ion_is_said(tmp_path: Path) -> None:
    mixture = "CC(=O)Nc1ccc(O)cc1.CN1CCC[C@H]1c1cccnc1"
    table = read_compounds(write(tmp_path / "x.csv", f"id,smiles\nmix,{mixture}\nsalt,CCN.Cl\n"))
    assert len(table.notes) == 1
    assert "1 is a mixture of parts of which either may be the drug; one is used: ['mix as" in table.notes[0]


def test_parent_chosen_is_among_the_findings() -> None:
    examined = examine_compounds(["CCN.CCCCCCCCCCCCOS(O)(=O)=O", "CCO"])
    said = [finding.text for finding in examined.findings() if "parent" in finding.text]
    assert len(said) == 1
    assert "1 was given as a salt" in said[0]
    assert " as CCN" in said[0]


def test_structures_come_from_the_named_column_or_the_one_that_is_found(tmp_path: Path) -> None:
    path = write(tmp_path / "x.tsv", "smiles\tsecond\nCCO\tC\n\tCC\nCCN\tCCC\n")
    assert list(structures_of(path)) == ["CCO", "CCN"]
    assert list(structures_of(path, column="second")) == ["C", "CC", "CCC"]
    with pytest.raises(SourceError, match="it has no column 'third'"):
        list(structures_of(path, column="third"))


def test_excluded_molecules_go_by_key_and_an_unreadable_one_is_refused(tmp_path: Path) -> None:
    assert excluded_keys(["C[C@H](N)C(=O)O.Cl"]) == {"QNAYBMKLOCPYGJ"}
    with pytest.raises(CompoundError, match="C1CC"):
        excluded_keys(write(tmp_path / "x.smi", "CCO\nC1CC\n"))


def test_each_distinct_smiles_is_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rdkit import Chem

    parsed = []
    whole = Chem.MolFromSmiles
    monkeypatch.setattr(Chem, "MolFromSmiles", lambda text, **k: parsed.append(text) or whole(text, **k))
    treatments(write(tmp_path / "x.csv", "id,smiles,hours\nA,CCO,1\nA,CCO,2\nB,CN.Cl,1\nC,C1CC,1\n"))
    assert sorted(set(parsed)) == sorted(["CCO", "CN.Cl", "C1CC"])
    assert parsed.count("CCO") == parsed.count("CN.Cl") == 1


@pytest.mark.parametrize("rows", [700, 9000])
def test_two_columns_of_structures_are_compared_over_the_whole_file(tmp_path: Path, rows: int) -> None:
    """They are alike in their first 600 rows, spelt in two ways."""
    lines = [f"c{i},OCC,{'CCO' if i < 600 else 'CCN'}" for i in range(rows)]
    (tmp_path / "x.csv").write_text("\n".join(["id,SMILES A,SMILES B", *lines]) + "\n")
    with pytest.raises(SourceError, match="'SMILES A' and 'SMILES B' hold different structures"):
        read_compounds(tmp_path / "x.csv")


@pytest.mark.parametrize(
    ("smiles", "cause"),
    [
        ("C" * 20_000, "(20,000 characters) is longer than"),
        ("C1" * 900, "cannot be read"),
        ("[CH999]", "correct the structure or leave the compound out"),
    ],
    ids=["chain", "rings", "hydrogens"],
)
@pytest.mark.parametrize("name", ["c", "L" * 5000], ids=["short name", "long name"])
def test_why_a_long_structure_is_left_out_is_said_to_the_end(
    tmp_path: Path, smiles: str, cause: str, name: str
) -> None:
    """A message that was cut after so many characters showed carbon atoms, and no cause."""
    table = read_compounds(write(tmp_path / "x.csv", f"smiles,name\n{smiles},{name}\nCCO,ethanol\n"))
    (note,) = (one for one in table.notes if "left out" in one)
    assert cause in note
    assert len(note) < 600
