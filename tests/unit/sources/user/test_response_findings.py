"""What the doctor says of tables of responses, and what it takes for one."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drugripple.cli.app import app
from drugripple.cli.console import exit_code_of
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.errors import SourceError, TableError
from drugripple.genes.space import GeneSpace
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.doctor import Content, Examination, examine
from drugripple.sources.user.findings import ERRORS, Finding, Level, Topic
from drugripple.sources.user.response_columns import Companions
from drugripple.sources.user.response_findings import ExaminedResponses
from drugripple.sources.user.response_frame import open_responses
from drugripple.sources.user.response_units import ResponseUnit
from drugripple.sources.user.responses import examine_responses, read_responses

GENES = SymbolMap.landmarks().space.symbols
EXPRESSION = ExpressionTable(("A549", "MCF7"), GeneSpace(("TP53",)), np.zeros((2, 1)), ExpressionScale.RMA)
COMPOUNDS = CompoundTable.from_smiles(("CCO", "NCCO"), ids=("D1", "D2"), names=("ethanol", "ethanolamine"))
Look = Callable[..., Examination]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    def examined(frame: pd.DataFrame, name: str = "x.csv", unit: ResponseUnit | None = None) -> Examination:
        frame.to_csv(tmp_path / name, index=False, sep="\t" if name.endswith("txt") else ",")
        return examine([tmp_path / name], unit=unit).files[0]

    return examined


def problems(examination: Examination) -> list[str]:
    return [str(finding) for finding in examination.findings if finding.level == Level.PROBLEM]


def long(**columns: object) -> pd.DataFrame:
    frame = {"cell_line": ["A549", "A549", "MCF7"], "drug": ["ethanol", "ethanol", "ethanolamine"]}
    return pd.DataFrame(frame | columns)


def test_everything_wrong_is_told_at_once(look: Look) -> None:
    frame = long(ic50_um=["3,495.4", "-1", "5"], units=["nM", "uM", "uM"], smiles=["CCO", "CCC", "NCCO"])
    told = look(frame)
    assert told.content == Content.RESPONSES
    assert [one.split(";")[0] for one in problems(told)] == [
        "1 value of 'ic50_um' cannot be read as a number (['3,495.4'])",
        "1 row of 'units' say another unit than ic50_um (['nM'])",
        "1 value of 'ic50_um' cannot be ic50_um (['-1'])",
        "1 compound has more than one structure: ['ethanol']",
    ]
    assert not any(finding.topic == Topic.USE for finding in told.findings)


def test_a_table_without_problems_says_what_it_is_and_what_it_needs(look: Look) -> None:
    told = look(long(ic50_nm=[1000.0, 2000.0, 500.0], cosmic_id=1, auc=[0.5, 0.6, 0.7]))
    assert told.healthy
    assert [f"{one.level} {one.topic}: {one}" for one in told.findings] == [
        "fine layout: responses, text: 3 rows of 2 samples and 2 compounds",
        "note units: responses from 'ic50_nm': ic50_nm (by the column's name), kept as ln IC50 of nanomolar / 1000",
        "note layout: samples from 'cell_line', compounds from 'drug'",
        "note layout: not used: ['auc']",
        "fine layout: 'cell_line' names the samples, unless more names of ['cosmic_id'] are in the expression",
        "fine values: 3 of 3 rows have a sample, a compound and a value",
        "fine repeats: 1 pair was measured more than once (up to 2 rows): all are kept, as repeat measurements",
        "fine use: it is read beside an expression file and a file of compounds; name these files to "
        "`drugripple data doctor` together: it says which rows can be used",
    ]


def test_the_unit_can_be_stated(look: Look) -> None:
    frame = long(ic50=[1.0, 2.0, 3.0])
    assert problems(look(frame))[0].startswith("the column 'ic50' does not say its unit; state the unit, one of")
    stated = look(frame, unit=ResponseUnit.IC50_NM)
    assert stated.healthy
    assert stated.findings[1].text.startswith("responses from 'ic50': ic50_nm (as stated)")


def test_the_command_takes_the_unit(tmp_path: Path) -> None:
    long(ic50=[1.0, 2.0, 3.0]).to_csv(tmp_path / "x.csv", index=False)
    command = ["data", "doctor", str(tmp_path / "x.csv")]
    assert exit_code_of(lambda: app(command)) == 2
    assert exit_code_of(lambda: app([*command, "--unit", "ic50_nm"])) == 0


@pytest.mark.parametrize(
    ("frame", "content"),
    [
        (pd.DataFrame({"name": ["A", "B"], "smiles": ["CCO", "CCN"], "pIC50": [5.0, 6.0]}), Content.COMPOUNDS),
        (pd.DataFrame({"sample": ["A"], "compound": ["B"], "response": [1.0]}), Content.RESPONSES),
        (pd.DataFrame({"sample": ["A"], "name": ["B"], "value": [1.0]}), Content.UNKNOWN),
        (pd.DataFrame({"tumour": ["A"], "medicine": ["B"], "ic50_nm": [1.0]}), Content.RESPONSES),
    ],
)
def test_a_table_of_responses_is_told_from_others_by_its_columns(look: Look, frame: pd.DataFrame, content: str) -> None:
    assert look(frame).content == content


def test_expression_with_columns_about_its_samples_is_expression(look: Look) -> None:
    values = np.random.default_rng(0).uniform(3, 12, (4, 30))
    about = {"sample": [f"s{i}" for i in range(4)], "drug": ["a", "b", "c", "d"], "response": ["CR", "PR", "SD", "PD"]}
    frame = pd.concat([pd.DataFrame(about), pd.DataFrame(values, columns=pd.Index(GENES[:30]))], axis=1)
    assert look(frame).content == Content.EXPRESSION


CURVES = {"area_under_curve": [14.5, 3.0], "apparent_ec50_umol": [1.0, 2.0], "master_cpd_id": [1788, 3588]}
META = "v20.meta.per_experiment.txt (experiment_id, master_ccl_id)"
LINES = "v20.meta.per_cell_line.txt (master_ccl_id, ccl_name)"
DRUGS = "give v20.meta.per_compound.txt (master_cpd_id, cpd_name, cpd_smiles) as the compounds"


@pytest.mark.parametrize(("column", "joins"), [("experiment_id", f"{META} and then {LINES}"), ("master_ccl_id", LINES)])
def test_ids_of_ctrp_alone_are_refused_with_the_files_that_name_them(look: Look, column: str, joins: str) -> None:
    frame = pd.DataFrame({column: [1, 2]} | CURVES)
    told = look(frame, name="v20.data.curves_post_qc.txt")
    assert told.content == Content.RESPONSES
    said = f"it holds ids of CTRPv2 alone: join {joins} of the same download, and {DRUGS}"
    assert problems(told)[0].endswith(said)
    with pytest.raises(SourceError, match="no column names the samples") as refused:
        read_responses(frame, EXPRESSION, COMPOUNDS)
    assert str(refused.value).endswith(said)


def test_curves_of_ctrp_beside_its_names_and_its_file_of_compounds_are_read(tmp_path: Path) -> None:
    frame = pd.DataFrame({"experiment_id": [1, 2], "ccl_name": ["A549", "MCF7"]} | CURVES)
    (tmp_path / "v20.meta.per_compound.txt").write_text(
        "master_cpd_id\tcpd_name\tbroad_cpd_id\ttop_test_conc_umol\tcpd_status\tcpd_smiles\n"
        "1788\tethanol\tBRD-1\t10\tprobe\tCCO\n3588\turea\tBRD-2\t10\tprobe\tNC(N)=O\n"
    )
    frame.to_csv(tmp_path / "curves.csv", index=False)
    told = examine([tmp_path / "curves.csv", tmp_path / "v20.meta.per_compound.txt"]).files[0]
    assert told.healthy
    assert "compounds from 'master_cpd_id'" in told.findings[2].text


def test_pairs_that_differ_by_a_factor_by_chance_are_no_mixed_units() -> None:
    """GDSC1 and GDSC2 in one table repeat 97,000 pairs, of which eight differ by 1,000; here 39 of 2,000 do."""
    lines = tuple(f"L{i}" for i in range(2000))
    expression = ExpressionTable(lines, GeneSpace(("TP53",)), np.zeros((2000, 1)), ExpressionScale.RMA)
    first = np.zeros(2000)
    second = np.linspace(6.4, 7.4, 2000)
    frame = pd.DataFrame({"sample": lines * 2, "drug": "ethanol", "ln_ic50": np.concatenate([first, second])})
    close = int((np.abs(second - np.log(1000)) < 0.01).sum())
    assert close == 39
    read = read_responses(frame, expression, COMPOUNDS)
    assert len(read) == 4000
    assert any(note.startswith("39 pairs of 'ln_ic50' stand twice") and "by accident" in note for note in read.notes)
    frame.loc[2000:2099, "ln_ic50"] = np.log(1000)
    with pytest.raises(TableError, match=r"1\d\d pairs of 'ln_ic50' stand twice, with values that differ by 1,000"):
        read_responses(frame, expression, COMPOUNDS)


def test_structures_that_cannot_be_used_are_one_problem_and_not_two(look: Look) -> None:
    told = look(long(ln_ic50=[1.0, 2.0, 3.0], smiles="C1CC"))
    assert [one.split(" (")[0] for one in problems(told)] == ["no structure of 'smiles' can be used"]


def test_values_far_out_of_range_are_told_and_do_not_overflow(look: Look) -> None:
    told = look(long(ln_ic50=[4000.0, 5000.0, 6000.0]))
    assert problems(told)[0].startswith("3 values of 'ln_ic50' cannot be ln_ic50_um (['4000', '5000', '6000'])")


def test_a_rule_of_the_one_generator_reaches_reader_and_doctor(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = Finding(Level.PROBLEM, Topic.USE, "a rule that was added")
    monkeypatch.setattr(ExaminedResponses, "findings", lambda _: iter([rule]))
    frame = long(ln_ic50=[1.0, 2.0, 3.0])
    assert look(frame).findings == (rule,)
    with pytest.raises(SourceError, match="a rule that was added"):
        read_responses(frame, EXPRESSION, COMPOUNDS)


def test_a_column_is_made_text_once() -> None:
    frame = open_responses(long(ln_ic50=[1.0, 2.0, 3.0]))
    assert frame.text("drug") is frame.text("drug")
    assert frame.text("drug").tolist() == ["ethanol", "ethanol", "ethanolamine"]


VALUES = {"ln_ic50": [1.0, 2.0, 3.0]}


@pytest.mark.parametrize(
    "frame",
    [
        long(**VALUES),
        long(ln_ic50=[4000.0, 5000.0, 6000.0]),
        long(ic50_um=["3,495.4", "-1", "5"]),
        long(ic50=[1.0, 2.0, 3.0]),
        long(**VALUES).assign(cell_line="unknown"),
        long(**VALUES, smiles=["CCO", "CCC", "NCCO"]).drop(columns="drug"),
        long(**VALUES).drop(columns="cell_line"),
        long(**VALUES).drop(columns="drug"),
        long(),
    ],
)
def test_a_table_is_usable_exactly_where_the_doctor_finds_no_problem(frame: pd.DataFrame) -> None:
    examined = examine_responses(frame, Companions(EXPRESSION.samples, COMPOUNDS))
    found = next((finding for finding in examined.findings() if finding.level == Level.PROBLEM), None)
    if found is None:
        assert len(examined.usable().rows.kept) == 3
    else:
        with pytest.raises(ERRORS.get(found.topic, SourceError)) as refused:
            examined.usable()
        assert str(refused.value).endswith(str(found))


def test_a_table_whose_structures_are_awaited_is_not_used_without_them() -> None:
    examined = examine_responses(long(**VALUES), Companions(EXPRESSION.samples, None, awaited=True))
    assert all(finding.level != Level.PROBLEM for finding in examined.findings())
    with pytest.raises(SourceError, match="its compounds have no structures yet; read it beside a file of compounds"):
        examined.usable()


def matrix_of(genes: tuple[str, ...], samples: tuple[str, ...] = ("A549", "MCF7", "PC3")) -> pd.DataFrame:
    values = np.random.default_rng(0).uniform(2, 12, (len(genes), len(samples))).round(2)
    return pd.DataFrame(values, index=pd.Index(genes, name="gene"), columns=pd.Index(samples))


@pytest.mark.parametrize(
    ("rows", "content", "told"),
    [
        (tuple(f"ENSMUSG000000000{i}" for i in range(10, 30)), Content.UNKNOWN, "mouse or rat genes"),
        (("ethanol", "ethanolamine", "C", "D"), Content.RESPONSES, "3 columns are named as samples are"),
        (("ethanol", "B", "C", "D"), Content.UNKNOWN, "no gene is known"),
    ],
)
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_columns_named_as_samples_are_responses_only_if_the_rows_are_compounds(
    tmp_path: Path, rows: tuple[str, ...], content: Content, told: str, suffix: str
) -> None:
    """An expression file that is refused has the samples of another one, too."""
    matrix_of(GENES[:20]).to_csv(tmp_path / "expression.csv")
    pd.DataFrame({"name": COMPOUNDS.names, "smiles": COMPOUNDS.smiles}).to_csv(tmp_path / "compounds.csv", index=False)
    asked = tmp_path / f"asked.{suffix}"
    matrix_of(rows).to_csv(asked) if suffix == "csv" else matrix_of(rows).reset_index().to_parquet(asked)
    found = examine([tmp_path / "expression.csv", tmp_path / "compounds.csv", asked]).files[2]
    assert found.content == content
    assert told in problems(found)[0]
    alone = examine([tmp_path / "expression.csv", asked]).files[1]
    assert alone.content == Content.UNKNOWN


@pytest.mark.parametrize(
    ("expressions", "advice"),
    [
        ([], "name these files to `drugripple data doctor` together: it says which rows can be used"),
        (["infinite"], "mend {}/0.csv first, then name these files to `drugripple data doctor` together"),
        (["mouse"], "mend {}/0.csv first, then name these files to `drugripple data doctor` together"),
        (["whole", "whole"], "name one of the 2 expression files alone, then name these files to"),
        (["infinite", "whole"], "name the files in a run file"),
    ],
)
def test_files_that_were_named_together_are_not_asked_for_again(
    tmp_path: Path, expressions: list[str], advice: str
) -> None:
    long(ln_ic50=[1.0, 2.0, 0.5]).to_csv(tmp_path / "responses.csv", index=False)
    pd.DataFrame({"name": COMPOUNDS.names, "smiles": COMPOUNDS.smiles}).to_csv(tmp_path / "compounds.csv", index=False)
    for number, kind in enumerate(expressions):
        table = matrix_of(GENES[:20] if kind != "mouse" else tuple(f"ENSMUSG000000000{i}" for i in range(10, 30)))
        table.iloc[0, 0] = np.inf if kind == "infinite" else table.iloc[0, 0]
        table.to_csv(tmp_path / f"{number}.csv")
    files = [*(f"{number}.csv" for number in range(len(expressions))), "compounds.csv", "responses.csv"]
    use = next(one for one in examine([tmp_path / name for name in files]).files[-1].findings if one.topic == Topic.USE)
    assert use.advice.startswith(advice.format(tmp_path))
