"""What is asked of a predictor: pairs of a sample and a compound, without answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Int

from drugripple.data.checks import require_length, require_rows
from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.errors import counted


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

    def __repr__(self) -> str:
        """One line: how much it holds."""
        return f"Pairs({counted(len(self), 'pair')} of {self.expression} and {self.compounds})"

    def __len__(self) -> int:
        return len(self.sample_row)

    @property
    def number(self) -> Int[np.ndarray, " m"]:
        """One number per distinct pair of rows: entries that share it ask about the same sample and compound."""
        return self.sample_row.astype(np.int64) * len(self.compounds) + self.compound_row

    def take(self, rows: Int[np.ndarray, " k"]) -> "Pairs":
        """Some pairs, in the order asked; samples and compounds stay whole."""
        return replace(self, sample_row=self.sample_row[rows], compound_row=self.compound_row[rows])

    def compact(self) -> "Pairs":
        """The same pairs on tables of what occurs: each sample and each molecule once, in the order of the tables.

        Compounds that share a molecule become one; it keeps the annotation of the one whose id comes first.
        """
        samples = _distinct(self.expression.samples, self.expression.samples, self.sample_row)
        molecules = _distinct(self.compounds.smiles, self.compounds.ids, self.compound_row)
        return self._on(samples, molecules)

    def canonical(self) -> "CanonicalPairs":
        """The distinct pairs by sample name and molecule, and where each pair asked stands among them.

        A predictor that computes on these gives the same bits however the table asked about was ordered, numbered
        or extended: only samples and molecules that are asked about take part, sorted by name and parent SMILES.
        """
        samples = _distinct(self.expression.samples, self.expression.samples, self.sample_row)
        molecules = _distinct(self.compounds.smiles, self.compounds.ids, self.compound_row)
        asked = self._on(dict(sorted(samples.items())), dict(sorted(molecules.items())))
        cell, place = np.unique(asked.number, return_inverse=True)
        width = max(1, len(molecules))
        return CanonicalPairs(replace(asked, sample_row=cell // width, compound_row=cell % width), place)

    def _on(self, samples: Mapping[str, int], molecules: Mapping[str, int]) -> "Pairs":
        """The same pairs on tables of these rows, in this order."""
        return Pairs(
            self.expression.take(np.array(list(samples.values()), dtype=np.int64)),
            self.compounds.take(np.array(list(molecules.values()), dtype=np.int64)),
            _renumbered(self.expression.samples, self.sample_row, samples),
            _renumbered(self.compounds.smiles, self.compound_row, molecules),
        )


class CanonicalCompounds(NamedTuple):
    """Distinct molecules in an order that does not depend on the table that they are from. Axis a: compound asked."""

    compounds: CompoundTable
    rows: Int[np.ndarray, " k"]
    """The row of the table that each is from."""
    place: Int[np.ndarray, " a"]
    """Where each compound asked stands among the distinct ones."""

    @classmethod
    def of(cls, compounds: CompoundTable) -> "CanonicalCompounds":
        """The compounds of a table, as `Pairs.canonical` has them where all of them are asked about."""
        every = np.arange(len(compounds))
        molecules = dict(sorted(_distinct(compounds.smiles, compounds.ids, every).items()))
        rows = np.array(list(molecules.values()), dtype=np.int64)
        return cls(compounds.take(rows), rows, _renumbered(compounds.smiles, every, molecules))


class CanonicalPairs(NamedTuple):
    """Distinct pairs in an order that does not depend on the table asked about. Axis m: pair asked."""

    pairs: Pairs
    place: Int[np.ndarray, " m"]
    """Where each pair asked stands among the distinct ones."""


def _distinct(names: Sequence[str], ids: Sequence[str], row: Int[np.ndarray, " m"]) -> dict[str, int]:
    """A table row for each distinct name that is used, in the order of the table: of several, the first by id."""
    found: dict[str, int] = {}
    for i in np.unique(row).tolist():
        kept = found.setdefault(names[i], i)
        if ids[i] < ids[kept]:
            found[names[i]] = i
    return found


def _renumbered(names: Sequence[str], row: Int[np.ndarray, " m"], chosen: Mapping[str, int]) -> Int[np.ndarray, " m"]:
    """The place of each entry's name among those chosen."""
    place = {name: number for number, name in enumerate(chosen)}
    place_of_row = np.zeros(len(names), dtype=np.int64)
    used = np.unique(row)
    place_of_row[used] = [place[names[i]] for i in used.tolist()]
    return place_of_row[row]
