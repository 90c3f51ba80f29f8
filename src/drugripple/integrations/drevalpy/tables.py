"""drevalpy's features and identifiers as our tables, read by file and attribute names without its code."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from drugripple.chem.molecule import standardise_all
from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.errors import SourceError, TableError, first_five
from drugripple.genes.space import GeneSpace
from drugripple.integrations.drevalpy.files import DRUG
from drugripple.sources.public.columns import require_columns
from drugripple.sources.user.compound_source import open_source

EXPRESSION, SMILES, SMILES_COLUMN = "gene_expression", "smiles", "canonical_smiles"
"""drevalpy's views of a cell line and of a drug, and the column of the latter."""


@runtime_checkable
class Features(Protocol):
    """The part of drevalpy's FeatureDataset that we read."""

    @property
    def features(self) -> Mapping[str, Mapping[str, Any]]:
        """The views of every cell line or drug, by name."""

    @property
    def meta_info(self) -> Mapping[str, Any]:
        """Names of the features of each view, such as the genes of expression."""


def read_smiles(path: Path) -> dict[str, str]:
    """The first structure of every drug in `drug_smiles.csv`; a warning counts and names what cannot be used.

    drevalpy leaves out the responses to drugs without features, and says how many.

    Raises:
        SourceError: if the file or a column is missing, or no structure can be used.
    """
    source = open_source(path)
    require_columns(path, list(source.header), (DRUG, SMILES_COLUMN))
    drug, structure = source.header.index(DRUG), source.header.index(SMILES_COLUMN)
    written: dict[str, str] = {}
    for row in source.rows((drug, structure)):
        written.setdefault(row.cells[drug], row.cells[structure])
    faults = standardise_all(written.values()).faults
    smiles = {name: text for name, text in written.items() if text not in faults}
    odd = [name for name in written if name not in smiles]
    if not smiles:
        message = f"{path}: none of {len(odd)} structures can be used"
        raise SourceError(message)
    if odd:
        message = f"{path}: the structures of {len(odd)} of {len(written)} drugs cannot be used: {first_five(odd)}"
        warnings.warn(message, stacklevel=2)
    return smiles


def table_of(
    lines: np.ndarray,
    drugs: np.ndarray,
    line_features: Features,
    drug_features: Features | None,
    scale: ExpressionScale,
    response: Float[np.ndarray, " m"] | None = None,
) -> ResponseTable:
    """The rows of drevalpy's identifiers, with the expression and the structures of those lines and drugs alone.

    Args:
        lines: name of the line of every row.
        drugs: name of the drug of every row.
        line_features: hold the view `gene_expression`, and the names of its genes.
        drug_features: hold the view `smiles`.
        scale: of the expression.
        response: measured; zeros where they are to be predicted.

    Raises:
        TableError: if a line or a drug has no features, the genes are not named, or a value is not finite.
    """
    own_lines, sample_row = np.unique(lines.astype(str), return_inverse=True)
    own_drugs, compound_row = np.unique(drugs.astype(str), return_inverse=True)
    structures = {} if drug_features is None else drug_features.features
    for what, names, known in (("lines", own_lines, line_features.features), ("drugs", own_drugs, structures)):
        lacking = [name for name in names.tolist() if name not in known]
        if lacking:
            message = f"{len(lacking)} of {names.size} {what} have no features: {first_five(lacking)}"
            raise TableError(message)
    if EXPRESSION not in line_features.meta_info:
        message = f"the view {EXPRESSION} does not name its genes; load it with load_cell_line_features"
        raise TableError(message)
    genes = GeneSpace(tuple(str(gene) for gene in line_features.meta_info[EXPRESSION]))
    values = np.array([line_features.features[line][EXPRESSION] for line in own_lines.tolist()], dtype=np.float32)
    ids = tuple(own_drugs.tolist())
    smiles = tuple(str(np.ravel(structures[drug][SMILES])[0]) for drug in ids)
    return ResponseTable.of(
        ExpressionTable(tuple(own_lines.tolist()), genes, values, scale),
        CompoundTable.from_smiles(smiles, ids=ids),
        sample_row,
        compound_row,
        np.zeros(len(lines)) if response is None else np.asarray(response, dtype=np.float64),
    )
