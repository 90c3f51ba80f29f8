"""Doubtful structures read by a process of their own: what crashes RDKit, or never ends, costs one compound.

`python -m drugripple.chem.isolated` reads SMILES and names from standard input, a JSON list per line, and answers each
with its `Reduction` or the reason why there is none.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from drugripple.chem.parent import Reduction, reduce_structure
from drugripple.chem.spelling import called
from drugripple.errors import CompoundError

SECONDS = 30.0
"""What one structure may take."""


def reduce_isolated(structures: Sequence[tuple[str, str]], *, seconds: float = SECONDS) -> Iterator[Reduction | str]:
    """The parent of every structure (SMILES and name), or the reason why there is none, in order.

    A structure over which the process dies is the culprit; the ones behind it go to a new process.
    """
    waiting = list(structures)
    while waiting:
        answers, signal_number = _ask(waiting, seconds)
        yield from answers
        waiting = waiting[len(answers) :]
        if waiting:
            (smiles, name), waiting = waiting[0], waiting[1:]
            why = f"takes longer than {seconds:.0f} s" if signal_number == signal.SIGALRM else "crashes RDKit"
            yield f"{called(smiles, name)} {why}; correct the structure or leave the compound out"


def _ask(structures: Sequence[tuple[str, str]], seconds: float) -> tuple[list[Reduction | str], int]:
    """The answers of one process before it ended, and the signal that ended it."""
    done = subprocess.run(
        [sys.executable, "-m", "drugripple.chem.isolated", str(seconds)],
        input="".join(json.dumps(structure) + "\n" for structure in structures),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        encoding="utf-8",
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.endswith("}")]
    return [_answer(json.loads(line)) for line in lines], max(0, -done.returncode)


def _answer(content: dict[str, object]) -> Reduction | str:
    if "fault" in content:
        return str(content["fault"])
    left_out = content["left_out"]
    return Reduction(
        str(content["parent"]),
        str(content["key"]),
        str(content["written"]),
        tuple(str(text) for text in left_out) if isinstance(left_out, list) else (),
        bool(content["unsure"]),
    )


def _serve(seconds: float) -> None:
    # The alarm ends the process, in C code too, even where whoever started us has ignored or blocked it.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
    for line in sys.stdin:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            smiles, name = json.loads(line)
            answer: dict[str, object] = asdict(reduce_structure(smiles, name=name))
        except CompoundError as error:
            answer = {"fault": str(error)}
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve(float(sys.argv[1]))
