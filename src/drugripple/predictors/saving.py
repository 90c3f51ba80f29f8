"""How every predictor lies on disk: a folder with a card, and beside it what was learnt.

    folder/card.json            name, class, version, measure, SHA-256 of everything
    folder/state.json           settings, and what was learnt: names, molecules, numbers
    folder/arrays.safetensors   what was learnt: arrays
    folder/...                  what a class adds: the checkpoint of a network, the folders of an ensemble's members

Nothing is pickled, and a card can name classes of this package only, so reading a stranger's folder runs no code of
theirs.
"""

import dataclasses
import hashlib
import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from types import NoneType, UnionType
from typing import Generic, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import numpy as np
from jaxtyping import AbstractArray
from pydantic import Field, TypeAdapter, ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from drugripple.config import Record
from drugripple.data.measure import Measure
from drugripple.data.predictor import Predictor
from drugripple.errors import CheckpointError, TrainingError, first_line
from drugripple.runtime.atomic import whole_folder
from drugripple.runtime.digest import file_digest
from drugripple.runtime.nesting import read_json_text
from drugripple.runtime.provenance import versions

CARD, STATE, ARRAYS = "card.json", "state.json", "arrays.safetensors"
PACKAGE = "drugripple.predictors."
"""Where every class that a card may name is defined."""

LearntT = TypeVar("LearntT")


class PredictorCard(Record):
    """The card of a saved predictor: what it is, and the digest of its folder."""

    name: str
    made_by: str = Field(alias="class", pattern=r"^[\w.]+:\w+$")
    """Module and name of the predictor's class."""
    version: str
    """Version of drugripple that wrote it."""
    measure: Measure
    """What is predicted."""
    digest: str = ""
    """SHA-256 of the other fields and of every other file."""


@dataclasses.dataclass(frozen=True)
class Saved(Generic[LearntT]):
    """What a folder was found to hold."""

    measure: Measure
    settings: Mapping[str, object]
    learnt: LearntT


def require_fitted(learnt: LearntT | None, name: str) -> LearntT:
    """What a predictor learnt.

    Raises:
        TrainingError: where that is nothing yet.
    """
    if learnt is None:
        message = f"{name} has learnt nothing yet; call fit, or load a saved one"
        raise TrainingError(message)
    return learnt


def laid_out(learnt: LearntT) -> LearntT:
    """The same state with its arrays laid out as those read from a file, because sums then have the same bits."""
    if isinstance(learnt, np.ndarray):
        return cast("LearntT", np.array(learnt, order="C"))
    names = _field_names(type(learnt))
    if names:
        return type(learnt)(**{name: laid_out(getattr(learnt, name)) for name in names})
    if isinstance(learnt, Mapping):
        return cast("LearntT", {key: laid_out(part) for key, part in learnt.items()})
    return learnt


def write_saved(
    folder: Path | str,
    kind: type,
    name: str,
    measure: Measure | None,
    settings: Mapping[str, object],
    learnt: object,
    *,
    add: Callable[[Path], object] = lambda _: None,
) -> None:
    """Write a predictor's folder; an older one is replaced as a whole.

    Args:
        folder: where to.
        kind: its class.
        name: what the card calls it.
        measure: of its predictions.
        settings: what makes an unfitted one.
        learnt: a dataclass of numbers, texts, arrays, such dataclasses and named tuples, and mappings of them by name.
        add: writes further files into the unfinished folder.

    Raises:
        TrainingError: if there is no measure, because nothing was fitted.
        OutputError: if the system refuses a write; an older folder stays as it was.
    """
    arrays: dict[str, np.ndarray] = {}
    state = {"settings": dict(settings), "learnt": _without_arrays(learnt, "learnt", arrays)}
    card = PredictorCard.model_validate(
        {
            "name": name,
            "class": f"{kind.__module__}:{kind.__qualname__}",
            "version": versions()["drugripple"],
            "measure": require_fitted(measure, name),
        }
    )
    with whole_folder(Path(folder), replace=True) as part:
        (part / STATE).write_text(json.dumps(state, allow_nan=False) + "\n", encoding="utf-8")
        save_file(arrays, part / ARRAYS)
        add(part)
        signed = card.model_copy(update={"digest": _digest(part, card)})
        (part / CARD).write_text(signed.model_dump_json(indent=1, by_alias=True) + "\n", encoding="utf-8")


def read_saved(folder: Path | str, kind: type, learnt: type[LearntT]) -> Saved[LearntT]:
    """Read a predictor's folder.

    Raises:
        CheckpointError: if it holds no predictor of this class, or a damaged one.
    """
    path = Path(folder)
    card = read_predictor_card(path)
    expected = f"{kind.__module__}:{kind.__qualname__}"
    if card.made_by != expected:
        message = f"{path} holds a {card.made_by}, not a {expected}; load it with drugripple.predictors.load"
        raise CheckpointError(message)
    try:
        state = read_json_text((path / STATE).read_bytes())
        found = _with_arrays(learnt, state["learnt"], "learnt", load_file(path / ARRAYS))
        return Saved(card.measure, state["settings"], laid_out(cast("LearntT", found)))
    except (OSError, KeyError, TypeError, ValueError, SafetensorError) as error:
        reason = first_line(error)
        message = f"{path} does not hold what a {expected} learns ({reason}); train it again"
        raise CheckpointError(message) from error


def read_predictor_card(folder: Path) -> PredictorCard:
    """The card of a folder, of which every byte was checked.

    Raises:
        CheckpointError: if there is none, or the folder is not as it was written.
    """
    path = folder / CARD
    try:
        card = PredictorCard.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        message = f"{folder} holds no saved predictor: {CARD} cannot be read ({error.strerror or error})"
        raise CheckpointError(message) from error
    except (ValidationError, UnicodeDecodeError) as error:
        message = f"{path} is not the card of a predictor ({first_line(error)}); save the predictor again"
        raise CheckpointError(message) from error
    if _digest(folder, card) != card.digest:
        message = f"{folder} is cut short or was altered: its SHA-256 is not that of its card; save or fetch it again"
        raise CheckpointError(message)
    return card


def load(folder: Path | str) -> Predictor:
    """Read a saved predictor of any class: the card says which.

    Raises:
        CheckpointError: if the folder holds no predictor of this package, or a damaged one.
    """
    card = read_predictor_card(Path(folder))
    module, _, name = card.made_by.partition(":")
    kind = None
    if module.startswith(PACKAGE):
        try:
            kind = getattr(import_module(module), name, None)
        except ModuleNotFoundError:
            kind = None
    if not (inspect.isclass(kind) and kind.__module__ == module and hasattr(kind, "load")) or inspect.isabstract(kind):
        message = f"{folder} was saved by {card.made_by}, which this version has not; read it with that class's load"
        raise CheckpointError(message)
    return kind.load(Path(folder))


def _digest(folder: Path, card: PredictorCard) -> str:
    total = hashlib.sha256(card.model_dump_json(exclude={"digest"}, by_alias=True).encode())
    for name, path in sorted(_files(folder)):
        total.update(f"{name}\n{file_digest(path)}\n".encode())
    return total.hexdigest()


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in folder.rglob("*"):
        if path.is_file() and path != folder / CARD:
            yield path.relative_to(folder).as_posix(), path


def _without_arrays(value: object, name: str, arrays: dict[str, np.ndarray]) -> object:
    """A value as JSON; its arrays go into `arrays`, under their dotted names."""
    if isinstance(value, np.ndarray):
        arrays[name] = np.ascontiguousarray(value)
        return None
    parts = _field_names(type(value))
    if parts:
        return {part: _without_arrays(getattr(value, part), f"{name}.{part}", arrays) for part in parts}
    if isinstance(value, Mapping) and any(_field_names(type(part)) for part in value.values()):
        return {key: _without_arrays(part, f"{name}.{key}", arrays) for key, part in value.items()}
    return TypeAdapter(type(value)).dump_python(value, mode="json")


def _with_arrays(kind: object, value: object, name: str, arrays: Mapping[str, np.ndarray]) -> object:
    """The value of a type, from JSON and the arrays under their dotted names."""
    if isinstance(kind, type) and issubclass(kind, AbstractArray):
        if not isinstance(arrays[name], kind):
            message = f"{name} is {arrays[name].dtype} {arrays[name].shape}, expected {kind.__name__}"
            raise TypeError(message)
        return arrays[name]
    names, arguments = _field_names(kind), get_args(kind)
    if names and isinstance(kind, type) and isinstance(value, dict):
        hints, other = get_type_hints(kind), sorted({*value} ^ {*names})
        if other:
            message = f"{name} was written by another version: it differs in {', '.join(other)}"
            raise ValueError(message)
        return kind(**{part: _with_arrays(hints[part], value[part], f"{name}.{part}", arrays) for part in names})
    if NoneType in arguments and get_origin(kind) in (UnionType, Union):
        given = next(one for one in arguments if one is not NoneType)
        return None if value is None and name not in arrays else _with_arrays(given, value, name, arrays)
    if isinstance(value, dict) and len(arguments) == 2 and _field_names(arguments[1]):
        return {key: _with_arrays(arguments[1], part, f"{name}.{key}", arrays) for key, part in value.items()}
    return TypeAdapter(cast("type", kind)).validate_python(value)


def _field_names(kind: object) -> tuple[str, ...]:
    """The fields of a dataclass or named tuple; of another type there are none."""
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return tuple(field.name for field in dataclasses.fields(kind))
    return tuple(getattr(kind, "_fields", ()))
