"""What an expression file holds: which side the genes are on, how they are named, which scale it seems to be on."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from drugripple.data.tables import ExpressionScale
from drugripple.errors import GeneSpaceError, SourceError, first_five
from drugripple.genes.space import GeneSpace
from drugripple.genes.symbols import Resolution, SymbolMap
from drugripple.sources.user.expression_scale import ScaleGuess, guess_scale
from drugripple.sources.user.file_format import FileKind
from drugripple.sources.user.matrix import LabelledMatrix, TextCell, read_matrix


class Orientation(StrEnum):
    """Where the genes are."""

    GENES_IN_COLUMNS = "samples as rows, genes as columns"
    GENES_IN_ROWS = "genes as rows, samples as columns"


@dataclass(frozen=True)
class FoundExpression:
    """What an expression file holds, before anything in it is refused. Axes: n sample, g gene name."""

    path: Path
    kind: FileKind
    orientation: Orientation
    samples: tuple[str, ...]
    names: tuple[str, ...]
    """Gene names as the file has them."""
    named_by: str
    """The column (or header) the gene names come from."""
    resolution: Resolution
    symbols: tuple[str, ...]
    """The gene that each name stands for; blank where it stands for none of those wanted."""
    values: Float[np.ndarray, "n g"]
    text_cells: tuple[TextCell, ...]
    """Text among the numbers, by sample row and gene column."""
    set_aside: tuple[str, ...]
    """Columns of numbers that are neither genes nor samples."""
    guess: ScaleGuess

    def repeated_genes(self) -> dict[str, list[str]]:
        """Every gene that stands more than once, with the names it stands under."""
        standing: dict[str, list[str]] = {}
        for name, symbol in zip(self.names, self.symbols, strict=True):
            if symbol:
                standing.setdefault(symbol, []).append(name)
        return {symbol: names for symbol, names in standing.items() if len(names) > 1}

    def positions(self) -> Int[np.ndarray, " k"]:
        """The gene columns that stand for a gene, in file order."""
        return np.array([i for i, symbol in enumerate(self.symbols) if symbol], dtype=np.int64)


def find_expression(path: Path, *, symbols: SymbolMap, wanted: GeneSpace | None = None) -> FoundExpression:
    """What is in the file, with nothing refused but a file in which no gene is recognised.

    Raises:
        SourceError: if the file cannot be read, or genes are recognised equally well on both sides.
        GeneSpaceError: if no gene is recognised on either side.
    """
    matrix = read_matrix(path)
    by_row = _best_label(matrix.row_labels, symbols, wanted)
    by_column = _best_label(matrix.column_labels, symbols, wanted)
    if not by_row.score and not by_column.score:
        message = (
            f"{path}: no gene is known, neither among the rows ({first_five(by_row.names)}) nor among the columns "
            f"({first_five(by_column.names)}); {_species_hint((*by_row.names, *by_column.names))}"
        )
        raise GeneSpaceError(message)
    if by_row.score == by_column.score and by_row.share == by_column.share:
        message = (
            f"{path}: rows and columns both look like genes ({by_row.score} known on each side); "
            "give the samples names that are no genes"
        )
        raise SourceError(message)
    if (by_row.score, by_row.share) > (by_column.score, by_column.share):
        orientation, genes, matrix = Orientation.GENES_IN_ROWS, by_row, matrix.transposed()
    else:
        orientation, genes = Orientation.GENES_IN_COLUMNS, by_column
    return FoundExpression(
        path=path,
        kind=matrix.kind,
        orientation=orientation,
        samples=_sample_names(matrix),
        names=genes.names,
        named_by=genes.label,
        resolution=genes.resolution,
        symbols=genes.symbols,
        values=matrix.values,
        text_cells=matrix.text_cells,
        set_aside=matrix.set_aside,
        guess=_guess(matrix.values, genes.resolution),
    )


class _GeneNames(NamedTuple):
    label: str
    names: tuple[str, ...]
    resolution: Resolution
    symbols: tuple[str, ...]
    score: int
    """Distinct genes recognised."""

    @property
    def share(self) -> float:
        return self.score / max(1, len(self.names))


def _best_label(labels: Mapping[str, tuple[str, ...]], symbols: SymbolMap, wanted: GeneSpace | None) -> _GeneNames:
    """The labels of one side that name the most genes; the first of equals."""
    candidates = [_resolve(label, names, symbols, wanted) for label, names in labels.items()]
    return max(candidates, key=lambda genes: genes.score, default=_resolve("", (), symbols, wanted))


def _resolve(label: str, names: tuple[str, ...], symbols: SymbolMap, wanted: GeneSpace | None) -> _GeneNames:
    resolution = symbols.resolve(names, wanted)
    unclear = {*resolution.ambiguous, *resolution.mangled, *resolution.superseded}
    chosen = []
    for name, symbol in zip(names, resolution.symbols, strict=True):
        if wanted is None:
            chosen.append(symbol or ("" if name in unclear else name))
        elif symbol in wanted:
            chosen.append(symbol)
        else:
            chosen.append(name if name in wanted and name not in unclear else "")
    known = set(resolution.mapped.values()) | {name for name in names if wanted and name in wanted}
    return _GeneNames(label, names, resolution, tuple(chosen), len(known))


def _sample_names(matrix: LabelledMatrix) -> tuple[str, ...]:
    """The first labels that tell all samples apart; numbered where there are no labels."""
    if not matrix.row_labels:
        return tuple(f"sample {row + 1}" for row in range(len(matrix.values)))
    unique = (names for names in matrix.row_labels.values() if len(set(names)) == len(names) and all(names))
    return next(unique, next(iter(matrix.row_labels.values())))


def _guess(values: Float[np.ndarray, "n g"], resolution: Resolution) -> ScaleGuess:
    """From the genes that are known, so that a column of ages does not count; TPM shows only over all genes."""
    known = [i for i, symbol in enumerate(resolution.symbols) if symbol]
    guess = guess_scale(values[:, known] if known else values)
    if guess.scale == ExpressionScale.LOG2_FPKM:
        over_all = guess_scale(values)
        return over_all if over_all.scale == ExpressionScale.LOG2_TPM else guess
    return guess


def _species_hint(names: tuple[str, ...]) -> str:
    if any(name.upper().startswith(("ENSMUSG", "ENSRNOG")) for name in names):
        return "these are mouse or rat genes: map them to their human orthologues first"
    return "name them by human gene symbols, Ensembl gene ids or Entrez ids"
