"""What is asked of a predictor: pairs of a sample and a compound, without answers."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Int

from drugripple.data.checks import require_length, require_rows
from drugripple.data.tables import CompoundTable, ExpressionTable


@dataclass(frozen=True)
class Pairs:
    """Pairs of a sample and a compound. Axis: m pair.

    Raises:
        TableError: if a row points outside its table.
    """

    expression: ExpressionTable
    compounds: CompoundTable
    sample_row: Int[np.ndarray, " m"]
    compound_row: Int[np.ndarray, " m"]

    def __post_init__(self) -> None:
        """Check rows."""
        require_rows(self.sample_row, len(self.expression), "samples")
        require_rows(self.compound_row, len(self.compounds), "compounds")
        require_length(self.compound_row, len(self.sample_row), "compound rows")

    @classmethod
    def grid(cls, expression: ExpressionTable, compounds: CompoundTable) -> "Pairs":
        """Every sample with every compound, the compounds of one sample side by side."""
        sample, compound = np.indices((len(expression), len(compounds)))
        return cls(expression, compounds, sample.ravel(), compound.ravel())

    def __len__(self) -> int:
        return len(self.sample_row)

    @property
    def number(self) -> Int[np.ndarray, " m"]:
        """One number per distinct pair of rows: entries that share it ask about the same sample and compound."""
        return self.sample_row.astype(np.int64) * len(self.compounds) + self.compound_row

    def take(self, rows: Int[np.ndarray, " k"]) -> "Pairs":
        """Some pairs, in the order asked; samples and compounds stay whole."""
        return replace(self, sample_row=self.sample_row[rows], compound_row=self.compound_row[rows])

    def canonical(self) -> "CanonicalPairs":
        """The distinct pairs by sample name and molecule, and where each pair asked stands among them.

        A predictor that computes on these gives the same bits however the table asked about was ordered, numbered
        or extended: only samples and molecules that are asked about take part, sorted by name and parent SMILES.
        """
        samples, sample = _used([self.expression.samples[i] for i in range(len(self.expression))], self.sample_row)
        molecules, compound = _used([m.parent for m in self.compounds.molecules], self.compound_row)
        cell, place = np.unique(sample.astype(np.int64) * max(1, len(molecules)) + compound, return_inverse=True)
        expression, compounds = self.expression.take(samples), self.compounds.take(molecules)
        width = max(1, len(molecules))
        return CanonicalPairs(Pairs(expression, compounds, cell // width, cell % width), place)


class CanonicalPairs(NamedTuple):
    """Distinct pairs in an order that does not depend on the table asked about. Axis m: pair asked."""

    pairs: Pairs
    place: Int[np.ndarray, " m"]
    """Where each pair asked stands among the distinct ones."""


def _used(names: list[str], row: Int[np.ndarray, " m"]) -> tuple[Int[np.ndarray, " k"], Int[np.ndarray, " m"]]:
    """One table row per distinct name that is used, sorted by name, and the place of every entry among them."""
    used = np.unique(row)
    first: dict[str, int] = {}
    for i in used.tolist():
        first.setdefault(names[i], i)
    order = sorted(first)
    place = {name: number for number, name in enumerate(order)}
    place_of_row = np.zeros(len(names), dtype=np.int64)
    place_of_row[used] = [place[names[i]] for i in used.tolist()]
    return np.array([first[name] for name in order], dtype=np.int64), place_of_row[row]
