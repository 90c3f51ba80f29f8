"""What stage 1 learns from, and what is kept from it."""

import numpy as np
import pandas as pd
import pytest

from drugripple.data.synthetic import synthetic_world
from drugripple.data.tables import CompoundTable
from drugripple.errors import ConfigError, SourceError
from drugripple.recipes.pretrain.corpus import Corpus, blind_anchors, held_out, read_corpus
from drugripple.recipes.pretrain.settings import PretrainRun
from drugripple.sources.public.l1000.store import write_store
from drugripple.training.perturbation_step import Anchors

SALT = "{}.Cl"


@pytest.fixture(scope="module")
def profiles():
    return synthetic_world(0, genes=29, lines=11, compounds=5).perturbations


@pytest.fixture(scope="module")
def store(profiles, tmp_path_factory):
    folder = tmp_path_factory.mktemp("profiles") / "store"
    write_store(profiles, folder)
    return folder


def run_of(store, **changes):
    return PretrainRun.model_validate({"data": store, "out": store.parent / "out", **changes})


def test_profiles_of_an_excluded_compound_have_no_part_of_a_store(profiles, store, tmp_path):
    """The list names a salt of compound 2."""
    (tmp_path / "list.smi").write_text(SALT.format(profiles.compounds.smiles[2]) + " its salt\n")
    run = run_of(store, exclude=tmp_path / "list.smi")
    corpus = read_corpus(run)
    left = np.concatenate(held_out(run, corpus.profiles))
    assert 2 in corpus.profiles.compound_row
    np.testing.assert_array_equal(np.sort(left), np.flatnonzero(corpus.profiles.compound_row != 2))


def test_a_list_that_is_not_there_is_named(store, tmp_path):
    run = run_of(store, exclude=tmp_path / "none.smi")
    with pytest.raises(SourceError, match=r"none\.smi: it is not there"):
        held_out(run, read_corpus(run).profiles)


@pytest.mark.parametrize("changes", [{"anchors": {}}, {"clip": 4.0}, {"redistributable_only": True}])
def test_what_a_store_cannot_have_is_refused(store, changes):
    with pytest.raises(ConfigError, match=f"profile store, which cannot have {next(iter(changes))}"):
        read_corpus(run_of(store, **changes))


def test_a_salt_of_a_held_out_compound_is_no_anchor(profiles):
    """Consensus signatures: a salt of compound 0, and compound 1; profiles of compound 0 are held out."""
    table = profiles.compounds
    smiles = (*table.smiles, SALT.format(table.smiles[0]), table.smiles[1])
    ids = tuple(str(row) for row in range(len(smiles)))
    anchors = Anchors(np.zeros((2, 29)), np.array([len(table), len(table) + 1]), np.zeros((1, 29)), 1.0, 1.0, 0.5)
    corpus = Corpus(profiles, CompoundTable.from_smiles(smiles, ids=ids), anchors,
                    pd.DataFrame(), (), ())  # fmt: skip
    left = blind_anchors(corpus, np.flatnonzero(profiles.compound_row == 0))
    assert left.compound_row.tolist() == [len(table) + 1]
