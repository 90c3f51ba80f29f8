"""`drugripple data`: what can be had, how to get it, and whether your own files will do."""

import json
from pathlib import Path
from typing import Annotated

import typer

from drugripple.cli.console import print_note, print_result, print_table, progress_bar
from drugripple.errors import SourceError
from drugripple.sources.user.response_units import ResponseUnit
from drugripple.sources.user.stated_scale import StatedScale

app = typer.Typer(help="Public data sets, and a check of your own files.", no_args_is_help=True, rich_markup_mode=None)

AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable, on stdout.")]
Folder = Annotated[Path | None, typer.Option(help="Where downloads are kept; the cache folder unless given.")]


@app.command("list")
def list_(folder: Folder = None, as_json: AsJson = False) -> None:
    """Name every file that `fetch` knows.

    With its size in MiB, its licence, and whether you have it; `--json` adds address, citation, SHA-256 (where the
    publisher fixes the file) and where yours is.
    """
    from drugripple.sources.public.build import list_datasets

    table = list_datasets(folder)
    if as_json:
        print_result(table.to_json(orient="records", indent=1))
    else:
        table["here"] = table["here"].map(lambda path: "yes" if path else "")
        table["licence"] = table["licence"].str.split(": http").str[0]
        print_table(table[["name", "what", "mib", "here", "licence"]], "public files")


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="A name from `drugripple data list`, or a group such as `gdsc`.")],
    folder: Folder = None,
) -> None:
    """Download a data set.

    Goes on where an earlier download stopped, and refuses a wrong digest.
    """
    from drugripple.sources.public.build import fetch_dataset

    with progress_bar() as bar:
        paths = fetch_dataset(name, folder=folder, progress=bar.update)
    print_result("\n".join(str(path) for path in paths))


@app.command()
def build(
    name: Annotated[str, typer.Argument(help="Which data set the files are of, such as `gdsc` or `gse92742`.")],
    files: Annotated[list[Path], typer.Argument(help="Downloaded files, or folders that hold them.")],
    out: Annotated[Path, typer.Option("--out", help="Tidy folder (a profile store for gse92742).")],
) -> None:
    """Turn a publisher's files into the tidy layout.

    Every run reads that layout.
    """
    from drugripple.sources.public.build import build_dataset

    with progress_bar() as bar:
        built = build_dataset(name, files, out, progress=bar.update)
    print_note(built.summary)
    if len(built.dropped):
        listed = out / f"left_out_{name}.csv"
        print_table(
            built.dropped.head(20), f"left out: {len(built.dropped)} kinds of rows (the first 20; all in {listed})"
        )
    print_result("\n".join(str(path) for path in built.written))


@app.command()
def doctor(
    files: Annotated[list[Path], typer.Argument(help="Expression, compound and response files.")],
    hgnc: Annotated[Path | None, typer.Option(help="HGNC's complete set, to know every human gene.")] = None,
    scale: Annotated[
        StatedScale | None, typer.Option(help="What the expression values are; found out unless stated.")
    ] = None,
    layer: Annotated[str, typer.Option(help="Of .h5ad files, the layer to read, or raw; X unless given.")] = "",
    unit: Annotated[
        ResponseUnit | None, typer.Option(help="What the responses are; read off the column's name unless stated.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check your own files.

    Says what was recognised, what is missing or wrong, and what to do about it, and of expression whether the default
    model takes it, where one was built. Responses are looked at beside the expression and compound files that are named
    with them.
    """
    from drugripple.predict.diagnosis import diagnose

    diagnosis = diagnose(files, hgnc=hgnc, scale=scale, layer=layer, unit=unit)
    print_result(json.dumps(diagnosis.as_json(), indent=1) if as_json else diagnosis.as_text())
    if not diagnosis.healthy:
        raise SourceError(diagnosis.complaint())
