"""`drugripple drevalpy`: folds and predictions to drevalpy's files and back."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from drugripple.cli.console import result, say, show, watching

app = typer.Typer(help="Exchange with the benchmark drevalpy.", no_args_is_help=True, rich_markup_mode=None)


class SchemeName(StrEnum):
    """What folds hide, where drevalpy's files do not say it in our words."""

    MIXED = "mixed"
    CELL_BLIND = "cell_blind"
    DRUG_BLIND = "drug_blind"
    DISJOINT = "disjoint"


RunFile = Annotated[Path, typer.Argument(metavar="RUN.toml", help="The benchmark; its folder is `out`.")]
NamesFile = Annotated[
    Path | None, typer.Option("--names", help="csv: kind (line or drug), ours, theirs; the rest keep their names.")
]


@app.command("export")
def export(
    run: RunFile,
    out: Annotated[Path, typer.Option("--out", help="Folder for `data` and `results`.")],
    names: NamesFile = None,
    no_data: Annotated[bool, typer.Option("--no-data", help="Folds and predictions only.")] = False,
) -> None:
    """Write a benchmark's data, folds and finished predictions as drevalpy reads them."""
    from drugripple.config import read_run
    from drugripple.integrations.drevalpy.exchange import export_benchmark
    from drugripple.recipes.benchmark.settings import BenchmarkRun

    with watching() as watch:
        done = export_benchmark(
            read_run(run, BenchmarkRun), out, names=names, data=not no_data, progress=watch.progress
        )
    if done.waiting:
        say(f"not written: {len(done.waiting)} jobs of {run} that have no predictions yet")
    say(f"{done.folds} folds, predictions of {done.predictions} jobs")
    result(str(done.results))


@app.command("import")
def import_(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="RESULTS/RUN_ID/DATASET/LABEL of drevalpy.")],
    run: RunFile,
    scheme: Annotated[
        SchemeName | None, typer.Option(help="Of the folds; as the manifest or the name of FOLDER says unless given.")
    ] = None,
    names: NamesFile = None,
    drop_strangers: Annotated[
        bool, typer.Option("--drop-strangers", help="Leave out rows that our data have not got, and count them.")
    ] = False,
) -> None:
    """Read folds and predictions of drevalpy into the folder of a benchmark, and score them."""
    from drugripple.config import read_run
    from drugripple.evaluation.splits import Scheme
    from drugripple.integrations.drevalpy.exchange import import_results, scores_of
    from drugripple.recipes.benchmark.settings import BenchmarkRun

    settings = read_run(run, BenchmarkRun)
    done = import_results(
        folder, settings, scheme=Scheme(scheme) if scheme else None, names=names,
        strangers="drop" if drop_strangers else "refuse",
    )  # fmt: skip
    if done.left_out:
        say(f"left out: {done.left_out:,} rows of the split files that are not in {settings.dataset}")
    say(f"{done.folds} folds of {done.scheme}; predictions: {len(done.added)} new, {len(done.reused)} there already")
    if done.added or done.reused:
        show(scores_of(done, settings), f"{done.scheme}, mean over the folds that are there")
    result(str(settings.out))
