import numpy as np
import pytest
import torch

from drugripple.errors import TableError
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.space import GeneSpace
from drugripple.interpretation.sensitivity import mean_sensitivity, sensitivity_map
from drugripple.model.network import PerturbationNet
from drugripple.model.presets import Preset

GENES = 7
MOLECULE = {"width": 8, "layers": 1, "heads": 2}


def network(**changes):
    torch.manual_seed(0)
    space = GeneSpace(tuple(f"G{i}" for i in range(GENES)))
    prior = InteractionPrior(space, np.array([[0, 1], [2, 5]]), "by hand")
    return PerturbationNet(prior, Preset.PAPER.perturbation(molecule=MOLECULE, hidden=3, **changes)).double()


@pytest.mark.parametrize("changes", [{}, {"output": "change"}, {"mixing": "plain"}, {"layer_norm": "none"}])
def test_the_derivative_is_that_of_small_differences(changes):
    net = network(**changes)
    basal, compound = torch.randn(3, GENES).double(), torch.rand(3, GENES).double()
    found = sensitivity_map(net, basal, compound, "m")
    step, slopes = 1e-6, np.zeros((GENES, GENES))
    with torch.no_grad():
        for gene in range(GENES):
            nudge = torch.zeros(GENES).double()
            nudge[gene] = step
            up, down = (net.eval().perturb(basal + sign * nudge, compound).treated for sign in (1, -1))
            slopes[:, gene] = ((up - down) / (2 * step)).mean(0).numpy()
    np.testing.assert_allclose(found.scores, (slopes + slopes.T) / 2, atol=1e-5)
    assert found.conditions == 3
    assert found.genes is net.genes


def test_network_and_inputs_are_left_as_they_were():
    net = network().train()
    basal = torch.randn(2, GENES).double()
    sensitivity_map(net, basal, torch.rand(2, GENES).double(), "m")
    assert not basal.requires_grad
    assert net.training
    assert all(parameter.grad is None for parameter in net.parameters())


def test_mean_over_blocks_of_any_size_is_the_mean_over_conditions():
    net = network()
    basal, compound = torch.randn(5, GENES).double(), torch.rand(5, GENES).double()
    whole = sensitivity_map(net, basal, compound, "m")
    blocks = mean_sensitivity(net, zip(basal.split(2), compound.split(2), strict=True), "m")
    np.testing.assert_allclose(blocks.scores, whole.scores, atol=1e-12)
    assert blocks.conditions == 5


def test_mean_over_nothing_is_refused():
    with pytest.raises(TableError, match="has no condition to average over"):
        mean_sensitivity(network(), (), "m")
