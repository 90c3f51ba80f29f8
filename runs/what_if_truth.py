"""Do a network's what-if answers go the way that was planted?

    python -m runs.what_if_truth

Writes results/default_model/what_if_truth.csv. In a world whose mechanism is known (`data.synthetic`) each mechanism
couples some pairs of genes, and ln IC50 falls by the products of coupled genes. A network is pretrained and fine-tuned
on it, and one thing is changed at a time, for samples that it never saw:

    a gene i of a planted pair (i, j) up    ln IC50 moves against the sign of j
    a planted edge (i, j) removed           ln IC50 moves with the sign of i j

Random genes and the prior's meaningless edges are asked the same, with partners drawn at random. The shuffled world is
the control in which nothing can be learnt.
"""

from collections import defaultdict
from typing import NamedTuple

import numpy as np
import pandas as pd

from drugripple.data.synthetic import World
from drugripple.model.checkpoint import ResponseCheckpoint
from drugripple.model.network import PerturbationNet
from drugripple.predict.model import DrugResponseModel
from drugripple.predict.request import PredictionRequest
from drugripple.predict.what_if_network import what_if
from drugripple.predictors.csg2a import fit_network, network_card
from drugripple.predictors.csg2a_settings import NetworkSettings
from runs.default_model import keep
from runs.planted_forms import HELD_OUT, SCALED, trained, training


class Share(NamedTuple):
    """How often answers went the planted way."""

    changed: str
    world: str
    planted: float
    other: float
    """The same of random genes, or of edges that mean nothing: half is chance."""
    size: float
    """Mean size of a difference in ln IC50, planted."""
    other_size: float
    asked: int


def responding(world: World, backbone: PerturbationNet, *, epochs: int) -> DrugResponseModel:
    """A network fine-tuned on responses of all but the held-out lines; half of these stop it."""
    table = world.response
    parts = [
        table.take(np.flatnonzero(rows)) for rows in (table.sample_row >= HELD_OUT, table.sample_row < HELD_OUT // 2)
    ]
    settings = NetworkSettings(
        backbone="random", encoder="mat-small", target="residual", training=training(epochs),
        response={"widths": (32, 16), "dropout": 0.0, "freeze": "none"},
    )  # fmt: skip
    fitted = fit_network(settings, *parts, backbone, seed=0)
    card = network_card(fitted, parts[0], name="planted", seed=0)
    return DrugResponseModel(ResponseCheckpoint(fitted.net, fitted.scaler, card))


def shares(world: World, model: DrugResponseModel, name: str, *, samples: int = 7) -> list[Share]:
    """Ask what if of planted and of other genes and edges, for samples that nothing saw and every compound."""
    table = world.response.pairs
    chosen = table.expression.take(np.arange(HELD_OUT // 2, HELD_OUT // 2 + samples))
    everything = model.request(chosen, table.compounds, size="any")
    rng, found = np.random.default_rng(0), defaultdict(list)
    for basal, sample in zip(chosen.values, chosen.samples, strict=True):
        for compound, mechanism in zip(table.compounds.names, table.compounds.mechanism, strict=True):
            asked = everything.choose([sample], [compound])
            for planted, pairs in pairs_to_ask(world, mechanism, rng).items():
                found["a gene up", planted] += gene_answers(model, asked, pairs, basal)
            for planted, pairs in edges_to_ask(world, mechanism).items():
                found["an edge removed", planted] += edge_answers(model, asked, pairs, basal)
    made = []
    for changed in ("a gene up", "an edge removed"):
        own, other = (np.array(found[changed, planted], dtype=np.float64) for planted in (True, False))
        right, chance = (float((part[:, 0] * part[:, 1] > 0).mean()) for part in (own, other))
        size, other_size = (float(np.abs(part[:, 0]).mean()) for part in (own, other))
        made.append(Share(changed, name, right, chance, size, other_size, len(own)))
    return made


def pairs_to_ask(world: World, mechanism: str, rng: np.random.Generator) -> dict[bool, list[list[int]]]:
    """The mechanism's pairs, and as many of genes that it does not couple."""
    pairs = world.planted_pairs[mechanism].tolist()
    others = sorted(set(range(len(world.prior.genes))) - {gene for pair in pairs for gene in pair})
    return {True: pairs, False: [rng.choice(others, 2, replace=False).tolist() for _ in pairs]}


def edges_to_ask(world: World, mechanism: str) -> dict[bool, list[list[int]]]:
    """The mechanism's pairs that the prior knows, and the prior's edges that mean nothing."""
    planted = {tuple(pair) for pairs in world.planted_pairs.values() for pair in pairs.tolist()}
    known = world.prior.edges.tolist()
    own = {tuple(pair) for pair in world.planted_pairs[mechanism].tolist()}
    return {
        True: [edge for edge in known if tuple(edge) in own],
        False: [edge for edge in known if tuple(edge) not in planted],
    }


def gene_answers(
    model: DrugResponseModel, asked: PredictionRequest, pairs: list[list[int]], basal: np.ndarray
) -> list[tuple[float, float]]:
    """What the network says of each gene of the pairs one unit up, and the sign that was planted."""
    both = [pair for a, b in pairs for pair in ((a, b), (b, a))]
    symbols = model.card.genes
    moved = what_if(model, asked, genes=[symbols[gene] for gene, _ in both], changes=(1.0,)).table["difference"]
    return list(zip(moved.tolist(), [-float(basal[partner]) for _, partner in both], strict=True))


def edge_answers(
    model: DrugResponseModel, asked: PredictionRequest, edges: list[list[int]], basal: np.ndarray
) -> list[tuple[float, float]]:
    """What the network says without each edge, and the sign that was planted."""
    symbols = model.card.genes
    moved = what_if(model, asked, edges=[(symbols[a], symbols[b]) for a, b in edges]).table["difference"]
    return list(zip(moved.tolist(), [float(basal[a] * basal[b]) for a, b in edges], strict=True))


def main() -> None:
    rows = []
    for name, shuffled in (("planted", False), ("shuffled", True)):
        case = trained(SCALED, 80, shuffled=shuffled)
        model = responding(case.world, case.net, epochs=60)
        rows += shares(case.world, model, name)
    keep("what_if_truth", pd.DataFrame(rows))


if __name__ == "__main__":
    main()
