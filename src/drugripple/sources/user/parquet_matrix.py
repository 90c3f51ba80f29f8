"""The numbers of a Parquet file, some columns at a time and without threads: memory goes by what is asked for."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from jaxtyping import Float, Int

from drugripple.errors import DrugrippleError, Fault, SourceError, counted, first_five
from drugripple.sources.user.delimited import number_in, numbers_and_text
from drugripple.sources.user.findings import Finding, Level, Topic
from drugripple.sources.user.matrix import (
    HEADER,
    IsGene,
    LabelledMatrix,
    Numbers,
    Role,
    TextCell,
    are_ids,
    describes_rows,
    label,
    labels_of,
    may_name,
    named_once,
    require_room,
    role_of,
    shown_header,
    single,
)
from drugripple.sources.user.parquet_bounds import TextBytes, with_shared_text

READABLE = (
    *(pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_boolean),
    *(pa.types.is_temporal, pa.types.is_null, pa.types.is_integer, pa.types.is_floating),
)
COLUMNS_AT_ONCE = 256
PROBED_ROWS = 500
LABELS_AT_MOST = 20_000_000


def read_parquet_matrix(path: Path, is_gene: IsGene) -> LabelledMatrix:
    """A Parquet file; a stored index names the rows.

    Raises:
        SourceError: if it cannot be read, a column's name repeats, or it holds no number.
    """
    with opened(path) as file:
        count = file.metadata.num_rows
        fields = _fields(path, file)
        probed = _cells(file, [name for name, column in fields.items() if column.must_be_read], PROBED_ROWS)
        roles = {name: _role(column, probed.get(name), is_gene) for name, column in fields.items()}
        told = [name for name, role in roles.items() if role in (Role.LABEL, Role.ANNOTATION)]
        if count * len(told) > LABELS_AT_MOST:
            what = f"{count:,} rows with {counted(len(told), 'column')} of names are too many"
            raise SourceError(Fault(path, what, expected=f"at most {LABELS_AT_MOST:,} names", do="split it"))
        TextBytes(file.metadata).refuse_to_keep(path, told)
        cells = _cells(file, told, count)
    used = [name for name, role in roles.items() if role == Role.NUMBERS]
    if not used or not count:
        what = "it has no column of numbers" if count else "it has no row"
        raise SourceError(Fault(path, what, got=first_five(fields)))
    names = named_once(
        [
            (fields[name].header, labels_of(cells[name])) if role == Role.LABEL else ("", ())
            for name, role in roles.items()
        ]
    )
    return LabelledMatrix(
        where=str(path),
        form="parquet",
        shape=(count, len(used)),
        take=_Reader(path, used).take,
        row_labels={key: names[key] for key, role in zip(names, roles.values(), strict=True) if role == Role.LABEL},
        column_labels={HEADER: tuple(fields[name].header for name in used)},
        row_numbers={
            fields[name].header: np.array([number_in(cell) for cell in cells[name]])
            for name in told
            if roles[name] == Role.ANNOTATION
        },
        notes=tuple(_left_out([name for name, column in fields.items() if column.kind == "other"])),
    )


class _Column:
    """A column of a Parquet file before it is read."""

    def __init__(self, position: int, header: str, kind: str) -> None:
        self.header = header
        self.kind = kind
        """`number`, `text`, or `other` for what no table of expression holds (lists, pictures)."""
        self.in_front = position == 0
        self.first = self.in_front and (not header or may_name(header) or header.lower().endswith("id"))
        self.must_be_read = kind == "text" or (kind == "number" and (self.in_front or may_name(header) or not header))


def _fields(path: Path, file: pq.ParquetFile) -> dict[str, _Column]:
    """The columns of a file by their stored names, those of a stored index first.

    Raises:
        SourceError: if a name repeats.
    """
    schema = file.schema_arrow
    repeated = [name for name, count in Counter(schema.names).items() if count > 1]
    if repeated:
        what = f"{counted(len(repeated), 'column name')} repeat"
        raise SourceError(Fault(path, what, got=first_five(repeated), do="give each column its own name"))
    pandas = schema.pandas_metadata or {}
    stored = pandas.get("index_columns")
    indices = [name for name in stored if isinstance(name, str) and name in schema.names] if stored else []
    names = [*indices, *(name for name in schema.names if name not in set(indices))]
    headers = {name: "" if name.startswith("__index_level_") else shown_header(name) for name in names}
    kinds = {name: _kind(schema.field(name).type) for name in names}
    words = _words(file, [name for name, kind in kinds.items() if kind == "bytes"])
    kinds |= {name: "text" if name in words else "other" for name, kind in kinds.items() if kind == "bytes"}
    return {name: _Column(i, headers[name], kinds[name]) for i, name in enumerate(names)}


def _words(file: pq.ParquetFile, names: list[str]) -> frozenset[str]:
    """The columns of bytes that are text, as Spark, Hive and older programs write it."""
    if not names:
        return frozenset()
    first = next(file.iter_batches(PROBED_ROWS, columns=names, use_threads=False), None)
    return frozenset(name for name in names if first is not None and _are_words(first.column(name)))


def _are_words(column: pa.Array) -> bool:
    try:
        return all(word.decode().isprintable() for word in column.to_pylist() if word is not None)
    except UnicodeDecodeError:
        return False


def _kind(stored: pa.DataType) -> str:
    if pa.types.is_integer(stored) or pa.types.is_floating(stored) or pa.types.is_decimal(stored):
        return "number"
    inner = stored.value_type if pa.types.is_dictionary(stored) else stored
    if pa.types.is_binary(inner) or pa.types.is_large_binary(inner):
        return "bytes"
    odd = pa.types.is_nested(inner) or not any(one(inner) for one in READABLE)
    return "other" if odd else "text"


def _role(column: _Column, cells: Sequence[str] | None, is_gene: IsGene) -> Role:
    if column.kind == "other":
        return Role.NOTHING
    if cells is None:
        return Role.ANNOTATION if describes_rows(column.header, is_gene) else Role.NUMBERS
    numbers, text = numbers_and_text(cells)
    unlisted = column.in_front and column.kind == "number" and are_ids(numbers)
    return role_of(column.header, numbers, text, is_gene=is_gene, first=column.first or unlisted)


def _left_out(names: list[str]) -> Iterator[Finding]:
    if names:
        text = f"{counted(len(names), 'column holds', 'columns hold')} neither text nor numbers: {first_five(names)}"
        yield Finding(Level.NOTE, Topic.LAYOUT, text, "they are left out", tuple(names))


def _cells(file: pq.ParquetFile, names: list[str], rows: int) -> dict[str, list[str]]:
    """The first cells of some columns, as names."""
    cells: dict[str, list[str]] = {name: [] for name in names}
    text = TextBytes(file.metadata)
    for start in range(0, len(names), COLUMNS_AT_ONCE):
        some = names[start : start + COLUMNS_AT_ONCE]
        left = rows
        at_once = min(text.rows_at_once(some), max(1, rows))
        for batch in file.iter_batches(at_once, columns=some, use_threads=False):
            for name in some:
                cells[name] += [label(value) for value in _values(batch.column(batch.schema.names.index(name))[:left])]
            left -= batch.num_rows
            if left <= 0:
                break
    return cells


def _values(column: pa.Array) -> list[object]:
    """Python values; a text that repeats is one object."""
    if not pa.types.is_dictionary(column.type):
        return [one.decode(errors="replace") if isinstance(one, bytes) else one for one in column.to_pylist()]
    words = column.dictionary.to_pylist()
    return [None if code is None else words[code] for code in column.indices.to_pylist()]


class _Reader:
    """Reads cells of a Parquet file by row and column of its matrix."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self.path = path
        self.columns = tuple(columns)

    def take(self, rows: Int[np.ndarray, " r"], columns: Int[np.ndarray, " k"]) -> Numbers:
        """Some columns at a time, each in batches of rows."""
        require_room(self.path, len(rows), len(columns))
        values = np.empty((len(rows), len(columns)), dtype=np.float32)
        text_cells: list[TextCell] = []
        with opened(self.path) as file:
            text = TextBytes(file.metadata)
            for start in range(0, len(columns), COLUMNS_AT_ONCE):
                names = [self.columns[i] for i in columns[start : start + COLUMNS_AT_ONCE].tolist()]
                offset = 0
                for batch in file.iter_batches(text.rows_at_once(names), columns=names, use_threads=False):
                    first, last = np.searchsorted(rows, [offset, offset + batch.num_rows])
                    inside = rows[first:last] - offset
                    offset += batch.num_rows
                    for k, name in enumerate(names) if len(inside) else ():
                        column = batch.column(batch.schema.names.index(name))
                        numbers, words = _column_numbers(column, inside)
                        values[first:last, start + k] = single(numbers[:, None])[:, 0]
                        text_cells += [TextCell(int(first) + i, start + k, cell) for i, cell in words]
        return Numbers(values, tuple(text_cells))


def _column_numbers(
    column: pa.Array, rows: Int[np.ndarray, " r"]
) -> tuple[Float[np.ndarray, " r"], list[tuple[int, str]]]:
    if _kind(column.type) == "number":
        wide = column.cast(pa.float64()) if pa.types.is_decimal(column.type) else column
        return wide.to_numpy(zero_copy_only=False)[rows].astype(np.float64), []
    cells = _values(column)
    written = [label(cells[i]) for i in rows.tolist()]
    numbers, text = numbers_and_text(written)
    return numbers, [(int(i), written[i]) for i in np.flatnonzero(text)]


@contextmanager
def opened(path: Path) -> Iterator[pq.ParquetFile]:
    """A Parquet file; whatever breaks over it is one error.

    Raises:
        SourceError: if it cannot be read.
    """
    try:
        with with_shared_text(path) as file:
            yield file
    except DrugrippleError:
        raise
    except Exception as error:  # damaged metadata makes pyarrow raise anything at all
        reason = " ".join(str(error).split()) or type(error).__name__
        fault = Fault(
            path,
            "it cannot be read as Parquet",
            got=reason[:300],
            do="it is cut short or damaged: fetch or export it again",
        )
        raise SourceError(fault) from error


def read_parquet_header(path: Path) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """The names of the columns that hold text or numbers, and a note on the others.

    Raises:
        SourceError: if it cannot be read, or a name repeats.
    """
    with opened(path) as file:
        columns = _fields(path, file)
    readable = tuple(one.header for one in columns.values() if one.kind != "other")
    return readable, tuple(_left_out([name for name, one in columns.items() if one.kind == "other"]))


def parquet_text_rows(path: Path, wanted: Sequence[int]) -> Iterator[tuple[str, ...]]:
    """Every row as text, a batch at a time: the cells of the columns wanted, by number in the header; others blank.

    Raises:
        SourceError: if it cannot be read.
    """
    with opened(path) as file:
        names = [name for name, one in _fields(path, file).items() if one.kind != "other"]
        some = [names[i] for i in wanted]
        at_once = TextBytes(file.metadata).rows_at_once(some)
        for batch in file.iter_batches(at_once, columns=some, use_threads=False):
            cells = {name: _values(batch.column(batch.schema.names.index(name))) for name in some}
            for row in range(batch.num_rows):
                yield tuple(label(cells[name][row]) if name in cells else "" for name in names)
