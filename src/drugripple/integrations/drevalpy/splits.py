"""Folds in drevalpy's files, written and read.

Source: drevalpy 1.6 (datasets/dataset.py, datasets/splits), names of files and keys only.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from jaxtyping import Int

from drugripple.data.response import ResponseTable
from drugripple.errors import SplitError, first_five
from drugripple.evaluation.schemes import Replicates, Scheme, Validation
from drugripple.evaluation.splits import Fold
from drugripple.integrations.drevalpy.choices import LeaveOut, Strangers
from drugripple.integrations.drevalpy.files import DRUG, LINE, RESPONSE, Names, frame_of, pairs_of, read_rows
from drugripple.runtime.atomic import write_csv, write_text

if TYPE_CHECKING:
    import pandas as pd

ROLES = ("train", "validation", "test")
"""Our roles train, valid and test in drevalpy's words, in our order."""
EARLY_SHARE = 4
"""One group in this many of the validation rows stops training early; the others choose settings."""
LEFT_OUT: Mapping[Scheme, LeaveOut] = {
    Scheme.MIXED: LeaveOut.PAIRS,
    Scheme.CELL_BLIND: LeaveOut.CELL_LINES,
    Scheme.DRUG_BLIND: LeaveOut.DRUGS,
    Scheme.DISJOINT: LeaveOut.CELL_LINES,
}
"""drevalpy's name of each scheme; it has none for disjoint folds, which leave out both lines and drugs."""


class ReadFolds(NamedTuple):
    """Folds of one scheme, and the number of rows in the files that the table lacks."""

    folds: tuple[Fold, ...]
    left_out: int


def write_folds(
    folder: Path,
    folds: Sequence[Fold],
    table: ResponseTable,
    names: Names,
    *,
    label: str,
    left_out: LeaveOut,
    seed: int,
) -> None:
    """Write train, validation and test rows of every fold, and the validation rows once more in two parts.

    A quarter of the lines, drugs, pairs or tissues of the validation rows becomes `early_stopping`; rows that share
    none with it become `validation_es`. Random validation rows are divided by pairs.

    Raises:
        SplitError: if a fold has too few validation lines or drugs to divide them.
    """
    width = len(str(len(folds) - 1))  # drevalpy sorts the names of the files as text
    shares = []
    for number, fold in enumerate(folds):
        valid_es, early = _halves(fold, table, left_out, number)
        parts = {
            "train": fold.train,
            "validation": fold.valid,
            "test": fold.test,
            "validation_es": valid_es,
            "early_stopping": early,
        }
        for role, rows in parts.items():
            write_csv(folder / f"cv_split_{number:0{width}d}_{role}.csv", frame_of(table, names, rows))
        shares.append(fold.valid.size / (fold.valid.size + fold.train.size))
    manifest = {
        "split_label": label,
        "test_mode": left_out,
        "n_cv_splits": len(folds),
        "validation_ratio": round(float(np.mean(shares)), 4),
        "random_state": seed,
        "split_early_stopping": True,
        "splits": [{"split_index": number} for number in range(len(folds))],
    }
    write_text(folder / "split_manifest.json", json.dumps(manifest, indent=2, sort_keys=True) + "\n")


def read_folds(
    folder: Path,
    table: ResponseTable,
    compounds: Int[np.ndarray, " m"],
    names: Names,
    scheme: Scheme,
    *,
    replicates: Replicates = Replicates.GROUP,
    validation: Validation = Validation.BLIND,
    strangers: Strangers = Strangers.REFUSE,
) -> ReadFolds:
    """Read `cv_split_F_ROLE.csv` as folds of a table; only roles are read, responses are not compared.

    Args:
        folder: folder with the files.
        table: table whose rows are split.
        compounds: number of the molecule of each row.
        names: names of its samples and compounds in the files.
        scheme: scheme that the folds must keep; checked.
        replicates: policy that the folds must keep; checked.
        validation: policy that the folds must keep; checked.
        strangers: `drop` leaves out and counts rows of the files that the table lacks.

    Raises:
        SplitError: if a file or column is missing, a line, a drug or a pair is unknown, or a fold leaks.
    """
    found: dict[int, dict[str, Path]] = {}
    for path in sorted(folder.glob("cv_split_*.csv")):
        match = re.fullmatch(r"cv_split_(\d+)_(train|validation|test)\.csv", path.name)
        if match:
            found.setdefault(int(match[1]), {})[match[2]] = path
    absent = [
        f"cv_split_{number}_{role}.csv"
        for number in range(max(found, default=0) + 1)
        for role in ROLES
        if role not in found.get(number, {})
    ]
    if absent:
        message = f"{folder} lacks {len(absent)} files of drevalpy's splits: {first_five(absent)}"
        raise SplitError(message)
    folds, left_out = [], 0
    for _, files in sorted(found.items()):
        roles, unknown = _roles(files, table, names, strangers)
        left_out += unknown
        train, valid, test = (np.flatnonzero(roles == code) for code in (1, 2, 3))
        folds.append(Fold(train, valid, test, table.sample_row, compounds, scheme, replicates, validation))
    return ReadFolds(tuple(folds), left_out)


def _halves(
    fold: Fold, table: ResponseTable, left_out: LeaveOut, number: int
) -> tuple[Int[np.ndarray, " a"], Int[np.ndarray, " b"]]:
    """Validation rows that choose settings, and validation rows that stop training, equally blind to each other."""
    tissue = np.unique(table.expression.tissue, return_inverse=True)[1]
    pairs = fold.samples.astype(np.int64) * (int(fold.compounds.max()) + 1) + fold.compounds
    keys = {
        LeaveOut.PAIRS: (pairs,),
        LeaveOut.CELL_LINES: (fold.samples, fold.compounds) if fold.scheme is Scheme.DISJOINT else (fold.samples,),
        LeaveOut.DRUGS: (fold.compounds,),
        LeaveOut.TISSUES: (tissue[table.sample_row],),
    }[LeaveOut.PAIRS if fold.validation is Validation.RANDOM else left_out]
    generator = np.random.default_rng(np.random.PCG64([0, 4, number]))
    stops, chooses = np.ones(fold.valid.size, dtype=bool), np.ones(fold.valid.size, dtype=bool)
    for key in keys:
        groups = np.unique(key[fold.valid])
        early = np.isin(key[fold.valid], generator.permutation(groups)[: max(1, groups.size // EARLY_SHARE)])
        stops &= early
        chooses &= ~early
    if not (stops.any() and chooses.any()):
        message = (
            f"fold {number}: the {fold.valid.size} validation rows are of too few lines or drugs to be split once more "
            "for drevalpy's early stopping; use fewer folds"
        )
        raise SplitError(message)
    return fold.valid[chooses], fold.valid[stops]


def _roles(
    files: Mapping[str, Path], table: ResponseTable, names: Names, strangers: Strangers
) -> tuple[Int[np.ndarray, " m"], int]:
    """Role of every row of the table (0: none, then in the order of ROLES), and the number of rows it lacks."""
    frames = [read_rows(files[role], (RESPONSE,)) for role in ROLES]
    pair = np.concatenate([pairs_of(frame, table, names) for frame in frames])
    role = np.repeat([1, 2, 3], [len(frame) for frame in frames])
    response = np.concatenate([frame[RESPONSE].to_numpy() for frame in frames])
    known = np.isin(pair, table.pairs.number)
    if not known.all() and strangers is Strangers.REFUSE:
        _refuse_strangers(files, frames, names, int((~known).sum()))
    pair, role, response = pair[known], role[known], response[known]
    theirs, ours = np.lexsort((response, pair)), np.lexsort((table.values, table.pairs.number))
    pair, role = pair[theirs], role[theirs]
    keys, first, count = np.unique(pair, return_index=True, return_counts=True)
    mixed = np.maximum.reduceat(role, first) != np.minimum.reduceat(role, first) if keys.size else count > 0
    sorted_pair = table.pairs.number[ours]
    start = np.searchsorted(sorted_pair, keys)
    measured = np.searchsorted(sorted_pair, keys, side="right") - start
    torn = np.flatnonzero(mixed & (measured != count))
    if torn.size:
        which = [
            f"{names.lines[k // len(table.compounds)]} / {names.drugs[k % len(table.compounds)]}" for k in keys[torn]
        ]
        message = (
            f"{files['train'].parent}: {torn.size} pairs stand in several parts of a fold and were not measured as "
            f"often in the table: {first_five(which)}; which row is which cannot be told"
        )
        raise SplitError(message)
    roles = np.zeros(len(table), dtype=np.int8)
    rank = np.arange(int(measured.sum())) - np.repeat(np.cumsum(measured) - measured, measured)
    source = np.repeat(first, measured) + np.where(np.repeat(mixed, measured), rank, 0)
    roles[ours[np.repeat(start, measured) + rank]] = role[source]
    return roles, int((~known).sum())


def _refuse_strangers(files: Mapping[str, Path], frames: Sequence["pd.DataFrame"], names: Names, rows: int) -> None:
    lines, drugs = (
        sorted({name for frame in frames for name in frame[column].unique()} - set(known))
        for column, known in ((LINE, names.lines), (DRUG, names.drugs))
    )
    message = (
        f"{files['train'].parent}: {rows} rows are not in the table: {len(lines)} unknown lines {first_five(lines)}, "
        f"{len(drugs)} unknown drugs {first_five(drugs)}, the rest pairs that were not measured; name them as drevalpy "
        "does, or drop them"
    )
    raise SplitError(message)
