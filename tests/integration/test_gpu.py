"""The same results on a GPU as on a CPU; every test skips, and says so, where there is no GPU."""

import numpy as np
import pytest
import torch

from drugripple.chem.graph import build_graph
from drugripple.chem.molecule import standardise
from drugripple.data.synthetic import MECHANISMS, synthetic_world
from drugripple.model.mat.encoder import MatConfig, MoleculeAttentionTransformer, encode
from drugripple.model.network import PerturbationNet
from drugripple.model.presets import Preset
from drugripple.model.settings import SMALL_MAT, MatSettings, Precision
from drugripple.model.shipped import fresh_network
from drugripple.predictors.csg2a import fit_network
from drugripple.predictors.csg2a_settings import NetworkSettings
from drugripple.training.perturbation import pretrain
from drugripple.training.settings import TrainingSettings

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA GPU"),
]
TRAINING = TrainingSettings(learning_rate=1e-3, batch=200, max_epochs=2, patience=2)
FALLING = {"max_epochs": 4, "patience": 4, "cosine_epochs": 3}
"""A rate that falls a hundredfold, which a captured step has to follow."""


@pytest.fixture(scope="module")
def world():
    return synthetic_world(0)


@pytest.mark.parametrize("changes", [{"precision": Precision.BFLOAT16}, {}])
@pytest.mark.parametrize("masks", ["row", "entity"])
def test_fine_tuning_follows_the_cpus_curve(world, masks, changes):
    table = world.response
    rows = np.random.default_rng(0).permutation(len(table))
    train, valid = table.take(rows[200:]), table.take(rows[:200])
    curves, predictions = [], []
    for device, how in (("cpu", {}), ("cuda", changes)):
        training = TRAINING.model_copy(update={"device": device, **how})
        settings = NetworkSettings(training=training, response={"dropout": 0.0, "dropout_of": masks})
        backbone = fresh_network(world.prior, Preset.PAPER.perturbation(), seed=0, encoder="morgan")
        fitted = fit_network(settings, train, valid, backbone, seed=0)
        curves.append([epoch.valid_loss for epoch in fitted.history.epochs])
        predictions.append(fitted.predict(valid.pairs))
    np.testing.assert_allclose(curves[1], curves[0], rtol=0.05)
    assert np.corrcoef(*predictions)[0, 1] > 0.99


@pytest.mark.parametrize(("preset", "response"), [
    (Preset.PAPER, {"dropout_of": "entity"}),
    (Preset.RELEASED, {}),
    (Preset.DRUGRIPPLE, {"freeze": "none"}),
    (Preset.BEST, {}),
])  # fmt: skip
def test_captured_steps_train_as_steps_that_are_written_out_do(world, preset, response, monkeypatch):
    table, replayed = world.response, []
    rows = np.random.default_rng(0).permutation(len(table))
    train, valid = table.take(rows[200:]), table.take(rows[:200])
    replay = torch.cuda.CUDAGraph.replay
    monkeypatch.setattr(torch.cuda.CUDAGraph, "replay", lambda graph: (replayed.append(graph), replay(graph))[1])
    curves = []
    for graphs in (False, True):
        training = TRAINING.model_copy(update={"device": "cuda", "cuda_graphs": graphs, **FALLING})
        settings = NetworkSettings(training=training, preset=preset, response=response)
        form = preset.perturbation(molecule=MatSettings(width=16, layers=1, heads=2))
        torch.manual_seed(0)
        fitted = fit_network(settings, train, valid, PerturbationNet(world.prior, form), seed=0)
        curves.append([(epoch.train_loss, epoch.valid_loss) for epoch in fitted.history.epochs])
        assert bool(replayed) is graphs
    np.testing.assert_allclose(curves[1], curves[0], rtol=5e-3)


def test_a_captured_training_goes_on_where_it_was_stopped(world, tmp_path):
    table = world.response
    rows = np.random.default_rng(0).permutation(len(table))
    train, valid = table.take(rows[200:]), table.take(rows[:200])
    training = TRAINING.model_copy(update={"device": "cuda", **FALLING})
    settings = NetworkSettings(training=training, response={"dropout_of": "entity"})

    def backbone():
        return fresh_network(world.prior, Preset.PAPER.perturbation(), seed=0, encoder="morgan")

    whole = fit_network(settings, train, valid, backbone(), seed=0)
    state = tmp_path / "state"

    def stop(epoch):
        if epoch.number == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit_network(settings, train, valid, backbone(), seed=0, state=state, on_epoch=stop)
    done = []
    resumed = fit_network(settings, train, valid, backbone(), seed=0, state=state, on_epoch=done.append)
    assert [epoch.number for epoch in done] == [2, 3]
    np.testing.assert_allclose(
        [epoch.valid_loss for epoch in resumed.history.epochs], [epoch.valid_loss for epoch in whole.history.epochs],
        rtol=0.02,
    )  # fmt: skip


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_molecules_get_the_cpus_vectors(precision):
    torch.manual_seed(0)
    mat = MoleculeAttentionTransformer(MatConfig.of(SMALL_MAT))
    graphs = [build_graph(standardise(text)) for members in MECHANISMS.values() for text in members.values()]
    on_cpu = encode(mat, graphs, device="cpu")
    on_gpu = encode(mat, graphs, device="cuda", precision=Precision(precision)).cpu()
    tolerance = 1e-3 if precision == "float32" else 5e-2
    torch.testing.assert_close(on_gpu, on_cpu, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_pretraining_follows_the_cpus_curve(world, precision):
    profiles, losses = world.perturbations, []
    graphs = [build_graph(molecule) for molecule in profiles.compounds.molecules]
    rows = np.random.default_rng(0).permutation(len(profiles))
    for device, how in (("cpu", Precision.FLOAT32), ("cuda", Precision(precision))):
        torch.manual_seed(0)
        molecule = MatSettings(width=16, layers=1, heads=2)
        net = PerturbationNet(world.prior, Preset.PAPER.perturbation(molecule=molecule, dropout=0.0, output="change"))
        settings = TRAINING.model_copy(update={"device": device, "precision": how})
        history = pretrain(net, profiles, rows[:-60], rows[-60:], graphs, settings, seed=0)
        losses.append([epoch.valid_loss for epoch in history.epochs])
    np.testing.assert_allclose(losses[1], losses[0], rtol=0.05)
