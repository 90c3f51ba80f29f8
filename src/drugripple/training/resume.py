"""Whose half-finished training lies in a folder: only the run that left it may go on from it."""

import tomllib
from pathlib import Path

from drugripple.config import Record, make_run
from drugripple.errors import ConfigError, first_five

CHECKED_BY_THE_LOOP = {"seed", "training"}


def training_state(run: Record, out: Path) -> Path:
    """Where the training state of a run is kept while it trains; call it before run.toml is written anew.

    Raises:
        ConfigError: if a run with other settings left one there, such as another fold, whose test rows it has learnt.
    """
    state, written = out / "training.state", out / "run.toml"
    if not (state.exists() and written.exists()):
        return state
    try:
        before = make_run(type(run), tomllib.loads(written.read_text()), str(written))
    except (OSError, ValueError) as error:
        message = f"{written} does not say which run left {state.name} ({error}); delete that file to train anew"
        raise ConfigError(message) from error
    mine, theirs = (one.model_dump(mode="json", exclude={"out", *CHECKED_BY_THE_LOOP}) for one in (run, before))
    changed = [key for key in mine if mine[key] != theirs[key]]
    if changed:
        message = (
            f"{state} was left by a run with other settings ({first_five(changed)} differ); use another folder, or "
            "delete that file to train anew"
        )
        raise ConfigError(message)
    return state
