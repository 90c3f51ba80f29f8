"""Any matrix file as numbers with every label that its rows and columns have. Which are genes is not decided here."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Shaped

from drugripple.errors import SourceError, first_five
from drugripple.sources.user.delimited import number_in, read_text
from drugripple.sources.user.file_format import FileKind, kind_of
from drugripple.sources.user.h5ad import read_h5ad

ANNOTATION = frozenset(
    {"chr", "chrom", "chromosome", "start", "end", "strand", "length", "effective_length", "gene_length"}
    | {"exon_length", "width", "gc", "gc_content"}
)
"""Columns of numbers that programs write beside the names of genes."""

IDENTIFIERS = frozenset({"entrez", "entrezid", "entrez_id", "entrez_gene_id", "ncbi_gene_id", "gene_id", "geneid"})
HEADER = "header"


@dataclass(frozen=True)
class TextCell:
    """A cell with text among numbers."""

    row: int
    column: int
    text: str


@dataclass(frozen=True)
class LabelledMatrix:
    """Numbers with labels on both sides; text among the numbers is NaN and listed. Axes: r row, k column."""

    values: Float[np.ndarray, "r k"]
    row_labels: Mapping[str, tuple[str, ...]]
    """Every column of names there is, by its header; may be empty."""
    column_labels: Mapping[str, tuple[str, ...]]
    text_cells: tuple[TextCell, ...]
    set_aside: tuple[str, ...]
    """Columns of numbers that describe genes and are not samples."""
    kind: FileKind

    def transposed(self) -> "LabelledMatrix":
        """Rows as columns."""
        cells = tuple(TextCell(cell.column, cell.row, cell.text) for cell in self.text_cells)
        return LabelledMatrix(self.values.T, self.column_labels, self.row_labels, cells, self.set_aside, self.kind)


def read_matrix(path: Path) -> LabelledMatrix:
    """A csv, tsv, Parquet or h5ad file.

    Raises:
        SourceError: if the file cannot be read, or holds no column of numbers.
    """
    kind = kind_of(path)
    if kind == FileKind.H5AD:
        obs, var, values = read_h5ad(path)
        matrix = LabelledMatrix(values, _frame_labels(obs, "obs_names"), _frame_labels(var, "var_names"), (), (), kind)
    elif kind == FileKind.PARQUET:
        matrix = _from_frame(path, *read_parquet(path), kind)
    elif kind == FileKind.TEXT:
        table = read_text(path)
        matrix = _from_frame(path, table.frame, table.header, kind)
    else:
        message = f"{path} holds structures (.smi), expected expression: csv, tsv, parquet or h5ad"
        raise SourceError(message)
    if not matrix.values.size:
        message = f"{path} holds {matrix.values.shape[0]} rows of {matrix.values.shape[1]} numbers; export it again"
        raise SourceError(message)
    return matrix


def read_parquet(path: Path) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The columns of a Parquet file by number, a stored index among them, and their names.

    Raises:
        SourceError: if it cannot be read.
    """
    import pyarrow.parquet as pq

    try:
        frame = pq.read_table(path).to_pandas()
    except Exception as error:  # damaged metadata makes pyarrow and pandas raise anything at all
        message = f"{path} cannot be read as Parquet ({error}); it is cut short or damaged: fetch or export it again"
        raise SourceError(" ".join(message.split())) from error
    if not isinstance(frame.index, pd.RangeIndex):
        frame = frame.reset_index()
    header = tuple("" if str(name) in ("index", "level_0", "None") else str(name) for name in frame.columns)
    return frame.set_axis(range(frame.shape[1]), axis=1), header


def parquet_names(path: Path) -> tuple[str, ...]:
    """The names of a Parquet file's columns, without reading them; nothing where they cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return tuple(str(name) for name in pq.read_schema(path).names)
    except (pa.ArrowException, OSError, ValueError):
        return ()


def _from_frame(path: Path, frame: pd.DataFrame, header: tuple[str, ...], kind: FileKind) -> LabelledMatrix:
    labels: dict[str, tuple[str, ...]] = {}
    names: list[str] = []
    columns: list[np.ndarray] = []
    cells: list[TextCell] = []
    aside: list[str] = []
    for position, name in enumerate(header):
        column = frame[position]
        if position > 0 and name and column.dtype.kind in "fiu" and name.lower() not in IDENTIFIERS | ANNOTATION:
            names.append(name)  # the usual case, kept fast: tables have tens of thousands of columns
            columns.append(column.to_numpy(np.float64, na_value=np.nan))
            continue
        if not name and column.isna().all():  # a delimiter at the end of every line
            continue
        numbers = _numbers(column)
        text = np.isnan(numbers) & column.notna().to_numpy()
        if _is_label(position, name, numbers, text, kind):
            labels[name or f"column {position + 1}"] = tuple(
                "" if pd.isna(value) else str(value).strip() for value in column
            )
        elif name.lower() in ANNOTATION:
            aside.append(name)
        else:
            cells += [TextCell(int(row), len(names), str(column.iloc[row])) for row in np.flatnonzero(text)]
            names.append(name)
            columns.append(numbers)
    if not columns:
        message = f"{path} has no column of numbers among {first_five(header)}; is the delimiter one of tab , ; | ?"
        raise SourceError(message)
    values = _single(np.stack(columns, axis=1))
    return LabelledMatrix(values, labels, {HEADER: tuple(names)}, tuple(cells), tuple(aside), kind)


def _single(values: Shaped[np.ndarray, "r k"]) -> Float[np.ndarray, "r k"]:
    """Single precision; what does not fit becomes infinite and is refused as such later."""
    with np.errstate(over="ignore"):
        return values.astype(np.float32)


def _numbers(column: pd.Series) -> Float[np.ndarray, " r"]:
    if column.dtype.kind in "fiu":
        return column.to_numpy(np.float64, na_value=np.nan)
    return np.array([number_in(str(cell)) for cell in column], dtype=np.float64)


def _is_label(
    position: int, name: str, numbers: Float[np.ndarray, " r"], text: Bool[np.ndarray, " r"], kind: FileKind
) -> bool:
    """Names are text for the most part, or whole numbers where names are expected (Entrez ids, sample numbers)."""
    if 2 * text.sum() >= max(1, np.isfinite(numbers).sum() + text.sum()):
        return True
    present = numbers[np.isfinite(numbers)]
    whole = bool(np.all(present == np.round(present)))
    leads = position == 0 and (kind == FileKind.TEXT or name == "" or name.lower().endswith("id"))
    return whole and (leads or name.lower() in IDENTIFIERS)


def _frame_labels(frame: pd.DataFrame, index: str) -> dict[str, tuple[str, ...]]:
    labels = {index: tuple(frame.index.astype(str))}
    for name in frame.columns:
        if frame[name].dtype.kind not in "fiubcmM" or str(name).lower() in IDENTIFIERS:
            labels[str(name)] = tuple("" if pd.isna(value) else str(value).strip() for value in frame[name])
    return labels
