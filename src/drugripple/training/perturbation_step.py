"""One step of stage 1: the rows it draws and reads, the genes it hides, its loss and what that is divided by."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from drugripple.data.tables import PerturbationTable
from drugripple.runtime.mapped import read_rows
from drugripple.training.distributed.process_group import ProcessGroup

CONSENSUS_DOSE_UM, CONSENSUS_HOURS = 10.0, 24.0
"""The dose and time at which most signatures under a consensus were measured."""


@dataclass(frozen=True)
class Anchors:
    """Weaker evidence that is trained beside profiles. Axes: c consensus signature, n untreated profile, g gene."""

    change: Float[np.ndarray, "c g"]
    """Consensus change under a compound over cells, doses and times, as z-scores."""
    compound_row: Int[np.ndarray, " c"]
    """The compound of each consensus signature."""
    untreated: Float[np.ndarray, "n g"]
    """Profiles that a dose of zero must leave as they are."""
    consensus_weight: float
    """Weight of the consensus anchors in the loss (λ_c)."""
    identity_weight: float
    """Weight of the untreated anchors in the loss (λ_i)."""
    share: float
    """Number of anchors of each kind in a step, as a share of its profiles."""


@dataclass(frozen=True)
class Hiding:
    """Random sub-panels while training, so that `restrict` to a part of the genes works well afterwards."""

    chance: float = 0.5
    """Probability that a step hides genes."""
    fewest: float = 0.3
    """Smallest share of genes that stays visible."""


@dataclass(frozen=True)
class StepRows:
    """Row numbers of a step: profiles, then consensus anchors, then untreated ones.

    Axes: p profile, a anchor, b row of any kind.
    """

    profile: Int[np.ndarray, " p"]
    """Rows of the profiles, in ascending order, because a mapped file is quickest to read in its own order."""
    consensus: Int[np.ndarray, " a"]
    """Rows of the consensus signatures."""
    untreated: Int[np.ndarray, " a"]
    """Rows of the untreated profiles."""
    untreated_compound: Int[np.ndarray, " a"]
    """Compound that each untreated profile is paired with, at a dose of zero."""
    untreated_hours: Float[np.ndarray, " a"]
    """Time that each untreated profile is paired with."""
    position: Int[np.ndarray, " b"]
    """Where each row stands in the whole step."""

    def __len__(self) -> int:
        return len(self.position)

    def part(self, group: ProcessGroup) -> "StepRows":
        """One process's part of each kind of row."""
        p, a = group.part(len(self.profile)), group.part(len(self.consensus))
        kinds = np.split(self.position, np.cumsum([len(self.profile), len(self.consensus)]))
        position = np.concatenate([kind[part] for kind, part in zip(kinds, (p, a, a), strict=True)])
        return StepRows(
            self.profile[p],
            self.consensus[a],
            self.untreated[a],
            self.untreated_compound[a],
            self.untreated_hours[a],
            position,
        )


@dataclass(frozen=True)
class Step:
    """The values at the rows of a step. Axes: b row of any kind, p profile, a anchor, g gene."""

    basal: Float[Tensor, "b g"]
    """Expression before treatment; zeros for a consensus signature, which has no cell."""
    compound_row: Int[np.ndarray, " b"]
    """Compound of each row."""
    dose_um: Float[Tensor, " b"]
    """Dose of each row, in micromolar."""
    hours: Float[Tensor, " b"]
    """Treatment time of each row."""
    treated: Float[Tensor, "p g"]
    """Measured expression after treatment."""
    weight: Float[Tensor, " p"]
    """Weight of each profile in the loss."""
    change: Float[Tensor, "a g"]
    """Measured change of each consensus signature."""


@dataclass(frozen=True)
class LossNormaliser:
    """Divisors of the sums in a step's loss: the whole step's, because the losses of its parts must sum up to it."""

    weight: float
    """Sum over profiles of weight times number of visible genes."""
    consensus: int
    """Number of consensus anchors."""
    untreated: float
    """Sum over untreated anchors of the number of visible genes."""


def draw_rows(profiles: PerturbationTable, rows: Int[np.ndarray, " p"], anchors: Anchors | None) -> StepRows:
    """Put the rows of a whole step together; anchors are drawn at random."""
    rows = np.sort(rows)
    count = 0 if anchors is None else max(1, round(anchors.share * len(rows)))
    consensus = untreated = np.empty(0, dtype=np.int64)
    compound, hours = consensus, np.empty(0)
    if anchors is not None:
        consensus, untreated = (
            torch.randint(len(kind), (count,)).numpy() for kind in (anchors.change, anchors.untreated)
        )  # fmt: skip
        compound = profiles.compound_row[rows][torch.randint(len(rows), (count,)).numpy()]
        hours = profiles.hours[rows][torch.randint(len(rows), (count,)).numpy()]
    return StepRows(rows, consensus, untreated, compound, hours, np.arange(len(rows) + 2 * count))


def read_step(profiles: PerturbationTable, rows: StepRows, anchors: Anchors | None, like: Tensor) -> Step:
    """Read the values at the rows of a step, onto the device and into the precision of another tensor."""
    profile, count = rows.profile, len(rows.consensus)
    basal = read_rows(profiles.basal.values, profiles.basal_row[profile])
    change = np.empty((0, basal.shape[1]), dtype=np.float32)
    compound = [profiles.compound_row[profile]]
    if anchors is not None:
        change = anchors.change[rows.consensus].astype(np.float32, copy=False)
        basal = np.concatenate([basal, np.zeros_like(change), anchors.untreated[rows.untreated]], dtype=np.float32)
        compound += [anchors.compound_row[rows.consensus], rows.untreated_compound]
    dose = np.concatenate([profiles.dose_um[profile], np.full(count, CONSENSUS_DOSE_UM), np.zeros(count)])
    hours = np.concatenate([profiles.hours[profile], np.full(count, CONSENSUS_HOURS), rows.untreated_hours])
    return Step(
        basal=torch.from_numpy(basal).to(like),
        compound_row=np.concatenate(compound),
        dose_um=torch.from_numpy(dose).to(like),
        hours=torch.from_numpy(hours).to(like),
        treated=torch.from_numpy(read_rows(profiles.treated, profile)).to(like),
        weight=torch.from_numpy(profiles.weight[profile]).to(like),
        change=torch.from_numpy(change).to(like),
    )


def draw_visible(rows: int, genes: int, hiding: Hiding | None) -> Float[Tensor, "b g"] | None:
    """Draw which genes each row of the whole step shows (1) or hides (0); None if the step hides none."""
    if hiding is None or torch.rand(()) >= hiding.chance:
        return None
    share = hiding.fewest + (1 - hiding.fewest) * torch.rand(rows, 1)
    return (torch.rand(rows, genes) < share).float()


def loss_normaliser(
    profiles: PerturbationTable, rows: StepRows, visible: Float[Tensor, "b g"] | None, genes: int
) -> LossNormaliser:
    """Work out what the sums of a whole step's loss are divided by."""
    p, a = len(rows.profile), len(rows.consensus)
    weight = torch.from_numpy(profiles.weight[rows.profile])
    seen = torch.full((len(rows),), float(genes), dtype=torch.float64) if visible is None else visible.sum(1).double()
    return LossNormaliser(max(1.0, float(weight @ seen[:p])), a, max(1.0, float(seen[p + a :].sum())))


def step_loss(
    step: Step,
    treated: Float[Tensor, "b g"],
    visible: Float[Tensor, "b g"] | None,
    anchors: Anchors | None,
    normaliser: LossNormaliser,
) -> Float[Tensor, ""]:
    """These rows' part of the whole step's loss: weighted squared error over visible genes, and what anchors add.

    loss = Σ w (ĝ - g)² / Σ w + λ_c (1 - mean cos(ĝ - g₀, consensus)) + λ_i mean (ĝ - g₀)²
    """
    p, a = len(step.treated), len(step.change)
    squared = (treated[:p] - step.treated).square()
    by_row = (squared if visible is None else squared * visible[:p]).sum(1)
    loss = (by_row * step.weight).sum() / normaliser.weight
    if anchors is None:
        return loss
    moved = treated[p:] - step.basal[p:]
    moved = moved if visible is None else moved * visible[p:]
    change = step.change if visible is None else step.change * visible[p : p + a]
    disagreement = (1 - F.cosine_similarity(moved[:a], change)).sum() / normaliser.consensus
    rest = moved[a:].square().sum() / normaliser.untreated
    return loss + anchors.consensus_weight * disagreement + anchors.identity_weight * rest
