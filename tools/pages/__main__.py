"""Write the measured figures into README and docs, the drawings into docs/figures, and the living paper.

python -m tools.pages            write
python -m tools.pages --check    write nothing; fail if a page or a drawing is not what would be written
"""

import argparse
import sys
from pathlib import Path

from drugripple.errors import DrugrippleError
from drugripple.runtime.atomic import whole_file
from tools.pages.catalogue import TABLES
from tools.pages.figures import figures
from tools.pages.living import LIVING_PAPER, living_paper_page
from tools.pages.measured import Measured
from tools.pages.page import fill

ROOT = Path(__file__).parents[2]


def pages(root: Path = ROOT) -> list[Path]:
    """README and every page of the docs."""
    return [root / "README.md", *sorted((root / "docs").rglob("*.md"))]


def made(root: Path = ROOT) -> dict[Path, str]:
    """What every page, every drawing and the living paper should hold.

    Raises:
        TableError: naming the page, if it quotes what was not measured.
    """
    measured = Measured.read(root)
    texts = {}
    for page in pages(root):
        try:
            texts[page] = fill(page.read_text(encoding="utf-8"), TABLES, measured)
        except DrugrippleError as error:
            message = f"{page.relative_to(root)}: {error}"
            raise type(error)(message) from error
    texts |= {root / LIVING_PAPER: living_paper_page(root)}
    return texts | {root / "docs" / "figures" / f"{name}.svg": svg for name, svg in figures(measured).items()}


def main(arguments: list[str] | None = None) -> int:
    """Write or check; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.pages", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail if anything would change")
    options = parser.parse_args(arguments)
    changed = {path: text for path, text in made().items() if not path.exists() or path.read_text("utf-8") != text}
    for path, text in changed.items():
        if not options.check:
            with whole_file(path) as part:
                part.write_text(text, encoding="utf-8")
        print(f"{'differs' if options.check else 'wrote'}: {path.relative_to(ROOT)}")
    return 1 if options.check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
