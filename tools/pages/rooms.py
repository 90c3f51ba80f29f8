"""The table of packages in docs/architecture.md, from their docstrings and the import contract."""

import ast
import tomllib
from collections.abc import Callable
from pathlib import Path

from tools.pages.measured import Measured
from tools.pages.numbers import table


def rooms(measured: Measured) -> str:
    """Every package and sub-package with the first line of its docstring, lowest layer first."""
    source = measured.folder.parent / "src" / "drugripple"
    rows = [
        (f"`{_name(inner, source)}`", _first_line(inner))
        for layer in reversed(layers(measured.folder.parent))
        for package in layer
        for inner in _packages(source / package)
    ]
    return table(("package", "what it holds"), rows).replace("---:", "---")


def import_order(measured: Measured) -> str:
    """The layers of the import contract, highest first."""
    words = " > ".join(", ".join(layer) for layer in layers(measured.folder.parent))
    return f"`{words}`"


def layers(root: Path) -> list[list[str]]:
    """Packages and modules of each layer in pyproject.toml, highest first."""
    contracts = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    found = next(contract for contract in contracts if contract["type"] == "layers")["layers"]
    return [[name.strip().removeprefix("drugripple.") for name in layer.split("|")] for layer in found]


def _packages(folder: Path) -> list[Path]:
    return sorted(folder.rglob("__init__.py")) if folder.is_dir() else [folder.with_suffix(".py")]


def _name(file: Path, source: Path) -> str:
    return (file.parent if file.name == "__init__.py" else file).relative_to(source).as_posix()


def _first_line(file: Path) -> str:
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0]


ROOMS: dict[str, Callable[[Measured], str]] = {"rooms": rooms, "import_order": import_order}
