"""By whose medians samples are scaled: agreement is said, disagreement moved or refused, and the notes always tell."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from drugripple.data.tables import ExpressionScale, ExpressionTable
from drugripple.errors import ScaleError
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.scaling import RobustScaler
from drugripple.genes.space import GeneSpace
from drugripple.model.checkpoint import Card, ResponseCheckpoint
from drugripple.model.network import PerturbationNet, ResponseNet
from drugripple.model.presets import Preset
from drugripple.predict.choices import Missing
from drugripple.predict.samples import ScaledSamples, TrainedScale, agreement, scale_samples

GENES = GeneSpace(tuple(f"G{i}" for i in range(41)))
MEDIAN = np.linspace(3.0, 11.0, 41)
MAD = np.linspace(0.3, 1.3, 41)


def a_checkpoint():
    torch.manual_seed(0)
    settings = Preset.PAPER.perturbation(hidden=4, encoder="morgan", fingerprint_bits=16)
    prior = InteractionPrior(GENES, np.array([[0, 1]]), "by hand")
    net = ResponseNet(PerturbationNet(prior, settings), Preset.PAPER.response(widths=(5, 3))).eval()
    card = Card(
        kind="response", name="test", perturbation=settings, response=net.settings, genes=GENES.symbols,
        gene_digest=GENES.digest, prior_source=prior.source, expression_scale=ExpressionScale.RMA,
    )  # fmt: skip
    return ResponseCheckpoint(net, RobustScaler(MEDIAN, MAD), card)


CHECKPOINT = a_checkpoint()
TRAINED = TrainedScale.of(CHECKPOINT)


def cohort(samples, scale=ExpressionScale.RMA, change=lambda values: values):
    """Normal samples with the training's medians and MADs."""
    values = MEDIAN + 1.4826 * MAD * np.random.default_rng(0).normal(size=(samples, 41))
    return ExpressionTable(tuple(f"S{i}" for i in range(samples)), GENES, change(values).astype(np.float32), scale)


def by_training(table):
    return RobustScaler(MEDIAN, MAD).transform(table.values)


@pytest.mark.parametrize("samples", [1, 2, 12, 200])
def test_cohort_that_agrees_is_scaled_by_the_training_and_that_is_said(samples):
    table = cohort(samples)
    found = scale_samples(TRAINED, table)
    assert np.array_equal(found.z.numpy(), by_training(table))
    assert "agrees with the training's" in found.notes[-1]
    assert found.notes[-1].endswith("scaled by the training's medians")


DISGUISES = {
    "natural logarithm": lambda values: values * np.log(2),
    "shifted": lambda values: values + 2,
    "another order of genes": lambda values: values[:, ::-1],
    "gene-wise z": lambda values: (values - values.mean(axis=0)) / values.std(axis=0),
    "squeezed": lambda values: MEDIAN + (values - MEDIAN) / 3,
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_cohort_that_disagrees_is_scaled_by_its_own_medians_and_that_is_said(disguise):
    table = cohort(60, change=DISGUISES[disguise])
    found = scale_samples(TRAINED, table)
    assert np.array_equal(found.z.numpy(), RobustScaler.fit(table.values).transform(table.values))
    assert (
        "scaled by the medians of its own 60 samples: it counts as rma, which the network learnt, but"
        in found.notes[-1]
    )


@pytest.mark.parametrize("disguise", ["natural logarithm", "shifted", "another order of genes"])
@pytest.mark.parametrize("samples", [1, 9])
def test_a_few_samples_that_disagree_are_refused(disguise, samples):
    with pytest.raises(ScaleError, match=r"cannot be scaled by the training's medians: it counts as rma.*are needed"):
        scale_samples(TRAINED, cohort(samples, change=DISGUISES[disguise]))


def test_another_scale_is_scaled_by_its_own_medians_or_refused():
    assert (
        "it is log2_tpm, the network learnt rma"
        in scale_samples(TRAINED, cohort(10, ExpressionScale.LOG2_TPM)).notes[-1]
    )
    with pytest.raises(ScaleError, match="9 samples are too few for medians of their own"):
        scale_samples(TRAINED, cohort(9, ExpressionScale.LOG2_TPM))


def z_scores(samples, times=1.0):
    table = cohort(samples)
    drawn = np.random.default_rng(2).normal(scale=times, size=table.values.shape).astype(np.float32)
    return replace(table, values=drawn, scale=ExpressionScale.ROBUST_Z)


def test_robust_z_scores_are_used_as_they_are():
    table = z_scores(3)
    found = scale_samples(TRAINED, table)
    np.testing.assert_allclose(found.z.numpy(), table.values, rtol=1e-6)
    assert found.notes == ("expression is robust z-scores and is used as it is",)


@pytest.mark.parametrize("times", [0.1, 0.3, 3.0])
def test_what_only_lies_around_0_is_no_robust_z_score(times):
    """Log ratios and gene-centred values: scaled by their own medians and spread where these can be told."""
    found = scale_samples(TRAINED, z_scores(40, times))
    assert "around 0 as robust z-scores do, but its values are" in found.notes[-1]
    assert np.median(np.abs(found.z.numpy())) == pytest.approx(0.6745, rel=0.2)
    for few in (1, 9):
        with pytest.raises(ScaleError, match="its values are"):
            scale_samples(TRAINED, z_scores(few, times))


def test_agreement_by_hand():
    """Medians 1, 0, -3 of |1, 0, 3|: the middle is 1; MADs 1, 0, 2: the middle is 1.4826."""
    z = np.array([[0.0, 0.0, -5.0], [1.0, 0.0, -3.0], [2.0, 0.0, -1.0]])
    assert agreement(z)[:2] == (1.0, pytest.approx(1.4826))


def test_chosen_samples_keep_the_scaling_of_the_whole_cohort():
    whole = scale_samples(TRAINED, cohort(12, ExpressionScale.LOG2_TPM))
    few = whole.take(np.array([7, 2]))
    assert few.names == ("S7", "S2")
    assert torch.equal(few.z, whole.z[[7, 2]])
    assert isinstance(few, ScaledSamples)
    assert few.notes == whole.notes


@pytest.fixture(scope="module")
def of_ranks():
    """What a network knows that learnt from ranks of genes within the samples of a cohort."""
    return TrainedScale(GENES, RobustScaler.fit(cohort(200).values, ranked=True), ExpressionScale.RMA)


@pytest.mark.parametrize("samples", [1, 30])
def test_ranks_are_the_same_on_every_scale(of_ranks, samples):
    expected = scale_samples(of_ranks, cohort(samples))
    counts = cohort(samples, ExpressionScale.LOG2_TPM, lambda values: np.sqrt(np.exp2(values)))
    found = scale_samples(of_ranks, counts)
    np.testing.assert_array_equal(found.z, expected.z)
    assert "ranks of log2_tpm" in found.notes[-1]
    assert found.notes[-1].endswith("scaled by the training's medians")


def test_ranks_on_part_of_the_genes_are_ranks_among_these(of_ranks):
    part = GENES.symbols[::2]
    table = cohort(30).restrict(GeneSpace(part))
    found = scale_samples(of_ranks, table, missing=Missing.MEDIAN)
    assert (found.z[:, 1::2] == 0).all()
    assert np.corrcoef(found.z[:, ::2].ravel(), scale_samples(of_ranks, cohort(30)).z[:, ::2].ravel())[0, 1] > 0.9


@pytest.mark.parametrize("scale", [ExpressionScale.ROBUST_Z, ExpressionScale.GENE_Z])
def test_z_scores_of_single_genes_hold_no_ranks(of_ranks, scale):
    with pytest.raises(ScaleError, match="ranks of genes within a sample, which scaling gene by gene has lost"):
        scale_samples(of_ranks, replace(cohort(30), values=by_training(cohort(30)), scale=scale))


def test_ranks_of_z_scores_are_read_by_a_network_that_learnt_from_such():
    values = by_training(cohort(200))
    learnt = TrainedScale(GENES, RobustScaler.fit(values, ranked=True), ExpressionScale.ROBUST_Z)
    table = replace(cohort(200), values=values, scale=ExpressionScale.ROBUST_Z)
    found = scale_samples(learnt, table)
    assert "ranks of robust_z" in found.notes[-1]
    np.testing.assert_allclose(np.median(found.z, axis=0), 0, atol=1e-6)
