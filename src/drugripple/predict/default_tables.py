"""What the default model says without a prediction: what it knows, by name, and denoised measurements."""

import re

import numpy as np
import pandas as pd

from drugripple.data.tables import CompoundTable
from drugripple.errors import counted
from drugripple.predictors.calibrated import CalibratedPredictor
from drugripple.predictors.multi_trait_gp.compound_heads import MeanHead
from drugripple.sources.user.column_names import plain

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
