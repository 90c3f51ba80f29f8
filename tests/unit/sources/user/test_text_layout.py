"""Special lines and doubtful layouts of text tables."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from drugripple.errors import DrugrippleError
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.delimited import open_text
from drugripple.sources.user.expression import examine_expression, read_expression
from drugripple.sources.user.text_lines import filled_lines

LANDMARKS = SymbolMap.landmarks()
VALUES = np.array([[5.125, 7.5], [4.25, 6.75], [3.5, 8.875]], dtype=np.float32)
"""Samples A, B and C; genes TP53 and MYC."""


def read(folder: Path, content: str, name: str = "x.txt") -> tuple[tuple[str, ...], np.ndarray, tuple[str, ...]]:
    (folder / name).write_bytes(content.encode())
    table = read_expression(folder / name, wanted=LANDMARKS.space)
    assert table.genes.symbols == ("TP53", "MYC")
    return table.samples, table.values, table.notes


GCT12 = "#1.2\n2\t3\nName\tDescription\tA\tB\tC\nTP53\tp53\t5.125\t4.25\t3.5\nMYC\tmyc\t7.5\t6.75\t8.875\n"
GCT13 = (
    "#1.3\n2\t3\t2\t2\nid\tsymbol\tbing\tA\tB\tC\ncell_id\tna\tna\tx\ty\tz\nbatch\tna\tna\t1\t1\t2\n"
    "7157\tTP53\t1\t5.125\t4.25\t3.5\n4609\tMYC\t1\t7.5\t6.75\t8.875\n"
)
ROWS = "TP53\t5.125\t4.25\t3.5\nMYC\t7.5\t6.75\t8.875\n"


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("gene_short_name\tA\tB\tC", "{gene}\t1.5\t2.5\t3.5\t2.5"),
        ("external_gene_name\tA\tB\tC", "{gene}\t1.5\t2.5\t3.5\ta description"),
        ("S1\tA\tB\tC", "{gene}\t1.5\t2.5\t3.5\ta description"),
        ("Line\tTP53\tMYC", "{gene}\t1.5\t2.5\t10"),
        ("COSMIC_ID\tTP53\tMYC", "{gene}\t1.5\t2.5\t10"),
        ("Composite Element REF\tA\tB", "{gene}\t1.5\t2.5\t10"),
    ],
)
def test_a_last_column_without_a_name_shifts_nothing(tmp_path: Path, header: str, row: str) -> None:
    """It is no column of row names as R writes them."""
    rows = "".join(row.format(gene=gene) + "\n" for gene in ("TP53", "MYC", "EGFR"))
    (tmp_path / "x.tsv").write_text(header + "\n" + rows)
    with pytest.raises(DrugrippleError, match="give every column a name"):
        read_expression(tmp_path / "x.tsv")


NAMES = [
    "gct12", "gct13", "sep", "comments", "marked header", "title", "geo", "spaces", "R", "semicolons", "quoted",
    "carriage returns", "stray quote", "missing column", "gct of a tissue", "title with a comma",
]  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        GCT12,
        GCT13.replace("bing", "title").replace("\t1\t5", "\tt\t5").replace("\t1\t7", "\tt\t7"),
        "sep=\t\ngene\tA\tB\tC\n" + ROWS,
        "# one\n# two\ngene\tA\tB\tC\n" + ROWS,
        "#gene\tA\tB\tC\n" + ROWS,
        "\n\nTable S1\n\ngene\tA\tB\tC\n" + ROWS + "\n\t\t\t\n",
        '!Series_title\t"x"\n!Series_type\t"y"\n!series_matrix_table_begin\n"ID_REF"\t"A"\t"B"\t"C"\n'
        + ROWS
        + "!series_matrix_table_end\n",
        "A B C\n" + ROWS.replace("\t", " "),
        '"A" "B" "C"\n"TP53" 5.125 4.25 3.5\n"MYC" 7.5 6.75 8.875\n',
        '"gene";"A";"B";"C"\n"TP53";5,125;4,25;3,5\n"MYC";7,5;6,75;8,875\n',
        'gene,A,B,C\nTP53,"5,125","4,25","3,5"\nMYC,"7,5","6,75","8,875"\n',
        "gene\tA\tB\tC\n" + ROWS.replace("\n", "\r"),
        "gene\tA\tB\tC\n" + ROWS.replace("TP53\t5", '"TP53\t5'),
        "gene\tA\tB\tC\tD\n" + ROWS.replace("\n", "\tNA\n").replace("8.875\tNA", "8.875\t6.5"),
        "#1.2\n2\t3\nid\tName\tDescription\tA\tB\tC\n0\tENSG1\tTP53\t5.125\t4.25\t3.5\n1\tENSG2\tMYC\t7.5\t6.75\t8.875\n",
        "Table S3. Expression, log2 RMA\n\ngene,A,B,C\n" + ROWS.replace("\t", ","),
    ],
    ids=NAMES,
)
def test_special_lines_are_understood(tmp_path: Path, content: str) -> None:
    if "\tD\n" in content:
        with pytest.raises(DrugrippleError, match=r"1 value is missing in 1 of 2 genes .*sample 'D'"):
            read(tmp_path, content)
        return
    samples, values, _ = read(tmp_path, content)
    assert samples == ("A", "B", "C")
    np.testing.assert_array_equal(values, VALUES)


def _written(folder: Path, content: str) -> Path:
    (folder / "x.txt").write_text(content)
    return folder / "x.txt"


def test_skipped_lines_are_listed(tmp_path: Path) -> None:
    *_, notes = read(tmp_path, "# made by x\n# on Monday\ngene\tA\tB\tC\n" + ROWS)
    assert "2 lines above the header are no part of the table: ['# made by x', '# on Monday']" in notes


def test_further_names_of_columns_are_kept(tmp_path: Path) -> None:
    content = GCT13.replace("cell_id", "model_id")
    matrix = examine_expression(_written(tmp_path, content), wanted=LANDMARKS.space).layout.matrix
    assert matrix.row_labels["model_id"][-3:] == ("x", "y", "z")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("#1.2\n3\t3\n" + GCT12.split("\n", 2)[2], "it has 2 rows; expected 3, as its second line says"),
        ("#1.2\n2\t4\n" + GCT12.split("\n", 2)[2], "its header has 5 names; expected 6"),
        ("#1.2\n", "it is cut short"),
        ("# nothing\n# else\n", "it has nothing but comments"),
        ("gene\tA\tB\n" + ROWS, "the header in line 1 has 3 names, but the rows below it have 4 fields"),
        ("gene\tA\tB\tC\tD\n" + ROWS, "the header in line 1 has 5 names, but the rows below it have 4 fields"),
        ("gene;A;B\nTP53;5,125;4,250\nMYC;7,500;6,750\n", "commas may be decimal marks or part thousands"),
        ("gene;A;B\nTP53;1.234,5;4,25\nMYC;7,5;6,75\nEGFR;7,5;6,5\n", "1 value is not a number .first: '1.234,5'"),
        ("TP53\t512\t33\t33\nMYC\t7\t6\t9\n", "it has no header: its first line holds numbers"),
        ("TP53\t512\t33\t34\nMYC\t7\t6\t9\nEGFR\t1\t2\t3\n", "it has no header: its first line holds a gene and"),
        ("A375\t5.5\t7.25\nK-562\t4.5\t6.5\n", "it has no header: its first line holds numbers"),
        ("gene,A,B\nTP53,5.5,6.5\nMYC,7.5\n", "line 3 has 2 fields; expected 3, as the header"),
        ('gene,A,B\nTP53,5.5,6.5\n"MYC,7.5,8.5\nEGFR,1.5,2.5\n', "line 3 opens a quote that it does not close"),
        ("gene,A,B\nTP53,1_000,6.5\nMYC,7.5,3.5\nEGFR,7.5,3.5\n", "1 value is not a number .first: '1_000'"),
        ("s,0,1,2\nA,5.5,6.5,3.5\nB,7.5,3.5,4.5\n", "no gene is known"),
        ("gene,A,B\nTP53,5.5,6.5,\nMYC,7.5,3.5,1\n", "line 3 has a value behind the last named column|4 fields"),
    ],
)
def test_doubtful_layouts_are_refused_by_what_is_wrong(tmp_path: Path, content: str, told: str) -> None:
    with pytest.raises(DrugrippleError, match=told):
        read_expression(_written(tmp_path, content), wanted=LANDMARKS.space)


def test_line_numbers_are_those_of_an_editor(tmp_path: Path) -> None:
    path = _written(tmp_path, "# comment\n\ngene,A,B\n\nTP53,5.5,6.5\n\n\nMYC,7.5,3.5\n")
    assert [row.line for row in open_text(path).rows()] == [5, 8]


def test_separators_that_are_characters_end_no_line(tmp_path: Path) -> None:
    path = _written(tmp_path, "gene,A\u2028B,C\x85D\nTP53,5.5,6.5\n")
    assert open_text(path).header == ("gene", "A\u2028B", "C\x85D")


def test_a_column_of_samples_that_mixes_text_and_numbers_is_refused_by_name(tmp_path: Path) -> None:
    content = "gene;A;B\nTP53;1.234,5;4,25\nMYC;7,5;6,75\n"
    with pytest.raises(DrugrippleError, match=r"1 column holds text and numbers by turns .*A: '1\.234,5'"):
        read(tmp_path, content)


def test_endless_blank_lines_are_refused_by_their_place(tmp_path, monkeypatch):
    monkeypatch.setattr("drugripple.sources.user.text_lines.MOST_BLANK_LINES", 100)
    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress(b"gene,A\nTP53,1\n" + b"\n" * 100 + b"MYC,2\n"))
    assert [line.number for line in filled_lines(path)] == [1, 2, 103]
    path.write_bytes(gzip.compress(b"gene,A\nTP53,1\n" + b"\n" * 101 + b"MYC,2\n"))
    with pytest.raises(DrugrippleError, match="more than 100 blank lines stand behind line 2"):
        list(filled_lines(path))


@pytest.mark.parametrize("word", ["na", "", "NaN", "7"])
def test_descriptions_of_a_gct_are_no_sample_whatever_stands_in_them(tmp_path: Path, word: str) -> None:
    lines = ["#1.2", "3\t2", "NAME\tDescription\tA\tB"]
    lines += [f"{gene}\t{word}\t2.5\t3.5" for gene in ("TP53", "MYC", "EGFR")]
    (tmp_path / "x.gct").write_text("\n".join(lines) + "\n")
    assert read_expression(tmp_path / "x.gct", wanted=LANDMARKS.space).samples == ("A", "B")
