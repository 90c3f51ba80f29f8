"""Stage 0: pretraining of the molecule encoder by guessing masked atoms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from drugripple.chem.graph import CHARGES, DEGREES, ELEMENTS, HYDROGENS, MolGraph
from drugripple.data.molecule_batch import MolBatch, collate
from drugripple.errors import TrainingError
from drugripple.model.mat.encoder import MoleculeAttentionTransformer
from drugripple.runtime.progress import Progress, no_progress
from drugripple.training.device import pick_device
from drugripple.training.history import Epoch, History
from drugripple.training.loop import fit, refuse_compiled
from drugripple.training.made_from import UNKNOWN, MadeFrom
from drugripple.training.settings import TrainingSettings

PROPERTIES = {
    "element": len(ELEMENTS),
    "degree": len(DEGREES),
    "hydrogens": len(HYDROGENS),
    "charge": len(CHARGES),
    "ring": 1,
    "aromatic": 1,
}
"""Number of classes of each property that is guessed of a masked atom, in the order of the features; 1 is yes or no."""

GUESSED_AT_ONCE = 256
"""Molecules whose masked atoms are guessed at a time."""
GROUPS_PER_STEP = 4
"""Number of groups in a step; the molecules of a group are of nearly one size and padded together."""


class MaskedNodeModel(nn.Module):
    """A molecule encoder that sees a learned vector in place of masked atoms, and one linear layer that guesses them.

    Bonds and distances stay visible.

    Source: Hu et al. 2020, arXiv:1905.12265 (node masking), as Maziarka et al. pretrain; mask share, optimiser and
    steps of the originals are not published.
    """

    def __init__(self, mat: MoleculeAttentionTransformer) -> None:
        """Draw a head and a mask vector for an encoder."""
        super().__init__()
        self.mat = mat
        self.mask_vector = nn.Parameter(torch.randn(mat.config.d_model) * 0.02)
        self.head = nn.Linear(mat.config.d_model, sum(PROPERTIES.values()))

    def forward(self, molecules: MolBatch, masked: Bool[Tensor, "b a"]) -> Float[Tensor, "k p"]:
        """Guess the properties of the k masked atoms, in the order of `masked.nonzero()`."""
        embedded = self.mat.src_embed(molecules.atoms)
        embedded = torch.where(masked.unsqueeze(-1), self.mask_vector.to(embedded.dtype), embedded)
        return self.head(self.mat.encode_embedded(embedded, molecules)[masked])


def choose_masked(
    mask: Bool[Tensor, "b a"], share: float, generator: torch.Generator | None = None
) -> Bool[Tensor, "b a"]:
    """Choose a random share of each molecule's atoms, at least one; never the dummy node or padding."""
    atoms = mask.clone()
    atoms[:, 0] = False
    count = (atoms.sum(1, keepdim=True) * share).round().clamp(min=1)
    draw = torch.rand(mask.shape, generator=generator, device="cpu").to(mask.device)
    rank = draw.masked_fill(~atoms, -1).argsort(dim=1, descending=True).argsort(dim=1)
    return atoms & (rank < count)


def guess_loss(guesses: Float[Tensor, "k p"], atoms: Float[Tensor, "k f"]) -> Float[Tensor, ""]:
    """The sum over masked atoms and properties of the cross-entropy."""
    total = guesses.new_zeros(())
    for (_, guess), (_, true) in zip(_by_property(guesses), _by_property(atoms[:, 1:]), strict=True):
        if guess.shape[1] == 1:
            total = total + F.binary_cross_entropy_with_logits(guess, true, reduction="sum")
        else:
            total = total + F.cross_entropy(guess, true.argmax(1), reduction="sum")
    return total


@dataclass(frozen=True)
class Guesses:
    """How well masked atoms were guessed, by property."""

    accuracy: dict[str, float]
    """Share of right guesses."""
    majority: dict[str, float]
    """Share of right guesses of a guesser that always names the most frequent class among these very atoms."""
    loss: float
    """Mean over masked atoms of the cross-entropy, summed over properties."""
    atoms: int
    """Number of masked atoms."""


def guess_masked(model: MaskedNodeModel, graphs: Sequence[MolGraph], *, share: float = 0.15, seed: int = 0) -> Guesses:
    """Mask atoms of molecules, the same ones for a seed, and score the guesses.

    Both dictionaries of `Guesses` also hold `element_not_carbon`: the element, among masked atoms that are no carbon.
    """
    device = next(model.parameters()).device
    generator = torch.Generator().manual_seed(seed)
    total, guessed, true = 0.0, [], []
    for rows in size_groups([len(graph.atoms) for graph in graphs], GUESSED_AT_ONCE):
        molecules = collate([graphs[i] for i in rows]).to(device)
        masked = choose_masked(molecules.mask, share, generator)
        with torch.no_grad():
            guesses = model(molecules, masked)
        total += guess_loss(guesses, molecules.atoms[masked]).item()
        guessed.append(_classes(guesses).cpu())
        true.append(_classes(molecules.atoms[masked][:, 1:] - 0.5).cpu())
    given, wanted = torch.cat(guessed), torch.cat(true)
    right = (given == wanted).double()
    accuracy = dict(zip(PROPERTIES, right.mean(0).tolist(), strict=True))
    carbon = ELEMENTS.index(6)
    accuracy["element_not_carbon"] = right[wanted[:, 0] != carbon, 0].mean().item()
    frequent = [torch.bincount(column).max().item() / len(column) for column in wanted.T]
    majority = dict(zip(PROPERTIES, frequent, strict=True)) | {"element_not_carbon": _majority(wanted[:, 0], carbon)}
    return Guesses(accuracy, majority, total / len(wanted), len(wanted))


def pretrain_masked_nodes(
    model: MaskedNodeModel,
    train: Sequence[MolGraph],
    valid: Sequence[MolGraph],
    settings: TrainingSettings,
    *,
    seed: int,
    share: float = 0.15,
    state: Path | None = None,
    made_from: MadeFrom = UNKNOWN,
    on_epoch: Callable[[Epoch], None] = lambda _: None,
    progress: Progress = no_progress,
) -> History:
    """Train until the validation loss stops improving; the model ends with the best epoch's weights.

    Molecules of nearly one size form fixed groups; a step takes several groups, in another order each epoch, and
    draws new masks. A killed run goes on from `state` and ends with the same weights.

    Args:
        model: the network, trained in place.
        train: molecules to learn from.
        valid: molecules that decide when to stop, always with the same masks.
        settings: optimiser and stopping rule; `batch` is the number of molecules per step.
        seed: the seed of order and masks.
        share: the share of atoms that are masked.
        state: the file that keeps the run between epochs.
        made_from: the digest of each thing that is trained from; a stored state goes on from the same alone.
        on_epoch: called after each epoch.
        progress: told after each step of the molecules of this epoch.

    Raises:
        ConfigError: if the steps are to be compiled.
        TrainingError: if there is nothing to train or validate on, or as `fit`.
    """
    refuse_compiled(settings, "stage 0")
    if not train or not valid:
        message = f"{len(train)} molecules to train on and {len(valid)} to validate on; both need at least one"
        raise TrainingError(message)
    device = pick_device(settings.device)
    model.to(device)
    groups = size_groups([len(graph.atoms) for graph in train], max(1, settings.batch // GROUPS_PER_STEP))
    batches = [collate([train[i] for i in rows]) for rows in groups]
    done = 0

    def loss(chosen: Int[Tensor, " b"]) -> Float[Tensor, ""]:
        nonlocal done
        total, atoms = torch.zeros((), device=device), 0
        for number in chosen.tolist():
            molecules = batches[number].to(device)
            masked = choose_masked(molecules.mask, share)
            total = total + guess_loss(model(molecules, masked), molecules.atoms[masked])
            atoms += int(masked.sum())
            done += len(molecules)
        progress("masked atoms", done, len(train))
        return total / atoms

    def validate() -> float:
        nonlocal done
        done = 0
        return guess_masked(model, valid, share=share, seed=seed).loss

    return fit(
        model,
        loss,
        validate,
        rows=len(batches),
        settings=settings.model_copy(update={"batch": GROUPS_PER_STEP}),
        seed=seed,
        state=state,
        made_from=made_from,
        on_epoch=on_epoch,
    )


def size_groups(sizes: Sequence[int], group: int) -> list[list[int]]:
    """Row numbers in groups of at most `group`, sorted by size, because rows of one size need no padding."""
    order = np.argsort(np.asarray(sizes), kind="stable").tolist()
    return [order[start : start + group] for start in range(0, len(order), group)]


def _by_property(columns: Float[Tensor, "k p"]) -> list[tuple[str, Float[Tensor, "k _"]]]:
    edges = np.cumsum([0, *PROPERTIES.values()]).tolist()
    return [(name, columns[:, start:end]) for name, (start, end) in zip(PROPERTIES, pairwise(edges), strict=True)]


def _classes(scores: Float[Tensor, "k p"]) -> Int[Tensor, "k q"]:
    """The class of highest score of each property; for yes or no, 1 where the score is above zero."""
    return torch.stack(
        [part.argmax(1) if part.shape[1] > 1 else (part[:, 0] > 0).long() for _, part in _by_property(scores)], dim=1
    )


def _majority(classes: Int[Tensor, " k"], left_out: int) -> float:
    rest = classes[classes != left_out]
    return torch.bincount(rest).max().item() / len(rest) if len(rest) else float("nan")
