"""Everything that is fitted on responses and predicts them: baselines, Gaussian processes, the network, their means."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.predictors.backbone import BackboneSource as BackboneSource
    from drugripple.predictors.backbone import backbone_of as backbone_of
    from drugripple.predictors.boosting import ResidualBoosting as ResidualBoosting
    from drugripple.predictors.calibrated import CalibratedPredictor as CalibratedPredictor
    from drugripple.predictors.calibrated import Interval as Interval
    from drugripple.predictors.calibrated import OutOfFold as OutOfFold
    from drugripple.predictors.calibrated import calibrate as calibrate
    from drugripple.predictors.catalogue import BASELINES as BASELINES
    from drugripple.predictors.catalogue import CATALOGUE as CATALOGUE
    from drugripple.predictors.catalogue import makers as makers
    from drugripple.predictors.catalogue import show as show
    from drugripple.predictors.csg2a import FittedNetwork as FittedNetwork
    from drugripple.predictors.csg2a import NetworkPredictor as NetworkPredictor
    from drugripple.predictors.csg2a import fit_network as fit_network
    from drugripple.predictors.csg2a import network_card as network_card
    from drugripple.predictors.csg2a import network_predictor as network_predictor
    from drugripple.predictors.csg2a_settings import NAME as NAME
    from drugripple.predictors.csg2a_settings import NetworkSettings as NetworkSettings
    from drugripple.predictors.csg2a_settings import ScalerRows as ScalerRows
    from drugripple.predictors.ensemble import Ensemble as Ensemble
    from drugripple.predictors.ensemble import weighted_mean as weighted_mean
    from drugripple.predictors.forest import Forest as Forest
    from drugripple.predictors.inputs import graphs_for as graphs_for
    from drugripple.predictors.inputs import molecule_graphs as molecule_graphs
    from drugripple.predictors.inputs import molecule_vectors as molecule_vectors
    from drugripple.predictors.method import Method as Method
    from drugripple.predictors.method import PaperRow as PaperRow
    from drugripple.predictors.method import Published as Published
    from drugripple.predictors.multi_trait_gp.predictor import MultiTraitGP as MultiTraitGP
    from drugripple.predictors.naive import GlobalMean as GlobalMean
    from drugripple.predictors.naive import GroupMean as GroupMean
    from drugripple.predictors.naive import Level as Level
    from drugripple.predictors.naive import MeanEffects as MeanEffects
    from drugripple.predictors.naive import NearestDrug as NearestDrug
    from drugripple.predictors.pair_gp.product_kernel import ProductKernel as ProductKernel
    from drugripple.predictors.paper_table1 import ELSEWHERE as ELSEWHERE
    from drugripple.predictors.paper_table1 import NAMESAKES as NAMESAKES
    from drugripple.predictors.paper_table1 import PUBLISHED as PUBLISHED
    from drugripple.predictors.profile_baselines import PROFILE_BASELINES as PROFILE_BASELINES
    from drugripple.predictors.ridge import Ridge as Ridge
    from drugripple.predictors.saving import PredictorCard as PredictorCard
    from drugripple.predictors.saving import load as load
    from drugripple.predictors.saving import read_predictor_card as read_predictor_card
    from drugripple.predictors.saving import read_saved as read_saved
    from drugripple.predictors.saving import require_fitted as require_fitted
    from drugripple.predictors.saving import write_saved as write_saved
    from drugripple.predictors.support_vector import SupportVector as SupportVector
    from drugripple.predictors.variant import ModelVariant as ModelVariant
    from drugripple.predictors.variant import adjusted as adjusted
    from drugripple.predictors.variant import refuse_both as refuse_both
    from drugripple.predictors.variant import refuse_unknown as refuse_unknown
else:
    __all__ = lazy_exports(__name__)
