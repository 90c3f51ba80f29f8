"""Compounds that a person wrote into the page: SMILES, with or without a name behind them, and names side by side."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from drugripple.chem.molecule import reduce_all
from drugripple.data.tables import CompoundTable
from drugripple.predict.asked_compounds import asked_compounds
from drugripple.predict.named import hint
from drugripple.sources.user.compounds import read_compounds
from drugripple.sources.user.drug_names import match_compounds
from drugripple.sources.user.file_format import OF_STRUCTURES

WRITTEN = "written.smi"
"""The file that holds them."""


def uploaded_compounds(path: Path, known: CompoundTable, named: CompoundTable) -> CompoundTable:
    """Compounds of a file, or those that were written; names are those of `named`, of which `known` are of training.

    Raises:
        DrugrippleError: if none can be used.
    """
    if path.name != WRITTEN:
        return asked_compounds(path, known, named)
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    called = match_compounds(lines, named.names)
    firsts = [line.split()[0] for line in lines]
    no_structure = {first for first in reduce_all(firsts).faults if OF_STRUCTURES.isdisjoint(first)}
    alone = [
        line in called or line == first or first in no_structure for line, first in zip(lines, firsts, strict=True)
    ]
    if all(alone):
        return asked_compounds(lines, known, named)
    structure = dict(zip(named.names, named.smiles, strict=True))
    pairs = [
        (structure[called[line]], called[line]) if line in called else (line, line) if whole else line.split(maxsplit=1)
        for line, whole in zip(lines, alone, strict=True)
    ]
    found = read_compounds(pd.DataFrame(pairs, columns=["smiles", "name"]))
    lost = [name for _, name in pairs if name not in found.ids]
    return replace(found, notes=(*found.notes, *filter(None, (hint(name, named.names) for name in lost))))
