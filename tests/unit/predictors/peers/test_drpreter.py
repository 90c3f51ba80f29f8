import numpy as np
import pytest
import torch

from drugripple.genes.prior import InteractionPrior
from drugripple.genes.scaling import RobustScaler
from drugripple.genes.space import GeneSpace
from drugripple.predictors.peers import Knowledge, can_convolve
from drugripple.predictors.peers.block_attention import SharedGraph
from drugripple.predictors.peers.drpreter import (
    DRPreterInputs,
    DRPreterNetwork,
    DRPreterSettings,
    PathwayEdges,
    TokenMask,
)
from drugripple.predictors.peers.expression import ScaledGenes
from drugripple.predictors.peers.graph_layers import gat

pytestmark = pytest.mark.skipif(not can_convolve(), reason="graph convolutions need the extra `peers`")
SIZES = (
    142, 94, 137, 294, 74, 155, 218, 79, 146, 190, 136, 293, 167, 73, 232, 59, 239, 109, 104, 85, 126, 101, 221, 59,
    56, 71, 44, 351, 162, 96, 102, 41, 88, 102,
)  # fmt: skip
SETS = {"one": ("G0", "G1", "G2"), "other": ("G1", "G3", "G4", "G0")}
GENES = GeneSpace(("G0", "G1", "G3", "G4"))


def inputs(world, graph=PathwayEdges.FIXED):
    knowledge = Knowledge(SETS, InteractionPrior(GENES, np.array([[0, 1], [0, 3]]), "by hand"))
    return DRPreterInputs.fit(world.pairs.compact(), DRPreterSettings(graph=graph), knowledge)


def test_the_published_network_has_4_513_617_parameters(parameters):
    nodes = sum(SIZES)
    assert (nodes, max(SIZES)) == (4646, 351)
    scaled = ScaledGenes(GeneSpace(("G",)), RobustScaler(np.zeros(1), np.ones(1)))
    places = np.concatenate([np.arange(size) for size in SIZES])
    pathways = np.repeat(np.arange(34), SIZES)
    made = DRPreterInputs(scaled, ("p",) * 34, np.zeros(nodes, np.int64), pathways, places, np.zeros((2, 0), np.int64))
    assert parameters(DRPreterNetwork(DRPreterSettings(), made)) == 4_513_617


def test_no_edge_runs_between_two_pathways(world):
    made = inputs(world)
    start, goal = made.node_pathway[made.edges]
    assert made.edges.shape == (2, 6)
    assert (start == goal).all()
    symbols = np.array(made.expression.genes.symbols)[made.node_gene][made.edges]
    assert {tuple(sorted(pair)) for pair in symbols.T.tolist()} == {("G0", "G1"), ("G0", "G4")}


def test_the_released_graph_numbers_the_edges_of_every_pathway_from_zero(world):
    made = inputs(world, PathwayEdges.RELEASED)
    assert made.edges.shape == (2, 6)
    assert made.edges.max() == 3
    assert not np.array_equal(made.edges, inputs(world).edges)


def test_a_gene_outside_a_pathway_leaves_its_token_as_it_is(world):
    torch.manual_seed(0)
    made = inputs(world)
    net = DRPreterNetwork(DRPreterSettings(), made).eval()
    nodes = made.samples(world.expression).values[:1]
    gene = made.expression.genes.symbols.index("G4")
    changed = nodes + torch.from_numpy((made.node_gene == gene) * 2).float()
    before, after = net.of_samples(nodes)[0][0], net.of_samples(changed)[0][0]
    assert torch.equal(before[0], after[0])
    assert not torch.equal(before[1], after[1])


def test_the_released_mask_hides_tokens_that_begin_with_zero(world):
    torch.manual_seed(0)
    made = inputs(world)
    hides = DRPreterNetwork(DRPreterSettings(mask=TokenMask.RELEASED), made).eval()
    shows = DRPreterNetwork(DRPreterSettings(), made).eval()
    shows.load_state_dict(hides.state_dict())
    tokens, drug = torch.rand(1, 2, 256), (torch.rand(1, 256),)
    assert torch.allclose(hides.respond((tokens,), drug), shows.respond((tokens,), drug), atol=1e-6)
    tokens[0, 0, 0] = 0
    assert not torch.allclose(hides.respond((tokens,), drug), shows.respond((tokens,), drug), atol=1e-6)


@pytest.mark.parametrize("doubled", [False, True])
def test_attention_in_blocks_is_that_of_torch_geometric_edge_by_edge(doubled):
    """On a copy of the graph per sample, to 1e-6; an edge given twice counts twice, as in the released graph."""
    torch.manual_seed(3)
    rng = np.random.default_rng(3)
    nodes, samples = 97, 5
    pairs = np.unique(np.sort(rng.integers(0, 83, size=(2, 41)), axis=0), axis=1)
    pairs = pairs[:, pairs[0] != pairs[1]]
    edges = np.concatenate([pairs, pairs[::-1], pairs[:, :7]] if doubled else [pairs, pairs[::-1]], axis=1)
    x, layer = torch.randn(samples, nodes, 3), gat(3, 8)
    offset = torch.arange(samples)[:, None] * nodes
    copies = (torch.from_numpy(edges)[:, None] + offset[None]).flatten(1)
    expected = layer(x.flatten(0, 1), copies).unflatten(0, (samples, nodes))
    found = SharedGraph(edges, nodes)(layer, x)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)
    wanted = [torch.autograd.grad(given.square().sum(), tuple(layer.parameters())) for given in (found, expected)]
    for own, theirs in zip(*wanted, strict=True):
        torch.testing.assert_close(own, theirs, rtol=1e-4, atol=1e-4)


def test_a_pathway_is_squeezed_as_if_it_were_padded_to_the_largest(world):
    torch.manual_seed(0)
    made = inputs(world)
    net = DRPreterNetwork(DRPreterSettings(), made).eval()
    x = made.samples(world.expression).values[:3, :, None]
    for layer in net.genes:
        x = torch.relu(net.graph(layer, x))
    padded = torch.zeros(3, 2, 4, 8)
    padded[:, made.node_pathway, made.node_place] = x
    expected = net.squeeze(padded.flatten(2))
    torch.testing.assert_close(net.of_samples(made.samples(world.expression).values[:3])[0], expected)
