"""A data frame of predictions that shows what a person asks for first."""

from contextlib import AbstractContextManager
from html import escape
from textwrap import fill

import pandas as pd

from drugripple.config import choice
from drugripple.data.measure import Measure
from drugripple.errors import TableError, first_five
from drugripple.predict.choices import Ranked, Ranking
from drugripple.predict.ranked import DOMAIN, Top

PAIR, STANDING = ("sample", "compound"), "standing"
"""The columns of a pair, and where `attrs` holds the percentile's column of a table of the best."""
LONGEST_CELL, WIDTH, NUMBER = 30, 80, "{:.4g}".format
"""Characters of a cell and of a line below the table, and how a number is written, where pandas is left as it comes."""
PANDAS_CELL, PANDAS_PRECISION = 50, 6
"""What pandas comes with as `display.max_colwidth` and `display.precision`."""


class PredictionTable(pd.DataFrame):
    """Predictions as a table that shows, printed or in a notebook, every pair with its answer and names other columns.

        sample    compound   ic50_um  low_um  high_um  in_domain
    0   A375      Vorinostat   1.365   0.372    5.006       True

    Rows, cells and numbers go by the options of pandas where these were set. In everything else it is a data frame, and
    without these columns it is shown as one.
    """

    @property
    def _constructor(self) -> type["PredictionTable"]:
        return PredictionTable

    def __repr__(self) -> str:
        """The columns of the answer, as many rows as pandas prints, and the names of the other columns."""
        shown = self._answer()
        if not shown:
            return super().__repr__()
        further = self._further(shown)
        with _options(counted=bool(further)):
            text = repr(pd.DataFrame(self[shown]))
        return f"{text}\n\n{fill(further, pd.get_option('display.width') or WIDTH)}" if further else text

    def _repr_html_(self) -> str | None:
        """The same as `repr` for a notebook; None where pandas is told to show text there."""
        shown = self._answer()
        if not shown:
            return super()._repr_html_()  # type: ignore[misc]  # a method that pandas-stubs leaves out
        further = self._further(shown)
        with _options(counted=bool(further)):
            text = pd.DataFrame(self[shown])._repr_html_()  # type: ignore[operator]
        return f"{text}\n<p>{escape(further)}</p>" if text and further else text

    def best(self, number: int, by: str | None = None, *, rank: str = Ranked.COMPOUNDS) -> "PredictionTable":
        """The first compounds of each sample, in the domain of the default model only, the most promising first.

        Args:
            number: at most so many of each sample, or of each compound.
            by: a `Ranking`: `selectivity`, how much harder a compound hits the sample than the training samples, or
                `response`, in which compounds that are potent in every sample come first. Selectivity where compounds
                are ranked, and the response where samples are, unless given.
            rank: a `Ranked`: the `compounds` of each sample, or the `samples` of each compound.

        Raises:
            ConfigError: if there is no such ranking.
            TableError: if the table lacks what is compared, as a compact one does.
        """
        measure = next((one for one in Measure if one.value in self.columns), None)
        top = Top(number, measure or Measure.LN_IC50, choice(Ranked, rank), None if by is None else choice(Ranking, by))
        needed = ["sample", "id", "compound", DOMAIN, *top.keys[:-1]]
        if measure is None or not set(needed) <= set(self.columns):
            lost = [name for name in needed if name not in self.columns] or ["response"]
            message = f"the table lacks {first_five(lost)} to rank by; ask the default model, without `compact`"
            raise TableError(message)
        found = PredictionTable(top.of(self))
        found.attrs |= {"notes": [*self.attrs.get("notes", ()), top.note], STANDING: top.percentile}
        return found

    def _answer(self) -> list[str]:
        """Pair, response, interval and domain, of the best their percentile; nothing where one of them is missing."""
        for measure in Measure:
            unit = measure.micromolar
            columns = [*PAIR, unit or measure.value, *(("low_um", "high_um") if unit else ("low", "high")), DOMAIN]
            if all(name in self.columns for name in columns):
                standing = str(self.attrs.get(STANDING, ""))
                return [*columns[:-1], standing] if standing in self.columns else columns
        return []

    def _further(self, shown: list[str]) -> str:
        """The number of rows and the columns that are not shown; blank where all are."""
        others = ", ".join(str(name) for name in self.columns if name not in shown)
        return f"[{len(self):,} rows; further columns: {others}]" if others else ""


def _options(*, counted: bool) -> AbstractContextManager[None]:
    """All columns in one piece, our cells and numbers where the user chose none, and one count of rows.

    Args:
        counted: whether a line below the table says how many rows there are.
    """
    chosen: list[object] = []
    if pd.get_option("display.max_colwidth") == PANDAS_CELL:
        chosen += ["display.max_colwidth", LONGEST_CELL]
    if pd.get_option("display.float_format") is None and pd.get_option("display.precision") == PANDAS_PRECISION:
        chosen += ["display.float_format", NUMBER]
    if counted:
        chosen += ["display.show_dimensions", False]
    return pd.option_context("display.max_columns", None, "display.expand_frame_repr", False, *chosen)
