"""Drawings for pages that forbid styles."""

import re

STYLE_ELEMENT = re.compile(r"<style\b[^>]*>.*?</style>", re.DOTALL)
STYLE_ATTRIBUTE = re.compile(r"""\sstyle=(?:'([^']*)'|"([^"]*)")""")


def without_styles(svg: str) -> str:
    """An SVG drawing with its styles as attributes, which a page shows that forbids style sheets.

    >>> without_styles("<path style='fill:none; stroke:#000' d='M0 0'/>")
    "<path fill='none' stroke='#000' d='M0 0'/>"
    """
    return STYLE_ATTRIBUTE.sub(_as_attributes, STYLE_ELEMENT.sub("", svg))


def _as_attributes(found: re.Match[str]) -> str:
    pairs = (part.split(":", 1) for part in (found[1] or found[2] or "").split(";") if ":" in part)
    cleaned = ((name.strip(), value.strip().replace("'", "&#39;")) for name, value in pairs)
    return "".join(f" {name}='{value}'" for name, value in cleaned)
