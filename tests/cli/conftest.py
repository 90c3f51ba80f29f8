"""What tests of the verbs of the default model share."""

import pandas as pd
import pytest
from typer.testing import CliRunner

from drugripple.cli.app import app
from drugripple.cli.console import exit_code_of

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


@pytest.fixture
def built(small_default_model):
    """The folder of a default model."""
    return small_default_model


@pytest.fixture(scope="module")
def mine(tidy_folder, tmp_path_factory):
    """Samples under names that training lacks."""
    frame = pd.read_csv(tidy_folder / "own_samples.csv").head(4)
    frame["sample"] = [f"mine{i}" for i in range(4)]
    path = tmp_path_factory.mktemp("mine") / "samples.csv"
    frame.to_csv(path, index=False)
    return path


def run(*arguments):
    """Run `drugripple` with these arguments."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def exit_code(*arguments):
    """The exit code of `drugripple` with these arguments, in this process; what it prints, pytest captures."""
    return exit_code_of(lambda: app([str(argument) for argument in arguments]))
