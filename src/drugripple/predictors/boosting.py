"""Gradient boosting of what the mean effects leave.

ŷ = μ + a_s + b_c + Σ_t f_t([p_s, a_s, p_c, b_c])      μ, a, b  mean and shrunk effects (`data.effects`)
p_s  principal components of the sample's expression
p_c  those of the compound's Morgan counts
f_t  regression trees, each fitted to what is left
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Float32

from drugripple.data.effects import Effects, known_sides
from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.predictors.features import Components, PairFeatures
from drugripple.predictors.method import Method
from drugripple.predictors.saved_whole import SavedWhole
from drugripple.predictors.saving import laid_out

if TYPE_CHECKING:
    import lightgbm


@dataclass(frozen=True)
class BoostedResidual:
    """Effects, fitted features, and LightGBM's own text of its trees."""

    effects: Effects
    features: Components
    trees: str


class ResidualBoosting(SavedWhole[BoostedResidual]):
    """LightGBM on the residuals of the effects that are known at test time.

    Which effects those are is read off the validation rows, which are as blind as the test: an effect that validation
    samples (or compounds) do not have is not taken out of training either. The effects are also features; those of a
    new sample or compound are zero.

    Source: Ke et al. 2017 (LightGBM); mean effects as in DrEval, Nat Commun 2026 17:4238.
    """

    name = "lightgbm"
    learns = BoostedResidual

    def __init__(
        self,
        *,
        trees: int = 600,
        learning_rate: float = 0.08,
        leaves: int = 63,
        patience: int = 40,
        sample_components: int = 64,
        compound_components: int = 64,
        threads: int = 2,
    ) -> None:
        """Choose the size of the ensemble; boosting stops where validation stops improving."""
        self.trees = trees
        self.learning_rate = learning_rate
        self.leaves = leaves
        self.patience = patience
        self.sample_components = sample_components
        self.compound_components = compound_components
        self.threads = threads

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:
        """Learn from the training rows, stop by the validation rows."""
        import lightgbm

        effects = Effects.fit(train, known_sides(train, valid))
        features = Components.fit(train.pairs, samples=self.sample_components, compounds=self.compound_components)
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
        (known, rest), (watched, watched_rest) = (
            (_rows(effects, features, part.pairs), part.values - effects.predict(part.pairs)) for part in (train, valid)
        )
        learn = lightgbm.Dataset(known, label=rest)
        watch = learn.create_valid(watched, label=watched_rest)
        booster = lightgbm.train(
            settings,
            learn,
            num_boost_round=self.trees,
            valid_sets=[watch],
            callbacks=[lightgbm.early_stopping(self.patience, verbose=False)],
        )
        text = booster.model_to_string(num_iteration=booster.best_iteration)
        self.learnt, self.measure = laid_out(BoostedResidual(effects, features, text)), train.measure

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """Known effects plus what the trees add.

        Raises:
            GeneSpaceError: if a gene of the fit is not measured.
        """
        learnt = self.require_learnt()
        asked, place = pairs.canonical()
        rows = _rows(learnt.effects, learnt.features, asked)
        added = np.asarray(_booster(learnt.trees).predict(rows, num_threads=self.threads))
        return (learnt.effects.predict(asked) + added)[place]


def _rows(effects: Effects, features: Components, pairs: Pairs) -> Float32[np.ndarray, "m d"]:
    plain = features.of(pairs)
    of_samples, of_compounds = effects.of_samples(pairs.expression.samples), effects.of_compounds(pairs.compounds)
    return PairFeatures(
        np.column_stack([plain.sample, of_samples]).astype(np.float32),
        np.column_stack([plain.compound, of_compounds]).astype(np.float32),
    ).rows(pairs)


def _booster(trees: str) -> "lightgbm.Booster":
    import lightgbm

    return lightgbm.Booster(model_str=trees)


RECORDS = (
    Method(
        ResidualBoosting.name,
        f"{__name__}:ResidualBoosting",
        "names, all genes, Morgan counts",
        "Ke et al. 2017, NeurIPS 30, on residuals of mean effects",
    ),
)
