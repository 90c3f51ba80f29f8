"""The verb of the local page: serve."""

import sys
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from drugripple.cli.console import print_note, print_result
from drugripple.errors import ConfigError

app = typer.Typer(rich_markup_mode=None)

NEEDED = ("starlette", "uvicorn", "python_multipart")
LOOPBACK = "127.0.0.1"


@app.command()
def serve(
    model: Annotated[
        Path | None, typer.Option(help="Folder of a default model; the one of this machine unless given.")
    ] = None,
    port: Annotated[int, typer.Option(help="0 for any that is free.", min=0, max=65535)] = 8765,
    host: Annotated[
        str, typer.Option(help="Address of this machine to listen at; nobody else reaches the default.")
    ] = LOOPBACK,
    open_browser: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in a browser.")] = True,
    upload_mb: Annotated[int, typer.Option(help="Megabytes of one upload.", min=1)] = 200,
    seconds: Annotated[float, typer.Option(help="That one question may take.", min=1)] = 120,
    memory_mb: Annotated[
        int, typer.Option(help="Megabytes of memory that one question may take, beside the model.", min=64)
    ] = 4096,
) -> None:
    """Open a local page: samples and compounds in, ranked compounds with intervals out.

    Nothing leaves this machine, and no upload is kept. It runs until Ctrl-C.
    """
    from drugripple.cli.default_model import offer_default
    from drugripple.predict.load import built_default, is_default_model, load, not_the_default

    _require_packages()
    if model is None:
        offer_default()
    folder = built_default() if model is None else model
    if not is_default_model(folder):
        load(folder)  # says why there is none
        raise not_the_default(folder)
    from drugripple.app import Limits
    from drugripple.app import serve as run

    if host != LOOPBACK:
        print_note(f"anybody who reaches {host} and knows the address below can use the page; it is not encrypted")

    def tell(address: str) -> None:
        print_note("the page of drugripple; stop it with Ctrl-C")
        print_result(address)
        sys.stdout.flush()  # whoever waits for the address may read it through a pipe
        if open_browser:
            webbrowser.open(address)

    limits = Limits(upload_mb=upload_mb, seconds=seconds, memory_mb=memory_mb)
    run(model=model, host=host, port=port, limits=limits, on_address=tell)


def _require_packages() -> None:
    from importlib.util import find_spec

    missing = [name.replace("_", "-") for name in NEEDED if find_spec(name) is None]
    if missing:
        message = f"the page needs {', '.join(missing)}, which is not installed: pip install 'drugripple[app]'"
        raise ConfigError(message)
