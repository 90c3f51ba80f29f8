"""`drugripple audit`: looks for leaks in any split file, and in what a pretrained checkpoint had seen."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from drugripple.data.response import ResponseTable
from drugripple.errors import CheckpointError, SplitError
from drugripple.evaluation.leaks.audit import Overlap, Prior, audit, found_scheme, is_clean
from drugripple.evaluation.leaks.blank_cells import said
from drugripple.evaluation.leaks.kinds import Finding
from drugripple.evaluation.leaks.line_names import LineSynonyms, NameSystem, system_of
from drugripple.evaluation.schemes import Scheme
from drugripple.model.folders import CARD
from drugripple.recipes.split_roles import scheme_of_word
from drugripple.recipes.split_table import read_split, split_rows
from drugripple.runtime.atomic import write_csv, write_json
from drugripple.runtime.nesting import read_json_text
from drugripple.runtime.outputs import refuse_inputs
from drugripple.sources.study import read_study
from drugripple.sources.study_settings import StudySettings
from drugripple.sources.user.column_names import plain
from drugripple.sources.user.drug_names import known_drug
from drugripple.sources.user.matrix import label

if TYPE_CHECKING:
    from rich.table import Table

LINE_NAMES = frozenset(
    {
        "line", "cellline", "celllinename", "modelname", "strippedcelllinename", "cclename", "ccleid", "samplename",
    }
)  # fmt: skip
"""Columns that name one cell line each, letters alone and in lower case."""
LINE_IDS = frozenset(
    {
        "cosmicid", "cosmic", "depmapid", "modelid", "sangermodelid", "sidm", "cellosaurusid", "cellosaurus", "rrid",
        "achid", "broadid", "arxspanid",
    }
)  # fmt: skip
"""Columns of ids of cell lines; what has not the form of an id in them is none (`-`, the number of a network)."""
SYNONYMS = frozenset({"synonyms", "synonym", "aliases", "alias", "celllinesynonyms", "othernames"})
"""Columns of a table of lines that hold further names, several in a cell behind semicolons or bars."""
SEVERAL = re.compile(r"\s*[;|]\s*")
COLUMNS = ["fold", "scheme", "leak", "severity", "between", "count", "rows", "examples", "advice"]
"""Columns of the findings as a table."""


@dataclass(frozen=True)
class FoldAudit:
    """The findings of the audit in one fold."""

    name: str
    scheme: Scheme
    rows: int
    findings: tuple[Finding, ...]
    overlaps: tuple[Overlap, ...] = ()
    """What train and test share by name, where the scheme was not stated but found."""
    unknown_structures: int = 0
    """Number of compounds without SMILES, which go by their names only."""

    @property
    def states_another_word(self) -> bool:
        """Whether the file states its scheme by a word that is not ours."""
        return self.name.startswith("scheme ") and self.scheme.value not in self.name

    @property
    def told(self) -> str:
        """The scheme, and how it is known."""
        if not self.overlaps:
            return f"{self.name}: {self.scheme}, as stated"
        shared = ", ".join(str(overlap) for overlap in self.overlaps)
        return f"{self.name}: {self.scheme}, found by its names ({shared}); state the scheme if it is another"


@dataclass(frozen=True)
class AuditReport:
    """The findings of the audit in every fold of the files."""

    folds: tuple[FoldAudit, ...]

    @property
    def clean(self) -> bool:
        """Whether no fold breaks what its scheme claims; it decides the exit status."""
        return all(is_clean(fold.findings) for fold in self.folds)

    @property
    def verdict(self) -> str:
        """Clean or leaks, and what of it rests on names only."""
        told = f"{len(self.folds)} fold(s): {'clean' if self.clean else 'LEAKS'}"
        by_name = max((fold.unknown_structures for fold in self.folds if fold.scheme.hides_drugs), default=0)
        named = (
            f"; {by_name:,} compound(s) without SMILES went by name only: their twins under other names are not found"
        )
        return told + named if by_name else told

    def table(self) -> pd.DataFrame:
        """The findings as a table, one row per finding."""
        rows = [
            {"fold": fold.name, "scheme": fold.scheme.value} | asdict(finding)
            for fold in self.folds
            for finding in fold.findings
        ]
        frame = pd.DataFrame(rows, columns=COLUMNS)
        frame["examples"] = frame["examples"].map("; ".join)
        return frame

    def write(self, folder: Path) -> None:
        """Write audit.json and audit.csv.

        Raises:
            OutputError: if the system refuses a write.
        """
        folds = [asdict(fold) | {"told": fold.told} for fold in self.folds]
        write_json(folder / "audit.json", {"clean": self.clean, "verdict": self.verdict, "folds": folds})
        write_csv(folder / "audit.csv", self.table())


def audit_splits(
    paths: Sequence[Path],
    *,
    table: ResponseTable | None = None,
    study: StudySettings | None = None,
    card: Path | None = None,
    fitted_lines: Collection[str] = (),
    scheme: Scheme | None = None,
    lines: Path | None = None,
    out: Path | None = None,
) -> AuditReport:
    """Look for every known kind of leak in split files.

    A file is CSV, TSV, Parquet or xlsx. It has one row per measurement and a column of roles, or it holds one role if
    several files named after their roles are given (`train.csv`, `test.csv`).

    Args:
        paths: the split files.
        table: the rows that `row_id` of our own `splits.parquet` counts; not needed if lines and drugs are named.
        study: where to read these rows, published or a user's own, if they are not at hand.
        card: `card.json` of a checkpoint, or its folder; it says what pretraining has seen.
        fitted_lines: lines on which scaling or gene selection was fitted, if known.
        scheme: what the split claims; read from its column, or found by its names, if None.
        lines: a table with further names of cell lines, such as DepMap's or the Passports' list of models. Columns of
            ids in the split files serve the same way.
        out: folder for `audit.json` and `audit.csv`; nothing is written if None.

    Raises:
        SplitError: if a file cannot be read as a split.
        CheckpointError: if the card cannot be read.
    """
    if out is not None:
        refuse_inputs([out / "audit.json", out / "audit.csv"], [*paths, *(path for path in (card, lines) if path)])
    if table is None and study is not None:
        table = read_study(study).table
    prior = _prior(card, fitted_lines)
    frames = [read_split(path) for path in paths]
    tables = [read_split(lines)] if lines else []
    synonyms = LineSynonyms.of(
        [
            *(names for frame in frames for names in _named(frame)),
            *(names for frame in tables for names in _named(frame, SYNONYMS)),
        ]
    )
    folds = []
    for name, rows in _folds(split_rows(paths, frames), table):
        claimed = scheme or (scheme_of_word(str(rows["scheme"].iloc[0])) if "scheme" in rows else None)
        drugs = {name: drug.name for name in map(str, rows["drug"].unique()) if (drug := known_drug(name))}
        findings = audit(rows, scheme=claimed, prior=prior, synonyms=synonyms, usual_names=drugs)
        found, overlaps = (claimed, ()) if claimed else found_scheme(rows)
        folds.append(FoldAudit(name, found, len(rows), findings, overlaps, _without_structure(rows)))
    report = AuditReport(tuple(folds))
    if out is not None:
        report.write(out)
    return report


def as_text(report: AuditReport) -> str:
    """The findings in plain lines, worst first."""
    lines = [report.verdict]
    lines += [fold.told for fold in report.folds if fold.overlaps or fold.states_another_word]
    for row in report.table().sort_values("severity", kind="stable").itertuples():
        lines.append(
            f"{row.severity}: {row.fold} ({row.scheme}): {row.leak}, between {row.between}: {row.count} concerning "
            f"{row.rows} row(s), e.g. {row.examples} -> {row.advice}"
        )
    return "\n".join(lines)


def as_table(report: AuditReport) -> "Table":
    """The findings for a terminal."""
    from rich.markup import escape
    from rich.table import Table

    shown = Table(title=report.verdict, title_justify="left")
    for column in ("", "fold", "leak", "between", "how many", "rows", "for example", "what to do"):
        shown.add_column(column, overflow="fold")
    for row in report.table().sort_values("severity", kind="stable").itertuples():
        mark = "[red]leak[/]" if row.severity == "leak" else "[yellow]note[/]"
        cells = (row.fold, row.leak, row.between, row.count, row.rows, row.examples, row.advice)
        shown.add_row(mark, *(escape(str(cell)) for cell in cells))
    return shown


def _named(frame: pd.DataFrame, further: Collection[str] = ()) -> "Iterator[list[str]]":
    """All names of the cell line in each row, once for rows alike; in `further` columns, too."""
    columns = [name for name in frame.columns if plain(name) in {*LINE_NAMES, *LINE_IDS, *further}]
    ids = [plain(name) in LINE_IDS for name in columns]
    for row in frame[columns].drop_duplicates().itertuples(index=False):
        named = [(name, is_id) for cell, is_id in zip(row, ids, strict=True) for name in SEVERAL.split(label(cell))]
        yield [name for name, is_id in named if said(name) and not (is_id and system_of(name) is NameSystem.NAME)]


def _folds(rows: pd.DataFrame, table: ResponseTable | None) -> "list[tuple[str, pd.DataFrame]]":
    keys = [column for column in ("scheme", "fold") if column in rows]
    parts = list(rows.groupby(keys, sort=False, observed=True)) if keys else [((), rows)]
    named = []
    for key, part in parts:
        name = " ".join(f"{column} {value}" for column, value in zip(keys, key, strict=True)) or "the split"
        named.append((name, _with_names(part[part["role"].astype(str) != "drop"], table)))
    return named


def _with_names(rows: pd.DataFrame, table: ResponseTable | None) -> pd.DataFrame:
    if "line" in rows and "drug" in rows:
        return rows
    if "row_id" not in rows or table is None:
        message = f"the split names no lines and drugs (columns {list(rows.columns)}); give the table its row_id counts"
        raise SplitError(message)
    if rows["row_id"].max() >= len(table):
        message = f"the split has row {rows['row_id'].max()}, the table only {len(table)}: it is of another table"
        raise SplitError(message)
    row = rows["row_id"].to_numpy()
    samples, compounds = table.sample_row[row], table.compound_row[row]
    return rows.assign(
        line=np.array(table.expression.samples, dtype=object)[samples],
        drug=np.array(table.compounds.ids, dtype=object)[compounds],
        smiles=np.array(table.compounds.smiles, dtype=object)[compounds],
    )


def _without_structure(rows: pd.DataFrame) -> int:
    drawn = rows["drug"][rows["smiles"].fillna("").astype(str).map(said) != ""] if "smiles" in rows else ()
    return len(set(rows["drug"]) - set(drawn))


def _prior(card: Path | None, fitted_lines: Collection[str]) -> Prior | None:
    if card is None:
        return Prior(fitted_lines=fitted_lines) if fitted_lines else None
    path = card / CARD if card.is_dir() else card
    try:
        content = read_json_text(path.read_text(encoding="utf-8"))
        scaled = (*fitted_lines, *content.get("lines_scaled", ()))
        return Prior(content.get("compounds_seen", ()), content.get("lines_seen", ()), scaled)
    except (OSError, ValueError) as error:
        message = f"{path} is not the card of a checkpoint ({type(error).__name__}); name its folder or its card.json"
        raise CheckpointError(message) from error
