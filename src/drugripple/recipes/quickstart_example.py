"""The last step of the quickstart: the default model is built, and asked about an example."""

from pathlib import Path

import numpy as np
import pandas as pd

from drugripple.config import default_model_folder, read_run
from drugripple.data.response import ResponseTable
from drugripple.errors import CheckpointError
from drugripple.predict.ask import Question, predict_files
from drugripple.predict.load import is_default_model, load_default
from drugripple.recipes.default_model.run import build_default
from drugripple.recipes.default_model.settings import DefaultModelRun
from drugripple.recipes.run_folder import RUN_FILE
from drugripple.runtime.atomic import write_csv
from drugripple.runtime.notes import tell
from drugripple.runtime.progress import Progress

SAMPLES, COMPOUNDS, PREDICTIONS = "example_samples.csv", "example_compounds.csv", "example_predictions.csv"
NUMBER = 10


def predict_example(table: ResponseTable, data: Path | None, out: Path, *, progress: Progress) -> Path:
    """Ten samples and ten compounds as files, and what the default model says of them; returns the last file.

    The default model of this machine is built first if there is none: from `data`, or from what was fetched. One of
    public data that an earlier version built is built again.

    Raises:
        DrugrippleError: if it cannot be built, or one of your own responses cannot be read.
    """
    _make_default(default_model_folder(), data, progress)
    some = np.unique(table.sample_row)[:NUMBER]
    expression = table.expression.take(some)
    samples = pd.DataFrame(expression.values, columns=list(expression.genes.symbols))
    samples.insert(0, "sample", list(expression.samples))
    write_csv(out / SAMPLES, samples)
    compounds = table.compounds.take(np.unique(table.compound_row)[:NUMBER])
    write_csv(out / COMPOUNDS, pd.DataFrame({"name": compounds.names, "smiles": compounds.smiles}))
    predict_files(Question(out / SAMPLES, out / COMPOUNDS), out / PREDICTIONS, progress=progress)
    return out / PREDICTIONS


def _make_default(folder: Path, data: Path | None, progress: Progress) -> None:
    """Build a default model where there is none that can be read."""
    there = folder.is_dir() and is_default_model(folder)
    if there:
        try:
            load_default(folder)
        except CheckpointError:
            if read_run(folder / RUN_FILE, DefaultModelRun).responses is not None:
                raise
            tell(["the default model that was there cannot be read by this version and is built again"])
        else:
            return
    build_default(DefaultModelRun(data=data, out=folder, overwrite=there), progress=progress)
