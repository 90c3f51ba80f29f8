"""How measured rows are divided into folds: one record for every verb, so that equal settings give equal folds."""

from enum import StrEnum
from pathlib import Path

from pydantic import Field, model_validator

from drugripple.config import Record
from drugripple.evaluation.schemes import Grid, Replicates, Scheme, Validation


class SamplesBy(StrEnum):
    """Which samples stay on one side of a fold that hides samples."""

    SAMPLE = "sample"
    """Each stands for itself."""
    TISSUE = "tissue"
    """Samples of one tissue stay together: leave-tissue-out."""


class CompoundsBy(StrEnum):
    """Which compounds stay on one side of a fold that hides compounds."""

    MOLECULE = "molecule"
    """Compounds of one molecule stay together, whatever their salt and stereochemistry; every other choice does this,
    too."""
    ANALOGUES = "analogues"
    """Compounds of one cluster of similar fingerprints stay together."""
    SCAFFOLD = "scaffold"
    MECHANISM = "mechanism"


class SplitSettings(Record):
    """The table `[split]` of a run file.

    >>> SplitSettings(folds=5).tested([Scheme.MIXED])
    5
    """

    file: Path | None = None
    """A split file to take the folds from, as a benchmark writes it; the other keys then stay at their defaults."""
    folds: int = Field(10, ge=3)
    """Parts of the samples, of the compounds or of the pairs."""
    seed: int = 0
    """Seed of the shuffle; the models have a seed of their own."""
    replicates: Replicates = Replicates.GROUP
    """What happens to repeat measurements of one sample and compound; `mean` merges them before anything else."""
    validation: Validation = Validation.BLIND
    """How blind the validation rows are."""
    grid: Grid = Grid.DIAGONAL
    """Which blocks of samples x compounds a disjoint scheme tests."""
    samples_by: SamplesBy = SamplesBy.SAMPLE
    """What keeps samples together."""
    compounds_by: CompoundsBy = CompoundsBy.MOLECULE
    """What keeps compounds together, beyond being one molecule."""

    @model_validator(mode="after")
    def _a_file_decides_alone(self) -> "SplitSettings":
        changed = [
            key
            for key, field in type(self).model_fields.items()
            if key != "file" and getattr(self, key) != field.default
        ]
        if self.file is not None and changed:
            message = f"the folds come from {self.file}, so that {', '.join(changed)} cannot be set; leave it out"
            raise ValueError(message)
        return self

    def tested(self, schemes: "tuple[Scheme, ...] | list[Scheme]") -> int:
        """Folds of the scheme with the most of them."""
        return self.folds**2 if self.grid is Grid.FULL and Scheme.DISJOINT in schemes else self.folds
