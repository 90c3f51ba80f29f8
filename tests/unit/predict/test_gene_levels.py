"""Genes that were scaled one by one are moved to the training's levels with a word, or refused; others are left."""

import numpy as np
import pytest

from drugripple.data.tables import ExpressionScale, ExpressionTable
from drugripple.errors import ScaleError
from drugripple.genes.ranks import normal_scores
from drugripple.genes.space import GeneSpace
from drugripple.predict.gene_levels import at_training_levels
from drugripple.predictors.multi_trait_gp.sample_kernel import SampleKernel

GENES = GeneSpace(tuple(f"G{i}" for i in range(200)))
LEVELS = np.random.default_rng(0).uniform(3, 13, 200)


def table(seed, samples, scale=ExpressionScale.RMA):
    noise = np.random.default_rng(seed).normal(0, 1, (samples, 200))
    names = tuple(f"s{i}" for i in range(samples))
    return ExpressionTable(names, GENES, (LEVELS + noise).astype(np.float32), scale)


def changed(own, values, scale=ExpressionScale.GENE_Z):
    return ExpressionTable(own.samples, own.genes, values.astype(np.float32), scale)


KERNEL = SampleKernel.fit(table(1, 60))


def by_gene(own):
    return (own.values - own.values.mean(axis=0)) / own.values.std(axis=0)


@pytest.mark.parametrize("form", [lambda x: x, np.exp2, lambda x: (x - 8) / 3], ids=["rma", "linear", "z of samples"])
@pytest.mark.parametrize("samples", [1, 12])
def test_levels_that_agree_are_told_and_nothing_is_changed(form, samples):
    own = table(2, samples)
    own = changed(own, form(own.values), ExpressionScale.SAMPLE_Z)
    found = at_training_levels(KERNEL, own)
    np.testing.assert_array_equal(found.values, own.values)
    assert "ranked as they are" in found.notes[-1]


@pytest.mark.parametrize("form", [by_gene, lambda own: own.values - own.values.mean(axis=0)], ids=["z", "centred"])
@pytest.mark.parametrize("genes", [200, 120])
def test_genes_without_levels_are_moved_to_those_of_training(form, genes):
    own = table(3, 40)
    part = GeneSpace(GENES.symbols[:genes])
    found = at_training_levels(KERNEL, changed(own, form(own)).restrict(part))
    assert "takes the mean and spread that it has in training" in found.notes[-1]
    ours, truth = (normal_scores(one.restrict(part).values).astype(float) for one in (found, own))
    assert np.corrcoef(ours.ravel(), truth.ravel())[0, 1] > 0.97
    assert np.corrcoef(normal_scores(form(own)).astype(float)[:, :genes].ravel(), truth.ravel())[0, 1] < 0.5


def test_too_few_samples_without_levels_are_refused():
    own = table(3, 9)
    with pytest.raises(ScaleError, match=r"correlation -?0\.\d\d.*9 samples are too few.*10 are needed"):
        at_training_levels(KERNEL, changed(own, by_gene(own)))


def test_a_model_that_learnt_from_scaled_genes_compares_no_levels():
    own = table(4, 60)
    kernel = SampleKernel.fit(changed(own, by_gene(own)))
    few = changed(own, by_gene(own)).take(np.arange(3))
    assert at_training_levels(kernel, few) is few
