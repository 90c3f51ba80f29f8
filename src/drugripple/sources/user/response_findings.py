"""What is found in a table of responses: the reader raises the first problem, the doctor prints everything."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from drugripple.data.measure import Measure
from drugripple.data.tables import CompoundTable
from drugripple.errors import Fault, SourceError, counted, first_five
from drugripple.sources.user.findings import Finding, Level, Topic, notes_or_refusal, problem
from drugripple.sources.user.matching import match_names
from drugripple.sources.user.response_cells import ResponseCells
from drugripple.sources.user.response_checks import implausible
from drugripple.sources.user.response_columns import COMPOUND_NAMES, SAMPLE_NAMES, Companions, ResponseColumns
from drugripple.sources.user.response_compounds import RowCompounds, respelt
from drugripple.sources.user.response_conversion import measure_of
from drugripple.sources.user.response_frame import ResponseFrame
from drugripple.sources.user.response_rows import ResponseRows, response_rows
from drugripple.sources.user.response_value_column import ValueColumn
from drugripple.sources.user.stated_bounds import Bounds


class UsableResponses(NamedTuple):
    """What is used of a table of responses without problems."""

    rows: ResponseRows
    compounds: CompoundTable
    measure: Measure
    notes: tuple[str, ...]
    """What was assumed and what was left out, for the user to read."""


@dataclass(frozen=True)
class ExaminedResponses:
    """A table of responses, and what became of its columns, cells and compounds."""

    frame: ResponseFrame
    companions: Companions
    columns: ResponseColumns
    stated: bool
    """Whether the user states the unit."""
    cells: ResponseCells | None
    """None where no column holds the values."""
    compounds: RowCompounds | None
    """None where no column names or draws the compounds."""
    bounds: Bounds | None = Bounds.AS_MEASURED
    """What rows with only a bound count as; None keeps them apart."""

    @property
    def where(self) -> str:
        """The file, for messages."""
        return self.frame.where

    @cached_property
    def rows(self) -> ResponseRows | None:
        """Every row; None where a column or a cell stands in the way."""
        sound = self.columns.sample and not self.columns.problems
        if not sound or self.cells is None or self.compounds is None:
            return None
        if self.cells.problems or self.compounds.problems:
            return None
        sample, drug = self.frame.text(self.columns.sample), self.frame.text(self.columns.drug)
        return response_rows(sample, drug, self.cells, self.compounds, self.companions, self.bounds)

    def usable(self) -> UsableResponses:
        """What is used of the table, and the notes among its findings.

        Raises:
            SourceError, TableError: the first problem among its findings.
            SourceError: if structures are still awaited.
        """
        notes = tuple(str(note) for note in notes_or_refusal(self.where, self.findings()))
        table = None if self.compounds is None else self.compounds.table
        if self.rows is None or table is None or self.columns.value is None:
            fault = Fault(self.where, "its compounds have no structures yet", do="read it beside a file of compounds")
            raise SourceError(fault)
        return UsableResponses(self.rows, table, measure_of(self.columns.value.unit), notes)

    def findings(self) -> Iterator[Finding]:
        """What was found of columns, cells and compounds, and whether values can be of their unit."""
        yield _layout(self.frame, self.rows)
        yield from self.frame.notes
        yield from self.columns.problems
        if self.columns.value is not None:
            yield self.columns.value.described(stated=self.stated)
        if self.columns.sample and self.columns.drug:
            yield from self.columns.described(self.frame)
            yield from _undecided(self.frame, self.columns, self.companions)
        for part in (self.cells, self.compounds):
            yield from () if part is None else part.problems
        if self.rows is not None and self.columns.value is not None and self.compounds is not None:
            if self.rows.kept.empty and (self.bounds is not None or self.rows.bounded.empty):
                yield _nothing_usable(self.rows, self.columns, self.companions)
            else:
                said = tuple(self._values(self.rows, self.columns.value))
                yield from (*said, *self.compounds.notes)
                if all(finding.level != Level.PROBLEM for finding in said):
                    yield _use(self.columns, self.companions)

    def _values(self, rows: ResponseRows, value: ValueColumn) -> Iterator[Finding]:
        kept = rows.kept
        yield _usable(rows, self.companions)
        if not kept.empty:
            numbers = kept["value"].to_numpy(np.float64)
            yield from implausible(value, numbers, kept["text"], rows.pairs, stated=self.stated)
        yield from rows.left_out()
        yield from rows.written_twice()
        yield from rows.repeats()
        yield from respelt("sample", rows.called)


def _layout(frame: ResponseFrame, rows: ResponseRows | None) -> Finding:
    text = f"responses, {frame.form}: {counted(len(frame.cells), 'row')}"
    if rows is not None:
        samples, drugs = (rows.frame[name][rows.frame[name] != ""].nunique() for name in ("sample", "drug"))
        text += f" of {counted(samples, 'sample')} and {counted(drugs, 'compound')}"
    return Finding(Level.FINE, Topic.LAYOUT, text)


def _undecided(frame: ResponseFrame, columns: ResponseColumns, companions: Companions) -> Iterator[Finding]:
    """Which columns may name samples or compounds, as long as no names are known that could decide it."""
    decided = bool(columns.smiles) or companions.compounds is not None
    for what, file, chosen, names, known in (
        ("samples", "the expression", columns.sample, SAMPLE_NAMES, companions.samples is not None),
        ("compounds", "the file of compounds", columns.compound, COMPOUND_NAMES, decided),
    ):
        others = tuple(name for name in frame.called(names) if name != chosen)
        if others and not known:
            text = f"{chosen!r} names the {what}, unless more names of {first_five(others)} are in {file}"
            yield Finding(Level.FINE, Topic.LAYOUT, text, names=others)


def _usable(rows: ResponseRows, companions: Companions) -> Finding:
    text = f"{len(rows.kept):,} of {counted(len(rows.frame), 'row')} "
    if companions.samples is None:
        text += "have a sample, a compound and a value"
    else:
        counts = rows.kept["known"].nunique(), rows.kept["row"].nunique()
        text += f"can be used: {counted(counts[0], 'sample')} x {counted(counts[1], 'compound')}"
    return Finding(Level.FINE, Topic.VALUES, text)


def _use(columns: ResponseColumns, companions: Companions) -> Finding:
    """What a table without problems is for, and what it needs beside it."""
    of_samples, of_compounds = companions.hindrances
    needed = [("an expression file", of_samples)] if companions.samples is None else []
    needed += [("a file of compounds", of_compounds)] if companions.compounds is None and not columns.smiles else []
    if needed:
        text = f"it is read beside {' and '.join(what for what, _ in needed)}"
        first = "; ".join(dict.fromkeys(hindrance for _, hindrance in needed if hindrance))
        name = "name these files to `drugripple data doctor` together: it says which rows can be used"
        return Finding(Level.FINE, Topic.USE, text, f"{first}, then {name}" if first else name)
    files = "`responses` and `expression`" if columns.smiles else "`responses`, `expression` and `compounds`"
    text = "finetune, benchmark, tune, audit and ceiling take it"
    return Finding(Level.FINE, Topic.USE, text, f"name the files in a run file, as {files}")


def _nothing_usable(rows: ResponseRows, columns: ResponseColumns, companions: Companions) -> Finding:
    """Why no row can be used, with the names that did not meet."""
    reason = rows.frame["reason"]
    what = f"none of {counted(len(reason), 'row')} can be used: {reason.value_counts().to_dict()}"
    asked = rows.frame["sample"].unique().tolist()
    if match_names(asked, companions.names):
        do = f"{columns.sample!r} names compounds: exchange the names of the columns"
        return problem(Topic.VALUES, what, do=do)
    if companions.samples is None:
        return problem(Topic.VALUES, what, do="fill the columns of samples, compounds and values")
    shown = f"{columns.sample!r} names {first_five(asked)}, the expression has {first_five(companions.samples)}"
    if companions.compounds is not None:
        drugs, known = rows.frame["drug"].unique().tolist(), companions.compounds.names
        shown += f"; {columns.compound!r} names {first_five(drugs)}, the compounds are {first_five(known)}"
    return problem(Topic.VALUES, what, got=shown, do="write names and values as the other files have them")
