"""Samples as a network reads them: robust z-scores, and by whose medians."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from drugripple.data.tables import OF_SINGLE_GENES, ExpressionScale, ExpressionTable
from drugripple.errors import GeneSpaceError, ScaleError, counted, first_five
from drugripple.genes.scaling import CMAP_MAD_FLOOR, MAD_TO_SD, RobustScaler
from drugripple.genes.space import GeneSpace
from drugripple.model.checkpoint import ResponseCheckpoint
from drugripple.predict.choices import Missing
from drugripple.predict.gene_fit import FEWEST_FOR_COHORT, correlation, of_other_genes

SHIFT_AT_MOST = 0.9
"""How far a cohort's gene medians may lie from the training's. Of GDSC's lines by tissue the farthest lie at 0.62, two
random lines at 0.80 at most; the same lines as counts on a log2 scale lie at 2.3, on another array at 1.3."""
SHIFT_OF_ONE_AT_MOST = 1.25
"""The same for a single sample; of GDSC's 944 lines the farthest lies at 1.05."""
SPREAD_WITHIN = (0.5, 1.6)
"""What a cohort's spread may be, of the training's; GDSC's lines by tissue have 0.67 to 0.90 of it."""

FEWEST_FOR_ORDER, ORDER_AGREES = 300, 0.35
"""With so many genes, their medians over a cohort stand in the order of the training's by so much (correlation of
ranks): 483 genes of L1000 reach 0.50 of GDSC's, those of NCI-60 and TCGA 0.70, genes under wrong names 0.0."""

SIZE_WITHIN = (0.65, 1.5)
"""What 1.4826 median |z| over genes and samples may be of robust z-scores; single lines of GDSC have 0.77 to 1.28."""


class Agreement(NamedTuple):
    """How a cohort compares with the samples that a network learnt from, in robust standard deviations of these.

    shift = median over genes |median over samples z|        spread = median over genes 1.4826 MAD over samples z
    """

    shift: float
    spread: float
    samples: int

    @property
    def holds(self) -> bool:
        """Whether the cohort may be scaled by the training's medians."""
        if self.samples < FEWEST_FOR_COHORT:
            return self.shift <= (SHIFT_AT_MOST if self.samples > 1 else SHIFT_OF_ONE_AT_MOST)
        return self.shift <= SHIFT_AT_MOST and SPREAD_WITHIN[0] <= self.spread <= SPREAD_WITHIN[1]

    def __str__(self) -> str:
        spread = f", their spread is {self.spread:.2f} of it" if self.samples >= FEWEST_FOR_COHORT else ""
        return f"the genes' medians differ by {self.shift:.2f} of the training's spread{spread}"


@dataclass(frozen=True)
class ScaledSamples:
    """Robust z-scores of samples on the genes of a network. Axes: n sample, g gene."""

    names: tuple[str, ...]
    z: Float[Tensor, "n g"]
    notes: tuple[str, ...]
    """What was found or left out, and whose medians were used, for the user to read."""

    def __len__(self) -> int:
        return len(self.names)

    def take(self, rows: Int[np.ndarray, " k"]) -> "ScaledSamples":
        """Some samples, scaled as before."""
        names = tuple(self.names[i] for i in rows.tolist())
        return replace(self, names=names, z=self.z[torch.from_numpy(rows)])


def agreement(z: Float[np.ndarray, "n k"]) -> Agreement:
    """How samples compare with the training's, from their z-scores by the training's medians and MADs.

    >>> agreement(np.array([[1.0, -2.0, 3.0]])).shift
    2.0
    """
    middle = np.median(z, axis=0)
    spread = MAD_TO_SD * np.median(np.abs(z - middle), axis=0)
    return Agreement(float(np.median(np.abs(middle))), float(np.median(spread)), len(z))


@dataclass(frozen=True)
class TrainedScale:
    """What a model knows of the expression that it was trained on. Axis: g gene."""

    genes: GeneSpace
    scaler: RobustScaler
    scale: str
    """Scale of the expression; blank where it is not known."""
    model: str = "network"
    """What messages call the model."""

    @classmethod
    def of(cls, checkpoint: ResponseCheckpoint) -> "TrainedScale":
        """What a network knows of the expression that it was trained on."""
        return cls(checkpoint.net.genes, checkpoint.scaler, checkpoint.card.expression_scale)


def scale_samples(
    trained: TrainedScale, expression: ExpressionTable, *, missing: Missing = Missing.REFUSE
) -> ScaledSamples:
    """Robust z-scores on the model's genes, by the training's medians where scale and cohort agree with it.

    A cohort on another scale, or whose medians disagree, is scaled by its own medians if it has ten samples or more,
    and refused otherwise. A model that reads ranks within a sample takes every scale but those of single genes, unless
    it learnt from these. A gene that was not measured counts as typical (z = 0) with `Missing.MEDIAN`.

    Raises:
        GeneSpaceError: if genes are missing and `missing` refuses that, none is shared, or values do not belong to
            their genes.
        ScaleError: if the cohort disagrees with the training and is too small for its own medians, or holds z-scores of
            single genes where the model reads ranks of levels.
    """
    genes = trained.genes
    shared = genes.shared_with(expression.genes)
    lost = [symbol for symbol in genes.symbols if symbol not in expression.genes]
    if lost and missing is Missing.REFUSE:
        message = (
            f"{len(lost)} of the {trained.model}'s {len(genes)} genes are not in the expression table: "
            f"{first_five(lost)}; set missing to 'median' to count them as typical, or fine-tune on the genes that you "
            "have"
        )
        raise GeneSpaceError(message)
    notes = list(expression.notes)
    if lost:
        what = counted(len(lost), "gene was not measured and counts", "genes were not measured and count")
        notes.append(f"{what} as typical: {first_five(lost)}")
    at = genes.positions(shared.symbols)
    z = np.zeros((len(expression), len(genes)), dtype=np.float32)
    z[:, at], whose = _scaled(trained, expression.restrict(shared), at)
    return ScaledSamples(expression.samples, torch.from_numpy(z), (*notes, whose))


def _scaled(
    model: TrainedScale, measured: ExpressionTable, at: Int[np.ndarray, " k"]
) -> tuple[Float[np.ndarray, "n k"], str]:
    """z-scores of the measured genes, and whose medians they are by."""
    trained, learnt = model.scaler, model.scale
    floor, ranked = CMAP_MAD_FLOOR, trained.ranked
    if ranked and measured.scale in OF_SINGLE_GENES and learnt not in OF_SINGLE_GENES:
        message = (
            f"the expression is {measured.scale}, and the {model.model} reads ranks of genes within a sample, which "
            "scaling gene by gene has lost; give the expression before it was scaled"
        )
        raise ScaleError(message)
    if measured.scale == ExpressionScale.ROBUST_Z and not ranked:
        neutral = RobustScaler(np.zeros(len(at)), np.full(len(at), 1 / MAD_TO_SD), 0.0)
        z = neutral.transform(measured.values)
        found = agreement(z)
        size = float(MAD_TO_SD * np.median(np.abs(z)))
        if found.holds and SIZE_WITHIN[0] <= size <= SIZE_WITHIN[1]:
            return z, "expression is robust z-scores and is used as it is"
        floor *= size
        why = f"it lies around 0 as robust z-scores do, but its values are {size:.2f} times as large, and {found}"
    else:
        why = f"it is {measured.scale}, the {model.model} learnt {learnt or 'another scale'}"
    if ranked or measured.scale == learnt:
        z = RobustScaler(trained.median[at], trained.mad[at], trained.floor, ranked).transform(measured.values)
        found, what = agreement(z), f"ranks of {measured.scale}" if ranked else learnt
        if found.holds:
            return z, f"expression ({what}) agrees with the training's ({found}): scaled by the training's medians"
        why = f"it counts as {what}, which the {model.model} learnt, but {found}"
    samples = counted(len(measured), "sample")
    if len(measured) >= FEWEST_FOR_COHORT:
        _require_order(model, measured, at)
        own = RobustScaler.fit(measured.values, floor, ranked=ranked)
        return own.transform(measured.values), f"expression is scaled by the medians of its own {samples}: {why}"
    message = (
        f"the expression cannot be scaled by the training's medians: {why}; {samples} are too few for medians "
        f"of their own ({FEWEST_FOR_COHORT} are needed): give more samples of the same platform, state the scale, or "
        "give robust z-scores"
    )
    raise ScaleError(message)


def require_own_genes(trained: TrainedScale, expression: ExpressionTable) -> None:
    """Refuse a cohort whose values do not belong to their genes, before it is scaled in any other way.

    Raises:
        GeneSpaceError: if it has ten samples or more, and the levels of their genes stand in another order than those
            of the training.
    """
    shared = trained.genes.shared_with(expression.genes)
    if len(expression) >= FEWEST_FOR_COHORT:
        _require_order(trained, expression.restrict(shared), trained.genes.positions(shared.symbols))


def _require_order(model: TrainedScale, measured: ExpressionTable, at: Int[np.ndarray, " k"]) -> None:
    """Refuse a cohort whose genes have levels in another order than in training: its own medians would hide that.

    Raises:
        GeneSpaceError: if values do not belong to their genes.
    """
    if measured.scale in OF_SINGLE_GENES or model.scale in OF_SINGLE_GENES:
        return
    trained = model.scaler.median[at]
    if len(at) < FEWEST_FOR_ORDER or trained.std() <= MAD_TO_SD * float(np.mean(model.scaler.mad[at])) / 2:
        return
    from drugripple.genes.ranks import normal_scores  # imported here because scipy takes a fifth of a second

    values = normal_scores(measured.values) if model.scaler.ranked else measured.values
    own, order = normal_scores(np.stack([np.median(values, axis=0), trained])).astype(np.float64)
    found = correlation(own, order)
    if found < ORDER_AGREES:
        raise GeneSpaceError(of_other_genes(found))
