"""What one step of stage 1 reads, hides and is charged for."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from drugripple.data.tables import PerturbationTable
from drugripple.runtime.mapped import read_rows
from drugripple.training.distributed.process_group import Team

CONSENSUS_DOSE_UM, CONSENSUS_HOURS = 10.0, 24.0  # what most signatures under a consensus were measured at


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


@dataclass(frozen=True)
class StepRows:
    """Row numbers of a step: profiles first, then consensus anchors, then untreated ones. Axes: p profile, a anchor."""

    profile: Int[np.ndarray, " p"]
    """Ascending, so that a mapped file is read in its order."""
    consensus: Int[np.ndarray, " a"]
    untreated: Int[np.ndarray, " a"]
    untreated_compound: Int[np.ndarray, " a"]
    untreated_hours: Float[np.ndarray, " a"]
    position: Int[np.ndarray, " b"]
    """Where these rows stand in the whole step."""

    def __len__(self) -> int:
        return len(self.position)

    def part(self, team: Team) -> "StepRows":
        """One process's part of each kind."""
        p, a = team.part(len(self.profile)), team.part(len(self.consensus))
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
    """What rows hold. Axes: b row, p profile, a anchor, g gene."""

    basal: Float[Tensor, "b g"]
    compound_row: Int[np.ndarray, " b"]
    dose_um: Float[Tensor, " b"]
    hours: Float[Tensor, " b"]
    treated: Float[Tensor, "p g"]
    weight: Float[Tensor, " p"]
    change: Float[Tensor, "a g"]


@dataclass(frozen=True)
class Charge:
    """What the sums of a whole step's loss are divided by, so that parts of a step sum up to it."""

    weight: float
    """Σ weight x visible genes, over profiles."""
    consensus: int
    untreated: float
    """Visible genes, over untreated anchors."""


def draw_rows(profiles: PerturbationTable, rows: Int[np.ndarray, " p"], anchors: Anchors | None) -> StepRows:
    """The rows of a whole step; anchors are drawn at random."""
    rows = np.sort(rows)
    count = 0 if anchors is None else max(1, round(anchors.share * len(rows)))
    consensus = untreated = np.empty(0, dtype=np.int64)
    compound, hours = consensus, np.empty(0)
    if anchors is not None:
        consensus, untreated = (
            torch.randint(len(of), (count,)).numpy() for of in (anchors.change, anchors.untreated)
        )  # fmt: skip
        compound = profiles.compound_row[rows][torch.randint(len(rows), (count,)).numpy()]
        hours = profiles.hours[rows][torch.randint(len(rows), (count,)).numpy()]
    return StepRows(rows, consensus, untreated, compound, hours, np.arange(len(rows) + 2 * count))


def read_step(profiles: PerturbationTable, rows: StepRows, anchors: Anchors | None, like: Tensor) -> Step:
    """Read the rows of a step, onto the device and into the precision of another tensor."""
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
    """1 where a gene is in the panel of a row of the whole step; None when nothing is hidden."""
    if hiding is None or torch.rand(()) >= hiding.chance:
        return None
    share = hiding.fewest + (1 - hiding.fewest) * torch.rand(rows, 1)
    return (torch.rand(rows, genes) < share).float()


def charge(profiles: PerturbationTable, rows: StepRows, visible: Float[Tensor, "b g"] | None, genes: int) -> Charge:
    """What the loss of a whole step is divided by."""
    p, a = len(rows.profile), len(rows.consensus)
    weight = torch.from_numpy(profiles.weight[rows.profile])
    seen = torch.full((len(rows),), float(genes), dtype=torch.float64) if visible is None else visible.sum(1).double()
    return Charge(max(1.0, float(weight @ seen[:p])), a, max(1.0, float(seen[p + a :].sum())))


def step_loss(
    step: Step,
    treated: Float[Tensor, "b g"],
    visible: Float[Tensor, "b g"] | None,
    anchors: Anchors | None,
    divided_by: Charge,
) -> Float[Tensor, ""]:
    """Weighted squared error over visible genes, and what anchors add: the part of these rows in the whole step's.

    loss = Σ w (ĝ - g)² / Σ w + λ_c (1 - mean cos(ĝ - g₀, consensus)) + λ_i mean (ĝ - g₀)²
    """
    p, a = len(step.treated), len(step.change)
    squared = (treated[:p] - step.treated).square()
    by_row = (squared if visible is None else squared * visible[:p]).sum(1)
    loss = (by_row * step.weight).sum() / divided_by.weight
    if anchors is None:
        return loss
    moved = treated[p:] - step.basal[p:]
    moved = moved if visible is None else moved * visible[p:]
    change = step.change if visible is None else step.change * visible[p : p + a]
    disagreement = (1 - F.cosine_similarity(moved[:a], change)).sum() / divided_by.consensus
    rest = moved[a:].square().sum() / divided_by.untreated
    return loss + anchors.consensus_weight * disagreement + anchors.identity_weight * rest
