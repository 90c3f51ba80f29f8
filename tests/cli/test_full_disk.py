"""A disk that takes no more bytes: exit status 2, one line that names the file, and nothing half-written.

The limit on the size of a file stands in for a full disk: the system refuses the same writes, in whichever library.
All commands run in one process of their own.
"""

import json
from typing import NamedTuple

import pytest
from tests.processes import run_code

from drugripple.cli.app import app
from drugripple.cli.console import exit_code_of

resource = pytest.importorskip("resource", reason="this system has no limits on files")

PROGRAM = """
import contextlib, io, json, os, resource, signal, sys
from pathlib import Path
sys.dont_write_bytecode = True  # Python would leave half a .pyc, which every later process trips over
import matplotlib.figure, pandas, pyarrow.parquet, torch
import drugripple.recipes.finetune, drugripple.predict.files
from drugripple.cli.app import app
from drugripple.cli.console import exit_code_of
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
told, cache = {}, os.environ["DRUGRIPPLE_CACHE"]
for name, (limit, arguments) in json.loads(sys.argv[1]).items():
    os.environ["DRUGRIPPLE_CACHE"] = sys.argv[2] if name == "cache" else cache
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    with contextlib.redirect_stderr(io.StringIO()) as said, contextlib.redirect_stdout(io.StringIO()):
        status = exit_code_of(lambda: app(arguments))
    told[name] = status, [line for line in said.getvalue().splitlines() if not line.startswith("epoch")]
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
Path(sys.argv[3]).write_text(json.dumps(told))
"""
ASKED = ("--model", "my_run", "--expression", "samples.csv", "--compounds", "compounds.csv", "--out")
CASES = {
    "csv": (1000, "predict", *ASKED, "csv/p.csv"),
    "parquet": (1000, "predict", *ASKED, "parquet/p.parquet"),
    "profiles": (8000, "predict", *ASKED, "profiles/p.csv", "--perturbed", "profiles/x.parquet"),
    "pairs": (1000, "explain", *ASKED, "pairs/why"),
    "heatmap": (10_000, "explain", *ASKED, "heatmap/why"),
    "run": (100, "finetune", "run.toml", "--out", "run/r"),
    "state": (5000, "finetune", "run.toml", "--out", "state/r"),
    "checkpoint": (1_000_000, "finetune", "run.toml", "--out", "checkpoint/r"),
    "cache": (1000, "predict", *ASKED, "cache/p.csv"),
}
NAMED = {
    "csv": "p.csv", "parquet": "p.parquet", "profiles": "x.parquet", "pairs": "pairs.csv", "heatmap": "heatmap.svg",
    "run": "run.toml", "state": "training.state", "checkpoint": "checkpoint", "cache": "DRUGRIPPLE_CACHE",
}  # fmt: skip
LEFT = {"state": ["r/run.toml"], "checkpoint": ["r/run.toml", "r/training.state"]}
"""What stays: the run file, and the state of the last epoch, from which the same command goes on later."""


class Refusal(NamedTuple):
    status: int
    said: list[str]
    left: list[str]


@pytest.fixture(scope="module")
def results(place, tmp_path_factory):
    return tmp_path_factory.mktemp("full")


@pytest.fixture(scope="module")
def refusals(place, results):
    """What each command said and left. Molecules are in the cache, so that the limit meets the results first."""
    from drugripple.predictors.inputs import molecule_graphs
    from drugripple.sources.public.tidy import read_gdsc
    from drugripple.sources.user.compounds import read_compounds

    molecule_graphs(read_gdsc(place / "data", "GDSC2").table.compounds)
    molecule_graphs(read_compounds(place / "compounds.csv"))
    cases = {}
    for name, (limit, *arguments) in CASES.items():
        (results / name).mkdir()
        cases[name] = limit, [str(results / part) if part.startswith(f"{name}/") else part for part in arguments]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        run_code(PROGRAM, json.dumps(cases), results / "cache" / "molecules", results / "told.json")
    found = {}
    for name, (status, said) in json.loads((results / "told.json").read_text()).items():
        files = (path for path in (results / name).rglob("*") if path.is_file() and path.suffix != ".sqlite")
        found[name] = Refusal(status, said, sorted(str(path.relative_to(results / name)) for path in files))
    return found


@pytest.mark.parametrize("case", CASES)
def test_full_disk_is_one_line_and_nothing_half_written(refusals, case):
    status, said, left = refusals[case]
    assert status == 2, said
    assert len(said) == 1
    assert NAMED[case] in said[0]
    assert left == LEFT.get(case, [])


def test_training_goes_on_from_its_state_when_there_is_space(refusals, results, place, monkeypatch):
    monkeypatch.chdir(place)
    folder = results / "checkpoint" / "r"
    assert exit_code_of(lambda: app(["finetune", "run.toml", "--out", str(folder)])) == 0
    assert (folder / "checkpoint" / "model.safetensors").exists()
    assert not (folder / "training.state").exists()
