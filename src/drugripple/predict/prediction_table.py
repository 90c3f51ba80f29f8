"""A data frame of predictions that prints what a person asks for first."""

from textwrap import fill

import pandas as pd

from drugripple.config import choice
from drugripple.data.measure import Measure
from drugripple.errors import TableError, first_five
from drugripple.predict.choices import Ranking
from drugripple.predict.ranked import best_rows, ranking_notes

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

    def best(self, number: int, by: str = Ranking.SELECTIVITY) -> "PredictionTable":
        """The first compounds of each sample, in the domain of the default model only, the most promising first.

        Args:
            number: at most so many of each sample.
            by: a `Ranking`: `selectivity`, how much harder a compound hits the sample than the training samples, or
                `response`, in which compounds that are potent in every sample come first.

        Raises:
            ConfigError: if there is no such ranking.
            TableError: if the table lacks what is compared, as a compact one does.
        """
        chosen = choice(Ranking, by)
        measure = next((one for one in Measure if one.value in self.columns), None)
        needed = ["sample", "compound", DOMAIN, *(["sample_percentile"] if chosen is Ranking.SELECTIVITY else [])]
        if measure is None or not set(needed) <= set(self.columns):
            lost = [name for name in needed if name not in self.columns] or ["response"]
            message = f"the table lacks {first_five(lost)} to rank by; ask the default model, without `compact`"
            raise TableError(message)
        found = PredictionTable(best_rows(self, number, chosen, measure))
        found.attrs["notes"] = [*self.attrs.get("notes", ()), *ranking_notes(number, chosen, measure)]
        return found

    def _answer(self) -> list[str]:
        """Pair, response, interval and domain; nothing where one of them is missing."""
        for measure in Measure:
            unit = measure.micromolar
            columns = [*PAIR, unit or measure.value, *(("low_um", "high_um") if unit else ("low", "high")), DOMAIN]
            if all(name in self.columns for name in columns):
                return columns
        return []
