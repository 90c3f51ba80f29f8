"""A report as one HTML file with its styles and figures inside; it needs neither scripts nor a network."""

import re
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from drugripple.report.document import Report
from drugripple.runtime.atomic import write_text

if TYPE_CHECKING:
    from markupsafe import Markup


def render(report: Report) -> str:
    """The report as an HTML document; all text is escaped, and only figures are taken as markup."""
    from jinja2 import Environment, StrictUndefined

    template = files("drugripple.report").joinpath("report.html.jinja").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    environment.filters["words"] = words
    return environment.from_string(template).render(report=report)


def words(text: str) -> "Markup":
    """Prose, escaped; what stands between backticks is code.

    >>> str(words("`slope` < 0"))
    '<code>slope</code> &lt; 0'
    """
    from markupsafe import Markup, escape

    return Markup(re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(text))))


def write(report: Report, path: Path) -> None:
    """Write the document whole or not at all.

    Raises:
        OutputError: if the system refuses a write.
    """
    write_text(path, render(report))
