"""Answers as files: csv, xlsx, and a report in one HTML file; text that a spreadsheet would run is made harmless."""

import io

import numpy as np
import pandas as pd
from starlette.exceptions import HTTPException
from starlette.responses import Response

from drugripple.app.catalogue import Catalogue
from drugripple.app.drawing import legend, sample_map
from drugripple.app.meanings import MEANINGS
from drugripple.app.question import Answer
from drugripple.app.shown import Order, View, sheet_of
from drugripple.chem.drawing import structure_svg
from drugripple.errors import counted
from drugripple.predict.workbook import LIMITS, for_a_spreadsheet, write_workbook
from drugripple.report import html
from drugripple.report.document import Column, Figure, Report, Section, Table
from drugripple.runtime.provenance import today, versions

CSV, XLSX, HTML = (
    "text/csv; charset=utf-8",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "text/html; charset=utf-8",
)
DRAWN = 6
"""Structures that a report shows of each sample."""
SAMPLES_IN_REPORT = 20
OF_A_PAIR = ("nearest", "likest", "known", "pair", "why")
"""What only the page of a pair shows."""


def export(title: str, answer: Answer, form: str) -> Response:
    """An answer as a file to keep.

    Raises:
        HTTPException: if there is no such form.
    """
    if form == "csv":
        return _attached(for_a_spreadsheet(answer.table).to_csv(index=False).encode(), CSV, "predictions.csv")
    if form == "xlsx":
        return _attached(_workbook(answer), XLSX, "predictions.xlsx")
    if form == "html":
        return _attached(html.render(report(title, answer)).encode(), HTML, "predictions.html")
    raise HTTPException(404, "predictions come as csv, xlsx or html")


def example_file(catalogue: Catalogue, name: str) -> Response:
    """An example of what can be uploaded.

    Raises:
        HTTPException: if there is no such example.
    """
    if name == "samples":
        table = catalogue.example_samples
        frame = pd.DataFrame(table.values.astype(np.float64).round(4), columns=list(table.genes.symbols))
        frame.insert(0, "sample", list(table.samples))
    elif name == "compounds":
        frame = pd.DataFrame({"name": catalogue.example_compounds.ids, "smiles": catalogue.example_compounds.smiles})
    else:
        raise HTTPException(404, "there are two examples: samples and compounds")
    return _attached(frame.to_csv(index=False).encode(), CSV, f"example_{name}.csv")


def explanation_file(found: Report) -> Response:
    """A prediction taken apart, as one HTML file."""
    return _attached(html.render(found).encode(), HTML, "explanation.html")


def report(title: str, answer: Answer) -> Report:
    """An answer as a document: the map, then each sample's first compounds."""
    drawn = sample_map(answer.map, answer.training, answer.tissue, answer.samples, 0)
    about = (
        f"{len(answer.samples):,} samples with {len(answer.compounds):,} compounds, predicted by drugripple's default "
        f"model. An interval covers a new measurement with probability {answer.level:.0%}.",
        LIMITS,
    )
    key = legend(answer.tissue)
    figures = (Figure(drawn, "Crosses are yours."), *([Figure(key, "Tissues of the training samples.")] if key else []))
    shown = range(min(len(answer.samples), SAMPLES_IN_REPORT))
    sections = [
        Section("Your samples among the training samples", answer.notes, figures=figures),
        *(_section(answer, sample) for sample in shown),
    ]
    if len(answer.samples) > SAMPLES_IN_REPORT:
        rest = f"{len(answer.samples) - SAMPLES_IN_REPORT:,} samples more are in the csv and xlsx files."
        sections.append(Section("Further samples", (rest,)))
    sections.append(
        Section(
            "What the numbers mean", tuple(f"{one.title}: {one.text}" for one in MEANINGS if one.id not in OF_A_PAIR)
        )
    )
    made = {"asked": title, "made with": f"drugripple {versions()['drugripple']}, its local page", "on": today()}
    return Report("Predicted drug responses", about, tuple(sections), made)


def _section(answer: Answer, sample: int) -> Section:
    sheet = sheet_of(answer, View(sample=sample, order=Order.PERCENTILE))
    unit = " (µM)" if answer.measure.micromolar else ""
    columns = tuple(
        map(
            Column,
            (
                "compound", "prediction", "interval", "percentile among training samples", "record",
                f"measured: lowest / median / highest{unit}", "highest tested", "in domain",
            ),
        )
    )  # fmt: skip
    rows = tuple(
        (
            one.name, f"{one.response} {one.beyond}".strip(), one.interval, one.percentile, one.record, one.measured,
            one.tested, "yes" if one.inside else one.reason,
        )
        for one in sheet.rows
    )  # fmt: skip
    caption = f"{len(rows)} of {counted(sheet.found, 'compound')}, first those that hit it harder than other samples"
    drawings = tuple(
        Figure(structure_svg(answer.compounds.molecules[one.compound], one.name), one.name)
        for one in sheet.rows[:DRAWN]
    )
    return Section(answer.samples[sample], tables=(Table(columns, rows, caption),), figures=drawings)


def _workbook(answer: Answer) -> bytes:
    made = io.BytesIO()
    write_workbook(made, answer.table, (f"intervals of {answer.level:.0%}", *answer.notes))
    return made.getvalue()


def _attached(content: bytes, kind: str, name: str) -> Response:
    return Response(content, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})
