"""Through which genes: attention between genes for one condition, or its mean over many."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.errors import ConfigError
from drugripple.genes.prior import InteractionPrior
from drugripple.interpretation.maps import AttentionMap, HubBias, hub_bias, mean_from_factors
from drugripple.interpretation.pairs import top_pairs, top_pairs_lowrank
from drugripple.model.attention import GeneAttention
from drugripple.recipes.inputs import write_whole
from drugripple.recipes.predict import DrugResponseModel, Treatments
from drugripple.report.figures import attention_heatmap

CONDITIONS_AT_ONCE = 16
GENES_SHOWN = 25


@dataclass(frozen=True)
class Explanation:
    """The strongest gene pairs, and the scores between the genes among them. Axis: k gene shown."""

    label: str
    conditions: int
    pairs: pd.DataFrame
    """Columns gene_a, gene_b, score, in_prior, rank."""
    symbols: tuple[str, ...]
    scores: Float[np.ndarray, "k k"]
    known: Bool[np.ndarray, "k k"]
    """Pairs that the prior holds."""
    hubs: HubBias | None
    """How far the ranking follows single genes instead of pairs; for means over several conditions."""

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write pairs.csv and heatmap.svg; returns their paths."""
        folder.mkdir(parents=True, exist_ok=True)
        table, picture = folder / "pairs.csv", folder / "heatmap.svg"
        write_whole(table, lambda path: self.pairs.to_csv(path, index=False))
        drawing = attention_heatmap(self.scores, self.symbols, self.known)
        write_whole(picture, lambda path: path.write_text(drawing))
        return table, picture


def explain(
    model: DrugResponseModel,
    expression: ExpressionTable,
    compounds: CompoundTable | Treatments,
    *,
    top: int = 100,
    missing: Literal["refuse", "median"] = "refuse",
) -> Explanation:
    """The mean attention over every sample with every compound given; one of each gives one condition.

    Scores are A = QQᵀ/√h + w P + I of the network's first layer, read after the scaling layer.

    Raises:
        ConfigError: if the network has no attention (the `plain` ablation).

    Source: paper section 4.3.
    """
    treatments = compounds if isinstance(compounds, Treatments) else model.treatments(compounds)
    net = model.checkpoint.net
    attention, prior = net.backbone.attention, net.backbone.interactions
    if attention is None:
        message = "this network was made with mixing = 'plain', which has no attention to explain"
        raise ConfigError(message)
    compound = model.conditions(treatments)
    with torch.no_grad():
        basal = net.rescale(model.scaled(expression, missing=missing))
    weight = float(attention.prior_weight)
    count = len(basal) * len(compound)
    label = f"{_named(treatments.compounds.names)} in {_named(expression.samples)}"
    if count == 1:
        q = _factor(attention, basal, compound)[0]
        pairs = top_pairs_lowrank(q, prior, top, prior_weight=weight)
        shown = _shown(pairs)
        at = prior.genes.positions(shown)
        scores = q[at].astype(np.float64) @ q[at].T / np.sqrt(q.shape[1])
        scores += weight * prior.adjacency()[at][:, at].toarray() + np.eye(len(at))
        return Explanation(label, 1, pairs, shown, scores, _known(prior, shown), None)
    pairs_of = ((s, t) for s in range(len(basal)) for t in range(len(compound)))
    order = torch.tensor(list(pairs_of))
    blocks = (_factor(attention, basal[part[:, 0]], compound[part[:, 1]]) for part in order.split(CONDITIONS_AT_ONCE))
    mean: AttentionMap = mean_from_factors(blocks, prior, label, prior_weight=weight)
    pairs = top_pairs(mean, top, prior=prior)
    shown = _shown(pairs)
    at = prior.genes.positions(shown)
    return Explanation(
        label, count, pairs, shown, mean.scores[np.ix_(at, at)], _known(prior, shown), hub_bias(mean, prior)
    )


def _factor(
    attention: GeneAttention, basal: Float[Tensor, "b g"], compound: Float[Tensor, "b g"]
) -> Float[np.ndarray, "b g h"]:
    """Q, scaled so that QQᵀ/√h is what the layer adds up."""
    width = attention.w_gene.shape[1]
    with torch.no_grad():
        q = attention.queries(basal, compound) * (attention.scale * width**0.5) ** 0.5
    return q.numpy()


def _shown(pairs: pd.DataFrame) -> tuple[str, ...]:
    """The genes of the best pairs, in the order they appear."""
    return tuple(dict.fromkeys(pairs[["gene_a", "gene_b"]].to_numpy().ravel().tolist()))[:GENES_SHOWN]


def _known(prior: InteractionPrior, symbols: tuple[str, ...]) -> Bool[np.ndarray, "k k"]:
    at = prior.genes.positions(symbols)
    return prior.adjacency()[at][:, at].toarray() > 0


def _named(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"the mean of {len(names)}"
