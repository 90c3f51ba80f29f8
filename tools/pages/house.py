"""A drawing of the packages, one floor above the other: each may import what lies below it."""

from html import escape
from pathlib import Path

from tools.pages.architecture import FRAME, INK, PAPER
from tools.pages.rooms import layers

COLOURS = ("#fde3cf", "#f0f2f4", "#d6e8f7")
WIDTH, FLOOR, LEFT, TOP = 760, 40, 20, 44


def house(root: Path) -> str:
    """The floors of the import contract in pyproject.toml, highest first."""
    floors = layers(root)
    height = TOP + FLOOR * len(floors) + 16
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="The packages by who may import whom" '
        f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" font-family="Helvetica, Arial, sans-serif" '
        f'font-size="14" fill="{INK}">',
        f'<rect width="{WIDTH}" height="{height}" rx="8" fill="{PAPER}"/>',
        f'<text x="{LEFT}" y="28" fill="{FRAME}">Each package may import what lies below it. Neighbours do not know '
        "one another.</text>",
    ]
    for place, floor in enumerate(floors):
        width = (WIDTH - 2 * LEFT - 8 * (len(floor) - 1)) / len(floor)
        for number, name in enumerate(floor):
            x, y = LEFT + number * (width + 8), TOP + FLOOR * place
            colour = COLOURS[place * len(COLOURS) // len(floors)]
            parts.append(
                f'<rect x="{x:g}" y="{y}" width="{width:g}" height="{FLOOR - 8}" rx="6" fill="{colour}" '
                f'stroke="{FRAME}"/>'
                f'<text x="{x + width / 2:g}" y="{y + 21}" text-anchor="middle">{escape(name)}</text>'
            )
    return "\n".join([*parts, "</svg>\n"])
