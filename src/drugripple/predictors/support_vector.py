"""Kernel regression on expression beside Morgan bits: least squares by default, or support vectors as in the paper.

    ŷ = β + Σ_sc w_sc exp(-γ‖e - e_s‖²) exp(-γ‖b - b_c‖²)      e   z-scores of the sample's landmark genes
                                                              b   Morgan bits of the compound
                                                              s, c  samples and compounds of training

The kernel of the features side by side is the product of one of samples and one of compounds.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Float32

from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.predictors.distances import distances_among, shifted_distances
from drugripple.predictors.features import BLOCK, LandmarksAndBits, PairFeatures
from drugripple.predictors.method import Method, PaperRow
from drugripple.predictors.saved_whole import SavedWhole
from drugripple.predictors.saving import laid_out


class Loss(StrEnum):
    """What is minimised, and how."""

    PRODUCT = "product"
    """Squared loss instead of the ε-insensitive one (kernel ridge), solved exactly on all rows."""
    EXACT = "exact"
    """ε-SVR of scikit-learn on a sample of the rows; its time grows with their square and more."""
    NYSTROEM = "nystroem"
    """ε-insensitive linear regression on a Nyström approximation of the kernel, all rows."""


class Weights(NamedTuple):
    """The weight of every pair of training, and what is added. Axes: n sample, c compound of training."""

    of_pair: Float[np.ndarray, "n c"]
    intercept: float


@dataclass(frozen=True)
class KernelMachine:
    """Fitted features, those of training's samples and compounds, and the weights of their pairs."""

    features: LandmarksAndBits
    sample: Float32[np.ndarray, "n p"]
    compound: Float32[np.ndarray, "c q"]
    gamma: float
    weights: Float[np.ndarray, "n c"]
    intercept: float

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """The kernel expansion of every pair."""
        plain = self.features.of(pairs)
        sides = ((plain.sample, self.sample), (plain.compound, self.compound))
        left, right = (
            np.exp(-self.gamma * shifted_distances(asked.astype(np.float64), known.astype(np.float64)))
            for asked, known in sides
        )
        left = left @ self.weights
        found = np.full(len(pairs), self.intercept)
        for start in range(0, len(pairs), BLOCK):
            rows = slice(start, start + BLOCK)
            found[rows] += np.einsum("mc,mc->m", left[pairs.sample_row[rows]], right[pairs.compound_row[rows]])
        return found


class SupportVector(SavedWhole[KernelMachine]):
    """Regression with an RBF kernel on the features of a pair.

    γ is `width` over the total variance of the features; the validation rows choose among several C or widths. It
    reads features alone, so a new sample or compound is answered as a known one.
    """

    name = "svm"
    learns = KernelMachine

    def __init__(
        self,
        *,
        loss: Loss = Loss.PRODUCT,
        c: tuple[float, ...] = (1.0, 10.0),
        width: tuple[float, ...] = (0.3, 1.0, 3.0),
        epsilon: float = 0.1,
        rows: int = 20_000,
        landmarks: int = 2000,
    ) -> None:
        """Choose the loss and the settings to try; `rows` caps `exact`, `landmarks` is for `nystroem`."""
        self.loss = loss
        self.c = c
        self.width = width
        self.epsilon = epsilon
        self.rows = rows
        self.landmarks = landmarks
        self.errors: dict[tuple[float, float], float] = {}
        """Validation error of each C and width of the last fit."""

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:
        """Learn from the training rows, choose C and the width by the validation rows."""
        pairs, watched = train.pairs.compact(), valid.pairs.compact()
        features = LandmarksAndBits.fit(pairs)
        plain = features.of(pairs)
        variance = float(plain.sample.var(axis=0).sum() + plain.compound.var(axis=0).sum())
        self.errors, best = {}, np.inf
        for width in self.width:
            for c in self.c:
                gamma = width / variance
                weights = self._weights(plain, pairs, train.values, c, gamma, seed)
                machine = KernelMachine(features, plain.sample, plain.compound, gamma, *weights)
                error = float(((machine.predict(watched) - valid.values) ** 2).mean())
                self.errors[c, width] = error
                if error < best:
                    best, self.learnt = error, machine
        self.learnt, self.measure = laid_out(self.learnt), train.measure

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """The chosen machine's prediction.

        Raises:
            GeneSpaceError: if a gene of the fit is not measured.
        """
        asked, place = pairs.canonical()
        return self.require_learnt().predict(asked)[place]

    def _weights(
        self, plain: PairFeatures, pairs: Pairs, y: Float[np.ndarray, " m"], c: float, gamma: float, seed: int
    ) -> Weights:
        if self.loss is Loss.PRODUCT:
            return _product(plain, pairs, y, c, gamma)
        from sklearn.kernel_approximation import Nystroem
        from sklearn.svm import SVR, LinearSVR

        mean = float(y.mean(dtype=np.float64))
        drawn = np.arange(len(pairs))
        if self.loss is Loss.EXACT:
            drawn = np.sort(np.random.default_rng(seed).permutation(len(pairs))[: self.rows])
            machine = SVR(kernel="rbf", C=c, gamma=gamma, epsilon=self.epsilon)
            machine.fit(plain.rows(pairs.take(drawn)), y[drawn] - mean)
            drawn, weights = drawn[machine.support_], machine.dual_coef_[0]
        else:
            kernel = Nystroem(
                gamma=gamma, n_components=min(self.landmarks, len(pairs)), random_state=seed
            )  # fmt: skip
            machine = LinearSVR(
                C=c, epsilon=self.epsilon, dual=False, loss="squared_epsilon_insensitive", random_state=seed
            )
            machine.fit(kernel.fit_transform(plain.rows(pairs)), y - mean)
            drawn, weights = kernel.component_indices_, kernel.normalization_.T @ machine.coef_
        of_pair = np.zeros((len(plain.sample), len(plain.compound)))
        np.add.at(of_pair, (pairs.sample_row[drawn], pairs.compound_row[drawn]), weights)
        return Weights(of_pair, mean + float(np.ravel(machine.intercept_)[0]))


def _product(plain: PairFeatures, pairs: Pairs, y: Float[np.ndarray, " m"], c: float, gamma: float) -> Weights:
    """Kernel ridge on all rows: a pair Gaussian process with only the product kernel, with noise variance 1/(2C)."""
    from drugripple.predictors.pair_gp.gaussian_process import PairGaussianProcess
    from drugripple.predictors.pair_gp.kronecker import Scales

    kernels = (np.exp(-gamma * distances_among(side.astype(np.float64))) for side in (plain.sample, plain.compound))
    only_product = Scales(0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, noise=1 / (2 * c))
    process = PairGaussianProcess(*kernels, scales=only_product)
    process.fit(np.stack([pairs.sample_row, pairs.compound_row], axis=1), y)
    return Weights(process.posterior_.weights, process.posterior_.mean)


PAPER = PaperRow.printed(
    1.126, 0.016, 0.918, 0.002, 1.346, 0.062, 0.881, 0.011, 2.268, 0.437, 0.520, 0.177, 2.685, 0.350, 0.450, 0.095
)

RECORDS = (
    Method(
        SupportVector.name,
        f"{__name__}:SupportVector",
        "landmark genes, Morgan bits",
        "Drucker et al. 1996, NeurIPS 9; squared loss on the exact product kernel",
        PAPER,
    ),
)
