"""Which quantity of a sample a column holds, by its name: programs write several of them beside each other."""

import re
from collections.abc import Sequence

from drugripple.errors import Fault, SourceError, first_five

LEVELS = (
    r"[np]?tpm|[fr]pkm(?:[ _.]uq)?|cpm|(?:raw|expected|est)?[ _.]?counts?|num[ _.]?reads|abundance|coverage"
    r"|(?:tpm|fpkm|fpkm[ _.]uq)[ _.](?:un)?stranded|unstranded|stranded[ _.](?:first|second)"
    r"|(?:avg|min|max)[ _.]signal"
)
"""How strongly a gene is expressed: RSEM, salmon, kallisto, StringTie, tximport, the GDC, GenomeStudio."""
DOUBTS = (
    r"detection|(?:(?:detection|abs)[ _.]?)?(?:call|p[ _.-]?val(?:ue)?)|bead[ _.]?std[ _.]?err|avg[ _.]nbeads"
    r"|narrays|array[ _.]stdev|(?:eff(?:ective)?[ _.]?)?length"
)
"""How sure that is, and from how much: no expression."""


def _beside_a_sample(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?:.*?[^a-z0-9])??({words})|({words})[^a-z0-9].*", re.IGNORECASE)


LEVEL, DOUBT = _beside_a_sample(LEVELS), _beside_a_sample(DOUBTS)


def is_doubt(name: str) -> bool:
    """Whether a column says how sure a measurement is, or from how much it comes, and not what was measured.

    >>> is_doubt("A375.Detection Pval"), is_doubt("length.A375"), is_doubt("A375.AVG_Signal"), is_doubt("ABS1")
    (True, True, False, False)
    """
    return bool(DOUBT.fullmatch(name.strip()))


def refuse_several_quantities(where: str, names: Sequence[str]) -> None:
    """Refuse columns that are several quantities of one sample: as samples, all but one would be wrong.

    Raises:
        SourceError: naming the quantities.
    """
    found = [(name, match) for name in names if (match := LEVEL.fullmatch(name.strip()))]
    quantities = {(match[1] or match[2]).lower(): name for name, match in reversed(found)}
    if len(quantities) > 1:
        fault = Fault(
            where,
            "its columns hold several quantities of a sample, not one of each sample",
            got=first_five(tuple(reversed(quantities.values()))),
            do="keep one quantity, best TPM, each column named by its sample",
        )
        raise SourceError(fault)
