"""Which training samples a compound that training lacks is measured in next."""

from dataclasses import replace

import numpy as np
import pytest

from drugripple.predictors.multi_trait_gp import next_samples as choosing
from drugripple.predictors.multi_trait_gp.told_posteriors import Among

from .test_predictor import make_responses
from .test_told_compounds import OTHER, TOLD, fitted, measured, of_compound, with_genes


@pytest.fixture(scope="module")
def responses():
    return make_responses()


@pytest.fixture(scope="module")
def model(responses):
    return fitted(responses)


def variance(model, responses):
    """Of a measurement of the compound in each training sample, as if it spread as expected."""
    asked = of_compound(responses).pairs
    training = asked.take(np.flatnonzero(asked.sample_row < 34))
    (told,) = model.traits._told_posteriors.found.values()
    return model.predict_with_sd(training)[1] ** 2 / told.spread


@pytest.mark.parametrize("before", [[], [3, 36], [20]])
def test_the_sample_to_measure_next_leaves_the_least_variance_over_training_samples(model, responses, before):
    """Against telling every training sample in turn."""
    knowing = model.condition(measured(responses, before)) if before else model
    compound = responses.compounds.take(np.array([TOLD]))
    (chosen,) = knowing.next_samples(compound, 40)
    free = [row for row in range(34) if row not in before]
    assert sorted(chosen) == sorted(f"line{row:02}" for row in free)
    left = {row: variance(knowing.condition(measured(responses, [row])), responses).sum() for row in free}
    best = min(left, key=left.get)
    assert chosen[0] == f"line{best:02}"
    assert knowing.condition(measured(responses, [best])).next_samples(compound, 3) == [chosen[1:4]]
    beside = knowing.condition(measured(responses, range(34, 40), OTHER))  # these samples are none of training
    assert beside.next_samples(compound, 40) == [chosen]
    offered = responses.expression.take(np.array([5, 11, 30, 37]))
    assert sorted(*knowing.next_samples(compound, 9, offered)) == ["line05", "line11", "line30"]


def test_samples_with_different_genes_count_in_a_choice_as_in_a_prediction(monkeypatch):
    """Three samples, each like the second over the genes that they share, and two of them unlike each other."""
    responses = make_responses(genes=180)
    model, symbols, values = fitted(responses), responses.expression.genes.symbols, responses.expression.values
    one, other = values[3], values[8]
    profiles = {
        "x": (one, symbols[:120]),
        "y": (np.concatenate([one[:120], other[120:]]), symbols[60:]),
        "z": (other, symbols[120:] + symbols[:60]),
    }
    for number, (name, (profile, genes)) in enumerate(profiles.items()):
        table = replace(responses.expression.take(np.array([0])), samples=(name,), values=profile[None])
        told = measured(responses, [0])
        told = replace(
            told, values=np.array([float(number)]), pairs=replace(told.pairs, expression=with_genes(table, genes))
        )
        model = model.condition(told)
    compound, left = responses.compounds.take(np.array([TOLD])), []
    similarity = Among.of(model.traits, sorted(profiles), model.columns(compound).weights).similarity
    assert np.linalg.eigvalsh(similarity)[0] < -0.1

    def choose(covariance, noise, number, *, allowed):
        left.append(np.diag(covariance) + noise)
        return np.flatnonzero(allowed)[:number]

    monkeypatch.setattr(choosing, "most_informative", choose)
    model.next_samples(compound, 1)
    np.testing.assert_allclose(left[0], variance(model, responses), rtol=1e-10)


def test_every_compound_is_chosen_for_apart(model, responses):
    one, other = (responses.compounds.take(np.array([row])) for row in (TOLD, OTHER))
    both = responses.compounds.take(np.array([TOLD, OTHER]))
    assert model.next_samples(both, 5) == [*model.next_samples(one, 5), *model.next_samples(other, 5)]
