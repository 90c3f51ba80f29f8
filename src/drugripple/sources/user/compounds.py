"""A user's compounds as checked tables; what cannot be used is listed, never shifted."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np

from drugripple.chem.molecule import molecule_of, reduce_all
from drugripple.data.tables import CompoundTable
from drugripple.data.treatments import Treatments
from drugripple.errors import Fault, SourceError, first_five
from drugripple.sources.user.compound_columns import CompoundColumns, columns_of
from drugripple.sources.user.compound_findings import Entry, ExaminedCompounds, positive
from drugripple.sources.user.compound_source import Source, open_source, with_header_as_row
from drugripple.sources.user.delimited import Row
from drugripple.sources.user.findings import notes_or_refusal
from drugripple.sources.user.matrix import labels_of
from drugripple.sources.user.stated_units import HOURS_PER_UNIT, MICROMOLAR_PER_UNIT, in_ours
from drugripple.sources.user.structure_columns import PROBED, names_structures
from drugripple.sources.user.text_table import NO_ROW, TextRows

ROWS_AT_MOST = 2_000_000
"""Rows that are held at once; a screen reads a library in pieces."""
HELD = 50_000
"""Characters of a structure that are held; much shorter ones are not parsed any more."""


def read_compounds(source: Source | CompoundTable) -> CompoundTable:
    """Read csv, tsv, smi (also .gz), xlsx or Parquet, or take a DataFrame or a list of SMILES; each compound once.

    A pandas Series or a NumPy array of SMILES is a list of them. The columns of a table go by their names: SMILES and,
    where given, id and name. Ids are the file's; where it has none, names; where it has neither, the SMILES as written.
    Structures that cannot be used are left out and told in `notes`.

    Raises:
        SourceError: if the file cannot be read, has no column of SMILES or more than two million rows.
        CompoundError: if no structure can be used.
        TableError: if a row repeats, an id has two structures, or a dose or time is not above 0 or beyond all use.

    >>> read_compounds(["OCC", "NCCO.Cl"]).smiles
    ('CCO', 'NCCO')
    """
    return source if isinstance(source, CompoundTable) else compounds_in(examine_compounds(source))


def compounds_in(examined: ExaminedCompounds) -> CompoundTable:
    """The compounds of a source that was examined, each once; what cannot be used is told in `notes`.

    Raises:
        DrugrippleError: as `read_compounds`.
    """
    notes = notes_or_refusal(examined.where, examined.findings())
    return table_of(examined, tuple(str(note) for note in notes))


def read_treatments(source: Source | CompoundTable | Treatments, *, dose_um: float, hours: float) -> Treatments:
    """Compounds as `read_compounds` reads them, with the doses and times of a source that has such columns.

    A compound may have several rows if they differ in dose or time.

    Args:
        source: as `read_compounds`.
        dose_um: micromolar, where the source names no dose.
        hours: where it names no time.

    Raises:
        DrugrippleError: as `read_compounds`.
    """
    if isinstance(source, Treatments):
        return source
    if isinstance(source, CompoundTable):
        return Treatments.at(source, dose_um, hours)
    examined = examine_compounds(source)
    table = compounds_in(examined)
    row_of_id = {name: row for row, name in enumerate(table.ids)}
    usable = examined.usable
    doses, times = np.full(len(usable), dose_um), np.full(len(usable), hours)
    if examined.columns.dose_um is not None:
        doses = positive([entry.dose_um for entry in usable])
    if examined.columns.hours is not None:
        times = positive([entry.hours for entry in usable])
    rows = np.array([row_of_id[entry.id] for entry in usable], dtype=np.int64)
    return Treatments(table, rows, doses.astype(np.float32), times.astype(np.float32), examined.left_out)


def examine_compounds(source: Source) -> ExaminedCompounds:
    """What is in a source, with everything that is wrong with it among its findings; each SMILES is parsed once.

    Raises:
        SourceError: if it cannot be read, has no row, too many, or no column of SMILES.
    """
    opened, columns = understood(open_source(source))
    entries = tuple(islice(entries_of(opened, columns), ROWS_AT_MOST + 1))
    if len(entries) > ROWS_AT_MOST:
        what = f"it holds more than {ROWS_AT_MOST:,} compounds, which are read at once here"
        raise SourceError(Fault(opened.where, what, do="screen it (`drugripple screen` reads any number), or split it"))
    structures = reduce_all(entry.smiles for entry in entries)
    return ExaminedCompounds(opened.where, opened.form, opened.header, columns, entries, structures, opened.notes)


def understood(source: TextRows) -> tuple[TextRows, CompoundColumns]:
    """The source with its columns known; its header is its first row where it is a compound.

    Raises:
        SourceError: if it has no row, or no column of SMILES.
    """
    first = source.probe(PROBED)
    _refuse_lines_above(source, first)
    probed = [row.cells for row in first]
    if not probed:
        raise SourceError(Fault(source.where, NO_ROW, do="export it again"))
    columns = columns_of(source.where, source.header, probed, lambda some: (row.cells for row in source.rows(some)))
    return (source if columns.headed else with_header_as_row(source)), columns


def _refuse_lines_above(source: TextRows, rows: Sequence[Row]) -> None:
    """Refuse a table whose header stands below lines of as many cells, which would be taken for it.

    Raises:
        SourceError: naming its line.
    """
    below = (
        None if names_structures(source.header) else next((one for one in rows if names_structures(one.cells)), None)
    )
    if below is not None:
        what = f"its header stands in line {below.line}, below others"
        raise SourceError(
            Fault(source.where, what, got=first_five(below.cells), do="delete the lines above the header")
        )


def entries_of(source: TextRows, columns: CompoundColumns) -> Iterator[Entry]:
    """Every row by what its cells are; an id that is blank is the name, a name that is blank the id."""
    for row in source.rows(columns.used):
        smiles, name = row.cells[columns.smiles][:HELD], _name(row, columns.name, columns)
        given = _name(row, columns.id, columns) or name or smiles
        dose_um = in_ours(_cell(row, columns.dose_um), MICROMOLAR_PER_UNIT)
        hours = in_ours(_cell(row, columns.hours), HOURS_PER_UNIT)
        yield Entry(row.line, given, name or given, smiles, dose_um, hours)


def structures_of(source: Source, *, column: str = "") -> Iterator[str]:
    """The SMILES of a source that are not blank, as written, one after the other.

    Args:
        source: as `read_compounds`.
        column: the header of the structures; found unless given.

    Raises:
        SourceError: if it cannot be read or has no such column.
    """
    opened = open_source(source)
    if column:
        if column not in opened.header:
            raise SourceError(Fault(opened.where, f"it has no column {column!r}", got=f"{list(opened.header)[:5]}"))
        position = opened.header.index(column)
        yield from _filled(row.cells[position] for row in opened.rows([position]))
    else:
        opened, columns = understood(opened)
        yield from _filled(row.cells[columns.smiles] for row in opened.rows(columns.used))


def excluded_keys(source: Source, *, column: str = "") -> set[str]:
    """Keys of the molecules that a list keeps out: their salts and stereoisomers go with them.

    Raises:
        SourceError: if it cannot be read.
        CompoundError: if a structure cannot be used: what is not understood cannot be kept out.
    """
    found = reduce_all(structures_of(source, column=column), raises=True).found
    return {reduction.key for reduction in found.values()}


def _filled(cells: Iterable[str]) -> Iterator[str]:
    return (cell for cell in cells if cell)


def _cell(row: Row, column: int | None) -> str:
    return "" if column is None else row.cells[column]


def _name(row: Row, column: int | None, columns: CompoundColumns) -> str:
    """An id or a name; a whole number loses the point that a program gave it."""
    cell = _cell(row, column)
    return labels_of([cell])[0] if column in columns.fractions else cell


def table_of(examined: ExaminedCompounds, notes: tuple[str, ...] = ()) -> CompoundTable:
    """The compounds of a source without problems, each once."""
    first: dict[str, Entry] = {}
    for entry in examined.usable:
        first.setdefault(entry.id, entry)
    found = examined.structures.found
    molecules = tuple(molecule_of(found[entry.smiles]) for entry in first.values())
    return CompoundTable(tuple(first), tuple(entry.name for entry in first.values()), molecules, notes=notes)
