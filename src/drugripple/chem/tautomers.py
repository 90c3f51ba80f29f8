"""Tautomers: forms of a molecule that differ in where a proton sits, ketone and enol among them."""

from functools import lru_cache

from rdkit import Chem
from rdkit.Chem.MolStandardize import rdMolStandardize
from rdkit.Chem.rdMolDescriptors import CalcMolFormula
from rdkit.rdBase import BlockLogs

from drugripple.chem.spelling import LONGEST

MOST_TAUTOMERS = 200
MOST_TRANSFORMS = 400


def formula(parent: str) -> str:
    """Which atoms a parent has; the text itself where it cannot be read.

    >>> formula("CC(=O)CC(C)=O"), formula("no structure")
    ('C5H8O2', 'no structure')
    """
    molecule = _read(parent)
    return parent if molecule is None else CalcMolFormula(molecule)


@lru_cache(maxsize=4096)
def canonical_tautomer(parent: str) -> str:
    """One form for all tautomers of a parent, without stereochemistry; the text itself where it cannot be read.

    >>> canonical_tautomer("CC(=O)CC(C)=O") == canonical_tautomer("CC(O)=CC(C)=O")
    True
    """
    molecule = _read(parent)
    if molecule is None:
        return parent
    Chem.RemoveStereochemistry(molecule)
    enumerator = rdMolStandardize.TautomerEnumerator()
    enumerator.SetMaxTautomers(MOST_TAUTOMERS)
    enumerator.SetMaxTransforms(MOST_TRANSFORMS)
    with BlockLogs():
        return Chem.MolToSmiles(enumerator.Canonicalize(molecule))


def _read(parent: str) -> Chem.Mol | None:
    with BlockLogs():
        return Chem.MolFromSmiles(parent) if len(parent) <= LONGEST else None
