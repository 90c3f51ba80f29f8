"""Which markers of samples go with a response, within tissues: one linear model per marker and compound.

    response = mean of the tissue + effect x marker + rest,    t = effect / its standard error

Source: Iorio et al. 2016, doi:10.1016/j.cell.2016.06.017 (ANOVA with the tissue as a covariate). Differs: without the
covariates of medium and microsatellite instability.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy import stats

FEWEST = 3
"""Samples that must have an event, and lack it, for it to be tested."""


class Associations(NamedTuple):
    """One test per marker and compound; NaN where there are too few samples. Axes: e marker, c compound."""

    effect: Float[np.ndarray, "e c"]
    """Change of the response per unit of the marker: with an event less without it."""
    t: Float[np.ndarray, "e c"]
    freedom: Float[np.ndarray, " c"]
    number: Int[np.ndarray, "e c"]
    """Samples that have the event."""

    @property
    def p(self) -> Float[np.ndarray, "e c"]:
        """Two-sided."""
        return 2 * stats.t.sf(np.abs(self.t), np.maximum(self.freedom, 1))

    def p_towards(self, direction: Float[np.ndarray, "e c"]) -> Float[np.ndarray, "e c"]:
        """One-sided: of an effect with the sign of `direction`."""
        return stats.t.sf(self.t * np.sign(direction), np.maximum(self.freedom, 1))


def associations(
    markers: Float[np.ndarray, "n e"] | Bool[np.ndarray, "n e"],
    responses: Float[np.ndarray, "n c"],
    tissue: Sequence[str],
) -> Associations:
    """Test every marker with every compound, over the samples with a response to it (NaN where there is none).

    >>> marker = np.array([[0.0], [0.0], [0.0], [1.0], [1.0], [1.0]])
    >>> found = associations(marker, np.array([[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]]), [""] * 6)
    >>> found.effect.round(2).tolist(), found.t.round(3).tolist(), found.number.tolist()
    ([[3.0]], [[3.674]], [[3]])
    """
    values = markers.astype(np.float64)
    code = np.unique(np.asarray(tissue, dtype=object).astype(str), return_inverse=True)[1]
    shape = (values.shape[1], responses.shape[1])
    effect, t = np.full(shape, np.nan), np.full(shape, np.nan)
    number, freedom = np.zeros(shape, dtype=np.int64), np.zeros(shape[1])
    for compound in range(shape[1]):
        rows = np.flatnonzero(np.isfinite(responses[:, compound]))
        some = values[rows]
        having = (some > 0).sum(axis=0)
        number[:, compound] = having
        left = _within(responses[rows, compound][:, None], code[rows])
        own = _within(some, code[rows])
        freedom[compound] = len(rows) - len(np.unique(code[rows])) - 1
        squares = (own**2).sum(axis=0)
        binary = bool(np.isin(some, (0, 1)).all())
        enough = (having >= FEWEST) & (len(rows) - having >= FEWEST) if binary else np.ones(len(having), dtype=bool)
        kept = np.flatnonzero(enough & (squares > 1e-9))
        if not kept.size or freedom[compound] < 1:
            continue
        across = own[:, kept].T @ left[:, 0]
        slope = across / squares[kept]
        rest = np.maximum(float((left**2).sum()) - slope * across, 1e-12)
        effect[kept, compound] = slope
        t[kept, compound] = slope / np.sqrt(rest / freedom[compound] / squares[kept])
    return Associations(effect, t, freedom, number)


def dealt_within(tissue: Sequence[str], generator: np.random.Generator) -> Int[np.ndarray, " n"]:
    """An order that deals samples to others of their tissue.

    >>> dealt_within(["a", "b", "c"], np.random.default_rng(1)).tolist()
    [0, 1, 2]
    """
    code = np.unique(np.asarray(tissue, dtype=object).astype(str), return_inverse=True)[1]
    order = np.arange(len(code))
    for one in range(code.max() + 1 if len(code) else 0):
        here = np.flatnonzero(code == one)
        order[here] = generator.permutation(here)
    return order


def _within(values: Float[np.ndarray, "n k"], code: Int[np.ndarray, " n"]) -> Float[np.ndarray, "n k"]:
    """Values less their tissue's mean."""
    number = np.bincount(code, minlength=code.max() + 1)
    member = np.zeros((len(number), len(code)))
    member[code, np.arange(len(code))] = 1
    return values - (member @ values / np.maximum(number, 1)[:, None])[code]
