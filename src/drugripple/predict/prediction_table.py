"""A data frame of predictions that prints what a person asks for first."""

from textwrap import fill

import pandas as pd

from drugripple.data.measure import Measure

PAIR, DOMAIN = ("sample", "compound"), "in_domain"
LONGEST_CELL, WIDTH = 30, 80
"""Characters of a cell, and of a line below the table."""


class PredictionTable(pd.DataFrame):
    """Predictions as a table that, printed, shows every pair with its answer and names the other columns.

        sample    compound   ic50_um  low_um  high_um  in_domain
    0   A375      Vorinostat   1.365   0.372    5.006       True

    In everything else it is a data frame, and without these columns it prints as one.
    """

    @property
    def _constructor(self) -> type["PredictionTable"]:
        return PredictionTable

    def __repr__(self) -> str:
        """The columns of the answer, as many rows as pandas prints, and the names of the other columns."""
        shown = self._answer()
        if not shown:
            return super().__repr__()
        rows, fewest = pd.get_option("display.max_rows"), pd.get_option("display.min_rows")
        text = pd.DataFrame(self[shown]).to_string(
            max_rows=rows, min_rows=fewest, max_colwidth=LONGEST_CELL, float_format="{:.4g}".format
        )
        others = [str(name) for name in self.columns if name not in shown]
        further = f"[{len(self):,} rows; further columns: {', '.join(others)}]"
        return f"{text}\n\n{fill(further, WIDTH)}" if others else text

    def _answer(self) -> list[str]:
        """Pair, response, interval and domain; nothing where one of them is missing."""
        for measure in Measure:
            unit = measure.micromolar
            columns = [*PAIR, unit or measure.value, *(("low_um", "high_um") if unit else ("low", "high")), DOMAIN]
            if all(name in self.columns for name in columns):
                return columns
        return []
