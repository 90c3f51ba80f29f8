"""Every sub-package offers its public names: a file may move without breaking anybody who imports from the package."""

import ast
import pkgutil
import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

import drugripple

SOURCE = Path(drugripple.__file__).parent
NOT_PACKAGES_OF_NAMES = {"drugripple.cli"}
"""The command line."""
SUB_PACKAGES = {
    "chem", "data", "datasets", "errors", "evaluation", "genes", "integrations", "interpretation", "model",
    "predictors", "recipes", "sources",
}  # fmt: skip
"""What `import drugripple` alone makes reachable, beside single names."""
PACKAGES = [
    found.name
    for found in pkgutil.walk_packages([str(SOURCE)], "drugripple.", onerror=pytest.fail)
    if found.ispkg and found.name not in NOT_PACKAGES_OF_NAMES
]


@pytest.mark.parametrize("package", ["drugripple", *PACKAGES])
def test_every_export_can_be_imported_and_is_no_file(package):
    module = import_module(package)
    modules = {name for name in module.__all__ if isinstance(getattr(module, name), ModuleType)}
    assert modules == (SUB_PACKAGES if package == "drugripple" else set())


@pytest.mark.parametrize("package", PACKAGES)
def test_what_other_packages_use_is_exported(package):
    used = {taken.name for taken in _taken() if taken.package == package and not taken.by.startswith(f"{package}.")}
    assert used <= set(import_module(package).__all__)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_file_does_not_hide_the_export_of_its_name(package):
    module = import_module(package)
    files = {found.name for found in pkgutil.iter_modules(module.__path__)} & set(module.__all__)
    for name in files:
        import_module(f"{package}.{name}")
        assert not isinstance(getattr(module, name), ModuleType)


def test_importing_packages_imports_no_torch():
    script = (
        f"import sys\nimport {', '.join(PACKAGES)}\nprint(sorted({{'torch', 'rdkit', 'pandas'}} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout == "[]\n"


def test_a_misspelt_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"module 'drugripple\.genes' has no attribute 'GeneSpaces'"):
        _ = import_module("drugripple.genes").GeneSpaces


class Taken(NamedTuple):
    """A name that one file imports from a file of a package."""

    by: str
    package: str
    name: str


@cache
def _taken() -> tuple[Taken, ...]:
    found = []
    for file in SOURCE.rglob("*.py"):
        by = ".".join(file.relative_to(SOURCE.parent).with_suffix("").parts)
        for line in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(line, ast.ImportFrom) and line.module and line.module not in PACKAGES:
                package = line.module.rpartition(".")[0]
                found += [Taken(by, package, alias.name) for alias in line.names]
    return tuple(found)
