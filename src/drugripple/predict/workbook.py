"""Predictions as a workbook: rows to filter and sort, samples by compounds, the notes, and what columns mean."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pandas as pd

from drugripple.data.measure import Measure
from drugripple.errors import ConfigError, printable
from drugripple.predict.column_meanings import COLUMN_MEANINGS
from drugripple.runtime.cells import harmless

LIMITS = "For research only, not for decisions about patients. A tumour is not a cell line."
MOST_ROWS, MOST_COLUMNS = 100_000, 16_383
"""Rows that are written within a minute and a gigabyte, and columns beside names that a sheet holds."""
NAMES = 3
"""The first columns, which stay in sight: sample, id, compound."""
WIDEST = 40


def write_workbook(file: Path | BytesIO, table: pd.DataFrame, notes: Sequence[str]) -> None:
    """Write predictions and what was said of them as .xlsx; text that a spreadsheet would run has a quote before it.

    Sheets: `predictions`, every row with filters on; the response as `samples x compounds`, where there are several of
    both and each pair is there; `notes`; `columns`, what each one means.

    Raises:
        ConfigError: if there are too many rows.
    """
    require_room(len(table))
    meanings = {name: COLUMN_MEANINGS[name] for name in table.columns if name in COLUMN_MEANINGS}
    said = [LIMITS, *(harmless(printable(note)) for note in notes)]
    with pd.ExcelWriter(file, engine="openpyxl") as book:
        shown = for_a_spreadsheet(table)
        shown.to_excel(book, sheet_name="predictions", index=False, freeze_panes=(1, NAMES))
        sheet = book.sheets["predictions"]
        sheet.auto_filter.ref = sheet.dimensions
        for place, name in enumerate(shown.columns):
            longest = max(map(len, shown[name].astype(str)), default=0) if name in ("sample", "id", "compound") else 0
            sheet.column_dimensions[sheet.cell(1, place + 1).column_letter].width = min(
                max(len(name), longest) + 3, WIDEST
            )
        if (grid := side_by_side(shown)) is not None:
            grid.to_excel(book, sheet_name="samples x compounds", freeze_panes=(1, 1))
        pd.DataFrame({"notes": said}).to_excel(book, sheet_name="notes", index=False)
        about = pd.DataFrame({"column": list(meanings), "meaning": list(meanings.values())})
        about.to_excel(book, sheet_name="columns", index=False)


def require_room(rows: int, what: str = "a workbook") -> None:
    """Refuse more predictions than a workbook, or a report, is good for.

    Raises:
        ConfigError: naming how many.
    """
    if rows > MOST_ROWS:
        message = f"{rows:,} predictions are too many for {what}, which takes {MOST_ROWS:,}: write .csv or .parquet"
        raise ConfigError(message)


def side_by_side(table: pd.DataFrame) -> pd.DataFrame | None:
    """The response with a row for each sample and a column for each compound, in the order of the table.

    None where there is one of either, where some pairs are missing or there twice, or where a sheet has no room.

    >>> table = pd.DataFrame({"sample": [*"bbaa"], "compound": [*"xyxy"], "auc": [0.1, 0.2, 0.3, 0.4]})
    >>> side_by_side(table).values.tolist(), side_by_side(table.head(3))
    ([[0.1, 0.2], [0.3, 0.4]], None)
    """
    measure = next((one for one in Measure if one.value in table), None)
    if measure is None or table.duplicated(["sample", "compound"]).any():
        return None
    samples, compounds = table["sample"].unique(), table["compound"].unique()
    if min(len(samples), len(compounds)) < 2 or len(samples) * len(compounds) != len(table):
        return None
    if len(compounds) > MOST_COLUMNS:
        return None
    unit = measure.micromolar
    value = unit if unit in table else measure.value
    grid = table.pivot(index="sample", columns="compound", values=value).loc[samples, compounds]
    return grid.rename_axis(index=f"{value} of sample")


def for_a_spreadsheet(table: pd.DataFrame) -> pd.DataFrame:
    """A table whose text is one line and starts no formula."""
    text = [name for name in table.columns if table[name].dtype.kind not in "fiub"]
    safe = {name: pd.Series([harmless(printable(str(cell))) for cell in table[name]], table.index) for name in text}
    return table.assign(**safe)
