"""NCI-60: expression with nearly the full landmark panel, and compound activity.

    nci60/expression.parquet  cell_line and one column per gene, log2 (CellMiner's mean of five Affymetrix platforms)
    nci60/response.parquet    cell_line, canonical_smiles, z_neglog_gi50, drug
    nci60/line_map.parquet    nci60, gdsc                              names of one line

Source: Reinhold et al. 2012, doi:10.1158/0008-5472.CAN-12-1370.
"""

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from drugripple.chem.molecule import standardise_all
from drugripple.data.measure import Measure
from drugripple.data.tables import ExpressionScale, ExpressionTable
from drugripple.sources.public.columns import read_columns
from drugripple.sources.public.compound_identity import key_by_structure
from drugripple.sources.public.expression_matrix import LoadedExpression, tidy_expression
from drugripple.sources.public.tidy import LoadedResponse, sorted_responses


def read_expression(folder: Path, *, names: Literal["nci60", "gdsc"] = "nci60") -> LoadedExpression:
    """The lines, under their own names or (those that GDSC has too) under GDSC's."""
    frame = read_columns(folder / "nci60" / "expression.parquet")
    frame = frame.set_index(frame.pop("cell_line").astype(str))
    if names == "gdsc":
        lines = read_columns(folder / "nci60" / "line_map.parquet", ("nci60", "gdsc")).dropna()
        official = dict(zip(lines["nci60"], lines["gdsc"], strict=True))
        frame = frame[frame.index.isin(official)].rename(index=official)
    return tidy_expression(
        frame.to_numpy(np.float32),
        frame.index.tolist(),
        frame.columns.tolist(),
        scale=ExpressionScale.RMA,
    )


def read_nci60(folder: Path, *, expression: ExpressionTable | None = None) -> LoadedResponse:
    """Activity of compounds on lines with expression: z-scores over lines of -log10 GI50, higher is more sensitive.

    Raises:
        SourceError: if a file is missing or damaged.
    """
    expression = expression or read_expression(folder).table
    measured = read_columns(
        folder / "nci60" / "response.parquet", ("cell_line", "canonical_smiles", "z_neglog_gi50", "drug")
    ).astype({"cell_line": str, "canonical_smiles": str, "drug": object})
    name = measured["drug"].where(measured["drug"].notna(), measured["canonical_smiles"])
    measured = measured.assign(drug=name.astype(str))
    standardised = standardise_all(measured["canonical_smiles"])
    reason = pd.Series("", index=measured.index)
    faults = measured["canonical_smiles"].map(standardised.faults).dropna()
    reason[faults.index] = faults
    reason[~np.isfinite(measured["z_neglog_gi50"])] = "activity not finite"
    reason[~measured["cell_line"].isin(expression.samples)] = "no expression"
    lost = measured.assign(reason=reason)[reason != ""].groupby(["reason", "cell_line", "drug"], sort=True).size()
    kept = measured[reason == ""].sort_values(["drug", "canonical_smiles"])
    compounds, row = key_by_structure(
        kept.rename(columns={"drug": "name", "canonical_smiles": "smiles"}), standardised.molecules
    )
    rows = kept[["cell_line"]].assign(compound=row, value=kept["z_neglog_gi50"])
    table = sorted_responses(expression, compounds, rows, measure=Measure.Z_SCORE)
    return LoadedResponse(table, lost.rename("rows").reset_index())
