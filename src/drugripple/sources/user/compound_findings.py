"""What is found in a file of compounds: the reader raises the first problem, the doctor prints everything."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from drugripple.chem.complexes import has_unlisted_metal
from drugripple.chem.identifiers import identifier_of
from drugripple.chem.molecule import Reductions
from drugripple.chem.spelling import titled
from drugripple.data.treatments import LARGEST_DOSE_UM, LONGEST_HOURS, SEEN_DOSES_UM, SEEN_HOURS, LeftOut
from drugripple.errors import counted, first_five, first_reasons
from drugripple.sources.user.compound_columns import CompoundColumns
from drugripple.sources.user.delimited import number_in
from drugripple.sources.user.file_format import file_meant
from drugripple.sources.user.findings import Finding, Level, Topic

LIST = "list"
"""The form of structures that were given without a file or a table."""
MOST_FILES = 3


class Entry(NamedTuple):
    """One row of a compound file; every cell as written."""

    line: int
    id: str
    name: str
    smiles: str
    dose_um: str
    hours: str


@dataclass(frozen=True)
class ExaminedCompounds:
    """A file, table or list of compounds, and what became of every structure."""

    where: str | Path
    form: str
    header: tuple[str, ...]
    columns: CompoundColumns
    entries: tuple[Entry, ...]
    structures: Reductions
    """What became of every structure, by its SMILES as written."""
    notes: tuple[Finding, ...] = ()

    @cached_property
    def usable(self) -> tuple[Entry, ...]:
        """The rows whose structure can be used."""
        return tuple(entry for entry in self.entries if entry.smiles in self.structures.found)

    @cached_property
    def left_out(self) -> tuple[LeftOut, ...]:
        """The rows whose structure cannot be used, with the reason."""
        faults = self.structures.faults
        return tuple(
            LeftOut(entry.line, entry.id, entry.smiles, reason_for(entry.name, entry.smiles, faults[entry.smiles]))
            for entry in self.entries
            if entry.smiles in faults
        )

    def findings(self) -> Iterator[Finding]:
        """Columns, structures, conditions and repeats; a problem exactly if it cannot be used."""
        yield self._layout()
        yield from self.notes
        yield from self.columns.notes
        yield from _structures(self)
        yield from _parents(self)
        yield from _conditions(self)
        yield from _repeats(self)
        yield from _twins(self)

    def _layout(self) -> Finding:
        chosen = {
            "SMILES": self.columns.smiles,
            "ids": self.columns.id,
            "names": self.columns.name,
            "dose in micromolar": self.columns.dose_um,
            "hours": self.columns.hours,
        }
        said = [f"{what} from {self.header[column]!r}" for what, column in chosen.items() if column is not None]
        text = f"compounds, {self.form}: {counted(len(self.entries), 'row')}, {', '.join(said)}"
        return Finding(Level.FINE, Topic.LAYOUT, text)


def reason_for(name: str, smiles: str, fault: str) -> str:
    """Why a structure cannot be used, with the compound's own name.

    >>> reason_for("aspirin", "", "SMILES '' is empty; give one SMILES without a title")
    "compound 'aspirin' has no SMILES"
    """
    if name and not smiles:
        return f"{titled(name)} has no SMILES"
    return fault if name in ("", smiles) or fault.startswith("compound ") else f"{titled(name)} with {fault}"


def positive(cells: Sequence[str]) -> Float[np.ndarray, " m"]:
    """The numbers of doses or times; NaN for what is not above 0, also in the single precision of a network."""
    values = np.array([number_in(cell) for cell in cells], dtype=np.float64)
    with np.errstate(over="ignore"):
        read = values.astype(np.float32)
    return np.where(np.isfinite(read) & (read > 0), values, np.nan)


def several_structures(kind: str, structures: Iterable[tuple[str, Hashable]]) -> Iterator[Finding]:
    """The problem of ids, or of compounds by name, that stand for more than one structure.

    >>> [one.text for one in several_structures("id", [("A", "CCO"), ("B", "CCO"), ("A", "CCN")])]
    ["1 id has more than one structure: ['A']"]
    """
    by_name: dict[str, set[Hashable]] = {}
    for name, structure in structures:
        by_name.setdefault(name, set()).add(structure)
    torn = tuple(name for name, several in by_name.items() if len(several) > 1)
    if torn:
        text = f"{counted(len(torn), f'{kind} has', f'{kind}s have')} more than one structure: {first_five(torn)}"
        yield Finding(Level.PROBLEM, Topic.COMPOUNDS, text, "give each structure its own id", torn)


def _structures(examined: ExaminedCompounds) -> Iterator[Finding]:
    all_, lost = len(examined.entries), examined.left_out
    if not examined.usable:
        found = Counter(identifier_of(one.smiles) for one in lost)
        what, times = max(found.items(), key=lambda one: (bool(one[0]), one[1]))
        known = bool(what) and 2 * times > all_ - 1  # the header may count as a row
        first = next(one for one in lost if not known or identifier_of(one.smiles) == what)
        text = f"none of {counted(all_, 'structure')} can be used (first: {first.reason})"
        yield Finding(Level.PROBLEM, Topic.STRUCTURES, text, "; ".join(_files(examined)))
        return
    yield Finding(Level.FINE, Topic.STRUCTURES, f"{len(examined.usable):,} of {all_:,} can be used")
    if lost:
        shown = [f"line {one.line}: {one.reason}" for one in lost]
        text = f"{len(lost):,} of {counted(all_, 'compound')} cannot be used and {_are(lost)} left out"
        ids = tuple(one.id for one in lost)
        advice = "; ".join([*_files(examined), "correct them, or go on without"])
        yield Finding(Level.NOTE, Topic.STRUCTURES, f"{text}: {first_reasons(shown)}", advice, ids)


def _files(examined: ExaminedCompounds) -> list[str]:
    """What is said of the first few files that stand in a list of structures."""
    lost = examined.left_out if examined.form == LIST else ()
    return list(islice(filter(None, (file_meant(one.smiles) for one in lost)), MOST_FILES))


def _parents(examined: ExaminedCompounds) -> Iterator[Finding]:
    found = [(entry.id, examined.structures.found[entry.smiles]) for entry in _each_once(examined.usable)]
    salts = [f"{name} as {one.parent}" for name, one in found if one.written != one.parent and not one.unsure]
    if salts:
        what = counted(len(salts), "was", "were")
        text = f"{what} given as a salt, an ion, an isotope or another form of a complex; read is the parent"
        yield Finding(Level.FINE, Topic.STRUCTURES, f"{text}: {first_five(salts)}", names=tuple(salts))
    mixtures = [f"{name} as {one.parent}, without {'.'.join(one.left_out)}" for name, one in found if one.unsure]
    if mixtures:
        what = counted(len(mixtures), "is a mixture", "are mixtures")
        text = f"{what} of parts of which either may be the drug; one is used: {first_five(mixtures)}"
        yield Finding(Level.NOTE, Topic.STRUCTURES, text, "give the part that is the drug", tuple(mixtures))
    metals = tuple(f"{name} as {one.parent}" for name, one in found if has_unlisted_metal(one.parent))
    if metals:
        what = counted(len(metals), "compound holds", "compounds hold")
        text = f"{what} a metal and is known in this one spelling only; another gives other predictions"
        yield Finding(Level.NOTE, Topic.STRUCTURES, f"{text}: {first_five(metals)}", names=metals)


def _conditions(examined: ExaminedCompounds) -> Iterator[Finding]:
    columns = {"dose_um": examined.columns.dose_um, "hours": examined.columns.hours}
    absent = [name for name, column in columns.items() if column is None]
    if absent:
        text = f"no column {' and '.join(absent)}: the model's own condition is used"
        yield Finding(Level.FINE, Topic.CONDITIONS, text)
    if columns["dose_um"] is not None:
        cells = [entry.dose_um for entry in examined.usable]
        unit = "are they nanomolar? convert them to micromolar"
        yield from _within(examined.usable, cells, "dose_um", "micromolar", LARGEST_DOSE_UM, SEEN_DOSES_UM, unit)
    if columns["hours"] is not None:
        cells = [entry.hours for entry in examined.usable]
        unit = "are they minutes? convert them to hours"
        yield from _within(examined.usable, cells, "hours", "hours", LONGEST_HOURS, SEEN_HOURS, unit)


def _within(
    entries: Sequence[Entry],
    cells: Sequence[str],
    name: str,
    unit: str,
    largest: float,
    seen: tuple[float, float],
    advice: str,
) -> Iterator[Finding]:
    """Doses or times that are none, that are beyond all use, or that no network has seen."""
    values = positive(cells)
    bad, beyond = np.isnan(values), values > largest
    unseen = ~(bad | beyond) & ((values < seen[0]) | (values > seen[1]))
    untreated = "correct those lines (an untreated sample needs no prediction)"
    for rows, level, what, cure in (
        (bad, Level.PROBLEM, f"no number above 0 {unit}", untreated),
        (beyond, Level.PROBLEM, f"above {largest:,g} {unit}", advice),
        (unseen, Level.NOTE, f"outside the {seen[0]:g} to {seen[1]:g} {unit} that networks are trained on", ""),
    ):
        shown = [
            f"{entries[i].id} on line {entries[i].line}: {cells[i] or 'blank'}" for i in np.flatnonzero(rows).tolist()
        ]
        if shown:
            text = f"{counted(len(shown), 'value', 'values')} of {name} {_are(shown)} {what}: {first_five(shown)}"
            yield Finding(level, Topic.CONDITIONS, text, cure, tuple(shown))


def _repeats(examined: ExaminedCompounds) -> Iterator[Finding]:
    found = examined.structures.found
    torn = tuple(several_structures("id", ((entry.id, found[entry.smiles].parent) for entry in examined.usable)))
    yield from torn
    seen: set[tuple[str, str, str]] = set()
    again = []
    for entry in examined.usable:
        key = (entry.id, _canonical(entry.dose_um), _canonical(entry.hours))
        if key in seen:
            again.append(f"{entry.id} on line {entry.line}")
        seen.add(key)
    if again and not torn:
        what = counted(len(again), "compound repeats", "compounds repeat")
        text = f"{what} at the same dose and time: {first_five(again)}"
        yield Finding(Level.PROBLEM, Topic.COMPOUNDS, text, "delete the repeats", tuple(again))


def _twins(examined: ExaminedCompounds) -> Iterator[Finding]:
    """Ids that share a name, and ids that share the first block of the InChIKey: one skeleton."""
    compounds = _each_once(examined.usable)
    often = [name for name, count in Counter(entry.name for entry in compounds).items() if count > 1]
    if often:
        shown = tuple(f"{name} ({', '.join(entry.id for entry in compounds if entry.name == name)})" for name in often)
        what = counted(len(often), "name stands", "names stand")
        text = f"{what} for several compounds: {first_five(shown)}"
        yield Finding(Level.NOTE, Topic.COMPOUNDS, text, "tell them apart by their ids", shown)
    groups: dict[str, list[str]] = {}
    for entry in compounds:
        groups.setdefault(examined.structures.found[entry.smiles].key, []).append(entry.id)
    same = tuple(" = ".join(names) for names in groups.values() if len(names) > 1)
    if same:
        what = counted(len(same), "structure stands", "structures stand")
        text = f"{what} under several ids (stereochemistry apart): {first_five(same)}"
        yield Finding(Level.NOTE, Topic.COMPOUNDS, text, "keep them if that is meant", same)


def _each_once(entries: Sequence[Entry]) -> list[Entry]:
    return list({entry.id: entry for entry in reversed(entries)}.values())[::-1]


def _canonical(cell: str) -> str:
    number = number_in(cell)
    return cell if number != number else repr(number)


def _are(several: Sequence[object]) -> str:
    return "is" if len(several) == 1 else "are"
