"""Processes that start in a tenth of a second: a server that has imported torch and the package forks them.

To start the interpreter and import torch takes longer than most of what tests ask of another process. Whatever tests
the start itself, or what is imported, starts an interpreter; so does what has workers of its own (loky's never start).
"""

import multiprocessing
import os
import sys
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

IMPORTED = (
    "pandas", "pyarrow.parquet", "torch", "drugripple.cli.app", "drugripple.recipes.finetune",
    "drugripple.recipes.benchmark.run", "drugripple.predict.screen.run",
)  # fmt: skip
SECONDS = 200


def ready() -> ForkServerContext:
    """The context of such processes; the first one starts the server, which ends with this process."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(IMPORTED))
    return context


def start_code(code: str, *arguments: object) -> BaseProcess:
    """Start a process that runs code, with its arguments where `python -c` has them."""
    given = (code, ["-c", *map(str, arguments)], dict(os.environ), str(Path.cwd()))
    process = ready().Process(target=_run, args=given)
    process.start()
    return process


def run_code(code: str, *arguments: object) -> None:
    """Run code in another process to its end."""
    process = start_code(code, *arguments)
    process.join(SECONDS)
    if process.exitcode is None:
        process.kill()
    assert process.exitcode == 0, f"status {process.exitcode}"


def _run(code: str, arguments: list[str], environment: dict[str, str], folder: str) -> None:
    """With the environment and the folder of today, not those in which the server was started."""
    sys.argv = arguments
    os.environ.update(environment)
    os.chdir(folder)
    exec(compile(code, "another process", "exec"), {"__name__": "__main__"})
