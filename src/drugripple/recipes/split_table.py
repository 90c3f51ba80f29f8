"""Split files of any layout: one row per measurement, under our names of columns, with its role."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from drugripple.errors import SplitError, counted, first_five
from drugripple.recipes.split_roles import refuse_blank, role_of_name, roles_of
from drugripple.runtime.notes import tell
from drugripple.sources.user.column_names import plain
from drugripple.sources.user.matrix import label, labels_of
from drugripple.sources.user.response_columns import COMPOUND_NAMES, SAMPLE_NAMES
from drugripple.sources.user.text_table import read_table

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "line": SAMPLE_NAMES,
    "drug": COMPOUND_NAMES,
    "role": ("role", "split", "set", "part", "partition", "mode"),
    "smiles": ("smiles", "canonical_smiles"),
    "value": ("value", "ln_ic50", "response", "y", "label", "auc"),
    "row_id": ("row_id",),
    "fold": ("fold", "cv_split", "split_id"),
    "scheme": ("scheme", "test_mode"),
}
"""Names under which each column is recognised, drevalpy's among them; lines and drugs as in a table of responses."""


def read_split(path: Path) -> pd.DataFrame:
    """A table as it stands, every cell of text as text: ids keep their zeros, and a drug may be called NA.

    Raises:
        SplitError: if it cannot be read.
    """
    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path).rename(columns=str)
        table = read_table(path)
    except (OSError, ValueError) as error:
        message = f"{path} cannot be read as CSV, TSV, Parquet or xlsx ({type(error).__name__}: {error})"
        raise SplitError(message) from error
    tell(map(str, table.notes))
    return pd.DataFrame(table.cells, columns=list(table.header), dtype=object)


def split_rows(paths: Sequence[Path], tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The rows of all files, with the columns that matter under our names, and a role in each.

    Args:
        paths: the files, for messages, and for their roles where no column says them.
        tables: what `read_split` found in each.

    Raises:
        SplitError: if there is no file, a row has no role, no name or no fold, or a row number is none.
    """
    if not paths:
        message = "no split file was given; name at least one"
        raise SplitError(message)
    parts = [_renamed(path, table) for path, table in zip(paths, tables, strict=True)]
    return pd.concat(parts, ignore_index=True)


def _renamed(path: Path, frame: pd.DataFrame) -> pd.DataFrame:
    """The columns of a file that matter, under our names, with a role in each row."""
    header = _header(frame)
    part = frame.rename(columns={spelled: ours for ours, spelled in header.items()})[list(header)]
    named_by = header.get("role")
    part["role"] = roles_of(path, named_by, part["role"]) if named_by else role_of_name(path, len(part))
    if "row_id" in part:
        part["row_id"] = _row_numbers(path, part["row_id"])
    for column in ("line", "drug", "fold", "scheme"):
        if column in part:
            part[column] = list(labels_of([label(value) for value in part[column]]))
            refuse_blank(path, header[column], part[column])
    return part


def _header(frame: pd.DataFrame) -> dict[str, str]:
    """How a table spells each of our columns that it has; a column of its is one of ours at most."""
    named = {plain(column): column for column in reversed(frame.columns)}
    header: dict[str, str] = {}
    for ours, spellings in COLUMNS.items():
        spelled = next((named[plain(name)] for name in spellings if plain(name) in named), None)
        if spelled is not None and spelled not in header.values():
            header[ours] = spelled
    return header


def _row_numbers(path: Path, cells: pd.Series) -> "pd.Series[int]":
    numbers = pd.to_numeric(cells, errors="coerce")
    bad = ~(numbers >= 0) | (numbers % 1 != 0)
    if bad.any():
        shown = first_five(cells[bad])
        message = (
            f"{path}: {counted(int(bad.sum()), 'row_id is', 'row_ids are')} no whole numbers: {shown}; correct them"
        )
        raise SplitError(message)
    return numbers.astype("int64")
