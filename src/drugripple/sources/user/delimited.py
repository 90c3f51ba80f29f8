"""Delimited text as a header and rows with their line numbers; every line is held against the layout of the whole."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import nan
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from jaxtyping import Bool, Float

from drugripple.errors import Fault, SourceError, counted
from drugripple.sources.user.cell_numbers import DECIMAL_COMMA, MISSING
from drugripple.sources.user.gct import gct_layout, is_gct
from drugripple.sources.user.text_layout import COMMENTS, DELIMITERS, TextLayout, Unbalanced, detect, split
from drugripple.sources.user.text_lines import Line, filled_lines, unbalanced

HEAD_LINES = 500
HEAD_CHARACTERS = 1 << 23
"""How much of a file its layout is judged by, but always some lines."""
FEWEST_LINES = 12
FIELDS_AT_MOST = 1_000_000
"""Fields of a line: more would take minutes, and no table has so many genes."""
MINUS = "\N{MINUS SIGN}"
"""What Swedish and Norwegian programs write before a number, and word processors everywhere."""


T = TypeVar("T")


class Row(NamedTuple):
    """One row of a table, cell by cell, as written."""

    line: int
    """Number of the line as an editor or a spreadsheet counts it."""
    cells: Sequence[str]


@dataclass(frozen=True)
class DelimitedText:
    """A text file whose layout is known; rows are read when asked for, so that memory does not grow with the file."""

    path: Path
    layout: TextLayout

    @property
    def header(self) -> tuple[str, ...]:
        """The name of every column; blank where it has none."""
        return self.layout.header

    def rows(self) -> Iterator[Row]:
        """All rows that are not blank, with a cell for every name of the header.

        Raises:
            SourceError: naming the first line that does not fit the header, or opens a quote and does not close it.
        """
        width, trailing = len(self.header), self.layout.trailing
        count = 0
        for line in filled_lines(self.path):
            if line.number <= self.layout.header_line:
                continue
            cells = self._cells(line, width + trailing)
            if cells is None:
                continue
            if trailing and cells.pop().strip():
                raise SourceError(Fault(self.path, f"line {line.number} has a value behind the last named column"))
            if not any(cell.strip() for cell in cells):
                continue
            count += 1
            yield Row(line.number, cells)
        expected = self.layout.expected_rows
        if expected is not None and count != expected:
            fault = Fault(
                self.path, f"it has {counted(count, 'row')}", expected=f"{expected:,}, as its second line says"
            )
            raise SourceError(fault)
        if not count:
            raise SourceError(Fault(self.path, "it has a header but no row", do="export it again"))

    def _cells(self, line: Line, width: int) -> list[str] | None:
        """The cells of a line; nothing for a comment.

        Raises:
            SourceError: if it does not fit.
        """
        delimiter = self.layout.delimiter
        try:
            cells = split(line.text, delimiter)
            if len(cells) == width:
                return cells
            if line.text.startswith(COMMENTS):
                return None
            if delimiter == "\t" and '"' in line.text:
                cells = split(line.text, delimiter, literal=False)
                if len(cells) == width:
                    return cells
        except Unbalanced:
            raise SourceError(unbalanced(self.path, line)) from None
        fault = Fault(
            self.path,
            f"line {line.number} has {counted(len(cells), 'field')}",
            expected=f"{width}, as the header and most rows",
            do="correct that line",
        )
        raise SourceError(fault)


def open_text(path: Path, *, among: str = "") -> DelimitedText:
    """A delimited text file with a header line, its layout judged by its first lines.

    Args:
        path: the file.
        among: the delimiters that may part its columns; any that we know unless given.

    Raises:
        SourceError: if the file is not text, its lines show no layout, or one has too many fields.
    """
    head: list[Line] = []
    length = 0
    for line in filled_lines(path):
        fields = 1 + max(line.text.count(sign) for sign in among or DELIMITERS[:-1])
        if fields > FIELDS_AT_MOST:
            do = "give the genes as rows, or fewer of them"
            raise SourceError(
                Fault(path, f"line {line.number} has {fields:,} fields", expected=f"at most {FIELDS_AT_MOST:,}", do=do)
            )
        head.append(line)
        length += len(line.text)
        if len(head) >= HEAD_LINES or (length > HEAD_CHARACTERS and len(head) >= FEWEST_LINES):
            break
    if not head:
        raise SourceError(Fault(path, "it has only blank lines", do="export it again"))
    return DelimitedText(path, gct_layout(path, head) if is_gct(head[0].text) else detect(path, head, among=among))


def in_blocks(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """Some rows or lines at a time.

    >>> list(in_blocks("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    left = iter(rows)
    while block := list(islice(left, size)):
        yield block


def number_in(cell: str, decimal: str = ".") -> float:
    """The number that a cell holds; NaN where it holds none.

    `pandas.to_numeric` would do, but crashes the interpreter on an exponent of ten digits.

    >>> number_in(" 2.5 "), number_in("high"), number_in("2,5", ",")
    (2.5, nan, 2.5)
    """
    if decimal != ".":
        cell = "" if "." in cell else cell.replace(decimal, ".")
    try:
        return float(cell.replace(MINUS, "-")) if "_" not in cell else nan
    except ValueError:
        return nan


def numbers_and_text(
    cells: Sequence[str], decimal: str = "."
) -> tuple[Float[np.ndarray, " r"], Bool[np.ndarray, " r"]]:
    """The numbers of some cells, NaN where there is none, and which of the cells hold text instead.

    >>> numbers, text = numbers_and_text(["2.5", "high", ""])
    >>> numbers.tolist(), text.tolist()
    ([2.5, nan, nan], [False, True, False])
    """
    numbers = np.array([number_in(cell, decimal) for cell in cells], dtype=np.float64)
    return numbers, np.isnan(numbers) & np.array([not is_missing(cell) for cell in cells], dtype=bool)


def with_points(cells: tuple[str, ...], decimal: str) -> tuple[str, ...]:
    """Numbers with a decimal comma get a point; a structure or a name with a comma stays as it is.

    >>> with_points(("2,5", "> 0,5 nM", "1,2-dioxane"), ",")
    ('2.5', '> 0.5 nM', '1,2-dioxane')
    """
    if decimal != ",":
        return cells
    found = [DECIMAL_COMMA.fullmatch(cell) for cell in cells]
    return tuple(f"{one[1]}.{one[2]}".strip() if one else cell for cell, one in zip(cells, found, strict=True))


def is_missing(cell: str) -> bool:
    """Whether a cell is blank or says that its number is missing.

    >>> is_missing(" NA "), is_missing("0")
    (True, False)
    """
    return cell.strip().lower() in MISSING
