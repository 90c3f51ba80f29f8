"""Checkpoints on disk: a folder with the tensors (safetensors) and a card that describes them.

    folder/model.safetensors   every tensor
    folder/card.json           settings, data with their terms, digests, metrics, versions

The card carries the SHA-256 of the tensors and of itself, so a truncated or altered checkpoint is refused; a folder is
written under a temporary name and then renamed, so a half-written one never stands in its place.
"""

import hashlib
import json
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import torch
from pydantic import Field, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as to_bytes
from torch import Tensor

from drugripple.config import Record
from drugripple.errors import CheckpointError, first_five, first_line
from drugripple.model.folders import CARD, TENSORS
from drugripple.runtime.atomic import whole_folder
from drugripple.runtime.lock import holder_of
from drugripple.runtime.nesting import read_json_text


class DataUse(Record):
    """One source that a checkpoint learnt from."""

    name: str
    rows: int
    """Number of rows of it that were used."""
    digest: str = ""
    """SHA-256 of its files."""
    terms: str
    """Licence, or terms of use."""
    citation: str = ""


class Provenance(Record):
    """What every card says: what the tensors were made from, how, and how good they are."""

    kind: str
    name: str
    data: tuple[DataUse, ...] = ()
    metrics: dict[str, float] = Field(default_factory=dict)
    seed: int = 0
    seconds: float = 0.0
    command: str = ""
    date: str = ""
    hardware: str = ""
    versions: dict[str, str] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()
    tensors_sha256: str = ""
    card_sha256: str = ""
    """SHA-256 of everything else on the card."""


CardT = TypeVar("CardT", bound=Provenance)


def write_checkpoint(folder: Path, tensors: Mapping[str, Tensor], card: CardT) -> CardT:
    """Write tensors and card; an older checkpoint in the folder is replaced as a whole.

    Returns the card with its digests.

    Raises:
        OutputError: if the system refuses a write; an older checkpoint stays as it was.
    """
    content = to_bytes({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()})
    unsigned = card.model_copy(update={"tensors_sha256": hashlib.sha256(content).hexdigest()})
    full = unsigned.model_copy(update={"card_sha256": _card_digest(json.loads(unsigned.model_dump_json()))})
    with whole_folder(folder, replace=True) as partial:
        (partial / TENSORS).write_bytes(content)
        (partial / CARD).write_bytes((full.model_dump_json(indent=1) + "\n").encode())
    return full


def read_card(folder: Path, kind: type[CardT]) -> CardT:
    """Read the card of a checkpoint, without its tensors.

    Raises:
        CheckpointError: if there is none or it is not one of this kind.
    """
    path = folder / CARD
    try:
        found = read_json_text(path.read_bytes())
        card = kind.model_validate(found)
    except OSError as error:
        raise CheckpointError(_no_card(folder, error)) from error
    except (ValidationError, ValueError) as error:
        message = f"{path} is not a card of this library ({first_line(error)}); fetch the checkpoint anew"
        raise CheckpointError(message) from error
    if _card_digest(found) != card.card_sha256:
        message = f"{path} was altered: its contents are not what was written (digest differs); fetch it anew"
        raise CheckpointError(message)
    return card


def read_kind(folder: Path) -> str:
    """The kind of checkpoint that a folder's card names; blank where no card can be read."""
    try:
        return str(read_json_text((folder / CARD).read_bytes()).get("kind", ""))
    except (OSError, ValueError):
        return ""


def read_tensors(folder: Path, card: Provenance) -> dict[str, Tensor]:
    """Read the tensors of a checkpoint and compare their digest with the card's.

    Raises:
        CheckpointError: if they are missing, truncated or altered.
    """
    path = folder / TENSORS
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror}); fetch the checkpoint anew"
        raise CheckpointError(message) from error
    if hashlib.sha256(content).hexdigest() != card.tensors_sha256:
        message = f"{path} is truncated or altered: its SHA-256 is not the card's; fetch it anew"
        raise CheckpointError(message)
    try:
        return load_tensors(content)
    except SafetensorError as error:
        message = f"{path} is not a safetensors file ({error})"
        raise CheckpointError(message) from error


def read_state_dict(path: Path) -> dict[str, Tensor]:
    """Read a file of PyTorch's own format that holds a flat mapping of names to tensors or parameters.

    Raises:
        CheckpointError: if it is damaged, or holds something else.
    """
    try:
        content = torch.load(path, weights_only=True, map_location="cpu")
    except pickle.UnpicklingError as error:
        message = f"{path} cannot be read as weights: it holds more than tensors, or is damaged; fetch the file anew"
        raise CheckpointError(message) from error
    except (OSError, RuntimeError, EOFError, LookupError, TypeError, ValueError) as error:
        reason = first_line(error)
        message = f"{path} cannot be read as weights ({reason}); fetch the file anew"
        raise CheckpointError(message) from error
    if not isinstance(content, Mapping) or not all(isinstance(value, Tensor) for value in content.values()):
        message = f"{path} holds a {type(content).__name__}, not a mapping of names to tensors"
        raise CheckpointError(message)
    return {name: value.detach() for name, value in content.items()}


def require_same_shapes(
    found: Mapping[str, Tensor], wanted: Mapping[str, Tensor], *, origin: Path, network: str
) -> None:
    """Require that a file holds the tensors of a network and no others.

    Args:
        found: the tensors of the file.
        wanted: the tensors of the network, which may be without values (on the device `meta`).
        origin: the file.
        network: what the message calls the network.

    Raises:
        CheckpointError: if a tensor is missing, unknown or of another shape.
    """
    missing = sorted(wanted.keys() - found.keys())
    unknown = sorted(found.keys() - wanted.keys())
    misshapen = [
        f"{name}: {tuple(found[name].shape)} for {tuple(tensor.shape)}"
        for name, tensor in wanted.items()
        if name in found and found[name].shape != tensor.shape
    ]
    if missing or unknown or misshapen:
        message = (
            f"{origin} does not fit {network} ({len(wanted)} tensors): {len(missing)} missing {first_five(missing)}, "
            f"{len(unknown)} unknown {first_five(unknown)}, {len(misshapen)} of another shape {first_five(misshapen)}"
        )
        raise CheckpointError(message)


def _no_card(folder: Path, error: OSError) -> str:
    """Why a folder has no card: a run is at work there, or did not finish, or it is another folder."""
    if holder := holder_of(folder):
        return f"{folder} holds no checkpoint yet: it is written by {holder}; let it finish"
    if (folder / "run.toml").is_file():
        return f"{folder} holds a run that did not finish, and no checkpoint yet; give its command again, which goes on"
    return f"{folder} holds no checkpoint: {CARD} cannot be read ({error.strerror}); name the folder of one"


def _card_digest(card: Mapping[str, object]) -> str:
    """SHA-256 of a card's fields as they are on disk; a field that a later version adds therefore changes nothing."""
    content = {key: value for key, value in card.items() if key != "card_sha256"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
