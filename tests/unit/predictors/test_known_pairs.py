import numpy as np
import pytest

from drugripple.errors import ConfigError, TrainingError
from drugripple.predictors import load
from drugripple.predictors.known_pairs import KnownPairEnsemble
from drugripple.predictors.naive import GlobalMean, MeanEffects, NearestDrug


@pytest.fixture(scope="module")
def made(world):
    known = (world.sample_row < 10) & (world.compound_row < 6)
    train = world.take(np.flatnonzero(known))
    model = KnownPairEnsemble(NearestDrug(), GlobalMean(), 0.25, name="pair")
    model.fit(train, train.take(np.arange(0)), seed=0)
    return model, train, known


def test_known_pairs_are_a_quarter_of_the_way_to_the_second(made, world):
    model, train, known = made
    first = model.every.predict(world.pairs)
    given = model.predict(world.pairs)
    np.testing.assert_allclose(given[known], 0.75 * first[known] + 0.25 * train.values.mean())
    assert known.any()


def test_all_other_pairs_are_the_first_to_the_last_bit(made, world):
    model, _, known = made
    assert (~known).any()
    np.testing.assert_array_equal(model.predict(world.pairs)[~known], model.every.predict(world.pairs)[~known])


def test_the_second_is_asked_about_known_pairs_alone(made, world, monkeypatch):
    model, _, known = made
    asked = []
    monkeypatch.setattr(model.known, "predict", lambda pairs: asked.append(len(pairs)) or np.zeros(len(pairs)))
    model.predict(world.pairs)
    model.predict(world.pairs.take(np.flatnonzero(~known)))
    assert asked == [known.sum()]


def test_a_saved_one_answers_the_same(made, world, tmp_path):
    model, *_ = made
    model.save(tmp_path / "saved")
    again = load(tmp_path / "saved")
    assert (type(again), again.weight, again.name, again.measure) == (KnownPairEnsemble, 0.25, "pair", world.measure)
    np.testing.assert_array_equal(again.predict(world.pairs), model.predict(world.pairs))


@pytest.mark.parametrize("weight", [0.0, 1.0, -1.0, float("nan")])
def test_a_weight_that_leaves_one_out_is_refused(weight):
    with pytest.raises(ConfigError, match="give one between 0 and 1"):
        KnownPairEnsemble(MeanEffects(), GlobalMean(), weight, name="pair")


def test_it_answers_nothing_before_it_is_fitted(world, tmp_path):
    model = KnownPairEnsemble(MeanEffects(), GlobalMean(), 0.5, name="pair")
    with pytest.raises(TrainingError, match="has learnt nothing yet"):
        model.predict(world.pairs)
    with pytest.raises(TrainingError, match="has learnt nothing yet"):
        model.save(tmp_path / "saved")
