"""Every message that the library raises on purpose, read from its code."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
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
    """What each function says: a text may be named above, in the function that gives it to an error or a problem."""
    for scope in (*(one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)), tree):
        names: dict[str, ast.expr] = {}
        for node in _within(scope):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                names[node.targets[0].id] = node.value
                if node.targets[0].id == "message":
                    yield from _text(node.value, names)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield from _said(node, node.func.id, names)


def _within(scope: ast.AST) -> Iterator[ast.AST]:
    """The statements and expressions of a function in reading order, without those of functions within it."""
    for node in ast.iter_child_nodes(scope):
        if not isinstance(node, ast.FunctionDef):
            yield node
            yield from _within(node)


def _said(call: ast.Call, name: str, names: Mapping[str, ast.expr]) -> Iterator[str]:
    """The last thing that an error is made with, and what is wrong, with what to do, of a fault and of a problem."""
    if name.endswith("Error"):
        yield from (text for given in call.args[-1:] for text in _text(given, names))
    elif name in ("Fault", "problem"):
        yield from _with_advice(call.args[1:2], _keyword(call, "do"), names)
    elif name == "Finding" and "PROBLEM" in ast.unparse(call.args[0]):
        yield from _with_advice(call.args[2:3], [*call.args[3:4], *_keyword(call, "advice")], names)


def _keyword(call: ast.Call, name: str) -> list[ast.expr]:
    return [one.value for one in call.keywords if one.arg == name]


def _with_advice(what: list[ast.expr], do: list[ast.expr], names: Mapping[str, ast.expr]) -> Iterator[str]:
    advice = next((text for given in do for text in _text(given, names)), "")
    for given in what:
        yield from (f"{text}; {advice}" if advice else text for text in _text(given, names))


def _text(node: ast.expr, names: Mapping[str, ast.expr]) -> Iterator[str]:
    """The texts that an expression may be, given what names stand for."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Name) and node.id in names:
        yield from _text(names[node.id], {name: value for name, value in names.items() if name != node.id})
    elif isinstance(node, ast.JoinedStr):
        yield from _joined(node.values, names)
    elif isinstance(node, ast.FormattedValue):
        yield from _text(node.value, names)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        if any(any(_text(side, names)) for side in (node.left, node.right)):
            yield from _joined([node.left, node.right], names)
    elif isinstance(node, ast.IfExp):
        yield from _text(node.body, names)
        yield from _text(node.orelse, names)
    elif isinstance(node, ast.Call) and ast.unparse(node.func) == "counted":
        forms = [text for given in node.args[1:] for text in _text(given, names)]
        yield from [f"{GAP} {forms[-1]}{'s' if len(forms) == 1 else ''}"] if forms else []


def _joined(parts: Sequence[ast.expr], names: Mapping[str, ast.expr]) -> Iterator[str]:
    yield from map("".join, product(*(tuple(_text(part, names)) or (GAP,) for part in parts)))


def _escaped(text: str) -> str:
    return "".join(f"\\{sign}" if sign in "*_<>[]{}#`|" else sign for sign in " ".join(text.split()))
