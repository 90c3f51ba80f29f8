"""Weights of the Molecule Attention Transformer: the published file, and folders of ours with a card."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from drugripple.errors import CheckpointError
from drugripple.model.folders import TENSORS
from drugripple.model.mat.encoder import MatConfig, MoleculeAttentionTransformer
from drugripple.model.settings import MatSettings
from drugripple.model.storage import (
    Provenance,
    read_card,
    read_state_dict,
    read_tensors,
    require_same_shapes,
    write_checkpoint,
)

HEAD = "generator"
"""What names of the pretraining head hold in the published file."""
EMBEDDING = "src_embed.lut.weight"
"""Name of the tensor whose shape tells the number of atom features."""


class MatCard(Provenance):
    """Describes a molecule encoder: its size, what it was made from, and how well it guesses masked atoms."""

    kind: Literal["molecules"] = "molecules"
    molecule: MatSettings
    parameters: int
    """Number of parameters."""
    molecules_trained: int = 0
    """Number of molecules it was trained on."""
    molecules_seen: int = 0
    """Number of molecules it was trained on times the epochs."""
    excluded: tuple[str, ...] = ()
    """Files whose compounds were left out of training, by the first block of the InChIKey."""


@dataclass(frozen=True)
class MatCheckpoint:
    """A molecule encoder with its card."""

    mat: MoleculeAttentionTransformer
    card: MatCard


def save_mat(folder: Path, mat: MoleculeAttentionTransformer, card: MatCard) -> MatCheckpoint:
    """Write an encoder's tensors (as float32) and card; an older checkpoint in the folder is replaced as a whole."""
    tensors = {name: tensor.float() for name, tensor in mat.state_dict().items()}
    return MatCheckpoint(mat.eval(), write_checkpoint(folder, tensors, card))


def load_mat(folder: Path) -> MatCheckpoint:
    """Read an encoder that `save_mat` wrote.

    Raises:
        CheckpointError: if it is missing, truncated, altered or of another kind.
    """
    card = read_card(folder, MatCard)
    config = MatConfig.of(card.molecule)
    tensors = _checked(read_tensors(folder, card), config, folder / TENSORS)
    mat = MoleculeAttentionTransformer(config)
    mat.load_state_dict(tensors)
    return MatCheckpoint(mat.eval(), card)


def load_published_mat(path: Path) -> dict[str, Tensor]:
    """Read the published checkpoint as tensors to pass to `load_state_dict` of a network of its size, `MatConfig()`.

    The file is a flat mapping of names to tensors or parameters; the pretraining head is left out.

    Args:
        path: the file, which its authors share on a file-sharing site.

    Raises:
        CheckpointError: if the file cannot be read, is of the 36-feature family, or a tensor is missing, unknown or
            of another shape.

    Source: names and shapes of the 116 tensors published with Maziarka et al. 2020, arXiv:2002.08264.
    """
    found = {name: value for name, value in read_state_dict(path).items() if HEAD not in name}
    return _checked(found, MatConfig(), path)


def _checked(found: dict[str, Tensor], config: MatConfig, origin: Path) -> dict[str, Tensor]:
    if EMBEDDING in found and found[EMBEDDING].ndim == 2 and found[EMBEDDING].shape[1] == 36 != config.d_atom:
        message = (
            f"{origin} reads 36 features an atom: it is of the HuggingMolecules family (mat_masking_*), whose charges "
            f"are 11 classes; this network reads {config.d_atom} and cannot use its weights"
        )
        raise CheckpointError(message)
    with torch.device("meta"):
        wanted = MoleculeAttentionTransformer(config).state_dict()
    network = f"a network of width {config.d_model} with {config.layers} layers"
    require_same_shapes(found, wanted, origin=origin, network=network)
    return found
