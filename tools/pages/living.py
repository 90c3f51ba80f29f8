"""The living paper of results/paper/, from the outcomes that are kept there."""

from pathlib import Path

from drugripple.recipes.reproduce.item import ITEMS
from drugripple.recipes.reproduce.kept import FINDING, read_kept
from drugripple.recipes.reproduce.living_paper import living_paper
from drugripple.report.html import render

LIVING_PAPER = Path("results/paper/living_paper.html")


def living_paper_page(root: Path) -> str:
    """The page that `drugripple reproduce` writes, without the machine of one run."""
    folder = root / LIVING_PAPER.parent
    findings = {name: read_kept(folder / name) for name in ITEMS if (folder / name / FINDING).is_file()}
    told = {
        "command": "drugripple reproduce all --data-dir data",
        "tables and figures": f"{LIVING_PAPER.parent.as_posix()}/ in the repository, a folder per experiment; "
        "finding.json has the settings and the SHA-256 of every data file",
    }
    return render(living_paper(findings, told, quick=False))
