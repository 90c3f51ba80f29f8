"""Genes that were scaled one by one over the samples, which leaves nothing of their levels: told by what all share."""

import numpy as np
from jaxtyping import Float

FEWEST_SAMPLES, FEWEST_GENES = 3, 50
SKEWED = 0.5
"""Skewness of a usual gene: 1.3 to 3.6 in linear values of GDSC, 0.3 in log2(TPM + 1), 0 in ranks."""
MOSTLY = 0.95
"""Share of the genes that differ between samples which have one and the same mean, median or maximum."""
ALIKE = 0.01
"""How far these may lie apart, in standard deviations of a gene: values are rounded."""


def scaled_one_by_one(values: Float[np.ndarray, "n g"]) -> tuple[str, float]:
    """What nearly all genes share over the samples, and its value; blank and 0 if nothing.

    No gene of unscaled expression has the mean, the median or the maximum of the next. Medians of 0 are those of genes
    that are mostly silent where no value is negative. Whole numbers are counts or classes.

    >>> levels = np.random.default_rng(0).normal(np.linspace(2, 12, 60), 1, (9, 60))
    >>> scaled_one_by_one(levels), scaled_one_by_one(levels / levels.max(axis=0))
    (('', 0.0), ('maximum', 1.0))
    """
    whole = values[:, np.isfinite(values).all(axis=0)].astype(np.float64)
    if len(whole) < FEWEST_SAMPLES:
        return "", 0.0
    deviation = whole.std(axis=0)
    varied = whole[:, deviation > 0]
    deviation = deviation[deviation > 0]
    if varied.shape[1] < FEWEST_GENES or np.all(varied == np.round(varied)):
        return "", 0.0
    medians = np.median(varied, axis=0)
    shared = {"mean": varied.mean(axis=0), "median": medians, "maximum": varied.max(axis=0)}
    if varied.min() >= 0 and np.median(medians) == 0:
        del shared["median"]
    for name, of_genes in shared.items():
        usual = float(np.median(of_genes))
        if np.mean(np.abs(of_genes - usual) <= ALIKE * deviation) >= MOSTLY:
            return name, round(usual, 3) + 0.0
    return "", 0.0


def are_ratios(values: Float[np.ndarray, "n g"]) -> bool:
    """Whether genes that were scaled one by one have long tails above, as linear values, and are nowhere negative.

    >>> levels = np.random.default_rng(0).normal(0, 1, (40, 60))
    >>> are_ratios(np.exp(levels)), are_ratios(levels - levels.min(axis=0))
    (True, False)
    """
    whole = values[:, np.isfinite(values).all(axis=0)].astype(np.float64)
    whole = whole[:, whole.std(axis=0) > 0]
    if not whole.size or whole.min() < 0:
        return False
    z = (whole - whole.mean(axis=0)) / whole.std(axis=0)
    return bool(np.median((z**3).mean(axis=0)) > SKEWED)
