"""LINCS sig_info and inst_info as a few numbers a row: a million rows in tens of megabytes.

sig_info   sig_id,  pert_id, pert_type, cell_id, pert_dose, pert_dose_unit, pert_time          Level 5
inst_info  inst_id, rna_plate and the same                                                     Level 3

Phase II (GSE70138) writes dose and time with their units: pert_idose "10.0 um" or "10.0um", pert_itime "24 h" or
"1440 min". A column pert_time_unit is read where it is there.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int, Shaped

from drugripple.errors import SourceError, first_five
from drugripple.runtime.damaged import reading
from drugripple.sources.public.columns import require_columns
from drugripple.sources.public.l1000.gctx import GctxHeader
from drugripple.sources.user.stated_units import HOURS_PER_UNIT, MICROMOLAR_PER_UNIT, quantities

TREATED = "trt_cp"
CONTROL = "ctl_vehicle"
VEHICLE = "DMSO"
"""The vehicle whose controls are taken, as in the paper; others have their own."""
ROWS_AT_ONCE = 20_000
_NUMBERS = ("column", "treated", "batch", "line", "compound", "dose_um", "hours")
_SHARED = ("pert_id", "pert_type", "cell_id")
_APART = ("pert_dose", "pert_dose_unit", "pert_time")
_TOGETHER = ("pert_idose", "pert_itime")
_TIME_UNIT = "pert_time_unit"


@dataclass(frozen=True)
class Conditions:
    """Treated samples and vehicle controls, in the order of the annotation. Axis: r row."""

    level: Literal[3, 5]
    column: Int[np.ndarray, " r"]
    """Column of each sample in the matrix; -1 where the matrix lacks it."""
    treated: Bool[np.ndarray, " r"]
    """Whether this is a treated sample (else a vehicle control)."""
    batch: Int[np.ndarray, " r"]
    line: Int[np.ndarray, " r"]
    compound: Int[np.ndarray, " r"]
    dose_um: Float[np.ndarray, " r"]
    """NaN where it is not known, not positive or no concentration."""
    hours: Float[np.ndarray, " r"]
    batches: tuple[str, ...]
    """Names behind the numbers in `batch`; likewise lines and compounds."""
    lines: tuple[str, ...]
    compounds: tuple[str, ...]
    listed: int = 0
    """Samples of the matrix that the annotation knows, of any kind."""
    other_vehicles: tuple[tuple[str, str, int], ...] = ()
    """Cell line, vehicle and number of the controls that had another vehicle than DMSO and were left out."""


def read_conditions(annotation: Path, header: GctxHeader) -> Conditions:
    """What each treated or control sample of a matrix is.

    Raises:
        SourceError: if the file is missing, damaged or lacks a column, or a sample of the matrix stands in it twice.
    """
    with reading(annotation, "sig_info or inst_info"):
        names = pd.read_csv(annotation, sep="\t", nrows=0, encoding_errors="replace").columns.tolist()
        level, sample = _level(annotation, names)
        apart = not set(_TOGETHER) <= set(names) or set(_APART) <= set(names)
        chosen = [*_SHARED, *(_APART if apart else _TOGETHER), sample, *(("rna_plate",) if level == 3 else ())]
        require_columns(annotation, names, chosen)
        chosen += [_TIME_UNIT] if apart and _TIME_UNIT in names else []
        batches, lines, compounds = _Numbered(), _Numbered(), _Numbered()
        columns_of = _Columns(header)
        parts: dict[str, list[np.ndarray]] = {name: [] for name in _NUMBERS}
        listed, others = 0, Counter[tuple[str, str]]()
        for part in pd.read_csv(
            annotation,
            sep="\t",
            usecols=chosen,
            dtype=str,
            keep_default_na=False,
            encoding_errors="replace",
            chunksize=ROWS_AT_ONCE,
        ):
            known = columns_of(part[sample])
            listed += len(np.unique(known[known >= 0]))
            control, vehicle = part["pert_type"] == CONTROL, part["pert_id"].str.upper() == VEHICLE
            others.update(part.loc[control & ~vehicle, ["cell_id", "pert_id"]].itertuples(index=False, name=None))
            used = part[(part["pert_type"] == TREATED) | (control & vehicle)]
            batch = used[sample].str.partition(":")[0] if level == 5 else used["rna_plate"]
            row = (
                columns_of(used[sample]),
                (used["pert_type"] == TREATED).to_numpy(),
                batches(batch),
                lines(used["cell_id"]),
                compounds(used["pert_id"]),
                _dose_um(used, apart=apart),
                _single(_hours(used, apart=apart)),
            )
            for name, values in zip(_NUMBERS, row, strict=True):
                parts[name].append(values)
    column, treated, batch_row, line, compound, dose_um, hours = (np.concatenate(parts.pop(name)) for name in _NUMBERS)
    _refuse_repeats(annotation, header, column)
    named = batches.names(), lines.names(), compounds.names()
    left_out = tuple((cell, what, count) for (cell, what), count in sorted(others.items()))
    return Conditions(level, column, treated, batch_row, line, compound, dose_um, hours, *named, listed, left_out)


@dataclass
class _Numbered:
    """Numbers for names, in the order in which they appear."""

    number: dict[str, int] = field(default_factory=dict)

    def __call__(self, names: pd.Series) -> Int[np.ndarray, " r"]:
        codes, distinct = pd.factorize(names)
        numbers = np.array([self.number.setdefault(name, len(self.number)) for name in distinct], dtype=np.int32)
        return numbers[codes] if len(codes) else np.empty(0, np.int32)

    def names(self) -> tuple[str, ...]:
        return tuple(self.number)


class _Columns:
    """Columns of a matrix by sample id, through one sorted array of bytes."""

    def __init__(self, header: GctxHeader) -> None:
        self.order = np.argsort(header.samples, kind="stable").astype(np.int32)
        self.ids: Shaped[np.ndarray, " n"] = header.samples[self.order]

    def __call__(self, names: pd.Series) -> Int[np.ndarray, " r"]:
        wanted = np.array([name.strip().encode() for name in names], dtype="S")
        width = self.ids.dtype.itemsize
        too_long = np.char.str_len(wanted) > width
        wanted = wanted.astype(f"S{width}")
        position = np.minimum(np.searchsorted(self.ids, wanted), len(self.ids) - 1)
        found = (self.ids[position] == wanted) & ~too_long
        return np.where(found, self.order[position], -1).astype(np.int32)


def _level(path: Path, names: Sequence[str]) -> tuple[Literal[3, 5], str]:
    if "sig_id" in names:
        return 5, "sig_id"
    if "inst_id" in names:
        return 3, "inst_id"
    message = f"{path} has neither sig_id (Level 5) nor inst_id (Level 3), but {first_five(names)}; pass one of those"
    raise SourceError(message)


def _refuse_repeats(path: Path, header: GctxHeader, columns: Int[np.ndarray, " r"]) -> None:
    counts = np.bincount(columns[columns >= 0], minlength=len(header.samples))
    if counts.size and counts.max() > 1:
        repeated = [sample.decode() for sample in header.samples[counts > 1][:6]]
        message = f"{path}: {int((counts > 1).sum())} sample ids repeat: {first_five(repeated)}; keep one row each"
        raise SourceError(message)


def _dose_um(rows: pd.DataFrame, *, apart: bool) -> Float[np.ndarray, " r"]:
    dose, unit = (rows["pert_dose"], rows["pert_dose_unit"]) if apart else (rows["pert_idose"], _blank(rows))
    return quantities(dose, unit, MICROMOLAR_PER_UNIT)


def _hours(rows: pd.DataFrame, *, apart: bool) -> Float[np.ndarray, " r"]:
    """Numbers of phase I without a unit are hours."""
    if not apart:
        return quantities(rows["pert_itime"], _blank(rows), HOURS_PER_UNIT)
    bare = rows["pert_time"].str.strip().str.fullmatch(r"[-+.\deE]+")
    unit = rows[_TIME_UNIT] if _TIME_UNIT in rows else _blank(rows)
    return quantities(rows["pert_time"], unit.mask(bare & (unit.str.strip() == ""), "h"), HOURS_PER_UNIT)


def _blank(rows: pd.DataFrame) -> "pd.Series[str]":
    return pd.Series("", index=rows.index, dtype=object)


def _single(values: Float[np.ndarray, " r"]) -> Float[np.ndarray, " r"]:
    """Single precision, which is plenty for hours and halves the memory."""
    with np.errstate(over="ignore"):
        return values.astype(np.float32)
