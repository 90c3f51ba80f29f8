"""What is found in an expression file: the reader raises the first problem, the doctor prints everything."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool

from drugripple.errors import counted, first_five
from drugripple.genes.space import GeneSpace
from drugripple.genes.spellings import written_as_mouse
from drugripple.genes.symbols import GeneNaming, SymbolMap
from drugripple.sources.user.column_names import plain
from drugripple.sources.user.expression_layout import ExpressionLayout, Orientation
from drugripple.sources.user.expression_scale import ScaleGuess
from drugripple.sources.user.extreme_cells import NOTHING_EXTREME, Extreme
from drugripple.sources.user.findings import Finding, Level, Topic
from drugripple.sources.user.gene_columns import SUMMARIES
from drugripple.sources.user.matrix import TextCell
from drugripple.sources.user.odd_samples import odd_samples
from drugripple.sources.user.sample_names import INDEX
from drugripple.sources.user.scale_findings import scale_findings
from drugripple.sources.user.stated_scale import StatedScale
from drugripple.sources.user.text_cells import text_among_numbers

WELL_COVERED = 0.9
POORLY_COVERED = 0.3
DROPPED_SHARE_AT_MOST = 0.1
MOSTLY_MISSING = 0.5
"""Share of missing genes beyond which a sample, and not its genes, counts as left unmeasured."""
FEWEST_TO_DIFFER = 20
"""Genes among which a measured sample has different values."""
MEASUREMENT = re.compile(r"[+-]?[0-9]+[.,][0-9]+")
"""A number with a decimal point or comma."""

Incomplete = Literal["refuse", "drop"]


@dataclass(frozen=True)
class Examined:
    """An expression file, and what is asked of it."""

    layout: ExpressionLayout
    guess: ScaleGuess
    """The scale that the values show, or that the user states."""
    wanted: GeneSpace | None = None
    """The genes that must be there; None asks for none in particular."""
    scale: StatedScale | None = None
    """The scale that the user states."""
    incomplete: Incomplete = "refuse"
    extreme: Extreme = NOTHING_EXTREME
    """The few values that lie far from all others."""
    without: ScaleGuess | None = None
    """The scale that the values show without these."""

    def findings(self) -> Iterator[Finding]:
        """Layout, coverage, gene names, samples, values and scale; a problem exactly if the file cannot be used."""
        yield from _layout(self.layout)
        if self.wanted is not None:
            yield from _coverage(self.layout, self.wanted)
            yield from _by_id(self.layout, self.wanted)
        yield from _gene_names(self.layout)
        yield from _samples(self.layout, self.guess)
        yield from _values(self.layout, self.incomplete)
        yield from scale_findings(self.layout, self.guess, self.scale, self.extreme, self.without)

    @property
    def complete(self) -> Bool[np.ndarray, " k"]:
        """The genes in use that have a value in every sample."""
        return ~np.isnan(self.layout.values).any(axis=0)


def _layout(layout: ExpressionLayout) -> Iterator[Finding]:
    by = f" (from {layout.genes.label!r})" if layout.genes.label else ""
    samples, genes = layout.matrix.shape
    sampled = f"; samples named by {layout.samples.label!r}" if layout.samples.label not in ("", *INDEX) else ""
    text = (
        f"expression, {layout.form}: {counted(samples, 'sample')} x {counted(genes, 'gene')}, "
        f"{layout.orientation}; genes named by {layout.genes.resolution.naming}{by}{sampled}"
    )
    yield Finding(Level.FINE, Topic.LAYOUT, text)
    yield from layout.notes
    aside = tuple(
        name
        for name in layout.matrix.column_numbers
        if layout.form in ("text", "parquet", "data frame") or plain(name) in SUMMARIES
    )
    if aside:
        line = "column" if layout.orientation is Orientation.GENES_IN_ROWS else "row"
        what = counted(
            len(aside), f"{line} describes genes and is no sample", f"{line}s describe genes and are no samples"
        )
        yield Finding(Level.NOTE, Topic.LAYOUT, f"{what}: {first_five(aside)}", names=aside)
    yield from _mixed(layout)


def _mixed(layout: ExpressionLayout) -> Iterator[Finding]:
    """Columns of text that hold measurements too: beside genes they may be samples, beside samples descriptions."""
    for labels, used, level in (
        (layout.matrix.column_labels, layout.genes.label, Level.PROBLEM),
        (layout.matrix.row_labels, layout.samples.label, Level.NOTE),
    ):
        mixed = tuple(
            name
            for name, cells in labels.items()
            if name != used and any(MEASUREMENT.fullmatch(cell) for cell in cells)
        )
        if mixed:
            what = counted(len(mixed), "column holds text and numbers", "columns hold text and numbers")
            shown = first_five([f"{name}: {labels[name][0]!r}" for name in mixed])
            advice = "write its numbers in one way, or delete the column" if level is Level.PROBLEM else ""
            yield Finding(
                level, Topic.LAYOUT, f"{what} by turns and cannot be a sample or a gene: {shown}", advice, mixed
            )


def _coverage(layout: ExpressionLayout, wanted: GeneSpace) -> Iterator[Finding]:
    what = "landmark genes" if wanted == SymbolMap.landmarks().space else "genes of the model"
    measured = {symbol for symbol in layout.symbols if symbol in wanted}
    missing = tuple(symbol for symbol in wanted.symbols if symbol not in measured)
    share = len(measured) / len(wanted)
    text = f"{len(measured):,} of {len(wanted):,} {what} ({share:.0%})"
    if not measured:
        yield Finding(Level.PROBLEM, Topic.COVERAGE, text, "name human genes by symbol, Ensembl or Entrez id")
    elif missing:
        advice = "train on the genes that are there, or count the others as typical when you predict (`missing`); "
        advice += "the default model does without them"
        advice += "; with so few, expect much worse predictions than published" if share < POORLY_COVERED else ""
        level = Level.NOTE if share < WELL_COVERED else Level.FINE
        yield Finding(level, Topic.COVERAGE, f"{text}; missing: {first_five(missing)}", advice, missing)
    else:
        yield Finding(Level.FINE, Topic.COVERAGE, text)
    other = tuple(name for name, symbol in zip(layout.genes.names, layout.genes.symbols, strict=True) if not symbol)
    if other:
        what = counted(len(other), "name is none of these", "names are none of these")
        text = f"{what}: a network does not read them, and the default model reads those that it was built with"
        yield Finding(Level.FINE, Topic.COVERAGE, text, names=other)


def _by_id(layout: ExpressionLayout, wanted: GeneSpace) -> Iterator[Finding]:
    """Genes that are asked for and may be in the file, but under ids that nobody knows here."""
    naming = layout.genes.resolution.naming
    if naming == GeneNaming.SYMBOL:
        return
    genes = SymbolMap.landmarks().with_symbols(wanted).genes
    with_id = {one.symbol for one in genes if (one.ensembl_id if naming == GeneNaming.ENSEMBL else one.entrez_id)}
    unread = tuple(symbol for symbol in wanted.symbols if symbol not in with_id and symbol not in layout.symbols)
    if unread:
        one = "gene of the model counts as not measured: its"
        several = "genes of the model count as not measured: their"
        text = f"{counted(len(unread), one, several)} {naming.capitalize()} id is not known here"
        yield Finding(Level.NOTE, Topic.ALIASES, text, "name genes by symbol, in a column of their own", unread)


def _gene_names(layout: ExpressionLayout) -> Iterator[Finding]:
    resolution = layout.genes.resolution
    repeated = layout.repeated_genes()
    if repeated:
        shown = [f"{symbol} ({', '.join(names[:3])})" for symbol, names in repeated.items()]
        what = counted(len(repeated), "gene appears more than once", "genes appear more than once")
        text = f"{what}: {first_five(shown)}"
        yield Finding(Level.PROBLEM, Topic.DUPLICATES, text, _without_repeats(layout), tuple(repeated))
    renamed = [f"{name} -> {symbol}" for name, symbol in resolution.mapped.items() if name.upper() != symbol.upper()]
    if renamed and resolution.naming == GeneNaming.SYMBOL:
        what = counted(len(renamed), "gene was found under another name", "genes were found under another name")
        yield Finding(Level.FINE, Topic.ALIASES, f"{what}: {first_five(renamed)}", names=tuple(renamed))
    if written_as_mouse(tuple(resolution.mapped)):
        found = tuple(resolution.mapped)
        text = f"most names are written as those of mouse or rat genes: {first_five(found)}"
        advice = "if they are, map them to their human orthologues first; letter case alone does not"
        yield Finding(Level.NOTE, Topic.ALIASES, text, advice, found)
    if resolution.superseded:
        shown = [f"{name} beside {symbol}" for name, symbol in resolution.superseded.items()]
        what = counted(
            len(shown),
            "old name stands beside the current one and is left out",
            "old names stand beside the current one and are left out",
        )
        text = f"{what}: {first_five(shown)}"
        yield Finding(Level.NOTE, Topic.ALIASES, text, names=tuple(resolution.superseded))
    if resolution.ambiguous:
        shown = [f"{name} ({' or '.join(genes)})" for name, genes in resolution.ambiguous.items()]
        what = counted(
            len(shown), "name fits several genes and is left out", "names fit several genes and are left out"
        )
        text = f"{what}, {first_five(shown)}"
        yield Finding(Level.NOTE, Topic.ALIASES, text, "use current symbols or ids", tuple(resolution.ambiguous))
    if resolution.mangled:
        shown = [f"{name} ({' or '.join(genes) or 'no known gene'})" for name, genes in resolution.mangled.items()]
        names = counted(len(shown), "gene name into a date; it is", "gene names into dates; they are")
        text = f"a spreadsheet turned {names} left out: {first_five(shown)}"
        advice = "take the names from the original file; import gene columns as text"
        yield Finding(Level.NOTE, Topic.DATES, text, advice, tuple(resolution.mangled))


def _without_repeats(layout: ExpressionLayout) -> str:
    """What to do about repeated genes: in a long table, a column parts the rows of each gene by their samples."""
    names = layout.genes.names
    for label, cells in layout.matrix.column_labels.items():
        groups = len(set(cells))
        if 1 < groups <= len(names) / 2 and groups * len(set(names)) >= len(names) == len(
            set(zip(names, cells, strict=True))
        ):
            return f"it has a row for each gene and {label!r}: make that a column for each {label!r} (pandas: pivot)"
    return "merge or drop the extra ones"


def _samples(layout: ExpressionLayout, guess: ScaleGuess) -> Iterator[Finding]:
    names = layout.samples.names
    blank = tuple(str(row + 1) for row, name in enumerate(names) if not name)
    repeated = tuple(sorted(name for name, count in Counter(names).items() if name and count > 1))
    by = f" (named by {layout.samples.label!r})" if layout.samples.label not in ("", *INDEX) else ""
    if blank:
        what = counted(len(blank), "sample has no name", "samples have no name")
        text = f"{what} (numbers {first_five(blank)}){by}"
        yield Finding(Level.PROBLEM, Topic.SAMPLES, text, "name every sample", blank)
    if repeated:
        what = counted(len(repeated), "sample appears more than once", "samples appear more than once")
        advice = "give each sample its own name, in a column called 'sample'"
        yield Finding(Level.PROBLEM, Topic.SAMPLES, f"{what}: {first_five(repeated)}{by}", advice, repeated)
    yield from layout.samples.notes
    odd = odd_samples(layout.values, guess.scale)
    if len(odd):
        shown = tuple(names[i] for i in odd)
        line = "column" if layout.orientation is Orientation.GENES_IN_ROWS else "row"
        what = counted(len(shown), f"{line} is", f"{line}s are")
        text = f"{what} unlike all other samples, as numbers about genes or values under wrong genes are"
        advice = "delete what is no expression of a sample, or put its values under their genes"
        yield Finding(Level.PROBLEM, Topic.SAMPLES, f"{text}: {first_five(shown)}", advice, shown)
    one_value = np.flatnonzero(layout.values.min(axis=1) == layout.values.max(axis=1))
    flat = tuple(names[i] for i in one_value if i not in odd)
    if flat and layout.values.shape[1] >= FEWEST_TO_DIFFER:
        what = counted(len(flat), "sample has", "samples have")
        text = f"{what} one and the same value for all {layout.values.shape[1]:,} genes: {first_five(flat)}"
        yield Finding(Level.PROBLEM, Topic.SAMPLES, text, "delete what was not measured", flat)


def _values(layout: ExpressionLayout, incomplete: Incomplete) -> Iterator[Finding]:
    values, genes = layout.values, layout.symbols
    if layout.text_cells:
        yield text_among_numbers(layout)
    infinite = np.isinf(values)
    if infinite.any():
        yield Finding(
            Level.PROBLEM,
            Topic.VALUES,
            _bad_cells(layout, infinite, "value is infinite", "values are infinite"),
            "a logarithm of zero makes these: take log2(x + 1)",
            _genes(genes, infinite),
        )
    missing = np.isnan(values)
    missing[tuple(_columns(layout.text_cells))] = False
    if missing.any():
        yield _missing(layout, missing, incomplete)
    if len(values) > 2:
        same = tuple(genes[i] for i in np.flatnonzero((values == values[0]).all(axis=0)))
        if same:
            what = counted(len(same), "gene has one value in all samples", "genes have one value in all samples")
            advice = "leave them out if they were not measured"
            yield Finding(Level.NOTE, Topic.VALUES, f"{what}: {first_five(same)}", advice, same)


def _missing(layout: ExpressionLayout, missing: Bool[np.ndarray, "n k"], incomplete: Incomplete) -> Finding:
    genes = _genes(layout.symbols, missing)
    text = _bad_cells(layout, missing, "value is missing", "values are missing")
    empty = [layout.samples.names[i] for i in np.flatnonzero(missing.mean(axis=1) > MOSTLY_MISSING)]
    if empty and len(empty) < len(missing):
        what = counted(len(empty), "sample has no value for most genes", "samples have no value for most genes")
        advice = "leave what was not measured out"
        return Finding(Level.PROBLEM, Topic.VALUES, f"{what}: {first_five(empty)}", advice, tuple(empty))
    if incomplete == "refuse":
        advice = "impute them, or leave those genes out (from Python: incomplete='drop')"
        return Finding(Level.PROBLEM, Topic.VALUES, text, advice, genes)
    if len(genes) > DROPPED_SHARE_AT_MOST * missing.shape[1]:
        advice = f"more than {DROPPED_SHARE_AT_MOST:.0%} of the genes are not left out: impute them or drop samples"
        return Finding(Level.PROBLEM, Topic.VALUES, text, advice, genes)
    return Finding(Level.NOTE, Topic.VALUES, f"{text}; these genes are left out", names=genes)


def _bad_cells(layout: ExpressionLayout, bad: Bool[np.ndarray, "n k"], one: str, many: str) -> str:
    genes = _genes(layout.symbols, bad)
    row, column = (int(i) for i in np.argwhere(bad)[0])
    what = counted(int(bad.sum()), one, many)
    return (
        f"{what} in {len(genes):,} of {counted(bad.shape[1], 'gene')} {first_five(genes)} "
        f"(first: {layout.place(row, column)})"
    )


def _genes(symbols: tuple[str, ...], bad: Bool[np.ndarray, "n k"]) -> tuple[str, ...]:
    return tuple(symbols[i] for i in np.flatnonzero(bad.any(axis=0)))


def _columns(cells: tuple[TextCell, ...]) -> tuple[list[int], list[int]]:
    return [cell.row for cell in cells], [cell.column for cell in cells]
