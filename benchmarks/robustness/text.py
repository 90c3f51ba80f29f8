"""A matrix as text, in every way that programs write one."""

import gzip
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from drugripple.genes.human import Gene

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
"""How genes are written."""
DELIMITERS = ("\t", ",", ";", "|", " ")
ABOVE = ("", "", "# made by a program, version 3\n", "sep", "Table S1. Expression\n", "#1\n#2\n")
ENDINGS = ("\n", "\r\n", "\r")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16")
FIRST = ("named", "blank", "absent")
TRAILING = ("none", "none", "rows", "all")


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

    @property
    def possible(self) -> bool:
        """Whether any program writes this: what cannot be told apart is never written, and R numbers no rows."""
        if self.first == "absent" and (self.numbered or self.described or self.trailing == "all"):
            return False
        blank = self.trailing != "none" or self.first == "blank" or self.numbered or self.above[:1] in ("s", "T")
        return not (self.delimiter == " " and blank)


def one_of(generator: np.random.Generator, choices):
    """Any of some choices."""
    return choices[int(generator.integers(len(choices)))]


def draw_layout(generator: np.random.Generator) -> Layout:
    """Any possible layout."""

    one = partial(one_of, generator)
    while True:
        layout = Layout(
            one(DELIMITERS), one((True, False)), one(".,"), one((True, False)), one(sorted(FORMS)), one(FIRST),
            one(TRAILING), one(ABOVE), one(ENDINGS), one(ENCODINGS), one((True, False)), one((True, False)),
            one((True, False)),
        )  # fmt: skip
        if layout.possible:
            return layout


def cell(text: str, layout: Layout, *, name: bool) -> str:
    needed = layout.delimiter in text or (layout.delimiter == " " and " " in text) or (text.startswith('"'))
    if needed or layout.quoted or (name and '"' in text and layout.delimiter != "\t"):
        return '"' + text.replace('"', '""') + '"'
    return text


def written(layout: Layout, genes: list[Gene], samples: list[str], values: np.ndarray) -> str:
    """The text of a table of samples x genes."""
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


def save(folder: Path, layout: Layout, text: str) -> Path:
    """The file of a text, packed and encoded as the layout says."""
    content = text.replace("\n", layout.ending).encode(layout.encoding)
    path = folder / ("x.txt.gz" if layout.packed else "x.csv")
    path.write_bytes(gzip.compress(content) if layout.packed else content)
    return path


DAMAGES = ("drop cell", "add cell", "open quote", "join lines", "split line", "word", "drop header cell")


def damaged(text: str, layout: Layout, damage: str, generator: np.random.Generator, header: tuple[str, ...]) -> str:
    """A text with one line damaged; `header` are words that stand in the header."""
    lines = text.split("\n")
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
            head = next(i for i, line in enumerate(lines) if any(word in line for word in header))
            lines[head] = layout.delimiter.join(lines[head].split(layout.delimiter)[:-2])
    return "\n".join(lines)
