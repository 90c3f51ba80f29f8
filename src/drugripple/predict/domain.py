"""Whether a question lies where the default model learnt, and if not, why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int

from drugripple.chem.fingerprint import tanimoto
from drugripple.data.tables import ExpressionTable
from drugripple.errors import counted, first_five
from drugripple.evaluation.leaks.line_names import normalised_line
from drugripple.predict.frames import COMPOUNDS_AT_ONCE, row_parts
from drugripple.predictors.multi_trait_gp.compound_similarity import CompoundDescriptions
from drugripple.predictors.multi_trait_gp.fitted import FittedTraits

UNLIKE = 0.2
"""Tanimoto similarity below which a compound counts as unlike every training compound. Of GDSC2's compounds 6 % have no
neighbour so near. Their error was not larger when they were hidden: this warns of a structure, not of a loss."""
FEWEST_GENES = 200
"""Training genes that a sample must have, unless the model was trained on fewer. Of ten of GDSC's lines, asked about as
new ones with random genes only, the answer that all genes give lay outside the 90 % interval for 23 % of pairs with 50
genes, 11 % with 100, 5 % with 200 and 1 % with 483: the intervals do not know of genes that are missing."""
FARTHEST = 1.0
"""Percent of training samples whose nearest other training sample may be farther than a sample's that is in domain."""


@dataclass(frozen=True)
class SampleDomain:
    """Samples among the training samples. Axes: a sample, n training sample."""

    correlation: Float[np.ndarray, "a n"]
    """Correlations of normal scores of genes, less the training samples' means, with those of each training sample."""
    needed: float
    """Correlation with the nearest training sample from which a sample is in domain."""
    random: float
    """95th percentile of the correlation of two training samples."""
    genes: int
    """Training genes that were measured."""
    needed_genes: int
    """Training genes that a sample in domain has at least."""

    @classmethod
    def of(cls, traits: FittedTraits, expression: ExpressionTable) -> "SampleDomain":
        """Compare samples with those of training.

        Raises:
            GeneSpaceError: if they share too few genes.
        """
        among = traits.kernel.correlation_in_training(expression)
        others = among[~np.eye(len(among), dtype=bool)].reshape(len(among), -1)
        needed = float(np.percentile(others.max(axis=1), FARTHEST)) if len(among) > 1 else -1.0
        random = float(np.percentile(others, 95)) if len(among) > 1 else 1.0
        genes = sum(symbol in expression.genes for symbol in traits.kernel.genes.symbols)
        fewest = min(FEWEST_GENES, len(traits.kernel.genes))
        return cls(traits.kernel.correlation(expression), needed, random, genes, fewest)

    def take(self, rows: Int[np.ndarray, " b"]) -> "SampleDomain":
        """Some of the samples."""
        return replace(self, correlation=self.correlation[rows])

    @property
    def nearest(self) -> Float[np.ndarray, " a"]:
        """Correlation with the nearest training sample."""
        return self.correlation.max(axis=1)

    def reasons(self) -> list[str]:
        """Why each sample is out of domain; blank where it is not."""
        few = ""
        if self.genes < self.needed_genes:
            few = f"{self.genes:,} training genes were measured; below {self.needed_genes:,} intervals are too narrow"
        far = (
            ""
            if value >= self.needed
            else f"nearest training sample correlates {value:.2f}; 99 % of training samples have one at "
            f"{self.needed:.2f} or more" + ("" if value > self.random else ", and two random ones reach that")
            for value in self.nearest.tolist()
        )
        return ["; ".join(filter(None, (few, one))) for one in far]


@dataclass(frozen=True)
class CompoundDomain:
    """Compounds among the training compounds. Axis: a compound."""

    place: Int[np.ndarray, " a"]
    """Which training compound it is, -1 for a new one."""
    nearest: Int[np.ndarray, " a"]
    """The most similar training compound."""
    similarity: Float[np.ndarray, " a"]
    """Count-Tanimoto of Morgan fingerprints (radius 2) with it."""
    larger: Bool[np.ndarray, " a"]
    """Whether it has more heavy atoms than any training compound."""
    largest: int

    @classmethod
    def of(cls, traits: FittedTraits, asked: CompoundDescriptions, place: Int[np.ndarray, " a"]) -> "CompoundDomain":
        """Compare compounds with those of training, some at a time, so that memory does not grow with fingerprints.

        `place` says which training compound each one is, -1 for a new one.
        """
        nearest, similarity = np.zeros(len(asked), dtype=np.int64), np.zeros(len(asked))
        for rows in row_parts(len(asked), COMPOUNDS_AT_ONCE):
            part = asked if len(rows) == len(asked) else asked.take(rows)
            alike = tanimoto(part.fingerprint, traits.compounds.fingerprint)
            nearest[rows], similarity[rows] = alike.argmax(axis=1), alike.max(axis=1)
        largest = max(molecule.heavy_atoms for molecule in traits.compounds.molecules)
        larger = np.array([molecule.heavy_atoms > largest for molecule in asked.molecules], dtype=bool)
        return cls(place, nearest, similarity, larger, largest)

    def take(self, rows: Int[np.ndarray, " b"]) -> "CompoundDomain":
        """Some of the compounds."""
        return CompoundDomain(
            self.place[rows], self.nearest[rows], self.similarity[rows], self.larger[rows], self.largest
        )

    def reasons(self) -> list[str]:
        """Why each compound is out of domain; blank where it is not."""
        found = []
        for known, similarity, larger in zip(
            (self.place >= 0).tolist(), self.similarity.tolist(), self.larger.tolist(), strict=True
        ):
            why = []
            if not known and similarity < UNLIKE:
                why.append(f"its most similar training compound has Tanimoto {similarity:.3f}, below {UNLIKE:g}")
            if larger:
                why.append(f"it has more than the {self.largest} heavy atoms of the largest training compound")
            found.append("; ".join(why))
        return found


def outside_domain(what: str, names: Sequence[str], reasons: Sequence[str]) -> tuple[str, ...]:
    """A sentence on which samples or compounds are outside the domain, and why if it is one; none if none is.

    >>> outside_domain("sample", ["A", "B"], ["", "far"])
    ("1 of 2 samples is outside the model's domain: ['B'] (far)",)
    >>> outside_domain("compound", ["A", "A"], ["far", "large"])[0][:52]
    "2 of 2 compounds are outside the model's domain: ['A"
    """
    out = [(name, reason) for name, reason in zip(names, reasons, strict=True) if reason]
    if not out:
        return ()
    why = f" ({out[0][1]})" if len(out) == 1 else "; `domain_reason` tells why of each"
    are = "is" if len(out) == 1 else "are"
    named = first_five(name for name, _ in out)
    said = f"{len(out):,} of {counted(len(names), what)} {are} outside the model's domain: {named}{why}"
    return (said,)


def same_samples(traits: FittedTraits, expression: ExpressionTable, domain: SampleDomain) -> Int[np.ndarray, " a"]:
    """Which training sample each one is, -1 for a new one: of its name, and the nearest to it by expression too.

    Names are compared as the audit compares them: K_562 is K-562. Measured on the 59 lines of NCI-60, another
    platform: of 53 that GDSC has, the nearest by expression is the line itself for 49.
    """
    place = {normalised_line(name): row for row, name in enumerate(traits.kernel.samples)}
    nearest = domain.correlation.argmax(axis=1)
    found = np.full(len(expression), -1, dtype=np.int64)
    for row, name in enumerate(expression.samples):
        own = place.get(normalised_line(name), -1)
        if own == nearest[row] and domain.nearest[row] >= domain.needed:
            found[row] = own
    return found


def namesakes(traits: FittedTraits, expression: ExpressionTable) -> Bool[np.ndarray, " a"]:
    """Which samples have the name of a training sample."""
    names = {normalised_line(name) for name in traits.kernel.samples}
    return np.array([normalised_line(name) in names for name in expression.samples], dtype=bool)
