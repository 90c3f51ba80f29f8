"""What the site is built from: the docs, README and the packages' own pages, with links that hold inside the site."""

import posixpath
import re
from pathlib import Path

from tools.site.cards import cards
from tools.site.messages import messages_page
from tools.site.reference import reference

LINK = re.compile(r"(?P<head>\]\()(?P<target>[^)\s]+)(?P<tail>\))|(?P<label>^\[[\w-]+\]: )(?P<place>\S+)", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
ASSETS = (
    "results/results.csv",
    "results/planted_forms.csv",
    "results/paper/fig3/likeness.csv",
    "results/paper/living_paper.html",
    "benchmarks/history.jsonl",
    "LICENSE",
    "NOTICE",
    "CITATION.cff",
)


def places(root: Path) -> dict[str, str]:
    """Where each file of the repository stands in the site."""
    docs = {
        path.relative_to(root).as_posix()
        for path in (root / "docs").rglob("*")
        if path.suffix in (".md", ".svg", ".png")
    }
    found = {name: name.removeprefix("docs/") for name in sorted(docs)}
    own = sorted((root / "src").rglob("README.md"))
    found |= {page.relative_to(root).as_posix(): f"packages/{page.parent.name}.md" for page in own}
    found |= {name: f"files/{posixpath.basename(name)}" for name in ASSETS}
    return found | {"README.md": "index.md", "CHANGELOG.md": "changelog.md"}


def assemble(root: Path) -> dict[str, str | bytes]:
    """Every file of the site by its place: pages as text, all others as they are."""
    where, made = places(root), dict[str, str | bytes]()
    for source, place in where.items():
        content = (root / source).read_bytes()
        made[place] = with_links(content.decode(), source, place, where) if source.endswith(".md") else content
    package = root / "src" / "drugripple"
    return made | reference(package) | cards(package) | {"reference/messages.md": messages_page(package)}


def with_links(text: str, source: str, place: str, where: dict[str, str]) -> str:
    """A page with its links made relative to its place in the site; what the site has not becomes plain text.

    >>> moved = {"docs/a.md": "a.md", "src/x/README.md": "packages/x.md"}
    >>> with_links("[x](../src/x/README.md#y)", "docs/a.md", "a.md", moved)
    '[x](packages/x.md#y)'
    >>> with_links("[code](../src/x/y.py)", "docs/a.md", "a.md", moved)
    'code (`src/x/y.py`)'
    """
    kept = iter(FENCED.findall(text))
    return re.sub("\0", lambda _: next(kept), _moved(FENCED.sub("\0", text), source, place, where))


def _moved(text: str, source: str, place: str, where: dict[str, str]) -> str:
    def target_of(link: str) -> str:
        """The link as the site needs it; blank if the site has no such file."""
        path, hash_, part = link.partition("#")
        if "://" in link or not path:
            return link
        file = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        if file not in where:
            return ""
        return posixpath.relpath(where[file], posixpath.dirname(place) or ".") + hash_ + part

    def moved(found: re.Match[str]) -> str:
        link = found["target"] or found["place"]
        target = target_of(link)
        if found["target"]:
            return f"]({target})" if target else f"]\0missing:{link}\0"
        return f"{found['label']}{target or link}"

    text = LINK.sub(moved, text)
    return re.sub(r"\[([^\]]*)\]\x00missing:([^\x00]*)\x00", lambda found: _plain(found, source), text)


def _plain(found: re.Match[str], source: str) -> str:
    file = posixpath.normpath(posixpath.join(posixpath.dirname(source), found[2]))
    return f"{found[1]} (`{file}`)"
