"""TCGA: tumour expression from UCSC Xena's GDC hub, and clinical responses to drugs.

    TCGA-BRCA.star_fpkm.tsv.gz   Ensembl_ID, then one column per sample      log2(FPKM + 1)
    gencode.v36…probemap         id, gene, chrom, …

Source: Goldman et al. 2020, doi:10.1038/s41587-020-0546-8; responses: Ding et al. 2016,
doi:10.1093/bioinformatics/btw344.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from drugripple.data.tables import ExpressionScale, ExpressionTable
from drugripple.errors import ScaleError, SourceError
from drugripple.genes.symbols import SymbolMap
from drugripple.runtime.damaged import reading
from drugripple.sources.public.columns import read_columns, require_columns
from drugripple.sources.public.expression_matrix import LoadedExpression, tidy_expression
from drugripple.sources.public.tidy import read_expression_file

HIGHEST_LOG2 = 30.0
PRIMARY_TUMOUR, METASTASIS = "01", "06"
OF_METASTASES = frozenset({"SKCM"})
"""Cohorts of which metastases are taken, too: most melanomas of TCGA are such."""
PATIENT_LETTERS = 12


class ClinicalResponses(NamedTuple):
    """Patients who took a drug with a known structure, and how they fared."""

    table: pd.DataFrame
    """cancer, patient, drug, smiles, response, responder; one row per patient and drug."""
    dropped: pd.DataFrame
    """Columns reason, drug, rows."""


def read_xena(path: Path, probemap: Path, *, symbols: SymbolMap | None = None) -> LoadedExpression:
    """Tumours under their patient's barcode: primary ones, of melanoma metastases too; `tissue` is the cohort.

    Of several samples of one patient, the first by barcode is taken, so that a primary tumour goes first.

    Raises:
        SourceError: if a file is damaged or laid out in another way, or no primary tumour is in it.
        ScaleError: if values are negative or too large for log2(FPKM + 1).
    """
    with reading(probemap, "Xena's map of gene ids"):
        genes = pd.read_csv(probemap, sep="\t", dtype=str, keep_default_na=False)
    require_columns(probemap, genes.columns.tolist(), ("id", "gene"))
    name_of = dict(zip(genes["id"], genes["gene"], strict=True))
    with reading(path, "a Xena expression table"):
        header = pd.read_csv(path, sep="\t", nrows=0).columns.tolist()
        require_columns(path, header, ("Ensembl_ID",))
        cohort = path.name.partition(".")[0].removeprefix("TCGA-")
        types = {PRIMARY_TUMOUR, METASTASIS} if cohort in OF_METASTASES else {PRIMARY_TUMOUR}
        barcodes = sorted(name for name in header[1:] if name[13:15] in types)
        first = {barcode[:PATIENT_LETTERS]: barcode for barcode in reversed(barcodes)}
        columns = dict.fromkeys(first.values(), np.float32) | {"Ensembl_ID": str}
        frame = pd.read_csv(path, sep="\t", usecols=list(columns), dtype=columns, index_col="Ensembl_ID")
    if frame.empty or not first:
        message = f"{path} has {len(frame)} genes and {len(first)} primary tumours (…-01…); expected some of both"
        raise SourceError(message)
    patients = sorted(first)
    values = frame[[first[patient] for patient in patients]].to_numpy(np.float32).T
    if np.nanmin(values) < 0 or np.nanmax(values) > HIGHEST_LOG2:
        message = (
            f"{path}: values from {np.nanmin(values):.3g} to {np.nanmax(values):.3g} are not log2(FPKM + 1); "
            "pass the star_fpkm table of the hub as it is"
        )
        raise ScaleError(message)
    loaded = tidy_expression(
        np.ascontiguousarray(values),
        patients,
        [name_of.get(gene, "") for gene in frame.index],
        scale=ExpressionScale.LOG2_FPKM,
        tissue=[cohort] * len(patients),
        symbols=symbols,
    )
    other = [("second sample of a patient", "sample", name) for name in barcodes if name not in first.values()]
    other += [("not a tumour that is taken", "sample", name) for name in header[1:] if name not in barcodes]
    listed = pd.DataFrame(other, columns=loaded.dropped.columns)
    return LoadedExpression(loaded.table, pd.concat([loaded.dropped, listed], ignore_index=True))


def read_tumours(folder: Path) -> ExpressionTable:
    """Every cohort built into `tcga/expression`, on the genes that all of them have; `tissue` is the cohort.

    Raises:
        SourceError: if there is no cohort, or one is damaged.
    """
    paths = sorted((folder / "tcga" / "expression").glob("*.parquet"))
    if not paths:
        message = f"{folder / 'tcga' / 'expression'} holds no cohort; build some with `drugripple data build tcga`"
        raise SourceError(message)
    cohorts = [read_expression_file(path) for path in paths]
    genes = cohorts[0].genes
    for cohort in cohorts[1:]:
        genes = genes.shared_with(cohort.genes)
    return ExpressionTable(
        tuple(sample for cohort in cohorts for sample in cohort.samples),
        genes,
        np.concatenate([cohort.restrict(genes).values for cohort in cohorts]),
        cohorts[0].scale,
        tuple(path.stem for path, cohort in zip(paths, cohorts, strict=True) for _ in cohort.samples),
    )


def read_clinical(folder: Path) -> ClinicalResponses:
    """Responses of the tidy folder; contradictory repeats and drugs without a structure are left out and listed."""
    response = read_columns(
        folder / "tcga" / "response.parquet", ("cancer", "patient", "drug", "response", "responder")
    )
    drugs = read_columns(folder / "tcga" / "drugs.parquet", ("drug", "canonical_smiles")).drop_duplicates("drug")
    table = response.astype({"drug": object, "patient": object}).merge(drugs, on="drug", how="left")
    table = table.rename(columns={"canonical_smiles": "smiles"}).sort_values(["patient", "drug", "response"])
    answers = table.groupby(["patient", "drug"])["responder"].transform("nunique")
    reason = pd.Series("", index=table.index)
    reason[table.duplicated(["patient", "drug"])] = "repeated row"
    reason[answers > 1] = "contradictory rows"
    reason[table["smiles"].isna()] = "no SMILES"
    lost = table.assign(reason=reason)[reason != ""].groupby(["reason", "drug"], sort=True).size()
    columns = ["cancer", "patient", "drug", "smiles", "response", "responder"]
    return ClinicalResponses(table.loc[reason == "", columns].reset_index(drop=True), lost.rename("rows").reset_index())
