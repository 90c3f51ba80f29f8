"""What an expression file holds: which side the genes are on, what names them and the samples, and the numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from jaxtyping import Bool, Float, Int

from drugripple.errors import Fault, GeneSpaceError, SourceError, first_five
from drugripple.genes.space import GeneSpace
from drugripple.genes.spellings import repeated_name
from drugripple.genes.symbols import Resolution, SymbolMap
from drugripple.sources.user.column_quantities import refuse_several_quantities
from drugripple.sources.user.findings import Finding
from drugripple.sources.user.gene_columns import without_statistics
from drugripple.sources.user.gene_label_agreement import NamedGenes, refuse_contradiction
from drugripple.sources.user.gene_numbers import are_entrez_ids, number_alone, only_count
from drugripple.sources.user.matrix import HEADER, LabelledMatrix, TextCell
from drugripple.sources.user.no_gene import no_gene
from drugripple.sources.user.sample_names import SampleNames, is_running, sample_names

FEW_KNOWN = 3
SHARE_OF_CHANCE = 0.02
"""So few known genes among so many names are samples or words that happen to look like genes."""
NUMBERS_KNOWN = 0.3
"""Whole numbers are Entrez ids if so many of them, or of the genes wanted, are known."""


class Orientation(StrEnum):
    """Where the genes are."""

    GENES_IN_COLUMNS = "samples as rows, genes as columns"
    GENES_IN_ROWS = "genes as rows, samples as columns"


@dataclass(frozen=True)
class GeneNames:
    """One set of labels, read as names of genes. Axis: g name."""

    label: str
    """The column (or header) that the names come from."""
    names: tuple[str, ...]
    """The names as the file has them."""
    resolution: Resolution
    symbols: tuple[str, ...]
    """The gene that each name stands for; blank where it stands for none of those wanted."""
    score: int
    """How many different genes were recognised."""

    @property
    def share(self) -> float:
        """How many of the names are genes."""
        return self.score / max(1, len(self.names))

    @property
    def is_chance(self) -> bool:
        """Whether the few genes recognised are likely to be something else."""
        return self.score < FEW_KNOWN and self.share < SHARE_OF_CHANCE


@dataclass(frozen=True)
class ExpressionLayout:
    """An expression file before anything in it is refused. Axes: n sample, g gene name, k gene in use."""

    where: str
    form: str
    orientation: Orientation
    samples: SampleNames
    genes: GeneNames
    used: Int[np.ndarray, " k"]
    """The gene names that stand for a gene wanted, in file order."""
    values: Float[np.ndarray, "n k"]
    """The numbers of the genes in use."""
    text_cells: tuple[TextCell, ...]
    """Text among these numbers."""
    matrix: LabelledMatrix
    """Everything else: samples in rows, genes in columns."""

    @property
    def symbols(self) -> tuple[str, ...]:
        """The genes in use."""
        return tuple(self.genes.symbols[i] for i in self.used)

    @property
    def names(self) -> tuple[str, ...]:
        """The genes in use, as the file calls them."""
        return tuple(self.genes.names[i] for i in self.used)

    @property
    def notes(self) -> tuple[Finding, ...]:
        """What was found when the file was opened."""
        return self.matrix.notes

    @property
    def known(self) -> Bool[np.ndarray, " k"]:
        """Which genes in use are genes by their names and not some other numbers; all of them where none is."""
        known = np.array([bool(self.genes.resolution.symbols[i]) for i in self.used], dtype=bool)
        return known if known.any() else np.ones(len(known), dtype=bool)

    def place(self, row: int, column: int) -> str:
        """One value of a gene in use, by the names of its sample and its gene."""
        return f"sample {self.samples.names[row]!r}, gene {self.names[column]!r}"

    def repeated_genes(self) -> dict[str, list[str]]:
        """Every gene that stands more than once, with the names it stands under."""
        standing: dict[str, list[str]] = {}
        for name, symbol in zip(self.names, self.symbols, strict=True):
            standing.setdefault(symbol, []).append(name)
        return {symbol: names for symbol, names in standing.items() if len(names) > 1}


def detect_layout(matrix: LabelledMatrix, *, symbols: SymbolMap, wanted: GeneSpace | None = None) -> ExpressionLayout:
    """What is in a matrix, with nothing refused but one that does not show where genes and samples are.

    Raises:
        SourceError: if genes are recognised equally well on both sides, the header is a row of data, two columns name
            different genes, or the columns are several quantities of a sample.
        GeneSpaceError: if no gene is recognised on either side.
    """
    all_by_row = _resolved(matrix.row_labels, symbols, wanted)
    all_by_column = _resolved(matrix.column_labels, symbols, wanted)
    by_row, by_column = _best_label(all_by_row), _best_label(all_by_column)
    if by_row.is_chance and by_column.is_chance:
        raise GeneSpaceError(no_gene(matrix.where, by_row.names, by_column.names, symbols.knows))
    if by_row.score == by_column.score and by_row.share == by_column.share:
        what = f"rows and columns both look like genes ({by_row.score} known on each side)"
        raise SourceError(Fault(matrix.where, what, do="give the samples names that are no genes"))
    if (by_row.score, by_row.share) > (by_column.score, by_column.share):
        _refuse_data_as_header(matrix, by_row, symbols)
        _refuse_other_genes(matrix.where, by_row, all_by_row)
        orientation, genes, matrix = Orientation.GENES_IN_ROWS, by_row, matrix.transposed()
        matrix = without_statistics(matrix, matrix.row_labels.get(HEADER, ()), were_columns=True)
        refuse_several_quantities(matrix.where, matrix.row_labels.get(HEADER, ()))
    else:
        _refuse_other_genes(matrix.where, by_column, all_by_column)
        orientation, genes = Orientation.GENES_IN_COLUMNS, by_column
        names = sample_names(matrix.row_labels, matrix.shape[0]).names
        matrix = without_statistics(matrix, names, were_columns=False)
    used = np.array([i for i, symbol in enumerate(genes.symbols) if symbol], dtype=np.int64)
    values, text_cells = matrix.take(np.arange(matrix.shape[0]), used)
    return ExpressionLayout(
        where=matrix.where,
        form=matrix.form,
        orientation=orientation,
        samples=sample_names(matrix.row_labels, matrix.shape[0]),
        genes=genes,
        used=used,
        values=values,
        text_cells=text_cells,
        matrix=matrix,
    )


def _resolved(
    labels: Mapping[str, tuple[str, ...]], symbols: SymbolMap, wanted: GeneSpace | None
) -> tuple[GeneNames, ...]:
    """Every set of labels of one side, read as names of genes; one without a name where there is none."""
    candidates = tuple(_resolve(label, names, symbols, wanted) for label, names in labels.items())
    return candidates or (GeneNames("", (), symbols.resolve(()), (), 0),)


def _best_label(candidates: Sequence[GeneNames]) -> GeneNames:
    """The labels of one side that name the most genes; the first of equals."""
    return max(candidates, key=lambda genes: genes.score)


def _refuse_other_genes(where: str, genes: GeneNames, candidates: Sequence[GeneNames]) -> None:
    """Refuse names of genes that further labels contradict, if these are names of genes, too.

    Raises:
        SourceError: with the first that differ.
    """
    named = NamedGenes(genes.label, genes.names, genes.resolution.symbols)
    for other in candidates:
        if other is not genes and other.score and not other.is_chance:
            refuse_contradiction(where, named, NamedGenes(other.label, other.names, other.resolution.symbols))


def _resolve(label: str, names: tuple[str, ...], symbols: SymbolMap, wanted: GeneSpace | None) -> GeneNames:
    numbers = [number_alone(name) for name in names]
    given = [number for number in numbers if number is not None]
    mostly = 2 * len(given) > len(names)
    no_ids = only_count(given) and not mostly
    read = tuple("" if no_ids and number is not None else name for name, number in zip(names, numbers, strict=True))
    resolution = symbols.resolve(read, wanted)
    unclear = {*resolution.ambiguous, *resolution.mangled, *resolution.superseded}
    present = {name.strip().upper() for name in names}
    chosen = []
    for name, symbol in zip(names, resolution.symbols, strict=True):
        if wanted is None:
            chosen.append(symbol or ("" if name in unclear else name))
        elif symbol in wanted:
            chosen.append(symbol)
        elif name in wanted and name not in unclear:
            chosen.append(name)
        else:
            first = repeated_name(name, present)
            chosen.append(first if first in wanted else "")
    known = set(resolution.mapped.values()) | {name for name in names if wanted and name in wanted}
    score = len(known)
    if mostly and not _are_entrez_ids(names, given, score, wanted or symbols.space):
        score = 0
    return GeneNames(label, names, resolution, tuple(chosen), score)


def _are_entrez_ids(names: tuple[str, ...], numbers: list[int], known: int, wanted: GeneSpace) -> bool:
    """Whether names mostly of numbers are ids: not if these count, repeat, or are hardly ever of a gene wanted."""
    if len(set(numbers)) < len(numbers) or is_running(names):
        return False
    return known >= NUMBERS_KNOWN * min(len(names), len(wanted)) and are_entrez_ids(numbers)


def _refuse_data_as_header(matrix: LabelledMatrix, genes: GeneNames, symbols: SymbolMap) -> None:
    """Refuse genes in rows whose header is a gene with its whole numbers: the first line is data, not names.

    Raises:
        SourceError: if the name above the genes is a gene, and the names of the samples are numbers.
    """
    others = next(iter(matrix.column_labels.values()), ())
    numbers = sum(name.replace(".", "").isdecimal() for name in others)
    named = not is_running((genes.label, *others)) and symbols.resolve([genes.label]).symbols[0]
    if named and 2 * numbers > len(others):
        fault = Fault(
            matrix.where,
            "it has no header: its first line holds a gene and its numbers",
            got=first_five((genes.label, *others)),
            do="put the names of the columns into the first line",
        )
        raise SourceError(fault)
