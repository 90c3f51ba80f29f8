"""Which training samples to measure new compounds in."""

import numpy as np
import pandas as pd

from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.errors import CompoundError, counted, first_five
from drugripple.predictors.calibrated import CalibratedPredictor


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
        Columns compound, order (from 1), sample, tissue.

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
            {"compound": name, "order": order, "sample": sample, "tissue": tissue[sample]}
            for name, chosen in zip(new.names, found, strict=True)
            for order, sample in enumerate(chosen, start=1)
        ],
        columns=["compound", "order", "sample", "tissue"],
    )
    table.attrs["notes"] = notes
    return table
