"""Who holds a folder, for messages about what is not there yet."""

import subprocess
import sys

import pytest

from drugripple.errors import CheckpointError
from drugripple.model.checkpoint import Card
from drugripple.model.storage import read_card
from drugripple.runtime.lock import holder_of

HOLDING = """
import sys
from pathlib import Path
from drugripple.runtime.lock import lock_folder
with lock_folder(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_folder_that_another_run_writes_is_told_from_one_that_it_left(tmp_path):
    folder = tmp_path / "model"
    assert holder_of(folder) == ""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline() == "held\n"
        assert f"process {process.pid} on " in holder_of(folder)
        with pytest.raises(CheckpointError, match=rf"it is written by process {process.pid} on .*; let it finish"):
            read_card(folder, Card)
        (folder / "run.toml").touch()
        process.kill()
        process.wait(20)
        assert holder_of(folder) == ""
        with pytest.raises(CheckpointError, match=r"a run that did not finish.*give its command again"):
            read_card(folder, Card)
    finally:
        process.kill()
        process.communicate(timeout=20)
    (folder / "run.toml").unlink()
    with pytest.raises(CheckpointError, match=r"holds no checkpoint: card.json cannot be read"):
        read_card(folder, Card)
