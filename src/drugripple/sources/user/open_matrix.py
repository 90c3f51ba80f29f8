"""Whatever a user gives as a matrix, opened: a path to any format that we read, a data frame, an AnnData."""

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from drugripple.errors import Fault, SourceError
from drugripple.sources.user.anndata_matrix import anndata_matrix, is_anndata
from drugripple.sources.user.file_format import FileKind, kind_of
from drugripple.sources.user.frame_matrix import frame_matrix
from drugripple.sources.user.matrix import IsGene, LabelledMatrix
from drugripple.sources.user.text_matrix import read_text_matrix

if TYPE_CHECKING:
    from anndata import AnnData


def open_matrix(source: "str | Path | pd.DataFrame | AnnData", *, is_gene: IsGene, layer: str = "") -> LabelledMatrix:
    """The labels of a matrix, and a way to its numbers.

    Args:
        source: a path, a data frame or an AnnData.
        is_gene: whether a header is a gene's name, which tells numbers from names in some tables.
        layer: of an AnnData, the matrix to read; X unless given.

    Raises:
        SourceError: if it cannot be read, holds no number, or has no such layer.
    """
    if isinstance(source, str | Path):
        return _open_file(Path(source), is_gene, layer)
    if isinstance(source, pd.DataFrame):
        _refuse_layer("the data frame", layer)
        return frame_matrix(source, is_gene)
    if is_anndata(source):
        return anndata_matrix(source, layer=layer)
    fault = Fault("", f"expression was given as {type(source).__name__}", expected="a path, a DataFrame or an AnnData")
    raise SourceError(fault)


def _open_file(path: Path, is_gene: IsGene, layer: str) -> LabelledMatrix:
    kind = kind_of(path)
    if kind == FileKind.H5AD:
        from drugripple.sources.user.h5ad import read_h5ad

        return read_h5ad(path, layer=layer)
    _refuse_layer(path, layer)
    if kind == FileKind.PARQUET:
        from drugripple.sources.user.parquet_matrix import read_parquet_matrix

        return read_parquet_matrix(path, is_gene)
    if kind == FileKind.SMI:
        raise SourceError(Fault(path, "it holds structures (.smi)", expected="expression: csv, tsv, parquet or h5ad"))
    if kind == FileKind.XLSX:
        raise SourceError(Fault(path, "expression is not read from workbooks", do="export its sheet as csv"))
    return read_text_matrix(path, is_gene)


def _refuse_layer(where: str | Path, layer: str) -> None:
    if layer:
        raise SourceError(Fault(where, f"it has no layer {layer!r}", do="name layers of AnnData (.h5ad) only"))
