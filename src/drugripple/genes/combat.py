"""ComBat: location and scale of each gene in each batch, shrunk towards those of all genes, are taken out.

Source: Johnson, Li and Rabinovic 2007, doi:10.1093/biostatistics/kxj037, parametric form; variances within batches and
between genes divide by n - 1, the residual variance by n, as in the package sva of R.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from drugripple.errors import TableError, first_five

TOLERANCE = 1e-4
"""Relative change of both estimates at which their iteration ends."""
MOST_STEPS = 10_000


class Corrected(NamedTuple):
    """Values without batch effects. Axes: n sample, g gene."""

    values: Float[np.ndarray, "n g"]
    untouched: Bool[np.ndarray, " g"]
    """Genes that do not vary within some batch, and are left as they were."""


def correct_batches(
    values: Float[np.ndarray, "n g"],
    batch: Sequence[str],
    *,
    design: Float[np.ndarray, "n k"] | None = None,
    reference: str | None = None,
    mean_only: bool = False,
    ddof: int = 1,
) -> Corrected:
    """Take batch effects out of values on a log scale.

        Z = (Y - α - X β)/σ;    Y* = σ (Z - γ*)/δ* + α + X β
        γ* = (n τ² γ + δ*² γ̄)/(n τ² + δ*²),    δ*² = (θ + ½ Σ (Z - γ*)²)/(n/2 + λ - 1)

    with γ, δ² mean and variance of Z in a batch, γ̄, τ² their mean and variance over genes, and λ, θ the moments of an
    inverse gamma distribution. A batch of one sample has its location corrected only.

    Args:
        values: log expression; never z-scores, which have no batch effect left to estimate.
        batch: the batch of each sample.
        design: covariates that are kept, without an intercept.
        reference: batch that stays as it is and to which the others are brought.
        mean_only: whether to leave scales alone.
        ddof: 1 as in R, 0 as in the Python package inmoose.

    Raises:
        TableError: if there are fewer than two batches, the reference is none of them, or a value is not finite.
    """
    labels = np.array(batch)
    names = np.unique(labels)
    if len(names) < 2 or not np.isfinite(values).all():
        message = f"batch correction needs finite values of two batches or more; got batches {first_five(names)}"
        raise TableError(message)
    if reference is not None and reference not in names:
        message = f"the reference {reference!r} is no batch; there are {first_five(names)}"
        raise TableError(message)
    wide = values.astype(np.float64)
    parts = {name: np.flatnonzero(labels == name) for name in names}
    untouched = np.zeros(wide.shape[1], dtype=bool)
    for rows in parts.values():
        untouched |= (len(rows) > 1) & (np.ptp(wide[rows], axis=0) == 0)
    out = wide.copy()
    if not untouched.all():
        out[:, ~untouched] = _correct(wide[:, ~untouched], parts, design, reference, mean_only, ddof)
    return Corrected(out, untouched)


def _correct(
    values: Float[np.ndarray, "n g"],
    parts: dict[str, np.ndarray],
    design: Float[np.ndarray, "n k"] | None,
    reference: str | None,
    mean_only: bool,
    ddof: int,
) -> Float[np.ndarray, "n g"]:
    total = len(values)
    indicator = np.zeros((total, len(parts)))
    for column, rows in enumerate(parts.values()):
        indicator[rows, column] = 1.0
    covariates = np.zeros((total, 0)) if design is None else design
    full = np.hstack([indicator, covariates])
    coefficients = np.linalg.lstsq(full, values, rcond=None)[0]
    kept = covariates @ coefficients[len(parts) :]
    residual = values - full @ coefficients
    if reference is None:
        shares = np.array([len(rows) / total for rows in parts.values()])
        centre, variance = shares @ coefficients[: len(parts)], np.mean(residual**2, axis=0)
    else:
        rows = parts[reference]
        centre = coefficients[list(parts).index(reference)]
        variance = np.mean(residual[rows] ** 2, axis=0)
    mean, deviation = centre + kept, np.sqrt(variance)
    standard = (values - mean) / deviation
    out = values.copy()
    location = {name: standard[rows].mean(axis=0) for name, rows in parts.items()}
    for name, rows in parts.items():
        if name == reference:
            continue
        alone = mean_only or len(rows) == 1
        gamma, delta = _shrunk(standard[rows], location[name], alone, ddof)
        out[rows] = deviation * (standard[rows] - gamma) / np.sqrt(delta) + mean[rows]
    return out


def _shrunk(
    standard: Float[np.ndarray, "b g"], location: Float[np.ndarray, " g"], alone: bool, ddof: int
) -> tuple[Float[np.ndarray, " g"], Float[np.ndarray, " g"]]:
    """Location and squared scale of each gene in one batch."""
    count, centre = len(standard), location.mean()
    location_variance = location.var(ddof=ddof) if location.size > 1 else 0.0
    one = np.ones_like(location)
    if alone:
        return (count * location_variance * location + centre) / (count * location_variance + 1.0), one
    squared_scale = standard.var(axis=0, ddof=ddof)
    middle = squared_scale.mean()
    scale_variance = squared_scale.var(ddof=ddof) if squared_scale.size > 1 else 0.0
    if scale_variance == 0:
        return location, squared_scale
    shape = (2 * scale_variance + middle**2) / scale_variance
    rate = (middle * scale_variance + middle**3) / scale_variance
    gamma, delta = location, squared_scale
    for _ in range(MOST_STEPS):
        before = gamma, delta
        gamma = (count * location_variance * location + delta * centre) / (count * location_variance + delta)
        squares = ((standard - gamma) ** 2).sum(axis=0)
        delta = (rate + squares / 2) / (count / 2 + shape - 1)
        change = max(
            float(np.max(np.abs(now - old) / np.maximum(np.abs(old), 1e-12)))
            for now, old in zip((gamma, delta), before, strict=True)
        )
        if change < TOLERANCE:
            break
    return gamma, delta
