"""The command line: each verb reads its flags, calls one recipe and prints where the result is."""

import sys


def main() -> None:
    """Entry point of the `drugripple` command."""
    from drugripple.cli.app import app
    from drugripple.cli.console import exit_code_of

    sys.exit(exit_code_of(app))
