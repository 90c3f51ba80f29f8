from dataclasses import replace

import numpy as np
import pytest

from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.genes.space import GeneSpace
from drugripple.predict.domain import CompoundDomain, SampleDomain, namesakes, same_samples
from drugripple.predict.own_samples import OwnSamples
from drugripple.predictors.multi_trait_gp.compound_similarity import CompoundDescriptions
from drugripple.predictors.multi_trait_gp.predictor import MultiTraitGP
from drugripple.predictors.multi_trait_gp.settings import MultiTraitSettings, Structure

SMILES = ("CC(=O)Oc1ccccc1C(=O)O", "OC(=O)c1ccccc1O", "CCCCCCCCCC", "C1CCNCC1")


def table(states, names, seed=0):
    """Samples whose 300 genes follow eight latent states, with little noise."""
    loadings = np.random.default_rng(7).standard_normal((8, 300))
    noise = np.random.default_rng(seed).normal(scale=0.3, size=(len(states), 300))
    genes = GeneSpace(tuple(f"G{i}" for i in range(300)))
    return ExpressionTable(tuple(names), genes, states @ loadings + noise, ExpressionScale.RMA)


@pytest.fixture(scope="module")
def states():
    return np.random.default_rng(1).standard_normal((60, 8))


@pytest.fixture(scope="module")
def traits(states):
    expression = table(states, [f"LINE-{i}" for i in range(60)])
    sample, compound = (part.ravel() for part in np.indices((60, 4)))
    values = states[sample, compound % 3]
    responses = ResponseTable.of(expression, CompoundTable.from_smiles(SMILES), sample, compound, values)
    model = MultiTraitGP(MultiTraitSettings(structure=Structure.FINGERPRINT, max_steps=1))
    model.fit(responses, responses.take(np.arange(0)), seed=0)
    return model.traits


def test_samples_like_training_are_in_domain_and_noise_is_not(traits):
    like = table(np.random.default_rng(2).standard_normal((20, 8)), [f"mine{i}" for i in range(20)], seed=3)
    reasons = SampleDomain.of(traits, like).reasons()
    assert sum(reason == "" for reason in reasons) >= 18
    noise = ExpressionTable(
        ("odd",), like.genes, np.random.default_rng(4).standard_normal((1, 300)), ExpressionScale.RMA
    )
    (reason,) = SampleDomain.of(traits, noise).reasons()
    assert reason.startswith("nearest training sample correlates 0.")


def test_a_sample_is_known_only_if_name_and_expression_agree(traits, states):
    asked = table(states[[5, 6, 7]], ["line_5", "LINE-9", "other"], seed=9)
    domain = SampleDomain.of(traits, asked)
    assert same_samples(traits, asked, domain).tolist() == [traits.kernel.samples.index("LINE-5"), -1, -1]
    assert namesakes(traits, asked).tolist() == [True, True, False]
    own = OwnSamples.of(traits, asked)
    assert own.expression.samples == ("LINE-5", "LINE-9 (new)", "other")
    assert own.names == ("line_5", "LINE-9", "other")


def test_names_are_compared_as_the_audit_compares_them(traits):
    kernel = replace(traits.kernel, samples=("TT", "T-T", *traits.kernel.samples[2:]))
    asked = replace(
        table(np.zeros((2, 8)), ["T-T", "TT_THYROID"]), values=traits.kernel.scores[[1, 0]].astype(np.float64)
    )
    other = replace(traits, kernel=kernel)
    assert same_samples(other, asked, SampleDomain.of(other, asked)).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("scale", "told"),
    [(ExpressionScale.LOG2_CPM, True), (ExpressionScale.VST, True), (ExpressionScale.LOG2_TPM, False)],
)
def test_counts_without_the_lengths_of_genes_are_told_with_what_they_cost(traits, states, scale, told):
    own = OwnSamples.of(traits, replace(table(states[[5]], ["mine"], seed=9), scale=scale))
    assert any("lengths of genes stay in the values" in note and "0.8 at most" in note for note in own.notes) == told


def test_genes_in_the_order_of_a_file_are_brought_into_that_of_training(traits, states):
    asked = table(states[[5]], ["mine"], seed=9)
    turned = asked.restrict(GeneSpace(asked.genes.symbols[::-1]))
    own = OwnSamples.of(traits, turned)
    assert own.expression.genes == traits.kernel.genes
    np.testing.assert_array_equal(own.expression.values, asked.values)


def test_two_profiles_of_one_training_sample_are_told_apart(traits, states):
    own = OwnSamples.of(traits, table(states[[5, 5]], ["LINE-5", "line5"], seed=9))
    assert own.expression.samples == ("LINE-5", "LINE-5 (again)")


def test_compounds_name_their_nearest_and_what_is_strange(traits):
    asked = CompoundTable.from_smiles([SMILES[1], "CC(=O)Oc1ccccc1C(N)=O", "[SiH3][SiH3]", "C" * 40])
    domain = CompoundDomain.of(traits, CompoundDescriptions.of(asked), traits.places(asked))
    parents = [molecule.parent for molecule in traits.compounds.molecules]
    assert parents[domain.nearest[0]] == asked.smiles[0]
    assert (domain.place >= 0).tolist() == [True, False, False, False]
    known, near, strange, large = domain.reasons()
    assert known == near == ""
    assert strange == "its most similar training compound has Tanimoto 0.000, below 0.2"
    assert large.endswith("it has more than the 13 heavy atoms of the largest training compound")


@pytest.mark.parametrize(("genes", "inside"), [(199, False), (200, True)])
def test_with_few_genes_no_sample_is_in_domain(traits, states, genes, inside):
    part = table(states[:3], ["a", "b", "c"]).restrict(GeneSpace(tuple(f"G{i}" for i in range(genes))))
    reasons = SampleDomain.of(traits, part).reasons()
    assert all(reason == "" for reason in reasons) is inside
    if not inside:
        assert all(reason.startswith("199 training genes were measured; below 200") for reason in reasons)


def test_samples_outside_are_named_by_the_users_names(traits, states):
    odd = np.random.default_rng(4).standard_normal((1, 300))
    asked = table(states[[5, 6]], ["mine", "odd one"], seed=9)
    own = OwnSamples.of(traits, replace(asked, values=np.concatenate([asked.values[:1], odd])))
    (note,) = own.outside
    assert note.startswith("1 of 2 samples is outside the model's domain: ['odd one'] (nearest training sample correl")
    assert own.take(np.array([0])).outside == ()
