"""The events of gdsctools are read from its archive without running it, if it is the published one."""

import gzip
import io
import tarfile

import pytest

from drugripple.errors import DigestError, SourceError
from drugripple.runtime.digest import file_digest
from drugripple.sources.public import genomic_events
from drugripple.sources.public.genomic_events import INSIDE, read_genomic_events
from drugripple.sources.public.registry import find_source

FEATURES = (
    "COSMIC_ID,TISSUE_FACTOR,MSI_FACTOR,BRAF_mut,gain_cnaPANCAN1_(ERBB2)\n7,skin,0,1,0\n8,breast,1,0,1\n9,lung,0,1,1\n"
)
LINES = "SAMPLE_NAME,COSMIC_ID\nA375,7\nSK-BR-3,8\n"


def archive(path, tables):
    with tarfile.open(path, "w:gz") as file:
        for name, text in tables.items():
            content = gzip.compress(text.encode())
            member = tarfile.TarInfo(f"{INSIDE}/{name}")
            member.size = len(content)
            file.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture
def published(tmp_path, monkeypatch):
    """An archive that counts as the published one."""

    def make(**tables):
        names = {"genomic_features_v17.csv.gz": FEATURES, "cosmic_info.csv.gz": LINES} | tables
        path = archive(tmp_path / "gdsctools-1.0.1.tar.gz", {name: text for name, text in names.items() if text})
        source = find_source("gdsctools")
        from dataclasses import replace

        known = replace(source, sha256=file_digest(path))
        monkeypatch.setattr(genomic_events, "find_source", lambda _: known)
        return path

    return make


def test_events_go_by_the_names_of_lines(published):
    found = read_genomic_events(published())
    assert found.lines == ("A375", "SK-BR-3")
    assert found.tissue == ("skin", "breast")
    assert found.events == ("BRAF_mut", "gain_cnaPANCAN1_(ERBB2)")
    assert found.present.tolist() == [[True, False], [False, True]]


def test_another_file_is_refused_and_a_missing_one_says_where_it_is(tmp_path):
    path = archive(tmp_path / "x.tar.gz", {"genomic_features_v17.csv.gz": FEATURES})
    with pytest.raises(DigestError, match=r"is not the published gdsctools-1\.0\.1\.tar\.gz"):
        read_genomic_events(path)
    with pytest.raises(SourceError, match=r"is not there: the Python package index serves it"):
        read_genomic_events(tmp_path / "none.tar.gz")


def test_a_table_that_is_lacking_is_named(published):
    with pytest.raises(SourceError, match=r"cosmic_info\.csv\.gz"):
        read_genomic_events(published(**{"cosmic_info.csv.gz": ""}))
