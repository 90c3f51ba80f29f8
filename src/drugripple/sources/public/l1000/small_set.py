"""The small real L1000 set: profiles with their controls, basal lines and drug consensus signatures.

Everything is put on one scale: a robust z-score fitted on the DMSO means of the cell lines, which came from one
project and so carry no batch of ours.

What may go into weights that we redistribute (`redistributable_only`):

* profiles and wells computed by l1ktools are left out: that repository states no licence;
* consensus rows without a Broad perturbagen number are left out: their structures come from DrugBank (CC BY-NC 4.0);
* all else is under Apache-2.0, MIT, BSD-3 or Artistic-2.0, its measurements under the LINCS release policy (CC BY 4.0).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float

from drugripple.chem.molecule import standardise_all
from drugripple.data.tables import (
    CONSENSUS_LIMIT,
    CompoundTable,
    ConsensusTable,
    ExpressionScale,
    ExpressionTable,
    PerturbationTable,
)
from drugripple.errors import SourceError, first_five
from drugripple.genes.scaling import RobustScaler
from drugripple.genes.space import GeneSpace
from drugripple.sources.public.columns import read_columns, require_numbers
from drugripple.sources.public.compound_identity import key_by_structure
from drugripple.sources.public.tidy import landmark_genes

UNLICENSED_SOURCES = ("cmap/l1ktools",)
REFERENCE_KIND = "cell_line_dmso_mean"
PROFILE_FILES = ("genes.parquet", "conditions.parquet", "basal_meta.parquet", "basal.parquet", "perturbed.parquet")
"""What `read_profiles` reads of the folder `l1000`."""
LOW_CORRELATION = 0.7
LOW_TRUST = 0.25
"""Weight of a well that hardly correlates with its own control: failed or strongly toxic, the data cannot tell."""


class LoadedProfiles(NamedTuple):
    """Treated profiles beside their controls, what was left out, and the scale they are on."""

    table: PerturbationTable
    dropped: pd.DataFrame
    """Columns reason, cell_line, drug, rows."""
    scaler: RobustScaler


def read_profiles(folder: Path, *, redistributable_only: bool) -> LoadedProfiles:
    """Level-3 profiles of compounds, each with its own control.

    A profile of an averaged pair has no plate: the control stands in for it, so that profiles which share one are
    still centred together and held out together.

    Raises:
        SourceError: if a file is missing or damaged, the files disagree, or nothing usable is left.
    """
    l1000 = folder / "l1000"
    genes = landmark_genes(folder)
    conditions = read_columns(
        l1000 / "conditions.parquet",
        ("profile_id", "compound", "canonical_smiles", "cell_line", "dose_um", "time_h", "plate", "basal_id"),
        optional=("source", "moa", "target", "r_to_basal"),
    )
    require_numbers(l1000 / "conditions.parquet", conditions, ("dose_um", "time_h"))
    standardised = standardise_all(conditions["canonical_smiles"].dropna())
    reason = _reasons(conditions, standardised.faults, redistributable_only=redistributable_only)
    kept = conditions[reason == ""]
    if kept.empty:
        message = f"{l1000 / 'conditions.parquet'}: none of {len(conditions)} profiles is usable: {reason.unique()}"
        raise SourceError(message)
    named = kept.assign(generic=kept["compound"].str.startswith("BRD-")).sort_values(["generic", "compound"])
    compounds, structure = key_by_structure(
        named.rename(
            columns={"compound": "name", "canonical_smiles": "smiles", "target": "targets", "moa": "mechanism"}
        ),
        standardised.molecules,
    )
    kept = named.assign(compound_row=structure).sort_values("profile_id")
    scaler = _reference_scaler(folder)
    controls = tuple(sorted(kept["basal_id"].unique()))
    basal = ExpressionTable(
        controls,
        genes,
        scaler.transform(_matrix(l1000 / "basal.parquet", "basal_id", controls, genes)),
        ExpressionScale.ROBUST_Z,
    )
    control_row = {control: row for row, control in enumerate(controls)}
    table = PerturbationTable(
        basal=basal,
        compounds=compounds,
        basal_row=kept["basal_id"].map(control_row).to_numpy(np.int64),
        compound_row=kept["compound_row"].to_numpy(np.int64),
        dose_um=kept["dose_um"].to_numpy(np.float64),
        hours=kept["time_h"].to_numpy(np.float64),
        treated=scaler.transform(_matrix(l1000 / "perturbed.parquet", "profile_id", kept["profile_id"], genes)),
        plate=tuple(kept["plate"].fillna(kept["basal_id"])),
        cell_line=tuple(kept["cell_line"]),
        weight=np.where(kept["r_to_basal"] < LOW_CORRELATION, LOW_TRUST, 1.0),
    )
    return LoadedProfiles(table, _summarise(conditions, reason), scaler)


def _reasons(conditions: pd.DataFrame, faults: Mapping[str, str], *, redistributable_only: bool) -> pd.Series:
    """Why each profile is left out, blank where it is kept; `faults` are those of structures, by SMILES."""
    reason = pd.Series("", index=conditions.index)
    reason[~(conditions["time_h"] > 0)] = "no treatment time"
    reason[~(conditions["dose_um"] > 0)] = "no dose"
    reason[conditions["canonical_smiles"].isna()] = "no SMILES"
    faulty = conditions["canonical_smiles"].map(faults).dropna()
    reason[faulty.index] = faulty
    if redistributable_only:
        reason[conditions["source"].isin(UNLICENSED_SOURCES)] = "terms do not allow redistribution"
    return reason


def read_basal(folder: Path, *, redistributable_only: bool = False) -> ExpressionTable:
    """All untreated profiles, sorted by id; `read_basal_lines` names their cell lines."""
    genes = landmark_genes(folder)
    samples = tuple(_basal_conditions(folder, redistributable_only=redistributable_only)["basal_id"])
    values = _matrix(folder / "l1000" / "basal.parquet", "basal_id", samples, genes)
    return ExpressionTable(samples, genes, _reference_scaler(folder).transform(values), ExpressionScale.ROBUST_Z)


def read_basal_lines(folder: Path, *, redistributable_only: bool = False) -> tuple[str, ...]:
    """Cell line of each row of `read_basal`."""
    return tuple(_basal_conditions(folder, redistributable_only=redistributable_only)["cell_line"])


def read_consensus(folder: Path, *, redistributable_only: bool) -> ConsensusTable:
    """One consensus z-score a drug, clipped; sorted by DrugBank id."""
    l1000 = folder / "l1000"
    genes = landmark_genes(folder)
    drugs = read_columns(
        l1000 / "consensus_drugbank_meta.parquet",
        ("drugbank_id", "pert_id", "compound", "canonical_smiles", "moa", "target"),
    )
    molecules = standardise_all(drugs["canonical_smiles"].dropna()).molecules
    usable = drugs["canonical_smiles"].isin(molecules)
    if redistributable_only:
        usable &= drugs["pert_id"].notna()
    drugs = drugs[usable].sort_values("drugbank_id")
    ids, names, targets, mechanism = (
        tuple(drugs[name].fillna("")) for name in ("drugbank_id", "compound", "target", "moa")
    )
    structures = tuple(molecules[smiles] for smiles in drugs["canonical_smiles"])
    compounds = CompoundTable(ids, names, structures, targets, mechanism)
    change = _matrix(l1000 / "consensus_drugbank.parquet", "drugbank_id", compounds.ids, genes)
    return ConsensusTable(compounds, genes, np.clip(change, -CONSENSUS_LIMIT, CONSENSUS_LIMIT))


def _basal_conditions(folder: Path, *, redistributable_only: bool) -> pd.DataFrame:
    path = folder / "l1000" / "basal_meta.parquet"
    basal = read_columns(path, ("basal_id", "kind", "source", "cell_line")).sort_values("basal_id")
    return basal[~basal["source"].isin(UNLICENSED_SOURCES)] if redistributable_only else basal


def _reference_scaler(folder: Path) -> RobustScaler:
    """Median and spread of each gene over the cell lines' DMSO means."""
    basal = _basal_conditions(folder, redistributable_only=False)
    reference = basal.loc[basal["kind"] == REFERENCE_KIND, "basal_id"]
    return RobustScaler.fit(_matrix(folder / "l1000" / "basal.parquet", "basal_id", reference, landmark_genes(folder)))


def _matrix(path: Path, key: str, rows: "pd.Series | tuple[str, ...]", genes: GeneSpace) -> Float[np.ndarray, "n g"]:
    """Some rows of a table of profiles, in the order asked."""
    frame = read_columns(path, (key, *genes.symbols)).set_index(key)
    if not frame.index.is_unique:
        message = f"{path}: {key} repeats: {first_five(frame.index[frame.index.duplicated()])}"
        raise SourceError(message)
    absent = [row for row in rows if row not in frame.index]
    if absent:
        message = f"{path} lacks {len(absent)} of {len(rows)} profiles: {first_five(absent)}"
        raise SourceError(message)
    require_numbers(path, frame, genes.symbols)
    return frame.loc[list(rows)].to_numpy(np.float32)


def _summarise(conditions: pd.DataFrame, reason: pd.Series) -> pd.DataFrame:
    lost = conditions.assign(reason=reason, drug=conditions["compound"])[reason != ""]
    return lost.groupby(["reason", "cell_line", "drug"], sort=True).size().rename("rows").reset_index()
