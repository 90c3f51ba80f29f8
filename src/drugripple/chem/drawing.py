"""Structures as drawings."""

from html import escape

from drugripple.chem.molecule import Molecule
from drugripple.runtime.svg import without_styles

HEADER = "<!-- END OF HEADER -->"
WIDTH, HEIGHT = 240, 180
"""Pixels of a drawing."""


def structure_svg(molecule: Molecule, name: str = "") -> str:
    """The structural formula as one SVG element, dark on white, with attributes in the place of styles.

    Args:
        molecule: what to draw.
        name: said by a screen reader; the SMILES unless given.

    Raises:
        CompoundError: if the molecule was altered and is none any more.

    >>> from drugripple.chem import standardise
    >>> drawn = structure_svg(standardise("CCO"), "ethanol")
    >>> drawn[:4], 'aria-label="structure of ethanol"' in drawn, "style" in drawn
    ('<svg', True, False)
    """
    from rdkit.Chem.Draw.rdMolDraw2D import MolDraw2DSVG

    canvas = MolDraw2DSVG(WIDTH, HEIGHT)
    options = canvas.drawOptions()
    options.clearBackground = False  # type: ignore[assignment]
    options.bondLineWidth = 1.6  # type: ignore[assignment]
    canvas.DrawMolecule(molecule.rdkit)
    canvas.FinishDrawing()
    drawn = canvas.GetDrawingText()
    inside = drawn[drawn.index(HEADER) + len(HEADER) : drawn.rindex("</svg>")]
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" '
        f'aria-label="structure of {escape(name or molecule.parent)}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}"><rect width="{WIDTH}" height="{HEIGHT}" rx="6" fill="#ffffff"/>'
    )
    return head + " ".join(without_styles(inside).split()) + "</svg>"
