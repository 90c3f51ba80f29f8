"""What the catalogue says of a predictor: its name, class, inputs, citation, and the paper's row where it has one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path

from drugripple.data.predictor import Predictor
from drugripple.errors import ConfigError


@dataclass(frozen=True)
class Published:
    """Mean and standard deviation over ten folds, as printed in the paper's Table 1."""

    rmse: float
    rmse_sd: float
    pcc: float
    pcc_sd: float


@dataclass(frozen=True)
class PaperRow:
    """One row of the paper's Table 1."""

    mixed: Published
    cell_blind: Published
    drug_blind: Published
    disjoint: Published

    @classmethod
    def printed(cls, *numbers: float) -> "PaperRow":
        """Four schemes of RMSE, its deviation, PCC, its deviation, in the order of the paper."""
        return cls(*(Published(*numbers[i : i + 4]) for i in range(0, 16, 4)))


@dataclass(frozen=True)
class Method:
    """A way to predict responses; it stands at the foot of the file that carries it out.

    >>> Method("mean_effects", "drugripple.predictors.naive:MeanEffects", "names", "DrEval").make().name
    'mean_effects'
    """

    name: str
    """What tables, run files and folders of predictions call it."""
    made_by: str
    """Module and name of the class, which is imported when a predictor is made."""
    inputs: str
    """What it reads of a sample and a compound."""
    citation: str
    paper: PaperRow | None = None
    settings: Mapping[str, object] = field(default_factory=dict)
    """Arguments of the class where they are not its defaults."""
    made_with: str = ""
    """Module and name of a function that makes it from a data folder, where it reads more than responses from one."""
    read_from: str = ""
    """Module and name of a function that lists the files of a data folder that `made_with` reads, if they are there."""

    def make(self) -> Predictor:
        """An unfitted predictor."""
        return _found(self.made_by)(**self.settings)

    def maker(self, data: Path | None) -> Callable[[], Predictor]:
        """A maker for a run on a data folder, or on a user's own responses, which have none.

        Raises:
            ConfigError: if the predictor reads more than responses and there is no folder to read that from.
        """
        if not self.made_with:
            return self.make
        if data is None:
            message = f"{self.name} reads more than responses from a data folder, and this run has none; name `data`"
            raise ConfigError(message)
        return partial(_found(self.made_with), data, **self.settings)

    def files(self, data: Path) -> list[Path]:
        """The files of a data folder that it is made from, besides the responses."""
        listed = _found(self.read_from)(data, **self.settings) if self.read_from else ()
        return [path for path in listed if path.is_file()]


def _found(place: str) -> Callable:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
