"""Samples that a compound was measured in: of training or not, and how alike they are to samples asked about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Float16, Int

from drugripple.data.tables import ExpressionScale, ExpressionTable
from drugripple.genes.space import GeneSpace
from drugripple.predictors.multi_trait_gp.sample_kernel import SampleKernel
from drugripple.predictors.pair_gp.kronecker import Eigen


@dataclass(frozen=True)
class OwnMeasurements:
    """What measuring a sample made of it. Axes: c training compound, k measured one."""

    deviations: Float[np.ndarray, " c"]
    """g + h after the measurements."""
    compounds: Int[np.ndarray, " k"]


@dataclass(frozen=True)
class ToldSample:
    """A sample that training lacks. Axis: g gene of training."""

    scores: Float16[np.ndarray, " g"]
    """Normal scores; NaN where the gene was not measured."""


class SampleGroup(NamedTuple):
    """Some of the samples asked about, all of training or all with the same genes. Axis: r sample."""

    rows: Int[np.ndarray, " r"]
    """Where each one stands among those asked about."""
    table: ExpressionTable
    training: Int[np.ndarray, " r"] | None
    """Which training sample each one is; None where they are others."""


def known_groups(kernel: SampleKernel, told: Mapping[str, ToldSample], names: Sequence[str]) -> list[SampleGroup]:
    """Samples of training, and others that the model was told of, by name."""
    training = {name: row for row, name in enumerate(kernel.samples)}
    groups: dict[bytes, list[int]] = {}
    for row, name in enumerate(names):
        genes = b"" if name in training else np.isfinite(told[name].scores).tobytes()
        groups.setdefault(genes, []).append(row)
    found = []
    for genes, rows in groups.items():
        here = [names[row] for row in rows]
        if genes:
            found.append(SampleGroup(np.array(rows), _table(kernel, told, here), None))
        else:
            places = np.array([training[name] for name in here])
            found.append(SampleGroup(np.array(rows), kernel.training.take(places), places))
    return found


def asked_groups(kernel: SampleKernel, told: Mapping[str, ToldSample], asked: ExpressionTable) -> list[SampleGroup]:
    """Samples that the model knows by name as it knows them, the others as the table has them."""
    by_name = {*kernel.samples, *told}
    known = np.array([name in by_name for name in asked.samples], dtype=bool)
    old, new = np.flatnonzero(known), np.flatnonzero(~known)
    groups = known_groups(kernel, told, [asked.samples[row] for row in old.tolist()])
    found = [group._replace(rows=old[group.rows]) for group in groups]
    return [*found, SampleGroup(new, asked.take(new), None)] if new.size else found


def group_similarity(
    kernel: SampleKernel, eigen: Eigen, one: Sequence[SampleGroup], other: Sequence[SampleGroup]
) -> Float[np.ndarray, "a b"]:
    """Similarity of the samples of some groups to those of others."""
    found = np.zeros([sum(group.rows.size for group in groups) for groups in (one, other)])
    for left in one:
        for right in other:
            found[np.ix_(left.rows, right.rows)] = _block(kernel, eigen, left, right)
    return found


def similarity_with_itself(
    kernel: SampleKernel, eigen: Eigen, groups: Sequence[SampleGroup]
) -> Float[np.ndarray, " a"]:
    """Similarity of each sample of some groups to itself."""
    found = np.zeros(sum(group.rows.size for group in groups))
    for group in groups:
        if group.training is None:
            found[group.rows] = kernel.with_itself(group.table)
        else:
            found[group.rows] = (eigen.vectors[group.training] ** 2) @ eigen.values
    return found


def _block(kernel: SampleKernel, eigen: Eigen, one: SampleGroup, other: SampleGroup) -> Float[np.ndarray, "a b"]:
    if one.training is not None and other.training is not None:
        return (eigen.vectors[one.training] * eigen.values) @ eigen.vectors[other.training].T
    if one.training is not None:
        return kernel.rows(other.table)[:, one.training].T
    if other.training is not None:
        return kernel.rows(one.table)[:, other.training]
    return kernel.between(one.table, other.table)


def _table(kernel: SampleKernel, told: Mapping[str, ToldSample], names: Sequence[str]) -> ExpressionTable:
    scores = np.stack([told[name].scores for name in names])
    measured = np.isfinite(scores[0])
    genes = GeneSpace(tuple(np.array(kernel.genes.symbols, dtype=object)[measured].tolist()))
    return ExpressionTable(tuple(names), genes, scores[:, measured], ExpressionScale.SAMPLE_Z)
