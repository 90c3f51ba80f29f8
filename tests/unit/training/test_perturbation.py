import numpy as np
import pytest
import torch

from drugripple.chem.graph import build_graph
from drugripple.data.molecule_batch import collate
from drugripple.data.synthetic import synthetic_world
from drugripple.errors import ConfigError
from drugripple.model.network import PerturbationNet
from drugripple.model.presets import Preset
from drugripple.model.settings import MatSettings, Precision
from drugripple.training.perturbation import predict_profiles, pretrain
from drugripple.training.perturbation_step import Anchors, Hiding
from drugripple.training.settings import TrainingSettings

SETTINGS = TrainingSettings(learning_rate=3e-3, weight_decay=0.0, batch=64, max_epochs=12, patience=12, cosine_epochs=0)


@pytest.fixture(scope="module")
def world():
    return synthetic_world(0)


def network(world, **changes):
    torch.manual_seed(0)
    molecule = MatSettings(width=16, layers=1, heads=2)
    settings = Preset.PAPER.perturbation(molecule=molecule, hidden=16, dropout=0.0, **{"output": "change", **changes})
    return PerturbationNet(world.prior, settings)


def trained(world, **options):
    profiles = world.perturbations
    graphs = [build_graph(molecule) for molecule in profiles.compounds.molecules]
    rows = np.random.default_rng(0).permutation(len(profiles))
    train, valid = rows[:-60], rows[-60:]
    net = network(world)
    history = pretrain(
        net, profiles, train, valid, graphs, options.pop("settings", SETTINGS), seed=0, **options
    )  # fmt: skip
    return net, history, valid, graphs


@pytest.fixture(scope="module")
def plain(world):
    """Trained with neither hidden genes nor anchors: what the others are held against."""
    return trained(world)


def test_planted_changes_are_learnt_and_a_shuffled_world_teaches_nothing(world, plain):
    def gain(of, outcome):
        net, _, valid, graphs = outcome
        profiles = of.perturbations
        change = profiles.treated[valid] - profiles.basal.values[profiles.basal_row[valid]]
        error = profiles.treated[valid] - predict_profiles(net, profiles, valid, graphs)
        return 1 - np.square(error).mean() / np.square(change).mean()

    shuffled = synthetic_world(0, shuffled=True)
    assert gain(world, plain) > 0.15
    assert gain(shuffled, trained(shuffled)) < 0.05


@pytest.fixture(scope="module")
def small():
    """Where it does not matter what is learnt."""
    return synthetic_world(0, lines=13, compounds=8)


def test_the_molecule_encoder_is_trained_or_left_alone_as_asked(small):
    one = SETTINGS.model_copy(update={"max_epochs": 1})
    before = network(small).molecule.state_dict()
    for train_molecules in (True, False):
        net, *_ = trained(small, train_molecules=train_molecules, settings=one)
        same = all(torch.equal(tensor, before[name]) for name, tensor in net.molecule.state_dict().items())
        assert same is not train_molecules


def test_hidden_genes_teach_the_network_to_do_with_fewer(world, plain):
    """Scored on a random half of the genes, training with hiding beats training without."""
    from drugripple.genes.space import GeneSpace

    def half_panel_error(outcome):
        net, _, valid, graphs = outcome
        part = np.sort(np.random.default_rng(1).choice(len(net.genes), len(net.genes) // 2, replace=False))
        space = GeneSpace(tuple(net.genes.symbols[i] for i in part))
        profiles = world.perturbations
        small = profiles.restrict(space)
        predicted = predict_profiles(net.restrict(space), small, valid, graphs)
        return np.square(predicted - small.treated[valid]).mean()

    assert half_panel_error(trained(world, hiding=Hiding(chance=1.0))) < half_panel_error(plain)


def test_anchors_teach_that_no_dose_is_no_change(world):
    two = SETTINGS.model_copy(update={"max_epochs": 2})
    profiles = world.perturbations
    change = np.zeros((3, len(profiles.basal.genes)), dtype=np.float32) + 0.1
    anchors = Anchors(change, np.array([0, 1, 2]), profiles.basal.values, 0.0, 10.0, 1.0)

    def untreated_change(outcome):
        net, _, _, graphs = outcome
        vectors = net.molecule.eval()(collate(graphs))
        basal = torch.from_numpy(profiles.basal.values[: len(graphs)])
        with torch.no_grad():
            compound = net.condition(vectors, torch.zeros(len(graphs)), torch.full((len(graphs),), 24.0))
            return (net.perturb(basal, compound).treated - basal).square().mean().item()

    with_anchors, without = (trained(world, settings=two, anchors=given) for given in (anchors, None))
    assert untreated_change(with_anchors) < 0.5 * untreated_change(without)


def test_the_same_seed_gives_the_same_network(small):
    two = SETTINGS.model_copy(update={"max_epochs": 2})
    first, second = (trained(small, settings=two, hiding=Hiding())[0].state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_half_precision_learns_what_full_precision_does(world):
    few = SETTINGS.model_copy(update={"max_epochs": 2})
    full, half = (
        trained(world, settings=few.model_copy(update={"precision": precision}))[1].best.valid_loss
        for precision in Precision
    )
    assert half == pytest.approx(full, rel=0.02)


def test_steps_to_compile_are_refused(world):
    with pytest.raises(ConfigError, match="leave it out of the training settings of stage 1"):
        trained(world, settings=SETTINGS.model_copy(update={"compiled": True}))
