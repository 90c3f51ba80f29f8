"""Delimited text as a header and columns, with names kept as they are written."""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from math import nan
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from drugripple.errors import SourceError, first_five
from drugripple.runtime.damaged import reading

HEAD_BYTES = 1 << 24
"""Where the first two lines are looked for: room for a hundred thousand genes in a line."""

DELIMITERS = ("\t", ",", ";", "|")
DECIMAL_COMMA = re.compile(r"(?:^|;)-?\d+,\d+(?:;|$)")
NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*")
IDENTIFIER = re.compile(r"\s*\d+(\.0)?\s*")
"""A whole number may name a gene or a sample; a fraction does not."""

NOT_AVAILABLE = frozenset({"", "NA", "NAN", "N/A", "NULL", "NONE", "-INF", "INF", "#N/A"})


@dataclass(frozen=True)
class TextTable:
    """Columns of a text file. Column numbers, not names, index the frame: names may repeat."""

    header: tuple[str, ...]
    frame: pd.DataFrame
    delimiter: str
    decimal: str


class _Layout(NamedTuple):
    header: tuple[str, ...]
    delimiter: str
    decimal: str


def read_text(path: Path, *, all_text: bool = False) -> TextTable:
    """A delimited text file with a header line; the delimiter is that of the header.

    The first column (every column with `all_text`) stays text, so that names keep their zeros and dots. A header that
    is one name short, as R writes it, belongs to the columns behind the row names.

    Raises:
        SourceError: if the file is not UTF-8, has no header or no row, or its rows differ in length.
    """
    content = _content(path)
    layout = _layout(path, content[:HEAD_BYTES])
    width = len(layout.header)
    try:
        frame = pd.read_csv(
            io.BytesIO(content),
            sep=layout.delimiter,
            decimal=layout.decimal,
            header=None,
            skiprows=1,
            names=range(width),
            converters=dict.fromkeys(range(width) if all_text else (0,), str.strip),
            encoding="utf-8-sig",
            low_memory=False,
            float_precision="round_trip",  # pandas' default crashes the interpreter on an exponent of ten digits
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        raise _not_a_table(path, error, width) from error
    return TextTable(layout.header, frame, layout.delimiter, layout.decimal)


def read_text_blocks(path: Path, rows: int) -> Iterator[TextTable]:
    """The table of `read_text` with all text, some rows at a time: memory does not grow with the file.

    Raises:
        SourceError: as `read_text`; of a fault further down, when its block is reached.
    """
    with reading(path, "a table of text"), _opened(path) as file:
        layout = _layout(path, file.read(HEAD_BYTES))
        file.seek(0)
        width = len(layout.header)
        try:
            blocks = pd.read_csv(
                file,
                sep=layout.delimiter,
                header=None,
                skiprows=1,
                names=range(width),
                dtype=str,
                na_filter=False,
                encoding="utf-8-sig",
                chunksize=rows,
            )
            for block in blocks:
                frame = block.fillna("").apply(lambda column: column.str.strip())
                yield TextTable(layout.header, frame.reset_index(drop=True), layout.delimiter, layout.decimal)
        except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
            raise _not_a_table(path, error, width) from error


def read_line_blocks(path: Path, rows: int) -> Iterator[list[str]]:
    """The lines of `read_lines`, some at a time.

    Raises:
        SourceError: if the file cannot be read or is not UTF-8.
    """
    with reading(path, "lines of text"), io.TextIOWrapper(_opened(path), encoding="utf-8-sig") as file:
        lines = (line.strip() for line in file)
        filled = (line for line in lines if line)
        while block := list(islice(filled, rows)):
            yield block


def number_in(cell: str) -> float:
    """The number that a cell holds; NaN where it holds none.

    `pandas.to_numeric` would do, but crashes the interpreter on an exponent of ten digits.

    >>> number_in(" 2.5 "), number_in("high")
    (2.5, nan)
    """
    try:
        return float(cell) if "_" not in cell else nan
    except ValueError:
        return nan


def peek_header(path: Path) -> tuple[str, ...]:
    """The names in the first line, without reading the rest; nothing where they cannot be read."""
    try:
        with _opened(path) as file:
            first, _ = _first_lines(file.read(HEAD_BYTES))
    except (EOFError, zlib.error, OSError):
        return ()
    return tuple(name.strip() for name in next(csv.reader([first], delimiter=_delimiter(first)), []))


def read_lines(path: Path) -> list[str]:
    """The lines of a text file that are not blank.

    Raises:
        SourceError: if the file is not UTF-8 or has no line.
    """
    lines = [line.strip() for line in _content(path).decode("utf-8-sig").splitlines() if line.strip()]
    if not lines:
        message = f"{path} has only blank lines; export it again"
        raise SourceError(message)
    return lines


def _first_lines(head: bytes) -> list[str]:
    return [*re.split(r"\r\n|\n|\r", head.decode("utf-8-sig", "ignore"), maxsplit=2), ""][:2]


def _delimiter(header: str) -> str:
    return max(DELIMITERS, key=lambda sign: (header.count(sign), sign == "\t"))


def _layout(path: Path, head: bytes) -> _Layout:
    first, second = _first_lines(head)
    if not first.strip():
        message = f"{path} starts with a blank line, expected a header; delete it"
        raise SourceError(message)
    delimiter = _delimiter(first)
    decimal = "," if delimiter == ";" and DECIMAL_COMMA.search(second) else "."
    header = next(csv.reader([first], delimiter=delimiter))
    _refuse_numbers(path, header, decimal)
    if not second.strip():
        message = f"{path} has a header but no row; export it again"
        raise SourceError(message)
    width = len(next(csv.reader([second], delimiter=delimiter)))
    if width == len(header) + 1:
        header = ["", *header]
    if width != len(header):
        message = f"{path} has {len(header)} names in its header, but {width} fields in the row below"
        raise SourceError(message)
    return _Layout(tuple(name.strip() for name in header), delimiter, decimal)


def _not_a_table(path: Path, error: Exception, width: int) -> SourceError:
    return SourceError(
        f"{path} cannot be read as a table: {str(error).strip()}; its rows must have {width} fields each"
    )


def _opened(path: Path) -> io.BufferedReader | gzip.GzipFile:
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")


def _content(path: Path) -> bytes:
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix.lower() == ".gz" else path.read_bytes()
    except (EOFError, zlib.error, OSError) as error:
        message = f"{path} cannot be read ({error}); it is cut short or damaged: fetch or export it again"
        raise SourceError(message) from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
        message = (
            f"{path} is {'UTF-16' if wide else 'not UTF-8'} text (byte 0x{content[error.start]:02x} at position "
            f"{error.start}); save it as UTF-8 csv"
        )
        raise SourceError(message) from error
    if "\0" in text:
        message = f"{path} is binary, not text; export it as csv, tsv, parquet or h5ad"
        raise SourceError(message)
    return content


def _refuse_numbers(path: Path, header: list[str], decimal: str) -> None:
    names = [name.replace(decimal, ".") for name in header[1:] if name.strip().upper() not in NOT_AVAILABLE]
    fractions = [name for name in names if NUMBER.fullmatch(name) and not IDENTIFIER.fullmatch(name)]
    if names and 2 * len(fractions) > len(names):
        message = (
            f"{path} has no header: its first line holds numbers ({first_five(fractions)}); "
            "put the names of the columns into the first line"
        )
        raise SourceError(message)
