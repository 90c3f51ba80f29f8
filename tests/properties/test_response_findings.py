"""Whatever stands in a table of responses, the reader raises exactly the first problem that the doctor prints."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.errors import DrugrippleError
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.compounds import read_compounds
from drugripple.sources.user.doctor import Content, Examination, examine
from drugripple.sources.user.expression import read_expression
from drugripple.sources.user.findings import ERRORS, Level
from drugripple.sources.user.responses import load_responses

PAGE = Path(__file__).parents[2] / "docs" / "your_files.md"
SAMPLES = ("A549", "MCF7", "K-562", "HT-29", "TT")
SMILES = {"ethanol": "CCO", "ethanolamine": "NCCO", "urea": "NC(N)=O", "glycine": "NCC(=O)O"}
PAIRS = pd.DataFrame([(sample, name) for sample in SAMPLES for name in SMILES], columns=["sample", "drug"])
LN_IC50 = np.random.default_rng(0).normal(1, 2, len(PAIRS)).round(4)
SHARES = np.linspace(0.2, 1.1, len(PAIRS)).round(4)


class Layout(NamedTuple):
    """The columns of a published table, or of a user's own."""

    sample: str
    drug: str
    value: str
    values: np.ndarray
    more: dict[str, str] = {}  # noqa: RUF012 # never changed
    smiles: str = "smiles"

    def table(self) -> pd.DataFrame:
        columns = {self.sample: PAIRS["sample"], self.drug: PAIRS["drug"], self.value: self.values}
        return pd.DataFrame(columns | {self.smiles: PAIRS["drug"].map(SMILES)} | self.more)


LAYOUTS = {
    "drevalpy": Layout(
        "cell_line_name", "drug_name", "LN_IC50_curvecurator", LN_IC50, {"cellosaurus_id": "CVCL_1", "tissue": "lung"}
    ),
    "CTRPv2": Layout("ccl_name", "cpd_name", "area_under_curve", SHARES * 15, {"experiment_id": "1"}, "cpd_smiles"),
    "CCLE": Layout("CCLE Cell Line Name", "Compound", "IC50 (uM)", np.exp(LN_IC50), {"Doses (uM)": "0.1,1"}),
    "PRISM": Layout("ccle_name", "name", "auc", SHARES, {"depmap_id": "ACH-1", "broad_id": "BRD-1", "ic50": ""}),
    "GDSC": Layout("CELL_LINE_NAME", "DRUG_NAME", "LN_IC50", LN_IC50, {"COSMIC_ID": "1", "Z_SCORE": "0.5"}),
    "own, nanomolar": Layout("sample", "compound", "ic50_nm", np.exp(LN_IC50) * 1000),
    "own, units beside": Layout("cell line", "drug", "IC50", np.exp(LN_IC50) * 1000, {"unit": "nM"}),
    "own, pIC50": Layout("patient", "treatment", "pIC50", (6 - LN_IC50 / np.log(10)).round(4)),
    "own, no unit": Layout("sample", "drug", "ic50", np.exp(LN_IC50)),
}
Change = Callable[[pd.DataFrame, Layout], pd.DataFrame]


def cell(text: str) -> Change:
    """One value written in another way."""

    def change(frame: pd.DataFrame, layout: Layout) -> pd.DataFrame:
        return frame.assign(**{layout.value: [text, *map(str, frame[layout.value][1:])]})

    return change


def scaled(factor: float) -> Change:
    def change(frame: pd.DataFrame, layout: Layout) -> pd.DataFrame:
        return frame.assign(**{layout.value: pd.to_numeric(frame[layout.value], errors="coerce") * factor})

    return change


def filled(which: str, value: str) -> Change:
    return lambda frame, layout: frame.assign(**{getattr(layout, which): value})


CHANGES: dict[str, Change] = {
    "no column of samples": lambda frame, layout: frame.rename(columns={layout.sample: "who"}),
    "no column of compounds": lambda frame, layout: frame.rename(columns={layout.drug: "what"}),
    "no column of values": lambda frame, layout: frame.rename(columns={layout.value: "how much"}),
    "exchanged columns": lambda frame, layout: frame.rename(
        columns={layout.sample: layout.drug, layout.drug: layout.sample}
    ),
    "a bound": cell(">10"),
    "a mark of thousands": cell("3,495.4"),
    "a word": cell("not tested"),
    "a mark of missing values": cell("-999"),
    "zero": cell("0"),
    "below zero": scaled(-1),
    "another unit": scaled(1e6),
    "repeats": lambda frame, _: pd.concat([frame, frame[:7]]),
    "repeats in another unit": lambda frame, layout: pd.concat([frame, scaled(1000)(frame[:5], layout)]),
    "unknown samples": filled("sample", "HeLa"),
    "no samples": filled("sample", ""),
    "unknown compounds": filled("drug", "morphine"),
    "one structure for all": filled("smiles", "CCO"),
    "broken structures": filled("smiles", "C1CC"),
    "one name for all": filled("drug", "ethanol"),
    "a contradicting unit": lambda frame, _: frame.assign(
        unit=["nM", "uM"] * (len(frame) // 2) + ["M"] * (len(frame) % 2)
    ),
    "several kinds": lambda frame, _: frame.assign(type=["IC50", *["AUC"] * (len(frame) - 1)]),
    "nothing": lambda frame, _: frame,
}


class Beside(NamedTuple):
    """Files of samples and compounds, and what is read from them."""

    samples: Path
    compounds: Path
    expression: ExpressionTable
    library: CompoundTable


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Beside:
    folder = tmp_path_factory.mktemp("beside")
    genes = SymbolMap.landmarks().space.symbols[:40]
    values = np.random.default_rng(0).uniform(3, 12, (len(SAMPLES), len(genes)))
    pd.DataFrame(values, pd.Index(SAMPLES, name="sample"), pd.Index(genes)).to_csv(folder / "x.csv")
    pd.Series(SMILES, name="smiles").rename_axis("name").to_csv(folder / "c.csv")
    return Beside(
        folder / "x.csv", folder / "c.csv", read_expression(folder / "x.csv"), read_compounds(folder / "c.csv")
    )


def written(frame: pd.DataFrame, folder: Path, kind: str) -> Path:
    path = folder / f"responses.{kind}"
    if kind == "parquet":
        frame.astype(str).to_parquet(path, index=False)
    elif kind == "xlsx":
        frame.to_excel(path, index=False)
    else:
        frame.to_csv(path, index=False, sep="\t" if kind == "tsv" else ",")
    return path


def refusal(path: Path, beside: Beside, library: CompoundTable | None) -> DrugrippleError | None:
    try:
        load_responses(path, beside.expression, library)
    except DrugrippleError as error:
        return error
    return None


def agree(path: Path, told: Examination, refused: DrugrippleError | None) -> None:
    problems = [finding for finding in told.findings if finding.level == Level.PROBLEM]
    assert (refused is None) == (not problems)
    if refused is not None:
        assert str(refused) == f"{path}: {problems[0]}"
        assert isinstance(refused, ERRORS.get(problems[0].topic, OSError))


@given(
    name=st.sampled_from(sorted(LAYOUTS)),
    changes=st.lists(st.sampled_from(sorted(CHANGES)), min_size=1, max_size=2, unique=True),
    kind=st.sampled_from(["csv", "tsv", "parquet"]),
    with_library=st.booleans(),
)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_doctor_and_reader_agree_about_any_table(
    tmp_path: Path, beside: Beside, name: str, changes: list[str], kind: str, *, with_library: bool
) -> None:
    layout = LAYOUTS[name]
    frame = layout.table()
    for change in changes:
        frame = CHANGES[change](frame, layout) if layout.value in frame and layout.sample in frame else frame
    if with_library:
        frame = frame.drop(columns=layout.smiles)
    path = written(frame, tmp_path, kind)
    files = [beside.samples, path, *([beside.compounds] if with_library else [])]
    told = examine(files).files[1]
    refused = refusal(path, beside, beside.library if with_library else None)
    event(f"{'+'.join(changes)}: {'refused' if refused else 'read'}")
    if told.content == Content.RESPONSES:
        agree(path, told, refused)
    else:
        assert refused is not None
        assert any(change.startswith("no column of") for change in changes)


@pytest.mark.parametrize(("rows", "columns"), [("sample", "drug"), ("drug", "sample")])
def test_a_matrix_of_samples_by_compounds_is_told_as_one_beside_its_files(
    tmp_path: Path, beside: Beside, rows: str, columns: str
) -> None:
    wide = PAIRS.assign(ln_ic50=LN_IC50).pivot(index=rows, columns=columns, values="ln_ic50").reset_index()
    path = written(wide.rename(columns={rows: "who"}), tmp_path, "csv")
    told = examine([path, beside.samples, beside.compounds]).files[0]
    assert told.content == Content.RESPONSES
    assert told.findings[1].advice.startswith("write one row per measurement")
    agree(path, told, refusal(path, beside, beside.library))


def test_the_layouts_of_the_docs_are_those_that_are_tested() -> None:
    section = PAGE.read_text(encoding="utf-8").split("## Responses")[1].split("\n## ")[0]
    rows = dict(re.findall(r"^\| (\w+) \| (`.+) \|$", section, re.MULTILINE))
    assert rows.keys() == {name for name in LAYOUTS if not name.startswith("own")}
    for name, row in rows.items():
        shown = [cell.split("`")[1] for cell in row.split(" | ")]
        assert shown == list(LAYOUTS[name][:3])


@pytest.mark.parametrize("name", sorted(LAYOUTS))
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_every_published_layout_is_recognised_alone_and_beside_its_files(
    tmp_path: Path, beside: Beside, name: str, kind: str
) -> None:
    frame = LAYOUTS[name].table()
    path = written(pd.concat([frame, frame[:7]]).drop(columns=LAYOUTS[name].smiles), tmp_path, kind)
    alone, together = examine([path]).files[0], examine([path, beside.compounds, beside.samples]).files[0]
    assert (alone.content, together.content) == (Content.RESPONSES, Content.RESPONSES)
    assert alone.healthy == together.healthy == (name != "own, no unit")
    agree(path, together, refusal(path, beside, beside.library))
    said = [finding.text for finding in together.findings]
    if together.healthy:
        form = {"csv": "text"}.get(kind, kind)
        assert said[0] == f"responses, {form}: 27 rows of 5 samples and 4 compounds"
        assert "27 of 27 rows can be used: 5 samples x 4 compounds" in said
        assert "7 pairs were measured more than once (up to 2 rows): all are kept, as repeat measurements" in said
        assert any("is read beside an expression file and a file of compounds" in f.text for f in alone.findings)
