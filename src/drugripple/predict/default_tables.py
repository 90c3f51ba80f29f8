"""What the default model says without a prediction: its notes, denoised measurements."""

import re

import numpy as np
import pandas as pd

from drugripple.data.tables import CompoundTable
from drugripple.errors import counted
from drugripple.predict.domain import CompoundDomain, outside_domain
from drugripple.predict.frames import COMPOUNDS_AT_ONCE, row_parts
from drugripple.predictors.calibrated import CalibratedPredictor
from drugripple.predictors.multi_trait_gp.compound_heads import MeanHead
from drugripple.predictors.multi_trait_gp.compound_similarity import CompoundDescriptions
from drugripple.predictors.multi_trait_gp.predictor import MultiTraitGP
from drugripple.predictors.multi_trait_gp.settings import Structure
from drugripple.sources.user.response_units import plain

_BRACKETS = re.compile(r"\s+\([^()]*\)$")
"""Another name in brackets behind a name."""


def denoised(calibrated: CalibratedPredictor) -> pd.DataFrame:
    """The measurements that the model learnt from, and its posterior of each: sample, compound, measured, denoised."""
    calibration, traits = calibrated.calibration, calibrated.predictor.traits
    sample, compound = np.nonzero(np.isfinite(calibration.measured))
    posterior = traits.posterior.mean + traits.posterior.deviations
    return pd.DataFrame(
        {
            "sample": np.array(traits.kernel.samples, dtype=object)[sample],
            "compound": np.array(calibration.names, dtype=object)[compound],
            "measured": calibration.measured[sample, compound].astype(np.float64),
            "denoised": posterior[sample, compound],
        }
    )


def compounds_of(calibrated: CalibratedPredictor) -> CompoundTable:
    """The training compounds, with the parent SMILES for ids."""
    known = calibrated.predictor.traits.compounds
    parents = tuple(molecule.parent for molecule in known.molecules)
    return CompoundTable(parents, calibrated.calibration.names, known.molecules, known.targets, known.mechanism)


def names_in_studies(head: MeanHead) -> list[str]:
    """The first name of every compound of another study, whose names may stand one behind the other."""
    return [_BRACKETS.sub("", name.partition(", ")[0]).strip() for name in head.further]


def named_compounds(training: CompoundTable, head: MeanHead) -> CompoundTable:
    """The training compounds, then those that other studies name: the model knows these by name and structure.

    Of several studies that name a compound the first counts.
    """
    names, keys, rows = {plain(name) for name in training.names}, set[str](), list[int]()
    short = names_in_studies(head)
    for row, name in enumerate(short):
        key = head.compounds.molecules[head.trained + row].key
        if plain(name) and plain(name) not in names and key not in keys:
            names.add(plain(name))
            keys.add(key)
            rows.append(row)
    places = [head.trained + row for row in rows]
    molecules = [head.compounds.molecules[place] for place in places]
    return CompoundTable(
        (*training.ids, *(molecule.parent for molecule in molecules)),
        (*training.names, *(short[row] for row in rows)),
        (*training.molecules, *molecules),
        (*training.targets, *(head.compounds.targets[place] for place in places)),
        (*training.mechanism, *(head.compounds.mechanism[place] for place in places)),
    )


def described(calibrated: CalibratedPredictor) -> str:
    """One line: what a model predicts, what it was trained with, and what it was told since."""
    traits = calibrated.predictor.traits
    known, new = counted(len(traits.measured), "sample"), counted(len(traits.told), "new compound")
    told = " and ".join(text for text, some in ((known, traits.measured), (new, traits.told)) if some)
    samples, compounds = counted(len(traits.kernel.samples), "sample"), counted(len(traits.compounds), "compound")
    since = f"; told measurements of {told} since" if told else ""
    genes = counted(len(traits.kernel.genes), "gene")
    return f"DefaultModel of {calibrated.measure}: {samples}, {compounds}, {genes}{since}"


def told_from(predictor: MultiTraitGP) -> str:
    """What the mean of a new compound is told from."""
    return "MiniMol embeddings" if predictor.structure is Structure.MINIMOL else "fingerprints"


def compound_notes(
    predictor: MultiTraitGP, compounds: CompoundTable, described: CompoundDescriptions
) -> tuple[str, ...]:
    """What answers about compounds rest on; empty where all are of training. `described` are the same compounds."""
    traits, source = predictor.traits, told_from(predictor)
    places = traits.places(compounds)
    new = compounds.take(np.flatnonzero(places < 0))
    strange = new.molecules
    if not strange:
        return ()
    told = sum(molecule.key in traits.told for molecule in strange)
    elsewhere = int(traits.mean_head.measured_elsewhere(described)[places < 0].sum())
    reasons = list[str]()
    for rows in row_parts(len(compounds), COMPOUNDS_AT_ONCE):
        part = described if len(rows) == len(compounds) else described.take(rows)
        reasons += CompoundDomain.of(traits, part, places[rows]).reasons()
    outside = outside_domain("new compound", new.names, [reasons[row] for row in np.flatnonzero(places < 0).tolist()])
    return (means_told(len(compounds), len(strange), source, elsewhere, told), *outside)


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
