"""The small systems behind intervals and next experiments are solved in one thread (`runtime/threads.py`)."""

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from drugripple.predictors.multi_trait_gp import posterior


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
