"""A process that runs trials one after the other; the parent watches it, so that a crash or a wait costs one trial."""

import contextlib
import io
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from benchmarks.robustness.catalogue import KINDS
from benchmarks.robustness.trial import Outcome, Place, Ran, Trial, Verdict, judge

SECONDS = 180.0
"""What one file may take; seconds of work, but the machine may be busy."""


def run_all(jobs: list[tuple[str, int]], seed: int, world: Path) -> Iterator[tuple[str, str, Verdict]]:
    """Kind, layout and verdict of every job (a kind and a number)."""
    context = multiprocessing.get_context("spawn")
    at = 0
    while at < len(jobs):
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, seed, world))
        process.start()
        theirs.close()
        what, ended_by_us = "", False
        with contextlib.suppress(EOFError, ConnectionError):
            while at < len(jobs):
                ours.send(jobs[at])
                made = ours.poll(SECONDS)
                what = ours.recv() if made else ""
                if not made or not ours.poll(SECONDS):
                    process.kill()
                    ended_by_us = True
                    at += 1
                    yield jobs[at - 1][0], what, Verdict(Outcome.HANG, f"longer than {SECONDS:.0f} s")
                    break
                verdict = ours.recv()
                at += 1
                yield jobs[at - 1][0], what, verdict
            else:
                ours.send(None)
        process.join(10)
        if process.is_alive():
            process.kill()
        elif process.exitcode and not ended_by_us:
            at += 1
            yield jobs[at - 1][0], what, Verdict(Outcome.CRASH, f"the process ended with {process.exitcode}")


def _serve(pipe: Connection, seed: int, world: Path) -> None:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.stdin = open(os.devnull)  # noqa: PTH123, SIM115
    while job := pipe.recv():
        with tempfile.TemporaryDirectory() as folder:
            place = Place(Path(folder), world)
            trial = make(*job, seed, place)
            pipe.send(trial.what)
            pipe.send(verdict_of(trial, place))
        shutil.rmtree(folder, ignore_errors=True)


def make(kind: str, number: int, seed: int, place: Place) -> Trial:
    """A trial of a kind: the same for the same number and seed."""
    generator = np.random.default_rng([seed, zlib.crc32(kind.encode()), number])
    return KINDS[kind].make(place, generator)


def verdict_of(trial: Trial, place: Place) -> Verdict:
    """Run a trial and judge it."""
    if not trial.environment and not trial.memory:
        return judge(trial, run_here(trial, place.folder))
    try:
        ran, peak = run_apart(trial, place.folder)
    except subprocess.TimeoutExpired:
        return Verdict(Outcome.HANG, f"longer than {SECONDS - 20:.0f} s")
    if trial.memory and peak > trial.memory:
        return Verdict(Outcome.MEMORY, f"{peak / 2**20:.0f} MiB")
    return judge(trial, ran)


def run_here(trial: Trial, folder: Path) -> Ran:
    """The command in this process."""
    from drugripple.cli.app import app
    from drugripple.cli.console import exit_code_of

    command = trial.command
    call = command if callable(command) else lambda: app(list(command))
    out, error = io.StringIO(), io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
        status = exit_code_of(call)
    return Ran(status, out.getvalue() + error.getvalue(), error.getvalue())


def run_apart(trial: Trial, folder: Path) -> tuple[Ran, int]:
    """The command in a process of its own, and the bytes that it held at most."""
    if callable(trial.command):
        message = "only commands of the program run apart"
        raise TypeError(message)
    measured = (
        "import sys\n"
        "from pathlib import Path\n"
        "from drugripple.cli import main\n"
        "try:\n    main()\n"
        "finally:\n"  # the peak that Linux hands on to a child in ru_maxrss is its parent's
        "    lines = Path('/proc/self/status').read_text().splitlines()\n"
        "    peak = next(line for line in lines if line.startswith('VmHWM')).split()[1]\n"
        "    sys.stderr.write(f'\\nPEAK {peak}')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", measured, *trial.command], cwd=folder, env=os.environ | trial.environment,
        capture_output=True, timeout=SECONDS - 20, check=False,
    )  # fmt: skip
    told, _, peak = done.stderr.decode("utf-8", "replace").rpartition("\nPEAK ")
    out = done.stdout.decode("utf-8", "replace")
    return Ran(done.returncode, out + told, told), int(peak or 0) * 1024
