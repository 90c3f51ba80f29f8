"""Masked atoms: which are hidden, what is guessed, and that a few molecules can be learnt by heart."""

import math

import pytest
import torch

from drugripple.chem.graph import ELEMENTS, build_graph
from drugripple.chem.molecule import standardise
from drugripple.data.molecule_batch import collate
from drugripple.errors import ConfigError, TrainingError
from drugripple.model.mat.encoder import MatConfig, MoleculeAttentionTransformer
from drugripple.training.molecules import (
    MaskedNodeModel,
    choose_masked,
    guess_loss,
    guess_masked,
    pretrain_masked_nodes,
    size_groups,
)
from drugripple.training.settings import TrainingSettings

SMILES = ["CC(=O)Oc1ccccc1C(=O)O", "Cn1cnc2c1c(=O)n(C)c(=O)n2C", "CC(C)Cc1ccc(cc1)C(C)C(=O)O", "OCC1OC(O)C(O)C(O)C1O"]
SETTINGS = TrainingSettings(learning_rate=3e-3, weight_decay=0, batch=4, max_epochs=4, patience=4, cosine_epochs=4)


def fresh(width=16):
    torch.manual_seed(0)
    return MaskedNodeModel(MoleculeAttentionTransformer(MatConfig(d_model=width, layers=2, heads=4)))


@pytest.fixture(scope="module")
def graphs():
    return [build_graph(standardise(text)) for text in SMILES]


def test_a_share_of_atoms_is_masked_and_never_the_dummy_or_padding(graphs):
    molecules = collate([build_graph(standardise("C")), *graphs])
    masked = choose_masked(molecules.mask, 0.15, torch.Generator().manual_seed(1))
    assert masked.sum(1).tolist() == [1, 2, 2, 2, 2]  # 1, 13, 14, 15 and 12 atoms
    assert not masked[:, 0].any()
    assert not (masked & ~molecules.mask).any()


def test_every_atom_is_masked_sooner_or_later():
    mask = torch.ones(2000, 6, dtype=torch.bool)
    often = choose_masked(mask, 0.2, torch.Generator().manual_seed(0)).double().mean(0)
    assert torch.allclose(often[1:], torch.full((5,), 0.2, dtype=torch.float64), atol=0.05)


def test_masked_features_are_not_seen(graphs):
    model = fresh().eval()
    molecules = collate(graphs[:1])
    masked = torch.zeros_like(molecules.mask)
    masked[0, 4] = True
    guess = model(molecules, masked)
    molecules.atoms[0, 4] = torch.rand(28)
    assert torch.equal(model(molecules, masked), guess)
    molecules.atoms[0, 5] = torch.rand(28)
    assert not torch.allclose(model(molecules, masked), guess)


def test_loss_of_even_guesses_is_the_log_of_the_number_of_classes(graphs):
    atoms = torch.from_numpy(graphs[0].atoms[1:3])
    expected = 2 * (math.log(11) + math.log(6) + math.log(5) + math.log(3) + 2 * math.log(2))
    assert guess_loss(torch.zeros(2, 27), atoms).item() == pytest.approx(expected)


def test_loss_of_certain_and_right_guesses_is_zero(graphs):
    atoms = torch.from_numpy(graphs[0].atoms[1:])
    assert guess_loss((atoms[:, 1:] - 0.5) * 100, atoms).item() == pytest.approx(0, abs=1e-6)


def test_groups_hold_every_molecule_once_and_neighbours_in_size():
    groups = size_groups([5, 1, 9, 2, 7], 2)
    assert groups == [[1, 3], [0, 4], [2]]


def test_few_molecules_are_learnt_by_heart(graphs):
    model = fresh(32)
    settings = TrainingSettings(
        learning_rate=1e-2, weight_decay=0, batch=8, max_epochs=80, patience=80, cosine_epochs=80
    )
    before = guess_masked(model.eval(), graphs[:1], share=0.15)
    pretrain_masked_nodes(model, graphs[:1] * 8, graphs[:1], settings, seed=0)
    after = guess_masked(model, graphs[:1], share=0.15)
    assert before.loss > 5
    assert after.loss < 1
    assert after.accuracy["element"] == 1


def test_same_seed_masks_the_same_atoms_and_majority_is_counted_among_them(graphs):
    model = fresh().eval()
    one, other = guess_masked(model, graphs, seed=5), guess_masked(model, graphs, seed=5)
    assert one == other
    assert one.atoms == 8
    assert one.majority["charge"] == 1
    carbon = torch.cat([torch.from_numpy(graph.atoms[1:, 1 + ELEMENTS.index(6)]) for graph in graphs]).mean()
    everything = guess_masked(model, graphs, share=1.0)
    assert everything.majority["element"] == pytest.approx(carbon.item())
    assert everything.atoms == 54


def test_progress_counts_the_molecules_of_each_epoch(graphs):
    calls = []
    pretrain_masked_nodes(fresh(), graphs, graphs, SETTINGS, seed=0, progress=lambda *call: calls.append(call[1:]))
    assert calls == [(4, 4)] * 4


def test_nothing_to_train_on_is_refused(graphs):
    with pytest.raises(TrainingError, match="0 molecules to train on and 4 to validate on"):
        pretrain_masked_nodes(fresh(), [], graphs, SETTINGS, seed=0)


def test_steps_to_compile_are_refused(graphs):
    settings = SETTINGS.model_copy(update={"compiled": True})
    with pytest.raises(ConfigError, match="leave it out of the training settings of stage 0"):
        pretrain_masked_nodes(fresh(), graphs, graphs, settings, seed=0)
