"""What holds of every peer, whatever it reads."""

import numpy as np
import pytest
import torch

from drugripple.errors import ConfigError
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.space import GeneSpace
from drugripple.predictors.catalogue import CATALOGUE
from drugripple.predictors.peers import Knowledge, Peer, can_convolve, published
from drugripple.predictors.peers.predictor import PairRows
from drugripple.predictors.peers.records import ORDER, forms
from drugripple.training.settings import TrainingSettings

PARTS = ("G0", "G1", "G2", "G3", "G4", "A", "B", "C", "D")
KNOWLEDGE = Knowledge(
    {f"pathway {i}": PARTS[:i] + PARTS[i + 2 :] for i in range(8)},
    InteractionPrior(GeneSpace(PARTS), np.array([[0, 1], [1, 4], [2, 3]]), "by hand"),
    tuple(f"c1ccccc1CCCCCC(=O)O{'C' * i}" for i in range(9)),
)


def peer(name, **training):
    if "graph" in CATALOGUE[name].inputs and not can_convolve():
        pytest.skip(f"{name} needs the extra `peers`")
    given = {"learning_rate": 3e-3, "weight_decay": 0.0, "batch": 8, "cosine_epochs": 0, **training}
    changes = {"training": TrainingSettings(**given)} | ({"fewest": 2} if name == "precily" else {})
    return Peer(name, published(name).model_copy(update=changes), KNOWLEDGE)


@pytest.mark.parametrize("name", forms())
def test_published_settings_are_settings_of_the_peer(name):
    settings = published(name)
    assert settings.training.patience == (25 if name == "ensemble_mf" else 20)
    assert settings.training.cosine_epochs == 0


@pytest.mark.parametrize("name", ORDER)
def test_eight_rows_are_learnt_by_heart(name, world, no_dropout):
    eight = world.take(np.arange(8) * 11)
    epochs, rate = (100, 3e-3) if name == "pathdnn" else (40, 1e-3)
    model = peer(name, max_epochs=epochs, patience=epochs, learning_rate=rate)
    model.fit(eight, eight, seed=0)
    curve = model.learning_curve()
    assert curve["train_loss"].min() < 0.1 * curve["train_loss"][0]


@pytest.mark.parametrize("name", ORDER)
def test_pairs_are_answered_the_same_one_by_one_and_all_at_once(name, world):
    model = peer(name, max_epochs=1)
    model.fit(world, world.take(np.arange(5)), seed=0)
    rows = PairRows.of(world.pairs.compact(), model.trained.inputs)
    net = model.trained.net.eval()
    with torch.no_grad():
        single = torch.stack([rows.respond(net, torch.tensor([row]))[0] for row in (0, 17, 90)])
        torch.testing.assert_close(single, rows.respond_all(net)[[0, 17, 90]], rtol=1e-4, atol=1e-5)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA GPU")
@pytest.mark.parametrize("name", ORDER)
def test_a_gpu_answers_as_a_cpu_does_and_learns(name, world):
    model = peer(name, max_epochs=2, device="cuda")
    model.fit(world, world.take(np.arange(20)), seed=0)
    net, inputs = model.trained.net.eval(), model.trained.inputs
    with torch.no_grad():
        on_cpu = PairRows.of(world.pairs.compact(), inputs).respond_all(net)
        on_gpu = PairRows.of(world.pairs.compact(), inputs, torch.device("cuda")).respond_all(net.cuda())
    torch.testing.assert_close(on_gpu.cpu(), on_cpu, rtol=1e-3, atol=1e-3)
    losses = model.learning_curve()["train_loss"]
    assert losses[1] < losses[0]


def test_each_distinct_sample_and_compound_of_a_batch_is_encoded_once(world):
    class Counts:
        def of_samples(self, samples):
            self.samples = len(samples)
            return (samples,)

        def of_compounds(self, compounds):
            self.compounds = len(compounds)
            return (torch.arange(float(len(compounds))),)

        def respond(self, sample, compound):
            return sample[0][:, 0] + compound[0]

    model = peer(ORDER[0], max_epochs=1)
    model.fit(world, world.take(np.arange(5)), seed=0)
    rows, net = PairRows.of(world.pairs.compact(), model.trained.inputs), Counts()
    said = rows.respond(net, torch.tensor([0, 1, 7, 8, 1]))
    assert (len(said), net.samples, net.compounds) == (5, 2, 2)
    assert said[1] == said[4] == rows.samples.values[0, 0] + 1


def test_a_training_that_was_cut_says_so(world):
    model = peer(ORDER[0], max_epochs=1)
    model.fit(world, world.take(np.arange(9)), seed=0)
    assert model.ended_at_cap


def test_a_peer_that_there_is_not_is_refused():
    with pytest.raises(ConfigError, match=r"no peer is called 'graphdrpp'; there are graphdrp, "):
        Peer("graphdrpp")
