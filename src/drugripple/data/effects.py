"""Additive effects of lines and compounds: what is known of a response before any feature is looked at."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Int

from drugripple.data.tables import ResponseTable

Side = Literal["sample", "compound"]
SWEEPS = 20


@dataclass(frozen=True)
class Effects:
    """Mean, and what each sample and compound adds to it, shrunk towards zero.

        y ≈ mean + sample effect + compound effect,    effect = Σ residual / (count + 1), alternated

    A level without training rows has effect 0. Source: spec splits_and_metrics section 4.

    >>> Effects(1.0, np.array([0.0, 2.0]), np.array([0.5])).predict(np.array([1]), np.array([0])).tolist()
    [3.5]
    """

    mean: float
    sample: Float[np.ndarray, " n"]
    compound: Float[np.ndarray, " c"]

    @classmethod
    def fit(cls, table: ResponseTable, sides: Collection[Side]) -> "Effects":
        """Fit the effects of the sides asked for; the other sides' effects are zero."""
        y = table.ln_ic50.astype(np.float64)
        mean = float(y.mean())
        rows = {"sample": table.sample_row, "compound": table.compound_row}
        levels = {"sample": len(table.expression), "compound": len(table.compounds)}
        effects = {side: np.zeros(levels[side]) for side in rows}
        for _ in range(SWEEPS if len(sides) > 1 else 1):
            for side in sorted(sides):
                rest = y - mean - sum(effects[other][rows[other]] for other in rows if other != side)
                total = np.bincount(rows[side], weights=rest, minlength=levels[side])
                effects[side] = total / (np.bincount(rows[side], minlength=levels[side]) + 1)
        return cls(mean, effects["sample"], effects["compound"])

    def predict(
        self, sample_row: Int[np.ndarray, " m"], compound_row: Int[np.ndarray, " m"]
    ) -> Float[np.ndarray, " m"]:
        """The additive prediction of some rows."""
        return self.mean + self.sample[sample_row] + self.compound[compound_row]
