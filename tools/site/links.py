"""Whether every link of the site leads to a page, and every part of a page that is linked to is there."""

import posixpath
import re

from tools.site.assemble import FENCED

LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)|^\[[\w-]+\]: (?P<place>\S+)", re.MULTILINE)
HEADING = re.compile(r"^#{1,6} (.+?)\s*$", re.MULTILINE)


def broken_links(pages: dict[str, str | bytes]) -> list[str]:
    """Links inside the site that lead nowhere, each with the page it stands on."""
    texts = {place: text for place, text in pages.items() if isinstance(text, str)}
    anchors = {place: anchors_of(text) for place, text in texts.items()}
    broken = []
    for place, text in texts.items():
        for found in LINK.finditer(FENCED.sub("", text)):
            link = found["target"] or found["place"]
            path, _, part = link.partition("#")
            if "://" in link or link.startswith("mailto:"):
                continue
            target = posixpath.normpath(posixpath.join(posixpath.dirname(place), path)) if path else place
            if target not in pages or (part and part not in anchors.get(target, set())):
                broken.append(f"{place}: {link}")
    return broken


def anchors_of(text: str) -> set[str]:
    """Names of the parts of a page, as MkDocs makes them of headings.

    >>> sorted(anchors_of("# What `x` is, and why?"))
    ['what-x-is-and-why']
    """
    return {
        re.sub(
            r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)).strip().lower()
        )
        for heading in HEADING.findall(FENCED.sub("", text))
    }
