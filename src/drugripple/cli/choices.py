"""Options that several verbs share."""

from enum import StrEnum
from typing import Annotated

import typer


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
