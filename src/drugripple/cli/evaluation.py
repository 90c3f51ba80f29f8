"""`drugripple audit` and `drugripple ceiling`: can a score be trusted, and how good could it be?"""

from pathlib import Path
from typing import Annotated

import typer

from drugripple.cli.console import result, say, show

LEAKS_FOUND = 3


def audit(
    files: Annotated[list[Path], typer.Argument(help="Split files: csv, tsv or parquet; one, or one a role.")],
    card: Annotated[Path | None, typer.Option(help="Checkpoint whose pretraining is audited too.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for audit.json and audit.csv.")] = None,
) -> None:
    """Look for leaks in anybody's split: repeats, twins, synonyms, analogues, pretraining. Exits 3 if there are any."""
    from drugripple.recipes.audit import as_text, audit_splits

    report = audit_splits(files, card=card, out=out)
    result(as_text(report))
    if not report.clean:
        raise SystemExit(LEAKS_FOUND)


def ceiling(
    data: Annotated[Path, typer.Argument(help="Tidy data folder with GDSC1 and GDSC2.")],
    out: Annotated[Path | None, typer.Option("--out", help="Folder for ceiling.json.")] = None,
) -> None:
    """Estimate from real repeats how noisy one measurement is, and how good a perfect model could look."""
    from drugripple.recipes.ceiling import ceiling as estimate

    report = estimate(data, out=out)
    show(report.table(), "best attainable, by source of repeats (estimate, 95 % interval over drugs)")
    for assumption in report.assumptions:
        say(assumption)
