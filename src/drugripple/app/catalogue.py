"""What the model knows, for a person to choose from."""

from dataclasses import dataclass, replace

import numpy as np

from drugripple.data.measure import Measure
from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.predict.default import DefaultModel
from drugripple.predict.page.drawing import spoken

EXAMPLE_SAMPLES, EXAMPLE_COMPOUNDS = 10, 10
UNKNOWN_TISSUE = "tissue unknown"


@dataclass(frozen=True)
class Catalogue:
    """Names of training samples and compounds, and an example of each as files hold them."""

    measure: Measure
    samples: tuple[str, ...]
    tissue: tuple[str, ...]
    """Tissue of each sample, blank where unknown."""
    compounds: tuple[str, ...]
    genes: int
    example_samples: ExpressionTable
    example_compounds: CompoundTable

    @classmethod
    def of(cls, model: DefaultModel) -> "Catalogue":
        """What a model knows."""
        traits, calibration = model.calibrated.predictor.traits, model.calibrated.calibration
        compounds = known_compounds(model)
        return cls(
            model.measure,
            traits.kernel.samples,
            calibration.tissue,
            compounds.ids,
            len(traits.kernel.genes),
            model.training.take(np.arange(min(EXAMPLE_SAMPLES, len(traits.kernel.samples)))),
            known_compounds(model, compounds.ids[:EXAMPLE_COMPOUNDS]),
        )

    def by_tissue(self) -> dict[str, list[str]]:
        """Samples by tissue, both in alphabetical order; those of unknown tissue last."""
        found: dict[str, list[str]] = {}
        for tissue, name in sorted(zip(self.tissue, self.samples, strict=True), key=lambda one: (not one[0], *one)):
            found.setdefault(spoken(tissue) or UNKNOWN_TISSUE, []).append(name)
        return found


def known_compounds(model: DefaultModel, ids: tuple[str, ...] | None = None) -> CompoundTable:
    """All training compounds, or some of them, by name; the second of one name has a number behind it.

    Raises:
        KeyError: if there is no training compound of that id.
    """
    table = model.training_compounds
    made = tuple(name if table.names.index(name) == i else f"{name} ({i + 1})" for i, name in enumerate(table.names))
    every = replace(table, ids=made)
    if ids is None:
        return every
    place = {one: row for row, one in enumerate(made)}
    return every.take(np.array([place[one] for one in dict.fromkeys(ids)], dtype=np.int64))
