"""Drawings of the page as SVG: no script, no style sheet, every point named for who points at it or listens."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from jaxtyping import Float

from drugripple.predict.page.scale import Axis
from drugripple.predict.sample_map import SampleMap
from drugripple.report.figures import BLUE, GREEN, ORANGE, PURPLE, VERMILLION

GREY = "#8a94a0"
TISSUE_COLOURS = (BLUE, ORANGE, GREEN, PURPLE, "#56b4e9", "#a17c00")
MARKS = "osdtvx"
COLUMNS, COLUMN, ROW = 4, 158, 24
"""A report's legend has so many columns, so many pixels wide, in rows so many pixels high."""
OTHERS = "others"
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 400, 72, 12, 14, 46


@dataclass(frozen=True)
class Estimate:
    """A prediction with its interval and what was measured, on the scale of the model."""

    value: float
    low: float
    high: float
    measured_low: float = np.nan
    measured_high: float = np.nan
    tested: float = np.nan
    """The highest concentration that was tested."""


def interval_bar(one: Estimate, axis_values: np.ndarray, label: str, *, logarithmic: bool) -> str:
    """A prediction with its interval over what was measured of the compound, on an axis that all rows share."""
    axis = Axis.over(axis_values, (4, 176), logarithmic=logarithmic)
    parts = []
    if np.isfinite(one.measured_low) and np.isfinite(one.measured_high):
        left, right = axis.place(one.measured_low), axis.place(one.measured_high)
        parts.append(
            f'<rect x="{left}" y="7" width="{right - left:.1f}" height="10" fill="{GREY}" fill-opacity="0.35"/>'
        )
    parts.append(
        f'<line x1="{axis.place(one.low)}" x2="{axis.place(one.high)}" y1="12" y2="12" stroke="{BLUE}" '
        'stroke-width="3"/>'
        f'<circle cx="{axis.place(one.value)}" cy="12" r="5" fill="{BLUE}"/>'
    )
    if np.isfinite(one.tested):
        place = axis.place(one.tested)
        parts.append(
            f'<line x1="{place}" x2="{place}" y1="2" y2="22" stroke="{VERMILLION}" stroke-width="2" '
            'stroke-dasharray="3 2"/>'
        )
    return _svg(180, 24, label, parts)


def sample_map(
    found: SampleMap, training: Sequence[str], tissue: Sequence[str], own: Sequence[str], chosen: int
) -> str:
    """Own samples among the training samples, coloured and marked by the most frequent tissues."""
    both = np.concatenate([found.training, found.own])
    x, y = Axis.over(both[:, 0], (LEFT, WIDTH - RIGHT)), Axis.over(both[:, 1], (HEIGHT - BOTTOM, TOP))
    looks = _looks(tissue)
    parts = _frame(x, y, *(f"component {i + 1} ({share:.0%} of variance)" for i, share in enumerate(found.share)))
    for (across, up), name, kind in zip(found.training.tolist(), training, tissue, strict=True):
        colour, mark = looks.get(kind, (GREY, "o"))
        title = f"{name} ({spoken(kind)})" if kind else name
        parts.append(_mark(mark, x.place(across), y.place(up), colour, title, opacity=0.65))
    for row, ((across, up), name) in enumerate(zip(found.own.tolist(), own, strict=True)):
        parts.append(_own(x.place(across), y.place(up), name, large=row == chosen))
    return _svg(WIDTH, HEIGHT, f"{len(own)} samples among {len(training)} training samples", parts)


def legend(tissue: Sequence[str]) -> str:
    """The legend of the map as one drawing, for a report; blank where no tissue is known."""
    parts = []
    for place, (mark, kind) in enumerate(_legend_marks(tissue)):
        x, y = 10.0 + COLUMN * (place % COLUMNS), 12.0 + ROW * (place // COLUMNS)
        parts += [f'<g transform="translate({x:g} {y:g})">{mark}</g>', _text(kind, x + 12, y + 4, "start")]
    rows = -(-len(parts) // (2 * COLUMNS))
    return _svg(WIDTH, ROW * rows + 6, "tissues of the map", parts) if parts else ""


def map_legend(tissue: Sequence[str]) -> list[tuple[str, str]]:
    """A mark as SVG and its tissue, for each tissue that has a mark of its own, and for all others."""
    return [(_svg(16, 16, f"mark of {kind}", [_at(mark, 8.0)]), kind) for mark, kind in _legend_marks(tissue)]


def spoken(tissue: str) -> str:
    """A tissue as a person writes it.

    >>> spoken("soft_tissue")
    'soft tissue'
    """
    return tissue.replace("_", " ")


def nearness(
    similarity: Float[np.ndarray, " n"],
    measured: Float[np.ndarray, " n"],
    training: Sequence[str],
    one: Estimate,
    *,
    quantity: str,
    logarithmic: bool,
) -> str:
    """What was measured of a compound against how near each training sample is, with the prediction across."""
    seen = np.flatnonzero(np.isfinite(measured)).tolist()
    across = np.append(similarity[seen], 0.0)
    up = np.concatenate([measured[seen], [one.value, one.low, one.high, one.tested]])
    x = Axis.over(across, (LEFT, WIDTH - RIGHT))
    y = Axis.over(up, (HEIGHT - BOTTOM, TOP), logarithmic=logarithmic)
    top, bottom = y.place(one.high), y.place(one.low)
    parts = _frame(x, y, "correlation of expression with your sample", quantity)
    parts.append(
        f'<rect x="{LEFT}" y="{top}" width="{WIDTH - RIGHT - LEFT}" height="{bottom - top:.1f}" fill="{VERMILLION}" '
        'fill-opacity="0.14"><title>interval of the prediction</title></rect>'
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y.place(one.value)}" y2="{y.place(one.value)}" '
        f'stroke="{VERMILLION}" stroke-width="2"><title>prediction</title></line>'
    )
    if np.isfinite(one.tested):
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y.place(one.tested)}" y2="{y.place(one.tested)}" '
            f'stroke="{GREY}" stroke-width="1.5" stroke-dasharray="5 4"><title>highest tested concentration</title>'
            "</line>"
        )
    for row in seen:
        title = f"{training[row]}: {written(float(measured[row]), logarithmic=logarithmic)}"
        parts.append(
            _mark("o", x.place(float(similarity[row])), y.place(float(measured[row])), BLUE, title, opacity=0.6)
        )
    return _svg(WIDTH, HEIGHT, f"measured response of {len(seen)} training samples and the prediction", parts)


def written(value: float, *, logarithmic: bool, unit: bool = True) -> str:
    """A value as a person reads it: concentrations from their logarithm, three digits, no exponent where it is short.

    >>> written(0.0, logarithmic=True), written(7.56, logarithmic=True, unit=False), written(0.1234, logarithmic=False)
    ('1 µM', '1,920', '0.123')
    """
    plain = float(f"{np.exp(value) if logarithmic else value:.3g}")
    text = f"{plain:,.10g}" if 1e-5 <= abs(plain) < 1e7 or plain == 0 else f"{plain:.3g}"
    return f"{text} µM" if logarithmic and unit else text


def _legend_marks(tissue: Sequence[str]) -> list[tuple[str, str]]:
    """The mark at the origin and the name of each tissue that has one of its own, and of all others."""
    looks = [(spoken(kind), look) for kind, look in _looks(tissue).items()]
    if len(set(tissue)) > len(looks) > 0:
        looks.append((OTHERS, (GREY, "o")))
    return [(_mark(mark, 0.0, 0.0, colour, kind, opacity=1.0), kind) for kind, (colour, mark) in looks]


def _at(mark: str, place: float) -> str:
    return f'<g transform="translate({place:g} {place:g})">{mark}</g>'


def _looks(tissue: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Colour and mark of the most frequent tissues."""
    often = [kind for kind, _ in Counter(filter(None, tissue)).most_common(len(TISSUE_COLOURS))]
    return dict(zip(often, zip(TISSUE_COLOURS, MARKS, strict=True), strict=False))


def _frame(x: Axis, y: Axis, x_label: str, y_label: str) -> list[str]:
    parts = [
        f'<path d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}" fill="none" stroke="currentColor"/>',
        _text(x_label, (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8.0, "middle"),
        f'<g transform="rotate(-90 14 {HEIGHT / 2})">{_text(y_label, 14.0, HEIGHT / 2, "middle")}</g>',
    ]
    parts += [_text(label, place, HEIGHT - BOTTOM + 18.0, "middle") for place, label in x.ticks()]
    parts += [_text(label, LEFT - 6.0, place + 4, "end") for place, label in y.ticks()]
    return parts


def _text(text: str, x: float, y: float, anchor: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="13" fill="currentColor">{escape(text)}</text>'


def _own(x: float, y: float, name: str, *, large: bool) -> str:
    size = 9 if large else 6
    mark = f'<path d="M{x - size} {y}H{x + size}M{x} {y - size}V{y + size}" stroke="{{}}" stroke-width="{{}}"/>'
    label = f'<g stroke="none">{_text(name, x + size + 2, y + 4, "start")}</g>' if large else ""
    inside = mark.format("#ffffff", 6) + mark.format(VERMILLION, 3)
    return f"<g><title>{escape(name)} (yours)</title>{inside}{label}</g>"


def _mark(mark: str, x: float, y: float, colour: str, title: str, *, opacity: float) -> str:
    shape = {
        "o": f'<circle cx="{x}" cy="{y}" r="3.5"',
        "s": f'<path d="M{x - 3} {y - 3}h6v6h-6z"',
        "d": f'<path d="M{x} {y - 4.5}l4 4.5l-4 4.5l-4 -4.5z"',
        "t": f'<path d="M{x} {y - 4}l4 7h-8z"',
        "v": f'<path d="M{x} {y + 4}l4 -7h-8z"',
        "x": f'<path d="M{x - 4} {y - 1.5}h8v3h-8z"',
    }[mark]
    tag = shape[1 : shape.index(" ")]
    return f'{shape} fill="{colour}" fill-opacity="{opacity:g}"><title>{escape(title)}</title></{tag}>'


def _svg(width: int, height: int, label: str, parts: Sequence[str]) -> str:
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" class="plot" role="img" aria-label="{escape(label)}" {size}'
    return f'{head} font-family="sans-serif">{"".join(parts)}</svg>'
