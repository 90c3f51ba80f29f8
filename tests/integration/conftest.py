"""What tests of whole commands share."""

import numpy as np
import pandas as pd
import pytest
import torch

from drugripple.data.effects import Effects
from drugripple.data.synthetic import synthetic_world
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.scaling import RobustScaler
from drugripple.genes.space import GeneSpace
from drugripple.model.checkpoint import Card, save_response
from drugripple.model.network import PerturbationNet, ResponseNet
from drugripple.model.settings import MatSettings, PerturbationSettings, ResponseSettings


@pytest.fixture(scope="session")
def save_network(tidy_folder):
    """Puts a response network with this stage-1 part into a folder."""

    def save(folder, backbone):
        """with random weights, and mean effects as after training on a residual target."""
        world = synthetic_world(0)
        genes = pd.read_csv(tidy_folder / "samples.csv", nrows=0).columns[1:]
        prior = InteractionPrior(GeneSpace(tuple(genes)), world.prior.edges, "planted")
        torch.manual_seed(0)
        net = ResponseNet(PerturbationNet(prior, backbone), ResponseSettings(widths=(32, 16)))
        compounds, lines = world.response.compounds, world.response.expression
        card = Card(
            kind="response", name="test", perturbation=backbone, response=net.settings, genes=prior.genes.symbols,
            gene_digest=prior.genes.digest, prior_source="planted", expression_scale=lines.scale,
            effects=Effects(mean=1.0, sample={"L1": 0.5}, compound={compounds.smiles[2]: -2.0}),
            compounds_seen=(compounds.molecules[4].key,),
        )  # fmt: skip
        save_response(folder / "checkpoint", net, RobustScaler.fit(lines.values.astype(np.float32)), card)

    return save


@pytest.fixture(scope="session")
def question(tidy_folder, save_network, tmp_path_factory):
    """A network, its samples, and a library of 16 good lines with two bad ones between them."""
    folder = tmp_path_factory.mktemp("question")
    save_network(folder, PerturbationSettings(hidden=8, molecule=MatSettings(width=16, layers=1, heads=2)))
    compounds = synthetic_world(0).response.compounds
    rows = [(f"C{i}", *known) for i, known in enumerate(zip(compounds.names, compounds.smiles, strict=True))]
    rows.insert(3, ("bad ring", "no ring", "C1CC"))
    rows.insert(11, ("blank", "no structure", ""))
    pd.DataFrame(rows, columns=["id", "name", "smiles"]).to_csv(folder / "library.csv", index=False)
    return folder, tidy_folder / "samples.csv", folder / "library.csv"
