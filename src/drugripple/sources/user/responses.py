"""A user's own responses: a table of samples, compounds and values, in any unit that it states.

The names of columns that GDSC, CCLE, CTRPv2, PRISM, NCI-60 and drevalpy publish are recognised. Rows that cannot be
used are counted by reason and listed, never shifted.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool

from drugripple.config import choice
from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.errors import TableError
from drugripple.runtime.notes import tell
from drugripple.sources.public.tidy import LoadedResponse
from drugripple.sources.user.response_cells import response_cells
from drugripple.sources.user.response_columns import Companions, response_columns
from drugripple.sources.user.response_compounds import row_compounds
from drugripple.sources.user.response_findings import ExaminedResponses, UsableResponses
from drugripple.sources.user.response_frame import ResponseFrame, Source, open_responses
from drugripple.sources.user.response_units import ResponseUnit
from drugripple.sources.user.stated_bounds import Bounds


def read_responses(
    source: Source | ResponseFrame,
    expression: ExpressionTable,
    compounds: CompoundTable | None = None,
    *,
    unit: str | None = None,
    bounds: str = Bounds.AS_MEASURED,
) -> ResponseTable:
    """Responses of samples with expression to compounds with a structure.

    Names of columns are recognised, among them those of GDSC, CTRPv2, CCLE, PRISM and drevalpy. Which were taken, what
    was assumed and what was left out stands in the table's `notes`.

        expression = drugripple.read_expression("samples.csv")
        table = drugripple.read_responses("measured.csv", expression, unit="ic50_um")

    Args:
        source: a data frame, or a csv, tsv, Parquet or xlsx file with one row per measurement: a sample, a compound
            (or its SMILES) and a value. Several rows of one pair are repeat measurements.
        expression: the samples.
        compounds: the compounds, by id or name; needed where the table itself has no SMILES.
        unit: what the values are, such as `ln_ic50_um`, `ic50_nm`, `pic50` or `auc` (`ResponseUnit` has all); read off
            the column's name where it is not given.
        bounds: what rows with only a bound, such as '> 10', count as: the bound (`as_measured`), or `leave_out`.

    Raises:
        SourceError: if the file cannot be read, or a column is missing, does not say its unit or says another one.
        TableError: if no row can be used, an id has two structures, or the values are not of the unit.
        ConfigError: if bounds cannot count as that.
    """
    return load_responses(source, expression, compounds, unit=unit, bounds=bounds).table


def load_responses(
    source: Source | ResponseFrame,
    expression: ExpressionTable,
    compounds: CompoundTable | None = None,
    *,
    unit: str | None = None,
    bounds: str = Bounds.AS_MEASURED,
) -> LoadedResponse:
    """The table that `read_responses` returns, and beside it the rows that were lost, by reason.

    Raises:
        SourceError, TableError, ConfigError: as `read_responses`.
    """
    examined = examine_responses(source, Companions(expression.samples, compounds), unit=unit)
    usable = replace(examined, bounds=choice(Bounds, bounds)).usable()
    tell(usable.notes)
    made = _table(expression, usable, _ordered(expression, usable.rows.kept, "value"))
    return LoadedResponse(replace(made, notes=usable.notes), usable.rows.dropped)


class BoundedResponses(NamedTuple):
    """Measured responses, and others of which only a bound is known."""

    table: ResponseTable
    """The measured ones; empty where all are bounds."""
    bounds: ResponseTable
    """The bounds, as values."""
    above: Bool[np.ndarray, " b"]
    """Whether the response lies above its bound, or below."""

    def of(self, expression: ExpressionTable) -> "BoundedResponses":
        """The same of samples that stand in the same order under other names."""
        table, bounds = (
            replace(one, pairs=replace(one.pairs, expression=expression)) for one in (self.table, self.bounds)
        )
        return BoundedResponses(table, bounds, self.above)


def read_bounded_responses(
    source: Source | ResponseFrame,
    expression: ExpressionTable,
    compounds: CompoundTable | None = None,
    *,
    unit: str | None = None,
) -> BoundedResponses:
    """Responses as `read_responses` reads them, and beside them the rows that hold only a bound, such as '> 10'.

    Raises:
        SourceError, TableError: as `read_responses`; bounds alone are no error.
    """
    companions = Companions(expression.samples, compounds)
    examined = replace(examine_responses(source, companions, unit=unit), bounds=None)
    usable = examined.usable()
    tell(usable.notes)
    made = _table(expression, usable, _ordered(expression, usable.rows.kept, "value"))
    bounded = _ordered(expression, usable.rows.bounded, "bound")
    above = bounded["above"].to_numpy(bool)
    return BoundedResponses(replace(made, notes=usable.notes), _table(expression, usable, bounded), above)


def _ordered(expression: ExpressionTable, rows: pd.DataFrame, value: str) -> pd.DataFrame:
    """Rows by their sample's and compound's number and value, in an order that does not depend on the file's."""
    row_of = {name: row for row, name in enumerate(expression.samples)}
    found = {
        "sample": rows["known"].map(row_of).astype(np.int64),
        "compound": rows["row"].astype(np.int64),
        "value": rows[value],
        "above": rows["above"],
    }
    return pd.DataFrame(found).sort_values(["sample", "compound", "value"])


def _table(expression: ExpressionTable, usable: UsableResponses, rows: pd.DataFrame) -> ResponseTable:
    return ResponseTable.of(
        expression,
        usable.compounds,
        rows["sample"].to_numpy(np.int64),
        rows["compound"].to_numpy(np.int64),
        rows["value"].to_numpy(np.float64),
        measure=usable.measure,
    )


def examine_responses(
    source: Source | ResponseFrame, companions: Companions, *, unit: str | None = None
) -> ExaminedResponses:
    """What is in a table of responses, with everything that is wrong with it among its findings.

    Args:
        source: as `load_responses`.
        companions: the samples and compounds that it is read beside.
        unit: as `load_responses`.

    Raises:
        SourceError: if the file cannot be read.
        TableError: if there is no such unit.
    """
    stated = None if unit is None else _unit_named(unit)
    frame = open_responses(source)
    columns = response_columns(frame, companions, stated)
    cells = None if columns.value is None else response_cells(frame, columns.value)
    compounds = row_compounds(frame, columns, companions) if columns.drug else None
    return ExaminedResponses(frame, companions, columns, stated is not None, cells, compounds)


def _unit_named(unit: str) -> ResponseUnit:
    try:
        return ResponseUnit(unit)
    except ValueError as error:
        message = f"no unit is called {unit!r}; there are {', '.join(ResponseUnit)}"
        raise TableError(message) from error
