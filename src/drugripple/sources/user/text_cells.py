"""What is said of text among the numbers of an expression file."""

import re

from drugripple.errors import counted
from drugripple.sources.user.expression_layout import ExpressionLayout
from drugripple.sources.user.findings import Finding, Level, Topic
from drugripple.sources.user.matrix import TEXT_CELLS_AT_MOST

SHOWN = 5
PARTED = re.compile(r"[-+]?\d{1,3}(?:['\u2019\s.,]\d{3})+(?:[.,]\d+)?")
"""A number with marks of thousands."""


def text_among_numbers(layout: ExpressionLayout) -> Finding:
    """The problem of cells that hold no number, with the first of them and what to do."""
    cells = layout.text_cells
    shown = [f"{cell.text!r} for {layout.place(cell.row, cell.column)}" for cell in cells[:SHOWN]]
    what = counted(len(cells), "value is not a number", "values are not numbers")
    at_least = "at least " if len(cells) >= TEXT_CELLS_AT_MOST else ""
    parted = all(PARTED.fullmatch(cell.text) for cell in cells)
    advice = "save it without marks of thousands" if parted else "correct them or delete that row or column"
    return Finding(Level.PROBLEM, Topic.VALUES, f"{at_least}{what} (first: {'; '.join(shown)})", advice)
