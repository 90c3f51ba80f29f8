"""Gene sets from GMT files: a name, a description and the members, tab-separated, one set a line."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from drugripple.errors import SourceError, first_five
from drugripple.genes.symbols import SymbolMap
from drugripple.runtime.damaged import reading


def read_gmt(path: Path) -> dict[str, tuple[str, ...]]:
    """Members of each set, in the order of the file, repeats removed.

    WikiPathways writes `name%version%id%species` and Entrez numbers; the name becomes `name id`, the members stay.

    Raises:
        SourceError: if the file is missing or damaged, a line has no member, or a name repeats.
    """
    with reading(path, "a GMT file"):
        lines = path.read_text(encoding="utf-8").split("\n")
    sets: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        fields = [field.strip() for field in line.split("\t")]
        members = tuple(dict.fromkeys(field for field in fields[2:] if field))
        name = _readable(fields[0])
        if not name or not members:
            message = (
                f"{path}, line {number}: expected a name, a description and genes, tab-separated; got {line[:60]!r}"
            )
            raise SourceError(message)
        if name in sets:
            message = f"{path}, line {number}: a second set is called {name!r}; rename one"
            raise SourceError(message)
        sets[name] = members
    if not sets:
        message = f"{path} has no gene set"
        raise SourceError(message)
    return sets


class KnownSets(NamedTuple):
    """Gene sets under current symbols."""

    sets: dict[str, tuple[str, ...]]
    dropped: pd.DataFrame
    """Members that are no known gene, with the number of their sets, and sets of which nothing is left: columns reason,
    name, rows."""


def to_symbols(sets: Mapping[str, tuple[str, ...]], symbols: SymbolMap) -> KnownSets:
    """The same sets under current symbols; members that the map does not know are left out, empty sets too.

    Raises:
        SourceError: if nothing is left.
    """
    names = sorted({member for members in sets.values() for member in members})
    found = symbols.resolve(names)
    # two sets may know one gene by two names
    current = dict(zip(names, found.symbols, strict=True)) | dict(found.superseded)
    mapped = {
        name: tuple(dict.fromkeys(current[member] for member in members if current[member]))
        for name, members in sets.items()
    }
    kept = {name: members for name, members in mapped.items() if members}
    if not kept:
        message = f"none of {len(names)} members ({first_five(names)}) of {len(sets)} gene sets is a known gene"
        raise SourceError(message)
    unknown = Counter(member for members in sets.values() for member in members if not current[member])
    rows = [("no known gene", member, count) for member, count in sorted(unknown.items())]
    rows += [("a set without a known gene", name, 1) for name, members in mapped.items() if not members]
    return KnownSets(kept, pd.DataFrame(rows, columns=["reason", "name", "rows"]))


def _readable(name: str) -> str:
    parts = name.split("%")
    return f"{parts[0]} {parts[2]}" if len(parts) == 4 else name
