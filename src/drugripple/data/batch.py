"""What one training step sees. Values are in the units a person would write."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from drugripple.chem.graph import MolGraph
from drugripple.errors import TableError


@dataclass(frozen=True)
class MolBatch:
    """Molecules padded to one size. Axes: b molecule, a node (dummy first), f feature."""

    atoms: Float[Tensor, "b a f"]
    bonded: Bool[Tensor, "b a a"]
    distance: Float[Tensor, "b a a"]
    """Ångström, from one seeded conformer."""
    mask: Bool[Tensor, "b a"]
    """True where a node is real (the dummy node counts as real)."""

    def __len__(self) -> int:
        return len(self.atoms)

    def to(self, device: torch.device | str, dtype: torch.dtype | None = None) -> "MolBatch":
        """The same molecules elsewhere; `dtype` changes the floating-point tensors only."""
        return MolBatch(
            self.atoms.to(device, dtype), self.bonded.to(device), self.distance.to(device, dtype), self.mask.to(device)
        )


@dataclass(frozen=True)
class Condition:
    """A compound at a dose for a time. Axes: b condition, u distinct molecule."""

    molecules: MolBatch
    """The distinct molecules, each once."""
    which: Int[Tensor, " b"]
    """The molecule of each condition."""
    dose_um: Float[Tensor, " b"]
    """Micromolar; the encoder divides by 100, nobody else does."""
    hours: Float[Tensor, " b"]
    """Hours; the encoder divides by 72."""


@dataclass(frozen=True)
class Batch:
    """One step's inputs and target. Axes: b condition, g gene."""

    basal: Float[Tensor, "b g"]
    """Robust z-score of untreated expression."""
    condition: Condition
    target: Float[Tensor, "b ..."] | None = None
    """Treated expression `b g` when pretraining, ln IC50 (µM) `b` when fine-tuning."""

    def with_target(self, target: Float[Tensor, "b ..."]) -> "Batch":
        """The same inputs with a target."""
        return replace(self, target=target)


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
