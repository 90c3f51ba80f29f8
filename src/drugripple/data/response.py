"""Measured responses, in the unit that they were measured in."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
from jaxtyping import Float, Int

from drugripple.data.checks import require_length
from drugripple.data.pairs import Pairs
from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.errors import TableError


class Measure(StrEnum):
    """What a response value means."""

    LN_IC50 = "ln_ic50"
    """Natural logarithm of the IC50 in micromolar; lower is more sensitive."""
    LN_GI50 = "ln_gi50"
    """Natural logarithm of the GI50 in micromolar; lower is more sensitive."""
    AUC = "auc"
    """Area under the dose-response curve as its source states it; lower is more sensitive."""
    ACTIVITY_AREA = "activity_area"
    """Area above the dose-response curve as its source states it; higher is more sensitive."""
    Z_SCORE = "z_score"
    """z-score of activity within a compound; higher is more sensitive."""

    @property
    def label(self) -> str:
        """The name of this measure in a report.

        >>> Measure.LN_IC50.label, Measure.AUC.label, Measure.ACTIVITY_AREA.label
        ('ln IC50', 'AUC', 'activity area')
        """
        spelt = {Measure.LN_IC50: "ln IC50", Measure.LN_GI50: "ln GI50", Measure.AUC: "AUC", Measure.Z_SCORE: "z-score"}
        return spelt.get(self, self.value.replace("_", " "))

    @property
    def lower_is_sensitive(self) -> bool:
        """Whether a lower value means a more sensitive sample."""
        return self not in (Measure.ACTIVITY_AREA, Measure.Z_SCORE)

    @property
    def micromolar(self) -> str:
        """The name of the concentration whose logarithm this is, with its unit; blank where it is no concentration."""
        return {Measure.LN_IC50: "ic50_um", Measure.LN_GI50: "gi50_um"}.get(self, "")


@dataclass(frozen=True)
class ResponseTable:
    """Measured responses of samples to compounds: pairs and their values. Axis: m measured row.

    Raises:
        TableError: if there are not as many values as pairs, or a value is not finite.
    """

    pairs: Pairs
    values: Float[np.ndarray, " m"]
    measure: Measure = Measure.LN_IC50
    notes: tuple[str, ...] = field(default=(), compare=False)
    """What was found or assumed when the table was read, for its user to know."""

    def __post_init__(self) -> None:
        """Check values."""
        require_length(self.values, len(self.pairs), f"{self.measure} values")
        bad = ~np.isfinite(self.values)
        if bad.any():
            message = f"{int(bad.sum())} {self.measure} values are NaN or infinite (first: row {int(bad.argmax())})"
            raise TableError(message)

    @classmethod
    def of(
        cls,
        expression: ExpressionTable,
        compounds: CompoundTable,
        sample_row: Int[np.ndarray, " m"],
        compound_row: Int[np.ndarray, " m"],
        values: Float[np.ndarray, " m"],
        *,
        measure: Measure = Measure.LN_IC50,
    ) -> "ResponseTable":
        """Responses from the rows of samples and compounds.

        Raises:
            TableError: if a row points outside its table, lengths differ, or a value is not finite.
        """
        return cls(Pairs(expression, compounds, sample_row, compound_row), values, measure)

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def expression(self) -> ExpressionTable:
        """The samples."""
        return self.pairs.expression

    @property
    def compounds(self) -> CompoundTable:
        """The compounds."""
        return self.pairs.compounds

    @property
    def sample_row(self) -> Int[np.ndarray, " m"]:
        """Row of each value's sample."""
        return self.pairs.sample_row

    @property
    def compound_row(self) -> Int[np.ndarray, " m"]:
        """Row of each value's compound."""
        return self.pairs.compound_row

    def take(self, rows: Int[np.ndarray, " k"]) -> "ResponseTable":
        """Some measured rows, in the order asked; samples and compounds stay whole."""
        return replace(self, pairs=self.pairs.take(rows), values=self.values[rows])
