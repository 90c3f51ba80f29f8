"""`drugripple audit`: looks for leaks in any split file, and in what a pretrained checkpoint had seen."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from drugripple.data.response import ResponseTable
from drugripple.errors import CheckpointError, SplitError
from drugripple.evaluation.leaks.audit import Prior, audit, claimed_scheme, is_clean
from drugripple.evaluation.leaks.kinds import Finding
from drugripple.evaluation.schemes import Scheme
from drugripple.runtime.atomic import write_csv, write_text
from drugripple.runtime.outputs import refuse_inputs

if TYPE_CHECKING:
    from rich.table import Table

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "line": ("line", "cell_line", "cell_line_name", "cell", "sample", "cosmic_id", "depmap_id", "cellosaurus_id"),
    "drug": ("drug", "drug_name", "compound", "drug_id", "pubchem_id"),
    "role": ("role", "split", "set", "part", "partition", "mode"),
    "smiles": ("smiles", "canonical_smiles"),
    "value": ("value", "ln_ic50", "response", "y", "label", "auc"),
    "row_id": ("row_id",),
    "fold": ("fold", "cv_split", "split_id"),
    "scheme": ("scheme", "test_mode"),
}
"""Names under which each column is recognised, drevalpy's among them."""


@dataclass(frozen=True)
class FoldAudit:
    """The findings of the audit in one fold."""

    name: str
    scheme: Scheme
    rows: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class AuditReport:
    """The findings of the audit in every fold of the files."""

    folds: tuple[FoldAudit, ...]

    @property
    def clean(self) -> bool:
        """Whether no fold breaks what its scheme claims; it decides the exit status."""
        return all(is_clean(fold.findings) for fold in self.folds)

    def table(self) -> pd.DataFrame:
        """The findings as a table, one row per finding."""
        rows = [
            {"fold": fold.name, "scheme": fold.scheme.value} | asdict(finding)
            for fold in self.folds
            for finding in fold.findings
        ]
        columns = ["fold", "scheme", "leak", "severity", "between", "count", "rows", "examples", "advice"]
        frame = pd.DataFrame(rows, columns=columns)
        frame["examples"] = frame["examples"].map("; ".join)
        return frame


def audit_splits(
    paths: Sequence[Path],
    *,
    table: ResponseTable | None = None,
    card: Path | None = None,
    fitted_lines: Collection[str] = (),
    scheme: Scheme | None = None,
    out: Path | None = None,
) -> AuditReport:
    """Look for every known kind of leak in split files.

    A file is CSV, TSV or Parquet. It has one row per measurement and a column of roles, or it holds one role if several
    files named after their roles are given (`train.csv`, `test.csv`).

    Args:
        paths: the split files.
        table: the rows that `row_id` of our own `splits.parquet` counts; not needed if lines and drugs are named.
        card: `card.json` of a checkpoint, or its folder; it says what pretraining has seen.
        fitted_lines: lines on which scaling or gene selection was fitted, if known.
        scheme: what the split claims; guessed from its names if None.
        out: folder for `audit.json` and `audit.csv`; nothing is written if None.

    Raises:
        SplitError: if a file cannot be read as a split.
        CheckpointError: if the card cannot be read.
    """
    if out is not None:
        refuse_inputs([out / "audit.json", out / "audit.csv"], [*paths, *([card] if card else [])])
    prior = _prior(card, fitted_lines)
    folds = []
    for name, rows in _folds(_read(paths), table):
        claimed = scheme or (Scheme(rows["scheme"].iloc[0]) if _is_ours(rows) else None)
        findings = audit(rows, scheme=claimed, prior=prior)
        folds.append(FoldAudit(name, claimed or claimed_scheme(_roles(rows)), len(rows), findings))
    report = AuditReport(tuple(folds))
    if out is not None:
        content = json.dumps({"clean": report.clean, "folds": [asdict(fold) for fold in report.folds]}, indent=1)
        write_text(out / "audit.json", content + "\n")
        write_csv(out / "audit.csv", report.table())
    return report


def as_text(report: AuditReport) -> str:
    """The findings in plain lines, worst first."""
    lines = [f"{len(report.folds)} fold(s): {'clean' if report.clean else 'LEAKS'}"]
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

    shown = Table(title=f"{len(report.folds)} fold(s): {'clean' if report.clean else 'leaks'}", title_justify="left")
    for column in ("", "fold", "leak", "between", "how many", "rows", "for example", "what to do"):
        shown.add_column(column, overflow="fold")
    for row in report.table().sort_values("severity", kind="stable").itertuples():
        mark = "[red]leak[/]" if row.severity == "leak" else "[yellow]note[/]"
        cells = (row.fold, row.leak, row.between, row.count, row.rows, row.examples, row.advice)
        shown.add_row(mark, *(escape(str(cell)) for cell in cells))
    return shown


def _read(paths: Sequence[Path]) -> pd.DataFrame:
    frames = []
    for path in paths:
        try:
            parquet = path.suffix == ".parquet"
            frame = pd.read_parquet(path) if parquet else pd.read_csv(path, sep=None, engine="python")
        except (OSError, ValueError, UnicodeDecodeError, pd.errors.ParserError) as error:
            message = f"{path} cannot be read as CSV, TSV or Parquet ({type(error).__name__}: {error})"
            raise SplitError(message) from error
        named = {column.lower(): column for column in frame.columns.astype(str)}
        known = {}
        for ours, spellings in COLUMNS.items():
            spelled = next((named[name] for name in spellings if name in named), None)
            if spelled is not None and spelled not in known:
                known[spelled] = ours
        frame = frame.rename(columns=known)[list(known.values())]
        if "role" not in frame:
            frame["role"] = path.stem.lower()
        frames.append(frame)
    if not frames:
        message = "no split file was given; name at least one"
        raise SplitError(message)
    return pd.concat(frames, ignore_index=True)


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


def _is_ours(rows: pd.DataFrame) -> bool:
    return "scheme" in rows and str(rows["scheme"].iloc[0]) in set(Scheme)


def _roles(rows: pd.DataFrame) -> pd.DataFrame:
    short = {"training": "train", "testing": "test"}
    return rows.assign(role=rows["role"].astype(str).str.lower().replace(short))


def _prior(card: Path | None, fitted_lines: Collection[str]) -> Prior | None:
    if card is None:
        return Prior(fitted_lines=fitted_lines) if fitted_lines else None
    path = card / "card.json" if card.is_dir() else card
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Prior(content.get("compounds_seen", ()), content.get("lines_seen", ()), fitted_lines)
    except (OSError, ValueError, AttributeError) as error:
        message = f"{path} is not the card of a checkpoint ({type(error).__name__}); name its folder or its card.json"
        raise CheckpointError(message) from error
