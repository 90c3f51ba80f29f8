"""The living paper: one HTML file in which each published number stands beside ours."""

from collections.abc import Mapping

import pandas as pd

from drugripple.recipes.reproduce.item import ITEMS, Finding
from drugripple.report.document import Column, Figure, Report, Section, Table

ROWS_SHOWN = 25
CLAIMS = (
    Column("claim"), Column("published"), Column("here"), Column("verdict"), Column("control"), Column("needs"),
)  # fmt: skip


def living_paper(findings: Mapping[str, Finding], provenance: Mapping[str, str], *, quick: bool) -> Report:
    """All outcomes so far as one report."""
    done = {name: findings[name] for name in ITEMS if name in findings}
    rows = [(ITEMS[name].place, *claim) for name, found in done.items() for claim in found.claims]
    table = Table((Column("where"), *CLAIMS), tuple(tuple(str(cell) for cell in row) for row in rows))
    summary = [
        "Each experiment of the CSG2A paper, done again on the data at hand, with the control that decides whether its "
        "figure means anything.",
        "Reproduced: the claim holds here and its control does not explain it. Differs: it does not. Needs data: the "
        "paper's own comparison cannot be made with what is here.",
    ]
    if quick:
        summary.append("This was a quick run: it shows that the recipes work, and no number in it is a result.")
    sections = [Section("What of the paper holds?", tables=(table,))]
    sections += [_section(name, found) for name, found in done.items()]
    return Report("The paper, done again", tuple(summary), tuple(sections), provenance)


def _section(name: str, found: Finding) -> Section:
    item = ITEMS[name]
    claims = Table(CLAIMS, tuple(tuple(str(cell) for cell in claim) for claim in found.claims))
    return Section(
        f"{item.place}: {item.title}",
        found.prose,
        (claims, *(as_table(frame, title) for title, frame in found.tables.items())),
        tuple(Figure(drawing.svg, drawing.caption) for drawing in found.figures.values()),
    )


def as_table(frame: pd.DataFrame, title: str) -> Table:
    """The first rows of a table, numbers to four digits."""
    shown = frame.head(ROWS_SHOWN)
    columns = []
    for name in shown.columns:
        whole, number = pd.api.types.is_integer_dtype(shown[name]), pd.api.types.is_float_dtype(shown[name])
        columns.append(Column(str(name).replace("_", " "), "d" if whole else ".4g" if number else ""))
    cells = [
        tuple(_cell(value, column.format) for value, column in zip(row, columns, strict=True))
        for row in shown.itertuples(index=False)
    ]
    more = (
        f"; the first {len(shown)} of {len(frame):,} rows, all of them in {title}.csv"
        if len(frame) > len(shown)
        else ""
    )
    return Table(tuple(columns), tuple(cells), f"{title.replace('_', ' ')}{more}")


def _cell(value: object, form: str) -> str | int | float | bool | None:
    if value is None or value is pd.NA:
        return None
    if form == "d":
        return int(str(value))
    if form:
        return float(str(value))
    return "" if value != value else str(value)
