"""What GDSC says of its cell lines."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from drugripple.data.tables import ExpressionTable
from drugripple.sources.public.columns import read_columns
from drugripple.sources.public.tidy import read_expression

UNKNOWN = "UNCLASSIFIED"


class Lines(NamedTuple):
    """Cell lines with expression, and the cancer type of each."""

    expression: ExpressionTable
    cancer_types: tuple[str, ...]


def read_lines(folder: Path) -> Lines:
    """Expression and cancer types of the cell lines of a tidy folder.

    Raises:
        SourceError: if a file is missing or damaged.
    """
    table = read_expression(folder / "gdsc")
    return Lines(table, read_cancer_types(folder, table.samples))


def read_cancer_types(folder: Path, lines: Sequence[str]) -> tuple[str, ...]:
    """The TCGA label of each line; `UNCLASSIFIED` where GDSC gives none.

    Raises:
        SourceError: if the folder lacks gdsc/cell_lines.parquet, or that its column `tcga_label`.
    """
    known = read_columns(folder / "gdsc" / "cell_lines.parquet", ("cell_line", "tcga_label")).dropna()
    label_of = dict(zip(known["cell_line"].astype(str), known["tcga_label"].astype(str), strict=True))
    return tuple(label_of.get(line, UNKNOWN) for line in lines)


def short_line(name: str) -> str:
    """Letters and digits alone, without the institute: `NCI-H2369` and `H2369` are one line.

    >>> short_line("NCI-H2369"), short_line("PC-3 [JPC-3]")
    ('H2369', 'PC3JPC3')
    """
    return re.sub(r"[^A-Z0-9]", "", name.upper()).removeprefix("NCI")
