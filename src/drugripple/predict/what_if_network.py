"""What a network would answer with a gene up or down, an edge of its prior removed, another dose or another time."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from torch import Tensor

from drugripple.data.treatments import Treatments
from drugripple.errors import ConfigError, GeneSpaceError, first_five
from drugripple.genes.prior import InteractionPrior
from drugripple.model.network import ResponseNet
from drugripple.predict.choices import CHANGES
from drugripple.predict.model import DrugResponseModel
from drugripple.predict.request import PredictionRequest
from drugripple.predict.what_if import Change, WhatIf, change_rows

Edge = tuple[str, str]


def what_if(
    model: DrugResponseModel,
    request: PredictionRequest,
    *,
    genes: Sequence[str] = (),
    edges: Sequence[Edge] = (),
    doses_um: Sequence[float] = (),
    hours: Sequence[float] = (),
    changes: Sequence[float] = CHANGES,
) -> WhatIf:
    """Change one thing at a time of a request that was narrowed to one; see `DrugResponseModel.what_if`.

    Raises:
        ConfigError: if the request is not of one sample and one treatment, or nothing is changed.
        GeneSpaceError: if a gene is not the network's, or an edge not its prior's.
        TableError: if a dose or time is not above zero.
    """
    if len(request.samples) != 1 or len(request.treatments) != 1:
        message = (
            f"one sample and one compound can be changed at a time, got {len(request.samples)} samples and "
            f"{len(request.treatments)} treatments; choose one of each"
        )
        raise ConfigError(message)
    if not (genes or edges or doses_um or hours):
        message = "nothing is changed; name genes, edges, doses or times"
        raise ConfigError(message)
    z, treatments = request.samples.z, request.treatments
    unchanged = float(_responses(model, request, z, request.conditions, treatments)[0, 0])
    parts = [
        *_genes(model, request, genes, np.array(changes, dtype=np.float64), unchanged),
        *_edges(model, request, edges, unchanged),
    ]
    for kind, values in ((Change.DOSE, doses_um), (Change.TIME, hours)):
        if len(values):
            parts.append(_swept(model, request, kind, np.array(values, dtype=np.float32), unchanged))
    table = pd.concat(parts, ignore_index=True)
    return WhatIf(request.samples.names[0], treatments.names[0], model.measure, unchanged, table, request.notes)


def _genes(
    model: DrugResponseModel,
    request: PredictionRequest,
    genes: Sequence[str],
    changes: Float[np.ndarray, " k"],
    unchanged: float,
) -> Iterator[pd.DataFrame]:
    """The robust z-score that the network reads is moved by each change."""
    places = model.checkpoint.net.genes.positions(genes)
    for gene, place in zip(genes, places.tolist(), strict=True):
        z = request.samples.z.repeat(len(changes), 1)
        z[:, place] += torch.from_numpy(changes).to(z)
        found = _responses(model, request, z, request.conditions, request.treatments)[:, 0]
        yield change_rows(Change.GENE, gene, changes, found, unchanged)


def _edges(
    model: DrugResponseModel, request: PredictionRequest, edges: Sequence[Edge], unchanged: float
) -> Iterator[pd.DataFrame]:
    """One edge is taken out of the prior, all weights stay."""
    prior = model.checkpoint.net.backbone.interactions
    for edge in edges:
        pair = np.sort(prior.genes.positions(edge))
        kept = ~(prior.edges == pair).all(axis=1)
        if kept.all():
            message = f"the prior of the network has no edge between {edge[0]} and {edge[1]}; {_partners(model, edge)}"
            raise GeneSpaceError(message)
        other = _with_backbone(model, replace(prior, edges=prior.edges[kept]))
        found = _responses(other, request, request.samples.z, request.conditions, request.treatments)[0]
        yield change_rows(Change.EDGE, " - ".join(edge), np.full(1, np.nan), found, unchanged)


def _with_backbone(model: DrugResponseModel, prior: InteractionPrior) -> DrugResponseModel:
    net: ResponseNet = deepcopy(model.checkpoint.net)
    net.backbone = net.backbone.with_prior(prior)
    return replace(model, checkpoint=replace(model.checkpoint, net=net.train(model.checkpoint.net.training)))


def _swept(
    model: DrugResponseModel,
    request: PredictionRequest,
    kind: Change,
    values: Float[np.ndarray, " k"],
    unchanged: float,
) -> pd.DataFrame:
    """The compound at other doses, or for other times."""
    one, number = request.treatments, len(values)
    treatments = replace(
        one,
        compound_row=np.repeat(one.compound_row, number),
        dose_um=values if kind is Change.DOSE else np.repeat(one.dose_um, number),
        hours=values if kind is Change.TIME else np.repeat(one.hours, number),
    )
    found = _responses(model, request, request.samples.z, model.conditions(treatments), treatments)[0]
    return change_rows(kind, one.names[0], values.astype(np.float64), found, unchanged)


def _responses(
    model: DrugResponseModel,
    request: PredictionRequest,
    z: Float[Tensor, "n g"],
    conditions: Float[Tensor, "t g"],
    treatments: Treatments,
) -> Float[np.ndarray, "n t"]:
    """All rows of z count as the sample of the request."""
    names = request.samples.names * len(z)
    return np.concatenate([values for _, values in model.grid(z, names, treatments, conditions)])


def _partners(model: DrugResponseModel, edge: Edge) -> str:
    prior = model.checkpoint.net.backbone.interactions
    place = int(prior.genes.positions([edge[0]])[0])
    rows = prior.edges[(prior.edges == place).any(axis=1)]
    partners = [prior.genes.symbols[one] for one in np.unique(rows).tolist() if one != place]
    return f"partners of {edge[0]} are {first_five(partners)}" if partners else f"{edge[0]} has no partner"
