"""Structures that are written in several ways by convention alone, in one of them."""

from collections import Counter

from rdkit import Chem

OXIDES = frozenset({15, 16, 33, 34})
"""P, S, As and Se: their bond to oxygen or sulfur is double or charged, as the writer likes."""
ENDS = frozenset({8, 16})
ARSENIC_TRIOXIDE = "O=[As]O[As]=O"
"""Arsenic trioxide as the tables that our models learnt from write it; others draw As4O6 or ions."""
ARSENIC, OXYGEN = 33, 8
EVERY_HYDROGEN = Chem.RemoveHsParameters()
EVERY_HYDROGEN.removeDefiningBondStereo = True  # type: ignore[assignment]  # as in chem.molecule
"""Also one that says on which side of a double bond it stands: `[2H]/C=C/C` is propene, `[H]/N=C(/C)N` acetamidine."""


def in_one_spelling(molecule: Chem.Mol) -> Chem.Mol:
    """Isotopes as their element, hydrogens undrawn, and `[S+][O-]` as `S=O`: one compound, as to its InChIKey's block.

    >>> Chem.MolToSmiles(in_one_spelling(Chem.MolFromSmiles("C[S@+]([O-])C([2H])([2H])[2H]")))
    'CS(C)=O'
    """
    charged = [
        (one.GetIdx(), other.GetIdx())
        for bond in molecule.GetBonds()
        for one, other in ((bond.GetBeginAtom(), bond.GetEndAtom()), (bond.GetEndAtom(), bond.GetBeginAtom()))
        if _only_writes_a_double_bond(bond, one, other)
    ]
    labelled = [atom.GetIdx() for atom in molecule.GetAtoms() if atom.GetIsotope()]
    drawn = any(atom.GetAtomicNum() == 1 for atom in molecule.GetAtoms())
    if not charged and not labelled and not drawn:
        return molecule
    changed = Chem.RWMol(molecule)
    for one, other in charged:
        centre = changed.GetAtomWithIdx(one)
        if centre.GetFormalCharge() < 1:  # of two such oxygens the first has taken its only charge
            continue
        changed.GetBondBetweenAtoms(one, other).SetBondType(Chem.BondType.DOUBLE)
        centre.SetFormalCharge(centre.GetFormalCharge() - 1)
        changed.GetAtomWithIdx(other).SetFormalCharge(0)
    for place in labelled:
        changed.GetAtomWithIdx(place).SetIsotope(0)
    whole = changed.GetMol()
    Chem.SanitizeMol(whole)
    if labelled or drawn:
        whole = Chem.RemoveHs(whole, EVERY_HYDROGEN)
    Chem.AssignStereochemistry(whole, cleanIt=True, force=True)
    return whole


def is_arsenic_trioxide(molecule: Chem.Mol) -> bool:
    """Whether two atoms of arsenic stand beside three of oxygen, and nothing else, however they are bound.

    >>> [is_arsenic_trioxide(Chem.MolFromSmiles(text)) for text in ("O1[As]2O[As]3O[As]1O[As](O2)O3", "O=[As](O)O")]
    [True, False]
    """
    found = Counter(atom.GetAtomicNum() for atom in molecule.GetAtoms())
    hydrogens = any(atom.GetTotalNumHs() for atom in molecule.GetAtoms())
    return set(found) == {ARSENIC, OXYGEN} and not hydrogens and 3 * found[ARSENIC] == 2 * found[OXYGEN]


def _only_writes_a_double_bond(bond: Chem.Bond, one: Chem.Atom, other: Chem.Atom) -> bool:
    return (
        bond.GetBondType() == Chem.BondType.SINGLE
        and one.GetAtomicNum() in OXIDES
        and one.GetFormalCharge() > 0
        and other.GetAtomicNum() in ENDS
        and other.GetFormalCharge() == -1
        and other.GetDegree() == 1
    )
