"""Tumours of TCGA on reduced panels of genes, where the whole Xena files are not at hand.

    tcga/expression_xena_log2.parquet   patient, cohort and one column per gene, log2(TPM + 0.001)
    tcga/expression_z.parquet           patient, cohort and one column per gene, 100 z within a cohort; some empty

The z-scores are of linear values: their tail is long, and nothing but the order within a cohort means anything.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from drugripple.data.tables import ExpressionScale, ExpressionTable
from drugripple.genes.space import GeneSpace
from drugripple.sources.public.columns import read_columns
from drugripple.sources.public.tcga import read_tumours

LOG2, Z = "expression_xena_log2.parquet", "expression_z.parquet"
HUNDREDTHS = 100.0


def read_cohorts(folder: Path) -> tuple[ExpressionTable, ...]:
    """One table per cohort, its name as `tissue`: the Xena files where they were built, else the reduced panels.

    Of a cohort on both panels, the logarithms are taken.

    Raises:
        SourceError: if there are neither, or a file is damaged.
    """
    tcga = folder / "tcga"
    if any((tcga / "expression").glob("*.parquet")) or not (tcga / Z).is_file():
        return _apart(read_tumours(folder))
    log2 = _read(tcga / LOG2, ExpressionScale.LOG2_TPM) if (tcga / LOG2).is_file() else ()
    known = {table.tissue[0] for table in log2}
    return (
        *log2,
        *(table for table in _read(tcga / Z, ExpressionScale.GENE_Z, HUNDREDTHS) if table.tissue[0] not in known),
    )


def _apart(tumours: ExpressionTable) -> tuple[ExpressionTable, ...]:
    cohorts = np.array(tumours.tissue)
    return tuple(tumours.take(np.flatnonzero(cohorts == name)) for name in np.unique(cohorts).tolist())


def _read(path: Path, scale: ExpressionScale, unit: float = 1.0) -> tuple[ExpressionTable, ...]:
    frame = read_columns(path)
    return tuple(
        _table(some.drop(columns=["patient", "cohort"]), some["patient"], str(name), scale, unit)
        for name, some in frame.groupby(frame["cohort"].astype(str), sort=True)
    )


def _table(
    values: pd.DataFrame, patients: "pd.Series[str]", cohort: str, scale: ExpressionScale, unit: float
) -> ExpressionTable:
    """The genes that every patient of a cohort has."""
    whole = values.dropna(axis=1)
    names = tuple(patients.astype(str))
    genes = GeneSpace(tuple(str(gene) for gene in whole.columns))
    matrix = whole.to_numpy(np.float32) / np.float32(unit)
    return ExpressionTable(names, genes, matrix, scale, (cohort,) * len(names))
