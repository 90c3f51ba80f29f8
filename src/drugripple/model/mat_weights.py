"""Weights of the Molecule Attention Transformer: the published file, and our own folders with a card."""

import hashlib
import json
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from pydantic import Field, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as to_bytes
from torch import Tensor

from drugripple.config import MatSettings, Record
from drugripple.errors import CheckpointError, first_five
from drugripple.model.checkpoint import CARD, TENSORS, DataUse, write_folder
from drugripple.model.mat import MatConfig, MoleculeAttentionTransformer

HEAD = "generator"
EMBEDDING = "src_embed.lut.weight"


class MatCard(Record):
    """What a molecule encoder is, from what it was made, and how well it guesses."""

    kind: Literal["molecules"] = "molecules"
    name: str
    molecule: MatSettings
    parameters: int
    data: tuple[DataUse, ...] = ()
    molecules_trained: int = 0
    molecules_seen: int = 0
    """Molecules trained on times the epochs."""
    excluded: tuple[str, ...] = ()
    """Files whose compounds were kept out, by the first block of the InChIKey."""
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
class MatCheckpoint:
    """A molecule encoder with its card."""

    mat: MoleculeAttentionTransformer
    card: MatCard


def save_mat(folder: Path, mat: MoleculeAttentionTransformer, card: MatCard) -> MatCheckpoint:
    """Write an encoder's float32 tensors and its card; an older checkpoint in the folder is replaced as a whole."""
    tensors = {name: tensor.detach().cpu().float().contiguous() for name, tensor in mat.state_dict().items()}

    content = to_bytes(tensors)
    full = card.model_copy(update={"tensors_sha256": hashlib.sha256(content).hexdigest()})

    def write(partial: Path) -> None:
        (partial / TENSORS).write_bytes(content)
        (partial / CARD).write_text(full.model_dump_json(indent=1) + "\n")

    write_folder(folder, write)
    return MatCheckpoint(mat.eval(), full)


def load_mat(folder: Path) -> MatCheckpoint:
    """Read an encoder of ours.

    Raises:
        CheckpointError: if it is missing, truncated, altered or of another kind.
    """
    try:
        card = MatCard.model_validate(json.loads((folder / CARD).read_text()))
        content = (folder / TENSORS).read_bytes()
    except OSError as error:
        message = f"{folder} holds no molecule encoder: {error.strerror} ({error.filename}); name the folder of one"
        raise CheckpointError(message) from error
    except (ValidationError, ValueError) as error:
        message = f"{folder / CARD} is no card of a molecule encoder ({str(error).splitlines()[0]})"
        raise CheckpointError(message) from error
    if hashlib.sha256(content).hexdigest() != card.tensors_sha256:
        message = f"{folder / TENSORS} is truncated or altered: its SHA-256 is not the card's; fetch it anew"
        raise CheckpointError(message)
    config = MatConfig(d_model=card.molecule.width, layers=card.molecule.layers, heads=card.molecule.heads)
    try:
        tensors = _checked(load_tensors(content), config, str(folder / TENSORS))
    except SafetensorError as error:
        message = f"{folder / TENSORS} is not a safetensors file ({error})"
        raise CheckpointError(message) from error
    mat = MoleculeAttentionTransformer(config)
    mat.load_state_dict(tensors)
    return MatCheckpoint(mat.eval(), card)


def load_published_mat(path: Path, config: MatConfig | None = None) -> dict[str, Tensor]:
    """The tensors of the published checkpoint, to pass to `load_state_dict` of a network of that size.

    The file is a flat mapping of names to tensors or parameters; the pretraining head is left out.

    Args:
        path: the file, which its authors share on a file-sharing site.
        config: the size expected; the published one if not given.

    Raises:
        CheckpointError: if the file cannot be read, is of the 36-feature family, or a tensor is missing, unknown or
            of another shape.

    Source: spec of the released code (arXiv:2002.08264), names and shapes of its 116 tensors.
    """
    try:
        content = torch.load(path, weights_only=True, map_location="cpu")
    except (OSError, RuntimeError, EOFError, LookupError, TypeError, ValueError, pickle.UnpicklingError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        message = f"{path} cannot be read as weights ({reason}); fetch the file anew"
        raise CheckpointError(message) from error
    if not isinstance(content, Mapping) or not all(isinstance(value, Tensor) for value in content.values()):
        message = f"{path} holds {type(content).__name__}, not a mapping of names to tensors"
        raise CheckpointError(message)
    found = {name: value.detach() for name, value in content.items() if HEAD not in name}
    return _checked(found, config or MatConfig(), str(path))


def _checked(found: dict[str, Tensor], config: MatConfig, origin: str) -> dict[str, Tensor]:
    if EMBEDDING in found and found[EMBEDDING].ndim == 2 and found[EMBEDDING].shape[1] == 36 != config.d_atom:
        message = (
            f"{origin} reads 36 features an atom: it is of the HuggingMolecules family (mat_masking_*), whose charges "
            f"are 11 classes; this network reads {config.d_atom} and cannot use its weights"
        )
        raise CheckpointError(message)
    with torch.device("meta"):
        wanted = {name: tuple(value.shape) for name, value in MoleculeAttentionTransformer(config).state_dict().items()}
    shapes = {name: tuple(value.shape) for name, value in found.items()}
    missing = [name for name in wanted if name not in shapes]
    unknown = [name for name in shapes if name not in wanted]
    misshapen = [
        f"{name}: {shapes[name]} for {wanted[name]}"
        for name in wanted
        if shapes.get(name, wanted[name]) != wanted[name]
    ]
    if missing or unknown or misshapen:
        message = (
            f"{origin} does not fit a network of width {config.d_model} with {config.layers} layers ({len(wanted)} "
            f"tensors): {len(missing)} missing {first_five(missing)}, {len(unknown)} unknown {first_five(unknown)}, "
            f"{len(misshapen)} of another shape {first_five(misshapen)}"
        )
        raise CheckpointError(message)
    return found
