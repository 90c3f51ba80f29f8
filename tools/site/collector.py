"""An extension of griffe, the collector behind mkdocstrings; it is loaded by MkDocs alone."""

import griffe

from tools.site.doctests import fenced


class FencedDoctests(griffe.Extension):
    """Puts fences around the examples of every docstring."""

    def on_object(self, *, obj: griffe.Object, **_more: object) -> None:
        """Change the docstring of one function, class, module or attribute."""
        if obj.docstring:
            obj.docstring.value = fenced(obj.docstring.value)
