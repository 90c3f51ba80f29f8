"""Any model of cell lines as one that reads robust z-scores of tumours."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float

from drugripple.data.pairs import Pairs
from drugripple.data.predictor import Predictor
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.genes.scaling import RobustScaler
from drugripple.predict.default import DefaultModel
from drugripple.predict.default_files import open_default
from drugripple.predict.gene_levels import at_training_levels
from drugripple.predict.load import is_default_model
from drugripple.predict.model import DrugResponseModel, load_network
from drugripple.predict.own_samples import OwnSamples
from drugripple.predict.samples import TrainedScale, require_own_genes
from drugripple.recipes.patients.transfer import Z_SCALES

PatientModel = Callable[[ExpressionTable, CompoundTable], Float[np.ndarray, "n c"]]
"""Responses of tumours, given as robust z-scores, to compounds; a gene that was not measured counts as typical."""


def of_predictor(predictor: Predictor, lines: ExpressionTable) -> PatientModel:
    """A fitted predictor, told of tumours in the units of the lines that it was fitted on: median + 1.4826 MAD z."""
    scaler = RobustScaler.fit(lines.values)

    def predict(tumours: ExpressionTable, compounds: CompoundTable) -> Float[np.ndarray, "n c"]:
        asked = in_units_of(tumours, lines, scaler)
        return predictor.predict(Pairs.grid(asked, compounds)).reshape(len(tumours), len(compounds))

    return predict


def open_model(folder: Path | None) -> DrugResponseModel | DefaultModel:
    """The network or the default model of a folder; this machine's default model where none is named.

    Raises:
        CheckpointError: if there is none, it is damaged, or the folder holds a fitted predictor of the catalogue.
    """
    return open_default(folder) if folder is None or is_default_model(folder) else load_network(folder)


def require_own_genes_of(model: DrugResponseModel | DefaultModel, tumours: ExpressionTable) -> None:
    """Refuse tumours, as they were read, whose values do not belong to their genes: a transfer by gene would hide that.

    Raises:
        GeneSpaceError, ScaleError: as `predict` of the model; z-scores hold no levels that could be compared.
    """
    if tumours.scale in Z_SCALES:
        return
    if isinstance(model, DefaultModel):
        at_training_levels(model.calibrated.predictor.traits.kernel, tumours)
    else:
        require_own_genes(TrainedScale.of(model.checkpoint), tumours)


def of_loaded(model: DrugResponseModel | DefaultModel) -> PatientModel:
    """A model that `open_model` gave: a network reads the z-scores, the default model ranks in its own units."""

    def predict(tumours: ExpressionTable, compounds: CompoundTable) -> Float[np.ndarray, "n c"]:
        if isinstance(model, DefaultModel):
            traits = model.calibrated.predictor.traits
            known = traits.kernel.training
            moved = in_units_of(tumours, known, RobustScaler.fit(known.values))
            asked = OwnSamples.of(traits, moved, at_levels=True)
            found: pd.DataFrame = model.ask(asked, compounds, compact=True).table()
        else:
            found = model.predict(tumours, compounds, missing="median", size="any")
        table = found.pivot(index="sample", columns="id", values=model.measure.value)
        return table.loc[list(tumours.samples), list(compounds.ids)].to_numpy(np.float64)

    return predict


def in_units_of(tumours: ExpressionTable, lines: ExpressionTable, scaler: RobustScaler) -> ExpressionTable:
    """Robust z-scores as expression of the lines; a gene of theirs that was not measured takes their median."""
    z = np.zeros((len(tumours), len(lines.genes)))
    shared = lines.genes.shared_with(tumours.genes)
    z[:, lines.genes.positions(shared.symbols)] = tumours.restrict(shared).values
    values = (scaler.median + z * scaler.scale_).astype(np.float32)
    scale = ExpressionScale.RMA if lines.scale is ExpressionScale.ROBUST_Z else lines.scale
    return ExpressionTable(tumours.samples, lines.genes, values, scale, tumours.tissue, tumours.notes)
