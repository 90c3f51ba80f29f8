"""Predictors that look at no gene: the bar below which a model has learnt nothing."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float, Int

from drugripple.chem.fingerprint import morgan
from drugripple.data.effects import Effects
from drugripple.data.tables import ResponseTable


class GlobalMean:
    """The mean of the training rows."""

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:  # noqa: ARG002
        """Learn from the training rows."""
        self._mean = float(train.ln_ic50.mean(dtype=np.float64))

    def predict(self, table: ResponseTable) -> Float[np.ndarray, " m"]:
        """The same value for every row."""
        return np.full(len(table), self._mean)


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
        self._mean = float(train.ln_ic50.mean(dtype=np.float64))
        self._tables = {}
        for level in self.levels:
            key, size = self._key(train, level)
            count = np.bincount(key, minlength=size)
            total = np.bincount(key, weights=train.ln_ic50.astype(np.float64), minlength=size)
            self._tables[level] = np.divide(total, count, out=np.full(size, np.nan), where=count > 0)

    def predict(self, table: ResponseTable) -> Float[np.ndarray, " m"]:
        """The mean of the finest group that training knows."""
        guess = np.full(len(table), self._mean)
        for level in reversed(self.levels):
            known = self._tables[level][self._key(table, level)[0]]
            guess = np.where(np.isnan(known), guess, known)
        return guess

    def _key(self, table: ResponseTable, level: str) -> tuple[Int[np.ndarray, " m"], int]:
        lines, drugs = len(table.expression), len(table.compounds)
        number = {tissue: i for i, tissue in enumerate(self._tissues)}
        tissue = np.array([number.get(name, len(number)) for name in table.expression.tissue])[table.sample_row]
        choices = {
            "line": (table.sample_row, lines),
            "drug": (table.compound_row, drugs),
            "tissue": (tissue, len(number) + 1),
            "tissue x drug": (tissue * drugs + table.compound_row, (len(number) + 1) * drugs),
        }
        return choices[level]


class Additive:
    """Mean plus a ridge-shrunk line effect plus a ridge-shrunk compound effect."""

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:  # noqa: ARG002
        """Learn from the training rows."""
        self.effects = Effects.fit(train, ("sample", "compound"))

    def predict(self, table: ResponseTable) -> Float[np.ndarray, " m"]:
        """Mean plus the effects that are known."""
        return self.effects.predict(table.sample_row, table.compound_row)


class NearestDrug:
    """Additive effects; an unseen compound has the Tanimoto-weighted effect of its nearest training compounds."""

    def __init__(self, *, neighbours: int = 5) -> None:
        """Choose how many neighbours."""
        self.neighbours = neighbours

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:  # noqa: ARG002
        """Learn from the training rows."""
        effects = Effects.fit(train, ("sample", "compound"))
        drug = effects.compound.copy()
        count = np.bincount(train.compound_row, minlength=len(train.compounds))
        seen, unseen = np.flatnonzero(count > 0), np.flatnonzero(count == 0)
        if unseen.size:
            near = tanimoto(train.compounds.smiles)[np.ix_(unseen, seen)]
            kept = np.argsort(-near, axis=1, kind="stable")[:, : self.neighbours]
            weight = np.take_along_axis(near, kept, axis=1)
            total = weight.sum(axis=1)
            borrowed = (weight * effects.compound[seen][kept]).sum(axis=1)
            drug[unseen] = np.divide(borrowed, total, out=np.zeros(unseen.size), where=total > 0)
        self.effects = replace(effects, compound=drug)

    def predict(self, table: ResponseTable) -> Float[np.ndarray, " m"]:
        """Mean plus known line effect plus known or borrowed compound effect."""
        return self.effects.predict(table.sample_row, table.compound_row)


def tanimoto(smiles: Sequence[str], *, counts: bool = False) -> Float[np.ndarray, "c c"]:
    """Tanimoto similarity of Morgan fingerprints of radius 2: sum of minima over sum of maxima (positive definite)."""
    bits = morgan(smiles, radius=2, bits=2048, counts=counts).astype(np.float64)
    least = np.array([np.minimum(row, bits).sum(axis=1) for row in bits])
    size = bits.sum(axis=1)
    most = size[:, None] + size[None, :] - least
    return np.divide(least, most, out=np.zeros_like(least), where=most > 0)
