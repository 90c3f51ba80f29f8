"""Workbooks as rows of text; a cell whose content is not in the file is refused by its name."""

import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from drugripple.errors import SourceError
from drugripple.sources.user.workbook import sheet_head, workbook_rows

WORDS = st.text(alphabet="abc =+1", min_size=1, max_size=6).filter(lambda text: text.strip() == text)


def save(path: Path, rows: list[list[str]], *, formulas: bool) -> None:
    """Text that begins like a formula is one, or is kept as text."""
    book = Workbook()
    for i, row in enumerate(rows, start=1):
        for j, text in enumerate(row, start=1):
            cell = book.active.cell(i, j)
            cell.value = text
            if not formulas and isinstance(text, str) and text.startswith("="):
                cell.data_type = "s"
    book.save(path)


@given(rows=st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=5), formulas=st.booleans())
@settings(max_examples=60, deadline=None)
def test_every_text_comes_back_or_its_cell_is_named(tmp_path_factory, rows, formulas):
    path = tmp_path_factory.mktemp("book") / "x.xlsx"
    table = [["name", "note"], *map(list, rows)]
    save(path, table, formulas=formulas)
    lost = [f"{'AB'[j]}{i}" for i, row in enumerate(table, 1) for j, text in enumerate(row) if _is_formula(text)]
    if formulas and lost:
        with pytest.raises(SourceError, match=rf"no value \(\['{lost[0]}: =.*save it again"):
            list(workbook_rows(path))
    else:
        assert [list(cells) for _, cells in workbook_rows(path)] == table


def _is_formula(text: str) -> bool:
    return text.startswith("=") and len(text) > 1


def test_a_formula_whose_value_the_file_holds_is_read_as_its_value(tmp_path):
    save(tmp_path / "x.xlsx", [["name", "n"], ["=1+2", "a"]], formulas=True)
    book = load_workbook(tmp_path / "x.xlsx")
    book.save(tmp_path / "x.xlsx")
    whole = tmp_path / "whole.xlsx"
    with zipfile.ZipFile(tmp_path / "x.xlsx") as old, zipfile.ZipFile(whole, "w") as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename.endswith("sheet1.xml"):
                content = content.replace(b"<v></v>", b"<v>3</v>").replace(b"<v />", b"<v>3</v>")
            new.writestr(part, content)
    assert [cells for _, cells in workbook_rows(whole)] == [("name", "n"), ("3", "a")]


def test_a_formula_that_failed_is_refused_by_its_cell(tmp_path):
    save(tmp_path / "x.xlsx", [["name", "n"], ["#REF!", "a"]], formulas=True)
    with pytest.raises(SourceError, match=r"1 cell holds a formula that has no value \(\['A2: #REF!'\]\)"):
        list(workbook_rows(tmp_path / "x.xlsx"))


def test_a_workbook_that_unpacks_to_any_size_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("drugripple.sources.user.workbook.BYTES_AT_MOST", 3 << 20)
    save(tmp_path / "x.xlsx", [["name", "n"], ["a" * 30_000, "b"], *[["c", "d" * 30_000 + str(i)] for i in range(120)]],
         formulas=True)  # fmt: skip
    assert (tmp_path / "x.xlsx").stat().st_size < 1 << 20
    with pytest.raises(SourceError, match=r"it unpacks to 3 MiB; expected at most 3; export its sheet as csv"):
        list(workbook_rows(tmp_path / "x.xlsx"))


@given(
    titles=st.lists(WORDS.filter(lambda text: "=" not in text), max_size=3),
    blank=st.integers(0, 2),
    before=st.lists(WORDS.filter(lambda text: "=" not in text), max_size=1),
)
@settings(max_examples=25, deadline=None)
def test_titles_and_a_sheet_of_words_are_told_and_take_no_row(tmp_path_factory, titles, blank, before):
    path = tmp_path_factory.mktemp("book") / "x.xlsx"
    table = [["id", "name", "smiles"], ["D1", "ethanol", "CCO"], ["D2", "", "CCN"], ["D3", "water", "O"]]
    book = Workbook()
    for text in before:
        book.active.append([text])
        book.create_sheet("compounds")
    sheet = book.worksheets[-1]
    for row in [*([text] for text in titles), *([] for _ in range(blank)), *table]:
        sheet.append(row)
    book.save(path)
    assert [list(cells) for _, cells in workbook_rows(path)] == table
    told = " ".join(note.text for note in sheet_head(path).notes)
    assert ("no part of the table" in told) == bool(titles)
    assert ("is read, not ['Sheet']" in told) == bool(before)


def test_a_stray_cell_in_a_list_of_structures_makes_no_titles_of_what_stands_above_it(tmp_path):
    save(tmp_path / "x.xlsx", [["smiles"], ["CCO"], ["CCN"], ["CCC", "mine"], ["CC"]], formulas=False)
    with pytest.raises(SourceError, match="row 4 has 2 cells"):
        list(workbook_rows(tmp_path / "x.xlsx"))


def test_a_header_with_a_blank_above_row_numbers_is_no_title(tmp_path):
    path = tmp_path / "x.xlsx"
    rows = [["", "smiles"], ["0", "CCO"], ["1", "CCN"], ["2", "CCC"]]
    save(path, rows, formulas=False)
    assert [list(cells) for _, cells in workbook_rows(path)] == rows
    assert sheet_head(path).notes == ()
    save(path, [["Table 3"], *rows], formulas=False)
    assert [list(cells) for _, cells in workbook_rows(path)] == rows
