"""One way prepares what is asked: any form of samples and compounds, the same numbers for predict and explain."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import drugripple
from drugripple.data.tables import CompoundTable
from drugripple.errors import CompoundError, ConfigError, TableError
from drugripple.predict.named import compound_rows
from drugripple.predict.request import largest_accepted, without_larger
from drugripple.sources.user.compounds import read_compounds

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(scope="module")
def model(place):
    return drugripple.load(str(place / "my_run"))


def values(table):
    return table["ln_ic50"].to_numpy()


def test_every_form_of_the_same_question_has_the_same_answer(place, model):
    from anndata import AnnData

    samples, compounds = pd.read_csv(place / "samples.csv"), pd.read_csv(place / "compounds.csv")
    matrix = samples.set_index("sample")
    adata = AnnData(matrix.to_numpy(), pd.DataFrame(index=matrix.index), pd.DataFrame(index=matrix.columns))
    expected = model.predict(str(place / "samples.csv"), place / "compounds.csv")
    assert list(expected.columns) == [
        "sample", "id", "compound", "dose_um", "hours", "ln_ic50", "ic50_um", "compound_seen",
    ]  # fmt: skip
    for expression in (samples, matrix, adata, drugripple.read_expression(matrix)):
        for asked in (
            compounds,
            compounds["smiles"].tolist(),
            compounds["smiles"],
            drugripple.read_compounds(compounds),
        ):
            found = model.predict(expression, asked)
            assert np.array_equal(values(found), values(expected))
            assert found["sample"].tolist() == expected["sample"].tolist()


def test_notes_say_whose_medians_were_used(place, model):
    notes = model.predict(place / "samples.csv", ["CCO"]).attrs["notes"]
    assert notes[0] == "expression is robust z-scores and is used as it is"


def test_chosen_samples_are_scaled_with_the_whole_file(place, model):
    names = pd.read_csv(place / "samples.csv")["sample"]
    raised = pd.read_csv(place / "samples.csv").set_index("sample") + 8.0
    whole = model.request(raised, place / "compounds.csv", scale="log2_tpm")
    chosen = whole.choose(names[3], ())
    assert chosen.samples.names == whole.choose([names[3]], ()).samples.names == (names[3],)
    assert np.array_equal(chosen.samples.z.numpy(), whole.samples.z[3:4].numpy())
    found = model.explain(raised, place / "compounds.csv", sample=[names[3]], scale="log2_tpm", top=5)
    assert found.notes == whole.notes
    assert "medians of its own 12 samples" in " ".join(found.notes)


def test_a_compound_is_chosen_by_its_id_or_by_a_name_that_is_clear():
    table = CompoundTable.from_smiles(["CCO", "CCN", "CCC"], ids=["1", "2", "3"], names=["A", "A", "2"])
    asked = drugripple.data.Treatments.at(table, 10.0, 24.0)
    assert compound_rows(["2"], asked).tolist() == [1]
    with pytest.raises(TableError, match=r"the name 'A' stands for 2 compounds: choose by id among \['1', '2'\]"):
        compound_rows(["A"], asked)
    with pytest.raises(TableError, match="1 chosen compound is not among those given"):
        compound_rows(["B"], asked)


def test_a_chosen_compound_that_was_left_out_is_refused_with_the_reason():
    table = read_compounds(pd.DataFrame({"name": ["PEG", "ethanol"], "smiles": ["*CCO*", "CCO"]}))
    for asked in (table, drugripple.data.Treatments.at(table, 10.0, 24.0)):
        with pytest.raises(TableError, match=r"not among those given: \['PEG'\].*'PEG' with SMILES .*placeholder atom"):
            compound_rows(["PEG"], asked)


def test_a_molecule_larger_than_any_trained_on_is_left_out_and_listed(place, model):
    large = "C" * 130
    found = model.request(place / "samples.csv", [large, "CCO"])
    assert found.treatments.ids == ("CCO",)
    assert found.treatments.left_out[0].smiles == large
    told = r"1 compound has more than the \d+ heavy atoms that are accepted and is left out"
    assert any(re.match(told, note) for note in found.notes)
    with pytest.raises(CompoundError, match=told):
        model.predict(place / "samples.csv", [large])


def test_the_accepted_size_follows_the_training():
    assert [largest_accepted(atoms) for atoms in (0, 20, 96)] == [120, 60, 96]
    treatments = drugripple.data.Treatments.at(CompoundTable.from_smiles(["CCC", "CCCC"]), 10.0, 24.0)
    assert without_larger(treatments, 4) is treatments
    assert without_larger(treatments, 3).ids == ("CCC",)


def test_each_distinct_smiles_is_parsed_once_with_molecules_in_the_cache(place, model, monkeypatch):
    """The parses of `predict`: one per distinct structure, none for the graphs that the cache has."""
    from rdkit import Chem

    smiles = pd.read_csv(place / "compounds.csv")["smiles"].tolist()
    model.predict(place / "samples.csv", smiles)
    parsed = []
    whole = Chem.MolFromSmiles
    monkeypatch.setattr(Chem, "MolFromSmiles", lambda text, **k: parsed.append(text) or whole(text, **k))
    model.predict(place / "samples.csv", pd.DataFrame({"id": list("abcdef"), "smiles": [*smiles, smiles[0]]}))
    assert sorted(parsed) == sorted(smiles)


def test_screen_is_a_method_and_needs_a_folder(place, model, tmp_path):
    done = model.screen(str(place / "samples.csv"), str(place / "compounds.csv"), str(tmp_path / "hits"), top=2)
    assert Path(done.result).exists()
    best = pd.read_parquet(done.result)
    predicted = model.predict(place / "samples.csv", place / "compounds.csv")
    assert best["ln_ic50"].min() == pytest.approx(predicted["ln_ic50"].min(), abs=1e-5)
    with pytest.raises(ConfigError, match="a screen reads the model from its folder"):
        drugripple.DrugResponseModel(model.checkpoint).screen("a.csv", "b.csv", tmp_path / "x")
    with pytest.raises(ConfigError, match="shard_pears"):
        model.screen(place / "samples.csv", place / "compounds.csv", tmp_path / "x", shard_pears=3)
