"""Which column of a compound file is what: by its name, and by what its cells hold."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from drugripple.chem.molecule import Molecule, reduce_all
from drugripple.errors import Fault, SourceError, first_five
from drugripple.sources.user.delimited import number_in
from drugripple.sources.user.findings import Finding, Level, Topic

STRUCTURES = (
    "isomericsmiles", "smilesisomeric", "isosmiles", "absolutesmiles", "stereosmiles", "smiles", "canonicalsmiles",
    "smilescanonical", "cansmiles", "connectivitysmiles", "cxsmiles", "smi", "rdkitsmiles", "drugsmiles",
    "compoundsmiles", "cpdsmiles", "ligandsmiles", "parentsmiles",
)  # fmt: skip
"""Names of a column of SMILES; those that keep the stereochemistry come first."""
MAYBE_STRUCTURES = ("structure", "structures", "molecule", "mol", "compoundstructure", "chemicalstructure")
"""Names that also stand over pictures, formulas and names: what the cells hold decides."""
IDS = (
    "id", "compoundid", "drugid", "pertid", "chemblid", "pubchemcid", "cid", "nsc", "identifier", "catalognumber",
    "catalogno", "zincid", "broadid", "mastercpdid", "moleculechemblid",
)  # fmt: skip
NAMES = (
    "name", "compoundname", "drugname", "compound", "drug", "pertiname", "title", "preferredname", "itemname",
    "productname", "cpdname",
)  # fmt: skip
DOSES = ("doseum", "dosemicromolar", "concentrationum", "concum", "pertdoseum")
HOURS = ("hours", "timeh", "timehours", "durationh", "durationhours", "perttimeh")
BARE_UNITS = {"uM": "dose_um", "\u00b5M": "dose_um", "\u03bcM": "dose_um", "h": "hours"}
"""Headers that are nothing but our unit, as it is spelt; `UM` and `H` may be anything."""
WITHOUT_UNIT = {
    **dict.fromkeys(("dose", "concentration", "conc", "pertdose", "dosenm", "concentrationnm"), "dose_um (micromolar)"),
    **dict.fromkeys(("time", "duration", "perttime", "timemin", "days"), "hours"),
}
"""Names that do not say our unit, and the name that does."""
PROBED = 50
READABLE_SHARE = 0.5


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


def names_structures(header: Sequence[str]) -> bool:
    """Whether one of these columns is called SMILES, or nearly so.

    >>> names_structures(("id", "Canonical_SMILES")), names_structures(("Structure",))
    (True, False)
    """
    return any(_plain(name) in STRUCTURES for name in header)


def may_name_structures(header: Sequence[str]) -> bool:
    """Whether one of these columns is called SMILES, or what may be SMILES.

    >>> may_name_structures(("Structure",)), may_name_structures(("CCO",))
    (True, False)
    """
    return any(_plain(name) in STRUCTURES + MAYBE_STRUCTURES for name in header)


def columns_of(where: object, header: Sequence[str], rows: Sequence[Sequence[str]]) -> CompoundColumns:
    """Which column is what, by its name; structures also by what the first rows hold.

    Raises:
        SourceError: if there is no column of SMILES, or a dose or time without its unit.
    """
    plain = [_plain(name) for name in header]
    unclear = [name for name, key in zip(header, plain, strict=True) if key in WITHOUT_UNIT]
    named = _named(plain, STRUCTURES)
    if named is None:
        named = next((i for i, key in enumerate(plain) if key in MAYBE_STRUCTURES and _readable(rows, i)), None)
    if named is None:
        found = _by_content(where, header, rows)
        if readable_share([header[found]]) == 1:
            return _without_header(header, rows, found)
        named = found
    if unclear:
        fault = Fault(
            str(where),
            f"the column {unclear[0]!r} does not say its unit, or not ours",
            do=f"convert it and name it {WITHOUT_UNIT[_plain(unclear[0])]}",
        )
        raise SourceError(fault)
    return CompoundColumns(
        named,
        _named(plain, IDS),
        _named(plain, NAMES),
        _measured(header, plain, DOSES, "dose_um"),
        _measured(header, plain, HOURS, "hours"),
        notes=tuple(_notes(header, plain, named)),
    )


def readable_share(texts: Sequence[str]) -> float:
    """Share of the first texts that are structures of more than one atom."""
    probed = [text for text in texts if text][:PROBED]
    found = reduce_all(probed).found
    several = {text for text, one in found.items() if Molecule(one.written, one.key).heavy_atoms > 1}
    return sum(text in several for text in probed) / len(probed) if probed else 0.0


def _by_content(where: object, header: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    share = [readable_share([row[i] for row in rows]) for i in range(len(header))]
    best = max(range(len(header)), key=lambda i: share[i])
    if share[best] < READABLE_SHARE:
        fault = Fault(
            str(where), "it has no column of SMILES", got=f"columns {first_five(header)}", do="name it 'smiles'"
        )
        raise SourceError(fault)
    return best


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


def _notes(header: Sequence[str], plain: Sequence[str], smiles: int) -> list[Finding]:
    notes = []
    others = [
        name for i, (name, key) in enumerate(zip(header, plain, strict=True)) if key in STRUCTURES and i != smiles
    ]
    if others:
        text = f"structures are read from {header[smiles]!r}, not from {first_five(others)}"
        notes.append(Finding(Level.NOTE, Topic.LAYOUT, text, names=tuple(others)))
    for name, key in zip(header, plain, strict=True):
        if key in ("h", "um") and name.strip() not in BARE_UNITS:
            field = "hours" if key == "h" else "dose_um"
            text = f"the column {name!r} is not read as {field}"
            notes.append(Finding(Level.NOTE, Topic.CONDITIONS, text, f"name it {field} if it is"))
    return notes


def _readable(rows: Sequence[Sequence[str]], column: int) -> bool:
    return readable_share([row[column] for row in rows]) >= READABLE_SHARE


def _measured(header: Sequence[str], plain: Sequence[str], names: Sequence[str], field: str) -> int | None:
    found = _named(plain, names)
    if found is not None:
        return found
    return next((i for i, name in enumerate(header) if BARE_UNITS.get(name.strip()) == field), None)


def _named(plain: Sequence[str], names: Sequence[str]) -> int | None:
    """The first column of the first name that is there."""
    return next((plain.index(name) for name in names if name in plain), None)


def _plain(name: str) -> str:
    """Letters and digits in lower case, the micro sign as u."""
    return re.sub(r"[^a-z0-9]", "", re.sub("[\u00b5\u03bc]", "u", name).lower())
