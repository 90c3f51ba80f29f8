"""`drugripple data`: what can be had, how to get it, and whether your own files will do."""

import typer

app = typer.Typer(rich_markup_mode=None, help="Public data sets, and a check of your own files.", no_args_is_help=True)
