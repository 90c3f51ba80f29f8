"""Random forest, ridge and support vector regression on expression beside Morgan bits, as in the paper's Table 1."""

from collections.abc import Callable
from typing import Literal

import numpy as np
from jaxtyping import Float
from scipy.linalg import cho_factor, cho_solve

from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.predictors.features import PairFeatures, landmarks_and_bits, pair_counts
from drugripple.predictors.pair_gp.gaussian_process import PairGaussianProcess
from drugripple.predictors.pair_gp.kernels import squared_distances
from drugripple.predictors.pair_gp.kronecker import Scales
from drugripple.predictors.pair_gp.product_kernel import pairs_of

Guess = Callable[[Pairs], Float[np.ndarray, " m"]]


class Forest:
    """scikit-learn's random forest.

    Differs: the paper does not say its settings. Every tree sees a fifth of the rows and every split a tenth of the
    features, so that ten folds end within an hour.
    """

    def __init__(
        self, *, trees: int = 100, split_features: float = 0.1, tree_rows: float = 0.2, leaf: int = 1, jobs: int = 2
    ) -> None:
        """Choose the size of the forest."""
        self.trees = trees
        self.split_features = split_features
        self.tree_rows = tree_rows
        self.leaf = leaf
        self.jobs = jobs

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:  # noqa: ARG002
        """Learn from the training rows."""
        from sklearn.ensemble import RandomForestRegressor

        self._features = landmarks_and_bits(train)
        self.forest = RandomForestRegressor(
            n_estimators=self.trees,
            max_features=self.split_features,
            max_samples=self.tree_rows,
            min_samples_leaf=self.leaf,
            n_jobs=self.jobs,
            random_state=seed,
        )
        self.forest.fit(self._features.rows(train.pairs), train.values)

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """Mean of the trees."""
        return self.forest.predict(self._features.rows(pairs))


class Ridge:
    """Linear regression with an L2 penalty, exact, through the counts of pairs instead of the wide matrix of rows.

        XᵀX = [ EᵀN₁E  EᵀNB ; BᵀNᵀE  BᵀN₂B ]      E [n p] lines, B [c q] compounds, N [n c] counts

    The penalty is the one of `penalties` with the lowest validation error; the intercept is free.
    """

    def __init__(self, *, penalties: tuple[float, ...] = (1e1, 1e2, 1e3, 1e4, 1e5)) -> None:
        """Choose the penalties to try."""
        self.penalties = penalties

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:  # noqa: ARG002
        """Learn from the training rows, choose the penalty by the validation rows."""
        features = landmarks_and_bits(train)
        lines = np.bincount(train.sample_row, minlength=len(features.line)).astype(np.float64)
        drugs = np.bincount(train.compound_row, minlength=len(features.drug)).astype(np.float64)
        line, drug = features.line.astype(np.float64), features.drug.astype(np.float64)
        line, drug = line - lines @ line / lines.sum(), drug - drugs @ drug / drugs.sum()
        self._features = PairFeatures(line.astype(np.float32), drug.astype(np.float32))
        self._mean = float(train.values.mean(dtype=np.float64))
        rest = train.values - self._mean
        cross = line.T @ pair_counts(train) @ drug
        gram = np.block([[line.T @ (lines[:, None] * line), cross], [cross.T, drug.T @ (drugs[:, None] * drug)]])
        right = np.concatenate(
            [
                line.T @ np.bincount(train.sample_row, weights=rest, minlength=len(line)),
                drug.T @ np.bincount(train.compound_row, weights=rest, minlength=len(drug)),
            ]
        )
        self.errors = {}
        best = np.inf
        for penalty in self.penalties:
            coefficients = cho_solve(cho_factor(gram + penalty * np.eye(len(gram))), right)
            error = float(((self._at(valid.pairs, coefficients) - valid.values) ** 2).mean())
            self.errors[penalty] = error
            if error < best:
                best, self.penalty, self.coefficients = error, penalty, coefficients

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """The linear predictor."""
        return self._at(pairs, self.coefficients)

    def _at(self, pairs: Pairs, coefficients: Float[np.ndarray, " d"]) -> Float[np.ndarray, " m"]:
        split = self._features.line.shape[1]
        line = self._features.line @ coefficients[:split]
        drug = self._features.drug @ coefficients[split:]
        return self._mean + line[pairs.sample_row] + drug[pairs.compound_row]


class SupportVector:
    """Regression with an RBF kernel on the concatenated features, which is a product of a line and a compound kernel.

        exp(-γ‖[e, b] - [e', b']‖²) = exp(-γ‖e - e'‖²) · exp(-γ‖b - b'‖²)

    * `product`: squared loss instead of the ε-insensitive one (kernel ridge), solved exactly on all rows.
    * `exact`: ε-SVR of scikit-learn on a sample of the rows; its time grows with their square and more.
    * `nystroem`: ε-insensitive linear regression on a Nyström approximation of the kernel, all rows.

    γ is `width` over the total variance of the features; the validation rows choose among several C or widths.
    """

    def __init__(
        self,
        *,
        back_end: Literal["product", "exact", "nystroem"] = "product",
        c: tuple[float, ...] = (1.0, 10.0),
        width: tuple[float, ...] = (0.3, 1.0, 3.0),
        epsilon: float = 0.1,
        rows: int = 20_000,
        landmarks: int = 2000,
    ) -> None:
        """Choose the back-end and the settings to try; `rows` caps `exact`, `landmarks` is for `nystroem`."""
        self.back_end = back_end
        self.c = c
        self.width = width
        self.epsilon = epsilon
        self.rows = rows
        self.landmarks = landmarks

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:
        """Learn from the training rows, choose C and the width by the validation rows."""
        self._features = landmarks_and_bits(train)
        spread = _total_variance(self._features, train)
        best = np.inf
        self.errors = {}
        for width in self.width:
            for c in self.c:
                guess = self._train(train, c, width / spread, seed)
                error = float(((guess(valid.pairs) - valid.values) ** 2).mean())
                self.errors[(c, width)] = error
                if error < best:
                    best, self._guess, self.chosen = error, guess, (c, width)

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """The chosen machine's prediction."""
        return self._guess(pairs)

    def _train(self, train: ResponseTable, c: float, gamma: float, seed: int) -> Guess:
        if self.back_end == "product":
            return self._product(train, c, gamma)
        from sklearn.kernel_approximation import Nystroem
        from sklearn.pipeline import make_pipeline
        from sklearn.svm import SVR, LinearSVR

        if self.back_end == "exact":
            machine = SVR(kernel="rbf", C=c, gamma=gamma, epsilon=self.epsilon)
            drawn = np.sort(np.random.default_rng(seed).permutation(len(train))[: self.rows])
            train = train.take(drawn)
        else:
            machine = make_pipeline(
                Nystroem(gamma=gamma, n_components=min(self.landmarks, len(train)), random_state=seed),
                LinearSVR(C=c, epsilon=self.epsilon, dual=False, loss="squared_epsilon_insensitive", random_state=seed),
            )
        mean = float(train.values.mean(dtype=np.float64))
        machine.fit(self._features.rows(train.pairs), train.values - mean)
        return lambda pairs: mean + machine.predict(self._features.rows(pairs))

    def _product(self, train: ResponseTable, c: float, gamma: float) -> Guess:
        line, drug = (
            np.exp(-gamma * squared_distances(side.astype(np.float64)))
            for side in (self._features.line, self._features.drug)
        )
        only_product = Scales(0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, noise=1 / (2 * c))
        process = PairGaussianProcess(line, drug, scales=only_product).fit(pairs_of(train.pairs), train.values)
        return lambda pairs: process.predict(pairs_of(pairs))


def _total_variance(features: PairFeatures, train: ResponseTable) -> float:
    lines, drugs = np.unique(train.sample_row), np.unique(train.compound_row)
    return float(features.line[lines].var(axis=0).sum() + features.drug[drugs].var(axis=0).sum())
