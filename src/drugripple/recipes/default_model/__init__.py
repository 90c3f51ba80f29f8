"""The default model: built once on the user's machine, from public responses or their own."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.recipes.default_model.run import BuiltModel as BuiltModel
    from drugripple.recipes.default_model.run import build_default as build_default
    from drugripple.recipes.default_model.settings import DefaultModelRun as DefaultModelRun
else:
    __all__ = lazy_exports(__name__)
