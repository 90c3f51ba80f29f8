"""Molecules as graphs with distances: what the Molecule Attention Transformer reads."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float

from drugripple.errors import CompoundError


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
