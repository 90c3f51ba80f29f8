"""A publisher's expression matrix as a table: current landmark symbols, one column per gene, every loss listed."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float32

from drugripple.data.tables import ExpressionScale, ExpressionTable
from drugripple.errors import SourceError, first_five
from drugripple.genes.space import GeneSpace
from drugripple.genes.symbols import Resolution, SymbolMap

NOT_THERE, NOT_MEASURED = "not in the file", "no expression"
"""Why a sample that was asked for is left out."""
FILLED = 0.5
"""A sample with fewer of its values than this was not measured; of others, genes with gaps are left out."""


class LoadedExpression(NamedTuple):
    """Expression, and the genes and samples that were left out."""

    table: ExpressionTable
    dropped: pd.DataFrame
    """Columns reason, kind (gene or sample), name."""

    @property
    def told_absent(self) -> str:
        """The samples that were asked for and have no expression, as a sentence with a blank before it; or nothing."""
        absent = self.dropped.loc[self.dropped["reason"].isin((NOT_THERE, NOT_MEASURED)), "name"]
        asked = len(self.table) + len(absent)
        return f" {len(absent)} of {asked} lines have none: {first_five(absent)}." if len(absent) else ""


def tidy_expression(
    values: Float32[np.ndarray, "n g"],
    samples: Sequence[str],
    names: Sequence[str],
    *,
    scale: ExpressionScale,
    tissue: Sequence[str] = (),
    symbols: SymbolMap | None = None,
) -> LoadedExpression:
    """Columns under current symbols where the map knows the gene, under the publisher's name elsewhere.

    Left out: samples of which most values are missing; genes without a name, genes with a missing value, a former name
    beside the current one, and of several columns of one gene all but that with the highest mean. Samples and genes
    come sorted by name.

    Raises:
        SourceError: if no sample is left.
        GeneSpaceError: if no gene is.
    """
    filled = np.isfinite(values).mean(axis=1) > FILLED if values.size else np.zeros(len(values), dtype=bool)
    without = [(NOT_MEASURED, "sample", name) for name, there in zip(samples, filled, strict=True) if not there]
    values, samples = values[filled], [name for name, there in zip(samples, filled, strict=True) if there]
    tissue = [label for label, there in zip(tissue, filled, strict=True) if there] if tissue else ()
    if not samples:
        message = f"none of {len(without)} samples has expression: {first_five(name for *_, name in without)}"
        raise SourceError(message)
    resolved = (symbols or SymbolMap.landmarks()).resolve(names)
    missing = ~np.isfinite(values).all(axis=0)
    lost = _unusable(names, resolved, missing)
    mean = np.where(missing, -np.inf, values.mean(axis=0, dtype=np.float64))
    columns_of: defaultdict[str, list[int]] = defaultdict(list)
    for column, (symbol, name) in enumerate(zip(resolved.symbols, names, strict=True)):
        if column not in lost:
            columns_of[symbol or name].append(column)
    kept = {symbol: max(columns, key=lambda column: mean[column]) for symbol, columns in columns_of.items()}
    for symbol, columns in columns_of.items():
        lost |= {column: "weaker of several columns" for column in columns if column != kept[symbol]}
    genes = GeneSpace(tuple(sorted(kept)))
    rows = sorted(range(len(samples)), key=lambda row: samples[row])
    chosen = np.array([kept[symbol] for symbol in genes.symbols])
    table = ExpressionTable(
        tuple(samples[row] for row in rows),
        genes,
        np.ascontiguousarray(values[rows][:, chosen]),
        scale,
        tuple(tissue[row] for row in rows) if tissue else (),
    )
    listed = without + sorted((reason, "gene", names[column]) for column, reason in lost.items())
    return LoadedExpression(table, pd.DataFrame(listed, columns=["reason", "kind", "name"]))


def _unusable(names: Sequence[str], resolved: Resolution, missing: Bool[np.ndarray, " g"]) -> dict[int, str]:
    """Why a column is no gene's, or not whole; by its place."""
    reasons: dict[int, str] = {}
    for column, name in enumerate(names):
        if not name.strip():
            reasons[column] = "no name"
        elif name in resolved.superseded:
            reasons[column] = f"former name of {resolved.superseded[name]}, which is here too"
        elif missing[column]:
            reasons[column] = "missing value"
    return reasons
