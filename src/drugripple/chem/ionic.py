"""Salts that were written with bonds between metal and acid, as ions."""

from rdkit import Chem

from drugripple.chem.complexes import COUNTER_METALS, is_centre
from drugripple.chem.counter_ions import has_carbon, is_counter_ion

ACID_ATOMS = frozenset({7, 8, 9, 15, 16, 17, 34, 35, 53})
"""N, O, F, P, S, Cl, Se, Br and I: what holds the negative charge of a salt. A bond to carbon stays."""


def with_ions(molecule: Chem.Mol) -> Chem.Mol:
    """The same salt as ions: `[Na]OC(C)=O` as `CC(=O)[O-].[Na+]`.

    Bonds of alkali and alkaline-earth metals are cut wherever they are; those of other metals, which may be complexes,
    where nothing but known counter-ions and inorganic ions is bound to them, as in zinc acetate.

    >>> Chem.MolToSmiles(with_ions(Chem.MolFromSmiles("CC(=O)O[Zn]OC(C)=O.CO[Na]")))
    'CC(=O)[O-].CC(=O)[O-].C[O-].[Na+].[Zn+2]'
    """
    if not _bonds(molecule):
        return molecule
    parts = [_salt_or_complex(part) for part in Chem.GetMolFrags(molecule, asMols=True)]
    whole = parts[0]
    for part in parts[1:]:
        whole = Chem.CombineMols(whole, part)
    whole = Chem.Mol(whole)
    Chem.SanitizeMol(whole)
    return whole


def _salt_or_complex(fragment: Chem.Mol) -> Chem.Mol:
    plain = _cut(fragment, counter_metals_only=True)
    if not any(is_centre(atom) and atom.GetDegree() for atom in plain.GetAtoms()):
        return plain
    try:
        ions = _cut(plain, counter_metals_only=False)
    except (ValueError, RuntimeError):  # what is left has valences that make no sense without the metal
        return plain
    beside = [part for part in Chem.GetMolFrags(ions, asMols=True) if has_carbon(part)]
    bound = any(is_centre(atom) and atom.GetDegree() for atom in ions.GetAtoms())
    return ions if beside and not bound and all(map(is_counter_ion, beside)) else plain


def _cut(molecule: Chem.Mol, *, counter_metals_only: bool) -> Chem.Mol:
    cut = Chem.RWMol(molecule)
    for metal, acid, order in _bonds(molecule, counter_metals_only=counter_metals_only):
        cut.RemoveBond(metal, acid)
        for index, sign in ((metal, 1), (acid, -1)):
            atom = cut.GetAtomWithIdx(index)
            atom.SetFormalCharge(atom.GetFormalCharge() + sign * order)
            atom.SetNumRadicalElectrons(0)
            if sign > 0:
                atom.SetNoImplicit(True)
    done = cut.GetMol()
    Chem.SanitizeMol(done)
    return done


def _bonds(molecule: Chem.Mol, *, counter_metals_only: bool = False) -> list[tuple[int, int, int]]:
    """Metal, atom of the acid and charge of every bond between the two."""
    found = []
    for bond in molecule.GetBonds():
        ends = (bond.GetBeginAtom(), bond.GetEndAtom())
        for metal, acid in (ends, ends[::-1]):
            alkali = metal.GetAtomicNum() in COUNTER_METALS
            if (alkali or (is_centre(metal) and not counter_metals_only)) and acid.GetAtomicNum() in ACID_ATOMS:
                dative = bond.GetBondType() == Chem.BondType.DATIVE
                found.append((metal.GetIdx(), acid.GetIdx(), 0 if dative else round(bond.GetBondTypeAsDouble())))
    return found
