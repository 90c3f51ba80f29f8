"""JSON and TOML that nest so deep that Python's parsers run out of stack are refused before they are parsed."""

import json
import tomllib
from typing import Any

DEEPEST = 100


def shallow(text: str | bytes) -> str:
    """A text that nests no deeper than any file of ours; brackets in strings count too, and close as they open.

    Raises:
        ValueError: if it nests deeper, or is no UTF-8.

    >>> shallow('{"a": [1]}')
    '{"a": [1]}'
    """
    content = text.decode("utf-8") if isinstance(text, bytes) else text
    depth = 0
    for sign in content:
        if sign in "[{":
            depth += 1
            if depth > DEEPEST:
                message = f"it nests more than {DEEPEST} deep"
                raise ValueError(message)
        elif sign in "]}":
            depth -= 1
    return content


def read_json_text(text: str | bytes) -> dict[str, Any]:
    """The object of a JSON text that nests no deeper than any file of ours.

    Raises:
        ValueError: if it nests deeper, or is no JSON object.

    >>> read_json_text('{"a": [1]}')
    {'a': [1]}
    """
    content = json.loads(shallow(text))
    if not isinstance(content, dict):
        message = f"it holds no JSON object, but {type(content).__name__}"
        raise ValueError(message)
    return content


def read_toml_text(text: str) -> dict[str, object]:
    """The tables of a TOML text that nests no deeper than any file of ours, by brackets or by dots between keys.

    Raises:
        ValueError: if it nests deeper, or is no TOML.
    """
    content = tomllib.loads(shallow(text))
    level: list[object] = [content]
    for _ in range(DEEPEST):
        tables = [one for one in level if isinstance(one, dict)]
        lists = [one for one in level if isinstance(one, list)]
        level = [value for table in tables for value in table.values()] + [value for one in lists for value in one]
        if not level:
            return content
    message = f"it nests more than {DEEPEST} deep"
    raise ValueError(message)
