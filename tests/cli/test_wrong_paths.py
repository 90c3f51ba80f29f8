"""A wrong path is one line at once: nothing that reads, computes or draws is imported before it is found."""

import subprocess
import sys

import pytest

HEAVY = "{'torch', 'pandas', 'numpy', 'rdkit', 'scipy', 'matplotlib'}"
CODE = f"""
import sys
from drugripple.cli.app import app
from drugripple.cli.console import exit_code_of
assert exit_code_of(lambda: app(sys.argv[1:])) == 2
assert not {HEAVY} & set(sys.modules), {HEAVY} & set(sys.modules)
"""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("predict", "--expression", "no.csv", "--smiles", "CCO"), "no.csv: it is not there; check its path"),
        (("predict", "--compounds", "no.csv", "--model", "neither"), "no.csv: it is not there; check its path"),
        (("predict", "--compounds", "CCO"), "CCO: it is not there; check its path, or give SMILES as a list: ['CCO']"),
        (("predict", "--expression", "."), ".: it is a folder; expected a file"),
        (("predict", "--smiles", "CCO", "--model", "none"), "none: there is no such model"),
        (("explain", "--out", "o", "--expression", "no.csv", "--smiles", "CCO"), "no.csv: it is not there"),
        (("screen", "--out", "o", "--expression", "no.csv", "--compounds", "no.smi"), "no.csv: it is not there"),
        (("suggest", "--expression", "no.csv"), "no.csv: it is not there"),
        (("calibrate", "--out", "o", "--expression", "no.csv", "--responses", "no.csv"), "no.csv: it is not there"),
        (("what-if", "--out", "o", "--sample", "A375", "--compounds", "no.csv"), "no.csv: it is not there"),
    ],
)
def test_a_wrong_path_is_told_before_anything_heavy_is_imported(arguments, told, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", CODE, *arguments], check=False, capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert told in done.stderr
    assert not list(tmp_path.iterdir())
