"""Structures in, canonical parents out, and an error that names the compound."""

import pytest

from drugripple.chem.molecule import canonical_smiles, inchikey_block, mol_from_smiles, parent_smiles, scaffold
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
    assert parent_smiles(given) == parent


@pytest.mark.parametrize("cisplatin", ["N[Pt](N)(Cl)Cl", "[NH3].[NH3].Cl[Pt]Cl", "[NH2-].[NH2-].Cl[Pt+2]Cl"])
def test_metal_complex_is_kept_whole(cisplatin):
    assert mol_from_smiles(parent_smiles(cisplatin)).GetNumAtoms() == 5


def test_oxaliplatin_written_as_ions_keeps_its_metal_and_both_ligands():
    parent = parent_smiles("O=C([O-])C(=O)[O-].N[C@@H]1CCCC[C@H]1N.[Pt+2]")
    assert "Pt" in parent
    assert parent.count(".") == 2


def test_mixture_without_carbon_is_kept_whole():
    assert parent_smiles("[Na+].[Cl-]") == "[Cl-].[Na+]"


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
        parent_smiles(smiles, name="wonderdrug")


def test_error_without_a_name_shows_the_smiles():
    with pytest.raises(CompoundError, match="'C1CC'"):
        canonical_smiles("C1CC")


def test_bad_smiles_prints_nothing(capfd):
    with pytest.raises(CompoundError):
        mol_from_smiles("C1CC")
    assert capfd.readouterr() == ("", "")


def test_inchikey_block_is_the_published_one_of_aspirin_and_caffeine():
    assert inchikey_block("CC(=O)Oc1ccccc1C(=O)O") == "BSYNRYMUTXBXSQ"
    assert inchikey_block("Cn1cnc2c1c(=O)n(C)c(=O)n2C") == "RYYVLZVUVIJVGH"


def test_scaffold_joins_derivatives_of_one_ring_system():
    assert scaffold("Cc1ccc(cc1)C(=O)N") == scaffold("Oc1ccccc1") == "c1ccccc1"
    assert scaffold("C[C@H]1CCCO1") == scaffold("C[C@@H]1CCCO1")
