"""GDSC's fitted dose responses (xlsx or csv) to the tidy layout.

The publisher gives no structures; they come from a csv of the user's with the columns `drug` or `drug_id`, and
`smiles`.

Source: Iorio et al. 2016, doi:10.1016/j.cell.2016.06.017; LN_IC50 is the natural logarithm of micromolar.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import openpyxl
import pandas as pd

from drugripple.chem.molecule import canonical_smiles
from drugripple.errors import CompoundError, SourceError, first_five
from drugripple.runtime.atomic import whole_file
from drugripple.runtime.damaged import reading
from drugripple.sources.public.columns import as_numbers, require_columns

COLUMNS = {
    "DATASET": "dataset",
    "CELL_LINE_NAME": "cell_line",
    "COSMIC_ID": "cosmic_id",
    "SANGER_MODEL_ID": "sanger_model_id",
    "TCGA_DESC": "tcga_label",
    "DRUG_ID": "drug_id",
    "DRUG_NAME": "drug",
    "PUTATIVE_TARGET": "targets",
    "PATHWAY_NAME": "pathway",
    "LN_IC50": "ln_ic50",
    "AUC": "auc",
}
_TEXT = ("dataset", "cell_line", "cosmic_id", "sanger_model_id", "tcga_label", "drug", "targets", "pathway")
_OF_A_DRUG = ("dataset", "drug_id", "drug", "targets", "pathway")
KEY = ["dataset", "cell_line", "drug_id"]


class BuiltGdsc(NamedTuple):
    """What was written, and what had to be left out."""

    rows: int
    drugs: int
    dropped: pd.DataFrame
    """Columns reason, cell_line, drug, rows."""


def read_fitted(path: Path) -> pd.DataFrame:
    """The columns we use, renamed; numbers that are none become NaN.

    Raises:
        SourceError: if the file is missing, damaged, empty or lacks a column.
    """
    with reading(path, "GDSC's fitted dose responses"):
        frame = _read_xlsx(path) if path.suffix.lower() == ".xlsx" else pd.read_csv(path, dtype=str)
    require_columns(path, frame.columns.tolist(), tuple(COLUMNS))
    if frame.empty:
        message = f"{path} has a header, but no row; fetch it again"
        raise SourceError(message)
    frame = frame[list(COLUMNS)].rename(columns=COLUMNS)
    for name in _TEXT:
        frame[name] = frame[name].map(_text)
    for name in ("drug_id", "ln_ic50", "auc"):
        frame[name] = as_numbers(frame[name])
    return frame


def build_gdsc(fitted: Sequence[Path], structures: Path | None, out: Path) -> BuiltGdsc:
    """Write `response.parquet` and `drugs.parquet` into `out/gdsc`.

    Raises:
        SourceError: if a file is damaged or a row repeats.
        OutputError: if the system refuses a write.
    """
    table = pd.concat([read_fitted(path) for path in fitted], ignore_index=True)
    reason = pd.Series("", index=table.index)
    reason[table["drug_id"].isna()] = "no drug number"
    reason[~np.isfinite(table["ln_ic50"])] = "ln IC50 is not a number"
    lost = table.assign(reason=reason)[reason != ""]
    table = table[reason == ""].astype({"drug_id": np.int64}).sort_values(KEY)
    if table.duplicated(KEY).any():
        repeated = table.loc[table.duplicated(KEY), KEY].astype(str).agg(" ".join, axis=1)
        message = f"{len(repeated)} rows repeat a line and drug number: {first_five(repeated)}; is a file given twice?"
        raise SourceError(message)
    drugs = table[list(_OF_A_DRUG)].drop_duplicates(["dataset", "drug_id"])
    drugs["canonical_smiles"] = _smiles_of(drugs, structures)
    response = table.drop(columns=["targets", "pathway"])
    for name in ("dataset", "cell_line", "cosmic_id", "sanger_model_id", "tcga_label", "drug"):
        response[name] = response[name].astype("category")
    for name, frame in (("response", response), ("drugs", drugs)):
        with whole_file(out / "gdsc" / f"{name}.parquet") as part:
            frame.to_parquet(part, index=False, compression="zstd")
    counted = lost.groupby(["reason", "cell_line", "drug"], sort=True).size().rename("rows").reset_index()
    return BuiltGdsc(len(response), len(drugs), counted)


def _read_xlsx(path: Path) -> pd.DataFrame:
    workbook = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        sheet = workbook.worksheets[0]
        sheet.reset_dimensions()  # the publisher's file declares one cell
        rows: Iterator[tuple[object, ...]] = sheet.iter_rows(values_only=True)
        header = [str(name) for name in next(rows, ())]
        wanted = [column for column, name in enumerate(header) if name in COLUMNS]
        content = [tuple(row[column] if column < len(row) else None for column in wanted) for row in rows]
    finally:
        workbook.close()
    return pd.DataFrame(content, columns=[header[column] for column in wanted], dtype=object)


def _smiles_of(drugs: pd.DataFrame, structures: Path | None) -> list[str | None]:
    """Canonical SMILES of each drug, by number or by name."""
    if structures is None:
        return [None] * len(drugs)
    with reading(structures, "a csv of structures"):
        known = pd.read_csv(structures, dtype=str)
    key = "drug_id" if "drug_id" in known.columns else "drug"
    require_columns(structures, known.columns.tolist(), (key, "smiles"))
    known = known.dropna(subset=[key, "smiles"])
    if known[key].duplicated().any():
        repeated = known.loc[known[key].duplicated(), key]
        message = f"{structures}: {len(repeated)} drugs repeat: {first_five(repeated)}; keep one structure a drug"
        raise SourceError(message)
    smiles = dict(zip(known[key].str.strip(), known["smiles"], strict=True))
    return [_canonical(smiles.get(str(drug).strip()), str(drug)) for drug in drugs[key]]


def _canonical(smiles: str | None, drug: str) -> str | None:
    try:
        return canonical_smiles(smiles, name=drug) if smiles else None
    except CompoundError:
        return None


def _text(value: object) -> str:
    if value is None or value != value:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
