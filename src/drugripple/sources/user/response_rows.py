"""The rows of a table of responses: which are used, which are left out and why, and which repeat a measurement."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from drugripple.errors import counted, first_five
from drugripple.sources.user.findings import Finding, Level, Topic
from drugripple.sources.user.matching import match_names
from drugripple.sources.user.response_cells import ResponseCells
from drugripple.sources.user.response_columns import Companions
from drugripple.sources.user.response_compounds import RowCompounds
from drugripple.sources.user.stated_bounds import Bounds


@dataclass(frozen=True)
class ResponseRows:
    """Every row of a table by what its cells are."""

    frame: pd.DataFrame
    """Columns sample, drug and text as written; known (the sample's name in the expression) and row (of the compound),
    missing where there is none; value; reason (why a row is left out), blank where it is used; bound and above of
    `ResponseCells`, and whether all but the value is known (named)."""
    called: Mapping[str, str]
    """The known name of each sample."""
    bounds: Bounds | None
    """What bounds count as; None where they are kept apart."""

    @cached_property
    def kept(self) -> pd.DataFrame:
        """The rows that are used."""
        return self.frame[self.frame["reason"] == ""]

    @cached_property
    def bounded(self) -> pd.DataFrame:
        """The rows that hold a bound in place of a value, and of which the sample and the compound are known."""
        return self.frame[self.frame["named"] & self.frame["bound"].notna()]

    @property
    def pairs(self) -> "pd.Series[str]":
        """Sample and compound of each row in use, as written."""
        return self.kept["sample"] + " x " + self.kept["drug"]

    @cached_property
    def dropped(self) -> pd.DataFrame:
        """What is left out: columns reason, cell_line, drug, rows."""
        unused = self.frame["reason"] != ""
        if self.bounds is not Bounds.LEAVE_OUT:
            unused &= ~self.frame.index.isin(self.bounded.index)
        lost = self.frame[unused].rename(columns={"sample": "cell_line"})
        return lost.groupby(["reason", "cell_line", "drug"], sort=True).size().rename("rows").reset_index()

    def left_out(self) -> Iterator[Finding]:
        """How many rows hold only a bound, and how many were left out for each reason, and of which compounds."""
        if self.bounds is not Bounds.LEAVE_OUT and len(self.bounded):
            what = f"{counted(len(self.bounded), 'row holds', 'rows hold')} only a bound"
            who = tuple(dict.fromkeys(self.bounded["drug"]))
            counts = (
                "which counts where the answer would lie beyond it"
                if self.bounds is None
                else "which counts as if it were measured (`bounds`)"
            )
            yield Finding(Level.NOTE, Topic.VALUES, f"{what}, {counts}: {first_five(who)}", names=who)
        lost = self.dropped
        for reason, rows in lost.groupby("reason")["rows"].sum().items():
            names = lost[lost["reason"] == reason]
            who = tuple(dict.fromkeys(names["drug"] if "expression" not in str(reason) else names["cell_line"]))
            text = f"{counted(int(rows), 'row')} left out, {reason}: {first_five(who)}"
            yield Finding(Level.NOTE, Topic.VALUES, text, names=who)

    def written_twice(self) -> Iterator[Finding]:
        """Which measurements stand more than once with one value: not repeats, maybe, but a file put together twice."""
        again = self.pairs[self.kept.duplicated(["known", "row", "value"])]
        if len(again):
            what = counted(len(again), "row repeats", "rows repeat")
            names = tuple(dict.fromkeys(again))
            text = f"{what} another to the last digit, kept as a second measurement: {first_five(names)}"
            yield Finding(Level.NOTE, Topic.REPEATS, text, names=names)

    def repeats(self) -> Iterator[Finding]:
        """How many pairs were measured more than once, and what that means."""
        often = self.kept.groupby(["known", "row"]).size()
        several = int((often > 1).sum())
        if several:
            what = counted(several, "pair was", "pairs were")
            text = f"{what} measured more than once (up to {often.max()} rows): all are kept, as repeat measurements"
            yield Finding(Level.FINE, Topic.REPEATS, text)


def response_rows(
    sample: "pd.Series[str]",
    drug: "pd.Series[str]",
    cells: ResponseCells,
    compounds: RowCompounds,
    companions: Companions,
    bounds: Bounds | None,
) -> ResponseRows:
    """The rows, each with the reason why it is left out; the last that applies is told.

    Args:
        sample: names as written.
        drug: names or structures as written.
        cells: the values.
        compounds: the compound of each.
        companions: where the samples are known from; where from nowhere, each name is a sample.
        bounds: what bounds count as; None keeps them apart.
    """
    asked = sample.unique().tolist()
    known = companions.samples
    called = match_names(asked, known) if known is not None else {name: name for name in asked if name}
    matched = sample.map(called)
    reason = compounds.reason.copy()
    reason[matched.isna()] = "no expression"
    reason[sample == ""] = "no sample is named"
    named = reason == ""
    reason[cells.reasons != ""] = cells.reasons
    values = cells.values
    if bounds is Bounds.AS_MEASURED:
        counts = named & np.isfinite(cells.bounds)
        reason[counts] = ""
        values = np.where(counts, cells.bounds, values)
    more = {"value": values, "reason": reason, "bound": cells.bounds, "above": cells.above, "named": named}
    columns = {"sample": sample, "drug": drug, "text": cells.text, "known": matched, "row": compounds.row}
    return ResponseRows(pd.DataFrame(columns | more), called, bounds)
