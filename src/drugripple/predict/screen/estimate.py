"""An estimate of the time, memory and disk that a screen takes on this machine, from a short sample."""

import resource
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import torch
from joblib import cpu_count

from drugripple.data.tables import CompoundTable
from drugripple.data.treatments import Treatments
from drugripple.errors import CompoundError
from drugripple.predict.model import PAIRS_AT_ONCE, DrugResponseModel, load_network
from drugripple.predict.screen.compounds import (
    LARGEST,
    UsableCompounds,
    featurise_rows,
    library_rows,
)
from drugripple.predict.screen.plan import ScreenPlan, planned
from drugripple.predict.screen.run import disk_bytes
from drugripple.predict.screen.settings import ScreenMode, ScreenRequest
from drugripple.predict.screen.shard import COMPOUNDS_AT_ONCE, ScreenSamples
from drugripple.sources.user.compound_library import LINES_AT_ONCE

SAMPLED = 32
TIMED_SECONDS = 1.0
BYTES_HELD_PER_PAIR = 64
"""Memory per pair of the shard that is written: its value, its labels and the copies of Parquet's writer."""
NODES_ENCODED = 1024
"""Number of atoms whose states the molecule encoder holds at a time."""
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
    """Rate of one worker from a row of text to a condition."""
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
    network = load_network(request.model, precision=request.precision)
    scaled = network.samples(request.expression, missing=request.missing, scale=request.scale, layer=request.layer)
    plan = planned(request, len(scaled))
    samples = ScreenSamples(scaled.names, scaled.z)
    rows, sampled = _counted(request.compounds)
    plan = plan.model_copy(update={"library_rows": rows})
    with _threads(max(1, cpu_count() // workers) if workers > 1 else None):
        featurise_rows(network, sampled.slice(0, 1), size=request.size)
        start = time.perf_counter()
        found = featurise_rows(network, sampled, size=request.size)
        molecules = len(sampled) / (time.perf_counter() - start)
        if not isinstance(found, UsableCompounds):
            reason = next(iter(found.values()))
            message = f"{request.compounds}: none of {len(sampled)} sampled structures can be used (first: {reason})"
            raise CompoundError(message)
        pairs = _pairs_per_second(network, samples, rows, found)
    share = min(1.0, cpu_count() / workers)
    return Estimate(
        plan,
        workers,
        len(sampled),
        len(found.rejections),
        molecules * share,
        pairs * share,
        memory_bytes(plan, network, workers),
        disk_bytes(plan),
        shutil.disk_usage(_existing(request.out)).free,
        scaled.notes,
    )


def memory_bytes(plan: ScreenPlan, model: DrugResponseModel, workers: int) -> int:
    """Upper bound for all processes: what each holds with network and samples, and the most a shard can add."""
    settings, genes = model.checkpoint.net.backbone.settings.molecule, len(model.checkpoint.net.genes)
    shard = BYTES_HELD_PER_PAIR * plan.compounds_per_shard * plan.samples
    graphs = COMPOUNDS_AT_ONCE * 8 * (LARGEST + 1) ** 2
    encoding = 4 * NODES_ENCODED * (4 * LARGEST * settings.heads + 8 * settings.width)
    prediction = 4 * 4 * genes * (max(PAIRS_AT_ONCE, COMPOUNDS_AT_ONCE) + COMPOUNDS_AT_ONCE)
    merging = 64 * plan.samples * plan.top if plan.mode is ScreenMode.TOP else 0
    each = held_bytes() + shard + graphs + encoding + prediction + READING_BYTES
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


def _pairs_per_second(model: DrugResponseModel, samples: ScreenSamples, library: int, found: UsableCompounds) -> float:
    """Measured rate on a block of the screen's size, filled with copies of the sampled compounds."""
    rows = np.resize(np.arange(len(found.rows)), min(library, COMPOUNDS_AT_ONCE))
    table = found.treatments.compounds
    names = tuple(str(row) for row in range(len(rows)))
    compounds = CompoundTable(names, names, tuple(table.molecules[row] for row in rows))
    dose_um, hours = found.treatments.dose_um[rows], found.treatments.hours[rows]
    block = Treatments(compounds, np.arange(len(rows)), dose_um, hours)
    conditions = found.conditions[torch.from_numpy(rows)]
    pairs, seconds = 0, 0.0
    while seconds < TIMED_SECONDS:
        start = time.perf_counter()
        for _, value in model.grid(samples.basal, samples.names, block, conditions):
            pairs += value.size
            if time.perf_counter() - start > TIMED_SECONDS:
                break
        seconds += time.perf_counter() - start
    return pairs / seconds


@contextmanager
def _threads(count: int | None) -> Iterator[None]:
    before = torch.get_num_threads()
    if count:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _existing(path: Path) -> Path:
    return next(folder for folder in (path.absolute(), *path.absolute().parents) if folder.exists())
