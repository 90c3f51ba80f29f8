"""Our checkpoints: a folder with the tensors (safetensors) and a card that says what they are.

    folder/model.safetensors   every tensor, and the edges of the prior
    folder/card.json           settings, genes, data with their terms, digests, metrics, versions, what was seen

The card carries the SHA-256 of the tensors and is written last, so a truncated, altered or half-written checkpoint is
refused.
"""

import hashlib
import json
import platform
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from pydantic import Field, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save_file
from torch import Tensor, nn

from drugripple.config import PerturbationSettings, Record, ResponseSettings
from drugripple.errors import CheckpointError, first_five
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.scaling import RobustScaler
from drugripple.genes.space import GeneSpace
from drugripple.model.network import PerturbationNet, ResponseNet

TENSORS, CARD = "model.safetensors", "card.json"
EDGES, MEDIAN, MAD = "prior.edges", "scaler.median", "scaler.mad"


class DataUse(Record):
    """One source that a checkpoint learnt from."""

    name: str
    rows: int
    digest: str = ""
    terms: str
    citation: str = ""


class KnownEffects(Record):
    """Additive effects that a residual target left out of the network, added back when predicting."""

    mean: float
    sample: dict[str, float] = Field(default_factory=dict)
    compound: dict[str, float] = Field(default_factory=dict)
    """By canonical parent SMILES."""


class Card(Record):
    """What a checkpoint is, from what it was made, and what it has seen."""

    kind: Literal["perturbation", "response"]
    name: str
    perturbation: PerturbationSettings
    response: ResponseSettings | None = None
    genes: tuple[str, ...]
    gene_digest: str
    prior_source: str
    expression_scale: str = ""
    """Scale of the expression that the stored medians and MADs belong to (response checkpoints)."""
    effects: KnownEffects | None = None
    data: tuple[DataUse, ...] = ()
    compounds_seen: tuple[str, ...] = ()
    """InChIKey first blocks: a leak audit needs them."""
    lines_seen: tuple[str, ...] = ()
    metrics: dict[str, float] = Field(default_factory=dict)
    seed: int = 0
    seconds: float = 0.0
    command: str = ""
    date: str = ""
    hardware: str = ""
    versions: dict[str, str] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()
    tensors_sha256: str = ""


@dataclass(frozen=True)
class PerturbationCheckpoint:
    """A stage-1 network with its card."""

    net: PerturbationNet
    card: Card


@dataclass(frozen=True)
class ResponseCheckpoint:
    """A stage-2 network with its card and the scaling its expression had."""

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
    backbone = PerturbationNet(_prior(folder, card, tensors), card.perturbation)
    scaler = RobustScaler(tensors.pop(MEDIAN).numpy(), tensors.pop(MAD).numpy())
    net = ResponseNet(backbone, card.response)
    _fill(folder, net, tensors)
    return ResponseCheckpoint(net.eval(), scaler, card)


def read_card(folder: Path) -> Card:
    """The card alone, without reading tensors.

    Raises:
        CheckpointError: if there is none or it is not one of ours.
    """
    path = folder / CARD
    try:
        return Card.model_validate(json.loads(path.read_text()))
    except OSError as error:
        message = f"{folder} holds no checkpoint: {CARD} cannot be read ({error.strerror}); name the folder of one"
        raise CheckpointError(message) from error
    except (ValidationError, ValueError) as error:
        message = f"{path} is not a card of this library ({str(error).splitlines()[0]}); fetch the checkpoint anew"
        raise CheckpointError(message) from error


def versions() -> dict[str, str]:
    """Versions that a result depends on, for cards."""
    names = ("drugripple", "torch", "numpy", "rdkit", "pandas", "scikit-learn")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}


def write_folder(folder: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a new folder under a temporary name, then put it in place of the old one.

    Raises:
        CheckpointError: if the disk refuses a write; an older folder stays as it was.
    """
    partial, old = (folder.with_name(f".{folder.name}.{suffix}") for suffix in ("part", "old"))
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        write(partial)
        if folder.exists():
            shutil.rmtree(old, ignore_errors=True)
            folder.rename(old)
        partial.rename(folder)
    except OSError as error:
        message = f"the checkpoint {folder} cannot be written ({error.strerror or error}); nothing of it was kept"
        raise CheckpointError(message) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _save(folder: Path, net: nn.Module, prior: InteractionPrior, card: Card, extra: Mapping[str, Tensor]) -> None:
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in net.state_dict().items()}
    tensors |= {EDGES: torch.from_numpy(prior.edges.astype(np.int32)), **extra}

    def write(partial: Path) -> None:
        save_file(tensors, partial / TENSORS)
        (partial / TENSORS).chmod(0o644)  # safetensors makes it readable by its owner only
        digest = hashlib.sha256((partial / TENSORS).read_bytes()).hexdigest()
        full = card.model_copy(update={"tensors_sha256": digest})
        (partial / CARD).write_text(full.model_dump_json(indent=1) + "\n")

    write_folder(folder, write)


def _read(folder: Path, kind: str) -> tuple[Card, dict[str, Tensor]]:
    card = read_card(folder)
    if card.kind != kind:
        message = f"{folder} holds a {card.kind} network; a {kind} network is needed here"
        raise CheckpointError(message)
    try:
        content = (folder / TENSORS).read_bytes()
    except OSError as error:
        message = f"{folder / TENSORS} cannot be read ({error.strerror}); fetch the checkpoint anew"
        raise CheckpointError(message) from error
    if hashlib.sha256(content).hexdigest() != card.tensors_sha256:
        message = f"{folder / TENSORS} is truncated or altered: its SHA-256 is not the card's; fetch it anew"
        raise CheckpointError(message)
    if GeneSpace(card.genes).digest != card.gene_digest:
        message = f"{folder / CARD}: the gene list was altered (its digest is not the one stored); fetch it anew"
        raise CheckpointError(message)
    try:
        return card, load_tensors(content)
    except SafetensorError as error:
        message = f"{folder / TENSORS} is not a safetensors file ({error})"
        raise CheckpointError(message) from error


def _prior(folder: Path, card: Card, tensors: dict[str, Tensor]) -> InteractionPrior:
    if EDGES not in tensors:
        message = f"{folder / TENSORS} holds no interaction prior ({EDGES})"
        raise CheckpointError(message)
    return InteractionPrior(GeneSpace(card.genes), tensors.pop(EDGES).numpy().astype(np.int64), card.prior_source)


def _fill(folder: Path, net: nn.Module, tensors: dict[str, Tensor]) -> None:
    wanted = {name: tuple(tensor.shape) for name, tensor in net.state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    if wanted != found:
        differ = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
        message = f"{folder / TENSORS}: {len(differ)} tensors are missing, unknown or misshapen: {first_five(differ)}"
        raise CheckpointError(message)
    net.load_state_dict(tensors)
