"""Gene set variation analysis: how high the genes of a set stand in a sample, beside a cohort that is fixed.

    F_g(x) = mean_k Φ((x - x_gk) / h_g)                   kernel estimate over the cohort, h_g a quarter of its SD
    walk   = Σ_hits |r|/Σ|r| - Σ_misses 1/(G - |set|)      genes by falling F; r their rank around the middle
    score  = max(walk) + min(walk)                        both from 0

Source: Hänzelmann, Castelo and Guinney 2013, doi:10.1186/1471-2105-14-7 (Gaussian kernel, difference of both ends).
Differs: the cohort stays that of the fit, so that a sample's score does not change with the samples beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32
from scipy.special import ndtr

from drugripple.errors import GeneSpaceError
from drugripple.genes.space import GeneSpace

GENES_AT_ONCE = 16


@dataclass(frozen=True)
class SetVariation:
    """A cohort and gene sets. Axes: k sample of the cohort, g gene of any set."""

    genes: GeneSpace
    cohort: Float32[np.ndarray, "k g"]
    sets: Mapping[str, tuple[str, ...]]
    """The measured members of each set."""

    @classmethod
    def fit(
        cls, genes: GeneSpace, values: Float[np.ndarray, "k g"], sets: Mapping[str, tuple[str, ...]], *, fewest: int
    ) -> "SetVariation":
        """Keep the cohort, and the sets of which enough genes are measured; every measured gene ranks.

        Raises:
            GeneSpaceError: if no set is left.
        """
        measured = {
            name: tuple(dict.fromkeys(one for one in members if one in genes)) for name, members in sets.items()
        }
        kept = {name: members for name, members in measured.items() if fewest <= len(members) < len(genes)}
        if not kept:
            message = f"none of {len(sets)} gene sets has {fewest} of the {len(genes)} measured genes"
            raise GeneSpaceError(message)
        return cls(genes, np.ascontiguousarray(values, dtype=np.float32), kept)

    def scores(self, values: Float[np.ndarray, "n g"]) -> Float32[np.ndarray, "n s"]:
        """The score of every set in any samples, whose genes are those of the fit."""
        order = np.argsort(-self._distribution(values), axis=1, kind="stable")
        total = order.shape[1]
        place = np.empty_like(order)
        np.put_along_axis(place, order, np.broadcast_to(np.arange(total), order.shape), axis=1)
        found = [_walk(np.sort(place[:, self.genes.positions(some)], axis=1), total) for some in self.sets.values()]
        return np.stack(found, axis=1).astype(np.float32)

    def _distribution(self, values: Float[np.ndarray, "n g"]) -> Float[np.ndarray, "n g"]:
        """F of every gene."""
        width = self.cohort.std(axis=0, ddof=1, dtype=np.float64) / 4
        width[width == 0] = 1e-3
        found = np.empty(values.shape)
        for start in range(0, values.shape[1], GENES_AT_ONCE):
            some = slice(start, start + GENES_AT_ONCE)
            asked, known = values[:, some].T / width[some, None], self.cohort[:, some].T / width[some, None]
            found[:, some] = ndtr(asked[:, :, None] - known[:, None]).mean(axis=2).T
        return found


def _walk(place: np.ndarray, total: int) -> Float[np.ndarray, " n"]:
    """The score of one set from the places of its genes, which are sorted. Axis: n sample."""
    size = place.shape[1]
    weight = np.abs(total - place - total / 2)
    hits = np.cumsum(weight, axis=1) / weight.sum(axis=1, keepdims=True)
    misses = (place - np.arange(size)) / (total - size)
    highest = (hits - misses).max(axis=1)
    lowest = (np.concatenate([np.zeros_like(hits[:, :1]), hits[:, :-1]], axis=1) - misses).min(axis=1)
    return np.maximum(highest, 0) + np.minimum(lowest, 0)
