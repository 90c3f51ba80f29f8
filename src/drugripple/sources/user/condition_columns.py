"""Which columns of a compound file hold doses and times, and in which unit: another than ours is refused."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from drugripple.errors import Fault, SourceError, first_five
from drugripple.sources.user.column_names import plain
from drugripple.sources.user.findings import Finding, Level, Topic
from drugripple.sources.user.stated_units import HOURS_PER_UNIT, MICROMOLAR_PER_UNIT, states_unit

EveryRow = Callable[[Sequence[int]], Iterator[Sequence[str]]]
"""Reads all rows, each with a cell for every column; cells of other columns than those asked for may be blank."""
UNITS_AT_MOST = 1_000
LOGARITHMS = frozenset({"log10", "log2", "log", "lg", "ln"})
ABOUT = frozenset(
    {
        *("final", "nominal", "test", "tested", "treatment", "treated", "incubation", "exposure", "drug", "compound"),
        *("cpd", "pert", "i", "working", "assay", "culture", "total", "value", "level", "neg"),
        *("of", "in", "post", "after", "per", "1", "2", "3"),
    }
)
"""Words that may stand beside dose and time, whose meaning they do not change."""
LASTING = frozenset({"treatment", "treated", "incubation", "exposure"})
"""Words that mean a time where a unit of time stands beside them."""


@dataclass(frozen=True)
class Condition:
    """A dose or a time: the words that name it, and its units."""

    field: str
    """Our name of the column."""
    what: str
    words: frozenset[str]
    units: frozenset[str]
    ours: frozenset[str]
    """Spellings of our unit."""
    our_unit: str
    per_unit: Mapping[str, float]
    """Units in which a cell may state its number itself."""
    bare: tuple[str, ...]
    """Headers that are nothing but a unit, as it is spelt; `UM` and `H` may be anything."""


DOSE = Condition(
    "dose_um",
    "doses",
    frozenset({"dose", "doses", "dosage", "concentration", "concentrations", "conc", "concs"}),
    frozenset(
        {
            *("um", "nm", "mm", "pm", "m", "micromolar", "nanomolar", "millimolar", "picomolar", "molar"),
            *("umol", "nmol", "mmol", "pmol", "mol", "mg", "ug", "ng", "g", "l", "ml", "kg", "liter", "litre"),
        }
    ),
    frozenset({"um", "micromolar", "umoll", "umolliter", "umollitre"}),
    "micromolar",
    MICROMOLAR_PER_UNIT,
    ("uM", "nM", "pM", "mM", "umol/L", "nmol/L"),
)
TIME = Condition(
    "hours",
    "times",
    frozenset({"time", "times", "timepoint", "timepoints", "duration"}),
    frozenset(
        {
            *("hours", "hour", "hrs", "hr", "h", "minutes", "minute", "mins", "min", "days", "day", "d"),
            *("weeks", "week", "seconds", "sec"),
        }
    ),
    frozenset({"h", "hr", "hrs", "hour", "hours"}),
    "hours",
    HOURS_PER_UNIT,
    ("h", "hours", "Hours", "HOURS", "hour", "Hour", "hrs", "days", "Days", "minutes"),
)
VOCABULARY = re.compile(
    "|".join(
        sorted(
            {"unit", "units"} | LOGARITHMS | ABOUT | DOSE.words | DOSE.units | TIME.words | TIME.units,
            key=lambda word: (-len(word), word),
        )
    )
)


class Named(NamedTuple):
    """What a header names."""

    condition: Condition
    unit: str
    """Blank where it says none."""
    logarithm: bool


class ConditionColumns(NamedTuple):
    """The columns of doses in micromolar and of times in hours; None where there is none."""

    dose_um: int | None
    hours: int | None
    notes: tuple[Finding, ...]


def condition_columns(where: object, header: Sequence[str], every: EveryRow) -> ConditionColumns:
    """The column of each condition, by the words of its header, and by all its cells where these state their units.

    Raises:
        SourceError: if a column of doses or times does not say its unit or has another, or two columns differ.
    """
    named = {i: one for i, name in enumerate(header) if (one := condition_of(name))}
    units = {i: several for i, name in enumerate(header) if (several := _conditions_with_units_in(name))}
    seen = _Seen(named, tuple(units))
    if named:
        for row in every(sorted({*named, *units})):
            seen.add(row)
    found: dict[str, int] = {}
    for i, one in named.items():
        condition = one.condition
        if i not in seen.filled:
            continue
        if one.logarithm or (one.unit not in condition.ours and (one.unit or i in seen.bare)):
            raise SourceError(_other_unit(where, header[i], one))
        first = found.setdefault(condition.field, i)
        if (first, i) in seen.differing:
            what = f"the columns {header[first]!r} and {header[i]!r} hold different {condition.what}"
            raise SourceError(Fault(str(where), what, do=f"leave one, named {condition.field}"))
    for i, several in units.items():
        for condition in several:
            if condition.field in found:
                _refuse_other_unit(where, header[i], list(seen.units[i]), condition)
    return ConditionColumns(found.get(DOSE.field), found.get(TIME.field), tuple(_notes(header)))


class _Seen:
    """What the cells of some columns hold, row by row: memory does not grow with a file."""

    def __init__(self, named: Mapping[int, Named], units: Sequence[int]) -> None:
        self.named = named
        self.filled: set[int] = set()
        self.bare: set[int] = set()
        """Columns with a cell that does not state its unit."""
        self.differing: set[tuple[int, int]] = set()
        self.units: dict[int, dict[str, None]] = {i: {} for i in units}
        """What a column of units says, the first of it."""

    def add(self, row: Sequence[str]) -> None:
        for i, one in self.named.items():
            if row[i]:
                self.filled.add(i)
                if i not in self.bare and not states_unit(row[i], one.condition.per_unit):
                    self.bare.add(i)
            for j, other in self.named.items():
                if j > i and other.condition is one.condition and row[i] != row[j]:
                    self.differing.add((i, j))
        for i, said in self.units.items():
            if row[i] and len(said) < UNITS_AT_MOST:
                said[row[i]] = None


def condition_of(name: str) -> Named | None:
    """The dose or time that a header names, with its unit.

    >>> condition_of("Incubation time (h)").unit, condition_of("log10 dose M").logarithm
    ('h', True)
    >>> condition_of("time_stamp"), condition_of("max_conc_um"), condition_of("doubling time (h)")
    (None, None, None)
    """
    spelt = re.sub("[\u00b5\u03bc]", "u", name.strip())
    for condition in (DOSE, TIME):
        if spelt in condition.bare:
            return Named(condition, plain(spelt), logarithm=False)
    words = _words(name)
    for condition in (DOSE, TIME):
        units = [word for word in words if word in condition.units]
        means = condition.words & set(words) or (condition is TIME and units and LASTING & set(words))
        if means and words[0] != "min" and {*words} <= condition.words | condition.units | ABOUT | LOGARITHMS:
            return Named(condition, "".join(units), logarithm=bool(LOGARITHMS & set(words)))
    return None


def _words(name: str) -> list[str]:
    """The words of a header, also of one written together; none where it has a word that we do not know."""
    parts = [plain(part) for part in re.split(r"[^\w\u00b5\u03bc]|_", name)]
    words = [word for part in parts for word in ([part] if VOCABULARY.fullmatch(part) else VOCABULARY.findall(part))]
    return words if "".join(words) == plain(name) else []


def _other_unit(where: object, name: str, named: Named) -> Fault:
    condition = named.condition
    if named.logarithm:
        what = f"the column {name!r} holds logarithms of {condition.what}"
    elif named.unit:
        what = f"the column {name!r} holds {condition.what} in {named.unit}"
    else:
        what = f"the column {name!r} does not say its unit"
    do = f"convert it and name it {condition.field}, or leave it out"
    return Fault(str(where), what, expected=f"{condition.what} in {condition.our_unit}", do=do)


def _conditions_with_units_in(name: str) -> tuple[Condition, ...]:
    """The conditions whose unit a column may state: both for one called `unit`; none for any other column."""
    words = _words(name)
    if not words or words[-1] not in ("unit", "units"):
        return ()
    return tuple(one for one in (DOSE, TIME) if {*words[:-1]} <= one.words | ABOUT)


def _refuse_other_unit(where: object, name: str, said: Sequence[str], condition: Condition) -> None:
    """Refuse a column of units that says another than ours.

    Raises:
        SourceError: naming it.
    """
    others = [unit for unit in said if plain(unit) not in condition.ours and _is_unit(unit, condition)]
    if others:
        what = f"the column {name!r} says another unit than {condition.field!r} has"
        do = f"convert {condition.what} to {condition.our_unit}, and leave {name!r} out"
        raise SourceError(Fault(str(where), what, first_five(others), condition.our_unit, do))


def _is_unit(text: str, condition: Condition) -> bool:
    words = _words(text)
    return bool(words) and {*words} <= condition.units | {"per"}


def _notes(header: Sequence[str]) -> Iterator[Finding]:
    for name in header:
        for condition, key in ((DOSE, "um"), (TIME, "h")):
            if plain(name) == key and condition_of(name) is None:
                text = f"the column {name!r} is not read as {condition.field}"
                yield Finding(Level.NOTE, Topic.CONDITIONS, text, f"name it {condition.field} if it is")
