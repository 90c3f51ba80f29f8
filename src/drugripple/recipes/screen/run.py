"""`drugripple screen`: which of my compounds hits which of my samples? Any number of compounds, in bounded memory."""

import csv
import shutil
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Literal, NamedTuple

import pyarrow.compute as pc
import pyarrow.parquet as pq
from joblib import Parallel, cpu_count, delayed

from drugripple.config import Record, cache_folder
from drugripple.errors import CompoundError, ConfigError, SourceError
from drugripple.predict.files import Panel, read_panel
from drugripple.recipes.screen.plan import Mode, ScreenFolder, ScreenPlan, planned, require_counts
from drugripple.recipes.screen.shard import ScreenPanel, ShardTask, forget, run_shard, save_panel
from drugripple.recipes.screen.top import write_best
from drugripple.runtime.atomic import whole_file, write_text
from drugripple.runtime.lock import lock_folder
from drugripple.runtime.outputs import files_below, refuse_inputs
from drugripple.runtime.progress import Progress, no_progress
from drugripple.runtime.provenance import commit, hardware, today
from drugripple.runtime.workers import worker_pool
from drugripple.sources.user.compound_library import library_blocks

BYTES_A_PAIR = 4.1
"""Of a full matrix on disk, at most: a 32-bit number and next to nothing for its labels."""


class ScreenCard(Record):
    """What a screen was, for a repeat."""

    plan: ScreenPlan
    model: str
    expression: str
    library: str
    pairs: int
    """That have a prediction."""
    left_out: int
    """Lines of the library without one."""
    notes: tuple[str, ...]
    workers: int
    backend: str
    shards_resumed: int
    """That earlier runs, killed or stopped, had finished."""
    seconds: float
    """Of the last run."""
    hardware: str
    commit: str
    date: str


class Screened(NamedTuple):
    """A complete screen."""

    result: Path
    """top.parquet, or the folder full/."""
    card: ScreenCard


def screen(
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
    backend: Literal["local", "ray"] = "local",
    address: str = "",
    cache: bool = False,
    progress: Progress = no_progress,
) -> Screened:
    """Predict every sample with every line of a library, or go on where an earlier run stopped.

    Memory does not grow with the library: it is cut into shards of whole compounds, and what a shard gives appears on
    disk whole or not at all. Lines that cannot be used are listed in left_out.csv.

    Args:
        model: checkpoint folder, or the run folder that holds it.
        expression: csv, tsv, Parquet or h5ad.
        library: csv, tsv (also .gz), Parquet or .smi, of any length.
        out: a folder of this screen alone.
        mode: `top` writes top.parquet, `full` every pair into full/.
        top: compounds a sample, the lowest ln IC50 first, ties in the order of the library.
        shard_pairs: pairs computed and written together, at most.
        missing: genes of the network that were not measured: refuse, or count as typical.
        precision: of what runs for every pair.
        workers: processes; the cores are shared between them.
        backend: processes of this machine, or of a Ray cluster that sees the folders under the same paths.
        address: of a running Ray cluster; one on this machine lives as long as the screen where it is blank.
        cache: keep molecules in the cache folder, for further screens of the same library.
        progress: told of pairs.

    Raises:
        DrugrippleError: if an input cannot be used, or `out` belongs to another screen.
    """
    start = time.perf_counter()
    paths = [Path(path) for path in (model, expression, library)]
    folder = ScreenFolder(Path(out).absolute())
    require_counts(workers=workers, top=top, shard_pairs=shard_pairs)
    refuse_inputs(
        [folder.out, folder.left_out, folder.top, folder.card, folder.plan], [*paths[1:], *files_below(paths[0])]
    )
    with lock_folder(folder.out):
        panel = read_panel(paths[0], paths[1], missing=missing)
        plan = planned(
            paths[0], len(panel.expression), paths[1], paths[2],
            mode=mode, top=top, shard_pairs=shard_pairs, missing=missing, precision=precision,
        )  # fmt: skip
        plan = folder.refuse_other(plan) or _staged(folder, plan, panel, paths[2])
        if folder.card.exists():
            return _finished(folder, plan)
        waiting = [shard for shard in range(plan.shards) if not folder.result(shard, mode).exists()]
        tasks = [
            ShardTask(
                paths[0].absolute(), folder.out, plan, shard, None, cache_folder() / "molecules" if cache else None
            )
            for shard in waiting
        ]
        _run(tasks, workers, backend, address, progress)
        left_out = _gather(folder, plan, panel.expression.samples)
        card = ScreenCard(
            plan=plan,
            model=str(paths[0]),
            expression=str(paths[1]),
            library=str(paths[2]),
            pairs=plan.samples * (plan.lines - left_out),
            left_out=left_out,
            notes=panel.notes,
            workers=workers,
            backend=backend,
            shards_resumed=plan.shards - len(waiting),
            seconds=round(time.perf_counter() - start, 3),
            hardware=hardware(),
            commit=commit(),
            date=today(),
        )
        write_text(folder.card, card.model_dump_json(indent=1) + "\n")
        return _finished(folder, plan)


def _staged(folder: ScreenFolder, plan: ScreenPlan, panel: Panel, library: Path) -> ScreenPlan:
    """Cut the library into the shards' lines; the plan, written last, says that all of them are there."""
    shutil.rmtree(folder.work, ignore_errors=True)
    lines = 0
    for shard, block in enumerate(library_blocks(library, plan.compounds_a_shard)):
        with whole_file(folder.lines(shard)) as part:
            pq.write_table(block, part, compression="zstd")
        lines += len(block)
    counted = plan.model_copy(update={"lines": lines})
    _refuse_full_disk(folder, counted)
    basal = panel.model.scaled(panel.expression, missing=plan.missing)
    save_panel(folder.panel, ScreenPanel(panel.expression.samples, basal))
    folder.write_plan(counted)
    return counted


def disk_bytes(plan: ScreenPlan) -> float:
    """What a screen writes, at most, beside a compressed copy of the library while it runs."""
    if plan.mode == "full":
        return BYTES_A_PAIR * plan.pairs
    return 8.0 * plan.samples * sum(min(plan.top, plan.lines_of(shard)) for shard in range(plan.shards))


def _refuse_full_disk(folder: ScreenFolder, plan: ScreenPlan) -> None:
    needed, free = disk_bytes(plan), shutil.disk_usage(folder.out).free
    if needed > free:
        shutil.rmtree(folder.work)
        message = (
            f"{plan.pairs:,} pairs need {needed / 2**30:.2f} GiB, the disk of {folder.out} has {free / 2**30:.2f}; "
            "free some, choose another disk, or ask for --mode top"
        )
        raise SourceError(message)


def _run(
    tasks: list[ShardTask], workers: int, backend: Literal["local", "ray"], address: str, progress: Progress
) -> None:
    if not tasks:
        return
    plan = tasks[0].plan
    done = plan.lines - sum(plan.lines_of(task.shard) for task in tasks)
    progress("pairs", done * plan.samples, plan.pairs)
    try:
        with worker_pool(backend, workers, address=address):
            threads = threads_each(workers, backend)
            parallel = Parallel(return_as="generator_unordered" if backend == "local" else "list")
            finished: Iterable[int] = parallel(delayed(run_shard)(replace(task, threads=threads)) for task in tasks)
            for lines in finished:
                done += lines
                progress("pairs", done * plan.samples, plan.pairs)
    finally:
        forget()


def threads_each(workers: int, backend: Literal["local", "ray"]) -> int | None:
    """Threads of each worker's torch: its share of the cores, torch's own choice for a single local one."""
    if backend == "ray":
        import ray

        return max(1, int(ray.cluster_resources()["CPU"]) // workers)
    return None if workers == 1 else max(1, cpu_count() // workers)


def _gather(folder: ScreenFolder, plan: ScreenPlan, samples: tuple[str, ...]) -> int:
    """The tables that are about all shards; the number of lines left out."""
    left_out = 0
    with whole_file(folder.left_out) as path, path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("line", "id", "smiles", "reason"))
        for shard in range(plan.shards):
            table = pq.read_table(folder.compounds(shard), columns=["line", "id", "smiles", "reason"])
            lost = table.filter(pc.not_equal(table["reason"], ""))
            left_out += len(lost)
            writer.writerows(zip(*(column.to_pylist() for column in lost.columns), strict=True))
    if left_out == plan.lines:
        with folder.left_out.open(encoding="utf-8", newline="") as file:
            first = next(csv.DictReader(file))["reason"]
        message = f"none of the {plan.lines:,} structures of the library can be used (first: {first})"
        raise CompoundError(message)
    if plan.mode == "top":
        with whole_file(folder.top) as path:
            write_best(folder, plan, samples, path)
    return left_out


def _finished(folder: ScreenFolder, plan: ScreenPlan) -> Screened:
    shutil.rmtree(folder.work, ignore_errors=True)
    card = ScreenCard.model_validate_json(folder.card.read_text(encoding="utf-8"))
    result = folder.top if plan.mode == "top" else folder.result(0, plan.mode).parent
    if not result.exists():
        message = f"{folder.out} is complete by its card, but {result.name} is gone; delete the folder to start over"
        raise ConfigError(message)
    return Screened(result, card)
