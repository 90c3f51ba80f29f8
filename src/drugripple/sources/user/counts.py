"""Raw counts with the lengths of all genes, as TPM."""

import re
from collections.abc import Mapping

import numpy as np
from jaxtyping import Bool, Float

from drugripple.sources.user.expression_layout import ExpressionLayout
from drugripple.sources.user.log_counts import ALL_GENES
from drugripple.sources.user.logarithm import MILLION
from drugripple.sources.user.matrix import single

LENGTH = re.compile(
    r"((eff(ective)?|gene|transcript|exon)[ _.]?)?length([ _.]?\(?bp\)?)?|(exon[ _.]?)?width|gene_len", re.IGNORECASE
)


def gene_lengths(about: Mapping[str, Float[np.ndarray, " g"]]) -> tuple[str, Float[np.ndarray, " g"]] | None:
    """The column that gives the length of each gene; nothing where there is none."""
    return next(((name, lengths) for name, lengths in about.items() if LENGTH.fullmatch(name)), None)


def can_become_tpm(layout: ExpressionLayout) -> bool:
    """Whether counts of all genes stand beside their lengths."""
    found = gene_lengths(layout.matrix.column_numbers)
    return found is not None and int(_usable(found[1]).sum()) >= ALL_GENES


def log2_tpm(layout: ExpressionLayout) -> Float[np.ndarray, "n k"]:
    """log2(TPM + 1) of the genes in use; NaN for a gene without a length.

    rate = counts / length
    TPM  = 10⁶ · rate / Σ rate over all genes with a length
    """
    found = gene_lengths(layout.matrix.column_numbers)
    lengths = found[1] if found else np.full(layout.matrix.shape[1], np.nan)
    usable = np.flatnonzero(_usable(lengths))
    everything = layout.matrix.take(np.arange(layout.matrix.shape[0]), usable).values.astype(np.float64)
    total = np.nansum(everything / lengths[usable], axis=1, keepdims=True)
    own = np.where(_usable(lengths), lengths, np.nan)[layout.used]
    with np.errstate(divide="ignore", invalid="ignore"):
        return single(np.log2(MILLION * (layout.values / own) / total + 1))


def _usable(lengths: Float[np.ndarray, " g"]) -> Bool[np.ndarray, " g"]:
    return np.isfinite(lengths) & (lengths > 0)
