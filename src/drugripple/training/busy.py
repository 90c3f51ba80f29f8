"""Whether the threads of a training wait for one another because other programs keep the cores busy."""

import os

import torch

SLOW = 60.0
"""An epoch of more seconds is looked into: the mean load of the last minute is that of the epoch."""
MARGIN = 0.5
BUSY = (
    "other programs keep the cores busy; the threads of a training wait for one another at every step, and an epoch "
    "may then take many times as long as alone; started with OMP_NUM_THREADS=1, a training waits for no other thread"
)


def busy_notes(seconds: float, device: str) -> tuple[str, ...]:
    """What to say after an epoch of so many seconds; something if several threads and others want more than there is.

    The load is that of the whole machine. Where this process may use a part of the cores only, as in a container, it
    does not tell how busy that part is, and nothing is said. It counts our own threads too, no more than the cores.
    """
    if device != "cpu" or torch.get_num_threads() == 1 or seconds <= SLOW:
        return ()
    from joblib import cpu_count

    cores = os.cpu_count()
    if cores is None or cpu_count() < cores:
        return ()
    return (BUSY,) if os.getloadavg()[0] > cores + MARGIN else ()
