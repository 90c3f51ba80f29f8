"""SMILES to canonical parents, or a `CompoundError` that names the compound and the reason."""

from rdkit import Chem
from rdkit.Chem.MolStandardize import rdMolStandardize
from rdkit.Chem.Scaffolds import MurckoScaffold
from rdkit.rdBase import BlockLogs

from drugripple.errors import CompoundError

COUNTER_METALS = frozenset({3, 11, 19, 37, 55, 4, 12, 20, 38, 56})
"""Alkali and alkaline-earth metals: ions beside a drug, never the centre of a complex here."""

NON_METALS = frozenset({1, 2, 5, 6, 7, 8, 9, 10, 14, 15, 16, 17, 18, 32, 33, 34, 35, 36, 51, 52, 53, 54, 85, 86})
"""Non-metals, metalloids and noble gases; every other element that is no counter-metal makes a complex."""


def mol_from_smiles(smiles: str, *, name: str = "") -> Chem.Mol:
    """A sanitised RDKit molecule.

    Raises:
        CompoundError: if the text is empty, is not SMILES, breaks a valence or aromaticity rule, has no heavy
            atom, or holds a placeholder atom (`*`).
    """
    who = f"compound {name!r} with SMILES {smiles!r}" if name else f"SMILES {smiles!r}"
    text = smiles.strip()
    if not text or len(text.split()) > 1:
        message = f"{who} is {'empty' if not text else 'more than one word'}; give one SMILES without a title"
        raise CompoundError(message)
    with BlockLogs():
        molecule = Chem.MolFromSmiles(text)
        if molecule is None:
            message = f"{who} cannot be read: {_diagnosis(text)}; correct the structure or leave the compound out"
            raise CompoundError(message)
    elements = [atom.GetAtomicNum() for atom in molecule.GetAtoms()]
    if 0 in elements:
        message = f"{who} has a placeholder atom (*); give the complete structure"
        raise CompoundError(message)
    if all(element == 1 for element in elements):
        message = f"{who} has no heavy atom; a graph needs at least one"
        raise CompoundError(message)
    return molecule


def canonical_smiles(smiles: str, *, name: str = "") -> str:
    """The canonical isomeric SMILES of a structure, salts and charges kept.

    Raises:
        CompoundError: as `mol_from_smiles`.

    >>> canonical_smiles("OCC")
    'CCO'
    """
    return str(Chem.MolToSmiles(mol_from_smiles(smiles, name=name)))


def parent_smiles(smiles: str, *, name: str = "") -> str:
    """The canonical isomeric SMILES of the compound without its counter-ions.

    1. A structure with a metal other than an alkali or alkaline-earth one is a complex: kept whole, as charged.
    2. Otherwise the largest fragment that contains carbon stays (most heavy atoms, then heaviest, then first in
       canonical order) and loses the charges that adding or removing protons can neutralise.
    3. A mixture without any carbon is kept whole: there is no telling which ion is the drug.

    Stereochemistry and isotopes are kept; tautomers are not merged.

    Raises:
        CompoundError: as `mol_from_smiles`.

    >>> parent_smiles("CC(=O)[O-].[Na+]")
    'CC(=O)O'
    >>> parent_smiles("N.N.Cl[Pt]Cl")
    'N.N.[Cl][Pt][Cl]'
    """
    molecule = mol_from_smiles(smiles, name=name)
    if any(atom.GetAtomicNum() not in NON_METALS | COUNTER_METALS for atom in molecule.GetAtoms()):
        return str(Chem.MolToSmiles(molecule))
    with BlockLogs():
        fragments = Chem.GetMolFrags(molecule, asMols=True)
        organic = [part for part in fragments if any(atom.GetAtomicNum() == 6 for atom in part.GetAtoms())]
        if not organic:
            return str(Chem.MolToSmiles(molecule))
        largest = min(organic, key=_precedence)
        return str(Chem.MolToSmiles(rdMolStandardize.Uncharger().uncharge(largest)))


def inchikey_block(smiles: str, *, name: str = "") -> str:
    """The first 14 characters of the InChIKey: one value for all stereo- and isotopomers of a structure.

    Pass a parent to have one value for all salts too.

    Raises:
        CompoundError: as `mol_from_smiles`, or if InChI cannot describe the structure.

    >>> inchikey_block("C[C@H](N)C(=O)O") == inchikey_block("C[C@@H](N)C(=O)O") == "QNAYBMKLOCPYGJ"
    True
    """
    with BlockLogs():
        key = Chem.MolToInchiKey(mol_from_smiles(smiles, name=name))
    if not key:
        message = f"InChI cannot describe {name or 'the compound'} with SMILES {smiles!r}"
        raise CompoundError(message)
    return str(key[:14])


def molecule_block(smiles: str) -> str:
    """The InChIKey block of the parent: one value for all salts and stereoisomers; blank where there is none.

    >>> molecule_block("NCCO.Cl") == molecule_block("NCCO") == "HZAXFHJVJLSVMW", molecule_block("C1CC")
    (True, '')
    """
    try:
        return inchikey_block(parent_smiles(smiles))
    except CompoundError:
        return ""


def scaffold(smiles: str, *, name: str = "") -> str:
    """The Bemis-Murcko scaffold: rings and what links them; an acyclic structure is its own scaffold.

    Raises:
        CompoundError: as `mol_from_smiles`.

    >>> scaffold("CCc1ccccc1"), scaffold("CCO")
    ('c1ccccc1', 'CCO')
    """
    molecule = mol_from_smiles(smiles, name=name)
    with BlockLogs():
        core = str(Chem.MolToSmiles(MurckoScaffold.GetScaffoldForMol(molecule), isomericSmiles=False))
    return core or str(Chem.MolToSmiles(molecule))


def _precedence(fragment: Chem.Mol) -> tuple[int, float, str]:
    mass = sum(atom.GetMass() for atom in fragment.GetAtoms())
    return -fragment.GetNumHeavyAtoms(), -round(mass, 4), Chem.MolToSmiles(fragment)


def _diagnosis(text: str) -> str:
    unchecked = Chem.MolFromSmiles(text, sanitize=False)
    if unchecked is None:
        return "it is not valid SMILES syntax"
    problems = Chem.DetectChemistryProblems(unchecked)
    return problems[0].Message() if problems else "RDKit refuses it"
