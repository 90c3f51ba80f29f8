"""How well treated profiles are predicted: on the change that is left once each plate's own mean is taken out."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float

FEWEST_ON_PLATE = 5


class PredictedBlock(NamedTuple):
    """Some profiles beside their predictions. Axes: m profile, g gene."""

    treated: Float[np.ndarray, "m g"]
    predicted: Float[np.ndarray, "m g"]
    basal: Float[np.ndarray, "m g"]
    plates: Sequence[str]


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


def score_blocks(blocks: Iterable[PredictedBlock]) -> pd.DataFrame:
    """MSE on profiles, and mean Pearson correlation of plate-centred changes within profiles and within genes.

    Profiles come block by block, each plate whole in one block; one block stands in memory. Only plates with at least
    five profiles count for the correlations. A correlation of a constant is undefined: it is left out of the mean, and
    `n` says how many are in it; a mean over none is NaN.

    Differs: the paper's metrics of this task stand in a supplement that is not public; centring by plate is ours.
    Plate-centred changes of a gene sum to zero, so its correlation over all profiles is Σab / √(Σa² Σb²).
    """
    squared, rows, values = 0.0, 0, 0
    within: list[Float[np.ndarray, " m"]] = []
    products: Float[np.ndarray, "3 g"] | float = 0.0
    for treated, predicted, basal, plates in blocks:
        squared += float(np.square(predicted - treated, dtype=np.float64).sum())
        rows, values = rows + len(treated), values + treated.size
        _, which, count = np.unique(np.asarray(plates), return_inverse=True, return_counts=True)
        kept = count[which] >= FEWEST_ON_PLATE
        names = [plate for plate, keep in zip(plates, kept, strict=True) if keep]
        a, b = (plate_centred((x[kept] - basal[kept]).astype(np.float64), names) for x in (treated, predicted))
        within.append(_rowwise_pearson(a, b))
        products = products + np.stack([(a * b).sum(0), (a * a).sum(0), (b * b).sum(0)])
    both, own, guessed = products if isinstance(products, np.ndarray) else np.zeros((3, 0))
    by_gene = _ratio(both, np.sqrt(own * guessed))
    records = [("mse", squared / values if values else float("nan"), rows)]
    for metric, r in {"profile_pcc": np.concatenate([*within, np.empty(0)]), "gene_pcc": by_gene}.items():
        defined = r[np.isfinite(r)]
        records.append((metric, float(defined.mean()) if defined.size else float("nan"), defined.size))
    return pd.DataFrame(records, columns=["metric", "value", "n"])


def _rowwise_pearson(a: Float[np.ndarray, "m g"], b: Float[np.ndarray, "m g"]) -> Float[np.ndarray, " m"]:
    a, b = a - a.mean(1, keepdims=True), b - b.mean(1, keepdims=True)
    return _ratio((a * b).sum(1), np.sqrt((a * a).sum(1) * (b * b).sum(1)))


def _ratio(above: Float[np.ndarray, " k"], below: Float[np.ndarray, " k"]) -> Float[np.ndarray, " k"]:
    """The quotient; NaN where nothing varies."""
    return np.divide(above, below, out=np.full(len(above), np.nan), where=below > 1e-9)
