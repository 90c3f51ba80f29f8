"""The default model from files to files: built, calibrated, asked, told, and asked again."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from drugripple.chem.molecule import standardise
from drugripple.data.measure import Measure
from drugripple.data.pair_kind import KINDS, PairKind
from drugripple.data.tables import ExpressionTable
from drugripple.errors import CheckpointError, OutputError
from drugripple.predict.load import load_default
from drugripple.predictors.multi_trait_gp.predictor import MultiTraitGP
from drugripple.recipes.default_model import run as build
from drugripple.recipes.default_model.run import build_default
from drugripple.sources.study import read_study

from .conftest import ASPIRIN, settings, strangers

COMPACT = ["sample", "id", "compound", "ln_ic50", "ic50_um", "low_um", "high_um", "in_domain"]


def test_a_build_leaves_the_model_its_scores_and_a_card(built):
    left = sorted(path.name for path in built.folder.iterdir() if not path.name.startswith("."))
    assert left == ["README.md", "model", "run.toml", "scores.csv"]
    assert list(pd.read_csv(built.folder / "scores.csv")["kind"]) == [kind.value for kind in KINDS]
    card = (built.folder / "README.md").read_text()
    assert "40 samples to 12 compounds" in card
    assert "the user's own data" in card
    assert "## Intended use" in card


def test_a_finished_build_is_not_replaced_unasked(tidy_folder, built):
    with pytest.raises(OutputError, match="holds a finished run"):
        build_default(settings(tidy_folder, built.folder))


def test_a_training_compound_or_sample_does_not_count_as_lower_than_itself(model, samples):
    """Its answer is computed in another way than what it is compared with: both differ in the last bits."""
    for asked in (strangers(samples), samples):
        table = model.predict(asked)
        lower = table.groupby("sample")["ln_ic50"].rank(method="min") - 1
        np.testing.assert_allclose(table["compound_percentile"], 100 * lower / 12)
    lower = table.groupby("compound")["ln_ic50"].rank(method="min") - 1
    np.testing.assert_allclose(table["sample_percentile"], 100 * lower / 40)


def test_every_pair_is_answered_with_an_interval_and_its_context(model, samples):
    table = model.predict(strangers(samples), [ASPIRIN])
    assert list(table["kind"].unique()) == [PairKind.NEW_BOTH.value]
    assert (table["low_um"] < table["ic50_um"]).all()
    assert (table["ic50_um"] < table["high_um"]).all()
    np.testing.assert_allclose(table["ic50_um"], np.exp(table["ln_ic50"]))
    assert table["sample_percentile"].between(0, 100).all()
    assert table["compound_percentile"].between(0, 100).all()
    assert table["compound_r"].isna().all()
    assert (table["nearest_samples"] == "").all()
    assert any(
        "the compound is new to the model; its mean is told from fingerprints" in n for n in table.attrs["notes"]
    )


def test_a_compound_of_training_brings_its_record(model, samples, tidy_folder):
    table = model.predict(strangers(samples), tidy_folder / "own_compounds.csv")
    assert (table["kind"] == PairKind.NEW_SAMPLE.value).all()
    assert len(table) == 4 * 12
    assert table["compound_n"].between(20, 40).all()
    known = read_study(settings(tidy_folder, "unused")).table
    name = table["compound"][0]
    values = known.values[np.array(known.compounds.names)[known.compound_row] == name]
    pairs = (
        pd.Series(values).groupby(known.sample_row[np.array(known.compounds.names)[known.compound_row] == name]).mean()
    )
    assert table["measured_min_um"][0] == pytest.approx(np.exp(pairs.min()), rel=1e-5)
    assert table["nearest_samples"].str.count(" uM").eq(3).all()


def test_a_new_structure_is_parsed_as_written_and_as_its_parent_however_many_samples(model, samples, monkeypatch):
    """Twice per structure; those of training are read for the first question only."""
    smiles = ["NCC(=O)OCC", "OC1CCCCC1N"]
    many = strangers(samples, 4)
    names, values = tuple(f"s{i}" for i in range(60)), np.tile(many.values, (15, 1))
    several = ExpressionTable(names, many.genes, values, many.scale)
    model.predict(many, smiles)
    parsed, whole = [], Chem.MolFromSmiles
    monkeypatch.setattr(
        Chem, "MolFromSmiles", lambda text, *more, **named: parsed.append(text) or whole(text, *more, **named)
    )
    assert len(model.predict(several, smiles)) == 120
    assert sorted(parsed) == sorted([*smiles, *(standardise(text).parent for text in smiles)])


def test_training_samples_are_known_by_name_and_expression(model, samples, tidy_folder):
    some = samples.take(np.arange(3))
    called = replace(some, samples=tuple(name.replace("_", "-").lower() for name in some.samples))
    table = model.predict(called, tidy_folder / "own_compounds.csv")
    assert (table["kind"] == PairKind.KNOWN.value).all()
    assert table["sample"].unique().tolist() == list(called.samples)
    assert any("3 of 3 samples are training samples" in note for note in table.attrs["notes"])


def test_a_namesake_with_another_expression_counts_as_new(model, samples, tidy_folder):
    """A running number may be the name of a cell line."""
    other = replace(strangers(samples), samples=samples.samples[20:24])
    table = model.predict(other, tidy_folder / "own_compounds.csv")
    assert (table["kind"] == PairKind.NEW_SAMPLE.value).all()
    assert table["sample"].unique().tolist() == list(samples.samples[20:24])
    assert any("4 of 4 samples have the name of a training sample" in note for note in table.attrs["notes"])
    again = model.predict(strangers(samples), tidy_folder / "own_compounds.csv")
    np.testing.assert_array_equal(table["ln_ic50"], again["ln_ic50"])


def test_a_monotone_change_of_scale_changes_nothing(model, samples):
    plain = strangers(samples)
    bent = replace(plain, values=np.exp(plain.values / 4).astype(np.float32))
    given = [model.predict(one, [ASPIRIN])["ln_ic50"] for one in (plain, bent)]
    np.testing.assert_allclose(given[0], given[1], atol=1e-6)


def test_denoising_pulls_measurements_towards_what_the_model_expects(model, samples, tidy_folder):
    table = model.denoise()
    known = read_study(settings(tidy_folder, "unused")).table
    assert len(table) == len(np.unique(known.pairs.number))
    hidden = model.calibrated.predictor.predict(known.pairs)
    expected = pd.DataFrame({"sample": np.array(samples.samples)[known.sample_row], "y": hidden}).assign(
        compound=np.array(known.compounds.names)[known.compound_row]
    )
    joined = table.merge(expected.drop_duplicates(["sample", "compound"]), on=["sample", "compound"])
    np.testing.assert_allclose(joined["denoised"], joined["y"], atol=1e-9)
    assert 0 < (table["denoised"] - table["measured"]).std() < table["measured"].std()


def test_the_compact_table_has_the_few_columns(model, samples):
    table = model.predict(strangers(samples), [ASPIRIN], compact=True)
    assert list(table) == COMPACT
    whole = model.predict(strangers(samples), [ASPIRIN])
    pd.testing.assert_frame_equal(table, whole[COMPACT], check_names=False)


def test_a_build_that_was_killed_goes_on_and_another_data_set_does_not_join_it(tidy_folder, tmp_path, monkeypatch):
    run, fitted = settings(tidy_folder, tmp_path / "out"), []
    real = MultiTraitGP.fit

    def fit(self, *rows, **more):
        if len(fitted) == 2:
            raise KeyboardInterrupt
        fitted.append(1)
        return real(self, *rows, **more)

    monkeypatch.setattr(MultiTraitGP, "fit", fit)
    with pytest.raises(KeyboardInterrupt):
        build_default(run)
    kept = list((tmp_path / "out" / build.HIDDEN).glob("*/*.parquet"))
    assert len(kept) == 2
    fitted.clear()
    monkeypatch.setattr(MultiTraitGP, "fit", lambda self, *rows, **more: fitted.append(1) or real(self, *rows, **more))
    build_default(run)
    assert len(fitted) == 2  # the third part, and the final fit


def test_another_process_loads_the_same_predictions_and_little_besides(model, built, samples, tmp_path):
    mine = strangers(samples)
    frame = pd.DataFrame(mine.values, index=list(mine.samples), columns=list(mine.genes.symbols))
    frame.to_parquet(tmp_path / "samples.parquet")
    code = (
        "import sys, json, pandas as pd\n"
        "from pathlib import Path\n"
        "from drugripple.predict.load import load_default\n"
        "table = load_default(Path(sys.argv[1])).predict(pd.read_parquet(sys.argv[2]), [sys.argv[3]])\n"
        "print(json.dumps([value.hex() for value in table['ln_ic50']]))\n"
        "from drugripple.predict.ask import predict_files\n"
        "from drugripple.config import cache_folder\n"
        "cache_folder()\n"
        "print(sorted({'torch', 'pooch', 'sklearn', 'rdkit.Chem.AllChem'} & set(sys.modules)))\n"
    )
    command = [sys.executable, "-c", code, str(built.folder), str(tmp_path / "samples.parquet"), ASPIRIN]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    expected = [value.hex() for value in model.predict(frame, [ASPIRIN])["ln_ic50"]]
    assert json.loads(told[0]) == expected
    assert told[1] == "[]"


def test_the_measure_goes_through(tidy_folder, tmp_path, samples):
    frame = pd.read_csv(tidy_folder / "responses.csv").rename(columns={"ic50_nm": "auc"})
    frame["auc"] = frame["auc"].rank(pct=True)
    frame.to_csv(tmp_path / "auc.csv", index=False)
    build_default(settings(tidy_folder, tmp_path / "out", responses=tmp_path / "auc.csv"))
    model = load_default(tmp_path / "out")
    assert model.measure is Measure.AUC
    table = model.predict(strangers(samples), [ASPIRIN])
    assert {"auc", "low", "high", "measured_median"} <= set(table)
    assert "ic50_um" not in table


def test_any_scale_that_the_command_offers_may_be_stated(model, samples):
    mine = strangers(samples, 12)
    frame = pd.DataFrame(2.0**mine.values, index=list(mine.samples), columns=list(mine.genes.symbols))
    stated = model.samples(1e6 * frame.div(frame.sum(axis=1), axis=0), scale="tpm")
    assert stated.names == mine.samples


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match="holds no saved predictor"):
        load_default(tmp_path)


def test_every_column_is_documented_and_every_documented_column_is_there(model, samples, tidy_folder):
    """The table of docs/default_model.md against what `predict` returns; `low` and `high` are for other measures."""
    page = (Path(__file__).parents[2] / "docs" / "default_model.md").read_text()
    rows = page[page.index("| column | meaning |") :].split("\n\n")[0].splitlines()[2:]
    documented = [name for row in rows for name in re.findall(r"`([a-z_0-9]+)`", row.split("|")[1])]
    table = model.predict(strangers(samples), tidy_folder / "own_compounds.csv")
    assert list(table) == documented
    compact = model.predict(strangers(samples), [ASPIRIN], compact=True)
    assert set(compact) < set(documented)


def test_target_and_mechanism_are_the_users_or_those_of_training(built, samples):
    found = load_default(built.folder)
    known = found.training_compounds
    traits = found.calibrated.predictor.traits
    described = replace(traits.compounds, targets=("TP53",) * len(known), mechanism=("apoptosis",) * len(known))
    found.calibrated.predictor._traits = replace(traits, compounds=described)
    of_training = found.predict(strangers(samples), [known.smiles[0], ASPIRIN])
    assert of_training["target"].tolist()[:2] == ["TP53", ""]
    assert of_training["mechanism"].tolist()[:2] == ["apoptosis", ""]
    own = found.predict(strangers(samples), replace(known.take(np.array([0])), targets=("MDM2",)))
    assert own["target"].unique().tolist() == ["MDM2"]
