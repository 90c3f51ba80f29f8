"""What a screen would take on this machine, measured on a short sample; nothing is written."""

import resource
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import torch
from joblib import cpu_count

from drugripple.data.tables import CompoundTable
from drugripple.errors import CompoundError
from drugripple.predict.files import read_panel
from drugripple.predict.model import PAIRS_AT_ONCE, DrugResponseModel, Treatments
from drugripple.recipes.screen.compounds import LARGEST, Understood, understood
from drugripple.recipes.screen.plan import Mode, ScreenPlan, planned, require_counts
from drugripple.recipes.screen.run import disk_bytes
from drugripple.recipes.screen.shard import COMPOUNDS_AT_ONCE, ScreenPanel
from drugripple.sources.user.compound_library import LINES_AT_ONCE, library_blocks

SAMPLED = 32
TIMED_SECONDS = 1.0
BYTES_OF_A_PAIR = 64
"""Held for each pair of the shard that is being written: its value, its labels and what Parquet's writer copies."""
NODES_ENCODED = 1024
"""Atoms whose states the molecule encoder holds together."""
READING_BYTES = 128 << 20
"""For some lines of the library as text."""


@dataclass(frozen=True)
class Estimate:
    """What a screen would take. The times come from `sampled` lines of the library, the memory from its bounds."""

    plan: ScreenPlan
    workers: int
    sampled: int
    unusable: int
    """Of the sampled."""
    molecules_per_second: float
    """Of one worker: from a line of text to a condition."""
    pairs_per_second: float
    """Of one worker."""
    memory_bytes: int
    """Of all processes together, at most; it does not depend on the number of pairs."""
    disk_bytes: float
    """At most; while it runs, a compressed copy of the library comes on top."""
    free_bytes: int
    notes: tuple[str, ...]

    @property
    def molecule_seconds(self) -> float:
        """For the whole library."""
        return self.plan.lines / self.molecules_per_second / self._at_once

    @property
    def pair_seconds(self) -> float:
        """For all pairs."""
        return self.plan.pairs / self.pairs_per_second / self._at_once

    @property
    def _at_once(self) -> int:
        return min(self.workers, self.plan.shards)


def estimate(
    model: str | Path,
    expression: str | Path,
    library: str | Path,
    out: str | Path,
    *,
    mode: Mode = "top",
    top: int = 100,
    shard_pairs: int = 1_000_000,
    missing: Literal["refuse", "median"] = "refuse",
    precision: Literal["float32", "bfloat16"] = "float32",
    workers: int = 1,
) -> Estimate:
    """Count the library, time a sample of it with this machine's share of a worker, and add up.

    Args:
        model: as `screen`, as are the others.
        expression: samples.
        library: compounds.
        out: only asked how much room its disk has.
        mode: what would be written.
        top: compounds a sample.
        shard_pairs: pairs a shard.
        missing: about genes that were not measured.
        precision: of what runs for every pair.
        workers: processes of this machine; beyond its cores they only share them.

    Raises:
        DrugrippleError: if an input cannot be used, or none of the sampled structures.
    """
    require_counts(workers=workers, top=top, shard_pairs=shard_pairs)
    paths = [Path(path) for path in (model, expression, library)]
    panel = read_panel(paths[0], paths[1], missing=missing)
    network = replace(panel.model, precision=precision)
    plan = planned(
        paths[0], len(panel.expression), paths[1], paths[2],
        mode=mode, top=top, shard_pairs=shard_pairs, missing=missing, precision=precision,
    )  # fmt: skip
    samples = ScreenPanel(panel.expression.samples, panel.model.scaled(panel.expression, missing=missing))
    lines, sampled = _counted(paths[2])
    plan = plan.model_copy(update={"lines": lines})
    with _threads(max(1, cpu_count() // workers) if workers > 1 else None):
        understood(network, sampled.slice(0, 1))
        start = time.perf_counter()
        found = understood(network, sampled)
        molecules = len(sampled) / (time.perf_counter() - start)
        if not isinstance(found, Understood):
            reason = next(iter(found.values()))
            message = f"{paths[2]}: none of {len(sampled)} sampled structures can be used (first: {reason})"
            raise CompoundError(message)
        pairs = _pairs_per_second(network, samples, lines, found)
    share = min(1.0, cpu_count() / workers)
    return Estimate(
        plan,
        workers,
        len(sampled),
        len(found.reasons),
        molecules * share,
        pairs * share,
        memory_bytes(plan, panel.model, workers),
        disk_bytes(plan),
        shutil.disk_usage(_existing(Path(out))).free,
        panel.notes,
    )


def memory_bytes(plan: ScreenPlan, model: DrugResponseModel, workers: int) -> int:
    """The bound on all processes: what this one holds with network and samples, and the largest a shard can add."""
    settings, genes = model.checkpoint.net.backbone.settings.molecule, len(model.checkpoint.net.genes)
    shard = BYTES_OF_A_PAIR * plan.compounds_a_shard * plan.samples
    graphs = COMPOUNDS_AT_ONCE * 8 * (LARGEST + 1) ** 2
    encoding = 4 * NODES_ENCODED * (4 * LARGEST * settings.heads + 8 * settings.width)
    prediction = 4 * 4 * genes * (max(PAIRS_AT_ONCE, COMPOUNDS_AT_ONCE) + COMPOUNDS_AT_ONCE)
    merging = 64 * plan.samples * plan.top if plan.mode == "top" else 0
    each = held_bytes() + shard + graphs + encoding + prediction + READING_BYTES
    return each * (workers + 1 if workers > 1 else 1) + merging


def held_bytes() -> int:
    """Memory of this process now; its peak where the system does not tell."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * resource.getpagesize()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _counted(library: Path) -> tuple[int, pa.Table]:
    """The number of lines, and some of them from all over the library."""
    lines, picked = 0, []
    for block in library_blocks(library, LINES_AT_ONCE):
        lines += len(block)
        picked.append(block.take(pa.array(_evenly(len(block)))))
    together = pa.concat_tables(picked)
    return lines, together.take(pa.array(_evenly(len(together))))


def _evenly(rows: int) -> list[int]:
    return [int(row) for row in np.linspace(0, rows - 1, min(rows, SAMPLED)).round()]


def _pairs_per_second(model: DrugResponseModel, panel: ScreenPanel, lines: int, found: Understood) -> float:
    """Over a block as large as the screen's, whose compounds are the sampled ones again and again."""
    rows = np.resize(np.arange(len(found.rows)), min(lines, COMPOUNDS_AT_ONCE))
    table, dose_um, hours = found.treatments
    names = tuple(str(row) for row in range(len(rows)))
    compounds = CompoundTable(names, names, tuple(table.molecules[row] for row in rows))
    block = Treatments(compounds, dose_um[rows], hours[rows])
    conditions = found.conditions[torch.from_numpy(rows)]
    pairs, seconds = 0, 0.0
    while seconds < TIMED_SECONDS:
        start = time.perf_counter()
        for _, value in model.grid(panel.basal, panel.samples, block, conditions):
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
