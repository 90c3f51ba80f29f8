"""Gene sets from GMT files: a name, a description and the members, tab-separated, one set a line."""

from collections.abc import Mapping
from pathlib import Path

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
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    sets: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(lines, start=1):
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


def to_symbols(sets: Mapping[str, tuple[str, ...]], symbols: SymbolMap) -> dict[str, tuple[str, ...]]:
    """The same sets under current symbols; members that the map does not know are left out, empty sets too.

    Raises:
        SourceError: if nothing is left.
    """
    names = sorted({member for members in sets.values() for member in members})
    current = dict(zip(names, symbols.resolve(names).symbols, strict=True))
    mapped = {
        name: tuple(dict.fromkeys(current[member] for member in members if current[member]))
        for name, members in sets.items()
    }
    kept = {name: members for name, members in mapped.items() if members}
    if not kept:
        message = f"none of {len(names)} members ({first_five(names)}) of {len(sets)} gene sets is a known gene"
        raise SourceError(message)
    return kept


def _readable(name: str) -> str:
    parts = name.split("%")
    return f"{parts[0]} {parts[2]}" if len(parts) == 4 else name
