"""Presets: each is what its name says, and its networks differ in what is asked for alone."""

import numpy as np
import pytest
import torch

from drugripple.errors import ConfigError
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.space import GeneSpace
from drugripple.model.network import PerturbationNet, ResponseNet
from drugripple.model.presets import FORM, Preset
from drugripple.model.settings import Apply, Freeze, HeadBasal, Initialisation, MatSettings, Output, Pooling
from drugripple.model.shipped import card_of
from drugripple.predictors.backbone import BackboneSource
from drugripple.predictors.csg2a_settings import NetworkSettings, Reads, Target
from drugripple.recipes.pretrain.settings import PretrainRun

GENES = GeneSpace(("TP53", "MYC", "EGFR"))


def stage_one(preset):
    tiny = MatSettings(width=8, layers=1, heads=2)
    return PerturbationNet(
        InteractionPrior(GENES, np.array([[0, 1]]), "by hand"), preset.perturbation(molecule=tiny, hidden=2)
    )


def test_the_paper_has_no_bias_outside_its_molecule_encoder_and_no_loops():
    net = ResponseNet(stage_one(Preset.PAPER), Preset.PAPER.response())
    biases = [name for name, _ in net.named_parameters() if name.endswith("bias") and ".molecule." not in name]
    assert biases == []
    assert net.backbone.attention.fixed_scores().toarray().tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert net.backbone.settings.output is Output.PROFILE
    assert net.backbone.settings.init is Initialisation.NORMAL
    assert net.settings.freeze is Freeze.TRUE


def test_the_authors_code_sums_rows_drops_a_tenth_of_the_condition_and_keeps_hydrogens():
    made = Preset.RELEASED.perturbation(dropout=0.4)
    assert (made.apply, made.condition_dropout, made.fallback_keeps_hydrogens) == (Apply.ROWSUM, 0.1, True)
    stage_two = Preset.RELEASED.response()
    assert (stage_two.freeze, stage_two.head_basal) == (Freeze.RELEASED, HeadBasal.RAW)


def test_the_packaged_network_is_of_our_preset():
    ours, card = Preset.DRUGRIPPLE.perturbation(), card_of("shipped").perturbation
    assert {key: getattr(card, key) for key in FORM} == {key: getattr(ours, key) for key in FORM}


@pytest.mark.parametrize("preset", ["paper", "released"])
def test_training_of_the_paper_and_of_the_authors_is_theirs(preset):
    made = NetworkSettings(preset=preset)
    training = made.training
    assert made.target is Target.RAW
    assert (training.learning_rate, training.batch, training.patience, training.max_epochs) == (1e-4, 128, 20, 1000)
    assert (training.weight_decay, training.cosine_epochs) == (1e-5, 20)


def test_our_training_is_ours_but_for_what_is_given():
    made = NetworkSettings.model_validate({"training": {"batch": 64}})
    assert made.target is Target.RESIDUAL
    assert (made.training.batch, made.training.learning_rate, made.training.cosine_epochs) == (64, 1e-3, 36)


@pytest.mark.parametrize("preset", list(Preset))
def test_arms_of_a_preset_differ_in_backbone_and_freeze_alone(preset):
    own = {"preset": preset}
    pretrained, frozen, trained = (
        NetworkSettings.model_validate(own | changes)
        for changes in ({}, {"backbone": "random"}, {"backbone": "random", "response": {"freeze": "none"}})
    )
    assert pretrained.model_copy(update={"backbone": "random"}) == frozen
    response = trained.response.model_copy(update={"freeze": frozen.response.freeze})
    assert trained.model_copy(update={"response": response}) == frozen


@pytest.mark.parametrize("preset", ["paper", "released"])
def test_a_backbone_of_another_form_than_the_named_preset_is_refused(preset):
    with pytest.raises(ConfigError, match=rf"not of the form that preset '{preset}' names: .*output = change"):
        BackboneSource.read(NetworkSettings(preset=preset))


def test_a_backbone_whose_preset_is_not_named_is_taken_as_it_is():
    assert BackboneSource.read(NetworkSettings()).pretrained is not None
    assert BackboneSource.read(NetworkSettings(preset="drugripple")).pretrained is not None


def test_a_table_of_training_in_stage_1_brings_no_weight_decay_and_no_cosine():
    run = PretrainRun.model_validate({"data": "data", "out": "out", "training": {"batch": 64}})
    assert (run.training.batch, run.training.weight_decay, run.training.cosine_epochs) == (64, 0.0, 0)


@pytest.mark.parametrize("pooling", list(Pooling))
def test_a_run_reaches_every_pooling(pooling):
    tiny = MatSettings(width=8, layers=1, heads=2)
    made = Preset.PAPER.perturbation(pooling=pooling, molecule=tiny)
    assert PerturbationNet(InteractionPrior.empty(GENES), made).mat.config.pooling is pooling


@pytest.mark.parametrize(("freeze", "trained"), [("none", True), ("encoder", False), ("true", False)])
def test_only_an_unfrozen_network_trains_its_molecule_encoder(freeze, trained):
    net = ResponseNet(stage_one(Preset.DRUGRIPPLE), Preset.DRUGRIPPLE.response(freeze=freeze)).train()
    assert {p.requires_grad for p in net.backbone.mat.parameters()} == {trained}
    assert net.backbone.mat.training is trained
    assert torch.is_tensor(net.backbone.attention.w_gene)
    assert net.backbone.attention.w_gene.requires_grad is (freeze != "true")


def test_best_is_ours_with_free_vectors_ranks_and_more_weight_decay():
    ours, best = (NetworkSettings(preset=name) for name in ("drugripple", "best"))
    assert (best.reads, best.response.free_rank) == (Reads.RANK, 64)
    assert (ours.reads, ours.response.free_rank) == (Reads.VALUE, 0)
    assert best.response.model_copy(update={"free_rank": 0}) == ours.response
    assert (best.perturbation, best.target) == (ours.perturbation, ours.target)
    assert best.training == ours.training.model_copy(update={"weight_decay": 3e-4})
