import pytest

from drugripple.genes.spellings import genes_before_excel, genes_before_serial, is_excel_date, written_as_mouse


@pytest.mark.parametrize(
    ("name", "genes"),
    [
        ("1-Mar", ("MARCHF1", "MTARC1")),
        ("9月9日", ("SEPTIN9",)),
        ("2021年3月1日", ("MARCHF1", "MTARC1")),
        ("11-SEP", ("SEPTIN11",)),
        ("Sep-09", ("SEPTIN9",)),
        ("2-Mar-2024", ("MARCHF2", "MTARC2")),
        ("2023-09-02 00:00:00", ("SEPTIN2",)),
        ("1-Dec", ("DELEC1",)),
        ("4-Oct", ("POU2F4", "SLC22A4")),
        ("3-Feb", ()),
        ("2024-13-02", ()),
        ("1. Mrz", ("MARCHF1", "MTARC1")),
        ("01.Mär", ("MARCHF1", "MTARC1")),
        ("1-mars", ("MARCHF1", "MTARC1")),
        ("2-sept", ("SEPTIN2",)),
        ("2-set", ("SEPTIN2",)),
        ("1-dic", ("DELEC1",)),
        ("1-dez.", ("DELEC1",)),
        ("4-ott", ("POU2F4", "SLC22A4")),
        ("3/1/2024", ("MARCHF1", "MTARC1")),
        ("09.05.24", ("SEPTIN5",)),
    ],
)
def test_dates_are_recognised_with_their_genes(name: str, genes: tuple[str, ...]) -> None:
    assert is_excel_date(name)
    assert genes_before_excel(name) == genes


@pytest.mark.parametrize("name", ["SEPT1", "MARCH1", "MARCHF1", "NOV", "1-8U", "HLA-A", "DEC1", "7157", "", "2-Mar-x"])
def test_gene_names_are_no_dates(name: str) -> None:
    assert not is_excel_date(name)
    assert genes_before_excel(name) == ()


def test_a_serial_day_is_the_gene_of_its_date() -> None:
    assert genes_before_serial("44256") == ("MARCHF1", "MTARC1")  # 2021-03-01
    assert genes_before_serial("45176.0") == ("SEPTIN7",)  # 2023-09-07
    assert genes_before_serial("44255") == ()  # 2021-02-28
    assert genes_before_serial("7157") == ()


def test_lower_case_and_capitals_are_not_taken_for_mouse() -> None:
    assert written_as_mouse(["Trp53", "Egfr", "H2-K1", "TP53", "Myc"])
    assert not written_as_mouse(["tp53", "egfr", "myc"])
    assert not written_as_mouse([])
