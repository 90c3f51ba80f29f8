"""GDSC's fitted dose responses (xlsx or csv) to the tidy layout.

The publisher gives no structures; they come from a table of the user's with the columns `drug` or `drug_id`, and
`smiles`. Names of drugs meet whatever their letter case and punctuation, numbers whatever their decimals.

Source: Iorio et al. 2016, doi:10.1016/j.cell.2016.06.017; LN_IC50 is the natural logarithm of micromolar.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import openpyxl
import pandas as pd

from drugripple.chem.molecule import canonical_smiles
from drugripple.errors import CompoundError, SourceError, counted, first_five
from drugripple.runtime.atomic import whole_file
from drugripple.runtime.damaged import reading
from drugripple.sources.public.columns import as_numbers, require_columns
from drugripple.sources.user.delimited import number_in, open_text, with_points
from drugripple.sources.user.response_units import LARGEST_LN_IC50
from drugripple.sources.user.text_table import read_table

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
PANELS = ("GDSC1", "GDSC2")
LARGEST_AUC = 1.05
KEY = ["dataset", "cell_line", "drug_id"]


class BuiltGdsc(NamedTuple):
    """What was written, and what had to be left out."""

    rows: int
    drugs: int
    dropped: pd.DataFrame
    """Columns reason, cell_line, drug, rows."""
    without: tuple[str, ...] = ()
    """Drugs that have no structure, with the reason where one was given."""


def read_fitted(path: Path) -> pd.DataFrame:
    """The columns we use, renamed; numbers that are none become NaN.

    Raises:
        SourceError: if the file is missing, damaged, empty or lacks a column.
    """
    with reading(path, "GDSC's fitted dose responses"):
        frame = _read_xlsx(path) if path.suffix.lower() == ".xlsx" else _read_csv(path)
    if frame.empty:
        message = f"{path} has a header, but no row; fetch it again"
        raise SourceError(message)
    for name in _TEXT:
        frame[name] = frame[name].map(_text)
    for name in ("drug_id", "ln_ic50", "auc"):
        frame[name] = as_numbers(frame[name])
    _refuse_other_values(path, frame)
    return frame


def build_gdsc(fitted: Sequence[Path], structures: Path | None, out: Path) -> BuiltGdsc:
    """Write `response.parquet` and `drugs.parquet` into `out/gdsc`.

    Raises:
        SourceError: if a file is damaged, a row repeats, or no row can be used.
        OutputError: if the system refuses a write.
    """
    table = pd.concat([read_fitted(path) for path in fitted], ignore_index=True)
    reason = pd.Series("", index=table.index)
    reason[~(np.isfinite(table["drug_id"]) & (table["drug_id"] % 1 == 0))] = "no drug number"
    reason[~np.isfinite(table["ln_ic50"])] = "ln IC50 is not a number"
    reason[table["cell_line"] == ""] = "no cell line"
    lost = table.assign(reason=reason)[reason != ""]
    table = table[reason == ""].astype({"drug_id": np.int64}).sort_values(KEY)
    if table.empty:
        count = lost["reason"].value_counts()
        message = (
            f"none of {len(lost):,} rows can be used: {count.iloc[0]:,} times {count.index[0]}; export the file again"
        )
        raise SourceError(message)
    if table.duplicated(KEY).any():
        repeated = table.loc[table.duplicated(KEY), KEY].astype(str).agg(" ".join, axis=1)
        message = f"{len(repeated)} rows repeat a line and drug number: {first_five(repeated)}; is a file given twice?"
        raise SourceError(message)
    names = table.groupby(["dataset", "drug_id"])["drug"].nunique()
    if (names > 1).any():
        torn = [f"{number} of {dataset}" for dataset, number in names.index[names > 1]]
        message = f"{counted(len(torn), 'drug number has', 'drug numbers have')} more than one name: {first_five(torn)}"
        raise SourceError(message)
    drugs = table[list(_OF_A_DRUG)].drop_duplicates(["dataset", "drug_id"])
    found = _structures_of(drugs, structures)
    drugs["canonical_smiles"] = [known.smiles for known in found]
    response = table.drop(columns=["targets", "pathway"])
    for name in ("dataset", "cell_line", "cosmic_id", "sanger_model_id", "tcga_label", "drug"):
        response[name] = response[name].astype("category")
    for name, frame in (("response", response), ("drugs", drugs)):
        with whole_file(out / "gdsc" / f"{name}.parquet") as part:
            frame.to_parquet(part, index=False, compression="zstd")
    left_out = lost.groupby(["reason", "cell_line", "drug"], sort=True).size().rename("rows").reset_index()
    without = tuple(
        f"{drug} ({known.fault})" if known.fault else str(drug)
        for drug, known in zip(drugs["drug"], found, strict=True)
        if known.smiles is None
    )
    return BuiltGdsc(len(response), len(drugs), left_out, without)


def _read_csv(path: Path) -> pd.DataFrame:
    """The publisher's csv, or one that a spreadsheet saved with semicolons and decimal commas; NA is a drug's name."""
    text = open_text(path)
    wanted = _columns(path, text.header)
    rows = (tuple(row.cells[column].strip() for column in wanted) for row in text.rows())
    content = [with_points(cells, text.layout.decimal) for cells in rows]
    return pd.DataFrame(content, columns=list(COLUMNS.values()), dtype=object)


def _read_xlsx(path: Path) -> pd.DataFrame:
    workbook = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        sheet = workbook.worksheets[0]
        sheet.reset_dimensions()  # the publisher's file declares one cell
        rows: Iterator[tuple[object, ...]] = sheet.iter_rows(values_only=True)
        wanted = _columns(path, [str(name) for name in next(rows, ())])
        content = [tuple(row[column] if column < len(row) else None for column in wanted) for row in rows]
    finally:
        workbook.close()
    return pd.DataFrame(content, columns=list(COLUMNS.values()), dtype=object)


def _columns(path: Path, header: Sequence[str]) -> list[int]:
    """Where each of our columns stands in a header, whatever its letter case.

    Raises:
        SourceError: naming those that are missing.
    """
    spelt = [name.strip().upper() for name in header]
    if missing := [name for name in COLUMNS if name not in spelt]:
        what = f"lacks {len(missing)} of {len(COLUMNS)} columns: {first_five(missing)}"
        message = f"{path} {what}; it has {first_five(header)}"
        raise SourceError(message)
    return [spelt.index(name) for name in COLUMNS]


def _refuse_other_values(path: Path, table: pd.DataFrame) -> None:
    """Refuse panels that are none of GDSC's, and numbers that are no logarithms or no areas.

    Raises:
        SourceError: with the first five.
    """
    logarithms, areas = table["ln_ic50"], table["auc"]
    for odd, shown, what in (
        (~table["dataset"].isin(PANELS), table["dataset"], f"rows of DATASET are of no panel of {first_five(PANELS)}"),
        (
            np.isfinite(logarithms) & (logarithms.abs() > LARGEST_LN_IC50),
            logarithms,
            "values of LN_IC50 are no logarithms of micromolar",
        ),
        ((areas < 0) | (areas > LARGEST_AUC), areas, "values of AUC are no areas between 0 and 1"),
    ):
        if odd.any():
            found = first_five(dict.fromkeys(shown[odd]))
            message = f"{path}: {int(odd.sum()):,} {what} (got {found}); fetch it again, or exchange the columns"
            raise SourceError(message)


class _Structure(NamedTuple):
    """Canonical SMILES of a drug, or why it has none."""

    smiles: str | None
    fault: str = ""


def _structures_of(drugs: pd.DataFrame, structures: Path | None) -> list[_Structure]:
    """The structure of each drug, by number or by name."""
    if structures is None:
        return [_Structure(None)] * len(drugs)
    table = read_table(structures)
    known = pd.DataFrame(table.cells, columns=[name.lower() for name in table.header], dtype=object)
    key = "drug_id" if "drug_id" in known.columns else "drug"
    require_columns(structures, known.columns.tolist(), (key, "smiles"))
    known = known[(known[key] != "") & (known["smiles"] != "")]
    spelled = known[key].map(_number if key == "drug_id" else _plain)
    torn = known[spelled.duplicated(keep=False)].groupby(spelled)["smiles"].nunique()
    if (torn > 1).any() or known[key].duplicated().any():
        repeated = known.loc[spelled.duplicated(), key]
        repeats = f"{counted(len(repeated), 'drug repeats', 'drugs repeat')}: {first_five(repeated)}"
        message = f"{structures}: {repeats}; keep one structure a drug"
        raise SourceError(message)
    smiles = dict(zip(spelled, known["smiles"], strict=True))
    asked = drugs[key].map(str).map(_number if key == "drug_id" else _plain)
    return [_canonical(smiles.get(name), str(drug)) for name, drug in zip(asked, drugs[key], strict=True)]


def _number(text: str) -> str:
    """A drug number as pandas or a spreadsheet writes it, without decimals.

    >>> _number("1003.0"), _number(" 1003"), _number("x")
    ('1003', '1003', 'x')
    """
    value = number_in(text)
    return str(int(value)) if np.isfinite(value) and value % 1 == 0 else text.strip()


def _plain(name: str) -> str:
    """Letters and digits of a name in lower case; a name without any as it is."""
    return "".join(sign for sign in name.casefold() if sign.isalnum()) or name.strip()


def _canonical(smiles: str | None, drug: str) -> _Structure:
    if not smiles:
        return _Structure(None)
    try:
        return _Structure(canonical_smiles(smiles, name=drug))
    except CompoundError as error:
        return _Structure(None, str(error))


def _text(value: object) -> str:
    if value is None or value != value:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
