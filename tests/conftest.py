"""What every test may use: the real data where it is, and quiet, deterministic numerics."""

import os
from pathlib import Path

import pytest
from tests import sparing_checks

sparing_checks.install()
SHARED = Path(os.environ.get("DRUGRIPPLE_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """A cache folder that nobody else uses."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRUGRIPPLE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def pytest_collection_modifyitems(items):
    """Files with slow tests first: at the end, every process still has small files to take."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup():
    """Before fixtures are made."""
    sparing_checks.begin_test()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The development data folder; the test skips, and says so, where it is absent."""
    if not (SHARED / "gdsc" / "response.parquet").exists():
        pytest.skip("the real data folder is absent: set DRUGRIPPLE_DATA or keep ../shared/data beside the project")
    return SHARED


def write_own_screen(table, genes, folder: Path) -> None:
    """A user's own screen: 40 samples x 12 compounds, IC50 in nanomolar, every pair measured twice."""
    import numpy as np
    import pandas as pd

    rows = np.flatnonzero((table.sample_row < 40) & (table.compound_row < 12))
    rows = np.concatenate([rows, rows])
    noise = np.random.default_rng(0).normal(scale=0.3, size=len(rows))
    pd.DataFrame(
        {
            "cell_line": np.array(table.expression.samples)[table.sample_row[rows]],
            "drug": np.array(table.compounds.names)[table.compound_row[rows]],
            "ic50_nm": 1000 * np.exp(table.values[rows] + noise),
        }
    ).to_csv(folder / "responses.csv", index=False)
    samples = pd.DataFrame(table.expression.values[:40], columns=list(genes))
    samples.insert(0, "sample", list(table.expression.samples[:40]))
    samples.to_csv(folder / "own_samples.csv", index=False)
    twelve = pd.DataFrame({"name": table.compounds.names[:12], "smiles": table.compounds.smiles[:12]})
    twelve.to_csv(folder / "own_compounds.csv", index=False)


@pytest.fixture(scope="session")
def tidy_folder(tmp_path_factory) -> Path:
    """The synthetic world in the tidy layout under real gene names, with a user's samples.csv and compounds.csv."""
    import numpy as np
    import pandas as pd

    from drugripple.data.synthetic import synthetic_world
    from drugripple.genes.symbols import SymbolMap

    world = synthetic_world(0)
    folder = tmp_path_factory.mktemp("tidy")
    table, compounds = world.response, world.response.compounds
    names = SymbolMap.landmarks().space.symbols[: len(world.response.expression.genes)]
    for part in ("gdsc", "l1000", "prior"):
        (folder / part).mkdir()
    number = np.arange(len(compounds)) + 1
    pd.DataFrame(
        {
            "dataset": "GDSC2",
            "cell_line": np.array(table.expression.samples)[table.sample_row],
            "drug": np.array(compounds.names)[table.compound_row],
            "drug_id": number[table.compound_row],
            "ln_ic50": table.values,
        }
    ).to_parquet(folder / "gdsc" / "response.parquet")
    pd.DataFrame(
        {"dataset": "GDSC2", "drug_id": number, "drug": compounds.names, "canonical_smiles": compounds.smiles}
    ).to_parquet(folder / "gdsc" / "drugs.parquet")
    expression = pd.DataFrame(table.expression.values, columns=list(names))
    expression.insert(0, "cell_line", list(table.expression.samples))
    expression.to_parquet(folder / "gdsc" / "expression.parquet")
    pd.DataFrame({"symbol": names}).to_parquet(folder / "l1000" / "genes.parquet")
    pairs = [(names[a], names[b]) for a, b in world.prior.edges]
    pd.DataFrame(pairs, columns=["source", "target"]).to_parquet(folder / "prior" / "string_v12_900.parquet")
    expression.rename(columns={"cell_line": "sample"}).head(12).to_csv(folder / "samples.csv", index=False)
    few = pd.DataFrame({"name": compounds.names[:5], "smiles": compounds.smiles[:5]})
    few.to_csv(folder / "compounds.csv", index=False)
    write_own_screen(table, names, folder)
    return folder


RUN = """
data = "data"
out = "my_run"

[split]
folds = 5

[network]
backbone = "random"
target = "residual"

[network.response]
widths = [32, 16]

[network.training]
learning_rate = 3e-3
batch = 64
max_epochs = 1
patience = 1
"""


@pytest.fixture(scope="session")
def place(tidy_folder, tmp_path_factory) -> Path:
    """What the docs take for granted: data, a profile store, samples.csv, compounds.csv, a run file and its network.

    And a default model, from 40 samples and 12 compounds.
    """
    from drugripple.cli.app import app
    from drugripple.cli.console import exit_code_of
    from drugripple.data.synthetic import synthetic_world
    from drugripple.sources.public.l1000.store import write_store

    folder = tmp_path_factory.mktemp("place")
    (folder / "data").symlink_to(tidy_folder)
    write_store(synthetic_world(0, lines=20, compounds=8).perturbations, folder / "store")
    for name in ("samples.csv", "compounds.csv", "responses.csv", "own_samples.csv", "own_compounds.csv"):
        (folder / name).symlink_to(tidy_folder / name)
    (folder / "run.toml").write_text(RUN)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert exit_code_of(lambda: app(["finetune", "run.toml"])) == 0
        build = ["build-default", "--responses", "responses.csv", "--expression", "own_samples.csv", "--compounds"]
        build += [
            "own_compounds.csv",
            "--folds",
            "2",
            "--workers",
            "1",
            "--overwrite",
            "--set",
            "model.structure=fingerprint",
        ]
        assert exit_code_of(lambda: app([*build, "--set", "model.max_steps=2"])) == 0
    return folder


@pytest.fixture(scope="session")
def small_default_model(tidy_folder, tmp_path_factory):
    """The folder of a default model of 40 samples and 12 compounds; it is only read."""
    from drugripple.recipes.default_model.run import build_default
    from drugripple.recipes.default_model.settings import DefaultModelRun

    out = tmp_path_factory.mktemp("small_default") / "model"
    run = {"responses": tidy_folder / "responses.csv", "expression": tidy_folder / "own_samples.csv"}
    more = {"compounds": tidy_folder / "own_compounds.csv", "out": out, "folds": 2, "workers": 1}
    settings = {"model": {"structure": "fingerprint", "max_steps": 1}}
    build_default(DefaultModelRun.model_validate(run | more | settings))
    return out
