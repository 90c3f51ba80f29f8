"""Opening one Parquet file and insisting on the columns that are needed."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from drugripple.errors import SourceError, first_five


def read_columns(path: Path, columns: Sequence[str] = (), optional: Sequence[str] = ()) -> pd.DataFrame:
    """Some columns of a Parquet file; all of them where none is named.

    Raises:
        SourceError: if the file is missing, is not Parquet, has no row, or lacks a column; names both.
    """
    if not path.is_file():
        message = f"{path} does not exist; pass the folder that holds {path.parent.name}/{path.name}"
        raise SourceError(message)
    try:
        present = pq.read_schema(path).names
        require_columns(path, present, columns)
        chosen = [*columns, *(name for name in optional if name in present)] if columns else None
        frame = pq.read_table(path, columns=chosen).to_pandas(ignore_metadata=True)
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, SourceError):
            raise
        message = f"{path} cannot be read as Parquet ({error}); it is damaged or of another format: fetch it again"
        raise SourceError(message) from error
    if frame.empty:
        message = f"{path} has no row; fetch or build it again"
        raise SourceError(message)
    return frame


def require_columns(path: Path, present: Sequence[str], needed: Sequence[str]) -> None:
    """Refuse a file that lacks a column.

    Raises:
        SourceError: naming the file, the missing columns and those it has.
    """
    missing = [name for name in needed if name not in present]
    if missing:
        message = (
            f"{path} lacks {len(missing)} of {len(needed)} columns: {first_five(missing)}; it has {first_five(present)}"
        )
        raise SourceError(message)
