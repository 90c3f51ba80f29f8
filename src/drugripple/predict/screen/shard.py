"""One shard of a screen: some rows of the library with every sample, computed and written by one process."""

import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from jaxtyping import Float, Int
from torch import Tensor

from drugripple.errors import CheckpointError, SourceError
from drugripple.model.settings import Precision
from drugripple.predict.choices import Size
from drugripple.predict.model import DrugResponseModel, load_network
from drugripple.predict.screen.compounds import (
    Rejections,
    UsableCompounds,
    featurise_rows,
)
from drugripple.predict.screen.plan import (
    ScreenFolder,
    ScreenPlan,
    made_here,
    model_digest,
    read_sealed_table,
    write_sealed_table,
)
from drugripple.predict.screen.settings import ScreenMode
from drugripple.predict.screen.top import best_of, usable
from drugripple.runtime.atomic import whole_file
from drugripple.runtime.digest import file_digest
from drugripple.runtime.lock import lock_file
from drugripple.runtime.sealed import read_sealed, write_sealed

COMPOUNDS_AT_ONCE = 256
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
    """Threads of torch; its own choice if None."""
    cache: Path | None = None


class ScreenSamples(NamedTuple):
    """The samples as the network reads them."""

    names: tuple[str, ...]
    basal: Float[Tensor, "n g"]


class ShardValues(NamedTuple):
    """The predictions of a shard. Axis c: usable row."""

    compounds: pa.Table
    """All rows of the shard, in the order of the library."""
    ln_ic50: Float[np.ndarray, "n c"]


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
        if task.threads:
            torch.set_num_threads(task.threads)
        model, samples = load_model_once(task.model, plan.model, folder.samples_file, plan.precision)
        rows = read_sealed_table(folder.rows(shard))
        values = shard_values(model, samples, rows, cache=task.cache, size=plan.size)
        write_sealed_table(folder.compounds(shard), values.compounds)
        with whole_file(folder.result(shard, plan.mode)) as path:
            _write(path, plan, shard, samples, values)
            write_sealed(folder.seal(shard), file_digest(path).encode())
    return plan.rows_of(shard)


def shard_values(
    model: DrugResponseModel,
    samples: ScreenSamples,
    library: pa.Table,
    *,
    cache: Path | None = None,
    size: Size = Size.TRAINED,
) -> ShardValues:
    """Predict some rows of a library; graphs and conditions of a block of compounds are held at a time."""
    tables, values = [], []
    for start in range(0, len(library), COMPOUNDS_AT_ONCE):
        block = library.slice(start, COMPOUNDS_AT_ONCE)
        found = featurise_rows(model, block, cache=cache, size=size)
        if not isinstance(found, UsableCompounds):
            tables.append(_compounds(block, None, found))
            continue
        predicted = np.empty((len(samples.names), len(found.rows)), dtype=np.float32)
        for part, value in model.grid(samples.basal, samples.names, found.treatments, found.conditions):
            predicted[part] = value
        finite = np.isfinite(predicted).all(axis=0)
        lost = dict.fromkeys(found.rows[~finite].tolist(), "a prediction is not finite")
        values.append(predicted[:, finite])
        tables.append(_compounds(block, found, found.rejections | lost))
    together = pa.concat_tables(tables).unify_dictionaries().combine_chunks()
    empty = np.empty((len(samples.names), 0), dtype=np.float32)
    return ShardValues(together, np.concatenate([empty, *values], axis=1))


def save_samples(path: Path, samples: ScreenSamples) -> None:
    """Write the scaled samples for every worker."""
    content = io.BytesIO()
    np.savez(content, samples=np.array(samples.names, dtype=str), basal=samples.basal.numpy())
    write_sealed(path, content.getbuffer())


@lru_cache(maxsize=1)
def load_model_once(
    folder: Path, digest: str, samples: Path, precision: Precision
) -> tuple[DrugResponseModel, ScreenSamples]:
    """The network and the samples, read once per process."""
    if model_digest(folder) != digest:
        message = f"{folder} changed since the screen began; put the checkpoint back, or start in another folder"
        raise CheckpointError(message)
    with made_here(samples), np.load(io.BytesIO(read_sealed(samples))) as stored:
        read = ScreenSamples(tuple(stored["samples"].tolist()), torch.from_numpy(stored["basal"]))
    return load_network(folder, precision=precision), read


def clear_model_cache() -> None:
    """Release the network that this process keeps between shards."""
    load_model_once.cache_clear()


def _compounds(library: pa.Table, found: UsableCompounds | None, rejections: Rejections) -> pa.Table:
    smiles, size = library["smiles"].to_pylist(), len(library)
    dose, hours = np.full(size, np.nan, dtype=np.float32), np.full(size, np.nan, dtype=np.float32)
    seen = np.zeros(size, dtype=bool)
    if found is not None:
        for row, parent in zip(found.rows.tolist(), found.treatments.compounds.smiles, strict=True):
            smiles[row] = parent
        dose[found.rows], hours[found.rows] = found.treatments.dose_um, found.treatments.hours
        seen[found.rows] = found.seen
    columns = [
        library["library_row"], *(library[name].cast(WORD) for name in ("id", "name")),
        pa.array(smiles, pa.string()).cast(WORD),
        pa.array(dose), pa.array(hours), pa.array(seen), pa.array([rejections.get(row, "") for row in range(size)]),
    ]  # fmt: skip
    return pa.table(columns, schema=COMPOUNDS)


def _write(path: Path, plan: ScreenPlan, shard: int, samples: ScreenSamples, values: ShardValues) -> None:
    if plan.mode is ScreenMode.FULL:
        write_full(path, samples, values)
        return
    best = best_of(values.ln_ic50, shard, plan.top)
    np.savez(path, ln_ic50=best.ln_ic50, row=best.row.astype(np.int32))


def write_full(path: Path | pa.NativeFile, samples: ScreenSamples, values: ShardValues) -> None:
    """Every pair, compound by compound: sample, library_row, id, compound, dose_um, hours, ln_ic50, compound_seen.

    In this order only ln_ic50 takes room: the rest repeats, and its bytes are grouped by significance.
    """
    table = usable(values.compounds)
    count, compounds = len(samples.names), len(table)
    of_compound = pa.array(_each(compounds, count))
    names = pa.array(samples.names).cast(WORD)
    columns = {
        "sample": names.take(pa.array(np.tile(np.arange(count, dtype=np.int32), compounds))),
        **{name: table[name].take(of_compound) for name in ("library_row", "id", "compound", "dose_um", "hours")},
        "ln_ic50": pa.array(values.ln_ic50.T.ravel()),
        "compound_seen": table["compound_seen"].take(of_compound),
    }
    repeated = [name for name in columns if name not in ("ln_ic50", "compound_seen")]
    pq.write_table(
        pa.table(columns), path, compression="zstd", use_dictionary=repeated, use_byte_stream_split=["ln_ic50"]
    )


def _each(compounds: int, samples: int) -> Int[np.ndarray, " p"]:
    return np.repeat(np.arange(compounds, dtype=np.int32), samples)
