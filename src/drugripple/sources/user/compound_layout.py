"""What a compound file holds: which column is what, and which structures can be used."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from drugripple.chem.molecule import Molecule, standardise
from drugripple.chem.parent import mol_from_smiles
from drugripple.errors import CompoundError, SourceError, first_five
from drugripple.sources.user.delimited import open_text
from drugripple.sources.user.file_format import FileKind, kind_of
from drugripple.sources.user.parquet_matrix import read_parquet_text
from drugripple.sources.user.text_lines import filled_lines

SMILES_NAMES = ("smiles", "canonicalsmiles", "isomericsmiles", "isosmiles", "smi", "structure")
ID_NAMES = ("id", "compoundid", "drugid", "pertid", "chemblid", "pubchemcid", "cid", "nsc", "identifier")
NAME_NAMES = ("name", "compoundname", "drugname", "compound", "drug", "pertiname", "title", "preferredname")
DOSE_NAMES = ("doseum", "dosemicromolar", "concentrationum", "concum", "pertdoseum", "um")
HOURS_NAMES = ("hours", "timeh", "timehours", "durationh", "durationhours", "perttimeh", "h")
WITHOUT_UNIT = {
    **dict.fromkeys(("dose", "concentration", "conc", "pertdose", "dosenm", "concentrationnm"), "dose_um (micromolar)"),
    **dict.fromkeys(("time", "duration", "perttime", "timemin", "days"), "hours"),
}
"""Names that do not say our unit, and the name that does."""
DECIMAL_COMMA = re.compile(r"^\s*(\d+),(\d+)\s*$")
PROBED = 50


@dataclass(frozen=True)
class FoundCompounds:
    """What a compound file holds, before anything in it is refused."""

    path: Path
    kind: FileKind
    rows: pd.DataFrame
    """One row per line: line, id, name, smiles, molecule, reason, and dose and hours as text where the file has them.
    `molecule` is missing where `reason` says why."""
    smiles_column: str
    dose_column: str
    """Blank where there is none."""
    hours_column: str
    """Blank where there is none."""


class CompoundColumns(NamedTuple):
    """The headers of a compound file's columns; blank where there is none."""

    smiles: str
    id: str
    name: str
    dose: str
    hours: str


def names_smiles(header: tuple[str, ...]) -> bool:
    """Whether one of these columns is called SMILES, or nearly so.

    >>> names_smiles(("id", "Canonical_SMILES"))
    True
    """
    return any(_plain(name) in SMILES_NAMES for name in header)


def find_compounds(path: Path) -> FoundCompounds:
    """Read csv, tsv (also .gz), Parquet or .smi; the SMILES column goes by its name, else by what it holds.

    Raises:
        SourceError: if the file cannot be read, has no header, or has no SMILES column.
    """
    kind = kind_of(path)
    if kind == FileKind.SMI:
        return _found(path, kind, *_read_smi(path))
    if kind == FileKind.H5AD:
        message = f"{path} holds expression (.h5ad), expected compounds: csv, tsv, parquet or smi"
        raise SourceError(message)
    if kind == FileKind.PARQUET:
        header, cells = read_parquet_text(path)
        lines = list(range(2, len(cells) + 2))
    else:
        table = open_text(path)
        header, rows = table.header, list(table.rows())
        cells = [with_points(tuple(cell.strip() for cell in row.cells), table.layout.decimal) for row in rows]
        lines = [row.line for row in rows]
    if not cells:
        message = f"{path} has a header but no row; export it again"
        raise SourceError(message)
    return _found(path, kind, header, cells, lines)


def with_points(cells: tuple[str, ...], decimal: str) -> tuple[str, ...]:
    """Numbers with a decimal comma get a point; a structure or a name with a comma stays as it is."""
    return tuple(DECIMAL_COMMA.sub(r"\1.\2", cell) for cell in cells) if decimal == "," else cells


def _read_smi(path: Path) -> tuple[tuple[str, ...], list[tuple[str, ...]], list[int]]:
    lines = list(filled_lines(path))
    cells = [smi_cells(line.text) for line in lines]
    first = 1 if cells and _plain(cells[0][0]) in SMILES_NAMES else 0
    if not cells[first:]:
        message = f"{path} has no structure; export it again"
        raise SourceError(message)
    return ("smiles", "name"), cells[first:], [line.number for line in lines[first:]]


def smi_cells(line: str) -> tuple[str, ...]:
    """The structure and the name of a line of a .smi file.

    >>> smi_cells("CCO ethyl alcohol")
    ('CCO', 'ethyl alcohol')
    """
    structure, _, name = re.sub(r"[ \t]+", " ", line.strip()).partition(" ")
    return structure, name


def columns_of(path: Path, header: tuple[str, ...], cells: list[tuple[str, ...]]) -> CompoundColumns:
    """Which column is what, by its name; SMILES also by what the cells hold.

    Raises:
        SourceError: if there is no column of SMILES, no header, or a dose or time without its unit.
    """
    plain = {_plain(name): name for name in reversed(header)}
    unclear = [name for key, name in plain.items() if key in WITHOUT_UNIT]
    if unclear:
        message = (
            f"{path}: the column {unclear[0]!r} does not say its unit, or not ours; "
            f"convert it and name it {WITHOUT_UNIT[_plain(unclear[0])]}"
        )
        raise SourceError(message)
    smiles = _first(plain, SMILES_NAMES)
    if not smiles:
        smiles = _smiles_by_content(path, {name: [row[header.index(name)] for row in cells] for name in header})
    return CompoundColumns(smiles, *(_first(plain, names) for names in (ID_NAMES, NAME_NAMES, DOSE_NAMES, HOURS_NAMES)))


def labelled(
    columns: CompoundColumns, header: tuple[str, ...], cells: list[tuple[str, ...]], lines: list[int]
) -> pd.DataFrame:
    """Columns line, id, name and smiles, and dose_um and hours where the file has them; every cell as written."""

    def under(name: str) -> list[str]:
        return [row[header.index(name)] for row in cells]

    smiles = under(columns.smiles)
    names = under(columns.name) if columns.name else [""] * len(cells)
    ids = under(columns.id) if columns.id else names
    ids = [given or name or text for given, name, text in zip(ids, names, smiles, strict=True)]
    rows = pd.DataFrame({"line": lines, "id": ids, "name": [n or i for n, i in zip(names, ids, strict=True)]})
    rows["smiles"] = smiles
    for target, source in (("dose_um", columns.dose), ("hours", columns.hours)):
        if source:
            rows[target] = under(source)
    return rows


def _found(
    path: Path, kind: FileKind, header: tuple[str, ...], cells: list[tuple[str, ...]], lines: list[int]
) -> FoundCompounds:
    columns = columns_of(path, header, cells)
    rows = labelled(columns, header, cells, lines)
    known: dict[str, Molecule] = {}
    found = [_molecule(text, str(name), known) for name, text in zip(rows["name"], rows["smiles"], strict=True)]
    rows["molecule"], rows["reason"] = zip(*found, strict=True)
    return FoundCompounds(path, kind, rows, columns.smiles, columns.dose, columns.hours)


def _molecule(text: str, name: str, known: dict[str, Molecule]) -> tuple[Molecule | None, str]:
    """The molecule, or why there is none; each SMILES is parsed once."""
    try:
        known[text] = known.get(text) or standardise(text, name=name)
    except CompoundError as error:
        return None, str(error)
    return known[text], ""


def _smiles_by_content(path: Path, columns: dict[str, list[str]]) -> str:
    share = {name: _readable_share(values) for name, values in columns.items()}
    best = max(share, key=lambda name: share[name])
    if share[best] < 0.5:
        message = f"{path} has no column of SMILES among {first_five(columns)}; name it 'smiles'"
        raise SourceError(message)
    if _readable_share([best]) == 1:
        message = f"{path} has no header: its first line holds the structure {best!r}; put 'id,smiles' above it"
        raise SourceError(message)
    return best


def _readable_share(values: list[str]) -> float:
    probed = [value for value in values if value][:PROBED]
    readable = 0
    for value in probed:
        try:
            readable += mol_from_smiles(value).GetNumAtoms() > 1
        except CompoundError:
            continue
    return readable / len(probed) if probed else 0.0


def _first(plain: dict[str, str], names: tuple[str, ...]) -> str:
    return next((plain[name] for name in names if name in plain), "")


def _plain(name: str) -> str:
    """Letters and digits in lower case, the micro sign as u."""
    return re.sub(r"[^a-z0-9]", "", re.sub("[\u00b5\u03bc]", "u", name).lower())
