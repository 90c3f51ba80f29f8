"""Which columns of a LINCS matrix are treated, with what, and which are their controls.

    pert_info  pert_id, pert_iname, canonical_smiles
    gene_info  pr_gene_id, pr_gene_symbol

-666 means "not known" in both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int

from drugripple.chem.molecule import standardise_all
from drugripple.data.tables import CompoundTable
from drugripple.errors import SourceError
from drugripple.runtime.damaged import reading
from drugripple.sources.public.columns import require_columns
from drugripple.sources.public.compound_identity import key_by_structure
from drugripple.sources.public.l1000.conditions import Conditions

PAPER_DOSES_UM = (
    0.001, 0.01, 0.04, 0.1, 0.12, 0.37, 0.41, 0.5, 1.0, 1.11, 1.23, 3.0, 3.33, 3.7, 5.0, 10.0,
    11.11, 20.0, 30.0, 33.33, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0,
)  # fmt: skip
"""The doses in the lookup table of the authors' code."""
PAPER_HOURS = (6.0, 24.0, 48.0)
UNKNOWN = ("-666", "restricted", "")


@dataclass(frozen=True)
class Experiments:
    """The part of an annotation that can be used. Axes: m treated column, w control column."""

    treated: pd.DataFrame
    """compound, smiles, cell_line, plate, dose_um, hours, weight, basal_row; in the order of the matrix."""
    treated_column: Int[np.ndarray, " m"]
    controls: Int[np.ndarray, " w"]
    """Batch of each control, ascending."""
    control_column: Int[np.ndarray, " w"]
    batches: tuple[str, ...]
    compounds: CompoundTable
    dropped: pd.DataFrame
    """Columns reason, cell_line, drug, rows."""


def pair_with_controls(
    conditions: Conditions, pert_info: Path, *, doses_um: Sequence[float] | None, hours: Sequence[float]
) -> Experiments:
    """Every usable treated sample, and the controls of its batch.

    Raises:
        SourceError: if pert_info is missing or damaged, or nothing usable is left.
    """
    is_control = ~conditions.treated & (conditions.column >= 0)
    with_control, controls = np.unique(conditions.batch[is_control], return_inverse=True)
    control_row = np.full(len(conditions.batches), -1, dtype=np.int32)
    control_row[with_control] = np.arange(len(with_control))
    structures = read_structures(pert_info, conditions.compounds)
    known = np.isin(np.array(conditions.compounds, dtype=object), structures["pert_id"])
    faults = {
        "not in the matrix": conditions.column < 0,
        "no usable structure": ~known[conditions.compound],
        "no dose in micromolar": np.isnan(conditions.dose_um),
        f"time is not {', '.join(f'{hour:g}' for hour in hours)} h": ~np.isin(conditions.hours, hours),
        "no control in the batch": control_row[conditions.batch] < 0,
    }
    reason = _first_true(list(faults.values()))
    dropped = _summarise(conditions, reason, list(faults))
    rows = np.flatnonzero(conditions.treated & (reason == len(faults)))
    rows = rows[np.argsort(conditions.column[rows])]
    if not len(rows):
        counts = dropped.groupby("reason")["rows"].sum().to_dict()
        message = (
            f"none of {int(conditions.treated.sum())} compound profiles is usable with this matrix; lost: {counts}"
        )
        raise SourceError(message)
    compounds, compound_row = _compounds_of(conditions, rows, structures)
    profiles = pd.DataFrame(
        {
            "compound": _named(compound_row, compounds.ids),
            "smiles": _named(compound_row, compounds.smiles),
            "cell_line": _named(conditions.line[rows], conditions.lines),
            "plate": _named(conditions.batch[rows], conditions.batches),
            "dose_um": nearest_dose(conditions.dose_um[rows], doses_um),
            "hours": conditions.hours[rows],
            "weight": np.float32(1),
            "basal_row": control_row[conditions.batch[rows]],
        }
    )
    order = np.argsort(controls, kind="stable")
    return Experiments(
        treated=profiles,
        treated_column=conditions.column[rows],
        controls=controls[order],
        control_column=conditions.column[is_control][order],
        batches=tuple(conditions.batches[batch] for batch in with_control),
        compounds=compounds,
        dropped=dropped,
    )


def _first_true(faults: Sequence[Bool[np.ndarray, " r"]]) -> Int[np.ndarray, " r"]:
    """The number of each row's first fault, or how many kinds there are where it has none."""
    first = np.full(len(faults[0]), len(faults), dtype=np.int8)
    for number in reversed(range(len(faults))):
        first[faults[number]] = number
    return first


def _compounds_of(
    conditions: Conditions, rows: Int[np.ndarray, " m"], structures: pd.DataFrame
) -> tuple[CompoundTable, Int[np.ndarray, " m"]]:
    """The compounds of some rows, one a structure, and which of them each row has."""
    asked = {conditions.compounds[i] for i in np.unique(conditions.compound[rows])}
    used = structures[structures["pert_id"].isin(asked)]
    compounds, structure = key_by_structure(used, standardise_all(used["smiles"]).molecules)
    row_of_compound = dict(zip(used["pert_id"], structure.tolist(), strict=True))
    row = np.array([row_of_compound.get(name, -1) for name in conditions.compounds])
    return compounds, row[conditions.compound[rows]]


def nearest_dose(dose_um: Float[np.ndarray, " m"], doses_um: Sequence[float] | None) -> Float[np.ndarray, " m"]:
    """The nearest of the doses listed on a log scale; the dose itself where there is no list.

    >>> nearest_dose(np.array([7.2]), (5.0, 10.0)).tolist()
    [10.0]
    """
    if doses_um is None:
        return dose_um
    listed = np.sort(np.array(doses_um, dtype=np.float64))
    borders = np.sqrt(listed[1:] * listed[:-1])
    return listed[np.searchsorted(borders, dose_um)]


def read_gene_symbols(gene_info: Path) -> dict[str, str]:
    """Publisher's symbol of each gene number."""
    genes = _read_text(gene_info, ("pr_gene_id", "pr_gene_symbol"))
    return dict(zip(genes["pr_gene_id"], genes["pr_gene_symbol"], strict=True))


def read_structures(pert_info: Path, wanted: Sequence[str]) -> pd.DataFrame:
    """Name and parent SMILES of the compounds wanted that have a structure RDKit can read; sorted by number."""
    published = _read_text(pert_info, ("pert_id", "pert_iname", "canonical_smiles"))
    published = published[published["pert_id"].isin(wanted) & ~published["canonical_smiles"].isin(UNKNOWN)]
    published = published.drop_duplicates("pert_id").sort_values("pert_id")
    molecules = standardise_all(published["canonical_smiles"]).molecules
    usable = published[published["canonical_smiles"].isin(molecules)]
    parents = [molecules[smiles].parent for smiles in usable["canonical_smiles"]]
    return pd.DataFrame({"pert_id": usable["pert_id"], "name": usable["pert_iname"], "smiles": parents}).reset_index(
        drop=True
    )


def _read_text(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    with reading(path, "a tab-separated table of GSE92742"):
        table = pd.read_csv(
            path,
            sep="\t",
            usecols=lambda name: name in columns,
            dtype=str,
            keep_default_na=False,
            encoding_errors="replace",
        )
    require_columns(path, table.columns.tolist(), columns)
    return table


def _named(codes: Int[np.ndarray, " m"], names: tuple[str, ...]) -> "pd.Categorical[str]":
    return pd.Categorical.from_codes(codes, pd.Index(names))


def _summarise(conditions: Conditions, reason: Int[np.ndarray, " r"], reasons: list[str]) -> pd.DataFrame:
    lost = conditions.treated & (reason < len(reasons))
    codes = np.stack([reason[lost], conditions.line[lost], conditions.compound[lost]], axis=1)
    distinct, rows = np.unique(codes, axis=0, return_counts=True)
    listed = [
        (reasons[why], conditions.lines[line], conditions.compounds[drug], count)
        for (why, line, drug), count in zip(distinct.tolist(), rows.tolist(), strict=True)
    ]
    listed += [("control in another vehicle than DMSO", *others) for others in conditions.other_vehicles]
    return pd.DataFrame(sorted(listed), columns=["reason", "cell_line", "drug", "rows"])
