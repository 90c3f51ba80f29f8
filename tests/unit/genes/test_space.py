import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drugripple.errors import GeneSpaceError
from drugripple.genes.space import GeneSpace

SPACE = GeneSpace(("TP53", "EGFR", "MYC", "SPAG7", "PAX8"))


def test_repeats_are_refused_by_name():
    with pytest.raises(GeneSpaceError, match=r"2 gene symbols repeat: \['A', 'B'\]"):
        GeneSpace(("A", "B", "A", "C", "B"))


def test_an_empty_symbol_is_refused_by_number():
    with pytest.raises(GeneSpaceError, match="gene 1 has an empty symbol"):
        GeneSpace(("A", " "))


def test_no_genes_are_refused():
    with pytest.raises(GeneSpaceError, match="at least one"):
        GeneSpace(())


def test_unknown_symbols_are_named_and_counted():
    with pytest.raises(GeneSpaceError, match=r"2 of 3 genes are not among the 5 of this space: \['KRAS', 'ALK'\]"):
        SPACE.positions(["KRAS", "MYC", "ALK"])


def test_the_digest_is_of_the_ordered_symbols():
    assert GeneSpace(("B", "A")).digest == hashlib.sha256(b"B\nA").hexdigest()
    assert GeneSpace(("A", "B")).digest != GeneSpace(("B", "A")).digest


def test_shared_genes_keep_the_order_of_the_first():
    assert SPACE.shared_with(GeneSpace(("PAX8", "TP53", "KRAS"))).symbols == ("TP53", "PAX8")


def test_nothing_shared_is_refused_with_examples_of_both():
    with pytest.raises(GeneSpaceError, match=r"\['TP53', .*\['ENSG1'\].*current HGNC symbols"):
        SPACE.shared_with(GeneSpace(("ENSG1",)))


@given(st.permutations(SPACE.symbols))
def test_positions_find_what_was_asked_in_any_order(wanted):
    assert [SPACE.symbols[i] for i in SPACE.positions(wanted)] == list(wanted)
