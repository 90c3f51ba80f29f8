"""Gradient boosting of what the mean effects leave."""

import numpy as np
from jaxtyping import Float, Float32

from drugripple.data.effects import Effects, known_sides
from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.predictors.features import PairFeatures, components


class ResidualBoosting:
    """LightGBM on the residuals of the effects that are known at test time.

    Which effects those are is read off the validation rows, which are as blind as the test: an effect that validation
    lines (or compounds) do not have is not taken out of training either. The effects are also features.

    Source: Ke et al. 2017 (LightGBM); mean effects as in DrEval, Nat Commun 2026 17:4238.
    """

    def __init__(
        self,
        *,
        trees: int = 600,
        learning_rate: float = 0.08,
        leaves: int = 63,
        patience: int = 40,
        line_components: int = 64,
        drug_components: int = 64,
        threads: int = 2,
    ) -> None:
        """Choose the size of the ensemble; boosting stops where validation stops improving."""
        self.trees = trees
        self.learning_rate = learning_rate
        self.leaves = leaves
        self.patience = patience
        self.line_components = line_components
        self.drug_components = drug_components
        self.threads = threads

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:
        """Learn from the training rows, stop by the validation rows."""
        import lightgbm

        self.effects = Effects.fit(train, known_sides(train, valid))
        self._features = components(train, lines=self.line_components, drugs=self.drug_components)
        settings = {
            "objective": "l2",
            "learning_rate": self.learning_rate,
            "num_leaves": self.leaves,
            "min_data_in_leaf": 50,
            "feature_fraction": 0.3,
            "bagging_fraction": 0.5,
            "bagging_freq": 1,
            "lambda_l2": 1.0,
            "max_bin": 63,
            "num_threads": self.threads,
            "seed": seed,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }
        learn = lightgbm.Dataset(self._rows(train.pairs), label=train.values - self.effects.predict(train.pairs))
        watch = learn.create_valid(self._rows(valid.pairs), label=valid.values - self.effects.predict(valid.pairs))
        self.booster = lightgbm.train(
            settings,
            learn,
            num_boost_round=self.trees,
            valid_sets=[watch],
            callbacks=[lightgbm.early_stopping(self.patience, verbose=False)],
        )

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """Known effects plus what the trees add."""
        return self.effects.predict(pairs) + np.asarray(
            self.booster.predict(self._rows(pairs), num_iteration=self.booster.best_iteration)
        )

    def _rows(self, pairs: Pairs) -> Float32[np.ndarray, "m d"]:
        with_effects = PairFeatures(
            np.column_stack([self._features.line, self.effects.of_samples(pairs.expression.samples)]).astype(
                np.float32
            ),
            np.column_stack([self._features.drug, self.effects.of_compounds(pairs.compounds)]).astype(np.float32),
        )
        return with_effects.rows(pairs)
