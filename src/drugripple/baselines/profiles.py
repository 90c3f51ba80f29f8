"""Predictors of treated profiles that stage 1 has to beat."""

import numpy as np
from jaxtyping import Float, Int

from drugripple.chem.fingerprint import morgan
from drugripple.data.tables import PerturbationTable

RIDGE = 300.0


def no_change(
    table: PerturbationTable, train: Int[np.ndarray, " m"], test: Int[np.ndarray, " k"]
) -> Float[np.ndarray, "k g"]:
    """The untreated profile."""
    del train
    return table.basal.values[table.basal_row[test]]


def training_mean(
    table: PerturbationTable, train: Int[np.ndarray, " m"], test: Int[np.ndarray, " k"]
) -> Float[np.ndarray, "k g"]:
    """The untreated profile plus the mean change of the training profiles."""
    return no_change(table, train, test) + _change(table, train).mean(axis=0)


def ridge_on_fingerprints(
    table: PerturbationTable, train: Int[np.ndarray, " m"], test: Int[np.ndarray, " k"]
) -> Float[np.ndarray, "k g"]:
    """The untreated profile plus a change that is linear in Morgan bits, ln dose and ln time (ridge)."""
    from sklearn.linear_model import Ridge

    bits = morgan(table.compounds.smiles)

    def features(rows: Int[np.ndarray, " r"]) -> Float[np.ndarray, "r f"]:
        condition = np.log(np.column_stack([table.dose_um[rows], table.hours[rows]]))
        return np.hstack([bits[table.compound_row[rows]], condition]).astype(np.float64)

    model = Ridge(alpha=RIDGE).fit(features(train), _change(table, train), sample_weight=table.weight[train])
    return no_change(table, train, test) + model.predict(features(test)).astype(np.float32)


PROFILE_BASELINES = {
    "no_change": no_change,
    "training_mean": training_mean,
    "ridge_morgan": ridge_on_fingerprints,
}


def _change(table: PerturbationTable, rows: Int[np.ndarray, " m"]) -> Float[np.ndarray, "m g"]:
    return table.treated[rows] - table.basal.values[table.basal_row[rows]]
