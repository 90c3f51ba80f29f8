"""Starts processes that train together through lightning-fabric; what ends one of them becomes one error."""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from typing import TYPE_CHECKING, Any, Literal

import torch
from joblib import parallel_config
from torch import Tensor

from drugripple.errors import ConfigError, DrugrippleError, TrainingError
from drugripple.training.device import pick_device
from drugripple.training.distributed.process_group import SINGLE_PROCESS, ProcessGroup

if TYPE_CHECKING:
    from lightning_fabric import Fabric

# Spawned processes import this module before fabric announces itself; torch's word on each process that it ends would
# stand before our one error.
for announcer in ("lightning_fabric.utilities.distributed", "lightning_fabric.utilities.rank_zero"):
    logging.getLogger(announcer).setLevel(logging.WARNING)
logging.getLogger("torch.multiprocessing.spawn").setLevel(logging.ERROR)

PATIENCE = timedelta(hours=12)
"""How long a process waits for another that is alive: the first prepares molecules and scores while the others wait."""
START_METHOD: Literal["spawn", "forkserver"] = "spawn"
"""How this process starts others; a fork would copy torch's threads and hold its locks."""
SET_BY_FABRIC = ("MASTER_ADDR", "MASTER_PORT", "NODE_RANK", "LOCAL_RANK", "WORLD_SIZE")
"""Variables of the environment that fabric sets and leaves behind."""


Tell = Callable[..., None]
"""Called with what happened and its values; only the leader's reports reach whoever started the job."""
Job = Callable[[Any, ProcessGroup, torch.device, Tell], None]
"""What every process runs on the same settings; it must be a function of a module, where another process finds it."""


@dataclass(frozen=True)
class Processes:
    """How many processes, of one device each, train together."""

    devices: int = 1
    """Number of processes on each machine."""
    nodes: int = 1
    """Number of machines; each starts the same command with MASTER_ADDR, MASTER_PORT and its own NODE_RANK."""

    @property
    def total(self) -> int:
        """Number of processes on all machines."""
        return self.devices * self.nodes


def started_by_torchrun() -> bool:
    """Whether torchrun started this process as one of several."""
    return "TORCHELASTIC_RUN_ID" in os.environ


def leads() -> bool:
    """Whether this process, as started by a person or by torchrun, is the one to print results."""
    return os.environ.get("RANK", os.environ.get("NODE_RANK", "0")) == "0"


def run_job(job: Job, settings: Any, device: str, processes: Processes, tell: Tell) -> None:
    """Run a job in this process, in several that this one starts, or as one of those that torchrun started.

    Args:
        job: a function of a module.
        settings: what the job works on; pickled for other processes.
        device: name of the device, as in the training settings.
        processes: how many there are; torchrun's own numbers win where it started this process.
        tell: called in this process with what the leader reports.

    Raises:
        ConfigError: if lightning-fabric is not installed, or there are fewer devices than asked for.
        TrainingError: if a process ended before its work was done; the others are ended too.
    """
    if started_by_torchrun():
        processes = Processes(int(os.environ["LOCAL_WORLD_SIZE"]), int(os.environ["GROUP_WORLD_SIZE"]))
        fabric = _fabric(device, processes, start_method="popen")
        fabric.launch()
        job(settings, process_group_of(fabric), fabric.device, tell)
    elif processes.total == 1:
        job(settings, SINGLE_PROCESS, pick_device(device), tell)
    else:
        _start(job, settings, _fabric(device, processes, start_method=START_METHOD), processes, tell)


def process_group_of(fabric: "Fabric") -> ProcessGroup:
    """The processes that fabric connects."""

    def add(tensor: Tensor) -> Tensor:
        total: Any = fabric.all_reduce(tensor.to(fabric.device), reduce_op="sum")
        return total.to(tensor.device)

    return ProcessGroup(fabric.global_rank, fabric.world_size, add, fabric.barrier)


def _fabric(device: str, processes: Processes, *, start_method: Any) -> "Fabric":
    try:
        from lightning_fabric import Fabric
        from lightning_fabric.strategies import DDPStrategy
    except ImportError as error:
        message = "several processes need lightning-fabric: pip install 'drugripple[distributed]'"
        raise ConfigError(message) from error
    kind = pick_device(device).type
    if kind not in {"cpu", "cuda"}:
        message = f"several processes run on CPUs or CUDA devices, not on {kind}; set device to one of them"
        raise ConfigError(message)
    if kind == "cuda" and torch.cuda.device_count() < processes.devices:
        message = f"{processes.devices} devices were asked for, but this machine has {torch.cuda.device_count()} GPUs"
        raise ConfigError(message)
    strategy = DDPStrategy(start_method=start_method, timeout=PATIENCE)
    return Fabric(accelerator=kind, devices=processes.devices, num_nodes=processes.nodes, strategy=strategy)


def _start(job: Job, settings: Any, fabric: "Fabric", processes: Processes, tell: Tell) -> None:
    events: SimpleQueue[tuple[str, tuple[object, ...]]] = get_context(START_METHOD).SimpleQueue()
    failures: list[DrugrippleError] = []
    with _environment_kept(), _heard(events, tell, failures):
        try:
            launch: Callable[..., None] = fabric.launch  # its annotation knows no arguments
            launch(_one_process, job, settings, events)
            return
        except (torch.multiprocessing.ProcessExitedException, torch.multiprocessing.ProcessRaisedException) as error:
            ended = error
    if failures:
        raise failures[0]
    message = (
        f"training process {ended.error_index} of {processes.devices} ended early ({_reason(ended)}) and the others "
        "were ended too; start again to go on from the last whole epoch"
    )
    raise TrainingError(message) from ended


def _one_process(fabric: "Fabric", job: Job, settings: Any, events: "SimpleQueue[Any]") -> None:
    group = process_group_of(fabric)

    def tell(what: str, *values: object) -> None:
        if group.leads:
            events.put((what, values))

    try:
        with parallel_config(backend="sequential"):  # joblib's own processes would keep a spawned one from ending
            job(settings, group, fabric.device, tell)
        group.wait()  # whoever leaves first would take away connections that others still close
    except DrugrippleError as error:
        events.put((_FAILED, (error,)))
        raise SystemExit(1) from error
    finally:
        torch.distributed.destroy_process_group()  # its threads would outlive the interpreter and end it by SIGABRT


_FAILED = "failed"


@contextmanager
def _heard(events: "SimpleQueue[Any]", tell: Tell, failures: list[DrugrippleError]) -> Iterator[None]:
    """Inside, pass on what the processes report as it comes."""
    over = threading.Event()

    def listen() -> None:
        while not over.wait(0.05) or not events.empty():
            while not events.empty():
                what, values = events.get()
                if what == _FAILED:
                    failures.append(values[0])
                else:
                    tell(what, *values)

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        yield
    finally:
        over.set()
        listener.join(timeout=10)


@contextmanager
def _environment_kept() -> Iterator[None]:
    """Restore the environment afterwards: the addresses that Fabric leaves there would tie later processes to these."""
    before = {name: os.environ.get(name) for name in SET_BY_FABRIC}
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _reason(ended: Exception) -> str:
    if isinstance(ended, torch.multiprocessing.ProcessExitedException):
        return f"by {ended.signal_name}" if ended.signal_name else f"with status {ended.exit_code}"
    return str(ended).strip().splitlines()[-1]
