"""The text format of GenePattern and the Connectivity Map, versions 1.2 and 1.3."""

import re
from collections.abc import Sequence
from pathlib import Path

from drugripple.errors import Fault, SourceError, counted
from drugripple.sources.user.cell_numbers import decimal_mark
from drugripple.sources.user.text_layout import TextLayout, header_name, split
from drugripple.sources.user.text_lines import Line

GCT = re.compile(r"#1\.[23]")


def is_gct(line: str) -> bool:
    """Whether a first line is that of the format.

    >>> is_gct("#1.3"), is_gct("# comment")
    (True, False)
    """
    return bool(GCT.match(line))


def gct_layout(path: Path, lines: Sequence[Line]) -> TextLayout:
    """GenePattern's and cmap's text: a version, sizes, a header, and in version 1.3 lines that describe columns.

    Raises:
        SourceError: if it breaks off before its first row, or its header does not fit the sizes.
    """
    sizes = [cell.strip() for cell in lines[1].text.split("\t")] if len(lines) > 1 else []
    whole = [int(size) for size in sizes if size.isdecimal() and len(size) < 10]
    if len(whole) < 2 or len(lines) < 3:
        raise SourceError(Fault(path, "it is cut short", got="no sizes and header below '#1.2'", do="fetch it again"))
    rows, columns, described, describing = (*whole, 0, 0)[:4]
    header = tuple(header_name(cell) for cell in split(lines[2].text, "\t"))
    if lines[0].text.strip().startswith("#1.2"):
        described = 1
        if header[0].lower() == "id" and len(header) == 3 + columns:  # GTEx numbers the rows of its tissues
            described = 2
    if len(header) != 1 + described + columns:
        fault = Fault(path, f"its header has {counted(len(header), 'name')}", expected=f"{1 + described + columns}")
        raise SourceError(fault)
    labels = {}
    for line in lines[3 : 3 + describing]:
        cells = [cell.strip() for cell in split(line.text, "\t")]
        labels[cells[0]] = tuple(cells)
    if len(lines) < 3 + describing + 1:
        raise SourceError(Fault(path, "it has a header but no row", do="export it again"))
    last = lines[2 + describing].number
    decimal = decimal_mark(path, [split(line.text, "\t") for line in lines[3 + describing :]])
    names = 1 + described
    return TextLayout(header, "\t", decimal, last, expected_rows=rows, column_labels=labels, labels=names)
