"""An estimate of the time, memory and disk that a screen takes on this machine, from a short sample."""

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from joblib import cpu_count

from drugripple.errors import CompoundError
from drugripple.predict.screen.compounds import library_rows
from drugripple.predict.screen.engine import ScreenEngine
from drugripple.predict.screen.opening import open_engine, read_input
from drugripple.predict.screen.plan import ScreenPlan, planned
from drugripple.predict.screen.run import disk_bytes
from drugripple.predict.screen.settings import ScreenMode, ScreenRequest
from drugripple.runtime.disk import free_bytes
from drugripple.sources.user.compound_library import LINES_AT_ONCE

SAMPLED = 32
TIMED_SECONDS = 1.0
BYTES_HELD_PER_PAIR = 64
"""Memory per pair of the shard that is written: its value, its labels and the copies of Parquet's writer."""
READING_BYTES = 128 << 20
"""Memory for the rows of the library that are read at a time."""


@dataclass(frozen=True)
class Estimate:
    """Expected cost of a screen: times from `sampled` rows of the library, memory from its bounds."""

    plan: ScreenPlan
    workers: int
    sampled: int
    unusable: int
    """Number of sampled rows that cannot be used."""
    molecules_per_second: float
    """Rate of one worker from a row of text to what the model reads of it."""
    pairs_per_second: float
    """Rate of one worker."""
    memory_bytes: int
    """Upper bound for all processes together; it does not depend on the number of pairs."""
    disk_bytes: float
    """Upper bound of the result; a compressed copy of the library is added while the screen runs."""
    free_bytes: int
    notes: tuple[str, ...]

    @property
    def molecule_seconds(self) -> float:
        """Expected seconds for the molecules of the whole library."""
        return self.plan.library_rows / self.molecules_per_second / self._at_once

    @property
    def pair_seconds(self) -> float:
        """Expected seconds for all pairs."""
        return self.plan.pairs / self.pairs_per_second / self._at_once

    @property
    def _at_once(self) -> int:
        return min(self.workers, self.plan.shards)


def estimate(request: ScreenRequest) -> Estimate:
    """Count the library, time a sample of it with this machine's share of a worker, and add up.

    Nothing is written; of `out` only the room on its disk is asked.

    Raises:
        DrugrippleError: if an input cannot be used, or none of the sampled structures.
    """
    workers = request.workers
    given = read_input(request)
    plan = planned(request, len(given.samples.names), given.measure)
    rows, sampled = _counted(request.compounds)
    plan = plan.model_copy(update={"library_rows": rows})
    with _threads(max(1, cpu_count() // workers) if workers > 1 else None):
        engine = open_engine(
            request.folder, given.samples, precision=request.precision, size=request.size, by=request.by
        )
        rates = engine.rates(sampled, rows, TIMED_SECONDS)
    if len(rates.rejections) == len(sampled):
        reason = next(iter(rates.rejections.values()))
        message = f"{request.compounds}: none of {len(sampled)} sampled structures can be used (first: {reason})"
        raise CompoundError(message)
    share = min(1.0, cpu_count() / workers)
    return Estimate(
        plan,
        workers,
        len(sampled),
        len(rates.rejections),
        rates.molecules * share,
        rates.pairs * share,
        memory_bytes(plan, engine, workers),
        disk_bytes(plan),
        free_bytes(request.out),
        given.notes,
    )


def memory_bytes(plan: ScreenPlan, engine: ScreenEngine, workers: int) -> int:
    """Upper bound for all processes: what each holds with model and samples, and the most a shard can add."""
    shard = BYTES_HELD_PER_PAIR * plan.compounds_per_shard * plan.samples
    merging = 64 * plan.samples * plan.top if plan.mode is ScreenMode.TOP else 0
    each = held_bytes() + shard + engine.block_bytes() + READING_BYTES
    return each * (workers + 1 if workers > 1 else 1) + merging


def held_bytes() -> int:
    """Memory of this process now, or its peak if the system does not tell."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * resource.getpagesize()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _counted(library: Path) -> tuple[int, pa.Table]:
    """The number of rows, and a sample of rows from all over the library."""
    rows, picked = 0, []
    for block in library_rows(library, LINES_AT_ONCE):
        rows += len(block)
        picked.append(block.take(pa.array(_evenly(len(block)))))
    together = pa.concat_tables(picked)
    return rows, together.take(pa.array(_evenly(len(together))))


def _evenly(rows: int) -> list[int]:
    return [int(row) for row in np.linspace(0, rows - 1, min(rows, SAMPLED)).round()]


@contextmanager
def _threads(count: int | None) -> Iterator[None]:
    if count is None:
        yield
        return
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
