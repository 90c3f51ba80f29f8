"""Cell Model Passports RNA-seq and model list.

    model_id,,SIDM00001,SIDM00002,…
    model_name,,…
    dataset_name,,…
    data_source,,sanger,broad,…
    gene_id,symbol,,…
    SIDG00001,A1BG,0.12,…          FPKM or TPM, not logarithmic

or, since 2025, with three columns of names, gene_symbol,ensembl_gene_id,gene_id.

Source: van der Meer et al. 2019, doi:10.1093/nar/gky872.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from drugripple.data.tables import ExpressionScale
from drugripple.errors import ScaleError, SourceError, first_five
from drugripple.genes.symbols import SymbolMap
from drugripple.runtime.damaged import reading
from drugripple.sources.public.columns import require_columns
from drugripple.sources.public.expression_matrix import NOT_THERE, LoadedExpression, tidy_expression

HEADER_ROWS_AT_MOST = 12
LOWEST_LINEAR_MAXIMUM = 50.0
"""log2(FPKM + 1) hardly ever exceeds 18; the largest FPKM or TPM of a cell is in the thousands."""
MODEL_COLUMNS = ("model_id", "model_name", "tissue")
MODEL_ANNOTATION = {
    "COSMIC_ID": "cosmic_id",
    "BROAD_ID": "depmap_id",
    "cancer_type": "cancer_type",
    "model_type": "model_type",
}


class _Header(NamedTuple):
    models: list[str]
    source: list[str]
    rows: int
    labels: int
    """Columns in front of the models."""
    symbol: int
    """The column that holds gene symbols."""


def read_rnaseq(
    path: Path, *, unit: Literal["fpkm", "tpm"], names: dict[str, str], symbols: SymbolMap | None = None
) -> LoadedExpression:
    """log2(x + 1) of the models that have a name, under that name.

    Args:
        path: the csv, or the publisher's zip that holds it beside others.
        unit: which of the zip's tables, and which scale.
        names: model id to the name wanted, for instance GDSC's.
        symbols: what maps gene names to current symbols.

    Of a model sequenced twice, the Sanger's own data are taken. Models asked for that the file lacks are listed.

    Raises:
        SourceError: if the file is damaged or laid out in another way.
        ScaleError: if a value is negative, or all are so small that they must be logarithms already.
    """
    with reading(path, "Cell Model Passports RNA-seq"):
        with _open_table(path, unit) as file:
            header = _read_header(path, file)
        wanted = _one_column_a_model(header, names)
        with _open_table(path, unit) as file:
            positions = [header.symbol, *(column + header.labels for column in sorted(wanted))]
            types = dict.fromkeys(positions[1:], np.float32) | {header.symbol: str}
            frame = pd.read_csv(
                file,
                header=None,
                skiprows=header.rows,
                usecols=positions,
                dtype=types,
                keep_default_na=False,
                na_values=[""],
            )
    if frame.empty or not wanted:
        message = f"{path} has {len(frame)} genes and {len(wanted)} of the {len(names)} models asked for; expected some"
        raise SourceError(message)
    linear = frame[positions[1:]].to_numpy(np.float32).T
    _require_linear(path, linear, unit)
    chosen = [header.models[column] for column in sorted(wanted)]
    loaded = tidy_expression(
        np.log2(linear + 1),
        [names[model] for model in chosen],
        frame[header.symbol].fillna("").tolist(),
        scale=ExpressionScale.LOG2_FPKM if unit == "fpkm" else ExpressionScale.LOG2_TPM,
        symbols=symbols,
    )
    others = pd.DataFrame(_left_out(header, wanted, names), columns=loaded.dropped.columns)
    return LoadedExpression(loaded.table, pd.concat([loaded.dropped, others], ignore_index=True))


def read_models(path: Path) -> pd.DataFrame:
    """Model list: sanger_model_id, cell_line, tissue; where given cosmic_id, depmap_id, cancer_type, model_type.

    Raises:
        SourceError: if the file is damaged, lacks a column, or a model repeats.
    """
    with reading(path, "the Cell Model Passports model list"):
        models = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    require_columns(path, models.columns.tolist(), MODEL_COLUMNS)
    if models["model_id"].duplicated().any():
        repeated = models.loc[models["model_id"].duplicated(), "model_id"]
        message = f"{path}: {len(repeated)} model ids repeat: {first_five(repeated)}"
        raise SourceError(message)
    renamed = models.rename(columns={"model_id": "sanger_model_id", "model_name": "cell_line"} | MODEL_ANNOTATION)
    kept = [*("sanger_model_id", "cell_line", "tissue"), *(n for n in MODEL_ANNOTATION.values() if n in renamed)]
    return renamed[kept].sort_values("sanger_model_id").reset_index(drop=True)


@contextmanager
def _open_table(path: Path, unit: str) -> Iterator[io.TextIOWrapper]:
    if path.suffix.lower() != ".zip":
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield file
        return
    with zipfile.ZipFile(path) as archive:
        members = [name for name in archive.namelist() if f"rnaseq_{unit}" in name and name.endswith(".csv")]
        if len(members) != 1:
            message = f"{path} holds {len(members)} tables called rnaseq_{unit}, expected one: {archive.namelist()}"
            raise SourceError(message)
        with archive.open(members[0]) as raw:
            yield io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")


def _read_header(path: Path, file: io.TextIOWrapper) -> _Header:
    rows: dict[str, list[str]] = {}
    for number, row in enumerate(csv.reader(file), start=1):
        if not row or number > HEADER_ROWS_AT_MOST:
            break
        if row[0] in ("gene_id", "gene_symbol"):
            require_columns(path, list(rows), ("model_id",))
            labels = next((i for i, cell in enumerate(rows["model_id"], start=1) if cell), 0)
            symbol = next((i for i, name in enumerate(row[:labels]) if name in ("symbol", "gene_symbol")), 1)
            models = rows["model_id"][labels - 1 :]
            source = rows.get("data_source", [""] * len(row))[labels - 1 :]
            return _Header(models, source or [""] * len(models), number, labels, symbol)
        rows[row[0]] = row[1:]
    message = (
        f"{path} has no row that starts with gene_id or gene_symbol among its first {HEADER_ROWS_AT_MOST}; is it the "
        "wide table?"
    )
    raise SourceError(message)


def _one_column_a_model(header: _Header, names: dict[str, str]) -> set[int]:
    chosen: dict[str, int] = {}
    for column, model in enumerate(header.models):
        if model in names and (model not in chosen or header.source[column].lower().startswith("sanger")):
            chosen[model] = column
    return set(chosen.values())


def _left_out(header: _Header, wanted: set[int], names: dict[str, str]) -> list[tuple[str, str, str]]:
    """Columns of models that another column stands for, models nobody asked for, and those asked for and not there."""
    present, chosen = set(header.models), {header.models[column] for column in wanted}
    again = [
        ("sequenced more than once", f"{model} ({header.source[column]})")
        for column, model in enumerate(header.models)
        if column not in wanted and model in chosen
    ]
    others = [model for model in dict.fromkeys(header.models) if model not in names]
    unnamed = [("model without a name asked for", model) for model in others]
    absent = [(NOT_THERE, name) for model, name in names.items() if model not in present]
    return [(reason, "sample", name) for reason, name in (*again, *unnamed, *absent)]


def _require_linear(path: Path, values: np.ndarray, unit: str) -> None:
    largest = np.nanmax(values, initial=-np.inf)
    if largest == -np.inf:
        message = f"{path} has no value for any of the {len(values)} models asked for"
        raise SourceError(message)
    if np.nanmin(values) < 0 or largest < LOWEST_LINEAR_MAXIMUM:
        message = (
            f"{path}: values from {np.nanmin(values):.3g} to {largest:.3g} are no {unit.upper()}, whose largest is in "
            "the thousands; they seem to be logarithms or z-scores: pass the untransformed table"
        )
        raise ScaleError(message)
