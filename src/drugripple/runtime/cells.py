"""Text in a csv that a spreadsheet would run as a formula, made harmless where that is asked for."""

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

SAFE_CELLS: ContextVar[bool] = ContextVar("safe_cells", default=False)
"""Whether csv files are meant for a spreadsheet; the flag `--safe-cells` sets it for one command."""
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Signs of full width start formulas, too, in spreadsheets of some languages.

Source: OWASP, CSV Injection, https://owasp.org/www-community/attacks/CSV_Injection."""


def for_spreadsheets(table: "pd.DataFrame") -> "pd.DataFrame":
    """A table with a quote before text that would be a formula, if the context asks for it; numbers stay."""
    if not SAFE_CELLS.get():
        return table
    text = [name for name in table.columns if table[name].dtype.kind not in "fiub"]
    safe = {name: table[name].astype(object).map(harmless) for name in text}
    return table.assign(**safe).rename(columns=harmless)


def harmless(cell: object) -> object:
    """A cell that no spreadsheet runs.

    >>> harmless("=1+2"), harmless("-3.5"), harmless("-chloro")
    ("'=1+2", '-3.5', "'-chloro")
    """
    if not isinstance(cell, str) or not cell.startswith(STARTS) or _is_number(cell):
        return cell
    return f"'{cell}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
