"""CSG2A: condition-specific gene-gene attention, fine-tuned on responses (stage 2).

    ŷ = head(g', g' + Δ, D) [+ μ + a_s + b_c]      g'  the sample's scaled expression, a z-score per gene
                                                   D   chemical condition of the compound, over genes
                                                   Δ   change of expression that the frozen backbone predicts
                                                   μ, a, b  mean effects that a residual target leaves out

The network itself stands in `model/network.py`, its training in `training/response.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from drugripple.data.effects import Effects, Side, known_sides
from drugripple.data.measure import Measure
from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.data.tables import OF_SINGLE_GENES
from drugripple.genes.scaling import RobustScaler
from drugripple.model.checkpoint import Card, load_response, save_response
from drugripple.model.folders import CHECKPOINT
from drugripple.model.free_factors import Known
from drugripple.model.network import PerturbationNet, ResponseNet
from drugripple.predictors.backbone import BackboneSource
from drugripple.predictors.csg2a_settings import NetworkSettings, Reads, ScalerRows, Target
from drugripple.predictors.inputs import graphs_for, molecule_vectors, response_inputs
from drugripple.predictors.kept_fit import rows_made_from, settings_made_from
from drugripple.predictors.saving import read_saved, require_fitted, write_saved
from drugripple.runtime.digest import content_digest
from drugripple.runtime.notes import tell
from drugripple.runtime.progress import Progress, no_progress
from drugripple.runtime.provenance import versions
from drugripple.training.history import Epoch, History
from drugripple.training.made_from import UNKNOWN, MadeFrom, weights_digest
from drugripple.training.response import ResponseRows, finetune, predict_rows

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class FittedNetwork:
    """A trained network with everything that prediction needs."""

    net: ResponseNet
    scaler: RobustScaler
    effects: Effects
    """Mean effects of the training rows, of the sides that are known at test time."""
    residual: bool
    """Whether the network predicts what the effects leave."""
    history: History

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """Predicted response of every pair; the bits do not depend on the order of the table asked about.

        Raises:
            GeneSpaceError: if a gene of the network is not measured.
        """
        asked, place = pairs.canonical()
        vectors = molecule_vectors(self.net.backbone, asked.compounds)
        inputs = response_inputs(asked.expression.restrict(self.net.genes), self.scaler, vectors, *_condition(self.net))
        inputs = replace(inputs, known=_numbers(self.net, asked))
        predicted = predict_rows(self.net, inputs, *_row_numbers(asked)).numpy().astype(np.float64)
        return (predicted + self.effects.predict(asked) if self.residual else predicted)[place]


@dataclass(frozen=True)
class NetworkState:
    """What a trained network knows beside its weights."""

    effects: Effects
    residual: bool
    epochs: tuple[Epoch, ...]


class NetworkPredictor:
    """A response network that is trained anew by every `fit`; it keeps its learning curve.

    It reads features, so a new sample or compound is answered as a known one; on a residual target the effect of a
    new one is zero.

    Args:
        settings: what it is made of and how it is trained.
        source: what its backbone is made from; what the package ships is taken where none is given.
    """

    def __init__(self, settings: NetworkSettings | None = None, source: BackboneSource | None = None) -> None:
        """Remember how to make it."""
        self.settings, self.source = settings or NetworkSettings(), source
        self.measure: Measure | None = None
        self.card: Card | None = None
        self.fitted: FittedNetwork | None = None
        """The trained network, once `fit` has run."""
        self.fit_state: Path | None = None
        """The file that keeps a fit between epochs."""

    @property
    def name(self) -> str:
        """Name of the model in tables."""
        return self.settings.label

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:
        """Train until the validation rows stop improving; best epoch restored."""
        source = self.source or BackboneSource.read(self.settings)
        backbone = source.make(self.settings, train.expression.genes, seed=seed)
        state, beside = self.fit_state, settings_made_from(self.settings)
        self.fitted = fit_network(self.settings, train, valid, backbone, seed=seed, state=state, beside=beside)
        self.card = network_card(self.fitted, train, name=self.name, seed=seed, scaler_rows=self.settings.scaler_rows)
        self.measure = train.measure

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """Predicted response of every pair.

        Raises:
            TrainingError: before `fit`.
            GeneSpaceError: if a gene of the network is not measured.
        """
        return require_fitted(self.fitted, self.name).predict(pairs)

    def learning_curve(self) -> "pd.DataFrame":
        """One row per epoch: epoch (from 1), train_loss, valid_loss, seconds.

        Raises:
            TrainingError: before `fit`.
        """
        return require_fitted(self.fitted, self.name).history.table()

    def save(self, folder: Path) -> None:
        """Write it as a folder; `checkpoint` in it is a checkpoint as `drugripple finetune` leaves one."""
        fitted, card = require_fitted(self.fitted, self.name), require_fitted(self.card, self.name)
        own = set(NetworkSettings.model_fields)
        settings = {"settings": self.settings.model_dump(mode="json", include=own, exclude_unset=True)}
        state = NetworkState(fitted.effects, fitted.residual, fitted.history.epochs)
        write_saved(
            folder, type(self), self.name, self.measure, settings, state,
            add=lambda part: save_response(part / CHECKPOINT, fitted.net, fitted.scaler, card),
        )  # fmt: skip

    @classmethod
    def load(cls, folder: Path) -> "NetworkPredictor":
        """Read what `save` wrote.

        Raises:
            CheckpointError: if the folder holds no network, or a damaged one.
        """
        saved = read_saved(folder, cls, NetworkState)
        read = load_response(folder / CHECKPOINT)
        made = cls(NetworkSettings.model_validate(saved.settings["settings"]))
        state, made.measure, made.card = saved.learnt, saved.measure, read.card
        made.fitted = FittedNetwork(read.net, read.scaler, state.effects, state.residual, History(state.epochs))
        return made


def network_predictor(settings: NetworkSettings, data: Path | None = None) -> NetworkPredictor:
    """A predictor whose backbone is made from what a tidy folder holds.

    Raises:
        DrugrippleError: if there is no such network, or no folder where one is needed.
    """
    return NetworkPredictor(settings, BackboneSource.read(settings, data))


def network_card(
    fitted: FittedNetwork, train: ResponseTable, *, name: str, seed: int, scaler_rows: ScalerRows = ScalerRows.TRAIN
) -> Card:
    """What the checkpoint of a trained network tells of it and of the rows that it has seen."""
    net, seen = fitted.net, trained_on(train)
    return Card(
        kind="response",
        name=name,
        perturbation=net.backbone.settings,
        response=net.settings,
        genes=net.genes.symbols,
        gene_digest=net.genes.digest,
        prior_source=net.backbone.interactions.source,
        expression_scale=train.expression.scale,
        ranked=fitted.scaler.ranked,
        effects=fitted.effects if fitted.residual else None,
        compounds_seen=seen.compounds,
        lines_seen=seen.samples,
        lines_scaled=train.expression.samples if scaler_rows is ScalerRows.ALL else (),
        seed=seed,
        versions=versions(),
    )


def fit_network(
    settings: NetworkSettings,
    train: ResponseTable,
    valid: ResponseTable,
    backbone: PerturbationNet,
    *,
    seed: int,
    state: Path | None = None,
    beside: MadeFrom = UNKNOWN,
    on_epoch: Callable[[Epoch], None] = lambda _: None,
    progress: Progress = no_progress,
) -> FittedNetwork:
    """Fine-tune a backbone on training rows and stop by validation rows, which are as blind as the test's.

    Args:
        settings: of the network.
        train: the training rows.
        valid: the rows that stop the training.
        backbone: the network of stage 1.
        seed: of weights, order and dropout.
        state: the file that keeps the run between epochs.
        beside: digests of what else must be the same for `state` to be gone on from.
        on_epoch: called after each epoch.
        progress: told of molecules.

    Raises:
        DrugrippleError: if tables and settings do not fit together, or the training cannot go on.
    """
    expression = train.expression.restrict(backbone.genes)
    lines = np.unique(train.sample_row) if settings.scaler_rows is ScalerRows.TRAIN else np.arange(len(expression))
    ranked = settings.reads is Reads.RANK
    if ranked and expression.scale in OF_SINGLE_GENES:
        tell([f"the expression is {expression.scale}, of which ranks within a sample compare z-scores, not levels; "
              "give it from before genes were scaled, or set reads = 'value'"])  # fmt: skip
    scaler = RobustScaler.fit(expression.values[lines], ranked=ranked)
    vectors = molecule_vectors(backbone, train.compounds, progress=progress)
    sides = known_sides(train, valid)
    effects = Effects.fit(train, sides)
    torch.manual_seed(seed)
    free = settings.response.free_rank > 0 and set(sides) == set(Side)
    net = ResponseNet(backbone, settings.response, trained_on(train) if free else None)
    inputs = response_inputs(expression, scaler, vectors, *_condition(net))
    inputs = replace(inputs, known=_numbers(net, train.pairs))
    if net.trains_molecules:
        inputs = replace(inputs, graphs=graphs_for(backbone, train.compounds))
    residual = settings.target is Target.RESIDUAL
    rows = [_rows(part, effects.predict(part.pairs) if residual else np.zeros(len(part))) for part in (train, valid)]
    history = finetune(
        net, inputs, rows[0], rows[1], settings.training, seed=seed, state=state,
        made_from={} if state is None else {**_made_from(net, train, valid), **beside}, on_epoch=on_epoch,
    )  # fmt: skip
    return FittedNetwork(net.to("cpu").eval(), scaler, effects, residual, history)


def _made_from(net: ResponseNet, train: ResponseTable, valid: ResponseTable) -> MadeFrom:
    return {
        **rows_made_from(train, valid),
        "the interaction prior": content_digest(net.backbone.interactions.edges),
        "the pretrained network": weights_digest(net),
    }


def trained_on(train: ResponseTable) -> Known:
    """Names of the samples and keys of the molecules of training rows."""
    seen = train.pairs.compact()
    return Known(seen.expression.samples, tuple(sorted({molecule.key for molecule in seen.compounds.molecules})))


def _numbers(net: ResponseNet, pairs: Pairs) -> tuple[Int[Tensor, " n"], Int[Tensor, " c"]] | None:
    """Numbers of a table's samples and compounds among the network's free vectors."""
    if net.factors is None:
        return None
    keys = [molecule.key for molecule in pairs.compounds.molecules]
    return net.factors.samples(pairs.expression.samples), net.factors.compounds(keys)


def _condition(net: ResponseNet) -> tuple[float, float]:
    return net.settings.dose_um, net.settings.hours


def _rows(table: ResponseTable, offset: Float[np.ndarray, " m"]) -> ResponseRows:
    target = (table.values - offset).astype(np.float32)
    return ResponseRows(*_row_numbers(table.pairs), torch.from_numpy(target))


def _row_numbers(pairs: Pairs) -> tuple[Int[Tensor, " m"], Int[Tensor, " m"]]:
    sample, compound = (column.astype(np.int64) for column in (pairs.sample_row, pairs.compound_row))
    return torch.from_numpy(sample), torch.from_numpy(compound)
