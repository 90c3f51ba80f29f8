"""Compounds by name or by structure: what is known by name, and what is said of a text that is neither."""

import re
from importlib import import_module

import numpy as np
import pandas as pd
import pytest

from drugripple.data.tables import CompoundTable
from drugripple.errors import CompoundError, ConfigError, SourceError, TableError
from drugripple.predict.asked_compounds import asked_compounds, one_compound
from drugripple.sources.user.compounds import read_compounds

VORINOSTAT, NUTLIN = "O=C(CCCCCCC(=O)Nc1ccccc1)NO", "COc1ccccc1C1=NCCN1"
KNOWN = CompoundTable.from_smiles([NUTLIN, VORINOSTAT], names=["Nutlin-3a (-)", "Vorinostat"])


@pytest.mark.parametrize("text", ["Vorinostat", " vorinostat ", "VORINO-STAT", VORINOSTAT])
def test_a_name_in_any_spelling_is_its_structure(text):
    (structure,) = asked_compounds(VORINOSTAT, KNOWN).smiles
    for source in (text, [text], (text,)):
        assert asked_compounds(source, KNOWN).smiles == (structure,)
    assert one_compound(asked_compounds(text, KNOWN)).smiles == (structure,)


def test_names_and_structures_stand_in_the_order_they_were_given_in():
    found = asked_compounds(["CCO", "nutlin-3a(-)", "c1ccccc1"], KNOWN)
    assert asked_compounds(pd.Series(["CCO", "nutlin-3a(-)", "c1ccccc1"]), KNOWN) == found
    assert found.names == found.ids == ("CCO", "Nutlin-3a (-)", "c1ccccc1")
    assert found.smiles == ("CCO", NUTLIN, "c1ccccc1")


def test_a_misspelt_name_is_told_with_the_nearest():
    with pytest.raises(CompoundError, match=r"^'vorinostatt' is no compound .*\['Vorinostat'\].*PubChem"):
        asked_compounds("vorinostatt", KNOWN)
    found = asked_compounds(["vorinostatt", "CCO"], KNOWN)
    assert found.names == ("CCO",)
    assert any("'vorinostatt' is no compound" in note and "['Vorinostat']" in note for note in found.notes)


def test_a_text_like_no_name_gets_no_name_beside_it():
    with pytest.raises(CompoundError, match="'C1CC' is no compound that the model knows by name, and no structure"):
        asked_compounds(["C1CC"], KNOWN)
    assert not any("by name" in note for note in asked_compounds(["C1CC", "CCO"], KNOWN).notes)


@pytest.mark.parametrize("between", [" + ", " and ", " & ", " with ", "/", ", "])
def test_a_combination_is_told_as_one(between):
    text = f"nutlin-3a (-){between}vorinostat"
    with pytest.raises(CompoundError, match=f"^{re.escape(repr(text))} names 2 compounds: no model here predicts comb"):
        asked_compounds(text, KNOWN)
    assert any("predicts combinations" in note for note in asked_compounds([text, "CCO"], KNOWN).notes)


def test_files_and_tables_are_read_as_ever(tmp_path):
    path = tmp_path / "vorinostat.csv"
    path.write_text("name,smiles\nmine,CCO\n")
    assert asked_compounds(str(path), KNOWN).names == ("mine",)
    assert asked_compounds(path, KNOWN).names == ("mine",)
    assert asked_compounds(pd.DataFrame({"smiles": ["CCO"]}), KNOWN).names == ("CCO",)
    assert asked_compounds(KNOWN, KNOWN) is KNOWN
    with pytest.raises(SourceError, match=r"absent\.csv: it is not there"):
        asked_compounds("absent.csv", KNOWN)


def test_a_smiles_longer_than_a_file_name_may_be_is_one():
    assert asked_compounds("C" * 300, KNOWN).smiles == ("C" * 300,)


def test_one_compound_is_one():
    with pytest.raises(ConfigError, match=r"got 2: \['CCO', 'Vorinostat'\]"):
        one_compound(asked_compounds(["CCO", "vorinostat"], KNOWN))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "data/compounds",
            r"^'data/compounds' is a file: name it as `compounds`, and let it end in what it is",
        ),
        ("data/drugs.v2", r"^'data/drugs\.v2' is a file: .*let it end"),
        ("data/mine.csv", r"^'data/mine\.csv' is a file: name it as `compounds`; "),
        ("data", r"^'data' is a folder: name a file in it as `compounds`; "),
        (
            "data/absent",
            r"^there is no file 'data/absent'; 'data/absent' is no compound",
        ),
        ("absent.csv", r"^there is no file 'absent\.csv'; "),
        ("F/C=C/Q", "^'F/C=C/Q' is no compound"),
    ],
)
def test_a_path_among_texts_is_told_as_a_file(tmp_path, monkeypatch, text, said):
    """A network, which reads structures alone, and the default model; alone and beside a name and a structure."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    for name in ("compounds", "drugs.v2", "mine.csv"):
        (tmp_path / "data" / name).write_text("name,smiles\nmine,CCO\n")
    with pytest.raises(CompoundError, match=said):
        asked_compounds([text], KNOWN)
    expected = said.removeprefix("^").removesuffix("; ").partition("; '")[0]
    is_file = "is no compound" not in expected
    with pytest.raises(CompoundError) as refused:
        read_compounds([text])
    assert bool(re.search(expected, str(refused.value))) == is_file
    for beside in (["CCO"], ["CCO", "Vorinostat"]):
        notes = "\n".join(asked_compounds([*beside, text], KNOWN).notes)
        assert bool(re.search(expected, notes)) == is_file


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (
            ["Vorinostat", "vorinostat", "CCO"],
            "^1 compound is named .*: 'Vorinostat' and 'vorinostat'; name each",
        ),
        (
            ["CCO", "CCO", "CCN", "CCN "],
            "^2 compounds .* more than once: 'CCO' and 'CCO', 'CCN' and 'CCN'; ",
        ),
    ],
)
def test_a_compound_named_twice_is_told_as_it_was_written(texts, told):
    with pytest.raises(TableError, match=told):
        asked_compounds(texts, KNOWN)


def test_blanks_among_texts_are_left_out_and_are_no_file():
    found = asked_compounds(["", "CCO", "", "C" * 300 + "("], KNOWN)
    assert found.smiles == ("CCO",)
    assert not any("file" in note or "folder" in note for note in found.notes)


@pytest.mark.parametrize(
    "text",
    ["drug\nnutlin-3a(-)\nVORINOSTAT\n", "nutlin-3a(-)\nvorinostat\n", "nr,drug\n1,nutlin-3a(-)\n2,vorinostat\n"],
)
def test_a_file_may_hold_names_in_place_of_structures(text, tmp_path):
    (tmp_path / "names.csv").write_text(text)
    found = asked_compounds(tmp_path / "names.csv", KNOWN)
    assert set(found.names) == {"Nutlin-3a (-)", "Vorinostat"}
    assert not found.notes


def test_a_misspelt_name_in_a_file_of_names_is_told(tmp_path):
    (tmp_path / "names.txt").write_text("vorinostatt\nnutlin-3a(-)\n")
    found = asked_compounds(tmp_path / "names.txt", KNOWN)
    assert found.names == ("Nutlin-3a (-)",)
    assert any("'vorinostatt' is no compound" in note and "['Vorinostat']" in note for note in found.notes)


def test_another_name_of_a_drug_is_read_and_said(tmp_path):
    said = "'Zolinza' is read as Vorinostat, another name of the drug"
    found = asked_compounds("Zolinza", KNOWN)
    assert (found.names, found.smiles, found.notes) == (("Vorinostat",), (VORINOSTAT,), (said,))
    (tmp_path / "names.csv").write_text("drug\nZolinza\n")
    assert asked_compounds(tmp_path / "names.csv", KNOWN).notes == (said,)
    with pytest.raises(TableError, match="'SAHA' and 'Zolinza'"):
        asked_compounds(["SAHA", "Zolinza"], KNOWN)


def test_a_drug_that_the_model_lacks_is_to_be_given_as_a_structure():
    with pytest.raises(CompoundError, match=r"^'Gleevec' \(imatinib\) .*, or give the SMILES: PubChem"):
        asked_compounds("Gleevec", KNOWN)


def test_an_antibody_and_a_regimen_are_told_as_such():
    with pytest.raises(CompoundError, match=r"^'Keytruda' is an antibody"):
        asked_compounds("Keytruda", KNOWN)
    (note,) = [note for note in asked_compounds(["CHOP", "vorinostat"], KNOWN).notes if note.startswith("'CHOP' is")]
    assert "ask about each alone" in note


def test_a_kind_of_drug_is_told_with_those_that_the_model_knows():
    with pytest.raises(CompoundError, match=r"^'HDAC inhibitors' is no compound but a kind.*\['Vorinostat'\]"):
        asked_compounds("HDAC inhibitors", KNOWN)
    with pytest.raises(CompoundError, match=r"^'MDM2' is no compound but a kind.*\['Nutlin-3a \(-\)'\]"):
        asked_compounds("MDM2", KNOWN)
    with pytest.raises(CompoundError, match=r"^'KRAS' is no compound but a kind, of which the model knows none; give "):
        asked_compounds("KRAS", KNOWN)
    assert any(note.startswith("'MDM2' is no compound but") for note in asked_compounds(["MDM2", "CCO"], KNOWN).notes)


def test_a_text_is_judged_once(monkeypatch):
    judged, asking = [], import_module("drugripple.predict.asked_compounds")
    monkeypatch.setattr(asking, "no_one_compound", lambda text, _names: judged.append(text) or "said")
    asked_compounds(["MDM2", "CCO"], KNOWN)
    assert judged == ["MDM2"]


@pytest.mark.parametrize("head", ["", "name\n"])
def test_a_column_of_names_with_spaces_is_read_whole(tmp_path, head):
    """Without a comma in it, a text file looks as if spaces parted its columns."""
    path = tmp_path / "names.csv"
    path.write_text(head + "Nutlin-3a (-)\nvorinostat\n")
    found = asked_compounds(path, KNOWN)
    assert found.names == ("Nutlin-3a (-)", "Vorinostat")
    assert found.notes == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,smiles,canonical_smiles\nVorinostat,CCO,CCC\na,CCC,CCCC\nb,CCCC,CCO\n", "hold different structures"),
        ("name,smiles,Conc (nM)\nVorinostat,CCO,100\n", "holds doses in nm; expected doses in micromolar"),
        ("name,smiles\nVorinostat,C1CC\n", "none of 1 structure can be used"),
        ("id,smiles\nVorinostat,CCO\nVorinostat,CCC\n", "Vorinostat"),
    ],
)
def test_what_is_wrong_with_structures_is_not_passed_over_by_names(tmp_path, text, said):
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises((CompoundError, SourceError, TableError), match=re.escape(said)):
        asked_compounds(path, KNOWN)


@pytest.mark.parametrize("text", ["name,smiles\nVorinostat,\n", "smiles\nVorinostat\n", "name,smiles\nVorinostat,NA\n"])
def test_names_count_where_no_structure_is_given(tmp_path, text):
    path = tmp_path / "x.csv"
    path.write_text(text)
    found = asked_compounds(path, KNOWN)
    assert found.names == ("Vorinostat",)
    assert found.smiles == (VORINOSTAT,)


def test_a_name_stands_in_for_a_structure_that_a_row_lacks(tmp_path):
    """A list of named drugs and own compounds: ids stay the file's, and what is no name is told."""
    path = tmp_path / "x.csv"
    path.write_text("Compound,SMILES\nZolinza,\nmine,CCO\nnutlin-3a,n/a\nvorinostatt,\nbroken,C1CC(\n")
    known = CompoundTable.from_smiles([NUTLIN, VORINOSTAT], names=["Nutlin-3a", "Vorinostat"])
    found = asked_compounds(path, known)
    assert found.names == ("Zolinza", "mine", "nutlin-3a")
    assert found.smiles == (VORINOSTAT, "CCO", NUTLIN)
    notes = "\n".join(found.notes)
    assert "2 compounds have no structure and a name that the model knows: ['Zolinza', 'nutlin-3a']" in notes
    assert "'Zolinza' is read as Vorinostat, another name of the drug" in notes
    assert "2 of 5 compounds cannot be used" in notes
    assert "'vorinostatt' is no compound that the model knows by name (the nearest names are ['Vorinostat'])" in notes


def test_a_name_among_structures_is_read_as_one(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("id,smiles\nD1,CCO\nD2,Vorinostat\n")
    found = asked_compounds(path, KNOWN)
    assert (found.ids, found.smiles) == (("D1", "D2"), ("CCO", VORINOSTAT))


def test_a_name_that_nobody_knows_is_told_once_with_where_its_structure_is():
    notes = asked_compounds(["abemaciclib", "vorinostat"], KNOWN).notes
    assert notes == (
        "1 compound is left out: ['abemaciclib']",
        "'abemaciclib' is no compound that the model knows by name",
        "correct the name, or give the SMILES: PubChem (pubchem.ncbi.nlm.nih.gov) has them by name",
    )


def test_a_structure_that_is_wrong_is_told_by_its_place_among_all_texts():
    notes = "\n".join(asked_compounds(["CCN", "abemaciclib", "C1CC("], KNOWN).notes)
    assert "line 3: SMILES 'C1CC('" in notes
    assert "1 compound is left out: ['abemaciclib']" in notes


@pytest.mark.parametrize("nothing", [[], np.array([], dtype=object), pd.Series([], dtype=object)])
def test_an_empty_list_is_refused_as_one(nothing):
    with pytest.raises(SourceError, match="the list of SMILES: it is empty"):
        asked_compounds(nothing, KNOWN)


IMATINIB = "Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1"
NAMED = CompoundTable.from_smiles([NUTLIN, VORINOSTAT, IMATINIB], names=["Nutlin-3a (-)", "Vorinostat", "Imatinib"])


@pytest.mark.parametrize("text", ["Imatinib", "imatinib mesylate", "Gleevec"])
def test_a_compound_of_another_study_is_known_by_name_and_said_not_to_be_of_training(text):
    """It is none of those that are asked about where none is named."""
    found = asked_compounds([text, "vorinostat"], KNOWN, NAMED)
    assert found.names == ("Imatinib", "Vorinostat")
    assert found.smiles[0] == NAMED.smiles[2]
    told = "1 compound was measured by another study and not in training: ['Imatinib']"
    assert found.notes[-1] == told
    assert asked_compounds(None, KNOWN, NAMED).names == KNOWN.names
    assert not any("another study" in note for note in asked_compounds(["vorinostat"], KNOWN, NAMED).notes)
    with pytest.raises(CompoundError, match="is no compound that the model knows by name"):
        asked_compounds(text, KNOWN)
