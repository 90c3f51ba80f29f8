"""Morgan fingerprints against RDKit's older interface and by hand."""

import numpy as np
import pytest
from rdkit import Chem, DataStructs
from rdkit.Chem import AllChem
from rdkit.rdBase import BlockLogs

from drugripple.chem.complexes import NAMED
from drugripple.chem.fingerprint import morgan, tanimoto
from drugripple.chem.molecule import Molecule, standardise
from drugripple.errors import CompoundError

SMILES = ["CCO", "c1ccccc1O", "CC(=O)Oc1ccccc1C(=O)O"]
ODD = [
    "[H]/N=C(/C)N", "[2H]C([2H])([2H])O", "[13CH3]Cl", "C[C@@H](N)C(=O)O", "F/C=C/F", "c1ccc(-c2ccccc2)cc1",
    "c1cc[nH]c1", "C[n+]1ccccc1", "C[N+](=O)[O-]", "CS(=O)(=O)c1ccc2[nH]ncc2c1", "C[Se]C", "B(O)(O)c1ccccc1", "[CH3]",
    "OP(=O)(O)OC", "Clc1ccc2c(c1)C1CC3CC2CC(C1)C3", "c1ccc2c(c1)c1ccccc1c1ccccc21", "[O-][n+]1ccccc1", "CC[Hg]Cl",
    *NAMED.values(),
]  # fmt: skip
MOLECULES = [standardise(smiles) for smiles in SMILES]


def test_bits_are_those_of_the_older_interface():
    with BlockLogs():
        older = [AllChem.GetMorganFingerprintAsBitVect(Chem.MolFromSmiles(text), 2, nBits=2048) for text in SMILES]
    assert np.array_equal(morgan(MOLECULES), np.array([list(bits) for bits in older], dtype=np.float32))


@pytest.mark.parametrize("counts", [False, True])
def test_what_is_read_unchecked_has_the_fingerprint_of_the_checked_molecule(counts):
    molecules = [standardise(text) for text in ODD]
    generator = AllChem.GetMorganGenerator(radius=2, fpSize=2048)
    theirs = generator.GetCountFingerprintAsNumPy if counts else generator.GetFingerprintAsNumPy
    assert np.array_equal(morgan(molecules, counts=counts), np.stack([theirs(one.rdkit) for one in molecules]))


def test_a_parent_that_was_altered_is_refused():
    with pytest.raises(CompoundError, match="'C1CC' cannot be read; build the file"):
        morgan([Molecule("C1CC", "C1CC")])


def test_counts_of_butane_at_radius_zero_are_two_methyls_and_two_methylenes():
    butane = [standardise("CCCC")]
    assert sorted(morgan(butane, radius=0, counts=True)[0][morgan(butane, radius=0)[0] > 0].tolist()) == [2, 2]


def test_no_structure_gives_no_row():
    assert morgan([], bits=64).shape == (0, 64)


def test_tanimoto_equals_rdkit_on_bits_and_on_counts():
    generator = AllChem.GetMorganGenerator(radius=2, fpSize=2048)
    mols = [molecule.rdkit for molecule in MOLECULES]
    for counts, fingerprint in ((False, generator.GetFingerprint), (True, generator.GetCountFingerprint)):
        theirs = [fingerprint(mol) for mol in mols]
        ours = tanimoto(morgan(MOLECULES, counts=counts), morgan(MOLECULES, counts=counts))
        itself = morgan(MOLECULES, counts=counts)
        assert np.array_equal(tanimoto(itself, itself), ours)
        for row, one in zip(ours, theirs, strict=True):
            assert row == pytest.approx(DataStructs.BulkTanimotoSimilarity(one, theirs))
