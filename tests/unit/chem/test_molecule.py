"""Structures in, canonical parents out, and an error that names the compound."""

import pytest

from drugripple.chem.molecule import canonical_smiles, scaffold, standardise, standardise_all
from drugripple.chem.parent import mol_from_smiles
from drugripple.errors import CompoundError


@pytest.mark.parametrize(
    ("given", "parent"),
    [
        ("OCC", "CCO"),
        ("CC(=O)[O-].[Na+]", "CC(=O)O"),
        ("C[NH3+].[Cl-]", "CN"),
        ("CN1CCN(CC1)c1ccccc1.OC(=O)/C=C\\C(=O)O", "CN1CCN(c2ccccc2)CC1"),
        ("[Ca+2].CC(=O)[O-].CC(=O)[O-]", "CC(=O)O"),
        ("C[N+](C)(C)CCO.[Cl-]", "C[N+](C)(C)CCO"),
        ("C[C@H](N)C(=O)O", "C[C@H](N)C(=O)O"),
        ("C[N+](=O)[O-]", "C[N+](=O)[O-]"),
        ("[NH3+]CC([O-])=O", "NCC(=O)O"),
    ],
)
def test_parent_loses_counter_ions_and_charges_but_keeps_stereochemistry(given, parent):
    assert standardise(given).parent == parent


def test_mixture_without_carbon_is_kept_whole():
    assert standardise("[Na+].[Cl-]").parent == "[Cl-].[Na+]"


@pytest.mark.parametrize(
    ("smiles", "reason"),
    [
        ("C1CC", "not valid SMILES syntax"),
        ("C(C)(C)(C)(C)C", "valence"),
        ("c1cccc1", "kekul"),
        ("", "is empty"),
        ("CCO ethanol", "more than one word"),
        ("C*", "placeholder atom"),
        ("[H][H]", "no heavy atom"),
    ],
)
def test_unusable_structure_names_compound_and_reason(smiles, reason):
    with pytest.raises(CompoundError, match=f"(?s)'wonderdrug'.*(?i:{reason})"):
        standardise(smiles, name="wonderdrug")


def test_error_without_a_name_shows_the_smiles():
    with pytest.raises(CompoundError, match="'C1CC'"):
        canonical_smiles("C1CC")


def test_bad_smiles_prints_nothing(capfd):
    with pytest.raises(CompoundError):
        mol_from_smiles("C1CC")
    assert capfd.readouterr() == ("", "")


def test_key_is_the_published_inchikey_block_of_aspirin_and_caffeine():
    assert standardise("CC(=O)Oc1ccccc1C(=O)O").key == "BSYNRYMUTXBXSQ"
    assert standardise("Cn1cnc2c1c(=O)n(C)c(=O)n2C").key == "RYYVLZVUVIJVGH"


def test_salts_and_stereoisomers_share_a_key_and_salts_a_parent():
    left, right, salt = (standardise(text) for text in ("C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O", "C[C@H](N)C(=O)O.Cl"))
    assert left.key == right.key == salt.key == "QNAYBMKLOCPYGJ"
    assert left == salt != right


def test_each_distinct_smiles_is_standardised_once_and_faults_are_listed():
    done = standardise_all(["CCO", "OCC", "C1CC", "CCO"])
    assert list(done.molecules) == ["CCO", "OCC"]
    assert done.molecules["CCO"] == done.molecules["OCC"]
    assert list(done.faults) == ["C1CC"]


def test_scaffold_joins_derivatives_of_one_ring_system():
    assert scaffold(standardise("Cc1ccc(cc1)C(=O)N")) == scaffold(standardise("Oc1ccccc1")) == "c1ccccc1"
    assert scaffold(standardise("C[C@H]1CCCO1")) == scaffold(standardise("C[C@@H]1CCCO1"))


@pytest.mark.parametrize(
    "smiles", ["CCO", "[2H]C([2H])O", "Clc1[nH]c2ccccc2c1Br", "C[Si](C)(C)[C@H](F)I", "[se]1cccc1"]
)
def test_heavy_atoms_counted_in_the_text_are_those_of_the_graph(smiles):
    molecule = standardise(smiles)
    assert molecule.heavy_atoms == molecule.rdkit.GetNumHeavyAtoms()
