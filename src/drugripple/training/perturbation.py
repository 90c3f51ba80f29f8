"""Stage 1: pretraining on profiles of treated cells."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from drugripple.chem.graph import MolGraph
from drugripple.data.batch import collate
from drugripple.data.tables import PerturbationTable
from drugripple.errors import TrainingError
from drugripple.model.mat.encoder import encode
from drugripple.model.network import PerturbationNet
from drugripple.runtime.mapped import read_rows
from drugripple.training.distributed.process_group import ALONE, Team
from drugripple.training.distributed.synchronised_layers import Place, shared_layers
from drugripple.training.loop import Epoch, History, fit, refuse_compiled
from drugripple.training.perturbation_step import (
    Anchors,
    Hiding,
    charge,
    draw_rows,
    draw_visible,
    read_step,
    step_loss,
)
from drugripple.training.response import pick_device
from drugripple.training.settings import TrainingSettings

BLOCK = 1024
"""Profiles predicted at once."""


def pretrain(
    net: PerturbationNet,
    profiles: PerturbationTable,
    train: Int[np.ndarray, " m"],
    valid: Int[np.ndarray, " v"],
    graphs: Sequence[MolGraph],
    settings: TrainingSettings,
    *,
    seed: int,
    train_molecules: bool = True,
    anchors: Anchors | None = None,
    hiding: Hiding | None = None,
    state: Path | None = None,
    on_epoch: Callable[[Epoch], None] = lambda _: None,
    team: Team = ALONE,
    device: torch.device | None = None,
) -> History:
    """Fit a network to treated profiles by weighted squared error; best epoch restored.

    Profiles are read row by row from the table's arrays, which may be memory-mapped: what a step has read is given
    back. Each distinct molecule of a step is encoded once; with `train_molecules=False` all are encoded once
    beforehand. `device` wins over the settings.

    In a team each process takes its part of every batch, and the network and its losses are those of one process that
    takes it whole, up to the rounding of sums in another order: random draws are made for the whole batch, batch norm
    sees all its rows, and every sum is divided by what the whole batch comes to.

    Raises:
        ConfigError: if the steps are to be compiled.
        TrainingError: if a batch has fewer rows than there are processes, or as `fit`.

    Source: paper section 3.2.1, spec csg2a section 4.1. Differs: weights, anchors and gene hiding are ours and off by
    default.
    """
    refuse_compiled(settings, "stage 1")
    if len(train) // max(1, round(len(train) / settings.batch)) < team.size:
        message = f"a batch of {settings.batch} of {len(train)} profiles cannot be shared by {team.size} processes"
        raise TrainingError(message)
    device = device or pick_device(settings.device)
    net.to(device)
    net.mat.requires_grad_(train_molecules)
    vectors = None if train_molecules else encode(net.mat, graphs, device=device)
    genes, place, like = len(net.genes), Place(), net.condition.project.weight.detach()

    def molecules(rows: Int[np.ndarray, " b"]) -> Float[Tensor, "b d"]:
        if vectors is not None:
            return vectors[torch.from_numpy(rows).to(device)]
        distinct, which = np.unique(rows, return_inverse=True)
        encoded = net.mat(collate([graphs[row] for row in distinct]).to(device, like.dtype))
        return encoded[torch.from_numpy(which).to(device)]

    def loss(batch: Int[Tensor, " b"]) -> Float[Tensor, ""]:
        whole = draw_rows(profiles, train[batch.numpy()], anchors)
        panel = draw_visible(len(whole), genes, hiding)
        divided_by = charge(profiles, whole, panel, genes)
        own = whole.part(team)
        place.take(torch.from_numpy(own.position), len(whole))
        visible = None if panel is None else panel[place.rows].to(like)
        step = read_step(profiles, own, anchors, like)
        compound = net.condition(molecules(step.compound_row), step.dose_um, step.hours)
        treated = net.perturb(step.basal, compound, visible).treated
        return step_loss(step, treated, visible, anchors, divided_by)

    def validate() -> float:
        squared = torch.zeros((), dtype=torch.float64)
        for rows, predicted in predict_blocks(net, profiles, valid[team.part(len(valid))], graphs, vectors):
            squared += np.square(predicted - read_rows(profiles.treated, rows), dtype=np.float64).sum()
        return team.add(squared).item() / (len(valid) * genes)

    with shared_layers(net, team, place):
        return fit(
            net,
            loss,
            validate,
            rows=len(train),
            settings=settings,
            seed=seed,
            state=state,
            on_epoch=on_epoch,
            team=team,
        )


def predict_blocks(
    net: PerturbationNet,
    profiles: PerturbationTable,
    rows: Int[np.ndarray, " m"],
    graphs: Sequence[MolGraph],
    vectors: Float[Tensor, "c d"] | None = None,
) -> Iterator[tuple[Int[np.ndarray, " k"], Float[np.ndarray, "k g"]]]:
    """Row numbers and predicted treated profiles of some rows at a time, in evaluation mode.

    `vectors` are those of all `graphs`, where they are known already.
    """
    net.eval()
    like = net.condition.project.weight.detach()
    distinct, which = np.unique(profiles.compound_row[rows], return_inverse=True)
    if vectors is None:
        vectors = encode(net.mat, [graphs[row] for row in distinct], device=like.device)
    else:
        which = distinct[which]
    with torch.no_grad():
        for start in range(0, len(rows), BLOCK):
            part, of = rows[start : start + BLOCK], which[start : start + BLOCK]
            basal = torch.from_numpy(read_rows(profiles.basal.values, profiles.basal_row[part])).to(like)
            dose, hours = (torch.from_numpy(column[part]).to(like) for column in (profiles.dose_um, profiles.hours))
            compound = net.condition(vectors[torch.from_numpy(of).to(like.device)], dose, hours)
            yield part, net.perturb(basal, compound).treated.float().cpu().numpy()


def predict_profiles(
    net: PerturbationNet, profiles: PerturbationTable, rows: Int[np.ndarray, " m"], graphs: Sequence[MolGraph]
) -> Float[np.ndarray, "m g"]:
    """Predicted treated profiles, in evaluation mode, all in memory."""
    return np.concatenate([predicted for _, predicted in predict_blocks(net, profiles, rows, graphs)])
