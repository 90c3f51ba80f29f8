"""STRING's files to pairs of genes."""

import gzip

import pytest

from drugripple.errors import SourceError
from drugripple.genes.space import GeneSpace
from drugripple.sources.public import string_db as string_ppi
from drugripple.sources.public.string_db import build_prior, read_links
from drugripple.sources.public.tidy import read_prior

INFO = (
    "#string_protein_id\tpreferred_name\tprotein_size\tannotation\n"
    "9606.P1\tDDR1\t900\t\"5' note\n9606.P2\tPAX8\t400\tnote\n9606.P3\tTSTA3\t300\tnote\n9606.P4\tDDR1\t10\tnote\n"
)
LINKS = (
    "protein1 protein2 combined_score\n"
    "9606.P1 9606.P2 950\n9606.P2 9606.P1 950\n"
    "9606.P4 9606.P2 980\n9606.P2 9606.P4 980\n"
    "9606.P3 9606.P1 901\n9606.P1 9606.P3 901\n"
    "9606.P2 9606.P3 900\n9606.P3 9606.P2 900\n"
    "9606.P1 9606.P4 999\n9606.P4 9606.P1 999\n"
    "9606.P1 9606.P9 999\n9606.P9 9606.P1 999\n"
)
ALIASES = "#string_protein_id\talias\tsource\n9606.P2\tX1\tUniProt_AC\n9606.P2\tNEWNAME\tEnsembl_HGNC_symbol\n"


@pytest.fixture
def files(tmp_path):
    for name, text in (("links", LINKS), ("info", INFO), ("aliases", ALIASES)):
        (tmp_path / f"9606.protein.{name}.v12.0.txt.gz").write_bytes(gzip.compress(text.encode()))
    return [tmp_path / f"9606.protein.{name}.v12.0.txt.gz" for name in ("links", "info", "aliases")]


@pytest.mark.parametrize("rows_at_once", [1_000_000, 3])
def test_pairs_are_undirected_strong_and_under_current_symbols(files, monkeypatch, rows_at_once):
    """900 is not above 900; P1 and P4 are one gene; P9 is unknown; TSTA3 is now GFUS."""
    monkeypatch.setattr(string_ppi, "ROWS_AT_ONCE", rows_at_once)
    found = read_links(files[0], files[1])
    assert found.pairs.to_numpy().tolist() == [["DDR1", "GFUS", 901], ["DDR1", "PAX8", 980]]


def test_strong_links_that_are_no_pair_are_listed(files):
    """Twelve lines, ten above 900: two are of P9, which has no name, two of P1 and P4, which are one gene."""
    found = read_links(files[0], files[1])
    assert (found.read, found.strong) == (12, 10)
    assert found.dropped.to_numpy().tolist() == [
        ["a protein that 9606.protein.info.v12.0.txt.gz does not name", "9606.P9", 2],
        ["both proteins are of one gene", "DDR1", 2],
    ]


def test_hgnc_aliases_win_over_the_preferred_name(files):
    pairs = read_links(files[0], files[1], aliases=files[2]).pairs
    assert pairs.to_numpy().tolist() == [["DDR1", "GFUS", 901], ["DDR1", "NEWNAME", 980]]


def test_what_is_built_reads_as_a_prior(files, tmp_path):
    assert len(build_prior(files[0], files[1], tmp_path / "tidy").pairs) == 2
    prior = read_prior(tmp_path / "tidy", GeneSpace(("PAX8", "GFUS", "DDR1", "EGFR")))
    assert prior.edges.tolist() == [[0, 2], [1, 2]]


def test_a_truncated_file_is_named_and_nothing_written(files, tmp_path):
    files[0].write_bytes(files[0].read_bytes()[:-9])
    with pytest.raises(SourceError, match=r"links\.v12\.0\.txt\.gz cannot be read as STRING protein links"):
        build_prior(files[0], files[1], tmp_path / "tidy")
    assert not (tmp_path / "tidy").exists()


def test_swapped_files_are_noticed(files):
    with pytest.raises(SourceError, match=r"lacks 2 of 2 columns: \['#string_protein_id', 'preferred_name'\]"):
        read_links(files[1], files[0])


def test_links_between_unknown_proteins_are_refused(files):
    files[0].write_bytes(gzip.compress(LINKS.replace("9606.", "10090.").encode()))
    with pytest.raises(SourceError, match="has 10 links above 900, none of them between proteins of"):
        read_links(files[0], files[1])
