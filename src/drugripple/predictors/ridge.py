"""Ridge regression on expression beside Morgan bits.

    ŷ = ȳ + (e - ē)ᵀ w_e + (b - b̄)ᵀ w_b      e   z-scores of the sample's landmark genes, ē their mean over rows
                                              b   Morgan bits of the compound, b̄ their mean over rows
                                              w   coefficients, shrunk by a penalty λ ‖w‖²

The normal equations come from the counts of pairs instead of the wide matrix of rows:

    XᵀX = [ EᵀN₁E  EᵀNB ; BᵀNᵀE  BᵀN₂B ]      E [n p] samples, B [c q] compounds, N [n c] counts
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.predictors.features import LandmarksAndBits, PairFeatures
from drugripple.predictors.method import Method
from drugripple.predictors.saved_whole import SavedWhole
from drugripple.predictors.saving import laid_out


@dataclass(frozen=True)
class LinearModel:
    """Fitted features, their means over the training rows, and coefficients. Axes: p gene, q bit."""

    features: LandmarksAndBits
    mean: float
    sample_mean: Float[np.ndarray, " p"]
    compound_mean: Float[np.ndarray, " q"]
    of_sample: Float[np.ndarray, " p"]
    of_compound: Float[np.ndarray, " q"]
    penalty: float

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """The linear predictor."""
        found = centred(self.features.of(pairs), self.sample_mean, self.compound_mean)
        return added(found, self.mean, self.of_sample, self.of_compound, pairs)


class Ridge(SavedWhole[LinearModel]):
    """Linear regression with an L2 penalty, exact; the intercept is free.

    The penalty is the one of `penalties` with the lowest validation error. It reads features alone, so a new sample
    or compound is answered as a known one.
    """

    name = "ridge"
    learns = LinearModel

    def __init__(self, *, penalties: tuple[float, ...] = (1e1, 1e2, 1e3, 1e4, 1e5)) -> None:
        """Choose the penalties to try."""
        self.penalties = penalties
        self.errors: dict[float, float] = {}
        """Validation error of each penalty of the last fit."""

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:  # noqa: ARG002
        """Learn from the training rows, choose the penalty by the validation rows."""
        from scipy.linalg import cho_factor, cho_solve

        pairs = train.pairs.compact()
        features = LandmarksAndBits.fit(pairs)
        plain = features.of(pairs)
        samples = np.bincount(pairs.sample_row).astype(np.float64)
        compounds = np.bincount(pairs.compound_row).astype(np.float64)
        sample_mean = samples @ plain.sample.astype(np.float64) / samples.sum()
        compound_mean = compounds @ plain.compound.astype(np.float64) / compounds.sum()
        of_sample, of_compound = plain.sample - sample_mean, plain.compound - compound_mean
        mean = float(train.values.mean(dtype=np.float64))
        rest = train.values - mean
        cross = of_sample.T @ pair_counts(pairs) @ of_compound
        within = (of_sample.T @ (samples[:, None] * of_sample), of_compound.T @ (compounds[:, None] * of_compound))
        gram = np.block([[within[0], cross], [cross.T, within[1]]])
        right = np.concatenate(
            [
                of_sample.T @ np.bincount(pairs.sample_row, weights=rest),
                of_compound.T @ np.bincount(pairs.compound_row, weights=rest),
            ]
        )
        watched = centred(features.of(valid.pairs), sample_mean, compound_mean)
        self.errors, best = {}, np.inf
        for penalty in self.penalties:
            solution = cho_solve(cho_factor(gram + penalty * np.eye(len(gram))), right)
            for_sample, for_compound = solution[: len(sample_mean)], solution[len(sample_mean) :]
            error = float(((added(watched, mean, for_sample, for_compound, valid.pairs) - valid.values) ** 2).mean())
            self.errors[penalty] = error
            if error < best:
                best = error
                self.learnt = LinearModel(features, mean, sample_mean, compound_mean, for_sample, for_compound, penalty)
        self.learnt, self.measure = laid_out(self.learnt), train.measure

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """The linear predictor.

        Raises:
            GeneSpaceError: if a gene of the fit is not measured.
        """
        asked, place = pairs.canonical()
        return self.require_learnt().predict(asked)[place]


def centred(
    features: PairFeatures, sample_mean: Float[np.ndarray, " p"], compound_mean: Float[np.ndarray, " q"]
) -> PairFeatures:
    """Features minus their means over the training rows."""
    return PairFeatures(
        (features.sample - sample_mean).astype(np.float32), (features.compound - compound_mean).astype(np.float32)
    )


def added(
    features: PairFeatures,
    mean: float,
    of_sample: Float[np.ndarray, " p"],
    of_compound: Float[np.ndarray, " q"],
    pairs: Pairs,
) -> Float[np.ndarray, " m"]:
    """Mean plus what a sample and a compound contribute."""
    sample, compound = features.sample @ of_sample, features.compound @ of_compound
    return mean + sample[pairs.sample_row] + compound[pairs.compound_row]


def pair_counts(pairs: Pairs) -> Int[np.ndarray, "n c"]:
    """How often every pair of a table's rows occurs."""
    shape = len(pairs.expression), len(pairs.compounds)
    return np.bincount(pairs.number, minlength=shape[0] * shape[1]).reshape(shape)


RECORDS = (
    Method(
        Ridge.name,
        f"{__name__}:Ridge",
        "landmark genes, Morgan bits",
        "Hoerl and Kennard 1970, doi:10.1080/00401706.1970.10488634",
    ),
)
