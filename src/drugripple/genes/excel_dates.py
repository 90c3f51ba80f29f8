"""Gene symbols that a spreadsheet turned into dates, and the genes they may have been."""

import re

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
STEMS = {"mar": ("MARCHF", "MTARC"), "sep": ("SEPTIN",), "oct": ("POU2F", "SLC22A"), "dec": ("DELEC",)}
"""The families once called MARCH and MARC, SEPT, OCT and DEC, by their current stems."""

_WORD = "|".join(MONTHS)
DAY_MONTH = re.compile(rf"(?P<day>\d{{1,2}})[-/ .](?P<month>{_WORD})[a-z]*([-/ .]\d{{2,4}})?", re.IGNORECASE)
MONTH_DAY = re.compile(rf"(?P<month>{_WORD})[a-z]*[-/ .](?P<day>\d{{1,2}})", re.IGNORECASE)
ISO = re.compile(r"\d{4}-(?P<number>\d{2})-(?P<day>\d{2})([ T]00:00:00)?")


def is_excel_date(name: str) -> bool:
    """Whether a gene name is a date.

    >>> [is_excel_date(name) for name in ("1-Mar", "Sep-01", "2024-03-01", "SEPT1", "MARCHF1")]
    [True, True, True, False, False]
    """
    return any(pattern.fullmatch(name.strip()) for pattern in (DAY_MONTH, MONTH_DAY, ISO))


def genes_before_excel(name: str) -> tuple[str, ...]:
    """Current symbols of the genes that a spreadsheet would have turned into this date.

    >>> genes_before_excel("1-Mar"), genes_before_excel("2024-09-07"), genes_before_excel("TP53")
    (('MARCHF1', 'MTARC1'), ('SEPTIN7',), ())
    """
    for pattern in (DAY_MONTH, MONTH_DAY, ISO):
        match = pattern.fullmatch(name.strip())
        if match:
            found = match.groupdict()
            number = int(found.get("number") or 0)
            month = MONTHS[number - 1] if 1 <= number <= len(MONTHS) else (found.get("month") or "").lower()
            return tuple(f"{stem}{int(found['day'])}" for stem in STEMS.get(month, ()))
    return ()
