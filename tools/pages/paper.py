"""The table of docs/what_holds.md: each claim of the paper that was done again, from results/paper/."""

from drugripple.recipes.reproduce.item import ITEMS
from drugripple.recipes.reproduce.kept import FINDING, read_kept
from tools.pages.measured import Measured
from tools.pages.page import Table

NOT_RUN = "recipe ready, not run in full here"


def what_holds(measured: Measured) -> str:
    """Claim, the paper's figure, ours, verdict and control; items without a result are named last."""
    lines = ["| where | claim | published | here | verdict | control |", "| --- | --- | --- | --- | --- | --- |"]
    absent = []
    for name, item in ITEMS.items():
        folder = measured.folder / "paper" / name
        if not (folder / FINDING).is_file():
            absent.append(f"| {item.place} | {item.title} |  | {NOT_RUN}: `drugripple reproduce {name}` | | |")
            continue
        for claim in read_kept(folder).claims:
            here = f"{claim.ours}; `{claim.needs}`" if claim.needs and "(" not in claim.needs else claim.ours
            cells = (item.place, claim.claim, claim.published, here, f"*{claim.verdict}*", claim.control)
            lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    return "\n".join([*lines, *absent])


PAPER: dict[str, Table] = {"what_holds": what_holds}
