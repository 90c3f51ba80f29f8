"""However a table of text is written, its values come back exactly, or one clear error."""

import gzip
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drugripple.errors import DrugrippleError
from drugripple.genes.symbols import Gene, SymbolMap
from drugripple.sources.user.expression import read_expression

LANDMARKS = SymbolMap.landmarks()
SAMPLES = ("A375", "0012", "patient 3", "NA", "Müller", "line\u2028feed", 'the "best"', "786-0", "K-562")
FORMS = {
    "symbol": lambda gene: gene.symbol,
    "lower case": lambda gene: gene.symbol.lower(),
    "entrez": lambda gene: gene.entrez_id,
    "entrez of pandas": lambda gene: f"{gene.entrez_id}.0",
    "entrez of R": lambda gene: f"X{gene.entrez_id}",
    "ensembl": lambda gene: f"{gene.ensembl_id}.7",
    "DepMap": lambda gene: f"{gene.symbol} ({gene.entrez_id})",
    "DepMap through R": lambda gene: f"{gene.symbol}..{gene.entrez_id}.",
    "TCGA": lambda gene: f"{gene.symbol}|{gene.entrez_id}",
    "GENCODE": lambda gene: f"{gene.ensembl_id}.7_{gene.symbol}",
    "BrainArray": lambda gene: f"{gene.entrez_id}_at",
}


@dataclass(frozen=True)
class Layout:
    """One way to write a table."""

    delimiter: str
    quoted: bool
    decimal: str
    genes_in_rows: bool
    form: str
    first: str
    """`named`, `blank`, or `absent` as R writes it."""
    trailing: str
    """`none`, `rows` or `all`."""
    above: str
    ending: str
    encoding: str
    described: bool
    numbered: bool
    packed: bool


LAYOUTS = st.builds(
    Layout,
    delimiter=st.sampled_from(["\t", ",", ";", "|", " "]),
    quoted=st.booleans(),
    decimal=st.sampled_from([".", ","]),
    genes_in_rows=st.booleans(),
    form=st.sampled_from(sorted(FORMS)),
    first=st.sampled_from(["named", "blank", "absent"]),
    trailing=st.sampled_from(["none", "none", "rows", "all"]),
    above=st.sampled_from(["", "", "# made by a program, version 3\n", "sep", "Table S1. Expression\n", "#1\n#2\n"]),
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    described=st.booleans(),
    numbered=st.booleans(),
    packed=st.booleans(),
)


def possible(layout: Layout) -> bool:
    """Whether any program writes this: what cannot be told apart is never written, and R numbers no rows."""
    if layout.first == "absent" and (layout.numbered or layout.described or layout.trailing == "all"):
        return False
    blank = layout.trailing != "none" or layout.first == "blank" or layout.numbered or layout.above[:1] in ("s", "T")
    return not (layout.delimiter == " " and blank)


def cell(text: str, layout: Layout, *, name: bool) -> str:
    needed = layout.delimiter in text or (layout.delimiter == " " and " " in text) or (text.startswith('"'))
    if needed or layout.quoted or (name and '"' in text and layout.delimiter != "\t"):
        return '"' + text.replace('"', '""') + '"'
    return text


def written(layout: Layout, genes: list[Gene], samples: list[str], values: np.ndarray) -> str:
    names = [FORMS[layout.form](gene) for gene in genes]
    rows, columns, numbers = (names, samples, values.T) if layout.genes_in_rows else (samples, names, values)
    header = [] if layout.first == "absent" else ["" if layout.first == "blank" else "name"]
    header += (["description"] if layout.described else []) + list(columns)
    header = ([""] if layout.numbered else []) + header
    lines = [[cell(name, layout, name=True) for name in header]]
    for i, (row, values_of) in enumerate(zip(rows, numbers, strict=True)):
        cells = ([str(i)] if layout.numbered else []) + [row] + (["some words"] if layout.described else [])
        shown = [f"{value:.3f}".rstrip("0").replace(".", layout.decimal) for value in values_of]
        lines.append(
            [cell(text, layout, name=True) for text in cells] + [cell(text, layout, name=False) for text in shown]
        )
    ends = {"none": ("", ""), "rows": ("", layout.delimiter), "all": (layout.delimiter,) * 2}[layout.trailing]
    text = "".join(layout.delimiter.join(line) + ends[i > 0] + "\n" for i, line in enumerate(lines))
    above = f"sep={layout.delimiter}\n" if layout.above == "sep" else layout.above
    return above + text


def save(folder: str, layout: Layout, text: str) -> Path:
    content = text.replace("\n", layout.ending).encode(layout.encoding)
    path = Path(folder) / ("x.txt.gz" if layout.packed else "x.csv")
    path.write_bytes(gzip.compress(content) if layout.packed else content)
    return path


@given(
    layout=LAYOUTS.filter(possible), genes=st.integers(3, 7), samples=st.integers(2, 5), seed=st.integers(0, 2**32 - 1)
)
@settings(max_examples=300, deadline=None)
def test_every_way_to_write_a_table_gives_the_same_table(layout: Layout, genes: int, samples: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    chosen = [LANDMARKS.genes[i] for i in generator.choice(978, genes, replace=False)]
    names = [SAMPLES[i] for i in generator.choice(len(SAMPLES), samples, replace=False)]
    values = generator.uniform(2, 14, (samples, genes)).round(3)
    values[0, 0] = 0.125 + generator.integers(2, 14)  # a comma before three digits may part thousands
    values[1, 1] = 0.5 + generator.integers(2, 14)
    with tempfile.TemporaryDirectory() as folder:
        path = save(folder, layout, written(layout, chosen, names, values))
        table = read_expression(path, symbols=LANDMARKS, wanted=LANDMARKS.space)
    assert table.samples == tuple(names)
    order = [table.genes.symbols.index(gene.symbol) for gene in chosen]
    np.testing.assert_array_equal(table.values[:, order], values.astype(np.float32))


DAMAGES = ("drop cell", "add cell", "open quote", "join lines", "split line", "word", "drop header cell")


@given(
    layout=LAYOUTS.filter(possible),
    damage=st.sampled_from(DAMAGES),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=200, deadline=None)
def test_a_damaged_table_is_refused_or_read_right(layout: Layout, damage: str, seed: int) -> None:
    generator = np.random.default_rng(seed)
    chosen = [LANDMARKS.genes[i] for i in generator.choice(978, 5, replace=False)]
    names = list(SAMPLES[:4])
    values = generator.uniform(2, 14, (4, 5)).round(2)
    lines = written(layout, chosen, names, values).split("\n")
    at = int(generator.integers(len(lines) - 4, len(lines) - 1))
    cells = lines[at].split(layout.delimiter)
    match damage:
        case "drop cell":
            lines[at] = layout.delimiter.join(cells[:-1])
        case "add cell":
            lines[at] = layout.delimiter.join([*cells, "7"])
        case "open quote":
            lines[at] = '"' + lines[at]
        case "join lines":
            lines[at - 1 : at + 1] = [lines[at - 1] + lines[at]]
        case "split line":
            lines[at : at + 1] = [layout.delimiter.join(cells[:2]), layout.delimiter.join(cells[2:])]
        case "word":
            lines[at] = layout.delimiter.join([*cells[:-2], "high", cells[-1]])
        case "drop header cell":
            head = next(
                i for i, line in enumerate(lines) if FORMS[layout.form](chosen[-1]) in line or names[-1] in line
            )
            lines[head] = layout.delimiter.join(lines[head].split(layout.delimiter)[:-2])
    with tempfile.TemporaryDirectory() as folder:
        path = save(folder, layout, "\n".join(lines))
        try:
            table = read_expression(path, symbols=LANDMARKS, wanted=LANDMARKS.space)
        except DrugrippleError as error:
            refusal = str(error)
        else:
            refusal = ""
    if refusal:
        assert len(refusal.splitlines()) == 1
        assert str(path) in refusal
        return
    for gene in chosen:
        if gene.symbol in table.genes:
            column = table.values[:, table.genes.symbols.index(gene.symbol)]
            for sample, value in zip(table.samples, column.tolist(), strict=True):
                if sample in names:
                    truth = values[names.index(sample), chosen.index(gene)]
                    assert value == pytest.approx(truth, abs=1e-6)
