import io
from pathlib import Path

import pytest
from rich.console import Console

from drugripple.errors import SourceError
from drugripple.sources.user.doctor_tables import as_tables, as_text, doctor


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    (tmp_path / "[odd] name.csv").write_text("id,smiles\nA,CCO\n[red]B,xx\n")
    return [tmp_path / "[odd] name.csv", tmp_path / "absent.csv"]


def test_terminal_table_shows_every_finding_as_written(files: list[Path]) -> None:
    console = Console(file=io.StringIO(), width=300)
    for table in as_tables(doctor(files)):
        console.print(table)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "[odd] name.csv: usable" in shown
    assert "absent.csv: not usable as it is" in shown
    assert "compound '[red]B' with SMILES 'xx'" in shown


def test_plain_text_is_one_line_a_finding(files: list[Path]) -> None:
    lines = as_text(doctor(files)).splitlines()
    assert lines[0].endswith("[odd] name.csv: usable")
    assert "  fine    structures: 1 of 2 can be used" in lines
    assert lines[-1].startswith("  problem file: ")


def test_hgnc_table_widens_the_names_that_are_understood(tmp_path: Path) -> None:
    columns = "symbol\tstatus\talias_symbol\tprev_symbol\tentrez_id\tensembl_gene_id\n"
    (tmp_path / "hgnc.txt").write_text(columns + "TP53\tApproved\tp53\t\t7157\tENSG00000141510\n")
    (tmp_path / "x.csv").write_text("sample,p53,other\na,3.5,4.5\nb,5.5,6.25\n")
    assert not doctor([tmp_path / "x.csv"]).healthy
    assert doctor([tmp_path / "x.csv"], hgnc=tmp_path / "hgnc.txt").healthy
    with pytest.raises(SourceError, match="expected HGNC's"):
        doctor([], hgnc=tmp_path / "x.csv")
