"""docs/speed.md from the history: the tables between its markers, and the plots beside it.

The last measurement of each name, size and variant counts; the page says what each was measured on.
"""

import re

from tools.ledger import read_benchmarks

from benchmarks.plots import plots
from benchmarks.roofline import variant
from benchmarks.tables import TABLES
from drugripple.predictors.inputs import write_whole

BLOCK = re.compile(r"(<!-- (?P<kind>table|plot): (?P<name>\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def write_page(history, docs):
    """Rewrite the tables and plots of docs/speed.md; refuses a page without all its markers."""
    latest = newest(read_benchmarks(history))
    page = docs / "speed.md"
    text = page.read_text(encoding="utf-8")
    drawn = plots(latest)
    wanted = [f"table {name}" for name in TABLES] + [f"plot {name}" for name in drawn]
    named = [f"{match['kind']} {match['name']}" for match in BLOCK.finditer(text)]
    if sorted(named) != sorted(wanted):
        message = f"{page} has {named}, expected each of {wanted} once"
        raise ValueError(message)

    def fill(match):
        if match["kind"] == "table":
            made = TABLES[match["name"]](latest)
        else:
            plot = drawn[match["name"]]
            made = f"![{plot.description}](figures/{match['name']}.svg)" if plot.svg else "(not measured yet)"
        return f"{match[1]}\n{made}\n\n{match[4]}"

    (docs / "figures").mkdir(exist_ok=True)
    for name, plot in drawn.items():
        if plot.svg:
            write_whole(
                docs / "figures" / f"{name}.svg", lambda path, svg=plot.svg: path.write_text(svg, encoding="utf-8")
            )
    filled = BLOCK.sub(fill, text)
    write_whole(page, lambda path: path.write_text(filled, encoding="utf-8"))


def newest(records):
    """The last record of each name, genes, rows and variant, in the order of the history.

    Of a name that was measured on another machine since, nothing of the older machine is left.
    """
    latest, machine = {}, {record.name: record.hardware for record in records}
    for record in records:
        if record.hardware == machine[record.name]:
            key = (record.name, record.genes, record.rows, variant(record))
            latest.pop(key, None)
            latest[key] = record
    return list(latest.values())
