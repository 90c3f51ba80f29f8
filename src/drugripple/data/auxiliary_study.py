"""Responses of another study, used beside the one that a model is trained on."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from jaxtyping import Float, Int

from drugripple.data.checks import require_length, require_rows
from drugripple.data.measure import Measure
from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable
from drugripple.runtime.digest import content_digest


@dataclass(frozen=True)
class AuxiliaryStudy:
    """Responses of another study, in whatever unit it has. Axes: m measured row, c compound.

    Raises:
        TableError: if the columns differ in length or a row points outside the compounds.
    """

    name: str
    compounds: CompoundTable
    samples: tuple[str, ...]
    """Sample of every row, under the training study's name where it is the same."""
    compound_row: Int[np.ndarray, " m"]
    values: Float[np.ndarray, " m"]
    covariates: Float[np.ndarray, "c k"] = field(default_factory=lambda: np.zeros((0, 0)))
    """What the map to the training unit may use beside the mean, such as the logarithm of the top concentration."""
    measure: Measure | None = None
    """What was measured, where it is one of ours."""
    noise_share: float = 1.0
    """Share of the residual variance of the map to the training unit that counts as noise of a mapped mean."""

    def __post_init__(self) -> None:
        """Check lengths and rows."""
        require_length(self.samples, len(self.values), "samples of an auxiliary study")
        require_length(self.compound_row, len(self.values), "compound rows of an auxiliary study")
        require_rows(self.compound_row, len(self.compounds), "compounds")
        if self.covariates.size:
            require_length(self.covariates, len(self.compounds), "covariates of an auxiliary study")

    @cached_property
    def distinct_samples(self) -> tuple[str, ...]:
        """The samples, each once, sorted."""
        return tuple(sorted(set(self.samples)))

    @cached_property
    def sample_row(self) -> Int[np.ndarray, " m"]:
        """Which of the distinct samples every row is of."""
        place = {name: row for row, name in enumerate(self.distinct_samples)}
        return np.array([place[name] for name in self.samples], dtype=np.int64)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that a model may learn from."""
        compounds = self.compounds
        words = (self.name, *self.samples, *compounds.smiles, *compounds.targets, *compounds.mechanism)
        return content_digest(*words, self.compound_row, self.values, self.covariates, np.array(self.noise_share))

    @classmethod
    def of(cls, name: str, responses: ResponseTable) -> "AuxiliaryStudy":
        """A study that comes as a table of responses."""
        samples = tuple(responses.expression.samples[i] for i in responses.sample_row.tolist())
        return cls(
            name, responses.compounds, samples, responses.compound_row, responses.values, measure=responses.measure
        )
