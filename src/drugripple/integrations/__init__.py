"""Adapters to other tools."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.integrations.anndata import add_predictions as add_predictions
    from drugripple.integrations.drevalpy.model import drevalpy_model as drevalpy_model
    from drugripple.integrations.notebook import with_structures as with_structures
    from drugripple.integrations.sklearn import CSG2ARegressor as CSG2ARegressor
else:
    __all__ = lazy_exports(__name__)
