"""Examples in docstrings, shown as code."""

import re

EXAMPLE = re.compile(r"^( *)>>> .*(?:\n\1(?! *$).+)*", re.MULTILINE)


def fenced(text: str) -> str:
    r"""A docstring with fences around its examples.

    >>> fenced("Add.\n\n>>> 1 + 1\n2\n\nEnd.").split("```")
    ['Add.\n\n', 'pycon\n>>> 1 + 1\n2\n', '\n\nEnd.']
    """
    return EXAMPLE.sub(lambda found: f"{found[1]}```pycon\n{found[0]}\n{found[1]}```", text)
