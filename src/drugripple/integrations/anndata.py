"""Predictions beside the expression that they were made from: a table in an AnnData, one column per compound."""

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from jaxtyping import Int

from drugripple.data.measure import Measure
from drugripple.errors import TableError, first_five

if TYPE_CHECKING:
    from anndata import AnnData

KEY = "drugripple"
"""Where predictions stand in `obsm`, and what was said of them in `uns`."""
COMPOUND, CONDITION = ["id", "compound"], ["dose_um", "hours"]
"""What tells treatments apart; the default model knows no dose and no time."""
INTERVAL = ("low_um", "high_um", "low", "high")


def add_predictions(adata: "AnnData", table: pd.DataFrame, *, key: str = KEY) -> None:
    """Put what `predict` returned into `adata.obsm[key]`: observations by compounds, NaN where there is no prediction.

        table = model.predict(adata, "compounds.csv")
        add_predictions(adata, table)
        adata.obsm["drugripple"]["vorinostat"]

    A column is called by the compound's name, with its id where several share the name, and with dose and time where a
    compound has several. A slash becomes `|`, since .h5ad files take none. `adata.uns[key]` holds the measure, the
    notes, and id, compound, dose and time of every column. Concentrations and the ends of intervals stand beside it,
    where the table has them: `obsm["drugripple_ic50_um"]`, `obsm["drugripple_low_um"]` and
    `obsm["drugripple_high_um"]`, all in micromolar. What stood under these names is replaced.

    Raises:
        TableError: if the table is no prediction, predicts a pair twice, or has samples that are not in `adata`.
    """
    measure, pair = _measure(table), _pair(table)
    treatments = table[pair].drop_duplicates(ignore_index=True)
    column = pd.MultiIndex.from_frame(treatments).get_indexer(pd.MultiIndex.from_frame(table[pair]))
    row = _observations(adata, table["sample"])
    if len(set(zip(row.tolist(), column.tolist(), strict=True))) < len(table):
        message = "the table predicts a pair more than once; give what one call of predict returned"
        raise TableError(message)
    beside = [name for name in (measure.micromolar, *INTERVAL) if name in table.columns]
    for place, name in {key: measure.value, **{f"{key}_{name}": name for name in beside}}.items():
        values = np.full((adata.n_obs, len(treatments)), np.nan)
        values[row, column] = table[name]
        adata.obsm[place] = pd.DataFrame(values, index=adata.obs_names, columns=_columns(treatments))
    adata.uns[key] = {
        "measure": measure.value,
        "notes": np.array(table.attrs.get("notes", []), dtype=object),
        **{name: treatments[name].to_numpy() for name in pair},
    }


def _pair(table: pd.DataFrame) -> list[str]:
    """The columns that tell treatments apart."""
    return [*COMPOUND, *(CONDITION if any(name in table.columns for name in CONDITION) else [])]


def _measure(table: pd.DataFrame) -> Measure:
    """What a table predicts."""
    found = [measure for measure in Measure if measure.value in table.columns]
    lacking = [name for name in ("sample", *_pair(table)) if name not in table.columns]
    if lacking or not found:
        what = first_five(lacking) if lacking else f"one of {first_five(list(Measure))}"
        message = f"the table lacks the columns {what}; give what model.predict returned"
        raise TableError(message)
    return found[0]


def _observations(adata: "AnnData", samples: pd.Series) -> Int[np.ndarray, " m"]:
    """The observation of each row of predictions, by the index or by the first column of `obs` that has all names."""
    wanted = samples.astype(str)
    names = [adata.obs_names, *(adata.obs[name] for name in adata.obs.columns)]
    for labels in names:
        known = pd.Index(pd.Series(labels).astype(str).str.strip())
        if known.is_unique and wanted.isin(known).all():
            return known.get_indexer(pd.Index(wanted))
    unknown = sorted(set(wanted) - {str(name).strip() for name in adata.obs_names})
    message = (
        f"{len(unknown)} predicted samples are not among the {adata.n_obs:,} observations: {first_five(unknown)}; "
        "give the AnnData that was predicted"
    )
    raise TableError(message)


def _columns(treatments: pd.DataFrame) -> list[str]:
    """A name for each treatment that no other has."""
    pairs = treatments[["compound", "id"]].drop_duplicates()
    named, repeated = Counter(pairs["compound"].tolist()), Counter(treatments["id"].tolist())
    columns = []
    for row in treatments.to_dict("records"):
        key, compound = row["id"], row["compound"]
        name = compound if named[compound] == 1 else f"{compound} ({key})"
        condition = f", {row['dose_um']:g} uM, {row['hours']:g} h" if repeated[key] > 1 else ""
        columns.append(f"{name}{condition}".replace("/", "|"))
    return columns
