"""The network as a model inside drevalpy (optional: `pip install drugripple[drevalpy]`).

Source: drevalpy 1.6 (models/drp_model.py, datasets/dataset.py): names of methods, views, files and columns.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from drugripple.config import make_run
from drugripple.data.response import ResponseTable
from drugripple.data.tables import ExpressionScale
from drugripple.errors import ConfigError, SourceError, TrainingError
from drugripple.integrations.drevalpy.tables import EXPRESSION, SMILES, read_smiles, table_of
from drugripple.predictors.csg2a import NetworkPredictor, network_predictor
from drugripple.predictors.csg2a_settings import NetworkSettings

if TYPE_CHECKING:
    from drevalpy.datasets.dataset import DrugResponseDataset, FeatureDataset
    from drevalpy.models.drp_model import DRPModel


class DrevalpySettings(NetworkSettings):
    """Hyperparameters of the model in drevalpy: settings of a network, and what drevalpy does not provide."""

    data: Path | None = None
    """Tidy folder with the interaction prior and the landmark genes, needed for `backbone = "random"`."""
    seed: int = 0
    scale: ExpressionScale = ExpressionScale.RMA
    """Scale of `gene_expression.csv`; drevalpy's GDSC files are RMA."""


def drevalpy_model(settings: Sequence[Mapping[str, Any]] = ({},), *, name: str = "drugripple") -> "type[DRPModel]":
    """The network as a class that drevalpy trains and tests.

        Model = drevalpy_model([{"target": "residual"}])
        drevalpy.models.MODEL_FACTORY["drugripple"] = drevalpy.models.MULTI_DRUG_MODEL_FACTORY["drugripple"] = Model

    Args:
        settings: settings among which drevalpy chooses on its validation rows; keys of `DrevalpySettings`.
        name: name in drevalpy's tables, without underscores, because drevalpy's report splits names at them.

    Raises:
        SourceError: if drevalpy is not installed.
        ConfigError: if a setting is unknown or the name cannot be one.
    """
    try:
        from drevalpy.datasets.dataset import FeatureDataset
        from drevalpy.models.drp_model import DRPModel
        from drevalpy.models.utils import load_and_select_gene_features
    except ImportError as error:
        message = f"drevalpy cannot be imported ({error}); install drugripple[drevalpy], in an environment of its own"
        raise SourceError(message) from error
    _refuse_unusable(settings, name)
    choices = [dict(one) for one in settings]

    class Drugripple(DRPModel):  # type: ignore[misc, unused-ignore]
        """Condition-specific gene-gene attention, fine-tuned on drevalpy's training rows."""

        early_stopping = True
        is_single_drug_model = False
        cell_line_views = [EXPRESSION]  # noqa: RUF012 - as drevalpy's own models declare it
        drug_views = [SMILES]  # noqa: RUF012

        def __init__(self) -> None:
            super().__init__()
            self.settings = DrevalpySettings()
            self.predictor: NetworkPredictor | None = None

        @classmethod
        def get_model_name(cls) -> str:
            """The name in drevalpy's tables."""
            return name

        @classmethod
        def get_hyperparameter_set(cls) -> list[dict[str, Any]]:
            """The settings to choose among."""
            return [dict(choice) for choice in choices]

        def build_model(self, hyperparameters: dict[str, Any]) -> None:
            """Keep the settings; `train` makes the network when the genes are known."""
            self.log_hyperparameters(hyperparameters)
            self.hyperparameters = hyperparameters
            self.settings = _settings_of(hyperparameters)

        def load_cell_line_features(self, data_path: str, dataset_name: str) -> "FeatureDataset":
            """Expression of every gene; the network takes its own by name."""
            return load_and_select_gene_features(EXPRESSION, None, data_path, dataset_name)

        def load_drug_features(self, data_path: str, dataset_name: str) -> "FeatureDataset":
            """SMILES of every drug with a usable structure; a warning names the others."""
            smiles = read_smiles(Path(data_path) / dataset_name / "drug_smiles.csv")
            return FeatureDataset({drug: {SMILES: np.array([text], dtype=object)} for drug, text in smiles.items()})

        def train(
            self,
            output: "DrugResponseDataset",
            cell_line_input: "FeatureDataset",
            drug_input: "FeatureDataset | None" = None,
            output_earlystopping: "DrugResponseDataset | None" = None,
            model_checkpoint_dir: str = "checkpoints",  # noqa: ARG002 - the network is kept in memory
        ) -> None:
            """Fine-tune on `output` until the rows for early stopping no longer improve."""
            train, valid = _tables(output, output_earlystopping, cell_line_input, drug_input, self.settings.scale)
            self.predictor = network_predictor(self.settings, self.settings.data)
            self.predictor.fit(train, valid, seed=self.settings.seed)

        def predict(
            self,
            cell_line_ids: np.ndarray,
            drug_ids: np.ndarray,
            cell_line_input: "FeatureDataset",
            drug_input: "FeatureDataset | None" = None,
        ) -> np.ndarray:
            """Predicted responses, on the scale of the responses trained on."""
            if self.predictor is None:
                message = "the network has not been trained; call train first"
                raise TrainingError(message)
            table = table_of(cell_line_ids, drug_ids, cell_line_input, drug_input, self.settings.scale)
            return self.predictor.predict(table.pairs)

    return Drugripple


def _refuse_unusable(settings: Sequence[Mapping[str, Any]], name: str) -> None:
    if not settings or not re.fullmatch(r"[A-Za-z0-9.-]+", name):
        message = (
            f"a model of drevalpy needs settings ({len(settings)} given) and a name without underscores ({name!r})"
        )
        raise ConfigError(message)
    for one in settings:
        _settings_of(one)


def _tables(
    output: "DrugResponseDataset",
    early_stopping: "DrugResponseDataset | None",
    lines: "FeatureDataset",
    drugs: "FeatureDataset | None",
    scale: ExpressionScale,
) -> tuple[ResponseTable, ResponseTable]:
    """drevalpy's rows to train on and to stop by, over one table of samples and one of compounds."""
    if early_stopping is None or len(early_stopping) == 0:
        message = "no rows for early stopping: drevalpy found fewer than two groups in the validation rows"
        raise TrainingError(message)
    line, drug, response = (
        np.concatenate([getattr(part, column) for part in (output, early_stopping)])
        for column in ("cell_line_ids", "drug_ids", "response")
    )
    table = table_of(line, drug, lines, drugs, scale, response)
    rows = np.arange(len(table))
    return table.take(rows[: len(output)]), table.take(rows[len(output) :])


def _settings_of(hyperparameters: Mapping[str, Any]) -> DrevalpySettings:
    settings = make_run(DrevalpySettings, dict(hyperparameters), "hyperparameters")
    if settings.backbone == "random" and settings.data is None:
        message = "backbone = 'random' needs `data`, the tidy folder with the interaction prior and the landmark genes"
        raise ConfigError(message)
    return settings
