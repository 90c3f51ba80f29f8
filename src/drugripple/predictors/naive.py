"""Predictors that look at no gene: the bar below which a model has learnt nothing.

global mean      ŷ = ȳ                          ȳ   mean of the training values
group mean       ŷ = ȳ_G                        G   the finest group of the pair that training knows, else all
mean effects     ŷ = μ + a_s + b_c              a_s, b_c  shrunk effects of sample s and compound c (`data.effects`)
nearest drug     ŷ = μ + a_s + Σ t b / Σ t      over the k training compounds most similar to a new c, t Tanimoto
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from jaxtyping import Float, Int

from drugripple.chem.fingerprint import morgan, tanimoto
from drugripple.chem.molecule import Molecule
from drugripple.data.effects import Effects, Side
from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.predictors.method import Method
from drugripple.predictors.saved_whole import SavedWhole


@dataclass(frozen=True)
class Mean:
    """The mean of all training values."""

    value: float


class GlobalMean(SavedWhole[Mean]):
    """The mean of the training values, for every pair."""

    name = "global_mean"
    learns = Mean

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:  # noqa: ARG002
        """Learn from the training rows."""
        self.learnt, self.measure = Mean(float(train.values.mean(dtype=np.float64))), train.measure

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """The same value for every pair."""
        return np.full(len(pairs), self.require_learnt().value)


class Level(StrEnum):
    """What the pairs of a group share."""

    SAMPLE = "sample"
    COMPOUND = "compound"
    TISSUE = "tissue"
    TISSUE_COMPOUND = "tissue x compound"


Group = tuple[str, ...]
"""Names of what the pairs of a group share: the sample, the parent of the compound, the tissue, or the last two."""


@dataclass(frozen=True)
class GroupMeans:
    """The mean of all training values, and of each group that they form."""

    mean: float
    groups: Mapping[Level, tuple[tuple[Group, float], ...]]


class GroupMean(SavedWhole[GroupMeans]):
    """The mean of the training values of the pair's group, else of a coarser group, else of all.

    Groups go from fine to coarse: with ("tissue x compound", "compound"), a pair is answered by the mean of its tissue
    and compound, by that of its compound where training never measured the two together, and by the mean of all where
    it never measured the compound.
    """

    learns = GroupMeans

    def __init__(self, levels: tuple[Level, ...], *, name: str = "group_mean") -> None:
        """Choose the groups, fine ones first."""
        self.levels, self.name = levels, name

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:  # noqa: ARG002
        """Learn from the training rows."""
        y = train.values.astype(np.float64)
        groups = {}
        for level in self.levels:
            names, number = _groups(train.pairs, level)
            total, count = np.bincount(number, weights=y), np.bincount(number)
            groups[level] = tuple((names[i], float(total[i] / count[i])) for i in np.flatnonzero(count).tolist())
        self.learnt, self.measure = GroupMeans(float(train.values.mean(dtype=np.float64)), groups), train.measure

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """The mean of the finest group that training knows."""
        learnt = self.require_learnt()
        guess = np.full(len(pairs), learnt.mean)
        for level in reversed(self.levels):
            names, number = _groups(pairs, level)
            mean_of = dict(learnt.groups[level])
            known = np.array([mean_of.get(name, np.nan) for name in names], dtype=np.float64)[number]
            guess = np.where(np.isnan(known), guess, known)
        return guess


def _groups(pairs: Pairs, level: Level) -> tuple[list[Group], Int[np.ndarray, " m"]]:
    """The groups that some pairs may form, and which of them each pair is in."""
    samples, tissues, compounds = pairs.expression.samples, pairs.expression.tissue, pairs.compounds.smiles
    sides: dict[Level, tuple[tuple[Sequence[str], Int[np.ndarray, " m"]], ...]] = {
        Level.SAMPLE: ((samples, pairs.sample_row),),
        Level.COMPOUND: ((compounds, pairs.compound_row),),
        Level.TISSUE: ((tissues, pairs.sample_row),),
        Level.TISSUE_COMPOUND: ((tissues, pairs.sample_row), (compounds, pairs.compound_row)),
    }
    names: list[Group] = [()]
    number = np.zeros(len(pairs), dtype=np.int64)
    for labels, row in sides[level]:
        place = {label: i for i, label in enumerate(dict.fromkeys(labels))}
        number = number * len(place) + np.array([place[label] for label in labels], dtype=np.int64)[row]
        names = [(*before, label) for before in names for label in place]
    return names, number


class MeanEffects(SavedWhole[Effects]):
    """Mean plus a ridge-shrunk sample effect plus a ridge-shrunk compound effect; a new one's effect is zero."""

    name = "mean_effects"
    learns = Effects

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:  # noqa: ARG002
        """Learn from the training rows."""
        self.learnt, self.measure = Effects.fit(train, tuple(Side)), train.measure

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """Mean plus the effects that are known."""
        return self.require_learnt().predict(pairs)


@dataclass(frozen=True)
class KnownCompounds:
    """Mean effects, and the molecules of the training compounds."""

    effects: Effects
    molecules: tuple[Molecule, ...]


class NearestDrug(SavedWhole[KnownCompounds]):
    """Mean effects; a new compound has the Tanimoto-weighted effect of the training compounds most similar to it.

    A compound that shares nothing with any of them has effect zero, as a new sample has.
    """

    name = "nearest_drug"
    learns = KnownCompounds

    def __init__(self, *, neighbours: int = 5) -> None:
        """Choose how many neighbours."""
        self.neighbours = neighbours

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:  # noqa: ARG002
        """Learn from the training rows."""
        effects, known = Effects.fit(train, tuple(Side)), train.pairs.compact().compounds.molecules
        self.learnt, self.measure = KnownCompounds(effects, known), train.measure

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """Mean plus known sample effect plus known or borrowed compound effect."""
        learnt = self.require_learnt()
        new = [m for m in dict.fromkeys(pairs.compounds.molecules) if m.parent not in learnt.effects.compound]
        compound = {**learnt.effects.compound, **_borrowed(new, learnt, self.neighbours)}
        return replace(learnt.effects, compound=compound).predict(pairs)


def _borrowed(molecules: Sequence[Molecule], learnt: KnownCompounds, neighbours: int) -> dict[str, float]:
    """The mean effect of the nearest training compounds, weighted by Tanimoto similarity; 0 where none is alike."""
    if not molecules:
        return {}
    effect = np.array([learnt.effects.compound[molecule.parent] for molecule in learnt.molecules])
    near = tanimoto(morgan(molecules), morgan(learnt.molecules))
    kept = np.argsort(-near, axis=1, kind="stable")[:, :neighbours]
    weight = np.take_along_axis(near, kept, axis=1)
    total = weight.sum(axis=1)
    mean = np.divide((weight * effect[kept]).sum(axis=1), total, out=np.zeros(len(near)), where=total > 0)
    return dict(zip([molecule.parent for molecule in molecules], mean.tolist(), strict=True))


CITATION = "naive predictors as in DrEval, Nat Commun 2026 17:4238"
_GROUPS = {
    "drug_mean": (Level.COMPOUND,),
    "line_mean": (Level.SAMPLE,),
    "tissue_mean": (Level.TISSUE,),
    "tissue_drug_mean": (Level.TISSUE_COMPOUND, Level.COMPOUND, Level.TISSUE),
}
RECORDS = (
    Method(GlobalMean.name, f"{__name__}:GlobalMean", "nothing", CITATION),
    *(
        Method(name, f"{__name__}:GroupMean", "names", CITATION, settings={"levels": levels, "name": name})
        for name, levels in _GROUPS.items()
    ),
    Method(MeanEffects.name, f"{__name__}:MeanEffects", "names", CITATION),
    Method(NearestDrug.name, f"{__name__}:NearestDrug", "names, Morgan bits", CITATION),
)
