"""One page of Markdown with its measured tables and numbers filled in."""

import re
from collections.abc import Callable, Mapping

from drugripple.errors import TableError, first_five
from drugripple.predictors.paper_table1 import PUBLISHED
from tools.pages.measured import Measured
from tools.pages.numbers import as_printed

Table = Callable[[Measured], str]
BLOCK = re.compile(r"(<!-- table: (?P<name>\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
MARKER = re.compile(r"<!-- (?:table: .*|end) -->")
FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`[^`\n]*`|<!--.*?-->", re.DOTALL)
NUMBER = r"[-\u2212]?\d[\d,]*(?:\.\d+)?"
QUOTED = re.compile(rf"\[(?P<number>{NUMBER})\]\[(?P<label>[\w-]+)\]")
SOURCE = re.compile(r'^\[(?P<label>[\w-]+)\]: (?P<target>\S+) "(?P<key>[^"]+)"$', re.MULTILINE)
SCORE = re.compile(r"(?<![\d.])\d\.\d{3,4}(?!\d|\.\d)")
LONGEST_LINE = 400


def fill(text: str, tables: Mapping[str, Table], measured: Measured) -> str:
    """The page with every table between its markers made anew and every quoted number as it was measured.

    Raises:
        TableError: if a table or a number has no measured row, a marker is damaged, a source is not used, a score
            stands in a sentence without its source, or a line is too long to read.
    """
    long = [line[:60] for line in text.splitlines() if len(line) >= LONGEST_LINE]
    if long:
        message = f"{len(long)} lines have {LONGEST_LINE} characters or more: {first_five(long)}"
        raise TableError(message)
    code = FENCED.findall(text)
    filled = iter(code)
    return re.sub("\0", lambda _: next(filled), _fill_prose(FENCED.sub("\0", text), tables, measured))


def _fill_prose(text: str, tables: Mapping[str, Table], measured: Measured) -> str:
    text = BLOCK.sub(lambda block: f"{block[1]}\n{_table(block['name'], tables, measured)}\n\n{block[3]}", text)
    if len(MARKER.findall(text)) != 2 * len(BLOCK.findall(text)):
        message = "a marker has no partner; write <!-- table: NAME --> and <!-- end --> around each table"
        raise TableError(message)
    sources = {found["label"]: found["key"] for found in SOURCE.finditer(text)}
    quoted = {found["label"] for found in QUOTED.finditer(text)}
    if set(sources) != quoted:
        message = f"numbers and sources at the foot differ in {first_five(sorted(set(sources) ^ quoted))}"
        raise TableError(message)

    def number(found: re.Match[str]) -> str:
        value = value_of(sources[found["label"]], measured)
        return f"[{as_printed(value, found['number'])}][{found['label']}]"

    text = QUOTED.sub(number, text)
    _refuse_scores_without_source(text)
    return text


def value_of(key: str, measured: Measured) -> float:
    """The number that a source at the foot of a page names.

    * `table1/rf//mixed/rmse folds=1`: the mean of a row of results.csv (`column=sd`: another column of it);
    * `benchmark finetune_rows genes=978 words=every_row column=ratio`: a record of history.jsonl, its value unless a
      column is named; words (with underscores between them) choose among its comparisons;
    * `file paper/fig3/likeness.csv column=within similarity=with_the_prior`: a cell of another table under results/;
    * `paper CSG2A mixed rmse`: printed in the paper's Table 1.

    Raises:
        TableError: if there is no such number.
    """
    name, *rest = [word for word in key.split() if "=" not in word]
    chosen = dict(word.split("=", 1) for word in key.split() if "=" in word)
    column = chosen.pop("column", "")
    if name == "paper":
        return float(getattr(getattr(PUBLISHED[rest[0]], rest[1]), rest[2]))
    if name == "file":
        return measured.cell(rest[0], column, **chosen)
    if name == "benchmark":
        words = chosen.get("words", "").replace("_", " ")
        genes, rows = (int(chosen[axis]) if axis in chosen else None for axis in ("genes", "rows"))
        value = getattr(measured.benchmark(rest[0], words=words, genes=genes, rows=rows), column or "value")
    else:
        value = getattr(measured.result(name, **chosen), column or "mean")
    if value is None:
        message = f"{key} was measured without a {column}"
        raise TableError(message)
    return float(value)


def _table(name: str, tables: Mapping[str, Table], measured: Measured) -> str:
    if name not in tables:
        message = f"no table is called {name}; there are {', '.join(tables)}"
        raise TableError(message)
    return tables[name](measured)


def _refuse_scores_without_source(text: str) -> None:
    prose = SOURCE.sub("", QUOTED.sub("", CODE.sub("", BLOCK.sub("", text))))
    prose = re.sub(r"\]\([^)]*\)|https?://\S+|doi:\S+|\d+\.\d{4,}/\S+", "", prose)
    scores = SCORE.findall(prose)
    if scores:
        message = f"{first_five(scores)} stand in the text; write [NUMBER][label] and name the row at the foot"
        raise TableError(message)
