"""What must not change a molecule's vector: padding, the order of atoms, its place in space, its company."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem
from rdkit.Chem import rdDistGeom

from drugripple.chem.graph import _assemble, build_graph
from drugripple.chem.molecule import standardise
from drugripple.data.molecule_batch import collate
from drugripple.model.mat.encoder import MatConfig, MoleculeAttentionTransformer, encode
from drugripple.model.settings import Pooling

SMILES = ["CC(=O)Oc1ccccc1C(=O)O", "C", "CC", "[Na+].[Cl-]", "Cn1cnc2c1c(=O)n(C)c(=O)n2C", "OCC1OC(O)C(O)C(O)C1O"]


@pytest.fixture(scope="module")
def mat():
    torch.manual_seed(0)
    return MoleculeAttentionTransformer(MatConfig(d_model=24, layers=2, heads=4)).eval()


@pytest.fixture(scope="module")
def graphs():
    return [build_graph(standardise(text)) for text in SMILES]


@pytest.mark.parametrize("pooling", list(Pooling))
def test_padding_changes_nothing(mat, graphs, pooling):
    other = MoleculeAttentionTransformer(replace(mat.config, pooling=pooling)).eval()
    other.load_state_dict(mat.state_dict())
    together = other(collate(graphs))
    alone = torch.cat([other(collate([graph])) for graph in graphs])
    assert (together - alone).abs().max() < 1e-5


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_reordered_atoms_give_reordered_states_and_the_same_vector(mat, graphs, data):
    graph = data.draw(st.sampled_from(graphs))
    order = np.array([0, *data.draw(st.permutations(range(1, len(graph.atoms))))])
    shuffled = replace(
        graph,
        atoms=graph.atoms[order],
        bonded=graph.bonded[np.ix_(order, order)],
        distance=graph.distance[np.ix_(order, order)],
    )
    given_, reordered = collate([graph]), collate([shuffled])
    assert (mat.nodes(given_)[:, order] - mat.nodes(reordered)).abs().max() < 1e-5
    assert (mat(given_) - mat(reordered)).abs().max() < 1e-5


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_rotated_and_moved_conformer_gives_the_same_vector(mat, seed):
    molecule = Chem.MolFromSmiles(SMILES[0])
    complete = Chem.AddHs(molecule)
    rdDistGeom.EmbedMolecule(complete, randomSeed=7)
    positions = complete.GetConformer().GetPositions()[: molecule.GetNumAtoms()]
    random = np.random.default_rng(seed)
    rotation = np.linalg.qr(random.normal(size=(3, 3)))[0]
    moved = positions @ rotation.T + random.normal(size=3) * 5
    one, other = (_assemble(SMILES[0], molecule, place.astype(np.float32), "3d") for place in (positions, moved))
    assert not np.allclose(positions, moved)
    assert (mat(collate([one])) - mat(collate([other]))).abs().max() < 1e-4


def test_distances_and_bonds_are_seen(mat, graphs):
    graph = graphs[0]
    far = graph.distance.copy()
    far[1:, 1:] *= 1.5
    loose = np.eye(len(graph.atoms), dtype=bool)
    loose[0, 0] = False
    vector = mat(collate([graph]))
    for changed in (replace(graph, distance=far), replace(graph, bonded=loose)):
        assert (mat(collate([changed])) - vector).abs().max() > 1e-3


def test_encode_gives_vectors_in_the_order_asked_and_keeps_the_mode(mat, graphs):
    mat.train()
    vectors = encode(mat, graphs, batch_size=2)
    assert mat.training
    mat.eval()
    assert not vectors.requires_grad
    expected = torch.cat([mat(collate([graph])) for graph in graphs])
    assert (vectors - expected).abs().max() < 1e-5


def test_encode_of_nothing_is_nothing(mat):
    assert encode(mat, []).shape == (0, 24)


def test_encode_computes_a_repeated_graph_once(mat, graphs, monkeypatch):
    seen = []
    forward = type(mat).forward
    monkeypatch.setattr(type(mat), "forward", lambda self, batch: seen.append(len(batch)) or forward(self, batch))
    vectors = encode(mat, [graphs[0], graphs[4], graphs[0]])
    assert sum(seen) == 2
    assert torch.equal(vectors[0], vectors[2])
    assert (vectors[0] - vectors[1]).abs().max() > 1e-3


def test_encode_keeps_large_molecules_in_small_batches(mat, graphs, monkeypatch):
    """14, 2, 3, 3, 15 and 13 nodes, at most 28 at a time after padding: 2 + 3 + 3, then 13 + 14, then 15."""
    seen = []
    forward = type(mat).forward
    monkeypatch.setattr("drugripple.model.mat.encoder.CPU_NODES", 28)
    monkeypatch.setattr(
        type(mat), "forward", lambda self, batch: seen.append(batch.mask.sum(1).tolist()) or forward(self, batch)
    )
    encode(mat, graphs)
    assert seen == [[2, 3, 3], [13, 14], [15]]
