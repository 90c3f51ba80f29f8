"""The highest concentration at which GDSC tested each compound."""

from pathlib import Path

import numpy as np

from drugripple.data.tables import CompoundTable
from drugripple.sources.public.columns import read_columns

FILE = "drug_max_conc.parquet"


def read_tested_um(folder: Path, dataset: str, compounds: CompoundTable) -> dict[str, float]:
    """Micromolar by parent SMILES, of the compounds that the file names; none where the file is absent.

    Of a compound that was screened under several ids, the highest counts.

    Raises:
        SourceError: if the file is damaged.
    """
    path = folder / "gdsc" / FILE
    if not path.is_file():
        return {}
    table = read_columns(path, ("drug", "dataset", "max_conc_um"))
    own = table[table["dataset"] == dataset]
    named = own.groupby(own["drug"].astype(str).str.casefold())["max_conc_um"].max()
    found: dict[str, float] = {}
    for name, parent in zip(compounds.names, compounds.smiles, strict=True):
        value = float(named.get(name.casefold(), np.nan))
        if np.isfinite(value):
            found[parent] = max(value, found.get(parent, value))
    return found
