"""The posterior mean of a Gaussian process on a grid of samples x compounds of which only some pairs were measured.

A model that can smooth a complete grid exactly, S Y = C (C + noise)⁻¹ Y, gives the exact answer for an incomplete one:

    (C⁻¹ + N) f = N y,     N = count / noise,     preconditioner (C⁻¹ + 1 / noise)⁻¹ = S noise

Conjugate gradients solve it in a few smoothings, because the preconditioned system has eigenvalues between the
smallest measured share and one wherever pairs were measured once.

Source: Hestenes and Stiefel 1952, doi:10.6028/jres.049.044.
"""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from drugripple.errors import TrainingError


@runtime_checkable
class Smoother(Protocol):
    """What a model of the complete grid has to offer. Axes: n sample, c compound."""

    @property
    def noise(self) -> Float[np.ndarray, " c"]:
        """Noise variance of one measurement, per compound."""

    def smooth(self, grid: Float[np.ndarray, "n c"]) -> Float[np.ndarray, "n c"]:
        """Posterior mean of complete values: C (C + noise)⁻¹ Y."""

    def precondition(self, residual: Float[np.ndarray, "n c"]) -> Float[np.ndarray, "n c"]:
        """(C⁻¹ + 1 / noise)⁻¹ of a residual: S noise."""


class GridPosterior(NamedTuple):
    """The posterior mean of the grid, the weights C⁻¹ mean that carry it to other pairs, and what it took."""

    mean: Float[np.ndarray, "n c"]
    weights: Float[np.ndarray, "n c"]
    """Zero wherever nothing was measured, up to the tolerance."""
    iterations: int


class Step(NamedTuple):
    """A step of conjugate gradients: f moves by length x direction."""

    length: float
    direction: Float[np.ndarray, "n c"]
    image: Float[np.ndarray, "n c"]
    """What C⁻¹ + 1 / noise makes of the direction."""
    residual: Float[np.ndarray, "n c"]
    """What is left after the step."""


def conjugate_steps(
    residual: Float[np.ndarray, "n c"],
    further: Float[np.ndarray, "n c"],
    precondition: Callable[[Float[np.ndarray, "n c"]], Float[np.ndarray, "n c"]],
) -> Iterator[Step]:
    """The steps of preconditioned conjugate gradients, without end, in the precision of the residual.

    Args:
        residual: at the start.
        further: N - 1 / noise, what the system has beyond the preconditioner's inverse.
        precondition: applies (C⁻¹ + 1 / noise)⁻¹.
    """
    direction, image, energy = np.zeros_like(residual), np.zeros_like(residual), math.inf
    while True:
        ahead = precondition(residual)
        last, energy = energy, float((residual * ahead).sum())
        turn = energy / last
        direction, image = ahead + turn * direction, residual + turn * image
        curved = image + further * direction
        length = energy / float((direction * curved).sum())
        residual = residual - length * curved
        yield Step(length, direction, image, residual)


def solve_grid(
    smoother: Smoother,
    values: Float[np.ndarray, "n c"],
    count: Float[np.ndarray, "n c"],
    *,
    tolerance: float,
    limit: int = 500,
    filled: Float[np.ndarray, "n c"] | None = None,
) -> GridPosterior:
    """Posterior mean by preconditioned conjugate gradients; the noise of a pair is noise / count.

    C⁻¹ is never applied: what C⁻¹ + 1 / noise makes of the search direction follows from the residuals, and so does
    C⁻¹ f = N (y - f) - residual. `filled`, a guess of all values such as the measured ones beside what a like
    model says of the rest, makes the first f: S filled, of which C⁻¹ f = (filled - f) / noise.

    Raises:
        TrainingError: if the relative residual does not fall under the tolerance within the limit.
    """
    noise, root = smoother.noise, np.sqrt(smoother.noise)
    mean = np.zeros_like(values)
    residual = count * values / noise
    start = float(np.linalg.norm(residual * root))
    if filled is not None:
        mean = smoother.smooth(filled)
        residual = (count * (values - mean) - (filled - mean)) / noise
    steps = conjugate_steps(residual, (count - 1) / noise, smoother.precondition)
    for iteration in range(limit):
        left = float(np.linalg.norm(residual * root))
        if left <= tolerance * start:
            return GridPosterior(mean, count * (values - mean) / noise - residual, iteration)
        step = next(steps)
        mean += step.length * step.direction
        residual = step.residual
    message = (
        f"conjugate gradients left a relative residual of {left / start:.1e} after {limit} steps; {tolerance:.0e} was "
        "asked; allow more steps, or a larger tolerance"
    )
    raise TrainingError(message)
