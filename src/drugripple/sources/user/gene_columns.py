"""Columns and rows of numbers about genes that stand among the samples of a table."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from drugripple.errors import Fault, SourceError, first_five
from drugripple.sources.user.column_names import plain
from drugripple.sources.user.column_quantities import doubts
from drugripple.sources.user.matrix import LabelledMatrix

SUMMARIES = frozenset(
    {
        *("mean", "means", "rowmean", "rowmeans", "colmean", "average", "averages", "avg", "median", "medians", "mad"),
        *("sd", "sds", "std", "stdev", "stddev", "standarddeviation", "sem", "variance", "cv", "iqr"),
        *(
            "min",
            "max",
            "minimum",
            "maximum",
            "sum",
            "sums",
            "rowsum",
            "rowsums",
            "total",
            "totals",
            "grandtotal",
            "subtotal",
        ),
        *("mittelwert", "durchschnitt", "summe", "gesamt", "moyenne", "somme", "promedio"),
    }
)
"""Names, letters and digits alone and in lower case, of rows and columns that sum samples up."""
TESTS = frozenset({"logfc", "log2foldchange", "pval", "pvalue", "adjpval", "padj", "fdr"})
"""Names, written in the same way, of columns of a test of differential expression."""
STATISTICS = (
    SUMMARIES
    | TESTS
    | frozenset(
        {
            *("dispersion", "basemean", "aveexpr", "logcpm", "lfcse", "stat", "rank"),
            *("log2fc", "foldchange", "qval", "qvalue", "adjpvalue"),
            *("numprobes", "nprobes", "cluster", "hgnc", "row", "num", "startposition"),
            *("endposition", "start", "end", "transcriptcount", "ntranscripts", "probecount"),
        }
    )
)
"""Names, written in the same way, of columns that programs compute per gene."""
BESIDE_TESTS = frozenset({"t", "b", "f", "z", "lr", "df"})
"""Names of limma's and edgeR's statistics, which are such columns where one of `TESTS` stands beside them."""
AVERAGE = re.compile(r"(?<![a-z])(means?|averages?|averaged|avg|medians?)(?![a-z])", re.IGNORECASE)
"""A word of a name that may say that it is of several samples: `Mean_A`, `average of all lines`."""
GENES_COMPARED = (50, 2_000)
"""So many genes show whether a column lies between the others, and are looked at."""
ROUNDED = 0.006
AS_WRITTEN = frozenset({"n", "var", "p", "q"})
"""Names that say it in small letters only: N may be a normal sample."""


def without_statistics(matrix: LabelledMatrix, names: Sequence[str], *, were_columns: bool) -> LabelledMatrix:
    """A matrix of samples in rows without those rows whose names say that they describe genes.

    Args:
        matrix: samples in rows.
        names: a name of each row.
        were_columns: whether they were columns of the file, where programs write statistics beside samples; rows of a
            file sum samples up at most.

    Raises:
        SourceError: if no row is left.
    """
    words, doubtful = SUMMARIES, frozenset[str]()
    if were_columns:
        tested = not TESTS.isdisjoint(map(plain, names))
        words, doubtful = STATISTICS | (BESIDE_TESTS if tested else frozenset()), doubts(names)
    about = [
        i for i, name in enumerate(names) if plain(name) in words or name.strip() in AS_WRITTEN or name in doubtful
    ]
    about = sorted({*about, *_averages(matrix, names, about)})
    if not about:
        return matrix
    kept = np.setdiff1d(np.arange(len(names)), about)
    if not kept.size:
        what = "all its numbers describe genes, and none is a sample"
        raise SourceError(
            Fault(matrix.where, what, first_five(names), do="give expression, with a column for each sample")
        )
    columns = np.arange(matrix.shape[1])
    described = matrix.take(np.array(about), columns).values
    return replace(
        matrix,
        shape=(len(kept), matrix.shape[1]),
        take=lambda rows, chosen: matrix.take(kept[rows], chosen),
        row_labels={label: tuple(each[i] for i in kept) for label, each in matrix.row_labels.items()},
        row_numbers={label: numbers[kept] for label, numbers in matrix.row_numbers.items()},
        column_numbers={**matrix.column_numbers, **dict(zip([names[i] for i in about], described, strict=True))},
    )


def _averages(matrix: LabelledMatrix, names: Sequence[str], about: Sequence[int]) -> list[int]:
    """The rows called averages that are some: fewer than the others, and between the others at every gene."""
    called = [i for i, name in enumerate(names) if i not in about and AVERAGE.search(name.replace("_", " "))]
    others = np.setdiff1d(np.arange(len(names)), [*about, *called])
    if not called or len(others) <= len(called) or len(others) < 2 or matrix.shape[1] < GENES_COMPARED[0]:
        return []
    columns = np.unique(np.linspace(0, matrix.shape[1] - 1, min(matrix.shape[1], GENES_COMPARED[1])).astype(np.int64))
    of_others = matrix.take(others, columns).values
    known = np.isfinite(of_others).all(axis=0)
    if known.sum() < GENES_COMPARED[0]:
        return []
    low, high = of_others[:, known].min(axis=0) - ROUNDED, of_others[:, known].max(axis=0) + ROUNDED
    rows = matrix.take(np.array(called), columns).values[:, known]
    return [i for i, row in zip(called, rows, strict=True) if np.all((row >= low) & (row <= high))]
