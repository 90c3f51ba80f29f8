from pathlib import Path

import pytest

from drugripple.errors import TableError
from tools.pages.equations import equations
from tools.pages.measured import Measured

DOCSTRING = '''"""A model.

    y = w x
    w = 1          a weight

| symbol | meaning |
|---|---|
| x | input |

Source: nobody.
"""
'''


@pytest.fixture
def measured():
    return Measured.read(Path(__file__).parents[3])


def test_equations_and_symbols_stand_on_the_page_as_in_the_docstring(tmp_path, measured):
    path = tmp_path / "model.py"
    path.write_text(DOCSTRING)
    assert equations(path, measured) == (
        "```text\ny = w x\nw = 1          a weight\n```\n\n| symbol | meaning |\n|---|---|\n| x | input |"
    )


@pytest.mark.parametrize("text", ['"""A model."""\n', DOCSTRING.replace("|", "/"), "x = 1\n"])
def test_a_docstring_without_them_is_refused_by_its_file(tmp_path, measured, text):
    path = tmp_path / "model.py"
    path.write_text(text)
    with pytest.raises(TableError, match=r"model\.py lacks its equations or its table of symbols"):
        equations(path, measured)
