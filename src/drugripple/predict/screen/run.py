"""`drugripple screen`: any number of compounds against some samples, in bounded memory."""

import csv
import json
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pyarrow.compute as pc
from joblib import Parallel, cpu_count, delayed

from drugripple.config import Record, cache_folder, make_run
from drugripple.errors import CompoundError, ConfigError, SourceError, counted, first_five, first_line
from drugripple.predict.screen.compounds import library_rows
from drugripple.predict.screen.conditions import condition_notes
from drugripple.predict.screen.engine import ScreenSamples
from drugripple.predict.screen.opening import read_input
from drugripple.predict.screen.plan import (
    ScreenFolder,
    ScreenPlan,
    planned,
    read_sealed_table,
    write_sealed_table,
)
from drugripple.predict.screen.settings import ScreenMode, ScreenRequest
from drugripple.predict.screen.shard import ShardTask, clear_engine, run_shard, save_samples
from drugripple.predict.screen.top import is_whole, stored_digest, write_best
from drugripple.runtime.atomic import whole_file
from drugripple.runtime.cells import for_spreadsheets
from drugripple.runtime.digest import file_digest
from drugripple.runtime.disk import free_bytes
from drugripple.runtime.lock import lock_folder
from drugripple.runtime.outputs import files_below, refuse_inputs
from drugripple.runtime.progress import Progress, notebook_progress
from drugripple.runtime.provenance import commit, hardware, today
from drugripple.runtime.sealed import read_sealed_json, write_sealed_json
from drugripple.runtime.workers import Backend, worker_pool

BYTES_PER_PAIR = 4.1
"""Disk space per pair of a full matrix, at most: a 32-bit number and little for its labels."""


class ScreenCard(Record):
    """The card of a screen: everything that is needed to repeat it."""

    plan: ScreenPlan
    model: str
    expression: str
    library: str
    pairs: int
    """Number of pairs with a prediction."""
    left_out: int
    """Number of rows of the library without a prediction."""
    notes: tuple[str, ...]
    workers: int
    backend: str
    shards_resumed: int
    """Number of shards that earlier, interrupted runs had finished."""
    results: dict[str, str]
    """SHA-256 of every file of the result, by its name in the folder."""
    seconds: float
    """Seconds that the last run took."""
    hardware: str
    commit: str
    date: str


class Screened(NamedTuple):
    """A complete screen."""

    result: Path
    """The result: top.parquet, or the folder full/."""
    card: ScreenCard


def screen(request: ScreenRequest, *, progress: Progress = notebook_progress) -> Screened:
    """Predict every sample with every row of a library, or continue an interrupted run.

    Memory does not grow with the library, which is cut into shards of whole compounds. The result of a shard appears on
    disk whole or not at all. Unusable rows are listed in left_out.csv.

    Args:
        request: the files, and what is kept of the answers.
        progress: told of pairs.

    Returns:
        The file or folder of the result, and the screen's card: notes, numbers and digests.

    Raises:
        DrugrippleError: if an input cannot be used, or `out` belongs to another screen.
    """
    start = time.perf_counter()
    folder = ScreenFolder(request.out.absolute())
    inputs = [request.expression, request.compounds, *files_below(request.folder)]
    refuse_inputs([folder.out, folder.left_out, folder.top, folder.card, folder.plan], inputs)
    with lock_folder(folder.out):
        given = read_input(request)
        plan = planned(request, len(given.samples.names), given.measure)
        plan = folder.refuse_other(plan) or split_library(folder, plan, given.samples, request.compounds)
        if folder.card.exists():
            return _finished(folder, plan)
        waiting = [shard for shard in range(plan.shards) if not is_whole(folder, plan, shard)]
        for shard in waiting:
            folder.result(shard, plan.mode).unlink(missing_ok=True)  # a damaged one is computed again
        cache = cache_folder() / "molecules" if request.cache else None
        tasks = [ShardTask(request.folder.absolute(), folder.out, plan, shard, None, cache) for shard in waiting]
        _run(tasks, request, progress)
        left_out = _gather(folder, plan, given.samples.names)
        card = ScreenCard(
            plan=plan,
            model=str(request.folder),
            expression=str(request.expression),
            library=str(request.compounds),
            pairs=plan.samples * (plan.library_rows - left_out),
            left_out=left_out,
            notes=(*given.notes, *condition_notes(folder, plan)),
            workers=request.workers,
            backend=request.backend,
            shards_resumed=plan.shards - len(waiting),
            results=_digests(folder, plan),
            seconds=round(time.perf_counter() - start, 3),
            hardware=hardware(),
            commit=commit(),
            date=today(),
        )
        write_sealed_json(folder.card, card.model_dump(mode="json"))
        return _finished(folder, plan)


def screen_with(
    model: Path | None,
    expression: str | Path,
    compounds: str | Path,
    out: str | Path,
    settings: Mapping[str, object],
    *,
    progress: Progress = notebook_progress,
) -> Screened:
    """The screen of a model that lies in a folder; settings as in `ScreenRequest`.

    Raises:
        ConfigError: if there is no folder, or a setting is unknown.
        DrugrippleError: if an input cannot be used.
    """
    if model is None:
        message = "a screen reads the model from its folder; save it, and load it with drugripple.load(folder)"
        raise ConfigError(message)
    files = {"model": model, "expression": Path(expression), "compounds": Path(compounds), "out": Path(out)}
    return screen(make_run(ScreenRequest, {**files, **settings}, "screen"), progress=progress)


def split_library(folder: ScreenFolder, plan: ScreenPlan, samples: ScreenSamples, library: Path) -> ScreenPlan:
    """Cut the library into the rows of the shards; the plan is written last and marks them complete."""
    shutil.rmtree(folder.work, ignore_errors=True)
    rows = 0
    for shard, block in enumerate(library_rows(library, plan.compounds_per_shard)):
        write_sealed_table(folder.rows(shard), block)
        rows += len(block)
    whole = plan.model_copy(update={"library_rows": rows})
    _refuse_full_disk(folder, whole)
    save_samples(folder.samples_file, samples)
    folder.write_plan(whole)
    return whole


def disk_bytes(plan: ScreenPlan) -> float:
    """Upper bound of the bytes that a screen writes, without the compressed copy of the library while it runs."""
    if plan.mode is ScreenMode.FULL:
        return BYTES_PER_PAIR * plan.pairs
    return 16.0 * plan.samples * sum(min(plan.top, plan.rows_of(shard)) for shard in range(plan.shards))


def _refuse_full_disk(folder: ScreenFolder, plan: ScreenPlan) -> None:
    needed, free = disk_bytes(plan), free_bytes(folder.out)
    if needed > free:
        shutil.rmtree(folder.work)
        message = (
            f"{plan.pairs:,} pairs need {needed / 2**30:.2f} GiB, the disk of {folder.out} has {free / 2**30:.2f}; "
            "free some, choose another disk, or ask for mode = 'top'"
        )
        raise SourceError(message)


def _run(tasks: list[ShardTask], request: ScreenRequest, progress: Progress) -> None:
    if not tasks:
        return
    plan = tasks[0].plan
    done = plan.library_rows - sum(plan.rows_of(task.shard) for task in tasks)
    progress("pairs", done * plan.samples, plan.pairs)
    try:
        with worker_pool(request.backend, request.workers, address=request.address):
            threads = threads_each(request.workers, request.backend)
            parallel = Parallel(return_as="generator_unordered" if request.backend is Backend.LOCAL else "list")
            finished: Iterable[int] = parallel(delayed(run_shard)(replace(task, threads=threads)) for task in tasks)
            for rows in finished:
                done += rows
                progress("pairs", done * plan.samples, plan.pairs)
    finally:
        clear_engine()


def threads_each(workers: int, backend: Backend) -> int | None:
    """Threads of torch in each worker: its share of the cores, or torch's own choice for a single local one."""
    if backend is Backend.RAY:
        import ray

        return max(1, int(ray.cluster_resources()["CPU"]) // workers)
    return None if workers == 1 else max(1, cpu_count() // workers)


def _gather(folder: ScreenFolder, plan: ScreenPlan, samples: tuple[str, ...]) -> int:
    """Write the tables over all shards; the number of rows left out."""
    left_out = 0
    columns = ["library_row", "id", "smiles", "reason"]
    with whole_file(folder.left_out) as path, path.open("w", encoding="utf-8", newline="") as file:
        for shard in range(plan.shards):
            table = read_sealed_table(folder.compounds(shard), columns)
            lost = for_spreadsheets(table.filter(pc.not_equal(table["reason"], "")).to_pandas())
            left_out += len(lost)
            lost.to_csv(file, index=False, header=shard == 0, lineterminator="\n")
    if left_out == plan.library_rows:
        with folder.left_out.open(encoding="utf-8", newline="") as file:
            first = next(csv.DictReader(file))["reason"]
        message = f"none of the {plan.library_rows:,} structures of the library can be used (first: {first})"
        raise CompoundError(message)
    if plan.mode is ScreenMode.TOP:
        with whole_file(folder.top) as path:
            write_best(folder, plan, samples, path)
    return left_out


def _digests(folder: ScreenFolder, plan: ScreenPlan) -> dict[str, str]:
    """SHA-256 of every file of a result: of shards as their processes kept it, since they may be large."""
    found = {folder.left_out.name: file_digest(folder.left_out)}
    if plan.mode is ScreenMode.TOP:
        return found | {folder.top.name: file_digest(folder.top)}
    for shard in range(plan.shards):
        path = folder.result(shard, plan.mode)
        found[path.relative_to(folder.out).as_posix()] = stored_digest(folder, shard)
    return found


def _finished(folder: ScreenFolder, plan: ScreenPlan) -> Screened:
    """The complete screen of a folder, every file of which is what was written.

    Raises:
        ConfigError: if one is damaged or gone.
    """
    try:
        card = ScreenCard.model_validate_json(json.dumps(read_sealed_json(folder.card)))
    except (OSError, ValueError) as error:
        message = f"{folder.card} is damaged ({first_line(error)}); delete {folder.out} to start over"
        raise ConfigError(message) from error
    damaged = [name for name, digest in card.results.items() if not _is_as_written(folder.out / name, digest)]
    if damaged:
        what = counted(len(damaged), "file is", "files are")
        message = f"{what} altered or gone of {folder.out}: {first_five(damaged)}; delete {folder.out} to start over"
        raise ConfigError(message)
    shutil.rmtree(folder.work, ignore_errors=True)
    result = folder.top if plan.mode is ScreenMode.TOP else folder.result(0, plan.mode).parent
    return Screened(result, card)


def _is_as_written(path: Path, digest: str) -> bool:
    try:
        return file_digest(path) == digest
    except SourceError:
        return False
