"""What the default model says without a prediction: its notes, what to measure next, denoised measurements."""

import numpy as np
import pandas as pd

from drugripple.data.tables import CompoundTable
from drugripple.errors import CompoundError, counted, first_five
from drugripple.predict.domain import CompoundDomain, outside_domain
from drugripple.predict.frames import COMPOUNDS_AT_ONCE, row_parts
from drugripple.predict.own_samples import OwnSamples
from drugripple.predictors.calibrated import CalibratedPredictor
from drugripple.predictors.multi_trait_gp.compound_similarity import CompoundDescriptions
from drugripple.predictors.multi_trait_gp.predictor import MultiTraitGP
from drugripple.predictors.multi_trait_gp.settings import Structure


def suggested(
    calibrated: CalibratedPredictor, asked: OwnSamples, number: int, among: CompoundTable | None
) -> pd.DataFrame:
    """For each sample, the training compounds to measure next: sample, order, compound, smiles; notes in `attrs`.

    Args:
        calibrated: the model.
        asked: the samples.
        number: of compounds per sample.
        among: the compounds to choose from; all of training if None.

    Raises:
        CompoundError: if the model was trained with none of these.
    """
    predictor, notes = calibrated.predictor, list(asked.notes)
    if among is not None:
        strange = np.array(among.names, dtype=object)[predictor.traits.places(among) < 0].tolist()
        if len(strange) == len(among):
            message = (
                f"the model was trained with none of {counted(len(among), 'compound')} to choose from: "
                f"{first_five(strange)}; only what a training compound tells of the others is known"
            )
            raise CompoundError(message)
        notes += among.notes
        if strange:
            what = counted(len(strange), "compound is", "compounds are")
            notes.append(f"{what} not chosen from, because the model was not trained with them: {first_five(strange)}")
    found = predictor.next_experiments(asked.expression, number, among)
    parents = (molecule.parent for molecule in predictor.traits.compounds.molecules)
    names = dict(zip(parents, calibrated.calibration.names, strict=True))
    table = pd.DataFrame(
        [
            {"sample": name, "order": order, "compound": names[parent], "smiles": parent}
            for name, inner in zip(asked.names, asked.expression.samples, strict=True)
            for order, parent in enumerate(found[inner], start=1)
        ],
        columns=["sample", "order", "compound", "smiles"],
    )
    each = zip(asked.names, asked.expression.samples, strict=True)
    few = [name for name, inner in each if len(found[inner]) < number]
    if few:
        what = counted(len(few), "sample has", "samples have")
        chosen = f"fewer than {counted(number, 'compound')} to choose from that were not measured"
        notes.append(f"{what} {chosen}: {first_five(few)}")
    table.attrs["notes"] = notes
    return table


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
    reasons = list[str]()
    for rows in row_parts(len(compounds), COMPOUNDS_AT_ONCE):
        part = described if len(rows) == len(compounds) else described.take(rows)
        reasons += CompoundDomain.of(traits, part, places[rows]).reasons()
    outside = outside_domain("new compound", new.names, [reasons[row] for row in np.flatnonzero(places < 0).tolist()])
    if len(compounds) == 1:
        note = f"the compound is new to the model; its mean is told from {source}"
        return (f"{note}, and from its measurements" if told else note, *outside)
    whose, verb = ("its mean is", "is") if len(strange) == 1 else ("their means are", "are")
    note = f"{len(strange):,} of {len(compounds):,} compounds {verb} new to the model; {whose} told from {source}"
    further = "its measurements" if len(strange) == 1 else f"measurements of {told:,} of them"
    return (f"{note}, and from {further}" if told else note, *outside)
