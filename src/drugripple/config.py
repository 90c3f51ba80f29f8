"""Run files: TOML in, the resolved TOML out. Settings live with what they set, in modules without torch."""

import copy
import difflib
import os
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from drugripple.errors import ConfigError
from drugripple.runtime.atomic import write_text
from drugripple.runtime.nesting import read_toml_text

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

T = TypeVar("T")


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str | int | float) else value


OneOrMore = Annotated[tuple[T, ...], BeforeValidator(_as_tuple)]
"""A key that takes one value or a list of them."""


LARGEST_SEED = 2**31 - 1


class Record(BaseModel):
    """A frozen configuration: an unknown key or a value of another type is an error.

    The text below a field of a run says what its key means, and is the help of the command's flag.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="after")
    def _seeds_fit_every_generator(self) -> "Record":
        """A seed is one that numpy, torch, scikit-learn and LightGBM all take."""
        for name in type(self).model_fields:
            value = getattr(self, name) if name == "seed" or name.endswith("_seed") else ()
            for seed in value if isinstance(value, tuple) else (value,):
                if isinstance(seed, int) and not 0 <= seed <= LARGEST_SEED:
                    message = f"{name} is {seed}; a seed is a whole number from 0 to {LARGEST_SEED}"
                    raise ValueError(message)
        return self


class RunSettings(Record):
    """What every run file says that leaves a folder of results."""

    out: Path
    """Folder for everything that the run leaves."""
    overwrite: bool = Field(False, exclude=True)
    """Whether to replace what a finished or abandoned run of the same kind left in `out`; never kept in run.toml."""


def cache_folder() -> Path:
    """Where downloads and molecule features are kept: DRUGRIPPLE_CACHE, or the system's cache folder for programs."""
    import platformdirs

    return Path(os.environ.get("DRUGRIPPLE_CACHE") or platformdirs.user_cache_dir("drugripple"))


def default_model_folder() -> Path:
    """Where the default model of this machine's user lies: `models/default` in the cache."""
    return cache_folder() / "models" / "default"


ChoiceT = TypeVar("ChoiceT", bound=StrEnum)


def choice(kind: type[ChoiceT], value: str) -> ChoiceT:
    """One of the values of a choice, which may be given as text.

    >>> from drugripple.model import Precision
    >>> choice(Precision, "bfloat16") is Precision.BFLOAT16
    True

    Raises:
        ConfigError: if there is no such value.
    """
    try:
        return kind(value)
    except ValueError as error:
        message = f"{value!r} is no {kind.__name__.lower()}; choose {' or '.join(kind)}"
        raise ConfigError(message) from error


RunT = TypeVar("RunT", bound=Record)


def read_run(path: Path, kind: type[RunT], **changes: object) -> RunT:
    """A run configuration from TOML; `changes` that are not None win over the file.

    Raises:
        ConfigError: if the file is missing or not TOML, or a key or value is not one the run knows.
    """
    given = {key: value for key, value in changes.items() if value is not None}
    return make_run(kind, set_dotted(read_toml(path), given), str(path))


def read_toml(path: Path) -> dict[str, object]:
    """The tables of a TOML file.

    Raises:
        ConfigError: if the file is missing or not TOML.
    """
    try:
        return read_toml_text(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"cannot read the run file {path}: {error}"
        raise ConfigError(message) from error


def make_run(kind: type[RunT], values: Mapping[str, object], origin: str) -> RunT:
    """A run configuration from plain values.

    Raises:
        ConfigError: naming each key at fault and what was expected there.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        message = f"{origin}: {'; '.join(_fault(kind, fault) for fault in error.errors())}"
        raise ConfigError(message) from error


def _fault(kind: type[Record], fault: "ErrorDetails") -> str:
    """What is wrong with one key, in words."""
    key = ".".join(str(part) for part in fault["loc"])
    text, got = fault["msg"].removeprefix("Value error, "), fault["input"]
    if fault["type"] == "missing":
        return f"{key} is missing"
    if fault["type"] == "extra_forbidden":
        known = _keys_at(kind, fault["loc"][:-1])
        close = difflib.get_close_matches(str(fault["loc"][-1]), known, n=1)
        return f"there is no key {key}; " + (f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}")
    if isinstance(got, Mapping | Record):
        return f"{key}: {text}" if key else text
    return f"{key}: {text} (got {got!r})"


def _keys_at(kind: type[Record], place: tuple[int | str, ...]) -> list[str]:
    """The keys of the table at a place in a run file."""
    for part in place:
        field = kind.model_fields.get(str(part))
        inner = _record_in(field.annotation) if field else None
        kind = inner or kind
    return list(kind.model_fields)


def _record_in(annotation: object) -> type[Record] | None:
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return annotation
    return next(filter(None, map(_record_in, get_args(annotation))), None)


def set_dotted(values: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    """Values with some replaced, each named by its key and the tables around it, with dots between.

    >>> set_dotted({"network": [{"prior": "none"}]}, {"network.0.prior": "string", "split.folds": 3})
    {'network': [{'prior': 'string'}], 'split': {'folds': 3}}

    Raises:
        ConfigError: if what stands before a dot is no table, or a list has no such place.
    """
    changed = copy.deepcopy(dict(values))
    for key, value in changes.items():
        *tables, last = key.split(".")
        place: object = changed
        for table in tables:
            place = place.setdefault(table, {}) if isinstance(place, dict) else _element(place, table, key)
        if not isinstance(place, dict):
            message = f"{key}: {'.'.join(tables)} is {place!r}, not a table of settings"
            raise ConfigError(message)
        place[last] = value
    return changed


def dotted(values: Mapping[str, object]) -> dict[str, object]:
    """Every value by its key and the tables around it, with dots between.

    >>> dotted({"training": {"batch": 64}, "dropout": 0.1})
    {'training.batch': 64, 'dropout': 0.1}
    """
    found: dict[str, object] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            found |= {f"{key}.{name}": one for name, one in dotted(value).items()}
        else:
            found[key] = value
    return found


def _element(several: object, number: str, key: str) -> object:
    if not isinstance(several, list):
        message = f"{key}: what stands before {number!r} is {several!r}, not a table of settings"
        raise ConfigError(message)
    if not (number.isdecimal() and int(number) < len(several)):
        message = f"{key}: {number!r} is no place in a list of {len(several)}, which are numbered from 0"
        raise ConfigError(message)
    return several[int(number)]


def differing_keys(one: Record, other: Record) -> list[str]:
    """The keys in which two configurations differ, with the tables around them and dots between.

    >>> from drugripple.training import TrainingSettings
    >>> differing_keys(TrainingSettings(batch=64), TrainingSettings())
    ['batch']
    """
    return sorted(_differing(one.model_dump(mode="json"), other.model_dump(mode="json")))


def _differing(one: Mapping[str, object], other: Mapping[str, object]) -> Iterator[str]:
    for key in one.keys() | other.keys():
        mine, theirs = one.get(key), other.get(key)
        if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
            yield from (f"{key}.{inner}" for inner in _differing(mine, theirs))
        elif mine != theirs:
            yield key


def write_run(run: Record, path: Path) -> None:
    """Write the resolved configuration, every default included, so that it alone repeats the run.

    Raises:
        ConfigError: if a value has no form in TOML (an infinite number).
        OutputError: if the system refuses the file.
    """
    import tomli_w

    try:
        text = tomli_w.dumps(run.model_dump(mode="json", exclude_none=True))
    except TypeError as error:
        message = f"the run cannot be written to {path}: {error}"
        raise ConfigError(message) from error
    write_text(path, text)
