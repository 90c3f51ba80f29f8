"""Opening one Parquet file and insisting on the columns that are needed."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from jaxtyping import Float

from drugripple.errors import SourceError, first_five
from drugripple.sources.user.delimited import number_in


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
    except SourceError:
        raise
    except Exception as error:  # damaged metadata makes pyarrow and pandas raise anything at all
        reason = " ".join(str(error).split())
        message = f"{path} cannot be read as Parquet ({reason}); it is damaged or of another format: fetch it again"
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


def require_numbers(path: Path, frame: pd.DataFrame, columns: Sequence[str]) -> None:
    """Refuse columns that hold anything but numbers; missing ones are not its business.

    Raises:
        SourceError: naming the file, the columns and a value that is no number.
    """
    words = [name for name in columns if frame[name].dtype.kind not in "fiu"]
    if words:
        first = next(iter(frame[words[0]].dropna()), None)
        message = f"{path}: {len(words)} columns hold no numbers: {first_five(words)} (first value: {first!r})"
        raise SourceError(message)


def as_numbers(column: pd.Series) -> Float[np.ndarray, " r"]:
    """Cells of text as numbers; NaN where a cell holds none.

    `pandas.to_numeric` would do, but crashes the interpreter on an exponent of ten digits.

    >>> as_numbers(pd.Series(["2.5", "1e9999999999", "high", None])).tolist()
    [2.5, inf, nan, nan]
    """
    if column.dtype.kind in "fiu":
        return column.to_numpy(np.float64)
    return np.array([number_in(str(cell)) for cell in column], dtype=np.float64)
