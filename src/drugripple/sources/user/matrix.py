"""Any matrix file as numbers with every label that its rows and columns have. Which are genes is not decided here."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int, Shaped

from drugripple.errors import Fault, SourceError
from drugripple.sources.user.column_names import plain
from drugripple.sources.user.findings import Finding

ANNOTATION = re.compile(
    r"chr|chrom|chromosome|(gene[ _.]?)?(start|end|length|width)([ _.]?\(?bp\)?)?|strand|eff(ective)?[ _.]?length"
    r"|transcript[ _.]?length|exon[ _.]?(length|count|number|s)|(gene[ _.]?)?(%|percent(age)?)?[ _.]*gc([ _.]content)?"
    r"|tss|n_?cells|mean_counts|total_counts|pct_dropout_by_counts",
    re.IGNORECASE,
)
"""Columns of numbers that programs write beside the names of genes."""
IDENTIFIERS = re.compile(
    r"(ncbi|entrez)[ _.]?(gene)?[ _.]?(id)?|gene[ _.]?id|hgnc[ _.]?id|.*\(formerly entrezgene\).*",
    re.IGNORECASE,
)
"""Columns of whole numbers that name genes."""
SAMPLE_NAMES = (
    *("sample", "sampleid", "samplename", "cellline", "celllinename", "modelid", "sequencingid", "sangermodelid"),
    *("depmapid", "modelname", "strippedcelllinename", "celllineid", "cosmicid", "line", "model", "cell", "cellid"),
    *("barcode", "patient", "patientid", "submitterid", "aliquot", "donor", "donorid", "participant"),
    *("participantid", "subject", "subjectid", "specimen", "specimenid", "case", "caseid", "animal", "animalid"),
    *("mouse", "mouseid", "geoaccession", "biosample", "runid", "run", "id", "name", "index"),
)
"""Headers of a column that names samples, letters alone and in lower case; the earlier counts for more."""
HEADER = "header"
VALUES_AT_MOST = 500_000_000
"""Numbers that may stand in memory at once: 2 GB."""

TEXT_CELLS_AT_MOST = 1000
"""Cells with text of a text file that are kept to be told."""


@dataclass(frozen=True)
class TextCell:
    """A cell with text among numbers."""

    row: int
    column: int
    text: str


class Numbers(NamedTuple):
    """Some rows and columns of a matrix; text among the numbers is NaN and listed. Axes: r row, k column."""

    values: Float[np.ndarray, "r k"]
    text_cells: tuple[TextCell, ...] = ()
    """The cells with text, by row and column of `values`."""

    def transposed(self) -> "Numbers":
        """Rows as columns."""
        return Numbers(self.values.T, tuple(TextCell(cell.column, cell.row, cell.text) for cell in self.text_cells))


Take = Callable[[Int[np.ndarray, " r"], Int[np.ndarray, " k"]], Numbers]
"""Reads some rows and columns, each in ascending order."""


@dataclass(frozen=True)
class LabelledMatrix:
    """The labels on both sides of a matrix; its numbers are read when they are asked for. Axes: r row, k column."""

    where: str
    """The file, or what was given instead."""
    form: str
    """Format of the file, or what was given instead."""
    shape: tuple[int, int]
    take: Take
    row_labels: Mapping[str, tuple[str, ...]]
    """Every column of names there is, by its header; may be empty."""
    column_labels: Mapping[str, tuple[str, ...]]
    row_numbers: Mapping[str, Float[np.ndarray, " r"]] = field(default_factory=dict)
    """Columns of numbers that describe the rows and are no part of the matrix, by their header."""
    column_numbers: Mapping[str, Float[np.ndarray, " k"]] = field(default_factory=dict)
    notes: tuple[Finding, ...] = ()
    """What was found when the file was opened."""
    log_base: float | None = None
    """The base of the logarithm that the file says was taken of x + 1; None where it says nothing."""
    other_matrices: tuple[str, ...] = ()
    """Further matrices of the same shape or more that the file holds."""

    def transposed(self) -> "LabelledMatrix":
        """Rows as columns."""
        return replace(
            self,
            shape=self.shape[::-1],
            take=lambda rows, columns: self.take(columns, rows).transposed(),
            row_labels=self.column_labels,
            column_labels=self.row_labels,
            row_numbers=self.column_numbers,
            column_numbers=self.row_numbers,
        )


IsGene = Callable[[str], bool]
"""Whether a header is a gene's name."""


class Role(StrEnum):
    """What a column of a table holds."""

    LABEL = "names"
    ANNOTATION = "numbers about the rows"
    NUMBERS = "numbers of the matrix"
    NOTHING = "nothing"


def role_of(
    name: str, numbers: Float[np.ndarray, " r"], text: Bool[np.ndarray, " r"], *, is_gene: IsGene, first: bool
) -> Role:
    """What a column is, by its name and some of its cells.

    Names are text for the most part, any numbers in front (`first`) under a blank header, or whole numbers in front or
    under a header that is blank or says that it names.
    """
    present = numbers[np.isfinite(numbers)]
    if not name and not present.size and not text.any():
        return Role.NOTHING
    if 2 * text.sum() >= max(1, present.size + text.sum()):
        return Role.LABEL
    whole = bool(np.all(present == np.round(present)))
    if first and plain(name) in SAMPLE_NAMES and not is_gene(name):  # 1.1, 1.2: the second sample of the first patient
        return Role.LABEL
    blank_first = first and not name  # an index of decimals
    if (blank_first or (whole and (first or not name or may_name(name)))) and not is_gene(name):
        return Role.LABEL
    return Role.ANNOTATION if describes_rows(name, is_gene) else Role.NUMBERS


def are_ids(numbers: Float[np.ndarray, " r"]) -> bool:
    """Whether the first column of a table, under a header that nobody knows, names its rows: whole numbers, each once.

    >>> are_ids(np.array([401.0, 404.0])), are_ids(np.array([1.0, 1.0])), are_ids(np.array([6.7, 3.5]))
    (True, False, False)
    """
    return bool(len(numbers) and np.all(numbers == np.round(numbers)) and len(np.unique(numbers)) == len(numbers))


def describes_rows(header: str, is_gene: IsGene) -> bool:
    """Whether a column of numbers under this header is about the genes in the rows, and no sample."""
    return bool(ANNOTATION.fullmatch(header)) and not is_gene(header)


def may_name(header: str) -> bool:
    """Whether a column of whole numbers under this header names genes or samples.

    >>> may_name("COSMIC_ID"), may_name("Entrez Gene ID"), may_name("passage")
    (True, True, False)
    """
    return bool(IDENTIFIERS.fullmatch(header)) or plain(header) in SAMPLE_NAMES


def label(value: object) -> str:
    """A cell as a name: whole numbers lose the point that a program gave them, missing ones are blank.

    >>> label(906826.0), label(" A375 "), label(float("nan"))
    ('906826', 'A375', '')
    """
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def labels_of(values: list[str]) -> tuple[str, ...]:
    """A column of names, whose numbers lose the point if all of them are whole.

    >>> labels_of(["1003.0", "", "7.0"]), labels_of(["1.0", "x"])
    (('1003', '', '7'), ('1.0', 'x'))
    """
    return tuple(value.split(".")[0] for value in values) if are_fractions(values) else tuple(values)


def are_fractions(values: Sequence[str]) -> bool:
    """Whether all names are whole numbers with a point, which programs write where one is missing."""
    return all(re.fullmatch(r"\d+\.0+|", value) for value in values)


def require_room(where: str | Path, rows: int, columns: int) -> None:
    """Refuse to hold more numbers than fit.

    Raises:
        SourceError: with both sizes.
    """
    if rows * columns > VALUES_AT_MOST:
        fault = Fault(
            where,
            f"{rows:,} x {columns:,} numbers are too many to hold",
            expected=f"at most {VALUES_AT_MOST:,}",
            do="split it by samples",
        )
        raise SourceError(fault)


def shown_header(name: object) -> str:
    """A column's name; blank where a program wrote one because there was none.

    >>> shown_header("Unnamed: 0"), shown_header(("TPM", "A375")), shown_header(5.0)
    ('', 'TPM A375', '5')
    """
    if isinstance(name, tuple):
        return " ".join(text for part in name if (text := shown_header(part)))
    text = label(name)
    return "" if text in ("index", "level_0", "None") or text.startswith("Unnamed: ") else text


def single(values: Shaped[np.ndarray, "r k"]) -> Float[np.ndarray, "r k"]:
    """Single precision; what does not fit becomes infinite and is refused as such later."""
    with np.errstate(over="ignore"):
        return np.asarray(values).astype(np.float32, copy=False)


def named_once(labels: list[tuple[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    """Columns of names by header; a header that is blank or repeats is told by its place.

    >>> list(named_once([("", ("a",)), ("id", ("b",)), ("id", ("c",))]))
    ['column 1', 'id', 'id (column 3)']
    """
    found: dict[str, tuple[str, ...]] = {}
    for position, (name, values) in enumerate(labels, start=1):
        key = name or f"column {position}"
        found[f"{key} (column {position})" if key in found else key] = values
    return found
