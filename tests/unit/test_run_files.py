"""Run files of this repository are runs of today: what is published can be run again as it is written."""

import subprocess
import sys
from pathlib import Path

import pytest

from drugripple.config import read_run
from drugripple.recipes.benchmark.settings import BenchmarkRun
from drugripple.recipes.pretrain.settings import PretrainMoleculesRun, PretrainRun

ROOT = Path(__file__).parents[2]
KINDS = {
    "runs/table1.toml": BenchmarkRun,
    "runs/mat_small.toml": PretrainMoleculesRun,
    "results/table1/run.toml": BenchmarkRun,
    "runs/arms.toml": BenchmarkRun,
    "runs/best_settings.toml": BenchmarkRun,
    "runs/peers.toml": BenchmarkRun,
    "runs/pretrain_paper.toml": PretrainRun,
    "runs/pretrain_released.toml": PretrainRun,
}


@pytest.mark.parametrize("file", KINDS)
def test_a_named_run_file_is_read(file):
    read_run(ROOT / file, KINDS[file])


def test_settings_import_no_torch():
    """So that a misspelt key is told before a second has passed."""
    code = (
        "import sys\n"
        "import drugripple.recipes.benchmark.settings, drugripple.recipes.finetune.settings\n"
        "import drugripple.recipes.pretrain.settings, drugripple.predict.screen.settings\n"
        "import drugripple.recipes.tune.settings\n"
        "print(sorted({'torch', 'lightgbm', 'sklearn'} & set(sys.modules)))\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "[]\n"
