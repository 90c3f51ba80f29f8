"""The question why: one prediction taken apart."""

from dataclasses import dataclass
from pathlib import Path

from drugripple.app.limits import Limits
from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.predict.default import DefaultModel
from drugripple.report.document import Report
from drugripple.runtime.progress import Progress


@dataclass(frozen=True)
class Reasons:
    """A prediction taken apart."""

    report: Report
    back: str
    """The page of the pair, behind the token."""


@dataclass(frozen=True)
class Why:
    """Why one sample is predicted to respond to one compound as it is."""

    expression: ExpressionTable
    compound: CompoundTable
    level: float
    back: str

    @property
    def files(self) -> tuple[Path, ...]:
        """Nothing was uploaded for it."""
        return ()

    def answer(self, model: DefaultModel, _limits: Limits, progress: Progress) -> Reasons:
        """Take the prediction apart, as `DefaultModel.explain` does."""
        progress("taking the prediction apart", 0, 0)
        found = model.explain(self.expression, self.compound, level=self.level)
        return Reasons(found.report(), self.back)
