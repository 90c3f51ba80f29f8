"""A `Molecule` is made once from SMILES, or refused with a `CompoundError` that names the compound and the reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

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
    """A sanitised RDKit molecule, salts and charges kept.

    Raises:
        CompoundError: as `standardise`.
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
    """The canonical isomeric SMILES of a structure as it is written, salts and charges kept.

    Raises:
        CompoundError: as `standardise`.

    >>> canonical_smiles("Cl.OCC")
    'CCO.Cl'
    """
    return str(Chem.MolToSmiles(mol_from_smiles(smiles, name=name)))


@dataclass(frozen=True, slots=True)
class Molecule:
    """A compound without its counter-ions. Make it with `standardise`; from then on nobody parses it to check it.

    >>> standardise("NCCO.Cl") == standardise("OCCN")
    True
    """

    parent: str
    """Canonical isomeric SMILES of the parent. Stereochemistry and isotopes are kept; tautomers are not merged."""
    key: str
    """First 14 characters of the parent's InChIKey: one value for all its salts, stereo- and isotopomers. Where InChI
    cannot describe the structure, the parent SMILES itself."""

    @property
    def rdkit(self) -> Chem.Mol:
        """A fresh RDKit molecule of the parent, its atoms in the order of the SMILES."""
        with BlockLogs():
            return Chem.MolFromSmiles(self.parent)


class Standardised(NamedTuple):
    """What became of each distinct SMILES: a molecule, or the reason why there is none."""

    molecules: dict[str, Molecule]
    faults: dict[str, str]


def standardise(smiles: str, *, name: str = "") -> Molecule:
    """The molecule that a SMILES describes, reduced to its parent.

    1. A structure with a metal other than an alkali or alkaline-earth one is a complex: kept whole, as charged.
    2. Otherwise the largest fragment that contains carbon stays (most heavy atoms, then heaviest, then first in
       canonical order) and loses the charges that adding or removing protons can neutralise.
    3. A mixture without any carbon is kept whole: there is no telling which ion is the drug.

    Raises:
        CompoundError: if the text is empty, is not SMILES, breaks a valence or aromaticity rule, has no heavy
            atom, or holds a placeholder atom (`*`).

    >>> standardise("CC(=O)[O-].[Na+]")
    Molecule(parent='CC(=O)O', key='QTBSBXVTEAMEQO')
    >>> standardise("N.N.Cl[Pt]Cl").parent
    'N.N.[Cl][Pt][Cl]'
    """
    parent = _parent(mol_from_smiles(smiles, name=name))
    text = str(Chem.MolToSmiles(parent))
    with BlockLogs():
        key = str(Chem.MolToInchiKey(parent))
    return Molecule(text, key[:14] or text)


def standardise_all(smiles: Iterable[str]) -> Standardised:
    """The molecule of each distinct SMILES, and the reasons of those that have none.

    >>> standardise_all(["CCO", "OCC", "C1CC"]).faults
    {'C1CC': "SMILES 'C1CC' cannot be read: it is not valid SMILES syntax; correct the structure or leave the \
compound out"}
    """
    done = Standardised({}, {})
    for text in dict.fromkeys(smiles):
        try:
            done.molecules[text] = standardise(text)
        except CompoundError as error:
            done.faults[text] = str(error)
    return done


def scaffold(molecule: Molecule) -> str:
    """The Bemis-Murcko scaffold: rings and what links them; an acyclic structure is its own scaffold.

    >>> scaffold(standardise("CCc1ccccc1")), scaffold(standardise("CCO"))
    ('c1ccccc1', 'CCO')
    """
    parent = molecule.rdkit
    with BlockLogs():
        core = str(Chem.MolToSmiles(MurckoScaffold.GetScaffoldForMol(parent), isomericSmiles=False))
    return core or molecule.parent


def _parent(molecule: Chem.Mol) -> Chem.Mol:
    if any(atom.GetAtomicNum() not in NON_METALS | COUNTER_METALS for atom in molecule.GetAtoms()):
        return molecule
    with BlockLogs():
        fragments = Chem.GetMolFrags(molecule, asMols=True)
        organic = [part for part in fragments if any(atom.GetAtomicNum() == 6 for atom in part.GetAtoms())]
        if not organic:
            return molecule
        return rdMolStandardize.Uncharger().uncharge(min(organic, key=_precedence))


def _precedence(fragment: Chem.Mol) -> tuple[int, float, str]:
    mass = sum(atom.GetMass() for atom in fragment.GetAtoms())
    return -fragment.GetNumHeavyAtoms(), -round(mass, 4), Chem.MolToSmiles(fragment)


def _diagnosis(text: str) -> str:
    unchecked = Chem.MolFromSmiles(text, sanitize=False)
    if unchecked is None:
        return "it is not valid SMILES syntax"
    problems = Chem.DetectChemistryProblems(unchecked)
    return problems[0].Message() if problems else "RDKit refuses it"
