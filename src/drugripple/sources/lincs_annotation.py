"""Which columns of a LINCS matrix are treated, with what, and which are their controls.

    sig_info   sig_id,  pert_id, pert_type, cell_id, pert_dose, pert_dose_unit, pert_time          Level 5
    inst_info  inst_id, rna_plate and the same                                                     Level 3
    pert_info  pert_id, pert_iname, canonical_smiles
    gene_info  pr_gene_id, pr_gene_symbol

-666 means "not known" in all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from drugripple.chem.molecule import parent_smiles
from drugripple.data.tables import CompoundTable
from drugripple.errors import CompoundError, SourceError, first_five
from drugripple.sources.columns import require_columns
from drugripple.sources.compounds import key_by_structure
from drugripple.sources.reading import reading

PAPER_DOSES_UM = (
    0.001, 0.01, 0.04, 0.1, 0.12, 0.37, 0.41, 0.5, 1.0, 1.11, 1.23, 3.0, 3.33, 3.7, 5.0, 10.0,
    11.11, 20.0, 30.0, 33.33, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0,
)  # fmt: skip
"""The doses in the lookup table of the authors' code."""
PAPER_HOURS = (6.0, 24.0, 48.0)
TREATED = "trt_cp"
CONTROL = "ctl_vehicle"
UNKNOWN = ("-666", "-666.0", "-666.000000", "restricted", "")
MICROMOLAR_PER_UNIT = {"um": 1.0, "nm": 1e-3, "mm": 1e3, "pm": 1e-6}
_SHARED = ("pert_id", "pert_type", "cell_id", "pert_dose", "pert_dose_unit", "pert_time")


@dataclass(frozen=True)
class Experiments:
    """The part of an annotation that can be used. Axes: m treated column, w control column."""

    level: Literal[3, 5]
    treated: pd.DataFrame
    """compound, smiles, cell_line, plate, dose_um, hours, weight, basal_row; in the order of the matrix."""
    treated_column: Int[np.ndarray, " m"]
    controls: Int[np.ndarray, " w"]
    """Batch of each control, ascending."""
    control_column: Int[np.ndarray, " w"]
    batches: tuple[str, ...]
    compounds: CompoundTable
    dropped: pd.DataFrame


def read_experiments(
    annotation: Path,
    pert_info: Path,
    samples: Sequence[str],
    *,
    doses_um: Sequence[float] | None,
    hours: Sequence[float],
) -> Experiments:
    """Match the annotation with the columns of a matrix, and pair each compound with its batch's controls.

    Raises:
        SourceError: if a file is missing, damaged or lacks a column, ids repeat, or nothing usable is left.
    """
    table, level = _read_annotation(annotation)
    table["column"] = pd.Index(samples).get_indexer(pd.Index(table["sample"]))
    controls = table[(table["pert_type"] == CONTROL) & (table["column"] >= 0)].sort_values(["batch", "column"])
    batches = tuple(dict.fromkeys(controls["batch"]))
    treated = table[table["pert_type"] == TREATED].drop(columns="sample")
    del table
    structures = read_structures(pert_info, frozenset(treated["pert_id"].unique()))
    treated["dose_um"] = _dose_um(treated, doses_um)
    treated["hours"] = _number(treated["pert_time"])
    treated["basal_row"] = pd.Index(batches).get_indexer(pd.Index(treated["batch"]))
    reason = pd.Series("", index=treated.index)
    reason[treated["basal_row"] < 0] = "no control in the batch"
    reason[~treated["hours"].isin(hours)] = f"time is not {', '.join(f'{hour:g}' for hour in hours)} h"
    reason[~(treated["dose_um"] > 0)] = "no dose in micromolar"
    reason[~treated["pert_id"].isin(structures["pert_id"])] = "no usable structure"
    reason[treated["column"] < 0] = "not in the matrix"
    kept = treated[reason == ""].sort_values("column")
    if kept.empty:
        message = (
            f"{annotation}: none of {len(treated)} compound profiles is usable with this matrix; "
            f"profiles lost by reason: {reason.value_counts().to_dict()}"
        )
        raise SourceError(message)
    structures = structures[structures["pert_id"].isin(kept["pert_id"].unique())]
    compounds, row = key_by_structure(structures)
    compound = kept["pert_id"].map(dict(zip(structures["pert_id"], row.tolist(), strict=True))).to_numpy(np.int64)
    profiles = pd.DataFrame(
        {
            "compound": pd.Categorical.from_codes(compound, pd.Index(compounds.ids)),
            "smiles": pd.Categorical.from_codes(compound, pd.Index(compounds.smiles)),
            "cell_line": kept["cell_id"],
            "plate": kept["batch"],
            "dose_um": kept["dose_um"],
            "hours": kept["hours"],
            "weight": 1.0,
            "basal_row": kept["basal_row"],
        }
    ).reset_index(drop=True)
    return Experiments(
        level=level,
        treated=profiles,
        treated_column=kept["column"].to_numpy(np.int64),
        controls=pd.Index(batches).get_indexer(pd.Index(controls["batch"])),
        control_column=controls["column"].to_numpy(np.int64),
        batches=batches,
        compounds=compounds,
        dropped=_summarise(treated, reason),
    )


def read_gene_symbols(gene_info: Path) -> dict[str, str]:
    """Publisher's symbol of each gene number."""
    genes = read_text_table(gene_info, ("pr_gene_id", "pr_gene_symbol"))
    return dict(zip(genes["pr_gene_id"].astype(str), genes["pr_gene_symbol"].astype(str), strict=True))


def read_structures(pert_info: Path, wanted: frozenset[str]) -> pd.DataFrame:
    """Name and parent SMILES of the compounds wanted that have a structure RDKit can read; sorted by number."""
    published = read_text_table(pert_info, ("pert_id", "pert_iname", "canonical_smiles")).astype(str)
    published = published[published["pert_id"].isin(wanted) & ~published["canonical_smiles"].isin(UNKNOWN)]
    published = published.drop_duplicates("pert_id").sort_values("pert_id")
    parents = [_parent_or_blank(smiles) for smiles in published["canonical_smiles"]]
    table = pd.DataFrame({"pert_id": published["pert_id"], "name": published["pert_iname"], "smiles": parents})
    return table[table["smiles"] != ""].reset_index(drop=True)


def read_text_table(path: Path, columns: Sequence[str], optional: Sequence[str] = ()) -> pd.DataFrame:
    """Some columns of a tab-separated file, plain or gzipped, as categories.

    Raises:
        SourceError: if it is missing, empty, truncated or lacks a column.
    """
    with reading(path, "a tab-separated table of GSE92742"):
        present = pd.read_csv(path, sep="\t", nrows=0, encoding_errors="replace").columns.tolist()
        require_columns(path, present, columns)
        chosen = [*columns, *(name for name in optional if name in present)]
        return pd.read_csv(
            path, sep="\t", usecols=chosen, dtype="category", keep_default_na=False, encoding_errors="replace"
        )[chosen]


def _read_annotation(path: Path) -> tuple[pd.DataFrame, Literal[3, 5]]:
    """Sample, batch and condition of each column that the publisher describes."""
    table = read_text_table(path, _SHARED, optional=("sig_id", "inst_id", "rna_plate"))
    if "sig_id" in table:
        level: Literal[3, 5] = 5
        table["batch"] = table["sig_id"].astype(str).str.partition(":")[0].astype("category")
    elif "inst_id" in table:
        level = 3
        require_columns(path, table.columns.tolist(), ("rna_plate",))
        table["batch"] = table["rna_plate"]
    else:
        message = f"{path} has neither sig_id (Level 5) nor inst_id (Level 3); pass sig_info or inst_info"
        raise SourceError(message)
    table["sample"] = table.pop("sig_id" if level == 5 else "inst_id").astype(str)
    if not table["sample"].is_unique:
        message = f"{path}: sample ids repeat: {first_five(table['sample'][table['sample'].duplicated()])}"
        raise SourceError(message)
    table["batch"] = table["batch"].astype(str)
    return table.drop(columns=["inst_id", "rna_plate"], errors="ignore"), level


def _dose_um(treated: pd.DataFrame, doses_um: Sequence[float] | None) -> Float[np.ndarray, " m"]:
    """Micromolar; NaN where the unit is no concentration; the nearest dose listed on a log scale."""
    unit = treated["pert_dose_unit"].astype(str).str.strip().str.lower().str.replace(r"^[µμ\ufffd]", "u", regex=True)
    dose = (_number(treated["pert_dose"]) * unit.map(MICROMOLAR_PER_UNIT)).to_numpy(np.float64)
    dose[~(dose > 0)] = np.nan
    if doses_um is None:
        return dose
    listed = np.sort(np.array(doses_um, dtype=np.float64))
    borders = np.sqrt(listed[1:] * listed[:-1])
    return np.where(np.isnan(dose), np.nan, listed[np.searchsorted(borders, np.nan_to_num(dose, nan=1.0))])


def _number(column: pd.Series) -> pd.Series:
    return pd.to_numeric(column.astype(str), errors="coerce").astype(np.float64)


def _parent_or_blank(smiles: str) -> str:
    try:
        return parent_smiles(smiles)
    except CompoundError:
        return ""


def _summarise(treated: pd.DataFrame, reason: pd.Series) -> pd.DataFrame:
    lost = treated.assign(reason=reason, cell_line=treated["cell_id"], drug=treated["pert_id"])[reason != ""]
    counted = lost.groupby(["reason", "cell_line", "drug"], sort=True, observed=True).size()
    return counted.rename("rows").reset_index().astype({"cell_line": str, "drug": str})
