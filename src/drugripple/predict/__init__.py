"""A loaded model: predictions, explanations, and the files that they are written to."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.predict.answers import Answers as Answers
    from drugripple.predict.ask import Predicted as Predicted
    from drugripple.predict.ask import Question as Question
    from drugripple.predict.ask import predict_files as predict_files
    from drugripple.predict.asked_compounds import asked_compounds as asked_compounds
    from drugripple.predict.asked_samples import refuse_reading as refuse_reading
    from drugripple.predict.choices import CHANGES as CHANGES
    from drugripple.predict.choices import Missing as Missing
    from drugripple.predict.choices import Ranked as Ranked
    from drugripple.predict.choices import Ranking as Ranking
    from drugripple.predict.choices import Reading as Reading
    from drugripple.predict.choices import Size as Size
    from drugripple.predict.choices import refuse_unheard as refuse_unheard
    from drugripple.predict.choices import require_expression as require_expression
    from drugripple.predict.default import DefaultModel as DefaultModel
    from drugripple.predict.default_files import OnePair as OnePair
    from drugripple.predict.default_files import condition_files as condition_files
    from drugripple.predict.default_files import open_default as open_default
    from drugripple.predict.diagnosis import diagnose as diagnose
    from drugripple.predict.domain import FEWEST_GENES as FEWEST_GENES
    from drugripple.predict.example import write_example as write_example
    from drugripple.predict.explain import Explanation as Explanation
    from drugripple.predict.explain import explain as explain
    from drugripple.predict.explain_prediction import explain_prediction as explain_prediction
    from drugripple.predict.explanation import PredictionExplanation as PredictionExplanation
    from drugripple.predict.files import explain_files as explain_files
    from drugripple.predict.files import what_if_files as what_if_files
    from drugripple.predict.fitted import FittedModel as FittedModel
    from drugripple.predict.fitted import TrainedOn as TrainedOn
    from drugripple.predict.fitted import load_fitted_model as load_fitted_model
    from drugripple.predict.frames import require_format as require_format
    from drugripple.predict.gene_levels import at_training_levels as at_training_levels
    from drugripple.predict.load import DEFAULT_MODEL_CARDS as DEFAULT_MODEL_CARDS
    from drugripple.predict.load import FITTED as FITTED
    from drugripple.predict.load import built_default as built_default
    from drugripple.predict.load import fitted_folder as fitted_folder
    from drugripple.predict.load import is_default_model as is_default_model
    from drugripple.predict.load import load as load
    from drugripple.predict.load import load_default as load_default
    from drugripple.predict.load import not_the_default as not_the_default
    from drugripple.predict.model import PAIRS_AT_ONCE as PAIRS_AT_ONCE
    from drugripple.predict.model import DrugResponseModel as DrugResponseModel
    from drugripple.predict.model import load_network as load_network
    from drugripple.predict.named import close_names as close_names
    from drugripple.predict.named import hint as hint
    from drugripple.predict.own_samples import OwnSamples as OwnSamples
    from drugripple.predict.ranked import DOMAIN as DOMAIN
    from drugripple.predict.ranked import to_print as to_print
    from drugripple.predict.request import PredictionRequest as PredictionRequest
    from drugripple.predict.request import largest_accepted as largest_accepted
    from drugripple.predict.sample_map import SampleMap as SampleMap
    from drugripple.predict.samples import ScaledSamples as ScaledSamples
    from drugripple.predict.samples import TrainedScale as TrainedScale
    from drugripple.predict.samples import require_own_genes as require_own_genes
    from drugripple.predict.samples import scale_samples as scale_samples
    from drugripple.predict.what_if import WhatIf as WhatIf
    from drugripple.predict.workbook import LIMITS as LIMITS
    from drugripple.predict.workbook import for_a_spreadsheet as for_a_spreadsheet
    from drugripple.predict.workbook import write_workbook as write_workbook
else:
    __all__ = lazy_exports(__name__)
