"""Stage 2 on rows that are already split: the network that settings make, and what it predicts."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from drugripple.data.effects import Effects, known_sides
from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.errors import ConfigError
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.scaling import RobustScaler
from drugripple.genes.space import GeneSpace
from drugripple.model.network import PerturbationNet, ResponseNet
from drugripple.model.settings import RANDOM, SHIPPED, BackboneGenes, Prior
from drugripple.model.shipped import fresh_network, pretrained
from drugripple.predictors.csg2a_settings import NetworkSettings, ScalerRows, Target
from drugripple.predictors.inputs import molecule_vectors, response_inputs
from drugripple.runtime.digest import content_digest
from drugripple.runtime.progress import Progress, no_progress
from drugripple.sources.public.tidy import landmark_genes, read_prior
from drugripple.training.loop import Epoch, History
from drugripple.training.made_from import MadeFrom, weights_digest
from drugripple.training.response import ResponseRows, finetune, predict_rows


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
        """Predicted response of every pair."""
        vectors = molecule_vectors(self.net.backbone, pairs.compounds)
        inputs = response_inputs(pairs.expression.restrict(self.net.genes), self.scaler, vectors, *_condition(self.net))
        sample, compound = _row_numbers(pairs)
        predicted = predict_rows(self.net, inputs, sample, compound).numpy().astype(np.float64)
        return predicted + self.effects.predict(pairs) if self.residual else predicted


def backbone_of(settings: NetworkSettings, data: Path | None, measured: GeneSpace, *, seed: int) -> PerturbationNet:
    """The network to fine-tune, on the genes that are both its own and measured.

    Args:
        settings: which network.
        data: tidy folder that holds the interaction prior and the landmark genes, for a random one; where there is
            none, the shipped network's genes and prior are taken.
        measured: genes of the expression.
        seed: of random weights and of a rewired prior.

    Raises:
        DrugrippleError: if there is no such network.
    """
    if settings.backbone == RANDOM:
        net = fresh_network(
            _prior(settings, data, measured), settings.perturbation, seed=seed, encoder=settings.encoder
        )
    else:
        net = pretrained(settings.backbone).net
        net = net.restrict(net.genes.shared_with(measured))
    if settings.prior is Prior.STRING:
        return net
    known = net.interactions
    return net.with_prior(known.rewired(seed) if settings.prior is Prior.REWIRED else InteractionPrior.empty(net.genes))


def _prior(settings: NetworkSettings, data: Path | None, measured: GeneSpace) -> InteractionPrior:
    """The interactions between the genes of a random backbone."""
    if data is not None:
        genes = measured if settings.genes is BackboneGenes.ALL else landmark_genes(data).shared_with(measured)
        return read_prior(data, genes)
    if settings.genes is BackboneGenes.ALL:
        message = "a network on all genes needs `data`, a tidy folder with the interaction prior of those genes"
        raise ConfigError(message)
    shipped = pretrained(SHIPPED).net.interactions
    return shipped.restrict(shipped.genes.shared_with(measured))


def fit_network(
    settings: NetworkSettings,
    train: ResponseTable,
    valid: ResponseTable,
    backbone: PerturbationNet,
    *,
    seed: int,
    state: Path | None = None,
    on_epoch: Callable[[Epoch], None] = lambda _: None,
    progress: Progress = no_progress,
) -> FittedNetwork:
    """Fine-tune a backbone on training rows and stop by validation rows, which are as blind as the test's.

    Raises:
        DrugrippleError: if tables and settings do not fit together, or the training cannot go on.
    """
    expression = train.expression.restrict(backbone.genes)
    lines = np.unique(train.sample_row) if settings.scaler_rows is ScalerRows.TRAIN else np.arange(len(expression))
    scaler = RobustScaler.fit(expression.values[lines])
    vectors = molecule_vectors(backbone, train.compounds, progress=progress)
    effects = Effects.fit(train, known_sides(train, valid))
    torch.manual_seed(seed)
    net = ResponseNet(backbone, settings.response)
    inputs = response_inputs(expression, scaler, vectors, *_condition(net))
    residual = settings.target is Target.RESIDUAL
    rows = [_rows(part, effects.predict(part.pairs) if residual else np.zeros(len(part))) for part in (train, valid)]
    history = finetune(
        net, inputs, rows[0], rows[1], settings.training, seed=seed, state=state,
        made_from={} if state is None else _made_from(net, train, valid), on_epoch=on_epoch,
    )  # fmt: skip
    return FittedNetwork(net.to("cpu").eval(), scaler, effects, residual, history)


def _made_from(net: ResponseNet, train: ResponseTable, valid: ResponseTable) -> MadeFrom:
    expression = train.expression
    measured = (column for part in (train, valid) for column in (part.sample_row, part.compound_row, part.values))
    return {
        "expression": content_digest(*expression.samples, *expression.genes.symbols, expression.values),
        "responses": content_digest(*measured),
        "molecules": content_digest(*train.compounds.smiles),
        "the interaction prior": content_digest(net.backbone.interactions.edges),
        "the pretrained network": weights_digest(net),
    }


def _condition(net: ResponseNet) -> tuple[float, float]:
    return net.settings.dose_um, net.settings.hours


def _rows(table: ResponseTable, offset: Float[np.ndarray, " m"]) -> ResponseRows:
    target = (table.values - offset).astype(np.float32)
    return ResponseRows(*_row_numbers(table.pairs), torch.from_numpy(target))


def _row_numbers(pairs: Pairs) -> tuple[Int[Tensor, " m"], Int[Tensor, " m"]]:
    sample, compound = (column.astype(np.int64) for column in (pairs.sample_row, pairs.compound_row))
    return torch.from_numpy(sample), torch.from_numpy(compound)
