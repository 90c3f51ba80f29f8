"""Every message that the library raises on purpose, read from its code."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

GAP = "…"


class Said(NamedTuple):
    """A message with gaps where names and numbers stand, and where it comes from."""

    package: str
    text: str


def messages(source: Path) -> list[Said]:
    """The messages of every package, in the order of its files."""
    found = []
    for file in sorted(source.rglob("*.py")):
        package = file.relative_to(source).parts[0].removesuffix(".py")
        tree = ast.parse(file.read_text(encoding="utf-8"))
        found += [Said(package, text) for text in dict.fromkeys(_texts(tree)) if text.strip(f"{GAP} ;:,")]
    return list(dict.fromkeys(found))


def messages_page(source: Path) -> str:
    """All of them as a page, by package."""
    lines = ["# Every message", ""]
    lines += [f"What the library says when it refuses something; {GAP} stands for a name, a number or a list.", ""]
    package = ""
    for said in messages(source):
        if said.package != package:
            package = said.package
            lines += ["", f"## {package}", ""]
        lines.append(f"- {_escaped(said.text)}")
    return "\n".join(lines) + "\n"


def _texts(tree: ast.Module) -> Iterator[str]:
    """What is assigned to `message`, what an error is made with, and each fault with what to do about it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(ast.unparse(one) == "message" for one in node.targets):
            yield from _text(node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id.endswith("Error"):
                yield from (text for given in node.args[-1:] for text in _text(given))
            elif node.func.id == "Fault":
                yield from _faults(node)


def _faults(node: ast.Call) -> Iterator[str]:
    do = next((text for one in node.keywords if one.arg == "do" for text in _text(one.value)), "")
    for given in node.args[1:2]:
        yield from (f"{text}; {do}" if do else text for text in _text(given))


def _text(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        parts = (part.value if isinstance(part, ast.Constant) else GAP for part in node.values)
        yield "".join(map(str, parts))
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield GAP.join(text for side in (node.left, node.right) for text in _text(side))
    elif isinstance(node, ast.IfExp):
        yield from _text(node.body)
        yield from _text(node.orelse)


def _escaped(text: str) -> str:
    return "".join(f"\\{sign}" if sign in "*_<>[]{}#`|" else sign for sign in " ".join(text.split()))
