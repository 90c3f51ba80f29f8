"""InChIs, InChIKeys, formulas, names and ids in place of SMILES are named with the cure; beside SMILES they agree."""

import pandas as pd
import pytest
from rdkit import Chem

from drugripple.errors import CompoundError, SourceError
from drugripple.sources.user.compounds import read_compounds

SMILES = ["CC(=O)Oc1ccccc1C(=O)O", "Cn1c(=O)c2c(ncn2C)n(C)c1=O", "CC(C)Cc1ccc(cc1)C(C)C(=O)O", "NCCc1ccc(O)c(O)c1"]
INCHI = [Chem.MolToInchi(Chem.MolFromSmiles(one)) for one in SMILES]
OTHERS = {
    "an InChI": INCHI,
    "an InChIKey": [Chem.InchiToInchiKey(one) for one in INCHI],
    "a molecular formula": ["C9H8O4", "C8H10N4O2", "C13H18O2", "C8H11NO2"],
    "a CAS number": ["50-78-2", "58-08-2", "15687-27-1", "51-61-6"],
    "a systematic name (IUPAC)": [
        "2-acetyloxybenzoic acid",
        "1,3,7-trimethylpurine-2,6-dione",
        "2-[4-(2-methylpropyl)phenyl]propanoic acid",
        "4-(2-aminoethyl)benzene-1,2-diol",
    ],
}
NAMES = ["aspirin", "caffeine", "ibuprofen", "dopamine"]
CURE = "PubChem's identifier exchange"


@pytest.mark.parametrize("what", list(OTHERS))
def test_a_column_of_its_own_is_named_with_what_it_holds_and_the_cure(tmp_path, what):
    pd.DataFrame({"name": NAMES, "what we have": OTHERS[what]}).to_csv(tmp_path / "x.csv", index=False)
    with pytest.raises(SourceError) as refused:
        read_compounds(tmp_path / "x.csv")
    assert f"the cells of 'what we have' are each {what}" in str(refused.value)
    assert CURE in str(refused.value)


@pytest.mark.parametrize("what", list(OTHERS))
def test_under_smiles_they_are_told_by_kind_with_the_cure(tmp_path, what):
    pd.DataFrame({"name": NAMES, "smiles": OTHERS[what]}).to_csv(tmp_path / "x.csv", index=False)
    with pytest.raises(CompoundError) as refused:
        read_compounds(tmp_path / "x.csv")
    assert f"compound 'aspirin' with SMILES '{OTHERS[what][0][:20]}" in str(refused.value)
    assert f"it is {what}, no structure as SMILES" in str(refused.value)
    assert CURE in str(refused.value)


@pytest.mark.parametrize("what", list(OTHERS))
def test_the_only_column_of_a_file_may_hold_commas(tmp_path, what):
    pd.DataFrame({"compound": OTHERS[what]}).to_csv(tmp_path / "x.csv", index=False)
    with pytest.raises(CompoundError, match="no structure as SMILES") as refused:
        read_compounds(tmp_path / "x.csv")
    assert f"it is {what}" in str(refused.value)


def test_a_few_among_structures_are_left_out_with_the_cause_in_sight(tmp_path):
    mixed = [SMILES[0], INCHI[1], *SMILES[2:]]
    pd.DataFrame({"name": NAMES, "smiles": mixed}).to_csv(tmp_path / "x.csv", index=False)
    table = read_compounds(tmp_path / "x.csv")
    assert table.ids == ("aspirin", "ibuprofen", "dopamine")
    assert "line 3: compound 'caffeine'" in table.notes[0]
    assert "it is an InChI" in table.notes[0]


@pytest.mark.parametrize("what", ["an InChI", "an InChIKey"])
@pytest.mark.parametrize("first", [True, False])
def test_beside_smiles_they_must_be_of_the_same_structures(tmp_path, what, first):
    other = OTHERS[what]
    for stated in (other, other[1:] + other[:1]):
        columns = {"standard": stated, "smiles": SMILES} if first else {"smiles": SMILES, "standard": stated}
        pd.DataFrame({**columns, "name": NAMES}).to_csv(tmp_path / "x.csv", index=False)
        if stated is other:
            assert read_compounds(tmp_path / "x.csv").names == tuple(NAMES)
        else:
            with pytest.raises(SourceError, match=r"'smiles' and 'standard' hold different structures in 4.*c1ccccc1"):
                read_compounds(tmp_path / "x.csv")


def test_keys_of_salts_beside_some_parents_are_no_contradiction(tmp_path):
    salt = Chem.InchiToInchiKey(Chem.MolToInchi(Chem.MolFromSmiles(SMILES[3] + ".Cl")))
    pd.DataFrame({"smiles": SMILES, "inchikey": [*OTHERS["an InChIKey"][:3], salt]}).to_csv(
        tmp_path / "x.csv", index=False
    )
    assert len(read_compounds(tmp_path / "x.csv")) == 4


@pytest.mark.parametrize("other", ["canonical_smiles", "Parent SMILES", "my smiles"])
def test_two_columns_of_smiles_of_which_one_was_shifted_are_refused(tmp_path, other):
    for stated, salt in ((SMILES, ".Cl"), (SMILES[1:] + SMILES[:1], "")):
        given = [f"{one}{salt}" for one in SMILES]
        pd.DataFrame({"name": NAMES, "smiles": given, other: stated}).to_csv(tmp_path / "x.csv", index=False)
        if salt:
            assert read_compounds(tmp_path / "x.csv").names == tuple(NAMES)
        else:
            with pytest.raises(
                SourceError, match=f"'smiles' and '{other}' hold different structures.*delete the other"
            ):
                read_compounds(tmp_path / "x.csv")
