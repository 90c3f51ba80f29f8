"""The desk: questions wait in line, one worker answers them, and each can be watched, cancelled and forgotten."""

import contextlib
import secrets
import shutil
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from drugripple.app.catalogue import Catalogue
from drugripple.app.limits import Limits
from drugripple.app.worker import Done, Failed, Ready, Step, Task, Worker

LOOK = 0.05
"""Seconds between two looks at whether a question was cancelled."""
LOST = "the process that answers ended by itself, perhaps for want of memory; ask about less at a time"


class State(StrEnum):
    """Where a question is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self in (State.DONE, State.FAILED, State.CANCELLED)


@dataclass
class Job:
    """A question at the desk; only the desk changes it."""

    task: Task
    folder: Path | None
    """Where its uploads lie; deleted as soon as it is over."""
    title: str
    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    state: State = State.WAITING
    step: Step = field(default_factory=lambda: Step("", 0, 0))
    answer: object = None
    failure: Failed | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    looked: float = field(default_factory=time.monotonic)
    """When somebody last looked at it."""


class Desk:
    """Answers questions with a worker; use it as a context, which ends the worker."""

    def __init__(self, model: Path | None, limits: Limits) -> None:
        """A desk without a worker; the context starts it."""
        self.limits, self._model = limits, model
        self._line: deque[Job] = deque()
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Condition()
        self._closing, self._settled = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._attend, name="drugripple-desk", daemon=True)
        self.worker: Worker | None = None
        self.catalogue: Catalogue | None = None
        self.failure: Failed | None = None
        """Why there is no model."""

    def __enter__(self) -> "Desk":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._closing.set()
        with self._lock:
            self._lock.notify_all()
        self._thread.join()
        for job in self._jobs.values():
            self._end(job, State.CANCELLED)

    def wait_until_loaded(self, seconds: float) -> bool:
        """Wait until the model is loaded, or cannot be; whether that is known now."""
        return self._settled.wait(seconds)

    def ask(self, task: Task, title: str, folder: Path | None = None) -> Job | None:
        """Put a question into the line; None if the line is full. The folder is the desk's from then on."""
        job = Job(task, folder, title)
        with self._lock:
            if len(self._line) >= self.limits.waiting:
                self._end(job, State.CANCELLED)
                return None
            self._jobs[job.id] = job
            self._line.append(job)
            self._forget_old()
            self._lock.notify_all()
        return job

    def job(self, known_as: str) -> Job | None:
        """A question that is known here."""
        with self._lock:
            self._forget_old()
            job = self._jobs.get(known_as)
            if job:
                job.looked = time.monotonic()
            return job

    def jobs(self) -> list[Job]:
        """Every question that is known here, the newest first."""
        with self._lock:
            self._forget_old()
            return list(reversed(self._jobs.values()))

    def cancel(self, job: Job) -> None:
        """Stop a question; one that waits goes out of the line, one that runs ends with its worker."""
        job.stop.set()
        with self._lock:
            if job in self._line:
                self._line.remove(job)
                self._end(job, State.CANCELLED)

    def forget(self, job: Job) -> None:
        """Stop a question, and keep nothing of it."""
        self.cancel(job)
        with self._lock:
            self._jobs.pop(job.id, None)

    def _forget_old(self) -> None:
        over = sorted((job for job in self._jobs.values() if job.state.over), key=lambda job: job.looked)
        oldest = time.monotonic() - 60 * self.limits.kept_minutes
        surplus = len(over) - self.limits.kept
        for i, job in enumerate(over):
            if i < surplus or job.looked < oldest:
                del self._jobs[job.id]

    def _attend(self) -> None:
        """What the desk's thread does."""
        while not self._closing.is_set():
            if self.worker is None and not self._hire():
                continue
            job = self._next()
            if job is not None:
                self._serve(job)
        self._dismiss()

    def _hire(self) -> bool:
        """Start a worker and wait for its model; without one, every question fails."""
        if self.failure is None:
            self.worker = Worker(self._model, self.limits)
            found: object = None
            while found is None and not self._closing.is_set():
                try:
                    found = self.worker.receive(LOOK)
                except EOFError:
                    found = Failed(LOST)
            if isinstance(found, Ready):
                self.catalogue = found.catalogue
                self._settled.set()
                return True
            self._dismiss()
            if isinstance(found, Failed):
                self.failure = found
                self._settled.set()
        job = self._next()
        if job is not None and self.failure is not None:
            self._end(job, State.FAILED, failure=self.failure)
        return False

    def _next(self) -> Job | None:
        with self._lock:
            if not self._line and not self._closing.is_set():
                self._lock.wait(timeout=1.0)
            return self._line.popleft() if self._line and not self._closing.is_set() else None

    def _serve(self, job: Job) -> None:
        worker = self.worker
        if worker is None:
            return
        job.state, deadline = State.RUNNING, time.monotonic() + self.limits.seconds
        found: object = None
        try:
            worker.send(job.task)
            while not isinstance(found, Done | Failed):
                if job.stop.is_set() or self._closing.is_set():
                    self._dismiss()
                    self._end(job, State.CANCELLED)
                    return
                if time.monotonic() > deadline:
                    self._dismiss()
                    limit = f"{self.limits.seconds:,.0f} seconds"
                    self._end(job, State.FAILED, failure=Failed(f"it took more than {limit}; ask about less at a time"))
                    return
                found = worker.receive(LOOK)
                if isinstance(found, Step):
                    job.step = found
        except (EOFError, OSError):
            self._dismiss()
            found = Failed(LOST)
        if isinstance(found, Done):
            self._end(job, State.DONE, answer=found.answer)
        elif isinstance(found, Failed):
            self._end(job, State.FAILED, failure=found)

    def _end(self, job: Job, state: State, *, answer: object = None, failure: Failed | None = None) -> None:
        """The uploads go first, so that nothing is left of them when the question is seen to be over."""
        if job.state.over:
            return
        if job.folder is not None:
            shutil.rmtree(job.folder, ignore_errors=True)
        job.answer, job.failure, job.state = answer, failure, state
        job.over.set()

    def _dismiss(self) -> None:
        if self.worker is not None:
            with contextlib.suppress(OSError, ValueError):
                self.worker.kill()
            self.worker = None
