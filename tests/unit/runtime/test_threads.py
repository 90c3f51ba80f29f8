"""Small systems of linear algebra run in one thread, and what comes after them does not."""

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from drugripple.runtime.threads import one_thread


def threads() -> set[int]:
    np.linalg.inv(np.eye(2))
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_one_thread_is_used_inside_and_as_many_as_before_after():
    with threadpool_limits(2):
        before = threads()
        with one_thread():
            assert threads() == {1}
        assert threads() == before
        assert one_thread()(threads)() == {1}
        assert threads() == before
