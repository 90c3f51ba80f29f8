"""A user's samples as the default model knows them: which are training samples, and how near the others are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Int

from drugripple.data.tables import ExpressionScale, ExpressionTable
from drugripple.errors import counted, first_five
from drugripple.predict.domain import SampleDomain, namesakes, outside_domain, same_samples
from drugripple.predict.gene_levels import at_training_levels
from drugripple.predictors.multi_trait_gp.fitted import FittedTraits
from drugripple.runtime.threads import one_thread

WITH_LENGTHS = (ExpressionScale.LOG2_CPM, ExpressionScale.VST)
"""Scales of counts that were not divided by the lengths of genes (docs/your_files.md, the trial)."""


@dataclass(frozen=True)
class OwnSamples:
    """Samples to ask about. Axes: a sample, c training compound."""

    expression: ExpressionTable
    """The samples; a training sample has its name in training, and no other sample has such a name."""
    names: tuple[str, ...]
    """The names that the user gave the samples."""
    domain: SampleDomain
    profile: Float[np.ndarray, "a c"]
    """Predicted response to every training compound."""
    notes: tuple[str, ...]
    """What was found, for the user to read."""

    def __repr__(self) -> str:
        """One line: how much it holds."""
        return f"OwnSamples({counted(len(self), 'sample')}: {first_five(self.names)})"

    def __len__(self) -> int:
        return len(self.names)

    @property
    def outside(self) -> tuple[str, ...]:
        """What is said of samples outside the domain; empty where all are inside."""
        return outside_domain("sample", self.names, self.domain.reasons())

    def take(self, rows: Int[np.ndarray, " b"]) -> "OwnSamples":
        """Some of the samples, as they were read beside the others."""
        names = tuple(self.names[row] for row in rows.tolist())
        return OwnSamples(self.expression.take(rows), names, self.domain.take(rows), self.profile[rows], self.notes)

    @classmethod
    @one_thread()
    def of(cls, traits: FittedTraits, table: ExpressionTable, *, at_levels: bool = False) -> "OwnSamples":
        """Look samples up in training, by name and by expression.

        Args:
            traits: of the model.
            table: the samples.
            at_levels: whether each gene was brought to its level in training, so that this need not be judged.

        Raises:
            GeneSpaceError: if they share too few genes with the training samples, or values stand under other genes.
            ScaleError: if their genes were scaled one by one, and they are too few to undo that, or if some genes are
                on another scale than others.
        """
        table = table if at_levels else at_training_levels(traits.kernel, table)
        table = table.restrict(traits.kernel.genes.shared_with(table.genes))
        domain = SampleDomain.of(traits, table)
        own, called = same_samples(traits, table, domain), namesakes(traits, table)
        names = _distinct(
            [
                traits.kernel.samples[row] if row >= 0 else f"{name} (new)" if clash else name
                for name, row, clash in zip(table.samples, own.tolist(), called.tolist(), strict=True)
            ]
        )
        notes = list(table.notes)
        known = [table.samples[i] for i in np.flatnonzero(own >= 0).tolist()]
        clashing = [table.samples[i] for i in np.flatnonzero(called & (own < 0)).tolist()]
        if table.scale in WITH_LENGTHS:
            notes.append(
                f"lengths of genes stay in the values of counts ({table.scale}), which moves the ranks of genes: in a "
                "trial with known samples answers lay 0.1 ln units from those for TPM at the median, 0.8 at most; give "
                "TPM if you have it (counts of one end of transcripts, as UMIs, hold no lengths)"
            )
        if known:
            notes.append(
                f"{len(known)} of {len(table)} samples are training samples by name and expression, so that their "
                f"measured responses count: {first_five(known)}"
            )
        if clashing:
            notes.append(
                f"{len(clashing)} of {len(table)} samples have the name of a training sample and not its expression, "
                f"so that they count as new: {first_five(clashing)}"
            )
        if domain.genes < len(traits.kernel.genes):
            notes.append(f"{domain.genes:,} of the {len(traits.kernel.genes):,} training genes were measured")
        return cls._of(traits, replace(table, samples=names), table.samples, domain, notes)

    @classmethod
    @one_thread()
    def of_training(cls, traits: FittedTraits, table: ExpressionTable) -> "OwnSamples":
        """Training samples, under their names, with the expression that training keeps of them."""
        return cls._of(traits, table, table.samples, SampleDomain.of(traits, table), table.notes)

    @classmethod
    def _of(
        cls, traits: FittedTraits, expression: ExpressionTable, names: tuple[str, ...], domain: SampleDomain,
        notes: Sequence[str],
    ) -> "OwnSamples":  # fmt: skip
        profile = traits.posterior.mean + traits.deviations(expression)
        return cls(expression, names, domain, profile, tuple(notes))


def _distinct(names: list[str]) -> tuple[str, ...]:
    """The names; the second of two samples that are one training sample is told apart, and counts as new."""
    made: list[str] = []
    for name in names:
        made.append(name)
        while made.count(made[-1]) > 1:
            made[-1] += " (again)"
    return tuple(made)
