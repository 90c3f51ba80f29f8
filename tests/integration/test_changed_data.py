"""Whatever changes in what a run is made from, by however little, it does not go on from what it left."""

import shutil

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drugripple.config import make_run
from drugripple.data.synthetic import synthetic_world
from drugripple.errors import ConfigError, TrainingError
from drugripple.recipes.benchmark.folds import prepare_folds
from drugripple.recipes.benchmark.models import keep_settings
from drugripple.recipes.benchmark.settings import BenchmarkRun
from drugripple.recipes.finetune import FinetuneRun, run_finetune
from drugripple.recipes.pretrain import PretrainMoleculesRun, PretrainRun, pretrain_molecules, run_pretrain
from drugripple.recipes.tune import TuneRun, tune
from drugripple.sources.public.l1000.store import write_store

TRAINING = {"max_epochs": 3, "patience": 3, "batch": 32}
NETWORK = {"backbone": "random", "training": TRAINING, "response": {"widths": (8, 4)}}
TABLES = {
    "gdsc/response.parquet": ["ln_ic50"],
    "gdsc/expression.parquet": None,
    "gdsc/drugs.parquet": ["canonical_smiles"],
    "prior/string_v12_900.parquet": ["source"],
}
"""Each table, and the columns that a run reads; None are all columns of numbers."""


def stop(*_):
    raise KeyboardInterrupt


def change(path, columns, data):
    """One cell of a table: a number by one unit in its last place, a structure or a gene by one of its letters."""
    table = pd.read_parquet(path)
    column = data.draw(st.sampled_from(columns or list(table.select_dtypes("number").columns)))
    row = data.draw(st.integers(0, len(table) - 1))
    value = table.loc[row, column]
    other = value + "C" if isinstance(value, str) else np.nextafter(np.float32(value), np.float32(99))
    if path.name == "string_v12_900.parquet":
        table = table.drop(index=row)
    elif path.name == "drugs.parquet":  # the same structure stands under the id of every study
        table.loc[table[column] == value, column] = other
    else:
        table.loc[row, column] = other
    table.to_parquet(path)


@pytest.fixture(scope="module")
def interrupted(tidy_folder, tmp_path_factory):
    """A fine-tuning that ended after its first epoch, and a benchmark that has its folds."""
    folder = tmp_path_factory.mktemp("interrupted")
    finetune = make_run(
        FinetuneRun, {"data": tidy_folder, "out": folder / "f", "scheme": "mixed", "split": {"folds": 5}}
        | {"network": NETWORK}, "test",
    )  # fmt: skip
    with pytest.raises(KeyboardInterrupt):
        run_finetune(finetune, on_epoch=stop)
    benchmark = make_run(
        BenchmarkRun,
        {"data": tidy_folder, "out": folder / "b", "model": ("mean_effects",), "split": {"folds": 3}},
        "test",
    )
    prepare_folds(benchmark)
    return finetune, benchmark


@given(data=st.data())
@settings(max_examples=8, deadline=None)
def test_a_changed_cell_ends_a_fine_tuning_and_a_benchmark(tidy_folder, interrupted, tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("changed")
    shutil.copytree(tidy_folder, folder / "data")
    name = data.draw(st.sampled_from(list(TABLES)))
    change(folder / "data" / name, TABLES[name], data)
    finetune, benchmark = interrupted
    for run in (finetune, benchmark):
        shutil.copytree(run.out, folder / run.out.name)
    moved = {"data": folder / "data", "out": folder / "f"}
    (folder / "f" / "run.toml").unlink()  # it names the other folder, and would be refused for that alone
    text = (finetune.out / "run.toml").read_text().replace(str(finetune.data), str(folder / "data"))
    (folder / "f" / "run.toml").write_text(text)
    with pytest.raises(TrainingError, match=r"changed since it was written; put back|other settings \(rows\)"):
        run_finetune(finetune.model_copy(update=moved))
    if not name.startswith("prior"):  # no predictor of this benchmark reads it
        with pytest.raises(ConfigError, match="of other data: expression, responses or SMILES changed since"):
            prepare_folds(benchmark.model_copy(update=moved | {"out": folder / "b"}))
    shutil.rmtree(folder)


def test_changed_annotation_ends_a_benchmark(tidy_folder, interrupted, tmp_path):
    _, benchmark = interrupted
    shutil.copytree(tidy_folder, tmp_path / "data")
    shutil.copytree(benchmark.out, tmp_path / "b")
    path = tmp_path / "data" / "gdsc" / "drugs.parquet"
    pd.read_parquet(path).assign(targets="EGFR").to_parquet(path)
    with pytest.raises(ConfigError, match="of other data: targets, mechanisms or tissues changed since"):
        prepare_folds(benchmark.model_copy(update={"data": tmp_path / "data", "out": tmp_path / "b"}))


@pytest.mark.parametrize(
    ("model", "file", "told"),
    [("multi_trait_gp_studies", "ctrp/response.parquet", "ctrp/response.parquet"), ("mean_effects", "", "")],
)
def test_a_model_that_reads_more_than_responses_does_not_go_on_with_other_files(tmp_path, model, file, told):
    (tmp_path / "data" / "ctrp").mkdir(parents=True)
    run = make_run(BenchmarkRun, {"data": tmp_path / "data", "out": tmp_path / "b", "model": (model,)}, "test")
    keep_settings(run)
    (tmp_path / "data" / (file or "ctrp/response.parquet")).write_bytes(b"other")
    if told:
        with pytest.raises(ConfigError, match=f"read other data: .*{told}.* changed since"):
            keep_settings(run)
    else:
        keep_settings(run)


@pytest.mark.parametrize(
    ("table", "column", "told"),
    [
        ("gdsc/response.parquet", "ln_ic50", "responses, expression or SMILES"),
        ("gdsc/expression.parquet", None, "responses, expression or SMILES"),
        ("prior/string_v12_900.parquet", "source", "weights, prior or further studies"),
    ],
)
def test_a_search_does_not_go_on_with_other_data(tidy_folder, searched_once, tmp_path, table, column, told):
    shutil.copytree(tidy_folder, tmp_path / "data")
    shutil.copytree(searched_once.out, tmp_path / "t")
    frame = pd.read_parquet(tmp_path / "data" / table)
    if column == "source":
        frame = frame.iloc[1:]
    else:
        name = column or frame.select_dtypes("number").columns[0]
        frame.loc[0, name] += 0.5
    frame.to_parquet(tmp_path / "data" / table)
    text = (tmp_path / "t" / "run.toml").read_text().replace(str(tidy_folder), str(tmp_path / "data"))
    (tmp_path / "t" / "run.toml").write_text(text)
    with pytest.raises(ConfigError, match=rf"holds another search \({told} differ\)"):
        tune(searched_once.model_copy(update={"data": tmp_path / "data", "out": tmp_path / "t", "trials": 2}))


@pytest.fixture(scope="module")
def searched_once(tidy_folder, tmp_path_factory):
    """A search of one trial."""
    pytest.importorskip("optuna")
    asked = {"data": tidy_folder, "out": tmp_path_factory.mktemp("tune") / "t", "trials": 1, "split": {"folds": 5}}
    space = {"training.batch": [32]}
    network = NETWORK | {"training": TRAINING | {"max_epochs": 1}}
    run = make_run(TuneRun, asked | {"network": network, "search": space}, "test")
    tune(run)
    return run


@pytest.mark.parametrize("gone", ["splits.json", "splits.parquet"])
def test_predictions_whose_data_nobody_can_tell_are_not_gone_on_with(interrupted, tmp_path, gone):
    _, benchmark = interrupted
    shutil.copytree(benchmark.out, tmp_path / "b")
    predictions = tmp_path / "b" / "predictions" / "mean_effects" / "mixed" / "seed0"
    predictions.mkdir(parents=True)
    (predictions / "0.parquet").write_bytes(b"")
    (tmp_path / "b" / gone).unlink()
    with pytest.raises(ConfigError, match=rf"holds predictions, but {gone} is gone"):
        prepare_folds(benchmark.model_copy(update={"out": tmp_path / "b"}))


@pytest.fixture(scope="module")
def profiles(tmp_path_factory):
    """A pretraining on profiles that ended after its first epoch, with its store."""
    folder = tmp_path_factory.mktemp("profiles")
    table = synthetic_world(0, genes=29, lines=11, compounds=5).perturbations
    write_store(table, folder / "store")
    small = {"hidden": 4, "molecule": {"width": 8, "layers": 1, "heads": 2}}
    asked = {"data": folder / "store", "out": folder / "out", "prior": "none", "perturbation": small}
    run = make_run(PretrainRun, asked | {"training": TRAINING}, "test")
    with pytest.raises(KeyboardInterrupt):
        run_pretrain(run, on_epoch=stop)
    return run


@pytest.mark.parametrize("file", ["treated.npy", "basal.npy"])
@pytest.mark.parametrize("place", [0.1, 0.6, 1.0])
def test_a_changed_value_ends_a_pretraining_on_profiles(profiles, tmp_path, file, place):
    shutil.copytree(profiles.data, tmp_path / "store")
    shutil.copytree(profiles.out, tmp_path / "out")
    values = np.load(tmp_path / "store" / file)
    at = int(place * (values.size - 1))
    values.flat[at] = np.nextafter(values.flat[at], np.float32(99))
    np.save(tmp_path / "store" / file, values)
    text = (profiles.out / "run.toml").read_text().replace(str(profiles.data), str(tmp_path / "store"))
    (tmp_path / "out" / "run.toml").write_text(text)
    with pytest.raises(TrainingError, match="expression profiles changed since it was written"):
        run_pretrain(profiles.model_copy(update={"data": tmp_path / "store", "out": tmp_path / "out"}))


def test_a_changed_structure_ends_a_pretraining_on_molecules(tmp_path, monkeypatch):
    monkeypatch.setenv("DRUGRIPPLE_CACHE", str(tmp_path / "cache"))
    rings = ["c1ccccc1", "c1ccncc1", "c1ccoc1", "c1ccsc1", "C1CCCCC1", "c1ccc2ccccc2c1", "C1CCNCC1"]
    lines = [f"{chain}{ring} x" for ring in rings for chain in ("C", "CC", "CN")]
    (tmp_path / "library.smi").write_text("\n".join(lines))
    run = PretrainMoleculesRun(
        data=tmp_path, out=tmp_path / "out", sources=({"file": "library.smi", "terms": "CC0"},), held_out=0.2,
        molecule={"width": 8, "layers": 1, "heads": 2}, training={"max_epochs": 3, "batch": 8},
    )  # fmt: skip
    with pytest.raises(KeyboardInterrupt):
        pretrain_molecules(run, jobs=1, on_epoch=stop)
    (tmp_path / "library.smi").write_text("\n".join(lines).replace("CN", "CO"))
    with pytest.raises(TrainingError, match="molecules changed since it was written"):
        pretrain_molecules(run, jobs=1)
