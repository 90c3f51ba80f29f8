import pytest

from drugripple.errors import TableError
from drugripple.report.document import Column, Figure, Table, written


def test_a_row_with_a_missing_cell_is_refused():
    with pytest.raises(TableError, match=r"1 rows of the table 'scores' do not have 2 cells: rows \['1'\]"):
        Table((Column("drug"), Column("PCC", ".2f")), (("A", 0.1), ("B",)), "scores")


def test_text_that_is_not_svg_is_refused_as_a_figure():
    with pytest.raises(TableError, match=r"needs an SVG element, got text that begins .<img"):
        Figure("<img src='x.png'>", "")


@pytest.mark.parametrize(
    ("cell", "form", "seen"),
    [
        (-1.237, ".2f", "\u22121.24"),
        (1e-7, ".1e", "1.0e-07"),
        (float("nan"), ".3f", "\u2013"),
        (None, "d", "\u2013"),
        (False, "", "no"),
        (104310, ",d", "104,310"),
        ("Nutlin-3a (-)", ".2f", "Nutlin-3a (-)"),
        (7, "", "7"),
    ],
)
def test_cells_are_written_for_readers(cell, form, seen):
    assert written(cell, form) == seen
