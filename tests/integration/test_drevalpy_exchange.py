"""A benchmark goes to drevalpy's files and comes back as it was, whoever wrote the predictions."""

import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from drugripple.cli.app import app
from drugripple.cli.console import exit_code_of
from drugripple.config import make_run, set_dotted
from drugripple.errors import ConfigError, SplitError
from drugripple.integrations.drevalpy.exchange import export_benchmark, import_results, rows_of, scores_of
from drugripple.recipes.benchmark.folds import prepare_folds
from drugripple.recipes.benchmark.run import train_benchmark
from drugripple.recipes.benchmark.settings import BenchmarkRun


def benchmark(tidy_folder, out, **changes):
    settings = {"data": tidy_folder, "out": out, "model": ("drug_mean", "mean_effects"), "split": {"folds": 3}}
    return make_run(BenchmarkRun, set_dotted(settings, changes), "test")


@pytest.fixture(scope="module")
def exported(tidy_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("drevalpy")
    run = benchmark(tidy_folder, folder / "bench")
    train_benchmark(run)
    return folder, run, export_benchmark(run, folder / "theirs")


def test_everything_finished_is_written(exported):
    _, _, done = exported
    assert done.folds == 4 * 3
    assert done.predictions == 2 * 4 * 3
    assert done.waiting == ()
    assert sorted(path.name for path in done.results.iterdir()) == ["LCO", "LDO", "LPO", "disjoint"]
    assert json.loads((done.results / "disjoint/splits/split_manifest.json").read_text())["test_mode"] == "LCO"
    assert (done.results / "LCO/drug-mean/predictions/predictions_split_2.csv").exists()


@pytest.mark.parametrize("label", ["LPO", "LCO", "LDO", "disjoint"])
def test_predictions_and_folds_come_back_as_they_were(exported, tmp_path, label):
    _, run, done = exported
    back = run.model_copy(update={"out": tmp_path})
    told = import_results(done.results / label, back)
    assert told.folds == 3
    assert len(told.added) == 6
    for job in told.added:
        ours = job.__class__(job.model.replace("-", "_"), job.scheme, job.fold)
        before, after = (pq.read_table(path).to_pandas() for path in (ours.path(run.out), job.path(tmp_path)))
        pd.testing.assert_frame_equal(before, after)
    again = import_results(done.results / label, back)
    assert again.added == ()
    assert len(again.reused) == 6
    assert prepare_folds(run).splits.folds[told.scheme][1].test.tolist() == (
        prepare_folds(back.model_copy(update={"scheme": (told.scheme,)})).splits.folds[told.scheme][1].test.tolist()
    )


def test_scores_are_those_of_the_files(exported, tmp_path):
    _, run, done = exported
    back = run.model_copy(update={"out": tmp_path})
    shown = scores_of(import_results(done.results / "LCO", back), back).set_index("model")
    files = [done.results / f"LCO/mean-effects/predictions/predictions_split_{n}.csv" for n in range(3)]
    errors = [np.sqrt(((frame["response"] - frame["predictions"]) ** 2).mean()) for frame in map(pd.read_csv, files)]
    assert shown.loc["mean-effects", "rmse"] == pytest.approx(np.mean(errors))
    assert shown["folds"].tolist() == [3, 3]


def test_data_are_those_of_the_table(exported):
    folder, run, _ = exported
    table, data = rows_of(run), folder / "theirs/data/GDSC2-drugripple"
    expression = pd.read_csv(data / "gene_expression.csv", index_col="cell_line_name")
    np.testing.assert_array_equal(expression.to_numpy(dtype=np.float32), table.expression.values.astype(np.float32))
    assert tuple(expression.columns) == table.expression.genes.symbols
    smiles = pd.read_csv(data / "drug_smiles.csv", index_col="pubchem_id")["canonical_smiles"]
    assert smiles.to_dict() == dict(zip(table.compounds.ids, table.compounds.smiles, strict=True))
    response = pd.read_csv(data / "GDSC2-drugripple.csv", float_precision="round_trip")
    assert response["response"].tolist() == table.values.tolist()


def test_names_of_drevalpy_stand_in_the_files_and_are_understood(exported, tmp_path):
    _, run, _ = exported
    table = rows_of(run)
    names = tmp_path / "names.csv"
    names.write_text(f"kind,ours,theirs\ndrug,{table.compounds.ids[0]},2244\nline,{table.expression.samples[1]},HeLa\n")
    told = []
    done = export_benchmark(run, tmp_path / "theirs", names=names, data=False, progress=lambda *now: told.append(now))
    assert told == [("predictions", number, 24) for number in range(1, 25)]
    assert not (tmp_path / "theirs" / "data").exists()
    test = pd.concat(pd.read_csv(path, dtype=str) for path in (done.results / "LDO/splits").glob("*_test.csv"))
    assert "2244" in set(test["pubchem_id"])
    assert "HeLa" in set(test["cell_line_name"])
    back = run.model_copy(update={"out": tmp_path / "back"})
    assert len(import_results(done.results / "LDO", back, names=names).added) == 6
    with pytest.raises(SplitError, match="unknown drugs"):
        import_results(done.results / "LDO", run.model_copy(update={"out": tmp_path / "other"}))


def test_names_of_nothing_are_refused(exported, tmp_path):
    _, run, _ = exported
    names = tmp_path / "names.csv"
    names.write_text("kind,ours,theirs\ndrug,snake oil,2244\ncolour,a,b\n")
    with pytest.raises(ConfigError, match=r"got \['colour'\] too\), and 1 names .*'snake oil'"):
        export_benchmark(run, tmp_path / "theirs", names=names)


def test_two_studies_are_refused_there_and_back(exported, tmp_path):
    _, run, done = exported
    two = run.model_copy(update={"test_dataset": "GDSC1", "out": tmp_path})
    with pytest.raises(ConfigError, match="one study in a folder"):
        export_benchmark(two, tmp_path / "theirs")
    with pytest.raises(ConfigError, match="one study in a folder"):
        import_results(done.results / "LPO", two)
    assert not list(tmp_path.iterdir())


def test_other_folds_of_the_same_scheme_are_refused(exported, tidy_folder, tmp_path):
    _, _, done = exported
    other = benchmark(tidy_folder, tmp_path, scheme="mixed", **{"split.seed": 5})
    prepare_folds(other)
    with pytest.raises(SplitError, match="holds other mixed folds"):
        import_results(done.results / "LPO", other)


def test_a_folder_that_does_not_say_its_scheme_is_refused(exported, tmp_path):
    _, run, _ = exported
    with pytest.raises(ConfigError, match="does not say what its folds leave out"):
        import_results(tmp_path / "my-split", run)


def test_a_bad_prediction_file_leaves_nothing_behind(exported, tmp_path):
    _, run, done = exported
    file = done.results / "LPO" / "zzz" / "predictions" / "predictions_split_1.csv"
    file.parent.mkdir(parents=True)
    try:
        file.write_text("cell_line_name,pubchem_id,response,predictions\nx,y,1,1\n")
        with pytest.raises(SplitError, match="has 1 rows where the fold tests"):
            import_results(done.results / "LPO", run.model_copy(update={"out": tmp_path / "back"}))
        assert not (tmp_path / "back").exists()
    finally:
        file.unlink()


def test_command_line_there_and_back(exported, tidy_folder, tmp_path, capsys):
    _, run, _ = exported
    for name, out in (("bench", run.out), ("back", tmp_path / "back")):
        (tmp_path / f"{name}.toml").write_text(
            f'data = "{tidy_folder}"\nout = "{out}"\nmodel = ["drug_mean", "mean_effects", "line_mean"]\n'
            "[split]\nfolds = 3\n"
        )
    export = ["drevalpy", "export", str(tmp_path / "bench.toml"), "--out", str(tmp_path / "theirs"), "--no-data"]
    assert exit_code_of(lambda: app(export)) == 0
    told = capsys.readouterr()
    assert "not written: 12 jobs" in told.err
    results = told.out.strip()
    assert exit_code_of(lambda: app(["drevalpy", "import", f"{results}/LCO", str(tmp_path / "back.toml")])) == 0
    told = capsys.readouterr()
    assert "3 folds of cell_blind; predictions: 6 new, 0 there already" in told.err
    assert "drug-mean" in told.out
    wrong = ["drevalpy", "import", f"{results}/LPO", str(tmp_path / "back.toml"), "--scheme", "disjoint"]
    assert exit_code_of(lambda: app(wrong)) == 2
    assert "share" in capsys.readouterr().err
