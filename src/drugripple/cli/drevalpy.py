"""`drugripple drevalpy`: folds and predictions to drevalpy's files and back."""

from pathlib import Path
from typing import Annotated

import typer

from drugripple.cli.console import print_note, print_result, print_table, progress_bar
from drugripple.evaluation.schemes import Scheme
from drugripple.integrations.drevalpy.choices import Strangers

app = typer.Typer(
    help="Exchange folds and predictions with the benchmark drevalpy.", no_args_is_help=True, rich_markup_mode=None
)


RunFile = Annotated[Path, typer.Argument(metavar="RUN.toml", help="The benchmark; its folder is `out`.")]
NamesFile = Annotated[
    Path | None, typer.Option(help="csv: kind (line or drug), ours, theirs; the rest keep their names.")
]


@app.command("export")
def export(
    run: RunFile,
    out: Annotated[Path, typer.Option(help="Folder for `data` and `results`.")],
    names: NamesFile = None,
    data: Annotated[bool, typer.Option(help="Write the data, too, or folds and predictions only.")] = True,
) -> None:
    """Write a benchmark's folds and predictions for drevalpy.

    And the data that drevalpy needs to go on from there.
    """
    from drugripple.config import read_run
    from drugripple.integrations.drevalpy.exchange import export_benchmark
    from drugripple.recipes.benchmark.settings import BenchmarkRun

    with progress_bar() as bar:
        done = export_benchmark(read_run(run, BenchmarkRun), out, names=names, data=data, progress=bar.update)
    if done.waiting:
        print_note(f"not written: {len(done.waiting)} jobs of {run} that have no predictions yet")
    print_note(f"{done.folds} folds, predictions of {done.predictions} jobs")
    print_result(str(done.results))


@app.command("import")
def import_(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="RESULTS/RUN_ID/DATASET/LABEL of drevalpy.")],
    run: RunFile,
    scheme: Annotated[
        Scheme | None, typer.Option(help="Of the folds; as the manifest or the name of FOLDER says unless given.")
    ] = None,
    names: NamesFile = None,
    strangers: Annotated[
        Strangers, typer.Option(help="Rows that our data have not got: refuse, or leave them out and count them.")
    ] = Strangers.REFUSE,
) -> None:
    """Read drevalpy's folds and predictions, and score them.

    They go to the folder of a benchmark.
    """
    from drugripple.config import read_run
    from drugripple.integrations.drevalpy.exchange import import_results, scores_of
    from drugripple.recipes.benchmark.settings import BenchmarkRun

    settings = read_run(run, BenchmarkRun)
    done = import_results(folder, settings, scheme=scheme, names=names, strangers=strangers)
    if done.left_out:
        print_note(f"left out: {done.left_out:,} rows of the split files that are not in {settings.dataset}")
    new, known = len(done.added), len(done.reused)
    print_note(f"{done.folds} folds of {done.scheme}; predictions: {new} new, {known} there already")
    if done.added or done.reused:
        print_table(scores_of(done, settings), f"{done.scheme}, mean over the folds that are there")
    print_result(str(settings.out))
