"""A user's expression file as a checked table; what had to be found out is told, and refused where it is wrong."""

from collections import Counter
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from drugripple.data.tables import ExpressionScale, ExpressionTable
from drugripple.errors import GeneSpaceError, ScaleError, TableError, first_five
from drugripple.genes.space import GeneSpace
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.expression_layout import FoundExpression, find_expression
from drugripple.sources.user.expression_scale import LOG2_AT_MOST, advice_on

DROPPED_SHARE_AT_MOST = 0.1


class UserExpression(NamedTuple):
    """A usable table, and what was found on the way."""

    table: ExpressionTable
    found: FoundExpression
    missing: tuple[str, ...]
    """Genes wanted that the file does not have."""
    dropped: tuple[str, ...]
    """Genes left out because a value of theirs is missing."""


def read_expression(
    path: Path,
    *,
    symbols: SymbolMap | None = None,
    wanted: GeneSpace | None = None,
    scale: ExpressionScale | None = None,
    incomplete: Literal["refuse", "drop"] = "refuse",
) -> UserExpression:
    """Read csv, tsv (also .gz), Parquet or h5ad; samples as rows or as columns.

    Args:
        path: the file.
        symbols: the gene names that are understood; those of the landmark genes where absent.
        wanted: the genes to keep, in this order, as far as the file has them; every gene of the file where absent,
            those unknown to `symbols` under the file's name.
        scale: the scale, if the user states it; found out where absent.
        incomplete: what becomes of genes with missing values: an error, or left out if they are few.

    Raises:
        SourceError: if the file cannot be read, or does not show which side the genes are on.
        GeneSpaceError: if no gene is known, or two columns stand for one gene.
        TableError: if samples repeat or have no name, or a value is text, missing or infinite.
        ScaleError: if the values are counts, linear, or contradict the scale stated.
    """
    found = find_expression(path, symbols=symbols or SymbolMap.landmarks(), wanted=wanted)
    return usable_expression(found, wanted=wanted, scale=scale, incomplete=incomplete)


def usable_expression(
    found: FoundExpression,
    *,
    wanted: GeneSpace | None = None,
    scale: ExpressionScale | None = None,
    incomplete: Literal["refuse", "drop"] = "refuse",
) -> UserExpression:
    """The table of what was found, if all of it can be used.

    Raises:
        GeneSpaceError, TableError, ScaleError: as `read_expression`.
    """
    _refuse_repeated_genes(found)
    _refuse_repeated_samples(found)
    position = {found.symbols[i]: int(i) for i in found.positions()}
    chosen = [symbol for symbol in (wanted.symbols if wanted else position) if symbol in position]
    columns = np.array([position[symbol] for symbol in chosen], dtype=np.int64)
    values = np.ascontiguousarray(found.values[:, columns], dtype=np.float32)
    _refuse_text(found, set(columns.tolist()))
    _refuse_infinite(found, values, chosen)
    whole = _complete(found, values, chosen, incomplete)
    stated = _usable_scale(found, values[:, whole], scale)
    kept = tuple(symbol for symbol, keep in zip(chosen, whole, strict=True) if keep)
    return UserExpression(
        ExpressionTable(found.samples, GeneSpace(kept), np.ascontiguousarray(values[:, whole]), stated),
        found,
        missing=tuple(symbol for symbol in (wanted.symbols if wanted else ()) if symbol not in position),
        dropped=tuple(symbol for symbol, keep in zip(chosen, whole, strict=True) if not keep),
    )


def _refuse_repeated_genes(found: FoundExpression) -> None:
    repeated = found.repeated_genes()
    if repeated:
        shown = [f"{symbol} ({', '.join(names[:3])})" for symbol, names in repeated.items()]
        several = f"{len(repeated)} genes appear more than once: {first_five(shown)}"
        message = f"{found.path}: {several}; merge or drop the extra columns or rows"
        raise GeneSpaceError(message)


def _refuse_repeated_samples(found: FoundExpression) -> None:
    blank = [str(row + 1) for row, name in enumerate(found.samples) if not name]
    repeated = sorted(name for name, count in Counter(found.samples).items() if name and count > 1)
    if blank or repeated:
        what = f"{len(blank)} samples have no name (numbers {first_five(blank)})" if blank else ""
        what = what or f"{len(repeated)} samples appear more than once: {first_five(repeated)}"
        message = f"{found.path}: {what}; give each sample its own name"
        raise TableError(message)


def _refuse_text(found: FoundExpression, columns: set[int]) -> None:
    cells = [cell for cell in found.text_cells if cell.column in columns]
    if cells:
        first = cells[0]
        message = (
            f"{found.path}: {len(cells)} values are not numbers (first: {first.text!r} for sample "
            f"{found.samples[first.row]!r}, gene {found.names[first.column]!r}); "
            "correct them or delete that row or column"
        )
        raise TableError(message)


def _refuse_infinite(found: FoundExpression, values: Float[np.ndarray, "n k"], genes: list[str]) -> None:
    bad = np.isinf(values)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        message = (
            f"{found.path}: {int(bad.sum())} values are infinite (first: sample {found.samples[row]!r}, gene "
            f"{genes[column]!r}); a logarithm of zero makes these: take log2(x + 1)"
        )
        raise TableError(message)


def _complete(
    found: FoundExpression, values: Float[np.ndarray, "n k"], genes: list[str], incomplete: Literal["refuse", "drop"]
) -> Bool[np.ndarray, " k"]:
    """The genes without a missing value."""
    absent = np.isnan(values)
    whole = ~absent.any(axis=0)
    culprits = [gene for gene, keep in zip(genes, whole, strict=True) if not keep]
    if not culprits:
        return whole
    row, column = np.argwhere(absent)[0]
    message = (
        f"{found.path}: {int(absent.sum())} values are missing in {len(culprits)} of {len(genes)} genes "
        f"{first_five(culprits)} (first: sample {found.samples[row]!r}, gene {genes[column]!r}); "
    )
    if incomplete == "refuse":
        message += "impute them, or leave those genes out (from Python: incomplete='drop')"
        raise TableError(message)
    if len(culprits) > DROPPED_SHARE_AT_MOST * len(genes):
        message += f"more than {DROPPED_SHARE_AT_MOST:.0%} of the genes are not left out: impute them or drop samples"
        raise TableError(message)
    return whole


def _usable_scale(
    found: FoundExpression, values: Float[np.ndarray, "n k"], stated: ExpressionScale | None
) -> ExpressionScale:
    if stated is None and isinstance(found.guess.scale, ExpressionScale):
        return found.guess.scale
    logarithmic = stated is not None and not stated.endswith("_z")
    if stated is None or (logarithmic and float(values.max()) > LOG2_AT_MOST):
        advice = advice_on(found.guess)
        message = (
            f"{found.path} seems to hold {found.guess.scale} ({found.guess.reason}), "
            f"expected {stated or 'log2 expression or z-scores'}; {advice}"
        )
        raise ScaleError(message)
    return stated
