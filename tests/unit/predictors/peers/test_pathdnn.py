import numpy as np
import pytest
import torch

from drugripple.errors import ConfigError
from drugripple.genes.scaling import RobustScaler
from drugripple.genes.space import GeneSpace
from drugripple.predictors.peers import Knowledge
from drugripple.predictors.peers.expression import ScaledGenes
from drugripple.predictors.peers.pathdnn import PathDNNInputs, PathDNNNetwork, PathDNNSettings, PathwayLayer


def test_the_published_network_has_562_110_parameters(parameters):
    scaled = ScaledGenes(GeneSpace(tuple(f"G{i}" for i in range(537))), RobustScaler(np.zeros(537), np.ones(537)))
    inputs = PathDNNInputs(scaled, tuple(f"T{i}" for i in range(741)), ("p",) * 323, np.ones((323, 1278), dtype=bool))
    assert parameters(PathDNNNetwork(PathDNNSettings(), inputs)) == 562_110


def test_weights_outside_a_pathway_get_no_gradient_and_have_no_say():
    mask = torch.tensor([[True, False, True], [False, True, False]])
    layer = PathwayLayer(mask)
    x, t = torch.tensor([[2.0, 3.0]]), torch.tensor([[5.0]])
    given = layer.genes(x) + layer.targets(t)
    given.sum().backward()
    assert layer.weight.grad.tolist() == [[2.0, 0.0, 5.0], [0.0, 3.0, 0.0]]
    moved = layer.genes(x + torch.tensor([[0.0, 1.0]])) + layer.targets(t)
    assert moved[0, 0] == given[0, 0]
    assert moved[0, 1] != given[0, 1]


def test_a_pathway_of_four_inputs_is_left_out(world):
    sets = {"five": ("G0", "G1", "G2", "A", "B"), "four": ("G3", "G4", "C", "D", "elsewhere")}
    inputs = PathDNNInputs.fit(world.pairs.compact(), PathDNNSettings(), Knowledge(sets))
    assert inputs.pathways == ("five",)
    assert inputs.targets == ("A", "B", "C", "D")
    assert inputs.mask.sum() == 5
    assert inputs.compounds(world.compounds).values[0].tolist() == [1, 1, 0, 0]


def test_without_pathways_it_says_what_it_needs(world):
    with pytest.raises(ConfigError, match="pathdnn needs gene sets and was given none"):
        PathDNNInputs.fit(world.pairs.compact(), PathDNNSettings(), Knowledge())
