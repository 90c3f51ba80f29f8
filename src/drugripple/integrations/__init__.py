"""Adapters to other tools."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.integrations.anndata import add_predictions as add_predictions
else:
    __all__ = lazy_exports(__name__)
