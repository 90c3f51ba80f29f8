"""Compounds that training lacks, measured in a few samples."""

from dataclasses import replace

import numpy as np
import pytest
from tests.processes import run_code

from drugripple.data.pair_kind import KINDS, PairKind
from drugripple.data.tables import CompoundTable
from drugripple.errors import GeneSpaceError
from drugripple.genes.space import GeneSpace
from drugripple.predictors.multi_trait_gp.predictor import MultiTraitGP
from drugripple.predictors.multi_trait_gp.settings import Structure
from drugripple.predictors.multi_trait_gp.told_compounds import FOLLOWED

from .test_predictor import SETTINGS, counted, make_responses

TOLD, OTHER = 8, 9
"""Compounds that training lacks."""


def fitted(responses, embed=None):
    """Knows 34 of 40 samples and eight of ten compounds."""
    structure = Structure.FINGERPRINT if embed is None else Structure.MINIMOL
    model = MultiTraitGP(SETTINGS.model_copy(update={"structure": structure, "max_steps": 2}), embed=embed or counted)
    inside = np.flatnonzero((responses.sample_row < 34) & (responses.compound_row < 8))
    model.fit(responses.take(inside), responses.take(inside[:0]), seed=0)
    return model


@pytest.fixture(scope="module")
def responses():
    return make_responses()


@pytest.fixture(scope="module")
def model(responses):
    return fitted(responses)


def measured(responses, samples, compound=TOLD):
    rows = [np.flatnonzero((responses.sample_row == s) & (responses.compound_row == compound))[0] for s in samples]
    return responses.take(np.array(rows))


def of_compound(responses, compound=TOLD):
    return responses.take(np.flatnonzero(responses.compound_row == compound))


def dense(model, responses, samples, values, followed=FOLLOWED):
    """Mean and variance of a measurement in all 40 samples, by the joint normal distribution of all that is unknown.

    y_i = μ + f_i·B + f̂_i·(β - B) + r_i,    the variance times τ
    """
    traits, table = model.traits, responses.expression
    columns = traits.columns(responses.compounds.take(np.array([TOLD])), None)
    n, c = len(table), len(traits.compounds)
    covariances, left = traits.posterior.covariances, columns.left[0]
    shared, own = np.trace(covariances.shared) / c, np.trace(covariances.own) / c
    inverse, deviations = np.linalg.inv(traits.deviation_head.shape), traits.deviations(table)
    of_training = traits.posterior.deviations
    coefficients = (shared + own) * inverse / np.mean([f @ inverse @ f for f in of_training])
    length, similarity = np.array([f @ coefficients @ f for f in deviations]), traits.kernel.among(table)
    beta, first, last = slice(1, 1 + c), 1 + c, 1 + c + n * c
    joint = np.zeros((last + n, last + n))
    joint[0, 0] = columns.variance[0]
    joint[beta, beta] = followed * left * coefficients
    for i, covariance in enumerate(traits.covariances(table)):
        block = slice(first + i * c, first + (i + 1) * c)
        joint[block, block] = covariance
    lacking = np.maximum(shared * np.diag(similarity) + own - length, 0)
    rest = (1 - followed) * (shared * similarity + own * np.eye(n)) + followed * np.diag(lacking)
    joint[last:, last:] = left * rest
    mean = np.concatenate([columns.mean, np.zeros(c), deviations.ravel(), np.zeros(n)])
    seen = np.zeros((n, len(mean)))
    seen[:, 0], seen[:, beta] = 1, deviations
    for i in range(n):
        seen[i, first + i * c : first + (i + 1) * c] = columns.weights[:, 0]
        seen[i, last + i] = 1
    noise = np.median(covariances.noise)
    chosen = seen[samples]
    of_measurements = chosen @ joint @ chosen.T + noise * np.eye(len(samples))
    gain = joint @ chosen.T @ np.linalg.inv(of_measurements)
    spread = spread_of(values - chosen @ mean, of_measurements - columns.variance[0])
    mean = mean + gain @ (values - chosen @ mean)
    left = joint - gain @ chosen @ joint
    return seen @ mean, spread * (np.diag(seen @ left @ seen.T) + noise)


def spread_of(beyond, covariance):
    """τ by generalised least squares: whitened, the measurements are regressed on their common mean."""
    if not len(beyond):
        return 1.0
    whiten = np.linalg.inv(np.linalg.cholesky(covariance))
    _, squares, _, _ = np.linalg.lstsq(whiten.sum(axis=1)[:, None], whiten @ beyond, rcond=None)
    return (10 + squares.sum()) / (10 + len(beyond) - 1)


@pytest.mark.parametrize("samples", [[3], [3, 17, 36], [35, 38], [0, 5, 11, 30, 34, 39]])
def test_answers_are_those_of_the_dense_gaussian_process(model, responses, samples):
    """Measured in training samples, in new ones, or in both; asked about in all."""
    told = measured(responses, samples)
    mean, variance = dense(model, responses, samples, told.values)
    found, deviation = model.condition(told).predict_with_sd(of_compound(responses).pairs)
    np.testing.assert_allclose(found, mean, atol=1e-8)
    np.testing.assert_allclose(deviation**2, variance, rtol=1e-8)


def test_the_dense_process_without_measurements_is_the_model(model, responses):
    mean, variance = dense(model, responses, [], np.zeros(0), followed=0.0)
    found, deviation = model.predict_with_sd(of_compound(responses).pairs)
    np.testing.assert_allclose(found, mean, atol=1e-8)
    np.testing.assert_allclose(deviation**2, variance, rtol=1e-8)


def test_measurements_help_on_average_over_worlds_and_more_help_more():
    """Squared error in samples that nobody measured; of six worlds and two compounds each."""
    errors = []
    for seed in range(6):
        responses = make_responses(seed=seed)
        model = fitted(responses)
        for compound in (TOLD, OTHER):
            order = np.random.default_rng(seed).permutation(40)
            asked = measured(responses, order[10:], compound)
            knowing = [model] + [model.condition(measured(responses, order[:k], compound)) for k in (1, 3, 10)]
            errors.append([((one.predict(asked.pairs) - asked.values) ** 2).mean() for one in knowing])
    mean = np.mean(errors, axis=0)
    assert mean[1] < 0.8 * mean[0]
    assert mean[3] < mean[2] < mean[1]


def test_order_and_grouping_of_measurements_do_not_matter(model, responses):
    told = measured(responses, [3, 17, 36, 38])
    asked = of_compound(responses).pairs
    expected = np.stack(model.condition(told).predict_with_sd(asked))
    assert np.array_equal(np.stack(model.condition(told.take(np.array([2, 0, 3, 1]))).predict_with_sd(asked)), expected)
    for parts in ([0], [1, 2, 3]), ([2, 3], [1, 0]), ([3], [0], [2], [1]):
        one = model
        for part in parts:
            one = one.condition(told.take(np.array(part)))
        assert np.array_equal(np.stack(one.predict_with_sd(asked)), expected)


def test_measurements_of_known_compounds_may_come_before_with_or_after(model, responses):
    new, known = measured(responses, [36, 38]), measured(responses, [36, 37], compound=1)
    both = responses.take(np.concatenate([np.flatnonzero(np.isin(responses.sample_row, [36, 38]) &
        (responses.compound_row == TOLD)), np.flatnonzero(np.isin(responses.sample_row, [36, 37]) &
        (responses.compound_row == 1))]))  # fmt: skip
    ways = [model.condition(both), model.condition(new).condition(known), model.condition(known).condition(new)]
    answers = [np.stack(one.predict_with_sd(responses.pairs)) for one in ways]
    assert np.array_equal(answers[0], answers[1])
    assert np.array_equal(answers[0], answers[2])
    of_known = responses.take(np.flatnonzero(responses.compound_row == 1)).pairs
    assert np.array_equal(ways[0].predict(of_known), model.condition(known).predict(of_known))
    assert set(ways[0].traits.measured) == {"line36", "line37"}


def test_repeats_of_a_pair_count_as_one_measurement_of_their_mean(model, responses):
    told, asked = measured(responses, [5]), of_compound(responses).pairs
    apart = [model.condition(replace(told, values=told.values + shift)) for shift in (-1, 1)]
    twice = apart[0].condition(replace(told, values=told.values + 1))
    np.testing.assert_allclose(twice.predict(asked), model.condition(told).predict(asked), atol=1e-12)


def test_repeats_in_any_order_give_the_same_bits(model, responses):
    told, asked = measured(responses, [5]), of_compound(responses).pairs
    answers = []
    for order in ((1e16, 1.0, -1e16), (1e16, -1e16, 1.0), (1.0, 1e16, -1e16)):
        one = model
        for value in order:
            one = one.condition(replace(told, values=np.array([value])))
        answers.append(one.predict(asked))
    assert np.array_equal(answers[0], answers[1])
    assert np.array_equal(answers[0], answers[2])


def test_no_measurement_changes_nothing(model, responses):
    none = model.condition(responses.take(np.arange(0)))
    answers = [np.stack(one.predict_with_sd(responses.pairs)) for one in (none, model)]
    assert np.array_equal(*answers)


def test_other_compounds_and_kinds_stay(model, responses):
    told = model.condition(measured(responses, [3, 36]))
    others = responses.take(np.flatnonzero(responses.compound_row != TOLD)).pairs
    np.testing.assert_allclose(told.predict(others), model.predict(others), atol=1e-12)
    asked = of_compound(responses).pairs
    kinds = told.traits.kind(asked, told.columns(asked.compounds))
    assert {KINDS[i] for i in kinds[:34]} == {PairKind.NEW_COMPOUND}
    assert {KINDS[i] for i in kinds[34:]} == {PairKind.NEW_BOTH}


def test_a_salt_of_it_is_the_same_compound(model, responses):
    told = model.condition(measured(responses, [3, 36]))
    salt = CompoundTable.from_smiles([responses.compounds.smiles[TOLD] + ".Cl"])
    asked = of_compound(responses).pairs
    as_salt = replace(asked, compounds=salt, compound_row=np.zeros(len(asked), dtype=np.int64))
    np.testing.assert_allclose(told.predict(as_salt), told.predict(asked), atol=1e-12)


def with_genes(table, symbols):
    return table.restrict(GeneSpace(tuple(symbols)))


def test_samples_with_different_genes_are_compared_over_those_that_both_have(model, responses):
    """Told of with genes 0 to 54 or with all, asked about with genes 5 to 59."""
    symbols = responses.expression.genes.symbols
    told = measured(responses, [38])
    fewer = replace(told, pairs=replace(told.pairs, expression=with_genes(told.expression, symbols[:55])))
    all_genes = measured(responses, [36])
    conditioned = model.condition(all_genes).condition(fewer)
    kernel = model.traits.kernel
    one, other = (responses.expression.take(np.array([row])) for row in (36, 37))
    found = kernel.between(with_genes(one, symbols[:55]), with_genes(other, symbols[5:]))[0, 0]
    both = responses.expression.take(np.array([36, 37])).restrict(GeneSpace(symbols[5:55]))
    assert found == pytest.approx(kernel.among(both)[0, 1], abs=1e-9)
    asked = of_compound(responses).pairs
    other_genes = replace(asked, expression=with_genes(responses.expression, symbols[5:]))
    assert np.isfinite(conditioned.predict_with_sd(other_genes)).all()
    assert conditioned.predict(asked)[37] == pytest.approx(
        model.condition(told).condition(all_genes).predict(asked)[37], abs=0.2
    )


def test_samples_with_too_few_genes_are_refused(model, responses):
    told = measured(responses, [36])
    few = with_genes(told.expression, told.expression.genes.symbols[:20])
    with pytest.raises(GeneSpaceError, match="share 20 genes"):
        model.condition(replace(told, pairs=replace(told.pairs, expression=few)))


@pytest.mark.parametrize("embed", [None, counted])
def test_another_process_loads_the_same_answers(responses, tmp_path, embed):
    told = measured(responses, [3, 17, 36]), measured(responses, [36, 39], OTHER), measured(responses, [36], 2)
    model = fitted(responses, embed)
    for part in told:
        model = model.condition(part)
    model.save(tmp_path / "model")
    asked = of_compound(responses).pairs, of_compound(responses, OTHER).pairs
    expected = np.stack([model.predict_with_sd(one) for one in asked])
    loaded = MultiTraitGP.load(tmp_path / "model")
    assert np.array_equal(np.stack([loaded.predict_with_sd(one) for one in asked]), expected)
    code = (
        "import numpy as np, sys; sys.path.insert(0, sys.argv[2])\n"
        "from pathlib import Path\n"
        "from test_predictor import MultiTraitGP, make_responses\n"
        "model, table = MultiTraitGP.load(Path(sys.argv[1])), make_responses()\n"
        "asked = [table.take(np.flatnonzero(table.compound_row == c)).pairs for c in (8, 9)]\n"
        "np.save(Path(sys.argv[1]) / 'answer.npy', [model.predict_with_sd(one) for one in asked])\n"
    )
    here = __file__.rsplit("/", 1)[0]
    run_code(code, tmp_path / "model", here)
    assert np.array_equal(np.load(tmp_path / "model" / "answer.npy"), expected)


def test_a_loaded_model_takes_further_measurements(model, responses, tmp_path):
    first, second = measured(responses, [3, 36]), measured(responses, [7, 38])
    model.condition(first).save(tmp_path / "model")
    asked = of_compound(responses).pairs
    later = MultiTraitGP.load(tmp_path / "model").condition(second)
    assert np.array_equal(later.predict(asked), model.condition(first).condition(second).predict(asked))


def test_a_compound_whose_measurements_spread_more_has_wider_intervals(model, responses):
    told, asked = measured(responses, range(20)), of_compound(responses).pairs
    middle = told.values.mean()
    narrow, wide = (replace(told, values=middle + factor * (told.values - middle)) for factor in (0.2, 5.0))
    deviations = [model.condition(one).predict_with_sd(asked)[1] for one in (narrow, told, wide)]
    assert (deviations[0] < deviations[1]).all()
    assert (2 * deviations[1] < deviations[2]).all()


def test_one_measurement_tells_nothing_of_the_spread(model, responses):
    told, asked = measured(responses, [3]), of_compound(responses).pairs
    far = replace(told, values=told.values + 20)
    np.testing.assert_allclose(*(model.condition(one).predict_with_sd(asked)[1] for one in (told, far)), rtol=1e-12)


def test_measurements_show_which_compound_it_follows(responses):
    """The compound does what one of training does, which structure does not say: samples that nobody measured."""
    before, after = [], []
    for seed in range(4):
        world = make_responses(seed=seed)
        model, follows = fitted(world), 2
        grid = model.traits.posterior.mean + model.traits.posterior.deviations
        values = np.array([grid[int(row), follows] if row < 34 else 0.0 for row in of_compound(world).sample_row])
        follower = replace(of_compound(world), values=values)
        order = np.random.default_rng(seed).permutation(34)
        asked = follower.take(np.flatnonzero(np.isin(follower.sample_row, order[20:])))
        knowing = model.condition(follower.take(np.flatnonzero(np.isin(follower.sample_row, order[:20]))))
        before.append(np.corrcoef(model.predict(asked.pairs), asked.values)[0, 1])
        after.append(np.corrcoef(knowing.predict(asked.pairs), asked.values)[0, 1])
    assert np.mean(after) > np.mean(before) + 0.1
    assert np.mean(after) > 0.9
