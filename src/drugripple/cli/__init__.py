"""The command line: verbs are recipes. Parses, calls one recipe, says where the result is."""

import sys


def main() -> None:
    """Entry point of the `drugripple` command."""
    from drugripple.cli.app import app
    from drugripple.cli.console import guarded

    sys.exit(guarded(app))
