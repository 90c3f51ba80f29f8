"""An answer as a report in one file: the map, then the compounds of each sample, or the samples of each compound."""

from collections.abc import Iterator, Sequence

import pandas as pd

from drugripple.chem.drawing import structure_svg
from drugripple.errors import counted
from drugripple.predict.choices import Ranked
from drugripple.predict.page.answer import Answer
from drugripple.predict.page.drawing import legend, sample_map
from drugripple.predict.page.meanings import MEANINGS
from drugripple.predict.page.shown import ROWS, extent_of, row_of, with_drawn
from drugripple.predict.ranked import Top
from drugripple.predict.workbook import LIMITS
from drugripple.report.document import Column, Figure, Report, Section, Table
from drugripple.runtime.provenance import today, versions

DRAWN = 60
"""Structures that a report shows at most."""
SECTIONS = 20
"""Samples, or compounds, that have a table of their own."""
OF_A_PAIR = ("likest", "known", "pair", "why")
"""What only the page of a pair shows."""


def report(
    title: str, answer: Answer, *, rank: Ranked = Ranked.COMPOUNDS, best: bool = False, made_with: str = "drugripple"
) -> Report:
    """An answer as a document: the map, then a table of each sample, or of each compound where there is one.

    Args:
        title: what was asked.
        answer: all pairs, or the best of them.
        rank: whether the tables are of samples, with compounds for rows, or of compounds.
        best: whether the rows of the answer are the best, in their order.
        made_with: the program.
    """
    if len(answer.compounds) == 1:
        rank = Ranked.SAMPLES
    pairs = f"{counted(len(answer.samples), 'sample')} with {counted(len(answer.compounds), 'compound')}"
    about = (
        f"{pairs}, predicted by drugripple's default model. An interval covers a new measurement with probability "
        f"{answer.level:.0%}.",
        LIMITS,
    )
    owner, what = ("sample", "sample") if rank is Ranked.COMPOUNDS else ("id", "compound")
    owners = answer.table[owner].unique().tolist()
    parts = [_first(answer, answer.table[answer.table[owner] == name], rank, best=best) for name in owners[:SECTIONS]]
    sections = [_map(answer), *(_section(answer, part, rank, best=best) for part in parts)]
    if len(owners) > SECTIONS:
        rest = f"{counted(len(owners) - SECTIONS, f'{what} more is', f'{what}s more are')} in csv and xlsx files only."
        sections.append(Section(f"Further {what}s", (rest,)))
    drawn = list(dict.fromkeys(compound for part in parts for compound in part["id"]))
    sections.append(Section("Structures", figures=tuple(_structures(answer, drawn[:DRAWN]))))
    means = tuple(f"{one.title}: {one.text}" for one in MEANINGS if one.id not in OF_A_PAIR)
    sections.append(Section("What the numbers mean", means))
    made = {"asked": title, "made with": f"{made_with} {versions()['drugripple']}", "on": today()}
    return Report("Predicted drug responses", about, tuple(sections), made)


def _map(answer: Answer) -> Section:
    """The notes, and where the samples lie; no map where all training samples are asked about."""
    heading = "Your samples among the training samples"
    if {*answer.training} <= {*answer.asked.expression.samples}:
        return Section("What was asked", answer.notes)
    drawn = sample_map(answer.map, answer.training, answer.tissue, answer.samples, 0)
    key = legend(answer.tissue)
    figures = (Figure(drawn, "Crosses are yours."), *([Figure(key, "Tissues of the training samples.")] if key else []))
    return Section(heading, answer.notes, figures=figures)


def _first(answer: Answer, frame: pd.DataFrame, rank: Ranked, *, best: bool) -> pd.DataFrame:
    """The rows of one sample, or of one compound, in order, as many as a table shows; `all` says of how many."""
    if not best:
        keys = [*Top(ROWS, answer.measure, rank).keys, "compound", "sample"]
        frame = frame.sort_values(keys, ascending=answer.measure.lower_is_sensitive, kind="stable")
    return with_drawn(answer, frame.reset_index(drop=True)).assign(all=len(frame)).head(ROWS)


def _section(answer: Answer, frame: pd.DataFrame, rank: Ranked, *, best: bool) -> Section:
    """The compounds of one sample, or the samples of one compound."""
    row_is, owner = ("compound", "sample") if rank is Ranked.COMPOUNDS else ("sample", "compound")
    extent = extent_of(frame)
    rows = tuple(
        (
            str(row[row_is]), f"{one.response} {one.beyond}".strip(), one.interval, one.percentile,
            str(row["nearest_samples"]).replace(" uM", " µM") or "not measured", one.record, one.measured, one.tested,
            "yes" if one.inside else one.reason,
        )
        for row, one in ((frame.iloc[i], row_of(answer, frame.iloc[i], i + 1, extent)) for i in range(len(frame)))
    )  # fmt: skip
    unit = " (µM)" if answer.measure.micromolar else ""
    headings = (
        row_is, "prediction", "interval", "percentile among training samples", "nearest measured samples", "record",
        f"measured: lowest / median / highest{unit}", "highest tested", "in domain",
    )  # fmt: skip
    order = "those that hit it harder than other samples" if rank is Ranked.COMPOUNDS else "the most sensitive"
    number = counted(int(frame["all"].iloc[0]), row_is)
    caption = f"{len(rows)} of {number}, " + ("the best first" if best else f"first {order}")
    return Section(str(frame[owner].iloc[0]), tables=(Table(tuple(map(Column, headings)), rows, caption),))


def _structures(answer: Answer, ids: Sequence[str]) -> Iterator[Figure]:
    place = {name: row for row, name in enumerate(answer.compounds.ids)}
    for row in (place[name] for name in ids):
        called = answer.compounds.names[row]
        yield Figure(structure_svg(answer.compounds.molecules[row], called), called)
