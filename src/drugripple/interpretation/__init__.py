"""Maps between genes that a trained network gives: attention, sensitivity, the strongest pairs."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.interpretation.compound_maps import MeanMaps as MeanMaps
    from drugripple.interpretation.enrichment import ENRICHR as ENRICHR
    from drugripple.interpretation.enrichment import GeneSets as GeneSets
    from drugripple.interpretation.enrichment import false_positives as false_positives
    from drugripple.interpretation.enrichment import over_represented as over_represented
    from drugripple.interpretation.expression import FEWEST as FEWEST
    from drugripple.interpretation.expression import Groups as Groups
    from drugripple.interpretation.expression import differential as differential
    from drugripple.interpretation.expression import quartile_groups as quartile_groups
    from drugripple.interpretation.maps import AttentionMap as AttentionMap
    from drugripple.interpretation.maps import HubBias as HubBias
    from drugripple.interpretation.maps import correlate as correlate
    from drugripple.interpretation.maps import cosine as cosine
    from drugripple.interpretation.maps import hub_bias as hub_bias
    from drugripple.interpretation.maps import mean_from_factors as mean_from_factors
    from drugripple.interpretation.maps import running_mean as running_mean
    from drugripple.interpretation.maps import subtract as subtract
    from drugripple.interpretation.maps import subtract_mean as subtract_mean
    from drugripple.interpretation.mechanism import Likeness as Likeness
    from drugripple.interpretation.mechanism import category_of as category_of
    from drugripple.interpretation.mechanism import given as given
    from drugripple.interpretation.mechanism import likeness as likeness
    from drugripple.interpretation.pairs import top_pairs as top_pairs
    from drugripple.interpretation.pairs import top_pairs_lowrank as top_pairs_lowrank
    from drugripple.interpretation.sensitivity import mean_sensitivity as mean_sensitivity
    from drugripple.interpretation.sensitivity import sensitivity_map as sensitivity_map
    from drugripple.interpretation.zero_shot import ZeroShot as ZeroShot
    from drugripple.interpretation.zero_shot import compare_distances as compare_distances
else:
    __all__ = lazy_exports(__name__)
