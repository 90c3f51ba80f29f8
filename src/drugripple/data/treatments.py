"""Compounds at a dose for a time: what a network is asked about."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from drugripple.data.checks import require_at_most, require_length, require_positive, require_rows
from drugripple.data.tables import CompoundTable
from drugripple.errors import counted

LARGEST_DOSE_UM = 10_000.0
"""Micromolar: hardly any compound dissolves beyond 10 mM, so that a larger number is in another unit."""
LONGEST_HOURS = 1_000.0
"""Six weeks: no cell line is treated longer in a screen, so that a larger number is in another unit."""
SEEN_DOSES_UM = (0.001, 100.0)
"""Lowest and highest dose, in micromolar, of the profiles that networks are pretrained on."""
SEEN_HOURS = (6.0, 72.0)
"""Shortest treatment in these profiles and longest in GDSC's screens."""


class LeftOut(NamedTuple):
    """A line of a compound file that cannot be used."""

    line: int
    id: str
    smiles: str
    reason: str


@dataclass(frozen=True)
class Treatments:
    """Compounds, each at one or several doses and times. Axis: t treatment.

    Raises:
        TableError: if a row points outside the compounds, columns differ in length, or a dose or time is not above 0 or
            larger than any that is used.
    """

    compounds: CompoundTable
    """Each compound once."""
    compound_row: Int[np.ndarray, " t"]
    """The compound of each treatment."""
    dose_um: Float[np.ndarray, " t"]
    hours: Float[np.ndarray, " t"]
    left_out: tuple[LeftOut, ...] = ()
    """What was asked about and cannot be answered."""

    def __post_init__(self) -> None:
        """Check rows and units."""
        require_rows(self.compound_row, len(self.compounds), "compounds")
        require_length(self.dose_um, len(self), "doses")
        require_length(self.hours, len(self), "treatment times")
        require_positive(self.dose_um, "dose", "micromolar")
        require_positive(self.hours, "treatment time", "hours")
        require_at_most(self.dose_um, LARGEST_DOSE_UM, "dose", "micromolar")
        require_at_most(self.hours, LONGEST_HOURS, "treatment time", "hours")

    @classmethod
    def at(cls, compounds: CompoundTable, dose_um: float, hours: float) -> "Treatments":
        """Every compound once, at one dose for one time.

        >>> Treatments.at(CompoundTable.from_smiles(["CCO"]), 10.0, 24.0).dose_um.tolist()
        [10.0]
        """
        doses, times = (np.full(len(compounds), value, dtype=np.float32) for value in (dose_um, hours))
        return cls(compounds, np.arange(len(compounds)), doses, times)

    def __repr__(self) -> str:
        """One line: how much it holds."""
        return f"Treatments({counted(len(self), 'treatment')} with {self.compounds})"

    def __len__(self) -> int:
        return len(self.compound_row)

    @property
    def ids(self) -> tuple[str, ...]:
        """The compound's id, per treatment."""
        return tuple(self.compounds.ids[i] for i in self.compound_row.tolist())

    @property
    def names(self) -> tuple[str, ...]:
        """The compound's name, per treatment."""
        return tuple(self.compounds.names[i] for i in self.compound_row.tolist())

    def take(self, rows: Int[np.ndarray, " k"]) -> "Treatments":
        """Some treatments, in the order asked, with their compounds alone."""
        used, place = np.unique(self.compound_row[rows], return_inverse=True)
        return replace(
            self,
            compounds=self.compounds.take(used),
            compound_row=place,
            dose_um=self.dose_um[rows],
            hours=self.hours[rows],
        )


def with_id(name: str, identifier: str) -> str:
    """A compound's name, with its id where that is another: two compounds may share a name.

    >>> with_id("Drug A", "1005"), with_id("aspirin", "aspirin")
    ('Drug A (1005)', 'aspirin')
    """
    return name if name == identifier else f"{name} ({identifier})"
