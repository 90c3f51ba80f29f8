"""`drugripple doctor FILES`: look into a user's files before anything is computed from them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.doctor import Diagnosis, Examination, examine
from drugripple.sources.user.finding import Level

if TYPE_CHECKING:
    from rich.table import Table

MARKS = {Level.FINE: "[green]fine[/]", Level.NOTE: "[yellow]note[/]", Level.PROBLEM: "[red]problem[/]"}


def doctor(paths: Sequence[Path], *, hgnc: Path | None = None) -> Diagnosis:
    """Examine expression and compound files; `healthy` of the result is the exit status.

    Args:
        paths: the files.
        hgnc: HGNC's complete set, to know every human gene and not the landmark genes alone.

    Raises:
        SourceError: if `hgnc` is not that table. Whatever is wrong with `paths` is told, not raised.
    """
    return examine(paths, symbols=SymbolMap.from_hgnc(hgnc) if hgnc else None)


def as_tables(diagnosis: Diagnosis) -> Iterator["Table"]:
    """One table a file, for a terminal."""
    for examination in diagnosis.files:
        yield _as_table(examination)


def as_text(diagnosis: Diagnosis) -> str:
    """The same in plain lines, for a log."""
    lines = []
    for examination in diagnosis.files:
        lines.append(f"{examination.path}: {'usable' if examination.healthy else 'not usable as it is'}")
        for finding in examination.findings:
            advice = f" -> {finding.advice}" if finding.advice else ""
            lines.append(f"  {finding.level:<8}{finding.topic}: {finding.text}{advice}")
    return "\n".join(lines)


def _as_table(examination: Examination) -> "Table":
    from rich.markup import escape
    from rich.table import Table

    verdict = "[green]usable[/]" if examination.healthy else "[red]not usable as it is[/]"
    table = Table(title=f"{escape(examination.path)}: {verdict}", title_justify="left", expand=True)
    table.add_column("")
    for column in ("about", "found", "what to do"):
        table.add_column(column, overflow="fold")
    for finding in examination.findings:
        table.add_row(MARKS[finding.level], finding.topic, escape(finding.text), escape(finding.advice))
    return table
