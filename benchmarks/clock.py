"""Time and memory of one thing."""

import resource
import sys
import time
from pathlib import Path


def shortest(run, *, seconds=2.0, least=3):
    """Shortest time of one call, in seconds, after a first call that warms up.

    The shortest, because other work on the machine only ever adds.
    """
    run()
    times, until = [], time.perf_counter() + seconds
    while len(times) < least or time.perf_counter() < until:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


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
