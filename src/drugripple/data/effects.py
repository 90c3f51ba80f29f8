"""Mean effects of samples and compounds: what is known of a response before any feature is looked at."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from jaxtyping import Float, Int

from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable


class Side(StrEnum):
    """One of the two sides of a pair."""

    SAMPLE = "sample"
    COMPOUND = "compound"


SWEEPS = 20
"""Times that both sides are fitted in turn."""


@dataclass(frozen=True)
class Effects:
    """Mean, and what each sample and compound adds to it, shrunk towards zero.

        y ≈ mean + sample effect + compound effect,    effect = Σ residual / (count + 1), alternated

    A sample or compound without training rows has effect 0. Source: Bell, Koren and Volinsky 2007 (baseline
    predictors), doi:10.1109/ICDM.2007.90.

    >>> from drugripple.chem import standardise
    >>> effects = Effects(1.0, {"A549": 2.0}, {"CCO": 0.5})
    >>> effects.of_samples(["A549", "new"]).tolist(), effects.of_compounds(CompoundTable.from_smiles(["OCC"])).tolist()
    ([2.0, 0.0], [0.5])
    """

    mean: float
    sample: Mapping[str, float]
    """Effect of each training sample, by name."""
    compound: Mapping[str, float]
    """Effect of each training compound, by the SMILES of its parent."""

    @classmethod
    def fit(cls, table: ResponseTable, sides: Collection[Side]) -> "Effects":
        """Fit the effects of the sides asked for; the other sides' effects are zero."""
        y = table.values.astype(np.float64)
        mean = float(y.mean())
        names = {
            Side.SAMPLE: (table.expression.samples, table.sample_row),
            Side.COMPOUND: (table.compounds.smiles, table.compound_row),
        }
        levels, rows, effects = {}, {}, {}
        for side, (labels, row) in names.items():
            levels[side], rows[side] = _levels(labels, row)
            effects[side] = np.zeros(len(levels[side]))
        for _ in range(SWEEPS if len(sides) > 1 else 1):
            for side in sorted(sides):
                rest = y - mean - sum(effects[other][rows[other]] for other in rows if other != side)
                total = np.bincount(rows[side], weights=rest, minlength=len(levels[side]))
                effects[side] = total / (np.bincount(rows[side], minlength=len(levels[side])) + 1)
        known = {
            side: dict(zip(levels[side], effects[side].tolist(), strict=True)) if side in sides else {}
            for side in effects
        }
        return cls(mean, known[Side.SAMPLE], known[Side.COMPOUND])

    def of_samples(self, names: Sequence[str]) -> Float[np.ndarray, " n"]:
        """Effect of each named sample, 0 for a new one."""
        return np.array([self.sample.get(name, 0.0) for name in names], dtype=np.float64)

    def of_compounds(self, compounds: CompoundTable) -> Float[np.ndarray, " c"]:
        """Effect of each compound, 0 for a new one."""
        return np.array([self.compound.get(molecule.parent, 0.0) for molecule in compounds.molecules], dtype=np.float64)

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """Mean plus the effects that are known."""
        sample = self.of_samples(pairs.expression.samples)[pairs.sample_row]
        return self.mean + sample + self.of_compounds(pairs.compounds)[pairs.compound_row]


def known_sides(train: ResponseTable, valid: ResponseTable) -> tuple[Side, ...]:
    """The sides whose effects a test row can look up: those that most validation rows share with training."""
    shared = {
        Side.SAMPLE: _shared(train.expression.samples, train.sample_row, valid.expression.samples, valid.sample_row),
        Side.COMPOUND: _shared(train.compounds.smiles, train.compound_row, valid.compounds.smiles, valid.compound_row),
    }
    return tuple(side for side, share in shared.items() if share > 0.5)


def _levels(labels: Sequence[str], row: Int[np.ndarray, " m"]) -> tuple[list[str], Int[np.ndarray, " m"]]:
    """The distinct labels that occur, in order of first table row, and the place of each row's label among them."""
    place: dict[str, int] = {}
    used = np.unique(row)
    place_of_row = np.zeros(len(labels), dtype=np.int64)
    for i in used.tolist():
        place_of_row[i] = place.setdefault(labels[i], len(place))
    return list(place), place_of_row[row]


def _shared(
    train: Sequence[str], train_row: Int[np.ndarray, " m"], valid: Sequence[str], valid_row: Int[np.ndarray, " k"]
) -> float:
    known = {train[i] for i in np.unique(train_row).tolist()}
    is_known = np.array([name in known for name in valid], dtype=bool)
    return float(is_known[valid_row].mean())
