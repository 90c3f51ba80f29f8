"""GMT files."""

import pytest

from drugripple.errors import SourceError
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.public.genesets import read_gmt, to_symbols

WIKI = "Cell cycle%WikiPathways_20240410%WP179%Homo sapiens\thttps://x/WP179\t780\t7849\t780\n"


def test_sets_keep_their_order_and_lose_repeats(tmp_path):
    path = tmp_path / "x.gmt"
    path.write_text("B set\tnote\tPAX8\tDDR1\tPAX8\t\n\nA set\t\tDDR1\n")
    assert read_gmt(path) == {"B set": ("PAX8", "DDR1"), "A set": ("DDR1",)}


def test_wikipathways_names_are_readable_and_numbers_become_symbols(tmp_path):
    path = tmp_path / "x.gmt"
    path.write_text(WIKI)
    sets = read_gmt(path)
    assert sets == {"Cell cycle WP179": ("780", "7849")}
    assert to_symbols(sets, SymbolMap.landmarks()).sets == {"Cell cycle WP179": ("DDR1", "PAX8")}


def test_unknown_members_and_empty_sets_are_left_out_and_listed():
    sets = {"a": ("TSTA3", "nonsense", "GFUS"), "b": ("nonsense",)}
    known = to_symbols(sets, SymbolMap.landmarks())
    assert known.sets == {"a": ("GFUS",)}
    assert to_symbols({"a": ("TSTA3",), "b": ("GFUS",)}, SymbolMap.landmarks()).sets == {"a": ("GFUS",), "b": ("GFUS",)}
    assert known.dropped.to_numpy().tolist() == [
        ["no known gene", "nonsense", 2],
        ["a set without a known gene", "b", 1],
    ]


def test_a_line_ends_at_a_line_feed_only_and_blank_lines_count(tmp_path):
    path = tmp_path / "x.gmt"
    path.write_text("a\u2028b\tnote\tDDR1\n\n\nc\tnote\n", encoding="utf-8")
    with pytest.raises(SourceError, match="line 4: expected a name, a description and genes"):
        read_gmt(path)
    path.write_text("a\u2028b\tno\x85te\tDDR1\r\n", encoding="utf-8")
    assert read_gmt(path) == {"a\u2028b": ("DDR1",)}


def test_sets_without_any_known_gene_are_refused():
    with pytest.raises(SourceError, match=r"none of 1 members \(\['nonsense'\]\) of 1 gene sets"):
        to_symbols({"b": ("nonsense",)}, SymbolMap.landmarks())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("\n\n", "has no gene set"),
        ("a\tnote\tX\nb\tnote\n", "line 2: expected a name, a description and genes"),
        ("a,note,X\n", "line 1: expected a name"),
        ("a\tnote\tX\na\tnote\tY\n", "line 2: a second set is called 'a'"),
    ],
)
def test_damaged_files_are_refused(tmp_path, text, reason):
    path = tmp_path / "x.gmt"
    path.write_text(text)
    with pytest.raises(SourceError, match=reason):
        read_gmt(path)


@pytest.mark.shared
def test_the_pathways_that_the_paper_names_are_there(shared_data):
    """DATA.md: 746 sets; the WikiPathways ids of the paper are all present."""
    sets = read_gmt(shared_data / "prior" / "wikipathways_human_20220613.gmt")
    assert len(sets) == 746
    for number in ("WP531", "WP466", "WP4753", "WP45", "WP4216", "WP4263"):
        assert any(name.endswith(f" {number}") for name in sets)
