"""A `Molecule` is made once from SMILES, or refused with a `CompoundError` that names the compound and the reason."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from rdkit import Chem
from rdkit.rdBase import BlockLogs

from drugripple.chem.isolated import reduce_isolated
from drugripple.chem.parent import Reduction, reduce_structure
from drugripple.chem.spelling import DOUBTFUL, LONGEST
from drugripple.errors import CompoundError

_UNCHECKED = Chem.SmilesParserParams()
_UNCHECKED.sanitize = False  # type: ignore[assignment]  # rdkit's stub has the class of the parameters here
_UNCHECKED.removeHs = False  # type: ignore[assignment]
_ATOM = re.compile(r"\[\d*([A-Za-z][a-z]?)[^\]]*\]|Br|Cl|[BCNOPSFIbcnops]")


@dataclass(frozen=True, slots=True)
class Molecule:
    """A compound without its counter-ions. Make it with `drugripple.chem.standardise`; it is trusted from then on.

    >>> standardise("NCCO.Cl") == standardise("OCCN")
    True
    """

    parent: str
    """Canonical isomeric SMILES of the parent. Stereochemistry is kept, isotopes are not; tautomers are not merged."""
    key: str
    """First 14 characters of the parent's InChIKey: one value for all its salts, stereo- and isotopomers. Where InChI
    cannot describe the structure, the parent SMILES itself."""

    @property
    def rdkit(self) -> Chem.Mol:
        """A fresh RDKit molecule of the parent, its atoms in the order of the SMILES.

        Raises:
            CompoundError: if the parent is no SMILES: a stored molecule was altered.
        """
        with BlockLogs():
            molecule = Chem.MolFromSmiles(self.parent)
        if molecule is None:
            raise self._altered()
        return molecule

    @property
    def topology(self) -> Chem.Mol:
        """Atoms, bonds, hydrogens and rings of the parent, read without checking it again: a fifth of `rdkit`'s time.

        Enough for fingerprints and composition; aromaticity is as the canonical SMILES has it.

        Raises:
            CompoundError: as `rdkit`.
        """
        with BlockLogs():
            molecule = Chem.MolFromSmiles(self.parent, _UNCHECKED)
        if molecule is None:
            raise self._altered()
        molecule.UpdatePropertyCache(strict=False)
        Chem.FastFindRings(molecule)
        return molecule

    def _altered(self) -> CompoundError:
        message = f"the stored parent {self.parent!r} cannot be read; build the file that it comes from again"
        return CompoundError(message)

    @property
    def heavy_atoms(self) -> int:
        """Atoms other than hydrogen, counted in the SMILES.

        >>> standardise("CC(=O)Oc1ccccc1C(=O)[O-].[Na+]").heavy_atoms
        13
        """
        return sum(match[1] != "H" for match in _ATOM.finditer(self.parent))


class Reductions(NamedTuple):
    """What became of each distinct SMILES: its parent and what was left out, or the reason why there is none."""

    found: dict[str, Reduction]
    faults: dict[str, str]


class Standardised(NamedTuple):
    """What became of each distinct SMILES: a molecule, or the reason why there is none."""

    molecules: dict[str, Molecule]
    faults: dict[str, str]


def standardise(smiles: str, *, name: str = "") -> Molecule:
    """The molecule that a SMILES describes, reduced to its parent as `reduce_structure` states.

    Raises:
        CompoundError: if the text is empty, too long, not SMILES, breaks a valence or aromaticity rule, has no heavy
            atom, holds a placeholder atom (`*`), or crashes RDKit.

    >>> standardise("CC(=O)[O-].[Na+]")
    Molecule(parent='CC(=O)O', key='QTBSBXVTEAMEQO')
    >>> standardise("[NH3+][Pt-2]([NH3+])(Cl)Cl").parent == standardise("N.N.[Cl-].[Cl-].[Pt+2]").parent
    True
    """
    return molecule_of(reduce_all([smiles], names={smiles: name}, raises=True).found[smiles])


def standardise_all(smiles: Iterable[str]) -> Standardised:
    """The molecule of each distinct SMILES, and the reasons of those that have none.

    >>> standardise_all(["CCO", "OCC", "C1CC"]).faults
    {'C1CC': "SMILES 'C1CC' cannot be read: it is not valid SMILES syntax; correct the structure or leave the \
compound out"}
    """
    found, faults = reduce_all(smiles)
    return Standardised({text: molecule_of(reduction) for text, reduction in found.items()}, faults)


def molecule_of(reduction: Reduction) -> Molecule:
    """The molecule of a parent."""
    return Molecule(reduction.parent, reduction.key)


def reduce_all(smiles: Iterable[str], *, names: Mapping[str, str] | None = None, raises: bool = False) -> Reductions:
    """The parent of each distinct SMILES, each parsed once; long ones by a process of their own.

    Args:
        smiles: structures; repeats cost nothing.
        names: names of the compounds, for what is said of faults.
        raises: raise the first fault.

    Raises:
        CompoundError: as `standardise`, if `raises`.
    """
    structures = {text: (names or {}).get(text, "") for text in smiles}
    doubtful = {text: name for text, name in structures.items() if DOUBTFUL < len(text) <= LONGEST}
    apart = reduce_isolated(list(doubtful.items()))
    done = Reductions({}, {})
    for text, name in structures.items():
        try:
            outcome = next(apart) if text in doubtful else reduce_structure(text, name=name)
        except CompoundError as error:
            if raises:
                raise
            outcome = str(error)
        if isinstance(outcome, Reduction):
            done.found[text] = outcome
        elif raises:
            raise CompoundError(outcome)
        else:
            done.faults[text] = outcome
    return done


def canonical_smiles(smiles: str, *, name: str = "") -> str:
    """The canonical isomeric SMILES of a structure as it is written, salts and charges kept.

    Raises:
        CompoundError: as `standardise`.

    >>> canonical_smiles("Cl.OCC")
    'CCO.Cl'
    """
    return reduce_all([smiles], names={smiles: name}, raises=True).found[smiles].written


def scaffold(molecule: Molecule) -> str:
    """The Bemis-Murcko scaffold: rings and what links them; an acyclic structure is its own scaffold.

    >>> scaffold(standardise("CCc1ccccc1")), scaffold(standardise("CCO"))
    ('c1ccccc1', 'CCO')
    """
    from rdkit.Chem.Scaffolds import MurckoScaffold  # brings a fifth of RDKit along

    parent = molecule.rdkit
    with BlockLogs():
        core = str(Chem.MolToSmiles(MurckoScaffold.GetScaffoldForMol(parent), isomericSmiles=False))
    return core or molecule.parent
