"""Metal complexes brought to one form, however their bonds to the metal are written."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from rdkit import Chem
from rdkit.Chem.MolStandardize import rdMolStandardize

from drugripple.chem.counter_ions import CARBON, has_carbon, is_counter_ion, is_never_a_drug, plain_form

COUNTER_METALS = frozenset({3, 11, 19, 37, 55, 4, 12, 20, 38, 56})
"""Alkali and alkaline-earth metals: ions beside a drug, never the centre of a complex here."""

NON_METALS = frozenset({1, 2, 5, 6, 7, 8, 9, 10, 14, 15, 16, 17, 18, 32, 33, 34, 35, 36, 51, 52, 53, 54, 85, 86})
"""Non-metals, metalloids and noble gases; every other element that is no counter-metal makes a complex."""

NO_CENTRES = NON_METALS | COUNTER_METALS

BRACKETED = re.compile(r"\[\d*([A-Z][a-z]?|[a-z]{1,2})")
"""The element of an atom in brackets, as every metal of a SMILES stands."""

CARBON_BINDING = frozenset({13, 31, 49, 50, 80, 81, 82, 83, 84})
"""Metals whose bond to carbon is a bond of the molecule (tributyltin, phenylmercury) and is kept."""

PHOSPHORUS, ARSENIC, NITROGEN = 15, 33, 7
HALOGENS = frozenset({9, 17, 35, 53})

BINDING = frozenset({23, 29, 42, 44, 45, 46, 47, 74, 75, 76, 77, 78, 79})
"""Metals whose halides bind neutral amines and phosphines: V, Cu, Mo, Ru to Ag, W, Re to Au. Beside one of those a
halide such as `Cl[Pt]Cl` is the centre of a complex; beside any other metal it is a salt."""

NAMED = {
    "cisplatin": "N.N.[Cl][Pt][Cl]",
    "carboplatin": "O=C(O)C1(C(=O)O)CCC1.[NH2-].[NH2-].[Pt+2]",
    "oxaliplatin": "O=C(O)C(=O)O.[NH-][C@@H]1CCCC[C@H]1[NH-].[Pt+2]",
    "nedaplatin": "N.N.O=C([O-])C[O-].[Pt+2]",
    "lobaplatin": "C[C@H](O)C(=O)O.[NH-]C[C@@H]1CC[C@H]1C[NH-].[Pt+2]",
    "heptaplatin": "CC(C)C1O[C@@H](C[NH-])[C@H](C[NH-])O1.O=C(O)CC(=O)O.[Pt+2]",
    "miriplatin": "CCCCCCCCCCCCCC(=O)[O-].CCCCCCCCCCCCCC(=O)[O-].N[C@@H]1CCCC[C@H]1N.[Pt+2]",
    "picoplatin": "Cc1ccccn1.N.[Cl][Pt][Cl]",
    "satraplatin": "CC(=O)[O-].CC(=O)[O-].N.NC1CCCCC1.[Cl][Pt+2][Cl]",
    "iproplatin": "CC(C)[NH-].CC(C)[NH-].O.O.[Cl][Pt+2][Cl]",
    "ormaplatin": "[Cl][Pt+2]([Cl])([Cl])[Cl].[NH-]C1CCCCC1[NH-]",
    "dichloro(cyclohexanediamine)platinum": "NC1CCCCC1N.[Cl][Pt][Cl]",
    "auranofin": "CC(=O)OC[C@H]1O[C@@H]([S-])[C@H](OC(C)=O)[C@@H](OC(C)=O)[C@@H]1OC(C)=O.CCP(CC)CC.[Au+]",
}
"""The platinum drugs, and auranofin, as the tables that our networks learnt from write them: whatever the spelling, and
with or without stereochemistry of the ligands, this is the structure that a network reads."""


def is_complex(molecule: Chem.Mol) -> bool:
    """Whether a structure holds a metal other than an alkali or alkaline-earth one."""
    return any(is_centre(atom) for atom in molecule.GetAtoms())


def is_centre(atom: Chem.Atom) -> bool:
    """Whether an atom is a metal that makes a complex."""
    return atom.GetAtomicNum() not in NO_CENTRES


def has_unlisted_metal(parent: str) -> bool:
    """Whether a parent holds a metal and is none of the complexes that are known under all their spellings.

    >>> has_unlisted_metal("[Fe+2].c1cc[cH-]c1"), has_unlisted_metal("N.N.[Cl][Pt][Cl]"), has_unlisted_metal("CCO")
    (True, False, False)
    """
    table = Chem.GetPeriodicTable()
    numbers = {table.GetAtomicNumber(symbol.capitalize()) for symbol in BRACKETED.findall(parent)}
    return not numbers <= NO_CENTRES and parent not in _named_parents()


def binds_its_metal(molecule: Chem.Mol) -> bool:
    """Whether the metal of a structure holds something organic, rather than being a plain salt beside a drug.

    It is a plain salt if no atom of carbon is bound to it, directly or not, if its own inorganic ions balance its
    charge, and if the drug is neutral or a cation. A salt without any drug beside it is kept as a complex.

    >>> [binds_its_metal(Chem.MolFromSmiles(text)) for text in ("CCCCCCCN.Cl[Zn]Cl", "CCCCCCCN.Cl[Pt]Cl")]
    [False, True]
    """
    fragments = list(Chem.GetMolFrags(molecule, asMols=True))
    drugs = [part for part in fragments if has_carbon(part) and not is_counter_ion(part)]
    rest = [part for part in fragments if not has_carbon(part) or is_counter_ion(part)]
    metals = [atom for part in rest for atom in part.GetAtoms() if is_centre(atom)]
    if not drugs or not metals or any(is_complex(part) or Chem.GetFormalCharge(part) < 0 for part in drugs):
        return True
    if any(_is_bare(atom) for atom in metals) or sum(Chem.GetFormalCharge(part) for part in rest) > 0:
        return True
    cation = any(Chem.GetFormalCharge(part) > 0 for part in drugs)
    return not cation and any(atom.GetAtomicNum() in BINDING for atom in metals)


def one_form(molecule: Chem.Mol) -> Chem.Mol:
    """A complex as its neutral ligands beside the bare metal; a named drug as `NAMED` writes it.

    A named drug is known with solvents, excipients and salt beside it, too.

    Bonds to the metal are cut, of any kind: single, dative, or none because ions were written. What the metal took
    is given back as hydrogen. Alkali and alkaline-earth ions beside the complex are dropped. The geometry around the
    metal is not read: transplatin counts as cisplatin. Where cutting leaves no sound structure, it stays as written.

    >>> Chem.MolToSmiles(one_form(Chem.MolFromSmiles("[Na+].[Na+].[O-]C(=O)CC(S[Au])C(=O)[O-]")))
    'O=C(O)CC(S)C(=O)O.[Au]'
    """
    try:
        known = (_named().get(_signature(parts)) for parts in map(_parts_of_all, _readings(molecule)))
        named = next((found for found in known if found is not None), None)
        if named is not None:
            return Chem.Mol(named)
        parts = _parts(molecule)
    except (ValueError, RuntimeError):  # a ligand whose valences make no sense without the metal
        return molecule
    together = Chem.MolFromSmiles(".".join(sorted(Chem.MolToSmiles(part) for part in parts)))
    return molecule if together is None else together


def _readings(molecule: Chem.Mol) -> Iterator[list[Chem.Mol]]:
    """All fragments; then without the solvents, excipients and salt beside the complex.

    A neutral fragment may be a ligand, and stays, where ions do not balance, where the metal is bare as `one_form`
    writes it, and where it is one of a pair beside amides: the nitrogen of platinum(IV) is written so.
    """
    fragments = list(Chem.GetMolFrags(molecule, asMols=True))
    yield fragments
    if Chem.GetFormalCharge(molecule) != 0 or any(_is_bare(atom) for atom in molecule.GetAtoms()):
        return
    kept = _without_salt(fragments)
    amides = any(atom.GetAtomicNum() == NITROGEN and atom.GetFormalCharge() < 0 for atom in molecule.GetAtoms())
    forms = Counter(plain_form(part) for part in kept)
    yield [part for part in kept if not _is_beside(part) or (amides and forms[plain_form(part)] > 1)]


def _is_beside(part: Chem.Mol) -> bool:
    """Whether a neutral fragment is a solvent, an excipient or an inorganic acid."""
    if is_complex(part) or Chem.GetFormalCharge(part) != 0:
        return False
    return is_never_a_drug(part) or not any(atom.GetAtomicNum() in (CARBON, NITROGEN) for atom in part.GetAtoms())


def _without_salt(fragments: list[Chem.Mol]) -> list[Chem.Mol]:
    """The fragments without as many free halides as there are charges of alkali and alkaline-earth ions."""
    charges = sum(
        atom.GetFormalCharge()
        for part in fragments
        for atom in part.GetAtoms()
        if atom.GetAtomicNum() in COUNTER_METALS
    )
    kept = []
    for part in fragments:
        halide = part.GetNumAtoms() == 1 and part.GetAtomWithIdx(0).GetAtomicNum() in HALOGENS
        if halide and charges > 0:
            charges -= 1
        else:
            kept.append(part)
    return kept


def _parts_of_all(fragments: list[Chem.Mol]) -> list[Chem.Mol]:
    return [part for fragment in fragments for part in _parts(fragment)]


def _parts(molecule: Chem.Mol) -> list[Chem.Mol]:
    """Neutral ligands and bare metals."""
    cut = Chem.RWMol(molecule)
    for metal, ligand, order in _metal_bonds(molecule):
        cut.RemoveBond(metal, ligand)
        atom = cut.GetAtomWithIdx(ligand)
        if not is_centre(atom):
            atom.SetFormalCharge(atom.GetFormalCharge() - order)
    for atom in cut.GetAtoms():
        if atom.GetDegree() == 0 and is_centre(atom):
            _set_bare(atom, hydrogens=False)
        elif atom.GetDegree() == 0 and atom.GetFormalCharge() < 0:  # an oxide or a chloride: water, hydrogen chloride
            _set_bare(atom, hydrogens=True)
    Chem.Kekulize(cut, clearAromaticFlags=True)
    whole = cut.GetMol()
    Chem.SanitizeMol(whole)
    parts = [_neutral(part) for part in Chem.GetMolFrags(whole, asMols=True)]
    return [part for part in parts if not all(atom.GetAtomicNum() in COUNTER_METALS for atom in part.GetAtoms())]


def _metal_bonds(molecule: Chem.Mol) -> list[tuple[int, int, int]]:
    """Metal, ligand atom, and the electrons the metal lent, of every bond to cut."""
    bonds = []
    for bond in molecule.GetBonds():
        ends = (bond.GetBeginAtom(), bond.GetEndAtom())
        for metal, ligand in (ends, ends[::-1]):
            if metal.GetAtomicNum() in NON_METALS:
                continue
            if ligand.GetAtomicNum() == CARBON and metal.GetAtomicNum() in CARBON_BINDING:
                break
            lent = 0 if bond.GetBondType() == Chem.BondType.DATIVE else round(bond.GetBondTypeAsDouble())
            ylide = lent == 2 and ligand.GetAtomicNum() in (PHOSPHORUS, ARSENIC)
            bonds.append((metal.GetIdx(), ligand.GetIdx(), 0 if ylide else lent))
            break
    return bonds


def _is_bare(atom: Chem.Atom) -> bool:
    return is_centre(atom) and atom.GetDegree() == 0 and atom.GetFormalCharge() == 0


def _set_bare(atom: Chem.Atom, *, hydrogens: bool) -> None:
    atom.SetFormalCharge(0)
    atom.SetNumExplicitHs(0)
    atom.SetNumRadicalElectrons(0)
    atom.SetNoImplicit(not hydrogens)


def _neutral(part: Chem.Mol) -> Chem.Mol:
    neutral = rdMolStandardize.Uncharger().uncharge(part)
    Chem.SanitizeMol(neutral)
    return neutral


def _signature(parts: list[Chem.Mol]) -> tuple[str, ...]:
    return tuple(sorted(plain_form(part) for part in parts))


@lru_cache(maxsize=1)
def _named() -> dict[tuple[str, ...], Chem.Mol]:
    known = (Chem.MolFromSmiles(smiles) for smiles in NAMED.values())
    return {_signature(_parts(molecule)): molecule for molecule in known}


@lru_cache(maxsize=1)
def _named_parents() -> frozenset[str]:
    return frozenset(Chem.MolToSmiles(molecule) for molecule in _named().values())
