"""An example of what can be asked: files as a user has them, made of what the default model learnt from."""

from pathlib import Path

import numpy as np
import pandas as pd

from drugripple.config import default_model_folder
from drugripple.predict.default_files import open_default
from drugripple.runtime.atomic import write_csv
from drugripple.runtime.outputs import files_below, refuse_inputs

EXAMPLE_SAMPLES, EXAMPLE_COMPOUNDS = "example_samples.csv", "example_compounds.csv"
NUMBER = 10
LEVEL, SPREAD = 7.0, 1.5
"""Mean and standard deviation of the values, chosen so that they read as the logarithms of a microarray do: no normal
score of a gene lies below -4."""


def write_example(out: Path, *, model: Path | None = None) -> tuple[Path, Path]:
    """Write ten samples and ten compounds to ask about, as `example_samples.csv` and `example_compounds.csv`.

    Each sample is the mean of two training samples, so that it is new to the model; the compounds are of training.

    Args:
        out: folder.
        model: folder of a default model; the one of this machine unless given.

    Raises:
        CheckpointError: if there is none.
        OutputError: if the system refuses a write, or a file lies in the folder of the model.
    """
    paths = out / EXAMPLE_SAMPLES, out / EXAMPLE_COMPOUNDS
    refuse_inputs(paths, files_below(model or default_model_folder()))
    loaded = open_default(model)
    training, known = loaded.training, loaded.training_compounds
    number = min(NUMBER, len(training) // 2)
    both = training.values[: 2 * number].astype(np.float64).reshape(number, 2, -1).mean(axis=1)
    samples = pd.DataFrame((LEVEL + SPREAD * both).round(4), columns=list(training.genes.symbols))
    samples.insert(0, "sample", [f"example {i}" for i in range(1, number + 1)])
    write_csv(paths[0], samples)
    some = known.take(np.arange(min(NUMBER, len(known))))
    write_csv(paths[1], pd.DataFrame({"name": some.names, "smiles": some.smiles}))
    return paths
