"""A compound library of any length, read some lines at a time; no structure is looked at here."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from drugripple.errors import SourceError
from drugripple.runtime.damaged import reading
from drugripple.sources.user.compound_layout import (
    PROBED,
    CompoundColumns,
    columns_of,
    labelled,
    names_smiles,
    smi_cells,
    with_points,
)
from drugripple.sources.user.delimited import in_blocks, open_text
from drugripple.sources.user.file_format import FileKind, kind_of
from drugripple.sources.user.text_lines import filled_lines

LINES_AT_ONCE = 1 << 14
TEXT = ("id", "name", "smiles", "dose_um", "hours")
SCHEMA = pa.schema([("line", pa.int64()), *((name, pa.string()) for name in TEXT)])
"""dose_um and hours are null where the file has no such column."""

Cells = list[tuple[str, ...]]


class Block(NamedTuple):
    """Some rows of a file."""

    header: tuple[str, ...]
    cells: Cells
    lines: list[int]
    """Their line numbers."""


def library_blocks(path: Path, lines: int) -> Iterator[pa.Table]:
    """The lines of csv, tsv (also .gz), Parquet or .smi in tables of exactly this many, the last one shorter.

    Columns are found as `read_compounds` finds them, by the first lines; ids, names and line numbers are the same.

    Raises:
        SourceError: if the file cannot be read or has no column of SMILES.
    """
    kind = kind_of(path)
    if kind == FileKind.H5AD:
        message = f"{path} holds expression (.h5ad), expected compounds: csv, tsv, parquet or smi"
        raise SourceError(message)
    read = {FileKind.SMI: _smi, FileKind.PARQUET: _parquet}.get(kind, _text)
    yield from _regrouped(_tables(path, read(path)), lines)


def _tables(path: Path, blocks: Iterable[Block]) -> Iterator[pa.Table]:
    columns: CompoundColumns | None = None
    for header, cells, lines in blocks:
        columns = columns or columns_of(path, header, cells)
        frame = labelled(columns, header, cells, lines)
        yield pa.Table.from_pandas(frame.reindex(columns=SCHEMA.names, fill_value=None), SCHEMA, preserve_index=False)
    if columns is None:
        message = f"{path} has a header but no row; export it again"
        raise SourceError(message)


def _text(path: Path) -> Iterator[Block]:
    table = open_text(path)
    for rows in in_blocks(table.rows(), LINES_AT_ONCE):
        cells = [with_points(tuple(cell.strip() for cell in row.cells), table.layout.decimal) for row in rows]
        yield Block(table.header, cells, [row.line for row in rows])


def _smi(path: Path) -> Iterator[Block]:
    first = True
    for lines in in_blocks(filled_lines(path), LINES_AT_ONCE):
        cells = [smi_cells(line.text) for line in lines]
        titled = int(first and names_smiles((cells[0][0],)))
        first = False
        if cells[titled:]:
            yield Block(("smiles", "name"), cells[titled:], [line.number for line in lines[titled:]])


def _parquet(path: Path) -> Iterator[Block]:
    line = 2
    with reading(path, "a Parquet file"), pq.ParquetFile(path) as file:
        wanted = [field.name for field in file.schema_arrow if not (pa.types.is_nested(field.type) or _bytes(field))]
        for batch in file.iter_batches(PROBED, columns=wanted):
            found = columns_of(path, tuple(batch.schema.names), _cells(batch))
            wanted = [name for name in wanted if name in found]
            break
        for batch in file.iter_batches(LINES_AT_ONCE, columns=wanted):
            yield Block(tuple(batch.schema.names), _cells(batch), list(range(line, line + batch.num_rows)))
            line += batch.num_rows


def _bytes(field: pa.Field) -> bool:
    return bool(pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type))


def _cells(batch: pa.RecordBatch) -> Cells:
    columns = [pc.fill_null(pc.cast(column, pa.string()), "").to_pylist() for column in batch.columns]
    return [tuple(cell.strip() for cell in row) for row in zip(*columns, strict=True)]


def _regrouped(tables: Iterable[pa.Table], lines: int) -> Iterator[pa.Table]:
    waiting: list[pa.Table] = []
    for table in tables:
        waiting.append(table)
        if sum(len(part) for part in waiting) < lines:
            continue
        together = pa.concat_tables(waiting)
        whole = len(together) - len(together) % lines
        yield from (together.slice(start, lines) for start in range(0, whole, lines))
        waiting = [together.slice(whole)]
    if sum(len(part) for part in waiting):
        yield pa.concat_tables(waiting)
