"""`splits.parquet`, the file from which every model reads its folds."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Int

from drugripple.data.response import ResponseTable
from drugripple.errors import SplitError
from drugripple.evaluation.schemes import Replicates, Scheme, Validation
from drugripple.evaluation.splits import Fold
from drugripple.runtime.atomic import whole_file
from drugripple.runtime.digest import content_digest
from drugripple.runtime.nesting import read_json_text

ROLES = ("drop", "train", "valid", "test")
FORMAT = 1


@dataclass(frozen=True)
class SplitFile:
    """Folds read back, with the digest of their contents."""

    folds: Mapping[Scheme, tuple[Fold, ...]]
    seed: int
    digest: str


def write_splits(path: Path, folds: Mapping[Scheme, tuple[Fold, ...]], *, seed: int) -> str:
    """Write the role of every row in every fold; returns the SHA-256 of the contents (not of the file's bytes).

    Raises:
        SplitError: if there is no fold, or they are not of one table.
        OutputError: if the system refuses a write.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    plans = [fold for scheme in folds.values() for fold in scheme]
    if not plans or any(
        not (np.array_equal(f.samples, plans[0].samples) and np.array_equal(f.compounds, plans[0].compounds))
        for f in plans
    ):
        message = f"{len(plans)} folds of one table are needed in a split file, all made from the same rows"
        raise SplitError(message)
    rows = len(plans[0].samples)
    digest = split_digest(folds)
    policies = {
        scheme.value: [fold[0].replicates.value, fold[0].validation.value] for scheme, fold in folds.items() if fold
    }
    card = {"format": FORMAT, "seed": seed, "rows": rows, "table": _table_digest(plans[0]), "digest": digest}
    scheme_names = [scheme.value for scheme, several in folds.items() for _ in several]
    fold_numbers = [f for several in folds.values() for f in range(len(several))]
    roles = np.concatenate([_roles(fold) for fold in plans])
    table = pa.table(
        {
            "scheme": pa.DictionaryArray.from_arrays(
                np.repeat([list(Scheme).index(Scheme(name)) for name in scheme_names], rows).astype(np.int8),
                [scheme.value for scheme in Scheme],
            ),
            "seed": np.full(roles.size, seed, dtype=np.int32),
            "fold": np.repeat(fold_numbers, rows).astype(np.int16),
            "row_id": np.tile(np.arange(rows, dtype=np.int32), len(plans)),
            "role": pa.DictionaryArray.from_arrays(roles, list(ROLES)),
        },
        metadata={"drugripple": json.dumps(card | {"policies": policies})},
    )
    encoding = dict.fromkeys(("seed", "fold", "row_id"), "DELTA_BINARY_PACKED")
    with whole_file(path) as part:
        pq.write_table(table, part, compression="zstd", use_dictionary=["scheme", "role"], column_encoding=encoding)
    return digest


def read_splits(path: Path, samples: Int[np.ndarray, " m"], compounds: Int[np.ndarray, " m"]) -> SplitFile:
    """Read folds back and check them against the table they are for.

    Raises:
        SplitError: if the file is absent, is not ours, was altered, or belongs to another table.
    """
    import pyarrow as pa
    import pyarrow.compute as compute
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
        card = read_json_text((table.schema.metadata or {})[b"drugripple"])
        roles, schemes = (
            compute.fill_null(compute.index_in(table[column].cast(pa.string()), pa.array(values)), -1).to_numpy()
            for column, values in (("role", ROLES), ("scheme", [scheme.value for scheme in Scheme]))
        )
        numbers, row_id = table["fold"].to_numpy(), table["row_id"].to_numpy()
    except (OSError, KeyError, ValueError, pa.ArrowException) as error:
        message = (
            f"{path} is not a split file of this package ({type(error).__name__}); name one that a benchmark or "
            "write_splits wrote"
        )
        raise SplitError(message) from error
    if not {"rows", "policies", "table", "digest", "seed"} <= set(card):
        raise _altered(path)
    seen = {scheme: schemes == code for code, scheme in enumerate(Scheme) if (schemes == code).any()}
    if len(samples) != card["rows"]:
        message = f"{path} splits {card['rows']} rows, this table has {len(samples)}; split this table anew"
        raise SplitError(message)
    folds = {}
    for scheme, here in seen.items():
        count = int(here.sum()) // len(samples)
        order = np.repeat(np.arange(count), len(samples)), np.tile(np.arange(len(samples)), count)
        if not all(map(np.array_equal, order, (numbers[here], row_id[here]))):
            raise _altered(path)
        try:
            policies = card["policies"][scheme]
            replicates, validation = Replicates(policies[0]), Validation(policies[1])
        except (LookupError, ValueError) as error:
            raise _altered(path) from error
        several = []
        for part in roles[here].reshape(count, len(samples)):
            train, valid, test = (np.flatnonzero(part == ROLES.index(role)) for role in ("train", "valid", "test"))
            several.append(Fold(train, valid, test, samples, compounds, scheme, replicates, validation))
        folds[scheme] = tuple(several)
    if not folds:
        raise _altered(path)
    first = next(iter(folds.values()))[0]
    if _table_digest(first) != card["table"]:
        message = f"{path} was made for another table of {len(samples)} rows; split this table anew"
        raise SplitError(message)
    if split_digest(folds) != card["digest"]:
        raise _altered(path)
    return SplitFile(folds, int(card["seed"]), str(card["digest"]))


def _altered(path: Path) -> SplitError:
    return SplitError(f"{path} was altered after it was written (digest differs); write it again")


def split_digest(folds: Mapping[Scheme, tuple[Fold, ...]]) -> str:
    """SHA-256 over schemes, folds and the role of every row: equal on every platform and file-format version."""
    digest = hashlib.sha256()
    for scheme in sorted(folds):
        for number, fold in enumerate(folds[scheme]):
            digest.update(f"{scheme.value}/{number}/{len(fold.samples)}".encode())
            digest.update(_roles(fold).tobytes())
    return digest.hexdigest()


def response_digest(table: ResponseTable) -> str:
    """SHA-256 of what every model may learn from in a response table: what a result is a result of."""
    digest = hashlib.sha256()
    for names in (table.expression.samples, table.expression.genes.symbols, table.compounds.smiles):
        digest.update("\n".join(names).encode())
    for column in (table.sample_row, table.compound_row):
        digest.update(column.astype("<i8").tobytes())
    for values in (table.values.astype("<f8"), table.expression.values.astype("<f4")):
        digest.update(values.tobytes())
    return digest.hexdigest()


def annotation_digest(table: ResponseTable) -> str:
    """SHA-256 of what some models learn from besides: targets and mechanisms of compounds, tissues of samples."""
    compounds = table.compounds
    return content_digest(*compounds.targets, *compounds.mechanism, *table.expression.tissue)


def _roles(fold: Fold) -> Int[np.ndarray, " r"]:
    roles = np.zeros(len(fold.samples), dtype=np.int8)
    for code, part in ((1, fold.train), (2, fold.valid), (3, fold.test)):
        roles[part] = code
    return roles


def _table_digest(fold: Fold) -> str:
    digest = hashlib.sha256()
    for column in (fold.samples, fold.compounds):
        digest.update(column.astype("<i8").tobytes())
    return digest.hexdigest()
