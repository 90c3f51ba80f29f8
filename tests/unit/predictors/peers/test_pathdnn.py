import numpy as np
import pytest
import torch

from drugripple.data.tables import CompoundTable
from drugripple.errors import ConfigError
from drugripple.genes.scaling import RobustScaler
from drugripple.genes.space import GeneSpace
from drugripple.predictors.peers import Knowledge
from drugripple.predictors.peers.expression import ScaledGenes
from drugripple.predictors.peers.pathdnn import PathDNNInputs, PathDNNNetwork, PathDNNSettings, PathwayLayer, loss

PARTS = ("G0", "G1", "G2", "G3", "G4", "A", "B", "C", "D")


def test_the_published_network_has_562_110_parameters(parameters):
    scaled = ScaledGenes(GeneSpace(tuple(f"G{i}" for i in range(537))), RobustScaler(np.zeros(537), np.ones(537)))
    inputs = PathDNNInputs(
        scaled, tuple(f"T{i}" for i in range(741)), {}, ("p",) * 323, np.ones((323, 1278), dtype=bool)
    )
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


def test_a_training_compound_without_named_targets_has_those_it_was_trained_with(world):
    inputs = PathDNNInputs.fit(world.pairs.compact(), PathDNNSettings(), Knowledge({"all": PARTS}))
    asked = CompoundTable.from_smiles(("CCO", "CCCCCCCC"))
    assert inputs.compounds(asked).values.tolist() == [[1, 1, 0, 0], [0, 0, 0, 0]]
    told = "no target is known of 1 of 2 compounds, which get the same answer: ['CCCCCCCC']"
    assert inputs.notes(asked) == (told,)
    assert inputs.notes(asked.take(np.array([0]))) == ()
    renamed = CompoundTable.from_smiles(("CCO",), targets=("D",))
    assert inputs.compounds(renamed).values.tolist() == [[0, 0, 0, 1]]


def test_without_pathways_it_says_what_it_needs(world):
    with pytest.raises(ConfigError, match="pathdnn needs gene sets and was given none"):
        PathDNNInputs.fit(world.pairs.compact(), PathDNNSettings(), Knowledge())


def test_the_released_loss_compares_every_answer_with_every_response_of_the_batch():
    """Answers 1 and 3, responses 2 and 6: (1 + 25 + 1 + 9) / 4; the own pairs alone give (1 + 9) / 2."""
    said, truth = torch.tensor([1.0, 3.0]), torch.tensor([2.0, 6.0])
    assert loss(PathDNNSettings(compared="released"), said, truth).item() == 9.0
    assert loss(PathDNNSettings(), said, truth).item() == 5.0


def test_the_released_loss_is_least_where_every_answer_is_the_mean():
    said, truth = torch.tensor([4.0, 4.0], requires_grad=True), torch.tensor([2.0, 6.0])
    loss(PathDNNSettings(compared="released"), said, truth).backward()
    assert said.grad.tolist() == [0.0, 0.0]
