"""Samples and compounds as tensors: rows of a table, or graphs that are laid side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float32, Int
from torch import Tensor


@dataclass(frozen=True)
class Rows:
    """One row of numbers per sample or compound."""

    values: Tensor

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Int[Tensor, " k"]) -> Tensor:
        """Some rows."""
        return self.values[rows]

    def to(self, device: torch.device) -> "Rows":
        """These rows on another device."""
        return Rows(self.values.to(device))


@dataclass(frozen=True)
class MoleculeGraph:
    """One molecule. Axes: a atom, e directed bond."""

    atoms: Float32[np.ndarray, "a f"]
    edges: Int[np.ndarray, "2 e"]
    """The atoms at both ends of each directed bond; both directions of a bond stand side by side."""
    bonds: Float32[np.ndarray, "e k"] | None = None
    """Features of the directed bonds, where a peer reads them."""


@dataclass(frozen=True)
class GraphBatch:
    """Some graphs as one that falls apart. Axes: v atom of all, e bond of all."""

    atoms: Float[Tensor, "v f"]
    edges: Int[Tensor, "2 e"]
    graph: Int[Tensor, " v"]
    """The graph of each atom."""
    first: Int[Tensor, " k"]
    """The first atom of each graph."""
    bonds: Float[Tensor, "e b"] | None = None

    def __len__(self) -> int:
        return len(self.first)


@dataclass(frozen=True)
class Graphs:
    """All graphs of a table, one behind the other."""

    atoms: Float[Tensor, "v f"]
    edges: Int[Tensor, "2 e"]
    """Numbered within each graph."""
    first_atom: Int[Tensor, " c1"]
    """Where each graph's atoms begin, and their number in the end."""
    first_edge: Int[Tensor, " c1"]
    bonds: Float[Tensor, "e b"] | None = None

    @classmethod
    def of(cls, graphs: Sequence[MoleculeGraph]) -> "Graphs":
        """Graphs in the order of their compounds."""
        bonds = [graph.bonds for graph in graphs if graph.bonds is not None]
        return cls(
            torch.from_numpy(np.concatenate([graph.atoms for graph in graphs])),
            torch.from_numpy(np.concatenate([graph.edges for graph in graphs], axis=1).astype(np.int64)),
            _starts([len(graph.atoms) for graph in graphs]),
            _starts([graph.edges.shape[1] for graph in graphs]),
            torch.from_numpy(np.concatenate(bonds)) if bonds else None,
        )

    def __len__(self) -> int:
        return len(self.first_atom) - 1

    def take(self, rows: Int[Tensor, " k"]) -> GraphBatch:
        """Some graphs, numbered anew."""
        atoms, graph, first = _ranges(self.first_atom, rows)
        edges, of_edge, _ = _ranges(self.first_edge, rows)
        bonds = None if self.bonds is None else self.bonds[edges]
        return GraphBatch(self.atoms[atoms], self.edges[:, edges] + first[of_edge], graph, first, bonds)

    def to(self, device: torch.device) -> "Graphs":
        """These graphs on another device."""
        bonds = None if self.bonds is None else self.bonds.to(device)
        atoms, edges, first_atom, first_edge = (
            part.to(device) for part in (self.atoms, self.edges, self.first_atom, self.first_edge)
        )
        return Graphs(atoms, edges, first_atom, first_edge, bonds)


def _starts(lengths: Sequence[int]) -> Int[Tensor, " c1"]:
    return torch.tensor([0, *np.cumsum(lengths).tolist()], dtype=torch.int64)


def _ranges(
    starts: Int[Tensor, " c1"], rows: Int[Tensor, " k"]
) -> tuple[Int[Tensor, " v"], Int[Tensor, " v"], Int[Tensor, " k"]]:
    """The places of several ranges side by side, the number of the range of each, and where each begins."""
    lengths = starts[rows + 1] - starts[rows]
    number = torch.repeat_interleave(torch.arange(len(rows), device=rows.device), lengths)
    first = torch.cumsum(lengths, 0) - lengths
    return torch.arange(len(number), device=rows.device) - first[number] + starts[rows][number], number, first
