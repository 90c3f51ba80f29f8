"""The pages of an answer: ranked compounds, one pair, structures and exports."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from urllib.parse import urlencode

import numpy as np
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from drugripple.app.desk import Job
from drugripple.app.export import export
from drugripple.app.templates import page
from drugripple.app.why import Why
from drugripple.chem.drawing import structure_svg
from drugripple.predict.page.answer import Answer
from drugripple.predict.page.drawing import map_legend, nearness, sample_map
from drugripple.predict.page.shown import (
    Order,
    View,
    estimate_of,
    nearest_of,
    row_of,
    rows_of_compound,
    rows_of_sample,
    sheet_of,
)

Page = Callable[[Request, Job, Answer], Response]
Endpoint = Callable[[Request], Awaitable[Response]]
LONGEST_SEARCH = 100
ORDERS: Mapping[Order, str] = {
    Order.PERCENTILE: "hits this sample harder than others",
    Order.RESPONSE: "strongest response",
    Order.WIDTH: "surest",
    Order.NAME: "name",
}


def show_answer(request: Request, job: Job, answer: Answer) -> Response:
    """One sample's compounds in order, and all samples on the map."""
    view = view_of(request, answer)
    return page(
        request, "answer", job=job, answer=answer, view=view, orders=ORDERS, sheet=sheet_of(answer, view),
        map=sample_map(answer.map, answer.training, answer.tissue, answer.samples, view.sample),
        legend=map_legend(answer.tissue), query=lambda sheet: _query(view, sheet),
    )  # fmt: skip


def show_pair(request: Request, job: Job, answer: Answer) -> Response:
    """One sample and one compound: what carries the prediction, and what was measured."""
    sample = _place(request, "sample", len(answer.samples))
    compound = _place(request, "compound", len(answer.compounds))
    frame = rows_of_sample(answer, sample)
    row, one = frame.iloc[compound], estimate_of(frame.iloc[compound])
    extent = np.array([one.value, one.low, one.high, one.measured_low, one.measured_high, one.tested])
    column, concentration = int(answer.column[compound]), bool(answer.measure.micromolar)
    drawn = ""
    if column >= 0:
        quantity = f"measured {answer.measure.micromolar.removesuffix('_um').upper()} (µM)"
        drawn = nearness(
            answer.similarity[sample], answer.measured[:, column].astype(float), answer.training, one,
            quantity=quantity if concentration else f"measured {answer.measure.label}", logarithmic=concentration,
        )  # fmt: skip
    return page(
        request, "pair", job=job, answer=answer, sample=sample, compound=compound, scatter=drawn,
        row=row_of(answer, row, compound + 1, extent), smiles=answer.compounds.smiles[compound],
        facts={name: row[name] for name in ("target", "mechanism") if row[name]},
        nearest=nearest_of(answer, sample, compound),
        others=rows_of_compound(answer, compound) if len(answer.samples) > 1 else [],
    )  # fmt: skip


def why_of(request: Request, job: Job, answer: Answer) -> tuple[str, Why]:
    """The question why a pair is predicted as it is, and what it is called."""
    sample = _place(request, "sample", len(answer.samples))
    compound = _place(request, "compound", len(answer.compounds))
    title = f"Why {answer.compounds.names[compound]} in {answer.samples[sample]}"
    one, two = np.array([sample], dtype=np.int64), np.array([compound], dtype=np.int64)
    back = f"answers/{job.id}/pair?sample={sample}&compound={compound}"
    return title, Why(answer.asked.take(one), replace(answer.compounds.take(two), notes=()), answer.level, back)


def show_structure(request: Request, _job: Job, answer: Answer) -> Response:
    """The drawing of a compound's structure, as SVG.

    Raises:
        HTTPException: 404, if the answer has no such compound.
    """
    place = request.path_params["compound"]
    if place >= len(answer.compounds):
        raise HTTPException(404, "there is no such compound in this answer")
    svg = structure_svg(answer.compounds.molecules[place], answer.compounds.names[place])
    return Response(svg, media_type="image/svg+xml")


def show_export(request: Request, job: Job, answer: Answer) -> Response:
    """The answer as a file."""
    return export(job.title, answer, request.path_params["form"])


PAGES: Mapping[str, Page] = {
    "/answers/{id}": show_answer,
    "/answers/{id}/pair": show_pair,
    "/answers/{id}/structure/{compound:int}.svg": show_structure,
    "/answers/{id}/predictions.{form}": show_export,
}


def view_of(request: Request, answer: Answer) -> View:
    """What a page's address asks to be shown; anything odd counts as not said."""
    asked = request.query_params
    order, sheet = asked.get("order", ""), asked.get("sheet", "1")
    return View(
        sample=_place(request, "sample", len(answer.samples)),
        order=Order(order) if order in list(Order) else Order.PERCENTILE,
        find=asked.get("find", "")[:LONGEST_SEARCH].strip(),
        inside=bool(asked.get("inside")),
        sheet=int(sheet) if sheet.isdecimal() and len(sheet) < 8 else 1,
    )


def _place(request: Request, name: str, number: int) -> int:
    asked = request.query_params.get(name, "0")
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 8 and int(asked) < number):
        raise HTTPException(404, f"there is no such {name} in this answer")
    return int(asked)


def _query(view: View, sheet: int) -> str:
    asked = {"sample": view.sample, "order": view.order.value, "sheet": sheet}
    asked |= {"find": view.find} if view.find else {}
    return urlencode(asked | ({"inside": 1} if view.inside else {}))
