import pytest

from drugripple.genes.excel_dates import genes_before_excel, is_excel_date


@pytest.mark.parametrize(
    ("name", "genes"),
    [
        ("1-Mar", ("MARCHF1", "MTARC1")),
        ("11-SEP", ("SEPTIN11",)),
        ("Sep-09", ("SEPTIN9",)),
        ("2-Mar-2024", ("MARCHF2", "MTARC2")),
        ("2023-09-02 00:00:00", ("SEPTIN2",)),
        ("1-Dec", ("DELEC1",)),
        ("4-Oct", ("POU2F4", "SLC22A4")),
        ("3-Feb", ()),
        ("2024-13-02", ()),
    ],
)
def test_dates_are_recognised_with_their_genes(name: str, genes: tuple[str, ...]) -> None:
    assert is_excel_date(name)
    assert genes_before_excel(name) == genes


@pytest.mark.parametrize("name", ["SEPT1", "MARCH1", "MARCHF1", "NOV", "1-8U", "HLA-A", "DEC1", "7157", "", "2-Mar-x"])
def test_gene_names_are_no_dates(name: str) -> None:
    assert not is_excel_date(name)
    assert genes_before_excel(name) == ()
