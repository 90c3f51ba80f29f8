"""A compound library of any length, read some rows at a time; no structure is looked at here."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from drugripple.sources.user.compound_source import open_source
from drugripple.sources.user.compounds import entries_of, understood
from drugripple.sources.user.delimited import in_blocks

LINES_AT_ONCE = 1 << 14
TEXT = ("id", "name", "smiles", "dose_um", "hours")
SCHEMA = pa.schema([("line", pa.int64()), *((name, pa.string()) for name in TEXT)])
"""dose_um and hours are null where the file has no such column."""


def library_blocks(path: Path, lines: int) -> Iterator[pa.Table]:
    """The rows of a compound file in tables of exactly this many, the last one shorter.

    Formats, columns, ids, names and line numbers are those of `read_compounds`.

    Raises:
        SourceError: if the file cannot be read or has no column of SMILES; of a fault further down, when it is reached.
    """
    source, columns = understood(open_source(path))
    given = {"dose_um": columns.dose_um is not None, "hours": columns.hours is not None}
    for block in in_blocks(entries_of(source, columns), lines):
        cells = dict(zip(SCHEMA.names, zip(*block, strict=True), strict=True))
        for name, there in given.items():
            cells[name] = cells[name] if there else (None,) * len(block)
        yield pa.table([pa.array(cells[name], SCHEMA.field(name).type) for name in SCHEMA.names], schema=SCHEMA)
