"""The benchmark of screens through the default model, small."""

import numpy as np
import pandas as pd

from benchmarks import default_screen
from drugripple.recipes.default_model.run import build_default
from drugripple.recipes.default_model.settings import DefaultModelRun


def test_what_is_measured_are_a_screen_and_its_parts(tidy_folder, tmp_path):
    files = {"responses": "responses.csv", "expression": "own_samples.csv", "compounds": "own_compounds.csv"}
    more = {"out": tmp_path / "model", "folds": 2, "workers": 1, "model": {"structure": "fingerprint", "max_steps": 1}}
    build_default(DefaultModelRun.model_validate({key: tidy_folder / name for key, name in files.items()} | more))
    samples = pd.read_csv(tidy_folder / "own_samples.csv").head(5)
    samples.assign(sample=[f"mine{i}" for i in range(5)]).to_parquet(tmp_path / "samples.parquet")
    pd.DataFrame({"smiles": ["C" * n + "O" for n in np.arange(1, 18)]}).to_csv(tmp_path / "library.csv")
    whole = default_screen.whole(tmp_path, tmp_path / "model", workers=1)
    assert (whole["pairs"], whole["left_out"]) == (5 * 17, 0)
    parts = default_screen.parts(tmp_path, tmp_path / "model")
    assert (parts["pairs"], parts["molecules"]) == (5 * 17, 17)
    assert min(parts["describing"], parts["answering"], whole["seconds"]) > 0
