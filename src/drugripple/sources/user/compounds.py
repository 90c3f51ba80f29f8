"""A user's compound file as checked tables; lines that cannot be used are listed, never shifted."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from drugripple.data.tables import CompoundTable
from drugripple.errors import CompoundError, TableError, first_five
from drugripple.sources.user.compound_layout import FoundCompounds, find_compounds
from drugripple.sources.user.delimited import number_in


class UserCompounds(NamedTuple):
    """Usable compounds and conditions, and what was left out. Axis: m line of the file that can be used."""

    table: CompoundTable
    """Each compound once, in file order."""
    compound_row: Int[np.ndarray, " m"]
    """The compound of each line."""
    dose_um: Float[np.ndarray, " m"] | None
    hours: Float[np.ndarray, " m"] | None
    rejected: pd.DataFrame
    """Columns line, id, smiles, reason."""


def read_compounds(path: Path) -> UserCompounds:
    """Read csv, tsv (also .gz), Parquet or .smi with SMILES and, where given, id, name, dose_um and hours.

    A compound may have several lines if they differ in dose or time. Ids are the file's; where it has none, names;
    where it has neither, the SMILES as given.

    Raises:
        SourceError: if the file cannot be read or has no column of SMILES.
        CompoundError: if no structure can be used.
        TableError: if a line repeats, an id has two structures, or a dose or time is not a number above 0.
    """
    return usable_compounds(find_compounds(path))


def usable_compounds(found: FoundCompounds) -> UserCompounds:
    """The tables of what was found, if they can be used.

    Raises:
        CompoundError, TableError: as `read_compounds`.
    """
    path = found.path
    usable = found.rows[found.rows["reason"] == ""]
    rejected = found.rows.loc[found.rows["reason"] != "", ["line", "id", "smiles", "reason"]].reset_index(drop=True)
    if usable.empty:
        message = f"{path}: none of the {len(rejected)} structures can be used (first: {rejected['reason'].iloc[0]})"
        raise CompoundError(message)
    dose_um = _positive(found, usable, "dose_um", "micromolar") if found.dose_column else None
    hours = _positive(found, usable, "hours", "hours") if found.hours_column else None
    _refuse_repeats(path, usable.assign(dose_um=dose_um, hours=hours))
    compounds = usable.drop_duplicates("id")
    row_of_id = {name: row for row, name in enumerate(compounds["id"])}
    return UserCompounds(
        CompoundTable(tuple(compounds["id"]), tuple(compounds["name"]), tuple(compounds["molecule"])),
        np.array([row_of_id[name] for name in usable["id"]], dtype=np.int64),
        dose_um,
        hours,
        rejected,
    )


def _positive(found: FoundCompounds, usable: pd.DataFrame, column: str, unit: str) -> Float[np.ndarray, " m"]:
    values = np.array([number_in(cell) for cell in usable[column]], dtype=np.float64)
    with np.errstate(over="ignore"):
        read = values.astype(np.float32)  # as the networks will
    bad = ~(np.isfinite(read) & (read > 0))
    if bad.any():
        culprits = [
            f"{name} on line {line}: {text or 'blank'}"
            for name, line, text in usable.loc[bad, ["id", "line", column]].itertuples(index=False)
        ]
        message = (
            f"{found.path}: {len(culprits)} values of {column} are not numbers above 0 {unit}: {first_five(culprits)}; "
            "correct those lines (an untreated sample needs no prediction)"
        )
        raise TableError(message)
    return values


def _refuse_repeats(path: Path, usable: pd.DataFrame) -> None:
    structures = usable.assign(parent=[m.parent for m in usable["molecule"]]).groupby("id")["parent"].nunique()
    torn = list(structures.index[structures > 1])
    if torn:
        message = f"{path}: {len(torn)} ids have more than one structure: {first_five(torn)}; give each its own id"
        raise TableError(message)
    again = usable.loc[usable.duplicated(["id", "dose_um", "hours"]), ["id", "line"]]
    if len(again):
        shown = [f"{name} on line {line}" for name, line in again.itertuples(index=False)]
        message = (
            f"{path}: {len(shown)} compounds repeat at the same dose and time: {first_five(shown)}; delete the repeats"
        )
        raise TableError(message)
