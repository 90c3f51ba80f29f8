"""Folds that cannot leak, jobs, metrics and statistics. Nothing here knows a model."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.evaluation.conformal import ConformalIntervals as ConformalIntervals
    from drugripple.evaluation.conformal import PredictedPairs as PredictedPairs
    from drugripple.evaluation.conformal import calibrated_elsewhere as calibrated_elsewhere
    from drugripple.evaluation.conformal import score_intervals as score_intervals
    from drugripple.evaluation.cross_validation import Learner as Learner
    from drugripple.evaluation.cross_validation import Outcome as Outcome
    from drugripple.evaluation.cross_validation import cross_validate as cross_validate
    from drugripple.evaluation.cross_validation import train_on_folds as train_on_folds
    from drugripple.evaluation.cross_validation import work_through as work_through
    from drugripple.evaluation.every_kind import EveryKindFold as EveryKindFold
    from drugripple.evaluation.every_kind import every_kind_folds as every_kind_folds
    from drugripple.evaluation.false_discovery import false_discovery_rate as false_discovery_rate
    from drugripple.evaluation.group_tests import chance_of_hits as chance_of_hits
    from drugripple.evaluation.group_tests import welch_lower as welch_lower
    from drugripple.evaluation.group_tests import welch_rows as welch_rows
    from drugripple.evaluation.jobs import Job as Job
    from drugripple.evaluation.jobs import JobBoard as JobBoard
    from drugripple.evaluation.jobs import jobs_of as jobs_of
    from drugripple.evaluation.jobs import keep_predictions as keep_predictions
    from drugripple.evaluation.jobs import origin_of as origin_of
    from drugripple.evaluation.jobs import read_predictions as read_predictions
    from drugripple.evaluation.leaks.compound_twins import molecule_numbers as molecule_numbers
    from drugripple.evaluation.metrics import SMALLEST_GROUP as SMALLEST_GROUP
    from drugripple.evaluation.metrics import by_group as by_group
    from drugripple.evaluation.metrics import pcc as pcc
    from drugripple.evaluation.metrics import pcc_by_group as pcc_by_group
    from drugripple.evaluation.metrics import rmse as rmse
    from drugripple.evaluation.metrics import score as score
    from drugripple.evaluation.metrics import spearman as spearman
    from drugripple.evaluation.noise_ceiling import Ceiling as Ceiling
    from drugripple.evaluation.noise_ceiling import noise_ceiling as noise_ceiling
    from drugripple.evaluation.partition import partition as partition
    from drugripple.evaluation.profile_metrics import PredictedBlock as PredictedBlock
    from drugripple.evaluation.profile_metrics import score_blocks as score_blocks
    from drugripple.evaluation.responders import FEWEST as FEWEST
    from drugripple.evaluation.responders import score_drugs as score_drugs
    from drugripple.evaluation.schemes import Grid as Grid
    from drugripple.evaluation.schemes import Replicates as Replicates
    from drugripple.evaluation.schemes import Scheme as Scheme
    from drugripple.evaluation.schemes import Validation as Validation
    from drugripple.evaluation.scoreboard import MEAN_EFFECTS as MEAN_EFFECTS
    from drugripple.evaluation.scoreboard import Scoreboard as Scoreboard
    from drugripple.evaluation.scoreboard import score_predictions as score_predictions
    from drugripple.evaluation.scoreboard import scoreboard as scoreboard
    from drugripple.evaluation.split_file import SplitFile as SplitFile
    from drugripple.evaluation.split_file import annotation_digest as annotation_digest
    from drugripple.evaluation.split_file import read_splits as read_splits
    from drugripple.evaluation.split_file import response_digest as response_digest
    from drugripple.evaluation.split_file import split_digest as split_digest
    from drugripple.evaluation.split_file import write_splits as write_splits
    from drugripple.evaluation.split_settings import CompoundsBy as CompoundsBy
    from drugripple.evaluation.split_settings import SamplesBy as SamplesBy
    from drugripple.evaluation.split_settings import SplitSettings as SplitSettings
    from drugripple.evaluation.splits import Fold as Fold
    from drugripple.evaluation.splits import across_studies as across_studies
    from drugripple.evaluation.splits import make_folds as make_folds
    from drugripple.evaluation.splits import merge_repeats as merge_repeats
else:
    __all__ = lazy_exports(__name__)
