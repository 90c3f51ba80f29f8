"""The table of human genes against the landmark genes, which come from other tables, and against itself."""

import re
from collections import Counter

import pytest

from drugripple.genes.human import human_gene, human_genes
from drugripple.genes.space import GeneSpace
from drugripple.genes.symbols import SymbolMap

LANDMARKS = SymbolMap.landmarks()


def test_ids_are_those_that_the_tables_of_l1000_have() -> None:
    """Three symbols changed since, and the Ensembl id of CAST."""
    table = {gene.symbol: gene for gene in human_genes()}
    assert [gene.symbol for gene in LANDMARKS.genes if gene.symbol not in table] == ["KIAA0100", "SKIV2L", "WDR61"]
    both = [(gene, table[gene.symbol]) for gene in LANDMARKS.genes if gene.symbol in table]
    assert [gene.symbol for gene, other in both if gene.entrez_id != other.entrez_id] == []
    assert [gene.symbol for gene, other in both if gene.ensembl_id != other.ensembl_id] == ["CAST"]


def test_every_gene_has_an_id_and_none_is_that_of_another() -> None:
    genes = human_genes()
    entrez = Counter(gene.entrez_id for gene in genes if gene.entrez_id)
    ensembl = Counter(gene.ensembl_id for gene in genes if gene.ensembl_id)
    assert len(genes) > 20_000
    assert min(len(entrez), len(ensembl)) > 20_000
    assert {*entrez.values(), *ensembl.values()} == {1}
    assert all(gene.entrez_id or gene.ensembl_id for gene in genes)
    assert all(re.fullmatch(r"ENSG\d{11}", one) for one in ensembl)
    assert all(re.fullmatch(r"[1-9]\d*", one) for one in entrez)


def test_every_former_symbol_is_that_of_one_gene_and_no_current_one() -> None:
    former = Counter(name.upper() for gene in human_genes() for name in gene.previous)
    assert len(former) > 8_000
    assert set(former.values()) == {1}
    assert not {gene.symbol.upper() for gene in human_genes()} & set(former)
    assert human_gene("B3GNT1") is None  # two genes had it


@pytest.mark.parametrize(
    ("space", "asked", "symbols"),
    [
        (("C9orf3",), ("AOPEP", "84909", "ENSG00000148120"), ("C9orf3",) * 3),
        (("AOPEP",), ("C9orf3", "c9ORF3", "84909"), ("AOPEP",) * 3),
        (("HLA.A",), ("HLA-A", "HLA.A..3105.", "3105"), ("HLA.A",) * 3),
        (("HLA.DRA", "CD97"), ("HLA-DRA", "3122", "ADGRE5"), ("HLA.DRA", "HLA.DRA", "CD97")),
        (("C2orf48", "RRM2"), ("RRM2", "C2orf48", "6241"), ("RRM2", "C2orf48", "RRM2")),
        (("B3GNT1",), ("B3GNT1", "B4GAT1", "11041"), ("B3GNT1", "B4GAT1", "B4GAT1")),
        (("SKIC2",), ("SKIC2", "SKIV2L", "6499"), ("SKIC2",) * 3),
        (("SKIC2", "SKIV2L"), ("SKIC2", "SKIV2L", "6499"), ("SKIC2", "SKIV2L", "SKIV2L")),
    ],
)
def test_a_gene_is_found_under_all_its_names_whatever_a_space_calls_it(
    space: tuple[str, ...], asked: tuple[str, ...], symbols: tuple[str, ...]
) -> None:
    known = LANDMARKS.with_symbols(GeneSpace(space))
    assert tuple(known.resolve([name]).symbols[0] for name in asked) == symbols


def test_two_former_symbols_of_one_gene_share_its_names() -> None:
    """Which of the two is the gene that it is now is not known."""
    gene = next(gene for gene in human_genes() if len(gene.previous) > 1)
    known = LANDMARKS.with_symbols(GeneSpace(gene.previous[:2]))
    resolution = known.resolve([*gene.previous[:2], gene.symbol, gene.entrez_id])
    assert resolution.symbols == (*gene.previous[:2], "", "")
    assert resolution.ambiguous == {gene.symbol: gene.previous[:2], gene.entrez_id: gene.previous[:2]}


def test_no_name_of_a_landmark_gene_is_one_of_another_gene() -> None:
    own = {name.upper(): gene for gene in LANDMARKS.genes for name in (gene.symbol, *gene.previous)}
    shared = (
        (own[name.upper()], gene)
        for gene in human_genes()
        for name in (gene.symbol, *gene.previous)
        if name.upper() in own
    )
    assert all(landmark.entrez_id == gene.entrez_id for landmark, gene in shared)
