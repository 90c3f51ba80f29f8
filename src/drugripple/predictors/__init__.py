"""Everything that is fitted on responses and predicts them: baselines, Gaussian processes, the network."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.predictors.catalogue import BASELINES as BASELINES
    from drugripple.predictors.catalogue import PaperRow as PaperRow
    from drugripple.predictors.catalogue import Published as Published
    from drugripple.predictors.csg2a import FittedNetwork as FittedNetwork
    from drugripple.predictors.csg2a import backbone_of as backbone_of
    from drugripple.predictors.csg2a import fit_network as fit_network
    from drugripple.predictors.csg2a_predictor import NetworkPredictor as NetworkPredictor
    from drugripple.predictors.csg2a_settings import NAME as NAME
    from drugripple.predictors.csg2a_settings import NetworkSettings as NetworkSettings
    from drugripple.predictors.inputs import molecule_vectors as molecule_vectors
    from drugripple.predictors.inputs import molecules_of as molecules_of
    from drugripple.predictors.paper_table1 import NAMESAKES as NAMESAKES
    from drugripple.predictors.paper_table1 import PUBLISHED as PUBLISHED
    from drugripple.predictors.profile_baselines import PROFILE_BASELINES as PROFILE_BASELINES
    from drugripple.predictors.recorded_network import RecordedNetwork as RecordedNetwork
else:
    __all__ = lazy_exports(__name__)
