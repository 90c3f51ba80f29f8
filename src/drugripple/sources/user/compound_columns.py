"""Which column of a compound file is what: by its name, and by what its cells hold."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from drugripple.sources.user.column_names import plain
from drugripple.sources.user.condition_columns import EveryRow, condition_columns
from drugripple.sources.user.delimited import number_in
from drugripple.sources.user.findings import Finding, Level, Topic
from drugripple.sources.user.matrix import are_fractions
from drugripple.sources.user.structure_columns import (
    IDS,
    NAMES,
    PARTS,
    may_name_structures,
    readable_share,
    structure_column,
)

NAMING = re.compile(
    r"(?<![a-z])(ids?|identifier|code|number|nummer|no|nr|name|cas|key|ref|reference)\W*$", re.IGNORECASE
)
"""The last word of a header over ids and names that nobody listed."""
OF_COMPOUNDS = re.compile(
    r"(?<![a-z])(compounds?|cpds?|cmpds?|drugs?|molecules?|mol|substances?|chemicals?|ligands?|catalogu?e?|cas)(?![a-z])",
    re.IGNORECASE,
)
"""Words that say what a header's ids or names are of: compounds."""
OF_OTHERS = re.compile(
    r"(?<![a-z])((targets?|pathways?|genes?|proteins?|pub ?med|pmid|wells?|plates?|positions?|pos|rows?|columns?|col"
    r"|batch|lots?|price)(?![a-z])|(suppliers?|vendors?|manufacturers?)[\W_]*names?(?![a-z]))",
    re.IGNORECASE,
)
"""Words that say that they are of something else."""


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
    fractions: frozenset[int] = frozenset()
    """Columns of ids and names whose whole numbers a program wrote with a point."""

    @property
    def used(self) -> tuple[int, ...]:
        """All of them."""
        given = (self.smiles, self.id, self.name, self.dose_um, self.hours)
        return tuple(column for column in given if column is not None)


def columns_of(
    where: object, header: Sequence[str], rows: Sequence[Sequence[str]], every: EveryRow | None = None
) -> CompoundColumns:
    """Which column is what, by its name; structures also by what the first rows hold.

    Args:
        where: the file, for messages.
        header: names of all columns.
        rows: the first rows.
        every: all rows, which tell units, and whether two columns hold the same; the first where absent.

    Raises:
        SourceError: if there is no column of SMILES, or a dose or time is in another unit than ours.
    """
    every = every or (lambda _: iter(rows))
    structures = structure_column(where, header, rows, every)
    named = header[structures.position]
    if not may_name_structures([named]) and readable_share([named]) == 1:
        return _without_header(header, rows, structures.position)
    keys = [plain(name) for name in header]
    conditions = condition_columns(where, header, every)
    named_by = _named(keys, IDS), _named(keys, NAMES)
    naming: tuple[Finding, ...] = ()
    if named_by == (None, None) and (found := _alike_named(header, rows, structures.position, every)) is not None:
        named_by = found, None
        naming = (Finding(Level.NOTE, Topic.LAYOUT, f"compounds go by {header[found]!r}"),)
    return CompoundColumns(
        structures.position,
        *named_by,
        conditions.dose_um,
        conditions.hours,
        notes=(*structures.notes, *naming, *conditions.notes),
        fractions=frozenset(i for i in named_by if i is not None and are_fractions([row[i] for row in rows])),
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


def _alike_named(header: Sequence[str], rows: Sequence[Sequence[str]], smiles: int, every: EveryRow) -> int | None:
    """The column whose header ends as that of an id or a name does, and that tells all rows apart.

    One that says that it names compounds counts for more than the first.
    """
    words = [re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ") for name in header]
    like = [
        i
        for i, name in enumerate(words)
        if i != smiles and NAMING.search(name) and not PARTS.search(name) and not OF_OTHERS.search(name)
    ]
    unique = _never_repeated(every, [i for i in like if all(row[i] for row in rows)])
    return min(unique, key=lambda i: (not OF_COMPOUNDS.search(words[i]), i), default=None)


def _never_repeated(every: EveryRow, columns: Sequence[int]) -> list[int]:
    """The columns in which no two rows hold the same, blank cells apart."""
    seen: dict[int, set[str]] = {i: set() for i in columns}
    for row in every(columns) if columns else ():
        for i in tuple(seen):
            if row[i] in seen[i]:
                del seen[i]
            elif row[i]:
                seen[i].add(row[i])
        if not seen:
            break
    return list(seen)


def _named(keys: Sequence[str], names: Sequence[str]) -> int | None:
    """The first column of the first name that is there."""
    return next((keys.index(name) for name in names if name in keys), None)
