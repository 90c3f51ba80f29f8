"""Answers are worked out in one thread (`runtime/threads.py`): as fast on busy cores, the same to the last bit."""

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from drugripple.predictors.multi_trait_gp import posterior, sample_kernel


@pytest.mark.parametrize("what", ["predict", "next_experiments"])
def test_the_systems_of_training_samples_are_solved_in_one_thread(asked, what, monkeypatch):
    seen = []
    solve = posterior.conditioned

    def watched(*given):
        seen.append({pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"})
        return solve(*given)

    monkeypatch.setattr(posterior, "conditioned", watched)
    with threadpool_limits(2):
        getattr(asked.model, what)(asked.model.training.take(np.arange(3)))
    assert seen == [{1}] * 3


def test_samples_are_compared_in_one_thread(asked, monkeypatch):
    seen = []
    compare = sample_kernel.squared_distances

    def watched(*given):
        seen.append({pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"})
        return compare(*given)

    monkeypatch.setattr(sample_kernel, "squared_distances", watched)
    with threadpool_limits(2):
        asked.model.predict(asked.new, ["CCO"])
    assert len(seen) > 2
    assert {*map(frozenset, seen)} == {frozenset({1})}
