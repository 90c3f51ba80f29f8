"""What tells z-scores over samples from those over the genes of a sample."""

import numpy as np
from jaxtyping import Float

from drugripple.sources.user.log_counts import probed

CENTRED = 0.3
MEAN_AT_MOST = 0.05
SD_NEAR_ONE = 0.1
STANDARDISED = 0.01
STANDARDISED_GENES = 100
LEVELS = 1.5
"""Medians of genes over a cohort differ by less than so many of its standard deviations if it was scaled by gene."""


def has_means_and_deviations(values: Float[np.ndarray, "n g"]) -> bool:
    """Whether most genes have mean 0 and SD 1, but not median 0, which a robust z-score has."""
    means, medians = np.abs(values.mean(axis=0)), np.abs(np.median(values, axis=0))
    sds = min(np.median(np.abs(values.std(axis=0, ddof=ddof) - 1)) for ddof in (0, 1))
    return bool(np.median(means) < min(MEAN_AT_MOST, np.median(medians)) and sds < SD_NEAR_ONE)


def are_standardised(every: Float[np.ndarray, "s a"]) -> bool:
    """Whether every sample has mean 0 and SD 1 over all genes of the file."""
    if every.shape[1] < STANDARDISED_GENES:
        return False
    rows = [row[np.isfinite(row)] for row in probed(every)]
    return all(abs(row.mean()) < STANDARDISED and abs(row.std() - 1) < STANDARDISED for row in rows)


def has_levels(whole: Float[np.ndarray, "n g"]) -> bool:
    """Whether genes differ more between each other than within: no cohort's z-scores by gene do."""
    if len(whole) < 3:
        return False
    return bool(np.median(whole, axis=0).std() > LEVELS * np.median(whole.std(axis=0)))


def genes_are_centred(values: Float[np.ndarray, "n g"]) -> bool:
    """Whether gene medians scatter around 0 no more than medians of n draws do (1.25 standard deviations / √n)."""
    within = np.median(values.std(axis=0))
    return bool(np.median(values, axis=0).std() < (CENTRED + 1.25 / np.sqrt(len(values))) * within)
