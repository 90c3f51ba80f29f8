"""From the text of a structure to its parent: the one place where that is decided."""

import re
from dataclasses import dataclass

from rdkit import Chem
from rdkit.Chem.MolStandardize import rdMolStandardize
from rdkit.rdBase import BlockLogs

from drugripple.chem.complexes import NON_METALS, binds_its_metal, is_complex, one_form
from drugripple.chem.counter_ions import drugs_among, has_carbon, is_counter_ion, is_never_a_drug, plain_form
from drugripple.chem.identifiers import cure_for, identifier_of
from drugripple.chem.ionic import with_ions
from drugripple.chem.one_spelling import ARSENIC_TRIOXIDE, in_one_spelling, is_arsenic_trioxide
from drugripple.chem.spelling import LONGEST, called, clean_smiles, foreign_sign
from drugripple.errors import CompoundError, first_line

UNUSUAL = re.compile(r"[*\[]")
RADICAL_AT_MOST = 2
"""Unpaired electrons of a radical or a carbene; of 35,000 public compounds none without a metal has more."""
ORDINARY = re.compile(r"(?=.*(?:C(?!l)|c))(?:[^.*\[]|\[(?:nH|C@{1,2}H?)\])+")
"""A canonical SMILES with carbon, whose atoms are all neutral non-metals: none in brackets but pyrrole's nitrogen and
stereocentres."""

BEGINNING = 27
"""Characters of a text that is no SMILES that a message shows: an InChIKey."""


@dataclass(frozen=True, slots=True)
class Reduction:
    """What a structure was reduced to, and what was left out of it."""

    parent: str
    """Canonical isomeric SMILES of the parent."""
    key: str
    """First block of the parent's InChIKey; the parent where InChI has none."""
    written: str
    """Canonical isomeric SMILES of the structure as given, salts and charges kept."""
    left_out: tuple[str, ...] = ()
    """Canonical SMILES of the fragments that are not the parent."""
    unsure: bool = False
    """Whether a fragment that was left out may be the drug: it is no known counter-ion, or both are among those that
    are seldom a drug (piperazine citrate)."""


def mol_from_smiles(smiles: str, *, name: str = "") -> Chem.Mol:
    """A sanitised RDKit molecule, salts and charges kept, atom maps removed.

    Raises:
        CompoundError: as `reduce_structure`.
    """
    who, text = called(smiles, name), clean_smiles(smiles)
    _refuse_other_text(text, name, who)
    with BlockLogs():
        molecule = _parsed(text)
        if molecule is None:
            _refuse_identifier(text, name)
            message = f"{who} cannot be read: {_diagnosis(text)}; correct the structure or leave the compound out"
            raise CompoundError(message)
    if UNUSUAL.search(text):  # without a bracket or a star there are no placeholders, and no hydrogen alone
        _refuse_incomplete(molecule, who)
    if ":" in text:  # aromatic bonds may be written so, too
        for atom in molecule.GetAtoms():
            atom.SetAtomMapNum(0)
    return molecule


def _refuse_other_text(text: str, name: str, who: str) -> None:
    """Refuse a text that is never parsed.

    Raises:
        CompoundError: saying why.
    """
    if not text or len(text.split()) > 1:
        _refuse_identifier(text, name)
        message = f"{who} is {'empty' if not text else 'more than one word'}; give one SMILES without a title"
        raise CompoundError(message)
    if len(text) > LONGEST:
        message = f"{who} is longer than {LONGEST:,} characters; leave the compound out"
        raise CompoundError(message)
    if sign := foreign_sign(text):
        _refuse_identifier(text, name)
        message = (
            f"{who} cannot be read: {sign} is no character of SMILES; correct the structure or leave the compound out"
        )
        raise CompoundError(message)
    if "[#" in text:
        message = (
            f"{who} cannot be read: it is a pattern (SMARTS), which names atoms by number; give the compound's SMILES"
        )
        raise CompoundError(message)


def _refuse_incomplete(molecule: Chem.Mol, who: str) -> None:
    """Refuse a structure that leaves atoms open.

    Raises:
        CompoundError: saying what it lacks.
    """
    elements = [atom.GetAtomicNum() for atom in molecule.GetAtoms()]
    if 0 in elements:
        message = f"{who} has a placeholder atom (*); give the complete structure"
        raise CompoundError(message)
    if all(element == 1 for element in elements):
        message = f"{who} has no heavy atom; a graph needs at least one"
        raise CompoundError(message)
    if (bare := _missing_hydrogens(molecule)) > RADICAL_AT_MOST:
        message = f"{who} lacks {bare} hydrogens, as where atoms stand in brackets alone (SELFIES); give its SMILES"
        raise CompoundError(message)


def reduce_structure(smiles: str, *, name: str = "") -> Reduction:
    """The parent of a structure.

    1. A structure whose metal, other than an alkali or alkaline-earth one, has ligands with carbon is a complex:
       `complexes.one_form`. A plain salt of the metal beside a drug (zinc chloride) is a counter-ion.
    2. Otherwise fragments without carbon and known counter-ions and solvents are left out, whatever their size
       (`counter_ions`). Of several that remain the largest is the parent (most heavy atoms, then heaviest, then first
       in canonical order). It loses the charges that adding or removing protons can neutralise.
    3. A mixture without any carbon is kept whole: there is no telling which ion is the drug.

    Before that, isotopes become the element; drawn hydrogens go, and charges that only write a double bond
    (`one_spelling`).

    Raises:
        CompoundError: if the text is empty, too long, not SMILES, breaks a valence or aromaticity rule, has no heavy
            atom, or holds a placeholder atom (`*`).

    >>> reduce_structure("CC(=O)[O-].[Na+]").parent
    'CC(=O)O'
    >>> reduce_structure("CCN.CCCCCCCCCCCCOS(O)(=O)=O").left_out
    ('CCCCCCCCCCCCOS(=O)(=O)O',)
    """
    molecule = mol_from_smiles(smiles, name=name)
    try:
        with BlockLogs():
            return _reduced(molecule)
    except (RuntimeError, ValueError) as error:
        message = f"the parent of compound {name or smiles!r} cannot be found ({first_line(error)}); leave it out"
        raise CompoundError(message) from error


def _reduced(molecule: Chem.Mol) -> Reduction:
    written = plain = str(Chem.MolToSmiles(molecule))
    if "[" in written:
        molecule = in_one_spelling(molecule)
        plain = str(Chem.MolToSmiles(molecule))
    if _is_parent(molecule, plain):
        return Reduction(plain, str(Chem.MolToInchiKey(molecule))[:14] or plain, written)
    parent, others = _parent(molecule)
    text = str(Chem.MolToSmiles(parent))
    key = str(Chem.MolToInchiKey(parent))[:14] or text
    left_out = tuple(sorted(Chem.MolToSmiles(other) for other in others))
    return Reduction(text, key, written, left_out, _is_unsure(parent, others))


def _is_parent(molecule: Chem.Mol, written: str) -> bool:
    """Whether nothing is to be done: one fragment with carbon, no charge and no metal, as most structures are."""
    if "." in written:
        return False
    if ORDINARY.fullmatch(written):
        return True
    atoms = [(atom.GetAtomicNum(), atom.GetFormalCharge()) for atom in molecule.GetAtoms()]
    return (6, 0) in atoms and all(charge == 0 and element in NON_METALS for element, charge in atoms)


def _parent(molecule: Chem.Mol) -> tuple[Chem.Mol, list[Chem.Mol]]:
    """The parent, neutral, and the fragments beside it as written, salts as ions."""
    molecule = with_ions(molecule)
    if is_complex(molecule) and binds_its_metal(molecule):
        return one_form(molecule), []
    fragments = list(Chem.GetMolFrags(molecule, asMols=True))
    organic = [part for part in fragments if has_carbon(part)]
    if not organic:
        return Chem.MolFromSmiles(ARSENIC_TRIOXIDE) if is_arsenic_trioxide(molecule) else molecule, []
    drugs = drugs_among(organic)
    chosen = drugs[0] if len(drugs) == 1 else min(drugs, key=_precedence)
    parent = rdMolStandardize.Uncharger().uncharge(chosen)
    return parent, [part for part in fragments if part is not chosen]


def _is_unsure(parent: Chem.Mol, others: list[Chem.Mol]) -> bool:
    if not others:
        return False
    same, certain = plain_form(parent), is_never_a_drug if is_counter_ion(parent) else is_counter_ion
    return any(has_carbon(other) and not certain(other) and plain_form(other) != same for other in others)


def _precedence(fragment: Chem.Mol) -> tuple[int, float, str]:
    mass = sum(atom.GetMass() for atom in fragment.GetAtoms())
    return -fragment.GetNumHeavyAtoms(), -round(mass, 4), Chem.MolToSmiles(fragment)


def _parsed(text: str, *, sanitize: bool = True) -> Chem.Mol | None:
    try:
        return Chem.MolFromSmiles(text, sanitize=sanitize)
    except (RuntimeError, ValueError):  # a number of hydrogens or an element beyond what RDKit can hold
        return None


def _missing_hydrogens(molecule: Chem.Mol) -> int:
    """Unpaired electrons of carbon, nitrogen and oxygen; none beside a metal, whose bonds may not be drawn."""
    if any(atom.GetAtomicNum() not in NON_METALS for atom in molecule.GetAtoms()):
        return 0
    return sum(atom.GetNumRadicalElectrons() for atom in molecule.GetAtoms() if atom.GetAtomicNum() in (6, 7, 8))


def _refuse_identifier(text: str, name: str) -> None:
    """Refuse another notation or a name by what it is; only its beginning is shown, so that a list shows the cause.

    Raises:
        CompoundError: if it is one.
    """
    if identifier := identifier_of(text):
        who = f"compound {name!r} with " if name else ""
        begins = repr(text if len(text) <= BEGINNING else f"{text[:BEGINNING]}…")
        message = f"{who}SMILES {begins} cannot be read: it is {identifier}, no structure as SMILES; "
        raise CompoundError(message + cure_for(identifier))


def _diagnosis(text: str) -> str:
    unchecked = _parsed(text, sanitize=False)
    if unchecked is None:
        return "it is not valid SMILES syntax"
    try:
        problems = Chem.DetectChemistryProblems(unchecked)
    except RuntimeError as error:
        return f"RDKit refuses it ({first_line(error)})"
    return problems[0].Message() if problems else "RDKit refuses it"
