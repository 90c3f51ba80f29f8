"""Stage-1 networks by name: the shipped one, a folder's, or one with fresh weights."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import torch
from safetensors.torch import load_file

from drugripple.config import MatSettings, Preset
from drugripple.genes.prior import InteractionPrior
from drugripple.model.checkpoint import Card, PerturbationCheckpoint, load_perturbation
from drugripple.model.mat import MatConfig
from drugripple.model.network import PerturbationNet
from drugripple.model.storage import read_card

SHIPPED = "shipped"
MAT_SMALL, L1000_LANDMARK = "mat-small", "l1000-landmark"


def shipped_folder(name: str) -> Path:
    """Folder of weights that travel with the package."""
    return Path(str(files("drugripple"))) / "weights" / name


def pretrained(name: str) -> PerturbationCheckpoint:
    """A stage-1 checkpoint: `shipped`, or the folder of one.

    Raises:
        CheckpointError: if there is none, or it is damaged or of another kind.
    """
    return load_perturbation(shipped_folder(L1000_LANDMARK) if name == SHIPPED else Path(name))


def fresh_network(
    prior: InteractionPrior, preset: Preset, changes: Mapping[str, object], *, seed: int
) -> PerturbationNet:
    """A network with random weights around the shipped molecule encoder, which is pretrained in every case."""
    torch.manual_seed(seed)
    small = MatConfig.small()
    molecule = MatSettings(width=small.d_model, layers=small.layers, heads=small.heads)
    net = PerturbationNet(prior, preset.perturbation(molecule=molecule, **changes))
    net.molecule.load_state_dict(load_file(shipped_folder(MAT_SMALL) / "model.safetensors"))
    return net


def card_of(name: str) -> Card:
    """The card of a checkpoint of either stage: `shipped`, its folder, or the run folder that holds it.

    Raises:
        CheckpointError: if there is none.
    """
    folder = shipped_folder(L1000_LANDMARK) if name == SHIPPED else Path(name)
    return read_card(folder / "checkpoint" if (folder / "checkpoint").is_dir() else folder, Card)
