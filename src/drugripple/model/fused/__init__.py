"""Fused forms of the network for fine-tuning and prediction, each equal to the plain form."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.model.fused.prediction import GridPredictor as GridPredictor
    from drugripple.model.fused.training import PairBatch as PairBatch
    from drugripple.model.fused.training import distinct_pairs as distinct_pairs
    from drugripple.model.fused.training import respond_pairs as respond_pairs
else:
    __all__ = lazy_exports(__name__)
