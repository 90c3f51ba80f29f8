"""What only a convention tells apart is one compound, with one parent and one key."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from drugripple.chem.complexes import NAMED, has_unlisted_metal
from drugripple.chem.molecule import standardise
from drugripple.errors import CompoundError

DRUGS = (
    "CS(=O)c1ccc(CC(N)C(=O)O)cc1",
    "CC1=C(C=CC=N1)S(=O)(=O)NC(C)C[S@](=O)C",
    "CP(C)(=O)c1ccccc1Nc1ncc(Cl)cn1",
    "C[C@H](N)C(=O)Oc1ccccc1C(=O)O",
    "COc1ccc2[nH]c(S(=O)Cc3ncc(C)c(OC)c3C)nc2c1",
)


@given(smiles=st.sampled_from(DRUGS), data=st.data())
@settings(max_examples=40, deadline=None)
def test_isotopes_and_charged_oxides_of_a_drug_are_the_drug(smiles, data):
    molecule = Chem.RWMol(Chem.MolFromSmiles(smiles))
    for bond in list(molecule.GetBonds()):
        one, other = sorted((bond.GetBeginAtom(), bond.GetEndAtom()), key=lambda atom: atom.GetAtomicNum() == 8)
        oxide = one.GetSymbol() in "SP" and other.GetSymbol() == "O" and bond.GetBondTypeAsDouble() == 2
        if oxide and data.draw(st.booleans()):
            bond.SetBondType(Chem.BondType.SINGLE)
            one.SetFormalCharge(one.GetFormalCharge() + 1)
            other.SetFormalCharge(-1)
    labels = data.draw(st.sets(st.integers(0, molecule.GetNumAtoms() - 1), max_size=4))
    for place in labels:
        atom = molecule.GetAtomWithIdx(place)
        atom.SetIsotope(round(atom.GetMass()) + 1)
    assert standardise(Chem.MolToSmiles(molecule)) == standardise(smiles)


@pytest.mark.parametrize(
    "smiles", ["O=[As]O[As]=O", "O1[As]2O[As]3O[As]1O[As](O2)O3", "[As+3].[O-2].[O-2].[As+3].[O-2]"]
)
def test_arsenic_trioxide_is_one_compound(smiles):
    assert standardise(smiles).parent == "O=[As]O[As]=O"
    assert standardise("O[As](O)O").parent != "O=[As]O[As]=O"


def test_a_centre_that_only_isotopes_made_is_none():
    assert standardise("[2H][C@](C)(O)[H]").parent == "CCO"


@pytest.mark.parametrize("pattern", ["[#6]-[#8]", "c1ccccc1[#7]"])
def test_a_pattern_is_no_structure(pattern):
    with pytest.raises(CompoundError, match="it is a pattern"):
        standardise(pattern)


def test_known_complexes_go_by_all_their_spellings_and_others_are_told():
    assert not any(has_unlisted_metal(standardise(smiles).parent) for smiles in NAMED.values())
    assert has_unlisted_metal(standardise("Nc1ccc(cc1)S(=O)(=O)[N-]c1ncccn1.[Ag+]").parent)
    for smiles in ("CC(=O)[O-].[Na+]", "c1cc[se]c1", "C[C@H](N)c1ccc[nH]1", "C[SiH](C)C", "[Cs+].[Cl-]"):
        assert not has_unlisted_metal(standardise(smiles).parent)


@pytest.mark.parametrize(
    ("drawn", "plain"),
    [
        ("[2H]/C=C/C", "C=CC"),
        ("[3H]/C=C\\C(N)=O.Cl", "C=CC(N)=O"),
        ("[H]/N=C(/C)N", "CC(=N)N"),
        ("[2H]/[NH+]=C(/C)N", "CC(=N)N"),
        ("[2H]/C(C)=C/C", "C/C=C\\C"),
    ],
)
def test_a_hydrogen_that_shows_a_side_of_a_double_bond_is_no_part_of_the_parent(drawn: str, plain: str) -> None:
    assert standardise(drawn).parent == plain
    assert standardise(drawn).key == standardise(plain).key
