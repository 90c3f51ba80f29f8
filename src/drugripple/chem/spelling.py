"""The text of a structure as people hand it over: what is cleaned, what is dropped, and what is never parsed."""

import re
from typing import NamedTuple

LONGEST = 2000
"""Characters of SMILES that are parsed at all: a protein of 50 residues. RDKit crashes on a chain of 20,000 atoms."""
DOUBTFUL = 400
"""Characters from which a structure is parsed in a process of its own; twenty of 35,000 public drug-like structures
are longer."""
SHOWN = 80
"""Characters of a SMILES, or of a compound's name beside it, that an error message shows."""

EXTENSION = re.compile(r"^(\S+)\s+(\|[^|]*\|)\s*(.*)$", re.DOTALL)
SIGNS = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad"),
    }
)
"""Dashes that word processors write for a minus, and signs that nobody sees."""


class Written(NamedTuple):
    """What stands on one line: a structure, and what follows it."""

    smiles: str
    title: str
    """Blank where nothing follows."""


def split_structure(text: str) -> Written:
    r"""SMILES and title of a line; the extension between bars (CXSMILES) is dropped.

    Where the line has tabs, the title is the second field.

    >>> split_structure("C[C@H](N)C(=O)O |&1:1| Z1"), split_structure("CCO\tZ2\t46.07")
    (Written(smiles='C[C@H](N)C(=O)O', title='Z1'), Written(smiles='CCO', title='Z2'))
    """
    fields = text.strip().translate(SIGNS).split("\t")
    head = fields[0].strip()
    extended = EXTENSION.match(head)
    if extended:
        smiles, title = extended[1], extended[3]
    else:
        smiles, _, title = head.partition(" ") if " " in head else (head, "", "")
    if not title:
        rest = [field.strip() for field in fields[1:]]
        if rest and rest[0].startswith("|") and rest[0].endswith("|"):
            rest = rest[1:]
        title = rest[0] if rest else ""
    return Written(smiles.strip(), title.strip())


def clean_smiles(text: str) -> str:
    """A SMILES without blanks around it, invisible signs, odd dashes and the extension between bars.

    >>> clean_smiles(" CC(=O)[O\u2212] "), clean_smiles("CCO |c:1|"), clean_smiles("CCO ethanol")
    ('CC(=O)[O-]', 'CCO', 'CCO ethanol')
    """
    plain = text.translate(SIGNS).strip()
    extended = EXTENSION.match(plain)
    return extended[1] if extended and not extended[3] else plain


def foreign_sign(smiles: str) -> str:
    """The first character that no SMILES holds, as a message shows it; blank where there is none.

    RDKit reads what stands before such a character and forgets the rest.

    >>> foreign_sign("CCO\u2026"), foreign_sign("CCO")
    ("'…' (U+2026)", '')
    """
    sign = next((sign for sign in smiles if not "!" <= sign <= "~"), "")
    return f"{sign if sign.isprintable() else ascii(sign)[1:-1]!r} (U+{ord(sign):04X})" if sign else ""


def called(smiles: str, name: str = "") -> str:
    """A compound as an error message names it, by its SMILES and its name where it has one.

    >>> called("CCO"), called("CCO", "ethanol")
    ("SMILES 'CCO'", "compound 'ethanol' with SMILES 'CCO'")
    """
    return f"{titled(name)} with SMILES {shortened(smiles)}" if name else f"SMILES {shortened(smiles)}"


def titled(name: str) -> str:
    """A compound as an error message names it, by its name alone.

    >>> titled("ethanol"), len(titled("x" * 5000))
    ("compound 'ethanol'", 92)
    """
    shown = name if len(name) <= SHOWN else f"{name[:SHOWN]}…"
    return f"compound {shown!r}"


def shortened(smiles: str) -> str:
    """A SMILES as an error message shows it.

    >>> shortened("C" * 100)
    "'CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC…' (100 characters)"
    """
    return repr(smiles) if len(smiles) <= SHOWN else f"{smiles[:SHOWN] + '…'!r} ({len(smiles):,} characters)"
