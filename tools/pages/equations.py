"""Equations and symbols of a model's page, as the docstring of its file has them."""

import ast
from functools import partial
from pathlib import Path

from drugripple.errors import TableError
from tools.pages.measured import Measured
from tools.pages.page import Table

PEERS = Path(__file__).parents[2] / "src" / "drugripple" / "predictors" / "peers"
NAMES = ("graphdrp", "pathdnn", "precily", "drpreter", "deepcovdr", "deeptta", "drvae", "ensemble_mf")


def equations(path: Path, _measured: Measured) -> str:
    """The indented lines of a module's docstring as a block of text, and its table of symbols.

    Raises:
        TableError: if the docstring lacks either.
    """
    lines = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").splitlines()
    symbols = [line for line in lines if line.startswith("|")]
    before = lines[1 : lines.index(symbols[0])] if symbols else []
    text = "\n".join(line.removeprefix("    ") for line in before).strip("\n")
    if not (symbols and text):
        message = f"the docstring of {path.name} lacks its equations or its table of symbols; write them there"
        raise TableError(message)
    return "\n".join(("```text", text, "```", "", *symbols))


EQUATIONS: dict[str, Table] = {f"equations_{name}": partial(equations, PEERS / f"{name}.py") for name in NAMES}
