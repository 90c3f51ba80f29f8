import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drugripple.errors import DrugrippleError
from drugripple.genes.space import GeneSpace
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.compound_findings import ExaminedCompounds
from drugripple.sources.user.compounds import read_compounds
from drugripple.sources.user.doctor import Content, Diagnosis, Examination, examine
from drugripple.sources.user.expression import read_expression
from drugripple.sources.user.expression_findings import Examined
from drugripple.sources.user.findings import Finding, Level, Topic

LANDMARKS = SymbolMap.landmarks()
GENES = LANDMARKS.space.symbols


def matrix(genes: list[str], samples: int = 3) -> pd.DataFrame:
    values = np.random.default_rng(0).uniform(2, 13, (samples, len(genes)))
    return pd.DataFrame(values, index=pd.Index([f"line {i}" for i in range(samples)]), columns=pd.Index(genes))


def examine_text(folder: Path, content: str, name: str = "x.csv") -> Examination:
    (folder / name).write_text(content)
    return examine([folder / name]).files[0]


def texts(examination: Examination, topic: str) -> str:
    return "\n".join(f"{f.level} {f.text} -> {f.advice}" for f in examination.findings if f.topic == topic)


def test_complete_matrix_is_healthy_with_full_coverage(tmp_path: Path) -> None:
    examination = examine_text(tmp_path, matrix(list(GENES)).T.to_csv())
    assert examination.content == Content.EXPRESSION
    assert examination.healthy
    assert "3 samples x 978 genes, genes as rows, samples as columns; genes named by symbol" in texts(
        examination, "layout"
    )
    assert "fine 978 of 978 landmark genes (100%)" in texts(examination, "coverage")
    assert "fine rma: log2 with a background" in texts(examination, "scale")


def test_everything_odd_about_gene_names_is_told(tmp_path: Path) -> None:
    others = [gene for gene in GENES if gene not in ("TP53", "GET1", "CEMIP2")]
    genes = ["TP53", "WRB", "TMEM2", "CEMIP2", "1-Mar", "Xyz", "BRAF", *others[:300]]
    examination = examine_text(tmp_path, matrix(genes).to_csv())
    assert examination.healthy
    assert "note 303 of 978 landmark genes (31%); missing: [" in texts(examination, "coverage")
    assert "4 names are none of these: a network does not read them" in texts(examination, "coverage")
    assert "1 gene was found under another name: ['WRB -> GET1']" in texts(examination, "aliases")
    assert "1 old name stands beside the current one and is left out: ['TMEM2 beside CEMIP2']" in texts(
        examination, "aliases"
    )
    assert "turned 1 gene name into a date; it is left out: ['1-Mar (MARCHF1 or MTARC1)']" in texts(
        examination, "dates"
    )


def test_poor_coverage_warns_of_poor_predictions(tmp_path: Path) -> None:
    examination = examine_text(tmp_path, matrix(list(GENES[:97])).to_csv())
    assert "97 of 978 landmark genes (10%)" in texts(examination, "coverage")
    assert "expect much worse predictions" in texts(examination, "coverage")


def test_coverage_is_that_of_the_model_where_one_is_given(tmp_path: Path) -> None:
    matrix(["TP53", "BRAF", "MYC"]).to_csv(tmp_path / "x.csv")
    examination = examine([tmp_path / "x.csv"], wanted=GeneSpace(("BRAF", "TP53", "KRAS", "NRAS"))).files[0]
    assert "note 2 of 4 genes of the model (50%); missing: ['KRAS', 'NRAS']" in texts(examination, "coverage")


def test_constant_genes_are_noted(tmp_path: Path) -> None:
    table = matrix(list(GENES[:20]))
    table[GENES[3]] = 2.5
    examination = examine_text(tmp_path, table.to_csv())
    assert f"note 1 gene has one value in all samples: ['{GENES[3]}']" in texts(examination, "values")


def broken(change: str) -> pd.DataFrame:
    table = matrix(list(GENES[:20])).astype(object)
    match change:
        case "text":
            table.iloc[1, 2] = "high"
        case "missing":
            table.iloc[1, 2] = np.nan
        case "infinite":
            table.iloc[1, 2] = np.inf
        case "repeated gene":
            table = table.set_axis([*GENES[:19], GENES[0]], axis=1)
        case "repeated sample":
            table.index = pd.Index(["a", "b", "a"])
        case "nameless sample":
            table.index = pd.Index(["a", "", "c"])
        case "counts":
            table = (2 ** table.astype(float)).round()
    return table


@pytest.mark.parametrize(
    ("change", "topic", "message"),
    [
        ("text", "values", "problem 1 value is not a number (first: 'high' for sample 'line 1'"),
        ("missing", "values", "problem 1 value is missing in 1 of 20 genes ['RPS5'] (first: sample 'line 1'"),
        ("infinite", "values", "problem 1 value is infinite in 1 of 20 genes ['RPS5']"),
        ("repeated gene", "duplicates", "problem 1 gene appears more than once: ['DDR1 (DDR1, DDR1)']"),
        ("repeated sample", "samples", "problem 1 sample appears more than once: ['a']"),
        ("nameless sample", "samples", "problem 1 sample has no name"),
        ("counts", "scale", "problem it seems to hold raw counts (whole numbers from"),
    ],
)
def test_each_problem_is_told_with_its_culprit(tmp_path: Path, change: str, topic: str, message: str) -> None:
    examination = examine_text(tmp_path, broken(change).to_csv())
    assert not examination.healthy
    assert message in texts(examination, topic)
    assert [f.topic for f in examination.findings if f.level == Level.PROBLEM] == [topic]
    assert all(f.advice for f in examination.findings if f.level == Level.PROBLEM)


COMPOUNDS = (
    "id,smiles,dose_um\nA,CCO,1\nsalt,CC(=O)[O-].[Na+],1\nL,C[C@H](N)C(=O)O,1\nD,C[C@@H](N)C(=O)O,1\nbad,C1CC,1\n"
)


def test_compounds_are_counted_parsed_and_grouped_by_structure(tmp_path: Path) -> None:
    examination = examine_text(tmp_path, COMPOUNDS)
    assert examination.content == Content.COMPOUNDS
    assert examination.healthy
    assert "compounds, text: 5 rows, SMILES from 'smiles', ids from 'id', dose in micromolar from 'dose_um'" in texts(
        examination, "layout"
    )
    assert "fine 4 of 5 can be used" in texts(examination, "structures")
    assert "note 1 of 5 compounds cannot be used and is left out: [\"line 6: compound 'bad'" in texts(
        examination, "structures"
    )
    assert "read is the parent: ['salt as CC(=O)O']" in texts(examination, "structures")
    assert "note 1 structure stands under several ids (stereochemistry apart): ['L = D']" in texts(
        examination, "compounds"
    )
    assert "no column hours: the model's own condition is used" in texts(examination, "conditions")


@pytest.mark.parametrize(
    ("content", "topic", "message"),
    [
        ("id,smiles,dose_um\nA,CCO,-1\n", "conditions", "1 value of dose_um is no number above 0"),
        ("id,smiles\nA,CCO\nA,CCO\n", "compounds", "1 compound repeats"),
        ("id,smiles\nA,xx\n", "structures", "none of 1 structure can be used"),
    ],
)
def test_compound_problems_are_told(tmp_path: Path, content: str, topic: str, message: str) -> None:
    examination = examine_text(tmp_path, content)
    assert not examination.healthy
    assert message in texts(examination, topic)


UNREADABLE = {
    "empty.csv": (b"", "is empty"),
    "book.xlsx": (b"PK\x03\x04", "cannot be read as an Excel workbook"),
    "cut.parquet": (b"PAR1 and then nothing", "cannot be read as Parquet"),
    "cut.h5ad": (b"\x89HDF\r\n\x1a\n and then nothing", "cannot be read as h5ad"),
    "latin.csv": ("sample,TP53\nM\u00fcller,1.5\n".encode("latin-1"), "not UTF-8"),
    "dose.csv": (b"id,smiles,dose\nA,CCO,1\n", "does not say its unit"),
    "nothing.csv": (b"a,b\nx,1.5\ny,2.5\n", "no gene is known"),
    "binary.smi": (b"\x00\x01\x02\x00", "is binary"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_unreadable_file_is_told_not_raised(tmp_path: Path, name: str) -> None:
    content, message = UNREADABLE[name]
    (tmp_path / name).write_bytes(content)
    examination = examine([tmp_path / name]).files[0]
    assert not examination.healthy
    assert message in texts(examination, "file")


def test_absent_file_is_told_not_raised(tmp_path: Path) -> None:
    assert "is not there" in texts(examine([tmp_path / "none.csv"]).files[0], "file")


def test_diagnosis_is_healthy_only_if_all_files_are_and_goes_into_json(tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text(COMPOUNDS)
    (tmp_path / "bad.csv").write_text("")
    diagnosis = examine([tmp_path / "good.csv", tmp_path / "bad.csv"])
    assert not diagnosis.healthy
    assert Diagnosis(diagnosis.files[:1]).healthy
    read_back = json.loads(json.dumps(diagnosis.as_json()))
    assert [file["healthy"] for file in read_back["files"]] == [True, False]
    assert read_back["files"][0]["content"] == "compounds"
    assert read_back["files"][0]["findings"][0]["level"] == "fine"


CASES = {
    **{f"{change or 'whole'}.csv": broken(change).to_csv() for change in ("", "text", "missing", "infinite", "counts")},
    **{
        f"{change}.csv": broken(change).T.to_csv() for change in ("repeated gene", "repeated sample", "nameless sample")
    },
    "compounds.csv": COMPOUNDS,
    "dose.csv": "id,smiles,dose_um\nA,CCO,0\n",
    "unit.csv": "id,smiles,dose\nA,CCO,1\n",
    "mouse.csv": matrix(["Trp53", "Xist"]).to_csv(),
}


def refusal_of(path: Path) -> DrugrippleError | None:
    """What the reader of a case refuses it with."""
    try:
        if "smiles" in path.read_text():
            read_compounds(path)
        else:
            read_expression(path, symbols=LANDMARKS, wanted=LANDMARKS.space)
    except DrugrippleError as error:
        return error
    return None


@pytest.mark.parametrize("name", CASES)
def test_reader_raises_the_first_problem_that_the_doctor_prints(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(CASES[name])
    problems = [one for one in examine([tmp_path / name]).files[0].findings if one.level == Level.PROBLEM]
    refused = refusal_of(tmp_path / name)
    assert (refused is None) == (not problems)
    if refused is not None:
        assert problems[0].text in str(refused)


@pytest.mark.parametrize(
    ("examined", "name"),
    [(ExaminedCompounds, "compounds.csv"), (Examined, "whole.csv")],
    ids=["compounds", "expression"],
)
def test_a_rule_of_the_one_generator_reaches_reader_and_doctor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, examined: type, name: str
) -> None:
    rule = Finding(Level.PROBLEM, Topic.USE, "a rule that was added")
    monkeypatch.setattr(examined, "findings", lambda _: iter([rule]))
    (tmp_path / name).write_text(CASES[name])
    assert examine([tmp_path / name]).files[0].findings == (rule,)
    assert "a rule that was added" in str(refusal_of(tmp_path / name))


@pytest.mark.shared
def test_development_data_is_recognised(shared_data: Path) -> None:
    gdsc, nci = examine(
        [shared_data / "gdsc" / "expression.parquet", shared_data / "nci60" / "expression.parquet"]
    ).files
    assert gdsc.healthy
    assert "944 samples x 5,778 genes, samples as rows" in texts(gdsc, "layout")
    assert "483 of 978 landmark genes (49%)" in texts(gdsc, "coverage")
    assert "965 of 978 landmark genes (99%)" in texts(nci, "coverage")


def test_what_the_default_model_takes_alone_is_usable_and_says_so(tmp_path: Path) -> None:
    linear = 2 ** matrix(list(GENES))
    examination = examine_text(tmp_path, linear.to_csv())
    assert (examination.sound, examination.healthy) == (False, True)
    assert "linear TPM" in texts(examination, Topic.SCALE)
    shown = Diagnosis((examination,))
    assert "usable with the default model; not with a network as it is" in shown.as_text()
    assert shown.healthy
    assert shown.as_json()["files"][0]["only_default"]
    broken = examine_text(tmp_path, linear.assign(TP53=np.nan).to_csv(), "broken.csv")
    assert not broken.healthy
    assert Diagnosis((examination, broken)).complaint().startswith("1 of 2 files cannot be used")
