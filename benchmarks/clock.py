"""Time and memory of one thing."""

import resource
import sys
import time
from pathlib import Path


def shortest(*runs, seconds=6.0, least=3):
    """Shortest time of one call of each, in seconds, after a first call of each that warms up.

    The shortest, because other work on the machine only ever adds; in turn, so that it adds to all alike.
    """
    for run in runs:
        run()
    times, until = [[] for _ in runs], time.perf_counter() + seconds
    while len(times[0]) < least or time.perf_counter() < until:
        for run, ours in zip(runs, times, strict=True):
            ours.extend(_several(run))
    return [min(ours) for ours in times]


def _several(run, seconds=0.3):
    """Times of calls one after another for a while; at least one."""
    times = []
    while sum(times) < seconds:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return times


def own_peak_gib():
    """Most memory this process ever held.

    Linux hands a parent's peak on to `ru_maxrss` of the child it starts; `VmHWM` begins anew.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**30 if sys.platform == "darwin" else peak / 2**20
