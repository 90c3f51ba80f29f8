"""Folds that cannot leak, because a leaking one cannot be made.

Source: the scheme names are those of Partin et al. 2023, which the paper follows. The paper's exact construction
(supplementary methods) is not public: what stands here is our reconstruction, and docs/evaluation.md says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Int

from drugripple.data.response import ResponseTable
from drugripple.errors import SplitError, first_five
from drugripple.evaluation.partition import partition
from drugripple.evaluation.schemes import Grid, Replicates, Scheme, Validation


@dataclass(frozen=True)
class Fold:
    """Row numbers of one fold, checked on construction. Axis r: every row of the table.

    Raises:
        SplitError: if a part is empty, a row is in two parts, or a line, a compound or a pair is on both sides
            where the scheme and the policies forbid it.

    >>> rows = np.array([0, 0, 1, 1])
    >>> Fold(rows[:1], np.array([1]), np.array([2]), rows, np.array([0, 1, 0, 1]), Scheme.MIXED).scheme.value
    'mixed'
    """

    train: Int[np.ndarray, " a"]
    valid: Int[np.ndarray, " b"]
    test: Int[np.ndarray, " c"]
    samples: Int[np.ndarray, " r"]
    compounds: Int[np.ndarray, " r"]
    scheme: Scheme
    replicates: Replicates = Replicates.GROUP
    validation: Validation = Validation.BLIND

    def __repr__(self) -> str:
        """One line: how much it holds."""
        parts = f"{len(self.train):,} rows to train, {len(self.valid):,} to validate, {len(self.test):,} to test"
        return f"Fold({self.scheme}: {parts})"

    def __post_init__(self) -> None:
        """Refuse a fold that leaks."""
        parts = {"train": self.train, "valid": self.valid, "test": self.test}
        for part, rows in parts.items():
            if rows.size == 0:
                message = f"{self.scheme} fold: the {part} part is empty; use fewer folds or give more rows"
                raise SplitError(message)
            if rows.min() < 0 or rows.max() >= len(self.samples):
                message = f"{self.scheme} fold: {part} row {rows.max()} is not among the {len(self.samples)} rows"
                raise SplitError(message)
            if np.bincount(rows).max() > 1:
                message = f"{self.scheme} fold: a row stands twice in {part}"
                raise SplitError(message)
        grouped = self.replicates is not Replicates.KEEP
        pairs = _pair_numbers(self.samples, self.compounds)
        rules = (
            ("row", np.arange(len(self.samples)), True, True),
            ("(cell line, compound) pair", pairs, grouped, grouped),
            ("cell line", self.samples, self.scheme.hides_lines, self.validation is Validation.BLIND),
            ("compound", self.compounds, self.scheme.hides_drugs, self.validation is Validation.BLIND),
        )
        for what, key, blind, also_valid in rules:
            for one, other in (("train", "test"), ("valid", "test"), ("train", "valid")):
                if not blind or (other == "valid" and not also_valid):
                    continue
                both = np.isin(key[parts[one]], key[parts[other]])
                if both.any():
                    shared = np.unique(key[parts[one]][both])
                    message = (
                        f"{self.scheme} fold: {one} and {other} share {shared.size} {what}(s): {first_five(shared)}; "
                        "make the folds with make_folds, or state another scheme or policy"
                    )
                    raise SplitError(message)


def _pair_numbers(samples: Int[np.ndarray, " m"], compounds: Int[np.ndarray, " m"]) -> Int[np.ndarray, " m"]:
    """One number for each (sample, compound) pair."""
    return samples.astype(np.int64) * (int(compounds.max()) + 1) + compounds


def units_tested(fold: Fold) -> float:
    """How many test units there are for each training unit; a unit is what the scheme draws into folds.

    That is a row in the mixed scheme, a sample or a compound where these are new, and the larger of both shares where
    both are: rows would make disjoint folds look as if they shared next to no training, though each shares most of its
    samples and compounds with the others, as the folds of the other schemes do.
    """
    sides = {"samples": fold.scheme.hides_lines, "compounds": fold.scheme.hides_drugs}
    shares = [
        len(np.unique(getattr(fold, side)[fold.test])) / len(np.unique(getattr(fold, side)[fold.train]))
        for side, hidden in sides.items()
        if hidden
    ]
    return max(shares, default=len(fold.test) / len(fold.train))


def make_folds(
    samples: Int[np.ndarray, " m"],
    compounds: Int[np.ndarray, " m"],
    scheme: Scheme,
    *,
    folds: int = 10,
    seed: int = 0,
    replicates: Replicates = Replicates.GROUP,
    validation: Validation = Validation.BLIND,
    grid: Grid = Grid.DIAGONAL,
    sample_group: Sequence[str] = (),
    sample_stratum: Sequence[str] = (),
    compound_group: Sequence[str] = (),
) -> tuple[Fold, ...]:
    """Cross-validation folds: test is part f, validation part f + 1, training the rest.

    The parts of lines (and of compounds) are the same in every scheme that uses them, for one seed. They depend on
    which lines and compounds there are, never on the order of the rows.

    Args:
        samples: cell line of every row.
        compounds: compound of every row.
        scheme: what a test row must not share with training.
        folds: number of folds.
        seed: seed of the shuffle (PCG64).
        replicates: policy for repeat measurements.
        validation: how blind the validation rows are.
        grid: which disjoint blocks are tested.
        sample_group: label of sample 0, 1, …: samples of one label stay together (tissues: leave-tissue-out).
        sample_stratum: label of sample 0, 1, …: every fold gets its share of each label.
        compound_group: label of compound 0, 1, …: compounds of one label stay together (analogue clusters,
            scaffolds, mechanisms, InChIKey blocks).

    Raises:
        SplitError: if there are too few folds, rows, lines, compounds or labels, or repeats are left under `mean`.
    """
    if folds < 3:
        message = f"{folds} folds leave no room for test, validation and training; ask for at least 3"
        raise SplitError(message)
    if not len(samples) == len(compounds) > 0:
        message = f"every row needs a sample and a compound, got {len(samples)} samples and {len(compounds)} compounds"
        raise SplitError(message)
    pairs = _pair_numbers(samples, compounds)
    if replicates is Replicates.MEAN and np.unique(pairs).size != pairs.size:
        message = f"{pairs.size - np.unique(pairs).size} repeat measurements are left; call merge_repeats first"
        raise SplitError(message)
    if scheme is Scheme.MIXED:
        keys = np.arange(len(pairs)) if replicates is Replicates.KEEP else pairs
        part = partition(keys, folds, seed=(seed, 2), what="rows or pairs")
        blocks = [(part == f, part == (f + 1) % folds, part != f) for f in range(folds)]
    else:
        line = drug = np.zeros(len(samples), dtype=np.int64)
        if scheme.hides_lines:
            line = partition(
                samples, folds, seed=(seed, 0), what="cell lines", group=sample_group, stratum=sample_stratum
            )
        if scheme.hides_drugs:
            drug = partition(compounds, folds, seed=(seed, 1), what="compounds", group=compound_group)
        blocks = _blocks(line, drug, scheme, folds, grid)
    template = (samples, compounds, scheme, replicates, validation)
    return tuple(
        _fold(test, valid, pool, pairs, np.random.default_rng(np.random.PCG64([seed, 3, f])), template)
        for f, (test, valid, pool) in enumerate(blocks)
    )


def across_studies(fold: Fold, study: Int[np.ndarray, " r"], *, train: int, test: int) -> Fold:
    """The same fold, trained and validated on the rows of one study and tested on those of another.

    A line, compound or pair that the scheme hides stays hidden, whichever study measured it; one that the scheme lets
    training know has to be known: test rows with a line or compound (as `fold` numbers them: in a benchmark a molecule,
    whatever its salt) that the training study lacks fall away.

    Raises:
        SplitError: if a part has no row of its study.
    """
    learnt, tested = fold.train[study[fold.train] == train], fold.test[study[fold.test] == test]
    if not fold.scheme.hides_lines:
        tested = tested[np.isin(fold.samples[tested], fold.samples[learnt])]
    if not fold.scheme.hides_drugs:
        tested = tested[np.isin(fold.compounds[tested], fold.compounds[learnt])]
    return replace(fold, train=learnt, valid=fold.valid[study[fold.valid] == train], test=tested)


def merge_repeats(table: ResponseTable) -> ResponseTable:
    """One row per (sample, compound) pair: the mean of its measurements, at the first one's place."""
    _, first, which = np.unique(table.pairs.number, return_index=True, return_inverse=True)
    mean = np.bincount(which, weights=table.values.astype(np.float64)) / np.bincount(which)
    order = np.argsort(first)
    return replace(table.take(first[order]), values=mean[order].astype(table.values.dtype))


Block = tuple[Bool[np.ndarray, " m"], Bool[np.ndarray, " m"], Bool[np.ndarray, " m"]]
"""Test rows, blind validation rows, and the pool of rows that are blind to the test."""


def _blocks(
    line: Int[np.ndarray, " m"], drug: Int[np.ndarray, " m"], scheme: Scheme, folds: int, grid: Grid
) -> list[Block]:
    """The blocks of the blind schemes; an entity that is not hidden has the one part 0."""
    if scheme is Scheme.DISJOINT:
        cells = [(i, j) for i in range(folds) for j in range(folds) if grid is Grid.FULL or i == j]
    else:
        cells = [(f, f) for f in range(folds)]
    everywhere = np.ones(len(line), dtype=bool)
    blocks = []
    for i, j in cells:
        in_line = (line == i, line == (i + 1) % folds) if scheme.hides_lines else (everywhere, everywhere)
        in_drug = (drug == j, drug == (j + 1) % folds) if scheme.hides_drugs else (everywhere, everywhere)
        pool = (~in_line[0] if scheme.hides_lines else everywhere) & (~in_drug[0] if scheme.hides_drugs else everywhere)
        blocks.append((in_line[0] & in_drug[0], in_line[1] & in_drug[1], pool))
    return blocks


def _fold(
    test: Bool[np.ndarray, " m"],
    valid: Bool[np.ndarray, " m"],
    pool: Bool[np.ndarray, " m"],
    pairs: Int[np.ndarray, " m"],
    generator: np.random.Generator,
    template: tuple[Int[np.ndarray, " m"], Int[np.ndarray, " m"], Scheme, Replicates, Validation],
) -> Fold:
    samples, compounds, scheme, replicates, validation = template
    if validation is Validation.RANDOM:
        keys = np.unique(pairs[pool])
        drawn = keys[np.argsort(generator.random(keys.size), kind="stable")[: max(1, keys.size // 9)]]
        valid = pool & np.isin(pairs, drawn)
    train = pool & ~valid
    if validation is Validation.BLIND and scheme.hides_lines:
        train &= ~np.isin(samples, samples[valid])
    if validation is Validation.BLIND and scheme.hides_drugs:
        train &= ~np.isin(compounds, compounds[valid])
    rows = [np.flatnonzero(part) for part in (train, valid, test)]
    return Fold(rows[0], rows[1], rows[2], samples, compounds, scheme, replicates, validation)
