"""One shard of a screen: some rows of the library with every sample, computed and written by one process."""

import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from jaxtyping import Float, Int

from drugripple.data.measure import Measure
from drugripple.errors import CheckpointError, SourceError
from drugripple.model.settings import Precision
from drugripple.predict.choices import Ranking, Size
from drugripple.predict.screen.engine import Block, ScreenEngine, ScreenSamples
from drugripple.predict.screen.opening import model_digest, open_engine
from drugripple.predict.screen.plan import (
    ScreenFolder,
    ScreenPlan,
    made_here,
    read_sealed_table,
    write_sealed_table,
)
from drugripple.predict.screen.settings import ScreenMode
from drugripple.predict.screen.top import best_of, usable
from drugripple.runtime.atomic import whole_file
from drugripple.runtime.digest import file_digest
from drugripple.runtime.lock import lock_file
from drugripple.runtime.sealed import read_sealed, write_sealed

WORD = pa.dictionary(pa.int32(), pa.string())
COMPOUNDS = pa.schema(
    {
        "library_row": pa.int64(),
        **dict.fromkeys(("id", "compound", "smiles"), WORD),
        **dict.fromkeys(("dose_um", "hours"), pa.float32()),
        "compound_seen": pa.bool_(),
        "reason": pa.string(),
    }
)
"""Columns of a shard's compounds; `smiles` is the parent, or the given text if there is a reason."""


@dataclass(frozen=True)
class ShardTask:
    """The task of a worker: one shard of one screen."""

    model: Path
    out: Path
    plan: ScreenPlan
    shard: int
    threads: int | None = None
    """Threads of torch, where a network predicts; its own choice if None."""
    cache: Path | None = None


class ShardValues(NamedTuple):
    """The predictions of a shard. Axis c: usable row."""

    compounds: pa.Table
    """All rows of the shard, in the order of the library."""
    values: Float[np.ndarray, "n c"]
    percentile: Float[np.ndarray, "n c"] | None = None
    """Percent of the training samples that are predicted a lower value, where compounds are ordered by it."""


def run_shard(task: ShardTask) -> int:
    """Compute and write a shard unless it is done; the number of its rows.

    The result appears last, and only when it is complete. A lock that ends with its process keeps a second process away
    from the same shard, even a worker that outlived a killed run.

    Raises:
        SourceError: if the folder cannot be reached from here.
        OutputError: if the system refuses a write.
        CheckpointError: if the checkpoint is no longer the one of the plan.
    """
    folder, plan, shard = ScreenFolder(task.out), task.plan, task.shard
    if not folder.rows(shard).is_file():
        message = f"{folder.rows(shard)} is not there; every worker must see the output folder under the same path"
        raise SourceError(message)
    with lock_file(folder.rows(shard), wait=True):
        if folder.result(shard, plan.mode).exists():
            return plan.rows_of(shard)
        engine = load_engine_once(
            task.model, plan.model, folder.samples_file, plan.precision, plan.size, plan.by, task.cache, task.threads
        )
        values = shard_values(engine, read_sealed_table(folder.rows(shard)))
        write_sealed_table(folder.compounds(shard), values.compounds)
        with whole_file(folder.result(shard, plan.mode)) as path:
            _write(path, plan, shard, engine.names, values)
            write_sealed(folder.seal(shard), file_digest(path).encode())
    return plan.rows_of(shard)


def shard_values(engine: ScreenEngine, library: pa.Table) -> ShardValues:
    """Predict some rows of a library; what a model reads of a block of compounds is held at a time."""
    tables, values, percentile = [], [np.empty((len(engine.names), 0), dtype=np.float32)], []
    for start in range(0, len(library), engine.at_once):
        rows = library.slice(start, engine.at_once)
        block = engine.block(rows)
        finite = np.isfinite(block.values).all(axis=0)
        lost = dict.fromkeys(block.rows[~finite].tolist(), "a prediction is not finite")
        values.append(block.values[:, finite])
        if block.percentile is not None:
            percentile.append(block.percentile[:, finite])
        tables.append(_compounds(rows, block, block.rejections | lost))
    together = pa.concat_tables(tables).unify_dictionaries().combine_chunks()
    ranked = np.concatenate(percentile, axis=1) if percentile else None
    return ShardValues(together, np.concatenate(values, axis=1), ranked)


def save_samples(path: Path, samples: ScreenSamples) -> None:
    """Write the samples as the model reads them, for every worker."""
    content, texts = io.BytesIO(), (samples.names, samples.genes, samples.known_as)
    names, genes, known_as = (np.array(several, dtype=str) for several in texts)
    np.savez(content, names=names, values=samples.values, genes=genes, known_as=known_as)
    write_sealed(path, content.getbuffer())


@lru_cache(maxsize=1)
def load_engine_once(
    folder: Path, digest: str, samples: Path, precision: Precision, size: Size, by: Ranking, cache: Path | None,
    threads: int | None,
) -> ScreenEngine:  # fmt: skip
    """The model with the samples, read once per process.

    Raises:
        CheckpointError: if the model is damaged, or another than when the screen began.
    """
    if model_digest(folder) != digest:
        message = f"{folder} changed since the screen began; put the model back, or start in another folder"
        raise CheckpointError(message)
    with made_here(samples), np.load(io.BytesIO(read_sealed(samples))) as stored:
        names, genes, known_as = (tuple(stored[name].tolist()) for name in ("names", "genes", "known_as"))
        read = ScreenSamples(names, stored["values"], genes, known_as)
    return open_engine(folder, read, precision=precision, size=size, by=by, cache=cache, threads=threads)


def clear_engine() -> None:
    """Release the model that this process keeps between shards."""
    load_engine_once.cache_clear()


def _compounds(library: pa.Table, block: Block, rejections: dict[int, str]) -> pa.Table:
    smiles, size = library["smiles"].to_pylist(), len(library)
    dose, hours = np.full(size, np.nan, dtype=np.float32), np.full(size, np.nan, dtype=np.float32)
    seen = np.zeros(size, dtype=bool)
    for row, parent in zip(block.rows.tolist(), block.smiles, strict=True):
        smiles[row] = parent
    dose[block.rows], hours[block.rows], seen[block.rows] = block.dose_um, block.hours, block.seen
    columns = [
        library["library_row"], *(library[name].cast(WORD) for name in ("id", "name")),
        pa.array(smiles, pa.string()).cast(WORD),
        pa.array(dose), pa.array(hours), pa.array(seen), pa.array([rejections.get(row, "") for row in range(size)]),
    ]  # fmt: skip
    return pa.table(columns, schema=COMPOUNDS)


def _write(path: Path, plan: ScreenPlan, shard: int, samples: tuple[str, ...], values: ShardValues) -> None:
    if plan.mode is ScreenMode.FULL:
        write_full(path, samples, values, plan.measure)
        return
    best = best_of(values.values, shard, plan.top, plan.measure, values.percentile)
    np.savez(path, value=best.value, percentile=best.percentile, row=best.row.astype(np.int32))


def write_full(
    path: Path | pa.NativeFile, samples: tuple[str, ...], values: ShardValues, measure: Measure = Measure.LN_IC50
) -> None:
    """Every pair, compound by compound: sample, library_row, id, compound, dose_um, hours, the response, compound_seen.

    In this order only the response takes room: the rest repeats, and its bytes are grouped by significance.
    """
    table = usable(values.compounds)
    count, compounds = len(samples), len(table)
    of_compound = pa.array(_each(compounds, count))
    names = pa.array(samples).cast(WORD)
    columns = {
        "sample": names.take(pa.array(np.tile(np.arange(count, dtype=np.int32), compounds))),
        **{name: table[name].take(of_compound) for name in ("library_row", "id", "compound", "dose_um", "hours")},
        measure.value: pa.array(values.values.T.ravel()),
        "compound_seen": table["compound_seen"].take(of_compound),
    }
    repeated = [name for name in columns if name not in (measure.value, "compound_seen")]
    pq.write_table(
        pa.table(columns), path, compression="zstd", use_dictionary=repeated, use_byte_stream_split=[measure.value]
    )


def _each(compounds: int, samples: int) -> Int[np.ndarray, " p"]:
    return np.repeat(np.arange(compounds, dtype=np.int32), samples)
