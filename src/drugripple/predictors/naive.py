"""Predictors that look at no gene: the bar below which a model has learnt nothing."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float, Int

from drugripple.chem.fingerprint import morgan, tanimoto
from drugripple.chem.molecule import Molecule
from drugripple.data.effects import Effects, Side
from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable


class GlobalMean:
    """The mean of the training rows."""

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:  # noqa: ARG002
        """Learn from the training rows."""
        self._mean = float(train.values.mean(dtype=np.float64))

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """The same value for every row."""
        return np.full(len(pairs), self._mean)


class GroupMean:
    """The mean of the training rows of the row's group, else of a coarser group, else of all.

    Groups go from fine to coarse, e.g. ("tissue x drug", "drug").
    """

    def __init__(self, *levels: str) -> None:
        """Choose among `line`, `drug`, `tissue` and `tissue x drug`."""
        self.levels = levels

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:  # noqa: ARG002
        """Learn from the training rows."""
        self._tissues = sorted(set(train.expression.tissue))
        self._mean = float(train.values.mean(dtype=np.float64))
        self._tables = {}
        for level in self.levels:
            key, size = self._key(train.pairs, level)
            count = np.bincount(key, minlength=size)
            total = np.bincount(key, weights=train.values.astype(np.float64), minlength=size)
            self._tables[level] = np.divide(total, count, out=np.full(size, np.nan), where=count > 0)

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """The mean of the finest group that training knows."""
        guess = np.full(len(pairs), self._mean)
        for level in reversed(self.levels):
            known = self._tables[level][self._key(pairs, level)[0]]
            guess = np.where(np.isnan(known), guess, known)
        return guess

    def _key(self, pairs: Pairs, level: str) -> tuple[Int[np.ndarray, " m"], int]:
        lines, drugs = len(pairs.expression), len(pairs.compounds)
        number = {tissue: i for i, tissue in enumerate(self._tissues)}
        tissue = np.array([number.get(name, len(number)) for name in pairs.expression.tissue])[pairs.sample_row]
        choices = {
            "line": (pairs.sample_row, lines),
            "drug": (pairs.compound_row, drugs),
            "tissue": (tissue, len(number) + 1),
            "tissue x drug": (tissue * drugs + pairs.compound_row, (len(number) + 1) * drugs),
        }
        return choices[level]


class MeanEffects:
    """Mean plus a ridge-shrunk line effect plus a ridge-shrunk compound effect."""

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:  # noqa: ARG002
        """Learn from the training rows."""
        self.effects = Effects.fit(train, tuple(Side))

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """Mean plus the effects that are known."""
        return self.effects.predict(pairs)


class NearestDrug:
    """Mean effects; an unseen compound has the Tanimoto-weighted effect of its nearest training compounds."""

    def __init__(self, *, neighbours: int = 5) -> None:
        """Choose how many neighbours."""
        self.neighbours = neighbours

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:  # noqa: ARG002
        """Learn from the training rows."""
        self.effects = Effects.fit(train, tuple(Side))
        used = np.unique(train.compound_row)
        self._known = {train.compounds.molecules[row].parent: train.compounds.molecules[row] for row in used.tolist()}

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """Mean plus known sample effect plus known or borrowed compound effect."""
        new = [m for m in dict.fromkeys(pairs.compounds.molecules) if m.parent not in self.effects.compound]
        borrowed = replace(self.effects, compound={**self.effects.compound, **self._borrowed(new)})
        return borrowed.predict(pairs)

    def _borrowed(self, molecules: Sequence[Molecule]) -> dict[str, float]:
        """The mean effect of the nearest training compounds, weighted by Tanimoto similarity; 0 where none is alike."""
        if not molecules:
            return {}
        effect = np.array([self.effects.compound[parent] for parent in self._known])
        near = tanimoto(morgan(molecules), morgan(tuple(self._known.values())))
        kept = np.argsort(-near, axis=1, kind="stable")[:, : self.neighbours]
        weight = np.take_along_axis(near, kept, axis=1)
        total = weight.sum(axis=1)
        mean = np.divide((weight * effect[kept]).sum(axis=1), total, out=np.zeros(len(near)), where=total > 0)
        return dict(zip([molecule.parent for molecule in molecules], mean.tolist(), strict=True))
