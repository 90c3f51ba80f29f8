"""A table of responses opened: its columns as text, as numbers, and by their plain names."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float

from drugripple.errors import Fault, SourceError, first_five
from drugripple.sources.user.column_names import plain
from drugripple.sources.user.delimited import number_in
from drugripple.sources.user.file_format import kind_of
from drugripple.sources.user.findings import Finding, Topic, problem
from drugripple.sources.user.matrix import labels_of
from drugripple.sources.user.text_table import read_table

Source = str | Path | pd.DataFrame


@dataclass(frozen=True)
class ResponseFrame:
    """A table with one row per measurement, and where it comes from."""

    cells: pd.DataFrame
    where: str
    """The file, for messages."""
    form: str
    """Format of the file, or what was given instead."""
    notes: tuple[Finding, ...] = ()
    """What was found when the file was opened."""
    _texts: "dict[str, pd.Series[str]]" = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def header(self) -> tuple[str, ...]:
        """The names of all columns."""
        return tuple(map(str, self.cells.columns))

    def called(self, names: Sequence[str]) -> list[str]:
        """The columns that have one of these plain names, in the order of the names; the first of those alike."""
        by_name = {plain(name): name for name in reversed(self.header)}
        return [by_name[name] for name in names if name in by_name]

    def text(self, name: str) -> "pd.Series[str]":
        """A column as text without blanks around it; blank where nothing stands, whole numbers without a point."""
        if name not in self._texts:
            self._texts[name] = self._as_text(name)
        return self._texts[name]

    def _as_text(self, name: str) -> "pd.Series[str]":
        column = self.cells[name]
        cells = ["" if blank else str(cell).strip() for cell, blank in zip(column, column.isna(), strict=True)]
        return pd.Series(labels_of(cells), self.cells.index, dtype=object)

    def numbers(self, name: str) -> Float[np.ndarray, " m"]:
        """A column as numbers; NaN where a cell holds none."""
        column = self.cells[name]
        if pd.api.types.is_numeric_dtype(column):
            return column.to_numpy(np.float64)
        return np.array([number_in(str(cell)) for cell in column], dtype=np.float64)

    def without(self, what: str, do: str) -> Finding:
        """The problem that no column names something."""
        return problem(Topic.LAYOUT, f"no column names the {what}", got=f"columns {first_five(self.header)}", do=do)


def open_responses(source: object) -> ResponseFrame:
    """The columns of a table or a file, every cell of a file as text; an index with names is columns too.

    Raises:
        SourceError: if the file cannot be read, or it is neither a table nor a path.
    """
    if isinstance(source, ResponseFrame):
        return source
    if isinstance(source, pd.DataFrame):
        named = all(name is not None and name not in source.columns for name in source.index.names)
        return ResponseFrame(source.reset_index(drop=not named).rename(columns=str), "the table", "data frame")
    if not isinstance(source, str | Path):
        raise SourceError(
            Fault("", f"responses were given as {type(source).__name__}", expected="a path or a DataFrame")
        )
    path = Path(source)
    table = read_table(path)
    cells = pd.DataFrame(table.cells, columns=list(table.header), dtype=object)
    return ResponseFrame(cells, str(source), kind_of(path), table.notes)
