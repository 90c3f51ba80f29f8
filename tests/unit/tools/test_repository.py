"""What serves only this repository runs from it and is not in the wheel."""

import importlib
import tomllib
from pathlib import Path

import pytest

from drugripple.config import read_run
from drugripple.recipes.benchmark.settings import BenchmarkRun

ROOT = Path(__file__).parents[3]
SCRIPTS = sorted(path.stem for path in (ROOT / "runs").glob("*.py") if "__main__" in path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_of_runs_imports_what_it_names(name):
    assert callable(importlib.import_module(f"runs.{name}").main)


def test_the_wheel_holds_the_library_alone():
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert packages == {"packages": ["src/drugripple"]}


@pytest.mark.parametrize(("run", "models"), [("runs/table1.toml", 23), ("results/table1/run.toml", 23)])
def test_the_run_behind_table_1_can_be_read(run, models):
    assert len(read_run(ROOT / run, BenchmarkRun).names) == models
