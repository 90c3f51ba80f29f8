"""A report as Markdown: the same words and tables, figures as SVG files beside it."""

from pathlib import Path

from drugripple.report.document import Report, Table
from drugripple.runtime.atomic import write_text


def render(report: Report, figures: str = "figures") -> str:
    """The report as Markdown; figures are links into the folder `figures`, numbered in their order."""
    lines = [f"# {report.title}", ""]
    for paragraph in report.summary:
        lines += [paragraph, ""]
    number = 0
    for section in report.sections:
        lines += [f"## {section.heading}", ""]
        for paragraph in section.prose:
            lines += [paragraph, ""]
        for table in section.tables:
            lines += ([f"**{table.caption}**", ""] if table.caption else []) + [*_table(table), ""]
        for figure in section.figures:
            number += 1
            lines += [f"![{figure.caption}]({figures}/{number:02d}.svg)", "", f"*{figure.caption}*", ""]
    lines += ["## How to do it again", ""]
    lines += [f"* **{name}**: {text}" for name, text in report.provenance.items()]
    return "\n".join(lines) + "\n"


def write(report: Report, path: Path) -> None:
    """Write the text, and its figures into a folder beside it that is named after it.

    Raises:
        OutputError: if the system refuses a write.
    """
    folder = path.with_suffix("")
    drawn = [figure.svg for section in report.sections for figure in section.figures]
    figures = {folder / f"{number:02d}.svg": svg for number, svg in enumerate(drawn, start=1)}
    for file, svg in figures.items():
        write_text(file, svg)
    write_text(path, render(report, folder.name))
    for old in set(folder.glob("*.svg")) - set(figures):
        old.unlink()


def _table(table: Table) -> list[str]:
    heads = " | ".join(column.heading for column in table.columns)
    rule = "|".join("---:" if column.format else "---" for column in table.columns)
    rows = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in table.written()]
    return [f"| {heads} |", f"|{rule}|", *(f"| {row} |" for row in rows)]
