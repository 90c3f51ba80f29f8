"""What `explain` says of a network's attention is what its first layer adds up, whatever the settings."""

import numpy as np
import pytest
import torch

from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.scaling import RobustScaler
from drugripple.genes.space import GeneSpace
from drugripple.model.checkpoint import Card, ResponseCheckpoint
from drugripple.model.network import PerturbationNet, ResponseNet
from drugripple.model.presets import Preset
from drugripple.predict.model import DrugResponseModel

GENES = GeneSpace(tuple(f"G{i}" for i in range(7)))
PRIOR = InteractionPrior(GENES, np.array([[0, 1], [0, 2], [0, 5], [3, 6]]), "by hand")
OPTIONS = (
    {}, {"prior_norm": "degree"}, {"self_loops": False}, {"prior_weight": 0.5}, {"score_scale": "none"},
)  # fmt: skip


def a_model(**changes):
    torch.manual_seed(0)
    settings = Preset.PAPER.perturbation(hidden=4, encoder="morgan", fingerprint_bits=16, **changes)
    net = ResponseNet(PerturbationNet(PRIOR, settings), Preset.PAPER.response(widths=(5, 3))).eval()
    card = Card(
        kind="response", name="test", perturbation=settings, response=net.settings, genes=GENES.symbols,
        gene_digest=GENES.digest, prior_source=PRIOR.source, expression_scale=ExpressionScale.LOG2_TPM,
    )  # fmt: skip
    return DrugResponseModel(ResponseCheckpoint(net, RobustScaler(np.zeros(7), np.ones(7)), card))


def samples(count):
    values = np.random.default_rng(1).normal(size=(count, 7)).astype(np.float32)
    names = tuple(f"S{i}" for i in range(count))
    return ExpressionTable(names, GENES, values, ExpressionScale.LOG2_TPM)


@pytest.mark.parametrize(("lines", "smiles"), [(1, ["CCO"]), (2, ["CCO", "CCN", "c1ccccc1"])])
@pytest.mark.parametrize("changes", OPTIONS)
def test_scores_are_those_of_the_layer(changes, lines, smiles):
    model, expression, compounds = a_model(**changes), samples(lines), CompoundTable.from_smiles(smiles)
    net = model.checkpoint.net
    with torch.no_grad():
        basal = net.rescale(model.samples(expression).z).repeat_interleave(len(smiles), 0)
        condition = model.conditions(model.treatments(compounds)).repeat(lines, 1)
        whole = net.backbone.attention.attention_matrix(basal, condition).mean(0).numpy()
    found = model.explain(expression, compounds, top=21)
    first, second = (GENES.positions(found.pairs[name]) for name in ("gene_a", "gene_b"))
    np.testing.assert_allclose(found.pairs["score"], whole[first, second], rtol=1e-4, atol=1e-4)
    at = GENES.positions(found.symbols)
    np.testing.assert_allclose(found.scores, whole[np.ix_(at, at)], rtol=1e-4, atol=1e-4)


def test_the_title_tells_compounds_of_one_name_apart():
    two = CompoundTable.from_smiles(["CCO", "CCN"], ids=["1004", "1005"], names=["Drug A", "Drug A"])
    labels = [a_model().explain(samples(1), two.take(np.array([row])), top=3).label for row in (0, 1)]
    assert labels == ["Drug A (1004) in S0", "Drug A (1005) in S0"]
