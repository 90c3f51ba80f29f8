"""The process that holds the model and answers questions, one after the other; killing it is how one is cancelled."""

import multiprocessing
import signal
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol, runtime_checkable

from drugripple.app.catalogue import Catalogue
from drugripple.app.limits import Limits
from drugripple.app.memory import bound_memory, is_for_want_of_memory, too_much
from drugripple.app.question import Question
from drugripple.errors import DrugrippleError
from drugripple.predict.default import DefaultModel
from drugripple.runtime.progress import Progress, no_progress
from drugripple.runtime.threads import one_thread
from drugripple.sources.user.doctor import Examination

SECONDS_BETWEEN_STEPS = 0.1
CONTEXT = multiprocessing.get_context("spawn")
"""How a worker is started: a fork would copy the page's threads and sockets. Tests fork from a server without them."""


@runtime_checkable
class Task(Protocol):
    """Something to ask the model; it travels to the worker."""

    @property
    def files(self) -> tuple[Path, ...]:
        """What was uploaded for it."""

    def answer(self, model: DefaultModel, limits: Limits, progress: Progress) -> object:
        """Do it."""


@dataclass(frozen=True)
class Ready:
    """The model is loaded."""

    catalogue: Catalogue


@dataclass(frozen=True)
class Step:
    """How far a task is."""

    what: str
    done: int
    total: int


@dataclass(frozen=True)
class Done:
    """A task's answer."""

    answer: object


@dataclass(frozen=True)
class Failed:
    """Why there is no answer."""

    message: str
    files: tuple[Examination, ...] = ()
    """What the doctor found in the files that were uploaded."""


Message = Ready | Step | Done | Failed


class Worker:
    """A process of its own with a loaded model."""

    def __init__(self, model: Path | None, limits: Limits) -> None:
        """Start it; its first message is `Ready` or `Failed`."""
        self._connection, theirs = CONTEXT.Pipe()
        self._process = CONTEXT.Process(target=work, args=(theirs, model, limits), name="drugripple", daemon=True)
        self._process.start()
        theirs.close()

    @property
    def pid(self) -> int | None:
        """Number of the process; None before it has started."""
        return self._process.pid

    def send(self, task: Task) -> None:
        """Give it a task.

        Raises:
            OSError: if it has ended.
        """
        self._connection.send(task)

    def receive(self, seconds: float) -> Message | None:
        """What it says next, or None if it says nothing for so long.

        Raises:
            EOFError: if it has ended.
        """
        try:
            found: Message | None = self._connection.recv() if self._connection.poll(seconds) else None
        except OSError as error:
            raise EOFError from error
        return found

    def kill(self) -> None:
        """End it at once, whatever it does."""
        self._process.kill()
        self._process.join()
        self._connection.close()
        self._process.close()


def work(connection: Connection, model: Path | None, limits: Limits) -> None:
    """Load the model, then answer what comes until the other side goes away.

    In one thread: on a machine that is busy, threads of linear algebra wait for one another longer than they compute.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's, which ends this process
    with one_thread():
        _work(connection, model, limits)


def _work(connection: Connection, model: Path | None, limits: Limits) -> None:
    from drugripple.predict.default_files import open_default

    try:
        loaded = open_default(model)
        catalogue = Catalogue.of(loaded)
        example = Question(catalogue.example_samples.samples, catalogue.example_compounds.ids)
        example.answer(loaded, limits, no_progress)  # computes once what every question needs
    except DrugrippleError as error:
        connection.send(Failed(str(error)))
        return
    bound_memory(limits.memory_mb)
    connection.send(Ready(catalogue))
    while True:
        try:
            task: Task = connection.recv()
        except EOFError:
            return
        connection.send(outcome(task, loaded, limits, _steps(connection)))


def outcome(task: Task, model: DefaultModel, limits: Limits, progress: Progress) -> Done | Failed:
    """A task's answer, or why there is none, with what the doctor finds in its files."""
    from drugripple.sources.user.doctor import examine

    try:
        return Done(task.answer(model, limits, progress))
    except (MemoryError, DrugrippleError) as error:
        if is_for_want_of_memory(error) or not isinstance(error, DrugrippleError):
            return Failed(too_much(task.files, limits.memory_mb))
        fault = error.fault
        message = f"{fault.statement}; {fault.do}" if fault.do else fault.statement
        progress("looking into the files", 0, 0)
        genes = model.calibrated.predictor.traits.kernel.genes
        found = examine(task.files, wanted=genes, by_order=True).files if task.files else ()
        return Failed(message, found)
    except Exception as error:  # noqa: BLE001
        return Failed(f"internal error: {type(error).__name__}: {error}; please report it")


def _steps(connection: Connection) -> Progress:
    """Progress that is sent on, not more often than a person can see."""
    last: dict[str, float] = {}

    def step(what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - last.get(what, 0.0) > SECONDS_BETWEEN_STEPS:
            last[what] = now
            connection.send(Step(what, done, total))

    return step
