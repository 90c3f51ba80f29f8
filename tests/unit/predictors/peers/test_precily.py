import numpy as np
import pytest

from drugripple.chem.smiles_words import WordVectors
from drugripple.errors import ConfigError
from drugripple.genes.set_variation import SetVariation
from drugripple.genes.space import GeneSpace
from drugripple.predictors.peers import Knowledge
from drugripple.predictors.peers.precily import PrecilyInputs, PrecilyNetwork, PrecilySettings


def test_the_network_of_1429_inputs_has_as_many_parameters_as_its_layers(parameters):
    sets = {f"p{i}": ("G0",) for i in range(1329)}
    variation = SetVariation(GeneSpace(("G0", "G1")), np.zeros((2, 2), np.float32), sets)
    inputs = PrecilyInputs(variation, WordVectors(("w",), np.zeros((1, 100), np.float32)))
    layers = 1429 * 1429 + 1429 + 1429 * 512 + 512 + 512 * 256 + 256 + 2 * (256 * 256 + 256) + 256 + 1
    assert parameters(PrecilyNetwork(PrecilySettings(), inputs)) == layers


def test_without_structures_or_a_table_it_says_what_it_needs(world):
    knowledge = Knowledge({"set": ("G0", "G1", "G2", "G3")})
    with pytest.raises(ConfigError, match="precily needs smiles and was given none"):
        PrecilyInputs.fit(world.pairs.compact(), PrecilySettings(), knowledge)
