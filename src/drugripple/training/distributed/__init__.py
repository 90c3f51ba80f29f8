"""Several processes that train one network."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.training.distributed.launch import Processes as Processes
    from drugripple.training.distributed.launch import Tell as Tell
    from drugripple.training.distributed.launch import leads as leads
    from drugripple.training.distributed.launch import run_job as run_job
    from drugripple.training.distributed.launch import started_by_torchrun as started_by_torchrun
    from drugripple.training.distributed.process_group import SINGLE_PROCESS as SINGLE_PROCESS
    from drugripple.training.distributed.process_group import ProcessGroup as ProcessGroup
    from drugripple.training.distributed.synchronised_layers import BatchRows as BatchRows
    from drugripple.training.distributed.synchronised_layers import synchronise_layers as synchronise_layers
else:
    __all__ = lazy_exports(__name__)
