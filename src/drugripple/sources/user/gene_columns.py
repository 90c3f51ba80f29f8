"""Columns and rows of numbers about genes that stand among the samples of a table."""

from collections.abc import Sequence, Set
from dataclasses import replace

import numpy as np
from jaxtyping import Float, Int

from drugripple.errors import Fault, SourceError, first_five
from drugripple.sources.user.column_quantities import is_doubt
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
IN_LINE, OUT_OF_LINE = 0.5, 0.3
"""Correlation with the mean of the other samples: of expression at least (0.57 in draws of five lines of GDSC, 0.62 of
ten), of other numbers at most."""
OTHERS = 4
GENES_AT_LEAST, GENES_AT_MOST = 50, 1_000


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
    about = [
        i
        for i, name in enumerate(names)
        if plain(name) in words or name.strip() in AS_WRITTEN or (words is not SUMMARIES and is_doubt(name))
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


def out_of_line(values: Float[np.ndarray, "n k"]) -> Int[np.ndarray, " m"]:
    """Samples whose genes stand in no such order as in all others, which agree: numbers of another kind.

    The correlation is that of ranks with the mean rank in the other samples.
    """
    complete = values[:, ~np.isnan(values).any(axis=0)]
    genes = complete[:, :: max(1, complete.shape[1] // GENES_AT_MOST)]
    if len(genes) <= OTHERS or genes.shape[1] < GENES_AT_LEAST:
        return np.array([], dtype=np.int64)
    ranks = np.stack([np.unique(row, return_inverse=True)[1] for row in genes]).astype(np.float64)
    ranks -= ranks.mean(axis=1, keepdims=True)
    spread = np.linalg.norm(ranks, axis=1)
    ranks /= np.where(spread > 0, spread, 1)[:, None]
    odd = _agreement(ranks) < OUT_OF_LINE
    rest = _agreement(ranks[~odd])  # which the odd ones have no part in
    return np.flatnonzero(odd) if len(rest) >= OTHERS and np.all(rest > IN_LINE) else np.array([], dtype=np.int64)


def _agreement(ranks: Float[np.ndarray, "n k"]) -> Float[np.ndarray, " n"]:
    """Correlation of each row with the sum of all others; rows are centred and of length one."""
    others = ranks.sum(axis=0) - ranks
    length = np.linalg.norm(others, axis=1)
    return (ranks * others).sum(axis=1) / np.where(length > 0, length, 1)
