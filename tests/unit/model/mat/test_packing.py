"""Which nodes are packed, in what order, and that they come back."""

import pytest
import torch

from drugripple.chem.graph import build_graph
from drugripple.chem.molecule import standardise
from drugripple.data.molecule_batch import collate
from drugripple.model.mat.packing import packing


@pytest.fixture
def molecules():
    """4, 2, 3 and 2 nodes, the dummy counted."""
    return collate([build_graph(standardise(text)) for text in ("CCO", "C", "CN", "O")])


def test_real_nodes_stand_sorted_by_the_size_of_their_molecule(molecules):
    """Molecules 1 and 3 (2 nodes), then 2 (3 nodes), then 0 (4 nodes), each from row 4 · molecule on."""
    packed = packing(molecules)
    assert packed.place.tolist() == [4, 5, 12, 13, 8, 9, 10, 0, 1, 2, 3]
    assert [group.nodes for group in packed.groups] == [4, 3, 4]


def test_molecules_of_one_size_attend_together_without_padding(molecules):
    groups = packing(molecules).groups
    assert [tuple(group.molecules.mask.shape) for group in groups] == [(2, 2), (1, 3), (1, 4)]
    assert all(group.place is None and group.keys is None for group in groups)
    assert torch.equal(groups[0].molecules.distance[1], molecules.distance[3, :2, :2])
    assert torch.equal(groups[2].molecules.bonded[0], molecules.bonded[0])


def test_one_group_holds_all_padded_to_the_largest(molecules):
    (group,) = packing(molecules, one_group=True).groups
    assert tuple(group.molecules.mask.shape) == (4, 4)
    assert group.nodes == 11
    assert group.keys.sum((1, 2, 3)).tolist() == [2, 2, 3, 4]
    packed = torch.arange(11.0).unsqueeze(1)
    assert group.pad(packed)[2].squeeze(1).tolist() == [4, 5, 6, 0]
    assert torch.equal(group.unpad(group.pad(packed)), packed)


@pytest.mark.parametrize("one_group", [True, False])
def test_unpacked_states_are_in_their_places_and_padding_is_zero(molecules, one_group):
    padded = torch.arange(1.0, 33.0).reshape(4, 4, 2)
    packed = packing(molecules, one_group=one_group)
    back = packed.unpack(packed.pack(padded))
    assert torch.equal(back, padded * molecules.mask.unsqueeze(-1))
