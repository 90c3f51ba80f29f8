"""The parts of a report, as plain values: prose, tables and figures."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from drugripple.errors import TableError, first_five

Cell = str | int | float | bool | None

UNDEFINED = "\u2013"  # en dash
MINUS = "\u2212"


class Column(NamedTuple):
    """A column of a table: its heading, and a format specification for its numbers (blank for words)."""

    heading: str
    format: str = ""


@dataclass(frozen=True)
class Table:
    """Rows under named columns.

    Raises:
        TableError: if a row has more or fewer cells than there are columns.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""

    def __post_init__(self) -> None:
        """Refuse ragged rows."""
        ragged = [i for i, row in enumerate(self.rows) if len(row) != len(self.columns)]
        if ragged:
            message = (
                f"{len(ragged)} rows of the table {self.caption!r} do not have {len(self.columns)} cells: "
                f"rows {first_five(ragged)}; give one cell for each of {first_five(c.heading for c in self.columns)}"
            )
            raise TableError(message)

    def written(self) -> tuple[tuple[str, ...], ...]:
        """The text of every cell, row by row."""
        return tuple(
            tuple(written(cell, column.format) for cell, column in zip(row, self.columns, strict=True))
            for row in self.rows
        )


@dataclass(frozen=True)
class Figure:
    """A drawing and the sentence under it.

    Raises:
        TableError: if the drawing is not an SVG element.
    """

    svg: str
    caption: str

    def __post_init__(self) -> None:
        """Refuse anything but one SVG element."""
        if not self.svg.startswith("<svg"):
            message = f"a figure needs an SVG element, got text that begins {self.svg[:40]!r}"
            raise TableError(message)


@dataclass(frozen=True)
class Section:
    """A heading with prose, then tables, then figures."""

    heading: str
    prose: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()


class Highlight(NamedTuple):
    """A number at the top of a report."""

    label: str
    value: str
    note: str


@dataclass(frozen=True)
class Report:
    """A whole report: findings, then methods, then what is needed to repeat it."""

    title: str
    summary: tuple[str, ...]
    sections: tuple[Section, ...]
    provenance: Mapping[str, str]
    highlights: tuple[Highlight, ...] = ()


def written(cell: Cell, form: str) -> str:
    """A value as text: a true minus sign, and a dash for an undefined number.

    >>> written(1.2345, ".2f"), written(True, ""), written(150_000, ",d"), written(math.nan, ".2f") == UNDEFINED
    ('1.23', 'yes', '150,000', True)
    """
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return UNDEFINED
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, str):
        return cell
    text = format(cell, form)
    if text.startswith("-") and not text.strip("-0.%"):
        text = text[1:]  # a number that rounds to zero has no sign
    return MINUS + text[1:] if text.startswith("-") else text
