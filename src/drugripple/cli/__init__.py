"""The command line: each verb reads its flags, calls one recipe and prints where the result is."""

import sys
from io import TextIOWrapper


def main() -> None:
    """Entry point of the `drugripple` command."""
    from drugripple.cli.app import app
    from drugripple.cli.console import exit_code_of

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a name that the terminal cannot show must not cost the result
            stream.reconfigure(errors="replace")
    sys.exit(exit_code_of(app))
