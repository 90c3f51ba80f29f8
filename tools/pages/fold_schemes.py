"""A drawing of each fold scheme, made from folds that the library itself cuts."""

from html import escape

import numpy as np

from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.splits import Fold, make_folds
from tools.pages.architecture import FRAME, INK, PAPER

SAMPLES, COMPOUNDS, FOLDS, CELL = 20, 20, 10, 11
TRAIN, VALIDATION, TEST, UNUSED = 0, 1, 2, 3
LOOKS = {
    TRAIN: ("training", "#9ecae9"),
    VALIDATION: ("validation", "#f2b26b"),
    TEST: ("test", "#a32d00"),
    UNUSED: ("not used", "#eceff2"),
}
WIDTH, HEIGHT, LEFT, TOP = 300, 330, 44, 54


def fold_scheme(scheme: Scheme) -> str:
    """One fold of ten on a full grid, samples down and compounds across, those of one part side by side."""
    sample, compound = np.repeat(np.arange(SAMPLES), COMPOUNDS), np.tile(np.arange(COMPOUNDS), SAMPLES)
    grid = roles(make_folds(sample, compound, scheme, folds=FOLDS, seed=0)[0])
    if scheme is not Scheme.MIXED:
        grid = grid[np.argsort(-_hidden(grid), kind="stable")][:, np.argsort(-_hidden(grid.T), kind="stable")]
    title = f"{scheme.value}: what one fold of ten tests"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(title)}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'font-family="Helvetica, Arial, sans-serif" font-size="13" fill="{INK}">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="8" fill="{PAPER}"/>',
        f'<text x="{LEFT}" y="24" font-weight="bold">{scheme.value}</text>',
        f'<text x="{LEFT + CELL * COMPOUNDS / 2:g}" y="{TOP - 8}" text-anchor="middle" fill="{FRAME}">compounds</text>',
        f'<text transform="translate({LEFT - 12} {TOP + CELL * SAMPLES / 2:g}) rotate(-90)" text-anchor="middle" '
        f'fill="{FRAME}">samples</text>',
    ]
    for role, (_, colour) in LOOKS.items():
        cells = "".join(
            f"M{LEFT + CELL * column} {TOP + CELL * row}h{CELL - 1}v{CELL - 1}h-{CELL - 1}z"
            for row, column in np.argwhere(grid == role).tolist()
        )
        parts.append(f'<path d="{cells}" fill="{colour}"/>')
    for place, (role, (name, colour)) in enumerate(LOOKS.items()):
        x, y = LEFT + 120 * (place % 2), TOP + CELL * SAMPLES + 18 + 20 * (place // 2)
        share = (grid == role).mean()
        parts.append(f'<rect x="{x}" y="{y - 10}" width="11" height="11" fill="{colour}"/>')
        parts.append(f'<text x="{x + 16}" y="{y}">{name} {share:.0%}</text>')
    return "\n".join([*parts, "</svg>\n"])


def roles(fold: Fold) -> np.ndarray:
    """What every pair of the grid is for in a fold."""
    found = np.full(SAMPLES * COMPOUNDS, UNUSED)
    found[fold.train], found[fold.valid], found[fold.test] = TRAIN, VALIDATION, TEST
    return found.reshape(SAMPLES, COMPOUNDS)


def _hidden(grid: np.ndarray) -> np.ndarray:
    """How much of each row is tested, or else validated: puts the rows of one part side by side."""
    return 2.0 * (grid == TEST).sum(axis=1) + (grid == VALIDATION).sum(axis=1)
