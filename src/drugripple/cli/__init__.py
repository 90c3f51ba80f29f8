"""The command line: each verb reads its flags, calls one recipe and prints where the result is."""

import gc
import sys
from io import TextIOWrapper

OBJECTS_BETWEEN_COLLECTIONS = 50_000
"""Imports make half a million objects that stay. Python would look them over for garbage after every 700 new ones."""


def main() -> None:
    """Entry point of the `drugripple` command."""
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    from drugripple.cli.app import app
    from drugripple.cli.console import exit_code_of

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a name that the terminal cannot show must not cost the result
            stream.reconfigure(errors="replace")
    status = exit_code_of(app)
    gc.freeze()  # the system takes all memory back at once; the interpreter would look it over first
    sys.exit(status)
