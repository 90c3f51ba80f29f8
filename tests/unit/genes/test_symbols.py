from pathlib import Path

import pytest

from drugripple.errors import GeneSpaceError, SourceError
from drugripple.genes.human import Gene
from drugripple.genes.space import GeneSpace
from drugripple.genes.symbols import GeneNaming, SymbolMap, naming_of

SMALL = SymbolMap(
    (
        Gene("AARS1", "16", "ENSG00000090861", previous=("AARS",)),
        Gene("TWIN1", "101", "ENSG00000000101", aliases=("TWIN", "OLD")),
        Gene("TWIN2", "102", "ENSG00000000102", previous=("OLD",), aliases=("TWIN", "AARS1")),
        Gene("SEPTIN7", "989", "ENSG00000122545", previous=("SEPT7",)),
        Gene("C1orf112", "55732", "ENSG00000000460"),
    )
)
HGNC = """hgnc_id\tsymbol\tname\tstatus\talias_symbol\tprev_symbol\tentrez_id\tensembl_gene_id
HGNC:20\tAARS1\talanyl-tRNA synthetase 1\tApproved\t"CMT2N|AlaRS"\tAARS\t16\tENSG00000090861
HGNC:37133\tA1BG-AS1\tA1BG antisense RNA 1\tApproved\tFLJ23569\t"NCRNA00181|A1BGAS"\t503538\tENSG00000268895
HGNC:1\tGONE\twithdrawn\tEntry Withdrawn\t\t\t\t
"""


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("AARS1", "AARS1"),
        (" aars1 ", "AARS1"),
        ("AARS", "AARS1"),
        ("ENSG00000090861", "AARS1"),
        ("ENSG00000090861.18", "AARS1"),
        ("16", "AARS1"),
        ("16.0", "AARS1"),
        ("NEWNAME (16)", "AARS1"),
        ("AARS (ENSG00000090861)", "AARS1"),
        ("AARS|16", "AARS1"),
        ("AARS|?", "AARS1"),
        ("C1ORF112", "C1orf112"),
        ("OLD", "TWIN2"),
        ("ENSG00000090861.18_AARS1", "AARS1"),
        ("AARS_ENSG00000090861", "AARS1"),
        ("ENSG00000090861.18|AARS", "AARS1"),
        ("AARS|ENSG00000090861", "AARS1"),
        ("ENST00000261772.9|ENSG00000090861.18|OTTHUMG1|-|NEW-201|NEW|101|protein_coding|", "AARS1"),
        ("hg38_AARS", "AARS1"),
        ("GRCh38______AARS1", "AARS1"),
        ("mm10___Aars1", ""),
        ("16_at", "AARS1"),
        ("ENSG00000090861_at", "AARS1"),
        ("AARS..16.", "AARS1"),
        ("X16", "AARS1"),
        ("x16", ""),
        ("gene:ENSG00000090861", "AARS1"),
        ("gene-AARS1", "AARS1"),
        ("AARS1 /// AARS1", "AARS1"),
        ("AARS1 /// AARS", "AARS1"),
        ("AARS.16", ""),
        ("ENSG00000999999.16", ""),
        ("ENSG00000999999-16", ""),
        ("ENSG00000999999.3_16", ""),
        ("16_ENSG00000999999", ""),
        ("ENSG00000090861_PAR_Y", ""),
        ("ENSG00000090861.18_PAR_Y", ""),
        ("BRAF", ""),
    ],
)
def test_every_spelling_of_a_gene_is_its_current_symbol(name: str, symbol: str) -> None:
    assert SMALL.resolve([name]).symbols == (symbol,)


def test_alias_of_two_genes_is_ambiguous_and_not_mapped() -> None:
    resolution = SMALL.resolve(["TWIN", "AARS1"])
    assert resolution.ambiguous == {"TWIN": ("TWIN1", "TWIN2")}
    assert resolution.symbols == ("", "AARS1")


def test_probe_of_several_genes_is_ambiguous_even_if_one_is_unknown() -> None:
    resolution = SMALL.resolve(["AARS1 /// BRAF", "SEPT7;AARS1", "BRAF /// KRAS"])
    assert resolution.ambiguous == {"AARS1 /// BRAF": ("AARS1", "BRAF"), "SEPT7;AARS1": ("SEPTIN7", "AARS1")}
    assert resolution.unknown == ("BRAF /// KRAS",)


def test_number_of_a_probe_set_is_no_entrez_id() -> None:
    assert SMALL.resolve(["16_at", "989_at"]).symbols == ("AARS1", "SEPTIN7")
    assert SMALL.resolve(["16_at", "1007_s_at"]).symbols == ("", "")


@pytest.mark.parametrize("written", ["{} ({})", "{}..{}."])
def test_a_short_number_in_brackets_is_an_id_only_where_no_symbol_says_otherwise(written: str) -> None:
    known = SymbolMap((Gene("A2M", "2", ""), Gene("TP53", "7157", "")))
    asked = [("TP53", "2"), ("A2M", "2"), ("NEW", "2"), ("A2M", "7157")]
    assert [known.resolve([written.format(*one)]).symbols[0] for one in asked] == ["TP53", "A2M", "A2M", "TP53"]


def test_dots_for_hyphens_are_understood() -> None:
    hla = SymbolMap((Gene("HLA-A", "3105", "ENSG00000206503"),))
    assert hla.resolve(["HLA.A", "HLA-A"]).superseded == {"HLA.A": "HLA-A"}
    assert hla.resolve(["HLA.A"]).symbols == hla.resolve(["HLA.A..9."]).symbols == ("HLA-A",)


def test_current_symbol_supersedes_the_old_one() -> None:
    resolution = SMALL.resolve(["AARS", "AARS1"])
    assert resolution.symbols == ("", "AARS1")
    assert resolution.superseded == {"AARS": "AARS1"}
    assert resolution.duplicates == {}


def test_two_names_of_one_gene_are_duplicates() -> None:
    assert SMALL.resolve(["AARS1", "OLD", "aars1"]).duplicates == {"AARS1": ("AARS1", "aars1")}
    assert SMALL.resolve(["16", "ENSG00000090861"]).duplicates == {"AARS1": ("16", "ENSG00000090861")}


def test_spreadsheet_dates_are_named_with_what_they_were() -> None:
    resolution = SMALL.resolve(["7-Sep", "Mar-01", "2024-12-01", "SEPT7"])
    assert resolution.mangled == {"7-Sep": ("SEPTIN7",), "Mar-01": ("MARCHF1", "MTARC1"), "2024-12-01": ("DELEC1",)}
    assert resolution.symbols == ("", "", "", "SEPTIN7")
    assert resolution.unknown == ()


def test_serial_days_among_symbols_are_dates_but_among_entrez_ids_they_are_ids() -> None:
    assert SMALL.resolve(["AARS1", "SEPT7", "44256"]).mangled == {"44256": ("MARCHF1", "MTARC1")}
    assert SMALL.resolve(["16", "989", "44256"]).mangled == {}


def test_missing_genes_are_those_wanted() -> None:
    assert SMALL.resolve(["AARS"]).missing == ("TWIN1", "TWIN2", "SEPTIN7", "C1orf112")
    assert SMALL.resolve(["AARS"], GeneSpace(("AARS1", "TWIN1"))).missing == ("TWIN1",)


def test_naming_is_that_of_most_names() -> None:
    assert naming_of(["16", "989", "AARS1"]) == GeneNaming.ENTREZ
    assert naming_of(["ENSG00000090861.2", "ensg00000000101", "16"]) == GeneNaming.ENSEMBL
    assert naming_of(["AARS1"]) == GeneNaming.SYMBOL


def test_repeated_symbol_in_a_map_is_refused() -> None:
    with pytest.raises(GeneSpaceError, match="1 gene symbols repeat"):
        SymbolMap((Gene("MYC", "1", ""), Gene("MYC", "2", "")))


def test_landmarks_are_the_978_under_all_their_names() -> None:
    landmarks = SymbolMap.landmarks()
    assert len(landmarks.genes) == 978
    assert landmarks.space.symbols[:3] == ("DDR1", "PAX8", "RPS5")
    assert landmarks.resolve(["WRB", "TSTA3", "GPR56", "ENSG00000141510.9", "7157", "SKIC2"]).symbols == (
        "GET1",
        "GFUS",
        "ADGRG1",
        "TP53",
        "TP53",
        "SKIV2L",
    )


def test_every_landmark_name_means_one_gene() -> None:
    landmarks = SymbolMap.landmarks()
    for gene in landmarks.genes:
        for name in (gene.symbol, gene.entrez_id, gene.ensembl_id, *gene.previous):
            assert landmarks.resolve([name]).symbols == (gene.symbol,), name


def test_published_landmark_order_and_aliases_agree(shared_data: Path) -> None:
    import pandas as pd

    genes = pd.read_parquet(shared_data / "l1000" / "genes.parquet")
    landmarks = SymbolMap.landmarks()
    for column in ("symbol", "symbol_gse92742", "symbol_lincs2020", "ensembl_id"):
        assert landmarks.resolve(list(genes[column])).symbols == tuple(genes["symbol"]), column


def test_hgnc_table_is_read(tmp_path: Path) -> None:
    (tmp_path / "hgnc.txt").write_text(HGNC)
    known = SymbolMap.from_hgnc(tmp_path / "hgnc.txt")
    assert known.space.symbols == ("AARS1", "A1BG-AS1")
    assert known.resolve(["AlaRS"]).symbols == ("AARS1",)
    assert known.resolve(["NCRNA00181"]).symbols == ("A1BG-AS1",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"gene,other\n1,2\n", r"lacks the columns \['symbol', 'alias_symbol', 'prev_symbol', 'entrez_id', 'ensembl"),
        (HGNC.splitlines()[0].encode(), "lacks any approved gene"),
        (b"\xff\xfe\x00", "cannot be read as HGNC's complete set"),
        (None, "cannot be read as HGNC's complete set.*No such file"),
    ],
    ids=["other table", "no row", "not text", "absent"],
)
def test_other_file_than_hgnc_is_refused(tmp_path: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / "hgnc.txt").write_bytes(content)
    with pytest.raises(SourceError, match=message):
        SymbolMap.from_hgnc(tmp_path / "hgnc.txt")
