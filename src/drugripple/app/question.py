"""A question as the page puts it to the worker."""

from dataclasses import dataclass
from pathlib import Path

from drugripple.app.catalogue import known_compounds
from drugripple.app.limits import Limits
from drugripple.app.written import uploaded_compounds
from drugripple.data.pair_kind import LEVEL
from drugripple.errors import TableError, counted
from drugripple.predict.default import DefaultModel
from drugripple.predict.page.answer import Answer
from drugripple.runtime.progress import Progress


@dataclass(frozen=True)
class Question:
    """Which samples and which compounds: a file, or names of training."""

    samples: Path | tuple[str, ...]
    compounds: Path | tuple[str, ...]
    level: float = LEVEL

    @property
    def files(self) -> tuple[Path, ...]:
        """What was uploaded for it."""
        return tuple(given for given in (self.samples, self.compounds) if isinstance(given, Path))

    def answer(self, model: DefaultModel, limits: Limits, progress: Progress) -> Answer:
        """Predict every sample with every compound.

        Raises:
            DrugrippleError: if a file cannot be used, or holds more than the limits allow.
        """
        progress("reading", 0, 0)
        asked = model.samples(self.samples if isinstance(self.samples, Path) else tuple(dict.fromkeys(self.samples)))
        which = self.compounds
        compounds = (
            uploaded_compounds(which, model.training_compounds, model.named_compounds)
            if isinstance(which, Path)
            else known_compounds(model, which)
        )
        _require_within(len(asked), len(compounds), limits)
        table = model.ask(asked, compounds, level=self.level, progress=progress).table()
        progress("drawing", 0, 0)
        return Answer.of(model, asked, compounds, table, self.level)


def _require_within(samples: int, compounds: int, limits: Limits) -> None:
    for number, most, what in (
        (samples, limits.samples, "sample"),
        (compounds, limits.compounds, "compound"),
        (samples * compounds, limits.pairs, "pair"),
    ):
        if number > most:
            message = (
                f"these are {counted(number, what)}, and this page answers at most {most:,} at a time; ask about "
                "fewer, or use the command `drugripple predict`, which has no such limit"
            )
            raise TableError(message)
