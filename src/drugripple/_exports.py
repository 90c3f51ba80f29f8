"""How a package offers the public names of its files, each imported on first use."""

import ast
import sys
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import NamedTuple


class _Home(NamedTuple):
    """Where a public name is defined, and its name there."""

    module: str
    name: str


class LazyPackage(ModuleType):
    """A package that imports a public name's file when the name is first asked for, so that importing it stays quick.

    What it imports from itself is a sub-package.
    A file may have the name of what it exports: the package then offers the export, whichever was imported first.
    """

    def __getattr__(self, name: str) -> object:
        """Import a public name from its file."""
        homes: dict[str, _Home] = self.__dict__["_homes"]
        if name not in homes:
            message = f"module {self.__name__!r} has no attribute {name!r}"
            raise AttributeError(message)
        home = homes[name]
        own = home.module == self.__name__
        value = import_module(f"{home.module}.{home.name}") if own else getattr(import_module(home.module), home.name)
        self.__dict__[name] = value
        return value

    def __setattr__(self, name: str, value: object) -> None:
        """Set an attribute, but keep Python from putting a file in the place of the export of that name."""
        if not (isinstance(value, ModuleType) and name in self.__dict__["_homes"]):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        """The public names."""
        return sorted(self.__dict__["_homes"])


def lazy_exports(package: str) -> list[str]:
    """Make a package offer what its `__init__.py` imports under `if TYPE_CHECKING:`; returns the names, for `__all__`.

    The imports are written once: type checkers and editors follow them, and this reads the same lines.

    Raises:
        ImportError: if the package was installed without its source.

    >>> from drugripple import genes
    >>> genes.GeneSpace(("TP53",)).symbols, "GeneSpace" in dir(genes)
    (('TP53',), True)
    """
    module = sys.modules[package]
    source = module.__spec__.loader.get_source(package)  # type: ignore[union-attr]
    if source is None:
        message = f"{package} has no source to read its public names from; install drugripple with its .py files"
        raise ImportError(message)
    homes = dict(_imports_for_type_checkers(ast.parse(source)))
    module.__dict__["_homes"] = homes
    module.__class__ = LazyPackage
    return sorted(homes)


def _imports_for_type_checkers(tree: ast.Module) -> Iterator[tuple[str, _Home]]:
    for block in tree.body:
        if isinstance(block, ast.If) and isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING":
            for line in block.body:
                if isinstance(line, ast.ImportFrom) and line.module:
                    for alias in line.names:
                        yield alias.asname or alias.name, _Home(line.module, alias.name)
