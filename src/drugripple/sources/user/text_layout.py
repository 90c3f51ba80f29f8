"""How a delimited text is laid out, judged by many of its lines: header, delimiter, decimal mark, comments."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from drugripple.errors import Fault, SourceError, counted, first_five
from drugripple.sources.user.cell_numbers import NUMBER, decimal_mark, may_be_number
from drugripple.sources.user.findings import Finding, Level, Topic
from drugripple.sources.user.header_faults import refuse_numbers, refuse_second_header
from drugripple.sources.user.r_header import is_of_r
from drugripple.sources.user.text_lines import Line, unbalanced
from drugripple.sources.user.text_preamble import table_start

DELIMITERS = ("\t", ";", ",", "|", " ")
"""The earlier wins where a file fits several."""
COMMENTS = ("#", "!")  # `!` begins the lines about a series in GEO's matrices
DECLARED = re.compile(r'"?sep=(.)"?', re.IGNORECASE)  # the line that tells Excel the delimiter
PANDAS_INDEX = re.compile(r"Unnamed: \d+(_level_\d+)?")


class Unbalanced(ValueError):
    """A quote that opens a cell is not closed on its line."""


@dataclass(frozen=True)
class TextLayout:
    """Where the cells of a delimited text are."""

    header: tuple[str, ...]
    """The name of every column; blank where it has none."""
    delimiter: str
    decimal: str
    header_line: int
    trailing: bool = False
    """Whether every row ends in a delimiter with nothing behind it."""
    expected_rows: int | None = None
    """The number of rows that the file states."""
    column_labels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Further names of all columns, from lines below the header (GCT 1.3)."""
    notes: tuple[Finding, ...] = ()
    labels: int = 0
    """So many columns in front hold names by the format, whatever stands in them."""


def split(line: str, delimiter: str, *, literal: bool = True) -> list[str]:
    r"""The cells of a line.

    In tab-separated text, if `literal`, a quote inside a cell is a character like any other, and one that opens a cell
    without being closed there is dropped.

    Raises:
        Unbalanced: if a quote opens a cell of another text and is not closed.

    >>> split('a,"b,c",5" d', ","), split('a\t"b\tc', "\t")
    (['a', 'b,c', '5" d'], ['a', 'b', 'c'])
    """
    if '"' not in line and delimiter != " ":
        return line.split(delimiter)
    if delimiter == "\t" and literal:
        return [_unquoted(cell) for cell in line.split(delimiter)]
    try:
        return next(csv.reader([line.strip() if delimiter == " " else line], **_dialect(delimiter)), [""])
    except csv.Error as error:
        raise Unbalanced(str(error)) from error


def _dialect(delimiter: str) -> dict:
    return {"delimiter": delimiter, "skipinitialspace": True, "strict": True}


def _unquoted(cell: str) -> str:
    text = cell.strip()
    if text.startswith('"') and text.count('"') % 2:
        text = cell = text[1:]
    return text[1:-1].replace('""', '"') if len(text) > 1 and text[0] == text[-1] == '"' else cell


class _Head(NamedTuple):
    """The first lines of a file, parted into what stands above the header and what stands below it."""

    above: list[Line]
    """Comments and titles."""
    header: Line
    rows: list[list[str]]
    """Cells of the first rows."""
    width: int
    """Cells that most rows have."""


def detect(path: Path, lines: Sequence[Line], *, among: str = "") -> TextLayout:
    """The layout that the first lines of a file show; further lines are held against it as they are read.

    Args:
        path: the file, for messages.
        lines: its first lines that are not blank.
        among: the delimiters that may part its columns; any of `DELIMITERS` unless given.

    Raises:
        SourceError: if there is no header, no row, no delimiter, or the header does not fit the rows.
    """
    declared = DECLARED.fullmatch(lines[0].text.strip(" "))
    head, delimiter = _best(path, lines[1:], declared[1]) if declared else _best(path, lines, among=among)
    if declared:
        _refuse_contradiction(path, lines, delimiter)
    try:
        names = [header_name(cell) for cell in split(head.header.text.removeprefix("#"), delimiter)]
    except Unbalanced:
        raise SourceError(unbalanced(path, head.header)) from None
    names, trailing = _fitted(path, names, head)
    decimal = decimal_mark(path, head.rows, spreadsheet=delimiter == ";")
    refuse_second_header(path, head.header, head.rows, decimal)
    refuse_numbers(path, names, decimal)
    notes = tuple(_notes(head.above, trailing=trailing))
    return TextLayout(tuple(names), delimiter, decimal, head.header.number, trailing, notes=notes)


def _fitted(path: Path, names: list[str], head: _Head) -> tuple[list[str], bool]:
    """A name for every column, and whether the rows end in a delimiter with nothing behind it."""
    blank_end = not any(row[-1].strip() for row in head.rows)
    if len(names) == head.width:
        return (names[:-1], True) if blank_end and not names[-1] else (names, False)
    if len(names) == head.width + 1 and not names[-1]:
        return names[:-1], False
    if len(names) == head.width - 1 and names[-1] and blank_end:
        return names, True
    rows = [row[: len(names) + 1] for row in head.rows]
    if len(names) == head.width - 1 - blank_end and names[0] and names[-1] and is_of_r(names, rows, may_be_number):
        return ["", *names], blank_end
    fault = Fault(
        path,
        f"the header in line {head.header.number} has {counted(len(names), 'name')}, but the rows below it have "
        f"{counted(head.width, 'field')}",
        got=f"{names[0]!r} first and {names[-1]!r} last above a row from {head.rows[0][0]!r} to {head.rows[0][-1]!r}",
        do="give every column a name and every row as many fields; delete lines above the header",
    )
    raise SourceError(fault)


def _best(path: Path, lines: Sequence[Line], declared: str = "", among: str = "") -> tuple[_Head, str]:
    """The delimiter under which header and rows agree best, and the lines as it parts them.

    Raises:
        SourceError: if none parts them.
    """
    found = [
        fit for sign in declared or among or DELIMITERS[:-1] if (fit := _fit(lines, sign, declared=bool(declared)))
    ]
    best = max(found, key=lambda fit: fit[0], default=None)
    unsure = best is None or best[0][-1] < 0 or not best[0][1]
    if unsure and not (declared or among) and (spaced := _fit(lines, " ", declared=False)):
        best = spaced if best is None or _are_blanks_better(spaced, best[0]) else best
    if best is None:
        raise SourceError(_why_none(path, lines, declared))
    _, head, delimiter = best
    return head._replace(rows=[row for row in head.rows if len(row) == head.width]), delimiter


def _why_none(path: Path, lines: Sequence[Line], declared: str) -> Fault:
    """Why no delimiter parts a header and rows."""
    filled = [line for line in lines if not line.text.startswith(COMMENTS)]
    if len(filled) < 2:
        what = "it has a header but no row" if filled else "it has nothing but comments"
        return Fault(path, what, do="export it again")
    if filled[0].text.count('"') % 2:
        return unbalanced(path, filled[0])
    if declared and (other := _sign_that_fits(lines)):
        return _contradiction(path, declared, other)
    if all(re.fullmatch(r'"[^"]*[,;\t|][^"]*"', line.text.strip()) for line in filled):
        return Fault(path, "every line stands in quotes as one cell", do="delete the quotes around the lines")
    return Fault(path, "no delimiter parts its lines", expected="tab, comma, semicolon or bar")


def _refuse_contradiction(path: Path, lines: Sequence[Line], declared: str) -> None:
    """Refuse a first line that names a sign which parts the rows worse than another one does.

    Raises:
        SourceError: naming both.
    """
    named = _fit(lines[1:], declared, declared=True)
    other = _sign_that_fits(lines[1:])
    best = _fit(lines[1:], other, declared=False) if other else None
    if other != declared and named and best and best[0][:3] > named[0][:3]:
        raise SourceError(_contradiction(path, declared, other))


def _sign_that_fits(lines: Sequence[Line]) -> str:
    """The sign under which header and rows agree; blank where none does."""
    found = [fit for sign in DELIMITERS[:-1] if (fit := _fit(lines, sign, declared=False)) and fit[0][0] and fit[0][1]]
    return max(found, key=lambda fit: fit[0])[2] if found else ""


def _contradiction(path: Path, declared: str, other: str) -> Fault:
    return Fault(
        path,
        f"its first line says that {declared!r} parts the columns",
        got=f"columns parted by {other!r}",
        do="delete that line, or correct it",
    )


def _are_blanks_better(spaced: "_Fit", other: "_Score") -> bool:
    """Whether blanks part all lines alike where another sign needs titles, or parts off the header too little.

    They are looked at last, since names may hold some. R writes no name above the row names.
    """
    (even, named, alike, width, titles), head, _ = spaced
    named = named or 1 < len(_cells(head.header.text, " ")) == width - 1
    if not even or alike < 1 or titles:
        return False
    return (named and other[-1] < 0) or (not other[1] and width > other[3])


_Score = tuple[bool, bool, float, int, int]
_Fit = tuple[_Score, _Head, str]


def _fit(lines: Sequence[Line], delimiter: str, *, declared: bool) -> _Fit | None:
    """How well a delimiter parts lines: rows mostly alike, the header too, rows all alike, many cells, no title."""
    head = _parted(lines, delimiter)
    if head is None or head.width < 2:
        return None
    named = len(_cells(head.header.text, delimiter))
    if named < 2 < head.width and not declared:  # only a single sample has a header without a delimiter
        return None
    even = sum(len(row) == head.width for row in head.rows) / len(head.rows)
    titles = sum(not line.text.startswith(COMMENTS) for line in head.above)
    return (even > 0.8, named == head.width, even, head.width, -titles), head, delimiter


def _parted(lines: Sequence[Line], delimiter: str) -> _Head | None:
    """The header is the first line that is no comment and no title; nothing where there is no row below it."""
    plain = [i for i, line in enumerate(lines) if not line.text.startswith(COMMENTS)]
    if len(plain) < 2:
        return None
    cells = [_cells(line.text, delimiter) for line in lines]
    if start := table_start([cells[i] for i in plain]):
        below = [cells[i] for i in plain[start + 1 :]]
        return _Head(list(lines[: plain[start]]), lines[plain[start]], below, len(below[0]))
    width = Counter(len(cells[i]) for i in plain[1:]).most_common(1)[0][0]
    first = next((i for i in plain[:-1] if not _stands_above(lines[i : i + 2], cells[i], width, delimiter)), None)
    if first is None:
        return None
    before = first - 1
    if delimiter != " " and before >= 0 and lines[before].text.startswith("#") and len(cells[before]) == width > 2:
        others = cells[first][1:]
        if any(NUMBER.fullmatch(cell) for cell in others):  # data, so that the marked line is the header
            first = before
    rows = [cells[i] for i in plain if i > first]
    return _Head(list(lines[:first]), lines[first], rows, width)


def _stands_above(lines: Sequence[Line], cells: list[str], width: int, delimiter: str) -> bool:
    """Whether the first of two lines is a title of the table: by its cells, or by a blank line below fewer cells."""
    first, second = lines
    apart = second.number > first.number + 1 and len(cells) < width - 1
    return apart or _is_title(first.text, cells, width, delimiter)


def _is_title(text: str, cells: list[str], width: int, delimiter: str) -> bool:
    """Whether a line above a table of several columns is a title: one cell, or words where blanks part the cells."""
    if delimiter == " ":
        return len(cells) not in (width, width - 1)
    if any(sign in text for sign in DELIMITERS if sign not in (",", " ", delimiter)):
        return False
    return bool(cells) and width > 2 and sum(bool(cell.strip()) for cell in cells) < 2


def _cells(text: str, delimiter: str) -> list[str]:
    try:
        return split(text, delimiter)
    except Unbalanced:  # refused by its line when the rows are read
        return []


def header_name(cell: str) -> str:
    """The name in a cell of a header; blank where pandas wrote one because there was none."""
    text = cell.strip()
    return "" if PANDAS_INDEX.fullmatch(text) else text


def _notes(above: Sequence[Line], *, trailing: bool) -> Iterator[Finding]:
    if above:
        text = (
            f"{counted(len(above), 'line')} above the header {'is' if len(above) == 1 else 'are'} no part of the table"
        )
        shown = tuple(line.text.strip() for line in above)
        yield Finding(Level.NOTE, Topic.LAYOUT, f"{text}: {first_five(shown)}", names=shown)
    if trailing:
        yield Finding(Level.FINE, Topic.LAYOUT, "every row ends in a delimiter with nothing behind it: ignored")
