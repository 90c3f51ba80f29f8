"""What to measure next: of compounds in a sample, or of samples for a compound."""

import numpy as np
from jaxtyping import Bool, Float, Int


def most_informative(
    covariance: Float[np.ndarray, "c c"],
    noise: Float[np.ndarray, " c"],
    number: int,
    *,
    allowed: Bool[np.ndarray, " c"] | None = None,
) -> Int[np.ndarray, " k"]:
    """The compounds, or samples, that leave the least total variance over all, measured one after another.

        reduction of j = Σ_l Σ_lj² / (Σ_jj + noise_j)

    Greedy, without repeats; fewer than `number` where fewer are allowed.

    >>> most_informative(np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.0], [0.0, 0.0, 1.2]]), np.full(3, 0.1), 2).tolist()
    [0, 2]
    """
    left = covariance.copy()
    free = np.ones(len(noise), dtype=bool) if allowed is None else allowed.copy()
    chosen: list[int] = []
    while len(chosen) < number and free.any():
        reduction = (left**2).sum(axis=0) / (np.diag(left) + noise)
        best = int(np.where(free, reduction, -np.inf).argmax())
        chosen.append(best)
        free[best] = False
        left = left - np.outer(left[:, best], left[best]) / (left[best, best] + noise[best])
    return np.array(chosen, dtype=np.int64)
