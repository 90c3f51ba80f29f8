"""A report as one HTML file with its styles and figures inside; it needs neither scripts nor a network."""

from importlib.resources import files
from pathlib import Path

from drugripple.report.document import Report


def render(report: Report) -> str:
    """The report as an HTML document; all text is escaped, and only figures are taken as markup."""
    from jinja2 import Environment, StrictUndefined

    template = files("drugripple.report").joinpath("report.html.jinja").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    return environment.from_string(template).render(report=report)


def write(report: Report, path: Path) -> None:
    """Render beside the target, then rename, so that a reader never meets half a report."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    try:
        partial.write_text(render(report), encoding="utf-8")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
