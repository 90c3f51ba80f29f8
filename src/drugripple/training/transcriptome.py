"""Stage 1: pretraining on profiles of treated cells."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from drugripple.chem.graph import MolGraph
from drugripple.config import TrainingSettings
from drugripple.data.batch import collate
from drugripple.data.tables import PerturbationTable
from drugripple.model.mat import encode
from drugripple.model.network import PerturbationNet
from drugripple.training.loop import Epoch, History, fit
from drugripple.training.response import EVALUATION_BATCH, pick_device


@dataclass(frozen=True)
class Anchors:
    """Weaker evidence that is trained beside profiles. Axes: c consensus signature, n untreated profile, g gene."""

    change: Float[np.ndarray, "c g"]
    """Consensus change of a compound over cells, doses and times, z."""
    compound_row: Int[np.ndarray, " c"]
    """Its molecule."""
    untreated: Float[np.ndarray, "n g"]
    """Profiles that a dose of zero must leave as they are."""
    consensus_weight: float
    identity_weight: float
    share: float
    """Anchors of each kind in a step, as a share of its profiles."""


@dataclass(frozen=True)
class Hiding:
    """Random sub-panels while training, so that `restrict` to a part of the genes works well afterwards."""

    chance: float = 0.5
    fewest: float = 0.3
    """Smallest share of genes that stays visible."""


CONSENSUS_DOSE_UM, CONSENSUS_HOURS = 10.0, 24.0  # what most signatures under a consensus were measured at


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
) -> History:
    """Fit a network to treated profiles by weighted squared error; best epoch restored.

    Profiles are read row by row from the table's arrays, which may be memory-mapped. Each distinct molecule of a step
    is encoded once; with `train_molecules=False` all are encoded once beforehand.

    Source: paper section 3.2.1, spec csg2a section 4.1. Differs: weights, anchors and gene hiding are ours and off by
    default.
    """
    device = pick_device(settings.device)
    net.to(device)
    net.molecule.requires_grad_(train_molecules)
    vectors = None if train_molecules else encode(net.molecule, graphs, device=device)

    def molecules(rows: Int[np.ndarray, " b"]) -> Float[Tensor, "b d"]:
        if vectors is not None:
            return vectors[torch.from_numpy(rows)].to(device)
        distinct, which = np.unique(rows, return_inverse=True)
        encoded = net.molecule(collate([graphs[row] for row in distinct]).to(device))
        return encoded[torch.from_numpy(which)]

    def loss(batch: Int[Tensor, " b"]) -> Float[Tensor, ""]:
        step = _step(profiles, train[batch.numpy()], anchors)
        basal, dose, hours = (torch.from_numpy(x).to(device) for x in (step.basal, step.dose_um, step.hours))
        visible = _visible(len(basal), basal.shape[1], hiding, device)
        compound = net.condition(molecules(step.compound_row), dose, hours)
        treated = net.perturb(basal, compound, visible).treated
        return _step_loss(step, basal, treated, visible, anchors)

    def validate() -> float:
        predicted = predict_profiles(net, profiles, valid, graphs)
        return float(np.square(predicted - profiles.treated[valid], dtype=np.float64).mean())

    return fit(net, loss, validate, rows=len(train), settings=settings, seed=seed, state=state, on_epoch=on_epoch)


def predict_profiles(
    net: PerturbationNet, profiles: PerturbationTable, rows: Int[np.ndarray, " m"], graphs: Sequence[MolGraph]
) -> Float[np.ndarray, "m g"]:
    """Predicted treated profiles, in evaluation mode."""
    net.eval()
    device = next(net.parameters()).device
    distinct, which = np.unique(profiles.compound_row[rows], return_inverse=True)
    vectors = encode(net.molecule, [graphs[row] for row in distinct], device=device)
    parts = []
    with torch.no_grad():
        for start in range(0, len(rows), EVALUATION_BATCH):
            part, of = rows[start : start + EVALUATION_BATCH], which[start : start + EVALUATION_BATCH]
            basal = torch.from_numpy(profiles.basal.values[profiles.basal_row[part]]).to(device)
            dose, hours = (
                torch.from_numpy(column[part].astype(np.float32)).to(device)
                for column in (profiles.dose_um, profiles.hours)
            )
            compound = net.condition(vectors[torch.from_numpy(of)].to(device), dose, hours)
            parts.append(net.perturb(basal, compound).treated.cpu().numpy())
    return np.concatenate(parts)


@dataclass(frozen=True)
class _Step:
    """Rows of one step: profiles first, then consensus anchors, then untreated ones."""

    basal: Float[np.ndarray, "b g"]
    compound_row: Int[np.ndarray, " b"]
    dose_um: Float[np.ndarray, " b"]
    hours: Float[np.ndarray, " b"]
    treated: Float[np.ndarray, "p g"]
    weight: Float[np.ndarray, " p"]
    change: Float[np.ndarray, "a g"]


def _step(profiles: PerturbationTable, rows: Int[np.ndarray, " p"], anchors: Anchors | None) -> _Step:
    rows = np.sort(rows)  # memory-mapped rows are read in order
    basal = [profiles.basal.values[profiles.basal_row[rows]]]
    compound = [profiles.compound_row[rows]]
    dose, hours = [profiles.dose_um[rows]], [profiles.hours[rows]]
    change = np.empty((0, basal[0].shape[1]), dtype=np.float32)
    if anchors is not None:
        count = max(1, round(anchors.share * len(rows)))
        chosen = torch.randint(len(anchors.change), (count,)).numpy()
        resting = torch.randint(len(anchors.untreated), (count,)).numpy()
        change = anchors.change[chosen]
        basal += [np.zeros_like(change), anchors.untreated[resting]]
        compound += [anchors.compound_row[chosen], compound[0][torch.randint(len(rows), (count,)).numpy()]]
        dose += [np.full(count, CONSENSUS_DOSE_UM), np.zeros(count)]
        hours += [np.full(count, CONSENSUS_HOURS), hours[0][torch.randint(len(rows), (count,)).numpy()]]
    return _Step(
        np.concatenate(basal).astype(np.float32),
        np.concatenate(compound),
        np.concatenate(dose).astype(np.float32),
        np.concatenate(hours).astype(np.float32),
        profiles.treated[rows],
        profiles.weight[rows].astype(np.float32),
        change,
    )


def _visible(rows: int, genes: int, hiding: Hiding | None, device: torch.device) -> Float[Tensor, "b g"] | None:
    """1 where a gene is in the panel of this step's row; None when nothing is hidden."""
    if hiding is None or torch.rand(()) >= hiding.chance:
        return None
    share = hiding.fewest + (1 - hiding.fewest) * torch.rand(rows, 1)
    return (torch.rand(rows, genes) < share).float().to(device)


def _step_loss(
    step: _Step,
    basal: Float[Tensor, "b g"],
    treated: Float[Tensor, "b g"],
    visible: Float[Tensor, "b g"] | None,
    anchors: Anchors | None,
) -> Float[Tensor, ""]:
    seen = torch.ones_like(basal) if visible is None else visible
    p, a = len(step.treated), len(step.change)
    weight = torch.from_numpy(step.weight).to(basal).unsqueeze(-1) * seen[:p]
    error = treated[:p] - torch.from_numpy(step.treated).to(basal)
    loss = (error.square() * weight).sum() / weight.sum().clamp(min=1)
    if anchors is None:
        return loss
    change = torch.from_numpy(step.change).to(basal) * seen[p : p + a]
    agreement = F.cosine_similarity((treated - basal)[p : p + a] * seen[p : p + a], change).mean()
    rest = ((treated - basal)[p + a :].square() * seen[p + a :]).sum() / seen[p + a :].sum().clamp(min=1)
    return loss + anchors.consensus_weight * (1 - agreement) + anchors.identity_weight * rest
