"""The tidy Parquet layout that every builder writes, read back as checked tables.

gdsc/response.parquet      dataset, cell_line, drug, drug_id, ln_ic50 (ln micromolar)
gdsc/drugs.parquet         dataset, drug_id, drug, canonical_smiles, targets, pathway
gdsc/expression.parquet    cell_line and one column per gene
gdsc/cell_lines.parquet    cell_line, tissue                      optional
gdsc/landmark_map.parquet  landmark, gdsc_column                  optional
l1000/genes.parquet        symbol, in landmark order
prior/string_v12_900.parquet  source, target
"""

from collections.abc import Mapping, Set
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from drugripple.chem.molecule import standardise_all
from drugripple.data.measure import Measure
from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.errors import ScaleError, SourceError, first_five
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.space import GeneSpace
from drugripple.runtime.atomic import whole_file
from drugripple.sources.public.columns import read_columns, require_columns, require_numbers
from drugripple.sources.public.compound_identity import key_by_structure
from drugripple.sources.user.expression_scale import LOG2_AT_MOST

LANDMARKS = Path("l1000", "genes.parquet")
INTERACTIONS = Path("prior", "string_v12_900.parquet")
PRIOR_SOURCE = "STRING v12.0, combined score > 900 (CC BY 4.0)"
SCALE_KEY = b"drugripple.scale"
NO_SMILES = "no SMILES"
_COMPOUND_COLUMNS = {"drug": "name", "canonical_smiles": "smiles", "pathway": "mechanism"}


class LoadedResponse(NamedTuple):
    """Measured responses, and what had to be left out."""

    table: ResponseTable
    dropped: pd.DataFrame
    """Columns reason, cell_line, drug, rows; a blank name means all of them."""


def read_gdsc(
    folder: Path,
    dataset: str,
    *,
    scale: ExpressionScale | None = None,
    expression: ExpressionTable | None = None,
) -> LoadedResponse:
    """Responses of one GDSC panel with the expression of their lines.

    One compound is one structure: drug numbers and names that share a canonical SMILES become one row, named after
    the lowest number. Samples, genes, compounds and rows come sorted by name. The scale of the expression is the one
    given, else the one that the file carries, else RMA. Another table under GDSC's names of the lines may stand in for
    the folder's expression.

    Raises:
        SourceError: if a file is missing, damaged or lacks a column, or nothing usable is left.
        ScaleError: if the expression is not on the scale that it should be on.
    """
    gdsc = folder / "gdsc"
    expression = expression or read_expression(gdsc, scale=scale)
    measured, drugs = _measured(gdsc / "response.parquet", dataset), _drugs(gdsc / "drugs.parquet", dataset)
    standardised = standardise_all(drugs["canonical_smiles"])
    faults = drugs.set_index("drug_id")["canonical_smiles"].map(standardised.faults).dropna()
    reason = _reasons(measured, drugs, faults, expression)
    kept = measured[reason == ""]
    if kept.empty:
        message = (
            f"{gdsc} holds {len(measured)} rows of {dataset}, but none with expression and SMILES; "
            f"rows lost by reason: {reason.value_counts().to_dict()}"
        )
        raise SourceError(message)
    used = drugs[drugs["drug_id"].isin(kept["drug_id"])]
    compounds, structure = key_by_structure(used.rename(columns=_COMPOUND_COLUMNS), standardised.molecules)
    row_of_drug = dict(zip(used["drug_id"], structure.tolist(), strict=True))
    rows = kept[["cell_line"]].assign(
        compound=kept["drug_id"].map(row_of_drug), drug_id=kept["drug_id"], value=kept["ln_ic50"]
    )
    return LoadedResponse(
        sorted_responses(expression, compounds, rows), _summarise(measured, reason, {NO_SMILES, *faults})
    )


def sorted_responses(
    expression: ExpressionTable, compounds: CompoundTable, rows: pd.DataFrame, *, measure: Measure = Measure.LN_IC50
) -> ResponseTable:
    """Measured rows as a table, sorted by all their columns.

    Args:
        expression: of every cell line named.
        compounds: what was measured.
        rows: columns `cell_line` (a name), `compound` (a row of `compounds`), any others, and `value`.
        measure: of the values.
    """
    row_of_sample = {name: row for row, name in enumerate(expression.samples)}
    placed = rows.assign(cell_line=rows["cell_line"].map(row_of_sample), value=rows["value"].astype(np.float64))
    placed = placed.sort_values(list(placed.columns))
    sample, compound = (placed[side].to_numpy(np.int64) for side in ("cell_line", "compound"))
    return ResponseTable.of(expression, compounds, sample, compound, placed["value"].to_numpy(), measure=measure)


def _measured(path: Path, dataset: str) -> pd.DataFrame:
    """The measurements of one panel."""
    table = read_columns(path, ("dataset", "cell_line", "drug", "drug_id", "ln_ic50"))
    table = table[table["dataset"].astype(str) == dataset].drop(columns="dataset")
    require_numbers(path, table, ("ln_ic50",))
    return table.assign(cell_line=table["cell_line"].astype(str), drug=table["drug"].astype(str))


def _drugs(path: Path, dataset: str) -> pd.DataFrame:
    """The drugs of one panel that have a SMILES, by number."""
    table = read_columns(path, ("dataset", "drug_id", "drug", "canonical_smiles"), optional=("targets", "pathway"))
    drugs = table[(table["dataset"] == dataset) & table["canonical_smiles"].notna()].sort_values("drug_id")
    repeated = drugs.loc[drugs["drug_id"].duplicated(), "drug_id"]
    if len(repeated):
        message = f"{path}: {len(repeated)} drug numbers of {dataset} repeat: {first_five(repeated)}"
        raise SourceError(message)
    return drugs


def _reasons(measured: pd.DataFrame, drugs: pd.DataFrame, faults: pd.Series, expression: ExpressionTable) -> pd.Series:
    """Why each measurement is left out, blank where it is kept; `faults` are those of structures, by drug number."""
    reason = pd.Series("", index=measured.index)
    reason[~measured["drug_id"].isin(drugs["drug_id"])] = NO_SMILES
    for number, fault in faults.items():
        reason[measured["drug_id"] == number] = fault
    reason[~measured["cell_line"].isin(expression.samples)] = "no expression"
    reason[~np.isfinite(measured["ln_ic50"])] = "ln IC50 not finite"
    return reason


def read_expression(gdsc: Path, *, scale: ExpressionScale | None = None) -> ExpressionTable:
    """All lines with expression, genes under their current landmark symbols where the map knows them.

    Raises:
        SourceError: if the file is missing, damaged or does not say which line a row is.
        GeneSpaceError: if the renamed genes clash.
    """
    table = read_expression_file(gdsc / "expression.parquet", renamed=_landmark_symbols(gdsc), scale=scale)
    tissue = _tissues(gdsc)
    return replace(table, tissue=tuple(tissue.get(line, "") for line in table.samples))


def read_expression_file(
    path: Path, *, renamed: Mapping[str, str] = MappingProxyType({}), scale: ExpressionScale | None = None
) -> ExpressionTable:
    """Samples by genes as `write_expression` stores them, both sorted by name.

    Raises:
        SourceError: if the file is missing, damaged or does not say which line a row is.
        GeneSpaceError: if the renamed genes clash.
    """
    frame = read_columns(path)
    require_columns(path, frame.columns.tolist(), ("cell_line",))
    frame = frame.set_index(frame.pop("cell_line").astype(str)).sort_index()
    require_numbers(path, frame, frame.columns.tolist())
    symbols = [renamed.get(gene, gene) for gene in frame.columns]
    order = np.argsort(np.array(symbols, dtype=object), kind="stable")
    table = ExpressionTable(
        samples=tuple(frame.index),
        genes=GeneSpace(tuple(symbols[i] for i in order)),
        values=np.ascontiguousarray(frame.to_numpy(np.float32)[:, order]),
        scale=scale or _stored_scale(path),
    )
    _refuse_other_scale(path, table)
    return table


def write_expression(table: ExpressionTable, path: Path) -> None:
    """Samples by genes as Parquet, the scale in its metadata; complete or not at all."""
    columns = [pa.array(table.values[:, column]) for column in range(len(table.genes))]
    content = pa.table([*columns, pa.array(table.samples)], names=[*table.genes.symbols, "cell_line"])
    with whole_file(path) as part:
        pq.write_table(content.replace_schema_metadata({SCALE_KEY: table.scale.value}), part, compression="zstd")


def landmark_genes(folder: Path) -> GeneSpace:
    """The L1000 landmark genes, in the order of the published networks."""
    return GeneSpace(tuple(read_columns(folder / LANDMARKS, ("symbol",))["symbol"]))


def read_interactions(folder: Path) -> InteractionPrior:
    """High-confidence STRING interactions between all genes that have one (paper section 3.2.2)."""
    edges = read_columns(folder / INTERACTIONS, ("source", "target"))
    genes = GeneSpace(tuple(sorted({*edges["source"], *edges["target"]})))
    return InteractionPrior.from_pairs(genes, zip(edges["source"], edges["target"], strict=True), PRIOR_SOURCE)


def read_prior(folder: Path, genes: GeneSpace) -> InteractionPrior:
    """High-confidence STRING interactions between some genes."""
    return read_interactions(folder).between(genes)


def _stored_scale(path: Path) -> ExpressionScale:
    stored = (pq.read_schema(path).metadata or {}).get(SCALE_KEY, b"rma").decode("utf-8", "replace")
    if stored not in list(ExpressionScale):
        message = (
            f"{path} says that it is on the scale {stored!r}, expected {[known.value for known in ExpressionScale]}"
        )
        raise ScaleError(message)
    return ExpressionScale(stored)


def _refuse_other_scale(path: Path, table: ExpressionTable) -> None:
    """A network would read counts as logarithms without complaint."""
    highest = float(table.values.max(initial=0))
    if highest > LOG2_AT_MOST and not table.scale.endswith("_z"):
        row, column = np.unravel_index(int(table.values.argmax()), table.values.shape)
        message = (
            f"{path} should be {table.scale}, but holds {highest:.6g} (sample {table.samples[row]!r}, gene "
            f"{table.genes.symbols[column]!r}), which no logarithm reaches: raw counts or linear values? "
            "Normalise counts for gene length and depth, then take log2(x + 1)"
        )
        raise ScaleError(message)


def _landmark_symbols(gdsc: Path) -> dict[str, str]:
    path = gdsc / "landmark_map.parquet"
    if not path.exists():
        return {}
    known = read_columns(path, ("landmark", "gdsc_column")).dropna()
    return dict(zip(known["gdsc_column"], known["landmark"], strict=True))


def _tissues(gdsc: Path) -> dict[str, str]:
    path = gdsc / "cell_lines.parquet"
    if not path.exists():
        return {}
    lines = read_columns(path, ("cell_line", "tissue"))
    return dict(zip(lines["cell_line"].astype(str), lines["tissue"].fillna("").astype(str), strict=True))


def _summarise(measured: pd.DataFrame, reason: pd.Series, of_drugs: Set[str]) -> pd.DataFrame:
    """Rows lost: an absent line is listed once for all its drugs, a structure of no use once for all its lines."""
    lost = measured.assign(reason=reason)[reason != ""]
    lost.loc[lost["reason"].isin(of_drugs), "cell_line"] = ""
    lost.loc[lost["reason"] == "no expression", "drug"] = ""
    counted = lost.groupby(["reason", "cell_line", "drug"], sort=True).size()
    return counted.rename("rows").reset_index()
