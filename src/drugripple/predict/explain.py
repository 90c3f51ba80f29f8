"""Through which genes: how a network couples them for one condition, or on average over many.

Two readings: `attention` (the scores A of the first layer, the paper's) and `sensitivity` (how much one gene's
predicted level moves with another's basal level). They need not agree; docs/explain.md says what each can find.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from drugripple.config import choice
from drugripple.data.treatments import with_id
from drugripple.errors import ConfigError
from drugripple.genes.prior import InteractionPrior
from drugripple.interpretation.maps import AttentionMap, HubBias, hub_bias, mean_from_factors, subtract
from drugripple.interpretation.pairs import top_pairs, top_pairs_lowrank
from drugripple.interpretation.sensitivity import mean_sensitivity
from drugripple.model.attention import GeneAttention
from drugripple.model.network import PerturbationNet, ResponseNet
from drugripple.predict.choices import Reading
from drugripple.predict.request import PredictionRequest
from drugripple.report.figures import attention_heatmap
from drugripple.runtime.atomic import whole_file
from drugripple.runtime.cells import for_spreadsheets

CONDITIONS_AT_ONCE = {Reading.ATTENTION: 16, Reading.SENSITIVITY: 256}
"""Attention holds a factor [g h] a condition; sensitivity costs a backward pass a gene and block."""
GENES_SHOWN = 25
PAIRS, HEATMAP = "pairs.csv", "heatmap.svg"


@dataclass(frozen=True)
class Explanation:
    """The strongest gene pairs, and the scores between the genes among them. Axis: k gene shown."""

    label: str
    by: Reading
    conditions: int
    pairs: pd.DataFrame
    """Columns gene_a, gene_b, score, in_prior, rank; sensitivities are ranked by size and keep their sign."""
    symbols: tuple[str, ...]
    scores: Float[np.ndarray, "k k"]
    known: Bool[np.ndarray, "k k"]
    """Pairs that the prior holds."""
    hubs: HubBias | None
    """How far the ranking follows single genes instead of pairs; for means over several conditions."""
    notes: tuple[str, ...] = ()
    """What was found or left out when samples and compounds were read: what `predict` says of them."""

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write pairs.csv and heatmap.svg, both or neither; returns their paths."""
        table, picture = folder / PAIRS, folder / HEATMAP
        what = "sensitivity" if self.by is Reading.SENSITIVITY else "interaction score"
        drawing = attention_heatmap(self.scores, self.symbols, self.known, label=what)
        with ExitStack() as files:
            for_spreadsheets(self.pairs).to_csv(
                files.enter_context(whole_file(table)), index=False, lineterminator="\n"
            )
            files.enter_context(whole_file(picture)).write_text(drawing, encoding="utf-8", newline="")
        return table, picture


def explain(
    network: ResponseNet,
    request: PredictionRequest,
    *,
    by: str = Reading.ATTENTION,
    against: Float[Tensor, "u g"] | None = None,
    top: int = 100,
) -> Explanation:
    """The mean map over every sample with every treatment asked about; one of each gives one condition.

    attention:    A = QQᵀ/√h + w P + I of the network's first layer, read after the scaling layer
    sensitivity:  ∂ treated_i / ∂ basal_j, made symmetric, of the whole pretrained part

    Args:
        network: what predicts.
        request: samples and treatments as the network reads them.
        by: `attention` or `sensitivity`.
        against: conditions whose mean map is taken away, so that what is common to all of them does not show.
        top: pairs to list.

    Raises:
        ConfigError: if attention is asked of a network that has none (the `plain` ablation).

    Source: attention, paper section 4.3; sensitivity, ours.
    """
    reading = choice(Reading, by)
    net = network.backbone
    if reading is Reading.ATTENTION and net.attention is None:
        message = (
            "this network was made with mixing = 'plain', which has no attention to explain; "
            "ask for the sensitivity instead"
        )
        raise ConfigError(message)
    compounds = tuple(map(with_id, request.treatments.names, request.treatments.ids))
    label = f"{_named(compounds)} in {_named(request.samples.names)}"
    compound = request.conditions
    with torch.no_grad():
        basal = network.rescale(request.samples.z)
    prior = net.interactions
    single = against is None and len(basal) * len(compound) == 1
    if reading is Reading.ATTENTION and net.attention is not None and single:
        return replace(_one_condition(net.attention, prior, basal, compound, top, label), notes=request.notes)
    found = _mean_map(net, basal, compound, reading, label)
    if against is not None:
        found = subtract(found, _mean_map(net, basal, against, reading, f"the mean of {len(against)}"))
    ranked = replace(found, scores=np.abs(found.scores)) if reading is Reading.SENSITIVITY else found
    pairs = top_pairs(ranked, top, prior=prior)
    first, second = (prior.genes.positions(pairs[name]) for name in ("gene_a", "gene_b"))
    pairs["score"] = found.scores[first, second]
    shown = _shown(pairs)
    at = prior.genes.positions(shown)
    hubs = hub_bias(found, prior) if found.conditions > 1 else None
    return Explanation(
        found.label, reading, found.conditions, pairs, shown, found.scores[np.ix_(at, at)], _known(prior, shown), hubs,
        request.notes,
    )  # fmt: skip


def _one_condition(
    attention: GeneAttention,
    prior: InteractionPrior,
    basal: Float[Tensor, "1 g"],
    compound: Float[Tensor, "1 g"],
    top: int,
    label: str,
) -> Explanation:
    """Attention of a single condition, ranked in blocks: the whole map is never built."""
    fixed = attention.fixed_scores()
    q = _factor(attention, basal, compound)[0]
    pairs = top_pairs_lowrank(q, prior, top, fixed=fixed)
    shown = _shown(pairs)
    at = prior.genes.positions(shown)
    scores = q[at].astype(np.float64) @ q[at].T / np.sqrt(q.shape[1])
    scores += fixed[at][:, at].toarray()
    return Explanation(label, Reading.ATTENTION, 1, pairs, shown, scores, _known(prior, shown), None)


def _mean_map(
    net: PerturbationNet, basal: Float[Tensor, "n g"], compound: Float[Tensor, "t g"], by: Reading, label: str
) -> AttentionMap:
    """The mean over every row of `basal` with every row of `compound`."""
    blocks = _every_pair(basal, compound, CONDITIONS_AT_ONCE[by])
    attention = net.attention
    if by is Reading.SENSITIVITY or attention is None:
        return mean_sensitivity(net, blocks, label)
    factors = (_factor(attention, *block) for block in blocks)
    return mean_from_factors(factors, net.interactions, label, fixed=attention.fixed_scores())


def _every_pair(
    basal: Float[Tensor, "n g"], compound: Float[Tensor, "t g"], at_once: int
) -> Iterator[tuple[Float[Tensor, "_ g"], Float[Tensor, "_ g"]]]:
    for part in torch.arange(len(basal) * len(compound)).split(at_once):
        yield basal[part // len(compound)], compound[part % len(compound)]


def _factor(
    attention: GeneAttention, basal: Float[Tensor, "b g"], compound: Float[Tensor, "b g"]
) -> Float[np.ndarray, "b g h"]:
    """Q, scaled so that QQᵀ/√h is what the layer adds up."""
    width = attention.w_gene.shape[1]
    with torch.no_grad():
        q = attention.query_factor(basal, compound) * (attention.scale * width**0.5) ** 0.5
    return q.numpy()


def _shown(pairs: pd.DataFrame) -> tuple[str, ...]:
    """The genes of the best pairs, in the order they appear."""
    return tuple(dict.fromkeys(pairs[["gene_a", "gene_b"]].to_numpy().ravel().tolist()))[:GENES_SHOWN]


def _known(prior: InteractionPrior, symbols: tuple[str, ...]) -> Bool[np.ndarray, "k k"]:
    at = prior.genes.positions(symbols)
    return prior.adjacency()[at][:, at].toarray() > 0


def _named(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"the mean of {len(names)}"
