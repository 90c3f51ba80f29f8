"""Molecules of mixed size without their padding, as every layer of the encoder computes on them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from drugripple.data.molecule_batch import MolBatch


@dataclass(frozen=True)
class SizeGroup:
    """Molecules that attend together. Axes: k molecule of the group, a node."""

    nodes: int
    """Number of real nodes of the group. Packed nodes stand molecule after molecule, group after group."""
    molecules: MolBatch
    """The molecules, padded to the largest of the group."""
    place: Int[Tensor, " n"] | None
    """Where each real node stands among the k a padded ones; None where no molecule of the group is padded."""
    keys: Bool[Tensor, "k 1 1 a"] | None
    """True at real nodes; None where no molecule of the group is padded."""

    def pad(self, packed: Float[Tensor, "n d"]) -> Float[Tensor, "k a d"]:
        """Put zeros at padding; without padding a view."""
        count, size = self.molecules.mask.shape
        if self.place is not None:
            packed = packed.new_zeros(count * size, packed.shape[1]).index_copy(0, self.place, packed)
        return packed.unflatten(0, (count, size))

    def unpad(self, padded: Float[Tensor, "k a d"]) -> Float[Tensor, "n d"]:
        """Keep the states of real nodes."""
        flat = padded.flatten(0, 1)
        return flat if self.place is None else flat.index_select(0, self.place)


@dataclass(frozen=True)
class Packing:
    """The real nodes of a batch, the molecules sorted by size. Axes: n real node, b molecule, a node."""

    place: Int[Tensor, " n"]
    """Where each packed node stands among the b a padded ones."""
    shape: tuple[int, int]
    """Numbers of molecules and of nodes of the largest (b and a)."""
    groups: tuple[SizeGroup, ...]
    """The molecules that attend together, smallest first."""

    def pack(self, padded: Float[Tensor, "b a d"]) -> Float[Tensor, "n d"]:
        """Keep the states of real nodes."""
        return padded.flatten(0, 1).index_select(0, self.place)

    def unpack(self, packed: Float[Tensor, "n d"]) -> Float[Tensor, "b a d"]:
        """Put states back where the batch has their nodes, with zeros at padding."""
        flat = packed.new_zeros(self.shape[0] * self.shape[1], packed.shape[1])
        return flat.index_copy(0, self.place, packed).unflatten(0, self.shape)


class Prepared(NamedTuple):
    """Molecules as the encoder's layers read them."""

    packed: Packing
    atoms: Float[Tensor, "u f"]
    """Distinct rows of atom features, or, where dropout makes equal nodes differ, those of every node."""
    node_index: Int[Tensor, " n"] | None
    """The row of `atoms` of each node, where they are distinct."""


def packing(molecules: MolBatch, *, one_group: bool = False) -> Packing:
    """Pack the real nodes of a batch, in which each molecule has its padding behind its nodes.

    Molecules of one size attend together, because then attention pads nothing either. With `one_group` all molecules
    do, padded to the largest: fewer and larger kernels, for a GPU.
    """
    count, width = molecules.mask.shape
    sizes = molecules.mask.sum(1)
    sorted_sizes, order = sizes.sort(stable=True)
    real = molecules.mask.index_select(0, order).flatten().nonzero().squeeze(1)
    place = order[real // width] * width + real % width
    lengths = torch.tensor([count]) if one_group else torch.unique_consecutive(sorted_sizes, return_counts=True)[1]
    groups = tuple(_group(molecules, rows) for rows in order.split(lengths.tolist()))
    return Packing(place, (count, width), groups)


def size_batches(sizes: Sequence[int], *, most: int, nodes: int) -> Iterator[list[int]]:
    """Split molecules, sorted by size, into batches of at most `most` molecules and, padded, `nodes` nodes.

    A molecule with more nodes goes alone.

    >>> list(size_batches([5, 2, 9, 2, 4], most=3, nodes=10))
    [[1, 3], [4, 0], [2]]
    """
    batch: list[int] = []
    for row in sorted(range(len(sizes)), key=lambda i: sizes[i]):
        if batch and (len(batch) == most or (len(batch) + 1) * sizes[row] > nodes):
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _group(molecules: MolBatch, rows: Int[Tensor, " k"]) -> SizeGroup:
    mask = molecules.mask[rows]
    size = int(mask.sum(1).max())
    mask = mask[:, :size]
    part = MolBatch(
        molecules.atoms[rows, :size],
        molecules.bonded[rows, :size, :size],
        molecules.distance[rows, :size, :size],
        mask,
    )
    count = int(mask.sum())
    padded = count < mask.numel()
    place = mask.flatten().nonzero().squeeze(1) if padded else None
    return SizeGroup(count, part, place, mask[:, None, None, :] if padded else None)
