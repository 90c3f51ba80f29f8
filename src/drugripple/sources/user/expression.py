"""A user's expression as a checked table; what had to be found out stands in its notes, what is wrong is refused."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from drugripple.config import choice
from drugripple.data.tables import ExpressionScale, ExpressionTable
from drugripple.genes.space import GeneSpace
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.counts import can_become_tpm, log2_tpm
from drugripple.sources.user.expression_findings import Examined, Incomplete
from drugripple.sources.user.expression_layout import ExpressionLayout, detect_layout
from drugripple.sources.user.expression_scale import ScaleGuess, guess_scale, in_order
from drugripple.sources.user.expression_units import as_stated, converted
from drugripple.sources.user.extreme_cells import Cell, extreme_cells
from drugripple.sources.user.findings import Topic, notes_or_refusal
from drugripple.sources.user.logarithm import Conversion
from drugripple.sources.user.open_matrix import open_matrix
from drugripple.sources.user.stated_scale import StatedScale
from drugripple.sources.user.unusable_scales import Unusable

if TYPE_CHECKING:
    from anndata import AnnData

COUNTED = (Unusable.COUNTS, Unusable.FEW_NUMBERS, Unusable.SCALED_COUNTS)
"""What lengths of genes beside it turn into TPM."""
SAMPLES_FOR_TOTALS = 64
"""So many samples tell whether all genes of a sample add up to a million."""
SAMPLES_FOR_SCALE = 2048
"""So many samples tell a scale; of more, every second, third, ... is looked at."""


def read_expression(
    source: "str | Path | pd.DataFrame | AnnData | ExpressionTable",
    *,
    symbols: SymbolMap | None = None,
    wanted: GeneSpace | None = None,
    scale: str | None = None,
    incomplete: Incomplete = "refuse",
    layer: str = "",
    by_order: bool = False,
    as_in_file: bool = False,
) -> ExpressionTable:
    """Read csv, tsv, gct (also .gz), Parquet or h5ad, or take a DataFrame or an AnnData; samples as rows or columns.

    Args:
        source: the file or the table; an `ExpressionTable` comes back as it is.
        symbols: the gene names that are understood; those of the landmark genes where absent.
        wanted: the genes to keep, in this order, as far as the file has them; every gene of the file where absent,
            those unknown to `symbols` under the file's name.
        scale: the scale, if the user states it (one of `StatedScale`); found out where absent.
        incomplete: what becomes of genes with missing values: an error, or left out if they are few.
        layer: of an AnnData or .h5ad, the layer to read, or `raw`; X unless given.
        by_order: whether only the order of genes within a sample counts, so that linear values are read as they are.
        as_in_file: whether genes keep the order of the file, not that of `wanted`.

    Raises:
        SourceError: if the file cannot be read, or does not show which side the genes are on.
        GeneSpaceError: if no gene is known, or two columns stand for one gene.
        TableError: if samples repeat or have no name, or a value is text, missing or infinite.
        ScaleError: if the values are counts, linear where that matters, or contradict the scale stated.
        ConfigError: if `scale` is none that we know.
    """
    if isinstance(source, ExpressionTable):
        return source
    examined = examine_expression(
        source, symbols=symbols, wanted=wanted, scale=scale, incomplete=incomplete, layer=layer, by_order=by_order
    )
    noted = notes_or_refusal(examined.layout.where, examined.findings())
    layout, values = examined.layout, examined.layout.values
    complete = examined.complete
    position = {symbol: i for i, symbol in enumerate(layout.symbols) if complete[i]}
    order = wanted.symbols if wanted and not as_in_file else position
    kept = tuple(symbol for symbol in order if symbol in position)
    return ExpressionTable(
        layout.samples.names,
        GeneSpace(kept),
        np.ascontiguousarray(
            converted(
                values[:, [position[symbol] for symbol in kept]],
                examined.guess.conversion,
                lowest=float(np.nanmin(values)),
            )
        ),
        ExpressionScale(examined.guess.scale),
        notes=tuple(str(note) for note in noted if note.topic != Topic.COVERAGE),
    )


def examine_expression(
    source: "str | Path | pd.DataFrame | AnnData",
    *,
    symbols: SymbolMap | None = None,
    wanted: GeneSpace | None = None,
    scale: str | None = None,
    incomplete: Incomplete = "refuse",
    layer: str = "",
    by_order: bool = False,
) -> Examined:
    """What is in a file or table, with everything that is wrong with it among its findings.

    Raises:
        SourceError: if it cannot be read, or does not show which side the genes are on.
        GeneSpaceError: if no gene is known.
    """
    known = symbols or SymbolMap.landmarks()
    known = known if wanted is None else known.with_symbols(wanted)
    matrix = open_matrix(source, is_gene=known.knows, layer=layer)
    layout = detect_layout(matrix, symbols=known, wanted=wanted)
    stated = choice(StatedScale, scale) if scale else None
    guess = as_stated(stated, layout.values) if stated else judge_scale(layout)
    extreme = extreme_cells(layout.values, layout.known)
    without = judge_scale(layout, without=extreme.cells) if extreme.cells and not stated else guess
    if guess.scale in COUNTED and can_become_tpm(layout):
        layout = replace(layout, values=log2_tpm(layout))
        guess = without = ScaleGuess(ExpressionScale.LOG2_TPM, "counts beside the lengths of genes", Conversion.COUNTS)
    examined = Examined(layout, guess, wanted, stated, incomplete, extreme, without)
    return read_by_order(examined) if by_order else examined


def read_by_order(examined: Examined) -> Examined:
    """The same for a model that reads the order of genes within a sample alone; a scale that is stated stays."""
    if examined.scale is not None:
        return examined
    without = None if examined.without is None else in_order(examined.without)
    return replace(examined, guess=in_order(examined.guess), without=without)


def judge_scale(layout: ExpressionLayout, *, without: Sequence[Cell] = ()) -> ScaleGuess:
    """Judge the scale by the known genes, because a column of ages must not count; TPM shows only over all genes.

    Args:
        layout: the file.
        without: numbers that are passed over, but in what all genes of a sample add up to.
    """
    samples, genes = layout.matrix.shape
    step = -(-samples // SAMPLES_FOR_SCALE)
    every = values = layout.values[::step]
    if without:
        values = values.copy()
        for cell in without:
            if cell.row % step == 0:
                values[cell.row // step, cell.column] = np.nan
    if len(layout.used) < genes:
        rows = np.unique(np.linspace(0, samples - 1, min(samples, SAMPLES_FOR_TOTALS)).astype(np.int64))
        every = layout.matrix.take(rows, np.arange(genes)).values
    return guess_scale(values[:, layout.known], every, log_base=layout.matrix.log_base)
