import numpy as np
import pytest
import torch

from drugripple.chem.molecule import standardise
from drugripple.predictors.peers.entities import Graphs, MoleculeGraph
from drugripple.predictors.peers.graph_layers import can_convolve
from drugripple.predictors.peers.graphdrp import (
    Graph,
    GraphDRPInputs,
    GraphDRPNetwork,
    GraphDRPSettings,
    molecule_graph,
)

pytestmark = pytest.mark.skipif(not can_convolve(), reason="graph convolutions need the extra `peers`")
MOLECULES = ("CC(=O)Oc1ccccc1C(=O)O", "C", "c1ccncc1")


def network(graph, landmarks):
    torch.manual_seed(0)
    return GraphDRPNetwork(GraphDRPSettings(graph=graph), GraphDRPInputs(landmarks)).eval()


@pytest.mark.parametrize(
    ("graph", "count"),
    [(Graph.GCN, 1_520_495), (Graph.GAT, 1_181_229), (Graph.GAT_GCN, 4_207_301), (Graph.GIN, 1_017_889)],
)
def test_the_published_networks_have_this_many_parameters(graph, count, landmarks, parameters):
    assert parameters(network(graph, landmarks)) == count


@pytest.mark.parametrize("graph", Graph)
def test_a_molecule_is_read_the_same_alone_and_among_others(graph, landmarks):
    net = network(graph, landmarks)
    graphs = [molecule_graph(standardise(smiles)) for smiles in MOLECULES]
    together = net.of_compounds(Graphs.of(graphs).take(torch.arange(3)))[0]
    alone = [net.of_compounds(Graphs.of([one]).take(torch.tensor([0])))[0] for one in graphs]
    torch.testing.assert_close(together, torch.cat(alone), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("graph", Graph)
def test_the_order_of_atoms_does_not_matter(graph, landmarks):
    net, one = network(graph, landmarks), molecule_graph(standardise(MOLECULES[0]))
    order = np.random.default_rng(0).permutation(len(one.atoms))
    turned = MoleculeGraph(one.atoms[order], np.argsort(order)[one.edges])
    said = net.of_compounds(Graphs.of([one, turned]).take(torch.arange(2)))[0]
    torch.testing.assert_close(said[0], said[1], rtol=1e-4, atol=1e-6)
    assert net.of_compounds(Graphs.of([one]).take(torch.tensor([0])))[0].std() > 1e-3


def test_atoms_of_an_unknown_element_count_as_such_and_rows_sum_to_one():
    features = molecule_graph(standardise("C[At]")).atoms
    assert features.shape == (2, 78)
    np.testing.assert_allclose(features.sum(axis=1), 1, rtol=1e-6)
    assert features[:, 43].tolist() == [0, 0.25]
