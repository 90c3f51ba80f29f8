"""Dr.VAE as a predictor: one network per compound with L1000 profiles and training responses; all else is refused."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional as F

from drugripple.config import make_run
from drugripple.data.measure import Measure
from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, PerturbationTable
from drugripple.errors import CheckpointError, CompoundError, ConfigError, TrainingError, first_five, first_line
from drugripple.evaluation.leaks.line_names import normalised_line
from drugripple.genes.space import GeneSpace
from drugripple.model.products import quick_products
from drugripple.predictors.features import CLIP, measured_landmarks
from drugripple.predictors.peers.drvae import DrVAENetwork, DrVAESettings, Examples
from drugripple.predictors.peers.expression import ScaledGenes
from drugripple.predictors.peers.records import forms_apart
from drugripple.predictors.saving import read_predictor_card, read_saved, require_fitted, write_saved
from drugripple.training.loop import fit, refuse_compiled

if TYPE_CHECKING:
    import pandas as pd

WEIGHTS = "weights.safetensors"
EVERY = 10
"""Training rows of which one validates, where a compound has no validation row."""


@dataclass(frozen=True)
class OneCompound:
    """What was learnt from, and how the training of one compound ended."""

    smiles: str
    mean: float
    """Mean of the training responses."""
    sd: float
    rows: int
    profiles: int
    told_profiles: int
    """Treated profiles whose line has a training response."""
    epochs: int
    valid_loss: float
    ended_at_cap: bool


@dataclass(frozen=True)
class DrVAEState:
    """Everything learnt but the weights."""

    expression: ScaledGenes
    compounds: Mapping[str, OneCompound]
    """What was learnt of each compound, by the identity key of its molecule."""


class DrVAE:
    """Dr.VAE for every compound with L1000 profiles and enough training responses; any other is refused by name.

    Args:
        name: as the catalogue has it: `drvae` or `drvae_released`.
        profiles: treated profiles beside untreated ones, robust z-scores.
        settings: in place of the published ones.
    """

    def __init__(
        self,
        name: str = "drvae",
        *,
        profiles: PerturbationTable | None = None,
        settings: DrVAESettings | None = None,
    ) -> None:
        """Remember what to learn from."""
        self.name, self.profiles, self.settings = name, profiles, settings or published_drvae(name)
        self.measure: Measure | None = None
        self.learnt: DrVAEState | None = None
        self.nets: dict[str, DrVAENetwork] = {}

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:
        """Train one network per compound until its validation rows stop improving; best epoch restored.

        A compound without a validation row is validated on every tenth of its training rows.

        Raises:
            ConfigError: if there are no profiles.
            TrainingError: if no compound has both profiles and enough responses.
        """
        if self.profiles is None:
            message = "Dr.VAE needs L1000 profiles and was given none; name the data folder that holds them (`data`)"
            raise ConfigError(message)
        landmarks = measured_landmarks(train.expression)
        shared = GeneSpace(tuple(one for one in landmarks.symbols if one in self.profiles.basal.genes))
        scaled, profiles = ScaledGenes.fit(train.pairs.compact().expression, shared), self.profiles.restrict(shared)
        told, held_out = (_Rows.of(table, scaled) for table in (train, valid))
        profiled = {molecule.key for molecule in profiles.compounds.molecules}
        keys, rows = np.unique(told.key, return_counts=True)
        chosen = [key for key in keys[rows >= self.settings.fewest_rows].tolist() if key in profiled]
        if not chosen:
            message = (
                f"none of {len(keys)} training compounds has L1000 profiles and {self.settings.fewest_rows} "
                "responses, which Dr.VAE learns from; use another predictor"
            )
            raise TrainingError(message)
        made = {key: _train_one(key, told, held_out, profiles, self.settings, seed) for key in chosen}
        self.nets = {key: net for key, (net, _) in made.items()}
        compounds = {key: one for key, (_, one) in made.items()}
        self.learnt, self.measure = DrVAEState(scaled, compounds), train.measure

    @property
    def genes(self) -> GeneSpace:
        """What a sample has to measure.

        Raises:
            TrainingError: before `fit`.
        """
        return require_fitted(self.learnt, self.name).expression.genes

    def answers(self, compounds: CompoundTable) -> Bool[np.ndarray, " c"]:
        """Which compounds have a network; a salt or stereoisomer of a training compound has the same.

        Raises:
            TrainingError: before `fit`.
        """
        known = require_fitted(self.learnt, self.name).compounds
        return np.array([molecule.key in known for molecule in compounds.molecules], dtype=bool)

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """Predicted response of every pair.

        Raises:
            CompoundError: if a compound has no network.
            GeneSpaceError: if a gene of the fit is not measured.
            TrainingError: before `fit`.
        """
        learnt, (asked, place) = require_fitted(self.learnt, self.name), pairs.canonical()
        if not self.answers(asked.compounds).all():
            without = asked.compounds.take(np.flatnonzero(~self.answers(asked.compounds)))
            message = (
                f"{self.name} has one network per compound with L1000 profiles and training responses, and none for "
                f"{len(without)} of {len(asked.compounds)} compounds: {first_five(without.names)}; ask about the "
                f"others (`answers` says which), or use another predictor"
            )
            raise CompoundError(message)
        z, found = torch.from_numpy(learnt.expression.of(asked.expression)), np.empty(len(asked))
        with torch.no_grad(), quick_products():
            for number, molecule in enumerate(asked.compounds.molecules):
                own, one = np.flatnonzero(asked.compound_row == number), learnt.compounds[molecule.key]
                said = self.nets[molecule.key](z[torch.from_numpy(asked.sample_row[own])])
                found[own] = one.mean + one.sd * said.numpy().astype(np.float64)
        return found[place]

    def trainings(self) -> "pd.DataFrame":
        """One row per compound: what its network learnt from, and how its training ended.

        Raises:
            TrainingError: before `fit`.
        """
        import pandas as pd

        return pd.DataFrame([asdict(one) for one in require_fitted(self.learnt, self.name).compounds.values()])

    def save(self, folder: Path) -> None:
        """Write it as a folder: scales, what was learnt from, and the weights of every network as safetensors."""
        learnt = require_fitted(self.learnt, self.name)
        weights = {
            f"{key}.{name}": value.detach().cpu().contiguous()
            for key, net in self.nets.items()
            for name, value in net.state_dict().items()
        }
        write_saved(
            folder, type(self), self.name, self.measure, {"settings": self.settings.model_dump(mode="json")}, learnt,
            add=lambda part: save_file(weights, part / WEIGHTS),
        )  # fmt: skip

    @classmethod
    def load(cls, folder: Path) -> "DrVAE":
        """Read what `save` wrote; it predicts, and needs profiles to be fitted again.

        Raises:
            CheckpointError: if the folder holds no Dr.VAE, or a damaged one.
        """
        saved = read_saved(folder, cls, DrVAEState)
        try:
            settings = DrVAESettings.model_validate(saved.settings["settings"])
            made = cls(read_predictor_card(folder).name, settings=settings)
            weights = load_file(folder / WEIGHTS)
            for key in saved.learnt.compounds:
                net = DrVAENetwork(made.settings, len(saved.learnt.expression.genes))
                net.load_state_dict({name: weights[f"{key}.{name}"] for name in net.state_dict()})
                made.nets[key] = net.eval()
        except (OSError, RuntimeError, KeyError, ValueError, SafetensorError) as error:
            message = f"{folder} does not hold what drvae learns ({first_line(error)}); train it again"
            raise CheckpointError(message) from error
        made.learnt, made.measure = saved.learnt, saved.measure
        return made


def published_drvae(name: str = "drvae") -> DrVAESettings:
    """The settings of its authors' example, from drvae.toml.

    Raises:
        ConfigError: if it has no such form.
    """
    if name not in forms_apart():
        message = f"no form of Dr.VAE is called {name!r}; there are {', '.join(forms_apart())}"
        raise ConfigError(message)
    return make_run(DrVAESettings, forms_apart()[name].settings, "drvae.toml")


def drvae_with_profiles(data: Path, *, name: str = "drvae") -> DrVAE:
    """An unfitted Dr.VAE with the L1000 profiles of a data folder in the tidy layout.

    Raises:
        SourceError: if the folder holds none.
    """
    from drugripple.sources.public.l1000.small_set import read_profiles

    return DrVAE(name, profiles=read_profiles(data, redistributable_only=False).table)


class _Rows(NamedTuple):
    """Responses as Dr.VAE reads them. Axes: m row, n sample, g gene."""

    key: np.ndarray
    """Identity key of the molecule of each row."""
    sample_row: Int[np.ndarray, " m"]
    values: Float[np.ndarray, " m"]
    z: Float[np.ndarray, "n g"]
    lines: tuple[str, ...]
    """Normalised names of the samples."""

    @classmethod
    def of(cls, table: ResponseTable, scaled: ScaledGenes) -> "_Rows":
        keys = np.array([molecule.key for molecule in table.compounds.molecules])
        lines = tuple(normalised_line(name) for name in table.expression.samples)
        return cls(keys[table.compound_row], table.sample_row, table.values, scaled.of(table.expression), lines)

    def take(self, chosen: Bool[np.ndarray, " m"]) -> "_Rows":
        return self._replace(key=self.key[chosen], sample_row=self.sample_row[chosen], values=self.values[chosen])


def examples_of(key: str, told: _Rows, profiles: PerturbationTable) -> Examples:
    """The responses of a compound's samples, then its profiles; a profile has the response of its line, if one is told.

    Responses are as `told` has them; the rows of `told` are the compound's alone.
    """
    of_compound = [molecule.key == key for molecule in profiles.compounds.molecules]
    some = np.flatnonzero(np.array(of_compound)[profiles.compound_row])
    response = {told.lines[sample]: value for sample, value in zip(told.sample_row.tolist(), told.values, strict=True)}
    known = [response.get(normalised_line(profiles.cell_line[row]), np.nan) for row in some.tolist()]
    before = np.concatenate([told.z[told.sample_row], profiles.basal.values[profiles.basal_row[some]]])
    return Examples(
        torch.from_numpy(np.clip(before, -CLIP, CLIP).astype(np.float32)),
        torch.from_numpy(np.concatenate([told.values, known]).astype(np.float32)),
        torch.from_numpy(np.clip(profiles.treated[some], -CLIP, CLIP).astype(np.float32)),
        len(told.values) + torch.arange(len(some)),
    )


def _train_one(
    key: str, told: _Rows, held_out: _Rows, profiles: PerturbationTable, settings: DrVAESettings, seed: int
) -> tuple[DrVAENetwork, OneCompound]:
    refuse_compiled(settings.training, "the peers")
    own, checked = told.take(told.key == key), held_out.take(held_out.key == key)
    if not len(checked.values):
        tenth = np.arange(len(own.values)) % EVERY == 0
        own, checked = own.take(~tenth), own.take(tenth)
    mean, sd = float(own.values.mean(dtype=np.float64)), float(own.values.std(dtype=np.float64)) or 1.0
    own, checked = (part._replace(values=(part.values - mean) / sd) for part in (own, checked))
    examples = examples_of(key, own, profiles)
    torch.manual_seed(seed)
    net, steps = DrVAENetwork(settings, examples.untreated.shape[1]), count()

    def loss(rows: Int[Tensor, " b"]) -> Float[Tensor, ""]:
        return net.loss(examples.take(rows), 1.0 if next(steps) else settings.first_weight)

    asked, truth = torch.from_numpy(checked.z[checked.sample_row]), torch.from_numpy(checked.values.astype(np.float32))

    def validate() -> float:
        return F.mse_loss(net(asked), truth).item()

    history = fit(net, loss, validate, rows=len(examples.untreated), settings=settings.training, seed=seed)
    smiles = next(molecule.parent for molecule in profiles.compounds.molecules if molecule.key == key)
    profiled = examples.response[len(own.values) :]
    return net, OneCompound(
        smiles, mean, sd, len(own.values), len(profiled), int((~profiled.isnan()).sum()), len(history.epochs),
        history.best.valid_loss, history.ended_at_cap(settings.training),
    )  # fmt: skip
