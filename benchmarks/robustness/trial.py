"""One file or set of files, the command that gets them, and what should come of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Outcome(StrEnum):
    """What became of a file."""

    RIGHT = "right"
    """Every value is that of its sample, gene and compound; what was left out is listed."""
    REFUSED = "refused clearly"
    """One line that names the file or the culprit."""
    WRONG = "wrong value"
    LOSS = "silent loss"
    """Rows in that are neither among the rows out nor listed."""
    TRACEBACK = "traceback"
    """Or an internal error."""
    CRASH = "crash"
    HANG = "hang"
    UNCLEAR = "unclear refusal"
    """Several lines, or neither file nor cause in it."""
    NEEDLESS = "needless refusal"
    """Of what must be read."""
    ACCEPTED = "accepted"
    """What must be refused."""
    MEMORY = "too much memory"


FINE = (Outcome.RIGHT, Outcome.REFUSED)
CLEANLY, USERS_FAULT, LEAKS = 0, 2, 3
"""Exit statuses that a person may see."""


class Expected(StrEnum):
    """What should become of a file."""

    READ = "read"
    REFUSED = "refused"
    EITHER = "either"
    """Read right, or refused."""


@dataclass(frozen=True)
class Ran:
    """What a command left."""

    status: int
    told: str
    """stdout and stderr."""
    error: str
    """stderr alone."""


class Fault(Exception):
    """What a check found."""

    def __init__(self, outcome: Outcome, why: str) -> None:
        super().__init__(why)
        self.outcome, self.why = outcome, why


def nothing_to_check(ran: Ran) -> None:
    """For files that are refused, or told about only."""


@dataclass(frozen=True)
class Trial:
    """Files in a folder, and the command that gets them."""

    kind: str
    what: str
    """The layout in a few words."""
    command: "tuple[str, ...] | Callable[[], object]"
    """The arguments of `drugripple`, or a call of what reads the files."""
    expected: Expected = Expected.READ
    names: tuple[str, ...] = ()
    """What a refusal names: a file, a row; any of them."""
    tells: str = ""
    """A pattern that the output holds, read or refused."""
    check: Callable[[Ran], None] = field(default=nothing_to_check)
    """Raises `Fault` if what was read is not what the files hold."""
    environment: dict[str, str] = field(default_factory=dict)
    """Of a process of its own, where the command needs one."""
    memory: int = 0
    """Bytes that a process of its own may hold at most; 0 where it is not measured."""


@dataclass(frozen=True)
class Verdict:
    """What became of a trial."""

    outcome: Outcome
    why: str = ""


def judge(trial: Trial, ran: Ran) -> Verdict:
    """What became of a command that ended."""
    if "internal error" in ran.told or "Traceback" in ran.told or ran.status not in (CLEANLY, USERS_FAULT, LEAKS):
        return Verdict(Outcome.TRACEBACK, ran.error.strip()[-300:] or f"status {ran.status}")
    if ran.status == USERS_FAULT:
        return _judge_refusal(trial, ran)
    if trial.expected is Expected.REFUSED:
        return Verdict(Outcome.ACCEPTED, ran.told.strip()[:300])
    try:
        trial.check(ran)
    except Fault as fault:
        return Verdict(fault.outcome, fault.why)
    except Exception as error:  # noqa: BLE001 (what was written cannot be read)
        return Verdict(Outcome.WRONG, f"{type(error).__name__}: {error}"[:300])
    if trial.tells and not re.search(trial.tells, ran.told):
        return Verdict(Outcome.LOSS, f"not told: {trial.tells!r} in {ran.told.strip()[:300]!r}")
    return Verdict(Outcome.RIGHT)


def _judge_refusal(trial: Trial, ran: Ran) -> Verdict:
    error = ran.error.strip()
    if trial.expected is Expected.READ:
        return Verdict(Outcome.NEEDLESS, error[:300])
    if len(error.splitlines()) != 1 or not error.startswith("error: ") or not error.isprintable():
        return Verdict(Outcome.UNCLEAR, error[:300])
    if trial.names and not any(name in error for name in trial.names):
        return Verdict(Outcome.UNCLEAR, f"names none of {trial.names}: {error[:300]}")
    if trial.tells and not re.search(trial.tells, error):
        return Verdict(Outcome.UNCLEAR, f"not told: {trial.tells!r} in {error[:300]!r}")
    return Verdict(Outcome.REFUSED)


@dataclass(frozen=True)
class Place:
    """Where a trial may write, and what all trials share."""

    folder: Path
    """Of this trial alone."""
    world: Path
    """The networks."""
