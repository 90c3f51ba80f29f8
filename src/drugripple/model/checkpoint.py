"""Checkpoints of both stages: a network, its genes, its interaction prior, and a card.

The prior's edges are stored beside the weights, because they are given with the genes and not learnt.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from drugripple.data.effects import Effects
from drugripple.data.measure import Measure
from drugripple.errors import CheckpointError
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.scaling import RobustScaler
from drugripple.genes.space import GeneSpace
from drugripple.model.folders import CARD, EDGES, TENSORS
from drugripple.model.free_factors import Known
from drugripple.model.network import PerturbationNet, ResponseNet
from drugripple.model.settings import PerturbationSettings, ResponseSettings
from drugripple.model.storage import (
    Provenance,
    read_card,
    read_tensors,
    require_same_shapes,
    write_checkpoint,
)

MEDIAN, MAD = "scaler.median", "scaler.mad"
FREE = "factors.sample"


class Card(Provenance):
    """Describes a network of stage 1 or 2: its settings and genes, what it was made from, and what it has seen."""

    kind: Literal["perturbation", "response"]
    perturbation: PerturbationSettings
    response: ResponseSettings | None = None
    genes: tuple[str, ...]
    gene_digest: str
    prior_source: str
    expression_scale: str = ""
    """Scale of the expression that the stored medians and MADs belong to; for response networks."""
    ranked: bool = False
    """Whether the network reads ranks of genes within a sample instead, whose medians and MADs these are then."""
    measure: Measure = Measure.LN_IC50
    """What a response network predicts."""
    effects: Effects | None = None
    """Mean effects that a residual target left out of the network, added back when predicting."""
    compounds_seen: tuple[str, ...] = ()
    """Keys of the molecules it was trained on (first blocks of InChIKeys), which a leak audit needs. Free vectors are
    in this order, and in that of `lines_seen`."""
    largest_compound: int = 0
    """Heavy atoms of the largest molecule it was trained on; 0 where that is not known."""
    lines_seen: tuple[str, ...] = ()
    """Names of the samples it was trained on."""
    lines_scaled: tuple[str, ...] = ()
    """Names of the samples that the medians and MADs are of, where these are more than it was trained on."""


@dataclass(frozen=True)
class PerturbationCheckpoint:
    """A stage-1 network with its card."""

    net: PerturbationNet
    card: Card


@dataclass(frozen=True)
class ResponseCheckpoint:
    """A stage-2 network with its card and the medians and MADs that expression was scaled by."""

    net: ResponseNet
    scaler: RobustScaler
    card: Card


def save_perturbation(folder: Path, net: PerturbationNet, card: Card) -> None:
    """Write a stage-1 checkpoint; an older one in the folder is replaced as a whole."""
    _save(folder, net, net.interactions, card, {})


def save_response(folder: Path, net: ResponseNet, scaler: RobustScaler, card: Card) -> None:
    """Write a stage-2 checkpoint; an older one in the folder is replaced as a whole."""
    scaling = {MEDIAN: torch.from_numpy(scaler.median), MAD: torch.from_numpy(scaler.mad)}
    _save(folder, net, net.backbone.interactions, card, scaling)


def load_perturbation(folder: Path) -> PerturbationCheckpoint:
    """Read a stage-1 checkpoint.

    Raises:
        CheckpointError: if it is missing, truncated, altered or of another kind.
    """
    card, tensors = _read(folder, "perturbation")
    net = PerturbationNet(_prior(folder, card, tensors), card.perturbation)
    _fill(folder, net, tensors)
    return PerturbationCheckpoint(net.eval(), card)


def load_response(folder: Path) -> ResponseCheckpoint:
    """Read a stage-2 checkpoint.

    Raises:
        CheckpointError: if it is missing, truncated, altered or of another kind.
    """
    card, tensors = _read(folder, "response")
    if card.response is None:
        message = f"{folder / CARD} says it is a response network but holds no response settings"
        raise CheckpointError(message)
    lost = [name for name in (MEDIAN, MAD) if name not in tensors]
    if lost:
        message = f"{folder / TENSORS} holds no scaling of expression ({', '.join(lost)}); fetch the checkpoint anew"
        raise CheckpointError(message)
    backbone = PerturbationNet(_prior(folder, card, tensors), card.perturbation)
    scaler = RobustScaler(tensors.pop(MEDIAN).numpy(), tensors.pop(MAD).numpy(), ranked=card.ranked)
    known = Known(card.lines_seen, card.compounds_seen) if FREE in tensors else None
    net = ResponseNet(backbone, card.response, known)
    _fill(folder, net, tensors)
    return ResponseCheckpoint(net.eval(), scaler, card)


def _save(folder: Path, net: nn.Module, prior: InteractionPrior, card: Card, extra: Mapping[str, Tensor]) -> None:
    edges = torch.from_numpy(prior.edges.astype(np.int32))
    write_checkpoint(folder, net.state_dict() | {EDGES: edges, **extra}, card)


def _read(folder: Path, kind: str) -> tuple[Card, dict[str, Tensor]]:
    card = read_card(folder, Card)
    if card.kind != kind:
        message = f"{folder} holds a {card.kind} network; a {kind} network is needed here"
        raise CheckpointError(message)
    return card, read_tensors(folder, card)


def _prior(folder: Path, card: Card, tensors: dict[str, Tensor]) -> InteractionPrior:
    if EDGES not in tensors:
        message = f"{folder / TENSORS} holds no interaction prior ({EDGES})"
        raise CheckpointError(message)
    return InteractionPrior(GeneSpace(card.genes), tensors.pop(EDGES).numpy().astype(np.int64), card.prior_source)


def _fill(folder: Path, net: nn.Module, tensors: dict[str, Tensor]) -> None:
    require_same_shapes(tensors, net.state_dict(), origin=folder / TENSORS, network="the network of its card")
    net.load_state_dict(tensors)
