"""One compound is one structure: what every builder does with the names of a publisher."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Int

from drugripple.chem.molecule import Molecule
from drugripple.data.studies import unused
from drugripple.data.tables import CompoundTable

_ANNOTATION = ("targets", "mechanism")


class KeyedCompounds(NamedTuple):
    """Distinct structures, and which of them each named record is."""

    table: CompoundTable
    row: Int[np.ndarray, " k"]
    """Row of the table, for each record in the order given."""


def key_by_structure(records: pd.DataFrame, molecules: Mapping[str, Molecule]) -> KeyedCompounds:
    """Merge records that share a SMILES.

    Args:
        records: columns name, smiles and, where known, targets and mechanism.
        molecules: the molecule of every SMILES.

    The first record of a structure gives its id; further names follow in brackets. Two structures of one name stay
    apart, the later one (by SMILES) under a numbered id. Compounds come sorted by id.

    >>> from drugripple.chem import standardise_all
    >>> records = pd.DataFrame({"name": ["Torin 2", "torin2", "Aspirin"], "smiles": ["CCO", "CCO", "CC"]})
    >>> keyed = key_by_structure(records, standardise_all(records["smiles"]).molecules)
    >>> keyed.table.names, keyed.row.tolist()
    (('Aspirin', 'Torin 2 (torin2)'), [1, 1, 0])
    """
    distinct: dict[str, tuple[str, ...]] = {}
    for structure, group in records.groupby("smiles", sort=True):
        names = list(dict.fromkeys(group["name"].astype(str)))
        label = names[0] if len(names) == 1 else f"{names[0]} ({', '.join(names[1:])})"
        annotation = (_first_known(group, column) for column in _ANNOTATION)
        distinct[unused(names[0], distinct)] = (label, str(structure), *annotation)
    ids = tuple(sorted(distinct))
    labels, smiles, targets, mechanism = (tuple(distinct[i][column] for i in ids) for column in range(4))
    table = CompoundTable(ids, labels, tuple(molecules[text] for text in smiles), targets, mechanism)
    row_of_smiles = {text: row for row, text in enumerate(smiles)}
    return KeyedCompounds(table, np.array([row_of_smiles[smiles] for smiles in records["smiles"]], dtype=np.int64))


def _first_known(group: pd.DataFrame, column: str) -> str:
    known = group[column].dropna() if column in group else pd.Series(dtype=object)
    return str(known.iloc[0]) if len(known) else ""
