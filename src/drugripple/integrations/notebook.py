"""Predictions in a notebook, with the structures drawn."""

from collections import Counter
from collections.abc import Hashable
from typing import TYPE_CHECKING

import pandas as pd

from drugripple.chem.drawing import structure_svg
from drugripple.chem.molecule import standardise_all
from drugripple.data.tables import CompoundTable
from drugripple.errors import TableError, counted, first_five

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

STRUCTURE = "structure"


def with_structures(table: pd.DataFrame, compounds: CompoundTable, *, rows: int = 20) -> "Styler":
    """The first rows of what `predict` returned, each with its compound drawn; text is escaped.

        table = model.predict("samples.csv", "compounds.csv", compact=True)
        with_structures(table, drugripple.read_compounds("compounds.csv"))

    Args:
        table: predictions, or any table with the compounds' ids or names in `id`.
        compounds: those of the table; of a default model that was asked by name, its `named_compounds`. An id
            that is a SMILES is drawn from itself.
        rows: how many to show.

    Raises:
        TableError: if the table has no `id`, or one that is neither among the compounds nor a SMILES.
    """
    if "id" not in table.columns:
        message = "the table has no column 'id' to know compounds by; give what model.predict returned"
        raise TableError(message)
    shown = table.head(rows)
    times = Counter(compounds.names)
    place = {name: row for row, name in enumerate(compounds.names) if times[name] == 1}
    place |= {key: row for row, key in enumerate(compounds.ids)}
    further = [str(key) for key in shown["id"].unique() if key not in place and str(key) not in times]
    structures = standardise_all(further).molecules
    unknown = sorted({str(key) for key in shown["id"] if key not in place and str(key) not in structures})
    if unknown:
        lost = counted(len(unknown), "id is", "ids are")
        among = counted(len(compounds), "compound")
        message = f"{lost} neither among the {among} nor a SMILES: {first_five(unknown)}"
        raise TableError(message)
    drawn = {key: structure_svg(compounds.molecules[row], compounds.names[row]) for key, row in place.items()
             if key in set(shown["id"])}  # fmt: skip
    drawn |= {key: structure_svg(molecule, key) for key, molecule in structures.items()}
    others: list[Hashable] = list(shown.columns)
    found = shown.assign(**{STRUCTURE: shown["id"].map(drawn)})[[STRUCTURE, *others]]
    return found.style.format(precision=3, escape="html", subset=others).hide(axis="index")
