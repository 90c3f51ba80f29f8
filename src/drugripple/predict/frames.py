"""Tables to files, some rows at a time, so that memory does not grow with the number of rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from jaxtyping import Int

from drugripple.errors import ConfigError
from drugripple.runtime.cells import for_spreadsheets

CELLS_TOGETHER = 1 << 19
SAMPLES_AT_ONCE, COMPOUNDS_AT_ONCE = 50, 2000


def row_parts(number: int, size: int) -> Iterator[Int[np.ndarray, " k"]]:
    """The rows of a table, so many at a time.

    >>> [rows.tolist() for rows in row_parts(3, 2)]
    [[0, 1], [2]]
    """
    for start in range(0, number, size):
        yield np.arange(start, min(start + size, number))


def write_frames(path: Path, suffix: str, frames: Iterator[pd.DataFrame]) -> None:
    """Append frames to one file, gathering small ones so that a Parquet file gets large row groups."""
    with _appender(path, suffix) as append:
        waiting: list[pd.DataFrame] = []
        for frame in frames:
            waiting.append(frame)
            if sum(part.size for part in waiting) >= CELLS_TOGETHER:
                append(pd.concat(waiting, ignore_index=True))
                waiting = []
        if waiting:
            append(pd.concat(waiting, ignore_index=True))


@contextmanager
def _appender(path: Path, suffix: str) -> Iterator:
    if suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            yield lambda frame: for_spreadsheets(frame).to_csv(
                file, index=False, header=file.tell() == 0, lineterminator="\n"
            )
        return
    writer: list[pq.ParquetWriter] = []

    def append(frame: pd.DataFrame) -> None:
        table = pa.Table.from_pandas(frame, preserve_index=False)
        if not writer:
            writer.append(pq.ParquetWriter(path, table.schema, compression="zstd"))
        writer[0].write_table(table)

    try:
        yield append
    finally:
        for one in writer:
            one.close()


def require_format(path: Path, suffixes: tuple[str, ...]) -> None:
    """Refuse an output whose name says no known format, or whose folder does not exist.

    Raises:
        ConfigError: naming it.
    """
    if path.suffix not in suffixes:
        endings = " or ".join(filter(None, (", ".join(suffixes[:-1]), suffixes[-1])))
        message = f"{path} should end in {endings}, which says the format to write"
        raise ConfigError(message)
    if not path.parent.is_dir():
        message = f"the folder {path.parent} of {path.name} does not exist; make it first"
        raise ConfigError(message)
