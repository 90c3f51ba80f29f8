"""The most sensitive compounds of every sample, exactly, without the full matrix in memory."""

import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from jaxtyping import Float, Int

from drugripple.predict.screen.plan import ScreenFolder, ScreenPlan, made_here
from drugripple.predict.screen.settings import ScreenMode


class Best(NamedTuple):
    """The lowest ln IC50 of every sample, in ascending order; ties in library order. Axes: n sample, k rank."""

    ln_ic50: Float[np.ndarray, "n k"]
    shard: Int[np.ndarray, "n k"]
    row: Int[np.ndarray, "n k"]
    """Row of the compound in its shard."""


def best_of(ln_ic50: Float[np.ndarray, "n c"], shard: int, top: int) -> Best:
    """The best compounds of one shard, whose columns are in the order of the library.

    >>> best_of(np.array([[3.0, 1.0, 2.0, 1.0]]), shard=0, top=3).row
    array([[1, 3, 2]])
    """
    row = np.argsort(ln_ic50, axis=1, kind="stable")[:, :top]
    return Best(np.take_along_axis(ln_ic50, row, axis=1), np.full_like(row, shard), row)


def merged(parts: Iterable[Best], top: int) -> Best:
    """The best compounds of several shards in their order; at most two shards are held at a time."""
    best: Best | None = None
    for part in parts:
        if best is None:
            best = part
            continue
        both = Best(*(np.concatenate(pair, axis=1) for pair in zip(best, part, strict=True)))
        order = np.argsort(both.ln_ic50, axis=1, kind="stable")[:, :top]
        best = Best(*(np.take_along_axis(values, order, axis=1) for values in both))
    if best is None:
        message = "no shard to merge"
        raise ValueError(message)
    return best


def write_best(folder: ScreenFolder, plan: ScreenPlan, samples: tuple[str, ...], path: Path) -> None:
    """Merge the results of the shards into one row per sample and rank, with its compound and ln IC50."""
    best = merged((_read(folder, plan, shard) for shard in range(plan.shards)), plan.top)
    ranks = best.ln_ic50.shape[1]
    key = (best.shard.astype(np.int64) * plan.compounds_per_shard + best.row).ravel()
    winners, which = np.unique(key, return_inverse=True)
    compounds = _compounds(folder, winners, plan.compounds_per_shard).take(pa.array(which))
    value = best.ln_ic50.ravel()
    columns = {
        "sample": pa.array(samples).dictionary_encode().take(pa.array(np.repeat(np.arange(len(samples)), ranks))),
        "rank": pa.array(np.tile(np.arange(1, ranks + 1, dtype=np.int32), len(samples))),
        **{name: compounds[name] for name in ("library_row", "id", "compound", "smiles", "dose_um", "hours")},
        "ln_ic50": pa.array(value),
        "ic50_um": pa.array(np.exp(value)),
        "compound_seen": compounds["compound_seen"],
    }
    pq.write_table(pa.table(columns), path, compression="zstd")


def is_whole(folder: ScreenFolder, plan: ScreenPlan, shard: int) -> bool:
    """Whether the result of a shard is there and can be read."""
    path = folder.result(shard, plan.mode)
    if not path.exists():
        return False
    try:
        if folder.work.exists():
            pq.read_metadata(folder.compounds(shard))
        if plan.mode is ScreenMode.FULL:
            pq.read_metadata(path)
        else:
            _read(folder, plan, shard)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, pa.ArrowException):
        return False
    return True


def _read(folder: ScreenFolder, plan: ScreenPlan, shard: int) -> Best:
    with np.load(folder.result(shard, plan.mode)) as stored:
        return Best(stored["ln_ic50"], np.full(stored["row"].shape, shard, dtype=np.int32), stored["row"])


def _compounds(folder: ScreenFolder, winners: Int[np.ndarray, " w"], per_shard: int) -> pa.Table:
    """The compounds of some (shard, row) keys in ascending order, one shard's table in memory at a time."""
    parts = []
    for shard in np.unique(winners // per_shard).tolist():
        with made_here(folder.compounds(shard)):
            table = usable(pq.read_table(folder.compounds(shard)))
        parts.append(table.take(pa.array(winners[winners // per_shard == shard] % per_shard)))
    if not parts:
        return usable(pq.read_table(folder.compounds(0)))
    return pa.concat_tables(parts).unify_dictionaries()


def usable(compounds: pa.Table) -> pa.Table:
    """The compounds of a shard that have predictions."""
    return compounds.filter(pc.equal(compounds["reason"], ""))
