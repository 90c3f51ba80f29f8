"""Pages of the reference: every public name, by the package that offers it, for mkdocstrings to fill."""

import ast
from pathlib import Path

HIDDEN = ("cli",)
"""Packages without public names."""


def reference(source: Path) -> dict[str, str]:
    """A page for `drugripple` and one for each package, and the list of them."""
    packages = sorted(path.parent for path in source.glob("*/__init__.py") if path.parent.name not in HIDDEN)
    pages = {"reference/drugripple.md": _page("drugripple", source)}
    pages |= {f"reference/{package.name}.md": _page(f"drugripple.{package.name}", package) for package in packages}
    lines = [f"- [`drugripple.{package.name}`]({package.name}.md): {_summary(package)}" for package in packages]
    text = "# Reference\n\nWhat each package offers, from its docstrings. Start with [`drugripple`](drugripple.md).\n\n"
    return pages | {"reference/index.md": text + "\n".join(lines) + "\n"}


def public_names(package: Path) -> dict[str, str]:
    """Each public name of a package with the place where it is defined."""
    tree = ast.parse((package / "__init__.py").read_text(encoding="utf-8"))
    return {
        alias.asname or alias.name: f"{line.module}.{alias.name}"
        for block in tree.body
        if isinstance(block, ast.If) and isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING"
        for line in block.body
        if isinstance(line, ast.ImportFrom) and line.module
        for alias in line.names
    }


def _page(name: str, package: Path) -> str:
    root = next(parent for parent in (package, *package.parents) if parent.name == "drugripple")
    found = {shown: (place, _file(place, root)) for shown, place in public_names(package).items()}
    blocks = [_body(shown, place, file) for shown, (place, file) in found.items() if file is not None]
    return f"# {name}\n\n{_summary(package)}\n\n" + "\n".join(blocks)


def _file(place: str, root: Path) -> Path | None:
    """Where a name is defined; None for a name that is a package itself."""
    module = root.joinpath(*place.split(".")[1:-1])
    file = module.with_suffix(".py")
    return file if file.is_file() and not module.joinpath(place.rpartition(".")[2]).is_dir() else None


def _body(shown: str, place: str, file: Path) -> str:
    """What mkdocstrings replaces; a constant that is named beside others in one line has nothing to be replaced by."""
    name = place.rpartition(".")[2]
    for line in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(line, ast.FunctionDef | ast.ClassDef) and line.name == name:
            return f"::: {place}\n"
        if isinstance(line, ast.AnnAssign) and ast.unparse(line.target) == name:
            return f"::: {place}\n"
        if isinstance(line, ast.Assign) and [ast.unparse(one) for one in line.targets] == [name]:
            return f"::: {place}\n"
    return f"## {shown}\n\nA constant of `{place.rpartition('.')[0]}`.\n"


def _summary(package: Path) -> str:
    docstring = ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0]
