"""Cutting keys into parts: shuffled, kept together or spread evenly by a label, the same on every platform."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int

from drugripple.errors import SplitError


def partition(
    keys: Int[np.ndarray, " m"],
    parts: int,
    *,
    seed: Sequence[int],
    what: str,
    group: Sequence[str] = (),
    stratum: Sequence[str] = (),
) -> Int[np.ndarray, " m"]:
    """The part of every row; rows of one key share it.

    Args:
        keys: what must stay in one part.
        parts: how many parts.
        seed: entropy of the PCG64 generator.
        what: name of the keys, for error messages.
        group: label of key 0, 1, …: keys of one label stay together, parts are balanced by number of keys.
        stratum: label of key 0, 1, …: dealt out so that every part gets its share of each label.

    Raises:
        SplitError: if there are fewer keys or labels than parts, a key has no label, or both labels are given.

    >>> partition(np.array([4, 4, 7, 9]), 3, seed=[0], what="rows").tolist()
    [2, 2, 1, 0]
    """
    if len(group) and len(stratum):
        message = f"{what} can be kept together by a label or spread by a label, not both"
        raise SplitError(message)
    unique, which = np.unique(keys, return_inverse=True)
    labels = group if len(group) else stratum
    if len(labels) and unique.max() >= len(labels):
        message = f"{what} number {unique.max()} has no label: {len(labels)} labels were given"
        raise SplitError(message)
    generator = np.random.default_rng(np.random.PCG64(list(seed)))
    if len(group):
        names, member = np.unique(np.asarray(group, dtype=str)[unique], return_inverse=True)
        _require(names.size, parts, f"groups of {what}")
        return _balance(np.bincount(member), parts, generator)[member][which]
    _require(unique.size, parts, what)
    order = _shuffle(unique.size, generator)
    if len(stratum):
        order = order[np.argsort(np.asarray(stratum, dtype=str)[unique][order], kind="stable")]
        place = np.arange(unique.size) % parts
    else:
        place = np.concatenate([np.full(len(cut), p) for p, cut in enumerate(np.array_split(order, parts))])
    part = np.empty(unique.size, dtype=np.int64)
    part[order] = place
    return part[which]


def _balance(size: Int[np.ndarray, " k"], parts: int, generator: np.random.Generator) -> Int[np.ndarray, " k"]:
    """A part for every group: largest first, each to the part that is smallest so far."""
    order = _shuffle(size.size, generator)
    order = order[np.argsort(-size[order], kind="stable")]
    filled = np.zeros(parts, dtype=np.int64)
    part = np.empty(size.size, dtype=np.int64)
    for k in order:
        part[k] = filled.argmin()
        filled[part[k]] += size[k]
    return part


def _shuffle(length: int, generator: np.random.Generator) -> Int[np.ndarray, " k"]:
    """A permutation drawn from raw doubles, whose stream NumPy keeps stable, unlike that of `permutation`."""
    return np.argsort(generator.random(length), kind="stable")


def _require(found: int, parts: int, what: str) -> None:
    if found < parts:
        message = f"{found} {what} cannot fill {parts} folds; use at most {found} folds"
        raise SplitError(message)
