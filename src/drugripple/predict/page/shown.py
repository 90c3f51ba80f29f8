"""What the page of an answer shows: the compounds of one sample, found, ordered and cut into sheets."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from drugripple.predict.page.answer import Answer
from drugripple.predict.page.drawing import Estimate, interval_bar, spoken, written

ROWS = 50
NEAREST = 3
"""Nearest training samples that are named."""


class Order(StrEnum):
    """What compounds are ordered by."""

    PERCENTILE = "percentile"
    """How the sample stands among the training samples: compounds that hit it harder than others come first."""
    RESPONSE = "response"
    """The predicted response itself: compounds that are potent in everything come first."""
    WIDTH = "width"
    """The surest first."""
    NAME = "name"


@dataclass(frozen=True)
class View:
    """What to show of an answer."""

    sample: int = 0
    order: Order = Order.PERCENTILE
    find: str = ""
    """Part of a compound's name, target or mechanism."""
    inside: bool = False
    """Only pairs in domain."""
    sheet: int = 1


@dataclass(frozen=True)
class Row:
    """One compound of one sample, as text."""

    compound: int
    """Place of the compound among those of the answer."""
    rank: int
    name: str
    target: str
    """Blank where it is not known."""
    response: str
    beyond: str
    """What is said of a prediction above the highest tested concentration; else blank."""
    interval: str
    bar: str
    """SVG."""
    percentile: str
    likest: str
    """The most similar training compound of a new one, with its similarity; else blank."""
    record: str
    """How well the compound is predicted: r and n."""
    measured: str
    tested: str
    kind: str
    inside: bool
    reason: str


@dataclass(frozen=True)
class Sheet:
    """Some of the rows."""

    rows: tuple[Row, ...]
    found: int
    number: int
    sheets: int


def sheet_of(answer: Answer, view: View) -> Sheet:
    """The rows of a view."""
    frame = rows_of_sample(answer, view.sample)
    if view.find:
        text = frame["compound"] + "\n" + frame["target"] + "\n" + frame["mechanism"]
        frame = frame[text.str.casefold().str.contains(view.find.casefold(), regex=False)]
    if view.inside:
        frame = frame[frame["in_domain"]]
    ascending = view.order in (Order.WIDTH, Order.NAME) or answer.measure.lower_is_sensitive
    frame = frame.sort_values([*_key(answer, view.order), "compound"], ascending=ascending, kind="stable")
    sheets = max(-(-len(frame) // ROWS), 1)
    number = min(max(view.sheet, 1), sheets)
    first = (number - 1) * ROWS
    cut = frame.iloc[first : first + ROWS]
    extent = extent_of(cut)
    rows = tuple(row_of(answer, cut.iloc[i], first + i + 1, extent) for i in range(len(cut)))
    return Sheet(rows, len(frame), number, sheets)


def rows_of_sample(answer: Answer, sample: int) -> pd.DataFrame:
    """The predictions of one sample in the order of the compounds, with what drawings need in columns of their own."""
    count = len(answer.compounds)
    frame = answer.table.iloc[sample * count : (sample + 1) * count].reset_index(drop=True)
    return with_drawn(answer, frame)


def rows_of_compound(answer: Answer, compound: int) -> list[tuple[int, Row]]:
    """One compound in every sample, the most sensitive first, each with the place of its sample."""
    frame = with_drawn(answer, answer.table.iloc[compound :: len(answer.compounds)].reset_index(drop=True))
    frame = frame.sort_values("_value", ascending=answer.measure.lower_is_sensitive, kind="stable")
    extent = extent_of(frame)
    return [(int(row["_place"]), row_of(answer, row, i + 1, extent)) for i, (_, row) in enumerate(frame.iterrows())]


def nearest_of(answer: Answer, sample: int, compound: int) -> list[str]:
    """The nearest training samples that were measured with a compound, with tissue, likeness and what was measured."""
    column = int(answer.column[compound])
    if column < 0:
        return []
    measured, likeness = answer.measured[:, column], answer.similarity[sample]
    seen = np.flatnonzero(np.isfinite(measured))
    told = []
    for row in seen[np.argsort(-likeness[seen], kind="stable")][:NEAREST].tolist():
        value = written(float(measured[row]), logarithmic=bool(answer.measure.micromolar))
        tissue = f" ({spoken(answer.tissue[row])})" if answer.tissue[row] else ""
        told.append(f"{answer.training[row]}{tissue}, correlation {likeness[row]:.2f}: {value}")
    return told


def extent_of(frame: pd.DataFrame) -> np.ndarray:
    """Every value that the bars of some rows show."""
    shown = ("_low", "_high", "_measured_low", "_tested")
    return np.concatenate([frame[name].to_numpy(dtype=float) for name in shown])


def with_drawn(answer: Answer, frame: pd.DataFrame) -> pd.DataFrame:
    """Predictions with what drawings and `row_of` need in columns of their own."""
    unit, value = answer.measure.micromolar, answer.measure.value
    low, high = ("low_um", "high_um") if unit else ("low", "high")

    def plain(name: str) -> np.ndarray:
        found = frame[name].to_numpy(dtype=float)
        return np.log(found) if unit else found

    suffix = "_um" if unit else ""
    return frame.assign(
        _place=np.arange(len(frame)),
        _value=frame[value].to_numpy(dtype=float),
        _low=plain(low),
        _high=plain(high),
        _measured_low=plain(f"measured_min{suffix}"),
        _measured_median=plain(f"measured_median{suffix}"),
        _measured_high=plain(f"measured_max{suffix}"),
        _tested=np.log(frame["tested_um"].to_numpy(dtype=float)) if unit else np.nan,
        _width=plain(high) - plain(low),
    )


def estimate_of(row: pd.Series) -> Estimate:
    """What drawings show of a row of `rows_of_sample`."""
    names = ("_value", "_low", "_high", "_measured_low", "_measured_high", "_tested")
    return Estimate(*(float(row[name]) for name in names))


def row_of(answer: Answer, row: pd.Series, rank: int, extent: np.ndarray) -> Row:
    """A row of `rows_of_sample` as text; its bar lies on an axis over `extent`."""
    concentration = bool(answer.measure.micromolar)
    one = estimate_of(row)
    median = float(row["_measured_median"])

    def say(value: float, *, unit: bool = True) -> str:
        return "–" if np.isnan(value) else written(value, logarithmic=concentration, unit=unit)

    response, interval = say(one.value), f"{say(one.low, unit=False)} to {say(one.high)}"
    known = (one.measured_low, median, one.measured_high)
    r, n = float(row["compound_r"]), float(row["compound_n"])
    more = "more" if answer.measure.lower_is_sensitive else "less"
    likest = f"{row['nearest_compound']} ({float(row['compound_similarity']):.2f})" if np.isnan(n) else ""
    return Row(
        compound=int(row["_place"]),
        rank=rank,
        name=str(row["compound"]),
        target=str(row["target"]),
        response=response,
        beyond="above the tested range" if one.value > one.tested else "",
        interval=interval,
        bar=interval_bar(one, extent, f"{response}, {interval}", logarithmic=concentration),
        percentile=f"{float(row['sample_percentile']):.0f} % respond {more}",
        likest=likest,
        record=f"new to the model; most like {likest}"
        if likest
        else f"r\N{NO-BREAK SPACE}{r:.2f}, n\N{NO-BREAK SPACE}{n:,.0f}",
        measured="–" if np.isnan(median) else " / ".join(say(value, unit=False) for value in known),
        tested="not known" if concentration and np.isnan(one.tested) else say(one.tested),
        kind=str(row["kind"]),
        inside=bool(row["in_domain"]),
        reason=str(row["domain_reason"]),
    )


def _key(answer: Answer, order: Order) -> list[str]:
    return {
        Order.PERCENTILE: ["sample_percentile", answer.measure.value],
        Order.RESPONSE: [answer.measure.value],
        Order.WIDTH: ["_width"],
        Order.NAME: [],
    }[order]
