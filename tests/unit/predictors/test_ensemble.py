from dataclasses import replace

import pytest

from drugripple.data.measure import Measure
from drugripple.errors import ConfigError
from drugripple.predictors.ensemble import Ensemble
from drugripple.predictors.naive import GlobalMean, GroupMean, Level, MeanEffects


def test_prediction_is_the_weighted_mean_of_the_members(world):
    members = [GlobalMean(), GroupMean((Level.COMPOUND,)), MeanEffects()]
    ensemble = Ensemble(members, (2.0, 1.0, 5.0))
    ensemble.fit(world, world, seed=0)
    one, two, three = (member.predict(world.pairs) for member in members)
    assert ensemble.predict(world.pairs) == pytest.approx((2 * one + two + 5 * three) / 8)


def test_members_may_be_fitted_beforehand(world):
    members = [GlobalMean(), MeanEffects()]
    for member in members:
        member.fit(replace(world, measure=Measure.AUC), world, seed=0)
    ensemble = Ensemble(members)
    assert (ensemble.measure, ensemble.weights) == (Measure.AUC, (1.0, 1.0))
    assert ensemble.predict(world.pairs)[0] == pytest.approx(sum(m.predict(world.pairs)[0] for m in members) / 2)


def test_members_that_predict_different_things_are_refused(world):
    fitted = MeanEffects()
    fitted.fit(replace(world, measure=Measure.AUC), world, seed=0)
    with pytest.raises(ConfigError, match=r"different things \(auc, not fitted\)"):
        Ensemble([fitted, GlobalMean()])


@pytest.mark.parametrize(("members", "weights"), [(1, ()), (2, (1.0,)), (2, (1.0, 0.0)), (2, (float("nan"), 1.0))])
def test_a_mean_of_one_or_with_weights_that_do_not_fit_is_refused(members, weights):
    with pytest.raises(ConfigError, match="give two members or more, and to each a weight above 0"):
        Ensemble([GlobalMean() for _ in range(members)], weights)
