from dataclasses import replace

import pytest
import torch

from drugripple.data.tables import CompoundTable
from drugripple.predictors.peers import Knowledge
from drugripple.predictors.peers.ensemble_mf import EnsembleMFInputs, EnsembleMFNetwork, EnsembleMFSettings

SETTINGS = EnsembleMFSettings(members=3, width=7, factors=5)


@pytest.fixture(scope="module")
def made(world):
    """Inputs of a world, its network, and what that reads of four samples and four compounds."""
    pairs = world.pairs.compact()
    inputs = EnsembleMFInputs.fit(pairs, SETTINGS, Knowledge())
    torch.manual_seed(0)
    net = EnsembleMFNetwork(SETTINGS, inputs)
    few = torch.arange(4)
    return inputs, net, inputs.samples(pairs.expression).take(few), inputs.compounds(pairs.compounds).take(few)


def test_the_answer_is_the_mean_of_what_the_members_say(made):
    _, net, samples, compounds = made
    net.eval()
    with torch.no_grad():
        parts = net.of_samples(samples), net.of_compounds(compounds)
        answer = net.respond(*parts)
        net.training = True  # of the last part alone, so that nothing is dropped
        each = net.respond(*parts)
    assert each.shape == (3, 4)
    torch.testing.assert_close(answer, each.mean(dim=0))
    assert each.std(dim=0).min() > 0


def test_a_member_is_its_equation(made):
    _, net, samples, compounds = made
    net.eval()
    with torch.no_grad():
        net.bias += 0.1
        (s,), (c,) = net.of_samples(samples), net.of_compounds(compounds)
        net.training = True
        said = net.respond((s,), (c,))[1, 2]
        z_i, z_j = s[2, 1, :-1], c[2, 1, :-1]
        inner, outer = net.inner, net.outer
        read = torch.relu(torch.cat([z_i, z_j, z_i * z_j]) @ inner.weight[1] + inner.bias[1])
        head = read @ outer.weight[1, :, 0] + outer.bias[1, 0]
        expected = 10 * net.bias[1] + s[2, 1, -1] + c[2, 1, -1] + z_i @ z_j + head
    torch.testing.assert_close(said, expected)


def test_the_loss_of_a_member_moves_no_other(made):
    _, net, samples, compounds = made
    net.train().zero_grad()
    net.respond(net.of_samples(samples), net.of_compounds(compounds))[1].square().sum().backward()
    moved = torch.stack([p.grad.reshape(3, -1).abs().sum(dim=1) for p in net.parameters()])
    assert (moved[:, 1] > 0).all()
    assert (moved[:, [0, 2]] == 0).all()


def test_a_compound_that_is_not_of_training_has_no_factors_of_its_own(made, world):
    inputs, net, *_ = made
    known = inputs.compounds(world.pairs.compact().compounds).values
    strange = inputs.compounds(CompoundTable.from_smiles(["CCCCCCCCC(=O)NCCS"])).values
    assert sorted(known[:, -1].tolist()) == list(range(1, len(known) + 1))
    assert net.free(strange[:, -1].long()).abs().max() == 0
    assert net.free(known[:, -1].long()).abs().max() > 0


def test_a_known_compound_is_known_under_another_name_and_a_sample_has_no_name(made, world):
    inputs, *_ = made
    pairs = world.pairs.compact()
    renamed = replace(pairs.compounds, names=tuple(f"mine{i}" for i in range(len(pairs.compounds))))
    assert inputs.compounds(renamed).values.equal(inputs.compounds(pairs.compounds).values)
    strange = replace(pairs.expression, samples=tuple(f"mine{i}" for i in range(len(pairs.expression))))
    assert inputs.samples(strange).values.equal(inputs.samples(pairs.expression).values)
