"""Pages from templates; everything that stands in one is escaped unless it is a drawing of ours."""

from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from drugripple.errors import counted
from drugripple.report.html import words
from drugripple.runtime.svg import without_styles

if TYPE_CHECKING:
    from jinja2 import Environment


def page(request: Request, name: str, status: int = 200, **values: object) -> HTMLResponse:
    """A page; its links begin with the path that holds the token."""
    template = environment().get_template(f"{name}.html.jinja")
    return HTMLResponse(template.render(base=request.scope["root_path"], **values), status)


def drawing(svg: str) -> Markup:
    """A drawing that we made, as markup; its styles become attributes, since the page forbids styles."""
    return Markup(without_styles(svg))


@cache
def environment() -> "Environment":
    """Where templates come from."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("drugripple.app", "pages")
    made = Environment(autoescape=True, undefined=StrictUndefined, loader=loader, trim_blocks=True, lstrip_blocks=True)
    made.filters["drawing"] = drawing
    made.filters["words"] = words
    made.filters["counted"] = counted
    return made
