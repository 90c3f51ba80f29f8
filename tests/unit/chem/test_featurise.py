"""Many structures: parallel as serial, nothing shifted, and a cache that can be trusted."""

import sqlite3
from importlib import import_module

import numpy as np
import pytest
from rdkit.Chem import rdDistGeom

from drugripple.chem.cache import GraphCache, is_whole, pack, unpack
from drugripple.chem.featurise import featurise
from drugripple.chem.graph import build_graph
from drugripple.chem.molecule import standardise
from drugripple.errors import SourceError

module = import_module("drugripple.chem.featurise")

SMILES = ["CCO", "c1ccccc1O", "CC(=O)Oc1ccccc1C(=O)O", "C", "CC(C)Cc1ccc(cc1)C(C)C(=O)O"]
MOLECULES = [standardise(smiles) for smiles in SMILES]
ETHANOL = MOLECULES[0]


def same(one, other):
    return (
        one.smiles == other.smiles
        and one.conformer == other.conformer
        and all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("atoms", "bonded", "distance"))
    )


def test_graphs_go_by_parent_and_nothing_is_shifted():
    made = featurise([ETHANOL, standardise("C")], jobs=1)
    assert list(made) == ["CCO", "C"]
    assert same(made["C"], build_graph(standardise("C")))


def test_repeats_and_other_spellings_are_built_once():
    calls = []
    made = featurise([ETHANOL, standardise("OCC"), ETHANOL], jobs=1, progress=lambda *call: calls.append(call[1:]))
    assert calls[-1] == (1, 1)
    assert list(made) == ["CCO"]


def test_parallel_is_serial(monkeypatch):
    monkeypatch.setattr(module, "_CHUNK", 1)
    parallel, serial = featurise(MOLECULES, jobs=2), featurise(MOLECULES, jobs=1)
    assert list(parallel) == list(serial) == [molecule.parent for molecule in MOLECULES]
    assert all(same(parallel[parent], serial[parent]) for parent in parallel)


@pytest.mark.parametrize("smiles", [*SMILES, "[Na+].[Cl-]", "N[Pt](N)(Cl)Cl"])
def test_packed_graph_comes_back_bit_for_bit(smiles):
    graph = build_graph(standardise(smiles))
    assert same(unpack(graph.smiles, pack(graph)), graph)


def test_flat_conformer_is_remembered_as_flat(monkeypatch):
    monkeypatch.setattr(rdDistGeom, "EmbedMolecule", lambda *_: -1)
    graph = build_graph(standardise("CCO"))
    assert unpack("CCO", pack(graph)).conformer == "2d"


def test_cached_graphs_are_read_and_not_built(tmp_path, monkeypatch):
    first = featurise(MOLECULES, jobs=1, cache=tmp_path)

    def refuse(*_args, **_keywords):
        raise AssertionError

    monkeypatch.setattr(module, "build_graph", refuse)
    again = featurise(MOLECULES, jobs=1, cache=tmp_path)
    assert all(same(first[parent], again[parent]) for parent in first)


def test_cache_is_one_file_named_after_the_rdkit_version(tmp_path):
    featurise(MOLECULES, jobs=1, cache=tmp_path)
    (file,) = tmp_path.iterdir()
    assert module.GraphCache(tmp_path, seed=0).path == file
    assert "rdkit" in file.name


def test_another_seed_or_policy_is_another_entry(tmp_path):
    featurise([ETHANOL], jobs=1, cache=tmp_path, seed=0)
    assert GraphCache(tmp_path, seed=0).read(["CCO"])
    assert not GraphCache(tmp_path, seed=1).read(["CCO"])
    assert not GraphCache(tmp_path, seed=0, fallback_keeps_hydrogens=True).read(["CCO"])


@pytest.mark.parametrize("damage", [b"", b"abc", None])
def test_damaged_entry_is_computed_again(tmp_path, damage):
    first = featurise([ETHANOL], jobs=1, cache=tmp_path)
    cache = GraphCache(tmp_path, seed=0)
    whole = cache.read(["CCO"])["CCO"]
    flipped = whole[:-1] + bytes([whole[-1] ^ 1])
    assert not is_whole(flipped)
    cache.write({"CCO": flipped if damage is None else damage})
    again = featurise([ETHANOL], jobs=1, cache=tmp_path)
    assert same(first["CCO"], again["CCO"])
    assert cache.read(["CCO"])["CCO"] == whole


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_damaged_file_is_replaced(tmp_path, content):
    path = GraphCache(tmp_path, seed=0).path
    path.write_bytes(content)
    featurise([ETHANOL], jobs=1, cache=tmp_path)
    assert GraphCache(tmp_path, seed=0).read(["CCO"])


def test_unusable_cache_is_a_readable_error(tmp_path):
    cache = GraphCache(tmp_path, seed=0)
    cache.path.mkdir(parents=True)
    with pytest.raises(SourceError, match=r"molecule cache .* cannot be used"):
        featurise([ETHANOL], jobs=1, cache=tmp_path)


def test_interrupted_write_keeps_the_rows_before_it(tmp_path):
    cache = GraphCache(tmp_path, seed=0)
    cache.write({"C": pack(build_graph(standardise("C")))})
    with sqlite3.connect(cache.path) as connection:
        connection.execute("INSERT INTO graphs VALUES ('0 CC', x'00')")
        connection.rollback()
    connection.close()
    assert list(cache.read(["C", "CC"])) == ["C"]


def test_progress_tells_every_molecule(tmp_path):
    calls = []
    featurise(MOLECULES, jobs=1, cache=tmp_path, progress=lambda *call: calls.append(call[1:]))
    assert calls == [(done, 5) for done in range(6)]
