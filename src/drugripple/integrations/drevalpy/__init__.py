"""Exchange of data, folds and predictions with drevalpy, and the network as a model inside it."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.integrations.drevalpy.choices import Strangers as Strangers
    from drugripple.integrations.drevalpy.exchange import export_benchmark as export_benchmark
    from drugripple.integrations.drevalpy.exchange import import_results as import_results
    from drugripple.integrations.drevalpy.exchange import scores_of as scores_of
    from drugripple.integrations.drevalpy.model import drevalpy_model as drevalpy_model
else:
    __all__ = lazy_exports(__name__)
