"""Pools of processes."""

import time

import joblib
import pytest
from joblib.externals.loky import process_executor

from drugripple.runtime.workers import Backend, worker_pool


def grown(number):
    """A job after which loky takes its worker for one that leaks memory, and starts another."""
    process_executor._MAX_MEMORY_LEAK_SIZE, process_executor._MEMORY_LEAK_CHECK_DELAY = -(2**60), 0.0
    time.sleep(0.02)
    return number


@pytest.mark.timeout(60)
@pytest.mark.filterwarnings("error")
def test_workers_that_are_started_anew_do_not_stop_the_others():
    """loky warns of it in the thread that gives out the jobs: as an error, the warning left the caller waiting."""
    with worker_pool(Backend.LOCAL, 2):
        assert joblib.Parallel()(joblib.delayed(grown)(number) for number in range(12)) == list(range(12))
