"""What is known of a compound before anything was measured, and how alike two compounds are by it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from jaxtyping import Float, Float32, Int

from drugripple.chem.fingerprint import morgan, tanimoto
from drugripple.chem.molecule import Molecule
from drugripple.data.tables import CompoundTable
from drugripple.predictors.distances import squared_distances
from drugripple.predictors.multi_trait_gp.embedding import Embedder
from drugripple.predictors.pair_gp.kernels import UNKNOWN


@dataclass(frozen=True)
class CompoundDescriptions:
    """Molecules with their annotation and, where the model uses it, their embedding. Axis: c compound."""

    molecules: tuple[Molecule, ...]
    targets: tuple[str, ...]
    mechanism: tuple[str, ...]
    embedding: Float32[np.ndarray, "c d"] | None = None

    @classmethod
    def of(cls, compounds: CompoundTable, embed: Embedder | None = None) -> "CompoundDescriptions":
        """Describe a table's compounds, with embeddings if there is a way to compute them."""
        return cls(compounds.molecules, compounds.targets, compounds.mechanism).embedded(embed)

    def embedded(self, embed: Embedder | None) -> "CompoundDescriptions":
        """The same compounds with embeddings, if there is a way to compute them and they are not there yet."""
        if embed is None or self.embedding is not None:
            return self
        return self._keeping(replace(self, embedding=embed(self.molecules)), np.arange(len(self)))

    def __len__(self) -> int:
        return len(self.molecules)

    def take(self, rows: Int[np.ndarray, " k"]) -> "CompoundDescriptions":
        """Some compounds, in the order asked; a fingerprint that is at hand is not computed again."""
        chosen = rows.tolist()
        taken = replace(
            self,
            molecules=tuple(self.molecules[i] for i in chosen),
            targets=tuple(self.targets[i] for i in chosen),
            mechanism=tuple(self.mechanism[i] for i in chosen),
            embedding=None if self.embedding is None else self.embedding[rows],
        )
        return self._keeping(taken, rows)

    def _keeping(self, other: "CompoundDescriptions", rows: Int[np.ndarray, " k"]) -> "CompoundDescriptions":
        if "fingerprint" in vars(self):
            vars(other)["fingerprint"] = self.fingerprint[rows]
        return other

    def joined(self, others: "CompoundDescriptions") -> "CompoundDescriptions":
        """Join these descriptions and others, with embeddings if both have them."""
        embedding = None
        if self.embedding is not None and others.embedding is not None:
            embedding = np.concatenate([self.embedding, others.embedding])
        return CompoundDescriptions(
            self.molecules + others.molecules,
            self.targets + others.targets,
            self.mechanism + others.mechanism,
            embedding,
        )

    @cached_property
    def fingerprint(self) -> Float32[np.ndarray, "c b"]:
        """Counts of circular environments (Morgan, radius 2)."""
        return morgan(self.molecules, counts=True)


def chemical_similarity(one: CompoundDescriptions, other: CompoundDescriptions) -> Float[np.ndarray, "a b"]:
    """Count-Tanimoto, cosine of annotated targets and same mechanism, added and scaled to 1 for a compound with itself.

    Positive semi-definite: a sum of kernels, scaled by its diagonal.
    """
    total = (
        tanimoto(one.fingerprint, other.fingerprint)
        + target_cosine(one.targets, other.targets)
        + same_label(one.mechanism, other.mechanism)
    )
    return total / np.sqrt(np.outer(_self_similarity(one), _self_similarity(other)))


def embedding_similarity(
    one: CompoundDescriptions, other: CompoundDescriptions, squared_length: float
) -> Float[np.ndarray, "a b"]:
    """exp(-d² / 2 l²) of embeddings."""
    if one.embedding is None or other.embedding is None:
        return np.zeros((len(one), len(other)))
    distances = squared_distances(one.embedding.astype(np.float64), other.embedding.astype(np.float64))
    return np.exp(-distances / (2 * squared_length))


def target_cosine(one: Sequence[str], other: Sequence[str]) -> Float[np.ndarray, "a b"]:
    """Cosine of sets written as "A, B"; an empty set is similar to nothing, not even itself.

    >>> target_cosine(["A, B", ""], ["b", "A, B"]).round(2).tolist()
    [[0.71, 1.0], [0.0, 0.0]]
    """
    names = {name: i for i, name in enumerate(sorted({part for text in (*one, *other) for part in _labels(text)}))}
    return _membership(one, names) @ _membership(other, names).T


def same_label(one: Sequence[str], other: Sequence[str]) -> Float[np.ndarray, "a b"]:
    """1 where two known labels are equal, else 0.

    >>> same_label(["Kinase", "unknown"], ["kinase", "unknown"]).tolist()
    [[1.0, 0.0], [0.0, 0.0]]
    """
    left, right = (np.array([text.strip().lower() for text in labels]) for labels in (one, other))
    known = np.flatnonzero([text not in UNKNOWN for text in left.tolist()])
    same = np.zeros((len(left), len(right)))
    same[known] = left[known, None] == right[None, :]
    return same


def _self_similarity(compounds: CompoundDescriptions) -> Float[np.ndarray, " c"]:
    targets = [bool(_labels(text)) for text in compounds.targets]
    mechanisms = [text.strip().lower() not in UNKNOWN for text in compounds.mechanism]
    structures = compounds.fingerprint.sum(axis=1) > 0
    return np.maximum(structures + np.array(targets, dtype=float) + np.array(mechanisms, dtype=float), 1.0)


def _labels(text: str) -> set[str]:
    return {part.strip().lower() for part in text.split(",")} - UNKNOWN


def _membership(labels: Sequence[str], names: dict[str, int]) -> Float[np.ndarray, "c t"]:
    member = np.zeros((len(labels), max(1, len(names))))
    for row, text in enumerate(labels):
        parts = _labels(text)
        if parts:
            member[row, sorted(names[name] for name in parts)] = 1 / np.sqrt(len(parts))
    return member
