"""Lines of a text file with their numbers, plain or gzip-compressed, in UTF-8 or in UTF-16 with its mark."""

import gzip
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from drugripple.errors import Fault, SourceError
from drugripple.runtime.damaged import reading

LONGEST_LINE = 1 << 26
"""Characters: room for a million genes in a line."""
MOST_BLANK_LINES = 1_000_000
"""In a row; a small compressed file may hold many millions, which cost minutes and mean nothing."""
WIDE_SHARE = 0.8
"""Share of zeros among every second byte beyond which a line is UTF-16, if none of the other bytes is zero."""
NOT_UTF8 = re.compile("[\udc80-\udcff]")
"""What Python makes of bytes that are not UTF-8."""


class Line(NamedTuple):
    """One line of a file, without its end."""

    number: int
    """Number of the line as an editor counts: the first is 1, and blank lines count."""
    text: str


def filled_lines(path: Path) -> Iterator[Line]:
    """The lines that are not blank. Only line feeds and carriage returns end a line: other separators are characters.

    Raises:
        SourceError: if the file cannot be read, is not UTF-8, is binary, a line has no end, or blank lines have none.
    """
    with reading(path, "text"), _opened(path) as file:
        number, last = 0, 0
        while text := file.readline(LONGEST_LINE):
            number += 1
            if len(text) >= LONGEST_LINE:
                raise SourceError(Fault(path, f"line {number} does not end within {LONGEST_LINE:,} characters"))
            if "\0" in text:
                raise SourceError(_not_text(path, text))
            if not text.isascii() and (byte := NOT_UTF8.search(text)):
                raise SourceError(
                    Fault(
                        path,
                        "it is not UTF-8 text",
                        got=f"byte 0x{ord(byte[0]) - 0xDC00:02x} in line {number}",
                        do="save it as UTF-8 csv",
                    )
                )
            if text.strip():
                last = number
                yield Line(number, text.rstrip("\n"))
            elif number - last > MOST_BLANK_LINES:
                fault = f"more than {MOST_BLANK_LINES:,} blank lines stand behind line {last:,}"
                raise SourceError(Fault(path, fault, do="delete them, or export the file again"))


def unbalanced(path: Path, line: Line) -> Fault:
    """The refusal of a line in which a quote has no partner."""
    return Fault(
        path,
        f"line {line.number} opens a quote that it does not close",
        got=line.text[:60],
        do="delete the quote, or the line break inside it",
    )


def _not_text(path: Path, line: str) -> Fault:
    halves = (line[::2], line[1::2])
    if any("\0" not in one and other.count("\0") > WIDE_SHARE * len(other) for one, other in (halves, halves[::-1])):
        return Fault(path, "it is UTF-16 text without its mark", do="save it as UTF-8 csv")
    return Fault(path, "it is binary, not text", do="export it as csv, tsv, parquet or h5ad")


@contextmanager
def _opened(path: Path) -> Iterator[io.TextIOWrapper]:
    packed = path.suffix.lower() == ".gz"
    with gzip.open(path, "rb") if packed else path.open("rb") as file:
        wide = file.peek(2)[:2] in (b"\xff\xfe", b"\xfe\xff")
        encoding, errors = ("utf-16", "strict") if wide else ("utf-8-sig", "surrogateescape")
        with io.TextIOWrapper(file, encoding=encoding, errors=errors) as text:
            try:
                yield text
            except UnicodeDecodeError as error:
                fault = Fault(path, "its text begins as UTF-16 and goes on otherwise", do="save it as UTF-8 csv")
                raise SourceError(fault) from error
