"""Structures in files to a checkpoint on disk, as `drugripple pretrain-molecules` runs it."""

import tomllib

import pandas as pd
import pytest

from drugripple.chem.molecule import scaffold
from drugripple.config import make_run
from drugripple.errors import ConfigError, SourceError
from drugripple.model.mat.weights import load_mat
from drugripple.recipes.pretrain.molecules import pretrain_molecules, select_molecules
from drugripple.recipes.pretrain.settings import MoleculeSource, PretrainMoleculesRun

RINGS = ["c1ccccc1", "c1ccncc1", "c1ccoc1", "c1ccsc1", "C1CCCCC1", "c1ccc2ccccc2c1", "C1CCNCC1", "c1cnc2[nH]ccc2c1"]
CHAINS = ["C", "CC", "CCO", "CC(=O)O", "CN", "FC", "N#CC"]


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("DRUGRIPPLE_CACHE", str(tmp_path / "cache"))
    structures = [f"{chain}{ring}" for ring in RINGS for chain in CHAINS]
    pd.DataFrame({"canonical_smiles": [*structures, "C1CC", None]}).to_parquet(tmp_path / "library.parquet")
    (tmp_path / "more.smi").write_text("[Na+].CC(=O)[O-] acetate\n\nCCCCCCCCCCCCCCCCCCCCCCCCC\n")
    pd.DataFrame({"smiles": ["Cc1ccccc1"]}).to_csv(tmp_path / "test.csv")
    return PretrainMoleculesRun(
        data=tmp_path,
        out=tmp_path / "out",
        sources=(
            MoleculeSource(file="library.parquet", terms="CC0", citation="nobody 2026"),
            MoleculeSource(file="more.smi", terms="none"),
        ),
        exclude=({"file": "test.csv", "column": "smiles"},),
        max_heavy_atoms=20,
        held_out=0.2,
        molecule={"width": 16, "layers": 1, "heads": 2},
        training={"max_epochs": 2, "batch": 16},
    )


def test_every_structure_is_in_one_part_or_lost_with_a_reason(run):
    parts = select_molecules(run)
    kept = [*parts.train, *parts.valid, *parts.test]
    assert len(kept) == len(set(kept)) == 56 - 1 + 1  # toluene is excluded, acetic acid is the parent of the acetate
    assert dict(zip(parts.lost["smiles"], parts.lost["reason"], strict=True)).keys() == {
        "C1CC",
        "Cc1ccccc1",
        "CCCCCCCCCCCCCCCCCCCCCCCCC",
    }
    assert parts.lost["reason"].str.contains("not valid SMILES|excluded|25 heavy atoms").all()


def test_no_scaffold_is_in_two_parts(run):
    parts = select_molecules(run)
    train, valid, test = ({scaffold(molecule) for molecule in part} for part in (parts.train, parts.valid, parts.test))
    assert train.isdisjoint(valid | test)
    assert valid.isdisjoint(test)


def test_run_leaves_a_checkpoint_with_terms_digests_and_scores(run):
    made = pretrain_molecules(run, jobs=1)
    loaded = load_mat(run.out / "checkpoint")
    assert loaded.card == made.checkpoint.card
    assert [use.terms for use in loaded.card.data] == ["CC0", "none"]
    assert all(len(use.digest) == 64 for use in loaded.card.data)
    assert loaded.card.molecules_seen == 2 * loaded.card.molecules_trained > 0
    assert 0 <= loaded.card.metrics["accuracy_element"] <= 1
    assert {path.name for path in run.out.iterdir()} == {
        "run.toml",
        "checkpoint",
        "lost.csv",
        "metrics.csv",
        "history.csv",
    }


def test_resolved_run_file_repeats_the_run(run):
    first = pretrain_molecules(run, jobs=1)
    resolved = make_run(PretrainMoleculesRun, tomllib.loads((run.out / "run.toml").read_text()), "run.toml")
    assert resolved == run
    again = pretrain_molecules(resolved.model_copy(update={"overwrite": True}), jobs=1)
    assert again.checkpoint.card.tensors_sha256 == first.checkpoint.card.tensors_sha256


def test_missing_file_is_named(run, tmp_path):
    absent = run.model_copy(update={"sources": (MoleculeSource(file="absent.csv", terms=""),)})
    with pytest.raises(SourceError, match=r"absent.csv"):
        select_molecules(absent)


def test_missing_column_is_named(run):
    other = run.model_copy(update={"sources": (MoleculeSource(file="test.csv", column="structure", terms=""),)})
    with pytest.raises(SourceError, match="'structure'"):
        select_molecules(other)


def test_list_too_short_to_split_is_refused(run):
    short = run.model_copy(update={"sources": (MoleculeSource(file="more.smi", terms=""),)})
    with pytest.raises(ConfigError, match=r"no molecule is left for \['"):
        select_molecules(short)


def test_unknown_key_is_refused():
    with pytest.raises(ConfigError, match="epochs"):
        make_run(PretrainMoleculesRun, {"data": ".", "out": ".", "sources": [], "epochs": 3}, "run.toml")
