"""Maps between genes that a trained network gives: attention, sensitivity, the strongest pairs."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.interpretation.maps import AttentionMap as AttentionMap
    from drugripple.interpretation.maps import HubBias as HubBias
    from drugripple.interpretation.maps import correlate as correlate
    from drugripple.interpretation.maps import cosine as cosine
    from drugripple.interpretation.maps import hub_bias as hub_bias
    from drugripple.interpretation.maps import mean_from_factors as mean_from_factors
    from drugripple.interpretation.maps import running_mean as running_mean
    from drugripple.interpretation.maps import subtract as subtract
    from drugripple.interpretation.maps import subtract_mean as subtract_mean
    from drugripple.interpretation.pairs import top_pairs as top_pairs
    from drugripple.interpretation.pairs import top_pairs_lowrank as top_pairs_lowrank
    from drugripple.interpretation.sensitivity import mean_sensitivity as mean_sensitivity
    from drugripple.interpretation.sensitivity import sensitivity_map as sensitivity_map
else:
    __all__ = lazy_exports(__name__)
