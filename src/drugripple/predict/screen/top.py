"""The most sensitive compounds of every sample, exactly, without the full matrix in memory."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from jaxtyping import Float, Int

from drugripple.data.measure import Measure
from drugripple.errors import DrugrippleError
from drugripple.predict.choices import Ranking
from drugripple.predict.screen.plan import ScreenFolder, ScreenPlan, made_here, read_sealed_table
from drugripple.runtime.digest import file_digest
from drugripple.runtime.sealed import read_sealed


class Best(NamedTuple):
    """The best compounds of every sample, in order; ties in library order. Axes: n sample, k rank."""

    percentile: Float[np.ndarray, "n k"]
    """Percent of the training samples that are predicted a lower value; NaN where responses alone are compared."""
    value: Float[np.ndarray, "n k"]
    shard: Int[np.ndarray, "n k"]
    row: Int[np.ndarray, "n k"]
    """Row of the compound in its shard."""


def best_of(
    value: Float[np.ndarray, "n c"],
    shard: int,
    top: int,
    measure: Measure = Measure.LN_IC50,
    percentile: Float[np.ndarray, "n c"] | None = None,
) -> Best:
    """The best compounds of one shard, whose columns are in the order of the library: by percentile if it is given.

    >>> best_of(np.array([[3.0, 1.0, 2.0, 1.0]]), shard=0, top=3).row
    array([[1, 3, 2]])
    >>> best_of(np.array([[3.0, 1.0, 2.0, 1.0]]), shard=0, top=3, measure=Measure.ACTIVITY_AREA).row
    array([[0, 2, 1]])
    >>> best_of(np.array([[3.0, 1.0, 2.0]]), 0, 3, percentile=np.array([[5.0, 40.0, 5.0]])).row
    array([[2, 0, 1]])
    """
    against = np.full(value.shape, np.nan) if percentile is None else percentile
    row = _most_sensitive(against, value, top, measure)
    first, second = (np.take_along_axis(values, row, axis=1) for values in (against, value))
    return Best(first, second, np.full_like(row, shard), row)


def merged(parts: Iterable[Best], top: int, measure: Measure = Measure.LN_IC50) -> Best:
    """The best compounds of several shards in their order; at most two shards are held at a time.

    Raises:
        ValueError: if there is no shard.
    """
    best: Best | None = None
    for part in parts:
        if best is None:
            best = part
            continue
        both = Best(*(np.concatenate(pair, axis=1) for pair in zip(best, part, strict=True)))
        order = _most_sensitive(both.percentile, both.value, top, measure)
        best = Best(*(np.take_along_axis(values, order, axis=1) for values in both))
    if best is None:
        message = "no shard to merge"
        raise ValueError(message)
    return best


def _most_sensitive(
    percentile: Float[np.ndarray, "n c"], value: Float[np.ndarray, "n c"], top: int, measure: Measure
) -> Int[np.ndarray, "n k"]:
    sign = 1 if measure.lower_is_sensitive else -1
    if np.isnan(percentile).all():
        return np.argsort(sign * value, axis=1, kind="stable")[:, :top]
    return np.lexsort((sign * value, sign * percentile), axis=1)[:, :top]


def write_best(folder: ScreenFolder, plan: ScreenPlan, samples: tuple[str, ...], path: Path) -> None:
    """Merge the results of the shards into one row per sample and rank, with its compound and response."""
    best = merged((_read(folder, plan, shard) for shard in range(plan.shards)), plan.top, plan.measure)
    ranks = best.value.shape[1]
    key = (best.shard.astype(np.int64) * plan.compounds_per_shard + best.row).ravel()
    winners, which = np.unique(key, return_inverse=True)
    compounds = _compounds(folder, winners, plan.compounds_per_shard).take(pa.array(which))
    value, unit = best.value.ravel(), plan.measure.micromolar
    columns = {
        "sample": pa.array(samples).dictionary_encode().take(pa.array(np.repeat(np.arange(len(samples)), ranks))),
        "rank": pa.array(np.tile(np.arange(1, ranks + 1, dtype=np.int32), len(samples))),
        **{name: compounds[name] for name in ("library_row", "id", "compound", "smiles", "dose_um", "hours")},
        plan.measure.value: pa.array(value),
        **({unit: pa.array(np.exp(value))} if unit else {}),
        **({} if plan.by is Ranking.RESPONSE else {"sample_percentile": pa.array(best.percentile.ravel())}),
        "compound_seen": compounds["compound_seen"],
    }
    pq.write_table(pa.table(columns), path, compression="zstd")


def is_whole(folder: ScreenFolder, plan: ScreenPlan, shard: int) -> bool:
    """Whether the result of a shard and its compounds are those that were written."""
    path = folder.result(shard, plan.mode)
    if not path.exists():
        return False
    try:
        read_sealed(folder.compounds(shard))
        return file_digest(path) == stored_digest(folder, shard)
    except DrugrippleError:
        return False


def stored_digest(folder: ScreenFolder, shard: int) -> str:
    """The SHA-256 of the result of a shard, as its process kept it.

    Raises:
        SourceError: if it is not there, or damaged.
    """
    return bytes(read_sealed(folder.seal(shard))).decode("ascii")


def _read(folder: ScreenFolder, plan: ScreenPlan, shard: int) -> Best:
    path = folder.result(shard, plan.mode)
    with made_here(path), np.load(path) as stored:
        return Best(
            stored["percentile"], stored["value"], np.full(stored["row"].shape, shard, dtype=np.int32), stored["row"]
        )


def _compounds(folder: ScreenFolder, winners: Int[np.ndarray, " w"], per_shard: int) -> pa.Table:
    """The compounds of some (shard, row) keys in ascending order, one shard's table in memory at a time."""
    parts = []
    for shard in np.unique(winners // per_shard).tolist():
        table = usable(read_sealed_table(folder.compounds(shard)))
        parts.append(table.take(pa.array(winners[winners // per_shard == shard] % per_shard)))
    if not parts:
        return usable(read_sealed_table(folder.compounds(0)))
    return pa.concat_tables(parts).unify_dictionaries()


def usable(compounds: pa.Table) -> pa.Table:
    """The compounds of a shard that have predictions."""
    return compounds.filter(pc.equal(compounds["reason"], ""))
