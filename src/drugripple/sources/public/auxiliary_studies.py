"""Other screens in a data folder as auxiliary studies: GDSC1, NCI-60 and CTRPv2, whichever are there.

    gdsc/response.parquet, gdsc/drugs.parquet       ln IC50
    nci60/gi50_raw.parquet, nci60/gi50_drugs.parquet  ln GI50; cell lines under GDSC's names
    ctrp/response.parquet, ctrp/drugs.parquet       area under the curve, beside the top concentration of the compound

Compounds carry the names and synonyms that GDSC's list knows them by, for those who hide a compound by its name.

Source: Iorio et al. 2016, doi:10.1016/j.cell.2016.06.017; Reinhold et al. 2012, doi:10.1158/0008-5472.CAN-12-1370;
Seashore-Ludlow et al. 2015, doi:10.1158/2159-8290.CD-15-0235.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from drugripple.chem.identity import identity_groups, identity_marks
from drugripple.chem.molecule import standardise_all
from drugripple.data.auxiliary_study import AuxiliaryStudy
from drugripple.data.measure import Measure
from drugripple.data.tables import CompoundTable
from drugripple.sources.public.columns import read_columns
from drugripple.sources.public.compound_identity import key_by_structure

GI50_LIMITS = (3.0, 12.0)
"""-log10 GI50 (molar) that can be true; the rest are artefacts of the publisher's fit."""
NCI60_NOISE_SHARE = 0.1
"""Chosen on splits of other seeds than the published one: means over sixty lines and many experiments are steady, and
most of what they differ by from GDSC2's is the study's own."""
FILES = {
    "gdsc": ("response.parquet", "drugs.parquet"),
    "nci60": ("gi50_raw.parquet", "gi50_drugs.parquet"),
    "ctrp": ("response.parquet", "drugs.parquet"),
}
"""Responses and compounds of each study, by its folder; a study is there if its responses are."""
LISTED = Path("gdsc", "drugs.parquet")
"""GDSC's list, which every study's names are looked up in."""


class LoadedStudy(NamedTuple):
    """A study, and what had to be left out."""

    study: AuxiliaryStudy
    dropped: pd.DataFrame
    """Columns reason, rows."""


def read_auxiliary_studies(folder: Path) -> tuple[LoadedStudy, ...]:
    """The studies whose files are in a data folder.

    Raises:
        SourceError: if a file is damaged or lacks a column.
    """
    readers: dict[str, Callable[[Path], LoadedStudy]] = {
        "gdsc": read_gdsc1,
        "nci60": read_nci60_gi50,
        "ctrp": read_ctrp,
    }
    return tuple(readers[part](folder) for part in _present(folder))


def auxiliary_files(folder: Path) -> list[Path]:
    """The files that `read_auxiliary_studies` reads of a data folder: none where no study is there."""
    present = _present(folder)
    found = {folder / part / name for part in present for name in FILES[part]}
    return sorted(found | ({folder / LISTED} if present else set()))


def _present(folder: Path) -> list[str]:
    return [part for part, (responses, _) in FILES.items() if (folder / part / responses).is_file()]


def read_gdsc1(folder: Path) -> LoadedStudy:
    """GDSC1: ln IC50 of all cell lines, with expression or without."""
    rows = read_columns(folder / "gdsc" / "response.parquet", ("dataset", "cell_line", "drug_id", "ln_ic50"))
    drugs = read_columns(
        folder / "gdsc" / "drugs.parquet",
        ("dataset", "drug_id", "drug", "canonical_smiles"),
        optional=("targets", "pathway"),
    )
    rows, drugs = rows[rows["dataset"] == "GDSC1"], drugs[drugs["dataset"] == "GDSC1"].drop(columns="dataset")
    joined = rows.merge(drugs, on="drug_id", how="left").rename(
        columns={"cell_line": "sample", "drug": "name", "canonical_smiles": "smiles", "pathway": "mechanism"}
    )
    found = _study("GDSC1", joined.assign(value=joined["ln_ic50"]), folder)
    return found._replace(study=replace(found.study, measure=Measure.LN_IC50))


def read_nci60_gi50(folder: Path) -> LoadedStudy:
    """NCI-60: ln GI50 in micromolar."""
    rows = read_columns(
        folder / "nci60" / "gi50_raw.parquet", ("cell_line", "gdsc_line", "nsc", "neglog10_gi50_molar", "ln_gi50_um")
    )
    drugs = read_columns(folder / "nci60" / "gi50_drugs.parquet", ("nsc", "name", "canonical_smiles"))
    joined = rows.merge(drugs, on="nsc", how="left")
    within = joined["neglog10_gi50_molar"].between(*GI50_LIMITS)
    joined = joined.assign(
        sample=_first_named(joined["gdsc_line"], joined["cell_line"]),
        name=_first_named(joined["name"], "NSC " + joined["nsc"].astype(str)),
        value=joined["ln_gi50_um"].where(within),
        smiles=joined["canonical_smiles"],
    )
    found = _study("NCI-60", joined, folder)
    return found._replace(study=replace(found.study, noise_share=NCI60_NOISE_SHARE))


def read_ctrp(folder: Path) -> LoadedStudy:
    """CTRPv2: area under the curve of single agents, with the logarithm of the compound's top concentration."""
    rows = read_columns(folder / "ctrp" / "response.parquet", ("ccl_name", "cell_line", "master_cpd_id", "auc_ctrp"))
    drugs = read_columns(
        folder / "ctrp" / "drugs.parquet",
        ("master_cpd_id", "drug", "is_combination", "canonical_smiles", "top_test_conc_umol"),
    )
    single = drugs[~drugs["is_combination"].astype(bool)].rename(columns={"drug": "name"})
    joined = rows.merge(single, on="master_cpd_id", how="inner")
    joined = joined.assign(
        sample=_first_named(joined["cell_line"], joined["ccl_name"]),
        value=joined["auc_ctrp"],
        smiles=joined["canonical_smiles"],
        covariate=np.log(joined["top_test_conc_umol"].astype(np.float64)),
    )
    return _study("CTRPv2", joined, folder)


def _first_named(one: pd.Series, other: pd.Series) -> pd.Series:
    return one.astype(object).where(one.notna(), other.astype(object)).astype(str)


def _study(name: str, rows: pd.DataFrame, folder: Path) -> LoadedStudy:
    """Columns sample, name, smiles, value and, where known, covariate, targets and mechanism."""
    rows = rows.assign(smiles=rows["smiles"].astype(object))
    standardised = standardise_all(rows["smiles"].dropna().unique())
    reason = pd.Series("", index=rows.index)
    reason[rows["smiles"].isin(list(standardised.faults))] = "SMILES cannot be read"
    reason[rows["smiles"].isna()] = "no SMILES"
    reason[~np.isfinite(rows["value"].astype(np.float64))] = "response missing or impossible"
    kept = rows[reason == ""].sort_values(["name", "smiles", "sample", "value"])
    compounds, row = key_by_structure(kept, standardised.molecules)
    covariates = np.zeros((0, 0))
    if "covariate" in kept:
        covariates = np.zeros((len(compounds), 1))
        covariates[row, 0] = kept["covariate"].to_numpy(np.float64)
    study = AuxiliaryStudy(
        name, _with_synonyms(compounds, folder), tuple(kept["sample"].astype(str)), row,
        kept["value"].to_numpy(np.float64), covariates,
    )  # fmt: skip
    lost = reason[reason != ""].value_counts().rename_axis("reason").rename("rows").reset_index()
    return LoadedStudy(study, lost)


def _with_synonyms(compounds: CompoundTable, folder: Path) -> CompoundTable:
    """Every compound's names, and all names of what GDSC's list has under one of them or under its structure."""
    listed = read_columns(folder / LISTED, ("drug", "canonical_smiles"), optional=("synonyms",)).dropna(
        subset=["canonical_smiles"]
    )
    molecules = standardise_all(listed["canonical_smiles"]).molecules
    listed = listed[listed["canonical_smiles"].isin(list(molecules))]
    names = [
        ", ".join(str(text) for text in row if isinstance(text, str) and text)
        for row in listed[[column for column in ("drug", "synonyms") if column in listed]].itertuples(index=False)
    ]
    known = [
        identity_marks(molecules[smiles], [text])
        for smiles, text in zip(listed["canonical_smiles"], names, strict=True)
    ]
    own = [identity_marks(m, [text]) for m, text in zip(compounds.molecules, compounds.names, strict=True)]
    group = identity_groups(known + own)
    extra: dict[int, list[str]] = {}
    for number, text in zip(group[: len(known)].tolist(), names, strict=True):
        extra.setdefault(number, []).append(text)
    every = tuple(
        ", ".join(dict.fromkeys([text, *extra.get(number, [])]))
        for number, text in zip(group[len(known) :].tolist(), compounds.names, strict=True)
    )
    return replace(compounds, names=every)
