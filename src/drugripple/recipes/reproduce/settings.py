"""Settings of `drugripple reproduce`."""

from pathlib import Path

from pydantic import Field, field_validator

from drugripple.config import OneOrMore, RunSettings
from drugripple.errors import first_five
from drugripple.predictors.csg2a_settings import NetworkSettings
from drugripple.predictors.variant import refuse_unknown
from drugripple.recipes.reproduce.item import ITEMS, SAME

ALL = "all"


class ReproduceRun(RunSettings):
    """What `run_reproduce` does, and `drugripple reproduce`: tables and figures of the paper, done again with controls.

    Fields are the keys of the run file.
    """

    item: tuple[str, ...] = Field((ALL,), min_length=1)
    """Names of tables and figures; `all` stands for every one."""
    data: Path
    """Folder of the tidy layout."""
    profiles: Path | None = None
    """Profile store that pretraining learns from, instead of the small public set in `data`."""
    quick: bool = False
    """Whether to run on a fraction of rows, folds and epochs: to see that it works; not a result."""
    folds: int | None = Field(None, ge=1)
    """Folds of the ten that are done, where an item trains on folds; all unless given."""
    seed: int = 0
    """Seed of folds, networks and permutations."""
    draws: int = Field(10_000, ge=1)
    """Permutations."""
    workers: int = Field(1, ge=1)
    """Trainings at a time, where an item trains on folds."""
    rival: OneOrMore[str] = ("multi_trait_gp_studies",)
    """Predictors of the catalogue beside the network; unless given, the default model's with fingerprints."""
    network: NetworkSettings = NetworkSettings()
    """The network that items fine-tune; unless given, ours, trained until its validation loss no longer falls."""

    @field_validator("item")
    @classmethod
    def _known(cls, items: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in items if name not in (*ITEMS, *SAME, ALL)]
        if unknown:
            message = f"the paper has no {first_five(unknown)} here; there are {', '.join((ALL, *ITEMS))}"
            raise ValueError(message)
        return items

    @field_validator("rival")
    @classmethod
    def _in_the_catalogue(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        refuse_unknown(*names)
        return names

    @property
    def names(self) -> tuple[str, ...]:
        """The items asked for, each once, in the order in which they are done."""
        asked = {SAME.get(name, name) for name in self.item}
        return tuple(name for name in ITEMS if name in asked or ALL in asked)
