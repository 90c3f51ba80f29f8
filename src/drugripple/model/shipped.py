"""Stage-1 networks by name: that of the package, one from a folder, the authors' file, or one with random weights.

The authors' file says neither genes nor interactions. Its genes are the 978 landmarks in the published order, and its
interactions those of the network in the package, which are STRING's between the same genes.
"""

from pathlib import Path

import torch

from drugripple.genes.prior import InteractionPrior
from drugripple.model.checkpoint import Card, PerturbationCheckpoint, load_perturbation
from drugripple.model.folders import checkpoint_folder, shipped_folder
from drugripple.model.mat.encoder import MatConfig, MoleculeAttentionTransformer
from drugripple.model.mat.weights import MatCard, load_mat, load_published_mat
from drugripple.model.network import PerturbationNet
from drugripple.model.released import read_backbone
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
from drugripple.model.shipped_interactions import shipped_interactions
from drugripple.model.storage import DataUse, read_card, read_kind
from drugripple.runtime.digest import file_digest


def pretrained(name: str) -> PerturbationCheckpoint:
    """Read a stage-1 checkpoint by its folder, the one that travels with the package (`shipped`), or the authors' file.

    Of the authors' two kinds of file, the one of a fine-tuned network gives the stage-1 network inside it.

    Raises:
        CheckpointError: if there is none, or it is damaged or of another kind.
    """
    path = shipped_folder(L1000_LANDMARK) if name == SHIPPED else Path(name)
    if not path.is_file():
        return load_perturbation(path)
    net = read_backbone(path, shipped_interactions())
    return PerturbationCheckpoint(net, _published_card(path, net))


def _published_card(path: Path, net: PerturbationNet) -> Card:
    digest = file_digest(path)
    use = DataUse(
        name=f"published weights {path.name}",
        rows=0,
        digest=digest,
        terms="CC BY-NC-SA 4.0",
        citation="Bang, Koo and Kim 2024, doi:10.1093/bioinformatics/btae249",
    )
    return Card(
        kind="perturbation",
        name=path.name,
        perturbation=net.settings,
        genes=net.genes.symbols,
        gene_digest=net.genes.digest,
        prior_source=net.interactions.source,
        data=(use,),
        tensors_sha256=digest,
        card_sha256=digest,
        notes=("The file names no compounds and lines, so what it was trained on cannot be told.",),
    )


def fresh_network(
    prior: InteractionPrior, settings: PerturbationSettings, *, seed: int, encoder: str = MAT_SMALL
) -> PerturbationNet:
    """Make a stage-1 network with random weights around a molecule encoder.

    Args:
        prior: interactions between the network's genes.
        settings: the settings of the network; the encoder decides what they say about molecules.
        seed: the seed of the random weights.
        encoder: `mat-small` (shipped, pretrained), `mat-random` (the same without pretraining), `morgan` (fingerprints
            instead of an encoder), the folder of a stage-0 checkpoint, or the file of the published encoder.

    Raises:
        CheckpointError: if the folder or the file holds no encoder.
    """
    torch.manual_seed(seed)
    if encoder == MORGAN:
        return PerturbationNet(prior, settings.model_copy(update={"encoder": MoleculeReader.MORGAN}))
    mat = _encoder(shipped_folder(MAT_SMALL) if encoder in {MAT_SMALL, MAT_RANDOM} else Path(encoder))
    size = MatSettings(width=mat.config.d_model, layers=mat.config.layers, heads=mat.config.heads)
    net = PerturbationNet(prior, settings.model_copy(update={"encoder": MoleculeReader.MAT, "molecule": size}))
    if encoder != MAT_RANDOM:
        net.mat.load_state_dict(mat.state_dict())
    return net


def _encoder(path: Path) -> MoleculeAttentionTransformer:
    if not path.is_file():
        return load_mat(path).mat
    mat = MoleculeAttentionTransformer(MatConfig())
    mat.load_state_dict(load_published_mat(path))
    return mat


def card_of(name: str) -> Card | MatCard:
    """Read the card of a checkpoint of any stage, by its folder, the run folder that holds it, or `shipped`.

    The authors' file has none, and is read to make one.

    Raises:
        CheckpointError: if there is none.
    """
    if Path(name).is_file():
        return pretrained(name).card
    folder = checkpoint_folder(shipped_folder(L1000_LANDMARK) if name == SHIPPED else Path(name))
    return read_card(folder, MatCard) if read_kind(folder) == "molecules" else read_card(folder, Card)
