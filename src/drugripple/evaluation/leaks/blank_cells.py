"""Cells that say in words that nothing is known."""

NOTHING = frozenset(
    {
        "na", "nan", "nat", "null", "none", "nil", "n.a.", "n.a", "n/a", "#n/a", "<na>", "n.d.", "nd", "unknown",
        "unavailable", "undefined", "missing", "not available", "not found", "not known", "not applicable", "no smiles",
        "no structure", "not a structure", "tbd", "inf", "0", "0.0", "-1", "error",
    }
)  # fmt: skip
"""In small letters; signs alone (`-`, `?`) say nothing either."""


def said(cell: str) -> str:
    """A cell without blanks around it; blank if it says in words or by signs that nothing is known.

    >>> said(" CCO "), said("N/A"), said("--")
    ('CCO', '', '')
    """
    text = cell.strip()
    return text if text.lower() not in NOTHING and any(sign.isalnum() for sign in text) else ""
