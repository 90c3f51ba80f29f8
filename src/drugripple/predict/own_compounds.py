"""A user's compounds as the default model knows them: which are training compounds, and how near the others are."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from drugripple.data.tables import CompoundTable
from drugripple.predict.domain import CompoundDomain, outside_domain
from drugripple.predictors.multi_trait_gp.compound_similarity import CompoundDescriptions
from drugripple.predictors.multi_trait_gp.fitted import FittedTraits
from drugripple.predictors.multi_trait_gp.predictor import MultiTraitGP
from drugripple.predictors.multi_trait_gp.settings import Structure


@dataclass(frozen=True)
class OwnCompounds:
    """Compounds to ask about."""

    table: CompoundTable
    described: CompoundDescriptions
    """What the model reads of them."""
    domain: CompoundDomain

    def __len__(self) -> int:
        return len(self.table)

    def take(self, rows: Int[np.ndarray, " b"]) -> "OwnCompounds":
        """Some of the compounds."""
        return OwnCompounds(self.table.take(rows), self.described.take(rows), self.domain.take(rows))

    @classmethod
    def of(cls, traits: FittedTraits, table: CompoundTable) -> "OwnCompounds":
        """Look compounds up in training."""
        described = CompoundDescriptions.of(table)
        return cls(table, described, CompoundDomain.of(traits, described, traits.places(table)))

    def notes(self, predictor: MultiTraitGP) -> tuple[str, ...]:
        """What answers about the compounds rest on; empty where all are of training."""
        strange = np.flatnonzero(self.domain.place < 0)
        if not strange.size:
            return ()
        traits, source, new = predictor.traits, told_from(predictor), self.take(strange)
        told = sum(molecule.key in traits.told for molecule in new.table.molecules)
        elsewhere = int(traits.mean_head.measured_elsewhere(new.described).sum())
        outside = outside_domain("new compound", new.table.names, new.domain.reasons())
        return (means_told(len(self), len(new), source, elsewhere, told), *outside)


def told_from(predictor: MultiTraitGP) -> str:
    """What the mean of a new compound is told from."""
    return "MiniMol embeddings" if predictor.structure is Structure.MINIMOL else "fingerprints"


def means_told(compounds: int, new: int, source: str, elsewhere: int, measured: int) -> str:
    """What the means of new compounds are told from.

    Args:
        compounds: that are asked about.
        new: of them, to the model.
        source: of a mean that no study measured.
        elsewhere: new ones that another study measured.
        measured: new ones that the user measured.

    >>> means_told(3, 2, "fingerprints", 1, 0)  # doctest: +NORMALIZE_WHITESPACE
    '2 of 3 compounds are new to the model; their means are told from fingerprints, for 1 from what another study
    measured of the compound itself'
    >>> means_told(2, 1, "fingerprints", 1, 0)
    '1 of 2 compounds is new to the model; its mean is told from what another study measured of it'
    """
    if new == 1 and elsewhere:
        source, elsewhere = "what another study measured of it", 0
    if compounds == 1:
        note = f"the compound is new to the model; its mean is told from {source}"
    else:
        whose, verb = ("its mean is", "is") if new == 1 else ("their means are", "are")
        note = f"{new:,} of {compounds:,} compounds {verb} new to the model; {whose} told from {source}"
    if elsewhere:
        note += f", for {elsewhere:,} from what another study measured of the compound itself"
    further = "its measurements" if new == 1 else f"measurements of {measured:,} of them"
    return f"{note}, and from {further}" if measured else note
