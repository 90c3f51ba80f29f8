"""Molecules as graphs with distances: what the Molecule Attention Transformer reads."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Float32
from rdkit import Chem
from rdkit.Chem import rdDepictor, rdDistGeom, rdForceFieldHelpers
from rdkit.rdBase import BlockLogs

from drugripple.chem.molecule import Molecule
from drugripple.errors import CompoundError

ELEMENTS = (5, 6, 7, 8, 9, 15, 16, 17, 35, 53, None)
"""Atomic numbers of the element one-hot; the last place is any other element."""
DEGREES = (0, 1, 2, 3, 4, 5)
HYDROGENS = (0, 1, 2, 3, 4)
CHARGES = (-1, 0, 1)
FEATURES = 1 + len(ELEMENTS) + len(DEGREES) + len(HYDROGENS) + len(CHARGES) + 2
"""Dummy flag, element, number of neighbours, attached hydrogens, formal charge, in a ring, aromatic."""

DUMMY_DISTANCE = 1e6
EMBEDDING_ATTEMPTS = 100
EMBEDDING_SECONDS = 30
"""After which an attempt at a conformer is given up. The largest compound of GDSC takes 2 s."""
LARGEST_EMBEDDED = 150
"""Heavy atoms beyond which no conformer is tried: RDKit looks at its clock too seldom to stop in time."""


@dataclass(frozen=True)
class MolGraph:
    """One molecule. Axes: a node (the dummy node first, then heavy atoms in RDKit order), f feature (28).

    Raises:
        CompoundError: if shapes disagree or a matrix is not symmetric.
    """

    smiles: str
    atoms: Float[np.ndarray, "a f"]
    bonded: Bool[np.ndarray, "a a"]
    """True for bonds of any order and on the diagonal of real atoms; the dummy's row and column are False."""
    distance: Float[np.ndarray, "a a"]
    """Ångström in one seeded conformer; every entry of the dummy's row and column is 1e6."""
    conformer: Literal["3d", "2d"]

    def __post_init__(self) -> None:
        """Check shapes and symmetry."""
        nodes = len(self.atoms)
        if self.bonded.shape != (nodes, nodes) or self.distance.shape != (nodes, nodes):
            message = f"{self.smiles!r}: {nodes} nodes, but matrices of {self.bonded.shape} and {self.distance.shape}"
            raise CompoundError(message)
        if not (np.array_equal(self.bonded, self.bonded.T) and np.allclose(self.distance, self.distance.T)):
            message = f"{self.smiles!r}: bonds or distances are not symmetric"
            raise CompoundError(message)


def build_graph(molecule: Molecule, *, seed: int = 0, fallback_keeps_hydrogens: bool = False) -> MolGraph:
    """The graph of a molecule with the distances of one seeded conformer.

    Atoms stand in the order of the canonical SMILES: every spelling of a molecule gives the same graph.
    The conformer is ETKDG, then UFF, both with hydrogens, which are removed afterwards. The drawing in the plane takes
    its place where none can be embedded, where that takes longer than 30 s, and for more than 150 heavy atoms.

    Args:
        molecule: the molecule; a complex of several parts becomes one disconnected graph.
        seed: of the embedding.
        fallback_keeps_hydrogens: as the released code, try no second embedding from random coordinates, and keep
            hydrogen atoms as nodes where the drawing takes the conformer's place.

    Source: Maziarka et al. 2020, arXiv:2002.08264, and its released code.
    Differs: the released code never seeds the embedding.

    >>> from drugripple.chem import standardise
    >>> graph = build_graph(standardise("CC"))
    >>> graph.atoms.shape, graph.bonded.sum(axis=1).tolist()
    ((3, 28), [0, 2, 2])
    """
    atoms = molecule.rdkit
    with BlockLogs():
        positions = _embed(atoms, seed, attempts=1 if fallback_keeps_hydrogens else 2)
        if positions is not None:
            return _assemble(molecule.parent, atoms, positions, "3d")
        if fallback_keeps_hydrogens:
            atoms = Chem.AddHs(atoms)
        rdDepictor.Compute2DCoords(atoms)
    drawing = atoms.GetConformer().GetPositions().astype(np.float32)
    return _assemble(molecule.parent, atoms, drawing, "2d")


def atom_features(molecule: Chem.Mol) -> Float32[np.ndarray, "a f"]:
    """One-hot features of the dummy node and of every atom; a value outside a list counts as its last entry."""
    features = np.zeros((molecule.GetNumAtoms() + 1, FEATURES), dtype=np.float32)
    features[0, 0] = 1
    for row, atom in enumerate(molecule.GetAtoms(), start=1):
        column = 1
        for value, choices in (
            (atom.GetAtomicNum(), ELEMENTS),
            (atom.GetDegree(), DEGREES),
            (atom.GetTotalNumHs(), HYDROGENS),
            (atom.GetFormalCharge(), CHARGES),
        ):
            features[row, column + (choices.index(value) if value in choices else len(choices) - 1)] = 1
            column += len(choices)
        features[row, column] = atom.IsInRing()
        features[row, column + 1] = atom.GetIsAromatic()
    return features


def _embed(molecule: Chem.Mol, seed: int, *, attempts: int) -> Float32[np.ndarray, "a 3"] | None:
    """Positions of the heavy atoms after ETKDG and UFF, or nothing where no embedding was found in time.

    The second attempt starts from random coordinates.
    """
    if molecule.GetNumHeavyAtoms() > LARGEST_EMBEDDED:
        return None
    complete = Chem.AddHs(molecule)
    parameters = rdDistGeom.ETKDGv3()
    parameters.randomSeed = seed + 1  # type: ignore[assignment]  # RDKit's generator takes 0 for 1
    parameters.maxIterations = EMBEDDING_ATTEMPTS  # type: ignore[assignment]
    parameters.timeout = EMBEDDING_SECONDS  # type: ignore[assignment]
    for random_start in (False, True)[:attempts]:
        parameters.useRandomCoords = random_start  # type: ignore[assignment]
        try:
            if rdDistGeom.EmbedMolecule(complete, parameters) < 0:
                continue
            rdForceFieldHelpers.UFFOptimizeMolecule(complete)
        except (RuntimeError, ValueError):  # an element without parameters, bounds that contradict each other
            continue
        positions = complete.GetConformer().GetPositions()[: molecule.GetNumAtoms()].astype(np.float32)
        if np.isfinite(positions).all():
            return positions
    return None


def _assemble(
    smiles: str, molecule: Chem.Mol, positions: Float32[np.ndarray, "a 3"], conformer: Literal["3d", "2d"]
) -> MolGraph:
    atoms = molecule.GetNumAtoms()
    bonded = np.zeros((atoms + 1, atoms + 1), dtype=bool)
    bonded[1:, 1:] = Chem.GetAdjacencyMatrix(molecule).astype(bool) | np.eye(atoms, dtype=bool)
    distance = np.full((atoms + 1, atoms + 1), DUMMY_DISTANCE, dtype=np.float32)
    distance[1:, 1:] = np.linalg.norm(positions[:, None] - positions[None], axis=-1)
    return MolGraph(smiles, atom_features(molecule), bonded, distance, conformer)
