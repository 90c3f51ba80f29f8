"""How well treated profiles are predicted: on the change that is left once each plate's own mean is taken out."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float

FEWEST_ON_PLATE = 5


def plate_centred(change: Float[np.ndarray, "m g"], plates: Sequence[str]) -> Float[np.ndarray, "m g"]:
    """Changes minus the mean change of their plate: what sets a compound apart from its neighbours.

    >>> plate_centred(np.array([[1.0], [3.0], [5.0]]), ["a", "a", "b"]).ravel().tolist()
    [-1.0, 1.0, 0.0]
    """
    codes, names = pd.factorize(np.asarray(plates))
    count = np.bincount(codes, minlength=len(names))[:, None]
    total = np.zeros((len(names), change.shape[1]))
    np.add.at(total, codes, change)
    return change - (total / count)[codes]


def score_profiles(
    treated: Float[np.ndarray, "m g"],
    predicted: Float[np.ndarray, "m g"],
    basal: Float[np.ndarray, "m g"],
    plates: Sequence[str],
) -> pd.DataFrame:
    """MSE on profiles, and mean Pearson correlation of plate-centred changes within profiles and within genes.

    Only plates with at least five profiles count for the correlations. A correlation of a constant is undefined: it is
    left out of the mean, and `n` says how many are in it; a mean over none is NaN.

    Source: spec splits_and_metrics section 7, DATA.md part B.
    """
    error = float(np.square(predicted - treated, dtype=np.float64).mean())
    _, which, count = np.unique(np.asarray(plates), return_inverse=True, return_counts=True)
    rows = count[which] >= FEWEST_ON_PLATE
    kept = [plate for plate, keep in zip(plates, rows, strict=True) if keep]
    real, guess = (plate_centred((x[rows] - basal[rows]).astype(np.float64), kept) for x in (treated, predicted))
    records = [("mse", error, len(treated))]
    for metric, (a, b) in {"profile_pcc": (real, guess), "gene_pcc": (real.T, guess.T)}.items():
        r = _rowwise_pearson(a, b)
        defined = r[np.isfinite(r)]
        records.append((metric, float(defined.mean()) if defined.size else float("nan"), defined.size))
    return pd.DataFrame(records, columns=["metric", "value", "n"])


def _rowwise_pearson(a: Float[np.ndarray, "m g"], b: Float[np.ndarray, "m g"]) -> Float[np.ndarray, " m"]:
    a, b = a - a.mean(1, keepdims=True), b - b.mean(1, keepdims=True)
    scale = np.sqrt((a * a).sum(1) * (b * b).sum(1))
    return np.divide((a * b).sum(1), scale, out=np.full(len(a), np.nan), where=scale > 1e-9)
