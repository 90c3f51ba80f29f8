"""What to measure next: which compounds in some samples, or in which samples a new compound."""

import numpy as np
import pandas as pd

from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.errors import CompoundError, counted, first_five
from drugripple.predict.own_samples import OwnSamples
from drugripple.predictors.calibrated import CalibratedPredictor


def compounds_to_measure(
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


def samples_to_measure(
    calibrated: CalibratedPredictor, compounds: CompoundTable, number: int, among: ExpressionTable | None
) -> pd.DataFrame:
    """For each compound that training lacks, the training samples to measure it in next; notes in `attrs`.

    Args:
        calibrated: the model.
        compounds: the compounds.
        number: of samples per compound.
        among: the training samples to choose from; all if None.

    Returns:
        Columns compound, id, order (from 1), sample, tissue.

    Raises:
        CompoundError: if training has all of the compounds.
    """
    predictor, measured = calibrated.predictor, np.isfinite(calibrated.calibration.measured).sum(axis=0)
    places = predictor.traits.places(compounds)
    known = np.flatnonzero(places >= 0).tolist()
    named = [f"{compounds.names[row]} (measured in {measured[places[row]]})" for row in known]
    if len(known) == len(compounds):
        message = (
            f"the model was trained with every compound that was named: {first_five(named)}; samples to measure are "
            "chosen for others"
        )
        raise CompoundError(message)
    notes = [*compounds.notes, *(() if among is None else among.notes)]
    if known:
        what = counted(len(known), "compound is", "compounds are")
        notes.append(f"{what} left out, because the model was trained with measurements: {first_five(named)}")
    new = compounds.take(np.flatnonzero(places < 0))
    tissue = dict(zip(predictor.traits.kernel.samples, calibrated.calibration.tissue, strict=True))
    found = predictor.next_samples(new, number, among)
    few = [name for name, chosen in zip(new.names, found, strict=True) if len(chosen) < number]
    if few:
        what = counted(len(few), "compound has", "compounds have")
        notes.append(f"{what} fewer than {counted(number, 'sample')} left to choose from: {first_five(few)}")
    table = pd.DataFrame(
        [
            {"compound": name, "id": key, "order": order, "sample": sample, "tissue": tissue[sample]}
            for name, key, chosen in zip(new.names, new.ids, found, strict=True)
            for order, sample in enumerate(chosen, start=1)
        ],
        columns=["compound", "id", "order", "sample", "tissue"],
    )
    table.attrs["notes"] = notes
    return table
