"""Tune: a search of a network's settings on validation rows."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.recipes.tune.run import Trial as Trial
    from drugripple.recipes.tune.run import Tuned as Tuned
    from drugripple.recipes.tune.run import tune as tune
    from drugripple.recipes.tune.settings import TuneRun as TuneRun
else:
    __all__ = lazy_exports(__name__)
