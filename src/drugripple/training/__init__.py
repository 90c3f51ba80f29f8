"""Fitting: one task-free loop, and the stages that use it."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.training.device import pick_device as pick_device
    from drugripple.training.history import Epoch as Epoch
    from drugripple.training.history import History as History
    from drugripple.training.history import out_of_patience as out_of_patience
    from drugripple.training.loggers import LOGS as LOGS
    from drugripple.training.loggers import RunLog as RunLog
    from drugripple.training.loggers import refuse_absent as refuse_absent
    from drugripple.training.loggers import run_log as run_log
    from drugripple.training.loop import CPU as CPU
    from drugripple.training.loop import fit as fit
    from drugripple.training.loop import refuse_compiled as refuse_compiled
    from drugripple.training.made_from import UNKNOWN as UNKNOWN
    from drugripple.training.made_from import MadeFrom as MadeFrom
    from drugripple.training.made_from import changed_since as changed_since
    from drugripple.training.made_from import weights_digest as weights_digest
    from drugripple.training.molecules import Guesses as Guesses
    from drugripple.training.molecules import MaskedNodeModel as MaskedNodeModel
    from drugripple.training.molecules import guess_masked as guess_masked
    from drugripple.training.molecules import pretrain_masked_nodes as pretrain_masked_nodes
    from drugripple.training.perturbation import predict_blocks as predict_blocks
    from drugripple.training.perturbation import predict_profiles as predict_profiles
    from drugripple.training.perturbation import pretrain as pretrain
    from drugripple.training.perturbation_step import Anchors as Anchors
    from drugripple.training.perturbation_step import Hiding as Hiding
    from drugripple.training.response import ResponseInputs as ResponseInputs
    from drugripple.training.response import ResponseRows as ResponseRows
    from drugripple.training.response import finetune as finetune
    from drugripple.training.response import predict_rows as predict_rows
    from drugripple.training.settings import LoggedRun as LoggedRun
    from drugripple.training.settings import LoggerName as LoggerName
    from drugripple.training.settings import TrainingSettings as TrainingSettings
else:
    __all__ = lazy_exports(__name__)
