"""The default model that is told a user's own measurements: what moves, what is suggested next, and what is refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from drugripple.data.pair_kind import PairKind
from drugripple.errors import TableError
from drugripple.predict.load import load_default

from .conftest import ASPIRIN, strangers


def test_own_measurements_condition_the_model_and_are_not_suggested_again(model, samples, tidy_folder, tmp_path):
    mine = strangers(samples)
    before = model.predict(mine, tidy_folder / "own_compounds.csv")
    first = model.next_experiments(mine, 2)
    told = first[first["order"] == 1].merge(before, on=["sample", "compound"])
    told = told.assign(ln_ic50=told["ln_ic50"] + 3)[["sample", "smiles", "ln_ic50"]]
    conditioned = model.condition(mine, told)
    after = conditioned.predict(mine, tidy_folder / "own_compounds.csv")
    assert (after["ln_ic50"] > before["ln_ic50"]).mean() > 0.5
    again = conditioned.next_experiments(mine, 2)
    assert not set(zip(again["sample"], again["smiles"], strict=True)) & set(
        zip(told["sample"], told["smiles"], strict=True)
    )
    assert not any("fewer than" in note for note in conditioned.next_experiments(mine, 11).attrs["notes"])
    assert conditioned.next_experiments(mine, 12).attrs["notes"][-1] == (
        "4 samples have fewer than 12 compounds to choose from that were not measured: "
        "['mine0', 'mine1', 'mine2', 'mine3']"
    )
    conditioned.save(tmp_path / "told")
    loaded = load_default(tmp_path / "told").predict(mine, tidy_folder / "own_compounds.csv")
    np.testing.assert_array_equal(loaded["ln_ic50"], after["ln_ic50"])


def test_measurements_of_a_new_compound_count_for_other_samples(model, samples, tidy_folder, tmp_path):
    """In training samples and in samples of one's own, told through one table beside a known compound."""
    mine = strangers(samples)
    both = replace(
        mine,
        samples=(*samples.samples[:3], *mine.samples),
        tissue=("",) * 7,
        values=np.concatenate([samples.values[:3], mine.values]),
    )
    known = model.predict(mine, tidy_folder / "own_compounds.csv")
    before = model.predict(both, [ASPIRIN]).set_index("sample")["ln_ic50"]
    told = [(name, ASPIRIN, before[name] + 2) for name in (*both.samples[:3], "mine0")]
    told.append(("mine1", model.next_experiments(mine, 1)["smiles"][1], 3.0))
    frame = pd.DataFrame(told, columns=["sample", "smiles", "ln_ic50"])
    conditioned = model.condition(both, frame)
    table = conditioned.predict(both, [ASPIRIN])
    moved = table.set_index("sample")["ln_ic50"] - before
    assert moved[["mine2", "mine3"]].between(0.5, 2.5).all()  # those of which nothing else was told
    assert (table["kind"].iloc[:3] == PairKind.NEW_COMPOUND.value).all()
    assert any("and from its measurements" in note for note in table.attrs["notes"])
    assert table["sample_percentile"].between(0.1, 99.9).any()  # training samples moved with it
    again = conditioned.predict(mine, tidy_folder / "own_compounds.csv")
    changed = ((again["ln_ic50"] - known["ln_ic50"]).abs() > 1e-9).groupby(again["sample"]).any()
    assert changed.to_dict() == {"mine0": False, "mine1": True, "mine2": False, "mine3": False}
    conditioned.save(tmp_path / "told")
    loaded = load_default(tmp_path / "told").predict(both, [ASPIRIN])
    pd.testing.assert_frame_equal(loaded, table)


def test_a_model_prints_what_it_is_of(model, samples):
    assert repr(model) == f"DefaultModel of ln_ic50: 40 samples, 12 compounds, {len(model.training.genes)} genes"
    told = model.condition(strangers(samples), pd.DataFrame({"sample": ["mine1"], "smiles": ["CCO"], "ic50_um": [1.0]}))
    assert repr(told).endswith("genes; told measurements of 1 new compound since")


def test_measurements_of_another_measure_are_refused(model, samples):
    with pytest.raises(TableError, match="the responses are auc, the model predicts ln_ic50"):
        model.condition(strangers(samples), pd.DataFrame({"sample": ["mine0"], "smiles": [ASPIRIN], "auc": [0.4]}))
