"""The predictor that all peers share: features learnt on training rows, one training loop, state by name.

    loss = mean (respond(sample, compound) - t(y))²      t   identity, or GraphDRP's sigmoid

A batch encodes its distinct samples and its distinct compounds once, so that a compound that stands in many rows of a
batch has one dropout mask in it. A network of several members may say what each says while it trains; the loss is the
mean over them.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from jaxtyping import Float, Int
from pydantic import TypeAdapter
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from scipy.special import expit, logit
from torch import Tensor, nn
from torch.nn import functional as F

from drugripple.config import make_run
from drugripple.data.measure import Measure
from drugripple.data.pairs import Pairs
from drugripple.data.predictor import Noting
from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable
from drugripple.errors import CheckpointError, ConfigError, first_line
from drugripple.genes.space import GeneSpace
from drugripple.model.products import quick_products
from drugripple.predictors.kept_fit import rows_made_from, settings_made_from
from drugripple.predictors.peers.design import Design, Entities, Inputs, Knowledge, PairNetwork
from drugripple.predictors.peers.records import forms
from drugripple.predictors.peers.settings import PeerSettings, Target
from drugripple.predictors.saving import read_predictor_card, read_saved, require_fitted, write_saved
from drugripple.training.device import pick_device
from drugripple.training.history import Epoch, History
from drugripple.training.loop import CPU, fit, refuse_compiled
from drugripple.training.made_from import UNKNOWN, weights_digest

if TYPE_CHECKING:
    import pandas as pd

WEIGHTS = "weights.safetensors"
ENTITIES_AT_ONCE = 256
PAIRS_AT_ONCE = 2048
STEEPNESS = 0.1
"""Steepness of GraphDRP's sigmoid."""
FAINT = 1e-6
"""How near to 0 or 1 a sigmoid is still read."""


@dataclass(frozen=True)
class Trained:
    """A peer after its training."""

    inputs: Inputs
    net: nn.Module
    history: History


class Peer:
    """A neural peer of the paper, trained anew by every `fit`; it reads features, so what is new is answered too.

    Args:
        name: as the catalogue has it: `graphdrp`, `graphdrp_gat`, ...
        settings: in place of the published ones, which stand in the TOML beside the peer's file.
        knowledge: pathways, interactions and structures, for those that read some.

    Raises:
        ConfigError: if there is no such peer.
    """

    def __init__(self, name: str, settings: PeerSettings | None = None, knowledge: Knowledge | None = None) -> None:
        """Look the peer up and remember how to make it."""
        self.name, self.design = name, design_of(name)
        self.settings = settings or published(name)
        self.knowledge = knowledge or Knowledge()
        self.measure: Measure | None = None
        self.trained: Trained | None = None
        self.on_epoch: Callable[[Epoch], None] = _tell_nobody
        self.fit_state: Path | None = None
        """The file that keeps a fit between epochs."""

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:
        """Train until the validation rows stop improving; best epoch restored; `on_epoch` is told of each."""
        pairs = train.pairs.compact()
        inputs = self.design.fit(pairs, self.settings, self.knowledge)
        torch.manual_seed(seed)
        net = self.design.network(self.settings, inputs)
        history = _train(self.design, net, inputs, train, valid, self.settings, seed, self.on_epoch, self.fit_state)
        self.trained = Trained(inputs, net, history)
        self.measure = train.measure

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """Predicted response of every pair; the bits do not depend on the order of the table asked about.

        Raises:
            TrainingError: before `fit`.
            GeneSpaceError: if a gene of the fit is not measured.
        """
        trained = require_fitted(self.trained, self.name)
        asked, place = pairs.canonical()
        with torch.no_grad(), quick_products():
            said = PairRows.of(asked, trained.inputs).respond_all(cast("PairNetwork", trained.net.eval()))
        return _back(said.numpy().astype(np.float64), self.settings.target)[place]

    @property
    def genes(self) -> GeneSpace:
        """What a sample has to measure.

        Raises:
            TrainingError: before `fit`.
        """
        return require_fitted(self.trained, self.name).inputs.reads()

    def notes(self, compounds: CompoundTable) -> tuple[str, ...]:
        """What the features say of some compounds.

        Raises:
            TrainingError: before `fit`.
        """
        inputs = require_fitted(self.trained, self.name).inputs
        return inputs.notes(compounds) if isinstance(inputs, Noting) else ()

    @property
    def ended_at_cap(self) -> bool:
        """Whether `max_epochs` cut the last fit before its patience was out: it may not have converged.

        Raises:
            TrainingError: before `fit`.
        """
        return require_fitted(self.trained, self.name).history.ended_at_cap(self.settings.training)

    def learning_curve(self) -> "pd.DataFrame":
        """One row per epoch: epoch (from 1), train_loss, valid_loss, seconds.

        Raises:
            TrainingError: before `fit`.
        """
        return require_fitted(self.trained, self.name).history.table()

    def save(self, folder: Path) -> None:
        """Write it as a folder: features, epochs, and the weights as safetensors."""
        trained = require_fitted(self.trained, self.name)
        epochs = [asdict(epoch) for epoch in trained.history.epochs]
        settings = {"settings": self.settings.model_dump(mode="json"), "epochs": epochs}
        weights = {key: value.detach().cpu().contiguous() for key, value in trained.net.state_dict().items()}
        write_saved(
            folder, type(self), self.name, self.measure, settings, trained.inputs,
            add=lambda part: save_file(weights, part / WEIGHTS),
        )  # fmt: skip

    @classmethod
    def load(cls, folder: Path) -> "Peer":
        """Read what `save` wrote.

        Raises:
            CheckpointError: if the folder holds no peer, or a damaged one.
        """
        name = read_predictor_card(folder).name
        design = design_of(name)
        saved = read_saved(folder, cls, design.inputs)
        try:
            made = cls(name, design.settings.model_validate(saved.settings["settings"]))
            net = design.network(made.settings, saved.learnt)
            net.load_state_dict(load_file(folder / WEIGHTS))
            epochs = TypeAdapter(tuple[Epoch, ...]).validate_python(saved.settings["epochs"])
        except (OSError, RuntimeError, KeyError, ValueError, SafetensorError) as error:
            message = f"{folder} does not hold what {name} learns ({first_line(error)}); train it again"
            raise CheckpointError(message) from error
        made.measure = saved.measure
        made.trained = Trained(saved.learnt, net.eval(), History(epochs))
        return made


def _tell_nobody(_epoch: Epoch) -> None:
    """Where no one watches."""


def design_of(name: str) -> Design[PeerSettings, Inputs]:
    """The parts of a peer, from its file.

    Raises:
        ConfigError: if there is no such peer.
    """
    if name not in forms():
        message = f"no peer is called {name!r}; there are {', '.join(forms())}"
        raise ConfigError(message)
    return cast("Design[PeerSettings, Inputs]", import_module(forms()[name].record.design).DESIGN)


def published(name: str) -> PeerSettings:
    """The settings of a peer as they were published.

    Raises:
        ConfigError: if there is no such peer.
    """
    return make_run(design_of(name).settings, forms()[name].settings, f"{name}.toml")


@dataclass(frozen=True)
class PairRows:
    """Pairs with what a network reads of their samples and compounds. Axis: m pair."""

    samples: Entities
    compounds: Entities
    sample_row: Int[Tensor, " m"]
    compound_row: Int[Tensor, " m"]

    @classmethod
    def of(cls, pairs: Pairs, inputs: Inputs, device: torch.device = CPU) -> "PairRows":
        """The features of pairs on compact tables."""
        return cls(
            inputs.samples(pairs.expression).to(device),
            inputs.compounds(pairs.compounds).to(device),
            torch.from_numpy(pairs.sample_row.astype(np.int64)).to(device),
            torch.from_numpy(pairs.compound_row.astype(np.int64)).to(device),
        )

    def respond(self, net: PairNetwork, rows: Int[Tensor, " b"]) -> Float[Tensor, "*members b"]:
        """The response of some pairs, each distinct sample and compound encoded once."""
        sample, of_sample = torch.unique(self.sample_row[rows], return_inverse=True)
        compound, of_compound = torch.unique(self.compound_row[rows], return_inverse=True)
        return net.respond(
            tuple(part[of_sample] for part in net.of_samples(self.samples.take(sample))),
            tuple(part[of_compound] for part in net.of_compounds(self.compounds.take(compound))),
        )

    def respond_all(self, net: PairNetwork) -> Float[Tensor, " m"]:
        """The response of all pairs in bounded memory: sample by sample, compounds in blocks."""
        said = torch.empty(len(self.sample_row), device=self.sample_row.device)
        for first in range(0, len(self.compounds), ENTITIES_AT_ONCE):
            last = min(first + ENTITIES_AT_ONCE, len(self.compounds))
            block = torch.arange(first, last, device=said.device)
            compound = net.of_compounds(self.compounds.take(block))
            of_block = ((self.compound_row >= first) & (self.compound_row < last)).nonzero()[:, 0]
            for some in of_block.split(PAIRS_AT_ONCE):
                rows, place = torch.unique(self.sample_row[some], return_inverse=True)
                sample = net.of_samples(self.samples.take(rows))
                said[some] = net.respond(
                    tuple(part[place] for part in sample),
                    tuple(part[self.compound_row[some] - first] for part in compound),
                )
        return said


def _train(
    design: Design[PeerSettings, Inputs],
    net: nn.Module,
    inputs: Inputs,
    train: ResponseTable,
    valid: ResponseTable,
    settings: PeerSettings,
    seed: int,
    on_epoch: Callable[[Epoch], None],
    state: Path | None,
) -> History:
    refuse_compiled(settings.training, "the peers")
    device = pick_device(settings.training.device)
    net.to(device)
    network = cast("PairNetwork", net)
    parts = [PairRows.of(table.pairs.compact(), inputs, device) for table in (train, valid)]
    targets = [
        torch.from_numpy(_forth(table.values, settings.target).astype(np.float32)).to(device)
        for table in (train, valid)
    ]

    def loss(rows: Int[Tensor, " b"]) -> Float[Tensor, ""]:
        return design.loss(settings, parts[0].respond(network, rows).float(), targets[0][rows])

    def validate() -> float:
        return F.mse_loss(parts[1].respond_all(network).double(), targets[1].double()).item()

    made_from = UNKNOWN
    if state is not None:
        first = {"the first weights": weights_digest(net)}
        made_from = {**rows_made_from(train, valid), **settings_made_from(settings), **first}
    history = fit(
        net, loss, validate, rows=len(train), settings=settings.training, seed=seed, state=state, made_from=made_from,
        on_epoch=on_epoch, rows_on=device,
    )  # fmt: skip
    net.to("cpu")
    return history


def _forth(values: Float[np.ndarray, " m"], target: Target) -> Float[np.ndarray, " m"]:
    """What the network is to say of responses."""
    return values if target is Target.IDENTITY else expit(STEEPNESS * values)


def _back(said: Float[np.ndarray, " m"], target: Target) -> Float[np.ndarray, " m"]:
    """The responses of which the network says this; the sigmoid's ends stand for what lies beyond them."""
    return said if target is Target.IDENTITY else logit(np.clip(said, FAINT, 1 - FAINT)) / STEEPNESS
