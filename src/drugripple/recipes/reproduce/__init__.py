"""Reproduce: every experiment of the paper as a recipe, with the control that it lacks; one file a table or figure."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.recipes.reproduce.item import ITEMS as ITEMS
    from drugripple.recipes.reproduce.item import Claim as Claim
    from drugripple.recipes.reproduce.item import Finding as Finding
    from drugripple.recipes.reproduce.item import Item as Item
    from drugripple.recipes.reproduce.item import Verdict as Verdict
    from drugripple.recipes.reproduce.run import Reproduced as Reproduced
    from drugripple.recipes.reproduce.run import run_reproduce as run_reproduce
    from drugripple.recipes.reproduce.settings import ReproduceRun as ReproduceRun
    from drugripple.recipes.reproduce.workshop import Workshop as Workshop
else:
    __all__ = lazy_exports(__name__)
