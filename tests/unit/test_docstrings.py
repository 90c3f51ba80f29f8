"""A docstring is true when it is read alone, as an editor or `--help` shows it: no fragment that leans on a name."""

import ast
import re
from pathlib import Path

import pytest

import drugripple

SOURCE = Path(drugripple.__file__).parent
FRAGMENT = {"Of", "To", "By", "Else", "Its", "Their", "Those", "That", "As", "From", "Between"}
"""First words of a docstring that says nothing without the name it stands under."""

DEEP = re.compile(r"^\s*>>> (?:from|import) drugripple(?:\.\w+){2,}.*", re.MULTILINE)


def docstrings(tree):
    """Line, name and docstring of every class, function and field."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name, ast.get_docstring(node)
        if isinstance(node, ast.ClassDef | ast.Module):
            for field, text in zip(node.body, node.body[1:], strict=False):
                said = text.value if isinstance(text, ast.Expr) else None
                if isinstance(field, ast.Assign | ast.AnnAssign) and isinstance(said, ast.Constant):
                    yield text.lineno, ast.unparse(field).partition("=")[0].strip(), str(said.value)


def fragments(tree):
    return [
        f"line {line}: {name}: {text.splitlines()[0]}"
        for line, name, text in docstrings(tree)
        if text and text.split()[0].rstrip(",;:") in FRAGMENT
    ]


def test_fragments_are_found():
    code = 'class A:\n    """Counts."""\n\n    n: int\n    """Of rows."""\n\n    def f(self):\n        """By row."""\n'
    assert fragments(ast.parse(code)) == ["line 5: n: int: Of rows.", "line 7: f: By row."]


@pytest.mark.parametrize(
    "file",
    sorted(SOURCE.rglob("*.py")),
    ids=lambda path: path.relative_to(SOURCE).as_posix(),
)
def test_no_docstring_leans_on_the_name_above_it(file):
    assert not fragments(ast.parse(file.read_text(encoding="utf-8")))


def test_no_example_imports_deeper_than_one_sub_package():
    found = {
        path.relative_to(SOURCE).as_posix(): DEEP.findall(path.read_text(encoding="utf-8"))
        for path in SOURCE.rglob("*.py")
    }
    assert {name: lines for name, lines in found.items() if lines} == {}
