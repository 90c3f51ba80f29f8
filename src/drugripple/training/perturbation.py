"""Stage 1: pretraining on profiles of treated cells."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from drugripple.chem.graph import MolGraph
from drugripple.data.molecule_batch import collate
from drugripple.data.tables import PerturbationTable
from drugripple.errors import TrainingError
from drugripple.model.mat.encoder import encode
from drugripple.model.network import PerturbationNet
from drugripple.runtime.mapped import read_rows
from drugripple.training.device import pick_device
from drugripple.training.distributed.process_group import SINGLE_PROCESS, ProcessGroup
from drugripple.training.distributed.synchronised_layers import BatchRows, synchronise_layers
from drugripple.training.history import Epoch, History
from drugripple.training.loop import fit, refuse_compiled
from drugripple.training.made_from import UNKNOWN, MadeFrom
from drugripple.training.perturbation_step import (
    Anchors,
    Hiding,
    draw_rows,
    draw_visible,
    loss_normaliser,
    read_step,
    step_loss,
)
from drugripple.training.settings import TrainingSettings

BLOCK = 1024
"""Number of profiles that are predicted at once."""


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
    made_from: MadeFrom = UNKNOWN,
    on_epoch: Callable[[Epoch], None] = lambda _: None,
    group: ProcessGroup = SINGLE_PROCESS,
    device: torch.device | None = None,
) -> History:
    """Fit a network to treated profiles by weighted squared error; the network ends with the best epoch's weights.

    Profiles are read row by row from the table's arrays, which may be memory-mapped: what a step has read is given
    back. Each distinct molecule of a step is encoded once.

    Where several processes train together, each takes its part of every batch. Network and losses are those of one
    process that takes the batch whole, up to the rounding of sums in another order (training/distributed/README.md).

    Args:
        net: the network, trained in place.
        profiles: basal and treated profiles.
        train: rows to learn from.
        valid: rows that decide when to stop.
        graphs: molecule of each compound of `profiles`, and of each that `anchors` name.
        settings: optimiser and stopping rule.
        seed: the seed of order, dropout, anchors and hidden genes.
        train_molecules: whether the molecule encoder learns too; otherwise all molecules are encoded once beforehand.
        anchors: weaker evidence to train on beside profiles.
        hiding: how often and how far genes are hidden.
        state: the file that keeps the run between epochs.
        made_from: the digest of each thing that is trained from; a stored state goes on from the same alone.
        on_epoch: called after each epoch.
        group: the processes that train together.
        device: the device to train on; by the settings if not given.

    Raises:
        ConfigError: if the steps are to be compiled.
        TrainingError: if a batch has fewer rows than there are processes, or as `fit`.

    Source: paper section 3.2.1. Differs: weights, anchors and gene hiding are ours and off by default.
    """
    refuse_compiled(settings, "stage 1")
    _refuse_unshared(len(train), settings.batch, group)
    device = device or pick_device(settings.device)
    net.to(device)
    net.mat.requires_grad_(train_molecules)
    vectors = None if train_molecules else encode(net.mat, graphs, device=device)
    genes, batch_rows, like = len(net.genes), BatchRows(), net.condition.projection.linear.weight.detach()

    def loss(batch: Int[Tensor, " b"]) -> Float[Tensor, ""]:
        whole = draw_rows(profiles, train[batch.numpy()], anchors)
        drawn = draw_visible(len(whole), genes, hiding)
        normaliser = loss_normaliser(profiles, whole, drawn, genes)
        own = whole.part(group)
        batch_rows.set(torch.from_numpy(own.position), len(whole))
        visible = None if drawn is None else drawn[batch_rows.rows].to(like)
        step = read_step(profiles, own, anchors, like)
        row = step.compound_row
        molecules = _vectors_of(net, graphs, row) if vectors is None else vectors[torch.from_numpy(row).to(device)]
        treated = net(step.basal, molecules, step.dose_um, step.hours, visible).treated
        return step_loss(step, treated, visible, anchors, normaliser)

    def validate() -> float:
        squared = torch.zeros((), dtype=torch.float64)
        for rows, predicted in predict_blocks(net, profiles, valid[group.part(len(valid))], graphs, vectors):
            squared += np.square(predicted - read_rows(profiles.treated, rows), dtype=np.float64).sum()
        return group.add(squared).item() / (len(valid) * genes)

    with synchronise_layers(net, group, batch_rows):
        return fit(
            net,
            loss,
            validate,
            rows=len(train),
            settings=settings,
            seed=seed,
            state=state,
            made_from=made_from,
            on_epoch=on_epoch,
            group=group,
        )


def _refuse_unshared(rows: int, batch: int, group: ProcessGroup) -> None:
    if rows // max(1, round(rows / batch)) < group.size:
        message = f"a batch of {batch} of {rows} profiles cannot be shared by {group.size} processes"
        raise TrainingError(message)


def _vectors_of(
    net: PerturbationNet, graphs: Sequence[MolGraph], compound_row: Int[np.ndarray, " b"]
) -> Float[Tensor, "b d"]:
    """Encode the molecules of some rows, each distinct one once, with gradients."""
    like = net.condition.projection.linear.weight
    distinct, molecule_index = np.unique(compound_row, return_inverse=True)
    encoded = net.mat(collate([graphs[row] for row in distinct]).to(like.device, like.dtype))
    return encoded[torch.from_numpy(molecule_index).to(like.device)]


def predict_blocks(
    net: PerturbationNet,
    profiles: PerturbationTable,
    rows: Int[np.ndarray, " m"],
    graphs: Sequence[MolGraph],
    vectors: Float[Tensor, "c d"] | None = None,
) -> Iterator[tuple[Int[np.ndarray, " k"], Float[np.ndarray, "k g"]]]:
    """Predict treated profiles of rows in evaluation mode, some at a time; yields row numbers and profiles.

    `vectors` are those of all `graphs`, where they are known already.
    """
    net.eval()
    like = net.condition.projection.linear.weight.detach()
    distinct, molecule_index = np.unique(profiles.compound_row[rows], return_inverse=True)
    if vectors is None:
        vectors = encode(net.mat, [graphs[row] for row in distinct], device=like.device)
    else:
        molecule_index = distinct[molecule_index]
    with torch.no_grad():
        for start in range(0, len(rows), BLOCK):
            part, index = rows[start : start + BLOCK], molecule_index[start : start + BLOCK]
            basal = torch.from_numpy(read_rows(profiles.basal.values, profiles.basal_row[part])).to(like)
            dose, hours = (torch.from_numpy(column[part]).to(like) for column in (profiles.dose_um, profiles.hours))
            molecule = vectors[torch.from_numpy(index).to(like.device)]
            yield part, net(basal, molecule, dose, hours).treated.float().cpu().numpy()


def predict_profiles(
    net: PerturbationNet,
    profiles: PerturbationTable,
    rows: Int[np.ndarray, " m"],
    graphs: Sequence[MolGraph],
    vectors: Float[Tensor, "c d"] | None = None,
) -> Float[np.ndarray, "m g"]:
    """Predict treated profiles of rows in evaluation mode, all in memory; `vectors` are as for `predict_blocks`."""
    return np.concatenate([predicted for _, predicted in predict_blocks(net, profiles, rows, graphs, vectors)])
