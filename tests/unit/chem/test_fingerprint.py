"""Morgan fingerprints against RDKit's older interface and by hand."""

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import AllChem
from rdkit.rdBase import BlockLogs

from drugripple.chem.fingerprint import morgan
from drugripple.errors import CompoundError

SMILES = ["CCO", "c1ccccc1O", "CC(=O)Oc1ccccc1C(=O)O"]


def test_bits_are_those_of_the_older_interface():
    with BlockLogs():
        older = [AllChem.GetMorganFingerprintAsBitVect(Chem.MolFromSmiles(text), 2, nBits=2048) for text in SMILES]
    assert np.array_equal(morgan(SMILES), np.array([list(bits) for bits in older], dtype=np.float32))


def test_counts_of_butane_at_radius_zero_are_two_methyls_and_two_methylenes():
    assert sorted(morgan(["CCCC"], radius=0, counts=True)[0][morgan(["CCCC"], radius=0)[0] > 0].tolist()) == [2, 2]


def test_no_structure_gives_no_row():
    assert morgan([], bits=64).shape == (0, 64)


def test_bad_structure_is_named():
    with pytest.raises(CompoundError, match="C1CC"):
        morgan(["CCO", "C1CC"])
