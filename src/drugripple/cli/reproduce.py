"""The verbs that hold claims against data: reproduce, patients."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drugripple.cli.console import print_note, print_result, print_table, progress_bar
from drugripple.cli.run_flags import parse_change, run_verb
from drugripple.config import make_run, set_dotted
from drugripple.recipes.patients.settings import PatientsRun
from drugripple.recipes.reproduce.settings import ReproduceRun

if TYPE_CHECKING:
    from drugripple.recipes.reproduce.item import Finding

app = typer.Typer(rich_markup_mode=None)


@app.command()
def reproduce(
    item: Annotated[list[str], typer.Argument(help="Tables and figures of the paper, such as fig4; or all.")],
    data: Annotated[Path, typer.Option("--data", "--data-dir", help="Folder of the tidy layout.")],
    out: Annotated[
        Path, typer.Option(help="Folder for tables, figures and living_paper.html; what is done there stays.")
    ] = Path("reproduced"),
    quick: Annotated[
        bool, typer.Option("--quick", help="A fraction of everything, to see that it works; not a result.")
    ] = False,
    folds: Annotated[int | None, typer.Option(min=1, help="Folds of the ten to do; all unless given.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Trainings at a time, where an item trains on folds.")] = 1,
    rival: Annotated[list[str] | None, typer.Option(help="A predictor beside the network; repeat for several.")] = None,
    seed: int = 0,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace outcomes of other settings.")] = False,
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Any other key, with dots.")
    ] = None,
) -> None:
    """Do experiments of the CSG2A paper again, with controls.

    Each control decides what a figure means. Goes on where it was stopped; living_paper.html tells of all that is done.
    """
    from drugripple.recipes.reproduce.run import run_reproduce

    given = {
        "item": tuple(item), "data": data, "out": out, "quick": quick, "folds": folds, "workers": workers,
        "seed": seed, "overwrite": overwrite,
    }  # fmt: skip
    if rival:
        given["rival"] = tuple(rival)
    run = make_run(ReproduceRun, set_dotted(given, dict(map(parse_change, changes or ()))), "the command line")
    with progress_bar() as bar:

        def on_item(name: str, found: "Finding") -> None:
            bar.line(f"{name}: {', '.join(f'{claim.claim}: {claim.verdict}' for claim in found.claims)}")

        done = run_reproduce(
            run, command=shlex.join(["drugripple", *sys.argv[1:]]), on_item=on_item, progress=bar.update
        )
    print_result(str(done.paper))


@app.command()
@run_verb(PatientsRun)
def patients(run: PatientsRun) -> None:
    """Test predictions against how patients fared.

    Per drug: one-sided t, AUROC, permutation, tests within cancer types, and predictions for wrong drugs.
    """
    from drugripple.recipes.patients.run import run_patients

    done = run_patients(run)
    shown = ["drug", "responders", "non_responders", "p", "q", "auroc", "within_cancer_p", "wrong_drugs_as_good"]
    print_table(done.drugs[shown], f"drugs with more than {run.more_than} responders and non-responders")
    for row in done.left_out.groupby("reason")["rows"].sum().items():
        print_note(f"left out: {row[1]:,} answers ({row[0]})")
    print_note("for research only, not for decisions about patients; docs/patients.md says what each column means")
    print_result(str(done.folder / "drugs.csv"))
