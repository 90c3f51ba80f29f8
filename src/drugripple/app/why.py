"""The question why: one prediction taken apart."""

from dataclasses import dataclass
from pathlib import Path

from drugripple.app.limits import Limits
from drugripple.data.tables import CompoundTable
from drugripple.predict.default import DefaultModel
from drugripple.predict.explain_prediction import explain_prediction
from drugripple.predict.own_samples import OwnSamples
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

    asked: OwnSamples
    """The sample, as it was read beside the others of its file."""
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
        found = explain_prediction(model, self.asked, self.compound, sample=None, level=self.level)
        return Reasons(found.report(), self.back)
