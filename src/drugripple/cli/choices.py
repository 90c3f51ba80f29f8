"""Options that several verbs share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

Out = Annotated[Path | None, typer.Option("--out", help="Folder for the results; wins over the run file.")]
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Tidy data folder; wins over the run file.")]
Model = Annotated[Path, typer.Option("--model", help="Checkpoint folder, or the run folder that holds it.")]
Expression = Annotated[Path, typer.Option("--expression", help="csv, tsv, parquet or h5ad: samples and genes.")]


class Missing(StrEnum):
    """What to do about genes of the network that were not measured."""

    REFUSE = "refuse"
    MEDIAN = "median"


class Precision(StrEnum):
    """Of what runs for every pair."""

    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"


MissingOption = Annotated[Missing, typer.Option(help="Genes not measured: refuse, or count as typical (median).")]
PrecisionOption = Annotated[Precision, typer.Option(help="bfloat16 is faster where the processor has it.")]
