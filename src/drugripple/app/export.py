"""Answers as files: csv, xlsx, and a report in one HTML file; text that a spreadsheet would run is made harmless."""

import io

import numpy as np
import pandas as pd
from starlette.exceptions import HTTPException
from starlette.responses import Response

from drugripple.app.catalogue import Catalogue
from drugripple.predict.page.answer import Answer
from drugripple.predict.page.document import report
from drugripple.predict.workbook import for_a_spreadsheet, write_workbook
from drugripple.report import html
from drugripple.report.document import Report

CSV, XLSX, HTML = (
    "text/csv; charset=utf-8",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "text/html; charset=utf-8",
)


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
        made = report(title, answer, made_with="drugripple's local page,")
        return _attached(html.render(made).encode(), HTML, "predictions.html")
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


def _workbook(answer: Answer) -> bytes:
    made = io.BytesIO()
    write_workbook(made, answer.table, (f"intervals of {answer.level:.0%}", *answer.notes))
    return made.getvalue()


def _attached(content: bytes, kind: str, name: str) -> Response:
    return Response(content, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})
