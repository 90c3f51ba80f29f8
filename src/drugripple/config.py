"""Run files: TOML in, the resolved TOML out. Settings live with what they set, in modules without torch."""

import copy
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from drugripple.errors import ConfigError
from drugripple.runtime.atomic import write_text


class Record(BaseModel):
    """A frozen configuration: an unknown key or a value of another type is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class RunSettings(Record):
    """What every run file says that leaves a folder of results."""

    out: Path
    overwrite: bool = Field(False, exclude=True)
    """Whether to replace what a finished or abandoned run of the same kind left in `out`; never kept in run.toml."""


def cache_folder() -> Path:
    """Where downloads and molecule features are kept: DRUGRIPPLE_CACHE, or the system's cache folder for programs."""
    import pooch

    return Path(os.environ.get("DRUGRIPPLE_CACHE") or pooch.os_cache("drugripple"))


RunT = TypeVar("RunT", bound=Record)


def read_run(path: Path, kind: type[RunT], **changes: object) -> RunT:
    """A run configuration from TOML; `changes` (given on the command line) win over the file.

    Raises:
        ConfigError: if the file is missing or not TOML, or a key or value is not one the run knows.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = f"cannot read the run file {path}: {error}"
        raise ConfigError(message) from error
    return make_run(kind, found | {key: value for key, value in changes.items() if value is not None}, str(path))


def make_run(kind: type[RunT], values: dict[str, object], origin: str) -> RunT:
    """A run configuration from plain values.

    Raises:
        ConfigError: naming each key at fault and what was expected there.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc']) or 'the run'}: {fault['msg']} (got {fault['input']!r})"
            for fault in error.errors()
        )
        message = f"{origin}: {faults}"
        raise ConfigError(message) from error


def set_dotted(values: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    """Values with some replaced, each named by its key, and by those of the tables around it, with dots between.

    >>> set_dotted({"training": {"batch": 64}}, {"training.max_epochs": 3})
    {'training': {'batch': 64, 'max_epochs': 3}}

    Raises:
        ConfigError: if what stands before a dot is not a table.
    """
    changed = copy.deepcopy(dict(values))
    for key, value in changes.items():
        *tables, last = key.split(".")
        place = changed
        for table in tables:
            inner = place.setdefault(table, {})
            if not isinstance(inner, dict):
                message = f"{key}: {table!r} is {inner!r}, not a table of settings"
                raise ConfigError(message)
            place = inner
        place[last] = value
    return changed


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
