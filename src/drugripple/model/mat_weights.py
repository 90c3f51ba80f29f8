"""Reads the published weights of the Molecule Attention Transformer."""

import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from drugripple.errors import CheckpointError, first_five
from drugripple.model.mat import MatConfig, MoleculeAttentionTransformer

HEAD = "generator"
EMBEDDING = "src_embed.lut.weight"


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
    except (OSError, RuntimeError, EOFError, ValueError, pickle.UnpicklingError) as error:
        message = f"{path} cannot be read as weights ({str(error).splitlines()[0]}); fetch the file anew"
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
