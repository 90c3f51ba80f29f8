"""Ensembl ids against those of the landmark genes, which come from other tables."""

import re

from drugripple.genes.ensembl import ensembl_ids
from drugripple.genes.symbols import SymbolMap


def test_ids_are_those_that_the_tables_of_l1000_have():
    known = {gene.symbol: gene.ensembl_id for gene in SymbolMap.landmarks().genes}
    both = [symbol for symbol in known if symbol in ensembl_ids()]
    assert len(both) == 975
    assert [symbol for symbol in both if ensembl_ids()[symbol] != known[symbol]] == ["CAST"]  # its id changed since


def test_every_symbol_has_an_id_of_its_own():
    ids = ensembl_ids()
    assert len(ids) > 19_000
    assert len(set(ids.values())) == len(ids)
    assert all(re.fullmatch(r"ENSG\d{11}", one) for one in ids.values())
