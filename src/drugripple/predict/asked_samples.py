"""Samples that a user asks the default model about by the names that it was trained with."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from drugripple.data.tables import ExpressionTable
from drugripple.errors import ConfigError, TableError, counted, first_five
from drugripple.evaluation.leaks.line_names import normalised_line
from drugripple.predict.named import close_names
from drugripple.sources.user.file_format import FILES, file_meant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drugripple.predict.request import SampleSource

AskedSamples: TypeAlias = "SampleSource | Sequence[str] | None"
"""Expression, the name of a training sample or a list of them, or None for all training samples."""


def named_samples(
    source: AskedSamples, known: ExpressionTable, *, advice: str = "give the expression of other samples"
) -> ExpressionTable | None:
    """The training samples that a text or a list of texts names, or all for None; None where expression is given.

    Names are compared as the audit compares them: A-375 is A375.

    Args:
        source: the samples.
        known: those that the model was trained with.
        advice: what to do about a name that is not known.

    Raises:
        TableError: if a name is not known, or two of them name one sample.
    """
    if source is None:
        note = f"no samples are named: all {len(known):,} that the model was trained with are taken"
        return replace(known, notes=(note,))
    names = _names(source)
    if names is None:
        return None
    place = {name: row for row, name in enumerate(known.samples)}
    alike = {normalised_line(name): row for name, row in reversed(place.items())}
    rows = [place.get(name, alike.get(normalised_line(name), -1)) for name in names]
    _refuse_unknown([name for name, row in zip(names, rows, strict=True) if row < 0], known.samples, advice)
    repeated = [known.samples[row] for row in dict.fromkeys(rows) if rows.count(row) > 1]
    if repeated:
        what = counted(len(repeated), "sample is", "samples are")
        message = f"{what} named more than once: {first_five(repeated)}; name each once"
        raise TableError(message)
    return replace(known.take(np.array(rows, dtype=np.int64)), notes=())


def refuse_reading(scale: str | None, layer: str) -> None:
    """Refuse to be told how a file of expression is read where none is given.

    Raises:
        ConfigError: naming what to leave out.
    """
    if said := [name for name, given in (("scale", scale is not None), ("layer", bool(layer))) if given]:
        message = f"no file of expression is given, and {' and '.join(said)} would say how to read it; leave it out"
        raise ConfigError(message)


def _refuse_unknown(unknown: list[str], known: tuple[str, ...], advice: str) -> None:
    """Refuse names that training does not have, with the nearest that it has.

    Raises:
        TableError: naming the first five.
    """
    if not unknown:
        return
    near = close_names(unknown[0], known)
    nearest = f" (the nearest names are {first_five(near)})" if near else ""
    what = counted(len(unknown), "sample is", "samples are")
    file = f"{said}; " if (said := file_meant(unknown[0], "expression")) else ""
    message = f"{file}{what} not among those that the model was trained with: {first_five(unknown)}{nearest}; {advice}"
    raise TableError(message)


def _names(source: AskedSamples) -> list[str] | None:
    """The names; None where a file or a table is given."""
    if isinstance(source, str):
        return None if Path(source).suffix.lower() in FILES or _is_there(source) else [source.strip()]
    if isinstance(source, list | tuple) and all(isinstance(name, str) for name in source):
        return [name.strip() for name in source]
    return None


def _is_there(path: str) -> bool:
    try:
        return Path(path).exists()
    except OSError:  # longer than a name may be
        return False
