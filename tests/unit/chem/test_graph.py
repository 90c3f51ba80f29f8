"""The fixed points of the graph: features, bonds, distances, fallback."""

import subprocess
import sys
from hashlib import sha256

import numpy as np
import pytest
from rdkit.Chem import rdDistGeom

from drugripple.chem.graph import MolGraph, build_graph
from drugripple.chem.molecule import standardise
from drugripple.errors import CompoundError

ELEMENT, DEGREE, HYDROGENS, CHARGE, RING, AROMATIC = 1, 12, 18, 23, 26, 27
CARBON, NITROGEN, CHLORINE, OTHER = 1, 2, 7, 10
ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


def ones(row):
    return sorted(np.flatnonzero(row).tolist())


def test_ethane_has_two_methyl_nodes_behind_the_dummy():
    graph = build_graph(standardise("CC"))
    methyl = [ELEMENT + CARBON, DEGREE + 1, HYDROGENS + 3, CHARGE + 1]
    assert [ones(row) for row in graph.atoms] == [[0], methyl, methyl]
    assert graph.bonded.tolist() == [[False, False, False], [False, True, True], [False, True, True]]
    assert (graph.distance[0] == 1e6).all()
    assert (graph.distance[:, 0] == 1e6).all()
    assert graph.distance[1, 2] == pytest.approx(1.53, abs=0.03)  # a C-C single bond
    assert graph.distance[1, 1] == 0
    assert graph.conformer == "3d"


def test_methane_has_no_neighbour_and_four_hydrogens():
    assert ones(build_graph(standardise("C")).atoms[1]) == [ELEMENT + CARBON, DEGREE, HYDROGENS + 4, CHARGE + 1]


def test_salt_is_one_disconnected_graph_with_both_charges():
    graph = build_graph(standardise("[Na+].[Cl-]"))
    rows = {tuple(ones(row)) for row in graph.atoms[1:]}
    assert rows == {
        (ELEMENT + OTHER, DEGREE, HYDROGENS, CHARGE + 2),
        (ELEMENT + CHLORINE, DEGREE, HYDROGENS, CHARGE),
    }
    assert graph.bonded[1:, 1:].tolist() == np.eye(2).astype(bool).tolist()


def test_benzene_is_all_ring_and_aromatic_with_three_entries_a_row():
    graph = build_graph(standardise("c1ccccc1"))
    assert graph.atoms[1:, [RING, AROMATIC]].all()
    assert graph.bonded[1:].sum(axis=1).tolist() == [3] * 6
    across = np.sort(graph.distance[1, 1:])
    assert across == pytest.approx([0, 1.39, 1.39, 2.41, 2.41, 2.78], abs=0.05)


@pytest.mark.parametrize(("charge", "column"), [("[Mg+2]", CHARGE + 2), ("[O-2]", CHARGE + 2), ("[OH-]", CHARGE)])
def test_charge_outside_the_list_counts_as_its_last_class(charge, column):
    assert ones(build_graph(standardise(charge)).atoms[1])[-1] == column


def test_degree_above_five_counts_as_five():
    assert DEGREE + 5 in ones(max(build_graph(standardise("FS(F)(F)(F)(F)F")).atoms, key=lambda row: row[ELEMENT + 6]))


def test_every_atom_row_sums_to_four_plus_ring_plus_aromatic():
    atoms = build_graph(standardise(ASPIRIN)).atoms[1:]
    assert (atoms.sum(axis=1) == 4 + atoms[:, RING] + atoms[:, AROMATIC]).all()


def test_every_spelling_of_a_molecule_gives_the_same_graph():
    one, other = build_graph(standardise(ASPIRIN)), build_graph(standardise("OC(=O)c1ccccc1OC(C)=O"))
    assert one.smiles == other.smiles
    assert np.array_equal(one.atoms, other.atoms)
    assert np.array_equal(one.distance, other.distance)


def test_another_seed_gives_another_conformer():
    assert not np.allclose(
        build_graph(standardise(ASPIRIN)).distance, build_graph(standardise(ASPIRIN), seed=1).distance, atol=1e-3
    )


def test_graph_is_the_same_in_another_process():
    code = (
        "from hashlib import sha256; from drugripple.chem.graph import build_graph;"
        "from drugripple.chem.molecule import standardise;"
        f"print(sha256(build_graph(standardise({ASPIRIN!r})).distance.tobytes()).hexdigest())"
    )
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert there == sha256(build_graph(standardise(ASPIRIN)).distance.tobytes()).hexdigest()


@pytest.fixture
def no_embedding(monkeypatch):
    attempts = []

    def fail(_molecule, parameters):
        attempts.append(parameters.useRandomCoords)
        return -1

    monkeypatch.setattr(rdDistGeom, "EmbedMolecule", fail)
    return attempts


def test_failed_embedding_is_retried_from_random_coordinates_then_drawn_flat(no_embedding):
    graph = build_graph(standardise("CCO"))
    assert no_embedding == [False, True]
    assert graph.conformer == "2d"
    assert len(graph.atoms) == 4
    assert graph.atoms[1:, HYDROGENS : HYDROGENS + 5].argmax(axis=1).tolist() == [3, 2, 1]


def test_fallback_keeps_hydrogens_only_on_demand(no_embedding):
    graph = build_graph(standardise("CCO"), fallback_keeps_hydrogens=True)
    assert no_embedding == [False]  # the released code does not try from random coordinates
    assert len(graph.atoms) == 10  # dummy, 3 heavy atoms, 6 hydrogens
    assert graph.atoms[4:, ELEMENT + OTHER].all()
    assert graph.atoms[1:, HYDROGENS].all()


def test_embedding_that_raises_is_drawn_flat(monkeypatch):
    def explode(*_):
        raise RuntimeError("Pre-condition Violation")

    monkeypatch.setattr(rdDistGeom, "EmbedMolecule", explode)
    assert build_graph(standardise("CCO")).conformer == "2d"


def test_asymmetric_bonds_are_refused():
    bonded = np.zeros((2, 2), dtype=bool)
    bonded[0, 1] = True
    with pytest.raises(CompoundError, match="not symmetric"):
        MolGraph("C", np.zeros((2, 28), dtype=np.float32), bonded, np.zeros((2, 2), dtype=np.float32), "3d")
