"""Measurements of known and of new compounds in one table: none is lost where its structure can be known."""

import pandas as pd
import pytest

from drugripple.data.synthetic import synthetic_world
from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.errors import SourceError, TableError
from drugripple.predict import own_measurements as module
from drugripple.predict.own_measurements import own_measurements
from drugripple.runtime.notes import heard
from drugripple.sources.user import response_frame

VORINOSTAT, ERLOTINIB = "O=C(CCCCCCC(=O)Nc1ccccc1)NO", "C#Cc1cccc(Nc2ncnc3cc(OCCOC)c(OCCOC)cc23)c1"
KNOWN = CompoundTable.from_smiles(
    [ERLOTINIB, VORINOSTAT], ids=[ERLOTINIB, VORINOSTAT], names=["Erlotinib", "Vorinostat"]
)
LIBRARY = CompoundTable.from_smiles(["CCO"], names=["mine"])


@pytest.fixture
def samples() -> ExpressionTable:
    return synthetic_world(0).response.expression


def table_of(samples: ExpressionTable, compounds: list[str], **more: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"sample": samples.samples[0], "compound": compounds, **more, "ic50_um": 1.0})


def measured(found) -> dict[str, str]:
    """The structure of every compound that was measured."""
    rows = sorted(set(found.compound_row.tolist()))
    return {found.compounds.names[row]: found.compounds.smiles[row] for row in rows}


def test_known_compounds_are_found_beside_a_library_of_new_ones(samples):
    frame = table_of(samples, ["vorinostat", "SAHA", "mine", "Erlotinib"])
    said: list[str] = []
    with heard(said.append):
        found = own_measurements(frame, samples, LIBRARY, KNOWN, unit=None).table
    assert measured(found) == {"Vorinostat": VORINOSTAT, "mine": "CCO", "Erlotinib": ERLOTINIB}
    assert any(
        "2 compounds without a structure are looked up among those that the model knows by name" in note
        for note in said
    )
    assert len(found.compounds) == 3


def test_the_library_wins(samples):
    library = CompoundTable.from_smiles(["CCO", "CCN"], names=["VORINO-STAT", "mine"])
    found = own_measurements(table_of(samples, ["vorinostat", "mine"]), samples, library, KNOWN, unit=None).table
    assert measured(found) == {"VORINO-STAT": "CCO", "mine": "CCN"}
    same = CompoundTable.from_smiles([VORINOSTAT, "CCN"], names=["x", "mine"], ids=[VORINOSTAT, "mine"])
    found = own_measurements(table_of(samples, ["vorinostat", "mine"]), samples, same, KNOWN, unit=None).table
    assert measured(found) == {"Vorinostat": VORINOSTAT, "mine": "CCN"}


def test_a_blank_structure_is_that_of_the_known_compound(samples):
    frame = table_of(samples, ["vorinostat", "mine", "Erlotinib", "mine"], smiles=["", "CCO", "CCN", None])
    found = own_measurements(frame, samples, None, KNOWN, unit=None).table
    assert measured(found) == {"vorinostat": VORINOSTAT, "mine": "CCO", "Erlotinib": "CCN"}
    assert len(found) == 4


@pytest.mark.parametrize("library", [LIBRARY, None], ids=["library", "smiles"])
def test_an_unknown_compound_is_told_with_the_nearest(samples, library):
    more = {} if library else {"smiles": ["", "CCO"]}
    frame = table_of(samples, ["vorinostatt", "mine"], **more)
    said: list[str] = []
    with heard(said.append):
        assert len(own_measurements(frame, samples, library, KNOWN, unit=None).table) == 1
    assert any("'vorinostatt' is no compound" in note and "['Vorinostat']" in note for note in said)
    frame = table_of(samples, ["vorinostatt"], **({} if library else {"smiles": [""]}))
    with pytest.raises((TableError, SourceError), match=r"'vorinostatt' is no compound .*\['Vorinostat'\]"):
        own_measurements(frame, samples, library, KNOWN, unit=None)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1.0, 2.0], []),
        ([1.0, 4.0, 2.0], ["1 pair was measured more than once, and the mean of the logarithms counts"]),
        ([0.01, 4.0, 2.0], ["values of SAMPLE with Vorinostat lie 400-fold apart: look at them"]),
    ],
)
def test_repeats_are_told_and_those_far_apart_by_name(samples, values, said):
    names = ["Vorinostat", "Vorinostat", "Vorinostat"] if len(values) == 3 else ["Vorinostat", "Erlotinib"]
    told: list[str] = []
    with heard(told.append):
        own_measurements(table_of(samples, names).assign(ic50_um=values), samples, None, KNOWN, unit=None)
    repeats = [note for note in told if "more than once" in note]
    assert len(repeats) == len(said)
    for note, expected in zip(repeats, said, strict=True):
        assert note.endswith(expected.replace("SAMPLE", samples.samples[0]))


def test_repeats_are_told_without_names_and_of_salts(samples):
    """A table of structures alone; the hydrochloride is measured as its base."""
    frame = pd.DataFrame({"sample": samples.samples[0], "smiles": ["CCN", "CCN.Cl", "CCO"], "ic50_um": [1, 20, 5]})
    told: list[str] = []
    with heard(told.append):
        own_measurements(frame, samples, None, KNOWN, unit=None)
    (note,) = [note for note in told if "more than once" in note]
    assert note.startswith("1 pair was measured more than once")
    assert note.endswith(f"values of {samples.samples[0]} with CCN lie 20-fold apart: look at them")


def test_a_kind_of_drug_among_measurements_is_told_as_one(samples):
    """Without a name that is near it, too."""
    said: list[str] = []
    with heard(said.append):
        own_measurements(table_of(samples, ["vorinostat", "HDACs"]), samples, None, KNOWN, unit=None)
    assert any("'HDACs' is no compound but a kind; the model knows ['Vorinostat']" in note for note in said)


def test_what_holds_no_measurements_is_told_by_its_kind(samples):
    with pytest.raises(SourceError, match="responses were given as dict; expected a path or a DataFrame"):
        own_measurements({"a": 1}, samples, None, KNOWN, unit=None)


def test_a_file_is_read_once(samples, tmp_path, monkeypatch):
    path = tmp_path / "mine.csv"
    table_of(samples, ["vorinostat", "mine"], smiles=["", "CCO"]).to_csv(path, index=False)
    reads, read = [], response_frame.read_table
    for place in (response_frame, module):
        monkeypatch.setattr(place, "read_table", lambda file: reads.append(file) or read(file), raising=False)
    said: list[str] = []
    with heard(said.append):
        assert len(own_measurements(path, samples, None, KNOWN, unit=None).table) == 2
    assert reads == [path]


@pytest.mark.parametrize("library", [LIBRARY, None], ids=["library", "none"])
def test_a_matrix_of_samples_by_known_compounds_is_told_as_one(samples, library):
    wide = pd.DataFrame({"sample": samples.samples[:2], "erlotinib": [1.0, 2.0], "vorinostat": [0.5, 0.1]})
    with pytest.raises(SourceError, match=r"2 columns are named as compounds are.*one row per measurement"):
        own_measurements(wide, samples, library, KNOWN, unit=None)
