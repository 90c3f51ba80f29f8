"""Molecules padded to one size, as the molecule encoder reads them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from drugripple.chem.graph import MolGraph
from drugripple.errors import TableError


@dataclass(frozen=True)
class MolBatch:
    """Molecules padded to one size. Axes: b molecule, a node (dummy first), f feature."""

    atoms: Float[Tensor, "b a f"]
    """Features of every node; zero at padding."""
    bonded: Bool[Tensor, "b a a"]
    """True for bonds and on the diagonal of atoms; False at padding."""
    distance: Float[Tensor, "b a a"]
    """Distances in ångström, from one seeded conformer; zero at padding."""
    mask: Bool[Tensor, "b a"]
    """True where a node is real (the dummy node counts as real)."""

    def __len__(self) -> int:
        return len(self.atoms)

    def to(self, device: torch.device | str, dtype: torch.dtype | None = None) -> "MolBatch":
        """The same molecules on another device; `dtype` changes the floating-point tensors only."""
        return MolBatch(
            self.atoms.to(device, dtype), self.bonded.to(device), self.distance.to(device, dtype), self.mask.to(device)
        )


def each_once(graphs: Sequence[MolGraph]) -> tuple[list[MolGraph], list[int]]:
    """The distinct graphs in the order in which they first appear, and for each of `graphs` which of them it is."""
    place: dict[int, int] = {}
    rows = [place.setdefault(id(graph), len(place)) for graph in graphs]
    return list({id(graph): graph for graph in graphs}.values()), rows


def collate(graphs: Sequence[MolGraph]) -> MolBatch:
    """Pad molecules to the largest among them.

    Raises:
        TableError: if there is no molecule.
    """
    if not graphs:
        message = "a batch needs at least one molecule, got none"
        raise TableError(message)
    size = max(len(graph.atoms) for graph in graphs)
    atoms = np.zeros((len(graphs), size, graphs[0].atoms.shape[1]), dtype=np.float32)
    bonded = np.zeros((len(graphs), size, size), dtype=bool)
    distance = np.zeros((len(graphs), size, size), dtype=np.float32)
    mask = np.zeros((len(graphs), size), dtype=bool)
    for i, graph in enumerate(graphs):
        nodes = len(graph.atoms)
        atoms[i, :nodes] = graph.atoms
        bonded[i, :nodes, :nodes] = graph.bonded
        distance[i, :nodes, :nodes] = graph.distance
        mask[i, :nodes] = True
    return MolBatch(*(torch.from_numpy(array) for array in (atoms, bonded, distance, mask)))
