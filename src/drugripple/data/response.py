"""Measured responses, in the unit that they were measured in."""

from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Float, Int

from drugripple.data.checks import require_length
from drugripple.data.measure import Measure
from drugripple.data.pairs import Pairs
from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.errors import TableError, counted


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

    def __repr__(self) -> str:
        """One line: how much it holds."""
        return f"ResponseTable({counted(len(self), 'value')} of {self.measure}: {self.expression} and {self.compounds})"

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
