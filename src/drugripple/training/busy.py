"""Whether the threads of a training wait for one another because other programs keep the cores busy."""

import os

import torch

SLOW = 60.0
"""Seconds of an epoch from which it is asked; by then the load of the last minute has told."""
MARGIN = 0.5
BUSY = (
    "other programs keep the cores busy, and the threads of the training wait for one another at every step: an epoch "
    "takes many times as long as alone; started with OMP_NUM_THREADS=1, a training waits for nobody"
)


def busy_notes(seconds: float, device: str) -> tuple[str, ...]:
    """What to say after an epoch of so many seconds; something if several threads and others want more than there is.

    The load counts our own threads too, which are no more than the cores.
    """
    if device != "cpu" or torch.get_num_threads() == 1 or seconds <= SLOW:
        return ()
    from joblib import cpu_count

    return (BUSY,) if os.getloadavg()[0] > cpu_count() + MARGIN else ()
