"""Where real data lie, if they do: the same rule as the tests'."""

import os
from pathlib import Path

from drugripple.predictors.backbone import backbone_of
from drugripple.predictors.csg2a_settings import NetworkSettings
from drugripple.sources.public.tidy import read_gdsc

BESIDE = Path(__file__).parents[2] / "shared" / "data"


def data_folder():
    """DRUGRIPPLE_DATA, or the data folder beside the project; nothing where neither holds GDSC."""
    folder = Path(os.environ.get("DRUGRIPPLE_DATA") or BESIDE)
    return folder if (folder / "gdsc" / "drugs.parquet").is_file() else None


def gdsc2():
    """The rows of GDSC2, and the shipped network on their genes."""
    folder = data_folder()
    if folder is None:
        message = "this needs real data: set DRUGRIPPLE_DATA or keep ../shared/data beside the project"
        raise FileNotFoundError(message)
    table = read_gdsc(folder, "GDSC2").table
    return table, backbone_of(NetworkSettings(), folder, table.expression.genes, seed=0)


def residual_network(training):
    """Settings of a network on the residual of mean effects, with dropout masks of lines and compounds."""
    return NetworkSettings(training=training, target="residual", response={"dropout_of": "entity"})
