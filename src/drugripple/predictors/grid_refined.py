"""`solve_grid` with its steps in single precision, and its answer as exact as in double.

What single precision leaves of the residual is computed in double and solved for again, so that each pass takes four
digits off it and only one smoothing of a pass is done in double.

Source: Moler 1967, doi:10.1145/321386.321394 (iterative refinement).
"""

from itertools import islice

import numpy as np
from jaxtyping import Float, Float32

from drugripple.errors import TrainingError
from drugripple.predictors.grid_solver import GridPosterior, Smoother, conjugate_steps

PASS = 1e-4
"""What a pass leaves of the residual."""


def solve_grid_refined(
    smoother: Smoother,
    single: Smoother,
    values: Float[np.ndarray, "n c"],
    count: Float[np.ndarray, "n c"],
    *,
    tolerance: float,
    filled: Float[np.ndarray, "n c"],
    limit: int = 500,
) -> GridPosterior:
    """The posterior that `solve_grid` finds; `single` is the smoother in single precision.

    A step x of the single-precision solver is S noise z with z known, so C⁻¹x = z - x / noise is exact in double.

    Raises:
        TrainingError: if the relative residual does not fall under the tolerance within the limit.
    """
    noise, root = smoother.noise, np.sqrt(smoother.noise)
    further = (count - 1) / noise
    aim = tolerance * float(np.linalg.norm(count * values / noise * root))
    mean = smoother.smooth(filled)
    residual = (count * (values - mean) - (filled - mean)) / noise
    taken = 0
    while (left := float(np.linalg.norm(residual * root))) > aim:
        if taken >= limit:
            message = (
                f"conjugate gradients left a residual of {left:.1e} after {taken} steps; {aim:.1e} was asked; allow "
                "more steps, or a larger tolerance"
            )
            raise TrainingError(message)
        size = float(np.abs(residual).max())
        image, steps = _images(
            single, (residual / size).astype(np.float32), further.astype(np.float32), max(PASS, 0.5 * aim / left), limit
        )
        taken += steps
        image = image.astype(np.float64) * size
        step = smoother.precondition(image)
        mean += step
        residual = residual - image - further * step
    return GridPosterior(mean, count * (values - mean) / noise - residual, taken)


def _images(
    single: Smoother,
    residual: Float32[np.ndarray, "n c"],
    further: Float32[np.ndarray, "n c"],
    tolerance: float,
    limit: int,
) -> tuple[Float32[np.ndarray, "n c"], int]:
    """z of the solution S noise z, by preconditioned conjugate gradients, and the steps that were taken."""
    root = np.sqrt(single.noise)
    found, start = np.zeros_like(residual), float(np.linalg.norm(residual * root))
    steps = conjugate_steps(residual, further, single.precondition)
    for taken, step in enumerate(islice(steps, limit), start=1):
        found += step.length * step.image
        if float(np.linalg.norm(step.residual * root)) <= tolerance * start:
            return found, taken
    return found, limit
