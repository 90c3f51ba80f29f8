"""Morgan fingerprints against RDKit's older interface and by hand."""

import numpy as np
import pytest
from rdkit import Chem, DataStructs
from rdkit.Chem import AllChem
from rdkit.rdBase import BlockLogs

from drugripple.chem.fingerprint import morgan, tanimoto
from drugripple.chem.molecule import standardise

SMILES = ["CCO", "c1ccccc1O", "CC(=O)Oc1ccccc1C(=O)O"]
MOLECULES = [standardise(smiles) for smiles in SMILES]


def test_bits_are_those_of_the_older_interface():
    with BlockLogs():
        older = [AllChem.GetMorganFingerprintAsBitVect(Chem.MolFromSmiles(text), 2, nBits=2048) for text in SMILES]
    assert np.array_equal(morgan(MOLECULES), np.array([list(bits) for bits in older], dtype=np.float32))


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
        for row, one in zip(ours, theirs, strict=True):
            assert row == pytest.approx(DataStructs.BulkTanimotoSimilarity(one, theirs))
