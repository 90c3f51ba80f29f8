"""The pair Gaussian process as a predictor of responses: what a deep model has to clear."""

import numpy as np
from jaxtyping import Float, Int

from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.errors import TableError
from drugripple.predictors.pair_gp.gaussian_process import PairGaussianProcess
from drugripple.predictors.pair_gp.kernels import compound_kernel, rbf


class ProductKernel:
    """Line effect, compound effect and their product, from expression of all genes and compound similarity.

    Hyper-parameters come from the marginal likelihood of the training rows; validation rows are not used. The
    length scale of the expression kernel is the median distance between training lines.
    """

    def __init__(self, *, length: float = 1.0, tolerance: float = 1e-4) -> None:
        """Choose the length scale in median distances, and the relative residual of the linear system."""
        self.length = length
        self.tolerance = tolerance

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:  # noqa: ARG002
        """Learn from the training rows."""
        seen = np.bincount(train.sample_row, minlength=len(train.expression)) > 0
        line = rbf(train.expression.values, seen, length=self.length)
        self._expression, self._compounds = train.expression, train.compounds
        self.process = PairGaussianProcess(line, compound_kernel(train.compounds), tolerance=self.tolerance)
        self.process.fit(pairs_of(train.pairs), train.values)

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """Posterior mean of every row.

        Raises:
            TableError: if the rows are of another expression or compound table than the fit's.
        """
        self._require_same(pairs)
        return self.process.predict(pairs_of(pairs))

    def predict_with_sd(
        self, pairs: Pairs, *, samples: int = 32, seed: int = 0
    ) -> tuple[Float[np.ndarray, " m"], Float[np.ndarray, " m"]]:
        """Posterior mean, and standard deviation of one new measurement."""
        self._require_same(pairs)
        return self.process.predict_with_sd(pairs_of(pairs), samples=samples, seed=seed)

    def _require_same(self, pairs: Pairs) -> None:
        if pairs.expression.samples != self._expression.samples or pairs.compounds.ids != self._compounds.ids:
            message = (
                f"this model knows {len(self._expression)} lines and {len(self._compounds)} compounds, the rows are of "
                f"another table of {len(pairs.expression)} and {len(pairs.compounds)}; put all lines and compounds "
                "into one table, fit on the rows that are measured and predict the rest"
            )
            raise TableError(message)


def pairs_of(pairs: Pairs) -> Int[np.ndarray, "m 2"]:
    """Sample row and compound row of every pair."""
    return np.stack([pairs.sample_row, pairs.compound_row], axis=1)
