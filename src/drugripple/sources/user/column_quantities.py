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
    r"|narrays|array[ _.]stdev|(?:eff(?:ective)?[ _.]?)?length|(?:[fr]pkm[ _.])?conf[ _.](?:low?|hi(?:gh)?)"
)
"""How sure that is, and from how much: no expression."""


def _beside_a_sample(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?:.*?[^a-z0-9])??({words})|({words})[^a-z0-9].*", re.IGNORECASE)


LEVEL, DOUBT = _beside_a_sample(LEVELS), _beside_a_sample(DOUBTS)


def doubts(names: Sequence[str]) -> frozenset[str]:
    """Columns that say how sure a measurement is, or from how much it comes: alone, or beside the sample's own column.

    >>> sorted(doubts(["A375.AVG_Signal", "A375.Detection Pval", "Length", "Detection_1", "P-call"]))
    ['A375.Detection Pval', 'Length']
    >>> sorted(doubts(["FPKM", "FPKM_conf_lo", "FPKM_conf_hi", "q1_FPKM", "q1_conf_lo"]))  # of Cufflinks
    ['FPKM_conf_hi', 'FPKM_conf_lo', 'q1_conf_lo']
    """
    found = {name: match for name in names if (match := DOUBT.fullmatch(name.strip()))}
    levels = {name: LEVEL.fullmatch(name.strip()) for name in names if name not in found}
    samples = {_sample(match) if match else name.strip().casefold() for name, match in levels.items()}
    return frozenset(name for name, match in found.items() if _sample(match) in {"", *samples})


def _sample(match: re.Match[str]) -> str:
    """What stands beside the quantity in a name: the sample; blank where there is nothing else."""
    at = 1 if match[1] else 2
    return (match.string[: match.start(at)] + match.string[match.end(at) :]).strip(" _.-:").casefold()


def refuse_several_quantities(where: str, names: Sequence[str]) -> None:
    """Refuse columns that are several quantities of one sample: as samples, all but one would be wrong.

    Raises:
        SourceError: naming the quantities.
    """
    quantities: dict[str, dict[str, str]] = {}
    for name in names:
        if match := LEVEL.fullmatch(name.strip()):
            of_sample = quantities.setdefault(_sample(match), {})
            of_sample.setdefault((match[1] or match[2]).lower().removesuffix("s"), name)
    several = next((of_sample for of_sample in quantities.values() if len(of_sample) > 1), None)
    if several:
        fault = Fault(
            where,
            "its columns hold several quantities of a sample, not one of each sample",
            got=first_five(tuple(several.values())),
            do="keep one quantity, best TPM, each column named by its sample",
        )
        raise SourceError(fault)
