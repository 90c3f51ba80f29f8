"""Training samples that are asked about by name: what the model answers, and what it says of other names."""

import numpy as np
import pandas as pd
import pytest

from drugripple.errors import DrugrippleError, SourceError, TableError
from drugripple.predict.asked_samples import named_samples

KNOWN = ("vorinostat", "melphalan")


def test_samples_by_name_are_answered_as_their_expression_is(asked):
    model, known = asked.model, asked.model.training
    names = [known.samples[7], known.samples[2]]
    by_name = model.predict(names, list(KNOWN))
    by_expression = model.predict(known.take(np.array([7, 2])), list(KNOWN))
    pd.testing.assert_frame_equal(pd.DataFrame(by_name), pd.DataFrame(by_expression))
    assert set(by_name["kind"]) == {"known sample, known compound"}
    one = model.predict(names[0], "vorinostat")
    assert one["ln_ic50"].tolist() == by_name["ln_ic50"].tolist()[:1]
    assert model.explain(names[0], "vorinostat").prediction == one["ln_ic50"][0]


def test_asked_without_samples_the_model_answers_for_all_that_it_knows(asked):
    table = asked.model.predict(compounds="vorinostat")
    assert table["sample"].tolist() == list(asked.model.training.samples)
    assert any("no samples are named" in note for note in table.attrs["notes"])
    best = table.best(3, rank="samples")
    inside = table[table["in_domain"]]
    assert best["ln_ic50"].tolist() == sorted(inside["ln_ic50"])[:3]


def test_a_pair_that_was_measured_says_so_beside_the_answer(asked):
    table = asked.model.predict(compounds=list(KNOWN))
    own = asked.table
    measured = {
        (own.expression.samples[sample], own.compounds.names[compound]): value
        for sample, compound, value in zip(own.sample_row, own.compound_row, own.values, strict=True)
    }
    for row in table.itertuples():
        truth = measured.get((row.sample, row.compound))
        assert np.isnan(row.measured_um) if truth is None else np.isclose(row.measured_um, np.exp(truth), rtol=1e-5)
    assert 0 < table["measured_um"].isna().sum() < len(table)
    assert asked.model.predict(asked.new, "vorinostat")["measured_um"].isna().all()
    assert np.isnan(asked.model.predict(own.expression.samples[0], "CCOCC")["measured_um"][0])


@pytest.mark.parametrize(
    ("named", "refusal", "said"),
    [
        (["{0}", "{0}"], TableError, "1 sample is named more than once"),
        (["nobody"], TableError, r"1 sample is not among those that the model was trained with: \['nobody'\]"),
        ("{0}x", TableError, "the nearest names are"),
        ("A375 " * 100, TableError, "1 sample is not among"),
        ("data/mine", TableError, r"there is no file 'data/mine'; 1 sample is not among"),
        ("nowhere.csv", SourceError, "it is not there"),
        ([], TableError, "there is nothing to predict: 0 samples"),
    ],
)
def test_a_name_that_is_none_is_told(asked, named, refusal, said):
    first = asked.model.training.samples[0]
    given = named.format(first) if isinstance(named, str) else [name.format(first) for name in named]
    assert issubclass(refusal, DrugrippleError)
    with pytest.raises(refusal, match=said):
        asked.model.predict(given, "vorinostat")


def test_a_file_in_a_list_of_names_is_told(asked, tmp_path):
    (tmp_path / "mine.csv").touch()
    with pytest.raises(TableError, match=r"mine.csv' is a file: name it as `expression`; 1 sample is not among"):
        asked.model.predict([str(tmp_path / "mine.csv")], "vorinostat")


def test_names_are_compared_as_the_audit_compares_them(asked):
    known = asked.model.training.take(np.arange(3))
    known = type(known)(("A375", "TT", "T-T"), known.genes, known.values, known.scale)
    assert named_samples(["a-375", "T-T", "TT"], known).samples == ("A375", "T-T", "TT")
