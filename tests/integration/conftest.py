"""What tests of whole commands share."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from drugripple.config import make_run, set_dotted
from drugripple.data.effects import Effects
from drugripple.data.synthetic import synthetic_world
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.scaling import RobustScaler
from drugripple.genes.space import GeneSpace
from drugripple.model.checkpoint import Card, save_response
from drugripple.model.network import PerturbationNet, ResponseNet
from drugripple.model.settings import MatSettings, PerturbationSettings, ResponseSettings
from drugripple.predict.load import load_default
from drugripple.predict.screen.settings import ScreenRequest
from drugripple.recipes.benchmark.settings import BenchmarkRun
from drugripple.recipes.default_model.run import build_default
from drugripple.recipes.default_model.settings import DefaultModelRun
from drugripple.sources.user.expression import read_expression

SETTINGS = {"structure": "fingerprint", "max_steps": 2}
ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


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


def settings(folder, out, **more):
    """How a small default model is built from a user's files."""
    files = {"responses": "responses.csv", "expression": "own_samples.csv", "compounds": "own_compounds.csv"}
    given = {key: folder / name for key, name in files.items()} | {"out": out, "folds": 3, "workers": 1}
    return make_run(DefaultModelRun, given | {"model": SETTINGS} | more, "a test")


@pytest.fixture(scope="session")
def built(tidy_folder, tmp_path_factory):
    """A default model of 40 samples and 12 compounds, as its build leaves it; it is only read."""
    return build_default(settings(tidy_folder, tmp_path_factory.mktemp("default") / "model"))


@pytest.fixture(scope="session")
def model(built):
    """The default model of that build."""
    return load_default(built.folder)


@pytest.fixture(scope="session")
def samples(tidy_folder):
    """The samples that the default model was trained with."""
    return read_expression(tidy_folder / "own_samples.csv")


def strangers(samples, number=4, seed=0):
    """Samples that are like those of training, under names of their own."""
    mixed = samples.values[:number] * 0.5 + samples.values[number : 2 * number] * 0.5
    noise = np.random.default_rng(seed).normal(scale=0.01, size=mixed.shape)
    names = tuple(f"mine{i}" for i in range(number))
    return replace(samples.take(np.arange(number)), samples=names, values=(mixed + noise).astype(np.float32))


def benchmark(tidy_folder, out, **changes):
    """A benchmark of three baselines on three folds, with dotted settings changed."""
    models = ("global_mean", "drug_mean", "mean_effects")
    settings = {"data": tidy_folder, "out": out, "model": models, "split": {"folds": 3}}
    return make_run(BenchmarkRun, set_dotted(settings, changes), "test")


def request(model, expression, compounds, out, **how):
    """What a screen is asked for."""
    asked = {"model": model, "expression": expression, "compounds": compounds, "out": out}
    return make_run(ScreenRequest, asked | how, "test")


def full(folder):
    """Every pair of a screen in mode full."""
    return pd.read_parquet(folder / "full").astype(dict.fromkeys(("sample", "id", "compound"), str))
