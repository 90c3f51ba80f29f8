import numpy as np

from drugripple.chem.clusters import analogue_clusters, scaffolds
from drugripple.chem.fingerprint import morgan, tanimoto
from drugripple.chem.molecule import standardise
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.splits import make_folds

MOLECULES = [
    standardise(smiles)
    for smiles in (
        "CCCCCCCC",
        "CCCCCCCCC",
        "c1ccccc1CCN",
        "c1ccccc1CCCN",
        "OC(=O)c1ccncc1",
        "CC(=O)Oc1ccccc1C(=O)O",
        "CC(=O)Oc1ccccc1C(=O)OC",
    )
]


def test_members_of_a_cluster_are_similar_to_one_of_them_and_strangers_are_apart():
    labels = np.array(analogue_clusters(MOLECULES, similarity=0.5))
    near = tanimoto(morgan(MOLECULES), morgan(MOLECULES))
    for label in set(labels.tolist()):
        members = np.flatnonzero(labels == label)
        assert near[np.ix_(members, members)].min(axis=1).max() >= 0.5
    assert labels[0] == labels[1]
    assert len(set(labels.tolist())) > 3


def test_salts_fall_into_their_parents_cluster():
    assert len(set(analogue_clusters([standardise("CCCCN"), standardise("CCCCN.Cl")]))) == 1


def test_scaffold_is_the_ring_system_and_chains_are_their_own():
    labels = scaffolds(MOLECULES)
    assert labels[2] == labels[3] == labels[5] == "c1ccccc1"
    assert labels[0] == "CCCCCCCC"
    assert labels[0] != labels[1]


def test_drug_blind_folds_by_cluster_keep_analogues_together():
    line, drug = (axis.ravel() for axis in np.meshgrid(np.arange(5), np.arange(7), indexing="ij"))
    labels = analogue_clusters(MOLECULES, similarity=0.5)
    for fold in make_folds(line, drug, Scheme.DRUG_BLIND, folds=3, compound_group=labels):
        assert not {labels[c] for c in drug[fold.train]} & {labels[c] for c in drug[fold.test]}


def test_nothing_has_no_cluster():
    assert analogue_clusters([]) == ()
