"""Stage-1 networks by name: the one that travels with the package, one from a folder, or one with random weights."""

from importlib.resources import files
from pathlib import Path

import torch

from drugripple.genes.prior import InteractionPrior
from drugripple.model.checkpoint import Card, PerturbationCheckpoint, load_perturbation
from drugripple.model.mat.weights import MatCard, load_mat
from drugripple.model.network import PerturbationNet
from drugripple.model.settings import (
    L1000_LANDMARK,
    MAT_RANDOM,
    MAT_SMALL,
    MORGAN,
    SHIPPED,
    MatSettings,
    MoleculeReader,
    PerturbationSettings,
)
from drugripple.model.storage import read_card, read_kind


def shipped_folder(name: str) -> Path:
    """The folder of weights that travel with the package."""
    return Path(str(files("drugripple"))) / "weights" / name


def pretrained(name: str) -> PerturbationCheckpoint:
    """Read a stage-1 checkpoint by its folder, or the one that travels with the package (`shipped`).

    Raises:
        CheckpointError: if there is none, or it is damaged or of another kind.
    """
    return load_perturbation(shipped_folder(L1000_LANDMARK) if name == SHIPPED else Path(name))


def fresh_network(
    prior: InteractionPrior, settings: PerturbationSettings, *, seed: int, encoder: str = MAT_SMALL
) -> PerturbationNet:
    """Make a stage-1 network with random weights around a molecule encoder.

    Args:
        prior: interactions between the network's genes.
        settings: the settings of the network; the encoder decides what they say about molecules.
        seed: the seed of the random weights.
        encoder: `mat-small` (shipped, pretrained), `mat-random` (the same without pretraining), `morgan` (fingerprints
            instead of an encoder), or the folder of a stage-0 checkpoint.

    Raises:
        CheckpointError: if the folder holds no encoder.
    """
    torch.manual_seed(seed)
    if encoder == MORGAN:
        return PerturbationNet(prior, settings.model_copy(update={"encoder": MoleculeReader.MORGAN}))
    shipped = shipped_folder(MAT_SMALL)
    mat = load_mat(shipped if encoder in {MAT_SMALL, MAT_RANDOM} else Path(encoder)).mat
    size = MatSettings(width=mat.config.d_model, layers=mat.config.layers, heads=mat.config.heads)
    net = PerturbationNet(prior, settings.model_copy(update={"encoder": MoleculeReader.MAT, "molecule": size}))
    if encoder != MAT_RANDOM:
        net.mat.load_state_dict(mat.state_dict())
    return net


def card_of(name: str) -> Card | MatCard:
    """Read the card of a checkpoint of any stage, by its folder, the run folder that holds it, or `shipped`.

    Raises:
        CheckpointError: if there is none.
    """
    folder = shipped_folder(L1000_LANDMARK) if name == SHIPPED else Path(name)
    folder = folder / "checkpoint" if (folder / "checkpoint").is_dir() else folder
    return read_card(folder, MatCard) if read_kind(folder) == "molecules" else read_card(folder, Card)
