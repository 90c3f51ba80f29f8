"""The drawing of the two networks that README and docs/models/csg2a.md show."""

from collections.abc import Sequence
from html import escape

INK, PAPER, FRAME = "#1b1f24", "#ffffff", "#57606a"
INPUT, FROZEN, TRAINED = "#f0f2f4", "#d6e8f7", "#fde3cf"
ATTENTION = ("Q = g′ ∘ W_gene + D ∘ W_comp", "A = QQᵀ/√h + P + I", "A g′")
DESCRIPTION = (
    "Stage 1 predicts expression after treatment through attention between genes. Stage 2 freezes it behind a scaling "
    "layer and predicts ln IC50 from three projections."
)


def architecture() -> str:
    """Inputs, the pretrained stage 1 and the trained stage 2, as SVG with its own background."""
    parts = [
        _frame(312, 14, 430, 372, "stage 1: pretrained on treated cells, then frozen"),
        _frame(756, 14, 230, 372, "stage 2: trained on responses"),
        _box(16, 64, 130, 46, INPUT, "compound", ["SMILES"]),
        _box(16, 142, 130, 46, INPUT, "dose and time", []),
        _box(16, 258, 130, 46, INPUT, "expression g", ["one value per gene"]),
        _box(172, 258, 124, 46, TRAINED, "rescale", ["g′ = (g + β) s"]),
        _box(330, 60, 150, 54, FROZEN, "molecule encoder", ["transformer over atoms"]),
        _box(540, 60, 184, 54, FROZEN, "condition encoder", ["D: one value per gene"]),
        _box(330, 226, 232, 110, FROZEN, "gene attention", ATTENTION),
        _box(604, 246, 120, 70, FROZEN, "output layer", ["ĝ: expression", "after treatment"]),
        _box(330, 352, 232, 24, INPUT, "", ["P: known interactions (STRING)"]),
        _box(774, 60, 96, 54, TRAINED, "project", ["D"]),
        _box(774, 254, 96, 54, TRAINED, "project", ["ĝ"]),
        _box(774, 322, 96, 54, TRAINED, "project", ["g′"]),
        _box(894, 150, 78, 88, TRAINED, "head", ["→ ln IC50"]),
        _arrow([(146, 87), (330, 87)]),
        _arrow([(146, 165), (600, 165), (600, 114)]),
        _arrow([(480, 87), (540, 87)]),
        _arrow([(146, 281), (172, 281)]),
        _arrow([(296, 281), (330, 281)]),
        _arrow([(660, 114), (660, 190), (500, 190), (500, 226)]),
        _arrow([(562, 281), (604, 281)]),
        _arrow([(446, 352), (446, 336)]),
        _arrow([(724, 87), (774, 87)]),
        _arrow([(724, 281), (774, 281)]),
        _arrow([(304, 281), (304, 392), (750, 392), (750, 349), (774, 349)]),
        _arrow([(870, 87), (933, 87), (933, 150)]),
        _arrow([(870, 281), (916, 281), (916, 238)]),
        _arrow([(870, 349), (950, 349), (950, 238)]),
    ]  # fmt: skip
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(DESCRIPTION)}" viewBox="0 0 1000 404" '
        f'font-family="Helvetica, Arial, sans-serif" fill="{INK}">\n'
        f'<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0 L8 4 L0 8 z" fill="{FRAME}"/></marker></defs>\n'
        f'<rect width="1000" height="404" rx="8" fill="{PAPER}"/>\n'
    )
    return head + "\n".join(parts) + "\n</svg>\n"


def _frame(x: int, y: int, width: int, height: int, title: str) -> str:
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="8" fill="none" stroke="{FRAME}" '
        f'stroke-dasharray="5 4"/>\n'
        f'<text x="{x + 12}" y="{y + 22}" font-size="13" font-weight="bold" fill="{FRAME}">{escape(title)}</text>'
    )


def _box(x: int, y: int, width: int, height: int, fill: str, title: str, lines: Sequence[str]) -> str:
    words = [(title, "bold"), *((line, "normal") for line in lines)] if title else [(line, "normal") for line in lines]
    top = y + height / 2 - 8.5 * (len(words) - 1) + 4.5
    text = "\n".join(
        f'<text x="{x + width / 2:g}" y="{top + 17 * number:g}" font-size="13" font-weight="{weight}" '
        f'text-anchor="middle">{escape(line)}</text>'
        for number, (line, weight) in enumerate(words)
    )
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="6" fill="{fill}" stroke="{FRAME}"/>\n{text}'


def _arrow(points: Sequence[tuple[int, int]]) -> str:
    line = " ".join(f"{x},{y}" for x, y in points)
    return f'<polyline points="{line}" fill="none" stroke="{FRAME}" stroke-width="1.5" marker-end="url(#tip)"/>'
