"""What a model answers is one table, with its notes; nothing asked is an error that says so."""

from dataclasses import replace

import pandas as pd
import pytest

from drugripple.errors import TableError
from drugripple.predict import domain
from drugripple.predict.answers import Answers
from drugripple.predict.load import load_default


def test_blocks_become_one_table_with_the_notes():
    blocks = iter(
        [pd.DataFrame({"sample": ["a"], "ln_ic50": [0.5]}), pd.DataFrame({"sample": ["b"], "ln_ic50": [1.5]})]
    )
    table = Answers(2, 1, ("said",), blocks).table()
    assert table["ln_ic50"].tolist() == [0.5, 1.5]
    assert table.index.tolist() == [0, 1]
    assert table.attrs["notes"] == ["said"]


@pytest.mark.parametrize(("samples", "compounds"), [(0, 3), (2, 0)])
def test_nothing_to_predict_is_said(samples, compounds):
    with pytest.raises(TableError, match=f"nothing to predict: {samples} samples, {compounds} compounds"):
        Answers(samples, compounds, (), iter(())).table()


def test_samples_outside_the_domain_are_told_with_every_answer(small_default_model):
    model = load_default(small_default_model)
    asked = model.samples(model.training.samples[:2])
    far = replace(asked, domain=replace(asked.domain, needed=2.0))
    notes = [model.ask(one, model.compounds("vorinostat")).notes for one in (asked, far)]
    told = [[note for note in several if "outside the model's domain" in note] for several in notes]
    assert told[0] == []
    assert [note.split("domain: ")[0] for note in told[1]] == ["2 of 2 samples are outside the model's "]


def test_what_is_said_of_many_compounds_is_said_in_parts(small_default_model, monkeypatch):
    """Of new ones among known ones, however many are looked at together."""
    model = load_default(small_default_model)
    asked, compounds = model.samples(model.training.samples[0]), model.compounds(["vorinostat", "[SiH4]", "CCO", "CCN"])
    whole = model.ask(asked, compounds).notes
    monkeypatch.setattr(domain, "COMPOUNDS_AT_ONCE", 2)
    assert model.ask(asked, compounds).notes == whole
    assert any("of 3 new compounds" in note and "'[SiH4]'" in note for note in whole)


def test_each_compound_is_compared_with_those_of_training_once(small_default_model, monkeypatch):
    model, compared = load_default(small_default_model), []
    plain = domain.tanimoto
    monkeypatch.setattr(domain, "tanimoto", lambda one, other: compared.append(len(one)) or plain(one, other))
    monkeypatch.setattr(domain, "COMPOUNDS_AT_ONCE", 2)
    model.predict(model.training.samples[0], ["vorinostat", "[SiH4]", "CCO"])
    assert compared == [2, 1]
