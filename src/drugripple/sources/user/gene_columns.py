"""Columns and rows of numbers about genes that stand among the samples of a table."""

from collections.abc import Sequence, Set
from dataclasses import replace

import numpy as np

from drugripple.errors import Fault, SourceError, first_five
from drugripple.sources.user.column_quantities import doubts
from drugripple.sources.user.matrix import LabelledMatrix, plain

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
STATISTICS = SUMMARIES | frozenset(
    {
        *("dispersion", "basemean", "aveexpr", "logcpm", "lfcse", "stat", "rank"),
        *("logfc", "log2fc", "log2foldchange", "foldchange", "pval", "pvalue", "qval", "qvalue", "padj", "fdr"),
        *("adjpval", "adjpvalue", "numprobes", "nprobes", "cluster", "hgnc", "row", "num", "startposition"),
        *("endposition", "start", "end", "transcriptcount", "ntranscripts", "probecount"),
    }
)
"""The same of columns that programs compute per gene."""
TESTS = frozenset({"logfc", "log2foldchange", "pval", "pvalue", "adjpval", "padj", "fdr"})
BESIDE_TESTS = frozenset({"t", "b", "f", "z", "lr", "df"})
"""The same where a column of `TESTS` stands beside them: limma's and edgeR's statistics."""
AS_WRITTEN = frozenset({"n", "var", "p", "q"})
"""The same where only small letters say so: N may be a normal sample."""


def without_statistics(matrix: LabelledMatrix, names: Sequence[str], words: Set[str]) -> LabelledMatrix:
    """A matrix of samples in rows without those rows whose names say that they describe genes.

    Args:
        matrix: samples in rows.
        names: a name of each row.
        words: the names that say so, as `STATISTICS` for what were columns of a file and `SUMMARIES` for its rows.

    Raises:
        SourceError: if no row is left.
    """
    if words is STATISTICS and not TESTS.isdisjoint(map(plain, names)):
        words = words | BESIDE_TESTS
    doubtful = frozenset() if words is SUMMARIES else doubts(names)
    about = [
        i for i, name in enumerate(names) if plain(name) in words or name.strip() in AS_WRITTEN or name in doubtful
    ]
    if not about:
        return matrix
    kept = np.array([i for i in range(len(names)) if i not in set(about)], dtype=np.int64)
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
