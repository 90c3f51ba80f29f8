"""The compounds that the default model knows by name."""

import numpy as np

from drugripple.data.tables import CompoundTable
from drugripple.predict.default_tables import named_compounds
from drugripple.predictors.multi_trait_gp.compound_heads import MeanHead
from drugripple.predictors.multi_trait_gp.compound_similarity import CompoundDescriptions


def test_compounds_of_other_studies_stand_behind_those_of_training_each_once():
    """Synonyms behind a name are left out; a name or a structure that was there before, and one without a name, too."""
    smiles = ["CCO", "CCCO", "c1ccccc1", "Cc1ccccc1", "CCN", "CCCN", "CC(C)N", "c1ccccc1.Cl"]
    further = ("Torin 2 (torin2), Torin 2, torin2", "DRUG-A", "(5Z)-7-Oxozeaenol", "", "torin-2", "other name")
    table = CompoundTable.from_smiles(smiles, targets=("",) * 4 + ("MAP3K7",) * 2 + ("", ""))
    descriptions = CompoundDescriptions.of(table)
    head = MeanHead(descriptions, *np.zeros((2, 8)), np.repeat([0, 1, 2], [2, 4, 2]), np.zeros(8), further)
    training = CompoundTable.from_smiles(smiles[:2], names=["Drug A", "Drug B"])
    found = named_compounds(training, head)
    assert found.names == ("Drug A", "Drug B", "Torin 2", "(5Z)-7-Oxozeaenol")
    assert found.smiles == ("CCO", "CCCO", "c1ccccc1", "CCN")
    assert found.targets == ("", "", "", "MAP3K7")
    assert len(set(found.ids)) == len(found)
