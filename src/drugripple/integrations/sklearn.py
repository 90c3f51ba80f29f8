"""The network as an estimator of scikit-learn: `fit(X, y)` and `predict(X)` on pairs of a sample and a SMILES."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from jaxtyping import Float, Int
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.model_selection import GroupShuffleSplit
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from drugripple.config import choice
from drugripple.data.measure import Measure
from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.errors import ConfigError, TableError, first_five
from drugripple.evaluation.schemes import Scheme
from drugripple.predictors.csg2a_settings import NetworkSettings
from drugripple.sources.user.expression import read_expression

if TYPE_CHECKING:
    from anndata import AnnData

    from drugripple.predictors.csg2a import NetworkPredictor

PairSource = pd.DataFrame | np.ndarray | Sequence[Sequence[str]]
TRAINING = ("learning_rate", "batch", "max_epochs", "patience")


class CSG2ARegressor(RegressorMixin, BaseEstimator):
    """The response network, trained on pairs, with scikit-learn's conventions.

        X = responses[["cell_line", "smiles"]]
        estimator = CSG2ARegressor("expression.csv", max_epochs=20).fit(X, responses["ln_ic50"])
        GridSearchCV(estimator, {"learning_rate": [1e-4, 1e-3]}, cv=GroupKFold()).fit(X, y, groups=X["cell_line"])

    X has two columns, the sample's name and the compound's SMILES: a DataFrame, an array or a list of pairs. What the
    network knows of a sample is looked up in the expression table by name, so X has two columns however many genes
    there are. A path is read at every `fit` and `predict`, a table of `drugripple.read_expression` only once. Part of
    the pairs given to `fit` are held out and say when to stop.

    `check_estimator` passes: what its contract says of constructing, cloning, parameters, tags and use before `fit`.
    Its other checks fit matrices of random numbers, where no number is the name of a sample. They cannot apply to pairs
    of names, the tags say so, and `check_estimator` leaves them out. Other input is refused by name (TableError).

    Args:
        expression: samples by genes: a path, a DataFrame, an AnnData or an ExpressionTable.
        backbone: `shipped`, `random`, or the folder of a pretrained network.
        target: `raw`, or `residual` to learn what mean effects leave of the response.
        learning_rate: of the first epoch.
        batch: pairs per step.
        max_epochs: epochs at most.
        patience: epochs without a better validation loss after which training stops.
        network: further settings, and those above where they are None.
        validation: what the held-out pairs do not share with the training pairs: `mixed` (the pair), `cell_blind` (the
            sample) or `drug_blind` (the compound). Choose what the folds around it hide.
        validation_fraction: share of pairs, samples or compounds held out.
        measure: what y is; ln IC50 (micromolar) unless stated.
        random_state: seed of weights, batches and of what is held out.

    Attributes:
        predictor_: the trained predictor; `predictor_.save(folder)` keeps it.
        n_features_in_: 2.
        feature_names_in_: the columns' names, where X was a DataFrame.
    """

    predictor_: "NetworkPredictor"

    def __init__(
        self,
        expression: "str | Path | pd.DataFrame | AnnData | ExpressionTable | None" = None,
        *,
        backbone: str | None = None,
        target: str | None = None,
        learning_rate: float | None = None,
        batch: int | None = None,
        max_epochs: int | None = None,
        patience: int | None = None,
        network: NetworkSettings | None = None,
        validation: str = Scheme.MIXED.value,
        validation_fraction: float = 0.1,
        measure: str = Measure.LN_IC50.value,
        random_state: int = 0,
    ) -> None:
        """Remember the parameters as they are given."""
        self.expression = expression
        self.backbone = backbone
        self.target = target
        self.learning_rate = learning_rate
        self.batch = batch
        self.max_epochs = max_epochs
        self.patience = patience
        self.network = network
        self.validation = validation
        self.validation_fraction = validation_fraction
        self.measure = measure
        self.random_state = random_state

    def fit(self, X: PairSource, y: Sequence[float] | pd.Series | np.ndarray) -> "CSG2ARegressor":
        """Train anew.

        Raises:
            DrugrippleError: if a parameter, a sample, a SMILES or a value cannot be used.
        """
        from drugripple.predictors.csg2a import NetworkPredictor

        settings, pairs = self._settings(), self._pairs(X)
        values = np.asarray(y, dtype=np.float64).ravel()
        table = ResponseTable(pairs, values.astype(np.float32), choice(Measure, self.measure))
        train, valid = (table.take(rows) for rows in self._held_out(pairs))
        predictor = NetworkPredictor(settings)
        predictor.fit(train, valid, seed=self.random_state)
        self.predictor_ = predictor
        validate_data(self, X, skip_check_array=True)
        return self

    def predict(self, X: PairSource) -> Float[np.ndarray, " m"]:
        """The response of every pair, in the measure of y.

        Raises:
            NotFittedError: before `fit`.
            ValueError: if the columns of a DataFrame are not those of the fit.
            DrugrippleError: if a sample or a SMILES cannot be used.
        """
        check_is_fitted(self, "predictor_")
        if isinstance(X, pd.DataFrame):
            validate_data(self, X, reset=False, skip_check_array=True)
        return self.predictor_.predict(self._pairs(X))

    def __sklearn_tags__(self) -> Tags:
        """X is two columns of text, and is checked by name."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        return tags

    def _settings(self) -> NetworkSettings:
        """The network's settings with the parameters that are given in their place."""
        base = (self.network or NetworkSettings()).model_dump(exclude_unset=True)
        own = {name: getattr(self, name) for name in ("backbone", "target") if getattr(self, name) is not None}
        steps = {name: getattr(self, name) for name in TRAINING if getattr(self, name) is not None}
        training = base.get("training", {}) | steps
        if "learning_rate" in steps:
            usual = NetworkSettings().training.final_rate
            training["final_rate"] = min(steps["learning_rate"], training.get("final_rate", usual))
        try:
            return NetworkSettings.model_validate(base | own | {"training": training})
        except ValueError as error:
            message = f"the parameters make no network: {error}"
            raise ConfigError(message) from error

    def _pairs(self, X: PairSource) -> Pairs:
        samples, smiles = _columns(X)
        if self.expression is None:
            message = "expression is not given; construct CSG2ARegressor with the table that has the samples of X"
            raise ConfigError(message)
        given = self.expression
        expression = read_expression(given)
        written, compound_row = np.unique(np.array(smiles, dtype=object), return_inverse=True)
        compounds = CompoundTable.from_smiles(written.tolist())
        return Pairs(expression, compounds, _rows(samples, expression.samples), compound_row)

    def _held_out(self, pairs: Pairs) -> tuple[Int[np.ndarray, " t"], Int[np.ndarray, " v"]]:
        """Rows to train on, and those that say when to stop."""
        keys = [molecule.key for molecule in pairs.compounds.molecules]
        number, molecule = np.unique(keys, return_inverse=True)
        molecule = molecule[pairs.compound_row]
        pair = pairs.sample_row * len(number) + molecule
        hidden = {Scheme.MIXED: pair, Scheme.CELL_BLIND: pairs.sample_row, Scheme.DRUG_BLIND: molecule}
        scheme = choice(Scheme, self.validation)
        if scheme not in hidden:
            message = f"validation is {scheme.value!r}, expected one of {first_five([each.value for each in hidden])}"
            raise ConfigError(message)
        groups = hidden[scheme]
        if len(np.unique(groups)) < 2:
            message = f"no pair can be held out: all {len(pairs)} share what {scheme.value!r} validation hides"
            raise TableError(message)
        split = GroupShuffleSplit(1, test_size=self.validation_fraction, random_state=self.random_state)
        return next(split.split(groups, groups=groups))


def _columns(X: PairSource) -> tuple[list[str], list[str]]:
    """Sample names and SMILES.

    Raises:
        TableError: if X is not two columns of text.
    """
    cells = X.to_numpy(dtype=object) if isinstance(X, pd.DataFrame) else X
    rows = [tuple(row) if isinstance(row, Iterable) and not isinstance(row, str) else (row,) for row in cells]
    odd = [row for row in rows if len(row) != 2 or not all(isinstance(cell, str) and cell for cell in row)]
    if odd or not rows:
        what = f"X has {len(odd)} rows that are no pair of a sample's name and a SMILES: {first_five(odd)}"
        message = f"{what if rows else 'X has no row'}; give two columns of text"
        raise TableError(message)
    return [row[0] for row in rows], [row[1] for row in rows]


def _rows(samples: Sequence[str], known: Sequence[str]) -> Int[np.ndarray, " m"]:
    """Rows of the expression table.

    Raises:
        TableError: if a sample has no expression.
    """
    place = {name: row for row, name in enumerate(known)}
    unknown = sorted({name for name in samples if name not in place})
    if unknown:
        message = f"{len(unknown)} samples of X have no expression: {first_five(unknown)}; it has {first_five(known)}"
        raise TableError(message)
    return np.array([place[name] for name in samples], dtype=np.int64)
