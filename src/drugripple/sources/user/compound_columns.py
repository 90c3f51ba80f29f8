"""Which column of a compound file is what: by its name, and by what its cells hold."""

from collections.abc import Sequence
from dataclasses import dataclass

from drugripple.errors import Fault, SourceError
from drugripple.sources.user.delimited import number_in
from drugripple.sources.user.findings import Finding, Level, Topic
from drugripple.sources.user.response_units import plain
from drugripple.sources.user.structure_columns import IDS, NAMES, may_name_structures, readable_share, structure_column

DOSES = ("doseum", "dosemicromolar", "concentrationum", "concum", "pertdoseum")
HOURS = ("hours", "timeh", "timehours", "durationh", "durationhours", "perttimeh")
BARE_UNITS = {"uM": "dose_um", "\u00b5M": "dose_um", "\u03bcM": "dose_um", "h": "hours"}
"""Headers that are nothing but our unit, as it is spelt; `UM` and `H` may be anything."""
WITHOUT_UNIT = {
    **dict.fromkeys(("dose", "concentration", "conc", "pertdose", "dosenm", "concentrationnm"), "dose_um (micromolar)"),
    **dict.fromkeys(("time", "duration", "perttime", "timemin", "days"), "hours"),
}
"""Names that do not say our unit, and the name that does."""


@dataclass(frozen=True)
class CompoundColumns:
    """Numbers of the columns of a compound file; None where there is none."""

    smiles: int
    id: int | None = None
    name: int | None = None
    dose_um: int | None = None
    hours: int | None = None
    headed: bool = True
    """Whether the header is one; else it is the first compound."""
    notes: tuple[Finding, ...] = ()

    @property
    def used(self) -> tuple[int, ...]:
        """All of them."""
        given = (self.smiles, self.id, self.name, self.dose_um, self.hours)
        return tuple(column for column in given if column is not None)


def columns_of(where: object, header: Sequence[str], rows: Sequence[Sequence[str]]) -> CompoundColumns:
    """Which column is what, by its name; structures also by what the first rows hold.

    Raises:
        SourceError: if there is no column of SMILES, or a dose or time without its unit.
    """
    structures = structure_column(where, header, rows)
    named = header[structures.position]
    if not may_name_structures([named]) and readable_share([named]) == 1:
        return _without_header(header, rows, structures.position)
    keys = [plain(name) for name in header]
    unclear = [name for name, key in zip(header, keys, strict=True) if key in WITHOUT_UNIT]
    if unclear:
        fault = Fault(
            str(where),
            f"the column {unclear[0]!r} does not say its unit, or not ours",
            do=f"convert it and name it {WITHOUT_UNIT[plain(unclear[0])]}",
        )
        raise SourceError(fault)
    return CompoundColumns(
        structures.position,
        _named(keys, IDS),
        _named(keys, NAMES),
        _measured(header, keys, DOSES, "dose_um"),
        _measured(header, keys, HOURS, "hours"),
        notes=(*structures.notes, *_notes(header, keys)),
    )


def _without_header(header: Sequence[str], rows: Sequence[Sequence[str]], smiles: int) -> CompoundColumns:
    """The first line is a compound: its structure, and its name in the first other column of text."""
    others = [i for i in range(len(header)) if i != smiles]
    cells = {i: [header[i], *(row[i] for row in rows)] for i in others}
    words = [i for i in others if any(cell and number_in(cell) != number_in(cell) for cell in cells[i])]
    name = next(iter(words or others), None)
    where = f"structures in column {smiles + 1}" + ("" if name is None else f", names in column {name + 1}")
    text = f"it has no header, and its first line is a compound: {where}"
    note = Finding(Level.NOTE, Topic.LAYOUT, text, "put a header such as 'name,smiles' above it if that is wrong")
    return CompoundColumns(smiles, name=name, headed=False, notes=(note,))


def _notes(header: Sequence[str], keys: Sequence[str]) -> list[Finding]:
    notes = []
    for name, key in zip(header, keys, strict=True):
        if key in ("h", "um") and name.strip() not in BARE_UNITS:
            field = "hours" if key == "h" else "dose_um"
            text = f"the column {name!r} is not read as {field}"
            notes.append(Finding(Level.NOTE, Topic.CONDITIONS, text, f"name it {field} if it is"))
    return notes


def _measured(header: Sequence[str], keys: Sequence[str], names: Sequence[str], field: str) -> int | None:
    found = _named(keys, names)
    if found is not None:
        return found
    return next((i for i, name in enumerate(header) if BARE_UNITS.get(name.strip()) == field), None)


def _named(keys: Sequence[str], names: Sequence[str]) -> int | None:
    """The first column of the first name that is there."""
    return next((keys.index(name) for name in names if name in keys), None)
