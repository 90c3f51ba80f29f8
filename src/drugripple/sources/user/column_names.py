"""The names of columns, compared without their signs; imports nothing heavy."""

import re

MINUS_IN_FRONT = re.compile("^\\s*[-\u2212\u2013](?=.*[a-z])")


def plain(name: str) -> str:
    """A column's name in lower case without signs; the micro sign is u, and a minus in front of the name is neg.

    >>> plain("Cell line_ID"), plain("IC50 (µM)"), plain("-log10(IC50 [M])")
    ('celllineid', 'ic50um', 'neglog10ic50m')
    """
    text = re.sub("[\u00b5\u03bc]", "u", name).lower()
    return re.sub(r"[^a-z0-9]", "", MINUS_IN_FRONT.sub("neg", text))
